// Runs the chosen market feed against the core: builds it from the options, lets the fault desk pause it and set its clock off.
// A feed's failure after the start is reported, never swallowed.
import type { Exchange } from './core/types.ts';
import { systemClock, type Feed, type FeedClock, type FeedSink, type Regime } from './feeds/feed.ts';
import { SyntheticFeed } from './feeds/synthetic-feed.ts';
import { makeInstruments } from './core/instruments.ts';
import type { ParsedOptions } from './options.ts';

export interface RunningFeed {
  /** While paused the market stands still. */
  pause(on: boolean): void;
  /** False when this feed has no regimes. */
  setRegime(regime: Regime): boolean;
  stop(): void;
}

export interface FeedContext {
  readonly core: Exchange;
  /** By how much the exchange's clock is off this machine's. */
  skewMs(): number;
  /** Hears of a feed that broke off. */
  onBroken(error: unknown): void;
}

/** Starts the feed. Rejects when a recording cannot be read. */
export async function startFeed(options: ParsedOptions, context: FeedContext): Promise<RunningFeed> {
  const clock = new PausableClock();
  const feed = await createFeed(options, clock);
  feed.start(skewed(context), (error) => {
    if (error !== undefined) context.onBroken(error);
  });
  return {
    pause: (on) => clock.pause(on),
    setRegime: (regime) => {
      feed.setRegime?.(regime);
      return feed.setRegime !== undefined;
    },
    stop: () => feed.stop(),
  };
}

async function createFeed(options: ParsedOptions, clock: FeedClock): Promise<Feed> {
  const { seed, regime, historyMinutes, eventsPerSecond, symbols } = options;
  return new SyntheticFeed(
    { seed, regime, historyMinutes, instruments: makeInstruments(symbols), ...(eventsPerSecond === undefined ? {} : { eventsPerSecond }) },
    clock,
  );
}

/** The core, told everything at the exchange's own (perhaps wrong) time. */
function skewed({ core, skewMs }: FeedContext): FeedSink {
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
