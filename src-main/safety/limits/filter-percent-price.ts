// C12, PERCENT_PRICE(_BY_SIDE): a limit price within the venue's band; filters.md names no other price. The venue takes its reference price or an average of minutes;
// the mark stands in for it here. C2 is the narrower band nearly always, and then the venue's is not worked out.
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isAtLeast, isAtMost } from '../compare.ts';
import { markOf } from '../context.ts';
import { missing, NOT_APPLIED, surelyWithin, within } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const percentPrice: Limit = {
  id: 'C12.percentPrice',
  title: "Price in the exchange's band",
  unit: 'price',
  sense: 'within',
  scope: 'everything',
  formula: 'mark × multiplier down ≤ price ≤ mark × multiplier up, per side',
  advice: () => 'Move the price closer to the mark.',
  measure: ({ rules, price, twiceMark, lowest, highest, opens, policy }) => {
    if (price === null) return NOT_APPLIED;
    if (rules === null) return missing('the instrument');
    const band = rules.instrument.percentPrice;
    if (band === undefined) return NOT_APPLIED;
    if (twiceMark === null || lowest === null || highest === null) return missing('the best quote');
    const [down, up] = opens ? [band.bidDown, band.bidUp] : [band.askDown, band.askUp];
    const mark = (): Decimal => markOf(twiceMark);
    const [floor, bound] = [() => mark().times(down), () => mark().times(up)];
    const isNarrower = isAtLeast(policy.deviationDown, down) && isAtMost(policy.deviationUp, up);
    if (isNarrower && isAtLeast(price, lowest) && isAtMost(price, highest)) return surelyWithin(mark, price, floor, bound);
    return within(mark, price, floor(), bound());
  },
};
