// Closing the circuit breaker is a person's act: the reason in words, and what broke read back by hand. Main decides.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { BREAKER_RULES } from '../../../src-shared/domain/breaker.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { Dialog } from '../../components/dialog.tsx';
import { useLive, useReplica } from '../../replica/replica.ts';
import { show, tell } from '../frame/screen.ts';

export const BreakerDialog = () => {
  const breach = useReplica(({ view }) => view.safety.breaker?.breach ?? null);
  const live = useLive();
  const [why, setWhy] = useState('');
  const [readBack, setReadBack] = useState('');
  const [problem, setProblem] = useState<string>();
  const [asking, setAsking] = useState(false);
  const close = () => show({ dialog: null });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const readBackRule = BREAKER_RULES.find((rule) => rule === readBack.trim());
    if (why.trim() === '') return setProblem('Say why it is right to open positions again: it goes to the journal with your name.');
    if (readBackRule === undefined) return setProblem('Read back what broke, letter by letter, as it stands above.');
    setAsking(true);
    const answer = await call('resetBreaker', { why: why.trim(), readBackRule });
    setAsking(false);
    setProblem(failureText(answer));
    if (!answer.ok) return;
    tell('good', `The circuit breaker is closed (${answer.value.rule}). What broke is measured anew from now on.`);
    close();
  };
  return (
    <Dialog title="Reset circuit breaker" onClose={close} testId="breaker-dialog">
      <form className="form" onSubmit={(event) => void submit(event)}>
        {breach === null ? (
          <p>It is closed: there is nothing to reset.</p>
        ) : (
          <p>
            <strong className="num">{breach.rule}</strong>: {breach.text} What broke is forgiven and measured anew; nothing else is.
          </p>
        )}
        <label>
          <span className="label">Why is it right to open positions again?</span>
          <input className="field" data-testid="breaker-why" maxLength={200} value={why} onChange={(event) => setWhy(event.target.value)} />
        </label>
        <label>
          <span className="label">Read back what broke</span>
          <input
            className="field num"
            data-testid="breaker-rule"
            autoComplete="off"
            spellCheck={false}
            value={readBack}
            onChange={(event) => setReadBack(event.target.value)}
          />
        </label>
        {problem !== undefined && (
          <p className="said" role="alert">
            {problem}
          </p>
        )}
        <div className="dialog-actions">
          <button type="button" className="button" onClick={close}>
            Leave it open
          </button>
          <button type="submit" className="button button-danger" data-testid="breaker-submit" disabled={!live || asking}>
            Close the breaker
          </button>
        </div>
      </form>
    </Dialog>
  );
};
