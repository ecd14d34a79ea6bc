// What time alone brings about: the day's book, questions about orders in doubt, the end of a cool-down. Ten times a second, so it
// walks only what is unsettled, never all orders.
import { toText } from '../../../src-shared/domain/money.ts';
import { isRearmDue } from '../../safety/emergency-stop.ts';
import type { Effect } from '../effects.ts';
import { equityOf } from '../equity.ts';
import { utcDayOf } from '../evolve.ts';
import type { Fact } from '../facts.ts';
import type { Order } from '../state.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { reconcileStep } from './reconcile.ts';
import { stopStep } from './stop.ts';

const QUERY_EVERY_MS = 1000;
const UNKNOWN_ALERT_MS = 10_000;

const openDay = (context: Context): Fact[] => {
  const today = utcDayOf(context.nowMs);
  // A clock that stepped back opens no day again: the book of the later day goes on.
  if (!context.state.session.reconciled || (context.state.day !== null && context.state.day.dayUtc >= today)) return [];
  const equity = equityOf(context.state, context.market);
  return equity === null ? [] : [{ kind: 'day.opened', dayUtc: today, equityUsdt: toText(equity) }];
};

const ask = (context: Context, order: Order): Effect[] => {
  if (context.nowMs - (context.market.queriedAtMs.get(order.clientOrderId) ?? 0) < QUERY_EVERY_MS) return [];
  context.market.queriedAtMs.set(order.clientOrderId, context.nowMs);
  return [{ kind: 'query', symbol: order.symbol, clientOrderId: order.clientOrderId }];
};

const doubts = (context: Context): Effect[] => {
  const effects: Effect[] = [];
  for (const id of context.state.unsettled) {
    const order = context.state.orders.get(id);
    if (order?.status !== 'UNKNOWN') continue;
    effects.push(...ask(context, order));
    const sinceMs = order.unknownSinceMs ?? context.nowMs;
    if (context.nowMs - sinceMs >= UNKNOWN_ALERT_MS) {
      effects.push({ kind: 'alert', severity: 'danger', key: `unknown-long:${id}`, title: 'Order in doubt for 10 s', text: `${order.side} ${order.symbol} ${id}: ${order.reason} It counts against every limit until the exchange proves what became of it.` });
    }
  }
  for (const id of context.market.incomplete.keys()) {
    const order = context.state.orders.get(id);
    if (order === undefined) context.market.incomplete.delete(id);
    else effects.push(...ask(context, order));
  }
  return effects;
};

const coolDownEnd = (context: Context): Fact[] => (isRearmDue(context.state.stop, context.nowMs) ? [{ kind: 'stop.rearmed' }] : []);

export const tick = (context: Context): Decision => {
  const parts = [stopStep(context), reconcileStep(context), decided([...openDay(context), ...coolDownEnd(context)], doubts(context))];
  const facts = parts.flatMap((part) => part.facts);
  const effects = parts.flatMap((part) => part.effects);
  return facts.length === 0 && effects.length === 0 ? NOTHING : decided(facts, effects);
};
