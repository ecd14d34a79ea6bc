// Two agreeing readings (REQUIREMENTS D): one look trips nothing, and a bad look neither advances nor clears what was begun.
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { AccountReading, GoodReading } from '../../../src-main/safety/readings.ts';
import { follow, goodReading, readingsText, verdictOf } from '../../../src-main/safety/readings.ts';

const look = (equity: string | null, atMs: number, quotedAtMs: number | null = atMs): AccountReading => ({
  equityUsdt: equity === null ? null : new Decimal(equity),
  openLossUsdt: null,
  atMs,
  quotedAtMs,
});
const good = (equity: string, atMs: number, quotedAtMs: number | null = atMs): GoodReading => look(equity, atMs, quotedAtMs) as GoodReading;

describe('a good reading', () => {
  test.each([[null], ['NaN'], ['Infinity'], ['-1']])('is not %s', (equity) => {
    expect(goodReading(look(equity, 0), null)).toBeNull();
  });

  test('is any other number, the first one whatever it is', () => {
    expect(goodReading(look('0', 0), null)?.equityUsdt.toFixed()).toBe('0');
    expect(goodReading(look('10000', 0), null)?.equityUsdt.toFixed()).toBe('10000');
  });

  test.each([
    ['4999', false],
    ['5000', true],
    ['20000', true],
    ['20001', false],
  ])('after 10000 a moment ago, %s is believed: %s', (equity, isBelieved) => {
    const last = good('10000', 1000);
    expect(goodReading(look(equity, 10_999), last) !== null).toBe(isBelieved);
    expect(goodReading(look(equity, 11_000), last)).not.toBeNull();
  });
});

test('a value at its limit is beyond; one that is none is unknown', () => {
  const limit = new Decimal(5);
  expect(['4.99', '5', '5.01'].map((value) => verdictOf(new Decimal(value), limit))).toEqual(['within', 'beyond', 'beyond']);
  expect(verdictOf(null, limit)).toBe('unknown');
  expect(verdictOf(new Decimal('NaN'), limit)).toBe('unknown');
});

describe('a streak', () => {
  const first = good('9000', 1000);

  test('begins with one reading, and ends with one that is within', () => {
    expect(follow(null, 'beyond', first)).toEqual({ first, agreed: null });
    expect(follow(first, 'within', good('9900', 1500))).toEqual({ first: null, agreed: null });
  });

  test('is neither advanced nor cleared by what is not known', () => {
    expect(follow(first, 'unknown', good('9000', 5000))).toEqual({ first, agreed: null });
    expect(follow(null, 'unknown', first)).toEqual({ first: null, agreed: null });
  });

  test('agrees a second later, not before', () => {
    expect(follow(first, 'beyond', good('8990', 1999))).toEqual({ first, agreed: null });
    const second = good('8990', 2000);
    expect(follow(first, 'beyond', second)).toEqual({ first, agreed: [first, second] });
    expect(readingsText([first, second])).toBe('two readings agree: 9000.00 and 8990.00 USDT, 1.0 s apart');
  });

  test('agrees on new quotes only: a glitch that nothing has replaced yet is one reading, however often it is read', () => {
    expect(follow(first, 'beyond', good('9000', 4000, 999)).agreed).toBeNull();
    expect(follow(first, 'beyond', good('9000', 4000, 1000)).agreed).toBeNull();
    expect(follow(first, 'beyond', good('9000', 4000, 1001)).agreed).not.toBeNull();
    expect(follow(first, 'beyond', good('9000', 10_999, 999)).agreed).toBeNull();
    expect(follow(first, 'beyond', good('9000', 11_000, 999)).agreed).not.toBeNull();
    expect(follow(first, 'beyond', good('9000', 2000, null)).agreed).not.toBeNull();
  });
});
