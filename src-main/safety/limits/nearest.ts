// The advice of a limit with a step: the nearest values that the venue would take.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Raw, Reading } from '../limit.ts';

type Numbers = readonly [after: Decimal, bound: Decimal, floor: Decimal, ceiling: Decimal];

/** As `Nearest: 65000.01 or 65000.02.` For readings that `stepped` made: their four numbers are decimals. */
export const nearestOnStep = (reading: Reading): string => {
  const [after, bound, floor, ceiling] = [reading.after, reading.bound, reading.floor, reading.ceiling] as readonly Raw[] as Numbers;
  const down = bound.isZero() ? after : after.div(bound).floor().times(bound);
  const up = down.eq(after) ? after : down.plus(bound);
  const fits = (value: Decimal): boolean => value.gt(0) && value.gte(floor) && (ceiling.isZero() || value.lte(ceiling));
  const found = [...new Set([down, up].filter(fits).map((value) => value.toFixed()))];
  if (found.length > 0) return `Nearest: ${found.join(' or ')}.`;
  return after.lt(floor) || down.isZero()
    ? `The smallest is ${Decimal.max(floor, bound).toFixed()}.`
    : `The largest is ${ceiling.toFixed()}.`;
};
