// JSON from outside this process: parsed with a bound on its size and without the keys that could reach an object's prototype (N3).
// What it means is for a schema to say.
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';

/** Keys that change an object's nature when code copies them carelessly. */
const FORBIDDEN: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The parsed value, or in words why there is none. `maxChars` bounds the text's length in UTF-16 units. */
export const parseJson = (text: string, maxChars: number): Result<unknown, string> => {
  if (text.length > maxChars) return fail(`it is larger than ${maxChars} characters`);
  let forbidden: string | undefined;
  try {
    const value: unknown = JSON.parse(text, (key, inner: unknown) => {
      if (FORBIDDEN.has(key)) forbidden = key;
      return inner;
    });
    return forbidden === undefined ? ok(value) : fail(`the key "${forbidden}" is not allowed`);
  } catch (error) {
    return fail(`it is no JSON (${error instanceof Error ? error.message : String(error)})`);
  }
};
