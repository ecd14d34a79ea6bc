// What the practice exchange publishes: depth numbering, quotes, trades, aggregate trades, candles, averages, 24 h statistics.
import { describe, expect, it } from 'vitest';
import { candleBounds } from '../../../src-main/practice/core/candles.ts';
import type { AggTradePayload, DepthUpdatePayload, KlinePayload } from '../../../src-main/practice/core/types.ts';
import { fixture, SYMBOL, T0, type Fixture } from './support.ts';

const MINUTE = 60_000;

function depths({ events }: Fixture): DepthUpdatePayload[] {
  return events.flatMap((event) => (event.kind === 'depth' ? [event.payload] : []));
}
function klines({ events }: Fixture): KlinePayload['k'][] {
  return events.flatMap((event) => (event.kind === 'kline' ? [event.payload.k] : []));
}
function aggs({ events }: Fixture): AggTradePayload[] {
  return events.flatMap((event) => (event.kind === 'aggTrade' ? [event.payload] : []));
}
/** The feed trades at an exact time. */
function tradeAt({ core }: Fixture, timeMs: number, price: string, qty = '1', buyerIsMaker = false): void {
  core.applyTrade(SYMBOL, { price, qty, buyerIsMaker, timeMs }, timeMs);
}

describe('the book', () => {
  it('diffs chain: each U is the last u + 1, and depth carries the last u', () => {
    const market = fixture();
    market.diff([['59998', '1']], [['60001', '0']]);
    market.diff([], [['60002', '3']]);
    const [first, second] = depths(market);
    expect(second?.U).toBe((first?.u ?? 0) + 1);
    expect(market.core.depth(SYMBOL, 5)).toEqual({
      lastUpdateId: second?.u,
      bids: [
        ['59999.00000000', '1.00000000'],
        ['59998.00000000', '1.00000000'],
        ['59990.00000000', '2.00000000'],
      ],
      asks: [
        ['60002.00000000', '3.00000000'],
        ['60010.00000000', '2.00000000'],
      ],
    });
    expect(market.core.depth(SYMBOL, 1).bids).toHaveLength(1);
  });

  it('the first diff after a snapshot may begin before it, later ones must follow exactly', () => {
    const { core, now } = fixture({ traded: false });
    const diff = (firstUpdateId: number, lastUpdateId: number) =>
      core.applyDepth(SYMBOL, { kind: 'diff', bids: [['59000', '1']], asks: [], firstUpdateId, lastUpdateId }, now());
    core.applyDepth(SYMBOL, { kind: 'snapshot', bids: [], asks: [['60000', '1']], lastUpdateId: 100 }, now());
    expect(() => diff(90, 100)).toThrow(RangeError);
    expect(() => diff(102, 110)).toThrow(RangeError);
    diff(90, 105);
    expect(() => diff(105, 110)).toThrow(RangeError);
    diff(106, 110);
    expect(core.depth(SYMBOL, 5).lastUpdateId).toBe(110);
  });

  it('a second snapshot goes out as the difference, so that clients stay in step', () => {
    const market = fixture();
    market.core.applyDepth(SYMBOL, { kind: 'snapshot', bids: [['59999', '1']], asks: [['60001', '9']] }, market.now());
    expect(depths(market)).toEqual([
      expect.objectContaining({
        b: [['59990.00000000', '0.00000000']],
        a: [
          ['60010.00000000', '0.00000000'],
          ['60001.00000000', '9.00000000'],
        ],
      }),
    ]);
  });

  it('best quotes are derived from the book until the feed sends its own, and go out only when they change', () => {
    const market = fixture();
    const quotes = () => market.events.filter((event) => event.kind === 'bookTicker').length;
    expect(quotes()).toBe(1);
    market.diff([['59000', '1']], []);
    expect(quotes()).toBe(1);
    market.diff([['59999.5', '1']], []);
    expect(quotes()).toBe(2);
    market.core.applyBookTicker(SYMBOL, { updateId: 77, bidPrice: '59999.6', bidQty: '2', askPrice: '60000', askQty: '1' }, market.now());
    market.diff([['59999.7', '1']], []);
    expect(quotes()).toBe(3);
    expect(market.core.bookTickerPayload(SYMBOL)).toMatchObject({ u: 77, b: '59999.60000000', B: '2.00000000' });
  });
});

describe('candles', () => {
  it('carry open, high, low, close, volumes, counts and ids of their trades', () => {
    const market = fixture({ traded: false });
    const open = T0 - (T0 % MINUTE) + MINUTE;
    tradeAt(market, open, '100');
    tradeAt(market, open + 10_000, '120', '2', true);
    tradeAt(market, open + 20_000, '90');
    tradeAt(market, open + MINUTE - 1, '95');
    const rows = market.core.klines(SYMBOL, '1m', { limit: 5 }, open + MINUTE - 1);
    expect(rows).toEqual([
      [open, '100.00000000', '120.00000000', '90.00000000', '95.00000000', '5.00000000', open + MINUTE - 1, '525.00000000', 4, '3.00000000', '285.00000000', '0'],
    ]); // prettier-ignore
  });

  it('go on at the last close while nothing trades', () => {
    const market = fixture({ traded: false });
    const open = T0 - (T0 % MINUTE);
    tradeAt(market, open + 5, '100');
    const rows = market.core.klines(SYMBOL, '1m', { limit: 10 }, open + 3 * MINUTE + 1);
    expect(rows.map((row) => [row[0], row[1], row[8]])).toEqual([
      [open, '100.00000000', 1],
      [open + MINUTE, '100.00000000', 0],
      [open + 2 * MINUTE, '100.00000000', 0],
      [open + 3 * MINUTE, '100.00000000', 0],
    ]);
  });

  it('take a late trade into the candle of its own time', () => {
    const market = fixture({ traded: false });
    const open = T0 - (T0 % MINUTE);
    tradeAt(market, open + 5, '100');
    market.core.klines(SYMBOL, '1m', { limit: 1 }, open + MINUTE + 2);
    market.core.applyTrade(SYMBOL, { price: '101', qty: '1', buyerIsMaker: true, timeMs: open + MINUTE - 1 }, open + MINUTE + 3);
    const rows = market.core.klines(SYMBOL, '1m', { limit: 5 }, open + MINUTE + 3);
    expect(rows.map((row) => [row[4], row[8]])).toEqual([
      ['101.00000000', 2],
      ['101.00000000', 0],
    ]);
  });

  it('are published for watched pairs only, at their pace, and always when they close', () => {
    const market = fixture({ traded: false });
    const open = T0 - (T0 % MINUTE) + MINUTE;
    tradeAt(market, open, '100');
    expect(klines(market)).toEqual([]);
    const stop = market.core.watchKline(SYMBOL, '1m');
    tradeAt(market, open + 100, '101');
    tradeAt(market, open + 200, '102');
    expect(klines(market).map((k) => [k.c, k.x])).toEqual([['101.00000000', false]]);
    market.core.advance(open + MINUTE + 5);
    expect(klines(market).at(1)).toMatchObject({ c: '102.00000000', x: true, t: open, T: open + MINUTE - 1, n: 3 });
    stop();
    tradeAt(market, open + 2 * MINUTE, '103');
    expect(klines(market)).toHaveLength(2);
  });

  it.each([
    ['1w', '2024-08-08T12:00:00Z', '2024-08-05T00:00:00Z', '2024-08-12T00:00:00Z'],
    ['1M', '2024-02-29T23:59:59Z', '2024-02-01T00:00:00Z', '2024-03-01T00:00:00Z'],
    ['1M', '2023-12-31T00:00:00Z', '2023-12-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['1M', '2000-01-01T00:00:00Z', '2000-01-01T00:00:00Z', '2000-02-01T00:00:00Z'],
    ['4h', '2024-08-08T13:30:00Z', '2024-08-08T12:00:00Z', '2024-08-08T16:00:00Z'],
  ] as const)('a %s candle at %s runs from %s to %s', (interval, at, open, end) => {
    expect(candleBounds(interval, Date.parse(at))).toEqual({ openMs: Date.parse(open), endMs: Date.parse(end) });
  });
});

describe('trades and statistics', () => {
  it('trades of one moment, price and side are one aggregate trade', () => {
    const market = fixture({ traded: false });
    for (const qty of ['1', '2']) tradeAt(market, T0 + 100, '100', qty);
    tradeAt(market, T0 + 100, '100', '4', true);
    expect(aggs(market)).toEqual([expect.objectContaining({ a: 1, q: '3.00000000', f: 1, l: 2, m: false })]);
    market.core.advance(T0 + 101);
    expect(aggs(market).at(1)).toMatchObject({ a: 2, q: '4.00000000', f: 3, l: 3, m: true });
    expect(market.core.aggTrades(SYMBOL, { limit: 5 }).map((agg) => agg.a)).toEqual([1, 2]);
    expect(market.core.aggTrades(SYMBOL, { limit: 5, fromId: 2 }).map((agg) => agg.a)).toEqual([2]);
  });

  it('keeps the ids that a recording brings', () => {
    const market = fixture({ traded: false });
    market.core.applyTrade(SYMBOL, { price: '100', qty: '1', buyerIsMaker: true, timeMs: T0, tradeId: 3735683259 }, T0);
    expect(market.core.trades(SYMBOL, { limit: 5 })[0]).toMatchObject({ id: 3735683259, isBuyerMaker: true, quoteQty: '100.00000000' });
  });

  it('averages over the last five minutes by volume', () => {
    const market = fixture({ traded: false });
    tradeAt(market, T0, '500', '7');
    tradeAt(market, T0 + 301_000, '100', '1');
    tradeAt(market, T0 + 302_000, '200', '3');
    expect(market.core.avgPrice(SYMBOL, T0 + 303_000)).toEqual({ mins: 5, price: '175.00000000', closeTime: T0 + 302_000 });
  });

  it('24 h statistics forget what is older than a day', () => {
    const market = fixture({ traded: false });
    tradeAt(market, T0, '10');
    tradeAt(market, T0 + 2 * MINUTE, '100', '2');
    tradeAt(market, T0 + 1440 * MINUTE, '150');
    const day = market.core.ticker24h(SYMBOL, T0 + 1441 * MINUTE + 1);
    expect(day).toMatchObject({
      openPrice: '10.00000000',
      highPrice: '150.00000000',
      lastPrice: '150.00000000',
      volume: '3.00000000',
      quoteVolume: '350.00000000',
      weightedAvgPrice: '116.66666666',
      priceChange: '140.00000000',
      priceChangePercent: '1400.000',
      count: 2,
      bidPrice: '59999.00000000',
    });
    expect(market.core.tickerPayload(SYMBOL, T0 + 1441 * MINUTE + 1)).toMatchObject({ e: '24hrTicker', c: '150.00000000', n: 2 });
    expect(market.core.miniTickerPayload(SYMBOL, T0 + 1441 * MINUTE + 1)).toMatchObject({ e: '24hrMiniTicker', v: '3.00000000' });
  });

  it('memory is bounded: only the newest trades are kept', () => {
    const market = fixture({ traded: false });
    for (let i = 0; i < 3000; i++) tradeAt(market, T0 + i, '100', '0.001');
    const ids = market.core.trades(SYMBOL, { limit: 5000 }).map((trade) => trade.id);
    expect(ids.at(-1)).toBe(3000);
    expect(ids.length).toBeLessThanOrEqual(2000);
    expect(ids.length).toBeGreaterThanOrEqual(1000);
  });
});
