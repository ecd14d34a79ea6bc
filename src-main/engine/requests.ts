// Orders as the wishes that they came from: what is tried again or changed is judged anew, from the request on.
import { toText } from '../../src-shared/domain/money.ts';
import { isConditional } from '../../src-shared/domain/order.ts';
import type { OcoRequest, OrderRequest } from '../../src-shared/domain/order.ts';
import { invariant } from '../../src-shared/errors/result.ts';
import type { Order } from './state.ts';

/** The request of a single order, or of a list's entry with its exits. */
export const requestOf = (order: Order): OrderRequest => ({
  symbol: order.symbol,
  side: order.side,
  type: order.type,
  ...(order.qty === null ? {} : { qty: toText(order.qty) }),
  ...(order.quoteQty === null ? {} : { quoteQty: toText(order.quoteQty) }),
  ...(order.price === null ? {} : { price: toText(order.price) }),
  ...(order.timeInForce === null ? {} : { timeInForce: order.timeInForce }),
  ...(order.stopPrice === null ? {} : { stopPrice: toText(order.stopPrice) }),
  ...(order.trailingDeltaBps === null ? {} : { trailingDeltaBps: order.trailingDeltaBps }),
  ...(order.reduceOnly ? { reduceOnly: true } : {}),
  ...(order.exits === null ? {} : { exits: order.exits }),
});

/** The request of an OCO out of its two legs. Throws for anything else. */
export const ocoRequestOf = (legs: readonly Order[]): OcoRequest => {
  const stop = legs.find((leg) => isConditional(leg.type));
  const limit = legs.find((leg) => !isConditional(leg.type));
  const [qty, price, stopPrice] = [stop?.qty ?? null, limit?.price ?? null, stop?.stopPrice ?? null];
  invariant(stop !== undefined && qty !== null && price !== null && stopPrice !== null, 'an OCO has a stop and a limit');
  return {
    symbol: stop.symbol,
    side: stop.side,
    qty: toText(qty),
    price: toText(price),
    stopPrice: toText(stopPrice),
    ...(stop.price === null ? {} : { stopLimitPrice: toText(stop.price) }),
  };
};
