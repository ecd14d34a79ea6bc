// From a request to an order draft: which parameters an order type needs and refuses, and the filters of the symbol, with
// Binance's codes and messages. Amounts are scaled integers here; nothing is rounded, off-grid values are refused.
import { REFUSAL, accept, filterFailure, missing, missingEither, notRequired, refusal, refuse } from './errors.ts';
import type { Instrument } from './instrument.ts';
import { DEFAULT_STP } from './instruments.ts';
import { isContingent, isMarket, triggersUpwards, type OrderDraft } from './order.ts';
import type { ApiError, OrderLeg, OrderType, Result, Side, StpMode } from './types.ts';
import { UNITS_BIG, parseUnits } from './units.ts';

/** What the filters ask the market. */
export interface PriceReference {
  /** Average over the minutes, else the last price, in 1e-8; undefined before the first trade. */
  averageUnits(mins: number): bigint | undefined;
}

export interface DraftRequest extends OrderLeg {
  readonly side: Side;
  readonly quantity?: string;
  readonly quoteOrderQty?: string;
  readonly selfTradePreventionMode?: StpMode;
}

type Param = 'timeInForce' | 'quantity' | 'quoteOrderQty' | 'price' | 'stopPrice' | 'trailingDelta';
interface Rules {
  readonly needs: readonly Param[];
  readonly refuses: readonly Param[];
}

/** rest-api.md, "New order", additional mandatory parameters. Contingent types also need `stopPrice` or `trailingDelta`. */
const RULES: Readonly<Record<OrderType, Rules>> = {
  LIMIT: { needs: ['timeInForce', 'quantity', 'price'], refuses: ['quoteOrderQty', 'stopPrice', 'trailingDelta'] },
  LIMIT_MAKER: { needs: ['quantity', 'price'], refuses: ['timeInForce', 'quoteOrderQty', 'stopPrice', 'trailingDelta'] },
  MARKET: { needs: [], refuses: ['timeInForce', 'price', 'stopPrice', 'trailingDelta'] },
  STOP_LOSS: { needs: ['quantity'], refuses: ['timeInForce', 'quoteOrderQty', 'price'] },
  STOP_LOSS_LIMIT: { needs: ['timeInForce', 'quantity', 'price'], refuses: ['quoteOrderQty'] },
  TAKE_PROFIT: { needs: ['quantity'], refuses: ['timeInForce', 'quoteOrderQty', 'price'] },
  TAKE_PROFIT_LIMIT: { needs: ['timeInForce', 'quantity', 'price'], refuses: ['quoteOrderQty'] },
};

/**
 * Checks one order or list leg by itself. `prefix` ('above', 'pendingBelow', …) only names the parameters in messages. Not checked
 * here, because they need the account or the book: counts, position, balance, immediate match, immediate trigger.
 */
export function draftOrder(instrument: Instrument, request: DraftRequest, reference: PriceReference, prefix = ''): Result<OrderDraft> {
  const present = checkPresence(request, prefix);
  if (present !== undefined) return refusal(present);
  const amounts = readAmounts(request, prefix);
  if (!amounts.ok) return amounts;
  const failure = checkFilters(instrument, request, amounts.value, reference);
  if (failure !== undefined) return filterFailure(failure);
  const { price, stopPrice, quantity, quoteOrderQty } = amounts.value;
  return accept({
    clientOrderId: request.clientOrderId,
    side: request.side,
    type: request.type,
    timeInForce: request.timeInForce ?? 'GTC',
    priceTicks: price / instrument.tickUnits,
    stopTicks: stopPrice / instrument.tickUnits,
    trailingDelta: request.trailingDelta ?? 0,
    qtyLots: quantity / instrument.lotUnits,
    quoteOrderQtyUnits: quoteOrderQty,
    stp: request.selfTradePreventionMode ?? DEFAULT_STP,
    strategyId: request.strategyId,
    strategyType: request.strategyType,
  });
}

function named(prefix: string, param: string): string {
  return prefix === '' ? param : prefix + param.charAt(0).toUpperCase() + param.slice(1);
}

function checkPresence(request: DraftRequest, prefix: string): ApiError | undefined {
  const rules = RULES[request.type];
  for (const param of rules.needs) if (request[param] === undefined) return missing(named(prefix, param)).error;
  for (const param of rules.refuses) if (request[param] !== undefined) return notRequired(named(prefix, param)).error;
  if (isContingent(request.type) && request.stopPrice === undefined && request.trailingDelta === undefined) {
    return missingEither(named(prefix, 'stopPrice'), named(prefix, 'trailingDelta')).error;
  }
  if (request.type === 'MARKET') {
    if (request.quantity === undefined && request.quoteOrderQty === undefined) return missingEither('quantity', 'quoteOrderQty').error;
    if (request.quantity !== undefined && request.quoteOrderQty !== undefined) return REFUSAL.badCombination;
  }
  if (request.strategyType !== undefined && request.strategyType < 1_000_000) return REFUSAL.badStrategyType;
  if (request.icebergQty !== undefined && parseUnits(request.icebergQty) !== 0) return REFUSAL.iceberg;
  return undefined;
}

/** In units of 1e-8; 0 where absent. */
interface Amounts {
  readonly quantity: number;
  readonly quoteOrderQty: number;
  readonly price: number;
  readonly stopPrice: number;
}

function readAmounts(request: DraftRequest, prefix: string): Result<Amounts> {
  const amounts = { quantity: 0, quoteOrderQty: 0, price: 0, stopPrice: 0 };
  for (const param of ['quantity', 'quoteOrderQty', 'price', 'stopPrice'] as const) {
    const text = request[param];
    if (text === undefined) continue;
    const units = parseUnits(text);
    if (units === 'tooPrecise') return refuse(-1111, `Parameter '${named(prefix, param)}' has too much precision.`);
    if (units === 'malformed') return missing(named(prefix, param));
    if (units === 0) return refusal(param === 'price' || param === 'stopPrice' ? REFUSAL.badPrice : REFUSAL.badQuantity);
    amounts[param] = units;
  }
  return accept(amounts);
}

/** The name of the first filter that fails, in Binance's order. */
function checkFilters(instrument: Instrument, request: DraftRequest, amounts: Amounts, reference: PriceReference): string | undefined {
  if (amounts.price > 0 && !passesPrice(instrument, amounts.price)) return 'PRICE_FILTER';
  if (amounts.stopPrice > 0 && !passesPrice(instrument, amounts.stopPrice)) return 'PRICE_FILTER';
  if (amounts.price > 0 && !passesPercentPrice(instrument, request.side, amounts.price, reference)) return 'PERCENT_PRICE_BY_SIDE';
  if (amounts.quantity > 0) {
    if (!within(amounts.quantity, instrument.minLotUnits, instrument.maxLotUnits, instrument.lotUnits)) return 'LOT_SIZE';
    const { min, max, step } = instrument.marketLot;
    if (isMarket(request.type) && !within(amounts.quantity, min, max, step)) return 'MARKET_LOT_SIZE';
  }
  if (!passesTrailing(instrument, request)) return 'TRAILING_DELTA';
  if (!passesNotional(instrument, request.type, amounts, reference)) return 'NOTIONAL';
  return undefined;
}

/** 0 switches a rule off. */
function within(units: number, min: number, max: number, step: number): boolean {
  return units >= min && (max === 0 || units <= max) && (step === 0 || units % step === 0);
}

function passesPrice(instrument: Instrument, units: number): boolean {
  return within(units, instrument.minPriceUnits, instrument.maxPriceUnits, instrument.tickUnits);
}

function passesPercentPrice(instrument: Instrument, side: Side, units: number, reference: PriceReference): boolean {
  const average = reference.averageUnits(instrument.spec.percentPriceBySide.avgPriceMins);
  if (average === undefined) return true;
  const { bidUp, bidDown, askUp, askDown } = instrument.percent;
  const price = BigInt(units) * UNITS_BIG;
  return side === 'BUY' ? price <= average * bidUp && price >= average * bidDown : price <= average * askUp && price >= average * askDown;
}

function passesTrailing(instrument: Instrument, request: DraftRequest): boolean {
  const delta = request.trailingDelta;
  if (delta === undefined) return true;
  const { minAbove, maxAbove, minBelow, maxBelow } = instrument.spec.trailingDelta;
  return triggersUpwards(request.side, request.type) ? delta >= minAbove && delta <= maxAbove : delta >= minBelow && delta <= maxBelow;
}

/** MARKET orders are valued at the average price; contingent market orders at their stop, else the average too. */
function passesNotional(instrument: Instrument, type: OrderType, amounts: Amounts, reference: PriceReference): boolean {
  const { applyMinToMarket, applyMaxToMarket, avgPriceMins } = instrument.spec.notional;
  const market = isMarket(type);
  const notional = amounts.quoteOrderQty > 0 ? BigInt(amounts.quoteOrderQty) : notionalOf(amounts, reference.averageUnits(avgPriceMins));
  if (notional === undefined) return true;
  if ((!market || applyMinToMarket) && notional < instrument.minNotional) return false;
  return (market && !applyMaxToMarket) || instrument.maxNotional === 0n || notional <= instrument.maxNotional;
}

function notionalOf(amounts: Amounts, average: bigint | undefined): bigint | undefined {
  const price = amounts.price > 0 ? amounts.price : amounts.stopPrice;
  const units = price > 0 ? BigInt(price) : average;
  return units === undefined ? undefined : (units * BigInt(amounts.quantity)) / UNITS_BIG;
}
