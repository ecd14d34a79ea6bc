// C12, TRAILING_DELTA: how far a trailing stop may trail, by the side of the market on which it triggers.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { missing, NOT_APPLIED, within } from '../limit.ts';
import type { Limit } from '../limit.ts';
import { triggersUpwards } from '../rules.ts';

export const trailingDelta: Limit = {
  id: 'C12.trailingDelta',
  title: 'Trailing distance in basis points',
  unit: 'count',
  sense: 'within',
  scope: 'everything',
  formula: 'smallest ≤ trailing distance ≤ largest distance of the exchange, above or below the market',
  advice: () => 'Choose a distance in that range.',
  measure: ({ rules, request, trailingDeltaBps }) => {
    if (trailingDeltaBps === null) return NOT_APPLIED;
    if (rules === null) return missing('the instrument');
    const range = rules.instrument.trailingDelta;
    if (range === undefined) return missing("the exchange's range for trailing stops");
    const [least, most] = triggersUpwards(request) ? [range.minAboveBps, range.maxAboveBps] : [range.minBelowBps, range.maxBelowBps];
    return within(null, new Decimal(trailingDeltaBps), new Decimal(least), new Decimal(most));
  },
};
