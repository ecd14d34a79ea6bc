// One rule for whatever tells what became of an order: the answer to a submit, a stream report, a query, a reconciliation. Nothing is
// applied twice (fills are keyed by trade id), nothing is lost (a gap in the fills is asked for), no end without its proof (B2).
import type { AssetId, ClientOrderId, TradeId } from '../../../src-shared/domain/ids.ts';
import { amount, price, qty, toText } from '../../../src-shared/domain/money.ts';
import type { DecimalText, Qty } from '../../../src-shared/domain/money.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { OrderType, TimeInForce } from '../../../src-shared/domain/order.ts';
import type { ExecutionReport, VenueFill, VenueOrder } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact, FillFact, Proof } from '../facts.ts';
import { worthOf } from '../market.ts';
import { elderName, holderOf, noteName, orderMeant } from '../order-numbers.ts';
import type { Fill, Order } from '../state.ts';
import { steadyMs } from '../steady.ts';
import { baseOf } from '../symbols.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { clear, condemn, doubt, watch } from './doubts.ts';
import { noteRest } from './retries.ts';

const feeWorth = (context: Context, order: Pick<Order, 'symbol'>, fill: VenueFill): DecimalText | null => {
  const fee = amount(fill.fee);
  if (fee.isZero()) return toText(fee);
  if (fill.feeAsset === baseOf(order.symbol)) return toText(fee.times(price(fill.price)));
  const worth = worthOf(context.market, fill.feeAsset);
  return worth === null ? null : toText(fee.times(worth));
};

const fillFact = (
  context: Context,
  order: Pick<Order, 'clientOrderId' | 'symbol' | 'side'>,
  fill: VenueFill,
  via: FillFact['via'],
): FillFact => ({
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

const FILL_VIA: Readonly<Record<Proof, FillFact['via']>> = {
  stream: 'stream',
  answer: 'answer',
  query: 'recovery',
  'absent-after-window': 'recovery',
  'venue-reset': 'recovery',
};

/** Trade ids of orders with many fills: they are asked for with each further fill, and an order may have hundreds. */
const tradeIds = new WeakMap<readonly Fill[], Set<TradeId>>();
const FEW_FILLS = 8;

const isKnown = ({ fills }: Order, tradeId: TradeId): boolean => {
  if (fills.length < FEW_FILLS) return fills.some((known) => known.tradeId === tradeId);
  const known = tradeIds.get(fills) ?? new Set();
  // Fills are only ever added at the end (evolve.ts).
  for (let index = known.size; index < fills.length; index += 1) known.add((fills[index] as Fill).tradeId);
  tradeIds.set(fills, known);
  return known.has(tradeId);
};

const isNew = (order: Order, fill: VenueFill, among: readonly VenueFill[], index: number): boolean =>
  !isKnown(order, fill.tradeId) && among.findIndex((other) => other.tradeId === fill.tradeId) === index;

const inFlight = (order: Order): boolean => order.status === 'INTENDED' || order.status === 'SENT' || order.status === 'UNKNOWN';

const isAlive = (venue: VenueOrder): boolean =>
  venue.status === 'NEW' || venue.status === 'PENDING_NEW' || venue.status === 'PARTIALLY_FILLED';

const ending = (order: Pick<Order, 'clientOrderId'>, venue: VenueOrder, proof: Proof, reason: string): Fact[] => {
  const base = { kind: 'order.ended' as const, clientOrderId: order.clientOrderId, proof, reason, venueTimeMs: venue.timeMs };
  switch (venue.status) {
    case 'FILLED':
    case 'CANCELED':
    case 'EXPIRED':
      return [{ ...base, status: venue.status }];
    case 'REJECTED':
      return [
        {
          kind: 'order.rejected',
          clientOrderId: order.clientOrderId,
          code: null,
          text: reason === '' ? 'The exchange rejected it.' : reason,
          proof,
        },
      ];
    default:
      return [];
  }
};

/** The end of an order that the venue does not know although no request for it can arrive any more. */
export const absence = (order: Order): Fact =>
  order.venueOrderId === null
    ? {
        kind: 'order.rejected',
        clientOrderId: order.clientOrderId,
        code: -2013,
        text: 'The exchange does not know it, and by now no request could still arrive.',
        proof: 'absent-after-window',
      }
    : {
        kind: 'order.ended',
        clientOrderId: order.clientOrderId,
        status: 'CANCELED',
        proof: 'absent-after-window',
        reason: 'the exchange does not know it any more',
        venueTimeMs: order.venueTimeMs,
      };

/**
 * An order alive at the venue that must not be: ended here, or decided before the newest stop (DESIGN 6, step 3), or cancelled by a
 * person while it was on its way. It is cancelled until it is gone.
 */
const unwanted = (context: Context, order: Order, venue: VenueOrder, proof: Proof): Effect[] => {
  if (!isAlive(venue)) return [];
  // By the name that the venue has for it now: another program may have amended it.
  const named = { symbol: order.symbol, clientOrderId: venue.clientOrderId as ClientOrderId };
  if (isEnded(order.status)) {
    // A stream may repeat what was true before the end; only a refusal is disproved by it.
    if (order.status !== 'REJECTED' && proof !== 'query') return [];
    const text = `${order.clientOrderId} (${order.symbol}) was held for ${order.status}, but the exchange has it open. It is being cancelled.`;
    return [
      ...condemn(context, named),
      { kind: 'alert', severity: 'danger', key: `risen:${order.clientOrderId}`, title: 'An order that should not exist', text },
    ];
  }
  return order.generation < context.state.stop.generation || (order.cancelRequested && inFlight(order)) ? condemn(context, named) : [];
};

const alertsOn = (order: Order, facts: readonly Fact[], filled: Qty): Effect[] => {
  const fills = facts.filter((fact) => fact.kind === 'order.filled');
  const effects: Effect[] = [];
  if (fills.length > 0 && isEnded(order.status)) {
    effects.push({
      kind: 'alert',
      severity: 'danger',
      key: `late-fill:${order.clientOrderId}`,
      title: 'A fill after the end',
      text: `${order.clientOrderId} (${order.symbol}) was held for ${order.status}, but ${toText(filled)} of it was filled. The position has been corrected.`,
    });
  }
  for (const { fee, feeAsset } of fills.filter((fact) => fact.feeUsdt === null)) {
    effects.push({
      kind: 'alert',
      severity: 'warning',
      key: `fee:${feeAsset}`,
      title: 'A fee of unknown worth',
      text: `The fee of ${fee} ${feeAsset} has no price here and counts as 0 USDT in the profit and loss.`,
    });
  }
  return effects;
};

/** A name is not an order: the venue may speak of another one that has it now (BINANCE 5). */
const isAnother = (order: Order, venue: VenueOrder): boolean =>
  order.symbol !== venue.symbol || (order.venueOrderId !== null && order.venueOrderId !== venue.venueOrderId);

/**
 * What the venue's word on one of our orders makes true. An end is taken over only when every fill that belongs to it is here: a
 * quantity without its trades is not money, and what is missing is asked for.
 * @param venue the order as the venue states it; null when only fills are known
 * @param fills trades of this order, any of which may be known already
 */
export const learn = (
  context: Context,
  order: Order,
  venue: VenueOrder | null,
  fills: readonly VenueFill[],
  proof: Proof,
  reason = '',
): Decision => {
  if (venue !== null && isAnother(order, venue)) {
    // Two open orders of a symbol cannot have one name: the end of this one was missed, and a comparison finds it.
    if (order.symbol === venue.symbol && !isEnded(order.status)) context.market.missEvents();
    return NOTHING;
  }
  if (venue !== null) noteName(order, venue);
  const fresh = fills.filter((fill, index) => isNew(order, fill, fills, index));
  const facts: Fact[] = fresh.map((fill) => fillFact(context, order, fill, FILL_VIA[proof]));
  const filled = fresh.reduce((sum, fill) => sum.plus(fill.qty) as Qty, order.filledQty);
  // A fill reopens an order that was held for ended: then its end has to be proven anew.
  const isOpen = !isEnded(order.status) || fresh.length > 0;
  const effects = alertsOn(order, facts, filled);
  // Trades alone do not say whether the order goes on: it may have ended with them, and nobody else may ever tell.
  if (venue === null) return decided(facts, fresh.length > 0 ? [...effects, ...doubt(context, order, null)] : effects);
  const wakes = order.pending && isAlive(venue) && venue.status !== 'PENDING_NEW';
  if (isOpen && venue.status !== 'REJECTED' && (inFlight(order) || order.venueOrderId === null || wakes)) {
    const accepted: Fact = {
      kind: 'order.accepted',
      clientOrderId: order.clientOrderId,
      venueOrderId: venue.venueOrderId,
      venueTimeMs: venue.timeMs,
      via: proof,
      ...(venue.status === 'PENDING_NEW' ? { pending: true } : {}),
    };
    if (isEnded(order.status)) facts.push(accepted);
    else facts.unshift(accepted);
  }
  effects.push(...unwanted(context, order, venue, proof));
  if (filled.lt(venue.filledQty)) return decided(facts, [...effects, ...doubt(context, order, qty(venue.filledQty))]);
  clear(context, order, filled, proof);
  if (!isOpen) return decided(facts, effects);
  const ends = ending(order, venue, proof, reason);
  if (ends.length > 0) {
    watchList(context, order, venue.status);
    noteRest(context, order, venue.status, facts);
  }
  return decided([...facts, ...ends], effects);
};

/**
 * A filled entry wakes its exits; any other end within a list ends the others. The venue tells each of these; what it does not tell is
 * asked for.
 */
const watchList = (context: Context, { clientOrderId, list }: Order, status: VenueOrder['status']): void => {
  if (list === null) return;
  const awaits = list.role === 'entry' && status === 'FILLED' ? 'work' : 'end';
  for (const id of context.state.lists.get(list.listId) ?? []) {
    const other = context.state.orders.get(id);
    if (id !== clientOrderId && other !== undefined && !isEnded(other.status)) watch(context, other, awaits);
  }
};

const LISTED_TIF: ReadonlySet<string> = new Set(['GTC', 'IOC', 'FOK']);
const KNOWN_TYPES: ReadonlySet<string> = new Set<OrderType>([
  'MARKET',
  'LIMIT',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
]);

/** LIMIT_MAKER, and whatever the venue may invent, goes by whether it has a price. */
const typeOf = ({ venueType, price }: VenueOrder): OrderType =>
  KNOWN_TYPES.has(venueType) ? (venueType as OrderType) : new Decimal(price).isZero() ? 'MARKET' : 'LIMIT';

const timeInForceOf = ({ venueType, timeInForce }: VenueOrder): TimeInForce =>
  venueType === 'LIMIT_MAKER' ? 'POST_ONLY' : LISTED_TIF.has(timeInForce) ? (timeInForce as TimeInForce) : 'GTC';

/** An open order at the venue that no fact here knows: placed by phone, by another program, or by a console whose journal is gone. */
const adoption = (venue: VenueOrder, elder: Order | undefined): Fact => ({
  kind: 'order.adopted',
  clientOrderId: venue.clientOrderId as ClientOrderId,
  ...(elder === undefined || elder.venueOrderId === null ? {} : { elder: elderName(elder) }),
  venueOrderId: venue.venueOrderId,
  symbol: venue.symbol,
  side: venue.side,
  type: typeOf(venue),
  qty: venue.qty,
  ...(new Decimal(venue.price).isZero() ? {} : { price: venue.price, timeInForce: timeInForceOf(venue) }),
  ...(new Decimal(venue.stopPrice).isZero() ? {} : { stopPrice: venue.stopPrice }),
  ...(venue.trailingDeltaBps === null ? {} : { trailingDeltaBps: venue.trailingDeltaBps }),
  ...(venue.venueListId === null ? {} : { venueListId: venue.venueListId }),
  ...(venue.status === 'PENDING_NEW' ? { pending: true } : {}),
  venueType: venue.venueType,
  venueTimeMs: venue.timeMs,
});

/**
 * Takes over an order from elsewhere with the fills at hand; what else was filled of it is asked for. While the stop is tripped it dies
 * like the others.
 */
export const adopt = (context: Context, venue: VenueOrder, fills: readonly VenueFill[] = []): Decision => {
  const order = { symbol: venue.symbol, clientOrderId: venue.clientOrderId as ClientOrderId, side: venue.side };
  const known = fills.reduce((sum, fill) => sum.plus(fill.qty), new Decimal(0));
  const isWhole = known.gte(venue.filledQty);
  const isStopping = context.state.stop.phase === 'TRIPPED';
  return decided(
    [
      adoption(venue, context.state.orders.get(order.clientOrderId)),
      ...fills.map((fill) => fillFact(context, order, fill, 'recovery')),
      ...(isWhole ? ending(order, venue, 'query', '') : []),
    ],
    [...(isWhole ? [] : doubt(context, order, qty(venue.filledQty))), ...(isStopping && isAlive(venue) ? condemn(context, order) : [])],
  );
};

const adoptFromStream = (context: Context, report: ExecutionReport): Decision => {
  const { order } = report;
  const { stop } = context.state;
  // A stop takes down whatever the account shows, on symbols that this console does not trade too.
  if (!context.market.instruments.has(order.symbol) && isAlive(order) && stop.phase === 'TRIPPED')
    return decided([], condemn(context, { symbol: order.symbol, clientOrderId: order.clientOrderId as ClientOrderId }));
  if (!context.market.instruments.has(order.symbol) || (!isAlive(order) && report.fill === null)) return NOTHING;
  const text = `${order.side} ${order.qty} ${order.symbol} was placed outside this console. It is shown as foreign and counts against the limits.`;
  const adopted = adopt(context, order);
  return decided(adopted.facts, [
    { kind: 'alert', severity: 'warning', key: 'foreign', title: 'An order from elsewhere', text },
    ...adopted.effects,
  ]);
};

/** One executionReport. */
export const onExecution = (context: Context, report: ExecutionReport): Decision => {
  const order = orderMeant(context.state, report.order) ?? holderOf(context.state, report.order);
  if (order === undefined) return adoptFromStream(context, report);
  return learn(context, order, report.order, report.fill === null ? [] : [report.fill], 'stream', report.reason);
};

/** Balances as the stream states them; an older statement than the one at hand changes nothing. */
export const onBalances = (
  context: Context,
  entries: readonly { readonly asset: AssetId; readonly free: DecimalText; readonly locked: DecimalText }[],
  venueTimeMs: number,
): Decision => {
  const times = context.market.balanceTimes;
  const fresh = entries.filter((entry) => (times.get(entry.asset)?.venueTimeMs ?? 0) <= venueTimeMs);
  for (const entry of fresh) times.set(entry.asset, { venueTimeMs, receivedAtMs: steadyMs(context.market, context) });
  return fresh.length === 0 ? NOTHING : decided([{ kind: 'balances.updated', entries: fresh, full: false, venueTimeMs }]);
};
