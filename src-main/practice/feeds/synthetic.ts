// A made-up market: seeded, in virtual time on a fixed grid, so that the same seed and regime changes at the same times give the
// same tape however it is stepped. Prices wander by regime, correlated over symbols; trades eat the ladder that depth shows.
// Pure: no clock, no timers. Floats shape the random walk only; what leaves here is on the tick and lot grid.
import { Instrument } from '../core/instrument.ts';
import type { InstrumentSpec, PriceLevel } from '../core/types.ts';
import type { FeedSink, Regime } from './feed.ts';
import { mustParseUnits } from '../core/units.ts';
import { Random } from './random.ts';

export interface SyntheticOptions {
  readonly instruments: readonly InstrumentSpec[];
  readonly seed: number;
  readonly startMs: number;
  /** Prices that the market opens at, by symbol; the instrument's reference price where there is none. */
  readonly startPrices?: Readonly<Record<string, string>>;
  /** Default 'ranging'. */
  readonly regime?: Regime;
  /** All symbols together, trades and depth messages. Default: about 15 a symbol. 0: one static ladder. */
  readonly eventsPerSecond?: number;
  /** Minutes of trades before the start, so that charts are not empty. Default 0. */
  readonly historyMinutes?: number;
}

interface Climate {
  /** Standard deviation of one second's return, and its drift, in basis points. */
  readonly sigmaBps: number;
  readonly driftBps: number;
  /** Pull towards the anchor, per second. */
  readonly pull: number;
  /** Half the spread in basis points (at least half a tick). */
  readonly halfSpreadBps: number;
  /** Size of the ladder against normal. */
  readonly depth: number;
  readonly tradesPerSecond: number;
}

/** BTC at 50 % a year has about 0.9 basis points a second. */
const CLIMATES: Readonly<Record<Regime, Climate>> = {
  ranging: { sigmaBps: 0.7, driftBps: 0, pull: 0.02, halfSpreadBps: 0, depth: 1, tradesPerSecond: 4 },
  trending: { sigmaBps: 0.8, driftBps: 0.4, pull: 0, halfSpreadBps: 0, depth: 1, tradesPerSecond: 6 },
  volatile: { sigmaBps: 4, driftBps: 0, pull: 0.002, halfSpreadBps: 0.3, depth: 0.5, tradesPerSecond: 12 },
  crash: { sigmaBps: 5, driftBps: -4, pull: 0, halfSpreadBps: 0.8, depth: 0.25, tradesPerSecond: 20 },
  thin: { sigmaBps: 1.2, driftBps: 0, pull: 0.005, halfSpreadBps: 4, depth: 0.04, tradesPerSecond: 0.7 },
};

const LEVELS = 40;
/** Price bands in shares of the reference price. */
const FLOOR = 0.6;
const CEILING = 1.6;
const MARKET_CORRELATION = 0.8;
const OWN_SHARE = 0.6; // sqrt(1 - 0.8²): the variances add up to one
/** A level of the ladder is worth about this much, a trade about a tenth of it, in USDT. */
const LEVEL_NOTIONAL = 30_000;
const TRADE_NOTIONAL = 900;
const REDRAW = 0.05;
/** How often a level that the price went through was traded away, and not just withdrawn. */
const SWEPT_LAST = 0.5;
const SWEPT_OTHERS = 0.2;
const HISTORY_STEP_MS = 10_000;
const STEP_MS = 100;
const FAST_STEP_MS = 10;
const FAST_FROM_EVENTS_PER_SECOND = 1000;
const USUAL_DEPTH_PER_SECOND = 10;

type Levels = Map<number, number>;

/** A level that the price went through. */
interface SweptLevel {
  readonly price: number;
  readonly lots: number;
  readonly buys: boolean;
}

interface SymbolState {
  readonly instrument: Instrument;
  readonly referenceTicks: number;
  /** Where the walk must stand when the market opens, whatever its made-up past led to. */
  readonly openAt: number | undefined;
  /** Ticks between the ladder's regular levels. */
  readonly gridTicks: number;
  /** The walk itself; not money. */
  mid: number;
  anchor: number;
  trendSign: 1 | -1;
  bids: Levels;
  asks: Levels;
}

export class SyntheticMarket {
  readonly symbols: readonly string[];
  readonly stepMs: number;
  readonly #random: Random;
  readonly #states: readonly SymbolState[];
  readonly #eventsPerSecond: number | undefined;
  readonly #historyMinutes: number;
  #climate: Climate;
  #regime: Regime;
  #timeMs: number;
  #opened = false;

  constructor(options: SyntheticOptions) {
    this.#random = new Random(options.seed);
    this.#states = options.instruments.map((spec) => initialState(spec, options.startPrices?.[spec.symbol]));
    this.symbols = options.instruments.map((spec) => spec.symbol);
    this.#eventsPerSecond = options.eventsPerSecond;
    this.stepMs = (options.eventsPerSecond ?? 0) >= FAST_FROM_EVENTS_PER_SECOND ? FAST_STEP_MS : STEP_MS;
    this.#historyMinutes = options.historyMinutes ?? 0;
    this.#regime = options.regime ?? 'ranging';
    this.#climate = CLIMATES[this.#regime];
    this.#timeMs = options.startMs - (options.startMs % this.stepMs);
  }

  /** The end of the last step. */
  get timeMs(): number {
    return this.#timeMs;
  }

  get regime(): Regime {
    return this.#regime;
  }

  setRegime(regime: Regime): void {
    this.#regime = regime;
    this.#climate = CLIMATES[regime];
    for (const state of this.#states) state.anchor = state.mid;
  }

  /** Tells the sink everything up to `nowMs`. The first call opens the market: history, a snapshot and a trade a symbol. */
  advanceTo(nowMs: number, sink: FeedSink): void {
    if (!this.#opened) this.#open(sink);
    while (this.#timeMs + this.stepMs <= nowMs) {
      this.#timeMs += this.stepMs;
      if (this.#eventsPerSecond !== 0) this.#step(sink);
      sink.advance(this.#timeMs);
    }
  }

  /** Lets time pass in which nothing happens (the machine slept). */
  skipTo(nowMs: number): void {
    this.#timeMs = Math.max(this.#timeMs, nowMs - (nowMs % this.stepMs));
  }

  #open(sink: FeedSink): void {
    this.#opened = true;
    const endMs = this.#timeMs;
    const climate = this.#climate;
    // Whatever the market is now, its past was calm.
    this.#climate = CLIMATES.ranging;
    for (let atMs = endMs - this.#historyMinutes * 60_000; atMs < endMs; atMs += HISTORY_STEP_MS) {
      this.#wander(HISTORY_STEP_MS / 1000);
      for (const state of this.#states)
        this.#print(sink, state, Math.round(state.mid), this.#tradeLots(state) * 4, this.#random.chance(0.5), atMs);
    }
    this.#climate = climate;
    for (const state of this.#states) {
      state.mid = state.openAt ?? state.mid;
      state.anchor = state.mid;
      this.#paint(state, []);
      const snapshot = { kind: 'snapshot', bids: texts(state, state.bids), asks: texts(state, state.asks) } as const;
      sink.applyDepth(state.instrument.symbol, snapshot, this.#timeMs);
      this.#print(sink, state, best(state, 'asks'), this.#tradeLots(state), false, this.#timeMs);
    }
  }

  #step(sink: FeedSink): void {
    const seconds = this.stepMs / 1000;
    this.#wander(seconds);
    const perSymbol = this.#eventsPerSecond === undefined ? undefined : (this.#eventsPerSecond * seconds) / this.#states.length;
    for (const state of this.#states) {
      const trades = perSymbol === undefined ? this.#climate.tradesPerSecond * seconds : perSymbol / 2;
      const depths = perSymbol === undefined ? USUAL_DEPTH_PER_SECOND * seconds : perSymbol / 2;
      const published = { bids: new Map(state.bids), asks: new Map(state.asks) };
      this.#tradeAtBest(sink, state, this.#random.count(trades));
      this.#moveLadder(sink, state, published, this.#random.count(depths));
    }
  }

  /** One step of the walk for all symbols: a common market move and one's own. */
  #wander(seconds: number): void {
    const { sigmaBps, driftBps, pull } = this.#climate;
    const market = this.#random.normal();
    const root = Math.sqrt(seconds);
    for (const state of this.#states) {
      const noise = sigmaBps * root * (MARKET_CORRELATION * market + OWN_SHARE * this.#random.normal());
      const share = state.mid / state.referenceTicks;
      const drift = (this.#regime === 'trending' ? driftBps * state.trendSign : driftBps) * seconds;
      const back = pull * seconds * (state.anchor / state.mid - 1);
      state.mid *= 1 + (noise + bounded(drift, share, seconds)) / 10_000 + back;
      if (this.#regime === 'trending' && this.#random.chance(seconds / 180)) state.trendSign = state.trendSign === 1 ? -1 : 1;
    }
  }

  /** Small market orders against the best level, as the ladder stands. */
  #tradeAtBest(sink: FeedSink, state: SymbolState, count: number): void {
    for (let i = 0; i < count; i++) {
      const buys = this.#random.chance(0.5);
      const side = buys ? state.asks : state.bids;
      const price = best(state, buys ? 'asks' : 'bids');
      const left = side.get(price) ?? 0;
      const lots = Math.min(this.#tradeLots(state), Math.max(1, left - 1));
      if (left > lots) side.set(price, left - lots);
      const atMs = this.#timeMs - this.stepMs + Math.floor((this.stepMs * (i + 1)) / (count + 1));
      this.#print(sink, state, price, lots, !buys, atMs);
    }
  }

  /** Brings the ladder to the walk: levels in its way are traded through, others come, go and change; one or more diffs go out. */
  #moveLadder(sink: FeedSink, state: SymbolState, published: { readonly bids: Levels; readonly asks: Levels }, depths: number): void {
    const swept: SweptLevel[] = [];
    this.#paint(state, swept);
    const last = swept.length - 1;
    for (const [i, { price, lots, buys }] of swept.entries()) {
      if (!this.#random.chance(i === last ? SWEPT_LAST : SWEPT_OTHERS)) continue;
      this.#print(sink, state, price, Math.min(lots, 3 * this.#tradeLots(state)), !buys, this.#timeMs);
    }
    const bids = changes(state, published.bids, state.bids);
    const asks = changes(state, published.asks, state.asks);
    const { symbol } = state.instrument;
    if (bids.length + asks.length > 0) sink.applyDepth(symbol, { kind: 'diff', bids, asks }, this.#timeMs);
    for (let i = 1; i < depths; i++) {
      const isBid = this.#random.chance(0.5);
      const side = isBid ? state.bids : state.asks;
      const price = [...side.keys()][1 + Math.floor(this.#random.next() * 10)] ?? best(state, isBid ? 'bids' : 'asks');
      side.set(price, this.#levelLots(state));
      const level = texts(state, new Map([[price, side.get(price) ?? 1]]));
      sink.applyDepth(symbol, { kind: 'diff', bids: isBid ? level : [], asks: isBid ? [] : level }, this.#timeMs);
    }
  }

  /** The ladder around the walk's price. Levels that the walk went through are handed out as swept, nearest first. */
  #paint(state: SymbolState, swept: SweptLevel[]): void {
    const half = Math.max(0.5, (state.mid * this.#climate.halfSpreadBps) / 10_000);
    const bestBid = Math.max(LEVELS * state.gridTicks, Math.floor(state.mid - half + 0.5));
    const bestAsk = Math.max(bestBid + 1, Math.ceil(state.mid + half - 0.5));
    for (const [price, lots] of state.asks) if (price < bestAsk) swept.push({ price, lots, buys: true });
    for (const [price, lots] of state.bids) if (price > bestBid) swept.push({ price, lots, buys: false });
    state.bids = this.#side(state, state.bids, bestBid, -1);
    state.asks = this.#side(state, state.asks, bestAsk, 1);
  }

  /** The best level, then levels on a fixed grid, so that a moving price changes few of them. */
  #side(state: SymbolState, known: Levels, bestPrice: number, direction: 1 | -1): Levels {
    const levels: Levels = new Map();
    const grid = state.gridTicks;
    let price = bestPrice;
    for (let i = 0; i < LEVELS; i++) {
      const lots = known.get(price);
      levels.set(price, lots === undefined || this.#random.chance(REDRAW) ? this.#levelLots(state) : lots);
      price = direction === 1 ? (Math.floor(price / grid) + 1) * grid : (Math.ceil(price / grid) - 1) * grid;
    }
    return levels;
  }

  #levelLots(state: SymbolState): number {
    const spread = 0.2 + 1.6 * this.#random.next();
    return this.#lotsWorth(state, LEVEL_NOTIONAL * spread * this.#climate.depth);
  }

  /** Many small trades, few large ones. */
  #tradeLots(state: SymbolState): number {
    const draw = this.#random.next();
    return this.#lotsWorth(state, TRADE_NOTIONAL * (0.05 + 3 * draw * draw * draw));
  }

  #lotsWorth(state: SymbolState, notionalUsdt: number): number {
    const { instrument } = state;
    return Math.max(1, Math.round((notionalUsdt * 100_000_000) / (Math.round(state.mid) * instrument.quotePerTickLot)));
  }

  #print(sink: FeedSink, state: SymbolState, ticks: number, lots: number, buyerIsMaker: boolean, timeMs: number): void {
    const { instrument } = state;
    const trade = { price: instrument.priceText(ticks), qty: instrument.qtyText(lots), buyerIsMaker, timeMs };
    sink.applyTrade(instrument.symbol, trade, timeMs);
  }
}

/** Drifts end at the bands, where the price is led back by two basis points a second. */
function bounded(driftBps: number, share: number, seconds: number): number {
  if (share < FLOOR) return Math.max(0, driftBps) + 2 * seconds;
  if (share > CEILING) return Math.min(0, driftBps) - 2 * seconds;
  return driftBps;
}

function initialState(spec: InstrumentSpec, startPrice: string | undefined): SymbolState {
  const instrument = new Instrument(spec);
  const referenceTicks = instrument.ticks(spec.referencePrice);
  const openAt = startPrice === undefined ? undefined : mustParseUnits(startPrice) / instrument.tickUnits;
  return {
    instrument,
    referenceTicks,
    openAt,
    gridTicks: Math.max(1, Math.round(referenceTicks / 100_000)),
    mid: openAt ?? referenceTicks,
    anchor: openAt ?? referenceTicks,
    trendSign: 1,
    bids: new Map(),
    asks: new Map(),
  };
}

/** Ladders are built best price first. */
function best(state: SymbolState, side: 'bids' | 'asks'): number {
  for (const price of state[side].keys()) return price;
  return Math.round(state.mid);
}

function texts(state: SymbolState, levels: Levels): PriceLevel[] {
  return Array.from(levels, ([ticks, lots]): PriceLevel => [state.instrument.priceText(ticks), state.instrument.qtyText(lots)]);
}

function changes(state: SymbolState, before: Levels, after: Levels): PriceLevel[] {
  const changed: Levels = new Map();
  for (const price of before.keys()) if (!after.has(price)) changed.set(price, 0);
  for (const [price, lots] of after) if (before.get(price) !== lots) changed.set(price, lots);
  return texts(state, changed);
}
