// C1, last part: what is bought can be sold again. After the fee in the base asset and rounding down to the lot, the rest must still
// be an order that the venue takes, at the lowest price that C2 lets anybody sell at now.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { isAtLeast, isPositive } from '../compare.ts';
import { atLeast, missing } from '../limit.ts';
import type { Limit } from '../limit.ts';
import { floorToStep } from '../rules.ts';
import { boughtAtLeast } from './quote-sized.ts';

const ZERO = new Decimal(0);

export const exitPossible: Limit = {
  id: 'C1.exitPossible',
  title: 'Value at exit',
  unit: 'USDT',
  sense: 'at-least',
  scope: 'openings',
  formula:
    'floor(qty × (1 − fee), lot) × mark × (1 − limits.maxPriceDeviationPct) ≥ smallest order of the exchange, and that quantity ≥ smallest lot',
  advice: () => 'Make the order larger: after fees and rounding the exchange would not take its sale.',
  measure: (context) => {
    const { rules, lowest } = context;
    if (rules === null) return missing('the instrument');
    const bought = boughtAtLeast(context);
    if (lowest === null || bought === null) return missing('the best quote');
    const kept = floorToStep(bought.times(rules.keptAfterFee), rules.lot);
    const least = rules.instrument.notional?.minUsdt ?? ZERO;
    if (!isPositive(kept) || !isAtLeast(kept, rules.instrument.lot.minQty)) return { ...atLeast(null, ZERO, least), verdict: 'deny' };
    return atLeast(null, kept.times(lowest), least);
  },
};
