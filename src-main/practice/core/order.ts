// An order of an account and the order list it may belong to: the records that matching changes, and the questions they answer.
// Must never know how to match or to pay: that is matching.ts and account.ts.
import type { Account } from './account.ts';
import type { Instrument } from './instrument.ts';
import type { ExpiryReason, Fill, OrderStatus, OrderType, Side, StpMode, TimeInForce } from './types.ts';

/** Funds set aside for an order; both legs of an OCO share one. */
export interface Hold {
  readonly asset: string;
  units: bigint;
}

export interface Order {
  readonly id: number;
  readonly account: Account;
  readonly instrument: Instrument;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** 0: none. */
  readonly priceTicks: number;
  /** 0: none. */
  readonly stopTicks: number;
  /** Basis points; 0: not trailing. */
  readonly trailingDelta: number;
  readonly qtyLots: number;
  readonly quoteOrderQtyUnits: number;
  readonly stp: StpMode;
  readonly strategyId: number | undefined;
  readonly strategyType: number | undefined;
  readonly createdMs: number;
  list: OrderList | undefined;
  hold: Hold;
  /** The price per lot that a buy sets funds aside for; 0: nothing is set aside (MARKET). */
  holdTicks: number;
  status: OrderStatus;
  execLots: number;
  quoteUnits: bigint;
  updatedMs: number;
  /** -1 until the order works on the book. */
  workingMs: number;
  /** Contingent orders only: the trigger has fired. */
  triggered: boolean;
  /** Trailing orders only: since when the price is tracked (-1: not yet) and the best price since. */
  trailingSinceMs: number;
  trailingExtreme: number;
  /** House lots that stand before this order at its price. */
  aheadLots: number;
  prevented: Prevented | undefined;
  expiryReason: ExpiryReason | undefined;
  readonly fills: Fill[];
}

export interface Prevented {
  readonly matchId: number;
  readonly lots: number;
}

/** What a validated request fixes about an order. */
export type OrderDraft = Pick<
  Order,
  | 'side'
  | 'type'
  | 'timeInForce'
  | 'priceTicks'
  | 'stopTicks'
  | 'trailingDelta'
  | 'qtyLots'
  | 'quoteOrderQtyUnits'
  | 'stp'
  | 'strategyId'
  | 'strategyType'
> & { readonly clientOrderId: string | undefined };

export function makeOrder(
  draft: OrderDraft & { readonly clientOrderId: string },
  id: number,
  account: Account,
  instrument: Instrument,
  nowMs: number,
): Order {
  return {
    ...draft,
    id,
    account,
    instrument,
    createdMs: nowMs,
    list: undefined,
    hold: { asset: draft.side === 'BUY' ? instrument.quote : instrument.base, units: 0n },
    holdTicks: 0,
    status: 'NEW',
    execLots: 0,
    quoteUnits: 0n,
    updatedMs: nowMs,
    workingMs: -1,
    triggered: false,
    trailingSinceMs: -1,
    trailingExtreme: 0,
    aheadLots: 0,
    prevented: undefined,
    expiryReason: undefined,
    fills: [],
  };
}

/** OCO: two legs. OTO: the working order first, then the pending one, or the two that become an OCO. */
export interface OrderList {
  readonly id: number;
  readonly account: Account;
  readonly instrument: Instrument;
  readonly contingency: 'OCO' | 'OTO';
  readonly clientOrderId: string;
  readonly createdMs: number;
  readonly orders: readonly Order[];
  updatedMs: number;
  done: boolean;
}

/** The orders of a list of which only one can execute. */
export function ocoLegs({ contingency, orders }: Pick<OrderList, 'contingency' | 'orders'>): readonly Order[] {
  return orders.slice(contingency === 'OCO' ? 0 : 1);
}

export function isOpen(order: Order): boolean {
  return order.status === 'NEW' || order.status === 'PARTIALLY_FILLED' || order.status === 'PENDING_NEW';
}

export function remainingLots(order: Order): number {
  return order.qtyLots - order.execLots;
}

export function isContingent(type: OrderType): boolean {
  return type === 'STOP_LOSS' || type === 'STOP_LOSS_LIMIT' || type === 'TAKE_PROFIT' || type === 'TAKE_PROFIT_LIMIT';
}

/** No limit price: executes at once against whatever is there. */
export function isMarket(type: OrderType): boolean {
  return type === 'MARKET' || type === 'STOP_LOSS' || type === 'TAKE_PROFIT';
}

/** Contingent orders wait for the price to rise to their stop, or to fall to it (rest-api.md, "New order", trigger rules). */
export function triggersUpwards(side: Side, type: OrderType): boolean {
  const stopLoss = type === 'STOP_LOSS' || type === 'STOP_LOSS_LIMIT';
  return stopLoss === (side === 'BUY');
}

export function opposite(side: Side): Side {
  return side === 'BUY' ? 'SELL' : 'BUY';
}

/** Whether an order of this side and limit (0: none) may trade at the price. */
export function reaches(side: Side, limitTicks: number, priceTicks: number): boolean {
  if (limitTicks === 0) return true;
  return side === 'BUY' ? priceTicks <= limitTicks : priceTicks >= limitTicks;
}

/** Whether the first price is better than the second for someone who takes with an order of this side. */
export function isBetterToTake(side: Side, a: number, b: number): boolean {
  return side === 'BUY' ? a < b : a > b;
}
