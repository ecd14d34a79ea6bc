// The account's book-keeping in time (REQUIREMENTS C4, D): a UTC day is opened with what the account is worth, and equity is marked once a
// minute and at highs and lows that matter, for the peaks that drawdowns are measured on. It rests on two looks that agree, never on one,
// and on no clock that this computer's user has just set: a day that begins too soon would forget a loss.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { toText } from '../../../src-shared/domain/money.ts';
import { isSameBalance } from '../../reconcile/diff.ts';
import { isSecond } from '../../safety/readings.ts';
import { MAX_CLOCK_OFFSET_MS } from '../../safety/self-test.ts';
import { equityOf } from '../equity.ts';
import { utcDayOf } from '../evolve.ts';
import type { Fact } from '../facts.ts';
import type { Context } from './context.ts';

const MARK_EVERY_MS = 60_000;
/** A high or low that matters: so much of the newest mark above or below it. */
const MATTERS_SHARE = 0.005;
/** Two looks agree when they are no further apart than this part of the first. */
const AGREE_SHARE = 0.005;

/**
 * True while the wall clock shows the exchange's time. It is measured once a minute; in between, the monotonic clock carries it on, so
 * that a step of the wall clock shows at once. Never measured: nothing speaks against it.
 */
const isWallRight = ({ market, nowMs, monoMs }: Context): boolean =>
  market.exchangeAheadMs === null || Math.abs(monoMs + market.exchangeAheadMs - nowMs) <= MAX_CLOCK_OFFSET_MS;

/** True when the facts explain every balance: no fill and no deposit is half known. */
const isSettled = ({ state, market }: Context): boolean => {
  const { ledger, balances } = state;
  if (!state.session.reconciled || ledger === null || market.unexplained.size > 0 || market.missedEvents) return false;
  const zero = new Decimal(0);
  for (const [asset, { free, locked }] of balances) {
    if (!isSameBalance(ledger.totals.get(asset) ?? zero, free.plus(locked))) return false;
  }
  for (const [asset, total] of ledger.totals) if (!balances.has(asset) && !total.isZero()) return false;
  return true;
};

/**
 * The lower of two looks at a settled account that agree, a second apart and on quotes that came meanwhile; null without them. A look
 * that tells nothing leaves the one before it waiting. The breaker's step has taken the look of this tick (decide/breaker.ts).
 */
const agreedEquity = (context: Context): Decimal | null => {
  const { market, monoMs } = context;
  const { last } = market.breaker;
  if (last === null || last.atMs !== monoMs || !isSettled(context)) return null;
  const first = market.equitySeen;
  // One wrong quote that stands for seconds is one look, however often it is looked at: a peak made of it would trip when it is gone.
  if (first !== null && !isSecond(first, last)) return null;
  market.equitySeen = last;
  if (first === null) return null;
  const { equityUsdt } = last;
  const isAgreed = equityUsdt.minus(first.equityUsdt).abs().lte(first.equityUsdt.times(AGREE_SHARE));
  return isAgreed ? Decimal.min(first.equityUsdt, equityUsdt) : null;
};

/** A clock that stepped back opens no day again: the book of the later day goes on. */
const openDay = (context: Context, agreed: Decimal | null): Fact[] => {
  const { state, market, nowMs } = context;
  const today = utcDayOf(nowMs);
  // Money that nobody told of is booked first: it must not be in the opening and in the day's deposits.
  if (!state.session.reconciled || market.unexplained.size > 0) return [];
  if (state.day !== null && (state.day.dayUtc >= today || agreed === null)) return [];
  const equity = equityOf(state, market);
  return equity === null ? [] : [{ kind: 'day.opened', dayUtc: today, equityUsdt: toText(equity) }];
};

const isMarkDue = ({ state: { risk }, nowMs }: Context, equityUsdt: Decimal): boolean => {
  const { markedAtMs, markedUsdt } = risk;
  if (markedAtMs === null || markedUsdt === null || utcDayOf(nowMs) > risk.dayUtc) return true;
  // Either way: a wall clock that stepped back must not put it off.
  return Math.abs(nowMs - markedAtMs) >= MARK_EVERY_MS || equityUsdt.minus(markedUsdt).abs().gte(markedUsdt.times(MATTERS_SHARE));
};

/** What each tick makes of it: the day first, then the mark that its peak starts from. */
export const accountDayStep = (context: Context): Fact[] => {
  if (!isWallRight(context)) return [];
  const agreed = agreedEquity(context);
  const facts = openDay(context, agreed);
  if (agreed !== null && isMarkDue(context, agreed)) facts.push({ kind: 'equity.marked', equityUsdt: toText(agreed) });
  return facts;
};
