// Cancels, and what the venue answers to them. They always pass, whatever the trading state (DESIGN 6). The venue cancels an order list
// whole: whoever cancels one of its orders cancels them all.
import type { ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { OrderOrigin } from '../../../src-shared/domain/order.ts';
import { assertNever } from '../../../src-shared/errors/result.ts';
import type { CancelOutcome } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import type { EngineState, Order } from '../state.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { doubt } from './doubts.ts';
import { giveUp, rootOf } from './retries.ts';
import { learn } from './venue-truth.ts';

/** An order with those that a cancel of it ends as well: the open ones of its list. */
const companions = (state: EngineState, order: Order): readonly Order[] =>
  order.list === null
    ? [order]
    : (state.lists.get(order.list.listId) ?? []).flatMap((id) => {
        const one = state.orders.get(id);
        return one === undefined || isEnded(one.status) ? [] : [one];
      });

/** The cancel of one open order, and with it of its list, in one request. */
export const cancelOf = (
  state: EngineState,
  order: Order,
  origin: OrderOrigin | 'policy',
  why?: string,
): { readonly facts: Fact[]; readonly effect: Effect } => ({
  facts: companions(state, order).map(({ clientOrderId }) => ({
    kind: 'cancel.requested',
    clientOrderId,
    origin,
    ...(why === undefined ? {} : { why }),
  })),
  effect: { kind: 'cancel', symbol: order.symbol, clientOrderId: order.clientOrderId, priority: 'normal' },
});

const nothingToCancel = (text: string): Decision =>
  decided([], [], {
    kind: 'denied',
    denial: { code: 'UNKNOWN_ORDER', text, advice: 'The list of open orders shows what can be cancelled.' },
  });

/** Cancels an open order with its list, or takes back a further try of one that has ended. */
export const cancel = (context: Context, clientOrderId: string, origin: OrderOrigin): Decision => {
  const order = context.state.orders.get(clientOrderId as ClientOrderId);
  if (order === undefined) return nothingToCancel(`There is no order ${clientOrderId.slice(0, 36)}.`);
  const isDue = giveUp(context.market, (root) => root === rootOf(order)) > 0;
  if (!isEnded(order.status)) {
    const { facts, effect } = cancelOf(context.state, order, origin);
    return decided(facts, [effect], { kind: 'requested', count: facts.length });
  }
  if (!isDue) return nothingToCancel(`Order ${order.clientOrderId} is ${order.status} already.`);
  return decided([{ kind: 'cancel.requested', clientOrderId: order.clientOrderId, origin }], [], { kind: 'requested', count: 1 });
};

export const cancelAll = (context: Context, symbol: SymbolId | null, origin: OrderOrigin): Decision => {
  const facts: Fact[] = [];
  const symbols = new Set<SymbolId>();
  for (const id of context.state.openOrders) {
    const order = context.state.orders.get(id);
    if (order === undefined || (symbol !== null && order.symbol !== symbol)) continue;
    facts.push({ kind: 'cancel.requested', clientOrderId: id, origin });
    symbols.add(order.symbol);
  }
  const taken = giveUp(context.market, (_root, { wish }) => symbol === null || wish.symbol === symbol);
  const effects = [...symbols].map((one): Effect => ({ kind: 'cancel-all', symbol: one, tripId: null, priority: 'normal' }));
  return decided(facts, effects, { kind: 'requested', count: facts.length + taken });
};

/** The venue's answer to one cancel. -2011 can mean "already filled": the order is asked for, never taken for gone (BINANCE 4). */
export const onCanceled = (context: Context, id: ClientOrderId, outcome: CancelOutcome): Decision => {
  const order = context.state.orders.get(id);
  const isCondemned = context.market.condemned.has(id);
  if (outcome.kind !== 'failed') context.market.condemned.delete(id);
  if (order === undefined) return NOTHING;
  if (outcome.kind === 'canceled') return learnAll(context, outcome);
  const open = companions(context.state, order).filter(({ status }) => !isEnded(status));
  switch (outcome.kind) {
    case 'not-open':
      return decided(
        [],
        open.flatMap((one) => doubt(context, one, null)),
      );
    case 'failed':
      // What must not live is cancelled again by itself; the stop's receipt and the alert that condemned it have named it.
      if (isEnded(order.status) || isCondemned) return NOTHING;
      return decided(
        open.map((one): Fact => ({
          kind: 'cancel.failed',
          clientOrderId: one.clientOrderId,
          text: `The cancel did not get through: ${outcome.failure.text}`,
          failure: outcome.failure.kind,
        })),
        [
          {
            kind: 'alert',
            severity: 'warning',
            key: `cancel:${id}`,
            title: 'Cancel failed',
            text: `${id} may still be open: ${outcome.failure.text} Press cancel again, or stop.`,
          },
        ],
      );
    default:
      return assertNever(outcome);
  }
};

/** Every order that a cancel's answer lists, each by the one rule. */
export const learnAll = (context: Context, outcome: Extract<CancelOutcome, { kind: 'canceled' }>): Decision => {
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const venue of outcome.orders) {
    const order = context.state.orders.get(venue.clientOrderId as ClientOrderId);
    if (order === undefined) continue;
    const learned = learn(context, order, venue, [], 'answer');
    facts.push(...learned.facts);
    effects.push(...learned.effects);
  }
  return decided(facts, effects);
};

/** The answer to a cancel-all that a person asked for (the stop's own are dealt with in stop.ts). */
export const onCanceledAll = (context: Context, symbol: SymbolId, outcome: CancelOutcome): Decision => {
  if (outcome.kind === 'canceled') return learnAll(context, outcome);
  const open = [...(context.state.books.get(symbol)?.ids ?? [])];
  if (outcome.kind === 'not-open')
    return decided(
      [],
      open.flatMap((clientOrderId) => doubt(context, { symbol, clientOrderId }, null)),
    );
  return decided(
    open.map((clientOrderId): Fact => ({
      kind: 'cancel.failed',
      clientOrderId,
      text: `The cancel did not get through: ${outcome.failure.text}`,
      failure: outcome.failure.kind,
    })),
    [
      {
        kind: 'alert',
        severity: 'warning',
        key: `cancel-all:${symbol}`,
        title: 'Cancel all failed',
        text: `Orders of ${symbol} may still be open: ${outcome.failure.text} Press cancel again, or stop.`,
      },
    ],
  );
};
