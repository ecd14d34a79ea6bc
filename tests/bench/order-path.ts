// What an order costs from the decision to its answer, against ccxt's own unified createOrder on the same loopback exchange, turn by
// turn in one run (REQUIREMENTS R). The way under test is handed in: the adapter alone by default, the whole console when wired.
import { performance } from 'node:perf_hooks';
import ccxt from 'ccxt';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { approved, text, venueFor } from '../protocol/venue-harness.ts';

/** One way to place an order that neither rests nor fills. */
export interface OrderPath {
  /** Resolves when the venue's answer is known; rejects unless it was accepted. */
  place(): Promise<void>;
  close(): Promise<void>;
}

/** Median and 99th percentile of one order, and of ours over ccxt's. */
export interface OrderPathResult {
  readonly oursMs: Percentiles;
  readonly ccxtMs: Percentiles;
  readonly medianRatio: number;
  readonly p99Ratio: number;
}
export interface Percentiles {
  readonly median: number;
  readonly p99: number;
}

const BELOW_MARKET = '30000';
const TURNS = 20;
const ORDERS_A_TURN = 100;
/** A bench sends in a minute what Binance allows in a day. */
const NO_LIMITS = { weightPerMinute: 100_000_000, rawRequestsPer5Min: 100_000_000, ordersPer10s: 100_000_000, ordersPerDay: 100_000_000 };

const adapterAlone = async (practice: PracticeHandle): Promise<OrderPath> => {
  const venue = await venueFor(practice, { weightCeiling: NO_LIMITS.weightPerMinute, emergencyReserve: 0 });
  const instruments = await venue.instruments(['BTCUSDT' as never]); // takes the venue's limits over
  if (!instruments.ok) throw new Error(instruments.error.text);
  return {
    place: async () => {
      const outcome = await venue.submit(approved({ price: text(BELOW_MARKET), timeInForce: 'IOC' }));
      if (outcome.kind !== 'accepted') throw new Error(outcome.text);
    },
    close: () => venue.close(),
  };
};

const ccxtUnified = async ({ key, restUrl }: PracticeHandle): Promise<OrderPath> => {
  const exchange = new ccxt.binance({
    apiKey: key.apiKey,
    secret: key.secret,
    enableRateLimit: false,
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchCurrencies: false, fetchMargins: false },
    urls: { api: { public: `${restUrl}/api/v3`, private: `${restUrl}/api/v3`, sapi: `${restUrl}/sapi/v1` } },
  });
  await exchange.loadMarkets();
  return {
    place: async () => {
      await exchange.createOrder('BTC/USDT', 'limit', 'buy', 0.01, Number(BELOW_MARKET), { timeInForce: 'IOC' });
    },
    close: () => exchange.close(),
  };
};

const timed = async (path: OrderPath, orders: number): Promise<number[]> => {
  const tookMs: number[] = [];
  for (let order = 0; order < orders; order++) {
    const startedMs = performance.now();
    await path.place();
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs;
};

const percentiles = (tookMs: readonly number[]): Percentiles => {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? NaN;
  return { median: at(0.5), p99: at(0.99) };
};

/** Turns of each, one after the other, so that what else the machine does falls on both. */
export const benchOrderPath = async (start: (practice: PracticeHandle) => Promise<OrderPath> = adapterAlone): Promise<OrderPathResult> => {
  const practice = await startPractice({ seed: 11, eventsPerSecond: 20, balances: { USDT: '1000000' }, limits: NO_LIMITS });
  const ours = await start(practice);
  const theirs = await ccxtUnified(practice);
  await timed(ours, ORDERS_A_TURN * 2);
  await timed(theirs, ORDERS_A_TURN * 2);
  const tookMs: { ours: number[]; theirs: number[] } = { ours: [], theirs: [] };
  for (let turn = 0; turn < TURNS; turn++) {
    tookMs.ours.push(...(await timed(ours, ORDERS_A_TURN)));
    tookMs.theirs.push(...(await timed(theirs, ORDERS_A_TURN)));
  }
  await ours.close();
  await theirs.close();
  await practice.close();
  const [oursMs, ccxtMs] = [percentiles(tookMs.ours), percentiles(tookMs.theirs)];
  return { oursMs, ccxtMs, medianRatio: oursMs.median / ccxtMs.median, p99Ratio: oursMs.p99 / ccxtMs.p99 };
};
