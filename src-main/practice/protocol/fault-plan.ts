// What the fault desk's decisions mean for one request: how long it waits, and what happens instead of an answer.
// Pure: the servers carry the plan out.
import type { FaultAction } from './faults.ts';
import { Refusal, refusals } from './refusal.ts';

/** What a client sees instead of the answer. */
export type Interruption =
  | { readonly kind: 'cut' }
  | { readonly kind: 'silence' }
  /** A bare HTTP status from something in front of the exchange: no Binance code in it. */
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'refusal'; readonly refusal: Refusal }
  | { readonly kind: 'stall' };

export interface FaultPlan {
  readonly delayBeforeMs: number;
  readonly delayAfterMs: number;
  /** Happens instead of execution. */
  readonly before?: Interruption;
  /** Happens after execution, instead of the answer. */
  readonly after?: Interruption;
}

const NO_FAULTS: FaultPlan = { delayBeforeMs: 0, delayAfterMs: 0 };

/** The plan for one request; with several rules delays add up and the first interruption of a stage wins. */
export function planFaults(actions: readonly FaultAction[], nowMs: number): FaultPlan {
  return actions.length === 0 ? NO_FAULTS : actions.reduce((plan, action) => addFault(plan, action, nowMs), NO_FAULTS);
}

function addFault(plan: FaultPlan, action: FaultAction, nowMs: number): FaultPlan {
  switch (action.type) {
    case 'delay':
      return action.stage === 'before'
        ? { ...plan, delayBeforeMs: plan.delayBeforeMs + action.delayMs }
        : { ...plan, delayAfterMs: plan.delayAfterMs + action.delayMs };
    case 'drop':
      return at(plan, action.stage, { kind: action.how === 'cut' ? 'cut' : 'silence' });
    case 'status':
      return at(plan, action.stage, { kind: 'status', status: action.status });
    case 'error':
      return at(plan, action.stage, { kind: 'refusal', refusal: errorRefusal(action) });
    case 'limit':
      return at(plan, 'before', { kind: 'refusal', refusal: limitRefusal(action.status, nowMs + action.retryAfterS * 1000) });
    case 'stall':
      return at(plan, 'after', { kind: 'stall' });
    case 'swallow':
      return at(plan, 'after', { kind: 'silence' });
    case 'duplicate':
    case 'reorder':
      return plan; // they are about events; a request has one answer
  }
}

const at = (plan: FaultPlan, stage: 'before' | 'after', interruption: Interruption): FaultPlan =>
  plan[stage] === undefined ? { ...plan, [stage]: interruption } : plan;

function errorRefusal({ code, msg, status }: FaultAction & { type: 'error' }): Refusal {
  const timeout = refusals.timeout();
  return code === timeout.code && msg === undefined
    ? new Refusal(status ?? timeout.status, code, timeout.msg)
    : new Refusal(status ?? 400, code, msg ?? 'An unknown error occurred while processing the request.');
}

const limitRefusal = (status: 429 | 418, retryAtMs: number): Refusal =>
  status === 418 ? refusals.banned(retryAtMs) : refusals.tooMuchWeight(6000, retryAtMs);
