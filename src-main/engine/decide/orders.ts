// An order's way: judged by the gate, intended, sent, answered; and its cancellation. An answer that was lost leaves the order in
// doubt, where it counts in full until proof arrives (DESIGN 5, BINANCE 4 and 5).
import type { ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import { clientOrderIdOf } from '../../../src-shared/domain/ids.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { OrderOrigin, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import { assertNever } from '../../../src-shared/errors/result.ts';
import { toText } from '../../../src-shared/domain/money.ts';
import { provesAbsence } from '../../reconcile/diff.ts';
import { judge } from '../../safety/gate.ts';
import type { CancelOutcome, SubmitOutcome } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact, JudgedQuote } from '../facts.ts';
import type { Input } from '../inputs.ts';
import { pictureOf } from '../picture.ts';
import type { Order } from '../state.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { doubt } from './doubts.ts';
import { absence, learn } from './venue-truth.ts';

const noPolicy: Denial = {
  code: 'STATE',
  text: 'No order can be judged: no policy is loaded.',
  advice: 'Restore the policy file; the console says where it looked.',
};

/** A journal that lost its tail may meet an order of its own numbering that it does not remember: no second order gets that name. */
export const nameTaken: Denial = {
  code: 'GATE_ERROR',
  text: 'The name of this order is in use at the exchange: an earlier session was lost.',
  advice: 'Nothing was sent. Place it again: it gets the next name.',
};

const judgedQuote = (context: Context, symbol: SymbolId): JudgedQuote => {
  const quote = context.market.quote(symbol);
  return quote === null
    ? { bid: '0' as never, ask: '0' as never, ageMs: -1 }
    : { bid: toText(quote.bid), ask: toText(quote.ask), ageMs: context.monoMs - quote.seenAtMs };
};

const denied = (request: OrderRequest, origin: OrderOrigin, denial: Denial): Decision =>
  decided([{ kind: 'order.denied', request, origin, denial }], [], { kind: 'denied', denial });

/** May it happen? If so it is intended, under the sequence number that its fact will have; if not, the denial is a fact as well. */
export const place = (context: Context, request: OrderRequest, origin: OrderOrigin): Decision => {
  const { state, market } = context;
  if (state.policy === null) return denied(request, origin, noPolicy);
  const judgement = judge(request, origin, pictureOf(state, market, state.policy, context.trading, request.symbol, context));
  if (judgement.verdict === 'deny') return denied(request, origin, judgement.denial);
  const clientOrderId = clientOrderIdOf(context.tag, state.seq + 1);
  if (state.orders.has(clientOrderId)) return denied(request, origin, nameTaken);
  market.noteOrder(request.symbol, context.monoMs);
  const order = { ...judgement.order, clientOrderId, origin, generation: state.stop.generation, reservedUsdt: judgement.reservedUsdt };
  return decided([{ kind: 'order.intended', order, quote: judgedQuote(context, request.symbol) }], [], { kind: 'placed', clientOrderId });
};

const inDoubt = (order: Order): boolean => order.status === 'SENT' || order.status === 'INTENDED' || order.status === 'UNKNOWN';

/** The venue's answer to a submit. It may come after the stream told the same: nothing counts twice. */
export const onSubmitted = (context: Context, id: ClientOrderId, outcome: SubmitOutcome): Decision => {
  const order = context.state.orders.get(id);
  if (order === undefined) return NOTHING;
  switch (outcome.kind) {
    case 'accepted':
      return learn(context, order, outcome.order, outcome.fills, 'answer');
    case 'rejected':
      // A refusal cannot undo what the stream has proved meanwhile.
      if (!inDoubt(order)) return NOTHING;
      return decided([
        {
          kind: 'order.rejected',
          clientOrderId: id,
          code: outcome.code,
          text: outcome.text,
          proof: outcome.sent ? 'answer' : 'never-sent',
        },
      ]);
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

const cancelOf = (order: Order): Effect => ({
  kind: 'cancel',
  symbol: order.symbol,
  clientOrderId: order.clientOrderId,
  priority: 'normal',
});

/** Cancels always pass, whatever the trading state (DESIGN 6). */
export const cancel = (context: Context, clientOrderId: string, origin: OrderOrigin): Decision => {
  const order = context.state.orders.get(clientOrderId as ClientOrderId);
  if (order === undefined || isEnded(order.status)) {
    const text =
      order === undefined ? `There is no order ${clientOrderId.slice(0, 36)}.` : `Order ${order.clientOrderId} is ${order.status} already.`;
    return decided([], [], {
      kind: 'denied',
      denial: { code: 'UNKNOWN_ORDER', text, advice: 'The list of open orders shows what can be cancelled.' },
    });
  }
  return decided([{ kind: 'cancel.requested', clientOrderId: order.clientOrderId, origin }], [cancelOf(order)], {
    kind: 'requested',
    count: 1,
  });
};

export const cancelAll = (context: Context, symbol: SymbolId | null, origin: OrderOrigin): Decision => {
  const facts: Fact[] = [];
  const symbols = new Set<SymbolId>();
  for (const id of context.state.openOrders) {
    const order = context.state.orders.get(id);
    if (order === undefined || (symbol !== null && order.symbol !== symbol)) continue;
    facts.push({ kind: 'cancel.requested', clientOrderId: id, origin });
    symbols.add(order.symbol);
  }
  const effects = [...symbols].map((one): Effect => ({ kind: 'cancel-all', symbol: one, tripId: null, priority: 'normal' }));
  return decided(facts, effects, { kind: 'requested', count: facts.length });
};

/** The venue's answer to one cancel. -2011 can mean "already filled": the order is asked for, never taken for gone (BINANCE 4). */
export const onCanceled = (context: Context, id: ClientOrderId, outcome: CancelOutcome): Decision => {
  const order = context.state.orders.get(id);
  const isCondemned = context.market.condemned.has(id);
  if (outcome.kind !== 'failed') context.market.condemned.delete(id);
  if (order === undefined) return NOTHING;
  switch (outcome.kind) {
    case 'canceled':
      return learnAll(context, outcome);
    case 'not-open':
      return isEnded(order.status) ? NOTHING : decided([], doubt(context, order, null));
    case 'failed':
      // What must not live is cancelled again by itself; the stop's receipt and the alert that condemned it have named it.
      if (isEnded(order.status) || isCondemned) return NOTHING;
      return decided(
        [{ kind: 'cancel.failed', clientOrderId: id, text: `The cancel did not get through: ${outcome.failure.text}` }],
        [
          {
            kind: 'alert',
            severity: 'warning',
            key: `cancel:${id}`,
            title: 'Cancel failed',
            text: `${id} may still be open: ${outcome.failure.text} Press cancel again, or stop.`,
          },
        ],
      );
    default:
      return assertNever(outcome);
  }
};

/** Every order that a cancel's answer lists, each by the one rule. */
export const learnAll = (context: Context, outcome: Extract<CancelOutcome, { kind: 'canceled' }>): Decision => {
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const venue of outcome.orders) {
    const order = context.state.orders.get(venue.clientOrderId as ClientOrderId);
    if (order === undefined) continue;
    const learned = learn(context, order, venue, [], 'answer');
    facts.push(...learned.facts);
    effects.push(...learned.effects);
  }
  return decided(facts, effects);
};

/** The answer to a cancel-all that a person asked for (the stop's own are dealt with in stop.ts). */
export const onCanceledAll = (context: Context, symbol: SymbolId, outcome: CancelOutcome): Decision => {
  if (outcome.kind === 'canceled') return learnAll(context, outcome);
  const open = [...(context.state.books.get(symbol)?.ids ?? [])];
  if (outcome.kind === 'not-open')
    return decided(
      [],
      open.flatMap((clientOrderId) => doubt(context, { symbol, clientOrderId }, null)),
    );
  return decided(
    open.map((clientOrderId): Fact => ({
      kind: 'cancel.failed',
      clientOrderId,
      text: `The cancel did not get through: ${outcome.failure.text}`,
    })),
    [
      {
        kind: 'alert',
        severity: 'warning',
        key: `cancel-all:${symbol}`,
        title: 'Cancel all failed',
        text: `Orders of ${symbol} may still be open: ${outcome.failure.text} Press cancel again, or stop.`,
      },
    ],
  );
};
