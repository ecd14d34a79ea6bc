// Cold start to armed, memory and replay (REQUIREMENTS R): the built console as its own process on a fresh home; the same on a home with
// a month of trading in its journal; and a journal of a million facts, read, verified and replayed as the console does it at its start:
// every fact, and from a snapshot.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { Replay } from '../../src-main/console/replay.ts';
import { restoreJournal, type RestoredJournal } from '../../src-main/console/restore.ts';
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

const ORDERS_PER_COMPARISON = 30;

/** Round trips of a small buy and its sale, spread over `days` that end now: six facts an order, as the engine makes them. */
export const monthOfFacts = (orders: number, days: number, endMs: number, allowed: readonly string[] = ['BTCUSDT']): SequencedFact[] => [
  ...factsOfMonth(orders, days, endMs, allowed),
];

function* factsOfMonth(orders: number, days: number, endMs: number, allowed: readonly string[] = ['BTCUSDT']): Generator<SequencedFact> {
  const startMs = endMs - days * DAY_MS;
  let dayUtc = '';
  let seq = 0;
  let waiting: SequencedFact[] = [];
  const add = (atMs: number, fact: unknown): void => {
    seq += 1;
    waiting.push({ seq, atMs, fact: fact as Fact });
  };
  add(startMs, { kind: 'session.started', mode: 'practice', account: ACCOUNT, version: 'bench' });
  add(startMs, { kind: 'policy.adopted', version: 1, by: 'bench', why: 'bench', policy: benchPolicy(allowed) });
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
    // What a comparison has seen is forgotten a day later (B9); without comparisons a year's orders would stay in memory.
    if (index % ORDERS_PER_COMPARISON === 0)
      add(atMs, { kind: 'reconciled', why: 'every 5 min', differences: [], tookMs: 12, trades: ['BTCUSDT'] });
    const [side, qty] = index % 2 === 0 ? (['BUY', '0.01'] as const) : (['SELL', '0.00999'] as const);
    const clientOrderId = `hf-monthx-${String(seq + 1).padStart(12, '0')}`;
    // Each sale is 2000 above its buy: a month of losses in a row would have opened the breaker (D).
    const price = text(`6${side === 'BUY' ? '0' : '2'}${String(index % 1000).padStart(3, '0')}.25`);
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
    yield* waiting;
    waiting = [];
  }
}

const FACTS_A_WRITE = 5000;

/** Gives the number of facts. */
const write = async (path: string, facts: Iterable<SequencedFact>): Promise<number> => {
  const opened = await openJournal({ path, mode: 'practice', account: ACCOUNT });
  if (!opened.ok) throw new Error(opened.error.text);
  const { journal } = opened.value;
  let batch: SequencedFact[] = [];
  const hand = async (): Promise<void> => {
    journal.append(batch);
    batch = [];
    await journal.flush();
  };
  for (const fact of facts) {
    batch.push(fact);
    if (batch.length === FACTS_A_WRITE) await hand();
  }
  await hand();
  const written = journal.durableSeq;
  await journal.close();
  return written;
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

/**
 * The second start on a made journal. At the first one the exchange, which has never heard of that trading, is taken for one that was
 * reset, and is asked twice before that is believed: that is no start as a trader knows it.
 */
const startAgain = async (home: string): Promise<Started> => {
  await start(home);
  return start(home);
};

export interface StartOptions {
  readonly starts: number;
  /** Orders in the month: 100 a day is the policy's own limit. */
  readonly monthOrders: number;
  /** In the large journal. */
  readonly facts: number;
}
export interface StartResult {
  readonly coldStartMs: number;
  readonly rssMb: number | null;
  readonly monthStartMs: number;
  readonly monthRssMb: number | null;
  /** From the large journal's file to the state: read, every hash checked, parsed, evolved. */
  readonly replayPerSecond: number;
  /** The evolving alone, of a part of them. */
  readonly evolvePerSecond: number;
  /** From the large journal's file to the state, by its newest snapshot. */
  readonly snapshotStartMs: number;
  /** The whole console on the large journal with its snapshot, to READY. */
  readonly largeStartMs: number;
  /** The longest that the engine's thread stood still while a snapshot was made beside it. */
  readonly snapshotPauseMs: number;
}

/** Many enough to tell, few enough to hold. */
const EVOLVED_FACTS = 100_000;

const evolveMs = (facts: readonly SequencedFact[]): number => {
  const fromMs = performance.now();
  const state = emptyState();
  for (const fact of facts) evolve(state, fact);
  return performance.now() - fromMs;
};

const restored = async (path: string): Promise<RestoredJournal & { readonly tookMs: number }> => {
  const fromMs = performance.now();
  const journal = await restoreJournal({ path, mode: 'practice', account: ACCOUNT });
  if (!journal.ok) throw new Error(journal.error.text);
  return { ...journal.value, tookMs: performance.now() - fromMs };
};

/** Makes a snapshot as a running console does, and looks how long the thread of its engine stands still meanwhile. */
const keepSnapshot = async ({ opened }: RestoredJournal): Promise<number> => {
  const { journal, reader } = opened;
  const replay = new Replay(reader, () => journal.durableSeq);
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  const atSeq = journal.durableSeq;
  const digest = await opened.keepSnapshot(atSeq, await replay.encodedAt(atSeq));
  delays.disable();
  journal.append([{ seq: atSeq + 1, atMs: Date.now(), fact: { kind: 'snapshot.taken', atSeq, digest } }]);
  await journal.flush();
  await replay.close();
  return delays.max / 1e6;
};

const benchLarge = async (
  facts: number,
): Promise<Pick<StartResult, 'replayPerSecond' | 'snapshotStartMs' | 'largeStartMs' | 'snapshotPauseMs'>> =>
  withHome(async (home) => {
    const path = journalPath(home, 'practice', ACCOUNT);
    const written = await write(path, factsOfMonth(Math.ceil(facts / 6), 365, Date.now()));
    const whole = await restored(path);
    const snapshotPauseMs = await keepSnapshot(whole);
    await whole.opened.journal.close();
    const quick: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const one = await restored(path);
      quick.push(one.tookMs);
      await one.opened.journal.close();
    }
    const { readyMs } = await startAgain(home);
    return { replayPerSecond: (written * 1000) / whole.tookMs, snapshotStartMs: medianOf(quick), largeStartMs: readyMs, snapshotPauseMs };
  });

/** Needs a build: `npm run bench` makes one. */
export const benchStart = async ({ starts, monthOrders, facts }: StartOptions): Promise<StartResult> => {
  const cold: Started[] = [];
  for (let index = 0; index < starts; index += 1) cold.push(await withHome(start));
  const month = await withHome(async (home) => {
    await write(journalPath(home, 'practice', ACCOUNT), factsOfMonth(monthOrders, 30, Date.now()));
    return startAgain(home);
  });
  const evolved = monthOfFacts(Math.ceil(Math.min(facts, EVOLVED_FACTS) / 6), 365, Date.now());
  const rss = cold.flatMap(({ rssMb }) => rssMb ?? []);
  return {
    coldStartMs: medianOf(cold.map(({ readyMs }) => readyMs)),
    rssMb: rss.length === 0 ? null : medianOf(rss),
    monthStartMs: month.readyMs,
    monthRssMb: month.rssMb,
    evolvePerSecond: (evolved.length * 1000) / evolveMs(evolved),
    ...(await benchLarge(facts)),
  };
};
