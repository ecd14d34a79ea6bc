// N1, L4: the webhook's address and the mail password: keychain, environment or this session's memory, never the wrong home's.
import { expect, it } from 'vitest';
import { ALERT_VARIABLES, openAlertSecrets } from '../../../src-main/vault/alert-secrets.ts';
import type { Keychain } from '../../../src-main/vault/keychain.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';

const memoryKeychain = (lies = false): Keychain & { readonly entries: Map<string, string> } => {
  const entries = new Map<string, string>();
  return {
    entries,
    get: (account) => Promise.resolve(ok(lies ? 'something else' : (entries.get(account) ?? null))),
    set: (account, secret) => Promise.resolve(ok(void entries.set(account, secret))),
    delete: (account) => Promise.resolve(ok(void entries.delete(account))),
  };
};
const NONE = 'There is no keychain.';
const noKeychain: Keychain = {
  get: () => Promise.resolve(fail(NONE)),
  set: () => Promise.resolve(fail(NONE)),
  delete: () => Promise.resolve(fail(NONE)),
};

it('are kept in the keychain of their home, read back, and deleted', async () => {
  const keychain = memoryKeychain();
  const secrets = openAlertSecrets('one', {}, keychain);
  expect(await secrets.read('webhook')).toEqual(ok(null));
  expect(await secrets.set('webhook', 'https://example.org/x')).toMatchObject({ ok: true, value: expect.stringContaining('keychain') });
  expect(await secrets.read('webhook')).toEqual(ok({ secret: 'https://example.org/x', from: 'the keychain' }));
  expect(await secrets.read('mail')).toEqual(ok(null));
  expect(await openAlertSecrets('two', {}, keychain).read('webhook')).toEqual(ok(null));
  expect(await secrets.delete('webhook')).toEqual(ok(undefined));
  expect(keychain.entries.size).toBe(0);
});

it('without a keychain are held in memory for this session only, and said to be', async () => {
  const secrets = openAlertSecrets('one', {}, noKeychain);
  expect(await secrets.read('mail')).toEqual(fail(NONE));
  expect(await secrets.set('mail', 'word')).toMatchObject({ ok: true, value: expect.stringContaining('this session only') });
  expect(await secrets.read('mail')).toEqual(ok({ secret: 'word', from: 'memory, for this session only' }));
  expect(await secrets.delete('mail')).toEqual(ok(undefined));
  expect(await secrets.delete('mail')).toEqual(fail(NONE));
});

it('from the environment count, are taken out of it, and are not overwritten', async () => {
  const environment: Record<string, string | undefined> = { [ALERT_VARIABLES.mail]: 'word', [ALERT_VARIABLES.webhook]: '' };
  const keychain = memoryKeychain();
  const secrets = openAlertSecrets('one', environment, keychain);
  expect(environment).toEqual({});
  expect(await secrets.read('mail')).toEqual(ok({ secret: 'word', from: 'HOLDFAST_MAIL_PASSWORD' }));
  expect(await secrets.read('webhook')).toEqual(ok(null));
  expect(await secrets.set('mail', 'other')).toMatchObject({ ok: false });
  expect(await secrets.delete('mail')).toMatchObject({ ok: false });
  expect(keychain.entries.size).toBe(0);
});

it('that a keychain gives back otherwise are not left there', async () => {
  const keychain = memoryKeychain(true);
  const set = await openAlertSecrets('one', {}, keychain).set('mail', 'word');
  expect(set).toMatchObject({ ok: true, value: expect.stringMatching(/something else[\s\S]*this session only/) });
  expect(keychain.entries.size).toBe(0);
});
