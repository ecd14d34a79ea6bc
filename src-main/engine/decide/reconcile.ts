// Reconciliation inside the engine: when to ask the venue, and how its plan becomes facts (REQUIREMENTS I). The plan itself is pure
// (reconcile/diff.ts); a failure is a fact, and the third in a row halts trading.
import type { Result } from '../../../src-shared/errors/result.ts';
import { diff } from '../../reconcile/diff.ts';
import type { VenueBooks } from '../../reconcile/diff.ts';
import type { VenueFailure } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import { RECONCILE_FAILURES_HALT } from '../trading.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { adoption, learn } from './venue-truth.ts';

const EVERY_MS = 5 * 60_000;
const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 30_000;
/** A comparison that never came back is given up after this long; the venue port's own deadlines are shorter. */
const LOST_AFTER_MS = 60_000;

/** Begins a comparison, or leaves the one under way alone. */
export const askForBooks = (context: Context, why: string): Decision => {
  const { market, nowMs } = context;
  if (market.reconciling !== null && nowMs - market.reconciling.sinceMs < LOST_AFTER_MS) return NOTHING;
  market.reconciling = { sinceMs: nowMs, why };
  market.reconcileRetryAtMs = null;
  return decided([], [{ kind: 'see-books', why }]);
};

/** Periodic, after a lost stream, and again after a failure. */
export const reconcileStep = (context: Context): Decision => {
  const { market, state, nowMs } = context;
  if (state.policy === null || market.instruments.size === 0) return NOTHING;
  if (market.reconcileRetryAtMs !== null) return nowMs >= market.reconcileRetryAtMs ? askForBooks(context, 'again after a failure') : NOTHING;
  if (market.missedEvents && state.session.reconciled && market.streams.user.status === 'live') return askForBooks(context, 'the account stream was away');
  const lastAtMs = state.reconciliation.atMs;
  if (state.session.reconciled && lastAtMs !== null && nowMs - lastAtMs >= EVERY_MS) return askForBooks(context, 'every five minutes');
  return NOTHING;
};

const failed = (context: Context, why: string, failure: VenueFailure): Decision => {
  const failures = context.state.reconciliation.failures + 1;
  context.market.reconcileRetryAtMs = context.nowMs + Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** (failures - 1));
  const alert: Effect = { kind: 'alert', severity: 'danger', key: 'reconcile', title: 'The books could not be compared', text: `${failures} times in a row: ${failure.text} Trading is halted until a comparison succeeds.` };
  return decided([{ kind: 'reconcile.failed', why, text: failure.text }], failures >= RECONCILE_FAILURES_HALT ? [alert] : []);
};

/** The venue's books are here: what differs is taken over, and said. */
export const onBooksSeen = (context: Context, why: string, startedAtMs: number, result: Result<VenueBooks, VenueFailure>): Decision => {
  const { state, market, nowMs } = context;
  market.reconciling = null;
  if (!result.ok) return failed(context, why, result.error);
  const touched = new Set([...market.balanceTimes].filter(([, time]) => time.receivedAtMs >= startedAtMs).map(([asset]) => asset as string));
  const plan = diff(state, result.value, startedAtMs, touched, nowMs);
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const { order, venue, fills } of plan.resolutions) {
    const learned = learn(context, order, venue, fills, 'query');
    facts.push(...learned.facts);
    effects.push(...learned.effects);
  }
  for (const order of plan.absent) {
    facts.push(
      order.venueOrderId === null
        ? { kind: 'order.rejected', clientOrderId: order.clientOrderId, code: -2013, text: 'The exchange does not know it, and by now no request could still arrive.', proof: 'absent-after-window' }
        : { kind: 'order.ended', clientOrderId: order.clientOrderId, status: 'CANCELED', proof: 'absent-after-window', reason: 'the exchange does not know it any more', venueTimeMs: order.venueTimeMs },
    );
  }
  for (const venue of plan.adoptions) {
    facts.push(adoption(venue));
    if (venue.filledQty !== '0') effects.push({ kind: 'query', symbol: venue.symbol, clientOrderId: venue.clientOrderId as never });
  }
  // A full statement settles what is on the books; it never settles an order that may still be on its way.
  facts.push({ kind: 'balances.updated', entries: plan.balances.entries, full: plan.balances.full, venueTimeMs: plan.balances.full ? newestVenueTime(context) : 0 });
  facts.push({ kind: 'reconciled', why, differences: plan.differences, tookMs: nowMs - startedAtMs });
  market.missedEvents = false;
  if (plan.differences.length > 0 && state.session.reconciled) {
    effects.push({ kind: 'alert', severity: 'warning', key: 'reconcile-difference', title: 'The books differed', text: `${plan.differences.length} differences were found and dealt with: ${plan.differences.slice(0, 3).map((one) => `${one.what} ${one.key} ${one.action}`).join('; ')}.` });
  }
  return decided(facts, effects);
};

const newestVenueTime = (context: Context): number => {
  let newest = 0;
  for (const id of context.state.unsettled) newest = Math.max(newest, context.state.orders.get(id)?.venueTimeMs ?? 0);
  return newest;
};
