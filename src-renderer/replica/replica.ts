// The window's read-only copy of the engine, and of the market for display. Nothing here is decided and nothing is written by a
// feature: only the connection sets it.
import { create } from 'zustand';
import { EMPTY_VIEW } from '../../src-shared/contract/view.ts';
import type { CandleView, ConsoleView, InstrumentView, MarketFrame } from '../../src-shared/contract/view.ts';
import { callWithin, onPush } from '../bridge/bridge.ts';
import { connect } from './connection.ts';

export interface Replica {
  readonly view: ConsoleView;
  readonly seq: number;
  /** `waiting`: never had a picture yet. `stale`: had one, and cannot vouch for it now. */
  readonly link: { readonly state: 'waiting' | 'live' } | { readonly state: 'stale'; readonly why: string; readonly sinceMs: number };
  /** Counts snapshots: whatever main forgets on a reload (the chart's subscription) is asked again when it changes. */
  readonly generation: number;
}

export interface Market {
  readonly quotes: MarketFrame['quotes'];
  readonly depth: MarketFrame['depth'];
  /** The forming candle of the chart that is shown. */
  readonly candle: CandleView | null;
}

export const useReplica = create<Replica>(() => ({ view: EMPTY_VIEW, seq: 0, link: { state: 'waiting' }, generation: 0 }));
export const useMarket = create<Market>(() => ({ quotes: {}, depth: null, candle: null }));

const SUBSCRIBE_DEADLINE_MS = 3_000;

/** Connects the stores to main. Returns how to disconnect. */
export const startReplica = (): (() => void) =>
  connect(
    {
      subscribe: () => callWithin(SUBSCRIBE_DEADLINE_MS, 'subscribe', {}),
      onPush,
      nowMs: () => Date.now(),
      after: (delayMs, run) => {
        const timer = window.setTimeout(run, delayMs);
        return () => window.clearTimeout(timer);
      },
    },
    {
      live: ({ view, seq }) =>
        useReplica.setState((was) => ({
          view,
          seq,
          link: was.link.state === 'live' ? was.link : { state: 'live' },
          generation: was.link.state === 'live' ? was.generation : was.generation + 1,
        })),
      stale: (why, sinceMs) => useReplica.setState((was) => (was.link.state === 'live' ? { link: { state: 'stale', why, sinceMs } } : was)),
      market: (frame) =>
        useMarket.setState((was) => ({
          quotes: { ...was.quotes, ...frame.quotes },
          depth: frame.depth ?? was.depth,
          candle: frame.candle ?? was.candle,
        })),
    },
  );

export const useLive = (): boolean => useReplica((replica) => replica.link.state === 'live');
export const useInstrument = (symbol: string): InstrumentView | undefined => useReplica((replica) => replica.view.instruments[symbol]);
