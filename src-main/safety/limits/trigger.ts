// C12: a trigger that the price has reached already is no trigger. The venue refuses it ("Stop price would trigger immediately.",
// -2010) by its last trade; the mark is looked at as well, because the next trade will be there. The legs of a list lie on their own
// sides of the market, and exits on their sides of the entry too.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Price } from '../../../src-shared/domain/money.ts';
import { isConditional } from '../../../src-shared/domain/order.ts';
import { isPositive } from '../compare.ts';
import { isForTheVenue, markOf } from '../context.ts';
import type { GateContext } from '../context.ts';
import { clearAbove, clearBelow, missing, NOT_APPLIED } from '../limit.ts';
import type { Limit } from '../limit.ts';
import { triggersUpwards } from '../rules.ts';

/** The price that must not be reached yet. A trailing order's is where it begins to trail, and that may be now. */
const waitedFor = ({ request, role, price, stopPrice, trailingDeltaBps }: GateContext): Price | null => {
  if (isConditional(request.type)) return trailingDeltaBps === null ? stopPrice : null;
  return role === 'limit' ? price : null;
};

/** Where the price is, or will be when the order comes to life. Null where that is not known. */
const pricesNow = ({ picture: { quote }, twiceMark, entryPrices, entryWaits }: GateContext): readonly Decimal[] | null => {
  if (entryWaits) return entryPrices;
  if (quote === null || twiceMark === null) return null;
  const mark = markOf(twiceMark);
  return quote.last !== null && isPositive(quote.last) ? [mark, quote.last, ...entryPrices] : [mark, ...entryPrices];
};

export const trigger: Limit = {
  id: 'C12.trigger',
  title: 'Trigger',
  unit: 'price',
  sense: 'beyond',
  scope: 'everything',
  formula:
    "a sell's stop loss and a buy's take profit: below mark and last price; a buy's stop loss and a sell's take profit: above both (exits: and the entry)",
  advice: () => 'The price is there already, so it would trigger at once: move it, or trade at market.',
  measure: (context) => {
    const at = waitedFor(context);
    if (at === null || isForTheVenue(context)) return NOT_APPLIED;
    const now = pricesNow(context);
    if (now === null) return missing('the best quote');
    const [low, high] = [Decimal.min(...now), Decimal.max(...now)];
    return triggersUpwards(context.request) ? clearAbove(high, at, high) : clearBelow(low, at, low);
  },
};
