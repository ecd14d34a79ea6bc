// The emergency stop where it matters (E3): with the exchange, the network or the console itself in the middle of something. Each case
// trips a real core over real sockets, looks at the first receipt beside the exchange's own open orders, ends the fault and waits for
// the proof.
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { OrderRequest } from '../../src-shared/domain/order.ts';
import type { StopReceipt, TripPolicy } from '../../src-shared/domain/stop.ts';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import type { FaultRule } from '../../src-main/practice/protocol/faults.ts';
import { startEngine, type BenchEngine } from './engine.ts';
import { pause } from './numbers.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'] as const;
/** About 200 USDT of each. */
const QTY: Readonly<Record<string, string>> = { BTCUSDT: '0.004', ETHUSDT: '0.08', BNBUSDT: '0.4', SOLUSDT: '1.5' };
const ORDERS_EACH = 3;
const ROUND_TRIP_MS = 50;
/** The receipt that names whoever is left is due by then (E3). */
export const RECEIPT_DUE_MS = 5000;
const PROOF_DUE_MS = 75_000;
/** What one address may ask for in a minute. */
const WEIGHT_A_MINUTE = 6000;

interface Stage {
  readonly practice: PracticeHandle;
  readonly engine: BenchEngine;
  readonly strike: (match: FaultRule['match'], action: FaultRule['action'], more?: Partial<FaultRule>) => Promise<number>;
  readonly place: (symbol: string, share: number, more?: object) => string;
  /** True once each of these orders rests at the exchange. */
  readonly rested: (ids: readonly string[]) => Promise<void>;
  readonly press: (positions?: TripPolicy) => void;
}

export interface StopCase {
  readonly name: string;
  /** Orders rest and the core may trade, unless the start itself is the case. */
  readonly from?: 'begun';
  readonly positions?: TripPolicy;
  /** Until the instant of the press. */
  readonly before?: (stage: Stage) => Promise<void> | void;
  /** From the press on, while the stop is at work. */
  readonly after?: (stage: Stage) => Promise<void> | void;
  /** The proof may wait for the end of a minute. */
  readonly isSlow?: true;
  /** True where the fault lets nothing be proven: then the first receipt is not complete, and names who may be alive. */
  readonly survives?: true;
}

export interface StopCaseResult {
  readonly name: string;
  /** Ms after the press: every cancel was on the wire; null: never. */
  readonly onWireMs: number | null;
  /** Ms after the press of the first receipt, and what it says. */
  readonly receiptMs: number;
  readonly first: StopReceipt;
  /** Open at the exchange when the first receipt came, and not named by it as perhaps alive: must be none. */
  readonly unnamed: readonly string[];
  /** Ms after the press (fault and all) until the proof; the fault is ended when the first receipt is there. */
  readonly provenMs: number;
  readonly proof: StopReceipt;
  /** Open at the exchange at the end: must be 0. */
  readonly leftOpen: number;
}

const DELETES = { channel: 'rest', method: 'DELETE', path: '/api/v3/openOrders' } as const;
const exits = ({ engine }: Stage, symbol: string) => ({
  stopLoss: near(engine, symbol, 0.95),
  takeProfit: near(engine, symbol, 1.05),
});
const near = (engine: BenchEngine, symbol: string, share: number): DecimalText =>
  (engine.best(symbol).bid * share).toFixed(2) as DecimalText;

export const STOP_CASES: readonly StopCase[] = [
  { name: 'fair weather' },
  {
    name: 'one symbol answers 5xx',
    before: async ({ strike }) => void (await strike({ ...DELETES, symbol: 'ETHUSDT' }, { type: 'status', stage: 'before', status: 503 })),
    survives: true,
  },
  {
    name: 'one symbol executes and answers 5xx',
    before: async ({ strike }) => void (await strike({ ...DELETES, symbol: 'ETHUSDT' }, { type: 'status', stage: 'after', status: 502 })),
  },
  {
    name: 'one symbol does not answer at all',
    before: async ({ strike }) =>
      void (await strike({ ...DELETES, symbol: 'SOLUSDT' }, { type: 'drop', stage: 'before', how: 'silent' }, { times: 1 })),
  },
  { name: 'user stream dead', before: async ({ strike }) => void (await strike({ channel: 'user' }, { type: 'swallow' })) },
  { name: 'market stream dead', before: async ({ strike }) => void (await strike({ channel: 'stream' }, { type: 'swallow' })) },
  {
    name: 'both streams cut',
    before: async ({ practice }) => void (await practice.perform({ op: 'disconnect', channel: 'all' })),
  },
  {
    name: 'request weight used up, but for the reserve',
    before: async ({ practice }) => useWeight(practice, 5000),
  },
  {
    name: 'request weight used up: the cancels pass, the look waits for the next minute',
    before: async ({ practice }) => useWeight(practice, WEIGHT_A_MINUTE),
    isSlow: true,
  },
  {
    name: 'held by a 429 for 2 s',
    before: async ({ strike, engine }) => {
      await strike({ channel: 'rest' }, { type: 'limit', status: 429, retryAfterS: 2 }, { times: 1 });
      await engine.core.setup.venue.clock();
    },
  },
  {
    name: 'held by a 429 for 8 s',
    before: async ({ strike, engine }) => {
      await strike({ channel: 'rest' }, { type: 'limit', status: 429, retryAfterS: 8 }, { times: 1 });
      await engine.core.setup.venue.clock();
    },
    survives: true,
  },
  {
    name: 'the open orders cannot be asked for',
    before: async ({ strike }) =>
      void (await strike({ channel: 'rest', method: 'GET', path: '/api/v3/openOrders' }, { type: 'status', stage: 'before', status: 503 })),
    survives: true,
  },
  {
    name: 'pressed twice',
    after: async ({ press }) => {
      await pause(30);
      press();
    },
  },
  {
    name: 'during a comparison of the books',
    before: ({ engine }) => void engine.core.engine.dispatch({ kind: 'reconcile', why: 'bench' }),
  },
  { name: 'during the start', from: 'begun' },
  {
    name: 'during a burst of fills, positions sold',
    positions: 'flatten',
    before: (stage) => void buyInABurst(stage),
  },
  {
    name: 'lists, protection, a replacement and an order in flight',
    before: async (stage) => {
      const { engine, place, rested, strike } = stage;
      const old = place('SOLUSDT', 0.986);
      place('ETHUSDT', 0.985, { exits: exits(stage, 'ETHUSDT') });
      engine.place({
        symbol: 'BNBUSDT' as SymbolId,
        side: 'BUY',
        type: 'MARKET',
        qty: '0.4' as DecimalText,
        exits: exits(stage, 'BNBUSDT'),
      });
      await rested([old]);
      const guarded = (): boolean =>
        [...engine.core.engine.state.orders.values()].filter(({ origin }) => origin === 'protection').length >= 2;
      await until('protection rests', guarded);
      // Both are executed while the stop is at work, and answered later still.
      await strike({ channel: 'rest', method: 'POST' }, { type: 'delay', delayMs: 400, stage: 'before' });
      place('BTCUSDT', 0.985);
      engine.core.engine.dispatch({
        kind: 'replace',
        clientOrderId: old,
        change: { price: near(engine, 'SOLUSDT', 0.984) },
        origin: 'api',
      });
      await pause(100);
    },
  },
];

/** Somebody else at this address asks for a lot. */
const useWeight = async ({ restUrl }: PracticeHandle, weight: number): Promise<void> => {
  const used = async (): Promise<number> => {
    const answer = await fetch(`${restUrl}/api/v3/depth?symbol=BTCUSDT&limit=5000`);
    await answer.arrayBuffer();
    return answer.ok ? Number(answer.headers.get('x-mbx-used-weight-1m')) : WEIGHT_A_MINUTE;
  };
  while ((await used()) < Math.min(weight, WEIGHT_A_MINUTE) - 125);
};

/** Orders on another connection that fill in the instant of the stop, and after it. */
const buyInABurst = async ({ practice }: Stage): Promise<void> => {
  for (let order = 0; order < 40; order += 1) {
    const symbol = SYMBOLS[order % SYMBOLS.length] ?? 'BTCUSDT';
    await practice.perform({ op: 'placeOrder', order: { symbol, side: 'BUY', type: 'MARKET', quantity: QTY[symbol] ?? '1' } });
  }
};

const until = async (what: string, holds: () => boolean, withinMs = 10_000): Promise<void> => {
  const endMs = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(5);
  }
};

const stageOf = (practice: PracticeHandle, engine: BenchEngine): Stage => {
  const { state } = engine.core.engine;
  return {
    practice,
    engine,
    strike: (match, action, more = {}) => practice.addFault({ match, action, ...more }),
    place: (symbol, share, more = {}) =>
      engine.place({
        symbol,
        side: 'BUY',
        type: 'LIMIT',
        qty: QTY[symbol],
        price: near(engine, symbol, share),
        ...more,
      } as unknown as OrderRequest),
    rested: (ids) => until('orders rest', () => ids.every((id) => state.orders.get(id as never)?.status === 'ACCEPTED')),
    press: (positions) =>
      void engine.core.engine.dispatch({ kind: 'trip', trigger: 'button', reason: 'bench', positions: positions ?? null }),
  };
};

/** Orders of this account that nobody here placed: what a start finds. */
const restByHand = async (practice: PracticeHandle): Promise<void> => {
  for (const symbol of SYMBOLS) {
    const answer = await fetch(`${practice.restUrl}/api/v3/ticker/price?symbol=${symbol}`);
    const { price } = (await answer.json()) as { readonly price: string };
    const at = (Number(price) * 0.98).toFixed(2);
    for (let order = 0; order < ORDERS_EACH; order += 1)
      await practice.perform({
        op: 'placeOrder',
        order: { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: QTY[symbol] ?? '1', price: at },
      });
  }
};

const restThroughEngine = async ({ place, rested }: Stage): Promise<void> => {
  const ids: string[] = [];
  for (let order = 0; order < ORDERS_EACH; order += 1) {
    for (const symbol of SYMBOLS) {
      ids.push(place(symbol, 0.985));
      await pause(25);
    }
  }
  await rested(ids);
  await pause(300);
};

const openIds = async (practice: PracticeHandle): Promise<readonly string[]> =>
  (await practice.state()).openOrders.map(({ clientOrderId }) => clientOrderId);

/** One case, on an exchange and a core of its own. */
export const runStopCase = async ({ name, from, positions, before, after }: StopCase): Promise<StopCaseResult> => {
  const practice = await startPractice({
    seed: 11,
    eventsPerSecond: 40,
    historyMinutes: 1,
    latencyMs: ROUND_TRIP_MS,
    preset: 'high-volume',
  });
  if (from === 'begun') await restByHand(practice);
  const engine = await startEngine(practice, SYMBOLS, from ?? 'active');
  try {
    const stage = stageOf(practice, engine);
    if (from !== 'begun') await restThroughEngine(stage);
    await before?.(stage);
    const { core } = engine;
    const receipted = core.until((facts) => facts.find(({ fact }) => fact.kind === 'stop.receipted'), PROOF_DUE_MS);
    const proven = core.until((facts) => facts.find(({ fact }) => fact.kind === 'stop.receipted' && fact.receipt.complete), PROOF_DUE_MS);
    const pressedMs = performance.now();
    stage.press(positions);
    await after?.(stage);
    const found = (await receipted)?.fact;
    const receiptMs = performance.now() - pressedMs;
    if (found?.kind !== 'stop.receipted') throw new Error(`${name}: no receipt at all`);
    const named = new Set(
      found.receipt.orders.flatMap(({ outcome, clientOrderId }) =>
        outcome === 'not-canceled' || outcome === 'unknown' ? [clientOrderId] : [],
      ),
    );
    const unnamed = (await openIds(practice)).filter((id) => !named.has(id));
    await practice.heal();
    const proof = (await proven)?.fact;
    if (proof?.kind !== 'stop.receipted') throw new Error(`${name}: never proven`);
    return {
      name,
      onWireMs: proof.receipt.cancelsOnWireMs,
      receiptMs,
      first: found.receipt,
      unnamed,
      provenMs: performance.now() - pressedMs,
      proof: proof.receipt,
      leftOpen: (await openIds(practice)).length,
    };
  } finally {
    await engine.close();
    await practice.close();
  }
};
