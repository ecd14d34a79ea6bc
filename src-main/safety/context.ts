// One order and one picture, made ready for the limits: texts parsed, the mark found, the order valued at its worst. It decides only
// whether the fields make an order at all.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { parseDecimal } from '../../src-shared/domain/money.ts';
import type { Money, Price, Qty } from '../../src-shared/domain/money.ts';
import type { OrderRequest, TimeInForce } from '../../src-shared/domain/order.ts';
import { invariant } from '../../src-shared/errors/result.ts';
import { compilePolicy } from '../../src-shared/policy/compiled.ts';
import type { CompiledPolicy } from '../../src-shared/policy/compiled.ts';
import type { GatePicture, GateQuote } from './picture.ts';
import { isAbove, isAtLeast, isPositive } from './compare.ts';
import { rulesOf } from './rules.ts';
import type { Rules } from './rules.ts';

/** The numbers of a request. Exactly one of `qty` and `quoteQty` is there; `price` is there for a limit order. */
export interface Asked {
  readonly qty: Qty | null;
  readonly quoteQty: Money | null;
  readonly price: Price | null;
}

export interface GateContext extends Asked {
  readonly request: OrderRequest;
  readonly picture: GatePicture;
  readonly policy: CompiledPolicy;
  readonly rules: Rules | null;
  /** Spot: a buy opens, a sell only reduces (it is capped to the position). */
  readonly opens: boolean;
  /** The emergency stop's own sale of a position, while the stop is tripped. */
  readonly flatten: boolean;
  /** Twice the mark, and the mark is the middle of bid and ask, else the last price (C2). Twice, because halving costs and few look. */
  readonly twiceMark: Decimal | null;
  /** The lowest and the highest price that the largest deviation allows (C2). */
  readonly lowest: Decimal | null;
  readonly highest: Decimal | null;
  /** Best quotes, where they make sense. */
  readonly bid: Price | null;
  readonly ask: Price | null;
  /** What the order is expected to be worth: its limit price, or the far touch. */
  readonly likelyUsdt: Money | null;
  /**
   * What the order may be worth at most. A limit buy: its price. A market buy: the ask moved up by the largest deviation (C2), or its
   * quote amount. A sell: the larger of its price and the bid. It is what the order counts for while it is in flight.
   */
  readonly worstUsdt: Money | null;
  /** The fee on that, at the larger of the maker and taker rates. */
  readonly feeUsdt: Money | null;
  /** The day's loss with the fee of an opening: it is lost the moment the order fills. */
  readonly dayLossAfterUsdt: Money | null;
}

const HALF = new Decimal('0.5');
export const markOf = (twiceMark: Decimal): Decimal => twiceMark.times(HALF);

/** Binance states quote amounts with at most 8 decimals (quoteAssetPrecision). */
const QUOTE_DECIMALS = 8;

const TIMES_IN_FORCE: ReadonlySet<TimeInForce> = new Set(['GTC', 'IOC', 'FOK', 'POST_ONLY']);

const positive = (text: string | undefined): Decimal | undefined => {
  const value = parseDecimal(text);
  return value !== undefined && isPositive(value) ? value : undefined;
};

const askedSize = (request: OrderRequest): Pick<Asked, 'qty' | 'quoteQty'> | string => {
  if ((request.qty === undefined) === (request.quoteQty === undefined))
    return 'An order has a quantity or an amount to spend: one of the two.';
  if (request.quoteQty === undefined) {
    const qty = positive(request.qty);
    return qty === undefined
      ? `The quantity ${JSON.stringify(request.qty)} is not a plain decimal above 0.`
      : { qty: qty as Qty, quoteQty: null };
  }
  if (request.type !== 'MARKET' || request.side !== 'BUY') return 'Only a market buy can be sized by the amount to spend.';
  const quoteQty = positive(request.quoteQty);
  if (quoteQty === undefined || quoteQty.decimalPlaces() > QUOTE_DECIMALS) {
    return `The amount ${JSON.stringify(request.quoteQty)} is not a plain decimal above 0 with at most ${QUOTE_DECIMALS} decimals.`;
  }
  return { qty: null, quoteQty: quoteQty as Money };
};

/** The request's numbers, or why it makes no order, in words. */
export const askedOf = (request: OrderRequest): Asked | string => {
  if (request.side !== 'BUY' && request.side !== 'SELL') return `The side ${JSON.stringify(request.side)} is neither BUY nor SELL.`;
  const size = askedSize(request);
  if (typeof size === 'string') return size;
  switch (request.type) {
    case 'MARKET':
      if (request.price !== undefined || request.timeInForce !== undefined)
        return 'A market order has neither a price nor a time in force.';
      return { ...size, price: null };
    case 'LIMIT': {
      const price = positive(request.price);
      if (price === undefined) return `The price ${JSON.stringify(request.price)} is not a plain decimal above 0.`;
      if (request.timeInForce !== undefined && !TIMES_IN_FORCE.has(request.timeInForce)) {
        return `The time in force ${JSON.stringify(request.timeInForce)} is none of ${[...TIMES_IN_FORCE].join(', ')}.`;
      }
      return { ...size, price: price as Price };
    }
    default:
      return `The order type ${JSON.stringify(request.type)} is neither MARKET nor LIMIT.`;
  }
};

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

const valueOf = (
  { qty, quoteQty, price }: Asked,
  buys: boolean,
  bid: Price | null,
  ask: Price | null,
  policy: CompiledPolicy,
): Value | null => {
  if (quoteQty !== null) return { likely: quoteQty, worst: quoteQty };
  invariant(qty !== null, 'an order without an amount to spend has a quantity');
  if (price !== null) {
    const likely = qty.times(price);
    return { likely, worst: !buys && bid !== null && isAbove(bid, price) ? qty.times(bid) : likely };
  }
  const touch = buys ? ask : bid;
  if (touch === null) return null;
  const likely = qty.times(touch);
  return { likely, worst: buys ? likely.times(policy.deviationUp) : likely };
};

/** Everything that the limits look at. Throws where the picture itself is impossible: the gate turns that into a denial. */
export const contextOf = (request: OrderRequest, asked: Asked, picture: GatePicture, flatten: boolean): GateContext => {
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
  return {
    request,
    picture,
    policy,
    rules,
    opens,
    flatten,
    qty: asked.qty,
    quoteQty: asked.quoteQty,
    price: asked.price,
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
  };
};
