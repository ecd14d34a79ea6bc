// Which orders a plan asks for (B5), where the venue knows no stop at market, and what one request can change of what stands.
import { expect, test } from 'vitest';
import { price, qty } from '../../../src-shared/domain/money.ts';
import type { ExitPlan } from '../../../src-shared/domain/order.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { askedFor, changeOf, hasPricesOf, policyPlan, trailedFrom, wantedOf } from '../../../src-main/engine/decide/protect-orders.ts';
import type { GuardSet } from '../../../src-main/engine/guards.ts';
import type { Order, Protection } from '../../../src-main/engine/state.ts';
import { instrument } from '../safety/pictures.ts';

const LIMITS_ONLY = instrument({ orderTypes: new Set(['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS_LIMIT']) });
const BID = price('50000');
const SIZE = qty('0.01');

const protectionOf = (plan: object, trailedTo: string | null = null): Protection => ({
  plan: plan as ExitPlan,
  origin: 'window',
  setAtMs: 0,
  trailedTo: trailedTo === null ? null : price(trailedTo),
  missingSinceMs: null,
  missingWhy: '',
  lastGapMs: null,
});

const asked = (plan: object, where = instrument(), trailedTo: string | null = null) =>
  askedFor(plan as ExitPlan, wantedOf(plan as ExitPlan, protectionOf(plan, trailedTo), where), SIZE, BID, NORMAL, where);

test('where no stop sells at market its limit lies below the trigger by the largest deviation, on the tick (C2)', () => {
  expect(asked({ stopLoss: '49000.01' }, LIMITS_ONLY)).toMatchObject({
    kind: 'order',
    request: { type: 'STOP_LOSS_LIMIT', stopPrice: '49000.01', price: '48020.01', timeInForce: 'GTC', reduceOnly: true },
  });
  expect(asked({ stopLoss: '49000', takeProfit: '52000' }, LIMITS_ONLY)).toMatchObject({
    kind: 'oco',
    request: { price: '52000', stopPrice: '49000', stopLimitPrice: '48020' },
  });
});

test('such a venue trails nothing: the console does, and asks for nothing before it knows where the stop stands', () => {
  expect(asked({ trailingDeltaBps: 100 }, LIMITS_ONLY)).toBeNull();
  expect(asked({ trailingDeltaBps: 100, takeProfit: '52000' }, LIMITS_ONLY)).toBeNull();
  expect(asked({ trailingDeltaBps: 100 }, LIMITS_ONLY, '49500')).toMatchObject({
    request: { type: 'STOP_LOSS_LIMIT', stopPrice: '49500' },
  });
});

test('a stop that the console trails stands on the tick, never above its distance', () => {
  expect(trailedFrom(price('50000.07'), 33, instrument()).toFixed()).toBe('49835.06');
});

test('the policy’s plan lies around the entry; where the price is beyond already, around the price', () => {
  const plan = (entry: string, bid: string) => policyPlan(price(entry), price(bid), NORMAL, instrument());
  expect(plan('50000', '50100')).toEqual({ stopLoss: '49000', takeProfit: '52000' });
  expect(plan('50000', '48000')).toEqual({ stopLoss: '47040', takeProfit: '52000' });
  expect(plan('50000', '53000')).toEqual({ stopLoss: '49000', takeProfit: '55120' });
});

const standing = (changes: Partial<Order>): Order =>
  ({
    type: 'STOP_LOSS',
    stopPrice: price('49000'),
    price: null,
    trailingDeltaBps: null,
    list: null,
    filledQty: qty('0'),
    ...changes,
  }) as Order;
const setOf = (order: Order, role: 'stop' | 'limit' = 'stop'): GuardSet => ({
  orders: [order],
  stop: role === 'stop' ? order : null,
  limit: role === 'limit' ? order : null,
  isList: order.list !== null,
  openQty: SIZE,
});
const changed = (set: GuardSet, plan: object, where = instrument()) =>
  changeOf(set, wantedOf(plan as ExitPlan, protectionOf(plan), where), SIZE, NORMAL, where);

test('one request changes size and price of an order of the same kind', () => {
  expect(changed(setOf(standing({})), { stopLoss: '48000' })).toEqual({ qty: '0.01', stopPrice: '48000' });
  const limited = setOf(standing({ type: 'STOP_LOSS_LIMIT', price: price('48020') }));
  expect(changed(limited, { stopLoss: '48000' }, LIMITS_ONLY)).toEqual({ qty: '0.01', stopPrice: '48000', price: '47040' });
  const trailing = setOf(standing({ stopPrice: null, trailingDeltaBps: 100 }));
  expect(changed(trailing, { trailingDeltaBps: 100 })).toEqual({ qty: '0.01' });
  const profit = setOf(standing({ type: 'LIMIT', stopPrice: null, price: price('52000') }), 'limit');
  expect(changed(profit, { takeProfit: '53000' })).toEqual({ qty: '0.01', price: '53000' });
});

test('nothing else: another kind, a pair, another distance', () => {
  const stop = setOf(standing({}));
  const profit = setOf(standing({ type: 'LIMIT', stopPrice: null, price: price('52000') }), 'limit');
  expect(changed(stop, { stopLoss: '48000', takeProfit: '52000' })).toBeNull();
  expect(changed(stop, { trailingDeltaBps: 100 })).toBeNull();
  expect(changed(setOf(standing({ trailingDeltaBps: 100 })), { trailingDeltaBps: 200 })).toBeNull();
  expect(changed(profit, { stopLoss: '48000' })).toBeNull();
  expect(changed(setOf(standing({ list: { listId: 'l' as never, kind: 'OCO', role: 'stop' } })), { stopLoss: '48000' })).toBeNull();
});

test('an exit that the exchange trails since its entry is what a trailing plan asks for', () => {
  const plan = { trailingDeltaBps: 100 };
  const trailed = setOf(standing({ stopPrice: null, trailingDeltaBps: 100 }));
  expect(hasPricesOf(trailed, wantedOf(plan, protectionOf(plan, '49500'), LIMITS_ONLY), plan)).toBe(true);
  const other = { trailingDeltaBps: 200 };
  expect(hasPricesOf(trailed, wantedOf(other, protectionOf(other, '49500'), LIMITS_ONLY), other)).toBe(false);
});
