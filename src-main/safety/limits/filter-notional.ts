// C12, (MIN_)NOTIONAL: the venue's smallest and largest order. The venue says for each whether it holds for market orders.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { hasPrice } from '../../../src-shared/domain/order.ts';
import { from, missing, NOT_APPLIED, within } from '../limit.ts';
import type { Limit } from '../limit.ts';

const ZERO = new Decimal(0);

export const notionalFilter: Limit = {
  id: 'C12.notional',
  title: "Value in the exchange's range",
  unit: 'USDT',
  sense: 'within',
  scope: 'everything',
  formula:
    'smallest order ≤ qty × price ≤ largest order of the exchange (price of a triggered market order: its trigger; of a market order: the far touch)',
  advice: () => "Change the quantity so that the order's value is in the exchange's range; a position below it is dust.",
  measure: ({ rules, request, likelyUsdt }) => {
    if (rules === null) return missing('the instrument');
    const range = rules.instrument.notional;
    if (range === undefined) return NOT_APPLIED;
    if (likelyUsdt === null) return missing('the best quote');
    const market = !hasPrice(request.type);
    const least = market && !range.applyMinToMarket ? ZERO : range.minUsdt;
    const most = market && !range.applyMaxToMarket ? undefined : range.maxUsdt;
    return most === undefined ? from(null, likelyUsdt, least) : within(null, likelyUsdt, least, most);
  },
};
