// C9: openings leave room in the venue's order counts (10 s and a day). The fuller of the two is judged.
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { countBelow, missing } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

const fuller = ({ budget }: GatePicture, policy: CompiledPolicy): Reading => {
  if (budget === null) return missing('the order counts');
  const { orderCount10s, orderLimit10s, orderCount1d, orderLimit1d } = budget;
  const ofTenSeconds = countBelow(orderCount10s, orderCount10s, (orderLimit10s * policy.maxOrderCountPct) / 100);
  const ofDay = countBelow(orderCount1d, orderCount1d, (orderLimit1d * policy.maxOrderCountPct) / 100);
  if (ofTenSeconds.verdict !== ofDay.verdict) return ofDay.verdict === 'deny' ? ofDay : ofTenSeconds;
  return orderCount1d * orderLimit10s > orderCount10s * orderLimit1d ? ofDay : ofTenSeconds;
};

export const orderCount: Limit = {
  id: 'C9.orderCount',
  title: "Orders in the exchange's window",
  unit: 'count',
  sense: 'below',
  scope: 'openings',
  formula: "orders in 10 s and in a day < limits.maxOrderCountPct of the exchange's limit",
  advice: () => 'Wait for the window to pass; cancels and closing orders still go.',
  measure: ({ picture, policy }) => fuller(picture, policy),
  gauge: fuller,
  resets: 'The counts start anew every 10 s and every day.',
};
