// The health monitor (REQUIREMENTS J) in virtual time: the real self-test over the real adapter, every hour by itself, every 15 s while
// it is red, and by hand; what is red halts, and what is mended trades on.
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { freeDisk, runSelfTest } from '../../../src-main/console/self-test-run.ts';
import type { SelfTestItem } from '../../../src-shared/domain/self-test.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { PASSED, Sim } from '../../support/sim.ts';

/** A simulated console that tests itself for real from now on, and when it did. */
const monitored = async (): Promise<{ readonly sim: Sim; readonly atMs: number[]; items: () => readonly SelfTestItem[] }> => {
  const sim = await new Sim({ eventsPerSecond: 1, weightPerMinute: 60_000 }).start();
  const atMs: number[] = [];
  let newest: readonly SelfTestItem[] = [];
  const { core } = sim.session;
  const whole = { verdict: 'whole', facts: 7, text: '' };
  Object.assign(core, { journalReport: () => Promise.resolve(whole) });
  Object.assign(core.setup, {
    selfTest: async () => {
      atMs.push(sim.time.monoMs());
      newest = await runSelfTest(core, {
        mode: 'testnet',
        home: tmpdir(),
        hasWindow: false,
        proveKeychain: () => Promise.resolve(ok('read-back' as const)),
      });
      return newest;
    },
  });
  return { sim, atMs, items: () => newest };
};

const redOf = (items: readonly SelfTestItem[]): readonly string[] => items.filter(({ verdict }) => verdict === 'fail').map(({ id }) => id);
const HOUR_MS = 3_600_000;

test('it runs every hour by itself', async () => {
  const sim = await new Sim({ eventsPerSecond: 0 }).start();
  const { core } = sim.session;
  const atMs: number[] = [];
  Object.assign(core.setup, { selfTest: () => Promise.resolve(void atMs.push(sim.time.monoMs())).then(() => [PASSED]) });
  const fromMs = sim.time.monoMs();
  // Hundreds of thousands of ticks and pings in those hours say nothing here.
  clearInterval(Reflect.get(core, 'ticker') as NodeJS.Timeout);
  sim.venue.die();
  await sim.time.pass(3 * HOUR_MS);
  const apartMs = atMs.map((at, index) => at - (atMs[index - 1] ?? fromMs));
  expect(atMs).toHaveLength(3);
  expect(Math.max(...apartMs)).toBeLessThanOrEqual(HOUR_MS);
  expect(Math.min(...apartMs.slice(1))).toBe(HOUR_MS);
}, 60_000);

test('a sound console is green; trading rules that are older than half an hour are read anew', async () => {
  const { sim, items } = await monitored();
  const { market } = sim.engine;
  const oldMs = (market.instrumentsAtMs ?? 0) - 31 * 60_000;
  market.instrumentsAtMs = oldMs;
  void sim.session.core.runSelfTest();
  await sim.until('the test is through', () => items().length > 0, 10_000, 100);
  expect(redOf(items()), JSON.stringify(items())).toEqual([]);
  expect(items().find(({ id }) => id === 'user-stream')).toMatchObject({
    verdict: 'pass',
    text: expect.stringContaining('answered') as string,
  });
  expect(market.instrumentsAtMs).toBeGreaterThan(oldMs + 31 * 60_000);
  expect(sim.engine.trading().level).toBe('ACTIVE');
}, 60_000);

test('a key that may withdraw halts with the fix in words; it is looked at again after 15 s, and once it may not, trading goes on', async () => {
  const { sim, atMs, items } = await monitored();
  let canWithdraw = true;
  Object.assign(sim.venue.port, { permissions: () => Promise.resolve(ok({ canTrade: true, canWithdraw })) });
  // By hand.
  void sim.session.core.runSelfTest();
  await sim.until('the test is through', () => sim.engine.trading().level === 'HALTED', 10_000, 100);
  expect(redOf(items())).toEqual(['permissions']);
  expect(sim.engine.trading().causes[0]).toMatchObject({
    code: 'SELF_TEST',
    text: expect.stringContaining('Switch withdrawals off') as string,
  });
  expect(sim.place({ side: 'BUY', type: 'MARKET', qty: '0.001' as never })).toMatchObject({ kind: 'denied' });
  canWithdraw = false;
  await sim.until('it trades again', () => sim.engine.trading().level === 'ACTIVE', 30_000, 100);
  expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeGreaterThan(14_000);
  expect((atMs[1] ?? 0) - (atMs[0] ?? 0)).toBeLessThan(25_000);
}, 120_000);

test('an account stream whose connection is cut is red after a moment, with where to look', async () => {
  const { sim, items } = await monitored();
  sim.venue.setUserStream(false);
  void sim.session.core.runSelfTest();
  await sim.until('the test is through', () => items().length > 0, 30_000, 100);
  expect(items().find(({ id }) => id === 'user-stream')).toMatchObject({
    verdict: 'fail',
    text: expect.stringContaining('look at the network') as string,
  });
}, 120_000);

test('a measurement that breaks is red with its reason, and the next test comes all the same', async () => {
  const { sim, atMs, items } = await monitored();
  Object.assign(sim.session.core, { journalReport: () => Promise.reject(new Error('the worker is gone')) });
  void sim.session.core.runSelfTest();
  await sim.until('two tests are through', () => atMs.length === 2, 60_000, 100);
  expect(redOf(items())).toEqual(['journal']);
  expect(items().find(({ id }) => id === 'journal')?.text).toContain('the worker is gone');
}, 120_000);

test('the disk is measured where the home is, and a home that is gone is told', async () => {
  const there = await freeDisk(tmpdir());
  expect(there.ok && there.value.freeBytes > 0).toBe(true);
  const gone = await freeDisk(join(tmpdir(), 'no', 'such', 'home'));
  expect(gone.ok ? '' : gone.error).toMatch(/cannot be told.*check that the home/);
});
