// Venue truth against local state: a pure difference and what to do about it (REQUIREMENTS I). It ends no order without proof, and it
// leaves alone whatever changed on our side after the venue was asked: the answer may be older than that.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Difference } from '../../src-shared/domain/difference.ts';
import type { ClientOrderId, SymbolId, TradeId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { toText } from '../../src-shared/domain/money.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import { elderName, holderOf, isRenamed, numberOf, orderMeant } from '../engine/order-numbers.ts';
import type { Numbered } from '../engine/order-numbers.ts';
import type { EngineState, Order } from '../engine/state.ts';
import { changedAtMs, provableAtMs } from '../engine/steady.ts';
import type { QueryOutcome, VenueBalance, VenueFill, VenueOrder } from '../venue/port.ts';
import { SHOULD_NOT_EXIST } from './explained.ts';

/** Trades are asked for from this long before the newest known fill: the venue's clock and ours differ. */
export const TRADES_OVERLAP_MS = 60_000;
/** Balances that differ by less than this part are equal (REQUIREMENTS I: 0.01 %). */
const BALANCE_TOLERANCE = new Decimal('0.0001');
/** How long after its last sign of life an order that the venue does not know may still only be lagging in its queries (BINANCE 4). */
export const ABSENCE_IS_PROOF_AFTER_MS = 15_000;

/** What is done about an order from elsewhere on a symbol that this console does not trade: nothing, short of an emergency stop. */
export const LEFT_ALONE = 'left alone: this console does not trade it';
/** The same for protection that another program placed a part of. */
export const LEFT_TO_YOU = 'left to you: placed elsewhere';
/** An order whose name an open order has here that the venue numbers otherwise: it is taken over once that one has ended here too. */
export const NAME_TAKEN = 'not taken over yet: another order has its name here';
/** An order that another program amended: its new size is no fact, so the old one counts until it ends. */
export const AMENDED = 'left to you: changed elsewhere, and counted here as it was until it ends';
const ONLY_NAMED: ReadonlySet<string> = new Set([LEFT_ALONE, LEFT_TO_YOU, NAME_TAKEN, AMENDED]);
/** False for what is only named, each time anew: it is no news, and no correction that could fail to hold. */
export const isDealtWith = ({ action }: Difference): boolean => !ONLY_NAMED.has(action);

/** What the venue said, asked for at one time. */
export interface VenueBooks {
  readonly balances: readonly VenueBalance[];
  readonly openOrders: readonly VenueOrder[];
  /** Own trades of the symbols in `asked`. */
  readonly trades: readonly (VenueFill & { readonly symbol: SymbolId; readonly venueOrderId: VenueOrderId })[];
  /** What became of the local orders that the venue did not list as open. */
  readonly queries: ReadonlyMap<ClientOrderId, QueryOutcome>;
  /** Orders behind trades that belong to no order known here: filled by phone while nobody listened. */
  readonly strangers: readonly VenueOrder[];
  /** Whose trades were asked for, and since when (ms, venue clock): shortly before what the newest comparison has seen. */
  readonly asked: ReadonlyMap<SymbolId, number>;
  /** Confirmed orders asked for by the venue's own number, while it seems to have forgotten everything; null: it does not know it. */
  readonly probes: ReadonlyMap<ClientOrderId, VenueOrder | null>;
  /** Those of `asked` in which strangers had to wait for the next round, which needs their trades once more. */
  readonly again: ReadonlyMap<SymbolId, number>;
  /** Questions that had to wait for the next round (reconcile/rounds.ts); 0: these are the whole books. */
  readonly left: number;
}

export interface Resolution {
  readonly order: Order;
  readonly venue: VenueOrder | null;
  readonly fills: readonly VenueFill[];
}

type Writable<T> = T extends readonly (infer One)[] ? One[] : never;

export interface Plan {
  readonly differences: readonly Difference[];
  /** Local orders of which the venue knows more than we do. */
  readonly resolutions: readonly Resolution[];
  /** Local orders that the venue proved not to exist. */
  readonly absent: readonly Order[];
  /** Open or filled at the venue, unknown here; with the trades that are known of those that are not open any more. */
  readonly adoptions: readonly { readonly venue: VenueOrder; readonly fills: readonly VenueFill[] }[];
  /** Balances to take over; `full` when they are all there is. */
  readonly balances: { readonly entries: readonly VenueBalance[]; readonly full: boolean };
}

/** Local open orders that the venue's list of open orders does not have: each must be asked for by itself. */
export const ordersToAskFor = (state: EngineState, open: readonly VenueOrder[], startedAtMs: number): readonly Order[] => {
  // One whose name the list shows with another number is over: the question by that name would tell of the other one.
  const listed = new Set(open.flatMap((order): string[] => [order.clientOrderId, numberOf(order)]));
  return [...state.openOrders]
    .map((id) => state.orders.get(id))
    .filter((order) => order !== undefined)
    .filter(
      (order) =>
        !listed.has(order.clientOrderId) && !listed.has(numberOf(order)) && order.status !== 'INTENDED' && changedAtMs(order) < startedAtMs,
    );
};

export const isSameBalance = (ours: Decimal, theirs: Decimal): boolean => {
  const gap = ours.minus(theirs).abs();
  return gap.isZero() || gap.lte(theirs.times(BALANCE_TOLERANCE));
};

const balanceDifferences = (state: EngineState, balances: readonly VenueBalance[]): Difference[] => {
  const found: Difference[] = [];
  const listed = new Map(balances.map((entry) => [entry.asset, entry]));
  for (const asset of new Set([...state.balances.keys(), ...listed.keys()])) {
    const local = state.balances.get(asset);
    const venue = listed.get(asset);
    const ours = local === undefined ? new Decimal(0) : local.free.plus(local.locked);
    const theirs = venue === undefined ? new Decimal(0) : new Decimal(venue.free).plus(venue.locked);
    if (isSameBalance(ours, theirs)) continue;
    found.push({ what: 'balance', key: asset, local: toText(ours), venue: toText(theirs), action: 'taken over from the exchange' });
  }
  return found;
};

type OrderTrade = VenueBooks['trades'][number];

type TradesByOrder = ReadonlyMap<string, readonly OrderTrade[]>;

const byOrder = (trades: VenueBooks['trades']): TradesByOrder => {
  const sorted = new Map<string, OrderTrade[]>();
  for (const trade of trades) {
    const known = sorted.get(numberOf(trade));
    if (known === undefined) sorted.set(numberOf(trade), [trade]);
    else known.push(trade);
  }
  return sorted;
};

/** Trades that the facts have of orders with trades in these books, by the order's number: one order may have had two names here. */
const knownTrades = (state: EngineState, trades: TradesByOrder): ReadonlyMap<string, ReadonlySet<TradeId>> => {
  const known = new Map<string, Set<TradeId>>();
  for (const order of state.orders.values()) {
    const key = numberOf(order);
    if (!trades.has(key)) continue;
    const ids = known.get(key) ?? new Set();
    for (const fill of order.fills) ids.add(fill.tradeId);
    known.set(key, ids);
  }
  return known;
};

/** Trades of an order that the facts do not have yet. */
const unseenFills = ({ trades, known }: Pick<Draft, 'trades' | 'known'>, order: Numbered): readonly VenueFill[] => {
  const ids = known.get(numberOf(order));
  return (trades.get(numberOf(order)) ?? []).filter((trade) => ids?.has(trade.tradeId) !== true);
};

/**
 * One trade of each order that neither the facts nor the venue's other answers know, oldest first. Trades from before a symbol's first
 * order here are none of ours: the account was stated with them. A symbol without any order was asked for since that statement.
 */
export const strangeTrades = (
  state: EngineState,
  { openOrders, queries, trades, asked }: Pick<VenueBooks, 'openOrders' | 'queries' | 'trades' | 'asked'>,
): readonly OrderTrade[] => {
  const known = new Set([...state.orders.values(), ...openOrders].map(numberOf));
  for (const [id, outcome] of queries)
    if (outcome.kind === 'found' && orderMeant(state, outcome.order)?.clientOrderId === id) known.add(numberOf(outcome.order));
  const strange = new Map<string, OrderTrade>();
  for (const trade of trades) {
    const fromMs = state.traded.get(trade.symbol)?.fromMs ?? asked.get(trade.symbol) ?? Number.POSITIVE_INFINITY;
    const key = numberOf(trade);
    if (!known.has(key) && !strange.has(key) && trade.timeMs >= fromMs) strange.set(key, trade);
  }
  return [...strange.values()].toSorted((a, b) => a.timeMs - b.timeMs);
};

/** Was the venue asked late enough that its not knowing the order proves that it never will (BINANCE 5)? */
export const provesAbsence = (order: Order, askedAtMs: number): boolean => !isRenamed(order) && isAbsent(order, askedAtMs);

/** The same of an order that the list of open orders does not show by its number either. */
const isAbsent = (order: Order, askedAtMs: number): boolean =>
  !isEnded(order.status) &&
  order.status !== 'INTENDED' &&
  askedAtMs >= (provableAtMs(order) ?? changedAtMs(order) + ABSENCE_IS_PROOF_AFTER_MS);

/** What the parts of a comparison add to. */
interface Draft {
  readonly state: EngineState;
  readonly startedAtMs: number;
  readonly tracked: ReadonlySet<SymbolId>;
  readonly asked: VenueBooks['asked'];
  readonly trades: TradesByOrder;
  readonly known: ReadonlyMap<string, ReadonlySet<TradeId>>;
  readonly differences: Difference[];
  readonly resolutions: Resolution[];
  readonly absent: Order[];
  readonly adoptions: Writable<Plan['adoptions']>;
}

const differs = ({ differences }: Draft, what: 'order' | 'fill', key: string, local: string, venue: string, action: string): void =>
  void differences.push({ what, key, local, venue, action });

/** Open at the venue, unknown here: an orphan there. */
const adoptListed = (draft: Draft, venue: VenueOrder): void => {
  const isTracked = draft.tracked.has(venue.symbol);
  const isFree = holderOf(draft.state, venue) === undefined || endHolder(draft, venue);
  if (isTracked && isFree) draft.adoptions.push({ venue, fills: [] });
  const words = `${venue.side} ${venue.qty} ${venue.symbol} at ${venue.price}, ${venue.status}`;
  const action = isFree ? 'adopted as foreign' : NAME_TAKEN;
  differs(draft, 'order', venue.clientOrderId, 'not known here', words, isTracked ? action : LEFT_ALONE);
};

/**
 * A name is unique among open orders (BINANCE 5): the open order here whose name the venue now gives to another one has ended. False
 * while that is not sure, or while its trades were not asked for: no end without its fills.
 */
const endHolder = (draft: Draft, venue: VenueOrder): boolean => {
  const order = holderOf(draft.state, venue);
  if (order === undefined || order.venueOrderId === null || order.symbol !== venue.symbol) return false;
  if (draft.resolutions.some((one) => one.order === order)) return true;
  // The venue's answer may lag behind and tell of the order that had the name before.
  if (!draft.asked.has(order.symbol) || changedAtMs(order) + ABSENCE_IS_PROOF_AFTER_MS >= draft.startedAtMs) return false;
  const fills = unseenFills(draft, order);
  const filled = fills.reduce((sum, fill) => sum.plus(fill.qty), order.filledQty as Decimal);
  const status = order.qty !== null && filled.gte(order.qty) ? 'FILLED' : 'CANCELED';
  draft.resolutions.push({ order, venue: { ...venue, venueOrderId: order.venueOrderId, status, filledQty: toText(filled) }, fills });
  differs(draft, 'order', order.clientOrderId, order.status, 'its name is another order’s', 'ended: a name has one open order');
  return true;
};

/** Open here and there: brought up to what the venue knows more. What changed here since the question is no difference. */
const compareOpen = (draft: Draft, order: Order, venue: VenueOrder): void => {
  const fills = unseenFills(draft, venue);
  if (venue.clientOrderId !== order.clientOrderId && order.qty?.eq(venue.qty) === false)
    differs(draft, 'order', order.clientOrderId, `qty ${toText(order.qty)}`, `qty ${venue.qty} as ${venue.clientOrderId}`, AMENDED);
  // An exit that came to life while nobody listened sells now: it counts, and it protects.
  const isAwake = order.pending && venue.status !== 'PENDING_NEW';
  const isBehind = order.venueOrderId === null || isAwake || fills.length > 0 || !order.filledQty.eq(venue.filledQty);
  if (!isBehind) return;
  draft.resolutions.push({ order, venue, fills });
  if (changedAtMs(order) >= draft.startedAtMs) return;
  const local = `${order.pending ? 'waiting for its entry' : order.status}, filled ${toText(order.filledQty)}`;
  differs(draft, 'order', order.clientOrderId, local, `${venue.status}, filled ${venue.filledQty}`, 'brought up to the exchange');
};

const compareListed = (draft: Draft, venue: VenueOrder): void => {
  const { state, startedAtMs } = draft;
  const order = orderMeant(state, venue);
  if (order === undefined) adoptListed(draft, venue);
  else if (state.openOrders.has(order.clientOrderId)) compareOpen(draft, order, venue);
  else if (changedAtMs(order) + ABSENCE_IS_PROOF_AFTER_MS < startedAtMs) {
    // The list may lag behind an end by moments, not by this long.
    draft.resolutions.push({ order, venue, fills: unseenFills(draft, venue) });
    differs(draft, 'order', order.clientOrderId, order.status, venue.status, SHOULD_NOT_EXIST);
  }
};

/** Open here, not listed there: what the venue answered to the question for this order alone. */
const compareAsked = (draft: Draft, id: ClientOrderId, outcome: QueryOutcome): void => {
  const order = draft.state.orders.get(id);
  if (order === undefined || !draft.state.openOrders.has(id)) return;
  if (outcome.kind === 'found' && orderMeant(draft.state, outcome.order) !== order) endHolder(draft, outcome.order);
  else if (outcome.kind === 'found') {
    draft.resolutions.push({ order, venue: outcome.order, fills: unseenFills(draft, outcome.order) });
    differs(draft, 'order', id, order.status, outcome.order.status, 'brought up to the exchange');
  } else if (outcome.kind === 'absent' && isAbsent(order, draft.startedAtMs)) {
    draft.absent.push(order);
    differs(draft, 'order', id, order.status, 'does not exist', 'ended: absence is proof by now');
  }
};

const isOver = ({ status }: VenueOrder): boolean => status !== 'NEW' && status !== 'PENDING_NEW' && status !== 'PARTIALLY_FILLED';

/**
 * An order behind trades that no order here knows: a stranger's, or one of ours whose answer was lost. One that is over and whose name
 * another order has gets one of its own, with the trades at hand: nobody can ask for it by its name any more.
 */
const compareStranger = (draft: Draft, venue: VenueOrder): void => {
  const order = orderMeant(draft.state, venue);
  const fills = unseenFills(draft, venue);
  if (order !== undefined) {
    draft.resolutions.push({ order, venue, fills });
    return;
  }
  const words = `${venue.side} ${venue.filledQty} ${venue.symbol}, ${venue.status}`;
  const isTaken = draft.adoptions.some((one) => one.venue.clientOrderId === venue.clientOrderId);
  if (!isTaken && holderOf(draft.state, venue) === undefined) draft.adoptions.push({ venue, fills });
  else if (isOver(venue)) {
    const filled = fills.reduce((sum, fill) => sum.plus(fill.qty), new Decimal(0));
    draft.adoptions.push({ venue: { ...venue, clientOrderId: elderName(venue), filledQty: toText(filled) }, fills });
  } else {
    differs(draft, 'order', venue.clientOrderId, 'not known here', words, NAME_TAKEN);
    return;
  }
  differs(draft, 'order', venue.clientOrderId, 'not known here', words, 'adopted as foreign with its fills');
};

/** Fills of known orders that no report told of. */
const recoverFills = (draft: Draft): void => {
  const settled = new Set(draft.resolutions.map((one) => numberOf(one.venue ?? one.order)));
  for (const order of draft.state.orders.values()) {
    const key = numberOf(order);
    if (order.venueOrderId === null || settled.has(key)) continue;
    const fills = unseenFills(draft, order);
    if (fills.length === 0) continue;
    settled.add(key);
    draft.resolutions.push({ order, venue: null, fills });
    for (const fill of fills)
      differs(draft, 'fill', `${order.symbol} trade ${fill.tradeId}`, 'missed', `${fill.qty} at ${fill.price}`, 'recovered');
  }
};

/**
 * The plan that brings local books to the venue's.
 * @param tracked symbols that this console trades: orders from elsewhere on others are named and left alone
 * @param touchedAssets assets whose balance the stream stated after `startedAtMs`: those are newer than the books
 * @param startedAtMs steady time (engine/steady.ts) at which the venue was asked
 */
export const diff = (
  state: EngineState,
  books: VenueBooks,
  startedAtMs: number,
  tracked: ReadonlySet<SymbolId>,
  touchedAssets: ReadonlySet<string>,
): Plan => {
  const differences = balanceDifferences(state, books.balances).filter(
    (one) => state.reconciliation.atMs !== null && !touchedAssets.has(one.key),
  );
  const trades = byOrder(books.trades);
  const draft: Draft = {
    state,
    startedAtMs,
    tracked,
    asked: books.asked,
    trades,
    known: knownTrades(state, trades),
    differences,
    resolutions: [],
    absent: [],
    adoptions: [],
  };
  for (const venue of books.openOrders) compareListed(draft, venue);
  for (const [id, outcome] of books.queries) compareAsked(draft, id, outcome);
  // One that lives needs its name most.
  for (const venue of books.strangers.toSorted((a, b) => Number(isOver(a)) - Number(isOver(b)))) compareStranger(draft, venue);
  recoverFills(draft);
  const entries = books.balances.filter((entry) => !touchedAssets.has(entry.asset));
  const { resolutions, absent, adoptions } = draft;
  return { differences, resolutions, absent, adoptions, balances: { entries, full: touchedAssets.size === 0 } };
};
