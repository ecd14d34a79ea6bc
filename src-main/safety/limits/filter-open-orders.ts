// C12, MAX_NUM_ORDERS: so many resting orders a symbol. Orders in flight and in doubt count (C14); a market order never rests.
import { countAtMost, missing, NOT_APPLIED } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const openOrders: Limit = {
  id: 'C12.openOrders',
  title: 'Open orders of the symbol',
  unit: 'count',
  sense: 'at-most',
  scope: 'everything',
  formula: "open orders of the symbol + 1 ≤ the exchange's largest number",
  advice: () => 'Cancel an open order of this symbol first.',
  measure: ({ rules, request, picture }) => {
    if (request.type === 'MARKET') return NOT_APPLIED;
    if (rules === null) return missing('the instrument');
    const { maxOrders } = rules.instrument;
    const { ordersOfSymbol } = picture.inFlight;
    return maxOrders === undefined ? NOT_APPLIED : countAtMost(ordersOfSymbol, ordersOfSymbol + 1, maxOrders);
  },
};
