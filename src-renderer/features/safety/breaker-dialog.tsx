// Closing the circuit breaker is a person's act: the reason in words, and what broke read back by hand. Main decides.
import { BREAKER_RULES } from '../../../src-shared/domain/breaker.ts';
import type { BreakerRule } from '../../../src-shared/domain/breaker.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { call } from '../../bridge/bridge.ts';
import { PersonAct } from '../../components/person-act.tsx';
import { useReplica } from '../../replica/replica.ts';

const send = async (why: string, readBackRule: BreakerRule) => {
  const answer = await call('resetBreaker', { why, readBackRule });
  return answer.ok ? ok(`The circuit breaker is closed (${answer.value.rule}). What broke is measured anew from now on.`) : answer;
};

export const BreakerDialog = () => {
  const breach = useReplica(({ view }) => view.safety.breaker?.breach ?? null);
  return (
    <PersonAct
      title="Reset circuit breaker"
      name="breaker"
      why={{
        label: 'Why is it right to open positions again?',
        missing: 'Say why it is right to open positions again: it goes to the journal with your name.',
      }}
      readBack={{
        label: 'Read back what broke',
        missing: 'Read back what broke, letter by letter, as it stands above.',
        name: 'rule',
        parse: (typed) => BREAKER_RULES.find((rule) => rule === typed),
      }}
      keep="Leave it open"
      act="Close the breaker"
      send={send}
    >
      {breach === null ? (
        <p>It is closed: there is nothing to reset.</p>
      ) : (
        <p>
          <strong className="num">{breach.rule}</strong>: {breach.text} What broke is forgiven and measured anew; nothing else is.
        </p>
      )}
    </PersonAct>
  );
};
