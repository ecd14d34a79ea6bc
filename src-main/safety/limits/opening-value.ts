// C1, lower half: an order that opens is worth enough to be worth its fees.
import { atLeast, missing } from '../limit.ts';
import type { Limit } from '../limit.ts';

export const minOpeningNotional: Limit = {
  id: 'C1.minOpeningNotional',
  title: 'Opening value',
  unit: 'USDT',
  sense: 'at-least',
  scope: 'openings',
  formula: 'qty × price ≥ limits.minOpeningNotionalUsdt (price of a market buy: ask)',
  advice: () => 'Make the order larger; selling is not bound by this rule.',
  measure: ({ likelyUsdt, policy }) =>
    likelyUsdt === null ? missing('the best quote') : atLeast(null, likelyUsdt, policy.minOpeningNotionalUsdt),
};
