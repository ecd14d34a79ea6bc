// Operating errors are values: what may fail says so in its type, and a caller cannot forget to look.

export type Result<T, E> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });
export const fail = <E>(error: E): { readonly ok: false; readonly error: E } => ({ ok: false, error });

/** For the arm of a switch that no value can reach; the compiler proves it, the throw catches what crossed a boundary unparsed. */
export const assertNever = (value: never): never => {
  throw new Error(`No such case: ${JSON.stringify(value)}`);
};

/** A broken invariant: trading stops and says so. Never for what the outside world can cause. */
export const invariant: (holds: boolean, claim: string) => asserts holds = (holds, claim) => {
  if (!holds) throw new Error(`Invariant broken: ${claim}`);
};
