// Public operations: server, exchange information and market data (rest-api.md, "General" and "Market Data endpoints").
// They read the core and change nothing.
import type { KlineInterval, Ticker24h } from '../core/types.ts';
import { publicOperation, type Venue } from './operation.ts';
import { may, need, type RawParams } from './params.ts';
import { Refusal, refusals } from './refusal.ts';

const DEFAULT_ROWS = 500;
const MAX_ROWS = 1000;

/** Rows to give: 500 unless told, at most 1000. */
export const rows = (limit: number | undefined): number => Math.min(limit ?? DEFAULT_ROWS, MAX_ROWS);

type Named = { readonly symbol?: string; readonly symbols?: readonly string[] };

/** The symbols asked for, all of them when none is named, or -1121. */
function asked(venue: Venue, { symbol, symbols }: Named): readonly string[] | Refusal {
  if (symbol !== undefined && symbols !== undefined) return refusals.badCombination();
  const wanted = symbol === undefined ? (symbols ?? venue.core.symbols()) : [symbol];
  return wanted.every((each) => venue.core.hasSymbol(each)) ? wanted : refusals.badSymbol();
}

/** One row for `symbol`, an array for `symbols` or none. */
function perSymbol(venue: Venue, named: Named, row: (symbol: string) => unknown): unknown {
  const symbols = asked(venue, named);
  if (symbols instanceof Refusal) return symbols;
  return named.symbol === undefined ? symbols.map(row) : row(named.symbol);
}

const known = (venue: Venue, symbol: string, read: () => unknown): unknown =>
  venue.core.hasSymbol(symbol) ? read() : refusals.badSymbol();

function depthWeight(raw: RawParams): number {
  const limit = Number(raw.get('limit') ?? 100);
  return limit <= 100 ? 5 : limit <= 500 ? 25 : limit <= 1000 ? 50 : 250;
}

const tickerWeight = (raw: RawParams): number => (raw.has('symbol') ? 2 : 4);

function ticker24hWeight(raw: RawParams): number {
  if (raw.has('symbol')) return 2;
  const symbols = raw.get('symbols');
  const count = symbols === undefined ? Number.POSITIVE_INFINITY : symbols.split(',').length;
  return count <= 20 ? 2 : count <= 100 ? 40 : 80;
}

function miniTicker(full: Ticker24h): unknown {
  const { symbol, openPrice, highPrice, lowPrice, lastPrice, volume, quoteVolume, openTime, closeTime, firstId, lastId, count } = full;
  return { symbol, openPrice, highPrice, lowPrice, lastPrice, volume, quoteVolume, openTime, closeTime, firstId, lastId, count };
}

export const ping = publicOperation(1, {}, () => ({}));

export const time = publicOperation(1, {}, (venue) => ({ serverTime: venue.nowMs() }));

/** `rateLimits` of exchangeInfo, from the limits that are in force. */
export function rateLimitTable({ limits }: Venue): readonly object[] {
  const { weightPerMinute, ordersPer10s, ordersPerDay, rawRequestsPer5Min } = limits.settings;
  return [
    { rateLimitType: 'REQUEST_WEIGHT', interval: 'MINUTE', intervalNum: 1, limit: weightPerMinute },
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersPer10s },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: ordersPerDay },
    { rateLimitType: 'RAW_REQUESTS', interval: 'MINUTE', intervalNum: 5, limit: rawRequestsPer5Min },
  ];
}

const exchangeInfoSpecs = {
  symbol: may.symbol,
  symbols: may.symbols,
  permissions: may.texts,
  showPermissionSets: may.boolean,
  symbolStatus: may.symbolStatus,
};
export const exchangeInfo = publicOperation(20, exchangeInfoSpecs, (venue, p) => {
  const one = p.symbol ?? p.symbols;
  if (one !== undefined && (p.permissions !== undefined || p.symbolStatus !== undefined)) return refusals.badCombination();
  const symbols = asked(venue, p);
  if (symbols instanceof Refusal) return symbols;
  const wanted = new Set<unknown>(symbols);
  const spot = p.permissions === undefined || p.permissions.includes('SPOT');
  const whole = venue.core.exchangeInfo(venue.nowMs());
  const chosen = whole.symbols
    .filter((each) => spot && wanted.has(each['symbol']))
    .filter((each) => p.symbolStatus === undefined || each['status'] === p.symbolStatus)
    .map((each) => (p.showPermissionSets === false ? { ...each, permissionSets: [] } : each));
  return { ...whole, rateLimits: rateLimitTable(venue), symbols: chosen };
});

const depthSpecs = { symbol: need.symbol, limit: may.count, symbolStatus: may.symbolStatus };
export const depth = publicOperation(depthWeight, depthSpecs, (venue, p) =>
  known(venue, p.symbol, () => venue.core.depth(p.symbol, Math.min(p.limit ?? 100, 5000))),
);

export const trades = publicOperation(25, { symbol: need.symbol, limit: may.count }, (venue, p) =>
  known(venue, p.symbol, () => venue.core.trades(p.symbol, { limit: rows(p.limit) })),
);

const historicalSpecs = { symbol: need.symbol, limit: may.count, fromId: may.long };
export const historicalTrades = publicOperation(25, historicalSpecs, (venue, p) =>
  known(venue, p.symbol, () => venue.core.trades(p.symbol, { ...p, limit: rows(p.limit) })),
);

const aggTradesSpecs = { symbol: need.symbol, fromId: may.long, startTime: may.time, endTime: may.time, limit: may.count };
export const aggTrades = publicOperation(4, aggTradesSpecs, (venue, p) =>
  known(venue, p.symbol, () => venue.core.aggTrades(p.symbol, { ...p, limit: rows(p.limit) })),
);

const klineSpecs = {
  symbol: need.symbol,
  interval: need.interval,
  startTime: may.time,
  endTime: may.time,
  timeZone: may.text,
  limit: may.count,
};
/** klines and uiKlines. Candles are cut in UTC only: any other timeZone is refused rather than answered wrongly. */
export const klines = publicOperation(2, klineSpecs, (venue, p) => {
  if (p.timeZone !== undefined && !UTC.has(p.timeZone)) return refusals.invalidData('timeZone');
  const interval: KlineInterval = p.interval;
  return known(venue, p.symbol, () => venue.core.klines(p.symbol, interval, { ...p, limit: rows(p.limit) }, venue.nowMs()));
});
const UTC = new Set(['0', '+0', '-0', '00:00', '0:00', '+00:00', '-00:00']);

export const avgPrice = publicOperation(2, { symbol: need.symbol }, (venue, p) =>
  known(venue, p.symbol, () => venue.core.avgPrice(p.symbol, venue.nowMs())),
);

const oneOrMore = { symbol: may.symbol, symbols: may.symbols, symbolStatus: may.symbolStatus };

export const ticker24hr = publicOperation(ticker24hWeight, { ...oneOrMore, type: may.tickerType }, (venue, p) => {
  const nowMs = venue.nowMs();
  return perSymbol(venue, p, (symbol) => {
    const full = venue.core.ticker24h(symbol, nowMs);
    return p.type === 'MINI' ? miniTicker(full) : full;
  });
});

export const tickerPrice = publicOperation(tickerWeight, oneOrMore, (venue, p) =>
  perSymbol(venue, p, (symbol) => ({ symbol, price: venue.core.lastPrice(symbol) ?? '0.00000000' })),
);

export const bookTicker = publicOperation(tickerWeight, oneOrMore, (venue, p) =>
  perSymbol(venue, p, (symbol) => venue.core.bookTicker(symbol)),
);
