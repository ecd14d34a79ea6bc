// Orders, trades and balances written as Binance writes them: REST answers and user-stream payloads.
// Pure formatting: must never change an order.
import type { Account } from './account.ts';
import type { Instrument } from './instrument.ts';
import { isContingent, type Order, type OrderList } from './order.ts';
import type {
  AccountSnapshot,
  CanceledOrder,
  ExecutionReport,
  ExecutionType,
  ListStatus,
  OrderFields,
  OrderListSummary,
  OutboundAccountPosition,
  PlacedOrder,
  QueriedOrder,
} from './types.ts';
import { floorDiv, formatBig, formatUnits } from './units.ts';

const ZERO = '0.00000000';
/** account's old integer fields count rates in 0.01 %. */
const UNITS_PER_BASIS_POINT = 10_000;

function orderFields(order: Order): OrderFields {
  const { instrument } = order;
  return {
    symbol: instrument.symbol,
    orderId: order.id,
    orderListId: order.list?.id ?? -1,
    clientOrderId: order.clientOrderId,
    price: instrument.priceText(order.priceTicks),
    origQty: instrument.qtyText(order.qtyLots),
    executedQty: instrument.qtyText(order.execLots),
    origQuoteOrderQty: formatUnits(order.quoteOrderQtyUnits),
    cummulativeQuoteQty: formatBig(order.quoteUnits),
    status: order.status,
    timeInForce: order.timeInForce,
    type: order.type,
    side: order.side,
    selfTradePreventionMode: order.stp,
    ...(isContingent(order.type) && order.stopTicks > 0 && { stopPrice: instrument.priceText(order.stopTicks) }),
    ...(order.trailingDelta > 0 && { trailingDelta: order.trailingDelta, trailingTime: order.trailingSinceMs }),
    ...(order.strategyId !== undefined && { strategyId: order.strategyId }),
    ...(order.strategyType !== undefined && { strategyType: order.strategyType }),
    ...(order.prevented !== undefined && {
      preventedMatchId: order.prevented.matchId,
      preventedQuantity: instrument.qtyText(order.prevented.lots),
    }),
    ...(order.expiryReason !== undefined && { expiryReason: order.expiryReason }),
  };
}

export function placedOrder(order: Order): PlacedOrder {
  return { ...orderFields(order), transactTime: order.updatedMs, workingTime: order.workingMs, fills: [...order.fills] };
}

export function queriedOrder(order: Order): QueriedOrder {
  return {
    ...orderFields(order),
    stopPrice: order.instrument.priceText(order.stopTicks),
    icebergQty: ZERO,
    time: order.createdMs,
    updateTime: order.updatedMs,
    isWorking: order.workingMs >= 0,
    workingTime: order.workingMs,
  };
}

export function canceledOrder(order: Order, cancelClientOrderId: string): CanceledOrder {
  return {
    ...orderFields(order),
    origClientOrderId: order.clientOrderId,
    clientOrderId: cancelClientOrderId,
    transactTime: order.updatedMs,
  };
}

export function listSummary(list: OrderList): OrderListSummary {
  return {
    orderListId: list.id,
    contingencyType: list.contingency,
    listStatusType: list.done ? 'ALL_DONE' : 'EXEC_STARTED',
    listOrderStatus: list.done ? 'ALL_DONE' : 'EXECUTING',
    listClientOrderId: list.clientOrderId,
    transactionTime: list.updatedMs,
    symbol: list.instrument.symbol,
    orders: list.orders.map((order) => ({
      symbol: list.instrument.symbol,
      orderId: order.id,
      clientOrderId: order.clientOrderId,
    })),
  };
}

export function listStatus(list: OrderList, nowMs: number): ListStatus {
  return {
    e: 'listStatus',
    E: nowMs,
    s: list.instrument.symbol,
    g: list.id,
    c: list.contingency,
    l: list.done ? 'ALL_DONE' : 'EXEC_STARTED',
    L: list.done ? 'ALL_DONE' : 'EXECUTING',
    r: 'NONE',
    C: list.clientOrderId,
    T: list.updatedMs,
    O: list.orders.map((order) => ({ s: list.instrument.symbol, i: order.id, c: order.clientOrderId })),
  };
}

/** The part of an execution report that belongs to this one event. */
export interface ExecutionDetail {
  readonly x: ExecutionType;
  readonly executionId: number;
  /** On a cancel: the cancellation's own client id. */
  readonly cancelClientOrderId?: string;
  readonly rejectReason?: string;
  readonly trade?: {
    readonly id: number;
    readonly lots: number;
    readonly ticks: number;
    readonly isMaker: boolean;
    readonly commission: string;
    readonly commissionAsset: string;
  };
  readonly prevention?: {
    readonly matchId: number;
    readonly counterOrderId: number;
    readonly lots: number;
    readonly ticks: number;
  };
}

/** user-data-stream.md, "Order Update". On a cancel `C` is the order's own client id and `c` the cancel's (BINANCE.md 2). */
export function executionReport(order: Order, detail: ExecutionDetail, nowMs: number): ExecutionReport {
  const { instrument } = order;
  const { trade, cancelClientOrderId } = detail;
  const working = order.workingMs >= 0;
  return {
    e: 'executionReport',
    E: nowMs,
    s: instrument.symbol,
    c: cancelClientOrderId ?? order.clientOrderId,
    S: order.side,
    o: order.type,
    f: order.timeInForce,
    q: instrument.qtyText(order.qtyLots),
    p: instrument.priceText(order.priceTicks),
    P: instrument.priceText(order.stopTicks),
    ...(order.trailingDelta > 0 && { d: order.trailingDelta, D: order.trailingSinceMs }),
    F: ZERO,
    g: order.list?.id ?? -1,
    C: cancelClientOrderId === undefined ? '' : order.clientOrderId,
    x: detail.x,
    X: order.status,
    r: detail.rejectReason ?? 'NONE',
    i: order.id,
    l: trade === undefined ? ZERO : instrument.qtyText(trade.lots),
    z: instrument.qtyText(order.execLots),
    L: trade === undefined ? ZERO : instrument.priceText(trade.ticks),
    n: trade?.commission ?? '0',
    N: trade?.commissionAsset ?? null,
    T: order.updatedMs,
    t: trade?.id ?? -1,
    ...preventionFields(order, detail),
    I: detail.executionId,
    w: working && (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED'),
    m: trade?.isMaker ?? false,
    M: trade !== undefined,
    O: order.createdMs,
    Z: formatBig(order.quoteUnits),
    Y: trade === undefined ? ZERO : formatBig(instrument.notional(trade.ticks, trade.lots)),
    Q: formatUnits(order.quoteOrderQtyUnits),
    ...(working && { W: order.workingMs }),
    V: order.stp,
    ...(order.strategyId !== undefined && { j: order.strategyId }),
    ...(order.strategyType !== undefined && { J: order.strategyType }),
    ...(order.expiryReason !== undefined && { eR: order.expiryReason }),
  };
}

/** `v A B u U Cs pl pL pY`: only on orders that expired in self-trade prevention (faqs/stp_faq.md). */
function preventionFields(order: Order, detail: ExecutionDetail): Partial<ExecutionReport> {
  if (order.prevented === undefined || detail.prevention === undefined) return {};
  const { instrument } = order;
  const { counterOrderId, lots, ticks } = detail.prevention;
  const qty = instrument.qtyText(order.prevented.lots);
  return {
    v: order.prevented.matchId,
    A: qty,
    B: qty,
    u: -1,
    U: counterOrderId,
    Cs: instrument.symbol,
    pl: instrument.qtyText(lots),
    pL: instrument.priceText(ticks),
    pY: formatBig(instrument.notional(ticks, lots)),
  };
}

/** Names every asset touched since the last one, and forgets them. */
export function accountPosition(account: Account, nowMs: number): OutboundAccountPosition {
  const B = Array.from(account.touched, (asset) => {
    const { free, locked } = account.balance(asset);
    return { a: asset, f: formatBig(free), l: formatBig(locked) };
  });
  return { e: 'outboundAccountPosition', E: nowMs, u: account.updatedMs, B };
}

export function accountSnapshot(account: Account, omitZeroBalances: boolean): AccountSnapshot {
  const balances = [];
  for (const [asset, { free, locked }] of account.balances) {
    if (omitZeroBalances && free === 0n && locked === 0n) continue;
    balances.push({ asset, free: formatBig(free), locked: formatBig(locked) });
  }
  return {
    makerCommission: floorDiv(account.makerRate, UNITS_PER_BASIS_POINT),
    takerCommission: floorDiv(account.takerRate, UNITS_PER_BASIS_POINT),
    buyerCommission: 0,
    sellerCommission: 0,
    commissionRates: { maker: formatUnits(account.makerRate), taker: formatUnits(account.takerRate), buyer: ZERO, seller: ZERO },
    canTrade: true,
    canWithdraw: false,
    canDeposit: true,
    brokered: false,
    requireSelfTradePrevention: false,
    preventSor: false,
    updateTime: account.updatedMs,
    accountType: 'SPOT',
    balances,
    permissions: ['SPOT'],
    uid: account.uid,
  };
}

export function commissionRates(account: Account, instrument: Instrument) {
  const none = { maker: ZERO, taker: ZERO, buyer: ZERO, seller: ZERO };
  return {
    symbol: instrument.symbol,
    standardCommission: { maker: formatUnits(account.makerRate), taker: formatUnits(account.takerRate), buyer: ZERO, seller: ZERO },
    specialCommission: none,
    taxCommission: none,
    discount: { enabledForAccount: account.bnbDiscount, enabledForSymbol: true, discountAsset: 'BNB', discount: '0.75000000' },
  };
}
