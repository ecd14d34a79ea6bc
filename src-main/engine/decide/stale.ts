// Entries that have waited too long are cancelled (B9): the reason for them has gone. Looked for once a minute.
import type { Fact } from '../facts.ts';
import type { Effect } from '../effects.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { Order } from '../state.ts';
import { cancelOf } from './cancels.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';

const SEEK_EVERY_MS = 60_000;
const HOUR_MS = 3_600_000;

/** An order of ours that would open a position, and stands at the venue. What was placed by phone is the phone's. */
const isEntry = ({ side, origin, status, cancelRequested }: Order): boolean =>
  side === 'BUY' && origin !== 'foreign' && !cancelRequested && !isEnded(status) && status !== 'INTENDED';

export const staleStep = (context: Context): Decision => {
  const { state, market, monoMs, nowMs } = context;
  if (state.policy === null || (market.staleSoughtAtMs !== null && monoMs - market.staleSoughtAtMs < SEEK_EVERY_MS)) return NOTHING;
  market.staleSoughtAtMs = monoMs;
  const hours = state.policy.order.staleEntryHours;
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  const lists = new Set<string>();
  for (const id of state.openOrders) {
    const order = state.orders.get(id);
    if (order === undefined || !isEntry(order) || nowMs - order.intendedAtMs < hours * HOUR_MS) continue;
    if (order.list !== null && lists.has(order.list.listId)) continue;
    if (order.list !== null) lists.add(order.list.listId);
    const cancel = cancelOf(state, order, 'policy', `open for more than ${hours} h without being filled whole`);
    facts.push(...cancel.facts);
    effects.push(cancel.effect);
  }
  return decided(facts, effects);
};
