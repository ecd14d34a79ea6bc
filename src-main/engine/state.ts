// The engine's state: a plain, readonly picture that facts alone change (evolve.ts). It holds decimals; facts hold their texts.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, ClientOrderId, SymbolId, TradeId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import type { Amount, Money, Price, Qty } from '../../src-shared/domain/money.ts';
import type {
  ExitPlan,
  ListKind,
  ListRole,
  OrderOrigin,
  OrderStatus,
  OrderType,
  Side,
  TimeInForce,
} from '../../src-shared/domain/order.ts';
import type { Comparison, Difference } from '../../src-shared/domain/difference.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import type { StopPhase, StopReceipt, StopTrigger, TripPolicy } from '../../src-shared/domain/stop.ts';
import type { Breach, BreakerPhase } from '../../src-shared/domain/breaker.ts';
import type { DrillResult } from '../../src-shared/domain/drill.ts';
import type { EvidenceItem, LadderCertificate, LadderStage } from '../../src-shared/domain/ladder.ts';
import type { PolicyFieldChange } from '../../src-shared/domain/policy-change.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';

export interface Fill {
  readonly tradeId: TradeId;
  readonly price: Price;
  readonly qty: Qty;
  readonly fee: Amount;
  readonly feeAsset: AssetId;
  readonly feeUsdt: Money | null;
  readonly maker: boolean;
  readonly atMs: number;
}

export interface Order {
  readonly clientOrderId: ClientOrderId;
  readonly venueOrderId: VenueOrderId | null;
  readonly symbol: SymbolId;
  readonly side: Side;
  readonly type: OrderType;
  /** Null for a market buy sized in quote. */
  readonly qty: Qty | null;
  readonly quoteQty: Money | null;
  readonly price: Price | null;
  readonly timeInForce: TimeInForce | null;
  readonly stopPrice: Price | null;
  /** Basis points. */
  readonly trailingDeltaBps: number | null;
  readonly list: { readonly listId: ClientOrderId; readonly kind: ListKind; readonly role: ListRole } | null;
  /** An exit that waits for its list's entry to be filled: it locks and sells nothing yet. */
  readonly pending: boolean;
  readonly replaces: ClientOrderId | null;
  /** Which try of its intent it is (B7); the first has none. */
  readonly retry: { readonly of: ClientOrderId; readonly attempt: number } | null;
  readonly exits: ExitPlan | null;
  readonly reduceOnly: boolean;
  readonly origin: OrderOrigin;
  readonly status: OrderStatus;
  readonly generation: number;
  readonly reservedUsdt: Money;
  /** In the order in which they came to be known. The array grows in place: it is the same for every state of the order. */
  readonly fills: readonly Fill[];
  readonly filledQty: Qty;
  readonly filledUsdt: Money;
  /** Realised by its fills, net of their fees; 0 for a buy. */
  readonly realisedUsdt: Money;
  /** It ended and counted as one close among wins and losses (C13): a late fill makes it no second one. */
  readonly isCounted: boolean;
  readonly cancelRequested: boolean;
  /** Why it is unknown, rejected or ended, in words; empty otherwise. */
  readonly reason: string;
  readonly intendedAtMs: number;
  readonly sentAtMs: number | null;
  readonly updatedAtMs: number;
  /** The venue's time of the newest thing it said of this order; 0 before it said any. */
  readonly venueTimeMs: number;
  readonly unknownSinceMs: number | null;
  /** From this time on, absence at the venue is proof (BINANCE 5). */
  readonly provableAtMs: number | null;
}

export interface Position {
  readonly symbol: SymbolId;
  /** Base held from fills, after fees in the base asset; positive is long. */
  readonly qty: Qty;
  /** What the held quantity cost in USDT, fees included: the break-even value. */
  readonly costUsdt: Money;
  /** Average price of the fills that opened it, without fees. */
  readonly entryPrice: Price;
  /** Of the parts of this position that were closed, net of fees. */
  readonly realisedUsdt: Money;
  readonly feesUsdt: Money;
  readonly openedAtMs: number;
}

/** How a position is to be protected, and what is known of the times without it. */
export interface Protection {
  /** Null: none is wanted by anybody, and the policy misses it. */
  readonly plan: ExitPlan | null;
  readonly origin: OrderOrigin | 'policy';
  readonly setAtMs: number;
  /** Where the console has moved the stop of a trailing plan to by itself; null where the venue trails it. */
  readonly trailedTo: Price | null;
  /** Since when it is missing, as told; null while it works. */
  readonly missingSinceMs: number | null;
  readonly missingWhy: string;
  /** The newest time without working protection, once it was over. */
  readonly lastGapMs: number | null;
}

/** The open orders of one symbol in sum. A market buy sized in quote has no base quantity before it fills and adds none here. */
export interface SymbolBook {
  readonly ids: ReadonlySet<ClientOrderId>;
  readonly buys: number;
  readonly buyQty: Qty;
  /** What the open part of those buys may cost at most (C7, C14). */
  readonly buyUsdt: Money;
  /** Open quantity of buys from elsewhere that state no price at all. */
  readonly unpricedBuyQty: Qty;
  readonly sellQty: Qty;
  /** The part of sellQty that protects the position by the console's own doing: what gives way to a person's sale. */
  readonly protectionQty: Qty;
  /** Conditional orders among them, and the lists that they belong to: the venue counts both. */
  readonly algos: number;
  readonly lists: number;
}

/**
 * The console's own guard of a position: a protective sell, or the exit of a list that an entry took along. Its sale at market is none:
 * nothing takes that back.
 */
export const isProtective = ({ side, type, origin, list }: Pick<Order, 'side' | 'type' | 'origin' | 'list'>): boolean =>
  side === 'SELL' && type !== 'MARKET' && (origin === 'protection' || (list !== null && list.kind !== 'OCO'));

export interface Balance {
  readonly free: Amount;
  readonly locked: Amount;
}

/**
 * Ms: since when its trades are ours, and its newest fill (venue clock). A newest fill says nothing of those before it: up to
 * `comparedMs` a comparison has seen them all, and the next one asks from there.
 */
export interface Traded {
  readonly fromMs: number;
  readonly newestMs: number;
  readonly comparedMs: number;
}

/** Every asset as the facts explain it, since the account was first stated (ms). */
export interface Ledger {
  readonly fromMs: number;
  readonly totals: ReadonlyMap<AssetId, Decimal>;
}

/** A difference that comparisons found again and again. */
export interface Repeat {
  /** Comparisons in a row that differed in the same thing, and those among them with the same numbers, since when. */
  readonly times: number;
  readonly sameTimes: number;
  readonly sameSinceMs: number;
  readonly difference: Difference;
}

export interface DayBook {
  /** `YYYY-MM-DD`, UTC. */
  readonly dayUtc: string;
  readonly openingEquityUsdt: Money;
  /** Deposits minus withdrawals since the day opened. */
  readonly netDepositsUsdt: Money;
  /** Orders that got at least one fill today (C5). */
  readonly trades: number;
}

/** What losses and failures are measured on (C13, D), deposits and withdrawals taken out. Kept by risk-book.ts. */
export interface RiskBook {
  /** Highest equity since the journal began, in this UTC week and in this UTC day; null before the first mark. */
  readonly peakUsdt: Money | null;
  readonly weekPeakUsdt: Money | null;
  readonly dayPeakUsdt: Money | null;
  /** The Monday of the week, `YYYY-MM-DD`; and the day. Empty before the first mark. */
  readonly weekUtc: string;
  readonly dayUtc: string;
  readonly markedAtMs: number | null;
  /** The newest mark itself; null before the first. */
  readonly markedUsdt: Money | null;
  /** Closing orders in a row that lost money, and when the newest of them ended. */
  readonly lossesInRow: number;
  readonly lastLossAtMs: number | null;
  /** Orders in a row that the venue refused or that ended in doubt. */
  readonly orderFailuresInRow: number;
  /** When orders failed, oldest first: those within the breaker's longest window. */
  readonly failedTradesMs: readonly number[];
}

export interface BreakerState {
  readonly phase: BreakerPhase;
  readonly breach: Breach | null;
  readonly openedAtMs: number | null;
  /** The one order that may open while HALF_OPEN; null: none has tried yet. */
  readonly probe: ClientOrderId | null;
}

/** What the automatic trips of the emergency stop are measured on (E1): anew from each reset of it, so that no breach trips twice. */
export interface AutoTripBook {
  readonly dayUtc: string;
  /** Highest equity of that day since the newest reset; null before the first mark. */
  readonly dayPeakUsdt: Money | null;
  /** A reset was made while the open loss was beyond its limit: it trips again only after it was seen within. */
  readonly openLossAccepted: boolean;
  /** Orders in a row that went into doubt and cancels that did not get through, with no order accepted between. */
  readonly executionErrorsInRow: number;
  readonly errorAtMs: number | null;
}

/** What all facts of the journal count up to (L3). Kept by metrics-book.ts, in place; nothing decides by it. */
export interface MetricsBook {
  /** By what is counted, and where there are kinds of it, by its kind. */
  readonly counts: ReadonlyMap<string, number>;
  readonly latency: { readonly buckets: readonly number[]; readonly count: number; readonly sumMs: number; readonly mostMs: number };
  readonly closes: {
    readonly buckets: readonly number[];
    readonly wins: number;
    readonly losses: number;
    readonly wonUsdt: Money;
    readonly lostUsdt: Money;
    readonly bestUsdt: Money | null;
    readonly worstUsdt: Money | null;
  };
}

/**
 * What a stage of the ladder has to show (H), counted from facts alone since it began; kept by ladder-book.ts. Only this console's own
 * orders count.
 */
export interface LadderTally {
  /** When it began (the first fact of it); null: not yet. */
  readonly sinceMs: number | null;
  /** Orders that went on the wire, those that the exchange took, refused, or left in doubt; cancels that failed. */
  readonly sent: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly doubted: number;
  readonly cancelsFailed: number;
  /** From the wire to the exchange's word, over all that have one. */
  readonly latency: { readonly count: number; readonly sumMs: number };
  /** Orders with a fill, and in which mood of the practice market. */
  readonly trades: number;
  readonly regimes: ReadonlyMap<string, number>;
  /** Kinds of orders that the exchange took, and what positions went through. */
  readonly orderKinds: ReadonlySet<string>;
  readonly positionStates: ReadonlySet<string>;
  readonly drillPassed: boolean;
  /** Buys that came to more than the gate let them and than the limit on an order. */
  readonly exceeded: number;
  /** Differences that comparisons dealt with; unexplained ones among them end the stage. */
  readonly differences: number;
  /** Comparisons: the newest, and on how many days there were any. */
  readonly comparedAtMs: number | null;
  readonly comparedDay: string;
  readonly comparedDays: number;
}

/** Money in and out by every fill, added up without any position: what profit and fees are held against. Since the journal began. */
export interface LadderCash {
  readonly usdt: Money;
  readonly feesUsdt: Money;
  /** Fills of which the fee's worth was not known. */
  readonly unpricedFees: number;
}

export interface LadderState {
  readonly stage: LadderStage;
  readonly sinceMs: number | null;
  readonly why: string;
  /** What the stage was given for, its hash, and when it was proven; a renewed certificate rests on the same. */
  readonly evidence: readonly EvidenceItem[];
  readonly evidenceHash: string;
  readonly provenAtMs: number | null;
  readonly certificate: LadderCertificate | null;
  /** The policy in force when the certificate was made: another one in force ends it. */
  readonly certified: Policy | null;
  /** What demotes, as a fact showed it; the demotion itself follows. */
  readonly incident: string | null;
  readonly tally: LadderTally;
  readonly cash: LadderCash;
  /** Of the application, and the practice market's mood, as this session knows them. */
  readonly version: string;
  readonly regime: string | null;
  /** A server once stood in for the exchange in this journal (A4): what was done there proves nothing. */
  readonly standIn: boolean;
}

/** A loosening of the policy that waits. */
export interface PendingPolicy {
  readonly policy: Policy;
  readonly by: string;
  readonly why: string;
  readonly changes: readonly PolicyFieldChange[];
  readonly effectiveAtMs: number;
}

export interface StopState {
  readonly phase: StopPhase;
  readonly tripId: number;
  /** Raised by each trip: what was decided before it never reaches the wire after it. */
  readonly generation: number;
  readonly trigger: StopTrigger | null;
  readonly reason: string;
  readonly policy: TripPolicy;
  readonly trippedAtMs: number | null;
  readonly coolDownUntilMs: number | null;
  readonly receipt: StopReceipt | null;
}

export interface EngineState {
  readonly seq: number;
  readonly mode: Mode;
  readonly account: string;
  /** What this session has proven since its start; until both are true the engine recovers and is HALTED. */
  readonly session: { readonly startedAtMs: number; readonly reconciled: boolean; readonly selfTested: boolean };
  readonly policy: Policy | null;
  readonly policyVersion: number;
  readonly pendingPolicy: PendingPolicy | null;
  /** Orders that are not ended, and ended ones for 24 h (B9). */
  readonly orders: ReadonlyMap<ClientOrderId, Order>;
  /** The open ones among them: what is cheap to walk on each decision. */
  readonly openOrders: ReadonlySet<ClientOrderId>;
  /** What is open in each symbol that has open orders, kept up with each fact so that a decision need not walk the orders. */
  readonly books: ReadonlyMap<SymbolId, SymbolBook>;
  /** Open orders without any fill: each may still become one of the day's trades (C5). */
  readonly unfilledOrders: number;
  /** Symbols with an open buy. */
  readonly buying: ReadonlySet<SymbolId>;
  /** What all open buys may still cost, those without a price aside: the sum over the books. */
  readonly buyingUsdt: Money;
  /** Symbols with open buys that have no price: only their marks tell what those may cost. */
  readonly unpriced: ReadonlySet<SymbolId>;
  /** Orders whose funds the venue may not have locked or settled yet as far as the balances here tell (C3, C14). */
  readonly unsettled: ReadonlySet<ClientOrderId>;
  /** Symbols that had an order in this journal: where reconciliation looks for trades. */
  readonly traded: ReadonlyMap<SymbolId, Traded>;
  readonly positions: ReadonlyMap<SymbolId, Position>;
  /** Of positions that have a plan or miss one; ends with the position. */
  readonly protections: ReadonlyMap<SymbolId, Protection>;
  /** When ended orders were last looked through for those that leave memory (ms). */
  readonly prunedAtMs: number;
  /** The orders of each list that has orders here. */
  readonly lists: ReadonlyMap<ClientOrderId, readonly ClientOrderId[]>;
  /** Net of fees, of everything closed since the journal began. */
  readonly realisedUsdt: Money;
  readonly feesUsdt: Money;
  readonly balances: ReadonlyMap<AssetId, Balance>;
  /** The venue's time of the newest balances. */
  readonly balancesAtMs: number;
  /** What was withdrawn of an asset (in USDT, negative) and its balance does not show yet. */
  readonly movesAhead: ReadonlyMap<AssetId, Money>;
  /** Null before the first full statement of the account. */
  readonly ledger: Ledger | null;
  readonly day: DayBook | null;
  readonly risk: RiskBook;
  readonly breaker: BreakerState;
  readonly autoTrip: AutoTripBook;
  readonly ladder: LadderState;
  /** The newest drill of the emergency stop. */
  readonly drill: DrillResult | null;
  readonly metrics: MetricsBook;
  readonly stop: StopState;
  readonly selfTest: { readonly items: readonly SelfTestItem[]; readonly atMs: number } | null;
  readonly reconciliation: {
    readonly atMs: number | null;
    readonly differences: readonly Difference[];
    readonly failures: number;
    readonly text: string;
    /** The newest 50 comparisons that found differences, newest first. */
    readonly history: readonly Comparison[];
    /** What the newest comparisons found again although each dealt with it, by what it is about (reconcile/convergence.ts). */
    readonly repeats: ReadonlyMap<string, Repeat>;
  };
}
