// C12, PRICE_FILTER: limit price and trigger on the tick and in their range. The gate never rounds: what is off the tick is refused
// with the nearest prices that are not.
import type { Price } from '../../../src-shared/domain/money.ts';
import { isAtLeast, isAtMost } from '../compare.ts';
import { missing, NOT_APPLIED, stepped } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import { isOnStep } from '../rules.ts';
import type { Rules } from '../rules.ts';
import { nearestOnStep } from './nearest.ts';

const judge = (rules: Rules | null, price: Price | null): Reading => {
  if (price === null) return NOT_APPLIED;
  if (rules === null) return missing('the instrument');
  const { minPrice, maxPrice } = rules.instrument;
  const passes = isOnStep(price, rules.tick) && isAtLeast(price, minPrice) && (maxPrice.isZero() || isAtMost(price, maxPrice));
  return stepped(passes, price, rules.tick.size, minPrice, maxPrice);
};

export const priceFilter: Limit = {
  id: 'C12.price',
  title: 'Price step',
  unit: 'price',
  sense: 'step',
  scope: 'everything',
  formula: 'price is a multiple of the tick, and between the smallest and the largest price of the exchange (0: no bound)',
  advice: nearestOnStep,
  measure: ({ rules, price }) => judge(rules, price),
};

export const stopPriceFilter: Limit = {
  id: 'C12.stopPrice',
  title: 'Trigger step',
  unit: 'price',
  sense: 'step',
  scope: 'everything',
  formula: 'trigger price is a multiple of the tick, and between the smallest and the largest price of the exchange (0: no bound)',
  advice: nearestOnStep,
  measure: ({ rules, stopPrice }) => judge(rules, stopPrice),
};
