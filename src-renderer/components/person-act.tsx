// A person's slow act (a reset, a promotion): the reason in words, and what it is about read back by hand. It asks; the console decides,
// and its refusal stays to be read.
import { useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import type { CallResult } from '../../src-shared/contract/contract.ts';
import { failureText } from '../bridge/bridge.ts';
import { show, tell } from '../features/frame/screen.ts';
import { useLive } from '../replica/replica.ts';
import { Dialog } from './dialog.tsx';

interface PersonActProps<T> {
  readonly title: string;
  /** `reset` names the parts for tests: `reset-dialog`, `reset-why`, `reset-submit`. */
  readonly name: string;
  /** What it is about, above the fields. */
  readonly children: ReactNode;
  readonly why: { readonly label: string; readonly missing: string };
  /** `parse` gives undefined for what is not the thing itself. */
  readonly readBack: {
    readonly label: ReactNode;
    readonly missing: string;
    readonly name: string;
    readonly inputMode?: 'numeric';
    readonly parse: (typed: string) => T | undefined;
  };
  /** The button that changes nothing, and the one that acts. */
  readonly keep: string;
  readonly act: string;
  /** The sentence of what came of it. */
  readonly send: (why: string, readBack: T) => Promise<CallResult<string>>;
}

const close = () => show({ dialog: null });

export const PersonAct = <T,>({ title, name, children, why, readBack, keep, act, send }: PersonActProps<T>) => {
  const live = useLive();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [problem, setProblem] = useState<string>();
  const [asking, setAsking] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const read = readBack.parse(typed.trim());
    if (reason.trim() === '') return setProblem(why.missing);
    if (read === undefined) return setProblem(readBack.missing);
    setAsking(true);
    const answer = await send(reason.trim(), read);
    setAsking(false);
    setProblem(failureText(answer));
    if (!answer.ok) return;
    tell('good', answer.value);
    close();
  };
  return (
    <Dialog title={title} onClose={close} testId={`${name}-dialog`}>
      <form className="form" onSubmit={(event) => void submit(event)}>
        {children}
        <label>
          <span className="label">{why.label}</span>
          <input
            className="field"
            data-testid={`${name}-why`}
            maxLength={200}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <label>
          <span className="label">{readBack.label}</span>
          <input
            className="field num"
            data-testid={`${name}-${readBack.name}`}
            inputMode={readBack.inputMode}
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        {problem !== undefined && (
          <p className="said" role="alert">
            {problem}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={close}>
            {keep}
          </button>
          <button type="submit" className="button button-danger" data-testid={`${name}-submit`} disabled={!live || asking}>
            {act}
          </button>
        </div>
      </form>
    </Dialog>
  );
};
