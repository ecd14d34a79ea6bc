// Which words make an order, a list, a change, a protection (B1, B5, B6): each wrong combination has a sentence of its own, and nothing
// that is wrong gets through to be judged.
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { contract } from '../../../src-shared/contract/contract.ts';
import {
  exitPlanSchema,
  ocoRequestSchema,
  orderRequestSchema,
  replaceSchema,
  sizeByRiskSchema,
} from '../../../src-shared/contract/orders.ts';

const MARKET = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', qty: '0.01' };
const LIMIT = { ...MARKET, type: 'LIMIT', price: '60000' };
const STOP = { ...MARKET, side: 'SELL', type: 'STOP_LOSS', stopPrice: '59000' };
const STOP_LIMIT = { ...STOP, type: 'STOP_LOSS_LIMIT', price: '58900' };
const OCO = { symbol: 'BTCUSDT', side: 'SELL', qty: '0.01', price: '61000', stopPrice: '59000' };

const sentences = (schema: z.ZodType, input: unknown): string => {
  const parsed = schema.safeParse(input);
  return parsed.success ? '' : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n');
};
const without = (input: Readonly<Record<string, unknown>>, ...keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(input).filter(([key]) => !keys.includes(key)));

describe('an order request', () => {
  it.each([
    ['a market buy', MARKET],
    ['a market buy sized in quote', { ...without(MARKET, 'qty'), quoteQty: '500' }],
    ['a limit order', LIMIT],
    ['a post-only limit order', { ...LIMIT, timeInForce: 'POST_ONLY' }],
    ['a stop loss at market', STOP],
    ['a trailing stop', { ...without(STOP, 'stopPrice'), trailingDeltaBps: 100 }],
    ['a trailing stop from a price on', { ...STOP, trailingDeltaBps: 10_000 }],
    ['a stop loss with a limit', { ...STOP_LIMIT, timeInForce: 'GTC' }],
    ['a take-profit', { ...STOP, type: 'TAKE_PROFIT', stopPrice: '63000' }],
    ['a take-profit with a limit', { ...STOP_LIMIT, type: 'TAKE_PROFIT_LIMIT', stopPrice: '63000' }],
    ['a buy with both exits', { ...LIMIT, exits: { stopLoss: '59000', takeProfit: '63000' } }],
    ['a buy with a trailing exit', { ...MARKET, exits: { trailingDeltaBps: 1 } }],
  ])('can be %s (B1)', (_, order) => {
    expect(sentences(orderRequestSchema, order)).toBe('');
  });

  it.each([
    [without(MARKET, 'qty'), /qty: give a quantity \(qty\) or an amount/],
    [{ ...MARKET, quoteQty: '500' }, /not both and not neither/],
    [{ ...without(LIMIT, 'qty'), quoteQty: '500' }, /only a market buy can be sized in quote/],
    [{ ...without(MARKET, 'qty'), side: 'SELL', quoteQty: '500' }, /only a market buy can be sized in quote/],
    [without(LIMIT, 'price'), /a limit order needs a price/],
    [without(STOP_LIMIT, 'price'), /a stop loss with a limit needs a price/],
    [{ ...MARKET, price: '1' }, /a market order has no price/],
    [{ ...STOP, price: '1' }, /a stop loss at market has no price/],
    [{ ...MARKET, timeInForce: 'GTC' }, /a market order has no time in force/],
    [{ ...STOP, timeInForce: 'GTC' }, /a stop loss at market has no time in force/],
    [{ ...STOP_LIMIT, timeInForce: 'POST_ONLY' }, /only a plain limit order can be post-only/],
    [without(STOP, 'stopPrice'), /a stop loss at market needs the price that triggers it/],
    [{ ...without(STOP_LIMIT, 'stopPrice'), type: 'TAKE_PROFIT_LIMIT' }, /a take-profit with a limit needs the price that triggers it/],
    [{ ...LIMIT, stopPrice: '59000' }, /a limit order has no price that triggers it/],
    [{ ...MARKET, trailingDeltaBps: 10 }, /a market order trails nothing/],
    [{ ...STOP, trailingDeltaBps: 0 }, /0 is no distance: at least 1/],
    [{ ...STOP, trailingDeltaBps: 10_001 }, /10001 is no distance: at most 10000/],
    [{ ...STOP, trailingDeltaBps: 1.5 }, /1.5 is no distance in whole basis points/],
    [{ ...LIMIT, side: 'SELL', exits: { stopLoss: '59000' } }, /only a buy opens a position/],
    [{ ...LIMIT, reduceOnly: true, exits: { stopLoss: '59000' } }, /only reduces opens nothing/],
    [{ ...LIMIT, exits: {} }, /exits.stopLoss: a protection has at least one/],
    [{ ...LIMIT, exits: { stopLoss: '59000', trailingDeltaBps: 100 } }, /stands still or trails/],
    [{ ...LIMIT, side: 'HOLD' }, /"HOLD" is no side: BUY or SELL/],
    [{ ...LIMIT, price: '6e4' }, /"6e4" is no plain positive decimal/],
    [{ ...LIMIT, leverage: 3 }, /leverage/],
  ])('that makes no order is told why: %j', (order, sentence) => {
    expect(sentences(orderRequestSchema, order)).toMatch(sentence);
  });
});

describe('the other wishes', () => {
  it('an OCO needs its size and both prices, and nothing else makes it up (B1)', () => {
    expect(sentences(ocoRequestSchema, OCO)).toBe('');
    expect(sentences(ocoRequestSchema, { ...OCO, side: 'BUY', stopLimitPrice: '58900' })).toBe('');
    for (const field of ['symbol', 'side', 'qty', 'price', 'stopPrice'])
      expect(sentences(ocoRequestSchema, without(OCO, field))).toMatch(field);
    expect(sentences(ocoRequestSchema, { ...OCO, timeInForce: 'GTC' })).toMatch('timeInForce');
  });

  it('a change of an order changes something', () => {
    expect(sentences(replaceSchema, { clientOrderId: 'hf-1', price: '1' })).toBe('');
    expect(sentences(replaceSchema, { clientOrderId: 'hf-1' })).toMatch(/say what is to be different/);
    expect(sentences(replaceSchema, { price: '1' })).toMatch('clientOrderId');
  });

  it('a protection is a plan with something in it, or null to take it off (B5)', () => {
    const { input } = contract.protectPosition;
    expect(sentences(input, { symbol: 'BTCUSDT', plan: null })).toBe('');
    expect(sentences(input, { symbol: 'BTCUSDT', plan: { takeProfit: '63000' } })).toBe('');
    expect(sentences(input, { symbol: 'BTCUSDT' })).toMatch('plan');
    expect(sentences(exitPlanSchema, {})).toMatch(/at least one/);
  });

  it('a size by risk is that of a buy, with a confidence from 0 to 1 (B6)', () => {
    const wish = { symbol: 'BTCUSDT', side: 'BUY', stopPrice: '59000' };
    expect(sentences(sizeByRiskSchema, { ...wish, price: '60000', confidence: 0.9 })).toBe('');
    expect(sentences(sizeByRiskSchema, { ...wish, confidence: 1.01 })).toMatch(/1.01 is no confidence/);
    expect(sentences(sizeByRiskSchema, { ...wish, confidence: -0.01 })).toMatch(/no confidence/);
    expect(sentences(sizeByRiskSchema, { ...wish, confidence: Number.NaN })).toMatch(/confidence/);
    expect(sentences(sizeByRiskSchema, { ...wish, side: 'SELL' })).toMatch(/only a buy is sized by risk/);
  });
});
