// The kill switch's secret (REQUIREMENTS F): made here or typed, handed inward, and never read back. One that was made is shown once, until
// the person says that they have it or leaves the page.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { call, failureText } from '../../bridge/bridge.ts';
import { useReplica } from '../../replica/replica.ts';
import { Help } from '../guide/help-button.tsx';

const SECRET_BYTES = 32;

const makeSecret = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)), (byte) => byte.toString(16).padStart(2, '0')).join('');

interface Said {
  readonly good: boolean;
  readonly text: string;
}

const Made = ({ secret, onDone }: { readonly secret: string; readonly onDone: () => void }) => (
  <div className="key-made">
    <p>Copy it to the program that is to press the stop. It is shown this once.</p>
    <output className="num key-made-secret" data-testid="kill-switch-made">
      {secret}
    </output>
    <div className="key-acts">
      <button type="button" className="button" data-testid="kill-switch-copied" onClick={onDone}>
        I have it
      </button>
    </div>
  </div>
);

export const KillSwitchCard = () => {
  const view = useReplica((replica) => replica.view.safety.killSwitch);
  const [typed, setTyped] = useState('');
  const [made, setMade] = useState<string>();
  const [said, setSaid] = useState<Said>();
  const [busy, setBusy] = useState(false);
  const hand = async (secret: string, isMade: boolean) => {
    setBusy(true);
    const answer = await call('setKillSwitchSecret', { secret });
    setTyped('');
    setMade(isMade && answer.ok ? secret : undefined);
    setSaid({ good: answer.ok, text: failureText(answer) ?? 'Stored. It cannot be read back here.' });
    setBusy(false);
  };
  const remove = async () => {
    setBusy(true);
    const answer = await call('deleteKillSwitchSecret', {});
    setMade(undefined);
    setSaid({ good: answer.ok, text: failureText(answer) ?? 'The secret is deleted: the kill switch does not listen any more.' });
    setBusy(false);
  };
  return (
    <section className="key-card" data-testid="kill-switch-card" aria-label="Kill switch secret">
      <h2 className="mode-word">KILL SWITCH</h2>
      <p>
        {view?.text ?? 'Not known yet.'} <span className="muted">How a program signs with it</span>{' '}
        <Help to="kill-switch" about="the kill switch" />
      </p>
      <form
        className="form"
        autoComplete="off"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          void hand(typed, false);
        }}
      >
        <label>
          <span className="label">Secret, 32 to 256 characters</span>
          <input
            className="field num keys-secret"
            data-testid="kill-switch-secret"
            required
            minLength={32}
            maxLength={256}
            autoComplete="off"
            spellCheck={false}
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
        </label>
        <div className="dialog-actions">
          <button type="button" className="button button-danger" disabled={busy} onClick={() => void remove()}>
            Delete
          </button>
          <button
            type="button"
            className="button"
            data-testid="kill-switch-make"
            disabled={busy}
            onClick={() => void hand(makeSecret(), true)}
          >
            Make one
          </button>
          <button type="submit" className="button" data-testid="kill-switch-set" disabled={busy}>
            {busy ? 'Storing' : 'Store'}
          </button>
        </div>
      </form>
      {made !== undefined && <Made secret={made} onDone={() => setMade(undefined)} />}
      {said !== undefined && (
        <p className={`said ${said.good ? 'said-good' : ''}`} role="status">
          {said.text}
        </p>
      )}
    </section>
  );
};
