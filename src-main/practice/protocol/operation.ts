// What an endpoint is, whatever the transport: its security, its cost, its parameters and what it does to the core.
// REST routes and WS-API methods share one operation, so that the two can never disagree.
import type { Exchange, Result } from '../core/types.ts';
import type { ApiKey } from './keys.ts';
import type { RateLimits } from './limits.ts';
import type { ParamSpecs, ParamValues, RawParams } from './params.ts';
import { Refusal } from './refusal.ts';

/** What operations work on. */
export interface Venue {
  readonly core: Exchange;
  readonly limits: RateLimits;
  /** The server's time as its clients see it, epoch ms. */
  nowMs(): number;
}

/** A signed request's key, which names the account. */
export type Caller = ApiKey;

export type Security = 'TRADE' | 'USER_DATA' | 'USER_STREAM';

interface Common {
  /** Request weight: fixed, or by the raw parameters. */
  readonly weight: number | ((raw: RawParams) => number);
  readonly specs: ParamSpecs;
}
export interface PublicOperation extends Common {
  readonly security: 'NONE';
  run(venue: Venue, values: object): unknown;
}
export interface SignedOperation extends Common {
  readonly security: Security;
  /** Weight is given back when it succeeds (BINANCE 3: orders, cancels, lists). */
  readonly freeOnSuccess: boolean;
  /** Its answers carry the unfilled order counts. */
  readonly countsOrders: boolean;
  run(venue: Venue, values: object, caller: Caller): unknown;
}
export type Operation = PublicOperation | SignedOperation;

type Weight = Common['weight'];

/** A market-data operation. `run` gives the answer's body or a Refusal. */
export function publicOperation<S extends ParamSpecs>(
  weight: Weight,
  specs: S,
  run: (venue: Venue, values: ParamValues<S>) => unknown,
): PublicOperation {
  // The gateway passes what readParams(specs) gave: the values' type is erased here and nowhere else.
  return { security: 'NONE', weight, specs, run: run as PublicOperation['run'] };
}

/** A signed operation. `run` gives the answer's body or a Refusal. */
export function signedOperation<S extends ParamSpecs>(
  security: Security,
  weight: Weight,
  specs: S,
  run: (venue: Venue, values: ParamValues<S>, caller: Caller) => unknown,
  traits: { freeOnSuccess?: boolean; countsOrders?: boolean } = {},
): SignedOperation {
  return {
    security,
    weight,
    specs,
    freeOnSuccess: traits.freeOnSuccess ?? false,
    countsOrders: traits.countsOrders ?? false,
    run: run as SignedOperation['run'],
  };
}

/** The core's answer, or its error as a 400. */
export function answer<T>(result: Result<T>): T | Refusal {
  return result.ok ? result.value : new Refusal(400, result.error.code, result.error.msg, { data: result.error.data });
}

/** Places orders under the account's unfilled-order limit; refused orders do not count. */
export function counted<T>(venue: Venue, caller: Caller, orders: number, place: () => Result<T>): T | Refusal {
  const nowMs = venue.nowMs();
  const over = venue.limits.admitOrders(caller.accountId, orders, nowMs);
  if (over !== undefined) return over;
  // Counted before the core runs: a first fill inside takes the order off the count again.
  venue.limits.placed(caller.accountId, orders, nowMs);
  const result = place();
  if (!result.ok) venue.limits.placed(caller.accountId, -orders, nowMs);
  return answer(result);
}
