// C12, MAX_NUM_ORDERS, MAX_NUM_ALGO_ORDERS and MAX_NUM_ORDER_LISTS: so many resting orders, conditional ones among them, and lists a
// symbol. What is in flight and in doubt counts (C14), and so do exits that wait. A market order never rests.
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import type { GateContext } from '../context.ts';
import { countAtMost, missing, NOT_APPLIED } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';

const counted = ({ rules }: GateContext, more: number, open: number, mostOf: (instrument: Instrument) => number | undefined): Reading => {
  if (more === 0) return NOT_APPLIED;
  if (rules === null) return missing('the instrument');
  const most = mostOf(rules.instrument);
  return most === undefined ? NOT_APPLIED : countAtMost(open, open + more, most);
};

export const openOrders: Limit = {
  id: 'C12.openOrders',
  title: 'Open orders of the symbol',
  unit: 'count',
  sense: 'at-most',
  scope: 'everything',
  formula: "open orders of the symbol + 1 (a list: its orders) ≤ the exchange's largest number",
  advice: () => 'Cancel an open order of this symbol first.',
  measure: (context) => counted(context, context.adds.orders, context.picture.inFlight.ordersOfSymbol, ({ maxOrders }) => maxOrders),
};

export const algoOrders: Limit = {
  id: 'C12.algoOrders',
  title: 'Conditional orders of the symbol',
  unit: 'count',
  sense: 'at-most',
  scope: 'everything',
  formula: "open stop-loss and take-profit orders of the symbol + those of the order ≤ the exchange's largest number",
  advice: () => 'Cancel a stop-loss or take-profit order of this symbol first.',
  measure: (context) =>
    counted(context, context.adds.algos, context.picture.inFlight.algoOrdersOfSymbol, ({ maxAlgoOrders }) => maxAlgoOrders),
};

export const orderLists: Limit = {
  id: 'C12.orderLists',
  title: 'Order lists of the symbol',
  unit: 'count',
  sense: 'at-most',
  scope: 'everything',
  formula: "open order lists of the symbol + 1 ≤ the exchange's largest number",
  advice: () => 'Cancel an order list of this symbol first.',
  measure: (context) => counted(context, context.adds.lists, context.picture.inFlight.listsOfSymbol, ({ maxOrderLists }) => maxOrderLists),
};
