// N3: a policy file from elsewhere, whatever it is: a clear error, the version that was good stays in force, nothing elsewhere is touched,
// and what another program wrote into the home is never followed, waited for or read without bound.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openNonces } from '../../src-main/control/kill-switch-nonces.ts';
import { readBounded } from '../../src-main/settings/atomic-file.ts';
import { policyPath } from '../../src-main/settings/home.ts';
import { openPolicyFile } from '../../src-main/settings/policy-file.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import { parsePolicy } from '../../src-shared/policy/schema.ts';
import { freshHome } from '../unit/control/fake-console.ts';

const AGGRESSIVE = JSON.stringify({ ...NORMAL, name: 'FROM ELSEWHERE', limits: { ...NORMAL.limits, maxOrderNotionalUsdt: '2000' } });

/** A home with NORMAL in force, whose policy file is then replaced. */
const setUp = () => {
  const home = freshHome();
  const file = openPolicyFile(home, null);
  const place = policyPath(home);
  fs.rmSync(place);
  return { home, file, place };
};

const expectRefused = ({ file, home }: ReturnType<typeof setUp>, words: string) => {
  for (const policy of [(file.refresh(), file.current()), openPolicyFile(home, null).current()]) {
    expect(policy.ok && policy.value.policy.name).toBe('NORMAL');
    expect(policy.ok && policy.value.problem).toContain(words);
  }
};

test('a link is not followed, whatever it points to', ({ skip }) => {
  if (process.platform === 'win32') skip('links need rights on Windows');
  for (const make of [
    (elsewhere: string) => fs.writeFileSync(elsewhere, AGGRESSIVE),
    (elsewhere: string) => fs.mkdirSync(elsewhere),
    () => undefined,
  ]) {
    const rig = setUp();
    const elsewhere = path.join(freshHome(), 'policy.json');
    make(elsewhere);
    fs.symlinkSync(elsewhere, rig.place);
    expectRefused(rig, 'it is a link');
  }
});

test('a link that is there before the first start is refused, and what it points to stays what it was', ({ skip }) => {
  if (process.platform === 'win32') skip('links need rights on Windows');
  const home = freshHome();
  const elsewhere = path.join(freshHome(), 'policy.json');
  fs.writeFileSync(elsewhere, AGGRESSIVE);
  fs.symlinkSync(elsewhere, policyPath(home));
  const policy = openPolicyFile(home, null).current();
  expect(policy.ok ? '' : policy.error).toContain('it is a link');
  expect(fs.readFileSync(elsewhere, 'utf8')).toBe(AGGRESSIVE);
});

test("another user's file, and one that everybody may write, are not this trader's will", ({ skip }) => {
  if (process.platform === 'win32') skip('Windows has no modes');
  const open = setUp();
  fs.writeFileSync(open.place, AGGRESSIVE);
  fs.chmodSync(open.place, 0o666);
  expectRefused(open, 'every user of this machine may write it');
  fs.chmodSync(open.place, 0o644);
  open.file.refresh();
  expect(open.file.current()).toMatchObject({ ok: true, value: { policy: { name: 'FROM ELSEWHERE' } } });

  if (process.getuid?.() !== 0) skip('only root can give a file away');
  const given = setUp();
  fs.writeFileSync(given.place, AGGRESSIVE);
  fs.chownSync(given.place, 65_534, 65_534);
  // Root's own process takes nothing from others either.
  expectRefused(given, "it is another user's file");
});

test('a huge file, a pipe, a device and a folder hold nothing up', ({ skip }) => {
  const huge = setUp();
  fs.writeFileSync(huge.place, '');
  fs.truncateSync(huge.place, 8 * 1024 ** 3);
  const fromMs = performance.now();
  expectRefused(huge, 'larger than');
  const folder = setUp();
  fs.mkdirSync(folder.place);
  expectRefused(folder, 'no plain file');
  if (process.platform === 'win32') skip('no pipes in folders, no devices');
  const pipe = setUp();
  execFileSync('mkfifo', [pipe.place]);
  expectRefused(pipe, 'no plain file');
  expect(readBounded('/dev/zero', 1000).ok).toBe(false);
  expect(performance.now() - fromMs).toBeLessThan(5000);
});

const hostileText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.json({ maxDepth: 6 }),
  fc.constantFrom(
    '['.repeat(100_000),
    `${'{"limits":'.repeat(20_000)}`,
    '{"__proto__":{"enabled":true}}',
    '{"limits":{"constructor":{}}}',
    '\uFEFF{}',
    'null',
    '""',
  ),
  // A good policy with one field that is none.
  fc
    .tuple(fc.constantFrom(...Object.keys(NORMAL)), fc.string(), fc.jsonValue({ maxDepth: 2 }))
    .map(([group, field, value]) => JSON.stringify({ ...NORMAL, name: 'FROM ELSEWHERE', [group]: { [field]: value } })),
);

test('any text in the policy file: the good version stays in force with the problem said, or the text is a policy', () => {
  const rig = setUp();
  const before = JSON.stringify(NORMAL);
  fc.assert(
    fc.property(hostileText, (text) => {
      fs.writeFileSync(rig.place, text);
      rig.file.refresh();
      const policy = rig.file.current();
      expect(policy.ok).toBe(true);
      if (!policy.ok) return;
      if (policy.value.problem !== '') expect(policy.value.problem).toContain('openings are denied');
      else if (policy.value.version > 1) expect(parsePolicy(JSON.parse(text)).ok).toBe(true);
      expect(JSON.stringify(NORMAL)).toBe(before);
    }),
    { numRuns: 400 },
  );
  expect((Object.prototype as { enabled?: unknown }).enabled).toBeUndefined();
});

test('any file of nonces: it is read or not believed, and never throws', () => {
  const file = path.join(freshHome(), 'nonces.json');
  fc.assert(
    fc.property(fc.oneof(hostileText, fc.json()), (text) => {
      fs.writeFileSync(file, text);
      const nonces = openNonces(file, 0);
      expect(['new', 'unsure']).toContain(nonces.take('a-nonce-of-this-property', 1, 1));
      expect(nonces.take('a-nonce-of-this-property', 1, 1)).toBe('seen');
    }),
    { numRuns: 300 },
  );
  fs.rmSync(file);
});
