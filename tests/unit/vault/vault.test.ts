// Keys without a keychain, with a faulty one, and as they are pasted (N1). The real keychain is in tests/protocol/vault-keychain.test.ts.
import { generateKeyPairSync } from 'node:crypto';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { readKey } from '../../../src-main/vault/key.ts';
import { systemKeychain, type Keytar } from '../../../src-main/vault/keychain.ts';
import { openVault } from '../../../src-main/vault/vault.ts';

/** A home's name in the keychain: nothing is read or written there. */
const HOME = 'the home of a test';

const API_KEY = 'public'.repeat(4);
const HMAC = 'hush'.repeat(16);
const pem = (type: 'ed25519' | 'rsa' | 'ec'): string => {
  const pairs = {
    ed25519: () => generateKeyPairSync('ed25519'),
    rsa: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ec: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  };
  return String(pairs[type]().privateKey.export({ type: 'pkcs8', format: 'pem' }));
};

const memoryKeytar = (): Keytar & { entries: Map<string, string> } => {
  const entries = new Map<string, string>();
  return {
    entries,
    getPassword: (_, account) => Promise.resolve(entries.get(account) ?? null),
    setPassword: (_, account, secret) => Promise.resolve(void entries.set(account, secret)),
    deletePassword: (_, account) => Promise.resolve(entries.delete(account)),
  };
};
const without = () => systemKeychain(() => Promise.reject(new Error('libsecret-1.so.0: cannot open shared object file\nat secret place')));

test('the kind of a key is seen from the secret itself, and line ends of Windows are put right', () => {
  for (const [text, kind] of [
    [HMAC, 'hmac'],
    [pem('ed25519'), 'ed25519'],
    [pem('rsa'), 'rsa'],
    [`\r\n${pem('ed25519').replaceAll('\n', '\r\n')}  `, 'ed25519'],
  ] as const) {
    const read = readKey(` ${API_KEY} `, text);
    expect(read.ok && read.value.kind).toBe(kind);
    expect(read.ok && read.value.apiKey).toBe(API_KEY);
    expect(read.ok && read.value.secret.includes('\r')).toBe(false);
  }
});

test('what is no key is refused in words that hold none of it', () => {
  const pair = generateKeyPairSync('ed25519');
  const publicKey = String(pair.publicKey.export({ type: 'spki', format: 'pem' }));
  const locked = String(pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }));
  const cut = pem('rsa').slice(0, 400);
  for (const [text, words] of [
    [publicKey, 'public key'],
    [locked, 'passphrase'],
    [cut, 'whole PEM'],
    [pem('ec'), 'Ed25519 and RSA'],
    ['short', 'neither'],
    [`${HMAC} ${HMAC}`, 'neither'],
  ] as const) {
    const read = readKey(API_KEY, text);
    expect(read.ok ? '' : read.error).toContain(words);
    expect(read.ok ? '' : read.error).not.toContain(text.slice(30, 60) || 'short');
  }
  expect(readKey('not a key!', HMAC).ok).toBe(false);
});

test('credentials show no secret in JSON, in a listing, in a copy or in a message (Q12)', () => {
  const read = readKey(API_KEY, HMAC);
  if (!read.ok) throw new Error(read.error);
  const shown = [
    JSON.stringify(read.value),
    inspect(read.value, { showHidden: false, depth: 9 }),
    JSON.stringify({ ...read.value }),
    JSON.stringify(Object.entries(read.value)),
  ];
  for (const text of shown) {
    expect(text).not.toContain('hush');
    expect(text).not.toContain(API_KEY);
  }
  expect(read.value.secret).toBe(HMAC);
});

test('a pair is stored as one entry, read back, listed by its ends only, and deleted', async () => {
  const keytar = memoryKeytar();
  const vault = await openVault(
    HOME,
    systemKeychain(() => Promise.resolve(keytar)),
  );
  const set = await vault.set('mainnet', API_KEY, HMAC);
  expect(set).toEqual({
    ok: true,
    value: {
      mode: 'mainnet',
      stored: 'keychain',
      kind: 'hmac',
      hint: 'publ…blic',
      keychain: { available: true, text: 'The keychain is available.' },
    },
  });
  expect(keytar.entries.size).toBe(1);
  expect(JSON.stringify(await vault.status())).not.toContain('hush');
  expect(await vault.test('mainnet')).toMatchObject({ ok: true, value: expect.stringContaining('read back from the keychain') });
  const credentials = await vault.credentials('mainnet');
  expect(credentials.ok && credentials.value.secret).toBe(HMAC);
  const elsewhere = await openVault(
    'the home of another',
    systemKeychain(() => Promise.resolve(keytar)),
  );
  expect((await elsewhere.credentials('mainnet')).ok).toBe(false);
  expect(await vault.prove()).toEqual({ ok: true, value: undefined });
  expect(await vault.delete('mainnet')).toMatchObject({ ok: true, value: { stored: 'none', hint: null } });
  expect(keytar.entries.size).toBe(0);
});

test('without a keychain a testnet key lives in memory, a mainnet key is refused, and the reason is said', async () => {
  const vault = await openVault(HOME, without());
  const testnet = await vault.set('testnet', API_KEY, HMAC);
  expect(testnet).toMatchObject({
    ok: true,
    value: { stored: 'session', keychain: { available: false, text: expect.stringMatching(/libsecret-1.so.0.*nstall|nlock|Check/) } },
  });
  expect(JSON.stringify(testnet)).not.toContain('secret place');
  expect(await vault.test('testnet')).toMatchObject({ ok: true, value: expect.stringContaining('this session only') });
  const mainnet = await vault.set('mainnet', API_KEY, HMAC);
  expect(mainnet).toMatchObject({ ok: false, error: expect.stringContaining('Nothing was stored') });
  expect((await vault.credentials('mainnet')).ok).toBe(false);
  expect((await vault.prove()).ok).toBe(false);
  expect(await vault.delete('testnet')).toMatchObject({ ok: true, value: { stored: 'none' } });
  expect((await vault.delete('testnet')).ok).toBe(false);
  expect(await (await openVault(HOME, without())).status()).toMatchObject([{ stored: 'none' }, { stored: 'none' }]);
});

test('a keychain that gives back something else is not trusted with a key', async () => {
  const keytar = memoryKeytar();
  const lying: Keytar = { ...keytar, getPassword: () => Promise.resolve('something else') };
  const vault = await openVault(
    HOME,
    systemKeychain(() => Promise.resolve(lying)),
  );
  expect(await vault.set('mainnet', API_KEY, HMAC)).toMatchObject({ ok: false });
  expect(keytar.entries.size).toBe(0);
  expect(await vault.test('testnet')).toMatchObject({ ok: false, error: expect.stringContaining('not one of Holdfast') });
});

test('a bad pair is refused before the keychain is touched', async () => {
  const keytar = memoryKeytar();
  const vault = await openVault(
    HOME,
    systemKeychain(() => Promise.resolve(keytar)),
  );
  expect((await vault.set('testnet', API_KEY, 'short')).ok).toBe(false);
  expect(keytar.entries.size).toBe(0);
});

test('a failing keychain is left alone for a while, then asked again', async () => {
  let now = 0;
  let calls = 0;
  let broken = true;
  const keytar = memoryKeytar();
  const keychain = systemKeychain(
    () => {
      calls += 1;
      return broken ? Promise.reject(new Error('locked')) : Promise.resolve(keytar);
    },
    () => now,
  );
  expect((await keychain.get('a')).ok).toBe(false);
  expect((await keychain.get('a')).ok).toBe(false);
  expect(calls).toBe(1);
  now = 10_000;
  broken = false;
  expect((await keychain.get('a')).ok).toBe(true);
});
