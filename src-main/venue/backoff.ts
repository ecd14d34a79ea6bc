// When to dial again: at once after a live connection was lost, then ever later with jitter, so that no outage turns into a storm
// (ccxt redials a user stream every 7 ms, BINANCE 2). Pure: randomness and time come in.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** The loss of a live connection is answered at once, but not more often than this: the next ones back off. */
export const AT_ONCE_EVERY_MS = 10_000;

/**
 * The wait before dial number `failures` + 1, ms: none after no failure, else between half and all of 0.5 s doubled for each
 * further failure, at most 10 s. `random` is in [0, 1).
 */
export const waitBeforeDialMs = (failures: number, random: number): number => {
  if (failures <= 0) return 0;
  const wholeMs = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 10));
  return Math.round(wholeMs * (0.5 + random / 2));
};
