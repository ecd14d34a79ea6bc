// C3: the account can pay for it: fees included, locks taken out, orders that the venue has not locked yet counted in full.
import { atMost, missing } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const balance: Limit = {
  id: 'C3.balance',
  title: 'Balance needed',
  unit: 'USDT',
  unitFor: ({ opens }) => (opens ? 'USDT' : 'base'),
  sense: 'at-most',
  scope: 'orders',
  formula: 'in flight and not locked + worst value × (1 + fee) ≤ free quote; a sale: in flight and not locked + qty ≤ free base',
  advice: () => 'Make the order smaller, cancel an open order, or wait for the orders in flight.',
  measure: ({ picture, rules, opens, qty, worstUsdt, feeUsdt }) => {
    if (rules === null) return missing('the instrument');
    const { instrument } = rules;
    const free = picture.free(opens ? instrument.quote : instrument.base);
    if (free === null) return missing(`the balance of ${opens ? instrument.quote : instrument.base}`);
    const inFlight = opens ? picture.inFlight.unlockedQuoteUsdt : picture.inFlight.unlockedBaseQty;
    const need = opens ? (feeUsdt === null ? null : worstUsdt?.plus(feeUsdt)) : qty;
    if (need === undefined || need === null) return missing('the best quote');
    return atMost(inFlight, inFlight.isZero() ? need : inFlight.plus(need), free);
  },
};
