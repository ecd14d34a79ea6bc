// The operating system's keychain behind one small face, with deadlines: a locked keychain may wait for a password for ever, and
// nothing here may make the console wait with it. Its failures come back in words that say what to install or unlock.
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';

export interface Keychain {
  get(account: string): Promise<Result<string | null, string>>;
  set(account: string, secret: string): Promise<Result<void, string>>;
  delete(account: string): Promise<Result<void, string>>;
}

/** The part of keytar that is used. */
export interface Keytar {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

const SERVICE = 'Holdfast';
/** Long enough for a person to type the keychain's password, short enough to be told. */
const WRITE_TIMEOUT_MS = 30_000;
const READ_TIMEOUT_MS = 5_000;
/** After a failure the keychain is left alone this long, so that calls that hang do not pile up. */
const RETRY_AFTER_MS = 10_000;

/** @param load gives keytar; it throws where the native library or libsecret is missing */
export const systemKeychain = (load: () => Promise<Keytar> = loadKeytar, nowMs: () => number = Date.now): Keychain => {
  let failed: { readonly text: string; readonly atMs: number } | undefined;
  const run = async <T>(timeoutMs: number, work: (keytar: Keytar) => Promise<T>): Promise<Result<T, string>> => {
    if (failed !== undefined && nowMs() - failed.atMs < RETRY_AFTER_MS) return fail(failed.text);
    try {
      const value = await within(timeoutMs, load().then(work));
      failed = undefined;
      return ok(value);
    } catch (error) {
      failed = { text: reasonOf(error), atMs: nowMs() };
      return fail(failed.text);
    }
  };
  return {
    get: (account) => run(READ_TIMEOUT_MS, (keytar) => keytar.getPassword(SERVICE, account)),
    set: (account, secret) => run(WRITE_TIMEOUT_MS, (keytar) => keytar.setPassword(SERVICE, account, secret)),
    delete: (account) => run(WRITE_TIMEOUT_MS, async (keytar) => void (await keytar.deletePassword(SERVICE, account))),
  };
};

const loadKeytar = async (): Promise<Keytar> => {
  // CommonJS: its functions arrive as the default export.
  const { default: keytar } = (await import('keytar')) as unknown as { default: Keytar };
  return keytar;
};

const within = async <T>(timeoutMs: number, work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it does not answer; unlock it')), timeoutMs);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
};

const FIX: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
  linux:
    'Install and unlock a secret service (on Debian or Ubuntu: apt install gnome-keyring libsecret-1-0, then log in to a desktop session; KDE: KWallet)',
  darwin: 'Unlock the login keychain and allow Holdfast to use it',
  win32: 'Check that the Credential Manager service runs',
};

const reasonOf = (error: unknown): string => {
  const text = (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
  return `The keychain cannot be used (${text.slice(0, 200)}). ${FIX[process.platform] ?? 'Make a keychain available'}.`;
};
