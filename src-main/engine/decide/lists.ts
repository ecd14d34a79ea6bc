// Order lists: an entry with its exits (OTO, OTOCO) and pairs of which one ends the other (OCO). One intent, one fact, one request; from
// then on each order of a list lives its own life by the same rules as any other (answers.ts, venue-truth.ts).
import { legIdOf } from '../../../src-shared/domain/ids.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import type { OcoRequest, OrderOrigin, OrderRequest } from '../../../src-shared/domain/order.ts';
import { judgeList } from '../../safety/gate.ts';
import type { Fact, IntendedLeg, IntendedList } from '../facts.ts';
import { pictureOf } from '../picture.ts';
import type { Context, Decision } from './context.ts';
import { decided } from './context.ts';
import type { Asking } from './intents.ts';
import { denied, judgedQuote, locksOf, nameTaken, nextName, noPolicy, notePace, takeOff } from './intents.ts';

/** An entry with its exits, or a pair: judged as a whole. A sale of what the console's own protection holds takes that off first. */
export const placeList = (
  context: Context,
  request: OrderRequest | OcoRequest,
  origin: OrderOrigin,
  { ahead, retry }: Asking = {},
): Decision => {
  const { state, market } = context;
  if (state.policy === null) return denied(request, origin, noPolicy);
  const judgement = judgeList(request, origin, pictureOf(state, market, state.policy, context.trading, request.symbol, context));
  if (judgement.verdict === 'deny') return denied(request, origin, judgement.denial);
  const listId = nextName(context, ahead);
  const orders = judgement.orders.map((order, index): IntendedLeg => ({
    ...order,
    clientOrderId: legIdOf(listId, index + 1),
    origin,
    generation: state.stop.generation,
    ...(retry === undefined ? {} : { retry }),
  }));
  const ids = orders.map((order) => order.clientOrderId);
  const [first] = ids;
  if (first === undefined || state.lists.has(listId) || ids.some((id) => state.orders.has(id))) return denied(request, origin, nameTaken);
  notePace(context, request.symbol, origin);
  return listed(context, { listId, kind: judgement.kind, symbol: request.symbol, orders }, { ...request, origin });
};

const listed = (context: Context, list: IntendedList, asked: (OrderRequest | OcoRequest) & { readonly origin: OrderOrigin }): Decision => {
  const ids = list.orders.map((order) => order.clientOrderId);
  const reply = { kind: 'placed', clientOrderId: ids[0] as ClientOrderId, orders: ids } as const;
  const intended = (one: IntendedList): Fact => ({ kind: 'list.intended', list: one, quote: judgedQuote(context, list.symbol) });
  const locks = locksOf(context, asked, asked.qty);
  if (locks.length === 0) return decided([intended(list)], [], reply);
  const { facts, effects } = takeOff(context, reply.clientOrderId, locks);
  return decided([intended({ ...list, after: locks.map((lock) => lock.clientOrderId) }), ...facts], effects, reply);
};
