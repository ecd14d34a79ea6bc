// One order and one picture, made ready for the limits: the mark found, the order valued at its worst, its place in a list noted. It
// decides nothing.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Money, Price } from '../../src-shared/domain/money.ts';
import { isConditional } from '../../src-shared/domain/order.ts';
import type { ListRole, OrderRequest } from '../../src-shared/domain/order.ts';
import { invariant } from '../../src-shared/errors/result.ts';
import { compilePolicy } from '../../src-shared/policy/compiled.ts';
import type { CompiledPolicy } from '../../src-shared/policy/compiled.ts';
import type { Asked } from './asked.ts';
import { isAbove, isAtLeast, isAtMost, isPositive } from './compare.ts';
import type { GatePicture, GateQuote } from './picture.ts';
import { rulesOf } from './rules.ts';
import type { Rules } from './rules.ts';

/**
 * How the limits look at an order. flatten: the emergency stop's own sale of a position, while the stop is tripped. protection: the
 * engine's own guard of a position, which only sells. exit: an order that comes to life when its entry is filled; it asks for nothing
 * yet but that the venue takes it.
 */
export type Standing = 'order' | 'flatten' | 'protection' | 'exit';

/** What the request that an order belongs to adds to the symbol's counts at the venue: resting, conditional, lists, buys. */
export interface Adds {
  readonly orders: number;
  readonly algos: number;
  readonly lists: number;
  readonly buys: number;
}

/** An order's place: by itself, or among the orders of a list. */
export interface Place {
  readonly standing: Standing;
  readonly role: ListRole | null;
  readonly adds: Adds;
  /** Exits: the prices at which the entry may open the position. */
  readonly entryPrices: readonly Decimal[];
  /** Exits: the entry waits for a price of its own, so that the market of now says nothing of theirs. */
  readonly entryWaits: boolean;
}

export interface GateContext extends Asked, Place {
  readonly request: OrderRequest;
  readonly picture: GatePicture;
  readonly policy: CompiledPolicy;
  readonly rules: Rules | null;
  /** Spot: a buy opens, a sell only reduces (it is capped to the position). */
  readonly opens: boolean;
  /** Twice the mark, and the mark is the middle of bid and ask, else the last price (C2). Twice, because halving costs and few look. */
  readonly twiceMark: Decimal | null;
  /** The lowest and the highest price that the largest deviation allows (C2). */
  readonly lowest: Decimal | null;
  readonly highest: Decimal | null;
  /** Best quotes, where they make sense. */
  readonly bid: Price | null;
  readonly ask: Price | null;
  /** What the order is expected to be worth, as the venue values it: its limit price, else its trigger, else the far touch. */
  readonly likelyUsdt: Money | null;
  /** What the order may be worth at most (`valueOf`). It is what the order counts for while it is in flight. */
  readonly worstUsdt: Money | null;
  /** The fee on that, at the larger of the maker and taker rates. */
  readonly feeUsdt: Money | null;
  /** The day's loss with the fee of an opening: it is lost the moment the order fills. */
  readonly dayLossAfterUsdt: Money | null;
  /** An opening: what stands in its symbol and in all with it, at its worst. */
  readonly symbolAfterUsdt: Money | null;
  readonly totalAfterUsdt: Money | null;
  /** Each within the smallest share of equity that any limit allows it; false also where that is not known. */
  readonly symbolFits: boolean;
  readonly totalFits: boolean;
}

const HALF = new Decimal('0.5');
export const markOf = (twiceMark: Decimal): Decimal => twiceMark.times(HALF);

const BASIS_POINTS = new Decimal(10_000);
/** 1 + and 1 − so many basis points. */
export const upBy = (bps: number): Decimal => BASIS_POINTS.plus(bps).div(BASIS_POINTS);
export const downBy = (bps: number): Decimal => BASIS_POINTS.minus(bps).div(BASIS_POINTS);

/** What one order adds; a market order never rests. */
export const addsOf = ({ type, side }: OrderRequest): Adds => {
  if (side === 'SELL') return type === 'MARKET' ? MARKET_SALE : isConditional(type) ? CONDITIONAL_SALE : LIMIT_SALE;
  return type === 'MARKET' ? MARKET_BUY : isConditional(type) ? CONDITIONAL_BUY : LIMIT_BUY;
};
const MARKET_BUY: Adds = { orders: 0, algos: 0, lists: 0, buys: 1 };
const LIMIT_BUY: Adds = { orders: 1, algos: 0, lists: 0, buys: 1 };
const CONDITIONAL_BUY: Adds = { orders: 1, algos: 1, lists: 0, buys: 1 };
const MARKET_SALE: Adds = { orders: 0, algos: 0, lists: 0, buys: 0 };
const LIMIT_SALE: Adds = { orders: 1, algos: 0, lists: 0, buys: 0 };
const CONDITIONAL_SALE: Adds = { orders: 1, algos: 1, lists: 0, buys: 0 };

const NO_PRICES: readonly Decimal[] = [];
/** The place of an order that belongs to no list. */
export const aloneAs = (standing: Standing, request: OrderRequest): Place => ({
  standing,
  role: null,
  adds: addsOf(request),
  entryPrices: NO_PRICES,
  entryWaits: false,
});

const isSound = (quote: GateQuote): boolean => isPositive(quote.bid) && isAtLeast(quote.ask, quote.bid);

const twiceMarkOf = (quote: GateQuote | null, sound: boolean): Decimal | null => {
  if (quote === null) return null;
  if (sound) return quote.bid.plus(quote.ask);
  return quote.last !== null && isPositive(quote.last) ? quote.last.plus(quote.last) : null;
};

interface Value {
  readonly likely: Decimal;
  readonly worst: Decimal;
}

/**
 * What an order is worth, expected and at its worst:
 * - a market buy by amount: that amount, which the venue never exceeds;
 * - a buy with a limit price, triggered or not: its price, above which it never fills;
 * - a market buy: the ask, moved up by the largest deviation (C2);
 * - a buy at market once triggered: its trigger, moved up likewise: it fills after the price was there;
 * - a trailing one: it turns at most its distance above where the price is when it begins to trail, which is its trigger or the ask;
 *   then at market as above. The venue values it at its trigger, or at the price of now;
 * - a sell: the larger of its own price and the bid, because it fills at the better of them.
 */
const valueOf = (asked: Asked, buys: boolean, bid: Price | null, ask: Price | null, policy: CompiledPolicy): Value | null => {
  const { qty, quoteQty, price, stopPrice, trailingDeltaBps } = asked;
  if (quoteQty !== null) return { likely: quoteQty, worst: quoteQty };
  invariant(qty !== null, 'an order without an amount to spend has a quantity');
  const at = price ?? stopPrice ?? (buys ? ask : bid);
  if (at === null) return null;
  const likely = qty.times(at);
  if (!buys) return { likely, worst: bid !== null && isAbove(bid, at) ? qty.times(bid) : likely };
  if (price !== null) return { likely, worst: likely };
  if (trailingDeltaBps === null) return { likely, worst: likely.times(policy.deviationUp) };
  if (ask === null) return null;
  const from = isAbove(ask, at) ? ask : at;
  return { likely, worst: qty.times(from).times(upBy(trailingDeltaBps)).times(policy.deviationUp) };
};

const sumOf = (standing: Money | null, value: Value | null): Money | null =>
  standing === null || value === null ? null : (standing.plus(value.worst) as Money);

const isWithin = (after: Money | null, equity: Money | null, share: Decimal): boolean =>
  after !== null && equity !== null && isAtMost(after, equity.times(share));

/** On an old quote the engine's own guard is no wrong order: the venue knows the price, and a refusal says where it is. */
export const isForTheVenue = ({ standing, picture: { quote }, policy }: GateContext): boolean =>
  standing === 'protection' && quote !== null && quote.ageMs > policy.maxQuoteAgeMs;

/** Everything that the limits look at. Throws where the picture itself is impossible: the gate turns that into a denial. */
export const contextOf = (request: OrderRequest, asked: Asked, picture: GatePicture, place: Place): GateContext => {
  const { instrument, quote } = picture;
  invariant(instrument === null || instrument.symbol === request.symbol, 'the picture is of the symbol that is asked for');
  const policy = compilePolicy(picture.policy);
  const rules = instrument === null ? null : rulesOf(instrument);
  const opens = request.side === 'BUY';
  const sound = quote !== null && isSound(quote);
  const bid = sound ? quote.bid : null;
  const ask = sound ? quote.ask : null;
  const twiceMark = twiceMarkOf(quote, sound);
  const value = valueOf(asked, opens, bid, ask, policy);
  const feeUsdt = value === null || rules === null ? null : value.worst.times(rules.fee);
  const symbolAfterUsdt = opens ? sumOf(picture.exposure.symbolUsdt, value) : null;
  // Where nothing stands elsewhere the two are one number.
  const isAll = picture.exposure.totalUsdt === picture.exposure.symbolUsdt;
  const totalAfterUsdt = isAll ? symbolAfterUsdt : opens ? sumOf(picture.exposure.totalUsdt, value) : null;
  const symbolFits = isWithin(symbolAfterUsdt, picture.equityUsdt, isAll ? policy.leastShare : policy.leastSymbolShare);
  return {
    request,
    picture,
    policy,
    rules,
    opens,
    standing: place.standing,
    role: place.role,
    adds: place.adds,
    entryPrices: place.entryPrices,
    entryWaits: place.entryWaits,
    qty: asked.qty,
    quoteQty: asked.quoteQty,
    price: asked.price,
    stopPrice: asked.stopPrice,
    trailingDeltaBps: asked.trailingDeltaBps,
    twiceMark,
    lowest: twiceMark === null ? null : twiceMark.times(policy.halfDeviationDown),
    highest: twiceMark === null ? null : twiceMark.times(policy.halfDeviationUp),
    bid,
    ask,
    likelyUsdt: (value?.likely ?? null) as Money | null,
    worstUsdt: (value?.worst ?? null) as Money | null,
    feeUsdt: feeUsdt as Money | null,
    dayLossAfterUsdt: (!opens || feeUsdt === null || picture.dayLossUsdt === null
      ? null
      : picture.dayLossUsdt.plus(feeUsdt)) as Money | null,
    symbolAfterUsdt,
    totalAfterUsdt,
    symbolFits,
    totalFits: isAll ? symbolFits : isWithin(totalAfterUsdt, picture.equityUsdt, policy.leastTotalShare),
  };
};
