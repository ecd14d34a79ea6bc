// A random life on the practice exchange for property tests: two accounts, an order shape, market moves, and the check of its books.
// Bounded on purpose: prices near 60 000, quantities that both accounts can pay for a while.
import fc from 'fast-check';
import { expect } from 'vitest';
import { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import { INSTRUMENTS } from '../../src-main/practice/core/instruments.ts';
import type { NewOrder, OrderType, QueriedOrder } from '../../src-main/practice/core/types.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';

export const T0 = 1_700_000_000_000;
export const SYMBOL = 'BTCUSDT';
export const ACCOUNTS = ['a', 'b'] as const;
const OPENING = { USDT: '200000', BTC: '2', BNB: '1' };

const cents = (min: number, max: number) => fc.integer({ min, max }).map((value) => new Decimal(value).div(100).toFixed(2));
const price = cents(5_990_000, 6_010_000);
const qty = fc.integer({ min: 1, max: 60_000 }).map((lots) => new Decimal(lots).times('0.00001').toFixed(5));
const account = fc.constantFrom(...ACCOUNTS);
const side = fc.constantFrom('BUY' as const, 'SELL' as const);

const orderShape = fc.record({
  account,
  side,
  type: fc.constantFrom<OrderType>('LIMIT', 'LIMIT', 'LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'TAKE_PROFIT', 'STOP_LOSS_LIMIT'),
  price,
  stopPrice: price,
  quantity: qty,
  byQuote: fc.boolean(),
  timeInForce: fc.constantFrom('GTC' as const, 'GTC' as const, 'IOC' as const, 'FOK' as const),
  trailing: fc.boolean(),
  stp: fc.constantFrom('NONE' as const, 'EXPIRE_TAKER' as const, 'EXPIRE_MAKER' as const, 'EXPIRE_BOTH' as const),
});
type OrderShape = typeof orderShape extends fc.Arbitrary<infer T> ? T : never;

export const action = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('place' as const), order: orderShape }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('list' as const), kind: fc.constantFrom('oco', 'oto', 'otoco'), order: orderShape, low: price }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), account, pick: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('cancelAll' as const), account }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('trade' as const), price, qty, buyerIsMaker: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('depth' as const), mid: fc.integer({ min: 5_991_000, max: 6_009_000 }), qty, half: fc.integer({ min: 1, max: 500 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deposit' as const), account, qty }) },
); // prettier-ignore
export type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

function request(shape: OrderShape): NewOrder {
  const { side, type, quantity, timeInForce, trailing, stp } = shape;
  const base = { symbol: SYMBOL, side, type, selfTradePreventionMode: stp } as const;
  // Without a stop price nobody outside can tell what a trailing buy sets aside: keep one, so that the locks can be recounted.
  const trigger = { stopPrice: shape.stopPrice, ...(trailing && { trailingDelta: 50 }) };
  switch (type) {
    case 'LIMIT':
      return { ...base, quantity, price: shape.price, timeInForce };
    case 'LIMIT_MAKER':
      return { ...base, quantity, price: shape.price };
    case 'MARKET':
      return shape.byQuote ? { ...base, quoteOrderQty: new Decimal(quantity).times(60_000).toFixed(2) } : { ...base, quantity };
    case 'STOP_LOSS':
    case 'TAKE_PROFIT':
      return { ...base, quantity, ...trigger };
    case 'STOP_LOSS_LIMIT':
    case 'TAKE_PROFIT_LIMIT':
      return { ...base, quantity, price: shape.price, timeInForce, ...trigger };
  }
}

export interface World {
  core: ExchangeCore;
  /** Balances as the user stream told them. */
  readonly told: Record<string, Record<string, { readonly f: string; readonly l: string }>>;
  deposited: Record<string, Decimal>;
  ladder: readonly string[];
  nowMs: number;
}

/** Notes the balances that the user stream tells. */
export function listen(core: ExchangeCore, told: World['told']): void {
  core.onEvent((event) => {
    if (event.kind !== 'user' || event.payload.e !== 'outboundAccountPosition') return;
    for (const { a, f, l } of event.payload.B) (told[event.account] ??= {})[a] = { f, l };
  });
}

/** The first ladder and prices, as a feed brings them; the prices of the ladder. */
export function openMarket(core: ExchangeCore, nowMs: number): readonly string[] {
  core.applyDepth(SYMBOL, { kind: 'snapshot', bids: [['59999', '1']], asks: [['60001', '1']] }, nowMs);
  core.applyTrade(SYMBOL, { price: '60000', qty: '1', buyerIsMaker: true, timeMs: nowMs }, nowMs);
  core.applyTrade('BNBUSDT', { price: '600', qty: '1', buyerIsMaker: true, timeMs: nowMs }, nowMs);
  return ['59999', '60001'];
}

export function newWorld(): World {
  const accounts = [
    { id: 'a', balances: OPENING, bnbDiscount: true },
    { id: 'b', balances: OPENING, makerRate: '0', takerRate: '0.00075' },
  ];
  const core = new ExchangeCore({ instruments: INSTRUMENTS, accounts, nowMs: T0 });
  const told: World['told'] = {};
  listen(core, told);
  const ladder = openMarket(core, T0);
  const deposited = Object.fromEntries(Object.entries(OPENING).map(([asset, amount]) => [asset, new Decimal(amount).times(2)]));
  return { core, told, deposited, ladder, nowMs: T0 };
}

export function perform(world: World, act: Action): void {
  const { core } = world;
  const nowMs = (world.nowMs += 250);
  switch (act.do) {
    case 'place':
      core.placeOrder(act.order.account, request(act.order), nowMs);
      return;
    case 'list':
      placeList(world, act, nowMs);
      return;
    case 'cancel': {
      const open = core.openOrders(act.account);
      const order = open[act.pick % Math.max(1, open.length)];
      if (order !== undefined) core.cancelOrder(act.account, { symbol: SYMBOL, orderId: order.orderId }, nowMs);
      return;
    }
    case 'cancelAll':
      core.cancelAllOpen(act.account, SYMBOL, nowMs);
      return;
    case 'trade':
      core.applyTrade(SYMBOL, { price: act.price, qty: act.qty, buyerIsMaker: act.buyerIsMaker, timeMs: nowMs }, nowMs);
      return;
    case 'depth': {
      const text = (value: number) => new Decimal(value).div(100).toFixed(2);
      const [bid, ask] = [text(act.mid - act.half), text(act.mid + act.half)];
      const gone = (kept: string) => world.ladder.filter((each) => each !== kept).map((each) => [each, '0'] as const);
      core.applyDepth(SYMBOL, { kind: 'diff', bids: [...gone(bid), [bid, act.qty]], asks: [...gone(ask), [ask, act.qty]] }, nowMs);
      world.ladder = [bid, ask];
      return;
    }
    case 'deposit':
      core.deposit(act.account, 'USDT', act.qty, nowMs);
      world.deposited['USDT'] = (world.deposited['USDT'] ?? new Decimal(0)).plus(act.qty);
  }
}

function placeList({ core }: World, act: Extract<Action, { do: 'list' }>, nowMs: number): void {
  const { account: id, side, quantity, price: one } = act.order;
  const [low, high] = new Decimal(one).lt(act.low) ? [one, act.low] : [act.low, one];
  const profit = (at: string) => ({ type: 'LIMIT_MAKER', price: at }) as const;
  const stop = (at: string) => ({ type: 'STOP_LOSS', stopPrice: at }) as const;
  const legs = (of: 'BUY' | 'SELL') =>
    of === 'SELL' ? { above: profit(high), below: stop(low) } : { above: stop(high), below: profit(low) };
  const working = { type: 'LIMIT', side, quantity, price: one, timeInForce: act.order.timeInForce } as const;
  const exit = side === 'BUY' ? 'SELL' : 'BUY';
  if (act.kind === 'oco') core.placeOco(id, { symbol: SYMBOL, side, quantity, ...legs(side) }, nowMs);
  else if (act.kind === 'oto') core.placeOto(id, { symbol: SYMBOL, working, pending: { type: 'MARKET', side: exit, quantity } }, nowMs);
  else {
    const { above: pendingAbove, below: pendingBelow } = legs(exit);
    core.placeOtoco(id, { symbol: SYMBOL, working, pendingSide: exit, pendingQuantity: quantity, pendingAbove, pendingBelow }, nowMs);
  }
}

export function check({ core, told, deposited }: World): void {
  for (const [asset, total] of core.audit()) {
    const sum = total.accounts + total.house + total.fees;
    expect(new Decimal(sum.toString()).div(1e8).toFixed(8), `conservation of ${asset}`).toBe(
      (deposited[asset] ?? new Decimal(0)).toFixed(8),
    );
  }
  for (const id of ACCOUNTS) {
    const locked = lockedBy(core.openOrders(id));
    for (const { asset, free, locked: isLocked } of core.account(id).balances) {
      expect(new Decimal(free).gte(0), `${id} ${asset} free ${free}`).toBe(true);
      expect(isLocked, `${id} ${asset} locked`).toBe((locked[asset] ?? new Decimal(0)).toFixed(8));
      const last = told[id]?.[asset];
      if (last !== undefined) expect({ f: free, l: isLocked }).toEqual(last);
    }
  }
}

/** What open orders need, counted from their public form alone: per list the dearest leg. */
function lockedBy(orders: readonly QueriedOrder[]): Record<string, Decimal> {
  const groups = new Map<string, { asset: string; need: Decimal }>();
  for (const order of orders) {
    if (order.status === 'PENDING_NEW') continue;
    const left = new Decimal(order.origQty).minus(order.executedQty);
    const buys = order.side === 'BUY';
    const at = new Decimal(order.price).isZero() ? new Decimal(order.stopPrice) : new Decimal(order.price);
    const need = buys ? left.times(at) : left;
    const key = order.orderListId === -1 ? `order ${order.orderId}` : `list ${order.orderListId}`;
    const known = groups.get(key);
    groups.set(key, { asset: buys ? 'USDT' : 'BTC', need: known === undefined ? need : Decimal.max(known.need, need) });
  }
  const sums: Record<string, Decimal> = {};
  for (const { asset, need } of groups.values()) sums[asset] = (sums[asset] ?? new Decimal(0)).plus(need);
  return sums;
}
