// NORMAL with room to stand in the market (C7), to lose in a row (C13) and for calls and orders that fail (D, E1), for tests that are about
// something else.
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

const MANY = 100;
/** Calls and orders fail by the dozen in some tests: neither breaker nor stop trips for it. */
export const WIDE_FAULTS = {
  circuitBreaker: { consecutiveLosses: MANY, apiErrors: MANY, consecutiveOrderFailures: MANY, failedTrades: MANY },
  emergencyStop: { autoExecutionErrors: MANY },
} as const;

export const WIDE: Policy = policySchema.parse({
  ...NORMAL,
  limits: { ...NORMAL.limits, coolDownAfterLosses: 100 },
  exposure: { ...NORMAL.exposure, ...WIDE_EXPOSURE },
  circuitBreaker: { ...NORMAL.circuitBreaker, ...WIDE_FAULTS.circuitBreaker },
  emergencyStop: { ...NORMAL.emergencyStop, ...WIDE_FAULTS.emergencyStop },
});
