// C4: no opening once the day's loss is used up. The order's own fee counts: it is lost the moment the order fills.
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { atMost, missing } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

const RESETS = 'A new day begins at 00:00 UTC.';
const advice = () => 'Openings wait for the next UTC day; positions can still be closed.';

const inMoney = ({ dayLossUsdt }: GatePicture, policy: CompiledPolicy, afterUsdt: Decimal | null): Reading =>
  dayLossUsdt === null || afterUsdt === null ? unknownLoss(dayLossUsdt) : atMost(dayLossUsdt, afterUsdt, policy.maxDailyLossUsdt);

const inShare = ({ dayLossUsdt, dayOpeningEquityUsdt }: GatePicture, policy: CompiledPolicy, afterUsdt: Decimal | null): Reading => {
  if (dayOpeningEquityUsdt === null) return missing("the day's opening equity");
  if (dayLossUsdt === null || afterUsdt === null) return unknownLoss(dayLossUsdt);
  return atMost(dayLossUsdt, afterUsdt, dayOpeningEquityUsdt.times(policy.maxDailyLossShare));
};

const unknownLoss = (dayLossUsdt: Decimal | null): Reading => missing(dayLossUsdt === null ? "the day's loss" : 'the fee of the order');

export const dailyLoss: Limit = {
  id: 'C4.dailyLoss',
  title: 'Loss today',
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  formula: "the day's loss + fee of the order ≤ limits.maxDailyLossUsdt",
  advice,
  measure: ({ picture, policy, dayLossAfterUsdt }) => inMoney(picture, policy, dayLossAfterUsdt),
  gauge: (picture, policy) => inMoney(picture, policy, picture.dayLossUsdt),
  resets: RESETS,
};

export const dailyLossPct: Limit = {
  id: 'C4.dailyLossPct',
  title: 'Loss today, of equity',
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  formula: "the day's loss + fee of the order ≤ the day's opening equity × limits.maxDailyLossPct",
  advice,
  measure: ({ picture, policy, dayLossAfterUsdt }) => inShare(picture, policy, dayLossAfterUsdt),
  gauge: (picture, policy) => inShare(picture, policy, picture.dayLossUsdt),
  resets: RESETS,
};
