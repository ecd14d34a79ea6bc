// Looks for secrets in bytes: plain, in pieces, escaped as JSON, URL-encoded, in hex, in base64 at any offset, in UTF-16, and the inside
// of a PEM by itself. What memory, swap or a core dump holds it cannot see.
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Secret {
  readonly name: string;
  readonly text: string;
}

export interface Leak {
  readonly secret: string;
  readonly form: string;
  readonly where: string;
}

interface Needle {
  readonly secret: string;
  readonly form: string;
  readonly bytes: Buffer;
}

/** A piece of a secret so long is a leak. */
const PIECE = 20;
/** Of no use shorter: they would be found by chance. */
const SHORTEST = 12;

/** What base64 makes of the bytes wherever they stand in a longer text: the digits that depend on nothing around them. */
const base64Cores = (bytes: Buffer): readonly string[] =>
  [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replaceAll('=', '');
    const isWhole = (shift + bytes.length) % 3 === 0;
    return text.slice(shift === 0 ? 0 : shift + 1, isWhole ? undefined : -1);
  });

const encoded = (bytes: Buffer): readonly (readonly [form: string, bytes: Buffer])[] => {
  const hex = bytes.toString('hex');
  const cores = base64Cores(bytes);
  return [
    ['hex', Buffer.from(hex)],
    ['HEX', Buffer.from(hex.toUpperCase())],
    ...cores.map((core) => ['base64', Buffer.from(core)] as const),
    ...cores.map((core) => ['base64url', Buffer.from(core.replaceAll('+', '-').replaceAll('/', '_'))] as const),
    ...cores.map((core) => ['base64 in a URL', Buffer.from(encodeURIComponent(core))] as const),
  ];
};

const escapes = (text: string): readonly (readonly [form: string, text: string])[] => {
  const once = JSON.stringify(text).slice(1, -1);
  const url = encodeURIComponent(text);
  return [
    ['plain', text],
    ['with Windows’ line ends', text.replaceAll('\n', '\r\n')],
    ['in JSON', once],
    ['in JSON in JSON', JSON.stringify(once).slice(1, -1)],
    ['URL-encoded', url],
    ['URL-encoded in small letters', url.replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())],
    ['form-encoded', url.replaceAll('%20', '+')],
  ];
};

/** A secret and, of a PEM, its lines and the key inside: DER, and the 32 bytes that an Ed25519 key is. */
const partsOf = (text: string): readonly (readonly [part: string, bytes: Buffer])[] => {
  if (!text.includes('-----BEGIN')) return [['', Buffer.from(text)]];
  const lines = text.split('\n').filter((line) => line.length >= SHORTEST && !line.startsWith('-----'));
  const parts: [string, Buffer][] = [
    ['', Buffer.from(text)],
    ...lines.map((line): [string, Buffer] => ['a line of the PEM, ', Buffer.from(line)]),
  ];
  try {
    const der = createPrivateKey(text).export({ type: 'pkcs8', format: 'der' });
    parts.push(['the key itself, ', der], ['the last 32 bytes of the key, ', der.subarray(-32)]);
  } catch {
    // A PEM that is meant to be refused holds no key; its text and lines are looked for.
  }
  return parts;
};

const needlesOf = ({ name, text }: Secret): readonly Needle[] => {
  const needles: Needle[] = [];
  const add = (form: string, bytes: Buffer): void => {
    if (bytes.length >= SHORTEST) needles.push({ secret: name, form, bytes });
  };
  for (const [part, bytes] of partsOf(text)) {
    for (const [form, code] of encoded(bytes)) add(`${part}${form}`, code);
    // What is no text (a key's own bytes) has no other spelling than its bytes.
    if (part.includes('key')) add(`${part}raw`, bytes);
    else {
      for (const [form, code] of escapes(bytes.toString())) {
        add(`${part}${form}`, Buffer.from(code));
        add(`${part}${form}, UTF-16`, Buffer.from(code, 'utf16le'));
      }
      const plain = bytes.toString().replaceAll('\n', '');
      for (let at = 0; at + PIECE <= plain.length; at += PIECE) {
        const piece = plain.slice(at, at + PIECE);
        if (!piece.includes('-----')) add(`${part}a piece`, Buffer.from(piece));
      }
    }
  }
  return needles;
};

const tripleAt = (bytes: Buffer, at: number): number => ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);

/** Finds any of the secrets in bytes; made once for many files. */
export const searchFor = (secrets: readonly Secret[]): ((bytes: Buffer, where: string) => readonly Leak[]) => {
  const byStart = new Map<number, Needle[]>();
  const starts = new Uint8Array(1 << 24);
  for (const needle of secrets.flatMap(needlesOf)) {
    const start = tripleAt(needle.bytes, 0);
    starts[start] = 1;
    byStart.set(start, [...(byStart.get(start) ?? []), needle]);
  }
  return (bytes, where) => {
    const found = new Map<string, Leak>();
    for (let at = 0; at + SHORTEST <= bytes.length; at += 1) {
      const start = tripleAt(bytes, at);
      if (starts[start] === 0) continue;
      for (const { secret, form, bytes: needle } of byStart.get(start) ?? [])
        if (bytes.subarray(at, at + needle.length).equals(needle)) found.set(`${secret} ${form}`, { secret, form, where });
    }
    return [...found.values()];
  };
};

/** Every file below a folder, by content and by name. */
export const leaksBelow = (
  folder: string,
  search: ReturnType<typeof searchFor>,
): { readonly leaks: readonly Leak[]; readonly files: number } => {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const leaks = files.flatMap((file) => [...search(readFileSync(file), file), ...search(Buffer.from(file), `the name of ${file}`)]);
  return { leaks, files: files.length };
};
