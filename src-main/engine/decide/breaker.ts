// The circuit breaker and the automatic trips at work (REQUIREMENTS D, E1): on each tick the account is looked at, and what is proven
// beyond its threshold opens the breaker or trips the stop. The stop goes first. Nothing here forbids a cancel or a reduction.
import type { BreakerRule } from '../../../src-shared/domain/breaker.ts';
import { toText } from '../../../src-shared/domain/money.ts';
import type { Money } from '../../../src-shared/domain/money.ts';
import { sentence } from '../../../src-shared/errors/sentence.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { autoTripReason } from '../../safety/auto-trip.ts';
import { breachOf, canCloseBreaker, firstBreach, needsAgreement, probeAtMs, probeOutcome } from '../../safety/breaker.ts';
import type { Agreement, GoodReading, Verdict } from '../../safety/readings.ts';
import { follow, goodReading, verdictOf } from '../../safety/readings.ts';
import type { CancelOutcome, VenueFailure } from '../../venue/port.ts';
import { readAccount } from '../account-reading.ts';
import { apiErrorsNow, autoTripGaugesNow, breakerGaugesNow } from '../breaker-gauges.ts';
import type { BreakerNotes, StreakName } from '../breaker-notes.ts';
import { noteApiError } from '../breaker-notes.ts';
import type { Fact } from '../facts.ts';
import type { Input } from '../inputs.ts';
import { dateNow } from '../steady.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING, refused } from './context.ts';
import { trip } from './stop.ts';

// --------------------------------------------------------------------------------------------------------- API errors

/**
 * A call counts as an API error when the exchange did not do its part: it could not be reached or answered 5xx or -1000, -1001, -1008
 * (`unreachable`), it did not answer in time or answered -1006 or -1007 (`late`), or its answer makes no sense (`garbled`). A refusal is
 * an answer; a hold (429, 418) has its own limit (C9); a full budget is ours and never left this machine.
 */
const isApiError = ({ kind }: VenueFailure): boolean => kind === 'unreachable' || kind === 'late' || kind === 'garbled';

const cancelFailed = (outcome: CancelOutcome): boolean => outcome.kind === 'failed' && isApiError(outcome.failure);

/** The stop's own calls (those with a trip's number) are left out: it pursues them by itself, and its receipt names what failed. */
const bringsApiError = (input: Input): boolean => {
  switch (input.kind) {
    case 'submitted':
    case 'submitted-list':
      return input.outcome.kind === 'unknown';
    case 'replaced':
      return input.outcome.placed.kind === 'unknown' || cancelFailed(input.outcome.canceled);
    case 'canceled':
      return cancelFailed(input.outcome);
    case 'canceled-all':
      return input.tripId === null && cancelFailed(input.outcome);
    case 'queried':
      return input.outcome.kind === 'failed' && isApiError(input.outcome.failure);
    case 'account-seen':
      return input.tripId === null && !input.result.ok && isApiError(input.result.error);
    case 'books-seen':
      return !input.result.ok && isApiError(input.result.error);
    default:
      return false;
  }
};

/** Takes note of a call that failed, one for each that was made. */
export const noteApiErrors = ({ market, monoMs }: Context, input: Input): void => {
  if (bringsApiError(input)) noteApiError(market.breaker, monoMs);
};

// ----------------------------------------------------------------------------------------------------------- readings

/** A good look at the account, or null; it becomes what the next one is compared with. */
const look = ({ state, market, monoMs }: Context): GoodReading | null => {
  const reading = goodReading(readAccount(state, market, monoMs), market.breaker.last);
  if (reading !== null) market.breaker.last = reading;
  return reading;
};

/** The two readings that agree, once they do. Without a good reading the streak stays as it is. */
const agreed = ({ firsts }: BreakerNotes, name: StreakName, verdict: Verdict, reading: GoodReading | null): Agreement | null => {
  if (reading === null) return null;
  const followed = follow(firsts.get(name) ?? null, verdict, reading);
  if (followed.first === null) firsts.delete(name);
  else firsts.set(name, followed.first);
  if (followed.agreed !== null) firsts.delete(name);
  return followed.agreed;
};

const inverted = (verdict: Verdict): Verdict => (verdict === 'unknown' ? verdict : verdict === 'beyond' ? 'within' : 'beyond');

// ---------------------------------------------------------------------------------------------------- automatic trips

const autoTrip = (context: Context, policy: Policy, reading: GoodReading | null): Decision => {
  const { state, market } = context;
  const facts: Fact[] = [];
  const reasons: string[] = [];
  for (const gauge of autoTripGaugesNow(state, policy, context, reading?.equityUsdt ?? null, reading?.openLossUsdt ?? null)) {
    const verdict = verdictOf(gauge.value, gauge.limit);
    if (gauge.rule === 'execution-errors') {
      if (verdict === 'beyond') reasons.push(autoTripReason(gauge, null));
      continue;
    }
    const isAccepted = gauge.rule === 'open-loss' && state.autoTrip.openLossAccepted;
    if (isAccepted && agreed(market.breaker, 'recovered', inverted(verdict), reading) !== null) facts.push({ kind: 'open-loss.recovered' });
    const agreement = isAccepted ? null : agreed(market.breaker, `auto:${gauge.rule}`, verdict, reading);
    if (agreement !== null) reasons.push(autoTripReason(gauge, agreement));
  }
  const [first] = reasons;
  if (first === undefined || state.stop.phase === 'TRIPPED') return decided(facts);
  const tripped = trip(context, 'automatic', first, null);
  return decided([...facts, ...tripped.facts], tripped.effects);
};

/**
 * A reset of the stop begins the automatic trips' book anew (auto-trip-book.ts): its peak from what the account is worth now, and an open
 * loss that is beyond its limit, or that nobody can tell, trips again only once it was seen within.
 */
export const withBookBegunAnew = (context: Context, decision: Decision): Decision => {
  if (!decision.facts.some(({ kind }) => kind === 'stop.reset')) return decision;
  const { state, market } = context;
  const reading = look(context);
  const loss =
    state.policy === null
      ? undefined
      : autoTripGaugesNow(state, state.policy, context, reading?.equityUsdt ?? null, reading?.openLossUsdt ?? null).find(
          ({ rule }) => rule === 'open-loss',
        );
  const isAccepted = loss === undefined || verdictOf(loss.value, loss.limit) !== 'within';
  market.breaker.firsts.clear();
  const facts = decision.facts.map((fact) =>
    fact.kind === 'stop.reset' && isAccepted ? { ...fact, openLossAccepted: true as const } : fact,
  );
  return { ...decision, facts: [...facts, ...marked(reading)] };
};

// ------------------------------------------------------------------------------------------------------------ breaker

/** Peaks that were forgiven begin from what the account is worth now, not from the next mark of the minute. */
const marked = (reading: GoodReading | null): Fact[] =>
  reading === null ? [] : [{ kind: 'equity.marked', equityUsdt: toText(reading.equityUsdt as Money) }];

const breach = (context: Context, policy: Policy, reading: GoodReading | null): Decision => {
  const { state, market } = context;
  const found = [];
  for (const gauge of breakerGaugesNow(state, market, policy, context, reading?.equityUsdt ?? null)) {
    const verdict = verdictOf(gauge.value, gauge.limit);
    const agreement = needsAgreement(gauge.rule) ? agreed(market.breaker, gauge.rule, verdict, reading) : null;
    if (needsAgreement(gauge.rule) ? agreement !== null : verdict === 'beyond') found.push(breachOf(gauge, agreement));
  }
  const named = firstBreach(found, state.breaker);
  if (named === null) return NOTHING;
  // They are this trip's evidence: the next one needs its own.
  market.breaker.apiErrorsMs = [];
  return decided([{ kind: 'breaker.opened', breach: named }]);
};

const close = (context: Context, by: string, why: string, reading: GoodReading | null): Fact[] => {
  context.market.breaker.apiErrorsMs = [];
  context.market.breaker.firsts.clear();
  return [{ kind: 'breaker.closed', by, why }, ...marked(reading)];
};

/** After the cool-down of an infrastructure breach, and while calls go through, one order may try; its outcome decides (D). */
const probe = (context: Context, policy: Policy, reading: GoodReading | null): Decision => {
  const { state, market, nowMs, monoMs } = context;
  const { breaker } = state;
  const dueAtMs = probeAtMs({ ...breaker, openedAtMs: dateNow(state, market, 'breaker', context) }, policy.circuitBreaker);
  const isQuiet = apiErrorsNow(policy, market, monoMs) < policy.circuitBreaker.apiErrors;
  if (dueAtMs !== null && nowMs >= dueAtMs && isQuiet) return decided([{ kind: 'breaker.probing' }]);
  if (breaker.phase !== 'HALF_OPEN' || breaker.probe === null || breaker.breach === null) return NOTHING;
  const order = state.orders.get(breaker.probe) ?? null;
  switch (probeOutcome(order === null ? null : { status: order.status, sent: order.sentAtMs !== null })) {
    case 'waiting':
      return NOTHING;
    case 'lost':
      return decided([{ kind: 'breaker.probing' }]);
    case 'good':
      return decided(close(context, 'probe', `the exchange took ${breaker.probe}`, reading));
    case 'bad':
      return decided([
        {
          kind: 'breaker.opened',
          breach: { ...breaker.breach, text: `The probe ${breaker.probe} failed: ${sentence(order?.reason ?? '')}` },
        },
      ]);
  }
};

/** What each tick makes of the account. What it decides is decided alone: everything else of the tick sees it as true already. */
export const breakerStep = (context: Context): Decision => {
  const { policy } = context.state;
  if (policy === null) return NOTHING;
  const reading = look(context);
  for (const step of [autoTrip, probe, breach]) {
    const decision = step(context, policy, reading);
    if (decision.facts.length > 0) return decision;
  }
  return NOTHING;
};

/** A person's act: the rule that broke is read back and the reason given. What broke is forgiven with it, and measured anew. */
export const closeBreaker = (context: Context, by: string, why: string, readBackRule: BreakerRule): Decision => {
  const verdict = canCloseBreaker(context.state.breaker, readBackRule);
  if (!verdict.ok) return refused(verdict.error);
  return decided(close(context, by, why, look(context)), [], { kind: 'breaker-closed', rule: readBackRule });
};
