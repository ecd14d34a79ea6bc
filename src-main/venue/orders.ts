// Orders on the wire: send, cancel, ask. What is told to the engine is what an answer proves: accepted, rejected, or unknown until
// a date from which absence is proof (BINANCE 4, 5). Nothing is ever sent a second time from here.
import { invariant, ok } from '../../src-shared/errors/result.ts';
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import { redeem, type Approved } from '../safety/approved.ts';
import * as answers from './answers.ts';
import type { ServerClock } from './clock.ts';
import type { CancelOutcome, Priority, QueryOutcome, SubmitOutcome, VenueOrder, WireOrder } from './port.ts';
import { requests } from './requests.ts';
import { parsed, type Rest, type RestOutcome } from './rest.ts';
import type { ExpectedReport } from './user-stream.ts';

export interface OrderDesk {
  submit(order: Approved<WireOrder>): Promise<SubmitOutcome>;
  cancel(symbol: SymbolId, clientOrderId: ClientOrderId, priority: Priority): Promise<CancelOutcome>;
  cancelAll(symbol: SymbolId, priority: Priority): Promise<CancelOutcome>;
  queryOrder(symbol: SymbolId, clientOrderId: ClientOrderId): Promise<QueryOutcome>;
}

export interface OrderDeskOptions {
  readonly rest: Rest;
  readonly clock: ServerClock;
  readonly nowMs: () => number;
  readonly recvWindowMs: number;
  readonly expectReport: (clientOrderId: ClientOrderId) => ExpectedReport;
}

/** Binance's own API timeout: after the window and this no answer and no order can come any more (BINANCE 5). */
const API_TIMEOUT_MS = 10_000;

export const createOrderDesk = ({ rest, clock, nowMs, recvWindowMs, expectReport }: OrderDeskOptions): OrderDesk => {
  /** Local time at which the server's clock is past timestamp + recvWindow + API timeout, however far our idea of it is off. */
  const provableFromMs = (sentAtMs: number): number => sentAtMs + recvWindowMs + API_TIMEOUT_MS + clock.uncertaintyMs;

  const queryOrder = async (symbol: SymbolId, clientOrderId: ClientOrderId): Promise<QueryOutcome> => {
    const outcome = await rest.call(requests.order(symbol, clientOrderId));
    if (outcome.kind === 'refused' && outcome.verdict === 'absent') return { kind: 'absent' };
    if (outcome.kind !== 'answered') return { kind: 'failed', failure: outcome.failure };
    const order = parsed(answers.order, outcome.json);
    return order.ok ? { kind: 'found', order: order.value } : { kind: 'failed', failure: order.error };
  };

  /** "Duplicate order sent": an order with this id is open, so the first send got through. What it looks like is asked for. */
  const duplicate = async ({ symbol, clientOrderId }: WireOrder, provableAtMs: number, text: string): Promise<SubmitOutcome> => {
    const found = await queryOrder(symbol, clientOrderId);
    return found.kind === 'found' ? { kind: 'accepted', order: found.order, fills: [] } : { kind: 'unknown', text, provableAtMs };
  };

  const submitted = (order: WireOrder, outcome: RestOutcome, provableAtMs: number): SubmitOutcome | Promise<SubmitOutcome> => {
    switch (outcome.kind) {
      case 'answered': {
        const placed = parsed(answers.placedOrder, outcome.json);
        return placed.ok ? { kind: 'accepted', ...placed.value } : { kind: 'unknown', text: placed.error.text, provableAtMs };
      }
      case 'unsent':
        return { kind: 'rejected', code: outcome.failure.code, text: outcome.failure.text, sent: false };
      case 'refused': {
        const { code, text } = outcome.failure;
        return outcome.verdict === 'duplicate' ? duplicate(order, provableAtMs, text) : { kind: 'rejected', code, text, sent: true };
      }
      case 'lost':
        return { kind: 'unknown', text: outcome.failure.text, provableAtMs };
    }
  };

  const cancelled = (outcome: RestOutcome, read: (json: unknown) => ReturnType<typeof readOrders>): CancelOutcome => {
    if (outcome.kind === 'refused' && (outcome.verdict === 'not-open' || outcome.verdict === 'absent')) {
      return { kind: 'not-open', text: outcome.failure.text };
    }
    if (outcome.kind !== 'answered') return { kind: 'failed', failure: outcome.failure };
    const orders = read(outcome.json);
    return orders.ok ? { kind: 'canceled', orders: orders.value } : { kind: 'failed', failure: orders.error };
  };

  return {
    submit: async (order) => {
      invariant(redeem(order), 'an order reached the venue without the mark of the gate');
      const report = expectReport(order.clientOrderId);
      const provableAtMs = provableFromMs(nowMs());
      const outcome = await rest.call(requests.submit(order));
      const result = await submitted(order, outcome, provableAtMs);
      if (outcome.kind === 'answered' && result.kind === 'accepted') report.accepted();
      else report.forget(); // an order found as a duplicate was reported long ago
      return result;
    },
    cancel: async (symbol, clientOrderId, priority) => {
      const report = expectReport(clientOrderId);
      const outcome = cancelled(await rest.call(requests.cancel(symbol, clientOrderId, priority)), readOne);
      if (outcome.kind === 'canceled') report.accepted();
      else report.forget();
      return outcome;
    },
    cancelAll: async (symbol, priority) => cancelled(await rest.call(requests.cancelAll(symbol, priority)), readOrders),
    queryOrder,
  };
};

const readOrders = (json: unknown) => parsed(answers.canceledOrders, json);
const readOne = (json: unknown): ReturnType<typeof readOrders> => {
  const order = parsed(answers.order, json);
  return order.ok ? ok<readonly VenueOrder[]>([order.value]) : order;
};
