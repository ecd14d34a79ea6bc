// Candles of one symbol and interval, built from trades. They go on while nothing trades: an idle candle repeats the last close.
// Calendar arithmetic is on integers: no clock, no Date.
import type { Instrument } from './instrument.ts';
import type { KlineInterval, KlinePayload, KlineRow } from './types.ts';
import { formatBig } from './units.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Weeks begin on Mondays; the epoch was a Thursday. */
const FIRST_MONDAY = 4 * DAY;

const FIXED_MS: Readonly<Record<Exclude<KlineInterval, '1M'>, number>> = {
  '1s': SECOND,
  '1m': MINUTE,
  '3m': 3 * MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '1h': HOUR,
  '2h': 2 * HOUR,
  '4h': 4 * HOUR,
  '6h': 6 * HOUR,
  '8h': 8 * HOUR,
  '12h': 12 * HOUR,
  '1d': DAY,
  '3d': 3 * DAY,
  '1w': 7 * DAY,
};

export interface CandleTrade {
  readonly id: number;
  readonly ticks: number;
  readonly units: number;
  readonly quoteUnits: bigint;
  readonly buyerIsMaker: boolean;
  readonly timeMs: number;
}

export interface Candle {
  readonly openMs: number;
  /** First millisecond of the next candle. */
  readonly endMs: number;
  open: number;
  high: number;
  low: number;
  close: number;
  baseUnits: bigint;
  quoteUnits: bigint;
  takerBaseUnits: bigint;
  takerQuoteUnits: bigint;
  count: number;
  firstId: number;
  lastId: number;
}

export class CandleSeries {
  readonly interval: KlineInterval;
  readonly #limit: number;
  #candles: Candle[] = [];

  constructor(interval: KlineInterval, limit: number) {
    this.interval = interval;
    this.#limit = limit;
  }

  /** Oldest first; roll first where the newest candle must be the current one. */
  get candles(): readonly Candle[] {
    return this.#candles;
  }

  get current(): Candle | undefined {
    return this.#candles[this.#candles.length - 1];
  }

  /** Adds a trade; one that arrives late goes into the candle of its own time. */
  add(trade: CandleTrade): void {
    this.roll(trade.timeMs);
    let at = this.#candles.length - 1;
    if (at < 0) {
      this.#push(trade.timeMs, trade.ticks);
      at = 0;
    }
    while (at > 0 && (this.#candles[at]?.openMs ?? 0) > trade.timeMs) at--;
    const candle = this.#candles[at];
    if (candle === undefined || trade.timeMs < candle.openMs) return;
    addTo(candle, trade);
    this.#carryClose(at);
  }

  /** Opens the candles that have begun by then. Gives back the ones that it closed, oldest first. */
  roll(nowMs: number): Candle[] {
    const closed: Candle[] = [];
    for (let last = this.current; last !== undefined && last.endMs <= nowMs; last = this.current) {
      closed.push(last);
      const skipped = nowMs - last.endMs > this.#limit * (last.endMs - last.openMs);
      this.#push(skipped ? nowMs - this.#limit * (last.endMs - last.openMs) : last.endMs, last.close);
    }
    return closed;
  }

  #push(timeMs: number, price: number): void {
    const { openMs, endMs } = candleBounds(this.interval, timeMs);
    const empty = { baseUnits: 0n, quoteUnits: 0n, takerBaseUnits: 0n, takerQuoteUnits: 0n, count: 0, firstId: -1, lastId: -1 };
    this.#candles.push({ openMs, endMs, open: price, high: price, low: price, close: price, ...empty });
    if (this.#candles.length > 2 * this.#limit) this.#candles = this.#candles.slice(-this.#limit);
  }

  /** A late trade's price is also the price of the idle candles after it. */
  #carryClose(from: number): void {
    const close = this.#candles[from]?.close ?? 0;
    for (let i = from + 1; i < this.#candles.length; i++) {
      const candle = this.#candles[i];
      if (candle === undefined || candle.count > 0) return;
      candle.open = candle.high = candle.low = candle.close = close;
    }
  }
}

function addTo(candle: Candle, trade: CandleTrade): void {
  if (candle.count === 0) {
    candle.open = candle.high = candle.low = trade.ticks;
    candle.firstId = trade.id;
  }
  candle.high = Math.max(candle.high, trade.ticks);
  candle.low = Math.min(candle.low, trade.ticks);
  candle.close = trade.ticks;
  const baseUnits = BigInt(trade.units);
  candle.baseUnits += baseUnits;
  candle.quoteUnits += trade.quoteUnits;
  candle.count += 1;
  candle.lastId = trade.id;
  if (trade.buyerIsMaker) return;
  candle.takerBaseUnits += baseUnits;
  candle.takerQuoteUnits += trade.quoteUnits;
}

/** The candle that a moment belongs to, in UTC. */
export function candleBounds(interval: KlineInterval, timeMs: number): { readonly openMs: number; readonly endMs: number } {
  if (interval === '1M') return monthBounds(timeMs);
  const length = FIXED_MS[interval];
  const origin = interval === '1w' ? FIRST_MONDAY : 0;
  const openMs = timeMs - ((timeMs - origin) % length);
  return { openMs, endMs: openMs + length };
}

/** Howard Hinnant's civil calendar on days since 0000-03-01 ("chrono-compatible low-level date algorithms"). */
function monthBounds(timeMs: number): { readonly openMs: number; readonly endMs: number } {
  const days = Math.floor(timeMs / DAY) + 719_468;
  const era = Math.floor(days / 146_097);
  const dayOfEra = days - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const month = Math.floor((5 * dayOfYear + 2) / 153);
  const marchYear = yearOfEra + era * 400;
  const next = month === 11 ? firstOfMonth(marchYear + 1, 0) : firstOfMonth(marchYear, month + 1);
  return { openMs: firstOfMonth(marchYear, month), endMs: next };
}

/** Months count from March = 0, in years that begin in March. */
function firstOfMonth(marchYear: number, month: number): number {
  const era = Math.floor(marchYear / 400);
  const yearOfEra = marchYear - era * 400;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + Math.floor((153 * month + 2) / 5);
  return (era * 146_097 + dayOfEra - 719_468) * DAY;
}

export function klineRow(candle: Candle, instrument: Instrument): KlineRow {
  return [
    candle.openMs,
    instrument.priceText(candle.open),
    instrument.priceText(candle.high),
    instrument.priceText(candle.low),
    instrument.priceText(candle.close),
    formatBig(candle.baseUnits),
    candle.endMs - 1,
    formatBig(candle.quoteUnits),
    candle.count,
    formatBig(candle.takerBaseUnits),
    formatBig(candle.takerQuoteUnits),
    '0',
  ];
}

export function klinePayload(
  candle: Candle,
  interval: KlineInterval,
  instrument: Instrument,
  isClosed: boolean,
  nowMs: number,
): KlinePayload {
  const [t, o, h, l, c, v, T, q, n, V, Q] = klineRow(candle, instrument);
  const { firstId: f, lastId: L } = candle;
  return {
    e: 'kline',
    E: nowMs,
    s: instrument.symbol,
    k: { t, T, s: instrument.symbol, i: interval, f, L, o, c, h, l, v, n, x: isClosed, q, V, Q, B: '0' },
  };
}
