// C12, MAX_POSITION: free + locked + open buys of the base asset, with this order, below the venue's cap.
import { atMost, missing, NOT_APPLIED } from '../limit.ts';
import type { Limit } from '../limit.ts';
import { boughtAtMost } from './quote-sized.ts';

export const maxPosition: Limit = {
  id: 'C12.maxPosition',
  title: "Holding in the exchange's cap",
  unit: 'base',
  sense: 'at-most',
  scope: 'openings',
  formula: "free + open sells + open buys + qty (each buy of a list) ≤ the exchange's largest position",
  advice: () => 'Buy less, or sell some first.',
  measure: (context) => {
    const { rules, picture } = context;
    if (rules === null) return missing('the instrument');
    const { maxPositionQty, base } = rules.instrument;
    if (maxPositionQty === undefined) return NOT_APPLIED;
    const free = picture.free(base);
    if (free === null) return missing(`the balance of ${base}`);
    const bought = boughtAtMost(context);
    if (bought === null) return missing('the best quote');
    const held = free.plus(picture.inFlight.sellQtyOfSymbol).plus(picture.inFlight.buyQtyOfSymbol);
    return atMost(held, held.plus(bought.times(context.adds.buys)), maxPositionQty);
  },
};
