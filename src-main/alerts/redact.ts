// The last look at every line before it is written to a log: keys, secrets, signatures, listen keys and private keys go out as
// [redacted] (REQUIREMENTS L2): by the name of a field, and in any text by what they look like, since errors carry URLs and headers.

const REDACTED = '[redacted]';
const NAMES =
  'x-mbx-apikey|api[-_]?key|secret(?:[-_]?key)?|signature|listen[-_]?key|listen[-_]?token|private[-_]?key|password|passphrase|authorization';

const SECRET_FIELD = new RegExp(`^(?:${NAMES})$`, 'i');
const PRIVATE_KEY_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs;
/** signature=…, X-MBX-APIKEY: …, and "secret":"…" of JSON within a text, however often it was escaped. */
const ASSIGNMENT = new RegExp(String.raw`\b(${NAMES})(\\*["']?\s*[=:]\s*\\*["']?)[^\s&"',;}\\]+`, 'gi');
/** A Binance key, secret or listen key is 60 and more letters and digits; a signature as long in hex or base64. */
const LONG_TOKEN = /[A-Za-z0-9+/_-]{60,}={0,2}/g;

/** Whoever has the address of a webhook can write to its channel. */
const WEBHOOK = /(https?:\/\/(?:hooks\.slack\.com\/|(?:[\w-]+\.)?discord(?:app)?\.com\/api\/webhooks\/))[^\s"'\\]+/gi;

/** A text without anything that looks like a secret. */
export const redactText = (text: string): string =>
  text
    .replace(PRIVATE_KEY_BLOCK, REDACTED)
    .replace(WEBHOOK, `$1${REDACTED}`)
    .replace(ASSIGNMENT, `$1$2${REDACTED}`)
    .replace(LONG_TOKEN, REDACTED);

const redactValue = (_key: string, value: unknown): unknown => {
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]): readonly [string, unknown] => [
      redactText(name),
      SECRET_FIELD.test(name) ? REDACTED : field,
    ]),
  );
};

/** A line of JSON without secrets: still JSON. Anything else is treated as text. */
export const redactLine = (line: string): string => {
  try {
    return `${JSON.stringify(JSON.parse(line), redactValue)}\n`;
  } catch (error) {
    if (error instanceof SyntaxError) return `${redactText(line.trimEnd())}\n`;
    throw error;
  }
};
