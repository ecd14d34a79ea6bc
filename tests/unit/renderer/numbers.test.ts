import { describe, expect, it } from 'vitest';
import {
  changePct,
  digitsOf,
  direction,
  formatDecimal,
  formatInUnit,
  formatLimit,
  heldDigits,
} from '../../../src-renderer/components/numbers.ts';
import { age, countdown, measured } from '../../../src-renderer/components/time.ts';

describe('numbers on screen', () => {
  it('groups thousands with thin spaces and keeps the digits of the text', () => {
    expect(formatDecimal('61837.63')).toBe('61\u2009837.63');
    expect(formatDecimal('1234567.1')).toBe('1\u2009234\u2009567.1');
    expect(formatDecimal('999')).toBe('999');
    expect(formatDecimal('0.00000001')).toBe('0.00000001');
  });

  it('never rounds a quantity that is held up to more than is there', () => {
    expect(formatDecimal('0.004995', heldDigits('0.004995', '0.00001'))).toBe('0.004995');
    expect(formatDecimal('0.005', heldDigits('0.005', '0.00001'))).toBe('0.00500');
  });

  it('shows exactly the digits of the tick, rounding HALF_UP (B3)', () => {
    expect(formatDecimal('61062.5', digitsOf('0.01000000'))).toBe('61\u2009062.50');
    expect(formatDecimal('0.125', 2)).toBe('0.13');
    expect(formatDecimal('-0.125', 2)).toBe('\u22120.13');
    expect([digitsOf('1'), digitsOf('0.00001000'), digitsOf('1.00000000')]).toEqual([0, 5, 0]);
  });

  it('keeps every digit of numbers that a float cannot hold', () => {
    expect(formatDecimal('9007199254740993.000000000000000001')).toBe('9\u2009007\u2009199\u2009254\u2009740\u2009993.000000000000000001');
  });

  it('always signs profit and loss, and a zero has no sign even when it was rounded from a loss', () => {
    expect(formatDecimal('12.4', 2, 'always')).toBe('+12.40');
    expect(formatDecimal('-2.95', 2, 'always')).toBe('\u22122.95');
    expect(formatDecimal('-0.001', 2, 'always')).toBe('0.00');
    expect([direction('1'), direction('-1'), direction('0'), direction(null)]).toEqual(['up', 'down', '', '']);
  });

  it('shows what is no number as it came, and nothing as a dash', () => {
    expect(formatDecimal('BTCUSDT')).toBe('BTCUSDT');
    expect(formatDecimal(null)).toBe('\u2013');
    expect(formatInUnit(null, 'USDT')).toBe('\u2013');
  });

  it('writes a limit in its own unit', () => {
    expect(formatInUnit('500', 'USDT')).toBe('500.00');
    expect(formatInUnit('0.42', 'percent')).toBe('0.42\u2009%');
    expect(formatInUnit('5000', 'ms')).toBe('5\u2009000\u2009ms');
    expect(formatInUnit('0.4166666', 'percent')).toBe('0.42\u2009%');
    expect(formatInUnit('58783.6095 – 61182.9405', 'price')).toBe('58\u2009783.6095 – 61\u2009182.9405');
    expect(formatInUnit('2 of 1000 symbols', 'list')).toBe('2 of 1000 symbols');
    expect(formatLimit('1000.00', 'USDT')).toBe('1\u2009000');
    expect(formatLimit('1000.50', 'USDT')).toBe('1\u2009000.50');
  });

  it('measures a change against its start, or says nothing', () => {
    expect(changePct('61000', '61256.2')).toBe('0.42');
    expect(changePct('61000', '60939')).toBe('-0.10');
    expect(changePct('0', '1')).toBeUndefined();
  });
});

describe('times on screen', () => {
  it('counts down to zero and never below', () => {
    expect([countdown(899_001), countdown(59_000), countdown(3_723_000), countdown(-5)]).toEqual(['15:00', '00:59', '1:02:03', '00:00']);
  });

  it('tells age and measured time in their largest fitting unit', () => {
    expect([age(999), age(59_999), age(3_599_999), age(86_399_999), age(172_800_000)]).toEqual(['0 s', '59 s', '59 m', '23 h', '2 d']);
    expect([measured(84.4), measured(1204), measured(null)]).toEqual(['84 ms', '1.20 s', '–']);
  });
});
