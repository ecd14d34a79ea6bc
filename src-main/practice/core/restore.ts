// From the records of a state back to accounts, orders and lists, with every open order in its market again.
// Must refuse (RangeError) what does not add up: an exchange that opens on wrong books would hide the loss.
import { Account } from './account.ts';
import { requiredHold } from './desk.ts';
import type { Market } from './market.ts';
import { isContingent, isOpen, ocoLegs, type Hold, type Order, type OrderList } from './order.ts';
import type { AccountState, ExchangeState, ListState, OrderState } from './state.ts';
import { mustParseUnits, parseBalance } from './units.ts';

/** The accounts of the state, in its order, their open orders placed in the markets. Throws RangeError on books that do not add up. */
export function restoreAccounts(state: ExchangeState, markets: ReadonlyMap<string, Market>, firstUid: number): Account[] {
  checkIds(state);
  const accounts = new Map(state.accounts.map((record, i) => [record.id, restoreAccount(record, firstUid + i)]));
  const orders = new Map(
    state.orders.map((record) => [record.id, restoreOrder(record, of(accounts, record.account), of(markets, record.symbol))]),
  );
  for (const record of state.lists) of(accounts, record.account).restoredList(restoreList(record, orders));
  // In the order of their ids, so that those which came first stand first.
  for (const order of [...orders.values()].sort((a, b) => a.id - b.id)) {
    order.hold.units = requiredHold(order);
    order.account.restored(order);
  }
  for (const { account, trade } of state.trades) of(accounts, account).traded(trade.symbol, trade);
  for (const account of accounts.values()) checkHolds(account);
  placeInMarkets([...orders.values()], markets);
  return [...accounts.values()];
}

function of<T>(rows: ReadonlyMap<string | number, T>, id: string | number): T {
  const row = rows.get(id);
  if (row === undefined) throw new RangeError(`the records name ${id}, which is not among them`);
  return row;
}

/** An id that was given must never be given again. */
function checkIds({ next, orders, lists, trades }: ExchangeState): void {
  const beyond = (ids: readonly number[], nextId: number): boolean => ids.some((id) => id >= nextId);
  const repeats =
    beyond(orders.map(({ id }) => id), next.order) ||
    beyond(lists.map(({ id }) => id), next.list) ||
    beyond(trades.map(({ trade }) => trade.id), next.trade); // prettier-ignore
  if (repeats) throw new RangeError('the records hold ids that are still to be given');
}

function restoreAccount(record: AccountState, uid: number): Account {
  const { id, makerRate, takerRate, bnbDiscount, updatedMs } = record;
  const account = new Account({ id, balances: {}, makerRate, takerRate, bnbDiscount }, uid, updatedMs);
  for (const [asset, { free, locked }] of Object.entries(record.balances)) {
    account.balances.set(asset, { free: parseBalance(free), locked: parseBalance(locked) });
  }
  return account;
}

function restoreOrder(record: OrderState, account: Account, { instrument }: Market): Order {
  const lots = (qty: string): number => {
    const units = mustParseUnits(qty);
    if (units % instrument.lotUnits !== 0) throw new RangeError(`${qty} is off ${instrument.symbol}'s lot`);
    return units / instrument.lotUnits;
  };
  if (lots(record.executedQty) > lots(record.qty)) throw new RangeError(`order ${record.id} is filled beyond its quantity`);
  const { price, stopPrice, qty, quoteOrderQty, holdPrice, executedQty, quoteQty, trailingPrice, prevented, ...asItIs } = record;
  return {
    strategyId: undefined,
    strategyType: undefined,
    expiryReason: undefined,
    ...asItIs,
    account,
    instrument,
    priceTicks: instrument.ticks(price),
    stopTicks: instrument.ticks(stopPrice),
    qtyLots: lots(qty),
    quoteOrderQtyUnits: mustParseUnits(quoteOrderQty),
    list: undefined,
    hold: { asset: record.side === 'BUY' ? instrument.quote : instrument.base, units: 0n },
    holdTicks: instrument.ticks(holdPrice),
    execLots: lots(executedQty),
    quoteUnits: parseBalance(quoteQty),
    trailingExtreme: instrument.ticks(trailingPrice),
    aheadLots: 0,
    prevented: prevented && { matchId: prevented.matchId, lots: lots(prevented.qty) },
    fills: [],
  };
}

function restoreList(record: ListState, known: ReadonlyMap<number, Order>): OrderList {
  const orders = record.orderIds.map((id) => of(known, id));
  const first = orders[0];
  if (first === undefined) throw new RangeError(`order list ${record.id} has no orders`);
  const { id, contingency, clientOrderId, createdMs, updatedMs, done } = record;
  const { account, instrument } = first;
  const list = { id, account, instrument, contingency, clientOrderId, createdMs, updatedMs, done, orders };
  for (const order of orders) order.list = list;
  const [legA, legB] = ocoLegs(list);
  if (legA !== undefined && legB !== undefined) legB.hold = legA.hold;
  return list;
}

/** What is locked must be exactly what the open orders hold. */
function checkHolds(account: Account): void {
  const holds = new Set<Hold>();
  for (const record of account.records()) for (const order of record.open) holds.add(order.hold);
  const held = new Map<string, bigint>();
  for (const { asset, units } of holds) held.set(asset, (held.get(asset) ?? 0n) + units);
  for (const asset of new Set([...held.keys(), ...account.balances.keys()])) {
    if ((held.get(asset) ?? 0n) !== account.balance(asset).locked) {
      throw new RangeError(`account ${account.id}: the locked ${asset} is not what its open orders hold`);
    }
  }
}

/** Waiting orders wait again, resting ones rest in the order in which they came to work. */
function placeInMarkets(orders: readonly Order[], markets: ReadonlyMap<string, Market>): void {
  const placed = orders.filter((order) => isOpen(order) && order.status !== 'PENDING_NEW');
  for (const order of placed.sort((a, b) => a.workingMs - b.workingMs || a.id - b.id)) {
    const market = of(markets, order.instrument.symbol);
    if (isContingent(order.type) && !order.triggered) market.waiting.add(order);
    else if (order.priceTicks === 0) throw new RangeError(`order ${order.id} is open without a price`);
    else market.among(order.side).own.add(order);
  }
}
