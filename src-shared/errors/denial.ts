// Why an order never left the machine: one closed list of codes, each with the rule, the value, the limit and the formula, so that
// a person can act on it (REQUIREMENTS C).
import type { DecimalText } from '../domain/money.ts';

/** One id a limit; the part before the point is the row of REQUIREMENTS C. */
export type LimitId =
  | 'C1.maxOrderNotional'
  | 'C1.minOpeningNotional'
  | 'C1.exitPossible'
  | 'C2.priceDeviation'
  | 'C3.balance'
  | 'C4.dailyLoss'
  | 'C4.dailyLossPct'
  | 'C5.dailyTrades'
  | 'C6.positionsPerSymbol'
  | 'C6.positionsTotal'
  | 'C7.positionPct'
  | 'C7.symbolPct'
  | 'C7.strategyPct'
  | 'C7.totalPct'
  | 'C7.netDirectionPct'
  | 'C7.positionValue'
  | 'C7.leverage'
  | 'C8.allowList'
  | 'C8.blockList'
  | 'C9.requestWeight'
  | 'C9.orderCount'
  | 'C9.venueHold'
  | 'C10.ordersPerSecond'
  | 'C10.symbolInterval'
  | 'C11.quoteAge'
  | 'C11.userStream'
  | 'C13.consecutiveLosses'
  | 'D.breaker'
  | 'H.orderCap'
  | 'H.exposureCap'
  | 'H.dailyLossCap'
  | 'C12.price'
  | 'C12.stopPrice'
  | 'C12.trailingDelta'
  | 'C12.trigger'
  | 'C12.lot'
  | 'C12.marketLot'
  | 'C12.percentPrice'
  | 'C12.notional'
  | 'C12.openOrders'
  | 'C12.algoOrders'
  | 'C12.orderLists'
  | 'C12.maxPosition'
  | 'C12.symbolStatus'
  | 'C12.orderType';

export type DenialCode =
  | LimitId
  | 'STATE' // the trading state forbids it; the cause is named
  | 'STOPPED' // the emergency stop closed between decision and wire
  | 'BAD_REQUEST' // fields that make no order
  | 'REDUCE_ONLY' // would do more than shrink the position
  | 'SIZE' // no size can be worked out from a risk, or none is left (B6)
  | 'UNKNOWN_ORDER' // a cancel for what is not there
  | 'GATE_ERROR'; // the gate itself failed: the answer is no (C15)

export type LimitUnit = 'USDT' | 'percent' | 'count' | 'ms' | 'base' | 'price' | 'list';

export interface Denial {
  readonly code: DenialCode;
  /** What was asked and what forbids it, in one sentence. */
  readonly text: string;
  /** What a person can do about it, in one sentence. */
  readonly advice: string;
  readonly value?: DecimalText | string;
  readonly limit?: DecimalText | string;
  readonly formula?: string;
}
