// Between the engine's pushes and one window: deltas leave at once, in order, never merged; market frames are merged to at most 20
// a second (DESIGN 7). A slow or dead window must never block or fill the engine: what waits is bounded, and past the bound the
// window is shown a gap, on which it subscribes anew.
import type { Push } from '../../src-shared/contract/contract.ts';
import type { CandleView, Delta, MarketFrame } from '../../src-shared/contract/view.ts';

export const MARKET_INTERVAL_MS = 50;
export const MAX_WAITING_DELTAS = 10_000;
const MAX_WAITING_CANDLES = 16;
const RETRY_MS = 250;

export interface BatchPorts {
  /** Settles when the window has taken the batch; rejects when it could not be reached. One is under way at a time. */
  send(pushes: readonly Push[]): Promise<void>;
  nowMs(): number;
  /** Runs later, once; gives back the way to prevent it. */
  schedule(run: () => void, delayMs: number): () => void;
}

export interface Batcher {
  push(push: Push): void;
  close(): void;
}

interface WaitingMarket {
  readonly quotes: MarketFrame['quotes'];
  /** Oldest first, one per candle: a closed candle's last state must not be overwritten by its successor. */
  readonly candles: readonly CandleView[];
  readonly depth: MarketFrame['depth'];
}

const NO_MARKET: WaitingMarket = { quotes: {}, candles: [], depth: null };

const isSameCandle = (a: CandleView, b: CandleView): boolean =>
  a.symbol === b.symbol && a.interval === b.interval && a.openTimeMs === b.openTimeMs;

const withCandle = (candles: readonly CandleView[], next: CandleView | null): readonly CandleView[] =>
  next === null ? candles : [...candles.filter((candle) => !isSameCandle(candle, next)), next].slice(-MAX_WAITING_CANDLES);

const merge = (waiting: WaitingMarket | null, frame: MarketFrame): WaitingMarket => {
  const { quotes, candles, depth } = waiting ?? NO_MARKET;
  return { quotes: { ...quotes, ...frame.quotes }, candles: withCandle(candles, frame.candle), depth: frame.depth ?? depth };
};

export const createBatcher = (ports: BatchPorts): Batcher => {
  let deltas: Delta[] = [];
  let market: WaitingMarket | null = null;
  let lastMarketMs = Number.NEGATIVE_INFINITY;
  let sending = false;
  let closed = false;
  let cancelTimer: (() => void) | null = null;

  const flushLater = (delayMs: number): void => {
    cancelTimer ??= ports.schedule(() => {
      cancelTimer = null;
      flush();
    }, delayMs);
  };

  /** Past the bound only the newest delta stays: its number tells the window that it missed some. */
  const bound = (): void => {
    if (deltas.length > MAX_WAITING_DELTAS) deltas = deltas.slice(-1);
  };

  const takeMarket = (): readonly Push[] => {
    if (market === null) return [];
    const dueInMs = lastMarketMs + MARKET_INTERVAL_MS - ports.nowMs();
    if (dueInMs > 0) {
      flushLater(dueInMs);
      return [];
    }
    const { quotes, candles, depth } = market;
    const [candle = null, ...later] = candles;
    market = later.length > 0 ? { ...NO_MARKET, candles: later } : null;
    lastMarketMs = ports.nowMs();
    return [{ kind: 'market', frame: { quotes, candle, depth } }];
  };

  const flush = (): void => {
    if (closed || sending) return;
    const taken = deltas;
    deltas = [];
    const pushes: readonly Push[] = [...(taken.length > 0 ? [{ kind: 'deltas', deltas: taken } as const] : []), ...takeMarket()];
    if (pushes.length === 0) return;
    sending = true;
    ports.send(pushes).then(
      () => {
        sending = false;
        flush();
      },
      () => {
        // Nothing is lost by an unreachable window: the same deltas go again, and a window that took them drops what it knows.
        sending = false;
        deltas = [...taken, ...deltas];
        bound();
        if (!closed) flushLater(RETRY_MS);
      },
    );
  };

  return {
    push(push) {
      if (closed) return;
      if (push.kind === 'market') market = merge(market, push.frame);
      else {
        deltas.push(...push.deltas);
        bound();
      }
      flush();
    },
    close() {
      closed = true;
      deltas = [];
      market = null;
      cancelTimer?.();
      cancelTimer = null;
    },
  };
};
