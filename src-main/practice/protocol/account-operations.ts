// What an account may ask about itself: balances, orders, trades, fees, limits, key permissions (rest-api.md, "Account endpoints").
// Reads only.
import { answer, signedOperation, type Caller, type Venue } from './operation.ts';
import { rows } from './market-operations.ts';
import { may, need, type RawParams } from './params.ts';
import { refusals } from './refusal.ts';

const DAY_MS = 86_400_000;

const tooLong = (startTime: number | undefined, endTime: number | undefined): boolean =>
  startTime !== undefined && endTime !== undefined && endTime - startTime > DAY_MS;

export const account = signedOperation('USER_DATA', 20, { omitZeroBalances: may.boolean }, (venue, p, caller) =>
  venue.core.account(caller.accountId, p),
);

const commissionSpecs = { symbol: need.symbol };
export const commission = signedOperation('USER_DATA', 20, commissionSpecs, (venue, p, caller) =>
  venue.core.hasSymbol(p.symbol) ? venue.core.accountCommission(caller.accountId, p.symbol) : refusals.badSymbol(),
);

const queryOrderSpecs = { symbol: need.symbol, orderId: may.long, origClientOrderId: may.clientId };
export const queryOrder = signedOperation('USER_DATA', 4, queryOrderSpecs, (venue, p, caller) =>
  p.orderId === undefined && p.origClientOrderId === undefined
    ? refusals.eitherMandatory('origClientOrderId', 'orderId')
    : answer(venue.core.getOrder(caller.accountId, p, venue.nowMs())),
);

const openOrdersWeight = (raw: RawParams): number => (raw.has('symbol') ? 6 : 80);
export const openOrders = signedOperation('USER_DATA', openOrdersWeight, { symbol: may.symbol }, (venue, p, caller) =>
  p.symbol === undefined || venue.core.hasSymbol(p.symbol) ? venue.core.openOrders(caller.accountId, p.symbol) : refusals.badSymbol(),
);

const allOrdersSpecs = { symbol: need.symbol, orderId: may.long, startTime: may.time, endTime: may.time, limit: may.count };
export const allOrders = signedOperation('USER_DATA', 20, allOrdersSpecs, (venue, p, caller) => {
  if (!venue.core.hasSymbol(p.symbol)) return refusals.badSymbol();
  if (tooLong(p.startTime, p.endTime)) return refusals.lookupTooLong(24);
  return venue.core.allOrders(caller.accountId, p.symbol, { ...p, limit: rows(p.limit) });
});

const myTradesWeight = (raw: RawParams): number => (raw.has('orderId') ? 5 : 20);
const myTradesSpecs = { ...allOrdersSpecs, fromId: may.long };
export const myTrades = signedOperation('USER_DATA', myTradesWeight, myTradesSpecs, (venue, p, caller) => {
  if (!venue.core.hasSymbol(p.symbol)) return refusals.badSymbol();
  const timed = p.startTime !== undefined || p.endTime !== undefined;
  if (timed && (p.orderId !== undefined || p.fromId !== undefined)) return refusals.badCombination();
  if (tooLong(p.startTime, p.endTime)) return refusals.lookupTooLong(24);
  return venue.core.myTrades(caller.accountId, p.symbol, { ...p, limit: rows(p.limit) });
});

/** The unfilled order counts in the shape of rateLimit/order and of the WS-API's `rateLimits`. */
export function orderCountTable(venue: Venue, accountId: string): readonly object[] {
  const { tenSeconds, day } = venue.limits.orderCounts(accountId, venue.nowMs());
  const { ordersPer10s, ordersPerDay } = venue.limits.settings;
  return [
    { rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: ordersPer10s, count: tenSeconds },
    { rateLimitType: 'ORDERS', interval: 'DAY', intervalNum: 1, limit: ordersPerDay, count: day },
  ];
}
export const rateLimitOrder = signedOperation('USER_DATA', 40, {}, (venue, _p, caller) => orderCountTable(venue, caller.accountId));

export const myFilters = signedOperation('USER_DATA', 40, { symbol: need.symbol }, (venue, p) => {
  if (!venue.core.hasSymbol(p.symbol)) return refusals.badSymbol();
  const info = venue.core.exchangeInfo(venue.nowMs());
  const symbol = info.symbols.find((each) => each['symbol'] === p.symbol);
  return { exchangeFilters: info['exchangeFilters'] ?? [], symbolFilters: symbol?.['filters'] ?? [], assetFilters: [] };
});

/** GET /sapi/v1/account/apiRestrictions: what the self-test asks to refuse a key that can withdraw (REQUIREMENTS J). */
export const apiRestrictions = signedOperation('USER_DATA', 1, {}, (_venue, _p, { permissions, createdMs }: Caller) => ({
  ipRestrict: false,
  createTime: createdMs,
  enableReading: permissions.reading,
  enableWithdrawals: permissions.withdrawals,
  enableInternalTransfer: false,
  enableMargin: false,
  enableFutures: false,
  permitsUniversalTransfer: false,
  enableVanillaOptions: false,
  enableFixApiTrade: false,
  enableFixReadOnly: false,
  enableSpotAndMarginTrading: permissions.trading,
  enablePortfolioMarginTrading: false,
}));
