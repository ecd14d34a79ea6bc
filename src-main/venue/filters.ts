// Instruments out of a raw exchangeInfo (BINANCE 6): ccxt's markets drop the market step, percent bands, order counts and flags, so
// they are read here. A filter that makes no sense makes the symbol unusable; it is never taken for "no rule".
import { z } from 'zod';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument, LotFilter, NotionalFilter, PercentPriceFilter } from '../../src-shared/domain/instrument.ts';
import { money, price, qty } from '../../src-shared/domain/money.ts';
import { decimalText } from './answers.ts';

export interface Fees {
  readonly makerFee: Decimal;
  readonly takerFee: Decimal;
}

const lotShape = z.object({ minQty: decimalText, maxQty: decimalText, stepSize: decimalText });
const count = z.int().nonnegative();
const minutes = z.int().nonnegative();

/** The filters that a validator applies; the others (icebergs, amendments) rule orders that this console does not place. */
const SHAPES = {
  PRICE_FILTER: z.object({ minPrice: decimalText, maxPrice: decimalText, tickSize: decimalText }),
  LOT_SIZE: lotShape,
  MARKET_LOT_SIZE: lotShape,
  PERCENT_PRICE: z.object({ multiplierUp: decimalText, multiplierDown: decimalText, avgPriceMins: minutes }),
  PERCENT_PRICE_BY_SIDE: z.object({
    bidMultiplierUp: decimalText,
    bidMultiplierDown: decimalText,
    askMultiplierUp: decimalText,
    askMultiplierDown: decimalText,
    avgPriceMins: minutes,
  }),
  MIN_NOTIONAL: z.object({ minNotional: decimalText, applyToMarket: z.boolean() }),
  NOTIONAL: z.object({
    minNotional: decimalText,
    applyMinToMarket: z.boolean(),
    maxNotional: decimalText,
    applyMaxToMarket: z.boolean(),
  }),
  MAX_NUM_ORDERS: z.object({ maxNumOrders: count }),
  MAX_NUM_ALGO_ORDERS: z.object({ maxNumAlgoOrders: count }),
  MAX_NUM_ORDER_LISTS: z.object({ maxNumOrderLists: count }),
  TRAILING_DELTA: z.object({
    minTrailingAboveDelta: count,
    maxTrailingAboveDelta: count,
    minTrailingBelowDelta: count,
    maxTrailingBelowDelta: count,
  }),
  MAX_POSITION: z.object({ maxPosition: decimalText }),
} as const;
type Shapes = typeof SHAPES;

const symbolRow = z.object({
  symbol: z.string().min(1).max(64),
  status: z.string(),
  baseAsset: z.string().min(1).max(64),
  quoteAsset: z.string().min(1).max(64),
  orderTypes: z.array(z.string()).max(100),
  filters: z.array(z.looseObject({ filterType: z.string() })).max(100),
});
export const exchangeInfo = z.object({ symbols: z.array(symbolRow).max(10_000) });
export type SymbolRow = z.output<typeof symbolRow>;

/** Throws ZodError where a filter is malformed, or the price or lot filter is missing; the caller turns that into a garbled answer. */
export const instrumentOf = (row: SymbolRow, fees: Fees): Instrument => {
  const find = <K extends keyof Shapes>(type: K): z.output<Shapes[K]> | undefined => {
    const filter = row.filters.find((each) => each.filterType === type);
    return filter === undefined ? undefined : (SHAPES[type].parse(filter) as z.output<Shapes[K]>);
  };
  const priceFilter = SHAPES.PRICE_FILTER.parse(find('PRICE_FILTER'));
  const lot = SHAPES.LOT_SIZE.parse(find('LOT_SIZE'));
  const marketLot = find('MARKET_LOT_SIZE');
  const maxPosition = find('MAX_POSITION');
  const trailing = find('TRAILING_DELTA');
  return {
    symbol: row.symbol as SymbolId,
    base: row.baseAsset as AssetId,
    quote: row.quoteAsset as AssetId,
    status: row.status === 'TRADING' || row.status === 'CANCEL_ONLY' ? row.status : 'HALTED',
    orderTypes: new Set(row.orderTypes),
    tick: price(priceFilter.tickSize),
    minPrice: price(priceFilter.minPrice),
    maxPrice: price(priceFilter.maxPrice),
    lot: lotFilter(lot),
    marketLot: marketLot === undefined ? undefined : lotFilter(marketLot),
    percentPrice: percentPrice(find('PERCENT_PRICE_BY_SIDE'), find('PERCENT_PRICE')),
    notional: notionalFilter(find('NOTIONAL'), find('MIN_NOTIONAL')),
    maxOrders: limitOf(find('MAX_NUM_ORDERS')?.maxNumOrders),
    maxAlgoOrders: limitOf(find('MAX_NUM_ALGO_ORDERS')?.maxNumAlgoOrders),
    maxOrderLists: limitOf(find('MAX_NUM_ORDER_LISTS')?.maxNumOrderLists),
    maxPositionQty: maxPosition === undefined ? undefined : qty(maxPosition.maxPosition),
    trailingDelta:
      trailing === undefined
        ? undefined
        : {
            minAboveBps: trailing.minTrailingAboveDelta,
            maxAboveBps: trailing.maxTrailingAboveDelta,
            minBelowBps: trailing.minTrailingBelowDelta,
            maxBelowBps: trailing.maxTrailingBelowDelta,
          },
    ...fees,
  };
};

const lotFilter = ({ minQty, maxQty, stepSize }: z.output<typeof lotShape>): LotFilter => ({
  minQty: qty(minQty),
  maxQty: qty(maxQty),
  stepQty: qty(stepSize),
});

const percentPrice = (
  bySide: z.output<Shapes['PERCENT_PRICE_BY_SIDE']> | undefined,
  both: z.output<Shapes['PERCENT_PRICE']> | undefined,
): PercentPriceFilter | undefined => {
  if (bySide !== undefined) {
    return {
      bidUp: new Decimal(bySide.bidMultiplierUp),
      bidDown: new Decimal(bySide.bidMultiplierDown),
      askUp: new Decimal(bySide.askMultiplierUp),
      askDown: new Decimal(bySide.askMultiplierDown),
      avgPriceMinutes: bySide.avgPriceMins,
    };
  }
  if (both === undefined) return undefined;
  const up = new Decimal(both.multiplierUp);
  const down = new Decimal(both.multiplierDown);
  return { bidUp: up, bidDown: down, askUp: up, askDown: down, avgPriceMinutes: both.avgPriceMins };
};

const notionalFilter = (
  both: z.output<Shapes['NOTIONAL']> | undefined,
  minOnly: z.output<Shapes['MIN_NOTIONAL']> | undefined,
): NotionalFilter | undefined => {
  if (both !== undefined) {
    return {
      minUsdt: money(both.minNotional),
      applyMinToMarket: both.applyMinToMarket,
      maxUsdt: new Decimal(both.maxNotional).isZero() ? undefined : money(both.maxNotional),
      applyMaxToMarket: both.applyMaxToMarket,
    };
  }
  if (minOnly === undefined) return undefined;
  return { minUsdt: money(minOnly.minNotional), applyMinToMarket: minOnly.applyToMarket, maxUsdt: undefined, applyMaxToMarket: false };
};

/** A count of 0 switches the rule off. */
const limitOf = (most: number | undefined): number | undefined => (most === 0 ? undefined : most);
