// Orders of which the venue knows more than we do, or may: each is asked for until it is clear. And orders that must not live: each is
// cancelled until it is gone. Both are volatile notes; after a restart reconciliation finds them anew.
import { isEnded } from '../../../src-shared/domain/order.ts';
import { sentence } from '../../../src-shared/errors/sentence.ts';
import type { Qty } from '../../../src-shared/domain/money.ts';
import type { Effect } from '../effects.ts';
import type { Proof } from '../facts.ts';
import type { Doubt } from '../market.ts';
import type { Order } from '../state.ts';
import type { Context } from './context.ts';

const ASK_EVERY_MS = 1000;
/** After so many questions the doubt is no matter of seconds: request weight is kept for others. */
const ASKED_OFTEN = 20;
const ASK_SELDOM_EVERY_MS = 10_000;
/** Queries lag behind (BINANCE 4): what should have come about is asked for so often before their word is taken for it. */
const WATCHED_FOR = 5;
const CANCEL_AGAIN_MS = 1000;
/** An order in doubt for longer than this is an alert (REQUIREMENTS L4). */
const UNKNOWN_ALERT_MS = 10_000;

const query = (order: Pick<Order, 'symbol' | 'clientOrderId'>): Effect => ({
  kind: 'query',
  symbol: order.symbol,
  clientOrderId: order.clientOrderId,
});

/** Asks for an order, at once unless that was done just now, and goes on asking until `clear`. */
export const doubt = (context: Context, order: Pick<Order, 'symbol' | 'clientOrderId'>, statedQty: Qty | null): Effect[] => {
  const { market, monoMs, nowMs } = context;
  const known = market.doubts.get(order.clientOrderId);
  if (known !== undefined) {
    known.statedQty = statedQty ?? known.statedQty;
    return [];
  }
  market.doubts.set(order.clientOrderId, { sinceMs: nowMs, askedAtMs: monoMs, asks: 1, told: false, statedQty, awaits: null });
  return [query(order)];
};

/** Asks for an order of which the venue should tell by itself in a moment that it has ended, or that it works; should it not. */
export const watch = (
  { market, monoMs, nowMs }: Context,
  { clientOrderId }: Pick<Order, 'clientOrderId'>,
  awaits: 'end' | 'work',
): void => {
  if (!market.doubts.has(clientOrderId))
    market.doubts.set(clientOrderId, { sinceMs: nowMs, askedAtMs: monoMs, asks: 0, told: false, statedQty: null, awaits });
};

const isOver = (known: Doubt, order: Order): boolean =>
  known.statedQty === null && (isEnded(order.status) || (known.awaits === 'work' && !order.pending));

/** Ends the doubt when every fill that the venue spoke of is here, or when it answered; a stream may only repeat what was true before. */
export const clear = (context: Context, order: Pick<Order, 'clientOrderId'>, filled: Qty, proof: Proof): void => {
  const known = context.market.doubts.get(order.clientOrderId);
  if (known === undefined || (known.awaits !== null && known.asks < WATCHED_FOR)) return;
  if (known.statedQty === null ? proof !== 'stream' : known.statedQty.lte(filled)) context.market.doubts.delete(order.clientOrderId);
};

/** An order that must not live is cancelled, and again until the venue says that it is gone. */
export const condemn = (context: Context, order: Pick<Order, 'symbol' | 'clientOrderId'>): Effect[] => {
  const { condemned } = context.market;
  const before = condemned.get(order.clientOrderId);
  if (before !== undefined && context.monoMs - before.atMs < CANCEL_AGAIN_MS) return [];
  condemned.set(order.clientOrderId, { symbol: order.symbol, atMs: context.monoMs });
  return [{ kind: 'cancel', symbol: order.symbol, clientOrderId: order.clientOrderId, priority: 'emergency' }];
};

/** Every open order from before the newest stop, whoever placed it: a stop that a restart or a reset cut short goes on with them. */
export const condemnStopped = (context: Context): Effect[] => {
  const { state } = context;
  const effects: Effect[] = [];
  for (const id of state.openOrders) {
    const order = state.orders.get(id);
    if (order !== undefined && order.generation < state.stop.generation) effects.push(...condemn(context, order));
  }
  return effects;
};

/**
 * What was to be cancelled when the console stopped: nobody knows whether the cancel got through, so it is sent until the order is gone.
 * What an order in doubt was to replace is left alone: it stands where that one was never taken, and may be a position's only stop.
 */
export const cancelsCutShort = (context: Context): Effect[] => {
  const open = [...context.state.openOrders].map((id) => context.state.orders.get(id)).filter((order) => order !== undefined);
  const replaced = new Set(open.map(({ replaces }) => replaces));
  const effects: Effect[] = [];
  for (const order of open) if (order.cancelRequested && !replaced.has(order.clientOrderId)) effects.push(...condemn(context, order));
  return effects;
};

const tell = (context: Context, order: Order): Effect[] => {
  const known = context.market.doubts.get(order.clientOrderId);
  if (known === undefined || known.told || order.unknownSinceMs === null || context.nowMs - order.unknownSinceMs < UNKNOWN_ALERT_MS)
    return [];
  known.told = true;
  const text = `${order.side} ${order.symbol} ${order.clientOrderId}: ${sentence(order.reason)} It counts against every limit until the exchange proves what became of it.`;
  return [{ kind: 'alert', severity: 'danger', key: `unknown:${order.clientOrderId}`, title: 'Order in doubt for 10 s', text }];
};

const askAgain = (context: Context): Effect[] => {
  const effects: Effect[] = [];
  for (const [id, known] of context.market.doubts) {
    const order = context.state.orders.get(id);
    if (order === undefined || isOver(known, order)) {
      context.market.doubts.delete(id);
      continue;
    }
    effects.push(...tell(context, order));
    if (context.monoMs - known.askedAtMs < (known.asks < ASKED_OFTEN ? ASK_EVERY_MS : ASK_SELDOM_EVERY_MS)) continue;
    known.askedAtMs = context.monoMs;
    known.asks += 1;
    effects.push(query(order));
  }
  return effects;
};

/** What is due: questions about orders in doubt, cancels of those that must not live. Walks only what is unsettled, never all orders. */
export const doubtsStep = (context: Context): Effect[] => {
  const { state, market } = context;
  const effects: Effect[] = [];
  for (const id of state.unsettled) {
    const order = state.orders.get(id);
    if (order?.status === 'UNKNOWN') effects.push(...doubt(context, order, null));
  }
  effects.push(...askAgain(context));
  for (const [clientOrderId, { symbol }] of market.condemned) effects.push(...condemn(context, { symbol, clientOrderId }));
  return effects;
};
