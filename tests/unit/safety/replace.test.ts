// A replacement at the gate (B1): what it is made of, and that the order which it replaces does not stand in its way.
import { describe, expect, it } from 'vitest';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { money, price, qty } from '../../../src-shared/domain/money.ts';
import { judgeReplace } from '../../../src-main/safety/gate.ts';
import type { Replaced } from '../../../src-main/safety/gate.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { BTC, HALTED, picture, text } from './pictures.ts';

const open = (changes: Partial<Replaced> = {}): Replaced => ({
  symbol: BTC,
  side: 'BUY',
  type: 'LIMIT',
  qty: qty('0.01'),
  filledQty: qty('0'),
  price: price('49900'),
  timeInForce: 'GTC',
  stopPrice: null,
  trailingDeltaBps: null,
  list: null,
  reduceOnly: false,
  exits: null,
  ...changes,
});
const stop = (changes: Partial<Replaced> = {}): Replaced =>
  open({ side: 'SELL', type: 'STOP_LOSS', price: null, timeInForce: null, stopPrice: price('49000'), ...changes });
const replaced = (old: Replaced, change: Parameters<typeof judgeReplace>[1], changes: Partial<GatePicture> = {}) =>
  judgeReplace(old, change, 'window', picture(changes));

describe('what replaces an order', () => {
  it('keeps what is not changed', () => {
    expect(replaced(open(), { price: text('49800') })).toMatchObject({
      verdict: 'pass',
      order: { side: 'BUY', type: 'LIMIT', qty: '0.01', price: '49800', timeInForce: 'GTC', reduceOnly: false },
      reservedUsdt: '498',
    });
    expect(replaced(open({ timeInForce: 'POST_ONLY' }), { qty: text('0.005') })).toMatchObject({
      order: { qty: '0.005', price: '49900', timeInForce: 'POST_ONLY' },
    });
    expect(replaced(stop({ reduceOnly: true }), { stopPrice: text('49100') })).toMatchObject({
      order: { type: 'STOP_LOSS', side: 'SELL', stopPrice: '49100', reduceOnly: true },
    });
    expect(replaced(stop({ trailingDeltaBps: 50, stopPrice: null }), { qty: text('0.02') })).toMatchObject({
      order: { qty: '0.02', trailingDeltaBps: 50 },
    });
  });
  it('is what is left of it, where no quantity is given', () => {
    expect(replaced(open({ filledQty: qty('0.004') }), { price: text('49800') })).toMatchObject({ order: { qty: '0.006' } });
    expect(replaced(open({ filledQty: qty('0.01') }), { price: text('49800') })).toMatchObject({ denial: { code: 'BAD_REQUEST' } });
  });
  it('takes the plan of its position along', () => {
    const exits = { stopLoss: text('49000') };
    expect(replaced(open({ timeInForce: 'IOC', exits }), { price: text('49800') })).toMatchObject({ order: { exits } });
  });
  it('is held against every rule like any order', () => {
    expect(replaced(open(), { price: text('40000') })).toMatchObject({ denial: { code: 'C2.priceDeviation' } });
    expect(replaced(open(), { price: text('49800') }, { trading: HALTED })).toMatchObject({ denial: { code: 'STATE' } });
    expect(replaced(stop(), { price: text('48000') })).toMatchObject({ denial: { code: 'BAD_REQUEST' } });
    expect(replaced(stop(), { qty: text('0.04') })).toMatchObject({ denial: { code: 'REDUCE_ONLY' } });
    expect(replaced(open({ qty: null }), { price: text('49800') })).toMatchObject({ denial: { code: 'BAD_REQUEST' } });
  });
  it('is nothing without a change, nor for an order of a list or at market', () => {
    const list = { listId: 'hf-abc123-000000000001' as ClientOrderId, kind: 'OCO', role: 'stop' } as const;
    const words = (old: Replaced, change: Parameters<typeof judgeReplace>[1]): string => {
      const judgement = replaced(old, change);
      return judgement.verdict === 'deny' ? judgement.denial.text : 'It passed';
    };
    expect(words(open(), {})).toMatch(/changes quantity, price or trigger/);
    expect(words(stop({ list }), { qty: text('0.01') })).toMatch(/belongs to an order list/);
    expect(words(open({ type: 'MARKET', price: null }), { qty: text('0.01') })).toMatch(/cannot be replaced/);
  });
  it('is denied, not thrown, where the picture is broken', () => {
    expect(replaced(open(), { price: text('49800') }, { dayLossUsdt: money('900') })).toMatchObject({ denial: { code: 'C4.dailyLoss' } });
    expect(replaced(open(), { price: text('49800') }, { policy: undefined as never })).toMatchObject({ denial: { code: 'GATE_ERROR' } });
  });
});
