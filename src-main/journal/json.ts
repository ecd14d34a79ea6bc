// A fact's one text, made once: what is hashed, stored and parsed again. Keys keep their order, so that a replayed fact is the same
// byte for byte (invariant Q6).

/** JSON of plain data. Throws RangeError on NaN and infinities, which JSON would turn into null in silence. */
export const factJson = (fact: object): string => {
  const json = JSON.stringify(fact);
  // A number that is not finite always shows as null; most facts have none, and then the walk is saved.
  if (json.includes('null')) assertFinite(fact);
  return json;
};

const assertFinite = (value: unknown): void => {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError('A fact holds a number that is not finite');
  if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) assertFinite(inner);
};
