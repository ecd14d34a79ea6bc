// Branded decimals and the only way in and out of text. A price is never a quantity, and text that is not a plain decimal never
// becomes a number.
import { Decimal } from './decimal.ts';

declare const unit: unique symbol;
/** Quote currency per one unit of base, > 0. */
export type Price = Decimal & { readonly [unit]: 'price' };
/** An amount of the base asset, ≥ 0. */
export type Qty = Decimal & { readonly [unit]: 'qty' };
/** An amount of the quote currency (USDT), any sign. */
export type Money = Decimal & { readonly [unit]: 'money' };
/** An amount of some asset, named beside it. */
export type Amount = Decimal & { readonly [unit]: 'amount' };
/** A plain decimal on a wire, on disk or in a view: digits, one optional point, no exponent. */
export type DecimalText = string & { readonly [unit]: 'text' };

const PLAIN_DECIMAL = /^-?\d{1,24}(?:\.\d{1,24})?$/;

/** True for a plain decimal: optional minus, 1–24 digits, optionally a point and 1–24 digits. */
export const isDecimalText = (text: unknown): text is DecimalText => typeof text === 'string' && PLAIN_DECIMAL.test(text);

/** Decimals never change, and a number that has just been read is read again by the next book: the newest are kept. */
const READ_MOST = 1024;
const read = new Map<string, Decimal>();

/** The decimal that a text says, or undefined when it says none (NaN, exponents, blanks, separators: all no). */
export const parseDecimal = (text: unknown): Decimal | undefined => {
  const known = read.get(text as string);
  if (known !== undefined || !isDecimalText(text)) return known;
  const value = new Decimal(text);
  if (read.size >= READ_MOST) read.clear();
  read.set(text, value);
  return value;
};

const must = (text: string): Decimal => {
  const value = parseDecimal(text);
  if (value === undefined) throw new RangeError(`Not a plain decimal: ${JSON.stringify(text).slice(0, 60)}`);
  return value;
};

/** For text that was parsed at an edge already. Throws RangeError on anything but a plain decimal. */
export const price = (text: string): Price => must(text) as Price;
/** For text that was parsed at an edge already. Throws RangeError on anything but a plain decimal. */
export const qty = (text: string): Qty => must(text) as Qty;
/** For text that was parsed at an edge already. Throws RangeError on anything but a plain decimal. */
export const money = (text: string): Money => must(text) as Money;
/** For text that was parsed at an edge already. Throws RangeError on anything but a plain decimal. */
export const amount = (text: string): Amount => must(text) as Amount;

/** The exact plain text of a decimal. Throws RangeError on NaN and infinities: they must never reach a wire. */
export const toText = (value: Decimal): DecimalText => {
  if (!value.isFinite()) throw new RangeError('A number that is not finite has no text');
  return value.toFixed() as DecimalText;
};

export const ZERO_QTY = new Decimal(0) as Qty;
export const ZERO_MONEY = new Decimal(0) as Money;
export const ZERO_AMOUNT = new Decimal(0) as Amount;

/** Money for display and limits only: HALF_UP to 2 decimals (REQUIREMENTS B3). */
export const roundedText = (value: Decimal): DecimalText => value.toFixed(2) as DecimalText;

/** The largest multiple of `step` that is ≤ `value`. A step of 0 switches the rule off (BINANCE 6). */
export const floorTo = <T extends Decimal>(value: T, step: Decimal): T =>
  step.isZero() ? value : (value.div(step).floor().times(step) as T);
