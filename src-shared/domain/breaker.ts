// The circuit breaker as people see it (REQUIREMENTS D): what may break, and the breach that did; and the thresholds on which the
// emergency stop trips by itself (E1).
import type { DecimalText } from './money.ts';

/** HALF_OPEN: a probe after an infrastructure breach, where the policy allows one: one order may open, and its outcome decides. */
export type BreakerPhase = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** One threshold of REQUIREMENTS D each, in the order in which a first breach is named. */
export const BREAKER_RULES = [
  'total-drawdown',
  'weekly-drawdown',
  'daily-drawdown',
  'consecutive-losses',
  'order-failures',
  'failed-trades',
  'api-errors',
] as const;
export type BreakerRule = (typeof BREAKER_RULES)[number];

/** What trips the emergency stop by itself (E1), in the order in which it is named. */
export type AutoTripRule = 'daily-drawdown' | 'open-loss' | 'execution-errors';

/** A loss breach is reset by a person only. */
export const isLossRule = (rule: BreakerRule): boolean => rule.endsWith('drawdown') || rule === 'consecutive-losses';

/** What broke, with the number and the threshold that it passed: the evidence of the trip. */
export interface Breach {
  readonly rule: BreakerRule;
  /** In the threshold's own unit: percent of the peak, or a count. */
  readonly value: DecimalText;
  readonly limit: DecimalText;
  /** In words, with where the number comes from. */
  readonly text: string;
}
