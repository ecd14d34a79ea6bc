// C12.trigger and the engine's own guard of a position: on a fresh quote it is judged like any order, on an old one the exchange judges.
import { expect, test } from 'vitest';
import type { OrderOrigin, OrderRequest } from '../../../src-shared/domain/order.ts';
import { judge } from '../../../src-main/safety/gate.ts';
import { BTC, picture, quote, text } from './pictures.ts';

/** The quotes of these pictures stand at 50 000: both have been reached. */
const SALE = { symbol: BTC, side: 'SELL', qty: text('0.01'), reduceOnly: true } as const;
const STOP: OrderRequest = { ...SALE, type: 'STOP_LOSS', stopPrice: text('50100') };
const PROFIT: OrderRequest = { ...SALE, type: 'LIMIT', timeInForce: 'POST_ONLY', price: text('48000') };

const judged = (request: OrderRequest, origin: OrderOrigin, ageMs: number) => {
  const found = judge(request, origin, picture({ quote: quote('49999', '50001', { ageMs }) }));
  return found.verdict === 'pass' ? 'pass' : found.denial.code;
};

test('a stop that the price has reached is denied on a fresh quote, whoever asks', () => {
  expect(judged(STOP, 'window', 100)).toBe('C12.trigger');
  expect(judged(STOP, 'protection', 100)).toBe('C12.trigger');
});

test('nor is a take profit far below the price, which would sell at once', () => {
  expect(judged(PROFIT, 'protection', 100)).toBe('C2.priceDeviation');
  expect(judged(PROFIT, 'protection', 5001)).toBe('pass');
  expect(judged(PROFIT, 'window', 5001)).toBe('C2.priceDeviation');
});

test('on an old quote the guard of a position goes to the exchange, and a person’s stop does not', () => {
  expect(judged(STOP, 'protection', 5001)).toBe('pass');
  expect(judged(STOP, 'window', 5001)).toBe('C12.trigger');
});
