// Which order here the venue means. The venue's number is what an order is, unique within its symbol and for ever; a client id is a name:
// another program changes it when it amends an order, and gives it to the next one once the first has ended (BINANCE 5).
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import type { EngineState, Order } from './state.ts';

type Orders = EngineState['orders'];
export type Numbered = { readonly symbol: SymbolId; readonly venueOrderId: VenueOrderId | null };
type Named = Numbered & { readonly clientOrderId: string };

/** By what the venue knows an order; the same text for every order that it has not numbered yet. */
export const numberOf = ({ symbol, venueOrderId }: Numbered): string => `${symbol} ${venueOrderId ?? ''}`;

/** Where an order is found that has lost its name to a later one. The space keeps it apart from every name that the venue takes. */
export const elderName = ({ clientOrderId, venueOrderId }: Named): ClientOrderId =>
  `${clientOrderId} ${venueOrderId ?? ''}` as ClientOrderId;

/** Beside the orders and made of them: walking them for each report would make its cost grow with the orders there are (R). */
const indexes = new WeakMap<Orders, Map<string, ClientOrderId>>();

const indexOf = (orders: Orders): Map<string, ClientOrderId> => {
  const known = indexes.get(orders);
  if (known !== undefined) return known;
  const made = new Map<string, ClientOrderId>();
  for (const order of orders.values()) if (order.venueOrderId !== null) made.set(numberOf(order), order.clientOrderId);
  indexes.set(orders, made);
  return made;
};

/** An order has its number from now on, or another name. For evolve alone. */
export const noteNumber = (orders: Orders, order: Order): void => void indexes.get(orders)?.set(numberOf(order), order.clientOrderId);

/** An order leaves memory. For evolve alone. */
export const dropNumber = (orders: Orders, order: Order): void => {
  const index = indexes.get(orders);
  if (index?.get(numberOf(order)) === order.clientOrderId) index.delete(numberOf(order));
};

const isSame = (order: Order | undefined, venue: Numbered): boolean =>
  order !== undefined && order.symbol === venue.symbol && order.venueOrderId === venue.venueOrderId;

/**
 * The order that the venue speaks of, by its number; by its name only where no number is known here. That name may be an old one: a
 * foreign order that has ended without a number says nothing of the next one (a venue that was reset).
 */
export const orderMeant = ({ orders }: EngineState, venue: Named): Order | undefined => {
  const named = orders.get(venue.clientOrderId as ClientOrderId);
  if (isSame(named, venue)) return named;
  const numbered = orders.get(indexOf(orders).get(numberOf(venue)) ?? ('' as ClientOrderId));
  if (isSame(numbered, venue)) return numbered;
  if (named?.symbol !== venue.symbol || named.venueOrderId !== null) return undefined;
  return named.origin === 'foreign' && isEnded(named.status) ? undefined : named;
};

/** The open order here whose name the venue has given to another one of its orders: `venue`, which is none of ours. */
export const holderOf = ({ orders, openOrders }: EngineState, venue: Named): Order | undefined => {
  const named = orders.get(venue.clientOrderId as ClientOrderId);
  return named !== undefined && openOrders.has(named.clientOrderId) && !isSame(named, venue) ? named : undefined;
};

/** What the venue calls an order where that is not what we call it. By its fills, which is one array for every state of an order. */
const names = new WeakMap<Order['fills'], string>();

/** The venue spoke of this order. */
export const noteName = ({ fills, clientOrderId }: Order, venue: Named): void => {
  if (venue.clientOrderId === clientOrderId) names.delete(fills);
  else names.set(fills, venue.clientOrderId);
};

/** Its being unknown by its old name proves nothing. */
export const isRenamed = ({ fills }: Order): boolean => names.has(fills);

/** True for an order whose name is another one's now: by it, nobody may ask for or cancel anything. */
export const isElder = ({ clientOrderId }: Pick<Order, 'clientOrderId'>): boolean => clientOrderId.includes(' ');

/** By which name the venue knows an order of ours. */
export const nameAtVenue = (order: Order): ClientOrderId => (names.get(order.fills) ?? order.clientOrderId) as ClientOrderId;
