// Accounts, orders and lists as records of the state (state.ts), and the changes of one operation collected until it is over.
// Pure writing: must never change what it records. The way back is restore.ts.
import type { Account } from './account.ts';
import type { Order, OrderList } from './order.ts';
import type { AccountState, ListState, OrderState, StateChange, TradeState } from './state.ts';
import { formatBig, formatUnits } from './units.ts';

/** Orders and trades that an account's record keeps (open orders aside, which it always keeps). */
const KEPT_PER_ACCOUNT = 1000;

/** What an operation has changed so far. */
export class Changes {
  readonly accounts = new Set<Account>();
  readonly orders = new Set<Order>();
  readonly lists = new Set<OrderList>();
  readonly trades: TradeState[] = [];

  get isEmpty(): boolean {
    return this.accounts.size + this.orders.size + this.lists.size + this.trades.length === 0;
  }

  /** The changed records; empty kinds are left out. */
  records(): StateChange {
    return {
      ...(this.accounts.size > 0 && { accounts: Array.from(this.accounts, accountRecord) }),
      ...(this.orders.size > 0 && { orders: Array.from(this.orders, orderRecord) }),
      ...(this.lists.size > 0 && { lists: Array.from(this.lists, listRecord) }),
      ...(this.trades.length > 0 && { trades: [...this.trades] }),
    };
  }

  clear(): void {
    if (this.isEmpty) return;
    this.accounts.clear();
    this.orders.clear();
    this.lists.clear();
    this.trades.length = 0;
  }
}

/** All of an account that is kept: what is open, the newest of what is closed, and order lists never in part. */
export function recordsOf(account: Account): Required<Pick<StateChange, 'orders' | 'lists' | 'trades'>> {
  const records = [...account.records()];
  const orders = records.flatMap((record) => record.orders).sort((a, b) => a.id - b.id);
  const kept = new Set([...records.flatMap((record) => [...record.open]), ...orders.slice(-KEPT_PER_ACCOUNT)]);
  const lists = new Set<OrderList>();
  for (const { list } of kept) {
    if (list === undefined || lists.has(list)) continue;
    lists.add(list);
    for (const order of list.orders) kept.add(order);
  }
  const trades = records.flatMap((record) => record.trades).sort((a, b) => a.id - b.id);
  return {
    orders: Array.from(kept, orderRecord).sort((a, b) => a.id - b.id),
    lists: Array.from(lists, listRecord).sort((a, b) => a.id - b.id),
    trades: trades.slice(-KEPT_PER_ACCOUNT).map((trade) => ({ account: account.id, trade })),
  };
}

export function accountRecord(account: Account): AccountState {
  const { id, makerRate, takerRate, bnbDiscount, updatedMs } = account;
  const balances = Object.fromEntries(
    Array.from(account.balances, ([asset, { free, locked }]) => [asset, { free: formatBig(free), locked: formatBig(locked) }]),
  );
  return { id, makerRate: formatUnits(makerRate), takerRate: formatUnits(takerRate), bnbDiscount, balances, updatedMs };
}

function orderRecord(order: Order): OrderState {
  const { instrument, prevented } = order;
  const { id, clientOrderId, side, type, timeInForce, trailingDelta, stp, strategyId, strategyType } = order;
  const { createdMs, updatedMs, workingMs, status, triggered, trailingSinceMs, expiryReason } = order;
  return {
    id,
    account: order.account.id,
    symbol: instrument.symbol,
    clientOrderId,
    side,
    type,
    timeInForce,
    price: instrument.priceText(order.priceTicks),
    stopPrice: instrument.priceText(order.stopTicks),
    trailingDelta,
    qty: instrument.qtyText(order.qtyLots),
    quoteOrderQty: formatUnits(order.quoteOrderQtyUnits),
    stp,
    ...(strategyId !== undefined && { strategyId }),
    ...(strategyType !== undefined && { strategyType }),
    createdMs,
    updatedMs,
    workingMs,
    holdPrice: instrument.priceText(order.holdTicks),
    status,
    executedQty: instrument.qtyText(order.execLots),
    quoteQty: formatBig(order.quoteUnits),
    triggered,
    trailingSinceMs,
    trailingPrice: instrument.priceText(order.trailingExtreme),
    ...(prevented !== undefined && { prevented: { matchId: prevented.matchId, qty: instrument.qtyText(prevented.lots) } }),
    ...(expiryReason !== undefined && { expiryReason }),
  };
}

function listRecord(list: OrderList): ListState {
  const { id, contingency, clientOrderId, createdMs, updatedMs, done } = list;
  const orderIds = list.orders.map((order) => order.id);
  return {
    id,
    account: list.account.id,
    symbol: list.instrument.symbol,
    contingency,
    clientOrderId,
    createdMs,
    updatedMs,
    done,
    orderIds,
  };
}
