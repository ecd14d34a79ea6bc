// C12: the venue trades the symbol now, and takes this type of order for it.
import { listed, missing } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const symbolStatus: Limit = {
  id: 'C12.symbolStatus',
  title: 'Symbol status',
  unit: 'list',
  sense: 'listed',
  scope: 'everything',
  formula: 'status of the symbol = TRADING',
  advice: () => 'Wait until the exchange trades it again; open orders can be cancelled.',
  measure: ({ rules }) =>
    rules === null ? missing('the instrument') : listed(rules.instrument.status, rules.instrument.status === 'TRADING', 'TRADING'),
};

export const orderType: Limit = {
  id: 'C12.orderType',
  title: 'Order type',
  unit: 'list',
  sense: 'listed',
  scope: 'everything',
  formula: "type ∈ the exchange's order types for the symbol (post-only is LIMIT_MAKER)",
  advice: () => 'Choose another type of order.',
  measure: ({ rules, request }) => {
    if (rules === null) return missing('the instrument');
    const type = request.timeInForce === 'POST_ONLY' ? 'LIMIT_MAKER' : request.type;
    return listed(type, rules.instrument.orderTypes.has(type), 'taken by the exchange');
  },
};
