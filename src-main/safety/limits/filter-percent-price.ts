// C12, PERCENT_PRICE(_BY_SIDE): a limit price within the venue's band. The venue takes its reference price or an average of minutes;
// the mark stands in for it here, and C2 is the narrower band.
import { missing, NOT_APPLIED, within } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const percentPrice: Limit = {
  id: 'C12.percentPrice',
  title: "Price in the exchange's band",
  unit: 'price',
  sense: 'within',
  scope: 'everything',
  formula: 'mark × multiplier down ≤ price ≤ mark × multiplier up, per side',
  advice: () => 'Move the price closer to the mark.',
  measure: ({ rules, price, mark, opens }) => {
    if (price === null) return NOT_APPLIED;
    if (rules === null) return missing('the instrument');
    const band = rules.instrument.percentPrice;
    if (band === undefined) return NOT_APPLIED;
    if (mark === null) return missing('the best quote');
    return within(mark, price, mark.times(opens ? band.bidDown : band.askDown), mark.times(opens ? band.bidUp : band.askUp));
  },
};
