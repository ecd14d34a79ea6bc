// What a limit is: a small plug-in that measures one number of an order against one bound. Adding one is a file in limits/ and a line
// in limits/all.ts. A limit returns raw numbers; texts are made late (describe.ts), never on the way of an order that passes.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { LimitId, LimitUnit } from '../../src-shared/errors/denial.ts';
import type { CompiledPolicy } from '../../src-shared/policy/compiled.ts';
import { isAbove, isAtLeast, isAtMost } from './compare.ts';
import type { GateContext } from './context.ts';
import type { GatePicture } from './picture.ts';

/** A raw number, how to work it out when somebody looks, a name out of a list, or null for what is not known. */
export type Raw = Decimal | number | string | (() => Decimal) | null;

/** One limit measured for one order, or for none (a gauge). */
export interface Reading {
  readonly verdict: 'pass' | 'deny' | 'not-applied';
  readonly before: Raw;
  readonly after: Raw;
  /** The largest value allowed, or the smallest for `at-least`, or the step for `step`. */
  readonly bound: Raw;
  /** The smallest value allowed where there is a range. */
  readonly floor: Raw;
  /** The largest where `bound` is a step. */
  readonly ceiling: Raw;
  /** The number that was not known: that denies (C15). */
  readonly missing: string | null;
  /** A denial that passes by itself: when (wall clock, ms). */
  readonly untilMs: number | null;
  /** A gauge: whose value it is, where it is the largest of several. */
  readonly about: string | null;
}

/**
 * Which orders a limit holds for. `openings`: orders that only reduce are not trapped (C14). `orders`: those too. `everything`: the
 * emergency stop's own flatten and exits that wait for their entry as well, because the venue would refuse them anyhow.
 */
export type Scope = 'openings' | 'orders' | 'everything';

/**
 * How value and bound relate. `around`: a range whose middle is the aim. `beyond`: below the bound or above the floor, whichever there
 * is. `step`: a multiple of the bound between floor and ceiling. `listed`: a name, and in the bound what it must be.
 */
export type Sense = 'at-most' | 'below' | 'at-least' | 'within' | 'around' | 'beyond' | 'step' | 'listed';

export interface Limit {
  readonly id: LimitId;
  readonly title: string;
  readonly unit: LimitUnit;
  /** Where the unit depends on the order. */
  unitFor?(context: GateContext): LimitUnit;
  readonly sense: Sense;
  readonly scope: Scope;
  /** The rule as a person would compute it, with the policy's field names. */
  readonly formula: string;
  /** What a person can do about a denial, in one sentence. */
  advice(reading: Reading, context: GateContext): string;
  measure(context: GateContext): Reading;
  /** For a limit that has a value without any order: its gauge. The verdict says whether one more opening would fit. */
  gauge?(picture: GatePicture, policy: CompiledPolicy): Reading;
  /** When the value falls back by itself, or of what the gauge's value is, in one sentence. */
  readonly resets?: string;
}

const reading = (passes: boolean, before: Raw, after: Raw, bound: Raw, floor: Raw = null, ceiling: Raw = null): Reading => ({
  verdict: passes ? 'pass' : 'deny',
  before,
  after,
  bound,
  floor,
  ceiling,
  missing: null,
  untilMs: null,
  about: null,
});

/** Every comparison is written so that a NaN on either side denies. */
export const atMost = (before: Raw, after: Decimal, bound: Decimal): Reading => reading(isAtMost(after, bound), before, after, bound);
export const atLeast = (before: Raw, after: Decimal, bound: Decimal): Reading => reading(isAtLeast(after, bound), before, after, bound);
export const within = (before: Raw, after: Decimal, floor: Decimal, bound: Decimal): Reading =>
  reading(isAtLeast(after, floor) && isAtMost(after, bound), before, after, bound, floor);
/** In a range that is worked out only when somebody looks. */
export const surelyWithin = (before: Raw, after: Decimal, floor: () => Decimal, bound: () => Decimal): Reading =>
  reading(true, before, after, bound, floor);
/** At most the bound for certain; the bound is worked out only when somebody looks. */
export const surelyAtMost = (before: Raw, after: Decimal, bound: () => Decimal): Reading => reading(true, before, after, bound);
/** At least the bound for certain; by how much is worked out only when somebody looks. */
export const surelyAtLeast = (before: Raw, after: () => Decimal, bound: Decimal): Reading => reading(true, before, after, bound);
/** A range without an upper end. */
export const from = (before: Raw, after: Decimal, floor: Decimal): Reading => reading(isAtLeast(after, floor), before, after, null, floor);
/** Clear of a bound, on one side of it. */
export const clearBelow = (before: Raw, after: Decimal, bound: Decimal): Reading => reading(isAbove(bound, after), before, after, bound);
export const clearAbove = (before: Raw, after: Decimal, floor: Decimal): Reading =>
  reading(isAbove(after, floor), before, after, null, floor);
export const countAtMost = (before: number, after: number, bound: number): Reading => reading(after <= bound, before, after, bound);
export const countAtLeast = (before: number | null, after: number, bound: number): Reading => reading(after >= bound, before, after, bound);
export const countBelow = (before: number, after: number, bound: number): Reading => reading(after < bound, before, after, bound);
export const listed = (name: string, passes: boolean, list: string): Reading => reading(passes, name, name, list);
export const stepped = (passes: boolean, after: Decimal, step: Decimal, floor: Decimal, ceiling: Decimal): Reading =>
  reading(passes, null, after, step, floor, ceiling);

/** The answer to a number that is not known is no (C15). */
export const missing = (what: string): Reading => ({
  verdict: 'deny',
  before: null,
  after: null,
  bound: null,
  floor: null,
  ceiling: null,
  missing: what,
  untilMs: null,
  about: null,
});

/** The limit does not hold for this order. */
export const NOT_APPLIED: Reading = Object.freeze({
  verdict: 'not-applied',
  before: null,
  after: null,
  bound: null,
  floor: null,
  ceiling: null,
  missing: null,
  untilMs: null,
  about: null,
});
