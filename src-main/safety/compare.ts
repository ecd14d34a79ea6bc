// Comparing decimals without making any: decimal.js copies its argument on every comparison, which is a quarter of a judgement's time.
// Works on the coefficient, exponent and sign that decimal.js documents (`d`, `e`, `s`). Whatever is NaN is never at most anything.
import type { Decimal } from '../../src-shared/domain/decimal.ts';

/** Negative, 0 or positive as a < b, a = b, a > b; NaN when either is NaN. */
const compare = (a: Decimal, b: Decimal): number => {
  const x = a.d;
  const y = b.d;
  // Not finite (no coefficient): rare, and the library's own business. Its types leave the null out.
  if ((x as readonly number[] | null) === null || (y as readonly number[] | null) === null) return a.comparedTo(b);
  if (x[0] === 0) return y[0] === 0 ? 0 : -b.s;
  if (y[0] === 0 || a.s !== b.s) return a.s;
  if (a.e !== b.e) return a.e > b.e ? a.s : -a.s;
  const shared = Math.min(x.length, y.length);
  for (let at = 0; at < shared; at += 1) {
    const difference = (x[at] as number) - (y[at] as number);
    if (difference !== 0) return difference * a.s;
  }
  return (x.length - y.length) * a.s;
};

export const isAtMost = (a: Decimal, b: Decimal): boolean => compare(a, b) <= 0;
export const isAtLeast = (a: Decimal, b: Decimal): boolean => compare(a, b) >= 0;
export const isAbove = (a: Decimal, b: Decimal): boolean => compare(a, b) > 0;
/** True for a number above 0; false for NaN. */
export const isPositive = (a: Decimal): boolean => a.isPositive() && !a.isZero();
