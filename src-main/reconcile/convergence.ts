// What becomes of comparisons over time: the history that a person reads, and the difference that comes back however often it is dealt
// with. A correction that does not hold is no correction: it is capped, named, and halts trading (REQUIREMENTS I).
import type { Difference } from '../../src-shared/domain/difference.ts';
import type { EngineState, Repeat } from '../engine/state.ts';
import { isDealtWith } from './diff.ts';

type Reconciliation = EngineState['reconciliation'];
type Repeats = Reconciliation['repeats'];

/** Comparisons with differences that stay in memory, and differences of each: the journal has them all. */
const HISTORY_KEPT = 50;
const DIFFERENCES_KEPT = 50;
/** The very same difference, in so many comparisons in a row and over so long: the correction does not hold. */
const SAME_TO_HALT = 4;
const SAME_FOR_MS = 60_000;
/** Differences of the same thing, whatever their numbers, in so many comparisons in a row. */
const AGAIN_TO_HALT = 12;

const keyOf = ({ what, key }: Difference): string => `${what} ${key}`;

/** What the engine corrects by itself, and may thus fail to. Protection has its own watch and its own alarm (B5). */
const isCorrected = (one: Difference): boolean => one.what !== 'protection' && isDealtWith(one);

const repeatsOf = (before: Repeats, differences: readonly Difference[], atMs: number): Repeats => {
  const repeats = new Map<string, Repeat>();
  for (const difference of differences) {
    const key = keyOf(difference);
    if (!isCorrected(difference) || repeats.has(key)) continue;
    const last = before.get(key);
    const isSame = last?.difference.local === difference.local && last.difference.venue === difference.venue;
    repeats.set(key, {
      times: (last?.times ?? 0) + 1,
      sameTimes: isSame ? last.sameTimes + 1 : 1,
      sameSinceMs: isSame ? last.sameSinceMs : atMs,
      difference,
    });
  }
  return repeats;
};

/** Reconciliation's part of the state after one more comparison. */
export const compared = (
  before: Reconciliation,
  { why, differences, tookMs }: { readonly why: string; readonly differences: readonly Difference[]; readonly tookMs: number },
  atMs: number,
): Reconciliation => ({
  atMs,
  differences,
  failures: 0,
  text: why,
  history: differences.some(isDealtWith)
    ? [
        { atMs, why, tookMs, total: differences.length, differences: differences.slice(0, DIFFERENCES_KEPT) },
        ...before.history.slice(0, HISTORY_KEPT - 1),
      ]
    : before.history,
  repeats: differences.length === 0 && before.repeats.size === 0 ? before.repeats : repeatsOf(before.repeats, differences, atMs),
});

/** The difference that no correction ends, or null. It is over with the first comparison that does not find it any more. */
export const unendingOf = ({ repeats, atMs }: Reconciliation): Difference | null => {
  for (const { times, sameTimes, sameSinceMs, difference } of repeats.values()) {
    const isStuck = sameTimes >= SAME_TO_HALT && (atMs ?? 0) - sameSinceMs >= SAME_FOR_MS;
    if (isStuck || times >= AGAIN_TO_HALT) return difference;
  }
  return null;
};
