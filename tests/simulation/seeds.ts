// The seeds that `npm test` lives through, in shards that run side by side, and what they must have met between them.
import { describe, expect, test } from 'vitest';
import { drawPlan } from './plan.ts';
import { STEPS } from './steps.ts';
import { World } from './world.ts';

const SHARDS = 2;
const SEEDS_IN_A_SHARD = 100;
/** What each shard must have lived through, or the simulation proves less than it says. */
const EXPECTED_MARKS = [
  'crash with an order INTENDED',
  'crash with an order SENT',
  'crash while the stop is at work',
  'crash during the start',
  'crash on a full disk',
  'watchdog.acted',
  'torn tail cut',
  'start from a snapshot',
  'list.intended',
  'protection.set',
  'protection.restored',
  'order.unknown',
  'proven absent',
  'never sent',
  'recovered fill',
  'order.adopted',
  'balance.moved',
  'balance booked as a deposit',
  'balance booked as a withdrawal',
  'position.corrected',
  'order adopted as foreign with its fills',
  'flattened',
  'incomplete receipt',
  'stop.rearmed',
  'breaker opened by daily-drawdown',
  'breaker opened by api-errors',
  'breaker.closed',
  'tripped by itself',
  'reconcile.failed',
  'ladder.promoted',
  'ladder.demoted',
] as const;

/** The seed goes with its failure: it is the whole recipe. */
export const lived = async (seed: number, steps: number): Promise<World> => {
  const world = new World(drawPlan(seed, steps));
  try {
    await world.run();
    return world;
  } catch (error) {
    const again = `npm run simulate -- --seed ${seed} --steps ${steps}`;
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`Seed ${seed} fails after ${world.stepsDone} steps; shrink it with: ${again}\n${why}`, { cause: error });
  }
};

/** @param shard 1 or 2: every second seed */
export const describeShard = (shard: number): void => {
  describe(`Q1-Q11: the console under orders, faults and crashes (${shard} of ${SHARDS})`, () => {
    const marks = new Set<string>();
    const seeds = Array.from({ length: SEEDS_IN_A_SHARD }, (_, index) => index * SHARDS + shard);

    test.each(seeds)('seed %i', async (seed) => {
      const world = await lived(seed, STEPS);
      for (const mark of world.marks) marks.add(mark);
      expect(world.stepsDone).toBe(STEPS);
    });

    test('the seeds met what they are for', () => {
      expect([...marks]).toEqual(expect.arrayContaining([...EXPECTED_MARKS]));
    });
  });
};
