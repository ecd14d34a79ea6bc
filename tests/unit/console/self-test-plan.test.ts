// The health monitor's rhythm (J): the self-test comes as often as the policy says, from the moment on that it says so.
import { expect, test } from 'vitest';
import { Sim } from '../../support/sim.ts';

const MINUTE_MS = 60_000;

test('the self-test runs every checks.selfTestEveryMinutes; a policy that asks for it oftener does not wait for the next one', async () => {
  const sim = await new Sim({ policy: { checks: { selfTestEveryMinutes: 6 } }, eventsPerSecond: 1 }).start();
  const count = (): number => sim.factsOf('selftest.finished').length;
  expect(count()).toBe(1);
  await sim.time.pass(5 * MINUTE_MS);
  expect(count()).toBe(1);
  await sim.time.pass(MINUTE_MS);
  expect(count()).toBe(2);
  await sim.time.pass(3 * MINUTE_MS);
  sim.changePolicy({ checks: { selfTestEveryMinutes: 5 } });
  await sim.time.pass(MINUTE_MS);
  expect(count()).toBe(2);
  await sim.time.pass(MINUTE_MS);
  expect(count()).toBe(3);
  sim.crash();
});
