// What a replica of the engine holds: the window and the command line see this and nothing else. Two levels, section and key, so
// that one snapshot and numbered deltas keep any replica equal to the engine (DESIGN 1, invariant Q7). Plain JSON; money is text.
import type { AlertLevel, AlertOutlet, AlertSeverity } from '../domain/alerts.ts';
import type { AutoTripRule, Breach, BreakerPhase, BreakerRule } from '../domain/breaker.ts';
import type { DrillResult } from '../domain/drill.ts';
import type { EvidenceItem, LadderCaps, LadderCertificate, LadderStage } from '../domain/ladder.ts';
import type { PolicyFieldChange } from '../domain/policy-change.ts';
import type { Comparison, Difference } from '../domain/difference.ts';
import type { SelfTestItem } from '../domain/self-test.ts';
import type { Mode } from '../domain/mode.ts';
import type { DecimalText } from '../domain/money.ts';
import type { ListKind, ListRole, OrderOrigin, OrderStatus, OrderType, Side, TimeInForce } from '../domain/order.ts';
import type { StopPhase, StopReceipt, StopTrigger, TripPolicy } from '../domain/stop.ts';
import type { LimitId, LimitUnit } from '../errors/denial.ts';
import type { ReplayMark } from './journal.ts';

export interface ConsoleStatus {
  readonly mode: Mode;
  readonly account: string;
  readonly version: string;
  /** Where orders go, as `practice exchange (synthetic feed)` or `testnet.binance.vision`. */
  readonly venue: string;
  readonly shell: { readonly name: 'electron' | 'chromium' | 'headless'; readonly lacks: readonly string[] };
  readonly startedAtMs: number;
  readonly policyName: string;
  readonly policyVersion: number;
  readonly equityUsdt: DecimalText | null;
  readonly dayPnlUsdt: DecimalText | null;
  readonly openPositions: number;
  readonly maxPositions: number | null;
  /** Whether the ticket asks once more before it places (M2): always on mainnet, else as the policy says. */
  readonly confirmOrders: boolean;
  /** Set in a view that was rebuilt from the journal: it shows what was, and takes no orders. */
  readonly replayed?: ReplayMark;
}

export interface TradingView {
  readonly level: 'ACTIVE' | 'REDUCING' | 'HALTED';
  /** Worst first. */
  readonly causes: readonly {
    readonly code: string;
    readonly level: 'REDUCING' | 'HALTED';
    readonly text: string;
    /** What ends it, and by whom. */
    readonly ends: string;
    /** When it ends by itself (wall clock), where that is known. */
    readonly untilMs: number | null;
  }[];
}

export interface StopView {
  readonly phase: StopPhase;
  readonly tripId: number;
  readonly trigger: StopTrigger | null;
  readonly reason: string;
  readonly policy: TripPolicy;
  readonly trippedAtMs: number | null;
  readonly coolDownUntilMs: number | null;
  /** Live while the stop works: what the pressed button shows. Null when nothing was tripped. */
  readonly progress: {
    readonly cancelsSent: number;
    readonly cancelsAcknowledged: number;
    readonly cancelsTotal: number;
    readonly openOrders: number;
    readonly verifiedEmpty: boolean;
    readonly flat: boolean | null;
  } | null;
  readonly receipt: StopReceipt | null;
}

export interface ReconciliationView {
  readonly atMs: number | null;
  readonly differences: readonly Difference[];
  readonly failures: number;
  readonly text: string;
  /** When the venue is asked next; null before the first comparison. */
  readonly nextAtMs: number | null;
  /** The newest 50 comparisons that found differences, newest first. */
  readonly history: readonly Comparison[];
}

export interface HotkeyView {
  readonly status: 'ARMED' | 'NOT_ARMED' | 'PROVING';
  /** As `Ctrl+Shift+F12`. */
  readonly accelerator: string;
  /** For NOT_ARMED: why, and how to fix it. */
  readonly text: string;
  readonly provenAtMs: number | null;
}

export interface OrderView {
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce | null;
  readonly qty: DecimalText | null;
  readonly quoteQty: DecimalText | null;
  readonly price: DecimalText | null;
  /** Trigger of a conditional order. */
  readonly stopPrice: DecimalText | null;
  /** Basis points. */
  readonly trailingDeltaBps: number | null;
  readonly list: { readonly listId: string; readonly kind: ListKind; readonly role: ListRole } | null;
  /** An exit that waits for its list's entry to be filled. */
  readonly pending: boolean;
  /** The order in whose stead it was placed. */
  readonly replaces: string | null;
  /** A further try of another order's intent: which one, and from 2 on how often. */
  readonly retry: { readonly of: string; readonly attempt: number } | null;
  /** Ended, and its intent is tried once more in a moment (B7): refused in passing, or a market order's rest. Absent otherwise. */
  readonly again?: true;
  readonly status: OrderStatus;
  readonly filledQty: DecimalText;
  readonly averagePrice: DecimalText | null;
  readonly feesUsdt: DecimalText;
  readonly reduceOnly: boolean;
  readonly origin: OrderOrigin;
  readonly cancelRequested: boolean;
  readonly reason: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly unknownSinceMs: number | null;
  /**
   * While it is not known what became of it, or of some of its fills: since when, from when on absence is proof (null: only an answer
   * is), how often the exchange was asked, and what is being done, in words.
   */
  readonly doubt: { readonly sinceMs: number; readonly provableAtMs: number | null; readonly asks: number; readonly text: string } | null;
  readonly fills: readonly {
    readonly tradeId: string;
    readonly price: DecimalText;
    readonly qty: DecimalText;
    readonly fee: DecimalText;
    readonly feeAsset: string;
    readonly maker: boolean;
    readonly atMs: number;
  }[];
}

export interface PositionView {
  readonly symbol: string;
  readonly side: 'LONG' | 'SHORT';
  readonly qty: DecimalText;
  /** What a sell could sell now: after fees, rounded down to the lot. */
  readonly sellableQty: DecimalText;
  readonly entryPrice: DecimalText;
  /** The price at which closing would earn nothing, fees paid so far included. */
  readonly breakEvenPrice: DecimalText;
  readonly mark: DecimalText | null;
  readonly valueUsdt: DecimalText | null;
  readonly unrealisedUsdt: DecimalText | null;
  readonly realisedUsdt: DecimalText;
  readonly feesUsdt: DecimalText;
  /** Below the venue's smallest order: it cannot be sold alone. */
  readonly dust: boolean;
  /** Null: too small to be sold, so that nothing can protect it. */
  readonly protection: ProtectionView | null;
  readonly openedAtMs: number;
}

/** How a position is guarded now (B5). A position whose guard does not work is shown in red. */
export interface ProtectionView {
  /**
   * working: the wanted orders stand at the exchange for all that can be sold. placing: they are on their way, or are being changed.
   * partial: they stand for a part, or only one of two. missing: wanted, and none works. none: nobody asked for any.
   */
  readonly status: 'working' | 'placing' | 'partial' | 'missing' | 'none';
  /** Where it sells when the price falls: as planned, or where the trailing stop has moved to (null while only the exchange knows). */
  readonly stopPrice: DecimalText | null;
  readonly takeProfit: DecimalText | null;
  readonly trailingDeltaBps: number | null;
  /** Quantity that orders at the exchange guard now. */
  readonly coversQty: DecimalText;
  /** Who moves the stop: `console` only for a trailing stop that the exchange cannot trail. Null while nothing stands. */
  readonly by: 'exchange' | 'console' | null;
  /** Who set the plan; null: there is none. */
  readonly planOrigin: OrderOrigin | 'policy' | null;
  /** What stands, or what is missing, why, and what is being done about it. */
  readonly text: string;
  /** Since when it is missing (wall clock); null while it works or nobody wants any. */
  readonly missingSinceMs: number | null;
  /** The newest time without working protection, once it was over. */
  readonly lastGapMs: number | null;
}

/** The circuit breaker with its counters (D). */
export interface BreakerView {
  readonly phase: BreakerPhase;
  readonly breach: Breach | null;
  readonly openedAtMs: number | null;
  /** When a probe is due, where the policy allows one. */
  readonly probeAtMs: number | null;
  /** Each threshold as it stands, nearest first; null: not known now. */
  readonly counters: readonly {
    readonly rule: BreakerRule;
    readonly title: string;
    readonly value: DecimalText | null;
    readonly limit: DecimalText;
    readonly unit: 'percent' | 'count';
    readonly usedRatio: number | null;
    readonly text: string;
  }[];
}

/** The thresholds on which the emergency stop trips by itself (E1), nearest first; null: not known now. */
export interface AutoTripView {
  readonly counters: readonly {
    readonly rule: AutoTripRule;
    readonly title: string;
    readonly value: DecimalText | null;
    readonly limit: DecimalText;
    readonly unit: 'percent' | 'count';
    readonly usedRatio: number | null;
    readonly text: string;
  }[];
}

/** The rollout ladder (H): the stage that is, what it caps, and what the next one asks for. */
export interface LadderView {
  readonly stage: LadderStage;
  readonly sinceMs: number | null;
  readonly why: string;
  readonly caps: LadderCaps | null;
  /** Where a promotion leads, to be read back; the stage itself where its certificate is to be renewed. Null: nowhere from here. */
  readonly next: LadderStage | null;
  /** What `next` asks for; empty for a renewal. */
  readonly evidence: readonly EvidenceItem[];
  /** True when a person may promote now. */
  readonly canPromote: boolean;
  /** What stands in the way, or what a promotion would do, in one or two sentences. */
  readonly text: string;
  readonly certificate: (LadderCertificate & { readonly valid: boolean; readonly text: string }) | null;
}

/** The policy in force and a loosening that waits (G). */
export interface PolicyView {
  readonly name: string;
  readonly version: number;
  /** What is wrong with the file; empty: nothing. */
  readonly problem: string;
  readonly pending: {
    readonly by: string;
    readonly why: string;
    readonly effectiveAtMs: number;
    readonly changes: readonly PolicyFieldChange[];
  } | null;
}

/** The process that stands in when this one is gone (E8). */
export interface WatchdogView {
  readonly status: 'watching' | 'starting' | 'off' | 'gone';
  readonly text: string;
  readonly heartbeatAtMs: number | null;
}

/** The signed endpoint (F). */
export interface KillSwitchView {
  readonly status: 'off' | 'listening' | 'failed';
  readonly text: string;
}

export interface BalanceView {
  readonly asset: string;
  readonly free: DecimalText;
  readonly locked: DecimalText;
  readonly total: DecimalText;
  readonly valueUsdt: DecimalText | null;
}

/** One limit, for a gauge, a preview row or a line of `limits`. Texts are rounded for display. */
export interface LimitView {
  readonly id: LimitId;
  readonly title: string;
  readonly unit: LimitUnit;
  /** Value now, and (preview) after the order; null: unknown, which denies. */
  readonly before: DecimalText | string | null;
  readonly after: DecimalText | string | null;
  readonly limit: DecimalText | string | null;
  /** What is left in the limit's unit; null where distance has no meaning. */
  readonly distance: DecimalText | null;
  /** Used part of the limit, 0 … 1 and beyond; null where it has no meaning. */
  readonly usedRatio: number | null;
  readonly verdict: 'pass' | 'deny' | 'not-applied';
  readonly formula: string;
  /** Which orders it holds for: openings only, all orders, or everything that is sent, the stop's own sales included. */
  readonly scope: 'openings' | 'orders' | 'everything';
  /** When what it forbids now ends by itself (wall clock); null: nothing is forbidden, or it does not end by itself. */
  readonly untilMs: number | null;
  /** What it forbids now, or when it resets; empty when nothing is to say. */
  readonly text: string;
}

export interface HealthView {
  readonly name: 'market stream' | 'user stream' | 'clock' | 'request weight' | 'orders per 10 s' | 'journal' | 'kill switch' | 'alerts';
  readonly verdict: 'good' | 'poor' | 'bad' | 'unknown';
  readonly text: string;
}

export interface InstrumentView {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly tick: DecimalText;
  readonly stepQty: DecimalText;
  readonly minQty: DecimalText;
  readonly minNotionalUsdt: DecimalText | null;
}

export interface LogLine {
  readonly seq: number;
  readonly atMs: number;
  readonly severity: 'info' | 'good' | 'warning' | 'danger';
  readonly text: string;
}

/** What asked for a person's attention, in the words in which the terminal said it. */
export interface AlertView {
  readonly atMs: number;
  readonly severity: AlertSeverity;
  readonly title: string;
  /** The newest words under its key. */
  readonly text: string;
  /** How often in a row it was said with this severity, whatever the words; 1: once. */
  readonly times: number;
}

/** One way on which alerts reach a person (L4). */
export interface AlertOutletView {
  readonly outlet: AlertOutlet;
  /** From which severity on, as the policy says. */
  readonly level: AlertLevel;
  /** `unset`: it needs an address or a secret. `lacking`: this shell has none. `failing`: the newest did not get through. */
  readonly status: 'off' | 'unset' | 'lacking' | 'ready' | 'failing';
  /** Where it goes, or what is missing or went wrong. Of what is secret only that it is there. */
  readonly text: string;
  /** When something got through last (wall clock); null: nothing yet. */
  readonly deliveredAtMs: number | null;
  /** Waiting to be delivered. */
  readonly waiting: number;
  /** Given up since the console started. */
  readonly lost: number;
}

export interface AlertingView {
  readonly outlets: readonly AlertOutletView[];
}

export interface ConsoleView {
  readonly status: { readonly console?: ConsoleStatus };
  readonly safety: {
    readonly trading?: TradingView;
    readonly stop?: StopView;
    readonly hotkey?: HotkeyView;
    readonly selfTest?: { readonly atMs: number; readonly items: readonly SelfTestItem[] };
    readonly reconciliation?: ReconciliationView;
    readonly breaker?: BreakerView;
    readonly autoTrip?: AutoTripView;
    readonly ladder?: LadderView;
    readonly policy?: PolicyView;
    readonly drill?: DrillResult;
    readonly watchdog?: WatchdogView;
    readonly killSwitch?: KillSwitchView;
    readonly alerting?: AlertingView;
  };
  readonly orders: Readonly<Record<string, OrderView>>;
  readonly positions: Readonly<Record<string, PositionView>>;
  readonly balances: Readonly<Record<string, BalanceView>>;
  readonly limits: Readonly<Record<string, LimitView>>;
  readonly health: Readonly<Record<string, HealthView>>;
  readonly instruments: Readonly<Record<string, InstrumentView>>;
  /** The newest 200, by journal sequence. */
  readonly log: Readonly<Record<string, LogLine>>;
  /** The newest of each key of alerts/port.ts; of this process, not of the journal. */
  readonly alerts: Readonly<Record<string, AlertView>>;
}

export type Section = keyof ConsoleView;

/** One key of one section: its new value, or null for gone. */
export type Change = readonly [section: Section, key: string, value: unknown];

export interface Delta {
  /** One more than the delta before it; anything else is a gap, and the replica must subscribe anew. */
  readonly n: number;
  /** The journal sequence that this picture stands for. */
  readonly seq: number;
  readonly changes: readonly Change[];
}

export interface Snapshot {
  readonly n: number;
  readonly seq: number;
  readonly view: ConsoleView;
}

export const EMPTY_VIEW: ConsoleView = {
  status: {},
  safety: {},
  orders: {},
  positions: {},
  balances: {},
  limits: {},
  health: {},
  instruments: {},
  log: {},
  alerts: {},
};

/** The snapshot after one more delta, or undefined on a gap: then the replica is stale until it subscribes anew. */
export const applyDelta = (at: Snapshot, delta: Delta): Snapshot | undefined => {
  if (delta.n !== at.n + 1) return undefined;
  const view: Record<string, Record<string, unknown>> = { ...at.view } as never;
  const fresh = new Set<string>();
  for (const [section, key, value] of delta.changes) {
    if (!fresh.has(section)) view[section] = { ...view[section] };
    fresh.add(section);
    const target = view[section] as Record<string, unknown>;
    if (value === null) delete target[key];
    else target[key] = value;
  }
  return { n: delta.n, seq: delta.seq, view: view as unknown as ConsoleView };
};

/** Market data for display only: merged, at most 20 a second, never numbered (DESIGN 7). */
export interface MarketFrame {
  readonly quotes: Readonly<
    Record<string, { readonly bid: DecimalText; readonly ask: DecimalText; readonly last: DecimalText | null; readonly atMs: number }>
  >;
  readonly candle: CandleView | null;
  readonly depth: {
    readonly symbol: string;
    readonly bids: readonly (readonly [DecimalText, DecimalText])[];
    readonly asks: readonly (readonly [DecimalText, DecimalText])[];
  } | null;
}

export interface CandleView {
  readonly symbol: string;
  readonly interval: string;
  readonly openTimeMs: number;
  readonly open: DecimalText;
  readonly high: DecimalText;
  readonly low: DecimalText;
  readonly close: DecimalText;
  readonly volume: DecimalText;
}
