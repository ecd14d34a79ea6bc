// Which REST path and which WS-API method leads to which operation.
// Both tables point at the same operations: a rule that holds on one transport holds on the other.
import * as account from './account-operations.ts';
import * as list from './list-operations.ts';
import * as market from './market-operations.ts';
import type { Operation } from './operation.ts';
import * as trading from './trading-operations.ts';

/** path → HTTP method → operation. */
export type RestRoutes = ReadonlyMap<string, ReadonlyMap<string, Operation>>;

const REST: readonly (readonly [route: string, operation: Operation])[] = [
  ['GET /api/v3/ping', market.ping],
  ['GET /api/v3/time', market.time],
  ['GET /api/v3/exchangeInfo', market.exchangeInfo],
  ['GET /api/v3/depth', market.depth],
  ['GET /api/v3/trades', market.trades],
  ['GET /api/v3/historicalTrades', market.historicalTrades],
  ['GET /api/v3/aggTrades', market.aggTrades],
  ['GET /api/v3/klines', market.klines],
  ['GET /api/v3/uiKlines', market.klines],
  ['GET /api/v3/avgPrice', market.avgPrice],
  ['GET /api/v3/ticker/24hr', market.ticker24hr],
  ['GET /api/v3/ticker/price', market.tickerPrice],
  ['GET /api/v3/ticker/bookTicker', market.bookTicker],
  ['POST /api/v3/order', trading.placeOrder],
  ['GET /api/v3/order', account.queryOrder],
  ['DELETE /api/v3/order', trading.cancelOrder],
  ['POST /api/v3/order/test', trading.testOrder],
  ['POST /api/v3/order/cancelReplace', trading.cancelReplace],
  ['GET /api/v3/openOrders', account.openOrders],
  ['DELETE /api/v3/openOrders', trading.cancelAllOpen],
  ['GET /api/v3/allOrders', account.allOrders],
  ['GET /api/v3/account', account.account],
  ['GET /api/v3/myTrades', account.myTrades],
  ['GET /api/v3/account/commission', account.commission],
  ['GET /api/v3/rateLimit/order', account.rateLimitOrder],
  ['GET /api/v3/myFilters', account.myFilters],
  ['POST /api/v3/orderList/oco', list.placeOco],
  ['POST /api/v3/orderList/oto', list.placeOto],
  ['POST /api/v3/orderList/otoco', list.placeOtoco],
  ['GET /api/v3/orderList', list.queryOrderList],
  ['DELETE /api/v3/orderList', list.cancelOrderList],
  ['GET /api/v3/allOrderList', list.allOrderLists],
  ['GET /api/v3/openOrderList', list.openOrderLists],
  ['GET /sapi/v1/account/apiRestrictions', account.apiRestrictions],
];

export const restRoutes: RestRoutes = REST.reduce((routes, [route, operation]) => {
  const [method = '', path = ''] = route.split(' ');
  return routes.set(path, (routes.get(path) ?? new Map<string, Operation>()).set(method, operation));
}, new Map<string, Map<string, Operation>>());

export const wsApiMethods: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ['ping', market.ping],
  ['time', market.time],
  ['exchangeInfo', market.exchangeInfo],
  ['depth', market.depth],
  ['trades.recent', market.trades],
  ['trades.historical', market.historicalTrades],
  ['trades.aggregate', market.aggTrades],
  ['klines', market.klines],
  ['uiKlines', market.klines],
  ['avgPrice', market.avgPrice],
  ['ticker.24hr', market.ticker24hr],
  ['ticker.price', market.tickerPrice],
  ['ticker.book', market.bookTicker],
  ['order.place', trading.placeOrder],
  ['order.test', trading.testOrder],
  ['order.cancel', trading.cancelOrder],
  ['order.cancelReplace', trading.cancelReplace],
  ['order.status', account.queryOrder],
  ['openOrders.status', account.openOrders],
  ['openOrders.cancelAll', trading.cancelAllOpen],
  ['allOrders', account.allOrders],
  ['account.status', account.account],
  ['account.commission', account.commission],
  ['account.rateLimits.orders', account.rateLimitOrder],
  ['myTrades', account.myTrades],
  ['myFilters', account.myFilters],
  ['orderList.place.oco', list.placeOco],
  ['orderList.place.oto', list.placeOto],
  ['orderList.place.otoco', list.placeOtoco],
  ['orderList.status', list.queryOrderList],
  ['orderList.cancel', list.cancelOrderList],
  ['allOrderLists', list.allOrderLists],
  ['openOrderLists.status', list.openOrderLists],
]);
