// What is secret of the ways on which alerts leave (REQUIREMENTS L4): the webhook's address, which whoever has it can write to, and the
// mail server's password. In the keychain; without one in memory until the console ends; or from the environment. They go inward only.
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { systemKeychain, type Keychain } from './keychain.ts';

export type AlertSecretName = 'webhook' | 'mail';

export interface AlertSecrets {
  /** The secret and where it is from; null when none was set; or in words why that cannot be known. */
  read(name: AlertSecretName): Promise<Result<{ readonly secret: string; readonly from: string } | null, string>>;
  /** Stores it and reads it back; says where it is kept. */
  set(name: AlertSecretName, secret: string): Promise<Result<string, string>>;
  delete(name: AlertSecretName): Promise<Result<void, string>>;
}

/** The names of the variables that take the keychain's place. */
export const ALERT_VARIABLES: Readonly<Record<AlertSecretName, string>> = {
  webhook: 'HOLDFAST_WEBHOOK_URL',
  mail: 'HOLDFAST_MAIL_PASSWORD',
};

/**
 * The secrets of a home.
 * @param environment the variables are taken out of it, so that no process or thread started later inherits them
 */
export const openAlertSecrets = (
  home: string,
  environment: Record<string, string | undefined>,
  keychain: Keychain = systemKeychain(),
): AlertSecrets => {
  const given = new Map<AlertSecretName, string>();
  const session = new Map<AlertSecretName, string>();
  for (const name of ['webhook', 'mail'] as const) {
    const value = environment[ALERT_VARIABLES[name]];
    delete environment[ALERT_VARIABLES[name]];
    if (value !== undefined && value !== '') given.set(name, value);
  }
  const entryOf = (name: AlertSecretName): string => `alerts ${name} ${home}`;
  const inForce = (name: AlertSecretName): string =>
    `${ALERT_VARIABLES[name]} is set in the environment and counts. Start the console without it to use the keychain.`;

  const store = async (entry: string, secret: string): Promise<Result<void, string>> => {
    const written = await keychain.set(entry, secret);
    if (!written.ok) return written;
    const back = await keychain.get(entry);
    if (!back.ok || back.value === secret) return back.ok ? ok(undefined) : back;
    await keychain.delete(entry);
    return fail('The keychain gave back something else than was written; the entry was deleted again.');
  };

  return {
    async read(name) {
      const [variable, held] = [given.get(name), session.get(name)];
      if (variable !== undefined) return ok({ secret: variable, from: ALERT_VARIABLES[name] });
      if (held !== undefined) return ok({ secret: held, from: 'memory, for this session only' });
      const stored = await keychain.get(entryOf(name));
      if (!stored.ok) return stored;
      return ok(stored.value === null ? null : { secret: stored.value, from: 'the keychain' });
    },
    async set(name, secret) {
      if (given.has(name)) return fail(`${inForce(name)} Nothing was stored.`);
      const stored = await store(entryOf(name), secret);
      if (stored.ok) session.delete(name);
      else session.set(name, secret);
      return ok(
        stored.ok ? 'Stored in the keychain. It cannot be read back here.' : `${stored.error} Kept in memory for this session only.`,
      );
    },
    async delete(name) {
      if (given.has(name)) return fail(inForce(name));
      const wasHeld = session.delete(name);
      const deleted = await keychain.delete(entryOf(name));
      return wasHeld ? ok(undefined) : deleted;
    },
  };
};
