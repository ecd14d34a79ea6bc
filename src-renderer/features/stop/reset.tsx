// Resetting the stop is the slow act: a reason in words and the trip's number read back by hand. Main decides; then the cool-down runs.
import { ok } from '../../../src-shared/errors/result.ts';
import { call } from '../../bridge/bridge.ts';
import { PersonAct } from '../../components/person-act.tsx';
import { clockTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';

const send = async (why: string, readBackTripId: number) => {
  const answer = await call('resetStop', { why, readBackTripId });
  return answer.ok ? ok(`The stop is reset. Openings are denied until ${clockTime(answer.value.coolDownUntilMs)} UTC.`) : answer;
};

export const ResetDialog = () => {
  const stop = useReplica((replica) => replica.view.safety.stop);
  return (
    <PersonAct
      title={`Reset emergency stop #${stop?.tripId ?? '–'}`}
      name="reset"
      why={{
        label: 'Why is it right to trade again?',
        missing: 'Say why it is right to trade again: it goes to the journal with your name.',
      }}
      readBack={{
        label: 'Read the trip’s number back',
        missing: 'Read the trip’s number back: digits only, as it stands on the stop button.',
        name: 'trip',
        inputMode: 'numeric',
        parse: (typed) => (/^\d{1,9}$/.test(typed) ? Number(typed) : undefined),
      }}
      keep="Stay stopped"
      act="Reset and start the cool-down"
      send={send}
    >
      <p className="muted">
        Tripped by {stop?.trigger ?? 'unknown'}
        {stop?.reason === undefined || stop.reason === '' ? '' : `: ${stop.reason}`}. After the reset a cool-down runs in which nothing can
        be opened.
      </p>
    </PersonAct>
  );
};
