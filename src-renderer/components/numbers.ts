// Text of numbers: groups, signs and digits of plain decimal strings. It changes how a number looks and never what it is; rounding
// happens only for display, HALF_UP (REQUIREMENTS B3).
import { parseDecimal } from '../../src-shared/domain/money.ts';
import type { LimitUnit } from '../../src-shared/errors/denial.ts';

const THIN_SPACE = '\u2009';
const MINUS = '\u2212';
export const NOTHING = '\u2013';

/** Fraction digits that a step needs: `0.00001000` gives 5, `1` gives 0. */
export const digitsOf = (step: string): number => (step.split('.')[1] ?? '').replace(/0+$/, '').length;

/** Fraction digits of a quantity that is held: the step's, and more where fees left more. Rounding up would show what is not there. */
export const heldDigits = (held: string, step: string): number => Math.max(digitsOf(step), digitsOf(held));

const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+$)/g, THIN_SPACE);

/** `61837.63` as `61 837.63`. Text that is not a plain decimal comes back as it is; null is a dash. */
export const formatDecimal = (text: string | null, digits?: number, sign: 'auto' | 'always' = 'auto'): string => {
  if (text === null) return NOTHING;
  const value = parseDecimal(text);
  if (value === undefined) return text;
  const shown = value.abs().toFixed(digits ?? Math.max(value.decimalPlaces(), 0));
  const [whole = '0', fraction] = shown.split('.');
  const zero = !/[1-9]/.test(shown);
  const mark = zero ? '' : value.isNegative() ? MINUS : sign === 'always' ? '+' : '';
  return `${mark}${grouped(whole)}${fraction === undefined ? '' : `.${fraction}`}`;
};

/** The way a number points, for colour beside its sign. */
export const direction = (text: string | null): 'up' | 'down' | '' => {
  const value = parseDecimal(text);
  return value === undefined || value.isZero() ? '' : value.isNegative() ? 'down' : 'up';
};

/** At most so many fraction digits, none for show. */
const upTo = (text: string, digits: number): string => formatDecimal(parseDecimal(text)?.toDecimalPlaces(digits).toFixed() ?? text);

/** True for a range or words (`1 – 5`): what has no place in a column of numbers. */
export const isProse = (text: string | null): boolean => text !== null && parseDecimal(text) === undefined;

/** A limit's number in its own unit, as `500.00`, `5 %`, `12 ms`; in a range, each of its numbers grouped; words as they are. */
export const formatInUnit = (text: string | null, unit: LimitUnit): string => {
  if (text === null) return NOTHING;
  if (isProse(text)) return unit === 'list' ? text : text.replaceAll(/\d+(?:\.\d+)?/g, (number) => upTo(number, 8));
  switch (unit) {
    case 'USDT':
      return formatDecimal(text, 2);
    case 'percent':
      return `${upTo(text, 2)}${THIN_SPACE}%`;
    case 'ms':
      return `${upTo(text, 0)}${THIN_SPACE}ms`;
    case 'count':
    case 'base':
    case 'price':
    case 'list':
      return upTo(text, 8);
  }
};

/** A limit itself: as `formatInUnit`, without the cents that a policy's round numbers do not have. */
export const formatLimit = (text: string | null, unit: LimitUnit): string => {
  const value = parseDecimal(text);
  return unit === 'USDT' && value?.isInteger() === true ? formatDecimal(text, 0) : formatInUnit(text, unit);
};

/** How far `now` is from `then`, as `+0.42 %`; undefined when there is nothing to compare with. */
export const changePct = (then: string, now: string): string | undefined => {
  const from = parseDecimal(then);
  const to = parseDecimal(now);
  if (from === undefined || to === undefined || from.isZero()) return undefined;
  return to.minus(from).div(from).times(100).toFixed(2);
};
