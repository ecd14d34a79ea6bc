// Reconciliation inside the engine: when to ask the venue, and how its plan becomes facts (REQUIREMENTS I). The plan itself is pure
// (reconcile/diff.ts); a failure is a fact, and the third in a row halts trading.
import type { Result } from '../../../src-shared/errors/result.ts';
import { diff, LEFT_ALONE } from '../../reconcile/diff.ts';
import type { Plan, VenueBooks } from '../../reconcile/diff.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { survivorsOf } from '../../safety/emergency-stop.ts';
import type { AccountSnapshot, VenueFailure, VenueOrder } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import { reconcileFailuresToHalt } from '../trading.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { judgeAccount } from './account.ts';
import { condemn } from './doubts.ts';
import { absence, adopt, learn } from './venue-truth.ts';

const MINUTE_MS = 60_000;
const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 30_000;
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
  market.reconcileAgain = null;
  return decided([], [{ kind: 'see-books', why }]);
};

/** Periodic, after a lost stream, and again after a failure. */
export const reconcileStep = (context: Context): Decision => {
  const { market, state, nowMs, monoMs } = context;
  if (state.policy === null || market.instruments.size === 0) return NOTHING;
  if (market.reconcileAgain !== null)
    return monoMs >= market.reconcileAgain.atMs ? askForBooks(context, market.reconcileAgain.why) : NOTHING;
  if (market.missedEvents && state.session.reconciled && market.streams.user.status === 'live')
    return askForBooks(context, 'the account stream was away');
  const sinceMs = nowMs - (state.reconciliation.atMs ?? nowMs);
  // A negative time is a clock that stepped back.
  const isDue = sinceMs < 0 || sinceMs >= state.policy.checks.reconcileEveryMinutes * MINUTE_MS;
  if (state.session.reconciled && isDue) return askForBooks(context, 'as planned');
  return NOTHING;
};

const askAgain = ({ market, nowMs, monoMs }: Context, times: number, why: string): void => {
  const delayMs = Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** (times - 1));
  market.reconcileAgain = { atMs: monoMs + delayMs, wallMs: nowMs + delayMs, why };
};

const failed = (context: Context, why: string, failure: VenueFailure): Decision => {
  const failures = context.state.reconciliation.failures + 1;
  askAgain(context, failures, 'again after a failure');
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

/** The venue's books are here: what differs is taken over, and said. */
export const onBooksSeen = (context: Context, why: string, startedAtMs: number, result: Result<VenueBooks, VenueFailure>): Decision => {
  const { state, market, nowMs } = context;
  const begun = market.reconciling;
  market.reconciling = null;
  if (!result.ok) return failed(context, why, result.error);
  const touched = touchedSince(context, startedAtMs);
  const plan = diff(state, result.value, startedAtMs, new Set(market.instruments.keys()), touched);
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const { order, venue, fills } of plan.resolutions) {
    const learned = learn(context, order, venue, fills, 'query');
    facts.push(...learned.facts);
    effects.push(...learned.effects);
  }
  facts.push(...plan.absent.map(absence));
  for (const { venue, fills } of plan.adoptions) {
    const adopted = adopt(context, venue, fills);
    facts.push(...adopted.facts);
    effects.push(...adopted.effects);
  }
  effects.push(...condemnSurvivors(context, result.value.openOrders));
  // A full statement settles what is on the books; it never settles an order that may still be on its way.
  facts.push(statement(context, plan.balances, startedAtMs));
  const account = judgeAccount(context, result.value.balances, facts, startedAtMs, touched);
  facts.push(...account.facts);
  market.unexplainedReadings = market.unexplained.size > 0 ? market.unexplainedReadings + 1 : 0;
  if (market.unexplained.size > 0) askAgain(context, market.unexplainedReadings, 'the balances do not add up yet');
  const differences = [...plan.differences, ...account.differences];
  facts.push({ kind: 'reconciled', why, differences, tookMs: nowMs - startedAtMs });
  // Only a comparison that began after the stream's newest return tells all that was missed.
  if (market.streams.user.status === 'live' && begun?.userOutages === market.userOutages) market.missedEvents = false;
  const dealtWith = differences.filter((one) => one.action !== LEFT_ALONE);
  if (dealtWith.length > 0 && state.reconciliation.atMs !== null) {
    effects.push({
      kind: 'alert',
      severity: 'warning',
      key: 'reconcile-difference',
      title: 'The books differed',
      text: `${dealtWith.length} differences were found and dealt with: ${dealtWith
        .slice(0, 3)
        .map((one) => `${one.what} ${one.key} ${one.action}`)
        .join('; ')}.`,
    });
  }
  return decided(facts, effects);
};

/** The venue's whole account, as far as the stream said nothing newer. */
const statement = (context: Context, { entries, full }: Plan['balances'], askedAtMs: number): Fact => ({
  kind: 'balances.updated',
  entries,
  full,
  venueTimeMs: full ? newestVenueTime(context, askedAtMs) : 0,
});

/** Fills whose balances the stream kept to itself: asked for, so that equity and the day's loss do not wait for a comparison. */
export const balancesStep = (context: Context): Effect[] => {
  const { market, state, monoMs, nowMs } = context;
  if (!state.session.reconciled || (market.balancesAskedAtMs !== null && monoMs - market.balancesAskedAtMs < BALANCES_AGAIN_MS)) return [];
  const isOverdue = [...state.unsettled].some((id) => {
    const order = state.orders.get(id);
    // Either way: a wall clock that stepped back must not put it off.
    return order !== undefined && order.fills.length > 0 && Math.abs(nowMs - order.updatedAtMs) >= BALANCES_OVERDUE_MS;
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

/** What must not live by the stop's word although no order here stands for it: on symbols that this console does not trade, too. */
const condemnSurvivors = (context: Context, open: readonly VenueOrder[]): Effect[] => {
  const { stop, orders } = context.state;
  const named = new Set(survivorsOf(stop).map((order) => order.venueOrderId));
  return open
    .filter((order) => !orders.has(order.clientOrderId as ClientOrderId))
    .filter((order) => stop.phase === 'TRIPPED' || named.has(order.venueOrderId))
    .flatMap((order) => condemn(context, { symbol: order.symbol, clientOrderId: order.clientOrderId as ClientOrderId }));
};

/** Assets whose balance the stream stated after the venue was asked: that is newer than the answer. */
export const touchedSince = ({ market }: Context, askedAtMs: number): ReadonlySet<string> =>
  new Set([...market.balanceTimes].filter(([, time]) => time.receivedAtMs >= askedAtMs).map(([asset]) => asset));

/** Up to here the answer's balances hold whatever the orders of then had locked or moved; what came after the question is not in them. */
const newestVenueTime = ({ state }: Context, askedAtMs: number): number => {
  let newest = 0;
  for (const id of state.unsettled) {
    const order = state.orders.get(id);
    if (order !== undefined && order.updatedAtMs < askedAtMs) newest = Math.max(newest, order.venueTimeMs);
  }
  return newest;
};
