// The engine's state as one text and back, the same to the last byte (Q6), so that a start need not replay every fact. It knows
// decimals, maps, sets and plain data, and no field: a new field needs nothing here but a higher STATE_CODEC. Pure.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { invariant } from '../../src-shared/errors/result.ts';
import { emptyState } from './evolve.ts';
import type { EngineState } from './state.ts';

/**
 * Raised with every change of the state's shape or of what evolve makes of the same facts: a snapshot of another codec is not read,
 * and every fact is replayed instead. tests/unit/engine/state-codec.test.ts holds the shape of each version.
 */
export const STATE_CODEC = 4;

type Bag = Record<string, unknown>;

const pack = (value: unknown): unknown => {
  if (typeof value === 'number') {
    invariant(Number.isFinite(value), 'a number of the state is finite');
    return value;
  }
  if (typeof value !== 'object' || value === null) return value;
  // valueOf keeps the sign of a zero, as the comparison of two states does.
  if (value instanceof Decimal) return { $d: value.valueOf() };
  if (Array.isArray(value)) return value.map(pack);
  if (value instanceof Set) return { $s: Array.from(value, pack) };
  if (value instanceof Map) return { $m: Array.from(value, ([key, inner]: [unknown, unknown]) => [pack(key), pack(inner)]) };
  return packBag(value as Bag);
};

const packBag = (bag: Bag): Bag => {
  invariant(Object.getPrototypeOf(bag) === Object.prototype, 'the state holds decimals, maps, sets and plain data only');
  const packed: Bag = {};
  for (const key of Object.keys(bag)) {
    invariant(!key.startsWith('$') && key !== '__proto__', `the state may not have a field ${key}`);
    packed[key] = pack(bag[key]);
  }
  return packed;
};

/** What JSON.parse has just made is nobody else's yet: it is turned into the state in place. */
const unpack = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) value[index] = unpack(value[index]);
    return value;
  }
  const bag = value as Bag;
  if (typeof bag['$d'] === 'string') return new Decimal(bag['$d']);
  if (Array.isArray(bag['$s'])) return new Set(bag['$s'].map(unpack));
  if (Array.isArray(bag['$m'])) return new Map(unpack(bag['$m']) as [unknown, unknown][]);
  for (const key of Object.keys(bag)) bag[key] = unpack(bag[key]);
  return bag;
};

/** The whole state as text. Throws on anything that would not come back the same. */
export const encodeState = (state: EngineState): string => JSON.stringify({ codec: STATE_CODEC, state: pack(state) });

/** The state that a text of this codec holds. Throws RangeError on any other text: then every fact must be replayed. */
export const decodeState = (text: string): EngineState => {
  const { codec, state } = JSON.parse(text) as { readonly codec: unknown; readonly state: unknown };
  if (codec !== STATE_CODEC) throw new RangeError(`The state is of codec ${String(codec)}; this is codec ${STATE_CODEC}`);
  const decoded = unpack(state) as EngineState;
  if (Object.keys(decoded).join() !== Object.keys(emptyState()).join()) throw new RangeError('The state has other parts than the engine');
  return decoded;
};
