// The one place that touches `window.holdfast`. A call that fails to come back is a value like any other failure: no feature ever
// sees a rejected promise, and none may guess what happened on the other side.
import type { CallInput, CallName, CallOutput, CallResult, ExposedApi, Push } from '../../src-shared/contract/contract.ts';
import { fail } from '../../src-shared/errors/result.ts';

declare global {
  interface Window {
    readonly holdfast?: ExposedApi;
  }
}

const noAnswer = (name: CallName) =>
  fail({
    code: 'UNAVAILABLE' as const,
    text: `The console did not answer (${name}). Whether it acted is not known here: read positions and orders again before you repeat it.`,
  });

/** Calls one entry of the contract. Never rejects: a dead console is `UNAVAILABLE`. */
export const call = async <K extends CallName>(name: K, input: CallInput<K>): Promise<CallOutput<K>> => {
  const entry = window.holdfast?.[name] as ((input: CallInput<K>) => Promise<CallOutput<K>>) | undefined;
  try {
    return entry === undefined ? (noAnswer(name) as CallOutput<K>) : await entry(input);
  } catch {
    return noAnswer(name) as CallOutput<K>;
  }
};

/** An order or a cancel has its answer long before this, or none: then the person must look, not wait. */
export const ACT_DEADLINE_MS = 15_000;

/** As `call`, but gives up waiting after `deadlineMs` with `UNAVAILABLE`; the call itself goes on. */
export const callWithin = async <K extends CallName>(deadlineMs: number, name: K, input: CallInput<K>): Promise<CallOutput<K>> => {
  let timer = 0;
  const late = new Promise<CallOutput<K>>((resolve) => {
    timer = window.setTimeout(() => resolve(noAnswer(name) as CallOutput<K>), deadlineMs);
  });
  const answer = await Promise.race([call(name, input), late]);
  window.clearTimeout(timer);
  return answer;
};

/** What main pushes. Returns how to stop listening. */
export const onPush = (listener: (push: Push) => void): (() => void) => window.holdfast?.onPush(listener) ?? (() => undefined);

/** The sentence of a failed call, with the advice of a denial where there is one. */
export const failureText = (result: CallResult<unknown>): string | undefined => {
  if (result.ok) return undefined;
  const { denial, text } = result.error;
  return denial === undefined ? text : `${denial.text} ${denial.advice}`;
};
