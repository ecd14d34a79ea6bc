// H: what the rollout ladder lets real money do at its stage, above any policy: an order, what stands in the market, a day's loss. In
// practice and on testnet nothing is capped; which caps hold is worked out in safety/ladder.ts, and no policy is asked.
import { atMost, missing, NOT_APPLIED } from '../limit.ts';
import type { Limit } from '../limit.ts';

const advice = (): string =>
  'Make the order smaller, or close a part of what is held; the ladder widens its caps by evidence and a promotion alone.';

export const orderCap: Limit = {
  id: 'H.orderCap',
  title: 'Order value at this stage',
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  formula: "qty × worst price ≤ the ladder stage's largest order (micro 10, small 100, weeks 100, 250, 500, 1000)",
  advice,
  measure: ({ picture: { ladderCaps }, worstUsdt }) => {
    if (ladderCaps === null) return NOT_APPLIED;
    return worstUsdt === null ? missing('the best quote') : atMost(null, worstUsdt, ladderCaps.maxOrderUsdt);
  },
};

const HELD = 'the worth of what is held and on its way';

export const exposureCap: Limit = {
  id: 'H.exposureCap',
  title: 'In the market at this stage',
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  formula:
    "all positions + all open buys + worst value ≤ the ladder stage's largest exposure (micro 50, small 500, weeks 500, 1000, 2500, 5000)",
  advice,
  measure: ({ picture: { ladderCaps, exposure }, totalAfterUsdt }) => {
    if (ladderCaps === null) return NOT_APPLIED;
    if (exposure.totalUsdt === null) return missing(HELD);
    if (totalAfterUsdt === null) return missing('the best quote');
    return atMost(exposure.totalUsdt, totalAfterUsdt, ladderCaps.maxExposureUsdt);
  },
  gauge: ({ ladderCaps, exposure: { totalUsdt } }) => {
    if (ladderCaps === null) return NOT_APPLIED;
    return totalUsdt === null ? missing(HELD) : atMost(totalUsdt, totalUsdt, ladderCaps.maxExposureUsdt);
  },
};

export const dailyLossCap: Limit = {
  id: 'H.dailyLossCap',
  title: 'Loss today at this stage',
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  formula: "the day's loss + fee of the order ≤ the ladder stage's largest daily loss (micro 20, small 50)",
  advice: () => 'Openings wait for the next UTC day; positions can still be closed.',
  measure: ({ picture: { ladderCaps, dayLossUsdt }, dayLossAfterUsdt }) => {
    const most = ladderCaps?.maxDailyLossUsdt ?? null;
    if (most === null) return NOT_APPLIED;
    if (dayLossUsdt === null) return missing("the day's loss");
    return dayLossAfterUsdt === null ? missing('the fee of the order') : atMost(dayLossUsdt, dayLossAfterUsdt, most);
  },
  gauge: ({ ladderCaps, dayLossUsdt }) => {
    const most = ladderCaps?.maxDailyLossUsdt ?? null;
    if (most === null) return NOT_APPLIED;
    return dayLossUsdt === null ? missing("the day's loss") : atMost(dayLossUsdt, dayLossUsdt, most);
  },
  resets: 'A new day begins at 00:00 UTC.',
};
