// A part of a page: title, a note beside it, and the button that runs it again.
import { useState } from 'react';
import type { ReactNode } from 'react';
import { call, failureText } from '../bridge/bridge.ts';
import { tell } from '../features/frame/screen.ts';

export const Section = ({
  title,
  note,
  act,
  children,
}: {
  readonly title: string;
  readonly note?: string;
  readonly act?: ReactNode;
  readonly children: ReactNode;
}) => (
  <section className="page-section" aria-label={title}>
    <div className="page-section-head">
      <h2>{title}</h2>
      {note !== undefined && <span className="muted">{note}</span>}
      <span className="spread" />
      {act}
    </div>
    {children}
  </section>
);

export const RunButton = ({
  name,
  label,
  testId,
}: {
  readonly name: 'selfTest' | 'reconcile';
  readonly label: string;
  readonly testId: string;
}) => {
  const [busy, setBusy] = useState(false);
  const run = async () => {
    setBusy(true);
    const problem = failureText(await call(name, {}));
    setBusy(false);
    if (problem !== undefined) tell('danger', problem);
  };
  return (
    <button type="button" className="button" data-testid={testId} disabled={busy} onClick={() => void run()}>
      {busy ? 'Running' : label}
    </button>
  );
};
