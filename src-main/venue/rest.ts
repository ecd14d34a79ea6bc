// One REST call: budget, signature, wire, verdict. What comes back says what is proven (BINANCE 4); nothing throws, nothing is
// retried. A call that finds the way free is on its way before `call` returns: twenty cancels leave in one turn.
import type { z } from 'zod';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import type { Budget, BudgetReport, BudgetTicket, TrafficClass } from './budget.ts';
import { failureOf, readError, verdictOf, type Scrub, type Verdict } from './errors.ts';
import type { VenueFailure } from './port.ts';
import { createSignedAhead } from './signed-ahead.ts';
import type { HttpReply, Lane, Transport } from './transport.ts';
import type { Params, RestApi, SignedRequest, WiredCcxt } from './wired-ccxt.ts';

export interface RestCall {
  readonly path: string;
  readonly api: RestApi;
  readonly method: SignedRequest['method'];
  readonly params: Params;
  readonly weight: number;
  /** How many new orders it counts as; none when absent. */
  readonly orders?: number;
  readonly traffic: TrafficClass;
  readonly lane: Lane;
}

interface Sent {
  /** Local time of the request's timestamp: when it was signed. An emergency may have waited for the budget until then. */
  readonly sentAtMs: number;
}

export type RestOutcome =
  | ({ readonly kind: 'answered'; readonly json: unknown; readonly roundTripMs: number } & Sent)
  /** The venue answered with an error; `verdict` says what that proves, `json` is all that it said. */
  | ({
      readonly kind: 'refused';
      readonly verdict: Exclude<Verdict, 'unknown'>;
      readonly failure: VenueFailure;
      readonly json: unknown;
    } & Sent)
  /** Nothing left this machine. */
  | { readonly kind: 'unsent'; readonly failure: VenueFailure }
  /** May have been executed. */
  | ({ readonly kind: 'lost'; readonly failure: VenueFailure } & Sent);

export interface RestOptions {
  readonly ccxt: WiredCcxt;
  readonly transport: Transport;
  readonly budget: Budget;
  readonly scrub: Scrub;
  /** Never steps (local-clock.ts). */
  readonly nowMs: () => number;
  /** What an outcome's times are told in. */
  readonly toWallMs: (atMs: number) => number;
  readonly serverNowMs: () => number;
  readonly deadlineMs: Readonly<Record<Lane, number>>;
  /** After each answer: the budget may have changed. */
  readonly onBudget: () => void;
  /** -1021: the clock must be measured again. */
  readonly onClockRefusal: () => void;
}

export interface Rest {
  /** Orders that were handed over and still wait for a connection never leave (DESIGN 6: what is not yet on the wire dies). */
  withdrawUnsent(): void;
  /** Signs a call that will be made soon; nothing leaves. */
  prepare(call: RestCall): void;
  call(call: RestCall): Promise<RestOutcome>;
  /** A call that only asks: its answer parsed, or why there is none. */
  read<S extends z.ZodType>(call: RestCall, schema: S): Promise<Result<z.output<S>, VenueFailure>>;
}

/** Every POST of this adapter brings orders to the venue. */
const places = ({ method }: RestCall): boolean => method === 'POST';

type Answer = Extract<HttpReply, { kind: 'answer' }>;

/** Where a 429 or 418 names no Retry-After: the longest window that a 429 can be about, and Binance's shortest ban. */
const DEFAULT_HOLD_MS = { 429: 60_000, 418: 120_000 } as const;

export const createRest = (options: RestOptions): Rest => {
  const { budget, transport, nowMs, serverNowMs, scrub } = options;
  const ahead = createSignedAhead(({ path, api, method, params }) => options.ccxt.sign(path, api, method, params), nowMs);

  const call = (request: RestCall): Promise<RestOutcome> => {
    const verdict = budget.take({ weight: request.weight, orders: request.orders ?? 0 }, request.traffic, nowMs(), serverNowMs());
    if (verdict.kind === 'go') return send(request, verdict.ticket);
    return waitOrRefuse(request, verdict, nowMs() + options.deadlineMs[request.lane]);
  };

  /** Orders that wait for a connection. */
  const unsent = new Set<() => void>();

  /**
   * Emergencies wait for the way to clear, as far as their deadline allows; anything else is refused at once, and so is every order: it was
   * approved for this instant, and a stop may come before the next.
   */
  const waitOrRefuse = async (
    request: RestCall,
    verdict: { readonly kind: 'held' | 'budget'; readonly retryAtMs: number },
    untilMs: number,
  ): Promise<RestOutcome> => {
    if (request.traffic === 'normal' || places(request) || verdict.retryAtMs > untilMs)
      return { kind: 'unsent', failure: notNow(verdict.kind, verdict.retryAtMs - nowMs()) };
    await new Promise((resolve) => setTimeout(resolve, Math.max(1, verdict.retryAtMs - nowMs())));
    const next = budget.take({ weight: request.weight, orders: request.orders ?? 0 }, request.traffic, nowMs(), serverNowMs());
    return next.kind === 'go' ? send(request, next.ticket) : waitOrRefuse(request, next, untilMs);
  };

  const send = (request: RestCall, ticket: BudgetTicket): Promise<RestOutcome> => {
    const { request: signed, sentAtMs: localMs } = ahead.take(request);
    const sending = transport.send(signed, request.lane, options.deadlineMs[request.lane], places(request) ? unsent : undefined);
    return sending.then((reply) => settle(reply, ticket, options.toWallMs(localMs)));
  };

  const settle = (reply: HttpReply, ticket: BudgetTicket, sentAtMs: number): RestOutcome => {
    if (reply.kind !== 'answer') {
      budget.settle(ticket, !reply.written, NO_REPORT, nowMs(), serverNowMs());
      const failure: VenueFailure = { kind: reply.kind === 'late' ? 'late' : 'unreachable', code: null, text: reply.text };
      return reply.written ? { kind: 'lost', failure, sentAtMs } : { kind: 'unsent', failure };
    }
    budget.settle(ticket, true, reportOf(reply.headers), nowMs(), serverNowMs());
    const outcome = reply.status >= 200 && reply.status < 300 ? accepted(reply, sentAtMs) : refusal(reply, sentAtMs);
    options.onBudget();
    return outcome;
  };

  const accepted = ({ body, roundTripMs }: Answer, sentAtMs: number): RestOutcome => {
    const json = parseJson(body);
    return json === undefined ? { kind: 'lost', failure: GARBLED, sentAtMs } : { kind: 'answered', json, roundTripMs, sentAtMs };
  };

  const refusal = ({ status, headers, body }: Answer, sentAtMs: number): RestOutcome => {
    if (status === 429 || status === 418) budget.hold(nowMs() + (retryAfterMs(headers) ?? DEFAULT_HOLD_MS[status]));
    const outcome = refusedWith(status, parseJson(scrub(body)), sentAtMs);
    if (outcome.kind === 'refused' && outcome.verdict === 'clock') options.onClockRefusal();
    return outcome;
  };

  return {
    prepare: (request) => ahead.prepare(request),
    withdrawUnsent: () => {
      for (const takeBack of unsent) takeBack();
    },
    call,
    read: async (request, schema) => {
      const outcome = await call(request);
      return outcome.kind === 'answered' ? parsed(schema, outcome.json) : fail(outcome.failure);
    },
  };
};

/** What an error proves: `json` with Binance's code and message, under the HTTP status that it came with. */
export const refusedWith = (status: number, json: unknown, sentAtMs: number): Extract<RestOutcome, { kind: 'refused' | 'lost' }> => {
  const error = readError(json);
  const verdict = verdictOf(status, error);
  const failure = failureOf(verdict, status, error);
  return verdict === 'unknown' ? { kind: 'lost', failure, sentAtMs } : { kind: 'refused', verdict, failure, json, sentAtMs };
};

/** Parses an answer; one that makes no sense is `garbled`, and says where. */
export const parsed = <S extends z.ZodType>(schema: S, json: unknown): Result<z.output<S>, VenueFailure> => {
  const result = schema.safeParse(json);
  if (result.success) return ok(result.data);
  const where = result.error.issues[0]?.path.join('.') ?? '';
  return fail({ ...GARBLED, text: where === '' ? GARBLED.text : `${GARBLED.text} (at ${where.slice(0, 80)})` });
};

export const GARBLED: VenueFailure = { kind: 'garbled', code: null, text: 'The venue answered something that makes no sense' };
const NO_REPORT: BudgetReport = { weight: null, orders10s: null, orders1d: null };

const notNow = (kind: 'held' | 'budget', waitMs: number): VenueFailure => {
  const seconds = Math.ceil(waitMs / 1000);
  const text =
    kind === 'held'
      ? `The venue has put all requests on hold for another ${seconds} s; nothing was sent`
      : `The request budget is used up for another ${seconds} s; nothing was sent`;
  return { kind, code: null, text };
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
};

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;
const countIn = (headers: Headers, name: string): number | null => {
  const value = headers[name];
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : null;
};
const reportOf = (headers: Headers): BudgetReport => ({
  weight: countIn(headers, 'x-mbx-used-weight-1m'),
  orders10s: countIn(headers, 'x-mbx-order-count-10s'),
  orders1d: countIn(headers, 'x-mbx-order-count-1d'),
});
const retryAfterMs = (headers: Headers): number | undefined => {
  const seconds = countIn(headers, 'retry-after');
  return seconds === null ? undefined : Math.max(1, seconds) * 1000;
};
