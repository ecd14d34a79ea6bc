// Conservation in the practice exchange (Q9 leans on it): whatever two accounts and the market do, no unit of any asset appears or
// vanishes, nothing is negative, locks are exactly what open orders need, and the user stream retells the balances.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { action, check, newWorld, perform, SYMBOL } from './practice-world.ts';

it('no unit of any asset appears or vanishes, whatever is done', () => {
  let trades = 0;
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 120, size: 'max' }), (actions) => {
      const world = newWorld();
      for (const act of actions) {
        perform(world, act);
        check(world);
      }
      trades += world.core.myTrades('a', SYMBOL, { limit: 1000 }).length;
    }),
    { numRuns: 100 },
  );
  // The property means something only if much was traded.
  expect(trades).toBeGreaterThan(300);
});
