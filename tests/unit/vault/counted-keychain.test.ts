// What a keychain did not do is counted by what was asked of it (L3), and nothing of what went through it is kept.
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { countedKeychain } from '../../../src-main/vault/counted-keychain.ts';
import { openVault } from '../../../src-main/vault/vault.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';

test('each call that the keychain fails counts once; what it did counts nothing', async () => {
  let isLocked = false;
  const entries = new Map<string, string>();
  const answer = <T>(value: T) => Promise.resolve(isLocked ? fail('locked') : ok(value));
  const keychain = countedKeychain({
    get: (account) => answer(entries.get(account) ?? null),
    set: (account, secret) => answer(void entries.set(account, secret)),
    delete: (account) => answer(void entries.delete(account)),
  });
  const vault = await openVault('a home', keychain);
  expect(await vault.set('testnet', 'publicpublicpublic', 'planted-secret-of-a-test')).toMatchObject({ ok: true });
  expect([...keychain.failures()]).toEqual([]);
  isLocked = true;
  expect(await vault.credentials('testnet')).toEqual(fail('locked'));
  expect(await vault.prove()).toEqual(fail('locked'));
  await keychain.delete('mainnet');
  expect(Object.fromEntries(keychain.failures())).toEqual({ read: 1, write: 1, delete: 1 });
  expect(inspect(keychain, { depth: 9, showHidden: true })).not.toContain('planted-secret');
});
