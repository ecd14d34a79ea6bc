// Between the hourly self-tests: what the readings of the exchange's clock ask for.
import { expect, test } from 'vitest';
import { CLOCK_OVERDUE_MS, CLOCK_TESTS_APART_MS, watchClock } from '../../../src-main/console/clock-watch.ts';

const setUp = () => {
  let nowMs = 1_000;
  let tests = 0;
  const watch = watchClock(
    () => nowMs,
    () => (tests += 1),
  );
  return { watch, tests: () => tests, pass: (ms: number) => (nowMs += ms) };
};

test('a reading that turns bad, and one that turns good again, each ask for one self-test', () => {
  const { watch, tests, pass } = setUp();
  for (const offsetMs of [0, 400, -1000]) watch.read(offsetMs);
  expect(tests()).toBe(0);
  watch.read(-1001);
  watch.read(5000);
  expect(tests()).toBe(1);
  pass(60_000);
  watch.read(5000);
  expect(tests()).toBe(1);
  watch.read(3);
  expect(tests()).toBe(2);
});

test('a clock at the very limit does not make one test after another', () => {
  const { watch, tests, pass } = setUp();
  for (let times = 0; times < 50; times += 1) watch.read(times % 2 === 0 ? 1001 : 999);
  expect(tests()).toBe(1);
  pass(CLOCK_TESTS_APART_MS);
  watch.read(1001);
  expect(tests()).toBe(2);
});

test('readings that stay away ask for a test, again each time they are overdue', () => {
  const { watch, tests, pass } = setUp();
  pass(CLOCK_OVERDUE_MS - 1);
  watch.look();
  expect(tests()).toBe(0);
  pass(1);
  watch.look();
  watch.look();
  expect(tests()).toBe(1);
  pass(CLOCK_OVERDUE_MS);
  watch.look();
  expect(tests()).toBe(2);
});
