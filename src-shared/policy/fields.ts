// Every field of the policy by its path, as its declaration describes it: read, written from what a person types, shown as text.
import { z } from 'zod';
import { fail, ok } from '../errors/result.ts';
import type { Result } from '../errors/result.ts';
import { parsePolicy, policySchema } from './schema.ts';
import type { FieldMeta, Policy, PolicyProblem } from './schema.ts';

export interface PolicyField extends FieldMeta {
  /** As `limits.maxDailyTrades`. */
  readonly path: string;
}

type Value = string | number | boolean | readonly string[];
type Tree = Readonly<Record<string, unknown>>;

const leaves = (schema: z.ZodType, path: string): readonly PolicyField[] => {
  const described = schema.meta();
  if (described !== undefined) return [{ ...(described as unknown as FieldMeta), path }];
  if (schema instanceof z.ZodObject)
    return Object.entries(schema.shape as Record<string, z.ZodType>).flatMap(([key, field]) =>
      leaves(field, path === '' ? key : `${path}.${key}`),
    );
  if (schema instanceof z.ZodReadonly || schema instanceof z.ZodPrefault) return leaves(schema.unwrap() as z.ZodType, path);
  throw new Error(`The policy's field ${path} has no description.`);
};

/** All fields, in the order of their declaration. */
export const POLICY_FIELDS: readonly PolicyField[] = leaves(policySchema, '');
const PATHS: ReadonlySet<string> = new Set(POLICY_FIELDS.map(({ path }) => path));

/** What stands in a field; undefined only in a policy that is older than the field. */
export const valueAt = (policy: Policy, path: string): Value | undefined =>
  path.split('.').reduce<unknown>((at, key) => (at as Tree | undefined)?.[key], policy) as Value | undefined;

/** The policy as plain JSON with these fields changed; nothing is checked here. */
export const withValues = (policy: Policy, values: ReadonlyMap<string, unknown>): unknown => {
  const changed: Record<string, unknown> = { ...policy };
  for (const [path, value] of values) {
    const [group, key] = path.split('.') as [string, string | undefined];
    if (key === undefined) changed[group] = value;
    else changed[group] = { ...(changed[group] as object), [key]: value };
  }
  return changed;
};

/** A field's value as text: a list with blanks between, `-` for an empty one or none. */
export const textOf = (value: Value | undefined): string => {
  if (value === undefined) return '-';
  if (typeof value === 'object') return value.length === 0 ? '-' : value.join(' ');
  return String(value);
};

/** Every field with its value, in one text: what a hash names a policy by. The order is the declaration's, not the file's. */
export const policyText = (policy: Policy): string => JSON.stringify(POLICY_FIELDS.map(({ path }) => [path, valueAt(policy, path)]));

const WHOLE = /^-?\d{1,9}$/;
const TRUTH: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
]);

/** What a person typed, as the kind of the value before has it; what makes no sense stays text, and the schema says what would be right. */
const typed = (before: Value | undefined, text: string): unknown => {
  const word = text.trim();
  if (typeof before === 'object')
    return word === '-' ? [] : word.split(/[\s,]+/).flatMap((each) => (each === '' ? [] : [each.toUpperCase()]));
  if (typeof before === 'boolean') return TRUTH.get(word) ?? word;
  return typeof before === 'number' && WHOLE.test(word) ? Number(word) : word;
};

/** The policy with fields set to what was typed, or everything that is wrong with that. */
export const setFields = (
  policy: Policy,
  typedIn: readonly { readonly path: string; readonly value: string }[],
): Result<Policy, readonly PolicyProblem[]> => {
  const unknown = typedIn.filter(({ path }) => !PATHS.has(path));
  if (unknown.length > 0) return fail(unknown.map(({ path }) => ({ path, text: 'is no field of the policy' })));
  const values = new Map(typedIn.map(({ path, value }) => [path, typed(valueAt(policy, path), value)]));
  const parsed = parsePolicy(withValues(policy, values));
  return parsed.ok ? ok(parsed.value) : parsed;
};
