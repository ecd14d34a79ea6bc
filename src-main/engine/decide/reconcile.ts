// When the venue is asked for its books, or for the account alone, and what a failure means: it is a fact, and the third in a row halts
// trading (REQUIREMENTS I). What the answer makes true is in books.ts.
import type { Result } from '../../../src-shared/errors/result.ts';
import type { Plan } from '../../reconcile/diff.ts';
import type { AccountSnapshot, VenueFailure } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import { changedAtMs } from '../steady.ts';
import { reconcileFailuresToHalt } from '../trading.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';

const MINUTE_MS = 60_000;
const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 30_000;
const BUDGET_RETRY_MS = 20_000;
/** A comparison that never came back is given up after this long; the venue port's own deadlines are shorter. */
const LOST_AFTER_MS = 60_000;
/** How long after a fill the stream may still owe the balances, and how often they are asked for when it keeps them. */
const BALANCES_OVERDUE_MS = 1500;
const BALANCES_AGAIN_MS = 5000;

/** Begins a comparison, or leaves the one under way alone. */
export const askForBooks = (context: Context, why: string): Decision => {
  const { market, monoMs } = context;
  if (market.reconciling !== null && monoMs - market.reconciling.sinceMs < LOST_AFTER_MS) return NOTHING;
  market.reconciling = { sinceMs: monoMs, why, userOutages: market.userOutages };
  market.comparedAtMs = monoMs;
  market.reconcileAgain = null;
  return decided([], [{ kind: 'see-books', why }]);
};

/** A stream that comes and goes must not use up the minute's weight: once half of it is gone, comparisons keep apart. */
const leastGapMs = ({ market, state }: Context): number =>
  (market.budget?.usedWeight ?? 0) * 2 > (state.policy?.limits.maxRequestWeight ?? 0) ? BUDGET_RETRY_MS : 0;

/** Periodic, after a lost stream, and again after a failure. */
export const reconcileStep = (context: Context): Decision => {
  const { market, state, nowMs, monoMs } = context;
  if (state.policy === null || market.instruments.size === 0) return NOTHING;
  const isBack = market.missedEvents && state.session.reconciled && market.streams.user.status === 'live';
  if (isBack && market.comparedAtMs < market.sweepSinceMs && monoMs - market.comparedAtMs >= leastGapMs(context))
    return askForBooks(context, 'the account stream was away');
  if (market.reconcileAgain !== null)
    return monoMs >= market.reconcileAgain.atMs ? askForBooks(context, market.reconcileAgain.why) : NOTHING;
  if (isBack && market.comparedAtMs >= market.sweepSinceMs) return askForBooks(context, 'the account stream was away');
  const sinceMs = nowMs - (state.reconciliation.atMs ?? nowMs);
  // A negative time is a clock that stepped back.
  const isDue = sinceMs < 0 || sinceMs >= state.policy.checks.reconcileEveryMinutes * MINUTE_MS;
  if (state.session.reconciled && isDue) return askForBooks(context, 'as planned');
  return NOTHING;
};

/** Plans a comparison before its time. */
export const askIn = ({ market, nowMs, monoMs }: Context, delayMs: number, why: string): void => {
  market.reconcileAgain = { atMs: monoMs + delayMs, wallMs: nowMs + delayMs, why };
};

/** The same, later each time in a row. */
export const askAgain = (context: Context, times: number, why: string, leastMs = 0): void =>
  askIn(context, Math.max(leastMs, Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** (times - 1))), why);

/** The venue's books did not come: a fact, and the third in a row halts. */
export const failed = (context: Context, why: string, failure: VenueFailure): Decision => {
  const failures = context.state.reconciliation.failures + 1;
  // Weight comes back with the next minute, and a hold ends when it ends: asking sooner is no failure of the books.
  askAgain(context, failures, 'again after a failure', failure.kind === 'budget' || failure.kind === 'held' ? BUDGET_RETRY_MS : 0);
  const alert: Effect = {
    kind: 'alert',
    severity: 'danger',
    key: 'reconcile',
    title: 'The books could not be compared',
    text: `${failures} times in a row: ${failure.text} Trading is halted until a comparison succeeds.`,
  };
  return decided(
    [{ kind: 'reconcile.failed', why, text: failure.text }],
    failures >= reconcileFailuresToHalt(context.state) ? [alert] : [],
  );
};

/** The venue's whole account, as far as the stream said nothing newer. */
export const statement = (context: Context, { entries, full }: Plan['balances'], askedAtMs: number): Fact => ({
  kind: 'balances.updated',
  entries,
  full,
  venueTimeMs: full ? newestVenueTime(context, askedAtMs) : 0,
});

/** Fills, and orders that lock funds, whose balances the stream kept to itself: asked for, so that equity and the day's loss do not wait for a comparison. */
export const balancesStep = (context: Context): Effect[] => {
  const { market, state, monoMs, nowMs } = context;
  if (!state.session.reconciled || (market.balancesAskedAtMs !== null && monoMs - market.balancesAskedAtMs < BALANCES_AGAIN_MS)) return [];
  const isOverdue = [...state.unsettled].some((id) => {
    const order = state.orders.get(id);
    // Either way: a wall clock that stepped back must not put it off.
    const moves = order !== undefined && (order.fills.length > 0 || (order.status === 'ACCEPTED' && !order.pending));
    return moves && Math.abs(nowMs - order.updatedAtMs) >= BALANCES_OVERDUE_MS;
  });
  if (!isOverdue) return [];
  market.balancesAskedAtMs = monoMs;
  return [{ kind: 'see-account', tripId: null }];
};

/** The account without a comparison of the books. */
export const onBalancesSeen = (context: Context, askedAtMs: number, result: Result<AccountSnapshot, VenueFailure>): Decision => {
  if (!result.ok) return NOTHING;
  const touched = touchedSince(context, askedAtMs);
  const entries = result.value.balances.filter((entry) => !touched.has(entry.asset));
  return decided([statement(context, { entries, full: touched.size === 0 }, askedAtMs)]);
};

/** Assets whose balance the stream stated after the venue was asked: that is newer than the answer. */
export const touchedSince = ({ market }: Context, askedAtMs: number): ReadonlySet<string> =>
  new Set([...market.balanceTimes].filter(([, time]) => time.receivedAtMs >= askedAtMs).map(([asset]) => asset));

/** Up to here the answer's balances hold whatever the orders of then had locked or moved; what came after the question is not in them. */
const newestVenueTime = ({ state }: Context, askedAtMs: number): number => {
  let newest = 0;
  for (const id of state.unsettled) {
    const order = state.orders.get(id);
    if (order !== undefined && changedAtMs(order) < askedAtMs) newest = Math.max(newest, order.venueTimeMs);
  }
  return newest;
};
