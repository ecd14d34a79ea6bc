// The one text of a receipt, of which its hash is made (REQUIREMENTS E5): the same receipt gives the same text wherever it came from,
// whatever the order of its fields. Whoever compares must not compare anything else.
import type { StopReceipt } from './stop.ts';

const byName = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
    : value;

/** JSON without white space, the fields of every object in the order of their names, and without the hash itself. */
export const receiptText = (receipt: StopReceipt): string => JSON.stringify({ ...receipt, hash: undefined }, byName);
