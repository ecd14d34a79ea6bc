// What time alone brings about: the day's book, questions about orders in doubt, the end of a cool-down. Ten times a second, so it
// walks only what is unsettled, never all orders.
import { toText } from '../../../src-shared/domain/money.ts';
import { isRearmDue } from '../../safety/emergency-stop.ts';
import { equityOf } from '../equity.ts';
import { utcDayOf } from '../evolve.ts';
import type { Fact } from '../facts.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { doubtsStep } from './doubts.ts';
import { balancesStep, reconcileStep } from './reconcile.ts';
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

export const tick = (context: Context): Decision => {
  const parts = [
    stopStep(context),
    reconcileStep(context),
    decided([...openDay(context), ...coolDownEnd(context)], [...doubtsStep(context), ...balancesStep(context)]),
  ];
  const facts = parts.flatMap((part) => part.facts);
  const effects = parts.flatMap((part) => part.effects);
  return facts.length === 0 && effects.length === 0 ? NOTHING : decided(facts, effects);
};
