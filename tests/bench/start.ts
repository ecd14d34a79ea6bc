// Cold start to armed, memory and replay (REQUIREMENTS R): the built console as its own process on a fresh home; the same on a home with
// a month of trading in its journal; and a journal read, verified and replayed as the console does it at its start.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { emptyState, evolve } from '../../src-main/engine/evolve.ts';
import type { Fact, SequencedFact } from '../../src-main/engine/facts.ts';
import { openJournal } from '../../src-main/journal/open.ts';
import { journalPath } from '../../src-main/settings/home.ts';
import { benchPolicy } from './engine.ts';
import { medianOf } from './numbers.ts';

const HEADLESS = fileURLToPath(new URL('../../dist/src-main/headless.js', import.meta.url));
const READY_WITHIN_MS = 30_000;
/** The account that practice mode journals under. */
const ACCOUNT = 'conservative';
const DAY_MS = 86_400_000;
const text = (value: string): DecimalText => value as DecimalText;

/** Round trips of a small buy and its sale, spread over `days` that end now: six facts an order, as the engine makes them. */
export const monthOfFacts = (orders: number, days: number, endMs: number): SequencedFact[] => {
  const facts: SequencedFact[] = [];
  const startMs = endMs - days * DAY_MS;
  let dayUtc = '';
  const add = (atMs: number, fact: unknown): void => void facts.push({ seq: facts.length + 1, atMs, fact: fact as Fact });
  add(startMs, { kind: 'session.started', mode: 'practice', account: ACCOUNT, version: 'bench' });
  add(startMs, { kind: 'policy.adopted', version: 1, by: 'bench', why: 'bench', policy: benchPolicy(['BTCUSDT']) });
  add(startMs, {
    kind: 'balances.updated',
    entries: [{ asset: 'USDT', free: '1000000000', locked: '0' }],
    full: true,
    venueTimeMs: startMs,
  });
  for (let index = 0; index < orders; index += 1) {
    const atMs = startMs + Math.floor((index * days * DAY_MS) / orders);
    const today = new Date(atMs).toISOString().slice(0, 10);
    if (today !== dayUtc) add(atMs, { kind: 'day.opened', dayUtc: today, equityUsdt: '10000' });
    dayUtc = today;
    const [side, qty] = index % 2 === 0 ? (['BUY', '0.01'] as const) : (['SELL', '0.00999'] as const);
    const clientOrderId = `hf-monthx-${String(facts.length + 1).padStart(12, '0')}`;
    const price = text(`6${String(index % 1000).padStart(4, '0')}.25`);
    add(atMs, {
      kind: 'order.intended',
      order: {
        clientOrderId,
        symbol: 'BTCUSDT',
        side,
        type: 'LIMIT',
        qty,
        price,
        timeInForce: 'GTC',
        reduceOnly: side === 'SELL',
        origin: 'cli',
        generation: 0,
        reservedUsdt: '620.5',
      },
      quote: { bid: price, ask: price, ageMs: 12 },
    });
    add(atMs, { kind: 'order.sent', clientOrderId });
    add(atMs, { kind: 'order.accepted', clientOrderId, venueOrderId: String(index + 1), venueTimeMs: atMs, via: 'answer' });
    const fee = side === 'BUY' ? { fee: '0.00001', feeAsset: 'BTC', feeUsdt: '0.62' } : { fee: '0.62', feeAsset: 'USDT', feeUsdt: '0.62' };
    add(atMs, {
      kind: 'order.filled',
      clientOrderId,
      symbol: 'BTCUSDT',
      tradeId: String(index + 1),
      side,
      price,
      qty,
      ...fee,
      maker: false,
      venueTimeMs: atMs,
      via: 'stream',
    });
    add(atMs, { kind: 'order.ended', clientOrderId, status: 'FILLED', proof: 'stream', reason: '', venueTimeMs: atMs });
    const btc = side === 'BUY' ? '0.00999' : '0';
    add(atMs, { kind: 'balances.updated', entries: [{ asset: 'BTC', free: btc, locked: '0' }, { asset: 'USDT', free: '9380', locked: '0' }], full: false, venueTimeMs: atMs }); // prettier-ignore
  }
  return facts;
};

const write = async (path: string, facts: readonly SequencedFact[]): Promise<void> => {
  const opened = await openJournal({ path, mode: 'practice', account: ACCOUNT });
  if (!opened.ok) throw new Error(opened.error.text);
  for (let at = 0; at < facts.length; at += 5000) opened.value.journal.append(facts.slice(at, at + 5000));
  await opened.value.journal.close();
};

const withHome = async <T>(use: (home: string) => Promise<T>): Promise<T> => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  try {
    return await use(home);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
};

interface Started {
  readonly readyMs: number;
  /** Resident memory of the console's process, practice exchange included; null where the system does not tell. */
  readonly rssMb: number | null;
}

const rssMbOf = (pid: number | undefined): number | null => {
  if (process.platform !== 'linux' || pid === undefined) return null;
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) / 1024;
};

/** Starts the built console, takes the time to its READY line, ends it by the signal that a terminal would send. */
const start = async (home: string): Promise<Started> => {
  const fromMs = performance.now();
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', HEADLESS, '--shell', 'headless', '--home', home, '--seed', '7'],
    {
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const late = setTimeout(() => child.kill('SIGKILL'), READY_WITHIN_MS);
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (!line.startsWith('READY ')) continue;
      return { readyMs: performance.now() - fromMs, rssMb: rssMbOf(child.pid) };
    }
    throw new Error(`the console was not ready within ${READY_WITHIN_MS} ms`);
  } finally {
    clearTimeout(late);
    child.kill('SIGTERM');
    await exited;
  }
};

export interface StartOptions {
  readonly starts: number;
  /** Orders in the month: 100 a day is the policy's own limit. */
  readonly monthOrders: number;
  readonly replayFacts: number;
}
export interface StartResult {
  readonly coldStartMs: number;
  readonly rssMb: number | null;
  readonly monthStartMs: number;
  readonly monthRssMb: number | null;
  /** From the file to the state: read, every hash checked, parsed, evolved. */
  readonly replayPerSecond: number;
  /** The evolving alone. */
  readonly evolvePerSecond: number;
}

const replay = (facts: readonly SequencedFact[]): number => {
  const fromMs = performance.now();
  const state = emptyState();
  for (const fact of facts) evolve(state, fact);
  return performance.now() - fromMs;
};

/** Needs a build: `npm run bench` makes one. */
export const benchStart = async ({ starts, monthOrders, replayFacts }: StartOptions): Promise<StartResult> => {
  const cold: Started[] = [];
  for (let index = 0; index < starts; index += 1) cold.push(await withHome(start));
  const month = await withHome(async (home) => {
    await write(journalPath(home, 'practice', ACCOUNT), monthOfFacts(monthOrders, 30, Date.now()));
    return start(home);
  });
  const { wholeMs, evolveMs, facts } = await withHome(async (home) => {
    const path = join(home, 'journal.sqlite');
    const written = monthOfFacts(Math.ceil(replayFacts / 6), 365, Date.now());
    await write(path, written);
    const fromMs = performance.now();
    const opened = await openJournal({ path, mode: 'practice', account: ACCOUNT });
    if (!opened.ok) throw new Error(opened.error.text);
    const evolved = replay(opened.value.facts);
    const took = performance.now() - fromMs;
    await opened.value.journal.close();
    return { wholeMs: took, evolveMs: evolved, facts: written.length };
  });
  const rss = cold.flatMap(({ rssMb }) => rssMb ?? []);
  return {
    coldStartMs: medianOf(cold.map(({ readyMs }) => readyMs)),
    rssMb: rss.length === 0 ? null : medianOf(rss),
    monthStartMs: month.readyMs,
    monthRssMb: month.rssMb,
    replayPerSecond: (facts * 1000) / wholeMs,
    evolvePerSecond: (facts * 1000) / evolveMs,
  };
};
