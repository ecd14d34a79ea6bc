// Single orders: place, test, cancel, replace (rest-api.md, "Trading endpoints").
// The core judges the order; here it is only read, counted and answered in the format that was asked for.
import type { CancelReplaceResult, OrderType, PlacedOrder } from '../core/types.ts';
import { answer, counted, signedOperation, type Caller, type Venue } from './operation.ts';
import { may, need, type RawParams, type ResponseType } from './params.ts';
import { Refusal, refusals } from './refusal.ts';

const ORDER = { freeOnSuccess: true, countsOrders: true };
const CANCEL = { freeOnSuccess: true };

/** "MARKET and LIMIT order types default to FULL, all other orders default to ACK." */
export const defaultResponse = (type: OrderType): ResponseType => (type === 'MARKET' || type === 'LIMIT' ? 'FULL' : 'ACK');

/** One placed order as ACK, RESULT or FULL. */
export function placedAs(order: PlacedOrder, format: ResponseType): unknown {
  if (format === 'FULL') return order;
  if (format === 'RESULT') {
    const { fills: _fills, ...result } = order;
    return result;
  }
  const { symbol, orderId, orderListId, clientOrderId, transactTime } = order;
  return { symbol, orderId, orderListId, clientOrderId, transactTime };
}

const orderSpecs = {
  symbol: need.symbol,
  side: need.side,
  type: need.orderType,
  timeInForce: may.timeInForce,
  quantity: may.decimal,
  quoteOrderQty: may.decimal,
  price: may.decimal,
  newClientOrderId: may.clientId,
  strategyId: may.long,
  strategyType: may.strategyType,
  stopPrice: may.decimal,
  trailingDelta: may.long,
  icebergQty: may.decimal,
  newOrderRespType: may.responseType,
  selfTradePreventionMode: may.stpMode,
};

export const placeOrder = signedOperation(
  'TRADE',
  1,
  orderSpecs,
  (venue, p, caller) => {
    const placed = counted(venue, caller, 1, () => venue.core.placeOrder(caller.accountId, p, venue.nowMs()));
    return placed instanceof Refusal ? placed : placedAs(placed, p.newOrderRespType ?? defaultResponse(p.type));
  },
  ORDER,
);

const testWeight = (raw: RawParams): number => (raw.get('computeCommissionRates') === 'true' ? 20 : 1);
export const testOrder = signedOperation(
  'TRADE',
  testWeight,
  { ...orderSpecs, computeCommissionRates: may.boolean },
  (venue, p, caller) => {
    const tested = answer(venue.core.testOrder(caller.accountId, p, venue.nowMs()));
    if (tested instanceof Refusal) return tested;
    return p.computeCommissionRates === true ? commissionForOrder(venue, caller, p.symbol) : {};
  },
);

function commissionForOrder(venue: Venue, caller: Caller, symbol: string): unknown {
  const { standardCommission, specialCommission, taxCommission, discount } = venue.core.accountCommission(caller.accountId, symbol);
  const rates = ({ maker, taker }: { maker: string; taker: string }): object => ({ maker, taker });
  return {
    standardCommissionForOrder: rates(standardCommission),
    specialCommissionForOrder: rates(specialCommission),
    taxCommissionForOrder: rates(taxCommission),
    discount,
  };
}

const cancelSpecs = {
  symbol: need.symbol,
  orderId: may.long,
  origClientOrderId: may.clientId,
  newClientOrderId: may.clientId,
  cancelRestrictions: may.cancelRestrictions,
};
export const cancelOrder = signedOperation(
  'TRADE',
  1,
  cancelSpecs,
  (venue, p, caller) =>
    p.orderId === undefined && p.origClientOrderId === undefined
      ? refusals.eitherMandatory('origClientOrderId', 'orderId')
      : answer(venue.core.cancelOrder(caller.accountId, p, venue.nowMs())),
  CANCEL,
);

export const cancelAllOpen = signedOperation(
  'TRADE',
  1,
  { symbol: need.symbol },
  (venue, p, caller) => answer(venue.core.cancelAllOpen(caller.accountId, p.symbol, venue.nowMs())),
  CANCEL,
);

const cancelReplaceSpecs = {
  ...orderSpecs,
  cancelReplaceMode: need.cancelReplaceMode,
  cancelNewClientOrderId: may.clientId,
  cancelOrigClientOrderId: may.clientId,
  cancelOrderId: may.long,
  cancelRestrictions: may.cancelRestrictions,
  orderRateLimitExceededMode: may.orderRateLimitExceededMode,
};
export const cancelReplace = signedOperation(
  'TRADE',
  1,
  cancelReplaceSpecs,
  (venue, p, caller) => {
    if (p.cancelOrderId === undefined && p.cancelOrigClientOrderId === undefined) {
      return refusals.eitherMandatory('cancelOrigClientOrderId', 'cancelOrderId');
    }
    const nowMs = venue.nowMs();
    const format = p.newOrderRespType ?? defaultResponse(p.type);
    const over = venue.limits.admitOrders(caller.accountId, 1, nowMs);
    if (over !== undefined) {
      return p.orderRateLimitExceededMode === 'CANCEL_ONLY' ? cancelOnly(venue, caller, p, over) : over;
    }
    // "A new order that was not attempted will still increase the unfilled order count by 1." What a filter refused at once does not.
    venue.limits.placed(caller.accountId, 1, nowMs);
    const result = venue.core.cancelReplace(caller.accountId, { ...p, mode: p.cancelReplaceMode, order: p }, nowMs);
    if (!result.ok && result.error.data === undefined) venue.limits.placed(caller.accountId, -1, nowMs);
    if (result.ok) return replacedAs(result.value, format);
    const { code, msg, data } = result.error;
    const shaped = data === undefined ? undefined : replacedAs(data, format);
    return new Refusal(code === -2021 ? 409 : 400, code, msg, { data: shaped });
  },
  ORDER,
);

interface CancelPart {
  readonly symbol: string;
  readonly cancelOrderId?: number;
  readonly cancelOrigClientOrderId?: string;
  readonly cancelNewClientOrderId?: string;
  readonly cancelRestrictions?: 'ONLY_NEW' | 'ONLY_PARTIALLY_FILLED';
}

/** orderRateLimitExceededMode=CANCEL_ONLY: the cancel is done, the new order is refused by the limit. */
function cancelOnly(venue: Venue, caller: Caller, p: CancelPart, over: Refusal): Refusal {
  const key = {
    symbol: p.symbol,
    ...(p.cancelOrderId === undefined ? {} : { orderId: p.cancelOrderId }),
    ...(p.cancelOrigClientOrderId === undefined ? {} : { origClientOrderId: p.cancelOrigClientOrderId }),
    ...(p.cancelNewClientOrderId === undefined ? {} : { newClientOrderId: p.cancelNewClientOrderId }),
    ...(p.cancelRestrictions === undefined ? {} : { cancelRestrictions: p.cancelRestrictions }),
  };
  const canceled = venue.core.cancelOrder(caller.accountId, key, venue.nowMs());
  const limit = { code: over.code, msg: over.msg };
  const data = canceled.ok
    ? { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', cancelResponse: canceled.value, newOrderResponse: limit }
    : { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED', cancelResponse: canceled.error, newOrderResponse: null };
  const [code, msg] = canceled.ok ? [-2021, 'Order cancel-replace partially failed.'] : [-2022, 'Order cancel-replace failed.'];
  return new Refusal(429, code, msg, { data, ...(over.retryAtMs === undefined ? {} : { retryAtMs: over.retryAtMs }) });
}

function replacedAs(result: CancelReplaceResult, format: ResponseType): unknown {
  const placed = result.newOrderResponse;
  return placed === null || 'code' in placed ? result : { ...result, newOrderResponse: placedAs(placed, format) };
}
