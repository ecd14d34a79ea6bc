// The kill switch's secret (REQUIREMENTS F): in the operating system's keychain, or from the environment for a console without one. It
// goes inward only: nothing here gives it to anyone but the endpoint that checks signatures with it.
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { systemKeychain, type Keychain } from './keychain.ts';

export interface KillSwitchSecret {
  /** The secret and where it is from, or in words why there is none. */
  read(): Promise<Result<{ readonly secret: string; readonly from: string }, string>>;
  /** Stores it and reads it back. */
  set(secret: string): Promise<Result<void, string>>;
  delete(): Promise<Result<void, string>>;
}

/** The name of the variable that takes the keychain's place. */
const SECRET_VARIABLE = 'KILL_SWITCH_SECRET';

const SECRET = /^[\x21-\x7e]{32,256}$/;
const WHAT_IT_SHOULD_BE = 'should have 32 to 256 letters, digits and signs without blanks';

/**
 * The secret of a home.
 * @param environment the variable is taken out of it, so that no process or thread started later inherits it
 */
export const openKillSwitchSecret = (
  home: string,
  environment: Record<string, string | undefined>,
  keychain: Keychain = systemKeychain(),
): KillSwitchSecret => {
  const entry = `kill-switch ${home}`;
  const given = environment[SECRET_VARIABLE];
  delete environment[SECRET_VARIABLE];
  const fromVariable = given === undefined || given === '' ? undefined : given;
  const inForce = `${SECRET_VARIABLE} is set in the environment and counts. Start the console without it to use the keychain.`;
  return {
    async read() {
      if (fromVariable !== undefined)
        return SECRET.test(fromVariable)
          ? ok({ secret: fromVariable, from: SECRET_VARIABLE })
          : fail(`${SECRET_VARIABLE} ${WHAT_IT_SHOULD_BE}.`);
      const stored = await keychain.get(entry);
      if (!stored.ok) return fail(`${stored.error} Without a keychain, ${SECRET_VARIABLE} in the environment takes its place.`);
      if (stored.value === null) return fail('It has no secret yet: set one on the Keys page.');
      return SECRET.test(stored.value)
        ? ok({ secret: stored.value, from: 'the keychain' })
        : fail(`The stored secret ${WHAT_IT_SHOULD_BE}.`);
    },
    async set(secret) {
      if (!SECRET.test(secret)) return fail(`The secret ${WHAT_IT_SHOULD_BE}. Nothing was stored.`);
      if (fromVariable !== undefined) return fail(`${inForce} Nothing was stored.`);
      const written = await keychain.set(entry, secret);
      if (!written.ok) return fail(`${written.error} Nothing was stored.`);
      const back = await keychain.get(entry);
      if (!back.ok) return back;
      if (back.value === secret) return ok(undefined);
      await keychain.delete(entry);
      return fail('The keychain gave back something else than was written; the entry was deleted again.');
    },
    delete: () => (fromVariable === undefined ? keychain.delete(entry) : Promise.resolve(fail(inForce))),
  };
};
