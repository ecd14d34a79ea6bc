// A key pair as it was pasted, made sense of: which kind it is, and one form of it. Its words never hold any of the key.
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import { inspect } from 'node:util';
import { z } from 'zod';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';

/** What signs requests. The secret does not show in JSON, in a log or in a debugger's listing; read it by name, and only to sign. */
export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly kind: 'hmac' | 'ed25519' | 'rsa';
}

/** An account's name in file names and on screen: the public part of its key, shortened beyond recognition. */
export const accountOf = (apiKey: string): string => `key-${createHash('sha256').update(apiKey).digest('hex').slice(0, 10)}`;

const API_KEY = /^[A-Za-z0-9_-]{8,256}$/;
/** Binance's HMAC secrets are 64 letters and digits; other venues that speak its language are less strict. */
const HMAC_SECRET = /^[\x21-\x7e]{8,256}$/;

/** The credentials, or in words what is wrong with the pair. Line ends of Windows and blank margins are put right. */
export const readKey = (apiKey: string, secret: string): Result<Credentials, string> => {
  const key = apiKey.trim();
  if (!API_KEY.test(key)) return fail('The API key should be 8 to 256 letters and digits; this is something else.');
  const text = secret.replace(/\r\n?/g, '\n').trim();
  const kind = text.includes('-----BEGIN') ? pemKind(text) : hmacKind(text);
  return kind.ok ? ok(credentialsOf({ apiKey: key, secret: text, kind: kind.value })) : kind;
};

const hmacKind = (text: string): Result<'hmac', string> =>
  HMAC_SECRET.test(text)
    ? ok('hmac')
    : fail('The secret is neither a secret key (8 to 256 characters, no blanks) nor a private key in PEM.');

const pemKind = (pem: string): Result<'ed25519' | 'rsa', string> => {
  if (pem.includes('PUBLIC KEY-----')) return fail('This is the public key; it is registered with the venue. Paste the private key here.');
  if (pem.includes('ENCRYPTED'))
    return fail('This private key is locked with a passphrase. Take the passphrase off first: the keychain protects the key.');
  const key = privateKeyOf(pem);
  if (key === undefined) return fail('The private key cannot be read: paste the whole PEM text with its BEGIN and END lines.');
  const { asymmetricKeyType: type } = key;
  return type === 'ed25519' || type === 'rsa'
    ? ok(type)
    : fail(`The venue takes Ed25519 and RSA keys; this one is ${type ?? 'another kind'}.`);
};

const privateKeyOf = (pem: string): KeyObject | undefined => {
  try {
    return createPrivateKey(pem);
  } catch {
    // The parser's own words may quote the text.
    return undefined;
  }
};

const credentialsOf = ({ apiKey, secret, kind }: Credentials): Credentials => {
  const shown = { apiKey: hintOf(apiKey), kind, secret: '[redacted]' };
  return Object.defineProperties({} as Credentials, {
    apiKey: { value: apiKey },
    secret: { value: secret },
    kind: { value: kind, enumerable: true },
    toJSON: { value: () => shown },
    [inspect.custom]: { value: () => shown },
  });
};

/** First and last four characters: enough to tell two keys apart, and nothing to sign with. */
export const hintOf = (apiKey: string): string =>
  apiKey.length < 16 ? `${apiKey.slice(0, 2)}…` : `${apiKey.slice(0, 4)}…${apiKey.slice(-4)}`;

const storedSchema = z.strictObject({ apiKey: z.string(), secret: z.string() });

/** The one text that a keychain entry holds. */
export const storedText = ({ apiKey, secret }: Credentials): string => JSON.stringify({ apiKey, secret });

/** The credentials in a keychain entry, or in words that it holds none. */
export const readStored = (text: string): Result<Credentials, string> => {
  const parsed = storedSchema.safeParse(jsonOf(text));
  return parsed.success
    ? readKey(parsed.data.apiKey, parsed.data.secret)
    : fail('The keychain entry is not one of Holdfast. Delete the key and set it again.');
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
