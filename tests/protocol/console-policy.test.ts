// The policy over a whole console (G): from the command line's words to the journal, the file and its backups, and over a restart.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommandLine } from '../../src-main/control/command-line.ts';
import { policyPath } from '../../src-main/settings/home.ts';
import type { PracticeAccount } from '../../src-shared/domain/mode.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { CALLER, startTestConsole } from '../support/console.ts';
import type { TestConsole } from '../support/console.ts';

let console: TestConsole;
const open: TestConsole[] = [];
beforeEach(async () => {
  console = await startTestConsole({}, NORMAL);
  open.push(console);
});
afterEach(async () => {
  for (const one of open.splice(0)) {
    await one.close();
    one.remove();
  }
});

const run = async (...words: string[]) => {
  let stdout = '';
  let stderr = '';
  const exit = await runCommandLine([...words, '--home', console.home], {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    environment: {},
    lines: async function* () {},
    interrupted: new Promise(() => undefined),
  });
  return { exit, stdout, stderr };
};
const file = (): Policy => JSON.parse(readFileSync(policyPath(console.home), 'utf8')) as Policy;
const backups = (): string[] => readdirSync(join(console.home, 'policy-backups')).toSorted();
const policyNow = () => console.view().safety.policy;
const trades = async (): Promise<string | undefined> => {
  const shown = await console.api.handlers.policyShow({}, CALLER);
  return shown.ok ? shown.value.fields.find(({ path }) => path === 'limits.maxDailyTrades')?.value : shown.error.text;
};

it('tightens at once, lets what loosens wait over a restart, and takes it back', async () => {
  const tight = await run('policy', 'set', 'limits.maxDailyTrades', '50', '--why', 'a calmer day');
  expect(tight).toMatchObject({
    exit: 0,
    stdout: expect.stringMatching(/In force now \(version 2\)[\s\S]*limits.maxDailyTrades +100 +50 +tightens/),
  });
  expect(await trades()).toBe('50');
  expect(file().limits.maxDailyTrades).toBe(50);
  expect(backups()).toEqual(['000001.json', '000002.json']);

  const loose = await run('policy', 'set', 'limits.maxDailyTrades', '60', '--why', 'a wilder day');
  expect(loose.stdout).toMatch(/Waiting until[\s\S]*limits.maxDailyTrades +50 +60 +loosens/);
  expect(await trades()).toBe('50');
  expect(file().limits.maxDailyTrades).toBe(60);
  await console.until('the wish is shown', () => policyNow()?.pending?.effectiveAtMs !== undefined);
  const dueAtMs = policyNow()?.pending?.effectiveAtMs;

  await console.close();
  const again = await startTestConsole({ home: console.home });
  open.push(again);
  const first = console;
  console = { ...again, home: first.home };
  expect(await trades()).toBe('50');
  expect(policyNow()?.pending?.effectiveAtMs).toBe(dueAtMs);

  expect(await run('policy', 'withdraw', '--why', 'better not')).toMatchObject({ exit: 0 });
  await console.until('nothing waits', () => policyNow()?.pending === null);
  expect(file().limits.maxDailyTrades).toBe(50);
  expect((await run('policy', 'show', '--versions')).stdout).toMatch(/2 .*a calmer day/);
});

it('a loosening that waits in a journal that was left waits anew when it was withdrawn elsewhere meanwhile and asked for again', async () => {
  const opened = console;
  const start = async (account: PracticeAccount): Promise<void> => {
    await console.close();
    const next = await startTestConsole({ home: opened.home, account });
    open.push(next);
    console = { ...next, home: opened.home };
  };
  const pending = () => policyNow()?.pending;
  await run('policy', 'set', 'limits.maxDailyTrades', '150', '--why', 'a wilder day');
  await console.until('it waits', () => pending()?.effectiveAtMs !== undefined);
  const dueAtMs = pending()?.effectiveAtMs ?? 0;
  const wish = readFileSync(policyPath(console.home), 'utf8');

  // Each account of practice has a journal of its own, as each mode has.
  await start('aggressive');
  await console.until('it waits here too', () => pending()?.effectiveAtMs !== undefined);
  expect(await run('policy', 'withdraw', '--why', 'better not')).toMatchObject({ exit: 0 });
  await console.until('nothing waits', () => pending() === null);
  expect(file().limits.maxDailyTrades).toBe(100);
  await console.close();

  const againAtMs = Date.now();
  writeFileSync(policyPath(console.home), wish);
  await start('conservative');
  expect(await trades()).toBe('100');
  const anew = await console.until('it waits again', () => pending()?.effectiveAtMs);
  expect(anew).toBeGreaterThan(dueAtMs);
  // The file system's clock goes in steps.
  expect(anew).toBeGreaterThanOrEqual(againAtMs - 50 + 15 * 60_000);
}, 60_000);

it('refuses to loosen while the stop is tripped, in words, and leaves the file as it was', async () => {
  await console.api.handlers.tripStop({ reason: 'test' }, CALLER);
  const refused = await run('policy', 'use', 'AGGRESSIVE', '--why', 'win it back');
  expect(refused.exit).toBe(1);
  expect(refused.stderr + refused.stdout).toMatch(/Nothing is loosened now. Emergency stop/);
  expect(file().exposure.maxLeverage).toBe(NORMAL.exposure.maxLeverage);
});

it('a file that is edited by hand goes the same way, and a broken one is said and loosens nothing', async () => {
  writeFileSync(
    policyPath(console.home),
    JSON.stringify({ ...NORMAL, limits: { ...NORMAL.limits, maxDailyTrades: 500, maxOrdersPerSecond: 2 } }),
  );
  await console.until('the edit waits', () => policyNow()?.pending != null, 12_000);
  expect(policyNow()?.pending?.changes).toMatchObject([{ path: 'limits.maxDailyTrades', from: '100', to: '500' }]);
  expect(await trades()).toBe('100');
  writeFileSync(policyPath(console.home), '{');
  await console.until('the broken file is said', () => policyNow()?.problem !== '', 12_000);
  expect(await trades()).toBe('100');
  const set = await run('policy', 'set', 'limits.maxDailyTrades', '90', '--why', 'mend it');
  expect(set.exit).toBe(0);
  await console.until('the file is good again', () => policyNow()?.problem === '', 12_000);
  expect(await trades()).toBe('90');
}, 60_000);

it('says which field is wrong, and compares a profile', async () => {
  expect(await run('policy', 'set', 'limits.maxDialyTrades', '5', '--why', 'x')).toMatchObject({
    exit: 2,
    stderr: expect.stringContaining('is no field'),
  });
  expect((await run('policy', 'diff', 'DEFENSIVE')).stdout).toMatch(/exposure.maxLeverage +30 +10 +tightens/);
  expect(await run('policy', 'diff', 'RECKLESS')).toMatchObject({
    exit: 1,
    stderr: expect.stringContaining('NORMAL, DEFENSIVE, AGGRESSIVE'),
  });
});
