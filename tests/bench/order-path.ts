// What an order costs, against ccxt's own unified createOrder on the same loopback exchange, turn by turn in one run (REQUIREMENTS R).
// Ours is the whole path: gate, intent durable in the journal on disk, wire, answer, accepted as a fact. Two moments are taken, in the
// same way for both: the client's write of the request to its socket, and the accepted order. Both send the same order (a limit buy
// below the market, IOC: it neither rests nor fills) from accounts of their own.
import { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { startPractice } from '../../src-main/practice/practice.ts';
import { ccxtClient } from './ccxt-client.ts';
import { addAccount, NO_LIMITS, startEngine, type BenchEngine } from './engine.ts';
import { pause, percentiles, type Percentiles } from './numbers.ts';

export interface OrderPathOptions {
  readonly turns: number;
  /** At most the policy's largest pace. */
  readonly ordersATurn: number;
}
export interface OrderTimes {
  readonly toSocketMs: Percentiles;
  readonly acceptedMs: Percentiles;
}
export interface OrderPathResult {
  readonly ours: OrderTimes;
  readonly ccxt: OrderTimes;
}

const SYMBOL = 'BTCUSDT' as SymbolId;
const QTY = '0.002';
const SECOND_MS = 1010;

type Write = (this: Socket, ...args: unknown[]) => boolean;

/** Notes when a client writes a new order to a socket. Both clients write through Node's own sockets. */
const watchWire = (): { writtenAtMs: number; end(): void } => {
  const sockets = Socket.prototype as unknown as { write: Write };
  const { write } = sockets;
  const watch = {
    writtenAtMs: Number.NaN,
    end: () => {
      sockets.write = write;
    },
  };
  sockets.write = function (...args) {
    const [chunk] = args;
    if (typeof chunk === 'string' && chunk.startsWith('POST /api/v3/order')) watch.writtenAtMs = performance.now();
    return write.apply(this, args);
  };
  return watch;
};
type WireWatch = ReturnType<typeof watchWire>;

interface Samples {
  readonly toSocketMs: number[];
  readonly acceptedMs: number[];
}
const noSamples = (): Samples => ({ toSocketMs: [], acceptedMs: [] });
const timesOf = (samples: Samples): OrderTimes => ({
  toSocketMs: percentiles(samples.toSocketMs),
  acceptedMs: percentiles(samples.acceptedMs),
});

const take = async (watch: WireWatch, place: () => Promise<unknown>, orders: number, into: Samples): Promise<void> => {
  for (let order = 0; order < orders; order += 1) {
    watch.writtenAtMs = Number.NaN;
    const fromMs = performance.now();
    await place();
    into.acceptedMs.push(performance.now() - fromMs);
    if (Number.isNaN(watch.writtenAtMs)) throw new Error('the write of an order was not seen');
    into.toSocketMs.push(watch.writtenAtMs - fromMs);
  }
};

const ourOrder = (engine: BenchEngine, price: DecimalText) => async (): Promise<void> => {
  const id = engine.place({ symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'IOC', qty: QTY as DecimalText, price });
  const fact = await engine.fact(id, ['order.accepted', 'order.rejected', 'order.unknown']);
  if (fact.kind !== 'order.accepted') throw new Error(`not accepted: ${JSON.stringify(fact)}`);
};

/** Turns of each, one after the other and each first in every second turn, so that what else the machine does falls on both. */
export const benchOrderPath = async ({ turns, ordersATurn }: OrderPathOptions): Promise<OrderPathResult> => {
  const practice = await startPractice({ seed: 11, eventsPerSecond: 20, balances: { USDT: '1000000' }, limits: NO_LIMITS });
  const engine = await startEngine(practice, [SYMBOL]);
  const ccxt = await ccxtClient(practice, await addAccount(practice, 'ccxt', { USDT: '1000000' }));
  const watch = watchWire();
  const samples = { ours: noSamples(), theirs: noSamples() };
  // Both are warm after so many turns; they are not counted.
  let mayPlaceAtMs = 0;
  const warmTurns = Math.min(5, turns);
  for (let turn = -warmTurns; turn < turns; turn += 1) {
    const price = (engine.best(SYMBOL).bid * 0.99).toFixed(2) as DecimalText;
    const into = turn < 0 ? { ours: noSamples(), theirs: noSamples() } : samples;
    const ours = async (): Promise<void> => {
      await pause(Math.max(0, mayPlaceAtMs - performance.now()));
      await take(watch, ourOrder(engine, price), ordersATurn, into.ours);
      mayPlaceAtMs = performance.now() + SECOND_MS;
    };
    const theirs = (): Promise<void> =>
      take(
        watch,
        () => ccxt.createOrder('BTC/USDT', 'limit', 'buy', Number(QTY), Number(price), { timeInForce: 'IOC' }),
        ordersATurn,
        into.theirs,
      );
    for (const side of turn % 2 === 0 ? [ours, theirs] : [theirs, ours]) {
      await side();
      // Whatever an order leaves to be done (stream reports, facts to disk) is done before the other's turn.
      await engine.core.setup.opened.journal.flush();
      await pause(30);
    }
  }
  watch.end();
  await ccxt.close();
  await engine.close();
  await practice.close();
  return { ours: timesOf(samples.ours), ccxt: timesOf(samples.theirs) };
};
