// A promotion on the ladder is a person's act: the stage read back, and why. What is still missing is shown here; main decides.
import { LADDER_STAGES } from '../../../src-shared/domain/ladder.ts';
import type { LadderStage } from '../../../src-shared/domain/ladder.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { call } from '../../bridge/bridge.ts';
import { PersonAct } from '../../components/person-act.tsx';
import { useReplica } from '../../replica/replica.ts';
import { Evidence } from './ladder-card.tsx';
import { missingOf, nextText, stageName } from './words.ts';

const NOWHERE = 'another stage';

const send = async (why: string, readBackStage: LadderStage) => {
  const answer = await call('promoteLadder', { why, readBackStage });
  return answer.ok ? ok(`Promoted to ${stageName(answer.value.stage)}.`) : answer;
};

export const PromoteDialog = () => {
  const ladder = useReplica(({ view }) => view.safety.ladder);
  const missing = missingOf(ladder?.evidence ?? []);
  return (
    <PersonAct
      title={`Promote to ${ladder?.next == null ? NOWHERE : stageName(ladder.next)}`}
      name="promote"
      why={{ label: 'Why is it right to go on?', missing: 'Say why it is right to go on: it goes to the journal with your name.' }}
      readBack={{
        label: (
          <>
            Read the stage back: <span className="num">{ladder?.next ?? ''}</span>
          </>
        ),
        missing: `Read the stage back, letter by letter: ${ladder?.next ?? 'there is none'}.`,
        name: 'stage',
        parse: (typed) => LADDER_STAGES.find((stage) => stage === typed),
      }}
      keep="Stay here"
      act="Promote"
      send={send}
    >
      <p>{ladder === undefined ? 'The ladder is not known yet.' : nextText(ladder)}</p>
      {missing.length > 0 && (
        <>
          <p className="bad">Still missing:</p>
          <Evidence evidence={missing} testId="promote-missing" />
        </>
      )}
    </PersonAct>
  );
};
