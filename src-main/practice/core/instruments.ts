// The symbols that the practice exchange lists, with the filters that Binance publishes for them, and their exchangeInfo JSON.
// Data only; the scaled form lives in instrument.ts.
import type { Instrument } from './instrument.ts';
import type { ExchangeLimits, InstrumentSpec, OrderType, StpMode } from './types.ts';

/** What differs between symbols; the rest is the same on Binance's large USDT pairs (BINANCE.md 6, sample of BTCUSDT). */
interface PairSpec {
  readonly base: string;
  readonly tick: string;
  readonly maxPrice: string;
  readonly step: string;
  readonly maxQty: string;
  readonly marketMaxQty: string;
  readonly referencePrice: string;
}

function usdtPair(pair: PairSpec): InstrumentSpec {
  return {
    symbol: `${pair.base}USDT`,
    baseAsset: pair.base,
    quoteAsset: 'USDT',
    price: { min: pair.tick, max: pair.maxPrice, tick: pair.tick },
    lot: { min: pair.step, max: pair.maxQty, step: pair.step },
    marketLot: { min: '0', max: pair.marketMaxQty, step: '0' },
    notional: { min: '5', max: '9000000', applyMinToMarket: true, applyMaxToMarket: false, avgPriceMins: 5 },
    percentPriceBySide: { bidUp: '5', bidDown: '0.2', askUp: '5', askDown: '0.2', avgPriceMins: 5 },
    trailingDelta: { minAbove: 10, maxAbove: 2000, minBelow: 10, maxBelow: 2000 },
    maxNumOrders: 200,
    maxNumAlgoOrders: 5,
    maxNumOrderLists: 20,
    referencePrice: pair.referencePrice,
  };
}

export const INSTRUMENTS: readonly InstrumentSpec[] = [
  { base: 'BTC', tick: '0.01', maxPrice: '1000000', step: '0.00001', maxQty: '9000', marketMaxQty: '97.09521512', referencePrice: '60000' },
  { base: 'ETH', tick: '0.01', maxPrice: '1000000', step: '0.0001', maxQty: '9000', marketMaxQty: '2357.34408702', referencePrice: '2600' },
  { base: 'BNB', tick: '0.01', maxPrice: '100000', step: '0.001', maxQty: '900000', marketMaxQty: '2918.22', referencePrice: '580' },
  { base: 'SOL', tick: '0.01', maxPrice: '10000', step: '0.001', maxQty: '90000', marketMaxQty: '44217.15', referencePrice: '150' },
].map(usdtPair);

/** What another exchange's market of a symbol looks like: plain decimals; the price is the one that it opens at. */
export interface Listing {
  readonly tick: string;
  readonly step: string;
  readonly price: string;
}

/**
 * Specs for the given symbols: the listed ones with their real filters, any other name (it must end in USDT) as a generic pair
 * around 100 USDT, for benches with many symbols ("SYM1USDT" … "SYM200USDT"). Throws RangeError on other names. `listings` say what
 * grid and price a symbol has instead.
 */
export function makeInstruments(symbols: readonly string[], listings: Readonly<Record<string, Listing>> = {}): InstrumentSpec[] {
  return symbols.map((symbol) => listedAs(specOf(symbol), listings[symbol]));
}

/** Coins that are worth little are held by the million; more than this cannot be counted (units.ts). */
const MOST_UNITS = '90000000';

const listedAs = (spec: InstrumentSpec, listing: Listing | undefined): InstrumentSpec =>
  listing === undefined
    ? spec
    : {
        ...spec,
        price: { ...spec.price, min: listing.tick, tick: listing.tick },
        lot: { min: listing.step, max: MOST_UNITS, step: listing.step },
        marketLot: { ...spec.marketLot, max: MOST_UNITS },
        referencePrice: listing.price,
      };

function specOf(symbol: string): InstrumentSpec {
  const listed = INSTRUMENTS.find((spec) => spec.symbol === symbol);
  if (listed !== undefined) return listed;
  const base = /^([A-Z0-9]{1,16})USDT$/.exec(symbol)?.[1];
  if (base === undefined) throw new RangeError(`the practice exchange lists only USDT pairs, not ${symbol}`);
  return usdtPair({
    base,
    tick: '0.01',
    maxPrice: '100000',
    step: '0.001',
    maxQty: '900000',
    marketMaxQty: '50000',
    referencePrice: '100',
  });
}

const ORDER_TYPES: readonly OrderType[] = [
  'LIMIT',
  'LIMIT_MAKER',
  'MARKET',
  'STOP_LOSS',
  'STOP_LOSS_LIMIT',
  'TAKE_PROFIT',
  'TAKE_PROFIT_LIMIT',
];
export const DEFAULT_STP: StpMode = 'EXPIRE_MAKER';
const STP_MODES: readonly StpMode[] = ['NONE', 'EXPIRE_TAKER', 'EXPIRE_MAKER', 'EXPIRE_BOTH'];

/** BINANCE.md 3. */
const RATE_LIMITS = [
  { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: 6000 },
  { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 100 },
  { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: 200_000 },
  { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: 300_000 },
] as const;

export type ExchangeInfo = ReturnType<typeof exchangeInfoJson>;

/** GET exchangeInfo for all symbols. */
export function exchangeInfoJson(instruments: Iterable<Instrument>, limits: ExchangeLimits, nowMs: number) {
  return {
    timezone: 'UTC',
    serverTime: nowMs,
    rateLimits: RATE_LIMITS,
    exchangeFilters: exchangeFilters(limits),
    symbols: Array.from(instruments, symbolJson),
  };
}

function exchangeFilters(limits: ExchangeLimits): object[] {
  const filters: object[] = [];
  if (limits.maxNumOrders) filters.push({ filterType: 'EXCHANGE_MAX_NUM_ORDERS', maxNumOrders: limits.maxNumOrders });
  if (limits.maxNumAlgoOrders) filters.push({ filterType: 'EXCHANGE_MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: limits.maxNumAlgoOrders });
  if (limits.maxNumOrderLists) filters.push({ filterType: 'EXCHANGE_MAX_NUM_ORDER_LISTS', maxNumOrderLists: limits.maxNumOrderLists });
  return filters;
}

function symbolJson(instrument: Instrument) {
  return {
    symbol: instrument.symbol,
    status: instrument.status,
    baseAsset: instrument.base,
    baseAssetPrecision: 8,
    quoteAsset: instrument.quote,
    quotePrecision: 8,
    quoteAssetPrecision: 8,
    baseCommissionPrecision: 8,
    quoteCommissionPrecision: 8,
    orderTypes: ORDER_TYPES,
    icebergAllowed: false,
    ocoAllowed: true,
    otoAllowed: true,
    opoAllowed: false,
    quoteOrderQtyMarketAllowed: true,
    allowTrailingStop: true,
    cancelReplaceAllowed: true,
    amendAllowed: false,
    pegInstructionsAllowed: false,
    isSpotTradingAllowed: true,
    isMarginTradingAllowed: false,
    filters: symbolFilters(instrument.spec),
    permissions: [],
    permissionSets: [['SPOT']],
    defaultSelfTradePreventionMode: DEFAULT_STP,
    allowedSelfTradePreventionModes: STP_MODES,
  };
}

function symbolFilters(spec: InstrumentSpec): object[] {
  const percent = spec.percentPriceBySide;
  const trailing = spec.trailingDelta;
  const filters: object[] = [
    { filterType: 'PRICE_FILTER', minPrice: eight(spec.price.min), maxPrice: eight(spec.price.max), tickSize: eight(spec.price.tick) },
    { filterType: 'LOT_SIZE', minQty: eight(spec.lot.min), maxQty: eight(spec.lot.max), stepSize: eight(spec.lot.step) },
    {
      filterType: 'MARKET_LOT_SIZE',
      minQty: eight(spec.marketLot.min),
      maxQty: eight(spec.marketLot.max),
      stepSize: eight(spec.marketLot.step),
    },
    {
      filterType: 'TRAILING_DELTA',
      minTrailingAboveDelta: trailing.minAbove,
      maxTrailingAboveDelta: trailing.maxAbove,
      minTrailingBelowDelta: trailing.minBelow,
      maxTrailingBelowDelta: trailing.maxBelow,
    },
    {
      filterType: 'PERCENT_PRICE_BY_SIDE',
      bidMultiplierUp: percent.bidUp,
      bidMultiplierDown: percent.bidDown,
      askMultiplierUp: percent.askUp,
      askMultiplierDown: percent.askDown,
      avgPriceMins: percent.avgPriceMins,
    },
    {
      filterType: 'NOTIONAL',
      minNotional: eight(spec.notional.min),
      applyMinToMarket: spec.notional.applyMinToMarket,
      maxNotional: eight(spec.notional.max),
      applyMaxToMarket: spec.notional.applyMaxToMarket,
      avgPriceMins: spec.notional.avgPriceMins,
    },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: spec.maxNumOrders },
    { filterType: 'MAX_NUM_ORDER_LISTS', maxNumOrderLists: spec.maxNumOrderLists },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: spec.maxNumAlgoOrders },
  ];
  if (spec.maxPosition !== undefined) filters.push({ filterType: 'MAX_POSITION', maxPosition: eight(spec.maxPosition) });
  return filters;
}

/** "0.01" as exchangeInfo prints it: "0.01000000". */
function eight(text: string): string {
  const [whole, fraction = ''] = text.split('.');
  return `${whole}.${fraction.padEnd(8, '0')}`;
}
