// C1, upper half: an opening order is worth at most so much, taken at its worst.
import { atMost, missing } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const maxOrderNotional: Limit = {
  id: 'C1.maxOrderNotional',
  title: 'Order value',
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  formula: 'qty × worst price ≤ limits.maxOrderNotionalUsdt (worst price of a market buy: ask × (1 + limits.maxPriceDeviationPct))',
  advice: () => 'Make the order smaller; a market buy counts at the worst price that the policy allows, a limit buy at its own.',
  measure: ({ worstUsdt, policy }) =>
    worstUsdt === null ? missing('the best quote') : atMost(null, worstUsdt, policy.maxOrderNotionalUsdt),
};
