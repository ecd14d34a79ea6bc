// API keys, per mode, in the operating system's keychain and nowhere else (REQUIREMENTS N1). Where there is none, a testnet key may
// live in memory until the console ends; a mainnet key may not. It must never write a key to a file, a log or an answer.
import type { KeyStatus } from '../../src-shared/contract/contract.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { hintOf, readKey, readStored, storedText, type Credentials } from './key.ts';
import { systemKeychain, type Keychain } from './keychain.ts';

type KeyMode = KeyStatus['mode'];

export interface Vault {
  status(): Promise<readonly KeyStatus[]>;
  /** Stores a pair and reads it back. Without a keychain a testnet pair is kept for this session, a mainnet pair is refused. */
  set(mode: KeyMode, apiKey: string, secret: string): Promise<Result<KeyStatus, string>>;
  delete(mode: KeyMode): Promise<Result<KeyStatus, string>>;
  /** Reads the pair back and proves that it can be used; in words. */
  test(mode: KeyMode): Promise<Result<string, string>>;
  /** For the venue alone: what signs. */
  credentials(mode: KeyMode): Promise<Result<Credentials, string>>;
  /** Writes, reads back and deletes an entry of its own: the self-test's keychain row. */
  prove(): Promise<Result<void, string>>;
}

const MODES: readonly KeyMode[] = ['testnet', 'mainnet'];

/** The vault of a home: two homes never see each other's keys. */
export const openVault = async (home: string, keychain: Keychain = systemKeychain()): Promise<Vault> => new KeychainVault(home, keychain);

type Found = { readonly stored: 'keychain' | 'session'; readonly credentials: Credentials };

class KeychainVault implements Vault {
  readonly #home: string;
  readonly #keychain: Keychain;
  readonly #session = new Map<KeyMode, Credentials>();

  constructor(home: string, keychain: Keychain) {
    this.#home = home;
    this.#keychain = keychain;
  }

  async status(): Promise<readonly KeyStatus[]> {
    const statuses: KeyStatus[] = [];
    for (const mode of MODES) statuses.push(await this.#statusOf(mode));
    return statuses;
  }

  async set(mode: KeyMode, apiKey: string, secret: string): Promise<Result<KeyStatus, string>> {
    const read = readKey(apiKey, secret);
    if (!read.ok) return read;
    const stored = await this.#store(this.#entry(mode), storedText(read.value));
    if (stored.ok) this.#session.delete(mode);
    else if (mode === 'mainnet') return fail(`${stored.error} A mainnet key is kept in a keychain or not at all. Nothing was stored.`);
    else this.#session.set(mode, read.value);
    return ok(await this.#statusOf(mode));
  }

  async delete(mode: KeyMode): Promise<Result<KeyStatus, string>> {
    const wasInSession = this.#session.delete(mode);
    const deleted = await this.#keychain.delete(this.#entry(mode));
    return deleted.ok || wasInSession ? ok(await this.#statusOf(mode)) : deleted;
  }

  async test(mode: KeyMode): Promise<Result<string, string>> {
    const found = await this.#find(mode);
    if (!found.ok) return found;
    const { stored, credentials } = found.value;
    const where = stored === 'keychain' ? 'was read back from the keychain' : 'is held in memory for this session only';
    return ok(`The ${mode} key ${hintOf(credentials.apiKey)} (${credentials.kind}) ${where} and can sign.`);
  }

  async credentials(mode: KeyMode): Promise<Result<Credentials, string>> {
    const found = await this.#find(mode);
    return found.ok ? ok(found.value.credentials) : found;
  }

  async prove(): Promise<Result<void, string>> {
    const entry = `self-test ${this.#home}`;
    const stored = await this.#store(entry, 'a harmless text');
    return stored.ok ? this.#keychain.delete(entry) : stored;
  }

  async #store(entry: string, text: string): Promise<Result<void, string>> {
    const written = await this.#keychain.set(entry, text);
    if (!written.ok) return written;
    const back = await this.#keychain.get(entry);
    if (!back.ok) return back;
    if (back.value === text) return ok(undefined);
    await this.#keychain.delete(entry);
    return fail('The keychain gave back something else than was written; the entry was deleted again.');
  }

  async #find(mode: KeyMode): Promise<Result<Found, string>> {
    const session = this.#session.get(mode);
    if (session !== undefined) return ok({ stored: 'session', credentials: session });
    const text = await this.#keychain.get(this.#entry(mode));
    if (!text.ok) return text;
    if (text.value === null) return fail(`There is no ${mode} key: set one on the Keys page.`);
    const credentials = readStored(text.value);
    return credentials.ok ? ok({ stored: 'keychain', credentials: credentials.value }) : credentials;
  }

  async #statusOf(mode: KeyMode): Promise<KeyStatus> {
    const keychain = await this.#keychain.get(this.#entry(mode));
    const found = await this.#find(mode);
    return {
      mode,
      stored: found.ok ? found.value.stored : 'none',
      kind: found.ok ? found.value.credentials.kind : null,
      hint: found.ok ? hintOf(found.value.credentials.apiKey) : null,
      keychain: { available: keychain.ok, text: keychain.ok ? 'The keychain is available.' : keychain.error },
    };
  }

  #entry(mode: KeyMode): string {
    return `${mode} ${this.#home}`;
  }
}
