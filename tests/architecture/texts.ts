// Patterns that no committed text may contain, as a table: a secret, an address of one machine. Each row carries a planted example, put
// together at run time so that this file does not contain one.
import { createHash } from 'node:crypto';

export type TextRule = {
  readonly id: string;
  readonly reason: string;
  /** Gives the offending pieces of one line. */
  readonly find: (line: string) => readonly string[];
  /** Paths that the rule leaves alone, each with its reason. */
  readonly except: Readonly<Record<string, string>>;
  readonly planted: readonly string[];
  readonly innocent: readonly string[];
};

/** A stand-in with the shape of a key: hexadecimal or base64 digits that nobody holds. */
const digits = (encoding: 'hex' | 'base64'): string => createHash('sha512').update('planted').digest(encoding);

const matches =
  (pattern: RegExp) =>
  (line: string): readonly string[] =>
    line.match(pattern) ?? [];

const LONG_HEX = /\b[0-9a-f]{64,}\b/gi;
const LONG_WORD = /[A-Za-z0-9+/_-]{40,}={0,2}/g;

/** A long word that a person did not write: hexadecimal with many different digits, or letters of both cases mixed with digits throughout. */
function keyShaped(line: string): readonly string[] {
  const hex = matches(LONG_HEX)(line).filter((word) => new Set(word.toLowerCase()).size >= 10);
  const mixed = matches(LONG_WORD)(line).filter(
    (word) =>
      countOf(word, /[0-9]/g) >= 4 &&
      countOf(word, /[a-z]/g) >= 8 &&
      countOf(word, /[A-Z]/g) >= 8 &&
      countOf(word, /[a-z][A-Z0-9]|[A-Z0-9][a-z]/g) >= 12,
  );
  return [...hex, ...mixed];
}

const countOf = (text: string, pattern: RegExp): number => (text.match(pattern) ?? []).length;

export const TEXT_RULES: readonly TextRule[] = [
  {
    id: 'no private key',
    reason: 'Q12: nothing secret leaves the vault; test keys are generated when the test runs',
    find: matches(/-{5}BEGIN [A-Z ]*PRIVATE KEY-{5}/g),
    except: {},
    planted: [`${'-'.repeat(5)}BEGIN PRIVATE KEY${'-'.repeat(5)}`, `${'-'.repeat(5)}BEGIN RSA PRIVATE KEY${'-'.repeat(5)}`],
    innocent: ['a PRIVATE KEY in PEM form begins with five dashes'],
  },
  {
    id: 'nothing shaped like a secret',
    reason: 'Q12, L2: a key that was ever committed is public for ever',
    find: keyShaped,
    except: {
      'package-lock.json': 'its integrity sums look like keys and are public',
      'tests/protocol/practice-signatures.test.ts': "the sample key of Binance's own documentation, published to test signatures against",
    },
    planted: [
      digits('hex'),
      digits('base64'),
      `"apiKey": "${digits('base64')
        .replace(/[^A-Za-z0-9]/g, '')
        .slice(0, 64)}"`,
    ],
    innocent: [
      '0'.repeat(64),
      'src-main/practice/protocol/rest/handlers/orderListOneCancelsTheOther',
      'theQuickBrownFoxJumpsOverTheLazyDogAndRunsAway',
    ],
  },
  {
    id: 'no address of one machine',
    reason: 'what works in one folder on one machine works for nobody else',
    find: matches(/(?<![\w.:/-])\/(work|farm|tmp|home|root|Users)\/[\w.]+|\bC:\\Users\\\w+|\bbash_j[o]bs\b|\bregistry\.[a-z]+js\b/g),
    except: { 'tests/unit/shell/fake-console.ts': 'an invented home folder, to see it pass through' },
    planted: ['work/main', 'tmp/x', 'home/someone', 'Users/someone']
      .map((path) => `see /${path}`)
      .concat(`https://${['registry', 'anyjs', 'example'].join('.')}/`),
    innocent: ['../shared/data', 'https://example.org/home/page', 'dist/tmp/x', "path.join(tmpdir(), 'x')"],
  },
];
