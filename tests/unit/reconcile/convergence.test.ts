// Comparisons over time (REQUIREMENTS I): the history that a person reads, and the difference that no correction ends.
import { describe, expect, test } from 'vitest';
import type { Difference } from '../../../src-shared/domain/difference.ts';
import { emptyState } from '../../../src-main/engine/evolve.ts';
import type { EngineState } from '../../../src-main/engine/state.ts';
import { compared, unendingOf } from '../../../src-main/reconcile/convergence.ts';
import { LEFT_ALONE } from '../../../src-main/reconcile/diff.ts';

const { reconciliation: NONE } = emptyState();
const MINUTE_MS = 60_000;
const differs = (changes: Partial<Difference> = {}): Difference => ({
  what: 'balance',
  key: 'USDT',
  local: '1',
  venue: '2',
  action: 'taken over',
  ...changes,
});

/** The state after comparisons a minute apart that found these. */
const after = (rounds: readonly (readonly Difference[])[], everyMs = MINUTE_MS): EngineState['reconciliation'] =>
  rounds.reduce(
    (before, differences, round) => compared(before, { why: `round ${round}`, differences, tookMs: 7 }, (round + 1) * everyMs),
    NONE,
  );

describe('the history', () => {
  test('names time, reason, length and differences of the comparisons that found any, newest first', () => {
    const { history, differences, atMs, text } = after([[differs()], [], [differs({ venue: '3' }), differs({ key: 'BTC' })]]);
    expect(history).toMatchObject([
      { atMs: 3 * MINUTE_MS, why: 'round 2', tookMs: 7, total: 2, differences: [{ venue: '3' }, { key: 'BTC' }] },
      { atMs: MINUTE_MS, why: 'round 0', total: 1 },
    ]);
    expect(differences).toHaveLength(2);
    expect([atMs, text]).toEqual([3 * MINUTE_MS, 'round 2']);
  });

  test('is bounded: 50 comparisons, and of a long one the first 50 differences with how many there were', () => {
    const long = Array.from({ length: 70 }, (_, index) => differs({ key: `A${index}` }));
    const { history } = after(Array.from({ length: 60 }, () => long));
    expect(history).toHaveLength(50);
    expect(history[0]).toMatchObject({ total: 70, why: 'round 59' });
    expect(history[0]?.differences).toHaveLength(50);
  });
});

describe('a difference that comes back', () => {
  test('with the same numbers four times in a row over a minute is named as unending; one comparison without it ends that', () => {
    const same = [differs()];
    expect(unendingOf(after([same, same, same]))).toBeNull();
    expect(unendingOf(after([same, same, same, same]))).toMatchObject({ key: 'USDT' });
    expect(unendingOf(after([same, same, same, same, []]))).toBeNull();
    expect(unendingOf(after([same, same, [], same, same]))).toBeNull();
  });

  test('is given time where comparisons follow each other quickly', () => {
    const same = Array.from({ length: 8 }, () => [differs()]);
    expect(unendingOf(after(same, 1000))).toBeNull();
    expect(unendingOf(after(same, 10_000))).toMatchObject({ key: 'USDT' });
  });

  test('with other numbers each time is named after twelve', () => {
    const rounds = Array.from({ length: 12 }, (_, index) => [differs({ venue: String(index) })]);
    expect(unendingOf(after(rounds.slice(1)))).toBeNull();
    expect(unendingOf(after(rounds))).toMatchObject({ venue: '11' });
  });

  test('counts only where the engine corrects: not foreign orders that it leaves alone, nor protection, which has an alarm of its own', () => {
    const left = [differs({ what: 'order', action: LEFT_ALONE }), differs({ what: 'protection' })];
    expect(after([left, left]).repeats.size).toBe(0);
    expect(after([left.slice(0, 1), left.slice(0, 1)]).history).toEqual([]);
    expect(unendingOf(after(Array.from({ length: 20 }, () => left)))).toBeNull();
  });

  test('counts once in a comparison that names it twice', () => {
    const twice = [differs(), differs({ action: 'booked as a deposit' })];
    expect([...after([twice, twice]).repeats.values()]).toMatchObject([{ times: 2, sameTimes: 2 }]);
  });
});

test('nothing compared is nothing unending', () => expect(unendingOf(NONE)).toBeNull());
