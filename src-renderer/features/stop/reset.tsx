// Resetting the stop is the slow act: a reason in words and the trip's number read back by hand. Main decides; then the cool-down runs.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { call, failureText } from '../../bridge/bridge.ts';
import { Dialog } from '../../components/dialog.tsx';
import { clockTime } from '../../components/time.ts';
import { useLive, useReplica } from '../../replica/replica.ts';
import { show, tell } from '../frame/screen.ts';

export const ResetDialog = () => {
  const stop = useReplica((replica) => replica.view.safety.stop);
  const live = useLive();
  const [why, setWhy] = useState('');
  const [readBack, setReadBack] = useState('');
  const [problem, setProblem] = useState<string>();
  const [asking, setAsking] = useState(false);
  const close = () => show({ dialog: null });
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (why.trim() === '') return setProblem('Say why it is right to trade again: it goes to the journal with your name.');
    if (!/^\d{1,9}$/.test(readBack.trim())) return setProblem('Read the trip’s number back: digits only, as it stands on the stop button.');
    setAsking(true);
    const answer = await call('resetStop', { why: why.trim(), readBackTripId: Number(readBack) });
    setAsking(false);
    setProblem(failureText(answer));
    if (!answer.ok) return;
    tell('good', `The stop is reset. Openings are denied until ${clockTime(answer.value.coolDownUntilMs)} UTC.`);
    close();
  };
  return (
    <Dialog title={`Reset emergency stop #${stop?.tripId ?? '–'}`} onClose={close} testId="reset-dialog">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <p className="muted">
          Tripped by {stop?.trigger ?? 'unknown'}
          {stop?.reason === undefined || stop.reason === '' ? '' : `: ${stop.reason}`}. After the reset a cool-down runs in which nothing
          can be opened.
        </p>
        <label>
          <span className="label">Why is it right to trade again?</span>
          <input className="field" data-testid="reset-why" maxLength={200} value={why} onChange={(event) => setWhy(event.target.value)} />
        </label>
        <label>
          <span className="label">Read the trip’s number back</span>
          <input
            className="field num"
            data-testid="reset-trip"
            inputMode="numeric"
            autoComplete="off"
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
            Stay stopped
          </button>
          <button type="submit" className="button button-danger" data-testid="reset-submit" disabled={!live || asking}>
            Reset and start the cool-down
          </button>
        </div>
      </form>
    </Dialog>
  );
};
