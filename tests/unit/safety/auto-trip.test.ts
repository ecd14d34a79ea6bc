// When the emergency stop trips by itself (REQUIREMENTS E1), and what stands in its reason.
import { describe, expect, test } from 'vitest';
import type { AutoTripRule } from '../../../src-shared/domain/breaker.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Money } from '../../../src-shared/domain/money.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { EMPTY_AUTO_TRIP } from '../../../src-main/engine/auto-trip-book.ts';
import type { AutoTripPicture } from '../../../src-main/safety/auto-trip.ts';
import { autoTripGauges, autoTripReason } from '../../../src-main/safety/auto-trip.ts';
import { verdictOf } from '../../../src-main/safety/readings.ts';

const book = { ...EMPTY_AUTO_TRIP, dayUtc: '2026-11-20', dayPeakUsdt: new Decimal('10000') as Money };
const picture = (changes: Partial<AutoTripPicture> = {}): AutoTripPicture => ({
  thresholds: NORMAL.emergencyStop,
  book,
  equityUsdt: new Decimal('10000'),
  openLossUsdt: new Decimal(0),
  dayUtc: '2026-11-20',
  ...changes,
});
const verdicts = (changes: Partial<AutoTripPicture>) =>
  Object.fromEntries(autoTripGauges(picture(changes)).map(({ rule, value, limit }) => [rule, verdictOf(value, limit)]));
const gauge = (rule: AutoTripRule, changes: Partial<AutoTripPicture> = {}) => {
  const found = autoTripGauges(picture(changes)).find((one) => one.rule === rule);
  if (found === undefined) throw new Error(`no gauge ${rule}`);
  return found;
};

describe('thresholds', () => {
  test.each([
    ['9500.01', 'within'],
    ['9500', 'beyond'],
    ['0', 'beyond'],
    [null, 'unknown'],
  ])('an equity of %s on a day that peaked at 10000 is %s', (equity, verdict) => {
    const equityUsdt = equity === null ? null : new Decimal(equity);
    expect(verdicts({ equityUsdt })['daily-drawdown']).toBe(verdict);
  });

  test("yesterday's peak says nothing of today; after a clock that stepped back the later day goes on", () => {
    const equityUsdt = new Decimal('9000');
    expect(verdicts({ equityUsdt, dayUtc: '2026-11-21' })['daily-drawdown']).toBe('unknown');
    expect(verdicts({ equityUsdt, dayUtc: '2026-11-19' })['daily-drawdown']).toBe('beyond');
  });

  test.each([
    ['999', '10000', 'within'],
    ['1000', '10000', 'beyond'],
    ['0', '0', 'within'],
    ['5', '0', 'beyond'],
    ['5', '-1', 'beyond'],
    [null, '10000', 'unknown'],
    ['1000', null, 'unknown'],
    ['NaN', '10000', 'unknown'],
    ['1000', 'NaN', 'unknown'],
  ])('an open loss of %s at an equity of %s is %s', (loss, equity, verdict) => {
    const openLossUsdt = loss === null ? null : new Decimal(loss);
    const equityUsdt = equity === null ? null : new Decimal(equity);
    expect(verdicts({ openLossUsdt, equityUsdt })['open-loss']).toBe(verdict);
  });

  test('five execution errors in a row are too many, and a count that is none is as well (C15)', () => {
    expect([4, 5, Number.NaN].map((count) => verdicts({ book: { ...book, executionErrorsInRow: count } })['execution-errors'])).toEqual([
      'within',
      'beyond',
      'beyond',
    ]);
  });
});

describe('the reason', () => {
  const at = (equity: string, atMs: number) => ({ equityUsdt: new Decimal(equity), openLossUsdt: null, atMs, quotedAtMs: null });

  test('names value, limit and both readings', () => {
    expect(autoTripReason(gauge('daily-drawdown', { equityUsdt: new Decimal('9400') }), [at('9390', 0), at('9400', 1000)])).toBe(
      "Equity of 9400.00 USDT is 6 % below today's peak of 10000.00 USDT (deposits and withdrawals taken out; a reset begins it anew). The limit is 5 %; two readings agree: 9390.00 and 9400.00 USDT, 1.0 s apart",
    );
  });

  test('of a count names the count', () => {
    const text = autoTripReason(gauge('execution-errors', { book: { ...book, executionErrorsInRow: 5 } }), null);
    expect(text).toMatch(/^5 times in a row .* The limit is 5$/u);
  });

  test('says of an accepted open loss what it waits for', () => {
    const accepted = { book: { ...book, openLossAccepted: true }, openLossUsdt: new Decimal('1500') };
    expect(gauge('open-loss', accepted).text).toContain('15 % of an equity of 10000.00 USDT. You reset the stop at such a loss');
    expect(gauge('open-loss', { openLossUsdt: null }).text).toBe('Not known now.');
    expect(gauge('daily-drawdown', { equityUsdt: null }).text).toBe('Not known now.');
  });
});
