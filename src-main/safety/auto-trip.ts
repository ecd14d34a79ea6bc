// When the emergency stop trips by itself (REQUIREMENTS E1), and the evidence that stands in its reason. Pure. It never trips twice for
// one breach: a reset begins the book anew (engine/auto-trip-book.ts).
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AutoTripRule } from '../../src-shared/domain/breaker.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { AutoTripBook } from '../engine/state.ts';
import { drawdownPct } from './breaker.ts';
import type { Agreement } from './readings.ts';
import { readingsText } from './readings.ts';

/** What the thresholds are measured on. Null: not known now. */
export interface AutoTripPicture {
  readonly thresholds: Policy['emergencyStop'];
  readonly book: AutoTripBook;
  readonly equityUsdt: Decimal | null;
  readonly openLossUsdt: Decimal | null;
  readonly dayUtc: string;
}

/** One threshold as it stands. */
export interface AutoTripGauge {
  readonly rule: AutoTripRule;
  readonly title: string;
  /** Percent, or a count; null: not known now. */
  readonly value: Decimal | null;
  readonly limit: Decimal;
  readonly unit: 'percent' | 'count';
  readonly text: string;
}

const usdt = (value: Decimal): string => value.toFixed(2);
const pct = (value: Decimal): string => value.toDecimalPlaces(2).toFixed();

const dailyDrawdown = ({ thresholds, book, equityUsdt, dayUtc }: AutoTripPicture): AutoTripGauge => {
  const peakUsdt = book.dayUtc >= dayUtc ? book.dayPeakUsdt : null;
  const value = drawdownPct(peakUsdt, equityUsdt);
  const text =
    value === null || peakUsdt === null || equityUsdt === null
      ? 'Not known now.'
      : `Equity of ${usdt(equityUsdt)} USDT is ${pct(value)} % below today's peak of ${usdt(peakUsdt)} USDT (deposits and withdrawals taken out; a reset begins it anew).`;
  return {
    rule: 'daily-drawdown',
    title: 'Drawdown today',
    value,
    limit: new Decimal(thresholds.autoDailyDrawdownPct),
    unit: 'percent',
    text,
  };
};

/** An account worth nothing that still loses has lost all of it. */
const openLossPct = (openLossUsdt: Decimal | null, equityUsdt: Decimal | null): Decimal | null => {
  if (openLossUsdt === null || equityUsdt === null || !openLossUsdt.isFinite() || !equityUsdt.isFinite()) return null;
  if (openLossUsdt.isZero()) return openLossUsdt;
  return equityUsdt.lte(0) ? new Decimal(100) : openLossUsdt.div(equityUsdt).times(100);
};

const openLoss = ({ thresholds, book, equityUsdt, openLossUsdt }: AutoTripPicture): AutoTripGauge => {
  const value = openLossPct(openLossUsdt, equityUsdt);
  const said =
    value === null || openLossUsdt === null || equityUsdt === null
      ? 'Not known now.'
      : `The open positions lose ${usdt(openLossUsdt)} USDT, ${pct(value)} % of an equity of ${usdt(equityUsdt)} USDT.`;
  const text = book.openLossAccepted ? `${said} You reset the stop at such a loss: it trips again once this was within its limit.` : said;
  return { rule: 'open-loss', title: 'Open loss', value, limit: new Decimal(thresholds.autoOpenLossPct), unit: 'percent', text };
};

const executionErrors = ({ thresholds, book }: AutoTripPicture): AutoTripGauge => {
  const { executionErrorsInRow: count } = book;
  return {
    rule: 'execution-errors',
    title: 'Execution errors in a row',
    // A count that is none must not stay silent (C15).
    value: new Decimal(Number.isFinite(count) ? count : thresholds.autoExecutionErrors),
    limit: new Decimal(thresholds.autoExecutionErrors),
    unit: 'count',
    text: `${count} times in a row it was not known what became of an order, or a cancel did not get through; no order was accepted between.`,
  };
};

/** Every threshold, in the order in which it is named. */
export const autoTripGauges = (picture: AutoTripPicture): readonly AutoTripGauge[] => [
  dailyDrawdown(picture),
  openLoss(picture),
  executionErrors(picture),
];

/** Evidence as it stands in the trip's reason: the value, its limit, and the readings that agreed. */
export const autoTripReason = ({ text, limit, unit }: AutoTripGauge, agreement: Agreement | null): string => {
  const most = `The limit is ${limit.toFixed()}${unit === 'percent' ? ' %' : ''}`;
  return agreement === null ? `${text} ${most}` : `${text} ${most}; ${readingsText(agreement)}`;
};
