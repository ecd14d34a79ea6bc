// Venue truth against local state: a pure difference and what to do about it (REQUIREMENTS I). It ends no order without proof, and it
// leaves alone whatever changed on our side after the venue was asked: the answer may be older than that.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Difference } from '../../src-shared/domain/difference.ts';
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { toText } from '../../src-shared/domain/money.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
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
/** False for what is only named, each time anew: it is no news, and no correction that could fail to hold. */
export const isDealtWith = ({ action }: Difference): boolean => action !== LEFT_ALONE && action !== LEFT_TO_YOU;

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
  const listed = new Set(open.map((order) => order.clientOrderId));
  return [...state.openOrders]
    .map((id) => state.orders.get(id))
    .filter((order) => order !== undefined)
    .filter((order) => !listed.has(order.clientOrderId) && order.status !== 'INTENDED' && changedAtMs(order) < startedAtMs);
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

/** Another program may use a client id again once its order has ended (BINANCE 5): then it is another order. */
export const isSuccessor = (order: Order, venue: VenueOrder): boolean =>
  order.origin === 'foreign' && isEnded(order.status) && order.venueOrderId !== venue.venueOrderId;

type OrderTrade = VenueBooks['trades'][number];
type Placed = { readonly symbol: SymbolId; readonly venueOrderId: VenueOrderId | null };
const orderKey = ({ symbol, venueOrderId }: Placed): string => `${symbol} ${venueOrderId ?? ''}`;

type TradesByOrder = ReadonlyMap<string, readonly OrderTrade[]>;

const byOrder = (trades: VenueBooks['trades']): TradesByOrder => {
  const sorted = new Map<string, OrderTrade[]>();
  for (const trade of trades) {
    const known = sorted.get(orderKey(trade));
    if (known === undefined) sorted.set(orderKey(trade), [trade]);
    else known.push(trade);
  }
  return sorted;
};

/** Trades of an order that the facts do not have yet; its number is the venue's, where that said it. */
const unseenFills = (order: Order, trades: TradesByOrder, venue: Placed = order): readonly VenueFill[] => {
  const known = new Set(order.fills.map((fill) => fill.tradeId));
  return (trades.get(orderKey(venue)) ?? []).filter((trade) => !known.has(trade.tradeId));
};

/**
 * One trade of each order that neither the facts nor the venue's other answers know, oldest first. Trades from before a symbol's first
 * order here are none of ours: the account was stated with them. A symbol without any order was asked for since that statement.
 */
export const strangeTrades = (
  state: EngineState,
  { openOrders, queries, trades, asked }: Pick<VenueBooks, 'openOrders' | 'queries' | 'trades' | 'asked'>,
): readonly OrderTrade[] => {
  const known = new Set([...state.orders.values(), ...openOrders].map(orderKey));
  for (const outcome of queries.values()) if (outcome.kind === 'found') known.add(orderKey(outcome.order));
  const strange = new Map<string, OrderTrade>();
  for (const trade of trades) {
    const fromMs = state.traded.get(trade.symbol)?.fromMs ?? asked.get(trade.symbol) ?? Number.POSITIVE_INFINITY;
    const key = orderKey(trade);
    if (!known.has(key) && !strange.has(key) && trade.timeMs >= fromMs) strange.set(key, trade);
  }
  return [...strange.values()].toSorted((a, b) => a.timeMs - b.timeMs);
};

/** Was the venue asked late enough that its not knowing the order proves that it never will (BINANCE 5)? */
export const provesAbsence = (order: Order, askedAtMs: number): boolean =>
  !isEnded(order.status) &&
  order.status !== 'INTENDED' &&
  askedAtMs >= (provableAtMs(order) ?? changedAtMs(order) + ABSENCE_IS_PROOF_AFTER_MS);

/** What the parts of a comparison add to. */
interface Draft {
  readonly state: EngineState;
  readonly startedAtMs: number;
  readonly tracked: ReadonlySet<SymbolId>;
  readonly trades: TradesByOrder;
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
  if (isTracked) draft.adoptions.push({ venue, fills: [] });
  const words = `${venue.side} ${venue.qty} ${venue.symbol} at ${venue.price}, ${venue.status}`;
  differs(draft, 'order', venue.clientOrderId, 'not known here', words, isTracked ? 'adopted as foreign' : LEFT_ALONE);
};

/** Open here and there: brought up to what the venue knows more. What changed here since the question is no difference. */
const compareOpen = (draft: Draft, order: Order, venue: VenueOrder): void => {
  const fills = unseenFills(order, draft.trades, venue);
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
  const order = state.orders.get(venue.clientOrderId as ClientOrderId);
  if (order === undefined || isSuccessor(order, venue)) adoptListed(draft, venue);
  else if (state.openOrders.has(order.clientOrderId)) compareOpen(draft, order, venue);
  else if (changedAtMs(order) + ABSENCE_IS_PROOF_AFTER_MS < startedAtMs) {
    // The list may lag behind an end by moments, not by this long.
    draft.resolutions.push({ order, venue, fills: unseenFills(order, draft.trades, venue) });
    differs(draft, 'order', order.clientOrderId, order.status, venue.status, SHOULD_NOT_EXIST);
  }
};

/** Open here, not listed there: what the venue answered to the question for this order alone. */
const compareAsked = (draft: Draft, id: ClientOrderId, outcome: QueryOutcome): void => {
  const order = draft.state.orders.get(id);
  if (order === undefined || !draft.state.openOrders.has(id)) return;
  if (outcome.kind === 'found') {
    draft.resolutions.push({ order, venue: outcome.order, fills: unseenFills(order, draft.trades, outcome.order) });
    differs(draft, 'order', id, order.status, outcome.order.status, 'brought up to the exchange');
  } else if (outcome.kind === 'absent' && provesAbsence(order, draft.startedAtMs)) {
    draft.absent.push(order);
    differs(draft, 'order', id, order.status, 'does not exist', 'ended: absence is proof by now');
  }
};

/** An order behind trades that no order here knows: a stranger's, or one of ours whose answer was lost. */
const compareStranger = (draft: Draft, venue: VenueOrder): void => {
  const order = draft.state.orders.get(venue.clientOrderId as ClientOrderId);
  const fills = draft.trades.get(orderKey(venue)) ?? [];
  if (order !== undefined && !isSuccessor(order, venue)) {
    draft.resolutions.push({ order, venue, fills });
    return;
  }
  draft.adoptions.push({ venue, fills });
  const words = `${venue.side} ${venue.filledQty} ${venue.symbol}, ${venue.status}`;
  differs(draft, 'order', venue.clientOrderId, 'not known here', words, 'adopted as foreign with its fills');
};

/** Fills of known orders that no report told of. */
const recoverFills = (draft: Draft): void => {
  const settled = new Set(draft.resolutions.map((one) => one.order.clientOrderId));
  for (const order of draft.state.orders.values()) {
    if (order.venueOrderId === null || settled.has(order.clientOrderId)) continue;
    const fills = unseenFills(order, draft.trades);
    if (fills.length === 0) continue;
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
  const draft: Draft = {
    state,
    startedAtMs,
    tracked,
    trades: byOrder(books.trades),
    differences,
    resolutions: [],
    absent: [],
    adoptions: [],
  };
  for (const venue of books.openOrders) compareListed(draft, venue);
  for (const [id, outcome] of books.queries) compareAsked(draft, id, outcome);
  for (const venue of books.strangers) compareStranger(draft, venue);
  recoverFills(draft);
  const entries = books.balances.filter((entry) => !touchedAssets.has(entry.asset));
  const { resolutions, absent, adoptions } = draft;
  return { differences, resolutions, absent, adoptions, balances: { entries, full: touchedAssets.size === 0 } };
};
