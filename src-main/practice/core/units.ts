// Fixed point: the practice exchange counts every amount in units of 1e-8, prices in ticks and quantities in lots, all integers.
// Must never see a float: strings are read digit by digit and written back the same way.

/** Units in one whole (Binance's asset precision is 8 everywhere). */
export const UNITS = 100_000_000;
export const UNITS_BIG = 100_000_000n;

const ZERO = 48;
const NINE = 57;
const DOT = 46;

/**
 * Reads a plain decimal string ("12.34") as units of 1e-8. More than 8 decimals (trailing zeros aside) gives 'tooPrecise', anything
 * that is not a plain non-negative decimal 'malformed'. Values above 2^53 - 1 units (about 90 million) are clamped to that bound,
 * which every filter refuses; balances are read by `parseBalance` instead.
 */
export function parseUnits(text: string): number | 'malformed' | 'tooPrecise' {
  let units = 0;
  let decimals = -1;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT && decimals < 0 && i > 0) {
      decimals = 0;
      continue;
    }
    if (code < ZERO || code > NINE) return 'malformed';
    if (decimals >= 0 && ++decimals > 8) {
      if (code !== ZERO) return 'tooPrecise';
      continue;
    }
    units = units * 10 + (code - ZERO);
  }
  if (text.length === 0 || decimals === 0) return 'malformed';
  for (let i = Math.max(decimals, 0); i < 8; i++) units *= 10;
  return Math.min(units, Number.MAX_SAFE_INTEGER);
}

/** As parseUnits, for trusted text (specs, feeds). Throws RangeError on anything else. */
export function mustParseUnits(text: string): number {
  const units = parseUnits(text);
  if (typeof units === 'string') throw new RangeError(`not an amount with at most 8 decimals (${units}): ${text}`);
  return units;
}

/** An amount of any size as units of 1e-8. Throws RangeError when it is not a plain decimal with at most 8 decimals. */
export function parseBalance(text: string): bigint {
  const match = /^(\d+)(?:\.(\d{1,8})0*)?$/.exec(text);
  if (match === null) throw new RangeError(`not an amount with at most 8 decimals: ${text}`);
  return BigInt(match[1] ?? '0') * UNITS_BIG + BigInt((match[2] ?? '').padEnd(8, '0'));
}

/** Units as Binance prints them: always 8 decimals. The number must be a non-negative safe integer. */
export function formatUnits(units: number): string {
  const fraction = units % UNITS;
  return `${(units - fraction) / UNITS}.${(fraction + UNITS).toString().slice(1)}`;
}

/** As formatUnits for amounts of any size and sign. */
export function formatBig(units: bigint): string {
  if (units < 0n) return `-${formatBig(-units)}`;
  return `${units / UNITS_BIG}.${((units % UNITS_BIG) + UNITS_BIG).toString().slice(1)}`;
}

/** Exact integer quotient, rounded down; both safe non-negative integers. (A float division could round up.) */
export function floorDiv(a: number, b: number): number {
  return (a - (a % b)) / b;
}

/** A count that came out of exact arithmetic, as a number. Throws RangeError beyond 2^53 - 1. */
export function safeInteger(value: bigint): number {
  if (BigInt.asIntN(54, value) !== value) throw new RangeError(`${value} is no safe integer`);
  return Number(value);
}
