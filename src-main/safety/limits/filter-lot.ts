// C12, LOT_SIZE and MARKET_LOT_SIZE: a quantity on the step and in its range. Both hold for a market order; parts that are 0 are off
// (BINANCE 6). An order sized by amount is judged at the least and the most that it may buy; the venue rounds its quantity itself.
import type { LotFilter } from '../../../src-shared/domain/instrument.ts';
import { hasPrice } from '../../../src-shared/domain/order.ts';
import type { GateContext } from '../context.ts';
import { isAtLeast, isAtMost } from '../compare.ts';
import { missing, NOT_APPLIED, stepped } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import { isOnStep } from '../rules.ts';
import type { Step } from '../rules.ts';
import { nearestOnStep } from './nearest.ts';
import { boughtAtLeast, boughtAtMost } from './quote-sized.ts';

const judge = (context: GateContext, lot: LotFilter, step: Step): Reading => {
  const least = boughtAtLeast(context);
  const most = boughtAtMost(context);
  if (least === null || most === null) return missing('the best quote');
  const inRange = isAtLeast(least, lot.minQty) && (lot.maxQty.isZero() || isAtMost(most, lot.maxQty));
  const passes = inRange && (context.qty === null || isOnStep(context.qty, step));
  return stepped(passes, isAtLeast(least, lot.minQty) ? most : least, step.size, lot.minQty, lot.maxQty);
};

export const lotFilter: Limit = {
  id: 'C12.lot',
  title: 'Quantity step',
  unit: 'base',
  sense: 'step',
  scope: 'everything',
  formula: 'qty is a multiple of the lot step, and between the smallest and the largest lot',
  advice: nearestOnStep,
  measure: (context) =>
    context.rules === null ? missing('the instrument') : judge(context, context.rules.instrument.lot, context.rules.lot),
};

export const marketLotFilter: Limit = {
  id: 'C12.marketLot',
  title: 'Market quantity step',
  unit: 'base',
  sense: 'step',
  scope: 'everything',
  formula:
    'orders that trade at market, at once or once triggered: qty is a multiple of the market lot step, and between the smallest and the largest market lot (0: off)',
  advice: nearestOnStep,
  measure: (context) => {
    if (hasPrice(context.request.type)) return NOT_APPLIED;
    if (context.rules === null) return missing('the instrument');
    const { marketLot } = context.rules.instrument;
    return marketLot === undefined || context.rules.marketLot === null ? NOT_APPLIED : judge(context, marketLot, context.rules.marketLot);
  },
};
