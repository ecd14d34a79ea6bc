// C2: no order at a price far from the mark. A market order is judged at the far touch: a quote that is too wide denies it. An order
// that waits for its trigger has its limit price measured against that; at market once triggered it has none. A take profit far above
// the market harms nobody: it has no upper end.
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isConditional } from '../../../src-shared/domain/order.ts';
import { downBy, isForTheVenue, markOf, upBy } from '../context.ts';
import type { GateContext } from '../context.ts';
import { from, missing, NOT_APPLIED, within } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';

/** The limit price of a conditional order against the price that triggers it: a trailing one's is where it would turn from now. */
const conditional = ({ price, stopPrice, trailingDeltaBps, opens, twiceMark, policy }: GateContext): Reading => {
  if (price === null) return NOT_APPLIED;
  const begins = stopPrice ?? (twiceMark === null ? null : markOf(twiceMark));
  if (begins === null) return missing('the best quote');
  const bps = trailingDeltaBps ?? 0;
  const middle = begins.times(opens ? upBy(bps) : downBy(bps));
  return within(middle, price, middle.times(policy.deviationDown), middle.times(policy.deviationUp));
};

const takesProfit = ({ role, standing, opens, price }: GateContext): boolean =>
  !opens && price !== null && (role === 'limit' || standing === 'protection');

export const priceDeviation: Limit = {
  id: 'C2.priceDeviation',
  title: 'Price',
  unit: 'price',
  sense: 'around',
  scope: 'orders',
  formula:
    '|price − mark| ≤ mark × limits.maxPriceDeviationPct (mark: middle of bid and ask, else last; price of a market order: the far touch; conditional orders: the trigger stands for the mark)',
  advice: (_, { price }) =>
    price === null ? 'Wait for a closer quote, or place a limit order near the mark.' : 'Move the price closer to the mark.',
  measure: (context) => {
    const { request, twiceMark, lowest, highest, price, opens, ask, bid } = context;
    if (isConditional(request.type)) return conditional(context);
    const at = price ?? (opens ? ask : bid);
    if (twiceMark === null || lowest === null || highest === null || at === null) return missing('the best quote');
    const mark = (): Decimal => markOf(twiceMark);
    if (!takesProfit(context)) return within(mark, at, lowest, highest);
    return isForTheVenue(context) ? NOT_APPLIED : from(mark, at, lowest);
  },
};
