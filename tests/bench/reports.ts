// Execution reports a second, from the socket to the state that is journaled on disk, against ccxt's watchOrders on the same bursts
// (REQUIREMENTS R), and how many each of them never shows. The orders are real and rest at the practice exchange; their fills come from
// a source of our own, the same for both.
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { ccxtClient } from './ccxt-client.ts';
import { NO_LIMITS, ORDERS_PER_SECOND, startEngine, type BenchEngine } from './engine.ts';
import { pause } from './numbers.ts';
import type { FromSource, ReportedOrder, ToSource } from './report-source.ts';

export interface ReportsOptions {
  /** At most 200: the exchange's own limit a symbol. */
  readonly orders: number;
  readonly fillsEach: number;
  readonly rounds: number;
}
export interface ReportsResult {
  /** Of the best round. */
  readonly oursPerSecond: number;
  readonly ccxtPerSecond: number;
  /** Of all reports of all rounds. */
  readonly reports: number;
  readonly oursLost: number;
  readonly ccxtLost: number;
}

const SYMBOL = 'BTCUSDT' as SymbolId;
const QTY = '0.01600' as DecimalText;

class Source {
  readonly #worker = new Worker(new URL('./report-source.ts', import.meta.url), { execArgv: [] });
  port = 0;

  async start(): Promise<this> {
    const message = await this.#answer();
    if (message.kind === 'listening') this.port = message.port;
    return this;
  }
  tell(message: ToSource): void {
    this.#worker.postMessage(message);
  }
  async prepare(fillsEach: number): Promise<void> {
    this.tell({ kind: 'prepare', fillsEach });
    await this.#answer();
  }
  async close(): Promise<void> {
    await this.#worker.terminate();
  }
  async #answer(): Promise<FromSource> {
    const [message] = (await once(this.#worker, 'message')) as [FromSource];
    return message;
  }
}

/** The practice exchange, with its user stream replaced. */
const heardFrom = (practice: PracticeHandle, { port }: Source): PracticeHandle => ({
  ...practice,
  wsApiUrl: `ws://127.0.0.1:${port}/ws-api/v3`,
});

const rest = async (engine: BenchEngine, orders: number, accepted: (order: ReportedOrder) => void): Promise<void> => {
  for (let order = 0; order < orders; order += 1) {
    const price = (engine.best(SYMBOL).bid * 0.985).toFixed(2) as DecimalText;
    const clientOrderId = engine.place({ symbol: SYMBOL, side: 'BUY', type: 'LIMIT', qty: QTY, price });
    const fact = await engine.fact(clientOrderId, ['order.accepted', 'order.rejected', 'order.unknown']);
    if (fact.kind !== 'order.accepted') throw new Error(`not accepted: ${JSON.stringify(fact)}`);
    accepted({ clientOrderId, orderId: Number(fact.venueOrderId), symbol: SYMBOL, price, qty: QTY });
    if ((order + 1) % (ORDERS_PER_SECOND - 2) === 0) await pause(1010);
  }
};

/** Rows that watchOrders shows until it is silent for so long, and the time of the newest. */
const SILENT_MS = 400;

type Ccxt = Awaited<ReturnType<typeof ccxtClient>>;

class Watcher {
  rows = 0;
  newestMs = 0;
  readonly #done: Promise<void>;
  #ending = false;

  constructor(ccxt: Ccxt) {
    this.#done = this.#watch(ccxt);
  }
  async #watch(ccxt: Ccxt): Promise<void> {
    while (!this.#ending) {
      try {
        const rows = await ccxt.watchOrders();
        this.rows += rows.length;
        this.newestMs = performance.now();
      } catch (error) {
        if (!this.#ending) throw error;
      }
    }
  }
  async silence(): Promise<void> {
    const fromMs = performance.now();
    while (performance.now() - Math.max(this.newestMs, fromMs) < SILENT_MS) await pause(20);
  }
  async end(ccxt: Ccxt): Promise<void> {
    this.#ending = true;
    await ccxt.close();
    await this.#done;
  }
}

/** Turn by turn: a burst to ours until the last of it is on disk, the same burst to ccxt until it shows nothing new. */
export const benchReports = async ({ orders, fillsEach, rounds }: ReportsOptions): Promise<ReportsResult> => {
  const practice = await startPractice({ seed: 11, eventsPerSecond: 5, balances: { USDT: '1000000' }, limits: NO_LIMITS });
  const [ourSource, theirSource] = [await new Source().start(), await new Source().start()];
  const engine = await startEngine(heardFrom(practice, ourSource), [SYMBOL]);
  const ccxt = await ccxtClient(heardFrom(practice, theirSource), practice.key);
  const watcher = new Watcher(ccxt);
  await pause(300); // its subscription is answered at once, but nothing tells
  await rest(engine, orders, (order) => {
    ourSource.tell({ kind: 'accepted', order });
    theirSource.tell({ kind: 'accepted', order });
  });
  await watcher.silence();

  const each = orders * fillsEach;
  const best = { ours: 0, theirs: 0 };
  const fills = engine.count('order.filled');
  let shown = 0;
  for (let round = 1; round <= rounds; round += 1) {
    await ourSource.prepare(fillsEach);
    const ourMs = performance.now();
    ourSource.tell({ kind: 'go' });
    await Promise.race([fills.until(each * round), pause(20_000)]);
    await engine.core.setup.opened.journal.flush();
    best.ours = Math.max(best.ours, (each * 1000) / (performance.now() - ourMs));

    await theirSource.prepare(fillsEach);
    watcher.rows = 0;
    const theirMs = performance.now();
    theirSource.tell({ kind: 'go' });
    await watcher.silence();
    best.theirs = Math.max(best.theirs, (each * 1000) / (watcher.newestMs - theirMs));
    shown += watcher.rows;
  }
  const result = {
    oursPerSecond: best.ours,
    ccxtPerSecond: best.theirs,
    reports: each * rounds,
    oursLost: each * rounds - fills.seen,
    ccxtLost: each * rounds - shown,
  };
  await watcher.end(ccxt);
  await engine.close();
  await Promise.all([ourSource.close(), theirSource.close(), practice.close()]);
  return result;
};
