// The mark that only the gate can put on an order, and without which the venue's submit takes nothing. A type for the compiler and
// a set of minted objects for the running program: a cast does not forge one.

declare const mark: unique symbol;
/** A value that passed the gate in the state of this very instant. */
export type Approved<T extends object> = T & { readonly [mark]: 'approved' };

const minted = new WeakSet<object>();

/** For safety/gate.ts alone (an architecture test holds this). Freezes what it marks. */
export const mint = <T extends object>(value: T): Approved<T> => {
  minted.add(Object.freeze(value));
  return value as Approved<T>;
};

/** True for what the gate minted in this process. Each mark works once: the venue takes it off with the send. */
export const redeem = (value: object): boolean => minted.delete(value);
