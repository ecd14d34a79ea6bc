// C12, PRICE_FILTER: a limit price on the tick and in its range. The gate never rounds: what is off the tick is refused with the
// nearest prices that are not.
import { isAtLeast, isAtMost } from '../compare.ts';
import { missing, NOT_APPLIED, stepped } from '../limit.ts';
import type { Limit } from '../limit.ts';
import { isOnStep } from '../rules.ts';
import { nearestOnStep } from './nearest.ts';

export const priceFilter: Limit = {
  id: 'C12.price',
  title: 'Price step',
  unit: 'price',
  sense: 'step',
  scope: 'everything',
  formula: 'price is a multiple of the tick, and between the smallest and the largest price of the exchange (0: no bound)',
  advice: nearestOnStep,
  measure: ({ rules, price }) => {
    if (price === null) return NOT_APPLIED;
    if (rules === null) return missing('the instrument');
    const { minPrice, maxPrice } = rules.instrument;
    const passes = isOnStep(price, rules.tick) && isAtLeast(price, minPrice) && (maxPrice.isZero() || isAtMost(price, maxPrice));
    return stepped(passes, price, rules.tick.size, minPrice, maxPrice);
  },
};
