// C9: after a 429 or 418 everything waits until its Retry-After; sending on would only lengthen the ban.
import { countAtMost, missing } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

const waitOf = ({ budget, nowMs }: GatePicture): Reading => {
  if (budget === null) return missing('whether the exchange holds requests');
  const waitMs = budget.holdUntilMs === null ? 0 : Math.max(0, budget.holdUntilMs - nowMs);
  const reading = countAtMost(waitMs, waitMs, 0);
  return waitMs > 0 ? { ...reading, untilMs: budget.holdUntilMs } : reading;
};

export const venueHold: Limit = {
  id: 'C9.venueHold',
  title: 'Hold by the exchange',
  unit: 'ms',
  sense: 'at-most',
  scope: 'everything',
  formula: 'time until Retry-After = 0',
  advice: () => 'Wait for the countdown; cancels go first when it ends.',
  measure: ({ picture }) => waitOf(picture),
  gauge: waitOf,
  resets: 'It ends with its countdown.',
};
