// The state that outlives the practice exchange's core: bounded, told before anybody is, and put into a new market as if it had waited.
import { describe, expect, it } from 'vitest';
import { ExchangeCore } from '../../../src-main/practice/core/exchange.ts';
import { INSTRUMENTS } from '../../../src-main/practice/core/instruments.ts';
import { foldState, type ExchangeState, type StateChange } from '../../../src-main/practice/core/state.ts';
import { SyntheticMarket } from '../../../src-main/practice/feeds/synthetic.ts';
import { fixture, good, limit, SYMBOL, T0 } from './support.ts';

const LATER = T0 + 3_600_000;
const again = (state: ExchangeState): ExchangeCore => new ExchangeCore({ instruments: INSTRUMENTS, accounts: [], nowMs: LATER, state });
const statusOf = (core: ExchangeCore) => core.allOrders('a', SYMBOL, { limit: 10 }).map((order) => order.status);

describe('what is kept', () => {
  it('is kept before any listener hears of it', () => {
    const { core, place, events } = fixture();
    const sequence: string[] = [];
    core.keepWith((change) => sequence.push(`kept ${change.orders?.map((order) => order.status).join()}`));
    core.onEvent((event) => event.kind === 'user' && event.payload.e === 'executionReport' && sequence.push(`told ${event.payload.X}`));
    good(place({ quantity: '0.1' }));
    expect(sequence).toEqual(['kept FILLED', 'told NEW', 'told FILLED']);
    expect(events.length).toBeGreaterThan(0);
  });

  it('what cannot be kept fails the order and is told to nobody', () => {
    const { core, place, fresh } = fixture();
    fresh();
    core.keepWith(() => {
      throw new Error('disk full');
    });
    expect(() => place({ quantity: '0.1' })).toThrow('disk full');
    expect(fresh()).toEqual([]);
  });

  it('refused orders, queries and a market without own orders keep nothing', () => {
    const { core, place, trade, diff, now } = fixture();
    const kept: StateChange[] = [];
    core.keepWith((change) => kept.push(change));
    expect(place({ quantity: '1000' }).ok).toBe(false);
    expect(core.cancelOrder('a', { symbol: SYMBOL, orderId: 99 }, now()).ok).toBe(false);
    core.openOrders('a');
    trade('59999', '1', 'bids');
    diff([['59998', '1']], []);
    expect(kept).toEqual([]);
  });

  it('is bounded: the newest 1000 closed orders and trades of an account, every open order, and lists never in part', () => {
    const { core, place, now } = fixture();
    const resting = good(place(limit('BUY', '50000', '0.001')));
    const above = { type: 'LIMIT_MAKER', price: '61000' } as const;
    const below = { type: 'STOP_LOSS', stopPrice: '59000' } as const;
    const oco = good(core.placeOco('a', { symbol: SYMBOL, side: 'SELL', quantity: '0.001', above, below }, now()));
    for (let i = 0; i < 1200; i++) good(place({ side: i % 2 === 0 ? 'BUY' : 'SELL', quantity: '0.001' }, 'b'));
    for (let i = 0; i < 1200; i++) good(place({ side: i % 2 === 0 ? 'BUY' : 'SELL', quantity: '0.0001' }));
    const state = core.exportState();
    const mine = state.orders.filter((order) => order.account === 'a');
    expect(mine).toHaveLength(1003);
    expect(mine.slice(0, 3).map((order) => order.id)).toEqual([resting.orderId, ...oco.orderReports.map((order) => order.orderId)]);
    expect(state.trades.filter((trade) => trade.account === 'a')).toHaveLength(1000);
    expect(again(state).exportState()).toEqual({ ...state, lastPrices: {} });
  });

  it('a trailing stop goes on from the best price that it saw', () => {
    const { core, place, trade } = fixture();
    const state = core.exportState();
    const changes: StateChange[] = [];
    core.keepWith((change) => changes.push(change));
    good(place({ side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', trailingDelta: 100 }));
    trade('62000', '0.001', 'asks');
    const next = again(foldState(state, changes));
    next.applyDepth(SYMBOL, { kind: 'snapshot', bids: [['61300', '1']], asks: [['61400', '1']] }, LATER);
    const sellAt = (price: string) => next.applyTrade(SYMBOL, { price, qty: '0.001', buyerIsMaker: true, timeMs: LATER }, LATER);
    sellAt('61400');
    expect(statusOf(next)).toEqual(['NEW']);
    sellAt('61379.99'); // 1 % below 62000 is 61380
    expect(statusOf(next)).toEqual(['FILLED']);
  });
});

describe('a restored order in a new market', () => {
  const rested = (): ExchangeState => {
    const { core, place } = fixture();
    good(place(limit('BUY', '59990', '0.5')));
    return core.exportState();
  };
  const snapshot = { kind: 'snapshot', bids: [['59990', '2']], asks: [['60001', '1']] } as const;
  const sell = (core: ExchangeCore, price: string, qty: string) =>
    core.applyTrade(SYMBOL, { price, qty, buyerIsMaker: true, timeMs: LATER }, LATER);

  it('has no part in trades from before the book: they are history', () => {
    const core = again(rested());
    sell(core, '59000', '5');
    expect(statusOf(core)).toEqual(['NEW']);
  });

  it('stands behind whoever is in the book when that opens', () => {
    const core = again(rested());
    core.applyDepth(SYMBOL, snapshot, LATER);
    sell(core, '59990', '2');
    expect(statusOf(core)).toEqual(['NEW']);
    sell(core, '59990', '0.5');
    expect(statusOf(core)).toEqual(['FILLED']);
  });

  it('is filled at its own price where the book opens beyond it', () => {
    const core = again(rested());
    core.applyDepth(SYMBOL, { kind: 'snapshot', bids: [['59000', '1']], asks: [['59001', '1']] }, LATER);
    expect(core.myTrades('a', SYMBOL, { limit: 5 })).toMatchObject([{ price: '59990.00000000', qty: '0.50000000', isMaker: true }]);
  });
});

it('a synthetic market opens at the price that it is given, after a history that led there', () => {
  const core = new ExchangeCore({ instruments: INSTRUMENTS, accounts: [], nowMs: T0 });
  const startPrices = { BTCUSDT: '71234.56' };
  const market = new SyntheticMarket({ instruments: INSTRUMENTS, seed: 3, startMs: T0, historyMinutes: 30, startPrices });
  market.advanceTo(T0, core);
  expect(Math.abs(Number(core.lastPrice('BTCUSDT')) / 71_234.56 - 1)).toBeLessThan(0.0001);
  expect(Math.abs(Number(core.lastPrice('ETHUSDT')) / 2600 - 1)).toBeLessThan(0.01);
  const opens = core.klines('BTCUSDT', '1m', { limit: 31 }, T0).map((candle) => Number(candle[1]));
  for (const open of opens) expect(Math.abs(open / 71_234.56 - 1)).toBeLessThan(0.01);
});
