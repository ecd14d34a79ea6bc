// What an order is, from the wish to its end. The types are those of spot and of USDⓈ-M futures alike (REQUIREMENTS A3).
import type { DecimalText } from './money.ts';
import type { SymbolId } from './ids.ts';

export type Side = 'BUY' | 'SELL';
export type OrderType = 'MARKET' | 'LIMIT';
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

/** Who asked: it is shown, journaled, and the stop's own flatten is the only origin that trades while HALTED. */
export type OrderOrigin = 'window' | 'cli' | 'api' | 'stop' | 'foreign';

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
  /** LIMIT only; GTC when absent. */
  readonly timeInForce?: TimeInForce;
  /** The order may only shrink a position; more than the position is refused. */
  readonly reduceOnly?: boolean;
}
