// What the public sees of one symbol's trading: trades, aggregate trades, candles, averages and the 24 h statistics, out of the
// feed's trades alone. Own fills never appear here, so that a replayed market stays exactly the recorded one.
import { CandleSeries, klinePayload, klineRow, type Candle } from './candles.ts';
import type { Instrument } from './instrument.ts';
import { KLINE_INTERVALS } from './types.ts';
import type { AggTrade, AvgPrice, CoreEvent, KlineInterval, KlineRow, PublicTrade, Ticker24h, TradeInput } from './types.ts';
import { UNITS_BIG, formatBig, formatUnits, mustParseUnits } from './units.ts';

const DAY_MS = 86_400_000;
const DAY_MINUTES = 1440;
const ZERO = '0.00000000';
/** web-socket-streams.md, "Kline/Candlestick Streams": update speed. */
const KLINE_PACE_MS = 2000;
const KLINE_PACE_1S_MS = 1000;

interface Watch {
  readonly series: CandleSeries;
  count: number;
  lastSentMs: number;
}

export interface TapeTrade {
  readonly id: number;
  readonly ticks: number;
  /** Base asset in units of 1e-8. */
  readonly units: number;
  readonly quoteUnits: bigint;
  readonly buyerIsMaker: boolean;
  readonly timeMs: number;
}

interface OpenAgg {
  readonly trade: TapeTrade;
  readonly arrivedMs: number;
  units: number;
  lastId: number;
}

interface AggRecord {
  readonly id: number;
  readonly ticks: number;
  readonly units: number;
  readonly firstId: number;
  readonly lastId: number;
  readonly timeMs: number;
  readonly buyerIsMaker: boolean;
}

export class Tape {
  readonly #instrument: Instrument;
  readonly #emit: (event: CoreEvent) => void;
  readonly #limit: number;
  readonly #series: ReadonlyMap<KlineInterval, CandleSeries>;
  readonly #watches = new Map<KlineInterval, Watch>();
  #trades: TapeTrade[] = [];
  #aggs: AggRecord[] = [];
  #openAgg: OpenAgg | undefined;
  #nextTradeId = 1;
  #nextAggId = 1;
  #average: { readonly second: number; readonly mins: number; readonly tradeCount: number; readonly units: bigint } | undefined;
  #tradeCount = 0;

  constructor(instrument: Instrument, emit: (event: CoreEvent) => void, history: { readonly trades: number; readonly klines: number }) {
    this.#instrument = instrument;
    this.#emit = emit;
    this.#limit = history.trades;
    this.#series = new Map(
      KLINE_INTERVALS.map((interval) => [interval, new CandleSeries(interval, keptCandles(interval, history.klines))]),
    );
  }

  get last(): TapeTrade | undefined {
    return this.#trades[this.#trades.length - 1];
  }

  /** Takes in one trade of the feed and publishes it. Throws RangeError off the tick grid. */
  add(input: TradeInput, nowMs: number): TapeTrade {
    const ticks = this.#instrument.ticks(input.price);
    const units = mustParseUnits(input.qty);
    const id = input.tradeId ?? this.#nextTradeId;
    this.#nextTradeId = id + 1;
    const { buyerIsMaker, timeMs } = input;
    const quoteUnits = (BigInt(ticks * this.#instrument.tickUnits) * BigInt(units)) / UNITS_BIG;
    const trade: TapeTrade = { id, ticks, units, quoteUnits, buyerIsMaker, timeMs };
    this.#trades.push(trade);
    this.#tradeCount += 1;
    if (this.#trades.length > 2 * this.#limit) this.#trades = this.#trades.slice(-this.#limit);
    this.#aggregate(trade, nowMs);
    this.#publish(trade, input.eventTimeMs ?? nowMs);
    this.#rollWatched(timeMs);
    for (const series of this.#series.values()) series.add(trade);
    this.#sendWatched(nowMs);
    return trade;
  }

  /** Flushes the aggregate trade that nothing can join any more, closes candles. */
  advance(nowMs: number): void {
    if (this.#openAgg !== undefined && nowMs > this.#openAgg.arrivedMs) this.#flushAgg(nowMs);
    this.#rollWatched(nowMs);
    this.#sendWatched(nowMs);
  }

  watch(interval: KlineInterval): () => void {
    const series = this.#seriesOf(interval);
    const watch = this.#watches.get(interval) ?? { series, count: 0, lastSentMs: 0 };
    watch.count += 1;
    this.#watches.set(interval, watch);
    let stopped = false;
    return () => {
      if (stopped) return;
      stopped = true;
      watch.count -= 1;
      if (watch.count === 0) this.#watches.delete(interval);
    };
  }

  trades(query: { readonly fromId?: number; readonly limit: number }): PublicTrade[] {
    return page(this.#trades, query.fromId, query.limit).map((trade) => ({
      id: trade.id,
      price: this.#instrument.priceText(trade.ticks),
      qty: formatUnits(trade.units),
      quoteQty: formatBig(trade.quoteUnits),
      time: trade.timeMs,
      isBuyerMaker: trade.buyerIsMaker,
      isBestMatch: true,
    }));
  }

  aggTrades(query: {
    readonly fromId?: number;
    readonly startTime?: number;
    readonly endTime?: number;
    readonly limit: number;
  }): AggTrade[] {
    const { fromId, startTime = 0, endTime = Infinity, limit } = query;
    const inTime = this.#aggs.filter((agg) => agg.timeMs >= startTime && agg.timeMs <= endTime);
    // With a start time the oldest ones count, as with fromId (rest-api.md, "Compressed/Aggregate trades list").
    const from = fromId ?? (query.startTime === undefined ? undefined : 0);
    return page(inTime, from, limit).map((agg) => this.#aggJson(agg));
  }

  klines(
    interval: KlineInterval,
    query: { readonly startTime?: number; readonly endTime?: number; readonly limit: number },
    nowMs: number,
  ): KlineRow[] {
    const series = this.#seriesOf(interval);
    if (!this.#watches.has(interval)) series.roll(nowMs);
    const { startTime, endTime = Infinity, limit } = query;
    const inTime = series.candles.filter((candle) => candle.openMs >= (startTime ?? 0) && candle.openMs <= endTime);
    const rows = startTime === undefined ? inTime.slice(-limit) : inTime.slice(0, limit);
    return rows.map((candle) => klineRow(candle, this.#instrument));
  }

  /**
   * Volume-weighted average over the last minutes in units of 1e-8; the last price when nothing traded in that time, or where
   * minutes are 0; undefined before the first trade.
   */
  averageUnits(mins: number, nowMs: number): bigint | undefined {
    const last = this.last;
    if (last === undefined) return undefined;
    const second = Math.floor(nowMs / 1000);
    const known = this.#average;
    if (known?.second === second && known.mins === mins && known.tradeCount === this.#tradeCount) return known.units;
    let quote = 0n;
    let base = 0n;
    const candles = this.#seriesOf('1s').candles;
    for (let i = candles.length - 1; i >= 0; i--) {
      const candle = candles[i];
      if (candle === undefined || candle.endMs <= nowMs - mins * 60_000) break;
      quote += candle.quoteUnits;
      base += candle.baseUnits;
    }
    const lastUnits = BigInt(last.ticks * this.#instrument.tickUnits);
    const units = base === 0n ? lastUnits : (quote * UNITS_BIG) / base;
    this.#average = { second, mins, tradeCount: this.#tradeCount, units };
    return units;
  }

  avgPrice(nowMs: number): AvgPrice {
    const units = this.averageUnits(5, nowMs);
    return { mins: 5, price: units === undefined ? ZERO : formatBig(units), closeTime: this.last?.timeMs ?? 0 };
  }

  /** A rolling day at the resolution of minutes; best quotes are the caller's. */
  ticker24h(nowMs: number): Omit<Ticker24h, 'bidPrice' | 'bidQty' | 'askPrice' | 'askQty'> {
    const instrument = this.#instrument;
    const text = (ticks: number) => instrument.priceText(ticks);
    const series = this.#seriesOf('1m');
    const day = dayOf(series.candles, nowMs);
    const lastTicks = this.last?.ticks ?? 0;
    const change = BigInt((lastTicks - day.open) * instrument.tickUnits);
    const openUnits = BigInt(day.open * instrument.tickUnits);
    return {
      symbol: instrument.symbol,
      priceChange: formatBig(change),
      priceChangePercent: percentText(change, openUnits),
      weightedAvgPrice: day.baseUnits === 0n ? ZERO : formatBig((day.quoteUnits * UNITS_BIG) / day.baseUnits),
      prevClosePrice: text(day.open),
      lastPrice: text(lastTicks),
      lastQty: formatUnits(this.last?.units ?? 0),
      openPrice: text(day.open),
      highPrice: text(day.high),
      lowPrice: text(day.low),
      volume: formatBig(day.baseUnits),
      quoteVolume: formatBig(day.quoteUnits),
      openTime: nowMs - DAY_MS,
      closeTime: nowMs,
      firstId: day.firstId,
      lastId: day.lastId,
      count: day.count,
    };
  }

  #publish(trade: TapeTrade, eventMs: number): void {
    const { symbol } = this.#instrument;
    const p = this.#instrument.priceText(trade.ticks);
    const q = formatUnits(trade.units);
    const payload = { e: 'trade', E: eventMs, s: symbol, t: trade.id, p, q, T: trade.timeMs, m: trade.buyerIsMaker, M: true } as const;
    this.#emit({ kind: 'trade', symbol, payload });
  }

  /** Trades of one taker order at one price are one aggregate trade; they share time, price and side. */
  #aggregate(trade: TapeTrade, nowMs: number): void {
    const open = this.#openAgg;
    const first = open?.trade;
    if (open !== undefined && first?.timeMs === trade.timeMs && first.ticks === trade.ticks && first.buyerIsMaker === trade.buyerIsMaker) {
      open.units += trade.units;
      open.lastId = trade.id;
      return;
    }
    this.#flushAgg(nowMs);
    this.#openAgg = { trade, arrivedMs: nowMs, units: trade.units, lastId: trade.id };
  }

  #flushAgg(nowMs: number): void {
    const open = this.#openAgg;
    if (open === undefined) return;
    this.#openAgg = undefined;
    const { id: firstId, ticks, timeMs, buyerIsMaker } = open.trade;
    const agg: AggRecord = { id: this.#nextAggId++, ticks, units: open.units, firstId, lastId: open.lastId, timeMs, buyerIsMaker };
    this.#aggs.push(agg);
    if (this.#aggs.length > 2 * this.#limit) this.#aggs = this.#aggs.slice(-this.#limit);
    const { symbol } = this.#instrument;
    this.#emit({ kind: 'aggTrade', symbol, payload: { e: 'aggTrade', E: nowMs, s: symbol, ...this.#aggJson(agg) } });
  }

  #aggJson(agg: AggRecord): AggTrade {
    return {
      a: agg.id,
      p: this.#instrument.priceText(agg.ticks),
      q: formatUnits(agg.units),
      f: agg.firstId,
      l: agg.lastId,
      T: agg.timeMs,
      m: agg.buyerIsMaker,
      M: true,
    };
  }

  #seriesOf(interval: KlineInterval): CandleSeries {
    const series = this.#series.get(interval);
    if (series === undefined) throw new RangeError(`no candles of interval ${interval}`);
    return series;
  }

  #rollWatched(nowMs: number): void {
    for (const watch of this.#watches.values()) {
      for (const candle of watch.series.roll(nowMs)) this.#sendKline(watch, candle, true, nowMs);
    }
  }

  #sendWatched(nowMs: number): void {
    for (const watch of this.#watches.values()) {
      const pace = watch.series.interval === '1s' ? KLINE_PACE_1S_MS : KLINE_PACE_MS;
      const current = watch.series.current;
      if (current !== undefined && nowMs - watch.lastSentMs >= pace) this.#sendKline(watch, current, false, nowMs);
    }
  }

  #sendKline(watch: Watch, candle: Candle, isClosed: boolean, nowMs: number): void {
    watch.lastSentMs = nowMs;
    const payload = klinePayload(candle, watch.series.interval, this.#instrument, isClosed, nowMs);
    this.#emit({ kind: 'kline', symbol: this.#instrument.symbol, payload });
  }
}

/** The 24 h statistics need a day of minutes, the average price five minutes of seconds. */
function keptCandles(interval: KlineInterval, klines: number): number {
  return interval === '1m' ? Math.max(klines, DAY_MINUTES + 1) : Math.max(klines, 301);
}

function dayOf(candles: readonly Candle[], nowMs: number) {
  const day = { open: 0, high: 0, low: 0, baseUnits: 0n, quoteUnits: 0n, count: 0, firstId: -1, lastId: -1 };
  for (const candle of candles) {
    if (candle.endMs <= nowMs - DAY_MS) continue;
    if (day.open === 0) {
      day.open = candle.open;
      day.low = candle.low;
    }
    day.high = Math.max(day.high, candle.high);
    day.low = Math.min(day.low, candle.low);
    day.baseUnits += candle.baseUnits;
    day.quoteUnits += candle.quoteUnits;
    day.count += candle.count;
    if (candle.count === 0) continue;
    if (day.firstId < 0) day.firstId = candle.firstId;
    day.lastId = candle.lastId;
  }
  return day;
}

/** Three decimals, as Binance prints it. */
function percentText(change: bigint, open: bigint): string {
  if (open === 0n) return '0.000';
  const thousandths = (change * 100_000n) / open;
  const digits = (thousandths < 0n ? -thousandths : thousandths).toString().padStart(4, '0');
  return `${thousandths < 0n ? '-' : ''}${digits.slice(0, -3)}.${digits.slice(-3)}`;
}

/** From an id on: the oldest ones first; without: the newest ones. */
function page<T extends { readonly id: number }>(rows: readonly T[], fromId: number | undefined, limit: number): T[] {
  if (fromId === undefined) return rows.slice(-limit);
  return rows.filter((row) => row.id >= fromId).slice(0, limit);
}
