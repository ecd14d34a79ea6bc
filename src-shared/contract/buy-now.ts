// What would happen if the trader pressed buy now: the gate's own answer for a market buy, as large as it lets through (the safety page).
import type { DecimalText } from '../domain/money.ts';
import type { Denial, LimitId } from '../errors/denial.ts';

export interface NamedLimit {
  readonly id: LimitId;
  readonly title: string;
}

export interface BuyNow {
  readonly symbol: string;
  /** pass: the largest buy would be sent as it stands. */
  readonly verdict: 'pass' | 'deny';
  /** The largest buy that is too large for no limit, whatever else forbids it now, and what caps it; null: none, or it is not known. */
  readonly largest: { readonly qty: DecimalText; readonly valueUsdt: DecimalText; readonly cappedBy: NamedLimit } | null;
  /** What forbids it: the first in the gate's order. */
  readonly denial: Denial | null;
  /** Every limit that forbids it; a trading state is no limit. */
  readonly forbids: readonly NamedLimit[];
  /** Why no sale would leave, not even one that shrinks the position; null: one would, of a size and price that its limits pass. */
  readonly noSales: Denial | null;
  /** All of it in a few sentences. */
  readonly text: string;
}
