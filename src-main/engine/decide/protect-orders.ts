// Which orders a plan asks for at the venue, and whether those that stand there are they. Pure: prices come out on the tick, and no
// order is larger than what it was asked for.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import { floorTo, price, toText } from '../../../src-shared/domain/money.ts';
import type { DecimalText, Price, Qty } from '../../../src-shared/domain/money.ts';
import type { ExitPlan, OcoRequest, OrderChange, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { isTrailedByVenue } from '../../safety/legs.ts';
import type { GuardSet } from '../guards.ts';
import type { Order, Protection } from '../state.ts';

const BASIS_POINTS = 10_000;
const PERCENT = 100;

/** The prices at which a plan sells, now. */
export interface Wanted {
  /** Trigger of the stop; null where there is none, or where the venue trails it. */
  readonly stopPrice: Price | null;
  /** Distance that the venue trails by, in basis points; null where it does not. */
  readonly trailingDeltaBps: number | null;
  readonly takeProfit: Price | null;
}

/** One request to the gate: an order by itself or a pair. */
export type Asked = { readonly kind: 'order'; readonly request: OrderRequest } | { readonly kind: 'oco'; readonly request: OcoRequest };

const ceilTo = (value: Decimal, step: Decimal): Decimal => (step.isZero() ? value : value.div(step).ceil().times(step));

/** True where the venue trails the plan's stop by itself. */
export const venueTrails = ({ trailingDeltaBps }: ExitPlan, instrument: Instrument): boolean =>
  trailingDeltaBps !== undefined && isTrailedByVenue(instrument, trailingDeltaBps);

/** Where a stop that the console trails stands below a price: on the tick. */
export const trailedFrom = (from: Decimal, bps: number, instrument: Instrument): Price =>
  floorTo(from.times(BASIS_POINTS - bps).div(BASIS_POINTS), instrument.tick) as Price;

/** What a plan wants at the venue. A stop that the console trails is wanted once it is known where it stands. */
export const wantedOf = (plan: ExitPlan, protection: Pick<Protection, 'trailedTo'>, instrument: Instrument): Wanted => ({
  stopPrice: plan.stopLoss === undefined ? protection.trailedTo : price(plan.stopLoss),
  trailingDeltaBps: venueTrails(plan, instrument) ? (plan.trailingDeltaBps ?? null) : null,
  takeProfit: plan.takeProfit === undefined ? null : price(plan.takeProfit),
});

const isSame = (a: Price | null, b: Price | null): boolean => (a === null || b === null ? a === b : a.eq(b));

/** The price at which an order takes the profit: of a conditional one its trigger. */
const limitPriceOf = (order: Order): Price | null => order.stopPrice ?? order.price;

/** An exit that the venue trails since its entry is as good as one that the console would have to trail. */
const isStopOf = (stop: Order | null, wanted: Wanted, plan: ExitPlan): boolean => {
  if (stop === null) return wanted.stopPrice === null && wanted.trailingDeltaBps === null;
  if (stop.trailingDeltaBps !== null) return stop.trailingDeltaBps === plan.trailingDeltaBps;
  return wanted.trailingDeltaBps === null && isSame(stop.stopPrice, wanted.stopPrice);
};

/** True when the set sells at the plan's prices, whatever its size. */
export const hasPricesOf = (set: GuardSet, wanted: Wanted, plan: ExitPlan): boolean =>
  isStopOf(set.stop, wanted, plan) && isSame(set.limit === null ? null : limitPriceOf(set.limit), wanted.takeProfit);

/** True when two quantities are less than a lot apart. */
export const isSameLots = (a: Qty, b: Qty, instrument: Instrument): boolean => a.minus(b).abs().lt(instrument.lot.stepQty);

/** The limit of a stop at a venue that sells none at market: as far below its trigger as the largest deviation allows (C2). */
const limitBelow = (stopPrice: Decimal, policy: Policy, instrument: Instrument): DecimalText =>
  toText(ceilTo(stopPrice.times(new Decimal(PERCENT).minus(policy.limits.maxPriceDeviationPct)).div(PERCENT), instrument.tick));

const sellsAtMarket = (instrument: Instrument): boolean => instrument.orderTypes.has('STOP_LOSS');

const stopOrder = (wanted: Wanted, size: DecimalText, policy: Policy, instrument: Instrument): OrderRequest | null => {
  const { stopPrice, trailingDeltaBps } = wanted;
  const base = { symbol: instrument.symbol, side: 'SELL', qty: size, reduceOnly: true } as const;
  if (trailingDeltaBps !== null) return { ...base, type: 'STOP_LOSS', trailingDeltaBps };
  if (stopPrice === null) return null;
  if (sellsAtMarket(instrument)) return { ...base, type: 'STOP_LOSS', stopPrice: toText(stopPrice) };
  const price = limitBelow(stopPrice, policy, instrument);
  return { ...base, type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', price, stopPrice: toText(stopPrice) };
};

const profitOrder = (takeProfit: Price, size: DecimalText, instrument: Instrument): OrderRequest => ({
  symbol: instrument.symbol,
  side: 'SELL',
  type: 'LIMIT',
  qty: size,
  price: toText(takeProfit),
  // Alone, a price that has run through it meanwhile is welcome; in a pair the venue takes a maker only.
  timeInForce: 'GTC',
  reduceOnly: true,
});

const pairOf = (
  wanted: Wanted,
  takeProfit: Price,
  size: DecimalText,
  bid: Price,
  policy: Policy,
  instrument: Instrument,
): OcoRequest | null => {
  const { trailingDeltaBps } = wanted;
  const base = { symbol: instrument.symbol, side: 'SELL', qty: size, price: toText(takeProfit) } as const;
  if (trailingDeltaBps !== null) return { ...base, stopPrice: toText(trailedFrom(bid, trailingDeltaBps, instrument)), trailingDeltaBps };
  if (wanted.stopPrice === null) return null;
  const pair = { ...base, stopPrice: toText(wanted.stopPrice) };
  return sellsAtMarket(instrument) ? pair : { ...pair, stopLimitPrice: limitBelow(wanted.stopPrice, policy, instrument) };
};

/** What guards `size` as wanted by the plan; null while it is not known where a stop that the console trails stands. */
export const askedFor = (plan: ExitPlan, wanted: Wanted, size: Qty, bid: Price, policy: Policy, instrument: Instrument): Asked | null => {
  const { takeProfit } = wanted;
  const text = toText(size);
  const wantsStop = plan.stopLoss !== undefined || plan.trailingDeltaBps !== undefined;
  if (takeProfit !== null && wantsStop) {
    const request = pairOf(wanted, takeProfit, text, bid, policy, instrument);
    return request === null ? null : { kind: 'oco', request };
  }
  const request = takeProfit === null ? stopOrder(wanted, text, policy, instrument) : profitOrder(takeProfit, text, instrument);
  return request === null ? null : { kind: 'order', request };
};

/**
 * What of a single order has to be different so that it is as wanted, or null where one request cannot make it so: it is of another
 * kind, or one of a pair is missing.
 */
export const changeOf = (set: GuardSet, wanted: Wanted, size: Qty, policy: Policy, instrument: Instrument): OrderChange | null => {
  const order = set.stop ?? set.limit;
  if (set.isList || order === null || set.orders.length !== 1 || !order.filledQty.isZero()) return null;
  const sized: OrderChange = { qty: toText(size) };
  if (set.stop !== null) {
    if (wanted.takeProfit !== null) return null;
    if (order.trailingDeltaBps !== null) return order.trailingDeltaBps === wanted.trailingDeltaBps ? sized : null;
    if (wanted.stopPrice === null || wanted.trailingDeltaBps !== null) return null;
    const limit = order.type === 'STOP_LOSS_LIMIT' ? { price: limitBelow(wanted.stopPrice, policy, instrument) } : {};
    return { ...sized, stopPrice: toText(wanted.stopPrice), ...limit };
  }
  if (wanted.takeProfit === null || wanted.stopPrice !== null || wanted.trailingDeltaBps !== null || order.type !== 'LIMIT') return null;
  return { ...sized, price: toText(wanted.takeProfit) };
};

/** A sale of everything at once, at market. */
export const saleOf = (size: Qty, instrument: Instrument): OrderRequest => ({
  symbol: instrument.symbol,
  side: 'SELL',
  type: 'MARKET',
  qty: toText(size),
  reduceOnly: true,
});

/** The plan of the policy for a position that has none (B5): from its entry, or from the price of now where that is beyond already. */
export const policyPlan = (entry: Price, bid: Price, policy: Policy, instrument: Instrument): ExitPlan => {
  const { stopLossPct, takeProfitPct } = policy.protection;
  const below = (from: Decimal): Decimal => floorTo(from.times(new Decimal(PERCENT).minus(stopLossPct)).div(PERCENT), instrument.tick);
  const above = (from: Decimal): Decimal => ceilTo(from.times(new Decimal(PERCENT).plus(takeProfitPct)).div(PERCENT), instrument.tick);
  return {
    stopLoss: toText(below(entry).lt(bid) ? below(entry) : below(bid)),
    takeProfit: toText(above(entry).gt(bid) ? above(entry) : above(bid)),
  };
};
