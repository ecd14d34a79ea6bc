// This machine's time as waits and ages need it: the wall clock as it stood at the beginning, carried on by the monotonic one. A hold by
// the exchange and the window of a request (BINANCE 3, 5) are as long as they are, whatever the wall clock is set to meanwhile. Never used
// for timestamps: those follow the exchange's clock (clock.ts).

export interface LocalClock {
  /** Whole ms. */
  readonly nowMs: () => number;
  /** What the wall clock, as it stands now, shows at a time of this clock. */
  readonly toWallMs: (atMs: number) => number;
}

export const createLocalClock = (wallMs: () => number, monoMs: () => number): LocalClock => {
  const aheadMs = wallMs() - monoMs();
  const nowMs = (): number => Math.round(monoMs() + aheadMs);
  return { nowMs, toWallMs: (atMs) => Math.round(wallMs() + (atMs - nowMs())) };
};
