// Two agreeing readings (REQUIREMENTS D): one look at the account never trips anything, and one bad look neither advances nor clears
// what the looks before it began. Pure: whoever keeps the streaks gives them in and takes them back.
import type { Decimal } from '../../src-shared/domain/decimal.ts';

/** One look at the account. Null: it could not be told. */
export interface AccountReading {
  readonly equityUsdt: Decimal | null;
  /** What the open positions would lose together if they were closed now; 0 when they would gain. */
  readonly openLossUsdt: Decimal | null;
  /** Monotonic ms. */
  readonly atMs: number;
  /** When the oldest quote came that it rests on (monotonic ms); null: it rests on none. */
  readonly quotedAtMs: number | null;
}

/** A good reading: what it says is known. */
export interface GoodReading extends AccountReading {
  readonly equityUsdt: Decimal;
}

/** Readings of one breach lie so far apart at least. */
export const AGREE_AFTER_MS = 1000;
/** A quote that nothing has replaced for so long is no glitch any more: it is the market. */
const STANDS_MS = 10_000;
/** No account moves by more than half of itself from one look to the next: such a jump must last so long to be believed. */
const JUMP_BELIEVED_AFTER_MS = 10_000;

/** A number that a decision may rest on: known, finite and not negative. */
const isSound = (value: Decimal | null): value is Decimal => value !== null && value.isFinite() && !value.isNegative();

/**
 * The reading when it is good, else null. `last` is the newest good one: a jump to less than half or more than twice of it within ten
 * seconds is a bad quote until it has lasted.
 */
export const goodReading = (reading: AccountReading, last: GoodReading | null): GoodReading | null => {
  const { equityUsdt, atMs } = reading;
  if (!isSound(equityUsdt)) return null;
  const isJump = last !== null && (equityUsdt.times(2).lt(last.equityUsdt) || equityUsdt.gt(last.equityUsdt.times(2)));
  return isJump && atMs - last.atMs < JUMP_BELIEVED_AFTER_MS ? null : { ...reading, equityUsdt };
};

/** What a good reading says of one threshold. A bad one says `unknown`. */
export type Verdict = 'beyond' | 'within' | 'unknown';

export const verdictOf = (value: Decimal | null, limit: Decimal): Verdict =>
  !isSound(value) ? 'unknown' : value.gte(limit) ? 'beyond' : 'within';

/** The readings that agree on a breach, older first. */
export type Agreement = readonly [first: GoodReading, second: GoodReading];

/** Where the streak of one threshold stands: the first reading that is waiting for a second one. */
export interface Followed {
  readonly first: GoodReading | null;
  readonly agreed: Agreement | null;
}

/** The second look must be a look at something new: a second later, and on quotes that came meanwhile. */
export const isSecond = (first: GoodReading, { atMs, quotedAtMs }: GoodReading): boolean => {
  const apartMs = atMs - first.atMs;
  return apartMs >= AGREE_AFTER_MS && (quotedAtMs === null || quotedAtMs > first.atMs || apartMs >= STANDS_MS);
};

export const follow = (first: GoodReading | null, verdict: Verdict, reading: GoodReading): Followed => {
  if (verdict === 'unknown') return { first, agreed: null };
  if (verdict === 'within') return { first: null, agreed: null };
  if (first === null) return { first: reading, agreed: null };
  return { first, agreed: isSecond(first, reading) ? [first, reading] : null };
};

/** The two readings in words. */
export const readingsText = ([first, second]: Agreement): string =>
  `two readings agree: ${first.equityUsdt.toFixed(2)} and ${second.equityUsdt.toFixed(2)} USDT, ${((second.atMs - first.atMs) / 1000).toFixed(1)} s apart`;
