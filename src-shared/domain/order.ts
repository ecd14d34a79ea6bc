// What an order is, from the wish to its end. The types are those of spot and of USDⓈ-M futures alike (REQUIREMENTS A3).
import type { DecimalText } from './money.ts';
import type { SymbolId } from './ids.ts';

export type Side = 'BUY' | 'SELL';
/** STOP_LOSS and TAKE_PROFIT are market orders once triggered, the others limit orders. A trailing stop is one with trailingDeltaBps. */
export type OrderType = 'MARKET' | 'LIMIT' | 'STOP_LOSS' | 'STOP_LOSS_LIMIT' | 'TAKE_PROFIT' | 'TAKE_PROFIT_LIMIT';
/** True for orders that wait for a price before they can trade. */
export const isConditional = (type: OrderType): boolean => type !== 'MARKET' && type !== 'LIMIT';
/** True for orders that carry a limit price. */
export const hasPrice = (type: OrderType): boolean => type === 'LIMIT' || type === 'STOP_LOSS_LIMIT' || type === 'TAKE_PROFIT_LIMIT';
/** POST_ONLY is Binance spot's LIMIT_MAKER. A market order has none. */
export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'POST_ONLY';

/**
 * The life of an order (DESIGN 5). INTENDED: on disk, not on the wire. SENT: on the wire, no answer yet. UNKNOWN: the answer was
 * lost; it counts against every limit until proof arrives. REJECTED: the venue proved that it does not exist. DENIED never
 * becomes an order: it is a fact of its own.
 */
export type OrderStatus =
  'INTENDED' | 'SENT' | 'UNKNOWN' | 'ACCEPTED' | 'PARTIALLY_FILLED' | 'FILLED' | 'CANCELED' | 'EXPIRED' | 'REJECTED';

const ENDED: ReadonlySet<OrderStatus> = new Set(['FILLED', 'CANCELED', 'EXPIRED', 'REJECTED']);
/** True once the venue can do nothing more with the order. */
export const isEnded = (status: OrderStatus): boolean => ENDED.has(status);

/**
 * Who asked: it is shown and journaled. The stop's own flatten is the only origin that trades while HALTED; `protection` is the
 * engine's own guard of a position (B5), which only ever reduces.
 */
export type OrderOrigin = 'window' | 'cli' | 'api' | 'stop' | 'protection' | 'foreign';

/** A wish for an order, as ticket, command line and API state it. Texts are plain decimals, checked at the edge. */
export interface OrderRequest {
  readonly symbol: SymbolId;
  readonly side: Side;
  readonly type: OrderType;
  /** Base quantity. Exactly one of qty and quoteQty. */
  readonly qty?: DecimalText;
  /** Quote amount to spend: market buys only. */
  readonly quoteQty?: DecimalText;
  /** Limit price: LIMIT only. */
  readonly price?: DecimalText;
  /** Orders with a limit price only; GTC when absent. POST_ONLY: LIMIT only. */
  readonly timeInForce?: TimeInForce;
  /** Conditional orders: the price that triggers. A trailing one may leave it out: it trails from now on. */
  readonly stopPrice?: DecimalText;
  /** Conditional orders that trail the price: distance in basis points (1 … 10 000), in the range of the venue's TRAILING_DELTA. */
  readonly trailingDeltaBps?: number;
  /** The order may only shrink a position; more than the position is refused. */
  readonly reduceOnly?: boolean;
  /**
   * Buys only: how the position is to be left again (B5). A resting limit entry takes its exits along as the venue's own order list
   * (OTO, OTOCO); after any other entry the console places them as soon as it fills.
   */
  readonly exits?: ExitPlan;
}

/** How a position is protected: at least one of the three. The trailing stop and the stop loss exclude each other. */
export interface ExitPlan {
  /** Sells when the price falls to it. */
  readonly stopLoss?: DecimalText;
  /** Sells when the price has fallen by so many basis points from its highest since the plan was set. */
  readonly trailingDeltaBps?: number;
  /** Sells when the price rises to it. */
  readonly takeProfit?: DecimalText;
}

/**
 * Two orders of one size of which one ends the other. A sell: the limit above the market, the stop below. A buy: the limit below, the
 * stop above.
 */
export interface OcoRequest {
  readonly symbol: SymbolId;
  readonly side: Side;
  readonly qty: DecimalText;
  /** Price of the limit leg, which only makes (LIMIT_MAKER). */
  readonly price: DecimalText;
  /** Trigger of the stop leg. Of one that trails: where it would stand now; it is not sent. */
  readonly stopPrice: DecimalText;
  /** Limit price of the stop leg; absent: it sells or buys at market once triggered. */
  readonly stopLimitPrice?: DecimalText;
  /** The stop leg trails the price by so many basis points: the engine's protection alone asks for it. */
  readonly trailingDeltaBps?: number;
}

/** What of an open order is to be different; what is absent stays. At least one of them. */
export interface OrderChange {
  readonly qty?: DecimalText;
  readonly price?: DecimalText;
  readonly stopPrice?: DecimalText;
}

/** The venue's order lists. OTO: the second comes to life when the first is filled; OTOCO: a pair does, of which one ends the other. */
export type ListKind = 'OCO' | 'OTO' | 'OTOCO';
/** entry: the working order of OTO and OTOCO. stop, limit: the exits, or the legs of an OCO. */
export type ListRole = 'entry' | 'stop' | 'limit';
