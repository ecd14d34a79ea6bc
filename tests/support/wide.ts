// NORMAL with room to stand in the market (C7) and to lose in a row (C13), for tests that are about something else.
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import { policySchema } from '../../src-shared/policy/schema.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';

export const WIDE_EXPOSURE = {
  maxPositionPct: '100',
  maxSymbolPct: '100',
  maxStrategyPct: '100',
  maxTotalPct: '100',
  maxNetDirectionPct: '100',
  maxPositionValueUsdt: '10000000',
} as const;

export const WIDE: Policy = policySchema.parse({
  ...NORMAL,
  limits: { ...NORMAL.limits, coolDownAfterLosses: 100 },
  exposure: { ...NORMAL.exposure, ...WIDE_EXPOSURE },
});
