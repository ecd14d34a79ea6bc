// What time alone brings about: the day's book, questions about orders in doubt, the end of a cool-down. Ten times a second, so it
// walks only what is unsettled, never all orders.
import { toText } from '../../../src-shared/domain/money.ts';
import { isRearmDue } from '../../safety/emergency-stop.ts';
import { equityOf } from '../equity.ts';
import { utcDayOf } from '../evolve.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { doubtsStep } from './doubts.ts';
import { mannersStep } from './manners.ts';
import { balancesStep, reconcileStep } from './reconcile.ts';
import { staleStep } from './stale.ts';
import { stopStep } from './stop.ts';

const openDay = (context: Context): Fact[] => {
  const today = utcDayOf(context.nowMs);
  // A clock that stepped back opens no day again: the book of the later day goes on.
  // Money that nobody told of is booked first: it must not be in the opening and in the day's deposits.
  if (context.market.unexplained.size > 0) return [];
  if (!context.state.session.reconciled || (context.state.day !== null && context.state.day.dayUtc >= today)) return [];
  const equity = equityOf(context.state, context.market);
  return equity === null ? [] : [{ kind: 'day.opened', dayUtc: today, equityUsdt: toText(equity) }];
};

const coolDownEnd = (context: Context): Fact[] => (isRearmDue(context.state.stop, context.nowMs) ? [{ kind: 'stop.rearmed' }] : []);

/** In this order; each is told how many facts come before its own, because the number of an intent's fact is its name. */
const STEPS: readonly ((context: Context, ahead: number) => Decision)[] = [
  stopStep,
  reconcileStep,
  (context) => decided([...openDay(context), ...coolDownEnd(context)], [...doubtsStep(context), ...balancesStep(context)]),
  staleStep,
  mannersStep,
];

export const tick = (context: Context): Decision => {
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const step of STEPS) {
    const part = step(context, facts.length);
    facts.push(...part.facts);
    effects.push(...part.effects);
  }
  return facts.length === 0 && effects.length === 0 ? NOTHING : decided(facts, effects);
};
