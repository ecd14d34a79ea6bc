// A small market for tests of the practice exchange's core: two accounts, a ladder of two levels a side, and everything it says.
import { ExchangeCore } from '../../../src-main/practice/core/exchange.ts';
import { INSTRUMENTS } from '../../../src-main/practice/core/instruments.ts';
import type {
  AccountSpec,
  ApiError,
  CoreEvent,
  ExchangeLimits,
  ExecutionReport,
  InstrumentSpec,
  NewOrder,
  PlacedOrder,
  PriceLevel,
  Result,
  UserPayload,
} from '../../../src-main/practice/core/types.ts';

export const T0 = 1_700_000_000_000;
export const SYMBOL = 'BTCUSDT';
const FUNDS = { USDT: '1000000', BTC: '20' };

export interface Fixture {
  readonly core: ExchangeCore;
  readonly events: CoreEvent[];
  /** The clock of the test; every call to it moves on by a millisecond. */
  readonly now: () => number;
  readonly place: (order: Partial<NewOrder>, account?: string) => Result<PlacedOrder>;
  /** The feed trades: `hits: 'bids'` is a seller who takes the bids. */
  readonly trade: (price: string, qty: string, hits: 'bids' | 'asks') => void;
  readonly diff: (bids: readonly PriceLevel[], asks: readonly PriceLevel[]) => void;
  readonly reports: (account?: string) => ExecutionReport[];
  /** Payloads since the last call. */
  readonly fresh: () => UserPayload[];
  readonly balance: (asset: string, account?: string) => { readonly free: string; readonly locked: string };
}

export interface FixtureOptions {
  readonly limits?: ExchangeLimits;
  readonly instruments?: readonly InstrumentSpec[];
  readonly accounts?: readonly AccountSpec[];
  /** The feed's first trade, at 60000. Default true. */
  readonly traded?: boolean;
}

/** Bids 1 @ 59999 and 2 @ 59990, asks 1 @ 60001 and 2 @ 60010; accounts 'a' and 'b' with 1 000 000 USDT and 20 BTC, fees 0.1 %. */
export function fixture(options: FixtureOptions = {}): Fixture {
  let time = T0;
  const now = () => ++time;
  const accounts = options.accounts ?? [
    { id: 'a', balances: FUNDS },
    { id: 'b', balances: FUNDS },
  ];
  const { instruments = INSTRUMENTS, limits = {} } = options;
  const core = new ExchangeCore({ instruments, accounts, nowMs: T0, limits });
  const events: CoreEvent[] = [];
  core.onEvent((event) => events.push(event));
  const bids: PriceLevel[] = [
    ['59999', '1'],
    ['59990', '2'],
  ];
  const asks: PriceLevel[] = [
    ['60001', '1'],
    ['60010', '2'],
  ];
  core.applyDepth(SYMBOL, { kind: 'snapshot', bids, asks }, now());
  if (options.traded !== false) core.applyTrade(SYMBOL, { price: '60000', qty: '0.001', buyerIsMaker: true, timeMs: now() }, now());
  let seen = events.length;
  return {
    core,
    events,
    now,
    place: (order, account = 'a') => core.placeOrder(account, { symbol: SYMBOL, side: 'BUY', type: 'MARKET', ...order }, now()),
    trade: (price, qty, hits) => {
      const timeMs = now();
      core.applyTrade(SYMBOL, { price, qty, buyerIsMaker: hits === 'bids', timeMs }, timeMs);
    },
    diff: (changedBids, changedAsks) => core.applyDepth(SYMBOL, { kind: 'diff', bids: changedBids, asks: changedAsks }, now()),
    reports: (account = 'a') =>
      events.flatMap((event) =>
        event.kind === 'user' && event.account === account && event.payload.e === 'executionReport' ? [event.payload] : [],
      ),
    fresh: () => {
      const payloads = events.slice(seen).flatMap((event) => (event.kind === 'user' ? [event.payload] : []));
      seen = events.length;
      return payloads;
    },
    balance: (asset, account = 'a') => {
      const found = core.account(account).balances.find((balance) => balance.asset === asset);
      return { free: found?.free ?? '0.00000000', locked: found?.locked ?? '0.00000000' };
    },
  };
}

export function limit(side: 'BUY' | 'SELL', price: string, quantity: string, more: Partial<NewOrder> = {}): Partial<NewOrder> {
  return { side, type: 'LIMIT', timeInForce: 'GTC', price, quantity, ...more };
}

/** The value of a result that must be good; otherwise the test fails with the refusal. */
export function good<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(`refused: ${result.error.code} ${result.error.msg}`);
  return result.value;
}

/** The refusal of a result that must be bad. */
export function bad<T>(result: Result<T>): ApiError {
  if (result.ok) throw new Error('accepted, though it should have been refused');
  return result.error;
}
