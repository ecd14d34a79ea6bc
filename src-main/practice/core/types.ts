// The vocabulary of the practice exchange's core: requests in, Binance-shaped payloads and events out.
// Types only. Amounts cross this boundary as plain decimal strings ("0.00100000"), times as epoch milliseconds, never as floats of money.

import type { ExchangeState, StateChange } from './state.ts';

export type Side = 'BUY' | 'SELL';
export type OrderType = 'LIMIT' | 'LIMIT_MAKER' | 'MARKET' | 'STOP_LOSS' | 'STOP_LOSS_LIMIT' | 'TAKE_PROFIT' | 'TAKE_PROFIT_LIMIT';
export type TimeInForce = 'GTC' | 'IOC' | 'FOK';
export type StpMode = 'NONE' | 'EXPIRE_TAKER' | 'EXPIRE_MAKER' | 'EXPIRE_BOTH';
export type OrderStatus = 'NEW' | 'PENDING_NEW' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'REJECTED' | 'EXPIRED' | 'EXPIRED_IN_MATCH';
export type SymbolStatus = 'TRADING' | 'HALT' | 'BREAK' | 'CANCEL_ONLY';
export type ExecutionType = 'NEW' | 'CANCELED' | 'REJECTED' | 'TRADE' | 'EXPIRED' | 'TRADE_PREVENTION';
/** Why an order expired (`eR`, `expiryReason`): binance-spot-api-docs, user-data-stream.md, "Order Expiry Reason". */
export type ExpiryReason =
  | 'REJECTED'
  | 'OCO_TRIGGER'
  | 'OTO_PHASE_ONE_EXPIRED'
  | 'UNFILLED_IOC_QUANTITY_EXPIRED'
  | 'UNFILLED_FOK_ORDER_EXPIRED'
  | 'INSUFFICIENT_LIQUIDITY';

export const KLINE_INTERVALS = [
  '1s', '1m', '3m', '5m', '15m', '30m', '1h', '2h', '4h', '6h', '8h', '12h', '1d', '3d', '1w', '1M',
] as const; // prettier-ignore
export type KlineInterval = (typeof KLINE_INTERVALS)[number];

// ---------------------------------------------------------------------------------------------------------------- results

/** Binance's own code and message; `data` only on cancel-replace failures (-2021, -2022). */
export interface ApiError {
  readonly code: number;
  readonly msg: string;
  readonly data?: CancelReplaceResult;
}
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: ApiError };

// ---------------------------------------------------------------------------------------------------------------- set-up

/** The filters of one symbol as decimal strings, in the order and with the names of exchangeInfo. '0' switches a rule off. */
export interface InstrumentSpec {
  readonly symbol: string;
  readonly baseAsset: string;
  readonly quoteAsset: string;
  readonly price: { readonly min: string; readonly max: string; readonly tick: string };
  readonly lot: { readonly min: string; readonly max: string; readonly step: string };
  readonly marketLot: { readonly min: string; readonly max: string; readonly step: string };
  readonly notional: {
    readonly min: string;
    readonly max: string;
    readonly applyMinToMarket: boolean;
    readonly applyMaxToMarket: boolean;
    readonly avgPriceMins: number;
  };
  readonly percentPriceBySide: {
    readonly bidUp: string;
    readonly bidDown: string;
    readonly askUp: string;
    readonly askDown: string;
    readonly avgPriceMins: number;
  };
  /** Basis points. */
  readonly trailingDelta: { readonly minAbove: number; readonly maxAbove: number; readonly minBelow: number; readonly maxBelow: number };
  readonly maxNumOrders: number;
  readonly maxNumAlgoOrders: number;
  readonly maxNumOrderLists: number;
  /** Base asset; absent: no limit. */
  readonly maxPosition?: string;
  /** The price that a synthetic feed starts from. Not part of exchangeInfo. */
  readonly referencePrice: string;
}

export interface AccountSpec {
  readonly id: string;
  readonly balances: Readonly<Record<string, string>>;
  /** Binance's rate strings ("0.00100000" = 0.1 %), the default. */
  readonly makerRate?: string;
  readonly takerRate?: string;
  /** Pay commissions in BNB at 75 % of the rate while the free BNB suffices. Default false. */
  readonly bnbDiscount?: boolean;
}

export interface ExchangeLimits {
  /** EXCHANGE_MAX_NUM_*: absent or 0 switches the filter off. */
  readonly maxNumOrders?: number;
  readonly maxNumAlgoOrders?: number;
  readonly maxNumOrderLists?: number;
}

export interface ExchangeOptions {
  readonly instruments: readonly InstrumentSpec[];
  readonly accounts: readonly AccountSpec[];
  readonly nowMs: number;
  readonly limits?: ExchangeLimits;
  /** What an earlier exchange left (exportState): its accounts go on as they are; `accounts` adds those that it does not know. */
  readonly state?: ExchangeState;
  /** How many public trades, aggregate trades and candles (per interval) are remembered per symbol. */
  readonly history?: { readonly trades?: number; readonly klines?: number };
  /** Draws the client ids that clients do not give; 0 when absent. */
  readonly idSeed?: number;
}

// -------------------------------------------------------------------------------------------------------------- requests

/** Syntax (is it a decimal, an enum member, a safe integer) is the protocol's to check; meaning and presence per type is the core's. */
export interface NewOrder {
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce?: TimeInForce;
  readonly quantity?: string;
  readonly quoteOrderQty?: string;
  readonly price?: string;
  readonly stopPrice?: string;
  /** Basis points. */
  readonly trailingDelta?: number;
  readonly icebergQty?: string;
  /** `^[a-zA-Z0-9-_]{1,36}$`; drawn by the core when absent. */
  readonly newClientOrderId?: string;
  readonly selfTradePreventionMode?: StpMode;
  readonly strategyId?: number;
  readonly strategyType?: number;
}

/** One leg of an order list: `above…`, `below…`, `working…`, `pending…` parameters with the prefix taken off. */
export interface OrderLeg {
  readonly type: OrderType;
  readonly clientOrderId?: string;
  readonly timeInForce?: TimeInForce;
  readonly price?: string;
  readonly stopPrice?: string;
  readonly trailingDelta?: number;
  readonly icebergQty?: string;
  readonly strategyId?: number;
  readonly strategyType?: number;
}

interface ListBase {
  readonly symbol: string;
  readonly listClientOrderId?: string;
  readonly selfTradePreventionMode?: StpMode;
}
export interface NewOco extends ListBase {
  readonly side: Side;
  readonly quantity: string;
  readonly above: OrderLeg;
  readonly below: OrderLeg;
}
export interface NewOto extends ListBase {
  readonly working: OrderLeg & { readonly side: Side; readonly quantity: string };
  readonly pending: OrderLeg & { readonly side: Side; readonly quantity: string };
}
export interface NewOtoco extends ListBase {
  readonly working: OrderLeg & { readonly side: Side; readonly quantity: string };
  readonly pendingSide: Side;
  readonly pendingQuantity: string;
  readonly pendingAbove: OrderLeg;
  readonly pendingBelow: OrderLeg;
}

/** Both given: `orderId` is looked up and must carry that client id (rest-api.md, "Query order"). */
export interface OrderKey {
  readonly symbol: string;
  readonly orderId?: number;
  readonly origClientOrderId?: string;
}
export interface CancelOrder extends OrderKey {
  readonly newClientOrderId?: string;
  readonly cancelRestrictions?: 'ONLY_NEW' | 'ONLY_PARTIALLY_FILLED';
}
export interface CancelReplace {
  readonly mode: 'STOP_ON_FAILURE' | 'ALLOW_FAILURE';
  readonly cancelOrderId?: number;
  readonly cancelOrigClientOrderId?: string;
  readonly cancelNewClientOrderId?: string;
  readonly cancelRestrictions?: 'ONLY_NEW' | 'ONLY_PARTIALLY_FILLED';
  /** Its symbol is also the symbol of the order to cancel. */
  readonly order: NewOrder;
}
export interface OrderListKey {
  /** Mandatory on cancel, ignored on query. */
  readonly symbol?: string;
  readonly orderListId?: number;
  readonly listClientOrderId?: string;
  /** Cancel only: client id of the cancellation. */
  readonly newClientOrderId?: string;
}

// ------------------------------------------------------------------------------------------------- answers (Binance JSON)

export interface Fill {
  readonly price: string;
  readonly qty: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly tradeId: number;
}

/** Fields that all order answers share; the optional ones appear under Binance's visibility conditions. */
export interface OrderFields {
  readonly symbol: string;
  readonly orderId: number;
  readonly orderListId: number;
  readonly clientOrderId: string;
  readonly price: string;
  readonly origQty: string;
  readonly executedQty: string;
  readonly origQuoteOrderQty: string;
  readonly cummulativeQuoteQty: string;
  readonly status: OrderStatus;
  readonly timeInForce: TimeInForce;
  readonly type: OrderType;
  readonly side: Side;
  readonly selfTradePreventionMode: StpMode;
  readonly stopPrice?: string;
  readonly icebergQty?: string;
  readonly trailingDelta?: number;
  readonly trailingTime?: number;
  readonly strategyId?: number;
  readonly strategyType?: number;
  readonly preventedMatchId?: number;
  readonly preventedQuantity?: string;
  readonly expiryReason?: ExpiryReason;
}
/** RESULT is this without `fills`; ACK is `symbol, orderId, orderListId, clientOrderId, transactTime`. The protocol reduces it. */
export interface PlacedOrder extends OrderFields {
  readonly transactTime: number;
  readonly workingTime: number;
  readonly fills: readonly Fill[];
}
/** GET order, openOrders, allOrders. */
export interface QueriedOrder extends OrderFields {
  readonly stopPrice: string;
  readonly icebergQty: string;
  readonly time: number;
  readonly updateTime: number;
  readonly isWorking: boolean;
  readonly workingTime: number;
}
/** `clientOrderId` is the cancellation's own id. */
export interface CanceledOrder extends OrderFields {
  readonly origClientOrderId: string;
  readonly transactTime: number;
}
export interface OrderListSummary {
  readonly orderListId: number;
  readonly contingencyType: 'OCO' | 'OTO';
  readonly listStatusType: ListStatusType;
  readonly listOrderStatus: ListOrderStatus;
  readonly listClientOrderId: string;
  readonly transactionTime: number;
  readonly symbol: string;
  readonly orders: readonly { readonly symbol: string; readonly orderId: number; readonly clientOrderId: string }[];
}
export interface PlacedOrderList extends OrderListSummary {
  readonly orderReports: readonly PlacedOrder[];
}
export interface CanceledOrderList extends OrderListSummary {
  readonly orderReports: readonly CanceledOrder[];
}
export type ListStatusType = 'RESPONSE' | 'EXEC_STARTED' | 'UPDATED' | 'ALL_DONE';
export type ListOrderStatus = 'EXECUTING' | 'ALL_DONE' | 'REJECT';

export interface CancelReplaceResult {
  readonly cancelResult: 'SUCCESS' | 'FAILURE';
  readonly newOrderResult: 'SUCCESS' | 'FAILURE' | 'NOT_ATTEMPTED';
  readonly cancelResponse: CanceledOrder | CanceledOrderList | { readonly code: number; readonly msg: string };
  readonly newOrderResponse: PlacedOrder | { readonly code: number; readonly msg: string } | null;
}
export interface AccountTrade {
  readonly symbol: string;
  readonly id: number;
  readonly orderId: number;
  readonly orderListId: number;
  readonly price: string;
  readonly qty: string;
  readonly quoteQty: string;
  readonly commission: string;
  readonly commissionAsset: string;
  readonly time: number;
  readonly isBuyer: boolean;
  readonly isMaker: boolean;
  readonly isBestMatch: boolean;
}
export interface AccountSnapshot {
  readonly makerCommission: number;
  readonly takerCommission: number;
  readonly buyerCommission: number;
  readonly sellerCommission: number;
  readonly commissionRates: { readonly maker: string; readonly taker: string; readonly buyer: string; readonly seller: string };
  readonly canTrade: boolean;
  readonly canWithdraw: boolean;
  readonly canDeposit: boolean;
  readonly brokered: boolean;
  readonly requireSelfTradePrevention: boolean;
  readonly preventSor: boolean;
  readonly updateTime: number;
  readonly accountType: 'SPOT';
  readonly balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[];
  readonly permissions: readonly string[];
  readonly uid: number;
}
/** GET account/commission. */
export interface AccountCommission {
  readonly symbol: string;
  readonly standardCommission: { readonly maker: string; readonly taker: string; readonly buyer: string; readonly seller: string };
  readonly specialCommission: { readonly maker: string; readonly taker: string; readonly buyer: string; readonly seller: string };
  readonly taxCommission: { readonly maker: string; readonly taker: string; readonly buyer: string; readonly seller: string };
  readonly discount: {
    readonly enabledForAccount: boolean;
    readonly enabledForSymbol: boolean;
    readonly discountAsset: string;
    readonly discount: string;
  };
}

export type PriceLevel = readonly [price: string, qty: string];
export interface DepthSnapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
}
export interface BookTicker {
  readonly symbol: string;
  readonly bidPrice: string;
  readonly bidQty: string;
  readonly askPrice: string;
  readonly askQty: string;
}
export interface PublicTrade {
  readonly id: number;
  readonly price: string;
  readonly qty: string;
  readonly quoteQty: string;
  readonly time: number;
  readonly isBuyerMaker: boolean;
  readonly isBestMatch: boolean;
}
export interface AggTrade {
  readonly a: number;
  readonly p: string;
  readonly q: string;
  readonly f: number;
  readonly l: number;
  readonly T: number;
  readonly m: boolean;
  readonly M: boolean;
}
/** openTime, open, high, low, close, volume, closeTime, quoteVolume, trades, takerBuyBase, takerBuyQuote, "0". */
export type KlineRow = readonly [number, string, string, string, string, string, number, string, number, string, string, string];
export interface AvgPrice {
  readonly mins: number;
  readonly price: string;
  readonly closeTime: number;
}
export interface Ticker24h {
  readonly symbol: string;
  readonly priceChange: string;
  readonly priceChangePercent: string;
  readonly weightedAvgPrice: string;
  readonly prevClosePrice: string;
  readonly lastPrice: string;
  readonly lastQty: string;
  readonly bidPrice: string;
  readonly bidQty: string;
  readonly askPrice: string;
  readonly askQty: string;
  readonly openPrice: string;
  readonly highPrice: string;
  readonly lowPrice: string;
  readonly volume: string;
  readonly quoteVolume: string;
  readonly openTime: number;
  readonly closeTime: number;
  readonly firstId: number;
  readonly lastId: number;
  readonly count: number;
}

// ---------------------------------------------------------------------------------------------------------- user events

export interface ExecutionReport {
  readonly e: 'executionReport';
  readonly E: number;
  readonly s: string;
  readonly c: string;
  readonly S: Side;
  readonly o: OrderType;
  readonly f: TimeInForce;
  readonly q: string;
  readonly p: string;
  readonly P: string;
  readonly F: string;
  readonly g: number;
  readonly C: string;
  readonly x: ExecutionType;
  readonly X: OrderStatus;
  readonly r: string;
  readonly i: number;
  readonly l: string;
  readonly z: string;
  readonly L: string;
  readonly n: string;
  readonly N: string | null;
  readonly T: number;
  readonly t: number;
  readonly I: number;
  readonly w: boolean;
  readonly m: boolean;
  readonly M: boolean;
  readonly O: number;
  readonly Z: string;
  readonly Y: string;
  readonly Q: string;
  readonly V: StpMode;
  readonly W?: number;
  readonly d?: number;
  readonly D?: number;
  readonly j?: number;
  readonly J?: number;
  readonly v?: number;
  readonly A?: string;
  readonly B?: string;
  readonly u?: number;
  readonly U?: number;
  readonly Cs?: string;
  readonly pl?: string;
  readonly pL?: string;
  readonly pY?: string;
  readonly eR?: ExpiryReason;
}
export interface OutboundAccountPosition {
  readonly e: 'outboundAccountPosition';
  readonly E: number;
  readonly u: number;
  readonly B: readonly { readonly a: string; readonly f: string; readonly l: string }[];
}
export interface BalanceUpdate {
  readonly e: 'balanceUpdate';
  readonly E: number;
  readonly a: string;
  readonly d: string;
  readonly T: number;
}
export interface ListStatus {
  readonly e: 'listStatus';
  readonly E: number;
  readonly s: string;
  readonly g: number;
  readonly c: 'OCO' | 'OTO';
  readonly l: ListStatusType;
  readonly L: ListOrderStatus;
  readonly r: string;
  readonly C: string;
  readonly T: number;
  readonly O: readonly { readonly s: string; readonly i: number; readonly c: string }[];
}
export type UserPayload = ExecutionReport | OutboundAccountPosition | BalanceUpdate | ListStatus;

// --------------------------------------------------------------------------------------------------------- market events

export interface TradePayload {
  readonly e: 'trade';
  readonly E: number;
  readonly s: string;
  readonly t: number;
  readonly p: string;
  readonly q: string;
  readonly T: number;
  readonly m: boolean;
  readonly M: boolean;
}
export interface AggTradePayload {
  readonly e: 'aggTrade';
  readonly E: number;
  readonly s: string;
  readonly a: number;
  readonly p: string;
  readonly q: string;
  readonly f: number;
  readonly l: number;
  readonly T: number;
  readonly m: boolean;
  readonly M: boolean;
}
export interface DepthUpdatePayload {
  readonly e: 'depthUpdate';
  readonly E: number;
  readonly s: string;
  readonly U: number;
  readonly u: number;
  readonly b: readonly PriceLevel[];
  readonly a: readonly PriceLevel[];
}
/** No `e` on spot. */
export interface BookTickerPayload {
  readonly u: number;
  readonly s: string;
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
}
export interface KlinePayload {
  readonly e: 'kline';
  readonly E: number;
  readonly s: string;
  readonly k: {
    readonly t: number;
    readonly T: number;
    readonly s: string;
    readonly i: KlineInterval;
    readonly f: number;
    readonly L: number;
    readonly o: string;
    readonly c: string;
    readonly h: string;
    readonly l: string;
    readonly v: string;
    readonly n: number;
    readonly x: boolean;
    readonly q: string;
    readonly V: string;
    readonly Q: string;
    readonly B: string;
  };
}
export interface MiniTickerPayload {
  readonly e: '24hrMiniTicker';
  readonly E: number;
  readonly s: string;
  readonly c: string;
  readonly o: string;
  readonly h: string;
  readonly l: string;
  readonly v: string;
  readonly q: string;
}
export interface TickerPayload {
  readonly e: '24hrTicker';
  readonly E: number;
  readonly s: string;
  readonly p: string;
  readonly P: string;
  readonly w: string;
  readonly x: string;
  readonly c: string;
  readonly Q: string;
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
  readonly o: string;
  readonly h: string;
  readonly l: string;
  readonly v: string;
  readonly q: string;
  readonly O: number;
  readonly C: number;
  readonly F: number;
  readonly L: number;
  readonly n: number;
}

/**
 * What the core tells its listener, synchronously and in the order in which it happened. `kline` events come only for pairs that
 * are watched (`watchKline`), at Binance's pace (1 s for 1s candles, 2 s for the others) and always on a candle's close.
 * The 24 h tickers are polled (`tickerPayload`, `miniTickerPayload`).
 */
export type CoreEvent =
  | { readonly kind: 'user'; readonly account: string; readonly payload: UserPayload }
  | { readonly kind: 'trade'; readonly symbol: string; readonly payload: TradePayload }
  | { readonly kind: 'aggTrade'; readonly symbol: string; readonly payload: AggTradePayload }
  | { readonly kind: 'depth'; readonly symbol: string; readonly payload: DepthUpdatePayload }
  | { readonly kind: 'bookTicker'; readonly symbol: string; readonly payload: BookTickerPayload }
  | { readonly kind: 'kline'; readonly symbol: string; readonly payload: KlinePayload };

// ----------------------------------------------------------------------------------------------------- market input (feeds)

/** A full book. On a symbol that already has one, the difference goes out as a depthUpdate, so that clients stay in step. */
export interface DepthSnapshotInput {
  readonly kind: 'snapshot';
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
  /** Absent: the core numbers. */
  readonly lastUpdateId?: number;
}
/** Absolute quantities per level; '0' removes. Ids absent: the core numbers. */
export interface DepthDiffInput {
  readonly kind: 'diff';
  readonly bids: readonly PriceLevel[];
  readonly asks: readonly PriceLevel[];
  readonly firstUpdateId?: number;
  readonly lastUpdateId?: number;
  readonly eventTimeMs?: number;
}
export type DepthInput = DepthSnapshotInput | DepthDiffInput;

export interface TradeInput {
  readonly price: string;
  readonly qty: string;
  readonly buyerIsMaker: boolean;
  readonly timeMs: number;
  readonly eventTimeMs?: number;
  /** Absent: the core numbers. */
  readonly tradeId?: number;
}
/** A best quote from the feed. A feed that sends any for a symbol becomes the only source of that symbol's bookTicker stream. */
export interface BookTickerInput {
  readonly updateId: number;
  readonly bidPrice: string;
  readonly bidQty: string;
  readonly askPrice: string;
  readonly askQty: string;
}

// ------------------------------------------------------------------------------------------------------------- the facade

/**
 * What the protocol layer may rely on; implemented by ExchangeCore (exchange.ts). Every operation takes the time; time never runs
 * backwards inside the core (a smaller `nowMs` counts as the newest one seen). Unknown symbols: order operations answer -1121,
 * market reads throw RangeError (check `hasSymbol` first). Unknown accounts throw RangeError.
 */
export interface Exchange {
  onEvent(listener: (event: CoreEvent) => void): () => void;
  /** Everything that outlives the exchange; closed orders and trades up to a bound an account. */
  exportState(): ExchangeState;
  /** Price of each symbol's last trade. */
  lastPrices(): Readonly<Record<string, string>>;
  /**
   * From now on `keep` is told what each operation changed of the state, before any listener hears of it and before the operation
   * returns. What it throws the operation throws, and nobody hears of the change before a later `keep` has taken it.
   */
  keepWith(keep: (change: StateChange) => void): void;

  addAccount(spec: AccountSpec): void;
  hasAccount(account: string): boolean;
  /** The amount is a plain decimal string > 0. Emits balanceUpdate and outboundAccountPosition. */
  deposit(account: string, asset: string, amount: string, nowMs: number): void;
  /** Fails with -2010 where the free balance is too small. */
  withdraw(account: string, asset: string, amount: string, nowMs: number): Result<null>;
  setBnbDiscount(account: string, on: boolean): void;

  placeOrder(account: string, order: NewOrder, nowMs: number): Result<PlacedOrder>;
  /** Every check of placeOrder, no effect. */
  testOrder(account: string, order: NewOrder, nowMs: number): Result<null>;
  /** An order of a list takes its whole list with it, and the answer is the list's (web-socket-api.md, "Cancel order"). */
  cancelOrder(account: string, key: CancelOrder, nowMs: number): Result<CanceledOrder | CanceledOrderList>;
  cancelReplace(account: string, request: CancelReplace, nowMs: number): Result<CancelReplaceResult>;
  /** -2011 when nothing is open. Order lists come as one element with their reports, as Binance does. */
  cancelAllOpen(account: string, symbol: string, nowMs: number): Result<readonly (CanceledOrder | CanceledOrderList)[]>;
  getOrder(account: string, key: OrderKey, nowMs: number): Result<QueriedOrder>;
  openOrders(account: string, symbol?: string): readonly QueriedOrder[];
  allOrders(
    account: string,
    symbol: string,
    query: { readonly orderId?: number; readonly startTime?: number; readonly endTime?: number; readonly limit: number },
  ): readonly QueriedOrder[];
  myTrades(
    account: string,
    symbol: string,
    query: {
      readonly orderId?: number;
      readonly fromId?: number;
      readonly startTime?: number;
      readonly endTime?: number;
      readonly limit: number;
    },
  ): readonly AccountTrade[];
  account(account: string, query?: { readonly omitZeroBalances?: boolean }): AccountSnapshot;
  accountCommission(account: string, symbol: string): AccountCommission;

  placeOco(account: string, list: NewOco, nowMs: number): Result<PlacedOrderList>;
  placeOto(account: string, list: NewOto, nowMs: number): Result<PlacedOrderList>;
  placeOtoco(account: string, list: NewOtoco, nowMs: number): Result<PlacedOrderList>;
  cancelOrderList(account: string, key: OrderListKey, nowMs: number): Result<CanceledOrderList>;
  getOrderList(account: string, key: OrderListKey): Result<OrderListSummary>;
  openOrderLists(account: string): readonly OrderListSummary[];
  allOrderLists(
    account: string,
    query: { readonly fromId?: number; readonly startTime?: number; readonly endTime?: number; readonly limit: number },
  ): readonly OrderListSummary[];

  hasSymbol(symbol: string): boolean;
  symbols(): readonly string[];
  setSymbolStatus(symbol: string, status: SymbolStatus): void;
  /** GET exchangeInfo, whole; the protocol picks symbols out of `symbols`. `rateLimits` is Binance's table (BINANCE.md 3). */
  exchangeInfo(nowMs: number): Readonly<Record<string, unknown>> & { readonly symbols: readonly Readonly<Record<string, unknown>>[] };
  depth(symbol: string, limit: number): DepthSnapshot;
  bookTicker(symbol: string): BookTicker;
  /** The bookTicker stream's newest payload, or undefined before the first quote. */
  bookTickerPayload(symbol: string): BookTickerPayload | undefined;
  /** undefined before the first trade. */
  lastPrice(symbol: string): string | undefined;
  trades(symbol: string, query: { readonly fromId?: number; readonly limit: number }): readonly PublicTrade[];
  aggTrades(
    symbol: string,
    query: { readonly fromId?: number; readonly startTime?: number; readonly endTime?: number; readonly limit: number },
  ): readonly AggTrade[];
  klines(
    symbol: string,
    interval: KlineInterval,
    query: { readonly startTime?: number; readonly endTime?: number; readonly limit: number },
    nowMs: number,
  ): readonly KlineRow[];
  avgPrice(symbol: string, nowMs: number): AvgPrice;
  ticker24h(symbol: string, nowMs: number): Ticker24h;
  tickerPayload(symbol: string, nowMs: number): TickerPayload;
  miniTickerPayload(symbol: string, nowMs: number): MiniTickerPayload;
  /** Asks for `kline` events of one pair; counted, so every call needs its own stop. Gives back the stop. */
  watchKline(symbol: string, interval: KlineInterval): () => void;

  applyDepth(symbol: string, input: DepthInput, nowMs: number): void;
  applyTrade(symbol: string, input: TradeInput, nowMs: number): void;
  applyBookTicker(symbol: string, input: BookTickerInput, nowMs: number): void;
  /** Time-driven work: candles roll over, aggregate trades are flushed. Call it a few times a second. */
  advance(nowMs: number): void;
}
