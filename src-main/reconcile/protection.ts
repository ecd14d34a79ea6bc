// Protection as part of a comparison (REQUIREMENTS I, B5): the protective orders that the venue has open against the position. It only
// states what is missing or too much; the engine's own watch over protection acts.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Difference } from '../../src-shared/domain/difference.ts';
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { floorTo, toText, ZERO_QTY } from '../../src-shared/domain/money.ts';
import { isDust } from '../engine/picture.ts';
import type { EngineState } from '../engine/state.ts';
import { changedAtMs } from '../engine/steady.ts';
import { LEFT_TO_YOU } from './diff.ts';
import type { VenueOrder } from '../venue/port.ts';

const PROTECTIVE: ReadonlySet<string> = new Set(['STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT']);

/** Sells that wait for a price, and both legs of a list; an exit that waits for its entry protects nothing yet. */
const isProtective = (venue: VenueOrder): boolean =>
  venue.side === 'SELL' && venue.status !== 'PENDING_NEW' && (PROTECTIVE.has(venue.venueType) || venue.venueListId !== null);

/** What the venue's protective orders of a symbol could sell: of a list one leg ends the other, so the larger counts. */
const coveredQty = (orders: readonly VenueOrder[]): Decimal => {
  const lists = new Map<string, Decimal>();
  for (const order of orders) {
    const key = order.venueListId === null ? `order ${order.venueOrderId}` : `list ${order.venueListId}`;
    const left = new Decimal(order.qty).minus(order.filledQty);
    lists.set(key, Decimal.max(left, lists.get(key) ?? 0));
  }
  return [...lists.values()].reduce((sum, left) => sum.plus(left), new Decimal(0));
};

/** True when an order of the symbol is on its way or changed after the venue was asked: the list may be older than that. */
const isMoving = (state: EngineState, symbol: SymbolId, startedAtMs: number): boolean =>
  [...state.orders.values()].some(
    (order) =>
      order.symbol === symbol &&
      (changedAtMs(order) >= startedAtMs || (state.openOrders.has(order.clientOrderId) && order.venueOrderId === null)),
  );

/** Where open protective orders and positions do not fit each other. */
export const protectionDifferences = (
  state: EngineState,
  openOrders: readonly VenueOrder[],
  startedAtMs: number,
  instruments: ReadonlyMap<SymbolId, Instrument>,
): readonly Difference[] => {
  const bySymbol = new Map<SymbolId, VenueOrder[]>();
  for (const order of openOrders.filter(isProtective)) {
    const known = bySymbol.get(order.symbol);
    if (known === undefined) bySymbol.set(order.symbol, [order]);
    else known.push(order);
  }
  const found: Difference[] = [];
  for (const symbol of new Set([...bySymbol.keys(), ...state.protections.keys()])) {
    const instrument = instruments.get(symbol);
    if (instrument === undefined || isMoving(state, symbol, startedAtMs)) continue;
    const orders = bySymbol.get(symbol) ?? [];
    const position = state.positions.get(symbol);
    const held = position?.qty ?? ZERO_QTY;
    const covered = coveredQty(orders);
    const row = { what: 'protection', key: symbol, local: `position ${toText(held)}`, venue: `${toText(covered)} protected` } as const;
    const isOurs = orders.every((order) => (state.orders.get(order.clientOrderId as ClientOrderId)?.origin ?? 'foreign') !== 'foreign');
    if (covered.gt(held)) found.push({ ...row, action: isOurs ? 'to be cut to the position' : LEFT_TO_YOU });
    const wanted = floorTo(held, instrument.lot.stepQty);
    const isPlanned = (state.protections.get(symbol)?.plan ?? null) !== null;
    if (isPlanned && covered.lt(wanted) && !isDust(wanted, instrument, position?.entryPrice ?? null))
      found.push({ ...row, action: 'to be protected' });
  }
  return found;
};
