// What losses and failures are measured on, fact by fact (REQUIREMENTS C13, D): peaks of equity with deposits and withdrawals taken
// out, losing closes in a row, failures in a row. Pure; evolve.ts calls it, and a replay gives the same.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Money } from '../../src-shared/domain/money.ts';
import type { BreakerRule } from '../../src-shared/domain/breaker.ts';
import type { RiskBook } from './state.ts';

const DAY_MS = 24 * 3_600_000;
/** The longest window that a policy can count failed trades over, and the most that it can ask for in one. */
const FAILURES_KEPT_MS = DAY_MS;
const FAILURES_KEPT = 100;

export const EMPTY_RISK: RiskBook = {
  peakUsdt: null,
  weekPeakUsdt: null,
  dayPeakUsdt: null,
  weekUtc: '',
  dayUtc: '',
  markedAtMs: null,
  markedUsdt: null,
  lossesInRow: 0,
  lastLossAtMs: null,
  orderFailuresInRow: 0,
  failedTradesMs: [],
};

const dateOf = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10);

/** The Monday of a time's week, `YYYY-MM-DD` in UTC. 1970-01-01 was a Thursday. */
export const utcWeekOf = (atMs: number): string => {
  const day = Math.floor(atMs / DAY_MS);
  return dateOf((day - ((day + 3) % 7)) * DAY_MS);
};

const higher = (a: Money | null, b: Money): Money => (a === null || b.gt(a) ? b : a);

/** One reading of equity. A week or day that begins anew starts from it; a clock that stepped back begins none. */
export const marked = (book: RiskBook, equityUsdt: Money, atMs: number): RiskBook => {
  const [weekUtc, dayUtc] = [utcWeekOf(atMs), dateOf(atMs)];
  const newWeek = weekUtc > book.weekUtc;
  const newDay = dayUtc > book.dayUtc;
  return {
    ...book,
    peakUsdt: higher(book.peakUsdt, equityUsdt),
    weekPeakUsdt: newWeek ? equityUsdt : higher(book.weekPeakUsdt, equityUsdt),
    dayPeakUsdt: newDay ? equityUsdt : higher(book.dayPeakUsdt, equityUsdt),
    weekUtc: newWeek ? weekUtc : book.weekUtc,
    dayUtc: newDay ? dayUtc : book.dayUtc,
    markedAtMs: atMs,
    markedUsdt: equityUsdt,
  };
};

/**
 * A peak after money came or went from outside: it moves by the same part as the account, as far as the newest mark tells, so that the
 * drawdown in percent stays what it was. By the same amount it would not: half of an account that is 3 % below its peak taken out would
 * show 6 %, and trip. An account that is emptied begins anew.
 */
export const movedPeak = (peakUsdt: Money | null, markedUsdt: Money | null, deltaUsdt: Decimal): Money | null => {
  if (peakUsdt === null) return null;
  if (markedUsdt === null || markedUsdt.lte(0)) return peakUsdt.plus(deltaUsdt) as Money;
  const leftUsdt = markedUsdt.plus(deltaUsdt);
  return leftUsdt.lte(0) ? null : (peakUsdt.times(leftUsdt).div(markedUsdt) as Money);
};

/** Money that came or went from outside is neither profit nor loss: the peaks move with it. */
export const moved = (book: RiskBook, deltaUsdt: Decimal): RiskBook => {
  const shift = (peak: Money | null): Money | null => movedPeak(peak, book.markedUsdt, deltaUsdt);
  return {
    ...book,
    peakUsdt: shift(book.peakUsdt),
    weekPeakUsdt: shift(book.weekPeakUsdt),
    dayPeakUsdt: shift(book.dayPeakUsdt),
    markedUsdt: book.markedUsdt === null ? null : (book.markedUsdt.plus(deltaUsdt) as Money),
  };
};

/** The account was stated anew by a reset of the venue: by so much more or less, without profit or loss; null: by what is not known. */
export const restated = (book: RiskBook, deltaUsdt: Decimal | null): RiskBook =>
  deltaUsdt === null ? { ...book, peakUsdt: null, weekPeakUsdt: null, dayPeakUsdt: null, markedUsdt: null } : moved(book, deltaUsdt);

/** A closing order has ended: what its fills realised, net of fees. Break-even neither counts nor clears. */
export const closed = (book: RiskBook, realisedUsdt: Decimal, atMs: number): RiskBook => {
  if (realisedUsdt.isZero()) return book;
  return realisedUsdt.isNegative() ? { ...book, lossesInRow: book.lossesInRow + 1, lastLossAtMs: atMs } : { ...book, lossesInRow: 0 };
};

/** An order that the venue refused, or does not know although it was asked to take it. */
export const failed = (book: RiskBook, atMs: number): RiskBook => ({
  ...book,
  orderFailuresInRow: book.orderFailuresInRow + 1,
  failedTradesMs: [...book.failedTradesMs.filter((one) => atMs - one < FAILURES_KEPT_MS), atMs].slice(-FAILURES_KEPT),
});

/** An order that the venue took. */
export const succeeded = (book: RiskBook): RiskBook => (book.orderFailuresInRow === 0 ? book : { ...book, orderFailuresInRow: 0 });

const DAY_PEAK = { dayPeakUsdt: null } as const;
const WEEK_PEAK = { ...DAY_PEAK, weekPeakUsdt: null } as const;
const ALL_PEAKS = { ...WEEK_PEAK, peakUsdt: null } as const;
/** The same failures stand behind all three. */
const FAILURES = { orderFailuresInRow: 0, failedTradesMs: [] } as const;

const FORGIVEN: Readonly<Record<BreakerRule, Partial<RiskBook>>> = {
  'total-drawdown': ALL_PEAKS,
  'weekly-drawdown': WEEK_PEAK,
  'daily-drawdown': DAY_PEAK,
  'consecutive-losses': { lossesInRow: 0, lastLossAtMs: null },
  'order-failures': FAILURES,
  'failed-trades': FAILURES,
  'api-errors': FAILURES,
};

/**
 * After a reset by a person or a good probe: what broke is not counted twice, and nothing else is forgiven. A week's drawdown goes on
 * through any number of resets of a day's; the peaks that are begun anew start from the next mark.
 */
export const forgiven = (book: RiskBook, rule: BreakerRule): RiskBook => ({ ...book, ...FORGIVEN[rule] });
