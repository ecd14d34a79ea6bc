// C13: after so many losing closes in a row nothing is opened for a while, counted from the newest of them. A winning close ends the
// row, and with it the wait; another losing one begins the wait anew.
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { countBelow, missing } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

type Losses = Pick<GatePicture, 'nowMs' | 'lossesInRow' | 'lastLossAtMs'>;
type CoolDown = Pick<CompiledPolicy, 'coolDownAfterLosses' | 'coolDownMs'>;

/** Until when losses forbid openings (wall clock, ms); null: they do not. NaN where it cannot be told, and that forbids too. */
export const lossesForbidUntil = ({ nowMs, lossesInRow, lastLossAtMs }: Losses, policy: CoolDown): number | null => {
  if (lossesInRow < policy.coolDownAfterLosses) return null;
  const untilMs = lastLossAtMs === null || Number.isNaN(lossesInRow) ? NaN : lastLossAtMs + policy.coolDownMs;
  return nowMs >= untilMs ? null : untilMs;
};

const inRow = (picture: Losses, policy: CoolDown): Reading => {
  const { lossesInRow } = picture;
  const reading = countBelow(lossesInRow, lossesInRow, policy.coolDownAfterLosses);
  if (reading.verdict === 'pass') return reading;
  const untilMs = lossesForbidUntil(picture, policy);
  if (untilMs === null) return { ...reading, verdict: 'pass' };
  return Number.isFinite(untilMs) ? { ...reading, verdict: 'deny', untilMs } : missing('the newest loss');
};

export const consecutiveLosses: Limit = {
  id: 'C13.consecutiveLosses',
  title: 'Losses in a row',
  unit: 'count',
  sense: 'below',
  scope: 'openings',
  formula: 'losing closes in a row < limits.coolDownAfterLosses, or limits.coolDownMinutes since the newest of them',
  advice: () => 'Openings wait for the end of the cool-down; positions can still be closed, and a winning close ends it.',
  measure: ({ picture, policy }) => inRow(picture, policy),
  gauge: inRow,
  resets: 'A winning close ends the row.',
};
