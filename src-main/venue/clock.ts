// Server time minus local time, measured on GET /time: of several round trips the shortest tells best, for its two halves can differ
// least. Timestamps of requests are made with it, because Binance refuses what is outside its window (BINANCE 5).
export interface ClockSample {
  readonly offsetMs: number;
  readonly roundTripMs: number;
}

export interface ServerClock {
  /** Local time plus offset, a whole ms. */
  nowMs(): number;
  readonly offsetMs: number;
  /** How far the offset may be off: half the round trip it was measured over. */
  readonly uncertaintyMs: number;
  /** Sets the offset to the best of the samples and returns it; undefined, and nothing set, without samples. */
  adopt(samples: readonly ClockSample[]): ClockSample | undefined;
}

/** One sample: the server's time was read about halfway between asking (`receivedAtMs - roundTripMs`) and hearing. Local ms. */
export const sampleOf = (serverMs: number, receivedAtMs: number, roundTripMs: number): ClockSample => ({
  offsetMs: Math.round(serverMs + roundTripMs / 2 - receivedAtMs),
  roundTripMs,
});

export const createServerClock = (localNowMs: () => number): ServerClock => {
  let best: ClockSample | undefined;
  return {
    nowMs: () => localNowMs() + (best?.offsetMs ?? 0),
    get offsetMs() {
      return best?.offsetMs ?? 0;
    },
    get uncertaintyMs() {
      return Math.ceil((best?.roundTripMs ?? 0) / 2);
    },
    adopt: (samples) => {
      const [shortest] = samples.toSorted((a, b) => a.roundTripMs - b.roundTripMs);
      best = shortest ?? best;
      return shortest;
    },
  };
};
