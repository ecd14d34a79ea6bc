// A comparison of the books with many open orders (REQUIREMENTS I), over sockets to the practice exchange: the first one, which adopts
// them all as foreign, and the next ones, which find nothing. Beside it stand the same questions through ccxt, one after the other.
import { performance } from 'node:perf_hooks';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { ccxtClient } from './ccxt-client.ts';
import { NO_LIMITS, startEngine, type BenchEngine } from './engine.ts';
import { medianOf } from './numbers.ts';

export interface ReconcileOptions {
  readonly symbols: number;
  readonly ordersEach: number;
  readonly rounds: number;
}
/** Medians over the rounds, in ms. */
export interface ReconcileResult {
  readonly orders: number;
  readonly adoptMs: number;
  /** Question to fact, and the engine's part of it: how long it decides on nothing else. */
  readonly compareMs: number;
  readonly decideMs: number;
  readonly ccxtMs: number;
}

const BALANCES = { USDT: '10000000' };

const restByHand = async (practice: PracticeHandle, symbols: readonly string[], each: number): Promise<void> => {
  const all = (await (await fetch(`${practice.restUrl}/api/v3/ticker/bookTicker`)).json()) as readonly {
    symbol: string;
    bidPrice: string;
  }[];
  for (const { symbol, bidPrice } of all) {
    if (!symbols.includes(symbol)) continue;
    const price = (Number(bidPrice) * 0.97).toFixed(2);
    for (let order = 0; order < each; order += 1)
      await practice.perform({
        op: 'placeOrder',
        account: 'main',
        order: { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '2', price },
      });
  }
};

interface Compared {
  readonly tookMs: number;
  readonly decideMs: number;
  readonly adopted: number;
}

const compare = async ({ core }: BenchEngine): Promise<Compared> => {
  const { engine } = core;
  const dispatch = engine.dispatch.bind(engine);
  let decideMs = 0;
  engine.dispatch = (input) => {
    const fromMs = performance.now();
    const reply = dispatch(input);
    if (input.kind === 'books-seen') decideMs = performance.now() - fromMs;
    return reply;
  };
  let facts: readonly SequencedFact[] = [];
  const done = core.until((fresh) => {
    const found = fresh.find(({ fact }) => fact.kind === 'reconciled' || fact.kind === 'reconcile.failed');
    if (found !== undefined) facts = fresh;
    return found;
  }, 30_000);
  const fromMs = performance.now();
  engine.dispatch({ kind: 'reconcile', why: 'bench' });
  const ended = await done;
  const tookMs = performance.now() - fromMs;
  engine.dispatch = dispatch;
  if (ended?.fact.kind !== 'reconciled') throw new Error(`not compared: ${JSON.stringify(ended)}`);
  return { tookMs, decideMs, adopted: facts.filter(({ fact }) => fact.kind === 'order.adopted').length };
};

const throughCcxt = async (practice: PracticeHandle, symbols: readonly string[], rounds: number): Promise<number> => {
  const ccxt = await ccxtClient(practice, practice.key);
  const took: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const fromMs = performance.now();
    await ccxt.fetchOpenOrders();
    for (const symbol of symbols) await ccxt.fetchMyTrades(symbol.replace('USDT', '/USDT'));
    await ccxt.fetchBalance();
    took.push(performance.now() - fromMs);
  }
  await ccxt.close();
  return medianOf(took);
};

export const benchReconcile = async ({ symbols: count, ordersEach, rounds }: ReconcileOptions): Promise<ReconcileResult> => {
  const symbols = Array.from({ length: count }, (_, index) => `SYM${index + 1}USDT`);
  const practice = await startPractice({
    seed: 11,
    eventsPerSecond: 40,
    symbols,
    historyMinutes: 1,
    balances: BALANCES,
    limits: NO_LIMITS,
  });
  const engine = await startEngine(practice, symbols);
  // What the account stream tells is adopted one by one; it is away while they are placed.
  await practice.perform({ op: 'silence', on: true });
  await restByHand(practice, symbols, ordersEach);
  const first = await compare(engine);
  await practice.perform({ op: 'silence', on: false });
  const orders = count * ordersEach;
  if (first.adopted !== orders) throw new Error(`${first.adopted} of ${orders} orders were adopted`);
  const later: Compared[] = [];
  for (let round = 0; round < rounds; round += 1) later.push(await compare(engine));
  const ccxtMs = await throughCcxt(practice, symbols, rounds);
  await engine.close();
  await practice.close();
  return {
    orders,
    adoptMs: first.tookMs,
    compareMs: medianOf(later.map(({ tookMs }) => tookMs)),
    decideMs: medianOf(later.map(({ decideMs }) => decideMs)),
    ccxtMs,
  };
};
