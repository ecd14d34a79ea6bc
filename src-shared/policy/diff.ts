// Two policies side by side (REQUIREMENTS G): which fields differ, which change loosens, and the tighter of both, field by field. What
// cannot be compared counts as loosened: it waits.
import { Decimal } from '../domain/decimal.ts';
import { parseDecimal } from '../domain/money.ts';
import type { PolicyFieldChange } from '../domain/policy-change.ts';
import { assertNever } from '../errors/result.ts';
import { POLICY_FIELDS, textOf, valueAt, withValues } from './fields.ts';
import type { PolicyField } from './fields.ts';
import { restoredPolicy } from './schema.ts';
import type { Policy } from './schema.ts';

type Value = ReturnType<typeof valueAt>;

const numberOf = (value: Value): Decimal | undefined => (typeof value === 'number' ? new Decimal(value) : parseDecimal(value));

/** True when the second number is on the looser side of the first, or either is none. */
const isBeyond = (from: Value, to: Value, looser: 'higher' | 'lower'): boolean => {
  const [before, after] = [numberOf(from), numberOf(to)];
  if (before === undefined || after === undefined) return true;
  return looser === 'higher' ? after.gt(before) : after.lt(before);
};

const listOf = (value: Value): readonly string[] => (typeof value === 'object' ? value : []);
const hasMore = (from: Value, to: Value): boolean => listOf(to).some((each) => !listOf(from).includes(each));

const loosens = ({ looser, values = [] }: PolicyField, from: Value, to: Value): boolean => {
  switch (looser) {
    case 'none':
      return false;
    case 'higher':
    case 'lower':
      return isBeyond(from, to, looser);
    case 'true':
      return to !== false;
    case 'false':
      return to !== true;
    case 'more':
      return hasMore(from, to);
    case 'fewer':
      return hasMore(to, from);
    case 'first':
      return values.indexOf(String(to)) < values.indexOf(String(from));
    case 'last':
      return values.indexOf(String(to)) > values.indexOf(String(from));
    default:
      return assertNever(looser);
  }
};

const tightens = (field: PolicyField, from: Value, to: Value): boolean => field.looser !== 'none' && loosens(field, to, from);

const isSame = (a: Value, b: Value): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Both can be true of a list in which some came and some went: then it loosens, and what tightens of it does so at once (`tighterOf`). */
const effectOf = (field: PolicyField, from: Value, to: Value): PolicyFieldChange['effect'] =>
  loosens(field, from, to) ? 'loosens' : tightens(field, from, to) ? 'tightens' : 'neither';

/** Every field that differs, in the order of their declaration. */
export const diffPolicies = (from: Policy, to: Policy): readonly PolicyFieldChange[] =>
  POLICY_FIELDS.flatMap((field) => {
    const [before, after] = [valueAt(from, field.path), valueAt(to, field.path)];
    if (isSame(before, after)) return [];
    const { path, title } = field;
    return [{ path, title, from: textOf(before), to: textOf(after), effect: effectOf(field, before, after) }];
  });

export const isSamePolicy = (a: Policy, b: Policy): boolean => diffPolicies(a, b).length === 0;

/** The changes that the tilt guard holds back. */
export const looseningOf = (from: Policy, to: Policy): readonly PolicyFieldChange[] =>
  diffPolicies(from, to).filter(({ effect }) => effect === 'loosens');

const tighterValue = (field: PolicyField, from: Value, to: Value): Value => {
  if (!loosens(field, from, to)) return to;
  if (field.looser === 'more') return listOf(from).filter((each) => listOf(to).includes(each));
  if (field.looser === 'fewer') return [...listOf(from), ...listOf(to).filter((each) => !listOf(from).includes(each))];
  return from;
};

/**
 * What may be in force at once on the way from one policy to another: of each field the tighter value, and the new value where neither is
 * tighter. It may contradict itself (a smallest order above the largest): then nothing can be opened, which is the tight side of both.
 */
export const tighterOf = (from: Policy, to: Policy): Policy => {
  const values = new Map(
    POLICY_FIELDS.map((field) => [field.path, tighterValue(field, valueAt(from, field.path), valueAt(to, field.path))]),
  );
  return restoredPolicy(withValues(to, values)) ?? from;
};
