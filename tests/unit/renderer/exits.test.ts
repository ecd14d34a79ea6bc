// Exits as they are typed (B1, B5): one reading for the ticket and for the protection's dialog.
import { expect, it } from 'vitest';
import { exitPrices, exitsOf, firstStop, outcomeOf } from '../../../src-renderer/features/ticket/exits.ts';
import { Lacks } from '../../../src-renderer/features/ticket/typed.ts';

const BASIS = { entry: '61000', tick: '0.01' };
const typed = (stopLoss: string, takeProfit = '', trails = false) => ({ stopLoss, takeProfit, trails });
const lacks = (plan: unknown) => (plan instanceof Lacks ? plan.missing : plan);

it('reads prices as they are, and percent from the entry on the tick', () => {
  expect(exitsOf(typed('59 780', '4%'), BASIS)).toEqual({ stopLoss: '59780', takeProfit: '63440' });
  expect(exitsOf(typed('2 %'), { entry: '61000.01', tick: '0.01' })).toEqual({ stopLoss: '59780' });
  expect(exitsOf(typed('  '), BASIS)).toBeUndefined();
});

it('takes a trailing stop as a distance, with or without its sign, and never as a price', () => {
  expect(exitsOf(typed('1.5', '', true), BASIS)).toEqual({ trailingDeltaBps: 150 });
  expect(exitsOf(typed('1.5 %', '63000', true), BASIS)).toEqual({ trailingDeltaBps: 150, takeProfit: '63000' });
  expect(exitPrices(typed('1.5', '', true), BASIS).stopLoss).toBeUndefined();
  expect(firstStop(typed('1.5', '', true), BASIS)).toBe('60085');
  expect(firstStop(typed('1.5 %', '', true), BASIS)).toBe('60085');
  expect(firstStop(typed('60085'), BASIS)).toBe('60085');
});

it('says what makes no sense, in words for the button', () => {
  expect(lacks(exitsOf(typed('low'), BASIS))).toBe('The stop loss is neither a price nor a percent');
  expect(lacks(exitsOf(typed('2%'), { entry: undefined, tick: '0.01' }))).toBe('The stop loss is neither a price nor a percent');
  expect(lacks(exitsOf(typed('101', '', true), BASIS))).toBe('The trailing distance is no percent from 0.01 to 100');
  expect(lacks(exitsOf(typed('', 'up'), BASIS))).toBe('The take profit is neither a price nor a percent');
});

it('says what an exit comes to, with its sign; without a quantity its price alone', () => {
  expect(outcomeOf('59780', '61000', '0.0159')).toMatch(/^at 59\s780, −19\.40$/);
  expect(outcomeOf('63000', '61000', '0.0159')).toMatch(/^at 63\s000, \+31\.80$/);
  expect(outcomeOf('63000', '61000', undefined)).toMatch(/^at 63\s000$/);
  expect(outcomeOf(undefined, '61000', '1')).toBe('');
  expect(outcomeOf('63000', undefined, '1')).toBe('');
});
