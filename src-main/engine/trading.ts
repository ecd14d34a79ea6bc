// The causes that restrict trading now, out of state, market and time; safety/trading-state.ts takes the worst (DESIGN 6).
import type { ClientOrderId } from '../../src-shared/domain/ids.ts';
import { compilePolicy } from '../../src-shared/policy/compiled.ts';
import { unendingOf } from '../reconcile/convergence.ts';
import { breakerText } from '../safety/breaker.ts';
import { lossesForbidUntil } from '../safety/limits/losses.ts';
import { MAX_CLOCK_OFFSET_MS } from '../safety/self-test.ts';
import type { Cause, TradingState } from '../safety/trading-state.ts';
import { tradingStateOf } from '../safety/trading-state.ts';
import { unvaluedAssetOf } from './equity.ts';
import { ladderProblem } from './ladder-view.ts';
import type { Market } from './market.ts';
import type { Moment } from './ports.ts';
import type { EngineState } from './state.ts';
import { dateNow } from './steady.ts';

/** After so many failed reconciliations in a row nothing trades (REQUIREMENTS I); the policy may say fewer. */
export const reconcileFailuresToHalt = (state: EngineState): number => state.policy?.checks.reconcileFailuresToHalt ?? 3;

/** Balances that do not add up in so many comparisons in a row, each time otherwise or never at rest, halt trading. */
export const GAP_READINGS_TO_HALT = 10;
export const areGapsUnending = (market: Market): boolean => market.unexplainedReadings >= GAP_READINGS_TO_HALT;

/** What the comparisons of the books leave open. */
const bookCauses = (state: EngineState, market: Market): Cause[] => {
  const { session, reconciliation } = state;
  const cause = (level: Cause['level'], text: string): Cause => ({ code: 'RECONCILIATION', level, text });
  const found: Cause[] = [];
  const unending = unendingOf(reconciliation);
  const [gap] = market.unexplained;
  if (market.resetSuspect !== null) found.push(cause('HALTED', market.resetSuspect.text));
  if (unending !== null)
    found.push(
      cause(
        'HALTED',
        `A difference comes back however often it is dealt with: ${unending.what} ${unending.key}, ${unending.local} here, ${unending.venue} at the exchange (${unending.action}).`,
      ),
    );
  if (reconciliation.failures >= reconcileFailuresToHalt(state))
    found.push(cause('HALTED', `Reconciliation failed ${reconciliation.failures} times: ${reconciliation.text}`));
  else if (session.reconciled && market.missedEvents && market.streams.user.status === 'live')
    found.push(cause('REDUCING', 'What was missed is not known in full yet: the exchange is being asked.'));
  if (gap !== undefined)
    found.push(
      cause(
        areGapsUnending(market) ? 'HALTED' : 'REDUCING',
        `The exchange's balance of ${gap[0]} differs by ${gap[1].toFixed()} from what is known here; it is asked again before anything is opened.`,
      ),
    );
  return found;
};

/** Streams that are said to be live and say nothing (C11): how long ago each was heard, where that is too long. */
const silences = ({ policy }: EngineState, market: Market, monoMs: number): Cause[] => {
  if (policy === null) return [];
  const { maxQuoteAgeMs, maxUserStreamSilenceMs } = policy.limits;
  const { streams } = market;
  const cause = (code: 'USER_STREAM' | 'MARKET_STREAM', heardAtMs: number | null, mostMs: number, what: string): Cause[] => {
    if (heardAtMs === null || monoMs - heardAtMs <= mostMs) return [];
    const text = `${what} for ${Math.round((monoMs - heardAtMs) / 1000)} s: nothing is opened until there is news.`;
    return [{ code, level: 'REDUCING', text }];
  };
  return [
    ...(streams.user.status === 'live'
      ? cause('USER_STREAM', streams.user.aliveAtMs, maxUserStreamSilenceMs, 'The account stream has been silent')
      : []),
    ...(streams.market.status === 'live' ? cause('MARKET_STREAM', market.quotedAtMs, maxQuoteAgeMs, 'No quote has come') : []),
  ];
};

/** Minutes and seconds. */
const countdown = (leftMs: number): string => {
  const leftS = Math.max(0, Math.ceil(leftMs / 1000));
  return `${Math.floor(leftS / 60)}:${String(leftS % 60).padStart(2, '0')}`;
};

/** C13: the gate has it as a limit too; as a cause it also holds at the wire, and stands where the trader looks first. */
const losses = (state: EngineState, market: Market, moment: Moment): Cause[] => {
  const { policy, risk } = state;
  const { nowMs } = moment;
  const lastLossAtMs = dateNow(state, market, 'loss', moment);
  const untilMs = policy === null ? null : lossesForbidUntil({ nowMs, lossesInRow: risk.lossesInRow, lastLossAtMs }, compilePolicy(policy));
  if (untilMs === null) return [];
  const left = Number.isFinite(untilMs) ? ` for ${countdown(untilMs - nowMs)} more` : '';
  return [
    {
      code: 'LOSSES',
      level: 'REDUCING',
      text: `${risk.lossesInRow} losses in a row: openings are denied${left}, or until a close wins.`,
    },
  ];
};

const causes = (state: EngineState, market: Market, { nowMs, monoMs }: Moment, asked: readonly ClientOrderId[]): Cause[] => {
  const found: Cause[] = [];
  const add = (code: Cause['code'], level: Cause['level'], text: string) => found.push({ code, level, text });
  const { stop, session, selfTest } = state;
  if (stop.phase === 'TRIPPED')
    add(
      'EMERGENCY_STOP',
      'HALTED',
      `Emergency stop ${stop.tripId} by ${stop.trigger ?? 'unknown'}${stop.reason === '' ? '' : `: ${stop.reason}`}. Only a reset by you ends it.`,
    );
  if (stop.phase === 'COOLING_DOWN') {
    const left = countdown((dateNow(state, market, 'coolDown', { nowMs, monoMs }) ?? nowMs) - nowMs);
    add('COOLING_DOWN', 'REDUCING', `Cooling down after the reset: openings are denied for ${left} more.`);
  }
  if (market.engineProblem !== '') add('ENGINE_BROKEN', 'HALTED', market.engineProblem);
  if (market.journalProblem !== '') add('JOURNAL_BROKEN', 'HALTED', market.journalProblem);
  if (market.policyProblem !== '') add('POLICY_BROKEN', market.policyStandsIn ? 'REDUCING' : 'HALTED', market.policyProblem);
  else if (state.policy === null) add('POLICY_BROKEN', 'HALTED', 'No policy is loaded yet.');
  if (market.modeProblem !== '') add('MODE_REFUSED', 'HALTED', market.modeProblem);
  if (!session.reconciled || !session.selfTested)
    add('RECOVERING', 'HALTED', `Starting: ${session.reconciled ? 'the self-test is running' : 'comparing the books with the exchange'}.`);
  else {
    const unvalued = unvaluedAssetOf(state, market);
    const awaited = unvalued === 'all' ? "the exchange's symbols" : `a price${unvalued === null ? '' : ` of ${unvalued}`}`;
    // One coin without a price (its market is suspended) denies what opens, perhaps for long; it must not lock in all the others (C14).
    if (unvalued !== null || state.day === null)
      add('RECOVERING', unvalued === 'all' ? 'HALTED' : 'REDUCING', `Starting: the account cannot be valued yet, waiting for ${awaited}.`);
  }
  // Open, it denies what opens and lets reduce: a loss must not be locked in, and its protection goes on working (HALTED would stop both).
  const isProbe = state.breaker.probe !== null && asked.includes(state.breaker.probe);
  const broken = breakerText(state.breaker, state.policy?.circuitBreaker ?? null, isProbe);
  if (broken !== '') add('BREAKER', 'REDUCING', broken);
  const unproven = ladderProblem(state);
  if (unproven !== '') add('LADDER', 'REDUCING', unproven);
  const red = selfTest?.items.filter((item) => item.verdict === 'fail') ?? [];
  if (session.selfTested && red.length > 0)
    add('SELF_TEST', 'HALTED', `Self-test failed: ${red.map((item) => `${item.title}: ${item.text}`).join(' · ')}`);
  const offsetMs = Math.round(market.clock?.offsetMs ?? 0);
  if (Math.abs(offsetMs) > MAX_CLOCK_OFFSET_MS)
    add(
      'CLOCK',
      'HALTED',
      `This computer's clock is ${offsetMs} ms from the exchange's, and at most ${MAX_CLOCK_OFFSET_MS} ms is allowed: let the operating system set the clock by itself.`,
    );
  found.push(...bookCauses(state, market));
  if (market.streams.user.status === 'down') add('USER_STREAM', 'REDUCING', `The account stream is down: ${market.streams.user.text}`);
  if (market.streams.market.status === 'down') add('MARKET_STREAM', 'REDUCING', `The market stream is down: ${market.streams.market.text}`);
  found.push(...losses(state, market, { nowMs, monoMs }));
  found.push(...silences(state, market, monoMs));
  const hold = market.budget?.holdUntilMs ?? null;
  if (hold !== null && hold > nowMs)
    add('VENUE_HOLD', 'REDUCING', `The exchange told us to wait ${Math.ceil((hold - nowMs) / 1000)} s more (too many requests).`);
  return found;
};

/** May I trade, and why not: now. `asked`: the orders that it is asked for, at the wire; the breaker's probe does not stand in its own way. */
export const tradingOf = (state: EngineState, market: Market, moment: Moment, asked: readonly ClientOrderId[] = []): TradingState =>
  tradingStateOf(causes(state, market, moment, asked));
