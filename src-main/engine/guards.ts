// What guards a position now: the console's own protective orders, those of the trader, and what is missing. Pure reading of state and
// market, shared by the loop that mends it (decide/protect.ts) and the view that shows it. It decides nothing.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { floorTo, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { Qty } from '../../src-shared/domain/money.ts';
import { isConditional } from '../../src-shared/domain/order.ts';
import type { ExitPlan } from '../../src-shared/domain/order.ts';
import type { Market } from './market.ts';
import type { EngineState, Order, Position } from './state.ts';
import { baseOf } from './symbols.ts';

/** One protective order, or the orders of one list of which only one can trade. */
export interface GuardSet {
  readonly orders: readonly Order[];
  readonly stop: Order | null;
  readonly limit: Order | null;
  readonly isList: boolean;
  /** What it can still sell: of a pair the larger part. */
  readonly openQty: Qty;
}

export interface Guards {
  /** The console's own: origin `protection`, and the exits of its entries once they work. */
  readonly sets: readonly GuardSet[];
  /** The first of them whose outcome is awaited: while there is one, nothing else is done. */
  readonly moving: Order | null;
  /** The console's own sale at market under way. */
  readonly sale: Order | null;
  /** Entries whose exits wait for their end. */
  readonly entries: readonly Order[];
  /** Exits that wait although their entry has ended: the venue owes a word about them. */
  readonly asleep: readonly Order[];
  /** Base quantity of sells that are not the console's: those that protect by themselves, and those that do not. */
  readonly othersProtective: Qty;
  readonly othersPlain: Qty;
}

export interface Assessment extends Guards {
  readonly position: Position;
  readonly instrument: Instrument | undefined;
  readonly plan: ExitPlan | null;
  /** What can be sold of the position, fees and lots considered, whoever's orders hold it now. */
  readonly sellableQty: Qty;
  /** What the console's own orders are to guard: without the sells of others, and without what waiting exits will take. */
  readonly wantedQty: Qty;
  /** What orders at the venue guard, as planned; in a plan of two, what both guard. Of a position without a plan: what has any stop. */
  readonly coveredQty: Qty;
  /** True when everything that can be guarded is. */
  readonly isCovered: boolean;
  /** True when all that is not guarded is held by plain sells of others: the console can do no more, and a sale would mend nothing. */
  readonly isHeldByOthers: boolean;
}

const max = (a: Qty, b: Qty): Qty => (a.gt(b) ? a : b);
const min = (a: Qty, b: Qty): Qty => (a.lt(b) ? a : b);
const plus = (a: Qty, b: Qty): Qty => a.plus(b) as Qty;
const atLeastZero = (value: Decimal): Qty => (value.isNegative() ? ZERO_QTY : (value as Qty));

const openOf = (order: Order): Qty => (order.qty === null ? ZERO_QTY : atLeastZero(order.qty.minus(order.filledQty)));

const isExit = ({ list }: Order): boolean => list !== null && list.kind !== 'OCO' && list.role !== 'entry';

/** True for an order by which the console guards a position. Its sale at market is no guard any more. */
export const isGuard = (order: Order): boolean =>
  order.side === 'SELL' && ((order.origin === 'protection' && order.type !== 'MARKET') || isExit(order));

/** True while the venue's word on it is awaited: sent, in doubt, being cancelled, or from before the newest stop. */
export const isMoving = (order: Order, state: EngineState, market: Market): boolean =>
  order.status === 'INTENDED' ||
  order.status === 'SENT' ||
  order.status === 'UNKNOWN' ||
  order.cancelRequested ||
  order.generation < state.stop.generation ||
  isAsked(order, market);

/** One of a pair that fills in part ended the other by that: it lives on, although its end is looked for (doubts.ts). */
const isAsked = ({ clientOrderId, filledQty }: Order, { doubts }: Market): boolean => {
  const known = doubts.get(clientOrderId);
  return known !== undefined && (known.awaits !== 'end' || filledQty.isZero());
};

/** True for an order that the venue has and works on, as far as is known: one that is being cancelled stands until it is gone. */
export const stands = ({ status }: Order): boolean => status === 'ACCEPTED' || status === 'PARTIALLY_FILLED';

const setOf = (orders: readonly Order[]): GuardSet => ({
  orders,
  stop: orders.find((order) => isConditional(order.type) && !order.type.startsWith('TAKE_PROFIT')) ?? null,
  limit: orders.find((order) => !isConditional(order.type) || order.type.startsWith('TAKE_PROFIT')) ?? null,
  isList: orders.some((order) => order.list !== null),
  openQty: orders.reduce((most, order) => max(most, openOf(order)), ZERO_QTY),
});

/** The open sells of a symbol, sorted by what they are to its protection. The venue allows at most 200 orders in a symbol. */
export const guardsOf = (state: EngineState, market: Market, symbol: SymbolId): Guards => {
  const own = new Map<ClientOrderId, Order[]>();
  const others = new Map<ClientOrderId, Order[]>();
  const entries = new Map<ClientOrderId, Order>();
  const asleep: Order[] = [];
  let sale: Order | null = null;
  for (const id of state.books.get(symbol)?.ids ?? []) {
    const order = state.orders.get(id);
    if (order?.side !== 'SELL') continue;
    if (order.pending) {
      const entry = entryOf(state, order);
      if (entry !== null && state.openOrders.has(entry.clientOrderId)) entries.set(entry.clientOrderId, entry);
      else asleep.push(order);
      continue;
    }
    if (order.origin === 'protection' && order.type === 'MARKET') {
      sale = order;
      continue;
    }
    const kind = isGuard(order) ? own : others;
    const key = order.list?.listId ?? order.clientOrderId;
    kind.set(key, [...(kind.get(key) ?? []), order]);
  }
  const sets = [...own.values()].map(setOf);
  const foreign = [...others.values()].map(setOf);
  const sum = (some: readonly GuardSet[]): Qty => some.reduce((total, { openQty }) => plus(total, openQty), ZERO_QTY);
  const all = [...own.values()].flat();
  return {
    sets,
    moving: all.find((order) => isMoving(order, state, market) || isAhead(state, order)) ?? null,
    sale,
    entries: [...entries.values()],
    asleep,
    othersProtective: sum(foreign.filter(({ stop }) => stop !== null && stands(stop))),
    othersPlain: sum(foreign.filter(({ stop }) => stop === null || !stands(stop))),
  };
};

/** The working order of the list that an exit belongs to. */
export const entryOf = (state: EngineState, { list }: Order): Order | null => {
  if (list === null) return null;
  for (const id of state.lists.get(list.listId) ?? []) {
    const one = state.orders.get(id);
    if (one?.list?.role === 'entry') return one;
  }
  return null;
};

/** An exit that works while its entry's end is not known here: fills of the entry are on their way, and the position with them. */
const isAhead = (state: EngineState, order: Order): boolean => {
  const entry = isExit(order) ? entryOf(state, order) : null;
  return entry !== null && state.openOrders.has(entry.clientOrderId);
};

/** False while fills of the symbol are not yet in the balances, as far as they tell. */
const isSettled = (state: EngineState, symbol: SymbolId): boolean => {
  for (const id of state.unsettled) {
    const order = state.orders.get(id);
    if (order?.symbol === symbol && order.fills.length > 0) return false;
  }
  return true;
};

/** The position after fees, not more than the account holds: what a BNB fee or a withdrawal took cannot be sold. */
const heldOf = (state: EngineState, position: Position): Qty => {
  const balance = state.balances.get(baseOf(position.symbol));
  // A balance that is older than the newest fill says nothing about it.
  if (balance === undefined || !isSettled(state, position.symbol)) return position.qty;
  return min(position.qty, balance.free.plus(balance.locked) as Decimal as Qty);
};

/** What exits will take that wait for the end of a partly filled entry. */
const reservedOf = (state: EngineState, entries: readonly Order[]): Qty =>
  entries.reduce((total, { list, filledQty }) => {
    const legs = (list === null ? [] : (state.lists.get(list.listId) ?? [])).map((id) => state.orders.get(id));
    const exit = legs.reduce((most, leg) => (leg?.pending === true ? max(most, openOf(leg)) : most), ZERO_QTY);
    return plus(total, min(filledQty, exit));
  }, ZERO_QTY);

const standing = (sets: readonly GuardSet[], role: 'stop' | 'limit'): Qty =>
  sets.reduce((total, set) => {
    const order = set[role];
    return order !== null && stands(order) ? plus(total, openOf(order)) : total;
  }, ZERO_QTY);

const coverOf = (plan: ExitPlan | null, { sets }: Guards): Qty => {
  const stops = standing(sets, 'stop');
  if (plan === null) return stops;
  const limits = standing(sets, 'limit');
  const wantsStop = plan.stopLoss !== undefined || plan.trailingDeltaBps !== undefined;
  if (plan.takeProfit === undefined) return stops;
  return wantsStop ? min(stops, limits) : limits;
};

/** How a position stands to its protection, or null where there is no position. */
export const assess = (state: EngineState, market: Market, symbol: SymbolId): Assessment | null => {
  const position = state.positions.get(symbol);
  if (position === undefined) return null;
  const instrument = market.instruments.get(symbol);
  const step = instrument?.lot.stepQty ?? new Decimal(0);
  const plan = state.protections.get(symbol)?.plan ?? null;
  const guards = guardsOf(state, market, symbol);
  const sellableQty = floorTo(heldOf(state, position), step);
  const others = plus(guards.othersProtective, guards.othersPlain);
  const sold = guards.sale === null ? ZERO_QTY : openOf(guards.sale);
  const reserved = reservedOf(state, guards.entries);
  const wantedQty = floorTo(atLeastZero(sellableQty.minus(others).minus(sold).minus(reserved)), step);
  const own = coverOf(plan, guards);
  const coveredQty = plus(own, guards.othersProtective);
  // A stop of the trader's own guards its part whatever the plan says.
  const isCovered = floorTo(atLeastZero(sellableQty.minus(coveredQty)), step).isZero();
  const isHeldByOthers = !isCovered && sold.isZero() && reserved.isZero() && floorTo(atLeastZero(wantedQty.minus(own)), step).isZero();
  return { ...guards, position, instrument, plan, sellableQty, wantedQty, coveredQty, isCovered, isHeldByOthers };
};

/** Base quantity that the console's own protection holds locked at the venue: it is released for a sale of the position. */
export const lockedByGuards = ({ sets }: Guards): Qty =>
  sets.reduce((total, set) => (set.orders.some((order) => order.venueOrderId !== null) ? plus(total, set.openQty) : total), ZERO_QTY);
