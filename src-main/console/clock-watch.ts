// Watches the readings of the exchange's clock between the hourly self-tests: one that turns bad or good again, or does not come, asks
// for a self-test soon (REQUIREMENTS J). The engine itself halts on a bad reading; this keeps the self-test from saying otherwise.
import { MAX_CLOCK_OFFSET_MS } from '../safety/self-test.ts';

/** The venue's clock is measured every minute; two readings that did not come are a reason to look. */
export const CLOCK_OVERDUE_MS = 150_000;
/** A clock at the very limit must not make one test after another. */
export const CLOCK_TESTS_APART_MS = 5_000;

export interface ClockWatch {
  /** A reading: our clock against the exchange's. */
  read(offsetMs: number): void;
  /** To be called often: notices that readings stay away. */
  look(): void;
}

export const watchClock = (monoMs: () => number, test: () => void): ClockWatch => {
  let isGood = true;
  let readAtMs = monoMs();
  let testedAtMs = Number.NEGATIVE_INFINITY;
  const askFor = (nowMs: number): void => {
    if (nowMs - testedAtMs < CLOCK_TESTS_APART_MS) return;
    testedAtMs = nowMs;
    test();
  };
  return {
    read(offsetMs) {
      readAtMs = monoMs();
      const wasGood = isGood;
      isGood = Math.abs(offsetMs) <= MAX_CLOCK_OFFSET_MS;
      if (isGood !== wasGood) askFor(readAtMs);
    },
    look() {
      const nowMs = monoMs();
      if (nowMs - readAtMs < CLOCK_OVERDUE_MS) return;
      readAtMs = nowMs;
      askFor(nowMs);
    },
  };
};
