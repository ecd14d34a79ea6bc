// Orders on the wire: send, cancel, replace, ask. What is told to the engine is what an answer proves: accepted, rejected, or unknown
// until a date from which absence is proof (BINANCE 4, 5). Nothing is ever sent a second time from here.
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import { fail, invariant, ok, type Result } from '../../src-shared/errors/result.ts';
import { redeem, type Approved } from '../safety/approved.ts';
import * as answers from './answers.ts';
import type { ServerClock } from './clock.ts';
import type {
  CancelOutcome,
  ListOutcome,
  Priority,
  QueryOutcome,
  ReplaceOutcome,
  SubmitOutcome,
  VenueFailure,
  VenueOrder,
  WireList,
  WireOrder,
} from './port.ts';
import { halvesOf } from './replacement.ts';
import { requests } from './requests.ts';
import { GARBLED, parsed, type Rest, type RestOutcome } from './rest.ts';
import type { ExpectedReport } from './user-stream.ts';

export interface OrderDesk {
  prepare(order: WireOrder | WireList): void;
  submit(order: Approved<WireOrder>): Promise<SubmitOutcome>;
  submitList(list: Approved<WireList>): Promise<ListOutcome>;
  replace(order: Approved<WireOrder>, canceled: ClientOrderId): Promise<ReplaceOutcome>;
  cancel(symbol: SymbolId, clientOrderId: ClientOrderId, priority: Priority): Promise<CancelOutcome>;
  cancelAll(symbol: SymbolId, priority: Priority): Promise<CancelOutcome>;
  queryOrder(symbol: SymbolId, clientOrderId: ClientOrderId): Promise<QueryOutcome>;
}

export interface OrderDeskOptions {
  readonly rest: Rest;
  readonly clock: ServerClock;
  readonly recvWindowMs: number;
  readonly expectReport: (clientOrderId: ClientOrderId) => ExpectedReport;
}

type Accepted = Extract<SubmitOutcome, { kind: 'accepted' }>;
type AcceptedList = Extract<ListOutcome, { kind: 'accepted' }>;
type NotAccepted = Exclude<SubmitOutcome, Accepted>;
type Unknown = Extract<SubmitOutcome, { kind: 'unknown' }>;

/** How a placing request is understood: its answer, and what is found by asking when its ids are known to be open already. */
interface Reading<A> {
  readonly answer: (json: unknown) => Result<A, VenueFailure>;
  readonly ask: () => Promise<A | undefined>;
}

/** Binance's own API timeout: after the window and this no answer and no order can come any more (BINANCE 5). */
const API_TIMEOUT_MS = 10_000;
/** A timestamp may be so far ahead of the server's clock (BINANCE 5): then the window ends that much later. */
const AHEAD_MOST_MS = 1000;

export const createOrderDesk = ({ rest, clock, recvWindowMs, expectReport }: OrderDeskOptions): OrderDesk => {
  /** Local time at which the server's clock is past timestamp + recvWindow + API timeout, however far our idea of it is off. */
  const provableFromMs = (sentAtMs: number): number => sentAtMs + recvWindowMs + AHEAD_MOST_MS + API_TIMEOUT_MS + clock.uncertaintyMs;

  const queryOrder = async (symbol: SymbolId, clientOrderId: ClientOrderId): Promise<QueryOutcome> => {
    const outcome = await rest.call(requests.order(symbol, clientOrderId));
    if (outcome.kind === 'refused' && outcome.verdict === 'absent') return { kind: 'absent' };
    if (outcome.kind !== 'answered') return { kind: 'failed', failure: outcome.failure };
    const order = parsed(answers.order, outcome.json);
    return order.ok ? { kind: 'found', order: order.value } : { kind: 'failed', failure: order.error };
  };

  const placed = <A>(outcome: RestOutcome, { answer, ask }: Reading<A>): A | NotAccepted | Promise<A | Unknown> => {
    if (outcome.kind === 'unsent') return { kind: 'rejected', code: outcome.failure.code, text: outcome.failure.text, sent: false };
    const unknown = (text: string): Unknown => ({ kind: 'unknown', text, provableAtMs: provableFromMs(outcome.sentAtMs) });
    switch (outcome.kind) {
      case 'answered': {
        const accepted = answer(outcome.json);
        return accepted.ok ? accepted.value : unknown(accepted.error.text);
      }
      case 'refused': {
        const { code, text } = outcome.failure;
        // "Duplicate order sent": its id is open, so the first send got through. What became of it is asked for.
        if (outcome.verdict === 'duplicate') return ask().then((found) => found ?? unknown(text));
        return outcome.verdict === 'halves' ? unknown(text) : { kind: 'rejected', code, text, sent: true };
      }
      case 'lost':
        return unknown(outcome.failure.text);
    }
  };

  const readingOf = ({ symbol, clientOrderId }: WireOrder): Reading<Accepted> => ({
    answer: (json) => {
      const order = parsed(answers.placedOrder, json);
      return order.ok ? ok({ kind: 'accepted', ...order.value }) : order;
    },
    ask: async () => {
      const found = await queryOrder(symbol, clientOrderId);
      return found.kind === 'found' ? { kind: 'accepted', order: found.order, fills: [] } : undefined;
    },
  });

  const readingOfList = ({ symbol, orders }: WireList): Reading<AcceptedList> => ({
    answer: (json) => {
      const reports = parsed(answers.listedOrders, json);
      if (!reports.ok) return reports;
      const sent = inOrderSent(orders, reports.value);
      return sent === undefined ? fail(GARBLED) : ok({ kind: 'accepted', orders: sent });
    },
    ask: async () => {
      const asked = await Promise.all(orders.map(({ clientOrderId }) => queryOrder(symbol, clientOrderId)));
      const found = asked.flatMap((answer) => (answer.kind === 'found' ? [answer.order] : []));
      return found.length === orders.length ? { kind: 'accepted', orders: found } : undefined;
    },
  });

  const cancel = async (symbol: SymbolId, clientOrderId: ClientOrderId, priority: Priority): Promise<CancelOutcome> => {
    const report = expectReport(clientOrderId);
    const outcome = cancelled(await rest.call(requests.cancel(symbol, clientOrderId, priority)), readOne);
    expectIf(outcome.kind === 'canceled', report);
    return outcome;
  };

  return {
    prepare: (order) => rest.prepare('orders' in order ? requests.submitList(order) : requests.submit(order)),
    submit: async (order) => {
      invariant(redeem(order), 'an order reached the venue without the mark of the gate');
      const report = expectReport(order.clientOrderId);
      const outcome = await rest.call(requests.submit(order));
      const result = await placed(outcome, readingOf(order));
      expectIf(outcome.kind === 'answered' && result.kind === 'accepted', report);
      return result;
    },
    submitList: async (list) => {
      invariant(redeem(list), 'an order list reached the venue without the mark of the gate');
      const due = list.orders.map(({ clientOrderId }) => ({ clientOrderId, report: expectReport(clientOrderId) }));
      const outcome = await rest.call(requests.submitList(list));
      const result = await placed(outcome, readingOfList(list));
      // That the stream tells of an exit before it comes to life is documented nowhere: none is expected.
      const orders = outcome.kind === 'answered' && result.kind === 'accepted' ? result.orders : [];
      const live = new Set(orders.flatMap((order) => (order.status === 'PENDING_NEW' ? [] : [order.clientOrderId])));
      for (const { clientOrderId, report } of due) expectIf(live.has(clientOrderId), report);
      return result;
    },
    replace: async (order, canceledId) => {
      invariant(redeem(order), 'an order reached the venue without the mark of the gate');
      const reports = { canceled: expectReport(canceledId), placed: expectReport(order.clientOrderId) };
      const halves = halvesOf(await rest.call(requests.replace(order, canceledId)));
      const canceled = cancelled(halves.canceled, readOne);
      expectIf(canceled.kind === 'canceled', reports.canceled);
      const result = await placed(halves.placed, readingOf(order));
      expectIf(halves.placed.kind === 'answered' && result.kind === 'accepted', reports.placed);
      return { canceled, placed: result };
    },
    cancel,
    cancelAll: async (symbol, priority) => {
      if (priority === 'emergency') rest.withdrawUnsent();
      return cancelled(await rest.call(requests.cancelAll(symbol, priority)), readAll);
    },
    queryOrder,
  };
};

/** The stream has to report what an answer told; an order that was found by asking, it reported long ago. */
const expectIf = (told: boolean, report: ExpectedReport): void => {
  if (told) report.accepted();
  else report.forget();
};

/** A list's reports in the order in which its orders were sent; undefined where one is missing or a stranger is among them. */
const inOrderSent = (sent: readonly WireOrder[], reports: readonly VenueOrder[]): readonly VenueOrder[] | undefined => {
  const byId = new Map(reports.map((report) => [report.clientOrderId, report]));
  const found = sent.flatMap(({ clientOrderId }) => byId.get(clientOrderId) ?? []);
  return found.length === sent.length && reports.length === sent.length ? found : undefined;
};

type ReadCanceled = (json: unknown) => Result<readonly VenueOrder[], VenueFailure>;
const readAll: ReadCanceled = (json) => parsed(answers.canceledOrders, json);
const readOne: ReadCanceled = (json) => parsed(answers.canceledOne, json);

const cancelled = (outcome: RestOutcome, read: ReadCanceled): CancelOutcome => {
  if (outcome.kind === 'refused' && (outcome.verdict === 'not-open' || outcome.verdict === 'absent')) {
    return { kind: 'not-open', text: outcome.failure.text };
  }
  if (outcome.kind !== 'answered') return { kind: 'failed', failure: outcome.failure };
  const orders = read(outcome.json);
  return orders.ok ? { kind: 'canceled', orders: orders.value } : { kind: 'failed', failure: orders.error };
};
