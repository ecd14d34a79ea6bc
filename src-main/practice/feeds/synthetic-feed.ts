// The synthetic market in real time: a thin driver around the pure generator.
import { systemClock, type Feed, type FeedClock, type FeedSink, type Regime } from './feed.ts';
import { SyntheticMarket, type SyntheticOptions } from './synthetic.ts';

/** After a longer silence of the timers (a sleeping machine) the market does not make up for lost time. */
const MAX_CATCH_UP_MS = 5000;

export class SyntheticFeed implements Feed {
  readonly kind = 'synthetic';
  readonly symbols: readonly string[];
  readonly #market: SyntheticMarket;
  readonly #clock: FeedClock;
  #cancel: (() => void) | undefined;

  constructor(options: Omit<SyntheticOptions, 'startMs'>, clock: FeedClock = systemClock) {
    this.#clock = clock;
    this.#market = new SyntheticMarket({ ...options, startMs: clock.nowMs() });
    this.symbols = this.#market.symbols;
  }

  start(sink: FeedSink): void {
    const run = () => {
      const nowMs = this.#clock.nowMs();
      if (nowMs - this.#market.timeMs > MAX_CATCH_UP_MS) this.#market.skipTo(nowMs - this.#market.stepMs);
      this.#market.advanceTo(nowMs, sink);
      this.#cancel = this.#clock.after(this.#market.stepMs, run);
    };
    run();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  setRegime(regime: Regime): void {
    this.#market.setRegime(regime);
  }
}
