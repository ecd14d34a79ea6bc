// The emergency stop as people see it: who tripped it, what it is to do, and the receipt that it leaves (REQUIREMENTS E).
import type { SymbolId } from './ids.ts';
import type { DecimalText } from './money.ts';

/** DISABLED only until the start's recovery is through; a trip is obeyed even then. */
export type StopPhase = 'DISABLED' | 'ARMED' | 'TRIPPED' | 'COOLING_DOWN';
/** automatic: a threshold of REQUIREMENTS E1, named in the reason. */
export const STOP_TRIGGERS = ['button', 'hotkey', 'tray', 'cli', 'watchdog', 'endpoint', 'drill', 'automatic'] as const;
export type StopTrigger = (typeof STOP_TRIGGERS)[number];
export type TripPolicy = 'keep-positions' | 'flatten';

/** One order's way through an emergency stop (E5). */
export interface StopOrderOutcome {
  readonly clientOrderId: string;
  readonly symbol: SymbolId;
  readonly venueOrderId: string | null;
  readonly outcome: 'canceled' | 'filled' | 'expired' | 'never-sent' | 'rejected' | 'not-canceled' | 'unknown';
  readonly ackMs: number | null;
}

export interface StopPositionOutcome {
  readonly symbol: SymbolId;
  readonly qtyBefore: DecimalText;
  readonly qtyAfter: DecimalText;
  readonly outcome: 'kept' | 'flattened' | 'dust' | 'not-flattened';
  /** Why it was not sold, where that is known. */
  readonly why?: string;
}

/** What an emergency stop did, with timings in ms after the latch closed. */
export interface StopReceipt {
  readonly tripId: number;
  readonly trigger: StopTrigger;
  readonly reason: string;
  readonly policy: TripPolicy;
  readonly trippedAtMs: number;
  readonly orders: readonly StopOrderOutcome[];
  readonly positions: readonly StopPositionOutcome[];
  readonly buckets: {
    readonly orders: 'empty' | 'not-empty' | 'unverified';
    readonly algo: 'empty' | 'not-empty' | 'unverified' | 'not-on-spot';
  };
  readonly cancelsOnWireMs: number | null;
  readonly allAcknowledgedMs: number | null;
  readonly verifiedEmptyMs: number | null;
  readonly flatMs: number | null;
  readonly complete: boolean;
  /** SHA-256, in hex, of everything else in it as `receiptText` writes it. Absent in journals from before it was written. */
  readonly hash?: string;
}
