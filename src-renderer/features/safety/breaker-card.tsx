// The circuit breaker with its counters, and the thresholds on which the stop trips by itself (REQUIREMENTS D, E1).
import type { AutoTripView, BreakerView } from '../../../src-shared/contract/view.ts';
import { Mark } from '../../components/icon.tsx';
import { formatDecimal } from '../../components/numbers.ts';
import { Section } from '../../components/section.tsx';
import { dateTime } from '../../components/time.ts';
import { useReplica } from '../../replica/replica.ts';
import { show } from '../frame/screen.ts';
import { Help } from '../guide/help-button.tsx';
import { Bar } from './bar.tsx';
import { Left } from './causes.tsx';
import { breakerEnd } from './words.ts';

type Counter = BreakerView['counters'][number] | AutoTripView['counters'][number];

const levelOf = ({ usedRatio }: Counter): 'over' | 'near' | 'calm' =>
  usedRatio === null ? 'calm' : usedRatio >= 1 ? 'over' : usedRatio >= 0.8 ? 'near' : 'calm';

const unitOf = ({ unit }: Counter): string => (unit === 'percent' ? ' %' : '');

const Counters = ({ counters, testId }: { readonly counters: readonly Counter[]; readonly testId: string }) => (
  <ul className="safety-counters" data-testid={testId}>
    {counters.map((counter) => (
      <li key={counter.rule} className={`safety-gauge gauge-${levelOf(counter)}`}>
        <span className="gauge-line">
          <span className="gauge-title">{counter.title}</span>
          <span className="num gauge-value">
            {counter.value === null ? 'not known' : `${formatDecimal(counter.value)}${unitOf(counter)}`}
            <span className="muted">
              {' '}
              / {formatDecimal(counter.limit)}
              {unitOf(counter)}
            </span>
          </span>
        </span>
        <span className="gauge-line">
          <Bar usedRatio={counter.usedRatio} />
        </span>
        <p className="safety-formula muted">
          <span className="num">{counter.rule}</span> {counter.text}
        </p>
      </li>
    ))}
  </ul>
);

const PHASE = {
  CLOSED: { verdict: 'good', word: 'closed', text: 'Nothing broke. An open breaker denies what opens and lets everything reduce.' },
  OPEN: { verdict: 'poor', word: 'open', text: 'What opens is denied; the breaker itself stops no sale, no cancel and no protection.' },
  HALF_OPEN: { verdict: 'poor', word: 'half-open', text: 'One order may try; its outcome decides.' },
} as const;

export const BreakerCard = () => {
  const breaker = useReplica(({ view }) => view.safety.breaker);
  const open = breaker !== undefined && breaker.phase !== 'CLOSED';
  return (
    <Section
      title="Circuit breaker"
      act={
        <>
          <Help to="safety-settings#circuitbreaker" about="the circuit breaker" />
          {open && (
            <button type="button" className="button" data-testid="breaker-open" onClick={() => show({ dialog: 'breaker' })}>
              Reset…
            </button>
          )}
        </>
      }
    >
      {breaker === undefined ? (
        <p className="muted">Its counters appear when the account can be valued and the policy is read.</p>
      ) : (
        <>
          <p data-testid="breaker-phase">
            <Mark verdict={PHASE[breaker.phase].verdict} /> <strong>{PHASE[breaker.phase].word}</strong> {PHASE[breaker.phase].text}
          </p>
          {breaker.breach !== null && (
            <p className="said" data-testid="breaker-breach">
              <strong>{breaker.breach.rule}</strong> {breaker.breach.text}
              {breaker.openedAtMs !== null && ` Open since ${dateTime(breaker.openedAtMs)} UTC.`} {breakerEnd(breaker)}{' '}
              {breaker.probeAtMs !== null && <Left untilMs={breaker.probeAtMs} />}
            </p>
          )}
          <Counters counters={breaker.counters} testId="breaker-counters" />
        </>
      )}
    </Section>
  );
};

export const AutoTripCard = () => {
  const trips = useReplica(({ view }) => view.safety.autoTrip);
  return (
    <Section
      title="The stop trips by itself"
      note="and only a person resets it"
      act={<Help to="safety-settings#emergencystop" about="the thresholds of the stop" />}
    >
      {trips === undefined || trips.counters.length === 0 ? (
        <p className="muted">Its thresholds appear when the policy is read.</p>
      ) : (
        <Counters counters={trips.counters} testId="auto-trip-counters" />
      )}
    </Section>
  );
};
