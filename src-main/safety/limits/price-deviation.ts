// C2: no order at a price far from the mark. A market order is judged at the far touch: a quote that is too wide denies it.
import { markOf } from '../context.ts';
import { missing, within } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const priceDeviation: Limit = {
  id: 'C2.priceDeviation',
  title: 'Price',
  unit: 'price',
  sense: 'around',
  scope: 'orders',
  formula:
    '|price − mark| ≤ mark × limits.maxPriceDeviationPct (mark: middle of bid and ask, else last; price of a market order: the far touch)',
  advice: (_, { price }) =>
    price === null ? 'Wait for a closer quote, or place a limit order near the mark.' : 'Move the price closer to the mark.',
  measure: ({ twiceMark, lowest, highest, price, opens, ask, bid }) => {
    const at = price ?? (opens ? ask : bid);
    if (twiceMark === null || lowest === null || highest === null || at === null) return missing('the best quote');
    return within(() => markOf(twiceMark), at, lowest, highest);
  },
};
