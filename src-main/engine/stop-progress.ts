// How far a tripped emergency stop is: per symbol and in all. Volatile; after a restart a new one begins for the same trip, and the
// venue is asked again (REQUIREMENTS E3, E6).
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';

export interface SymbolCancel {
  /** Monotonic ms of the newest cancel-all on the wire; null: not sent yet. */
  sentAtMs: number | null;
  acknowledgedAtMs: number | null;
  failures: number;
  /** Not before then (monotonic ms): back-off after a failure. */
  retryAtMs: number;
  text: string;
}

export interface Stranger {
  readonly symbol: SymbolId;
  readonly venueOrderId: VenueOrderId;
  readonly status: 'CANCELED' | 'EXPIRED' | 'FILLED';
  /** Monotonic ms. */
  readonly endedAtMs: number;
}

export interface StopProgress {
  readonly tripId: number;
  /** When the latch closed; after a restart still that time. */
  readonly latchedAtMs: number;
  /** When this session took the work up: the same, but for a restart. */
  readonly begunAtMs: number;
  /** When the cancels of all symbols were sent last. */
  startedOverAtMs: number;
  /** What was open or in flight when the latch closed. */
  readonly targets: ReadonlyMap<ClientOrderId, SymbolId>;
  /** Orders that nobody here knew when the latch closed, and that a cancel ended: somebody else's, or from before the first comparison. */
  readonly strangers: Map<string, Stranger>;
  /** Monotonic ms at which each target was seen ended. */
  readonly endedAtMs: Map<ClientOrderId, number>;
  readonly symbols: Map<SymbolId, SymbolCancel>;
  readonly positionsBefore: ReadonlyMap<SymbolId, DecimalText>;
  cancelsOnWireAtMs: number | null;
  acknowledgedAtMs: number | null;
  verifying: boolean;
  /** The look under way was asked for before the newest press: what it shows proves nothing. */
  lookOutdated: boolean;
  verifyRetryAtMs: number;
  verifyRounds: number;
  verifiedEmptyAtMs: number | null;
  /** Orders that the venue still showed at the newest look, by venue order id; null before the first look that succeeded. */
  survivors: ReadonlyMap<string, { readonly clientOrderId: string; readonly symbol: SymbolId }> | null;
  flattenAskedAtMs: number | null;
  flattenRounds: number;
  flatAtMs: number | null;
  /** Where a sale was sent: a position that came with a late fill is on the receipt as well. */
  readonly sold: Set<SymbolId>;
  /** Why a position was not sold at the newest try, in words. */
  readonly unsold: Map<SymbolId, string>;
  interimReceipted: boolean;
  finished: boolean;
}
