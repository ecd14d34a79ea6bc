// Opens the chosen market feed and runs it against the core: the fault desk may pause it and set its clock off.
// A feed that breaks off is reported, never swallowed.
import type { Exchange, InstrumentSpec } from './core/types.ts';
import { makeInstruments } from './core/instruments.ts';
import { systemClock, type Feed, type FeedClock, type FeedSink, type Regime } from './feeds/feed.ts';
import { ReplayFeed } from './feeds/replay-feed.ts';
import { SyntheticFeed } from './feeds/synthetic-feed.ts';
import type { ParsedOptions } from './options.ts';

const REPLAY = 'replay:';

export interface FeedContext {
  readonly core: Exchange;
  /** By how much the exchange's clock is off this machine's. */
  skewMs(): number;
  onBroken(error: unknown): void;
}

/** The market of one exchange: what it lists, and the feeds that move it. */
export class FeedRunner {
  /** A replay lists what was recorded: a symbol without a market could not be traded honestly. */
  readonly instruments: readonly InstrumentSpec[];
  readonly #feeds: readonly Feed[];
  readonly #clock: PausableClock;
  #start: (() => void) | undefined;
  #running = 0;

  /** `startPrices`: what a made-up market opens at. Rejects when a recording cannot be read. */
  static async open(options: ParsedOptions, startPrices: Readonly<Record<string, string>> = {}): Promise<FeedRunner> {
    const clock = new PausableClock();
    if (!options.feed.startsWith(REPLAY)) {
      const instruments = makeInstruments(options.symbols, options.listings);
      return new FeedRunner([synthetic(options, instruments, startPrices, clock)], instruments, clock);
    }
    const { loop } = options;
    const speed = options.speed === 'max' ? Number.POSITIVE_INFINITY : options.speed;
    const paths = options.feed.slice(REPLAY.length).split(',');
    const feeds = await Promise.all(paths.map((path) => ReplayFeed.open({ path, speed, loop }, clock)));
    const symbols = new Set(feeds.flatMap((feed) => feed.symbols));
    return new FeedRunner(feeds, makeInstruments([...symbols]), clock);
  }

  private constructor(feeds: readonly Feed[], instruments: readonly InstrumentSpec[], clock: PausableClock) {
    this.#feeds = feeds;
    this.instruments = instruments;
    this.#clock = clock;
  }

  /** Begins to move the market; when `paused`, with the first `pause(false)`. */
  start(context: FeedContext, paused: boolean): void {
    const sink = skewed(context);
    this.#start = () => {
      for (const feed of this.#feeds) {
        this.#running++;
        feed.start(sink, (error) => {
          this.#running--;
          if (error !== undefined) context.onBroken(error);
        });
      }
    };
    this.pause(paused);
  }

  /** True once every feed has run out: from here on nobody but the host moves the core's time. */
  get ended(): boolean {
    return this.#start === undefined && this.#running === 0;
  }

  /** While paused the market stands still. */
  pause(on: boolean): void {
    this.#clock.pause(on);
    if (on) return;
    this.#start?.();
    this.#start = undefined;
  }

  /** False when no feed here has regimes. */
  setRegime(regime: Regime): boolean {
    for (const feed of this.#feeds) feed.setRegime?.(regime);
    return this.#feeds.some((feed) => feed.setRegime !== undefined);
  }

  stop(): void {
    this.#start = undefined;
    for (const feed of this.#feeds) feed.stop();
  }
}

function synthetic(
  options: ParsedOptions,
  instruments: readonly InstrumentSpec[],
  startPrices: Readonly<Record<string, string>>,
  clock: FeedClock,
): Feed {
  const { seed, regime, historyMinutes, eventsPerSecond } = options;
  const pace = eventsPerSecond === undefined ? {} : { eventsPerSecond };
  return new SyntheticFeed({ seed, regime, historyMinutes, instruments, startPrices, ...pace }, clock);
}

/** The core, told everything at the exchange's own (perhaps wrong) time. */
function skewed(context: FeedContext): FeedSink {
  const { core } = context;
  const skewMs = (): number => context.skewMs();
  return {
    applyDepth: (symbol, input, nowMs) => core.applyDepth(symbol, input, nowMs + skewMs()),
    applyTrade: (symbol, input, nowMs) => {
      const skew = skewMs();
      core.applyTrade(symbol, skew === 0 ? input : { ...input, timeMs: input.timeMs + skew }, nowMs + skew);
    },
    applyBookTicker: (symbol, input, nowMs) => core.applyBookTicker(symbol, input, nowMs + skewMs()),
    advance: (nowMs) => core.advance(nowMs + skewMs()),
  };
}

/** The system's clock, whose timers can be held. */
class PausableClock implements FeedClock {
  readonly #held = new Set<() => void>();
  #paused = false;

  nowMs(): number {
    return systemClock.nowMs();
  }

  after(delayMs: number, callback: () => void): () => void {
    const due = (): void => {
      if (this.#paused) this.#held.add(callback);
      else callback();
    };
    const cancel = systemClock.after(delayMs, due);
    return () => {
      cancel();
      this.#held.delete(callback);
    };
  }

  pause(on: boolean): void {
    this.#paused = on;
    if (on) return;
    const held = [...this.#held];
    this.#held.clear();
    for (const callback of held) callback();
  }
}
