// One rule for whatever tells what became of an order: the answer to a submit, a stream report, a query, a reconciliation. Nothing is
// applied twice (fills are keyed by trade id), nothing is lost (a gap in the fills is asked for), no end without its proof (B2).
import type { AssetId, ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { qty, toText } from '../../../src-shared/domain/money.ts';
import type { DecimalText, Qty } from '../../../src-shared/domain/money.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { OrderType, TimeInForce } from '../../../src-shared/domain/order.ts';
import type { ExecutionReport, VenueFill, VenueOrder } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact, FillFact, Proof } from '../facts.ts';
import { worthOf } from '../market.ts';
import type { Order } from '../state.ts';
import { baseOf } from '../symbols.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';

const feeWorth = (context: Context, order: Pick<Order, 'symbol'>, fill: VenueFill): DecimalText | null => {
  const fee = new Decimal(fill.fee);
  if (fee.isZero()) return toText(fee);
  if (fill.feeAsset === baseOf(order.symbol)) return toText(fee.times(fill.price));
  const worth = worthOf(context.market, fill.feeAsset);
  return worth === null ? null : toText(fee.times(worth));
};

const fillFact = (context: Context, order: Order, fill: VenueFill, via: FillFact['via']): FillFact => ({
  kind: 'order.filled',
  clientOrderId: order.clientOrderId,
  symbol: order.symbol,
  tradeId: fill.tradeId,
  side: order.side,
  price: fill.price,
  qty: fill.qty,
  fee: fill.fee,
  feeAsset: fill.feeAsset,
  feeUsdt: feeWorth(context, order, fill),
  maker: fill.maker,
  venueTimeMs: fill.timeMs,
  via,
});

const FILL_VIA: Readonly<Record<Proof, FillFact['via']>> = { stream: 'stream', answer: 'answer', query: 'recovery', 'absent-after-window': 'recovery' };

const isNew = (order: Order, fill: VenueFill, among: readonly VenueFill[], index: number): boolean =>
  !order.fills.some((known) => known.tradeId === fill.tradeId) && among.findIndex((other) => other.tradeId === fill.tradeId) === index;

const inFlight = (order: Order): boolean => order.status === 'INTENDED' || order.status === 'SENT' || order.status === 'UNKNOWN';

const query = (order: Order): Effect => ({ kind: 'query', symbol: order.symbol, clientOrderId: order.clientOrderId });

const ending = (order: Order, venue: VenueOrder, filled: Qty, proof: Proof, reason: string): Fact[] => {
  const base = { kind: 'order.ended' as const, clientOrderId: order.clientOrderId, proof, reason, venueTimeMs: venue.timeMs };
  switch (venue.status) {
    // Filled is true for us only when every fill is here: a quantity without its trades is not money.
    case 'FILLED':
      return filled.gte(venue.filledQty) ? [{ ...base, status: 'FILLED' }] : [];
    case 'CANCELED':
      return [{ ...base, status: 'CANCELED' }];
    case 'EXPIRED':
      return [{ ...base, status: 'EXPIRED' }];
    case 'REJECTED':
      return [{ kind: 'order.rejected', clientOrderId: order.clientOrderId, code: null, text: reason === '' ? 'The exchange rejected it.' : reason, proof }];
    default:
      return [];
  }
};

/** An order that we held for ended, alive at the venue: it is cancelled on sight, and a person must know. */
const risen = (order: Order, venue: VenueOrder): Effect[] => {
  if (venue.status !== 'NEW' && venue.status !== 'PARTIALLY_FILLED') return [];
  if (order.status !== 'REJECTED') return [];
  return [
    { kind: 'cancel', symbol: order.symbol, clientOrderId: order.clientOrderId, priority: 'emergency' },
    { kind: 'alert', severity: 'danger', key: `risen:${order.clientOrderId}`, title: 'An order that should not exist', text: `${order.clientOrderId} (${order.symbol}) was held for ${order.status}, but the exchange has it open. It is being cancelled.` },
  ];
};

/** After the latch, an order of an older generation that the venue has after all is cancelled on sight (DESIGN 6, step 3). */
const lateForTheStop = (context: Context, order: Order, venue: VenueOrder): Effect[] =>
  context.state.stop.phase === 'TRIPPED' && order.generation < context.state.stop.generation && (venue.status === 'NEW' || venue.status === 'PARTIALLY_FILLED')
    ? [{ kind: 'cancel', symbol: order.symbol, clientOrderId: order.clientOrderId, priority: 'emergency' }]
    : [];

/**
 * What the venue's word on one of our orders makes true.
 * @param venue the order as the venue states it; null when only fills are known
 * @param fills trades of this order, any of which may be known already
 */
export const learn = (context: Context, order: Order, venue: VenueOrder | null, fills: readonly VenueFill[], proof: Proof, reason = ''): Decision => {
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  const wasInFlight = inFlight(order);
  if (venue !== null && venue.status !== 'REJECTED' && !isEnded(order.status) && (wasInFlight || order.venueOrderId === null)) {
    facts.push({ kind: 'order.accepted', clientOrderId: order.clientOrderId, venueOrderId: venue.venueOrderId, venueTimeMs: venue.timeMs, via: proof });
  }
  const fresh = fills.filter((fill, index) => isNew(order, fill, fills, index));
  let filled = order.filledQty;
  for (const fill of fresh) {
    facts.push(fillFact(context, order, fill, FILL_VIA[proof]));
    filled = filled.plus(fill.qty) as Qty;
  }
  if (fresh.length > 0 && isEnded(order.status) && order.status !== 'FILLED' && order.filledQty.isZero() && venue === null) {
    effects.push({ kind: 'alert', severity: 'danger', key: `late-fill:${order.clientOrderId}`, title: 'A fill after the end', text: `${order.clientOrderId} (${order.symbol}) was held for ${order.status}, but ${toText(filled)} of it was filled. The position has been corrected.` });
  }
  if (venue === null) return decided(facts, effects);
  if (isEnded(order.status)) effects.push(...risen(order, venue));
  else facts.push(...ending(order, venue, filled, proof, reason));
  effects.push(...lateForTheStop(context, order, venue));
  if (filled.lt(venue.filledQty)) {
    context.market.incomplete.set(order.clientOrderId, qty(venue.filledQty));
    if (!context.market.queriedAtMs.has(order.clientOrderId)) {
      context.market.queriedAtMs.set(order.clientOrderId, context.nowMs);
      effects.push(query(order));
    }
  } else if (context.market.incomplete.get(order.clientOrderId)?.lte(filled) === true) {
    context.market.incomplete.delete(order.clientOrderId);
    context.market.queriedAtMs.delete(order.clientOrderId);
  }
  for (const fact of facts) {
    if (fact.kind === 'order.filled' && fact.feeUsdt === null) {
      effects.push({ kind: 'alert', severity: 'warning', key: `fee:${fact.feeAsset}`, title: 'A fee of unknown worth', text: `The fee of ${fact.fee} ${fact.feeAsset} has no price here and counts as 0 USDT in the profit and loss.` });
    }
  }
  return decided(facts, effects);
};

const LISTED_TIF: ReadonlySet<string> = new Set(['GTC', 'IOC', 'FOK']);

/** An open order at the venue that no fact here knows: placed by phone, by another program, or by a console whose journal is gone. */
export const adoption = (venue: VenueOrder): Fact => ({
  kind: 'order.adopted',
  clientOrderId: venue.clientOrderId as ClientOrderId,
  venueOrderId: venue.venueOrderId,
  symbol: venue.symbol,
  side: venue.side,
  type: (venue.venueType === 'MARKET' ? 'MARKET' : 'LIMIT') satisfies OrderType,
  qty: venue.qty,
  ...(venue.venueType === 'MARKET' ? {} : { price: venue.price, timeInForce: (venue.venueType === 'LIMIT_MAKER' ? 'POST_ONLY' : LISTED_TIF.has(venue.timeInForce) ? venue.timeInForce : 'GTC') as TimeInForce }),
  venueType: venue.venueType,
  venueTimeMs: venue.timeMs,
});

const adoptFromStream = (context: Context, report: ExecutionReport): Decision => {
  if (!context.market.instruments.has(report.order.symbol)) return NOTHING;
  const alive = report.order.status === 'NEW' || report.order.status === 'PARTIALLY_FILLED' || report.fill !== null;
  if (!alive) return NOTHING;
  const effects: Effect[] = [{ kind: 'alert', severity: 'warning', key: 'foreign', title: 'An order from elsewhere', text: `${report.order.side} ${report.order.qty} ${report.order.symbol} was placed outside this console. It is shown as foreign and counts against the limits.` }];
  // Its fills and end are learned from a query: this report may not be its first.
  effects.push({ kind: 'query', symbol: report.order.symbol, clientOrderId: report.clientOrderId as ClientOrderId });
  return decided([adoption(report.order)], effects);
};

/** One executionReport. */
export const onExecution = (context: Context, report: ExecutionReport): Decision => {
  const order = context.state.orders.get(report.clientOrderId as ClientOrderId);
  if (order === undefined) return adoptFromStream(context, report);
  if (order.venueOrderId !== null && order.venueOrderId !== report.order.venueOrderId) return NOTHING;
  return learn(context, order, report.order, report.fill === null ? [] : [report.fill], 'stream', report.reason);
};

/** Balances as the stream states them; an older statement than the one at hand changes nothing. */
export const onBalances = (context: Context, entries: readonly { readonly asset: AssetId; readonly free: DecimalText; readonly locked: DecimalText }[], venueTimeMs: number): Decision => {
  const times = context.market.balanceTimes;
  const fresh = entries.filter((entry) => (times.get(entry.asset)?.venueTimeMs ?? 0) <= venueTimeMs);
  for (const entry of fresh) times.set(entry.asset, { venueTimeMs, receivedAtMs: context.nowMs });
  return fresh.length === 0 ? NOTHING : decided([{ kind: 'balances.updated', entries: fresh, full: false, venueTimeMs }]);
};
