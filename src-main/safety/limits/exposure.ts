// C7: how much of the account stands in one position, one symbol, one strategy, in all, and in one direction. What is open already counts
// at its mark, buys in flight or in doubt in full (C14), this order at its worst. Reductions are never held up by it.
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import { ZERO_MONEY } from '../../../src-shared/domain/money.ts';
import type { LimitId } from '../../../src-shared/errors/denial.ts';
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { atMost, countAtMost, missing, surelyAtMost } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { Exposure, GatePicture } from '../picture.ts';

/** Spot: a symbol nets into one position, and everything held is long. Both names stand here for the futures to come (A3). */
type Share = 'positionShare' | 'symbolShare' | 'strategyShare' | 'totalShare' | 'netDirectionShare';

const UNKNOWN = 'the worth of what is held and on its way';

/** `fits`: it is known to be within this share and every other one; then the bound is worked out only when somebody looks. */
const inShare = (before: Decimal | null, after: Decimal | null, equity: Decimal | null, share: Decimal, fits = false): Reading => {
  if (equity === null) return missing('the equity');
  if (before === null) return missing(UNKNOWN);
  if (after === null) return missing('the best quote');
  return fits ? surelyAtMost(before, after, () => equity.times(share)) : atMost(before, after, equity.times(share));
};

/** What the gauge of one symbol shows: the symbol in which the most stands. An opening may still go into another. */
const ofLargest = ({ largest, totalUsdt }: Exposure): Decimal | null => (totalUsdt === null ? null : (largest?.usdt ?? ZERO_MONEY));

/** One more opening fits where the smallest that the policy takes still does. */
const standing = (value: Decimal | null, equity: Decimal | null, share: Decimal, least: Decimal): Reading =>
  inShare(value, value?.plus(least) ?? null, equity, share);

const advice = (): string => 'Make the order smaller, cancel an open buy, or close a part of what is held.';

interface Words {
  readonly id: LimitId;
  readonly title: string;
  readonly formula: string;
}

const symbolLimit = (words: Words, share: Share): Limit => ({
  ...words,
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  advice,
  measure: ({ picture: { exposure, equityUsdt }, policy, symbolAfterUsdt, symbolFits }) =>
    inShare(exposure.symbolUsdt, symbolAfterUsdt, equityUsdt, policy[share], symbolFits),
  gauge: (picture, policy) => {
    const reading = inShare(ofLargest(picture.exposure), ofLargest(picture.exposure), picture.equityUsdt, policy[share]);
    return { ...reading, about: largestName(picture) };
  },
});

const largestName = ({ exposure }: GatePicture): string | null => exposure.largest?.symbol ?? null;

const totalLimit = (words: Words, share: Share): Limit => ({
  ...words,
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  advice,
  measure: ({ picture: { exposure, equityUsdt }, policy, totalAfterUsdt, totalFits }) =>
    inShare(exposure.totalUsdt, totalAfterUsdt, equityUsdt, policy[share], totalFits),
  gauge: (picture, policy: CompiledPolicy) =>
    standing(picture.exposure.totalUsdt, picture.equityUsdt, policy[share], policy.minOpeningNotionalUsdt),
});

export const positionPct = symbolLimit(
  {
    id: 'C7.positionPct',
    title: 'Position',
    formula: 'position at its mark + open buys of the symbol + worst value ≤ equity × exposure.maxPositionPct',
  },
  'positionShare',
);

export const symbolPct = symbolLimit(
  {
    id: 'C7.symbolPct',
    title: 'In the symbol',
    formula: 'all positions in the symbol + its open buys + worst value ≤ equity × exposure.maxSymbolPct (spot: one position a symbol)',
  },
  'symbolShare',
);

export const strategyPct = totalLimit(
  {
    id: 'C7.strategyPct',
    title: 'In the strategy',
    formula:
      'positions and open buys of the strategy + worst value ≤ equity × exposure.maxStrategyPct (whatever names no strategy is one: manual)',
  },
  'strategyShare',
);

export const totalPct = totalLimit(
  { id: 'C7.totalPct', title: 'In all', formula: 'all positions + all open buys + worst value ≤ equity × exposure.maxTotalPct' },
  'totalShare',
);

export const netDirectionPct = totalLimit(
  {
    id: 'C7.netDirectionPct',
    title: 'In one direction',
    formula: '|long − short| after the order ≤ equity × exposure.maxNetDirectionPct (spot: everything held is long)',
  },
  'netDirectionShare',
);

export const positionValue: Limit = {
  id: 'C7.positionValue',
  title: 'Position value',
  unit: 'USDT',
  sense: 'at-most',
  scope: 'openings',
  formula: 'position at its mark + open buys of the symbol + worst value ≤ exposure.maxPositionValueUsdt',
  advice,
  measure: ({ picture, symbolAfterUsdt, policy }) => {
    if (picture.exposure.symbolUsdt === null) return missing(UNKNOWN);
    if (symbolAfterUsdt === null) return missing('the best quote');
    return atMost(picture.exposure.symbolUsdt, symbolAfterUsdt, policy.maxPositionValueUsdt);
  },
  gauge: (picture, policy) => {
    const value = ofLargest(picture.exposure);
    const reading = value === null ? missing(UNKNOWN) : atMost(value, value, policy.maxPositionValueUsdt);
    return { ...reading, about: largestName(picture) };
  },
};

/** Spot borrows nothing: what is bought is paid for. */
const SPOT_LEVERAGE = 1;

export const leverage: Limit = {
  id: 'C7.leverage',
  title: 'Leverage',
  unit: 'count',
  sense: 'at-most',
  scope: 'openings',
  formula: 'leverage of the order ≤ exposure.maxLeverage (spot: 1)',
  advice: () => 'Lower the leverage of the symbol.',
  measure: ({ policy }) => countAtMost(SPOT_LEVERAGE, SPOT_LEVERAGE, policy.maxLeverage),
  gauge: (_picture, policy) => countAtMost(SPOT_LEVERAGE, SPOT_LEVERAGE, policy.maxLeverage),
};
