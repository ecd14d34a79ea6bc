// C1, last part: what is bought can be sold again. After the fee in the base asset and rounding down to the lot, the rest must still
// be an order that the venue takes, at the lowest price that C2 lets anybody sell at now; what is bought once triggered, at the lowest
// that it would let anybody sell at then.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isAtLeast, isAtMost, isPositive } from '../compare.ts';
import type { GateContext } from '../context.ts';
import { atLeast, missing, surelyAtLeast } from '../limit.ts';
import type { Limit } from '../limit.ts';
import { floorToStep } from '../rules.ts';
import type { Rules } from '../rules.ts';
import { boughtAtLeast } from './quote-sized.ts';

const ZERO = new Decimal(0);

/**
 * True when the sale is worth enough without working it out. With fee ≤ 1/4 and qty ≥ 4 lots, at least qty/2 is kept; with the price
 * at most the highest that C2 allows, and that at most 3/2 of the lowest (deviation ≤ 20 %), its sale brings at least a third of the
 * order's value. Four times the smallest order is therefore enough. What waits for a trigger is worked out: its price is not the mark's.
 */
const isSurely = ({ qty, price, stopPrice, ask, highest, likelyUsdt }: GateContext, rules: Rules): boolean => {
  const at = price ?? ask;
  if (qty === null || at === null || highest === null || likelyUsdt === null || stopPrice !== null) return false;
  return isAtLeast(qty, rules.surelySellableQty) && isAtLeast(likelyUsdt, rules.surelySellableUsdt) && isAtMost(at, highest);
};

/** What is left to sell of a purchase: its fee taken off, in whole lots; 0 where that is less than the smallest lot. */
export const keptOf = (bought: Decimal, rules: Rules): Decimal => {
  const kept = floorToStep(bought.times(rules.keptAfterFee), rules.lot);
  return isPositive(kept) && isAtLeast(kept, rules.instrument.lot.minQty) ? kept : ZERO;
};

export const exitPossible: Limit = {
  id: 'C1.exitPossible',
  title: 'Value at exit',
  unit: 'USDT',
  sense: 'at-least',
  scope: 'openings',
  formula:
    'floor(qty × (1 − fee), lot) × mark (else trigger) × (1 − limits.maxPriceDeviationPct) ≥ smallest order of the exchange, and that quantity ≥ smallest lot',
  advice: () => 'Make the order larger: after fees and rounding the exchange would not take its sale.',
  measure: (context) => {
    const { rules, stopPrice, policy } = context;
    if (rules === null) return missing('the instrument');
    const bought = boughtAtLeast(context);
    const lowest = stopPrice === null ? context.lowest : stopPrice.times(policy.deviationDown);
    if (lowest === null || bought === null) return missing('the best quote');
    if (isSurely(context, rules)) return surelyAtLeast(null, () => keptOf(bought, rules).times(lowest), rules.least);
    const kept = keptOf(bought, rules);
    const reading = atLeast(null, kept.times(lowest), rules.least);
    return kept.isZero() ? { ...reading, verdict: 'deny' } : reading;
  },
};
