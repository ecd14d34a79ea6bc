// The Venue port: what the engine asks of an exchange and what it hears from one. Every call settles as a value within its own
// deadline; nothing throws for what the outside world can do; a lost answer is `unknown`, never a failure (BINANCE 4).
import type { AssetId, ClientOrderId, SymbolId, TradeId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { ListKind, ListRole, OrderType, Side, TimeInForce } from '../../src-shared/domain/order.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Approved } from '../safety/approved.ts';

/** Normal traffic stays below the policy's weight ceiling; emergency traffic may use the reserve above it (REQUIREMENTS C9). */
export type Priority = 'normal' | 'emergency';

/** What goes on the wire for an order; every field final. */
export interface WireOrder {
  readonly clientOrderId: ClientOrderId;
  readonly symbol: SymbolId;
  readonly side: Side;
  readonly type: OrderType;
  readonly qty?: DecimalText;
  readonly quoteQty?: DecimalText;
  readonly price?: DecimalText;
  readonly timeInForce?: TimeInForce;
  readonly stopPrice?: DecimalText;
  /** Basis points. */
  readonly trailingDeltaBps?: number;
  readonly reduceOnly: boolean;
}

/** One order list as it goes on the wire, its orders in their places: OCO stop, limit; OTO entry, exit; OTOCO entry, stop, limit. */
export interface WireList {
  readonly listId: ClientOrderId;
  readonly kind: ListKind;
  readonly symbol: SymbolId;
  readonly orders: readonly (WireOrder & { readonly role: ListRole })[];
}

/** Why a call brought nothing. `code` is Binance's own where it gave one. */
export interface VenueFailure {
  readonly kind: 'refused' | 'held' | 'budget' | 'unreachable' | 'late' | 'garbled';
  readonly code: number | null;
  readonly text: string;
}

/** PENDING_NEW: an exit that waits for its list's entry to be filled; it locks nothing yet. */
export type VenueOrderStatus = 'NEW' | 'PENDING_NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED';

/** One trade of an own order, as any channel reports it. */
export interface VenueFill {
  readonly tradeId: TradeId;
  readonly price: DecimalText;
  readonly qty: DecimalText;
  readonly fee: DecimalText;
  readonly feeAsset: AssetId;
  readonly maker: boolean;
  readonly timeMs: number;
}

/** An order as the venue states it. */
export interface VenueOrder {
  readonly clientOrderId: string;
  readonly venueOrderId: VenueOrderId;
  readonly symbol: SymbolId;
  readonly side: Side;
  /** The venue's own type, as LIMIT_MAKER or STOP_LOSS_LIMIT. */
  readonly venueType: string;
  readonly timeInForce: string;
  readonly qty: DecimalText;
  readonly price: DecimalText;
  /** 0 where there is none. */
  readonly stopPrice: DecimalText;
  /** Basis points; null where it does not trail. */
  readonly trailingDeltaBps: number | null;
  /** The venue's number of the order's list; null where it is in none. */
  readonly venueListId: string | null;
  readonly filledQty: DecimalText;
  readonly status: VenueOrderStatus;
  readonly timeMs: number;
}

export type SubmitOutcome =
  /** The venue has it; fills where the answer listed them. */
  | { readonly kind: 'accepted'; readonly order: VenueOrder; readonly fills: readonly VenueFill[] }
  /** Proof that it does not exist: a definite refusal of BINANCE 4, or it never left this machine. */
  | { readonly kind: 'rejected'; readonly code: number | null; readonly text: string; readonly sent: boolean }
  /** It may exist. `provableAtMs` (local clock): from then on absence is proof (BINANCE 5). */
  | { readonly kind: 'unknown'; readonly text: string; readonly provableAtMs: number };

/** A list is accepted or rejected whole; its orders come as they were sent. Fills at once come by stream, or are asked for. */
export type ListOutcome =
  { readonly kind: 'accepted'; readonly orders: readonly VenueOrder[] } | Extract<SubmitOutcome, { kind: 'rejected' | 'unknown' }>;

/**
 * One request that cancels an order and, only when that succeeded, places another (cancelReplace, STOP_ON_FAILURE). Whatever an
 * answer does not prove is unknown: both orders are then asked for.
 */
export interface ReplaceOutcome {
  readonly canceled: CancelOutcome;
  readonly placed: SubmitOutcome;
}

export type CancelOutcome =
  | { readonly kind: 'canceled'; readonly orders: readonly VenueOrder[] }
  /** -2011: not open any more, never was, or (in a replacement) filled in part meanwhile: ask what became of it. */
  | { readonly kind: 'not-open'; readonly text: string }
  | { readonly kind: 'failed'; readonly failure: VenueFailure };

export type QueryOutcome =
  | { readonly kind: 'found'; readonly order: VenueOrder }
  /** -2013. Proof only after the order's provableAtMs. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly failure: VenueFailure };

export interface VenueBalance {
  readonly asset: AssetId;
  readonly free: DecimalText;
  readonly locked: DecimalText;
}

/** One executionReport, whole. `execution` is Binance's x, `status` its X. */
export interface ExecutionReport {
  readonly clientOrderId: string;
  readonly order: VenueOrder;
  readonly execution: 'NEW' | 'CANCELED' | 'REPLACED' | 'REJECTED' | 'TRADE' | 'EXPIRED' | 'TRADE_PREVENTION';
  readonly fill: VenueFill | null;
  readonly reason: string;
  readonly eventTimeMs: number;
}

export interface Candle {
  readonly symbol: SymbolId;
  readonly interval: string;
  readonly openTimeMs: number;
  readonly open: DecimalText;
  readonly high: DecimalText;
  readonly low: DecimalText;
  readonly close: DecimalText;
  readonly volume: DecimalText;
  readonly closed: boolean;
}

export interface DepthLevels {
  readonly symbol: SymbolId;
  readonly bids: readonly (readonly [DecimalText, DecimalText])[];
  readonly asks: readonly (readonly [DecimalText, DecimalText])[];
}

/** What the venue's budget looks like now: counts in their windows, limits, and a hold it imposed. */
export interface BudgetReading {
  readonly usedWeight: number;
  readonly weightLimit: number;
  readonly orderCount10s: number;
  readonly orderLimit10s: number;
  readonly orderCount1d: number;
  readonly orderLimit1d: number;
  /** Local clock; everything waits until then (429, 418). */
  readonly holdUntilMs: number | null;
}

export type VenueEvent =
  | { readonly kind: 'execution'; readonly report: ExecutionReport }
  | { readonly kind: 'balances'; readonly entries: readonly VenueBalance[]; readonly venueTimeMs: number }
  | { readonly kind: 'balance-moved'; readonly asset: AssetId; readonly delta: DecimalText; readonly venueTimeMs: number }
  | { readonly kind: 'quote'; readonly symbol: SymbolId; readonly bid: DecimalText; readonly ask: DecimalText }
  | { readonly kind: 'trade'; readonly symbol: SymbolId; readonly price: DecimalText }
  | { readonly kind: 'candle'; readonly candle: Candle }
  | { readonly kind: 'depth'; readonly depth: DepthLevels }
  /** `live` after `down` means that events may have been missed: reconcile. */
  | { readonly kind: 'stream'; readonly stream: 'market' | 'user'; readonly status: 'live' | 'down'; readonly text: string }
  /** A frame or pong arrived; at most once a second for each stream. */
  | { readonly kind: 'alive'; readonly stream: 'market' | 'user' }
  | { readonly kind: 'budget'; readonly budget: BudgetReading }
  /** Server time minus local time, ms. */
  | { readonly kind: 'clock'; readonly offsetMs: number; readonly roundTripMs: number }
  /** A payload that made no sense: nothing of it was used. */
  | { readonly kind: 'garbled'; readonly stream: 'market' | 'user'; readonly text: string };

export interface AccountSnapshot {
  readonly balances: readonly VenueBalance[];
  readonly canTrade: boolean;
}

export interface KeyPermissions {
  readonly canTrade: boolean;
  /** Null where the venue cannot tell (testnet has no such endpoint). */
  readonly canWithdraw: boolean | null;
}

export interface Venue {
  /** Opens both streams and the periodic clock check. Settles once both are live or a deadline passed; keeps redialling after that. */
  connect(listener: (event: VenueEvent) => void): Promise<Result<void, VenueFailure>>;
  /** Instruments with fees and filters, from a raw exchangeInfo. */
  instruments(symbols: readonly SymbolId[]): Promise<Result<readonly Instrument[], VenueFailure>>;
  /** An order that is about to be submitted, as it will be: what can be done before (its signature) is. Nothing leaves; it needs no mark. */
  prepare?(order: WireOrder | WireList): void;
  submit(order: Approved<WireOrder>): Promise<SubmitOutcome>;
  /** All orders of a list in one request, through the venue's own order lists (BINANCE 7). */
  submitList(list: Approved<WireList>): Promise<ListOutcome>;
  /** Cancels one order and places another in its stead, in one request. The canceled order's whole list goes with it. */
  replace(order: Approved<WireOrder>, canceled: ClientOrderId): Promise<ReplaceOutcome>;
  cancel(symbol: SymbolId, clientOrderId: ClientOrderId, priority: Priority): Promise<CancelOutcome>;
  /**
   * Every open order of one symbol, order lists included, in one request (BINANCE 7). Emergency requests leave synchronously, and orders
   * that still wait for a connection never do.
   */
  cancelAll(symbol: SymbolId, priority: Priority): Promise<CancelOutcome>;
  queryOrder(symbol: SymbolId, clientOrderId: ClientOrderId): Promise<QueryOutcome>;
  /** An order by the venue's own id, as trades name it. */
  orderOf(symbol: SymbolId, venueOrderId: VenueOrderId): Promise<Result<VenueOrder, VenueFailure>>;
  /** All symbols when none is given (weight 80). */
  openOrders(symbol: SymbolId | null, priority: Priority): Promise<Result<readonly VenueOrder[], VenueFailure>>;
  account(priority: Priority): Promise<Result<AccountSnapshot, VenueFailure>>;
  /** Own trades of a symbol since a time (ms, venue clock), oldest first, complete (pages inside). */
  tradesSince(
    symbol: SymbolId,
    sinceMs: number,
  ): Promise<Result<readonly (VenueFill & { readonly venueOrderId: VenueOrderId })[], VenueFailure>>;
  /** Trades of one order, oldest first, complete. */
  tradesOf(symbol: SymbolId, venueOrderId: VenueOrderId): Promise<Result<readonly VenueFill[], VenueFailure>>;
  candles(symbol: SymbolId, interval: string, limit: number): Promise<Result<readonly Candle[], VenueFailure>>;
  /** Server time minus local time, with the round trip it was measured over. */
  clock(): Promise<Result<{ readonly offsetMs: number; readonly roundTripMs: number }, VenueFailure>>;
  permissions(): Promise<Result<KeyPermissions, VenueFailure>>;
  /** A question and its answer over the user stream's own connection: that it is live, and how far it is (J). */
  userRoundTrip(): Promise<Result<{ readonly roundTripMs: number }, VenueFailure>>;
  /** Which symbol's depth and candles to stream for the window; null for none. Quotes of all symbols always stream. */
  show(symbol: SymbolId | null, interval: string): void;
  close(): Promise<void>;
}
