// C4: no opening once the day's loss is used up. The order's own fee counts: it is lost the moment the order fills.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { atMost, missing } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

const NO_FEE = new Decimal(0);
const RESETS = 'A new day begins at 00:00 UTC.';
const advice = () => 'Openings wait for the next UTC day; positions can still be closed.';

const inMoney = ({ dayLossUsdt }: GatePicture, policy: CompiledPolicy, fee: Decimal | null): Reading => {
  if (dayLossUsdt === null) return missing("the day's loss");
  return fee === null ? missing('the fee of the order') : atMost(dayLossUsdt, dayLossUsdt.plus(fee), policy.maxDailyLossUsdt);
};

const inShare = ({ dayLossUsdt, dayOpeningEquityUsdt }: GatePicture, policy: CompiledPolicy, fee: Decimal | null): Reading => {
  if (dayLossUsdt === null) return missing("the day's loss");
  if (dayOpeningEquityUsdt === null) return missing("the day's opening equity");
  if (fee === null) return missing('the fee of the order');
  return atMost(dayLossUsdt, dayLossUsdt.plus(fee), dayOpeningEquityUsdt.times(policy.maxDailyLossShare));
};

export const dailyLoss: Limit = {
  id: 'C4.dailyLoss',
  title: 'Loss today',
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  formula: "the day's loss + fee of the order ≤ limits.maxDailyLossUsdt",
  advice,
  measure: ({ picture, policy, feeUsdt }) => inMoney(picture, policy, feeUsdt),
  gauge: (picture, policy) => inMoney(picture, policy, NO_FEE),
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
  measure: ({ picture, policy, feeUsdt }) => inShare(picture, policy, feeUsdt),
  gauge: (picture, policy) => inShare(picture, policy, NO_FEE),
  resets: RESETS,
};
