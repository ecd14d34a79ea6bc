// One symbol's market: the house's ladder as the feed paints it, the accounts' resting and waiting orders, and the public tape.
// Applying the feed here publishes it unchanged; own orders and fills never alter what the public sees.
import type { Instrument } from './instrument.ts';
import { HouseSide } from './ladder.ts';
import type { Order } from './order.ts';
import { OwnSide } from './own-book.ts';
import type { Tape } from './tape.ts';
import type {
  BookTicker,
  BookTickerInput,
  BookTickerPayload,
  CoreEvent,
  DepthInput,
  DepthSnapshot,
  DepthSnapshotInput,
  PriceLevel,
  Side,
} from './types.ts';
import { formatUnits, mustParseUnits } from './units.ts';

const ZERO = '0.00000000';

/** The quantity in units of 1e-8. */
type Level = readonly [ticks: number, units: number];

export class Market {
  readonly instrument: Instrument;
  readonly tape: Tape;
  readonly bids: HouseSide;
  readonly asks: HouseSide;
  readonly buys = new OwnSide('buys');
  readonly sells = new OwnSide('sells');
  /** Contingent orders that wait for their trigger, in order of arrival. */
  readonly waiting = new Set<Order>();
  readonly #emit: (event: CoreEvent) => void;
  #lastUpdateId = 0;
  #hasBook = false;
  /** The feed sends best quotes of its own; none are derived from the ladder then. */
  #feedQuotes = false;
  #quote: BookTickerPayload | undefined;

  constructor(instrument: Instrument, tape: Tape, emit: (event: CoreEvent) => void) {
    this.instrument = instrument;
    this.bids = new HouseSide('bids', instrument.lotUnits);
    this.asks = new HouseSide('asks', instrument.lotUnits);
    this.tape = tape;
    this.#emit = emit;
  }

  /** The feed has painted a ladder. Trades that it told of before are history, in which no order of an account had a part. */
  get hasBook(): boolean {
    return this.#hasBook;
  }

  get quote(): BookTickerPayload | undefined {
    return this.#quote;
  }

  /** The house's and the accounts' orders that an order of this side takes from. */
  against(side: Side): { readonly house: HouseSide; readonly own: OwnSide } {
    return side === 'BUY' ? { house: this.asks, own: this.sells } : { house: this.bids, own: this.buys };
  }

  /** The house's and the accounts' orders that an order of this side queues among. */
  among(side: Side): { readonly house: HouseSide; readonly own: OwnSide } {
    return side === 'BUY' ? { house: this.bids, own: this.buys } : { house: this.asks, own: this.sells };
  }

  /**
   * Takes in a snapshot or a diff. Throws RangeError when a diff does not chain on the last update id (U must be the last u + 1) or
   * an id runs backwards: keeping step is the feed's work.
   */
  applyDepth(input: DepthInput, nowMs: number): void {
    if (input.kind === 'snapshot') {
      this.#applySnapshot(input, nowMs);
      return;
    }
    const bids = this.#levels(input.bids);
    const asks = this.#levels(input.asks);
    const first = input.firstUpdateId ?? this.#lastUpdateId + 1;
    const last = input.lastUpdateId ?? this.#lastUpdateId + Math.max(1, bids.length + asks.length);
    const chains = first <= this.#lastUpdateId + 1 && last > this.#lastUpdateId && (first === this.#lastUpdateId + 1 || !this.#synced);
    if (!chains) throw new RangeError(`${this.instrument.symbol}: update ${first}–${last} does not follow ${this.#lastUpdateId}`);
    this.#synced = true;
    this.#change(bids, asks, last);
    this.#publishDepth(bids, asks, first, last, input.eventTimeMs ?? nowMs);
  }

  /** The first diff after a snapshot may begin before it (Binance's rule: U <= lastUpdateId + 1 <= u). */
  #synced = true;

  #applySnapshot(input: DepthSnapshotInput, nowMs: number): void {
    const bids = this.#levels(input.bids);
    const asks = this.#levels(input.asks);
    if (!this.#hasBook) {
      this.#hasBook = true;
      this.#synced = input.lastUpdateId === undefined;
      this.#change(bids, asks, input.lastUpdateId ?? 1);
      this.#queueBehindHouse();
      this.#deriveQuote();
      return;
    }
    const changedBids = difference(this.bids, bids);
    const changedAsks = difference(this.asks, asks);
    const first = this.#lastUpdateId + 1;
    const last = input.lastUpdateId ?? this.#lastUpdateId + Math.max(1, changedBids.length + changedAsks.length);
    if (last < first) throw new RangeError(`${this.instrument.symbol}: snapshot ${last} is older than ${this.#lastUpdateId}`);
    this.#synced = input.lastUpdateId === undefined;
    this.#change(changedBids, changedAsks, last);
    this.#publishDepth(changedBids, changedAsks, first, last, nowMs);
  }

  #change(bids: readonly Level[], asks: readonly Level[], lastUpdateId: number): void {
    this.#lastUpdateId = lastUpdateId;
    if (this.#quote !== undefined && this.#feedQuotes && this.#quote.u <= lastUpdateId) {
      this.bids.dropOverlay();
      this.asks.dropOverlay();
    }
    for (const [ticks, units] of bids) this.#setLevel(this.bids, this.buys, ticks, units);
    for (const [ticks, units] of asks) this.#setLevel(this.asks, this.sells, ticks, units);
  }

  /** Nobody stands behind more lots than the level has: when it shrinks, the queue before own orders does. */
  #setLevel(house: HouseSide, own: OwnSide, ticks: number, units: number): void {
    house.set(ticks, units);
    if (own.isEmpty) return;
    const left = house.available(ticks);
    for (const order of own.at(ticks)) order.aheadLots = Math.min(order.aheadLots, left);
  }

  /** Orders that were here before the book, from before a restart, stand behind whoever is in it. */
  #queueBehindHouse(): void {
    for (const { house, own } of [this.among('BUY'), this.among('SELL')]) {
      for (const [price, orders] of own.levels()) for (const order of orders) order.aheadLots = house.available(price);
    }
  }

  #publishDepth(bids: readonly Level[], asks: readonly Level[], U: number, u: number, eventMs: number): void {
    const { symbol } = this.instrument;
    const payload = { e: 'depthUpdate', E: eventMs, s: symbol, U, u, b: this.#texts(bids), a: this.#texts(asks) } as const;
    this.#emit({ kind: 'depth', symbol, payload });
    this.#deriveQuote();
  }

  /** A best quote of the feed, which may be newer than the ladder: it then overrules the ladder in matching. */
  applyBookTicker(input: BookTickerInput): void {
    this.#feedQuotes = true;
    const { instrument } = this;
    const bid = instrument.ticks(input.bidPrice);
    const bidUnits = mustParseUnits(input.bidQty);
    const ask = instrument.ticks(input.askPrice);
    const askUnits = mustParseUnits(input.askQty);
    this.#setQuote(input.updateId, [bid, bidUnits], [ask, askUnits]);
    if (input.updateId <= this.#lastUpdateId) return;
    this.bids.overlay(bid, bidUnits);
    this.asks.overlay(ask, askUnits);
    for (const { house, own } of [this.among('BUY'), this.among('SELL')]) {
      for (const [price, orders] of own.levels()) {
        const left = house.available(price);
        if (orders.every((order) => order.aheadLots <= left)) break;
        for (const order of orders) order.aheadLots = Math.min(order.aheadLots, left);
      }
    }
  }

  #deriveQuote(): void {
    if (this.#feedQuotes) return;
    const bid = this.bids.visible(1)[0] ?? [0, 0];
    const ask = this.asks.visible(1)[0] ?? [0, 0];
    this.#setQuote(this.#lastUpdateId, bid, ask);
  }

  #setQuote(u: number, bid: Level, ask: Level): void {
    const { instrument } = this;
    const [b, B] = [instrument.priceText(bid[0]), formatUnits(bid[1])];
    const [a, A] = [instrument.priceText(ask[0]), formatUnits(ask[1])];
    const known = this.#quote;
    const same = known !== undefined && known.b === b && known.B === B && known.a === a && known.A === A;
    if (same && !this.#feedQuotes) return;
    this.#quote = { u, s: instrument.symbol, b, B, a, A };
    this.#emit({ kind: 'bookTicker', symbol: instrument.symbol, payload: this.#quote });
  }

  depth(limit: number): DepthSnapshot {
    const bids = this.#texts(this.bids.visible(limit));
    const asks = this.#texts(this.asks.visible(limit));
    return { lastUpdateId: this.#lastUpdateId, bids, asks };
  }

  bookTicker(): BookTicker {
    const { b = ZERO, B = ZERO, a = ZERO, A = ZERO } = this.#quote ?? {};
    return { symbol: this.instrument.symbol, bidPrice: b, bidQty: B, askPrice: a, askQty: A };
  }

  #levels(levels: readonly PriceLevel[]): Level[] {
    return levels.map(([price, qty]) => [this.instrument.ticks(price), mustParseUnits(qty)]);
  }

  #texts(levels: readonly Level[]): PriceLevel[] {
    return levels.map(([ticks, units]) => [this.instrument.priceText(ticks), formatUnits(units)]);
  }
}

/** What turns the side's levels into the wanted ones. */
function difference(side: HouseSide, wanted: readonly Level[]): Level[] {
  const target = new Map(wanted);
  const gone = side.visible(Infinity).filter(([ticks]) => !target.has(ticks));
  const changed = wanted.filter(([ticks, units]) => side.visibleAt(ticks) !== units);
  return [...gone.map(([ticks]): Level => [ticks, 0]), ...changed];
}
