// The circuit breaker (REQUIREMENTS D): how far each threshold is used, which breach is named first, who may close it again and when a
// probe may try. Pure. While it is open nothing is opened, and nothing here ever forbids a reduction.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Breach, BreakerRule } from '../../src-shared/domain/breaker.ts';
import { BREAKER_RULES, isLossRule } from '../../src-shared/domain/breaker.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { BreakerState, RiskBook } from '../engine/state.ts';
import type { Agreement } from './readings.ts';
import { readingsText } from './readings.ts';

type Thresholds = Policy['circuitBreaker'];

/** What the thresholds are measured on. */
export interface BreakerPicture {
  readonly thresholds: Thresholds;
  readonly risk: RiskBook;
  /** Of a good reading; null: not known now. */
  readonly equityUsdt: Decimal | null;
  /** Calls that failed within the window of the policy. */
  readonly apiErrors: number;
  /** Wall clock, ms; and its day and week in UTC as the book names them. */
  readonly nowMs: number;
  readonly dayUtc: string;
  readonly weekUtc: string;
}

/** One threshold as it stands. */
export interface BreakerGauge {
  readonly rule: BreakerRule;
  readonly title: string;
  /** Percent of the peak, or a count; null: not known now. */
  readonly value: Decimal | null;
  readonly limit: Decimal;
  readonly unit: 'percent' | 'count';
  readonly text: string;
}

/** How far equity is below its peak, in percent of it; 0 at a new high. Null where either is not known, or there was nothing to lose. */
export const drawdownPct = (peakUsdt: Decimal | null, equityUsdt: Decimal | null): Decimal | null => {
  if (peakUsdt === null || equityUsdt === null || !peakUsdt.isFinite() || peakUsdt.lte(0)) return null;
  return Decimal.max(0, peakUsdt.minus(equityUsdt).div(peakUsdt).times(100));
};

const usdt = (value: Decimal): string => value.toFixed(2);
const pct = (value: Decimal): string => value.toDecimalPlaces(2).toFixed();

const drawdown = (
  rule: BreakerRule,
  title: string,
  { equityUsdt }: BreakerPicture,
  peakUsdt: Decimal | null,
  limit: DecimalText,
  ofWhat: string,
): BreakerGauge => {
  const value = drawdownPct(peakUsdt, equityUsdt);
  const text =
    value === null || peakUsdt === null || equityUsdt === null
      ? `Not known now: ${equityUsdt === null ? 'the account cannot be valued' : `equity was not marked ${ofWhat} yet`}.`
      : `Equity of ${usdt(equityUsdt)} USDT is ${pct(value)} % below its peak ${ofWhat}, ${usdt(peakUsdt)} USDT (deposits and withdrawals taken out; a reset begins it anew).`;
  return { rule, title, value, limit: new Decimal(limit), unit: 'percent', text };
};

const counter = (rule: BreakerRule, title: string, value: number, limit: number, text: string): BreakerGauge => ({
  rule,
  title,
  // A count that is none must not stay silent: it is taken for a breach (C15).
  value: new Decimal(Number.isFinite(value) ? value : limit),
  limit: new Decimal(limit),
  unit: 'count',
  text,
});

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** Every threshold, in the order in which a first breach is named. */
export const breakerGauges = (picture: BreakerPicture): readonly BreakerGauge[] => {
  const { thresholds: at, risk, nowMs, dayUtc, weekUtc, apiErrors } = picture;
  // A peak of a day or week that is over says nothing of this one. After a clock that stepped back the later book goes on.
  const weekPeak = risk.weekUtc >= weekUtc ? risk.weekPeakUsdt : null;
  const dayPeak = risk.dayUtc >= dayUtc ? risk.dayPeakUsdt : null;
  const windowMs = at.failedTradeWindowMinutes * 60_000;
  const failedTrades = risk.failedTradesMs.filter((atMs) => nowMs - atMs < windowMs).length;
  const { lossesInRow, orderFailuresInRow } = risk;
  return [
    drawdown('total-drawdown', 'Drawdown in all', picture, risk.peakUsdt, at.maxTotalDrawdownPct, 'of all time'),
    drawdown('weekly-drawdown', 'Drawdown this week', picture, weekPeak, at.maxWeeklyDrawdownPct, 'of this week'),
    drawdown('daily-drawdown', 'Drawdown today', picture, dayPeak, at.maxDailyDrawdownPct, 'of today'),
    counter(
      'consecutive-losses',
      'Losses in a row',
      lossesInRow,
      at.consecutiveLosses,
      `${plural(lossesInRow, 'closing order')} in a row lost money.`,
    ),
    counter(
      'order-failures',
      'Order failures in a row',
      orderFailuresInRow,
      at.consecutiveOrderFailures,
      `${plural(orderFailuresInRow, 'order')} in a row failed at the exchange.`,
    ),
    counter(
      'failed-trades',
      `Failed trades in ${at.failedTradeWindowMinutes} min`,
      failedTrades,
      at.failedTrades,
      `${plural(failedTrades, 'order')} failed within ${at.failedTradeWindowMinutes} min.`,
    ),
    counter(
      'api-errors',
      `API errors in ${at.apiErrorWindowSeconds} s`,
      apiErrors,
      at.apiErrors,
      `${plural(apiErrors, 'call')} to the exchange failed within ${at.apiErrorWindowSeconds} s (no answer in time, 5xx, or one that makes no sense).`,
    ),
  ];
};

/** Drawdowns rest on readings, of which two must agree; the others are counted out of facts and answers, and hold at once. */
export const needsAgreement = (rule: BreakerRule): boolean => rule.endsWith('drawdown');

/** The evidence of a breach. */
export const breachOf = ({ rule, value, limit, text }: BreakerGauge, agreement: Agreement | null): Breach => ({
  rule,
  value: (value ?? limit).toDecimalPlaces(4).toFixed() as DecimalText,
  limit: limit.toFixed() as DecimalText,
  text: agreement === null ? text : `${text} On the exchange's quotes ${readingsText(agreement)}.`,
});

/**
 * The breach that is named when several come at once. While a probe is out, only what a probe does not decide can break: what the
 * infrastructure's counters stand at is what opened the breaker.
 */
export const firstBreach = (breaches: readonly Breach[], { phase }: Pick<BreakerState, 'phase'>): Breach | null => {
  if (phase === 'OPEN') return null;
  const isNew = ({ rule }: Breach): boolean => phase === 'CLOSED' || isLossRule(rule) || rule === 'api-errors';
  const named = BREAKER_RULES.flatMap((rule) => breaches.filter((breach) => breach.rule === rule && isNew(breach)));
  return named[0] ?? null;
};

/** May a person close it? Refused, in words, unless it is open and the breach that is meant was read back. */
export const canCloseBreaker = ({ phase, breach }: BreakerState, readBackRule: BreakerRule): Result<Breach, string> => {
  if (phase === 'CLOSED' || breach === null) return fail('The circuit breaker is closed: there is nothing to reset.');
  if (breach.rule !== readBackRule)
    return fail(`What opened the circuit breaker is ${breach.rule}, not ${readBackRule}: read its evidence first.`);
  return ok(breach);
};

/** When a probe is due (wall clock, ms); null: only a person ends this breach. */
export const probeAtMs = ({ phase, breach, openedAtMs }: BreakerState, thresholds: Thresholds | null): number | null => {
  if (phase !== 'OPEN' || breach === null || openedAtMs === null || thresholds === null) return null;
  if (!thresholds.probeAfterCoolDown || isLossRule(breach.rule)) return null;
  return openedAtMs + thresholds.probeCoolDownMinutes * 60_000;
};

/** What the probing order has shown so far. `lost`: it never left, so that another one may try. */
export type ProbeOutcome = 'waiting' | 'good' | 'bad' | 'lost';

/** `sent` is false for an order that never left this machine; null: the order is not known any more. */
export const probeOutcome = (order: { readonly status: string; readonly sent: boolean } | null): ProbeOutcome => {
  if (order === null) return 'lost';
  switch (order.status) {
    case 'INTENDED':
    case 'SENT':
      return 'waiting';
    case 'UNKNOWN':
      return 'bad';
    case 'REJECTED':
      return order.sent ? 'bad' : 'lost';
    default:
      return 'good';
  }
};

const clock = (atMs: number): string => `${new Date(atMs).toISOString().slice(11, 19)} UTC`;

/** What the breaker forbids now, in one sentence; empty when nothing. `isProbe`: for the order that probes. */
export const breakerText = (state: BreakerState, thresholds: Thresholds | null, isProbe: boolean): string => {
  const { phase, breach, probe } = state;
  if (phase === 'CLOSED') return '';
  if (phase === 'HALF_OPEN')
    return probe === null || isProbe ? '' : 'The circuit breaker waits for what became of its probe: nothing else is opened until then.';
  const dueAtMs = probeAtMs(state, thresholds);
  const end = dueAtMs === null ? 'Only a reset by you ends it.' : `A reset by you ends it, or one order that may try at ${clock(dueAtMs)}.`;
  return `The circuit breaker is open (${breach?.rule ?? 'no evidence'}): ${breach?.text ?? ''} ${end}`;
};
