// Runs inside a session with a real secret service: whole consoles, one for each kind of key, that live a full life with planted secrets
// while everything that leaves them is written down. What the transcripts and homes hold is judged outside (secrets.test.ts).
import { spawn, type ChildProcess } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { CallInput, CallName, CallOutput } from '../../src-shared/contract/contract.ts';
import type { ConsoleView, Snapshot } from '../../src-shared/contract/view.ts';
import { runCommandLine } from '../../src-main/control/command-line.ts';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { controlAddress, policyPath } from '../../src-main/settings/home.ts';
import { tap, type Tap } from './secrets-tap.ts';

export interface PlantedKey {
  readonly kind: 'HMAC' | 'ED25519' | 'RSA';
  readonly apiKey: string;
  readonly secret: string;
  /** What the exchange is told: the public key, or the HMAC secret. */
  readonly verifier: string;
}

export interface SessionPlan {
  readonly keys: readonly PlantedKey[];
  readonly killSwitch: string;
  readonly webhookToken: string;
  readonly mailPassword: string;
  /** Set as keys, and refused. */
  readonly refused: readonly string[];
  /** A secret that a person types where it does not belong: the leak that the search must find. */
  readonly leak: string | null;
  readonly hasKeychain: boolean;
  /** The exchange answers 503, refuses signatures and cuts the stream: what follows takes half a minute. */
  readonly hasTrouble: boolean;
}

/** What the test must know of a life beside its transcripts. */
export interface SessionReport {
  readonly stored: string;
  readonly storedAfterRestart: string;
  readonly mainnet: string;
  readonly trades: number;
  readonly statuses: readonly string[];
}

const CONSOLE = fileURLToPath(new URL('./secrets-console.ts', import.meta.url));
const WITHIN_MS = 90_000;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as net.AddressInfo;
      server.close(() => resolve(port));
    });
  });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const until = async <T>(claim: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> => {
  const endMs = Date.now() + WITHIN_MS;
  while (Date.now() < endMs) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await pause(50);
  }
  throw new Error(`not within ${WITHIN_MS} ms: ${claim}`);
};

/** One console process, and its window as the page has it. */
class Life {
  readonly child: ChildProcess;
  private readonly answers = new Map<number, (answer: unknown) => void>();
  private calls = 0;
  private isReady = false;

  constructor(home: string, notes: string, venue: string) {
    this.child = spawn(process.execPath, [CONSOLE, '--headless', '--home', home, '--custom-venue', 'env:SESSION_VENUE'], {
      env: { ...process.env, SESSION_VENUE: venue, SESSION_PLAN: '' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => appendFileSync(join(notes, 'terminal.txt'), chunk));
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      appendFileSync(join(notes, 'window.txt'), `${line}\n`);
      const { id, answer, ready } = JSON.parse(line) as { id?: number; answer?: unknown; ready?: string };
      if (ready !== undefined) this.isReady = true;
      if (id !== undefined) this.answers.get(id)?.(answer);
    });
  }

  ready(): Promise<boolean> {
    return until('READY', () => this.isReady);
  }

  call<K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>> {
    this.calls += 1;
    const id = this.calls;
    return new Promise((resolve) => {
      this.answers.set(id, resolve as (answer: unknown) => void);
      this.child.stdin?.write(`${JSON.stringify({ id, name, input })}\n`);
    });
  }

  async view(): Promise<ConsoleView> {
    const answer = (await this.call('subscribe', {})) as { readonly value: Snapshot };
    return answer.value.view;
  }

  until(claim: string, holds: (view: ConsoleView) => boolean): Promise<ConsoleView> {
    return until(claim, async () => {
      const view = await this.view();
      return holds(view) && view;
    });
  }

  end(signal: NodeJS.Signals): Promise<void> {
    return new Promise((resolve) => {
      this.child.once('exit', () => resolve());
      this.child.kill(signal);
    });
  }
}

/** The kill switch asked as from outside; the signature is one more thing that must be nowhere afterwards. */
const askKillSwitch = async (port: number, secret: string, notes: string): Promise<number> => {
  const [target, body, timestamp, nonce] = ['/api/v1/safety/kill-switch/trigger', '{"who":"the test"}', String(Date.now()), randomUUID()];
  const signature = createHmac('sha256', secret).update(['POST', target, body, timestamp, nonce].join('\n')).digest('hex');
  appendFileSync(join(notes, 'signatures.list'), `${signature}\n`);
  const answer = await fetch(`http://127.0.0.1:${port}${target}`, {
    method: 'POST',
    headers: { 'X-HMAC-Signature': signature, 'X-Timestamp': timestamp, 'X-Nonce': nonce },
    body,
  });
  appendFileSync(join(notes, 'control.txt'), `${answer.status} ${await answer.text()}\n`);
  return answer.status;
};

/** What a console says to whoever is on its socket: a subscriber, and every call that shows something. */
const listenOnSocket = async (home: string, notes: string): Promise<net.Socket> => {
  const socket = net.connect(controlAddress(home));
  socket.on('data', (chunk) => appendFileSync(join(notes, 'control.txt'), chunk));
  socket.on('error', () => socket.destroy());
  await new Promise((resolve) => socket.once('connect', resolve));
  const calls = ['subscribe', 'policyShow', 'metrics', 'selfTest', 'keyStatus', 'verifyJournal'];
  calls.forEach((call, index) => socket.write(`${JSON.stringify({ id: index + 1, call, input: {} })}\n`));
  return socket;
};

const holdfast = async (home: string, notes: string, line: string): Promise<void> => {
  const say = (text: string): void => appendFileSync(join(notes, 'control.txt'), text);
  await runCommandLine(line.split(' '), {
    stdout: say,
    stderr: say,
    environment: { HOLDFAST_HOME: home },
    lines: async function* () {
      // Nobody types.
    },
    interrupted: new Promise(() => undefined),
  });
};

/** What `ps` shows of the console and of the watchdog, and what the watchdog was handed as its environment. */
const noteProcesses = ({ pid = 0 }: ChildProcess, notes: string): void => {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '),
  );
  for (const one of [String(pid), ...children].filter((id) => id !== '')) {
    const told = one === String(pid) ? ['cmdline'] : ['cmdline', 'environ'];
    for (const what of told)
      appendFileSync(join(notes, 'processes.txt'), `${one} ${what}: ${readFileSync(`/proc/${one}/${what}`).toString('latin1')}\n`);
  }
};

const keysInto = async (life: Life, plan: SessionPlan, key: PlantedKey): Promise<{ stored: string; mainnet: string }> => {
  const pair = { apiKey: key.apiKey, secret: key.secret };
  const stored = await life.call('setKey', { mode: 'testnet', ...pair });
  const mainnet = await life.call('setKey', { mode: 'mainnet', ...pair });
  for (const mode of ['testnet', 'mainnet'] as const) await life.call('testKey', { mode });
  for (const secret of plan.refused) {
    await life.call('setKey', { mode: 'testnet', apiKey: key.apiKey, secret });
    await life.call('setKey', { mode: 'testnet', apiKey: secret.slice(0, 250), secret: key.secret });
    await life.call('setKey', { mode: secret, apiKey: key.apiKey, secret, more: secret } as never);
    await life.call(secret as never, { secret } as never);
    await life.call('setKillSwitchSecret', { secret: `${secret.slice(0, 100)} ` });
  }
  await life.call('setKey', { mode: 'testnet', ...pair });
  await life.call('setKillSwitchSecret', { secret: plan.killSwitch });
  await life.call('setAlertSecret', { name: 'mail', secret: plan.mailPassword });
  await life.call('keyStatus', {});
  return { stored: stored.ok ? stored.value.stored : 'refused', mainnet: mainnet.ok ? mainnet.value.stored : mainnet.error.text };
};

const trade = async (life: Life, practice: PracticeHandle, apiKey: string): Promise<void> => {
  const bought = await life.call('placeOrder', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', qty: '0.005' });
  if (!bought.ok) throw new Error(bought.error.text);
  const view = await life.until('the position', ({ positions }) => positions['BTCUSDT'] !== undefined);
  const mark = Number(view.positions['BTCUSDT']?.mark);
  await pause(700);
  const near = (factor: number): string => String(Math.round(mark * factor));
  const listed = await life.call('placeOrder', {
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    qty: '0.005',
    price: near(0.99),
    exits: { stopLoss: near(0.98), takeProfit: near(1.02) },
  } as never);
  if (!listed.ok) await life.call('placeOrder', { symbol: 'ETHUSDT', side: 'BUY', type: 'LIMIT', qty: '0.05', price: '2550' } as never);
  // The exchange's refusals and failures carry what was asked in their words: none of it may stay.
  await practice.perform({ op: 'setPermissions', apiKey, permissions: { reading: true, trading: false, withdrawals: false } });
  await life.call('placeOrder', { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', qty: '0.05' });
  await practice.perform({ op: 'setPermissions', apiKey, permissions: { reading: true, trading: true, withdrawals: false } });
};

const trouble = async (life: Life, practice: PracticeHandle): Promise<void> => {
  await practice.perform({
    op: 'addFault',
    rule: {
      match: { channel: 'rest', method: 'POST', path: '/api/v3/order' },
      action: { type: 'status', stage: 'before', status: 503 },
      times: 2,
    },
  });
  await pause(700);
  await life.call('placeOrder', { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', qty: '0.05' });
  await practice.perform({
    op: 'addFault',
    rule: {
      match: { channel: 'rest', path: '/api/v3/account' },
      action: { type: 'error', stage: 'before', code: -1022, status: 400 },
      times: 2,
    },
  });
  await life.call('selfTest', {});
  await life.call('reconcile', {});
  await practice.perform({ op: 'disconnect', channel: 'user' });
  await pause(500);
};

const live = async (plan: SessionPlan, key: PlantedKey, scratch: string): Promise<SessionReport> => {
  const [home, notes] = ['home', 'notes'].map((name) => join(scratch, key.kind.toLowerCase(), name)) as [string, string];
  for (const folder of [home, notes]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  const port = await freePort();
  const alerts = { webhook: 'warning', mail: 'warning', mailHost: '127.0.0.1', mailPort: 9, mailUser: 'holdfast', mailSecurity: 'none' };
  const mail = { mailFrom: 'holdfast@example.org', mailTo: 'trader@example.org' };
  writeFileSync(
    policyPath(home),
    JSON.stringify({
      exposure: { maxPositionPct: '100', maxSymbolPct: '100', maxStrategyPct: '100', maxTotalPct: '100', maxNetDirectionPct: '100' },
      killSwitch: { enabled: true, port },
      alerts: { ...alerts, ...mail },
    }),
  );
  const practice = await startPractice({ seed: 5, balances: { USDT: '10000' } });
  await practice.perform({ op: 'addKey', kind: key.kind, secret: key.verifier, apiKey: key.apiKey });
  const seen = (text: string): void => appendFileSync(join(notes, 'exchange.sent'), `${text}\n\n`);
  const taps: Tap[] = [];
  for (const url of [practice.restUrl, practice.streamUrl, practice.wsApiUrl]) taps.push(await tap(url, seen));
  const [restUrl, streamUrl, wsApiUrl] = taps.map(({ url }) => url);
  const venue = JSON.stringify({ restUrl, streamUrl, wsApiUrl, apiKey: key.apiKey, secret: key.secret });

  const first = new Life(home, notes, venue);
  await first.ready();
  const socket = await listenOnSocket(home, notes);
  noteProcesses(first.child, notes);
  const kept = await keysInto(first, plan, key);
  await first.call('setAlertSecret', { name: 'webhook', secret: `http://127.0.0.1:9/services/${plan.webhookToken}` });
  await first.call('testAlerts', {});
  await trade(first, practice, key.apiKey);
  if (plan.hasTrouble) await trouble(first, practice);
  const statuses: string[] = [];
  if (plan.hasKeychain) {
    await first.until('the kill switch listens', (view) => view.safety.killSwitch?.status === 'listening');
    statuses.push(String(await askKillSwitch(port, 'x'.repeat(40), notes)), String(await askKillSwitch(port, plan.killSwitch, notes)));
  } else await first.call('tripStop', { reason: 'no keychain' });
  await first.until('the receipt', (view) => view.safety.stop?.receipt?.complete === true);
  await first.call('resetStop', { why: plan.leak ?? 'seen', readBackTripId: 1 });
  for (const line of ['status --json', 'safety', 'orders --all --json', 'metrics --prometheus', 'journal verify', 'policy show'])
    await holdfast(home, notes, line);
  await first.call('journalPage', { count: 500 });
  await first.call('replayAt', { untilMs: Date.now() });
  const trades = Object.values((await first.view()).orders).filter(({ fills }) => fills.length > 0).length;
  await first.end('SIGKILL');

  const second = new Life(home, notes, venue);
  await second.ready();
  const [testnet] = await until('the key’s state', async () => {
    const answer = await second.call('keyStatus', {});
    return answer.ok && answer.value;
  });
  await second.call('journalRows', { fromSeq: 0, count: 1000 });
  await second.call('tripStop', { reason: 'the end' });
  await holdfast(home, notes, 'journal export --json');
  await second.end('SIGTERM');
  socket.destroy();
  for (const one of taps) one.close();
  await practice.close();
  return { ...kept, storedAfterRestart: testnet?.stored ?? '?', trades, statuses };
};

const [scratch = '', text = '{}'] = [process.argv[2], process.env['SESSION_PLAN']];
const plan = JSON.parse(text) as SessionPlan;
// Beside each other: most of a life is waiting for the proof that an order in doubt does not exist.
const reports = await Promise.all(plan.keys.map((key) => live(plan, key, scratch)));
process.stdout.write(`${JSON.stringify(reports)}\n`);
process.exit(0);
