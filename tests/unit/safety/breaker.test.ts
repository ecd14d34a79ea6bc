// The circuit breaker's own rules (REQUIREMENTS D): where each threshold stands, which breach is named, who closes it and when a probe
// may try.
import { describe, expect, test } from 'vitest';
import type { Breach, BreakerRule } from '../../../src-shared/domain/breaker.ts';
import { BREAKER_RULES } from '../../../src-shared/domain/breaker.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Money } from '../../../src-shared/domain/money.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { EMPTY_RISK } from '../../../src-main/engine/risk-book.ts';
import type { BreakerState, RiskBook } from '../../../src-main/engine/state.ts';
import type { BreakerPicture } from '../../../src-main/safety/breaker.ts';
import {
  breachOf,
  breakerGauges,
  breakerText,
  canCloseBreaker,
  drawdownPct,
  firstBreach,
  needsAgreement,
  probeAtMs,
  probeOutcome,
} from '../../../src-main/safety/breaker.ts';
import type { GoodReading } from '../../../src-main/safety/readings.ts';
import { verdictOf } from '../../../src-main/safety/readings.ts';

const thresholds = NORMAL.circuitBreaker;
const usdt = (text: string): Money => new Decimal(text) as Money;
const NOW_MS = Date.parse('2026-11-20T12:00:00Z');
const peaks = (changes: Partial<RiskBook> = {}): RiskBook => ({
  ...EMPTY_RISK,
  peakUsdt: usdt('10000'),
  weekPeakUsdt: usdt('10000'),
  dayPeakUsdt: usdt('10000'),
  weekUtc: '2026-11-16',
  dayUtc: '2026-11-20',
  ...changes,
});
const picture = (changes: Partial<BreakerPicture> = {}): BreakerPicture => ({
  thresholds,
  risk: peaks(),
  equityUsdt: usdt('10000'),
  apiErrors: 0,
  nowMs: NOW_MS,
  dayUtc: '2026-11-20',
  weekUtc: '2026-11-16',
  ...changes,
});
const beyond = (changes: Partial<BreakerPicture>): readonly BreakerRule[] =>
  breakerGauges(picture(changes)).flatMap(({ rule, value, limit }) => (verdictOf(value, limit) === 'beyond' ? [rule] : []));
const gauge = (rule: BreakerRule, changes: Partial<BreakerPicture> = {}) => {
  const found = breakerGauges(picture(changes)).find((one) => one.rule === rule);
  if (found === undefined) throw new Error(`no gauge ${rule}`);
  return found;
};

describe('thresholds', () => {
  test('stand in the order in which a first breach is named', () => {
    expect(breakerGauges(picture()).map(({ rule }) => rule)).toEqual(BREAKER_RULES);
    expect(beyond({})).toEqual([]);
  });

  test.each([
    ['9500.01', []],
    ['9500', ['daily-drawdown']],
    ['9000', ['weekly-drawdown', 'daily-drawdown']],
    ['8000', ['total-drawdown', 'weekly-drawdown', 'daily-drawdown']],
    ['0', ['total-drawdown', 'weekly-drawdown', 'daily-drawdown']],
    ['10001', []],
  ])('an equity of %s after a peak of 10000 is beyond %j', (equity, rules) => {
    expect(beyond({ equityUsdt: usdt(equity) })).toEqual(rules);
  });

  test('a drawdown that nobody can tell is unknown, and trips nothing: equity, a first mark, or a peak of nothing is missing', () => {
    expect(beyond({ equityUsdt: null })).toEqual([]);
    expect(gauge('daily-drawdown', { equityUsdt: null })).toMatchObject({
      value: null,
      text: expect.stringContaining('cannot be valued') as string,
    });
    expect(gauge('total-drawdown', { risk: EMPTY_RISK })).toMatchObject({
      value: null,
      text: expect.stringContaining('not marked of all time yet') as string,
    });
    for (const peak of ['0', '-5', 'NaN', 'Infinity']) expect(drawdownPct(new Decimal(peak), usdt('10')), peak).toBeNull();
  });

  test('a day or week that is over says nothing of the new one, and a clock that stepped back begins none', () => {
    const equityUsdt = usdt('9000');
    expect(beyond({ equityUsdt, dayUtc: '2026-11-21' })).toEqual(['weekly-drawdown']);
    expect(beyond({ equityUsdt, dayUtc: '2026-11-23', weekUtc: '2026-11-23' })).toEqual([]);
    expect(beyond({ equityUsdt, dayUtc: '2026-11-15', weekUtc: '2026-11-09' })).toEqual(['weekly-drawdown', 'daily-drawdown']);
  });

  test.each([
    ['lossesInRow', 'consecutive-losses', 10],
    ['orderFailuresInRow', 'order-failures', 5],
  ] as const)('%s opens at its limit, not before', (field, rule, limit) => {
    expect(beyond({ risk: peaks({ [field]: limit - 1 }) })).toEqual([]);
    expect(beyond({ risk: peaks({ [field]: limit }) })).toEqual([rule]);
  });

  test('failed trades and API errors count within their windows; what a clock dates later than now was just now', () => {
    const hourMs = 3_600_000;
    const at = (...agesMs: number[]) => ({ risk: peaks({ failedTradesMs: agesMs.map((ageMs) => NOW_MS - ageMs) }) });
    expect(beyond(at(hourMs, 5, 4, 3, 2))).toEqual([]);
    expect(beyond(at(hourMs - 1, 5, 4, 3, 2))).toEqual(['failed-trades']);
    expect(beyond(at(-5, 5, 4, 3, 2))).toEqual(['failed-trades']);
    expect(beyond({ apiErrors: 2 })).toEqual([]);
    expect(beyond({ apiErrors: 3 })).toEqual(['api-errors']);
  });

  test('a count that is no number is a breach (C15)', () => {
    expect(beyond({ apiErrors: Number.NaN })).toEqual(['api-errors']);
    expect(beyond({ risk: peaks({ lossesInRow: Number.NaN }) })).toEqual(['consecutive-losses']);
  });

  test('one is told as one, and more as more', () => {
    expect(gauge('api-errors', { apiErrors: 1 }).text).toContain('1 call to');
    expect(gauge('api-errors', { apiErrors: 2 }).text).toContain('2 calls to');
  });
});

describe('a breach', () => {
  const reading = (equity: string, atMs: number): GoodReading => ({ equityUsdt: usdt(equity), openLossUsdt: null, atMs, quotedAtMs: null });

  test('carries value, limit and the two readings as its evidence; a count its words alone', () => {
    const found = breachOf(gauge('daily-drawdown', { equityUsdt: usdt('9400') }), [reading('9410', 0), reading('9400', 1100)]);
    expect(found).toEqual({
      rule: 'daily-drawdown',
      value: '6',
      limit: '5',
      text: "Equity of 9400.00 USDT is 6 % below its peak of today, 10000.00 USDT (deposits and withdrawals taken out; a reset begins it anew). On the exchange's quotes two readings agree: 9410.00 and 9400.00 USDT, 1.1 s apart.",
    });
    expect(breachOf(gauge('api-errors', { apiErrors: 4 }), null)).toMatchObject({ value: '4', limit: '3' });
    expect(breachOf(gauge('daily-drawdown', { equityUsdt: null }), null)).toMatchObject({ value: '5', limit: '5' });
  });

  const made = (rule: BreakerRule): Breach => breachOf(gauge(rule), null);

  test('is the first of several in the order of the rules, and none while one stands', () => {
    const all = [...BREAKER_RULES].reverse().map(made);
    expect(firstBreach(all, { phase: 'CLOSED' })?.rule).toBe('total-drawdown');
    expect(firstBreach([made('api-errors'), made('order-failures')], { phase: 'CLOSED' })?.rule).toBe('order-failures');
    expect(firstBreach(all, { phase: 'OPEN' })).toBeNull();
    expect(firstBreach([], { phase: 'CLOSED' })).toBeNull();
  });

  test('while a probe is out, counts that only the probe can end open nothing; losses and new API errors do', () => {
    expect(firstBreach([made('order-failures'), made('failed-trades')], { phase: 'HALF_OPEN' })).toBeNull();
    expect(firstBreach([made('order-failures'), made('api-errors')], { phase: 'HALF_OPEN' })?.rule).toBe('api-errors');
    expect(firstBreach([made('consecutive-losses')], { phase: 'HALF_OPEN' })?.rule).toBe('consecutive-losses');
  });

  test('drawdowns alone need two readings', () => {
    expect(BREAKER_RULES.filter(needsAgreement)).toEqual(['total-drawdown', 'weekly-drawdown', 'daily-drawdown']);
  });
});

describe('the way back', () => {
  const open = (rule: BreakerRule, changes: Partial<BreakerState> = {}): BreakerState => ({
    phase: 'OPEN',
    breach: { rule, value: '6', limit: '5', text: 'Evidence.' } as Breach,
    openedAtMs: NOW_MS,
    probe: null,
    ...changes,
  });
  const closed: BreakerState = { phase: 'CLOSED', breach: null, openedAtMs: null, probe: null };
  const probing = { ...thresholds, probeAfterCoolDown: true };

  test('a person closes what is open, and names what opened it', () => {
    expect(canCloseBreaker(open('api-errors'), 'api-errors')).toMatchObject({ ok: true, value: { rule: 'api-errors' } });
    expect(canCloseBreaker(open('api-errors'), 'daily-drawdown')).toMatchObject({
      ok: false,
      error: expect.stringContaining('api-errors') as string,
    });
    expect(canCloseBreaker(closed, 'api-errors')).toMatchObject({ ok: false });
    expect(canCloseBreaker({ ...open('api-errors'), breach: null }, 'api-errors')).toMatchObject({ ok: false });
  });

  test('a probe is for infrastructure alone, where the policy allows one, after its cool-down', () => {
    expect(probeAtMs(open('api-errors'), probing)).toBe(NOW_MS + 15 * 60_000);
    expect(probeAtMs(open('api-errors'), thresholds)).toBeNull();
    expect(probeAtMs(open('api-errors'), null)).toBeNull();
    for (const rule of ['total-drawdown', 'weekly-drawdown', 'daily-drawdown', 'consecutive-losses'] as const)
      expect(probeAtMs(open(rule), probing), rule).toBeNull();
    expect(probeAtMs(closed, probing)).toBeNull();
    expect(probeAtMs(open('api-errors', { phase: 'HALF_OPEN' }), probing)).toBeNull();
    expect(probeAtMs(open('api-errors', { breach: null }), probing)).toBeNull();
    expect(probeAtMs(open('api-errors', { openedAtMs: null }), probing)).toBeNull();
  });

  test.each([
    ['INTENDED', false, 'waiting'],
    ['SENT', true, 'waiting'],
    ['UNKNOWN', true, 'bad'],
    ['REJECTED', true, 'bad'],
    ['REJECTED', false, 'lost'],
    ['ACCEPTED', true, 'good'],
    ['FILLED', true, 'good'],
    ['CANCELED', true, 'good'],
  ] as const)('a probe that is %s (sent: %s) is %s', (status, sent, outcome) => {
    expect(probeOutcome({ status, sent })).toBe(outcome);
    expect(probeOutcome(null)).toBe('lost');
  });

  test('says what it forbids and what ends it; the probe does not stand in its own way', () => {
    expect(breakerText(closed, thresholds, false)).toBe('');
    expect(breakerText(open('api-errors'), thresholds, false)).toBe(
      'The circuit breaker is open (api-errors): Evidence. Only a reset by you ends it.',
    );
    expect(breakerText(open('api-errors'), probing, true)).toContain('one order that may try at 12:15:00 UTC');
    expect(breakerText(open('api-errors', { breach: null }), null, false)).toContain('no evidence');
    const half = open('api-errors', { phase: 'HALF_OPEN' });
    expect(breakerText(half, probing, false)).toBe('');
    const out = { ...half, probe: 'hf-1' as never };
    expect(breakerText(out, probing, false)).toContain('waits for what became of its probe');
    expect(breakerText(out, probing, true)).toBe('');
  });
});
