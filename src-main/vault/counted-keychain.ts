// Counts what a keychain did not do, by what was asked of it (REQUIREMENTS L3). It keeps no word of what went through it.
import type { Result } from '../../src-shared/errors/result.ts';
import type { Keychain } from './keychain.ts';

export interface CountedKeychain extends Keychain {
  readonly failures: () => ReadonlyMap<string, number>;
}

export const countedKeychain = (keychain: Keychain): CountedKeychain => {
  const failures = new Map<string, number>();
  const counted = async <T>(operation: string, asked: Promise<Result<T, string>>): Promise<Result<T, string>> => {
    const result = await asked;
    if (!result.ok) failures.set(operation, (failures.get(operation) ?? 0) + 1);
    return result;
  };
  return {
    get: (account) => counted('read', keychain.get(account)),
    set: (account, secret) => counted('write', keychain.set(account, secret)),
    delete: (account) => counted('delete', keychain.delete(account)),
    failures: () => failures,
  };
};
