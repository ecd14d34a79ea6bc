// The API keys of the practice exchange: HMAC-SHA256, Ed25519 and RSA (PKCS#1 v1.5, SHA-256), and the check of a signature.
// Secrets of these test keys stay in here; an answer, an event or a log line never carries one.
import { createHmac, createPublicKey, createSecretKey, randomBytes, timingSafeEqual, verify, type KeyObject } from 'node:crypto';

export type KeyKind = 'HMAC' | 'ED25519' | 'RSA';

/** What a key may do. Withdrawal is off, as the self-test demands of a real key (REQUIREMENTS J). */
export interface KeyPermissions {
  readonly reading: boolean;
  readonly trading: boolean;
  readonly withdrawals: boolean;
}

export interface ApiKey {
  readonly apiKey: string;
  readonly kind: KeyKind;
  readonly accountId: string;
  readonly verifier: KeyObject;
  readonly createdMs: number;
  permissions: KeyPermissions;
}

/** A new key: `secret` is the HMAC secret's text, or the PEM of the Ed25519 or RSA public key (SPKI). */
export interface NewKey {
  readonly kind: KeyKind;
  readonly secret: string;
  readonly apiKey?: string | undefined;
  readonly accountId: string;
  readonly permissions?: KeyPermissions | undefined;
}

const API_KEY = /^[A-Za-z0-9]{64}$/;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
export const FULL_PERMISSIONS: KeyPermissions = { reading: true, trading: true, withdrawals: false };

/** A text of `length` letters and digits, as Binance's keys and secrets are. */
export function randomText(length: number): string {
  let text = '';
  for (const byte of randomBytes(length)) text += ALPHABET[byte % ALPHABET.length];
  return text;
}

export class KeyRing {
  readonly #keys = new Map<string, ApiKey>();

  /** Throws on a PEM that is not a public key of the named kind: a mistake of whoever sets the exchange up. */
  add(key: NewKey, nowMs: number): ApiKey {
    const apiKey = key.apiKey ?? randomText(64);
    const verifier = key.kind === 'HMAC' ? createSecretKey(Buffer.from(key.secret, 'utf8')) : createPublicKey(key.secret);
    const wanted = key.kind === 'HMAC' ? undefined : key.kind.toLowerCase();
    if (verifier.asymmetricKeyType !== wanted) throw new TypeError(`not a public key of kind ${key.kind}`);
    const entry: ApiKey = {
      apiKey,
      kind: key.kind,
      accountId: key.accountId,
      verifier,
      createdMs: nowMs,
      permissions: key.permissions ?? FULL_PERMISSIONS,
    };
    this.#keys.set(apiKey, entry);
    return entry;
  }

  find(apiKey: string): ApiKey | undefined {
    return this.#keys.get(apiKey);
  }

  /** Is this a text that could be one of Binance's keys? (-2014 otherwise.) */
  isWellFormed(apiKey: string): boolean {
    return API_KEY.test(apiKey);
  }
}

/** True when `signature` (hex for HMAC, base64 otherwise) is this key's signature of the exact `payload`. */
export function isSignedBy(key: ApiKey, payload: string, signature: string): boolean {
  if (key.kind === 'HMAC') {
    const expected = createHmac('sha256', key.verifier).update(payload).digest();
    const given = Buffer.from(signature, 'hex');
    return signature.length === 64 && given.length === expected.length && timingSafeEqual(given, expected);
  }
  const given = Buffer.from(signature, 'base64');
  return verify(key.kind === 'RSA' ? 'sha256' : null, Buffer.from(payload), key.verifier, given);
}
