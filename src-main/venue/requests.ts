// Every REST request that the adapter makes, with its weight (BINANCE 3). Data only; rest.ts sends them.
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import type { Priority, WireOrder } from './port.ts';
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

  /** An order that only reduces may use the reserve: it must not be trapped (C9, C14). */
  submit: (order: WireOrder): RestCall => ({
    path: 'order',
    api: 'private',
    method: 'POST',
    params: orderParams(order),
    weight: 1,
    orders: 1,
    traffic: order.reduceOnly ? 'emergency' : 'normal',
    lane: 'normal',
  }),
} as const;

const orderParams = ({ clientOrderId, symbol, side, type, qty, quoteQty, price, timeInForce }: WireOrder): Params => {
  const postOnly = timeInForce === 'POST_ONLY';
  return {
    symbol,
    side,
    type: postOnly ? 'LIMIT_MAKER' : type,
    ...(qty === undefined ? {} : { quantity: qty }),
    ...(quoteQty === undefined ? {} : { quoteOrderQty: quoteQty }),
    ...(price === undefined ? {} : { price }),
    ...(type === 'LIMIT' && !postOnly ? { timeInForce: timeInForce ?? 'GTC' } : {}),
    newClientOrderId: clientOrderId,
    newOrderRespType: 'FULL',
  };
};
