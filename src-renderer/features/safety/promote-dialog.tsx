// A promotion on the ladder is a person's act: the stage read back, and why. What is still missing is shown here; main decides.
import { useState } from 'react';
import type { FormEvent } from 'react';
import { LADDER_STAGES } from '../../../src-shared/domain/ladder.ts';
import { call, failureText } from '../../bridge/bridge.ts';
import { Dialog } from '../../components/dialog.tsx';
import { useLive, useReplica } from '../../replica/replica.ts';
import { show, tell } from '../frame/screen.ts';
import { Evidence } from './ladder-card.tsx';
import { missingOf, stageName } from './words.ts';

export const PromoteDialog = () => {
  const ladder = useReplica(({ view }) => view.safety.ladder);
  const live = useLive();
  const [why, setWhy] = useState('');
  const [readBack, setReadBack] = useState('');
  const [problem, setProblem] = useState<string>();
  const [asking, setAsking] = useState(false);
  const close = () => show({ dialog: null });
  const missing = missingOf(ladder?.evidence ?? []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const readBackStage = LADDER_STAGES.find((stage) => stage === readBack.trim());
    if (why.trim() === '') return setProblem('Say why it is right to go on: it goes to the journal with your name.');
    if (readBackStage === undefined) return setProblem(`Read the stage back, letter by letter: ${ladder?.next ?? 'there is none'}.`);
    setAsking(true);
    const answer = await call('promoteLadder', { why: why.trim(), readBackStage });
    setAsking(false);
    setProblem(failureText(answer));
    if (!answer.ok) return;
    tell('good', `Promoted to ${stageName(answer.value.stage)}.`);
    close();
  };
  return (
    <Dialog title={`Promote to ${ladder?.next == null ? NOWHERE : stageName(ladder.next)}`} onClose={close} testId="promote-dialog">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <p>{ladder?.text ?? 'The ladder is not known yet.'}</p>
        {missing.length > 0 && (
          <>
            <p className="bad">Still missing:</p>
            <Evidence evidence={missing} testId="promote-missing" />
          </>
        )}
        <label>
          <span className="label">Why is it right to go on?</span>
          <input className="field" data-testid="promote-why" maxLength={200} value={why} onChange={(event) => setWhy(event.target.value)} />
        </label>
        <label>
          <span className="label">
            Read the stage back: <span className="num">{ladder?.next ?? ''}</span>
          </span>
          <input
            className="field num"
            data-testid="promote-stage"
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
            Stay here
          </button>
          <button type="submit" className="button button-danger" data-testid="promote-submit" disabled={!live || asking}>
            Promote
          </button>
        </div>
      </form>
    </Dialog>
  );
};

const NOWHERE = 'another stage';
