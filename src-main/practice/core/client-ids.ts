// The client ids that the exchange draws where a client gives none: 22 characters without a meaning, as Binance's are, so that no
// client's own id runs into them. Pure: one seed and one count give one id.
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const LENGTH = 22;
const SALTS = { order: 0x51ed270b, list: 0x2c1b3c6d, cancel: 0x297a2d39 } as const;

/** The n-th id of its kind. Two ids of one kind and seed differ for any two n below 2^32. */
export function drawnClientId(seed: number, kind: keyof typeof SALTS, n: number): string {
  const even = mixed(mixed(seed ^ SALTS[kind]) ^ n);
  const odd = mixed(~even ^ SALTS[kind]) ^ mixed(n + SALTS[kind]);
  let id = '';
  for (let place = 0; place < LENGTH; place++) {
    const drawn = mixed((place % 2 === 0 ? even : odd) + Math.imul(place, 0x9e3779b1));
    id += ALPHABET.charAt((drawn >>> 0) % ALPHABET.length);
  }
  return id;
}

/** A 32-bit finaliser (lowbias32): different numbers stay different. */
function mixed(value: number): number {
  let state = value | 0;
  state = Math.imul(state ^ (state >>> 16), 0x7feb352d);
  state = Math.imul(state ^ (state >>> 15), 0x846ca68b);
  return state ^ (state >>> 16);
}
