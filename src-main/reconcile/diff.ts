// Venue truth against local state: a pure difference and what to do about it (REQUIREMENTS I). It ends no order without proof, and it
// leaves alone whatever changed on our side after the venue was asked: the answer may be older than that.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Difference } from '../../src-shared/domain/difference.ts';
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { toText } from '../../src-shared/domain/money.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import type { EngineState, Order } from '../engine/state.ts';
import type { QueryOutcome, VenueBalance, VenueFill, VenueOrder } from '../venue/port.ts';

/** Trades are asked for from this long before the newest known fill: the venue's clock and ours differ. */
export const TRADES_OVERLAP_MS = 60_000;
/** Balances that differ by less than this part are equal (REQUIREMENTS I: 0.01 %). */
const BALANCE_TOLERANCE = new Decimal('0.0001');
/** How long after its last sign of life an order that the venue does not know may still only be lagging in its queries (BINANCE 4). */
const ABSENCE_IS_PROOF_AFTER_MS = 15_000;

/** What is done about an order from elsewhere on a symbol that this console does not trade: nothing, short of an emergency stop. */
export const LEFT_ALONE = 'left alone: this console does not trade it';

/** What the venue said, asked for at one time. */
export interface VenueBooks {
  readonly balances: readonly VenueBalance[];
  readonly openOrders: readonly VenueOrder[];
  /** Own trades of every symbol that was traded, since shortly before the newest fill known here. */
  readonly trades: readonly (VenueFill & { readonly symbol: SymbolId; readonly venueOrderId: VenueOrderId })[];
  /** What became of the local orders that the venue did not list as open. */
  readonly queries: ReadonlyMap<ClientOrderId, QueryOutcome>;
  /** Orders behind trades that belong to no order known here: filled by phone while nobody listened. */
  readonly strangers: readonly VenueOrder[];
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
    .filter((order) => !listed.has(order.clientOrderId) && order.status !== 'INTENDED' && order.updatedAtMs < startedAtMs);
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

const unseenFills = (order: Order, books: VenueBooks): readonly VenueFill[] => {
  const known = new Set(order.fills.map((fill) => fill.tradeId));
  return books.trades.filter(
    (trade) => trade.symbol === order.symbol && trade.venueOrderId === order.venueOrderId && !known.has(trade.tradeId),
  );
};

type OrderTrade = VenueBooks['trades'][number];
const orderKey = (order: { readonly symbol: SymbolId; readonly venueOrderId: VenueOrderId | null }): string =>
  `${order.symbol} ${order.venueOrderId ?? ''}`;

/**
 * One trade of each order that neither the facts nor the venue's other answers know. Trades from before a symbol's first order here
 * are none of ours: the account was stated with them.
 */
export const strangeTrades = (
  state: EngineState,
  { openOrders, queries, trades }: Pick<VenueBooks, 'openOrders' | 'queries' | 'trades'>,
): readonly OrderTrade[] => {
  const known = new Set([...state.orders.values(), ...openOrders].map(orderKey));
  for (const outcome of queries.values()) if (outcome.kind === 'found') known.add(orderKey(outcome.order));
  const strange = new Map<string, OrderTrade>();
  for (const trade of trades) {
    const fromMs = state.traded.get(trade.symbol)?.fromMs ?? Number.POSITIVE_INFINITY;
    if (!known.has(orderKey(trade)) && trade.timeMs >= fromMs) strange.set(orderKey(trade), trade);
  }
  return [...strange.values()];
};

/** Was the venue asked late enough that its not knowing the order proves that it never will (BINANCE 5)? */
export const provesAbsence = (order: Order, askedAtMs: number): boolean =>
  !isEnded(order.status) &&
  order.status !== 'INTENDED' &&
  askedAtMs >= (order.provableAtMs ?? order.updatedAtMs + ABSENCE_IS_PROOF_AFTER_MS);

/**
 * The plan that brings local books to the venue's.
 * @param tracked symbols that this console trades: orders from elsewhere on others are named and left alone
 * @param touchedAssets assets whose balance the stream stated after `startedAtMs`: those are newer than the books
 * @param startedAtMs local time at which the venue was asked
 */
export const diff = (
  state: EngineState,
  books: VenueBooks,
  startedAtMs: number,
  tracked: ReadonlySet<SymbolId>,
  touchedAssets: ReadonlySet<string>,
): Plan => {
  const differences: Difference[] = balanceDifferences(state, books.balances).filter(
    (one) => state.reconciliation.atMs !== null && !touchedAssets.has(one.key),
  );
  const resolutions: Resolution[] = [];
  const absent: Order[] = [];
  const adoptions: Writable<Plan['adoptions']> = [];

  for (const venue of books.openOrders) {
    const order = state.orders.get(venue.clientOrderId as ClientOrderId);
    if (order === undefined || isSuccessor(order, venue)) {
      const isTracked = tracked.has(venue.symbol);
      if (isTracked) adoptions.push({ venue, fills: [] });
      differences.push({
        what: 'order',
        key: venue.clientOrderId,
        local: 'unknown',
        venue: `${venue.side} ${venue.qty} ${venue.symbol} at ${venue.price}, ${venue.status}`,
        action: isTracked ? 'adopted as foreign' : LEFT_ALONE,
      });
    } else if (isEnded(order.status) && order.updatedAtMs + ABSENCE_IS_PROOF_AFTER_MS < startedAtMs) {
      // The list may lag behind an end by moments, not by this long.
      resolutions.push({ order, venue, fills: unseenFills({ ...order, venueOrderId: venue.venueOrderId }, books) });
      differences.push({
        what: 'order',
        key: order.clientOrderId,
        local: order.status,
        venue: venue.status,
        action: 'cancelled: it should not exist',
      });
    } else if (state.openOrders.has(order.clientOrderId)) {
      const fills = unseenFills({ ...order, venueOrderId: venue.venueOrderId }, books);
      const late = order.venueOrderId === null || fills.length > 0 || !order.filledQty.eq(venue.filledQty);
      if (late) resolutions.push({ order, venue, fills });
      if (late && order.updatedAtMs < startedAtMs)
        differences.push({
          what: 'order',
          key: order.clientOrderId,
          local: `${order.status}, filled ${toText(order.filledQty)}`,
          venue: `${venue.status}, filled ${venue.filledQty}`,
          action: 'brought up to the exchange',
        });
    }
  }

  for (const [id, outcome] of books.queries) {
    const order = state.orders.get(id);
    if (order === undefined || !state.openOrders.has(id)) continue;
    if (outcome.kind === 'found') {
      resolutions.push({ order, venue: outcome.order, fills: unseenFills({ ...order, venueOrderId: outcome.order.venueOrderId }, books) });
      differences.push({ what: 'order', key: id, local: order.status, venue: outcome.order.status, action: 'brought up to the exchange' });
    } else if (outcome.kind === 'absent' && provesAbsence(order, startedAtMs)) {
      absent.push(order);
      differences.push({ what: 'order', key: id, local: order.status, venue: 'does not exist', action: 'ended: absence is proof by now' });
    }
  }

  for (const venue of books.strangers) {
    const order = state.orders.get(venue.clientOrderId as ClientOrderId);
    const trades = books.trades.filter((trade) => orderKey(trade) === orderKey(venue));
    if (order !== undefined && !isSuccessor(order, venue)) {
      resolutions.push({ order, venue, fills: trades });
      continue;
    }
    adoptions.push({ venue, fills: trades });
    differences.push({
      what: 'order',
      key: venue.clientOrderId,
      local: 'unknown',
      venue: `${venue.side} ${venue.filledQty} ${venue.symbol}, ${venue.status}`,
      action: 'adopted as foreign with its fills',
    });
  }

  const settled = new Set(resolutions.map((one) => one.order.clientOrderId));
  for (const order of state.orders.values()) {
    if (order.venueOrderId === null || settled.has(order.clientOrderId)) continue;
    const fills = unseenFills(order, books);
    if (fills.length === 0) continue;
    resolutions.push({ order, venue: null, fills });
    for (const fill of fills)
      differences.push({
        what: 'fill',
        key: `${order.symbol} trade ${fill.tradeId}`,
        local: 'missed',
        venue: `${fill.qty} at ${fill.price}`,
        action: 'recovered',
      });
  }

  const entries = books.balances.filter((entry) => !touchedAssets.has(entry.asset));
  return { differences, resolutions, absent, adoptions, balances: { entries, full: touchedAssets.size === 0 } };
};
