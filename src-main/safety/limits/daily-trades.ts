// C5: so many trades a day. An order in flight without a fill may become one, so it counts.
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { countAtMost } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

const oneMore = ({ tradesToday, inFlight }: GatePicture, policy: CompiledPolicy): Reading => {
  const counted = tradesToday + inFlight.unfilledOrders;
  return countAtMost(counted, counted + 1, policy.maxDailyTrades);
};

export const dailyTrades: Limit = {
  id: 'C5.dailyTrades',
  title: 'Trades today',
  unit: 'count',
  sense: 'at-most',
  scope: 'openings',
  formula: 'trades today + orders in flight + 1 ≤ limits.maxDailyTrades',
  advice: () => 'Openings wait for the next UTC day, or for open orders to be cancelled; positions can still be closed.',
  measure: ({ picture, policy }) => oneMore(picture, policy),
  gauge: oneMore,
  resets: 'A new day begins at 00:00 UTC.',
};
