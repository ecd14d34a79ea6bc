// What outlives the exchange: accounts, their orders, lists and trades, and the ids that may never come twice, as plain JSON with plain
// decimals. The market is left out: a feed makes it anew. Must never hold a float of money, nor anything that one run alone needs.
import type { AccountTrade, ExpiryReason, OrderStatus, OrderType, Side, StpMode, TimeInForce } from './types.ts';

/** The next id of each kind. */
export interface NextIds {
  readonly order: number;
  readonly list: number;
  readonly cancel: number;
  readonly trade: number;
  readonly execution: number;
  readonly prevention: number;
}

export interface AccountState {
  readonly id: string;
  readonly makerRate: string;
  readonly takerRate: string;
  readonly bnbDiscount: boolean;
  readonly balances: Readonly<Record<string, { readonly free: string; readonly locked: string }>>;
  readonly updatedMs: number;
}

/** An order as it is on record. Prices are '0.00000000' where there is none; its place in a queue is lost with the book it stood in. */
export interface OrderState {
  readonly id: number;
  readonly account: string;
  readonly symbol: string;
  readonly clientOrderId: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  readonly price: string;
  readonly stopPrice: string;
  readonly trailingDelta: number;
  readonly qty: string;
  readonly quoteOrderQty: string;
  readonly stp: StpMode;
  readonly strategyId?: number;
  readonly strategyType?: number;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly workingMs: number;
  /** The price that funds are set aside at. */
  readonly holdPrice: string;
  readonly status: OrderStatus;
  readonly executedQty: string;
  readonly quoteQty: string;
  readonly triggered: boolean;
  readonly trailingSinceMs: number;
  readonly trailingPrice: string;
  readonly prevented?: { readonly matchId: number; readonly qty: string };
  readonly expiryReason?: ExpiryReason;
}

export interface ListState {
  readonly id: number;
  readonly account: string;
  readonly symbol: string;
  readonly contingency: 'OCO' | 'OTO';
  readonly clientOrderId: string;
  readonly createdMs: number;
  readonly updatedMs: number;
  readonly done: boolean;
  readonly orderIds: readonly number[];
}

export interface TradeState {
  readonly account: string;
  readonly trade: AccountTrade;
}

export interface ExchangeState {
  readonly next: NextIds;
  readonly accounts: readonly AccountState[];
  readonly orders: readonly OrderState[];
  readonly lists: readonly ListState[];
  /** Oldest first. */
  readonly trades: readonly TradeState[];
  /** Per symbol; not of an account, but a position's value must not jump because the exchange was started again. */
  readonly lastPrices: Readonly<Record<string, string>>;
}

/** What one operation changed: the records that are new or no longer as they were, in full; trades are the new ones. */
export type StateChange = Partial<ExchangeState>;

/** The state after the changes, in their order. */
export function foldState(state: ExchangeState, changes: Iterable<StateChange>): ExchangeState {
  let { next, lastPrices } = state;
  const accounts = byId(state.accounts);
  const orders = byId(state.orders);
  const lists = byId(state.lists);
  const trades = [...state.trades];
  for (const change of changes) {
    next = change.next ?? next;
    lastPrices = { ...lastPrices, ...change.lastPrices };
    for (const account of change.accounts ?? []) accounts.set(account.id, account);
    for (const order of change.orders ?? []) orders.set(order.id, order);
    for (const list of change.lists ?? []) lists.set(list.id, list);
    trades.push(...(change.trades ?? []));
  }
  return { next, accounts: [...accounts.values()], orders: [...orders.values()], lists: [...lists.values()], trades, lastPrices };
}

function byId<Id, T extends { readonly id: Id }>(rows: readonly T[]): Map<Id, T> {
  return new Map(rows.map((row) => [row.id, row]));
}
