// Replays a recording of Binance's socket messages into the core: same book, quotes, trades and ids as recorded.
// Times: the first pass is shifted by whole minutes (so that minute candles stay those of the recording) to end at about the time at
// which it ends for the listener; at speed 1 this means that up to a minute of it is delivered at once and the rest in step with the
// clock. Further passes of a loop follow directly, ids and times going on.
import { systemClock, type Feed, type FeedClock, type FeedSink } from './feed.ts';
import {
  readRecording,
  scanRecording,
  type RecordedDepth,
  type RecordedMessage,
  type RecordedSnapshot,
  type RecordingSpan,
} from './recording.ts';

const MINUTE_MS = 60_000;
const ADVANCE_EVERY_MS = 100;
/** Diffs kept while a snapshot is missing; at 100 ms this is more than a minute and a half. */
const MAX_EARLY_DIFFS = 1000;
/** As fast as possible still lets others run. */
const BATCH = 500;
const SEAM_MS = 1;

export interface ReplayOptions {
  readonly path: string;
  /** 1 is real time, Infinity as fast as possible. Default 1. */
  readonly speed?: number;
  /** Begin again at the end. Default false. */
  readonly loop?: boolean;
}

/** What keeps one symbol's ids going on over passes, and its book in step with Binance's sync rule. */
interface SymbolState {
  updateOffset: number;
  tradeOffset: number;
  /** Last update id in the book; undefined until a snapshot is in, and again after a gap. */
  bookId: number | undefined;
  early: RecordedDepth[];
}

export class ReplayFeed implements Feed {
  readonly kind = 'replay';
  readonly symbols: readonly string[];
  /** Breaks in the recorded update ids; each waits for the next snapshot. */
  gaps = 0;
  readonly #options: ReplayOptions;
  readonly #span: RecordingSpan;
  readonly #clock: FeedClock;
  readonly #states: ReadonlyMap<string, SymbolState>;
  #run = 0;
  #wake: (() => void) | undefined;
  #lastAdvanceMs = 0;

  /** Reads the recording once. Throws when it cannot be read or understood, or is not spot. */
  static async open(options: ReplayOptions, clock: FeedClock = systemClock): Promise<ReplayFeed> {
    const speed = options.speed ?? 1;
    if (!(speed > 0)) throw new RangeError(`a replay's speed must be above 0, not ${speed}`);
    return new ReplayFeed(options, await scanRecording(options.path), clock);
  }

  private constructor(options: ReplayOptions, span: RecordingSpan, clock: FeedClock) {
    this.#options = options;
    this.#span = span;
    this.#clock = clock;
    this.symbols = [...span.symbols.keys()];
    this.#states = new Map(this.symbols.map((symbol) => [symbol, { updateOffset: 0, tradeOffset: 0, bookId: undefined, early: [] }]));
  }

  start(sink: FeedSink, onEnd?: (error?: Error) => void): void {
    this.#run += 1;
    this.#play(sink, this.#run).then(
      () => onEnd?.(),
      (error: unknown) => onEnd?.(error instanceof Error ? error : new Error(String(error))),
    );
  }

  stop(): void {
    this.#run += 1;
    this.#wake?.();
  }

  async #play(sink: FeedSink, run: number): Promise<void> {
    const { speed = 1, loop = false } = this.#options;
    const startedMs = this.#clock.nowMs();
    const durationMs = this.#span.lastMs - this.#span.firstMs;
    const endMs = startedMs + durationMs / speed;
    const recordedEndMs = this.#span.lastMs + this.#span.clockOffsetMs;
    let shiftMs = Math.floor((endMs - recordedEndMs) / MINUTE_MS) * MINUTE_MS;
    // The replay's own time: it meets the listener's clock where the first pass ends.
    const timeMs = () => endMs - durationMs + (this.#clock.nowMs() - startedMs) * speed;
    do {
      await this.#pass(sink, run, shiftMs, speed === Infinity ? undefined : timeMs);
      shiftMs += durationMs + SEAM_MS;
      for (const [symbol, state] of this.#states) this.#nextPass(symbol, state);
    } while (loop && run === this.#run);
  }

  async #pass(sink: FeedSink, run: number, shiftMs: number, timeMs: (() => number) | undefined): Promise<void> {
    let delivered = 0;
    for await (const message of readRecording(this.#options.path)) {
      const dueMs = message.receivedMs + this.#span.clockOffsetMs + shiftMs;
      if (timeMs === undefined) {
        if (++delivered % BATCH === 0) await this.#sleep(0);
      } else {
        for (let waitMs = dueMs - timeMs(); waitMs > 0 && run === this.#run; waitMs = dueMs - timeMs()) {
          await this.#sleep(Math.min(waitMs / (this.#options.speed ?? 1), ADVANCE_EVERY_MS));
          this.#advance(sink, Math.min(timeMs(), dueMs));
        }
      }
      if (run !== this.#run) return;
      this.#advance(sink, dueMs);
      this.#deliver(sink, message, dueMs, shiftMs);
    }
  }

  async #sleep(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(Math.max(0, Math.ceil(delayMs)), resolve);
      this.#wake = () => {
        cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }

  #advance(sink: FeedSink, nowMs: number): void {
    if (nowMs - this.#lastAdvanceMs < ADVANCE_EVERY_MS) return;
    this.#lastAdvanceMs = nowMs;
    sink.advance(Math.floor(nowMs));
  }

  #deliver(sink: FeedSink, message: RecordedMessage, nowMs: number, shiftMs: number): void {
    if (message.kind === 'snapshot') {
      this.#snapshot(sink, message.data, nowMs, shiftMs);
      return;
    }
    const state = this.#state(message.data.s);
    if (message.kind === 'depth') {
      this.#depth(sink, state, message.data, nowMs, shiftMs);
    } else if (message.kind === 'bookTicker') {
      const { s, u, b: bidPrice, B: bidQty, a: askPrice, A: askQty } = message.data;
      sink.applyBookTicker(s, { updateId: u + state.updateOffset, bidPrice, bidQty, askPrice, askQty }, nowMs);
    } else {
      const { s, t, p: price, q: qty, T, E, m: buyerIsMaker } = message.data;
      const times = { timeMs: T + shiftMs, eventTimeMs: E + shiftMs };
      sink.applyTrade(s, { price, qty, buyerIsMaker, ...times, tradeId: t + state.tradeOffset }, nowMs);
    }
  }

  /** Binance's rule for a local book: drop diffs with u <= lastUpdateId, the first one applied has U <= lastUpdateId + 1 <= u. */
  #snapshot(sink: FeedSink, data: RecordedSnapshot, nowMs: number, shiftMs: number): void {
    const symbol = data.symbol ?? this.#ownerOf(data.lastUpdateId);
    const state = this.#state(symbol);
    if (state.bookId !== undefined) return;
    state.bookId = data.lastUpdateId;
    const { bids, asks } = data;
    sink.applyDepth(symbol, { kind: 'snapshot', bids, asks, lastUpdateId: data.lastUpdateId + state.updateOffset }, nowMs);
    const early = state.early;
    state.early = [];
    for (const diff of early) this.#depth(sink, state, diff, nowMs, shiftMs);
  }

  #depth(sink: FeedSink, state: SymbolState, data: RecordedDepth, nowMs: number, shiftMs: number): void {
    if (state.bookId === undefined) {
      state.early.push(data);
      if (state.early.length > MAX_EARLY_DIFFS) state.early.shift();
      return;
    }
    if (data.u <= state.bookId) return;
    if (data.U > state.bookId + 1) {
      this.gaps += 1;
      state.bookId = undefined;
      state.early = [data];
      return;
    }
    state.bookId = data.u;
    const ids = { firstUpdateId: data.U + state.updateOffset, lastUpdateId: data.u + state.updateOffset };
    sink.applyDepth(data.s, { kind: 'diff', bids: data.b, asks: data.a, ...ids, eventTimeMs: data.E + shiftMs }, nowMs);
  }

  /** A snapshot does not name its symbol: it belongs to the one whose update ids are nearest. */
  #ownerOf(updateId: number): string {
    let owner = '';
    let nearest = Infinity;
    for (const [symbol, { firstUpdateId, lastUpdateId }] of this.#span.symbols) {
      const distance = Math.max(0, firstUpdateId - updateId, updateId - lastUpdateId);
      if (distance < nearest) [owner, nearest] = [symbol, distance];
    }
    return owner;
  }

  #nextPass(symbol: string, state: SymbolState): void {
    const span = this.#span.symbols.get(symbol);
    if (span === undefined) return;
    // One id to spare: a snapshot may stand just before the first update, and must still be newer than the last pass.
    if (span.lastUpdateId > 0) state.updateOffset += span.lastUpdateId - span.firstUpdateId + 2;
    if (span.lastTradeId > 0) state.tradeOffset += span.lastTradeId - span.firstTradeId + 1;
    state.bookId = undefined;
    state.early = [];
  }

  #state(symbol: string): SymbolState {
    const state = this.#states.get(symbol);
    if (state === undefined) throw new Error(`the recording names a symbol that its first reading did not: ${symbol}`);
    return state;
  }
}
