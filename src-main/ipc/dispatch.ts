// From a name and a payload that anyone may have written to a handler of the contract: the one place where both are judged. The
// window comes through here. It never throws, never runs a handler on input that was not parsed, and repeats nothing in an error that may
// be a secret.
import type { z } from 'zod';
import { contract } from '../../src-shared/contract/contract.ts';
import type { CallError, CallName, CallResult, Caller, Handlers } from '../../src-shared/contract/contract.ts';
import { fail } from '../../src-shared/errors/result.ts';

/** The largest payload that any entry can need: an RSA key in PEM with room to spare. Counted in characters of keys and texts. */
export const MAX_PAYLOAD_CHARS = 16_384;
const MAX_DEPTH = 8;
const MAX_VALUES = 512;
const MAX_ERROR_CHARS = 400;
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Told of a handler that threw: a bug of ours, for the log. */
export type OnFault = (name: CallName, error: unknown) => void;

export const isCallName = (name: unknown): name is CallName => typeof name === 'string' && Object.hasOwn(contract, name);

const refuse = (code: CallError['code'], text: string): CallResult<never> => fail({ code, text });

/**
 * Runs one call of the contract.
 * @param name what the caller asked for; unknown names and entries not open to `caller.from` are refused
 * @param input the payload, as it arrived; parsed strictly
 * @param caller as the transport knows it, never as the payload claims
 * Failures come back as values: BAD_INPUT, REFUSED, INTERNAL, or the handler's own.
 */
export const dispatch = async (
  name: unknown,
  input: unknown,
  caller: Caller,
  handlers: Handlers,
  onFault: OnFault,
): Promise<CallResult<unknown>> => {
  if (!isCallName(name)) return refuse('BAD_INPUT', 'There is no such call.');
  if (!contract[name].from.includes(caller.from)) return refuse('REFUSED', `${name} cannot be called from the ${caller.from}.`);
  try {
    const shape = payloadProblem(input);
    if (shape !== undefined) return refuse('BAD_INPUT', `${name}: ${shape}.`);
    const parsed = contract[name].input.safeParse(input === undefined ? {} : input);
    if (!parsed.success) return refuse('BAD_INPUT', `${name}: ${describe(parsed.error)}.`);
    // The schema and the handler have the same key, which TypeScript cannot see across two indexed accesses.
    const handler = handlers[name] as (parsed: unknown, caller: Caller) => Promise<CallResult<unknown>>;
    return await handler(parsed.data, caller);
  } catch (error) {
    onFault(name, error);
    return refuse('INTERNAL', `${name} failed inside the console; whether it took effect shows on screen. The log has the cause.`);
  }
};

/** Why a payload is not even looked at: too large, too deep, not plain data, or with a key that could reach a prototype. */
const payloadProblem = (input: unknown): string | undefined => {
  let chars = 0;
  let values = 0;
  const judge = (value: unknown, depth: number): string | undefined => {
    values += 1;
    if (typeof value === 'string') chars += value.length;
    if (chars > MAX_PAYLOAD_CHARS || values > MAX_VALUES) return `the payload is too large (at most ${MAX_PAYLOAD_CHARS} characters)`;
    // A clone over IPC can carry what JSON cannot: no entry takes it, and an error could not quote it.
    if (typeof value === 'bigint' || typeof value === 'function' || typeof value === 'symbol') return 'the payload must be plain data';
    if (typeof value !== 'object' || value === null) return undefined;
    if (depth === MAX_DEPTH) return 'the payload is nested too deeply';
    const prototype: unknown = Object.getPrototypeOf(value);
    if (!Array.isArray(value) && prototype !== Object.prototype && prototype !== null) return 'the payload must be plain data';
    for (const key of Object.keys(value)) {
      if (FORBIDDEN_KEYS.has(key)) return 'the payload has a forbidden key';
      chars += key.length;
      const problem = judge((value as Readonly<Record<string, unknown>>)[key], depth + 1);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
  return judge(input, 0);
};

const describe = (error: z.ZodError): string => {
  const text = error.issues.map((issue) => [...issue.path.map(String), issue.message].join(': ')).join('; ');
  return text.length > MAX_ERROR_CHARS ? `${text.slice(0, MAX_ERROR_CHARS)}…` : text;
};
