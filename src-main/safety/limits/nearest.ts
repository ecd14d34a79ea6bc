// The advice of a limit with a step: the nearest values that the venue would take.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Reading } from '../limit.ts';

const isDecimal = (raw: unknown): raw is Decimal => raw instanceof Decimal;

/** As `Nearest: 65000.01 or 65000.02.` */
export const nearestOnStep = ({ after, bound, floor, ceiling }: Reading): string => {
  if (!isDecimal(after) || !isDecimal(bound) || !isDecimal(floor) || !isDecimal(ceiling)) return 'Try again once the number is known.';
  const down = bound.isZero() ? after : after.div(bound).floor().times(bound);
  const up = down.eq(after) ? after : down.plus(bound);
  const fits = (value: Decimal): boolean => value.gt(0) && value.gte(floor) && (ceiling.isZero() || value.lte(ceiling));
  const found = [...new Set([down, up].filter(fits).map((value) => value.toFixed()))];
  if (found.length > 0) return `Nearest: ${found.join(' or ')}.`;
  return after.lt(floor) || down.isZero()
    ? `The smallest is ${Decimal.max(floor, bound).toFixed()}.`
    : `The largest is ${ceiling.toFixed()}.`;
};
