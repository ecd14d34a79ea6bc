// The policy on disk (G): never half written, never silently looser, and where nothing good is left nothing is traded.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { openPolicyFile } from '../../../src-main/settings/policy-file.ts';
import type { PolicyFile } from '../../../src-main/settings/policy-file.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { AGGRESSIVE, DEFENSIVE, NORMAL } from '../../../src-shared/policy/profiles.ts';
import { freshHome } from '../control/fake-console.ts';

const file = (home: string): string => path.join(home, 'policy.json');
const backups = (home: string): string[] => fs.readdirSync(path.join(home, 'policy-backups')).toSorted();
const write = (home: string, policy: unknown): void =>
  fs.writeFileSync(file(home), typeof policy === 'string' ? policy : JSON.stringify(policy));
/** As the file system has it: nobody sets the change time. */
const sinceOf = (home: string): number => Math.floor(fs.statSync(file(home)).ctimeMs);
const looserBy = (maxDailyTrades: number): Policy => ({ ...NORMAL, name: 'MINE', limits: { ...NORMAL.limits, maxDailyTrades } });

test('a first start writes NORMAL, or the profile that was asked for', () => {
  const home = freshHome();
  const opened = openPolicyFile(home, null).current();
  const sinceMs = sinceOf(home);
  expect(opened).toEqual({
    ok: true,
    value: { policy: NORMAL, version: 1, by: 'first start', why: 'profile NORMAL', problem: '', inForce: NORMAL, sinceMs },
  });
  expect(fs.statSync(file(home)).mode & 0o777).toBe(process.platform === 'win32' ? 0o666 : 0o600);
  const other = freshHome();
  const chosen = openPolicyFile(other, 'defensive').current();
  expect(chosen.ok && chosen.value.policy).toEqual(DEFENSIVE);
  // Later starts keep what is there.
  const again = openPolicyFile(other, 'aggressive').current();
  expect(again.ok && again.value.policy).toEqual(DEFENSIVE);
});

test('an unknown profile starts nothing and names the ones that there are', () => {
  const home = freshHome();
  const current = openPolicyFile(home, 'reckless').current();
  expect(current.ok ? '' : current.error).toContain('NORMAL, DEFENSIVE, AGGRESSIVE');
  expect(fs.existsSync(file(home))).toBe(false);
});

/** What the console does when the engine has taken a policy: the next version in force. */
const adopt = (policy: PolicyFile, content: Policy): void => {
  const version = (policy.versions()[0]?.version ?? 0) + 1;
  expect(policy.keep({ version, by: 'trader', why: 'a test', policy: content, atMs: 1, changes: [] })).toMatchObject({ ok: true });
};

test('an edited file is what is wanted, and what was in force stays known beside it until the engine takes it', () => {
  const home = freshHome();
  const policy = openPolicyFile(home, null);
  expect(policy.refresh()).toBe(false);
  write(home, AGGRESSIVE);
  expect(policy.refresh()).toBe(true);
  expect(policy.refresh()).toBe(false);
  const edited = { policy: AGGRESSIVE, version: 1, by: 'policy.json', why: 'the file was edited', problem: '', inForce: NORMAL };
  expect(policy.current()).toEqual({ ok: true, value: { ...edited, sinceMs: sinceOf(home) } });
  expect(openPolicyFile(home, null).current()).toEqual(policy.current());
  // The same content written again is no change.
  write(home, JSON.stringify(AGGRESSIVE, null, 4));
  expect(policy.refresh()).toBe(false);
  adopt(policy, AGGRESSIVE);
  expect(policy.current()).toMatchObject({ ok: true, value: { policy: AGGRESSIVE, version: 2, by: 'trader', inForce: AGGRESSIVE } });
  expect(policy.versions().map(({ version, by, policy: { name } }) => [version, by, name])).toEqual([
    [2, 'trader', 'AGGRESSIVE'],
    [1, 'first start', 'NORMAL'],
  ]);
});

test('what is wanted is written whole; an edit that nobody has read is not written over', () => {
  const home = freshHome();
  const policy = openPolicyFile(home, null);
  expect(policy.write(DEFENSIVE)).toMatchObject({ ok: true });
  expect(JSON.parse(fs.readFileSync(file(home), 'utf8'))).toEqual(DEFENSIVE);
  expect(policy.refresh()).toBe(false);
  write(home, AGGRESSIVE);
  expect(policy.write(NORMAL)).toMatchObject({ ok: false, error: expect.stringContaining('edited by hand') });
  adopt(policy, DEFENSIVE);
  expect(policy.refresh()).toBe(true);
  expect(policy.current()).toMatchObject({ ok: true, value: { policy: AGGRESSIVE, inForce: DEFENSIVE } });
  // Refused: the trader's text is kept beside.
  expect(policy.write(DEFENSIVE, true)).toMatchObject({ ok: true });
  expect(JSON.parse(fs.readFileSync(path.join(home, 'policy-refused.json'), 'utf8'))).toEqual(AGGRESSIVE);
});

describe('since when the file says it', () => {
  const since = (policy: PolicyFile): number | undefined => {
    const current = policy.current();
    return current.ok ? current.value.sinceMs : undefined;
  };
  const HOUR_MS = 3_600_000;
  /** Longer than a step of the file system's clock: what is written after it has another date. */
  const clockStep = () => sleep(60);

  test('is never later than the wish that wrote it, so that a restart keeps what is left of its wait', () => {
    const home = freshHome();
    const policy = openPolicyFile(home, null);
    const beforeMs = Date.now();
    policy.write(AGGRESSIVE);
    const afterMs = Date.now();
    // The file system's clock goes in steps of its own (4 ms and more on Linux).
    expect(since(policy)).toBeGreaterThanOrEqual(beforeMs - 50);
    expect(since(policy)).toBeLessThanOrEqual(afterMs);
    expect(since(openPolicyFile(home, null))).toBe(since(policy));
  });

  test('the same wished once more changes nothing of it, a version kept neither', async () => {
    const home = freshHome();
    const policy = openPolicyFile(home, null);
    const sinceMs = since(policy);
    await clockStep();
    expect(policy.write(NORMAL)).toMatchObject({ ok: true });
    adopt(policy, DEFENSIVE);
    expect(since(openPolicyFile(home, null))).toBe(sinceMs);
  });

  test.each([
    ['written back by hand', (path: string, text: string) => fs.writeFileSync(path, text)],
    [
      'written back with an old date',
      (path: string, text: string) => {
        fs.writeFileSync(path, text);
        fs.utimesSync(path, 1, 1);
      },
    ],
    [
      'put back from a copy that kept its date',
      (path: string, text: string) => {
        const copy = `${path}.mine`;
        fs.writeFileSync(copy, text);
        fs.utimesSync(copy, 1, 1);
        fs.renameSync(copy, path);
      },
    ],
  ])('a wish that was withdrawn and is %s stands since then', async (_, putBack) => {
    const home = freshHome();
    const policy = openPolicyFile(home, null);
    policy.write(AGGRESSIVE);
    const text = fs.readFileSync(file(home), 'utf8');
    policy.write(NORMAL);
    await clockStep();
    const beforeMs = Date.now();
    putBack(file(home), text);
    expect(policy.refresh()).toBe(true);
    expect(since(policy)).toBeGreaterThanOrEqual(beforeMs - 50);
  });

  test('a date of the future is said as it is, and a stand-in has none', () => {
    const home = freshHome();
    const policy = openPolicyFile(home, null);
    const soon = Date.now() + HOUR_MS;
    fs.utimesSync(file(home), soon / 1000, soon / 1000);
    expect(since(openPolicyFile(home, null))).toBeGreaterThanOrEqual(soon - 1);
    write(home, 'broken');
    policy.refresh();
    expect(policy.current()).toMatchObject({ ok: true, value: { problem: expect.stringContaining('cannot be used') } });
    expect(since(policy)).toBeUndefined();
  });
});

test.each([
  ['no JSON', '{"name": "MINE",', /no JSON/],
  ['an empty file', '', /no JSON/],
  ['an unknown field', { ...NORMAL, maxDialyLoss: 1 }, /maxDialyLoss: is no field/],
  ['a value out of range', looserBy(-1), /limits.maxDailyTrades/],
  ['a number where money is text', { ...NORMAL, limits: { ...NORMAL.limits, maxOrderNotionalUsdt: 1000 } }, /limits.maxOrderNotionalUsdt/],
  ['a prototype key', '{"__proto__": {"name": "EVIL"}}', /"__proto__" is not allowed/],
  ['a list', [], /must be a group/],
  ['an oversized file', `{"name": "${'x'.repeat(300_000)}"}`, /larger than/],
])('%s is refused, said, and the newest good version stands in', (_, broken, reason) => {
  const home = freshHome();
  const policy = openPolicyFile(home, null);
  write(home, DEFENSIVE);
  policy.refresh();
  adopt(policy, DEFENSIVE);
  write(home, broken);
  expect(policy.refresh()).toBe(true);
  const current = policy.current();
  expect(current.ok && current.value).toMatchObject({ policy: DEFENSIVE, version: 2 });
  expect(current.ok && current.value.problem).toMatch(reason);
  expect(openPolicyFile(home, null).current()).toEqual(current);
  write(home, DEFENSIVE);
  expect(policy.refresh()).toBe(true);
  expect(policy.current()).toMatchObject({ ok: true, value: { version: 2, by: 'trader', problem: '' } });
});

test('a missing file is no first start: the newest good version stands in', () => {
  const home = freshHome();
  openPolicyFile(home, 'defensive');
  fs.rmSync(file(home));
  const current = openPolicyFile(home, null).current();
  expect(current.ok && current.value.policy).toEqual(DEFENSIVE);
  expect(current.ok && current.value.problem).toContain('cannot be used');
});

test('a broken newest backup is passed over for the one before', () => {
  const home = freshHome();
  const policy = openPolicyFile(home, null);
  write(home, DEFENSIVE);
  policy.refresh();
  adopt(policy, DEFENSIVE);
  write(home, 'broken');
  for (const bad of [
    'broken',
    '[]',
    'null',
    JSON.stringify({ policy: AGGRESSIVE }),
    JSON.stringify({ policy: looserBy(-1), by: 'x', why: 'y' }),
  ]) {
    fs.writeFileSync(path.join(home, 'policy-backups', '000002.json'), bad);
    expect(openPolicyFile(home, null).current()).toMatchObject({ ok: true, value: { version: 1, policy: NORMAL } });
  }
});

test('with no good version left there is no policy, and the words say what to do', () => {
  const home = freshHome();
  write(home, 'broken');
  const current = openPolicyFile(home, null).current();
  expect(current.ok ? '' : current.error).toMatch(/no good backup. Correct policy.json/);
});

test('a folder, and a pipe that nobody writes to, are no policy and hold nothing up', () => {
  const home = freshHome();
  fs.mkdirSync(file(home));
  const current = openPolicyFile(home, null).current();
  expect(current.ok ? '' : current.error).toContain('no plain file');
});

test('20 backups are kept, the newest ones', () => {
  const home = freshHome();
  const policy = openPolicyFile(home, null);
  for (let trades = 10; trades < 35; trades += 1) {
    adopt(policy, looserBy(trades));
  }
  expect(backups(home)).toHaveLength(20);
  expect(backups(home).at(-1)).toBe('000026.json');
  expect(policy.versions()[0]).toMatchObject({ version: 26 });
});

test('what was read is read again after 10 minutes, even when the file looks the same', () => {
  const home = freshHome();
  let now = 0;
  const policy = openPolicyFile(home, null, () => now);
  fs.rmSync(path.join(home, 'policy-backups'), { recursive: true });
  now = 9 * 60_000;
  expect(policy.refresh()).toBe(false);
  now = 10 * 60_000;
  expect(policy.refresh()).toBe(true);
  expect(policy.current()).toMatchObject({ ok: true, value: { version: 1, by: 'policy.json' } });
});

test('a home that cannot be written gives no policy, in words', () => {
  const home = freshHome();
  fs.writeFileSync(path.join(home, 'policy-backups'), 'a file where the folder should be');
  const none = openPolicyFile(home, null).current();
  expect(none.ok ? '' : none.error).toContain('cannot be written');
});
