// The state as text and back (L1, Q6, R): the same to the last byte and digit, or refused; and its shape does not change unnoticed.
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { emptyState, evolve } from '../../../src-main/engine/evolve.ts';
import { decodeState, encodeState, STATE_CODEC } from '../../../src-main/engine/state-codec.ts';
import type { EngineState } from '../../../src-main/engine/state.ts';
import { stateText } from '../../support/state-text.ts';
import { session } from '../journal/session.ts';

test('a state comes back as it was, byte for byte, and its text once more', () => {
  for (const state of [emptyState(), session(3).engine.state]) {
    const text = encodeState(state);
    const back = decodeState(text);
    expect(stateText(back)).toBe(stateText(state));
    expect(encodeState(back)).toBe(text);
  }
});

test('a restored state goes on as the one that was never stored: at every fact of a session (Q6)', () => {
  const { facts } = session(2);
  let restored = emptyState();
  const kept = emptyState();
  for (const fact of facts) {
    evolve(kept, fact);
    restored = decodeState(encodeState(restored));
    evolve(restored, fact);
    expect(stateText(restored)).toBe(stateText(kept));
  }
});

test('every digit and sign of a decimal survives, and a map in a map, a set in a record', () => {
  const odd = ['-0', '0', '1e-60', '-123456789012345678901234567890.0123456789', '9.999999999999999999999999999999999999999e+45'];
  const state = {
    ...emptyState(),
    orders: new Map(
      odd.map((text) => [text, { text: new Decimal(text), ids: new Set([text]), inner: new Map([[text, [new Decimal(text)]]]) }]),
    ),
  } as unknown as EngineState;
  const back = decodeState(encodeState(state));
  expect(stateText(back)).toBe(stateText(state));
  const first = [...back.orders.values()].map((order) => (order as unknown as { text: Decimal }).text);
  expect(first.map((value) => value.valueOf())).toEqual(odd);
  expect(first.every((value) => value instanceof Decimal && value.plus(0).constructor === Decimal)).toBe(true);
});

test('what would not come back the same is not encoded', () => {
  const bad = (what: unknown) => () => encodeState({ ...emptyState(), policy: what } as EngineState);
  expect(bad({ a: Number.NaN })).toThrow('finite');
  expect(bad({ $d: '1' })).toThrow('may not have a field $d');
  expect(bad(JSON.parse('{"__proto__": 1}'))).toThrow('may not have a field __proto__');
  expect(bad(new Date(0))).toThrow('plain data only');
});

test('a text of another codec, of other parts or of none is refused', () => {
  const text = encodeState(emptyState());
  expect(() => decodeState(text.replace(`"codec":${STATE_CODEC}`, '"codec":0'))).toThrow('of codec 0');
  expect(() => decodeState(text.replace('"unsettled"', '"unsettle"'))).toThrow('other parts');
  expect(() => decodeState(text.slice(0, -1))).toThrow();
  expect(() => decodeState('{}')).toThrow('codec undefined');
});

/** state.ts without its comments and imports: every record's fields with their types. */
const shape = (): string =>
  fs
    .readFileSync(new URL('../../../src-main/engine/state.ts', import.meta.url), 'utf8')
    .replaceAll(/\/\*\*?[\s\S]*?\*\/|^\/\/.*$|^import [\s\S]*?;$/gm, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');

test('the shape of the state changes only with a higher STATE_CODEC', async () => {
  await expect(
    `${shape()}\n`,
    `state.ts has changed: old snapshots must not be read any more. Raise STATE_CODEC (now ${STATE_CODEC}) in state-codec.ts, run this test once and commit the new shape file.`,
  ).toMatchFileSnapshot(`./state-shape-${STATE_CODEC}.txt`);
});
