// C1, lower half: an order that opens is worth enough to be worth its fees. Where the ladder caps an order below that, its cap takes the
// place of the policy's number; less one lot, because an order of exactly the cap seldom exists.
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isAbove } from '../compare.ts';
import type { GateContext } from '../context.ts';
import { atLeast, missing } from '../limit.ts';
import type { Limit } from '../limit.ts';

const leastOf = ({ picture: { ladderCaps }, policy, rules, price, stopPrice, ask }: GateContext): Decimal => {
  const least = policy.minOpeningNotionalUsdt;
  if (ladderCaps === null || !isAbove(least, ladderCaps.maxOrderUsdt)) return least;
  const at = price ?? stopPrice ?? ask;
  return rules === null || at === null ? ladderCaps.maxOrderUsdt : ladderCaps.maxOrderUsdt.minus(rules.lot.size.times(at));
};

export const minOpeningNotional: Limit = {
  id: 'C1.minOpeningNotional',
  title: 'Opening value',
  unit: 'USDT',
  sense: 'at-least',
  scope: 'openings',
  formula:
    "qty × price ≥ limits.minOpeningNotionalUsdt (price of a market buy: ask), or the ladder's largest order less one lot where that is smaller",
  advice: () => 'Make the order larger; selling is not bound by this rule.',
  measure: (context) => (context.likelyUsdt === null ? missing('the best quote') : atLeast(null, context.likelyUsdt, leastOf(context))),
};
