// A wish for an order, and for another one in its stead: judged by the gate, then intended or denied. Nothing else makes an intent but
// lists.ts and the stop's own flatten.
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { OrderChange, OrderOrigin, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import { judge, judgeReplace } from '../../safety/gate.ts';
import { listKindOf } from '../../safety/legs.ts';
import type { Fact, IntendedOrder } from '../facts.ts';
import { pictureOf } from '../picture.ts';
import { requestOf } from '../requests.ts';
import type { Order } from '../state.ts';
import type { Context, Decision } from './context.ts';
import { decided } from './context.ts';
import type { Asking } from './intents.ts';
import { denied, isSwappable, judgedQuote, locksOf, nameTaken, nextName, noPolicy, notePace, takeOff } from './intents.ts';
import { placeList } from './lists.ts';

/**
 * May it happen? If so it is intended, under the sequence number that its fact will have; if not, the denial is a fact as well. A
 * resting entry with exits becomes a list. A person's sale of what the console's own protection holds takes that off first.
 */
export const place = (context: Context, request: OrderRequest, origin: OrderOrigin, asking: Asking = {}): Decision => {
  const { state, market } = context;
  if (listKindOf(request, market.instruments.get(request.symbol) ?? null) !== null) return placeList(context, request, origin, asking);
  if (state.policy === null) return denied(request, origin, noPolicy);
  const judgement = judge(request, origin, pictureOf(state, market, state.policy, context.trading, request.symbol, context));
  if (judgement.verdict === 'deny') return denied(request, origin, judgement.denial);
  const clientOrderId = nextName(context, asking.ahead);
  if (state.orders.has(clientOrderId)) return denied(request, origin, nameTaken);
  notePace(context, request.symbol, origin);
  const order: IntendedOrder = {
    ...judgement.order,
    clientOrderId,
    origin,
    generation: state.stop.generation,
    reservedUsdt: judgement.reservedUsdt,
    ...(asking.retry === undefined ? {} : { retry: asking.retry }),
  };
  return sold(context, order);
};

/** The intent as its fact, with what it takes to get protection out of the way of a sale. */
const sold = (context: Context, order: IntendedOrder): Decision => {
  const { clientOrderId, symbol } = order;
  const intended = (one: IntendedOrder): Fact => ({ kind: 'order.intended', order: one, quote: judgedQuote(context, symbol) });
  const reply = { kind: 'placed', clientOrderId } as const;
  const locks = locksOf(context, order, order.qty);
  const [first] = locks;
  if (first === undefined) return decided([intended(order)], [], reply);
  if (locks.length === 1 && isSwappable(first)) return decided([intended({ ...order, replaces: first.clientOrderId })], [], reply);
  const { facts, effects } = takeOff(context, clientOrderId, locks);
  return decided([intended({ ...order, after: locks.map((lock) => lock.clientOrderId) }), ...facts], effects, reply);
};

/** The order that may be replaced, or why it may not. */
const replaceable = (order: Order | undefined, origin: OrderOrigin): Order | Denial => {
  const no = (text: string, advice: string): Denial => ({ code: 'BAD_REQUEST', text, advice });
  if (order === undefined || isEnded(order.status))
    return {
      code: 'UNKNOWN_ORDER',
      text: order === undefined ? 'There is no such order.' : `Order ${order.clientOrderId} is ${order.status} already.`,
      advice: 'The list of open orders shows what can be replaced.',
    };
  if (order.list !== null)
    return no(`Order ${order.clientOrderId} belongs to a list, which the exchange does not change.`, 'Cancel the list and place it anew.');
  if (order.origin === 'protection' && origin !== 'protection')
    return no(`Order ${order.clientOrderId} protects a position.`, 'Change the protection of the position; its orders follow.');
  if (order.status !== 'ACCEPTED' && order.status !== 'PARTIALLY_FILLED')
    return no(`Order ${order.clientOrderId} is on its way; what became of it is not known yet.`, 'Wait for the answer.');
  // What fills on the request's way cannot be taken out of the new order's size: the two would be more than was judged (B8).
  if (!order.filledQty.isZero())
    return no(`Order ${order.clientOrderId} is filled in part, and the rest may fill any moment.`, 'Cancel it and place the rest anew.');
  if (order.cancelRequested) return no(`Order ${order.clientOrderId} is being cancelled.`, 'Wait for its end.');
  return order;
};

/** Another order in the stead of an open one, in one request: judged like a new one, without the share of the old one. */
export const replace = (
  context: Context,
  id: string,
  change: OrderChange,
  origin: OrderOrigin,
  { ahead }: Pick<Asking, 'ahead'> = {},
): Decision => {
  const { state, market } = context;
  const old = replaceable(state.orders.get(id as ClientOrderId), origin);
  if ('code' in old) return decided([], [], { kind: 'denied', denial: old });
  const request = { ...requestOf(old), ...change };
  if (state.policy === null) return denied(request, origin, noPolicy);
  const picture = pictureOf(state, market, state.policy, context.trading, old.symbol, context, old.clientOrderId);
  const judgement = judgeReplace(old, change, origin, picture);
  if (judgement.verdict === 'deny') return denied(request, origin, judgement.denial);
  const clientOrderId = nextName(context, ahead);
  if (state.orders.has(clientOrderId)) return denied(request, origin, nameTaken);
  notePace(context, old.symbol, origin);
  const order: IntendedOrder = {
    ...judgement.order,
    clientOrderId,
    origin,
    generation: state.stop.generation,
    reservedUsdt: judgement.reservedUsdt,
    replaces: old.clientOrderId,
  };
  return decided([{ kind: 'order.intended', order, quote: judgedQuote(context, old.symbol) }], [], { kind: 'placed', clientOrderId });
};
