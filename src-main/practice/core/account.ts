// An account: balances in units of 1e-8, its orders, trades and lists, and the counts that filters ask for.
// Must never let a balance go below zero, and never create or destroy an amount: every change has a counterpart in the ledger.
import { isContingent, isOpen, type Order, type OrderList } from './order.ts';
import type { AccountSpec, AccountTrade } from './types.ts';
import { mustParseUnits, parseBalance } from './units.ts';

export interface Balance {
  free: bigint;
  locked: bigint;
}

/** Per symbol; `orders` and `trades` are bounded (as an account's lists are), the oldest closed ones go first. */
export interface SymbolRecord {
  readonly open: Set<Order>;
  orders: Order[];
  trades: AccountTrade[];
  openAlgos: number;
  openLists: number;
}

const MAX_RECORDS = 20_000;
const DEFAULT_RATE = '0.001';

export class Account {
  readonly id: string;
  readonly uid: number;
  /** Commission rates in 1e-8. */
  readonly makerRate: number;
  readonly takerRate: number;
  bnbDiscount: boolean;
  readonly balances = new Map<string, Balance>();
  /** Assets changed since the last outboundAccountPosition. */
  readonly touched = new Set<string>();
  updatedMs: number;
  readonly #bySymbol = new Map<string, SymbolRecord>();
  /** Newest order of each client id; ids are unique among open orders only (BINANCE.md 5). */
  readonly #byClientId = new Map<string, Order>();
  readonly #lists = new Map<number, OrderList>();
  readonly #listsByClientId = new Map<string, OrderList>();

  constructor(spec: AccountSpec, uid: number, nowMs: number) {
    this.id = spec.id;
    this.uid = uid;
    this.makerRate = mustParseUnits(spec.makerRate ?? DEFAULT_RATE);
    this.takerRate = mustParseUnits(spec.takerRate ?? DEFAULT_RATE);
    this.bnbDiscount = spec.bnbDiscount ?? false;
    this.updatedMs = nowMs;
    for (const [asset, amount] of Object.entries(spec.balances)) this.balances.set(asset, { free: parseBalance(amount), locked: 0n });
  }

  balance(asset: string): Balance {
    let balance = this.balances.get(asset);
    if (balance === undefined) {
      balance = { free: 0n, locked: 0n };
      this.balances.set(asset, balance);
    }
    return balance;
  }

  free(asset: string): bigint {
    return this.balances.get(asset)?.free ?? 0n;
  }

  /** Moves both parts of a balance. Throws when a part would become negative: that is a bug, never a trader's mistake. */
  change(asset: string, freeDelta: bigint, lockedDelta: bigint): void {
    const balance = this.balance(asset);
    balance.free += freeDelta;
    balance.locked += lockedDelta;
    if (balance.free < 0n || balance.locked < 0n) throw new Error(`account ${this.id}: ${asset} would become negative`);
    this.touched.add(asset);
  }

  record(symbol: string): SymbolRecord {
    let record = this.#bySymbol.get(symbol);
    if (record === undefined) {
      record = { open: new Set(), orders: [], trades: [], openAlgos: 0, openLists: 0 };
      this.#bySymbol.set(symbol, record);
    }
    return record;
  }

  /** Open orders, contingent ones among them, or lists, on all symbols. */
  total(what: 'open' | 'algos' | 'lists'): number {
    let total = 0;
    for (const record of this.#bySymbol.values()) {
      total += what === 'open' ? record.open.size : what === 'algos' ? record.openAlgos : record.openLists;
    }
    return total;
  }

  records(): Iterable<SymbolRecord> {
    return this.#bySymbol.values();
  }

  byClientId(clientOrderId: string): Order | undefined {
    return this.#byClientId.get(clientOrderId);
  }

  /** Oldest first. */
  lists(): Iterable<OrderList> {
    return this.#lists.values();
  }

  list(id: number): OrderList | undefined {
    return this.#lists.get(id);
  }

  /** The newest list of that client id. */
  listByClientId(clientOrderId: string): OrderList | undefined {
    return this.#listsByClientId.get(clientOrderId);
  }

  openedList(list: OrderList): void {
    this.restoredList(list);
    if (this.#lists.size > MAX_RECORDS) this.#forgetOldestList();
  }

  /** Registers a list, open or done; they come in the order of their ids. */
  restoredList(list: OrderList): void {
    if (!list.done) this.record(list.instrument.symbol).openLists += 1;
    this.#lists.set(list.id, list);
    this.#listsByClientId.set(list.clientOrderId, list);
  }

  closedList(list: OrderList): void {
    this.record(list.instrument.symbol).openLists -= 1;
  }

  /** Registers a new open order. */
  opened(order: Order): void {
    this.restored(order);
    const record = this.record(order.instrument.symbol);
    if (record.orders.length > MAX_RECORDS) this.#forgetOldest(record);
  }

  /** Registers an order in whatever status; they come in the order of their ids. */
  restored(order: Order): void {
    const record = this.record(order.instrument.symbol);
    record.orders.push(order);
    this.#byClientId.set(order.clientOrderId, order);
    if (!isOpen(order)) return;
    record.open.add(order);
    if (isContingent(order.type)) record.openAlgos += 1;
  }

  closed(order: Order): void {
    const record = this.record(order.instrument.symbol);
    record.open.delete(order);
    if (isContingent(order.type)) record.openAlgos -= 1;
  }

  traded(symbol: string, trade: AccountTrade): void {
    const record = this.record(symbol);
    record.trades.push(trade);
    if (record.trades.length > MAX_RECORDS) record.trades = record.trades.slice(MAX_RECORDS / 2);
  }

  #forgetOldestList(): void {
    for (const list of this.#lists.values()) {
      if (!list.done) continue;
      this.#lists.delete(list.id);
      if (this.#listsByClientId.get(list.clientOrderId) === list) this.#listsByClientId.delete(list.clientOrderId);
      return;
    }
  }

  #forgetOldest(record: SymbolRecord): void {
    const cut = MAX_RECORDS / 2;
    const kept = record.orders.slice(0, cut).filter(isOpen);
    for (const order of record.orders.slice(0, cut)) {
      if (isOpen(order) || this.#byClientId.get(order.clientOrderId) !== order) continue;
      this.#byClientId.delete(order.clientOrderId);
    }
    record.orders = [...kept, ...record.orders.slice(cut)];
  }
}
