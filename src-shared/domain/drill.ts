// A drill of the emergency stop (REQUIREMENTS E7): the same sequence on an exchange of its own, with the trader's own open orders.
import type { StopReceipt } from './stop.ts';

export interface DrillResult {
  readonly startedAtMs: number;
  /** Open orders and symbols of the picture that was drilled. */
  readonly orders: number;
  readonly symbols: number;
  readonly receipt: StopReceipt;
  /** True when the receipt is complete and within E3's times. */
  readonly passed: boolean;
  /** What did not pass, or what was measured, in words. */
  readonly text: string;
}
