// The fault desk's rules: which request or event goes wrong, how often, and how. Data in, decision out.
// It must never touch a socket: the servers carry out what it decides, so that one seed gives one sequence of faults.
import { z } from 'zod';

const stage = z.enum(['before', 'after']);
const delayMs = z.number().int().min(0).max(600_000);

/**
 * What goes wrong. `stage` is relative to execution by the exchange. Requests (rest, wsapi): delay, drop, status, error,
 * limit, stall. Events (stream, user): delay, swallow, duplicate, reorder.
 */
const faultAction = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('delay'), delayMs, stage: stage.default('before') }),
  /** No answer: the connection is cut, or stays open and silent. */
  z.strictObject({ type: z.literal('drop'), stage, how: z.enum(['cut', 'silent']).default('cut') }),
  z.strictObject({ type: z.literal('status'), stage, status: z.number().int().min(500).max(599).default(502) }),
  z.strictObject({
    type: z.literal('error'),
    stage,
    code: z.number().int().max(-1).default(-1007),
    msg: z.string().optional(),
    status: z.number().int().min(400).max(599).optional(),
  }),
  /** Refused before execution, as by a limit; `retryAfterS` is what the caller is told. */
  z.strictObject({
    type: z.literal('limit'),
    status: z.union([z.literal(429), z.literal(418)]),
    retryAfterS: z.number().int().min(0).max(259_200),
  }),
  /** REST: executed, the headers are sent, the body never ends. */
  z.strictObject({ type: z.literal('stall') }),
  z.strictObject({ type: z.literal('swallow') }),
  z.strictObject({ type: z.literal('duplicate'), copies: z.number().int().min(1).max(100).default(1) }),
  /** Changes place with the next event of the same stream (sent anyway after `holdMs`). */
  z.strictObject({ type: z.literal('reorder'), holdMs: delayMs.default(1000) }),
]);

const faultMatch = z.strictObject({
  channel: z.enum(['rest', 'wsapi', 'stream', 'user']),
  /** REST: the HTTP method. WS-API: the request's method. */
  method: z.string().optional(),
  /** REST only: the whole path. */
  path: z.string().optional(),
  symbol: z.string().optional(),
  /** Events: Binance's `e` (bookTicker and partial depth have none: 'bookTicker', 'depth'). */
  event: z.string().optional(),
});

export const faultRuleSchema = z.strictObject({
  match: faultMatch,
  action: faultAction,
  /** The first matches that are let through. */
  skip: z.number().int().min(0).default(0),
  /** How often it strikes; without it, until removed. */
  times: z.number().int().min(1).optional(),
  probability: z.number().min(0).max(1).default(1),
  seed: z.number().int().min(0).max(0xffffffff).default(1),
});

export type FaultRule = z.input<typeof faultRuleSchema>;
export type FaultAction = z.infer<typeof faultAction>;
type ParsedRule = z.infer<typeof faultRuleSchema>;
type Channel = ParsedRule['match']['channel'];

/** A request or event as rules see it. */
export interface FaultSubject {
  readonly method?: string | undefined;
  readonly path?: string | undefined;
  readonly symbol?: string | undefined;
  readonly event?: string | undefined;
}

/** A rule with its id and how often it has matched and struck. */
export type FaultState = ParsedRule & { readonly id: number; readonly matched: number; readonly struck: number };

interface Armed {
  readonly id: number;
  readonly rule: ParsedRule;
  readonly random: () => number;
  matched: number;
  struck: number;
}

const NONE: readonly FaultAction[] = [];

export class Faults {
  #rules: Armed[] = [];
  #nextId = 1;

  /** Adds a rule; its id. The rule must have been parsed by `faultRuleSchema`. */
  add(rule: ParsedRule): number {
    const id = this.#nextId++;
    this.#rules.push({ id, rule, random: mulberry32(rule.seed), matched: 0, struck: 0 });
    return id;
  }

  clear(): void {
    this.#rules = [];
  }

  list(): readonly FaultState[] {
    return this.#rules.map(({ id, rule, matched, struck }) => ({ ...rule, id, matched, struck }));
  }

  /** What strikes this request or event, in the order in which the rules were added. */
  strike(channel: Channel, subject: FaultSubject): readonly FaultAction[] {
    if (this.#rules.length === 0) return NONE;
    const actions: FaultAction[] = [];
    for (const armed of this.#rules) {
      if (!matches(armed.rule.match, channel, subject) || !draw(armed)) continue;
      armed.struck++;
      actions.push(armed.rule.action);
    }
    return actions;
  }
}

function matches(match: ParsedRule['match'], channel: Channel, subject: FaultSubject): boolean {
  return (
    match.channel === channel &&
    (match.method === undefined || match.method === subject.method) &&
    (match.path === undefined || match.path === subject.path) &&
    (match.symbol === undefined || match.symbol === subject.symbol) &&
    (match.event === undefined || match.event === subject.event)
  );
}

function draw(armed: Armed): boolean {
  const { rule } = armed;
  if (rule.times !== undefined && armed.struck >= rule.times) return false;
  if (++armed.matched <= rule.skip) return false;
  return rule.probability >= 1 || armed.random() < rule.probability;
}

/** mulberry32: a small seeded generator, uniform in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
