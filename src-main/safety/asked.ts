// The fields of a request as numbers, or in words why they make no order. It knows which fields each type of order has and which it
// must not have; it knows nothing of prices, balances or limits.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import { parseDecimal } from '../../src-shared/domain/money.ts';
import type { Money, Price, Qty } from '../../src-shared/domain/money.ts';
import { hasPrice, isConditional } from '../../src-shared/domain/order.ts';
import type { ExitPlan, OrderRequest, OrderType, TimeInForce } from '../../src-shared/domain/order.ts';
import { isAtLeast, isPositive } from './compare.ts';

/** The numbers of a request. Exactly one of `qty` and `quoteQty` is there; the others where the type has them. */
export interface Asked {
  readonly qty: Qty | null;
  readonly quoteQty: Money | null;
  readonly price: Price | null;
  readonly stopPrice: Price | null;
  /** Basis points. */
  readonly trailingDeltaBps: number | null;
}

/** Binance states quote amounts with at most 8 decimals (quoteAssetPrecision). */
const QUOTE_DECIMALS = 8;
const MAX_TRAILING_BPS = 10_000;

const TYPES: ReadonlySet<OrderType> = new Set(['MARKET', 'LIMIT', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT']);
const TIMES_IN_FORCE: ReadonlySet<TimeInForce> = new Set(['GTC', 'IOC', 'FOK', 'POST_ONLY']);

const positive = (text: string | undefined): Decimal | undefined => {
  const value = parseDecimal(text);
  return value !== undefined && isPositive(value) ? value : undefined;
};

const noNumber = (what: string, text: unknown): string => `The ${what} ${JSON.stringify(text)} is not a plain decimal above 0.`;

const askedSize = (request: OrderRequest): Pick<Asked, 'qty' | 'quoteQty'> | string => {
  if ((request.qty === undefined) === (request.quoteQty === undefined))
    return 'An order has a quantity or an amount to spend: one of the two.';
  if (request.quoteQty === undefined) {
    const qty = positive(request.qty);
    return qty === undefined ? noNumber('quantity', request.qty) : { qty: qty as Qty, quoteQty: null };
  }
  if (request.type !== 'MARKET' || request.side !== 'BUY') return 'Only a market buy can be sized by the amount to spend.';
  const quoteQty = positive(request.quoteQty);
  if (quoteQty === undefined || quoteQty.decimalPlaces() > QUOTE_DECIMALS) {
    return `The amount ${JSON.stringify(request.quoteQty)} is not a plain decimal above 0 with at most ${QUOTE_DECIMALS} decimals.`;
  }
  return { qty: null, quoteQty: quoteQty as Money };
};

const askedPrice = ({ type, price, timeInForce }: OrderRequest): Price | null | string => {
  if (!hasPrice(type)) {
    if (price === undefined && timeInForce === undefined) return null;
    return type === 'MARKET'
      ? 'A market order has neither a price nor a time in force.'
      : `${type} trades at market once triggered: it has neither a price nor a time in force.`;
  }
  const value = positive(price);
  if (value === undefined) return noNumber('price', price);
  if (timeInForce !== undefined && !TIMES_IN_FORCE.has(timeInForce)) {
    return `The time in force ${JSON.stringify(timeInForce)} is none of ${[...TIMES_IN_FORCE].join(', ')}.`;
  }
  if (timeInForce === 'POST_ONLY' && type !== 'LIMIT') return 'Only a plain limit order can be post-only.';
  return value as Price;
};

const isBasisPoints = (value: number): boolean => Number.isInteger(value) && value >= 1 && value <= MAX_TRAILING_BPS;
const noDistance = (value: unknown): string =>
  `The trailing distance ${JSON.stringify(value)} is not a whole number of basis points from 1 to ${MAX_TRAILING_BPS}.`;

const askedTrigger = ({ type, stopPrice, trailingDeltaBps }: OrderRequest): Pick<Asked, 'stopPrice' | 'trailingDeltaBps'> | string => {
  if (!isConditional(type)) {
    if (stopPrice === undefined && trailingDeltaBps === undefined) return NO_TRIGGER;
    return `${type} waits for no price: a trigger or a trailing distance belongs to STOP_LOSS, TAKE_PROFIT and their limit forms.`;
  }
  if (stopPrice === undefined && trailingDeltaBps === undefined)
    return `${type} needs the price that triggers it, or a distance to trail by.`;
  if (trailingDeltaBps !== undefined && !isBasisPoints(trailingDeltaBps)) return noDistance(trailingDeltaBps);
  const stop = positive(stopPrice);
  if (stopPrice !== undefined && stop === undefined) return noNumber('trigger', stopPrice);
  return { stopPrice: (stop ?? null) as Price | null, trailingDeltaBps: trailingDeltaBps ?? null };
};

const NO_TRIGGER: Pick<Asked, 'stopPrice' | 'trailingDeltaBps'> = Object.freeze({ stopPrice: null, trailingDeltaBps: null });

/** Why a plan protects nothing, in words; empty when it makes sense. */
export const planProblem = (plan: ExitPlan): string => {
  const { stopLoss, trailingDeltaBps, takeProfit } = plan;
  if (stopLoss === undefined && trailingDeltaBps === undefined && takeProfit === undefined)
    return 'Protection needs a stop loss, a trailing stop or a take profit.';
  if (stopLoss !== undefined && trailingDeltaBps !== undefined) return 'A stop loss and a trailing stop exclude each other.';
  if (trailingDeltaBps !== undefined && !isBasisPoints(trailingDeltaBps)) return noDistance(trailingDeltaBps);
  const [stop, profit] = [positive(stopLoss), positive(takeProfit)];
  if (stopLoss !== undefined && stop === undefined) return noNumber('stop loss', stopLoss);
  if (takeProfit !== undefined && profit === undefined) return noNumber('take profit', takeProfit);
  if (stop !== undefined && profit !== undefined && isAtLeast(stop, profit)) return 'The stop loss lies below the take profit.';
  return '';
};

/** The request's numbers, or why it makes no order, in words. */
export const askedOf = (request: OrderRequest): Asked | string => {
  const { side, type, exits } = request;
  if (side !== 'BUY' && side !== 'SELL') return `The side ${JSON.stringify(side)} is neither BUY nor SELL.`;
  if (!TYPES.has(type)) return `The order type ${JSON.stringify(type)} is none of ${[...TYPES].join(', ')}.`;
  const size = askedSize(request);
  if (typeof size === 'string') return size;
  const price = askedPrice(request);
  if (typeof price === 'string') return price;
  const trigger = askedTrigger(request);
  if (typeof trigger === 'string') return trigger;
  if (exits !== undefined) {
    if (side !== 'BUY') return 'Only a buy opens a position that exits could protect.';
    const problem = planProblem(exits);
    if (problem !== '') return problem;
  }
  return { qty: size.qty, quoteQty: size.quoteQty, price, stopPrice: trigger.stopPrice, trailingDeltaBps: trigger.trailingDeltaBps };
};
