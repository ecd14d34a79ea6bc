// The manners of execution (B7): what is due once more is judged anew and sent under a new name, at the pace of orders; and a sale that
// waits for protection to be taken off does not wait for ever.
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import type { DenialCode } from '../../../src-shared/errors/denial.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import { guardsOf } from '../guards.ts';
import type { Due, Intent } from '../market.ts';
import type { Order } from '../state.ts';
import type { Context, Decision } from './context.ts';
import { cancelsFor } from './intents.ts';
import { decided, NOTHING } from './context.ts';
import { placeList } from './lists.ts';
import { place } from './orders.ts';
import { putOff } from './retries.ts';

/** A sale whose coins do not come free by then is not sent: protection that cannot be taken off may have sold by itself. */
const FREED_WITHIN_MS = 5000;
const FREE_AGAIN_MS = 500;

const PACE: ReadonlySet<DenialCode> = new Set(['C10.ordersPerSecond', 'C10.symbolInterval']);
const PASSING: ReadonlySet<DenialCode> = new Set(['C9.venueHold', 'C9.orderCount', 'C9.requestWeight']);

/** What is due of one intent: placed, denied for good, or put off. */
const tryAgain = (context: Context, root: ClientOrderId, intent: Intent, due: Due, ahead: number): Decision => {
  const asking = { ahead, retry: { of: root, attempt: intent.attempt + 1 } };
  const { wish, origin } = due;
  const tried = 'type' in wish ? place(context, wish, origin, asking) : placeList(context, wish, origin, asking);
  const { reply } = tried;
  if (reply.kind === 'placed') {
    intent.attempt += 1;
    intent.latest = reply.clientOrderId;
    intent.due = null;
    return tried;
  }
  const code = reply.kind === 'denied' ? reply.denial.code : 'GATE_ERROR';
  if (PACE.has(code) && context.monoMs < due.waitsUntilMs) return NOTHING;
  const isHeld = PASSING.has(code) || (code === 'STATE' && context.trading.causes[0]?.code === 'VENUE_HOLD');
  if (isHeld && putOff(intent, due, context.monoMs)) return NOTHING;
  context.market.intents.delete(root);
  return tried;
};

/** One at most: the next is judged in the next step, with this one in the books, or two could pass a limit that has room for one (Q2). */
const triesStep = (context: Context, ahead: number): Decision => {
  const { state, market, monoMs } = context;
  for (const [root, intent] of market.intents) {
    const { due } = intent;
    if (due === null) {
      const latest = state.orders.get(intent.latest);
      if (latest === undefined || isEnded(latest.status)) market.intents.delete(root);
    } else if (due.generation !== state.stop.generation) market.intents.delete(root);
    else if (monoMs >= due.dueAtMs) {
      const tried = tryAgain(context, root, intent, due, ahead);
      if (tried.facts.length > 0) return tried;
    }
  }
  return NOTHING;
};

/** Protection whose cancel did not get through (a refused clock, a broken connection) is cancelled again while the sale waits for it. */
const freeAgain = (
  { state, market, nowMs }: Context,
  { clientOrderId, symbol }: Order,
): { facts: readonly Fact[]; effects: readonly Effect[] } => {
  const locks = guardsOf(state, market, symbol).sets.flatMap(({ orders }) => orders);
  // Either way: a wall clock that stepped back must not put it off.
  return cancelsFor(
    clientOrderId,
    locks.filter(({ cancelRequested, updatedAtMs }) => !cancelRequested && Math.abs(nowMs - updatedAtMs) >= FREE_AGAIN_MS),
  );
};

const freeingStep = (context: Context): Decision => {
  const { state, market, monoMs } = context;
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const [clientOrderId, sinceMs] of market.freeing) {
    const order = state.orders.get(clientOrderId);
    const legs = order?.list === null || order === undefined ? [clientOrderId] : (state.lists.get(order.list.listId) ?? []);
    if (order?.status === 'INTENDED' && monoMs - sinceMs < FREED_WITHIN_MS) {
      const again = freeAgain(context, order);
      facts.push(...again.facts);
      effects.push(...again.effects);
      continue;
    }
    market.freeing.delete(clientOrderId);
    if (order?.status !== 'INTENDED') continue;
    const text = 'The protection that holds its coins could not be taken off in 5 s, so it was not sent.';
    facts.push(...legs.map((id): Fact => ({ kind: 'order.rejected', clientOrderId: id, code: null, text, proof: 'never-sent' })));
  }
  return decided(facts, effects);
};

/** What is due of intents, and sales that waited in vain. `ahead`: facts of the same decision before these. */
export const mannersStep = (context: Context, ahead: number): Decision => {
  if (context.market.intents.size === 0 && context.market.freeing.size === 0) return decided([]);
  const given = freeingStep(context);
  const tried = triesStep(context, ahead + given.facts.length);
  return decided([...given.facts, ...tried.facts], [...given.effects, ...tried.effects]);
};
