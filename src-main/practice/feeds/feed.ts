// The port of a market feed: something that tells the practice exchange's core about depth, quotes and trades of some symbols.
// Every feed speaks to the same sink, so there is one matching model for all of them (DESIGN 4).
import type { Exchange } from '../core/types.ts';

/** The part of the core that a feed may use. */
export type FeedSink = Pick<Exchange, 'applyDepth' | 'applyTrade' | 'applyBookTicker' | 'advance'>;

export const REGIMES = ['ranging', 'trending', 'volatile', 'crash', 'thin'] as const;
export type Regime = (typeof REGIMES)[number];

/** Time and timers of a running feed; tests and simulations bring their own. */
export interface FeedClock {
  nowMs(): number;
  /** Calls back once after the delay; gives back the cancellation. */
  after(delayMs: number, callback: () => void): () => void;
}

/** 'live' (Binance's public streams, no key, recordable) has its place here but no implementation yet: nothing here uses a network. */
export interface Feed {
  readonly kind: 'synthetic' | 'replay' | 'live';
  readonly symbols: readonly string[];
  /** Begins to drive the sink. `onEnd` is called once when a feed runs out (with the error that ended it, if one did). */
  start(sink: FeedSink, onEnd?: (error?: Error) => void): void;
  stop(): void;
  /** Synthetic feeds only; takes effect with the next step. */
  setRegime?(regime: Regime): void;
}

export const systemClock: FeedClock = {
  nowMs: () => Date.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
