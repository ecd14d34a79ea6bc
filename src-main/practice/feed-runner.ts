// TEMPORARY while feeds/ is being written: a still ladder.
import { makeInstruments } from './core/instruments.ts';
import type { Exchange } from './core/types.ts';
import type { ParsedOptions } from './options.ts';
import type { Regime } from './protocol/desk.ts';

export interface RunningFeed {
  pause(on: boolean): void;
  setRegime(regime: Regime): boolean;
  stop(): void;
}

export function startFeed(options: ParsedOptions, core: Exchange, nowMs: () => number): Promise<RunningFeed> {
  for (const spec of makeInstruments(options.symbols)) {
    const mid = Math.round(Number(spec.referencePrice) * 100);
    const level = (ticks: number): readonly [string, string] => [(ticks / 100).toFixed(2), '1.00000'];
    const bids = Array.from({ length: 20 }, (_, i) => level(mid - 1 - i));
    const asks = Array.from({ length: 20 }, (_, i) => level(mid + 1 + i));
    core.applyDepth(spec.symbol, { kind: 'snapshot', bids, asks }, nowMs());
    core.applyTrade(spec.symbol, { price: (mid / 100).toFixed(2), qty: '0.01', buyerIsMaker: true, timeMs: nowMs() }, nowMs());
  }
  return Promise.resolve({ pause: () => undefined, setRegime: () => false, stop: () => undefined });
}
