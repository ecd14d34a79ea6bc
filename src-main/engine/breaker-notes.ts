// What the breaker notes and never journals: the newest good look at the account, the looks that wait for a second one, and the calls
// that failed. Empty after a start: losing it costs a second of readings, and what has opened the breaker is a fact.
import type { BreakerRule, AutoTripRule } from '../../src-shared/domain/breaker.ts';
import type { GoodReading } from '../safety/readings.ts';

/** `auto:` of the emergency stop's own thresholds; `recovered`: an accepted open loss that is seen within its limit. */
export type StreakName = BreakerRule | `auto:${AutoTripRule}` | 'recovered';

export interface BreakerNotes {
  last: GoodReading | null;
  readonly firsts: Map<StreakName, GoodReading>;
  /** Monotonic ms, oldest first. */
  apiErrorsMs: number[];
}

/** More than a policy can ask for within a window. */
const API_ERRORS_KEPT = 200;

export const emptyBreakerNotes = (): BreakerNotes => ({ last: null, firsts: new Map(), apiErrorsMs: [] });

export const noteApiError = (notes: BreakerNotes, monoMs: number): void => {
  notes.apiErrorsMs.push(monoMs);
  if (notes.apiErrorsMs.length > API_ERRORS_KEPT) notes.apiErrorsMs.shift();
};

export const apiErrorsWithin = (notes: BreakerNotes, windowMs: number, monoMs: number): number =>
  notes.apiErrorsMs.filter((atMs) => monoMs - atMs < windowMs).length;
