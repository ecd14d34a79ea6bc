// The kill switch's secret: in the keychain or the environment, inward only (F, N1).
import { expect, test } from 'vitest';
import { openKillSwitchSecret } from '../../../src-main/vault/kill-switch-secret.ts';
import { systemKeychain, type Keytar } from '../../../src-main/vault/keychain.ts';

const HOME = 'the home of a test';
const GOOD = 'hush'.repeat(8);

const memoryKeytar = (entries = new Map<string, string>()): Keytar => ({
  getPassword: (_, account) => Promise.resolve(entries.get(account) ?? null),
  setPassword: (_, account, secret) => Promise.resolve(void entries.set(account, secret)),
  deletePassword: (_, account) => Promise.resolve(entries.delete(account)),
});
const keychain = (keytar = memoryKeytar()) => systemKeychain(() => Promise.resolve(keytar));

test('a secret that was set is there after a restart, for its own home alone, until it is deleted', async () => {
  const keytar = memoryKeytar();
  expect((await openKillSwitchSecret(HOME, {}, keychain(keytar)).set(GOOD)).ok).toBe(true);
  const after = openKillSwitchSecret(HOME, {}, keychain(keytar));
  expect(await after.read()).toEqual({ ok: true, value: { secret: GOOD, from: 'the keychain' } });
  expect((await openKillSwitchSecret('another home', {}, keychain(keytar)).read()).ok).toBe(false);
  expect((await after.delete()).ok).toBe(true);
  expect(await after.read()).toMatchObject({ ok: false, error: expect.stringContaining('no secret yet') });
});

test.each(['', 'short', `${GOOD} with a blank`, 'ü'.repeat(40), 'x'.repeat(257)])(
  '%j is refused in words that hold none of it',
  async (secret) => {
    const set = await openKillSwitchSecret(HOME, {}, keychain()).set(secret);
    expect(set.ok ? '' : set.error).toMatch(/^The secret should have 32 to 256/);
    if (secret !== '') expect(set.ok ? '' : set.error).not.toContain(secret);
  },
);

test('the environment takes the place of the keychain, and nothing started later inherits it', async () => {
  const environment: Record<string, string | undefined> = { KILL_SWITCH_SECRET: GOOD, PATH: '/bin' };
  const secret = openKillSwitchSecret(
    HOME,
    environment,
    systemKeychain(() => Promise.reject(new Error('no libsecret'))),
  );
  expect(environment).toEqual({ PATH: '/bin' });
  expect(await secret.read()).toEqual({ ok: true, value: { secret: GOOD, from: 'KILL_SWITCH_SECRET' } });
  expect(await secret.set('y'.repeat(40))).toMatchObject({ ok: false, error: expect.stringContaining('Nothing was stored') });
  expect((await secret.delete()).ok).toBe(false);
});

test('an empty variable is none, and one that is too short is said', async () => {
  expect(await openKillSwitchSecret(HOME, { KILL_SWITCH_SECRET: '' }, keychain()).read()).toMatchObject({
    error: expect.stringContaining('no secret yet'),
  });
  expect(await openKillSwitchSecret(HOME, { KILL_SWITCH_SECRET: 'hunter2' }, keychain()).read()).toMatchObject({
    error: expect.not.stringContaining('hunter2'),
  });
});

test('without a keychain there is no secret, and the way out is named', async () => {
  const none = openKillSwitchSecret(
    HOME,
    {},
    systemKeychain(() => Promise.reject(new Error('no libsecret'))),
  );
  expect(await none.read()).toMatchObject({ ok: false, error: expect.stringContaining('KILL_SWITCH_SECRET') });
  expect(await none.set(GOOD)).toMatchObject({ ok: false, error: expect.stringContaining('Nothing was stored') });
});

test('a keychain that gives back something else, or holds something else, is not believed', async () => {
  const liar: Keytar = { ...memoryKeytar(), getPassword: () => Promise.resolve('hunter2') };
  const secret = openKillSwitchSecret(HOME, {}, keychain(liar));
  expect(await secret.set(GOOD)).toMatchObject({ ok: false, error: expect.stringContaining('something else') });
  expect(await secret.read()).toMatchObject({ ok: false, error: expect.not.stringContaining('hunter2') });
  const mute: Keytar = { ...memoryKeytar(), getPassword: () => Promise.reject(new Error('locked')) };
  expect((await openKillSwitchSecret(HOME, {}, keychain(mute)).set(GOOD)).ok).toBe(false);
});
