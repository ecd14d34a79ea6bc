// What time alone brings about: the day's book, questions about orders in doubt, the end of a cool-down. Ten times a second, so it
// walks only what is unsettled, never all orders.
import { isRearmDue } from '../../safety/emergency-stop.ts';
import { lossAlarm } from './alarms.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import { dateNow, settleDates } from '../steady.ts';
import { accountDayStep } from './account-day.ts';
import { breakerStep } from './breaker.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { doubtsStep } from './doubts.ts';
import { ladderStep } from './ladder.ts';
import { mannersStep } from './manners.ts';
import { policyStep } from './policy.ts';
import { balancesStep, reconcileStep } from './reconcile.ts';
import { staleStep } from './stale.ts';
import { stopStep } from './stop.ts';

/** A fact for good: of a reset before the start it must not come of a wall clock that is wrong, or that nobody has compared yet (E6). */
const coolDownEnd = (context: Context): Fact[] => {
  const { state, market, nowMs } = context;
  settleDates(market, context);
  if (market.dates.coolDown?.steadyMs === null) return [];
  const stop = { ...state.stop, coolDownUntilMs: dateNow(state, market, 'coolDown', context) };
  return isRearmDue(stop, nowMs) ? [{ kind: 'stop.rearmed' }] : [];
};

/** In this order; each is told how many facts come before its own, because the number of an intent's fact is its name. */
const STEPS: readonly ((context: Context, ahead: number) => Decision)[] = [
  stopStep,
  ladderStep,
  policyStep,
  reconcileStep,
  (context) => decided([...accountDayStep(context), ...coolDownEnd(context)], [...doubtsStep(context), ...balancesStep(context)]),
  staleStep,
  mannersStep,
];

export const tick = (context: Context): Decision => {
  // A breaker that opens and a stop that trips hold for everything that this tick would have sent: that waits for the next one.
  const broken = breakerStep(context);
  const alarms = lossAlarm(context);
  if (broken.facts.length > 0) return { ...broken, effects: [...broken.effects, ...alarms] };
  const facts: Fact[] = [];
  const effects: Effect[] = [...alarms];
  for (const step of STEPS) {
    const part = step(context, facts.length);
    facts.push(...part.facts);
    effects.push(...part.effects);
  }
  return facts.length === 0 && effects.length === 0 ? NOTHING : decided(facts, effects);
};
