// The emergency stop of many orders on many symbols at a simulated round trip (E3), against a ccxt loop that cancels open orders one by
// one, and against the physical floor: the same cancels, signed beforehand, written to warm sockets at once, one round trip away.
import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { startPractice, type PracticeHandle, type TestKey } from '../../src-main/practice/practice.ts';
import { ccxtClient } from './ccxt-client.ts';
import { addAccount, NO_LIMITS, ORDERS_PER_SECOND, startEngine, type BenchEngine } from './engine.ts';
import { medianOf, pause } from './numbers.ts';

export interface StopOptions {
  readonly symbols: number;
  readonly ordersEach: number;
  readonly roundTripMs: number;
  readonly rounds: number;
}
/** All in ms after the press or the first request; medians over the rounds. */
export interface StopResult {
  readonly onWireMs: number;
  readonly acknowledgedMs: number;
  readonly verifiedEmptyMs: number;
  readonly ccxtLoopMs: number;
  readonly floorMs: number;
}

const BALANCES = { USDT: '10000000' };
const QTY = '2';
/** What placing left to be done is done before anything is measured. */
const SETTLE_MS = 300;

const bestOf = async ({ restUrl }: PracticeHandle): Promise<ReadonlyMap<string, number>> => {
  const all = (await (await fetch(`${restUrl}/api/v3/ticker/bookTicker`)).json()) as readonly { symbol: string; bidPrice: string }[];
  return new Map(all.map(({ symbol, bidPrice }) => [symbol, Number(bidPrice)]));
};

/** Orders that somebody's phone placed, far below the market. */
const restByHand = async (practice: PracticeHandle, account: string, symbols: readonly string[], each: number): Promise<void> => {
  const best = await bestOf(practice);
  for (const symbol of symbols) {
    const price = ((best.get(symbol) ?? Number.NaN) * 0.985).toFixed(2);
    for (let order = 0; order < each; order += 1) {
      await practice.perform({
        op: 'placeOrder',
        account,
        order: { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: QTY, price },
      });
    }
  }
};

const mustBeEmpty = async (practice: PracticeHandle, account: string): Promise<void> => {
  const { openOrders } = await practice.state(account);
  if (openOrders.length > 0) throw new Error(`${openOrders.length} orders of ${account} are still open`);
};

const restThroughEngine = async (engine: BenchEngine, symbols: readonly string[], each: number): Promise<void> => {
  const ids: string[] = [];
  for (let order = 0; order < each; order += 1) {
    for (const symbol of symbols) {
      const price = (engine.best(symbol).bid * 0.985).toFixed(2) as DecimalText;
      ids.push(engine.place({ symbol: symbol as SymbolId, side: 'BUY', type: 'LIMIT', qty: QTY as DecimalText, price }));
      await pause(1000 / ORDERS_PER_SECOND + 1);
    }
  }
  const resting = (): boolean => ids.every((id) => engine.core.engine.state.orders.get(id as never)?.status === 'ACCEPTED');
  for (let waitedMs = 0; !resting(); waitedMs += 10) {
    if (waitedMs > 5000) throw new Error('not all orders rest');
    await pause(10);
  }
  await pause(SETTLE_MS);
};

const ourStop = async (practice: PracticeHandle, symbols: readonly string[], each: number) => {
  const engine = await startEngine(practice, symbols);
  await restThroughEngine(engine, symbols, each);
  const done = engine.core.until((facts) => facts.find(({ fact }) => fact.kind === 'stop.receipted' && fact.receipt.complete), 30_000);
  engine.core.engine.dispatch({ kind: 'trip', trigger: 'button', reason: 'bench', positions: 'keep-positions' });
  await done;
  const { receipt } = engine.core.engine.state.stop;
  await mustBeEmpty(practice, 'main');
  const gone = receipt?.orders.filter(({ outcome }) => outcome === 'canceled').length;
  if (receipt === null || gone !== symbols.length * each) throw new Error(`the receipt names ${gone} cancelled orders`);
  await engine.close();
  return {
    onWireMs: receipt.cancelsOnWireMs ?? NaN,
    acknowledgedMs: receipt.allAcknowledgedMs ?? NaN,
    verifiedEmptyMs: receipt.verifiedEmptyMs ?? NaN,
  };
};

const ccxtLoop = async (practice: PracticeHandle, key: TestKey, symbols: readonly string[], each: number): Promise<number> => {
  const ccxt = await ccxtClient(practice, key);
  await restByHand(practice, 'ccxt', symbols, each);
  await pause(SETTLE_MS);
  const fromMs = performance.now();
  for (const order of await ccxt.fetchOpenOrders()) await ccxt.cancelOrder(order.id ?? '', order.symbol);
  const tookMs = performance.now() - fromMs;
  await mustBeEmpty(practice, 'ccxt');
  await ccxt.close();
  return tookMs;
};

const opened = (port: number): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.setNoDelay(true)));
    socket.once('error', reject);
  });

/** Settles when the whole answer to one request is here. */
const answered = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? Number.NaN);
      if (head < 0 || text.length < head + 4 + length) return;
      if (text.startsWith('HTTP/1.1 200')) resolve();
      else reject(new Error(text.slice(0, 200)));
    });
    socket.once('error', reject);
  });

const floor = async (practice: PracticeHandle, { apiKey, secret }: TestKey, symbols: readonly string[], each: number): Promise<number> => {
  await restByHand(practice, 'floor', symbols, each);
  const { port, host } = new URL(practice.restUrl);
  const sockets = await Promise.all(symbols.map(() => opened(Number(port))));
  const requests = symbols.map((symbol) => {
    const query = `symbol=${symbol}&recvWindow=5000&timestamp=${Date.now()}`;
    const signature = createHmac('sha256', secret).update(query).digest('hex');
    return `DELETE /api/v3/openOrders?${query}&signature=${signature} HTTP/1.1\r\nHost: ${host}\r\nX-MBX-APIKEY: ${apiKey}\r\nContent-Length: 0\r\n\r\n`;
  });
  const answers = sockets.map(answered);
  await pause(SETTLE_MS);
  const fromMs = performance.now();
  sockets.forEach((socket, index) => socket.write(requests[index] ?? ''));
  await Promise.all(answers);
  const tookMs = performance.now() - fromMs;
  await mustBeEmpty(practice, 'floor');
  for (const socket of sockets) socket.destroy();
  return tookMs;
};

export const benchStop = async ({ symbols: count, ordersEach, roundTripMs, rounds }: StopOptions): Promise<StopResult> => {
  const symbols = Array.from({ length: count }, (_, index) => `SYM${index + 1}USDT`);
  const practice = await startPractice({
    seed: 11,
    eventsPerSecond: 40,
    symbols,
    historyMinutes: 1,
    balances: BALANCES,
    limits: NO_LIMITS,
    latencyMs: roundTripMs,
  });
  const keys = { ccxt: await addAccount(practice, 'ccxt', BALANCES), floor: await addAccount(practice, 'floor', BALANCES) };
  const ours: Awaited<ReturnType<typeof ourStop>>[] = [];
  const loops: number[] = [];
  const floors: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    floors.push(await floor(practice, keys.floor, symbols, ordersEach));
    ours.push(await ourStop(practice, symbols, ordersEach));
  }
  // Hundreds of round trips even themselves out: once is enough.
  loops.push(await ccxtLoop(practice, keys.ccxt, symbols, ordersEach));
  await practice.close();
  return {
    onWireMs: medianOf(ours.map((each) => each.onWireMs)),
    acknowledgedMs: medianOf(ours.map((each) => each.acknowledgedMs)),
    verifiedEmptyMs: medianOf(ours.map((each) => each.verifiedEmptyMs)),
    ccxtLoopMs: medianOf(loops),
    floorMs: medianOf(floors),
  };
};
