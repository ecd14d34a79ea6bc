// The last look at every line before it is written to a log: keys, secrets, signatures, listen keys and private keys go out as
// [redacted] (REQUIREMENTS L2). It works on text, so that it also catches what came in through an error's message or a URL.

const REDACTED = '[redacted]';
const NAMES =
  'x-mbx-apikey|api[-_]?key|secret(?:[-_]?key)?|signature|listen[-_]?key|listen[-_]?token|private[-_]?key|password|passphrase|authorization';

const PRIVATE_KEY_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/gs;
/** "secret":"…" in JSON, also inside a string that holds JSON (\"secret\":\"…\"). */
const JSON_FIELD = new RegExp(String.raw`((?:\\*")(?:${NAMES})(?:\\*")\s*:\s*)(\\*")(?:[^"\\]|\\(?!\2|")[^"]|\\\\)*?\2`, 'gi');
/** signature=…, X-MBX-APIKEY: … in addresses, headers and messages. */
const ASSIGNMENT = new RegExp(String.raw`\b(${NAMES})(=|:\s?)[^\s&"',;}\\]+`, 'gi');
/** A Binance key, secret or listen key is 60 and more letters and digits; a signature as long in hex or base64. */
const LONG_TOKEN = /[A-Za-z0-9+/_-]{60,}={0,2}/g;

/** The text without anything that looks like a secret. Valid JSON stays valid JSON. */
export const redact = (text: string): string =>
  text
    .replace(PRIVATE_KEY_BLOCK, REDACTED)
    .replace(JSON_FIELD, `$1$2${REDACTED}$2`)
    .replace(ASSIGNMENT, `$1$2${REDACTED}`)
    .replace(LONG_TOKEN, REDACTED);
