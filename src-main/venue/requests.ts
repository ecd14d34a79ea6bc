// Every REST request that the adapter makes, with its weight (BINANCE 3). Data only; rest.ts sends them.
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { hasPrice, type ListRole } from '../../src-shared/domain/order.ts';
import { invariant } from '../../src-shared/errors/result.ts';
import type { Priority, WireList, WireOrder } from './port.ts';
import type { RestCall } from './rest.ts';
import type { Params } from './wired-ccxt.ts';

type Rank = Pick<RestCall, 'traffic' | 'lane'>;
const NORMAL: Rank = { traffic: 'normal', lane: 'normal' };
const rankOf = (priority: Priority): Rank => ({ traffic: priority, lane: priority });

const get = (api: RestCall['api'], path: string, weight: number, params: Params = {}, rank: Rank = NORMAL): RestCall => ({
  path,
  api,
  method: 'GET',
  params,
  weight,
  ...rank,
});

export const requests = {
  ping: (): RestCall => get('public', 'ping', 1, {}, { traffic: 'normal', lane: 'emergency' }),
  time: (): RestCall => get('public', 'time', 1, {}, { traffic: 'emergency', lane: 'normal' }),
  exchangeInfo: (symbols: readonly SymbolId[]): RestCall => get('public', 'exchangeInfo', 20, { symbols: JSON.stringify(symbols) }),
  commission: (symbol: SymbolId): RestCall => get('private', 'account/commission', 20, { symbol }),
  account: (priority: Priority): RestCall => get('private', 'account', 20, {}, rankOf(priority)),
  apiRestrictions: (): RestCall => get('sapi', 'account/apiRestrictions', 1),
  order: (symbol: SymbolId, origClientOrderId: ClientOrderId): RestCall => get('private', 'order', 4, { symbol, origClientOrderId }),
  orderById: (symbol: SymbolId, orderId: VenueOrderId): RestCall => get('private', 'order', 4, { symbol, orderId }),
  openOrders: (symbol: SymbolId | null, priority: Priority): RestCall =>
    get('private', 'openOrders', symbol === null ? 80 : 6, symbol === null ? {} : { symbol }, rankOf(priority)),
  newestTrades: (symbol: SymbolId): RestCall => get('private', 'myTrades', 20, { symbol, limit: 1000 }),
  tradesBetween: (symbol: SymbolId, startTime: number, endTime: number): RestCall =>
    get('private', 'myTrades', 20, { symbol, startTime, endTime, limit: 1000 }),
  tradesFrom: (symbol: SymbolId, fromId: string): RestCall => get('private', 'myTrades', 20, { symbol, fromId, limit: 1000 }),
  tradesOfOrder: (symbol: SymbolId, orderId: VenueOrderId): RestCall => get('private', 'myTrades', 5, { symbol, orderId, limit: 1000 }),
  tradesOfOrderFrom: (symbol: SymbolId, orderId: VenueOrderId, fromId: string): RestCall =>
    get('private', 'myTrades', 5, { symbol, orderId, fromId, limit: 1000 }),
  klines: (symbol: SymbolId, interval: string, limit: number): RestCall => get('public', 'klines', 2, { symbol, interval, limit }),

  /** Cancels use the reserve and go first after a hold, whoever asks (C9); the emergency lane is for the stop alone. */
  cancel: (symbol: SymbolId, origClientOrderId: ClientOrderId, priority: Priority): RestCall => ({
    path: 'order',
    api: 'private',
    method: 'DELETE',
    params: { symbol, origClientOrderId },
    weight: 1,
    traffic: 'emergency',
    lane: priority,
  }),
  cancelAll: (symbol: SymbolId, priority: Priority): RestCall => ({
    path: 'openOrders',
    api: 'private',
    method: 'DELETE',
    params: { symbol },
    weight: 1,
    traffic: 'emergency',
    lane: priority,
  }),

  submit: (order: WireOrder): RestCall => placing('order', orderParams(order), 1, order.reduceOnly),

  /** Counts as many orders as the list holds (rest-api.md, "Order lists"). */
  submitList: (list: WireList): RestCall => {
    const reduceOnly = list.orders.every((order) => order.reduceOnly);
    return placing(`orderList/${list.kind.toLowerCase()}`, listParams(list), list.orders.length, reduceOnly);
  },

  /**
   * STOP_ON_FAILURE: what could not be cancelled may have been filled, and the new order must not come on top of it. ONLY_NEW for the
   * same reason: a part that fills on the request's way would make both together more than was judged.
   */
  replace: (order: WireOrder, cancelOrigClientOrderId: ClientOrderId): RestCall => {
    const params = { ...orderParams(order), cancelReplaceMode: 'STOP_ON_FAILURE', cancelRestrictions: 'ONLY_NEW', cancelOrigClientOrderId };
    return placing('order/cancelReplace', params, 1, order.reduceOnly);
  },
} as const;

/** What only reduces may use the reserve: it must not be trapped (C9, C14). */
const placing = (path: string, params: Params, orders: number, reduceOnly: boolean): RestCall => ({
  path,
  api: 'private',
  method: 'POST',
  params,
  weight: 1,
  orders,
  traffic: reduceOnly ? 'emergency' : 'normal',
  lane: 'normal',
});

/** Type, prices and time in force: named alike for a single order and, behind a prefix, for one of a list. */
const termsOf = ({ type, price, stopPrice, trailingDeltaBps, timeInForce }: WireOrder): Params => {
  const postOnly = timeInForce === 'POST_ONLY';
  return {
    type: postOnly ? 'LIMIT_MAKER' : type,
    ...(price === undefined ? {} : { price }),
    ...(stopPrice === undefined ? {} : { stopPrice }),
    ...(trailingDeltaBps === undefined ? {} : { trailingDelta: trailingDeltaBps }),
    ...(hasPrice(type) && !postOnly ? { timeInForce: timeInForce ?? 'GTC' } : {}),
  };
};

const orderParams = (order: WireOrder): Params => ({
  symbol: order.symbol,
  side: order.side,
  ...termsOf(order),
  ...(order.qty === undefined ? {} : { quantity: order.qty }),
  ...(order.quoteQty === undefined ? {} : { quoteOrderQty: order.quoteQty }),
  newClientOrderId: order.clientOrderId,
  newOrderRespType: 'FULL',
});

const listParams = (list: WireList): Params => ({
  symbol: list.symbol,
  listClientOrderId: list.listId,
  ...ordersOf(list),
  newOrderRespType: 'RESULT',
});

const ordersOf = (list: WireList): Params => {
  switch (list.kind) {
    case 'OCO':
      return { ...sizeOf('', inRole(list, 'stop')), ...pairOf(list, 'above', 'below') };
    case 'OTO': {
      const exit = list.orders.find(({ role }) => role !== 'entry');
      invariant(exit !== undefined, 'an OTO without an exit');
      return { ...entryOf(list), ...legOf('pending', exit), ...sizeOf('pending', exit) };
    }
    case 'OTOCO':
      return { ...entryOf(list), ...sizeOf('pending', inRole(list, 'stop')), ...pairOf(list, 'pendingAbove', 'pendingBelow') };
  }
};

const inRole = (list: WireList, role: ListRole): WireOrder => {
  const found = list.orders.find((order) => order.role === role);
  invariant(found !== undefined, `an ${list.kind} without its ${role} order`);
  return found;
};

const entryOf = (list: WireList): Params => {
  const entry = inRole(list, 'entry');
  return { ...legOf('working', entry), ...sizeOf('working', entry) };
};

/** A sell's limit leg lies above the market and its stop below; a buy's the other way round. */
const pairOf = (list: WireList, above: string, below: string): Params => {
  const [limit, stop] = [inRole(list, 'limit'), inRole(list, 'stop')];
  return stop.side === 'SELL' ? { ...legOf(above, limit), ...legOf(below, stop) } : { ...legOf(above, stop), ...legOf(below, limit) };
};

const legOf = (prefix: string, order: WireOrder): Params => ({
  ...prefixed(prefix, termsOf(order)),
  [`${prefix}ClientOrderId`]: order.clientOrderId,
});

const sizeOf = (prefix: string, { side, qty }: WireOrder): Params => {
  invariant(qty !== undefined, 'an order of a list without a quantity');
  return prefixed(prefix, { side, quantity: qty });
};

const prefixed = (prefix: string, params: Params): Params =>
  prefix === ''
    ? params
    : Object.fromEntries(
        Object.entries(params).map(([name, value]) => [`${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]),
      );
