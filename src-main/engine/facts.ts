// Everything that the engine holds true, as it stands in the journal. A fact is past and durable: its shape is a file format, so
// fields are only ever added. Quotes are not facts; a fact that was judged on a quote carries that quote.
import type { AssetId, ClientOrderId, SymbolId, TradeId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type {
  ExitPlan,
  ListKind,
  ListRole,
  OcoRequest,
  OrderOrigin,
  OrderRequest,
  OrderType,
  Side,
  TimeInForce,
} from '../../src-shared/domain/order.ts';
import type { Breach } from '../../src-shared/domain/breaker.ts';
import type { DrillResult } from '../../src-shared/domain/drill.ts';
import type { KillSwitchAsk } from '../../src-shared/domain/kill-switch.ts';
import type { EvidenceItem, LadderCertificate, LadderStage } from '../../src-shared/domain/ladder.ts';
import type { PolicyFieldChange } from '../../src-shared/domain/policy-change.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
import type { VenueFailure, WireOrder } from '../venue/port.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { Difference } from '../../src-shared/domain/difference.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import type { StopReceipt, StopTrigger, TripPolicy } from '../../src-shared/domain/stop.ts';

/** The best quote that a decision was judged on. */
export interface JudgedQuote {
  readonly bid: DecimalText;
  readonly ask: DecimalText;
  readonly ageMs: number;
}

/** An order as the gate let it through: every field final, nothing left to round. */
export interface IntendedOrder extends WireOrder {
  readonly origin: OrderOrigin;
  /** The latch's generation at the decision; a later trip kills the order before the wire (DESIGN 6). */
  readonly generation: number;
  /** What the order is taken to be worth against every limit while it is in flight, in USDT. */
  readonly reservedUsdt: DecimalText;
  /** The open order that this one replaces in the same request. */
  readonly replaces?: ClientOrderId;
  /** A further try of the same intent (B7): the first order of it, and which try this is, from 2 on. */
  readonly retry?: { readonly of: ClientOrderId; readonly attempt: number };
  /** How the position that it opens is to be protected, from its first fill on. */
  readonly exits?: ExitPlan;
  /** Protective orders that lock what it sells: it leaves once each of them is proven gone. */
  readonly after?: readonly ClientOrderId[];
}

/** A list's order as the gate let it through. */
export interface IntendedLeg extends IntendedOrder {
  readonly role: ListRole;
}

/** An order list as the gate let it through: one intent, one fact, one request. */
export interface IntendedList {
  readonly listId: ClientOrderId;
  readonly kind: ListKind;
  readonly symbol: SymbolId;
  readonly orders: readonly IntendedLeg[];
  /** Protective orders that lock what it sells: it leaves once each of them is proven gone. */
  readonly after?: readonly ClientOrderId[];
}

export interface FillFact {
  readonly kind: 'order.filled';
  readonly clientOrderId: ClientOrderId;
  readonly symbol: SymbolId;
  readonly tradeId: TradeId;
  readonly side: Side;
  readonly price: DecimalText;
  readonly qty: DecimalText;
  readonly fee: DecimalText;
  readonly feeAsset: AssetId;
  /** The fee's worth in USDT at fill time; null when no quote of the fee asset was at hand. */
  readonly feeUsdt: DecimalText | null;
  readonly maker: boolean;
  readonly venueTimeMs: number;
  /** How it came to be known. */
  readonly via: 'stream' | 'answer' | 'recovery';
}

/** How an order's end is known: the proof that a terminal state demands (REQUIREMENTS I). */
export type Proof = 'stream' | 'answer' | 'query' | 'absent-after-window' | 'venue-reset';

export interface BalanceEntry {
  readonly asset: AssetId;
  readonly free: DecimalText;
  readonly locked: DecimalText;
}

export type Fact =
  | {
      readonly kind: 'session.started';
      readonly mode: Mode;
      readonly account: string;
      readonly version: string;
      /** A server stands in for the exchange (A4): nothing that is done there is evidence for the ladder. */
      readonly standIn?: true;
    }
  | {
      readonly kind: 'policy.adopted';
      readonly version: number;
      readonly by: string;
      readonly why: string;
      readonly policy: Policy;
      /** Against the version before it. */
      readonly changes?: readonly PolicyFieldChange[];
    }
  /** A loosening that waits (tilt guard): in force from then on, unless it is withdrawn. A newer one takes its place. */
  | {
      readonly kind: 'policy.pending';
      readonly policy: Policy;
      readonly by: string;
      readonly why: string;
      readonly changes: readonly PolicyFieldChange[];
      readonly effectiveAtMs: number;
    }
  | { readonly kind: 'policy.withdrawn'; readonly by: string; readonly why: string }
  | { readonly kind: 'order.intended'; readonly order: IntendedOrder; readonly quote: JudgedQuote }
  | { readonly kind: 'list.intended'; readonly list: IntendedList; readonly quote: JudgedQuote }
  | { readonly kind: 'order.denied'; readonly request: OrderRequest | OcoRequest; readonly origin: OrderOrigin; readonly denial: Denial }
  | { readonly kind: 'order.sent'; readonly clientOrderId: ClientOrderId }
  | {
      readonly kind: 'order.accepted';
      readonly clientOrderId: ClientOrderId;
      readonly venueOrderId: VenueOrderId;
      readonly venueTimeMs: number;
      readonly via: Proof;
      /** True for an exit that waits for its list's entry; a later fact without it says that it works now. */
      readonly pending?: boolean;
    }
  | { readonly kind: 'order.unknown'; readonly clientOrderId: ClientOrderId; readonly why: string; readonly provableAtMs: number }
  | {
      readonly kind: 'order.rejected';
      readonly clientOrderId: ClientOrderId;
      readonly code: number | null;
      readonly text: string;
      readonly proof: Proof | 'never-sent';
      /** It was not executed for a reason that passes, and is tried again after so many ms. */
      readonly retryInMs?: number;
    }
  | FillFact
  | {
      readonly kind: 'order.ended';
      readonly clientOrderId: ClientOrderId;
      readonly status: 'FILLED' | 'CANCELED' | 'EXPIRED';
      readonly proof: Proof;
      readonly reason: string;
      readonly venueTimeMs: number;
    }
  | {
      readonly kind: 'order.adopted';
      readonly clientOrderId: ClientOrderId;
      /** Under which name the ended order goes on that had this one before: its trades are still looked at. Older journals forget it. */
      readonly elder?: ClientOrderId;
      readonly venueOrderId: VenueOrderId;
      readonly symbol: SymbolId;
      readonly side: Side;
      readonly type: OrderType;
      readonly qty: DecimalText;
      readonly price?: DecimalText;
      readonly timeInForce?: TimeInForce;
      readonly stopPrice?: DecimalText;
      readonly trailingDeltaBps?: number;
      /** The venue's number of the list that it belongs to: of its orders only one can trade, or one waits for another. */
      readonly venueListId?: string;
      /** True for an exit that waits for its list's entry. */
      readonly pending?: boolean;
      readonly venueType: string;
      readonly venueTimeMs: number;
    }
  | {
      readonly kind: 'cancel.requested';
      readonly clientOrderId: ClientOrderId;
      readonly origin: OrderOrigin | 'policy';
      /** Why, where no person asked for it. */
      readonly why?: string;
    }
  | {
      readonly kind: 'cancel.failed';
      readonly clientOrderId: ClientOrderId;
      readonly text: string;
      /** Why, as the venue port says it; older journals lack it. */
      readonly failure?: VenueFailure['kind'];
    }
  | { readonly kind: 'balances.updated'; readonly entries: readonly BalanceEntry[]; readonly full: boolean; readonly venueTimeMs: number }
  | {
      readonly kind: 'balance.moved';
      readonly asset: AssetId;
      readonly delta: DecimalText;
      readonly deltaUsdt: DecimalText | null;
      readonly venueTimeMs: number;
      /** A withdrawal that the balances here do not show yet: they are stated by an event of their own. */
      readonly ahead?: true;
    }
  | { readonly kind: 'position.corrected'; readonly symbol: SymbolId; readonly qty: DecimalText; readonly why: string }
  /** How a position is protected from now on; a null plan: not at all. The end of the position ends its plan without a fact. */
  | {
      readonly kind: 'protection.set';
      readonly symbol: SymbolId;
      readonly plan: ExitPlan | null;
      readonly origin: OrderOrigin | 'policy';
    }
  /** The console trails a stop by itself: its trigger has moved up. */
  | { readonly kind: 'protection.trailed'; readonly symbol: SymbolId; readonly stopPrice: DecimalText }
  /** A position stands without working protection although it has a plan, or the policy asks for one. */
  | { readonly kind: 'protection.missing'; readonly symbol: SymbolId; readonly why: string }
  /** Its protection works again; `gapMs` is how long there was none (monotonic where no restart lay between). */
  | { readonly kind: 'protection.restored'; readonly symbol: SymbolId; readonly gapMs: number }
  /**
   * The venue has forgotten everything (a testnet's reset, a practice account begun anew), as proven by reconcile/reset.ts: the account
   * is stated anew, positions are gone without profit or loss, and its old order and trade numbers mean nothing any more.
   */
  | {
      readonly kind: 'venue.reset';
      readonly why: string;
      readonly entries: readonly BalanceEntry[];
      /** The day goes on from here, with what was won or lost before the reset kept; null: it opens once the account can be valued. */
      readonly openingEquityUsdt: DecimalText | null;
    }
  /** What the account is worth, once a minute while it is known: peaks and drawdowns rest on it (D). */
  | { readonly kind: 'equity.marked'; readonly equityUsdt: DecimalText }
  | { readonly kind: 'breaker.opened'; readonly breach: Breach }
  /** After the cool-down of an infrastructure breach: one opening may try. */
  | { readonly kind: 'breaker.probing' }
  | { readonly kind: 'breaker.closed'; readonly by: string; readonly why: string }
  | { readonly kind: 'drill.finished'; readonly drill: DrillResult }
  | {
      readonly kind: 'ladder.promoted';
      readonly stage: LadderStage;
      readonly by: string;
      readonly why: string;
      readonly evidence: readonly EvidenceItem[];
      readonly certificate: LadderCertificate | null;
      /** SHA-256 over the evidence and that of the stage below. */
      readonly evidenceHash?: string;
      /** When that was proven; absent: now. */
      readonly provenAtMs?: number;
    }
  | { readonly kind: 'ladder.demoted'; readonly stage: LadderStage; readonly why: string }
  /** The practice market's mood from now on. */
  | { readonly kind: 'market.regime'; readonly regime: string }
  /** What came in at the signed endpoint (F): who and why, as the request says and as it was judged. */
  | {
      readonly kind: 'kill-switch.asked';
      readonly what: KillSwitchAsk;
      readonly verdict: 'taken' | 'refused';
      readonly who: string;
      readonly why: string;
      /** How many such requests this fact stands for; absent: one. */
      readonly times?: number;
    }
  /** The watchdog process stood in while this console was gone (E8): what its own connection cancelled. */
  | { readonly kind: 'watchdog.acted'; readonly atMs: number; readonly why: string; readonly text: string; readonly complete: boolean }
  | { readonly kind: 'day.opened'; readonly dayUtc: string; readonly equityUsdt: DecimalText }
  | {
      readonly kind: 'reconciled';
      readonly why: string;
      readonly differences: readonly Difference[];
      readonly tookMs: number;
      /** Symbols of which every trade up to then is known by it. */
      readonly trades?: readonly SymbolId[];
    }
  | { readonly kind: 'reconcile.failed'; readonly why: string; readonly text: string }
  | { readonly kind: 'selftest.finished'; readonly items: readonly SelfTestItem[] }
  | {
      readonly kind: 'stop.tripped';
      readonly tripId: number;
      readonly trigger: StopTrigger;
      readonly reason: string;
      readonly policy: TripPolicy;
    }
  /** Pressed again after its receipt: the work begins anew, and that receipt holds no more. */
  | { readonly kind: 'stop.pressed'; readonly tripId: number; readonly trigger: StopTrigger; readonly reason: string }
  | { readonly kind: 'stop.receipted'; readonly receipt: StopReceipt }
  | {
      readonly kind: 'stop.reset';
      readonly by: string;
      readonly why: string;
      readonly coolDownUntilMs: number;
      /** The open loss was beyond its limit of E1, or not known: it trips again only after it was seen within. */
      readonly openLossAccepted?: true;
    }
  /** The open loss that a reset accepted is back within its limit: it may trip again. */
  | { readonly kind: 'open-loss.recovered' }
  | { readonly kind: 'stop.rearmed' }
  /** What all facts up to `atSeq` came to lies beside the journal: the digest puts it under the chain's seal. Changes nothing. */
  | { readonly kind: 'snapshot.taken'; readonly atSeq: number; readonly digest: string };

/** A fact with its place in the journal. `seq` starts at 1 and has no holes. */
export interface SequencedFact {
  readonly seq: number;
  readonly atMs: number;
  readonly fact: Fact;
}
