// Stands in for vitest while faults are planted: it collects the tests instead of running them, and takes vitest's own `expect`. Whatever
// else a test asks of vitest is not here, and then loading it fails.
import { readFileSync } from 'node:fs';
import { chai, expect } from 'vitest';
import type { Claim } from './stage.ts';

type Body = (...values: readonly unknown[]) => unknown;

const path: string[] = [];

const collect = (name: string, run: () => unknown): void => {
  const claims = (globalThis as Record<string, unknown>)['__holdfastClaims'] as Claim[];
  claims.push({ name: [...path, name].join(' > '), run });
};

const describe = (name: string, body: () => void): void => {
  path.push(name);
  try {
    body();
  } finally {
    path.pop();
  }
};

const test = Object.assign((name: string, body: () => unknown): void => collect(name, body), {
  each:
    (rows: readonly unknown[]) =>
    (name: string, body: Body): void => {
      rows.forEach((row, at) => collect(`${name} #${at + 1}`, () => (Array.isArray(row) ? body(...(row as unknown[])) : body(row))));
    },
});

const TESTS = new URL('../unit/safety/', import.meta.url);
// vitest's own asks the process that it runs tests in.
chai.Assertion.addMethod('toMatchFileSnapshot', function matches(this: { readonly _obj: unknown }, file: string) {
  if (this._obj !== readFileSync(new URL(file, TESTS), 'utf8')) throw new Error(`${file} says something else`);
});

export { describe, expect, test as it, test };
