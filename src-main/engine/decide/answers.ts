// What the venue answers to what was sent, and what the last look before the wire said. An answer that was lost leaves an order in doubt,
// where it counts in full until proof arrives (DESIGN 5, BINANCE 4 and 5); nothing is ever sent again for it.
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import { assertNever } from '../../../src-shared/errors/result.ts';
import { provesAbsence } from '../../reconcile/diff.ts';
import type { ListOutcome, SubmitOutcome } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import type { Input } from '../inputs.ts';
import type { Order } from '../state.ts';
import { learnAll } from './cancels.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { doubt } from './doubts.ts';
import { retryAfter } from './retries.ts';
import { absence, learn } from './venue-truth.ts';

const inDoubt = (order: Order): boolean => order.status === 'SENT' || order.status === 'INTENDED' || order.status === 'UNKNOWN';

/** The venue's answer to a submit. It may come after the stream told the same: nothing counts twice. */
export const onSubmitted = (context: Context, id: ClientOrderId, outcome: SubmitOutcome, mayRetry = true): Decision => {
  const order = context.state.orders.get(id);
  if (order === undefined) return NOTHING;
  switch (outcome.kind) {
    case 'accepted':
      return learn(context, order, outcome.order, outcome.fills, 'answer');
    case 'rejected':
      // A refusal cannot undo what the stream has proved meanwhile.
      if (!inDoubt(order)) return NOTHING;
      return decided([rejection(id, outcome, mayRetry ? retryAfter(context, order, outcome) : null)]);
    case 'unknown':
      if (!inDoubt(order)) return NOTHING;
      return decided(
        [{ kind: 'order.unknown', clientOrderId: id, why: outcome.text, provableAtMs: outcome.provableAtMs }],
        doubt(context, order, null),
      );
    default:
      return assertNever(outcome);
  }
};

const rejection = (
  clientOrderId: ClientOrderId,
  outcome: Extract<SubmitOutcome, { kind: 'rejected' }>,
  retryInMs: number | null,
): Fact => ({
  kind: 'order.rejected',
  clientOrderId,
  code: outcome.code,
  text: outcome.text,
  proof: outcome.sent ? 'answer' : 'never-sent',
  ...(retryInMs === null ? {} : { retryInMs }),
});

const legsOf = ({ state }: Context, listId: ClientOrderId): readonly Order[] =>
  (state.lists.get(listId) ?? []).flatMap((id) => state.orders.get(id) ?? []);

/** The venue's answer to a list, which it takes or refuses whole. A lost one leaves every order of it in doubt, each for itself. */
export const onSubmittedList = (context: Context, listId: ClientOrderId, outcome: ListOutcome): Decision => {
  const legs = legsOf(context, listId);
  const awaited = legs.filter(inDoubt);
  const [first] = awaited;
  switch (outcome.kind) {
    case 'accepted':
      return together(
        legs.map((leg) => {
          const venue = outcome.orders.find((order) => order.clientOrderId === leg.clientOrderId);
          return venue === undefined
            ? decided([], inDoubt(leg) ? doubt(context, leg, null) : [])
            : learn(context, leg, venue, [], 'answer');
        }),
      );
    case 'rejected': {
      if (first === undefined) return NOTHING;
      const retryInMs = awaited.length === legs.length ? retryAfter(context, first, outcome) : null;
      return decided(awaited.map((leg) => rejection(leg.clientOrderId, outcome, retryInMs)));
    }
    case 'unknown':
      return decided(
        awaited.map(({ clientOrderId }): Fact => ({
          kind: 'order.unknown',
          clientOrderId,
          why: outcome.text,
          provableAtMs: outcome.provableAtMs,
        })),
        awaited.flatMap((leg) => doubt(context, leg, null)),
      );
    default:
      return assertNever(outcome);
  }
};

const together = (parts: readonly Decision[]): Decision =>
  decided(
    parts.flatMap((part): readonly Fact[] => part.facts),
    parts.flatMap((part): readonly Effect[] => part.effects),
  );

/**
 * The answer to a request that cancels one order and places another. What either half does not prove is asked for: nothing is sent
 * again, and an order that is not proven cancelled stands.
 */
export const onReplaced = (context: Context, { clientOrderId, canceled, outcome }: Extract<Input, { kind: 'replaced' }>): Decision => {
  const old = context.state.orders.get(canceled);
  const isGone = outcome.canceled.kind === 'canceled';
  const isAsked = outcome.canceled.kind === 'not-open' || outcome.placed.kind === 'unknown';
  return together([
    outcome.canceled.kind === 'canceled' ? learnAll(context, outcome.canceled) : NOTHING,
    old !== undefined && !isEnded(old.status) && !isGone && isAsked ? decided([], doubt(context, old, null)) : NOTHING,
    // Tried again is only what took an order's place: while that one stands, the trader decides.
    onSubmitted(context, clientOrderId, outcome.placed, isGone),
  ]);
};

export const onSent = (context: Context, id: ClientOrderId): Decision => {
  const order = context.state.orders.get(id);
  return order?.status === 'INTENDED' ? decided([{ kind: 'order.sent', clientOrderId: id }]) : NOTHING;
};

/** The last look before the wire said no: the order never left. */
export const onHeldAtWire = (context: Context, id: ClientOrderId, denial: Denial): Decision => {
  const order = context.state.orders.get(id);
  return order?.status === 'INTENDED'
    ? decided([{ kind: 'order.rejected', clientOrderId: id, code: null, text: denial.text, proof: 'never-sent' }])
    : NOTHING;
};

/** The answer to the question what became of an order in doubt, or of fills that are missing here. */
export const onQueried = (
  context: Context,
  { clientOrderId, askedAtMs, outcome, fills }: Extract<Input, { kind: 'queried' }>,
): Decision => {
  const order = context.state.orders.get(clientOrderId);
  if (order === undefined) return NOTHING;
  switch (outcome.kind) {
    case 'found':
      return learn(context, order, outcome.order, fills, 'query');
    case 'absent':
      if (isEnded(order.status)) context.market.doubts.delete(clientOrderId);
      return provesAbsence(order, askedAtMs) ? decided([absence(order)]) : NOTHING;
    case 'failed':
      return NOTHING;
    default:
      return assertNever(outcome);
  }
};
