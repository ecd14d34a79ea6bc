// No secret leaves the vault (Q12, L2, N1): whole consoles with keys of every kind in a real secret service live a full life (trade, list,
// stop, reset, refused keys, failures of the exchange, kill -9, restart), and then every file of their homes, every log, the journals with
// their write-ahead logs, every message to window, socket and terminal, what `ps` shows, and everything that the exchange saw is searched
// for every secret in every usual spelling. Not searched: memory, swap, core dumps, and the keychain's own daemon.
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { leaksBelow, searchFor, type Leak, type Secret } from '../support/secret-search.ts';
import type { PlantedKey, SessionPlan, SessionReport } from './secrets-session.ts';

const SESSION = fileURLToPath(new URL('./secrets-session.ts', import.meta.url));
const isLinux = process.platform === 'linux';
if (!isLinux) console.log('A secret service of its own can be started on Linux alone: the planted secrets were not searched for');

const text = (length: number): string => randomBytes(length).toString('base64url').slice(0, length);
/** As Binance's own: letters and digits. */
const letters = (length: number): string => {
  let made = '';
  while (made.length < length)
    made += randomBytes(64)
      .toString('base64')
      .replaceAll(/[^A-Za-z0-9]/g, '');
  return made.slice(0, length);
};

const hmacKey = (): PlantedKey => {
  const secret = letters(64);
  return { kind: 'HMAC', apiKey: letters(64), secret, verifier: secret };
};
const pairOf = (kind: 'ED25519' | 'RSA'): PlantedKey => {
  const { privateKey, publicKey } = kind === 'RSA' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  return { kind, apiKey: letters(64), secret, verifier: publicKey.export({ type: 'spki', format: 'pem' }).toString() };
};

const planFor = (keys: readonly PlantedKey[], more: Partial<SessionPlan> = {}): SessionPlan => ({
  keys,
  killSwitch: text(48),
  webhookToken: text(40),
  mailPassword: text(40),
  refused: [
    `${text(30)} ${text(30)}`,
    `-----BEGIN ${'PRIVATE'} KEY-----\n${letters(64)}\n${letters(40)}\n-----END ${'PRIVATE'} KEY-----\n`,
  ],
  leak: null,
  hasKeychain: true,
  hasTrouble: false,
  ...more,
});

/** What must be nowhere at all. */
const secretsOf = (plan: SessionPlan): readonly Secret[] => [
  ...plan.keys.map(({ kind, secret }) => ({ name: `${kind} key`, text: secret })),
  { name: 'kill switch secret', text: plan.killSwitch },
  { name: 'webhook token', text: plan.webhookToken },
  { name: 'mail password', text: plan.mailPassword },
  ...plan.refused.map((one, index) => ({ name: `refused secret ${index + 1}`, text: one })),
];

/** Every signature that went over a wire: the exchange's to see, and nobody's else. */
const signaturesIn = (sent: string): readonly string[] =>
  [...sent.matchAll(/signature["=:\s]+([A-Za-z0-9+/%=]{40,})/gi)].map(([, found = '']) => decodeURIComponent(found));

const SERVICE = 'printf test | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0" "$@"';

/** Lives the plan in a session of its own, and gives back where everything lies. */
const lived = (plan: SessionPlan): { readonly scratch: string; readonly reports: readonly SessionReport[] } => {
  const scratch = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'));
  onTestFinished(() => rmSync(scratch, { recursive: true, force: true }));
  const session = join(scratch, 'session');
  for (const folder of ['', 'run', 'tmp', 'data', 'config', 'cache']) mkdirSync(join(session, folder), { mode: 0o700 });
  const { DBUS_SESSION_BUS_ADDRESS: _bus, DISPLAY: _display, WAYLAND_DISPLAY: _wayland, ...rest } = process.env;
  const env = {
    ...rest,
    HOME: session,
    TMPDIR: join(session, 'tmp'),
    XDG_RUNTIME_DIR: join(session, 'run'),
    XDG_DATA_HOME: join(session, 'data'),
    XDG_CONFIG_HOME: join(session, 'config'),
    XDG_CACHE_HOME: join(session, 'cache'),
    SESSION_PLAN: JSON.stringify(plan),
  };
  const command = [process.execPath, SESSION, scratch];
  const args = ['--', '/bin/sh', '-c', SERVICE, ...command];
  const out = plan.hasKeychain
    ? execFileSync('dbus-run-session', args, { env, encoding: 'utf8', timeout: 280_000 })
    : execFileSync(process.execPath, command.slice(1), { env, encoding: 'utf8', timeout: 280_000 });
  return { scratch, reports: JSON.parse(out.trim().split('\n').at(-1) ?? '') as readonly SessionReport[] };
};

/** Leaks of a life: secrets anywhere, and beside the exchange's own transcript also API keys and signatures. */
const leaksOf = (plan: SessionPlan, scratch: string): { readonly leaks: readonly Leak[]; readonly files: number } => {
  const sent = plan.keys.map(({ kind }) => readFileSync(join(scratch, kind.toLowerCase(), 'notes', 'exchange.sent'), 'latin1')).join('\n');
  const asked = plan.hasKeychain
    ? plan.keys.flatMap(({ kind }) =>
        readFileSync(join(scratch, kind.toLowerCase(), 'notes', 'signatures.list'), 'utf8')
          .trim()
          .split('\n'),
      )
    : [];
  const signatures = [...new Set([...signaturesIn(sent), ...asked])];
  expect(signatures.length, 'signatures were seen').toBeGreaterThan(5);
  const own = [
    ...plan.keys.map(({ kind, apiKey }) => ({ name: `${kind} API key`, text: apiKey })),
    ...signatures.map((one) => ({ name: 'a signature', text: one })),
  ];
  const outside = searchFor([...secretsOf(plan), ...own]);
  const atExchange = searchFor(secretsOf(plan));
  const isExchange = (where: string): boolean => /exchange\.sent$|signatures\.list$/.test(where);
  return leaksBelow(scratch, (bytes, where) => (isExchange(where) ? atExchange : outside)(bytes, where));
};

const wordsOf = (leaks: readonly Leak[], scratch: string): readonly string[] =>
  [...new Set(leaks.map(({ secret, form, where }) => `${secret}, ${form}: ${where.replace(scratch, '')}`))].slice(0, 40);

test.runIf(isLinux)(
  'a full session with HMAC, Ed25519 and RSA keys leaves none of its secrets anywhere',
  () => {
    const plan = planFor([hmacKey(), pairOf('ED25519'), pairOf('RSA')], { hasTrouble: true });
    const { scratch, reports } = lived(plan);
    for (const report of reports) {
      expect(report).toMatchObject({ stored: 'keychain', storedAfterRestart: 'keychain', mainnet: 'keychain', statuses: ['401', '200'] });
      expect(report.trades).toBeGreaterThan(0);
    }
    const { leaks, files } = leaksOf(plan, scratch);
    expect(wordsOf(leaks, scratch)).toEqual([]);
    expect(files).toBeGreaterThan(20);
    for (const name of ['window.txt', 'control.txt', 'terminal.txt', 'processes.txt', 'exchange.sent'])
      expect(readFileSync(join(scratch, 'rsa', 'notes', name)).length, name).toBeGreaterThan(50);
  },
  300_000,
);

test.runIf(isLinux)(
  'a secret that does get out is found: in the journal, at the window and on the socket',
  () => {
    const key = hmacKey();
    const plan = planFor([key], { leak: Buffer.from(`x${key.secret}`).toString('base64') });
    const { scratch } = lived(plan);
    const { leaks } = leaksOf(plan, scratch);
    const where = leaks.filter(({ secret, form }) => secret === 'HMAC key' && form === 'base64').map((leak) => leak.where);
    expect(
      where.some((file) => /\.sqlite(-wal)?$/.test(file)),
      where.join(),
    ).toBe(true);
    for (const name of ['window.txt', 'control.txt'])
      expect(
        where.some((file) => file.endsWith(name)),
        name,
      ).toBe(true);
  },
  300_000,
);

test.runIf(isLinux)(
  'without a keychain a testnet key lives in memory and is gone with the console, a mainnet key is refused, and nothing is written',
  () => {
    const plan = planFor([hmacKey()], { hasKeychain: false });
    const { scratch, reports } = lived(plan);
    expect(reports[0]).toMatchObject({ stored: 'session', storedAfterRestart: 'none' });
    expect(reports[0]?.mainnet).toMatch(/in a keychain or not at all\. Nothing was stored\./);
    expect(wordsOf(leaksOf(plan, scratch).leaks, scratch)).toEqual([]);
  },
  300_000,
);

test('the search finds every spelling of a secret, wherever it stands, and nothing else', () => {
  const key = pairOf('ED25519');
  const secrets = [
    { name: 'word', text: letters(64) },
    { name: 'pem', text: key.secret },
    { name: 'signs', text: `${text(20)} +/&=%"\\ ${text(20)}` },
  ];
  const search = searchFor(secrets);
  const noise = (): Buffer => randomBytes(997);
  const found = (middle: Buffer | string): readonly string[] =>
    search(Buffer.concat([noise(), Buffer.from(middle as string), noise()]), '').map((leak) => leak.secret);
  for (const { name, text: secret } of secrets) {
    const bytes = Buffer.from(secret);
    for (const spelling of [
      secret,
      JSON.stringify({ a: secret }),
      JSON.stringify(JSON.stringify({ a: secret })),
      encodeURIComponent(secret),
      new URLSearchParams({ a: secret }).toString(),
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('base64'),
      bytes.toString('base64url'),
      Buffer.concat([Buffer.from('ab'), bytes, Buffer.from('c')]).toString('base64'),
      Buffer.concat([Buffer.from('a'), bytes]).toString('base64'),
      Buffer.from(secret, 'utf16le'),
      ...(secret.includes('-----') ? [] : [secret.slice(3, 45)]),
    ])
      expect(found(spelling), `${name}: ${spelling.toString().slice(0, 60)}`).toContain(name);
  }
  const [line = ''] = key.secret.split('\n').slice(1);
  expect(new Set(found(line))).toEqual(new Set(['pem']));
  expect(new Set(found(Buffer.from(line, 'base64').subarray(-32)))).toEqual(new Set(['pem']));
  expect(found(noise())).toEqual([]);
  expect(found(key.verifier)).toEqual([]);
});
