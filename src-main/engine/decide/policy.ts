// The policy in force and the tilt guard (REQUIREMENTS G): whoever asks, a person or the file, tightening takes effect at once and
// loosening waits. In no order of asking, editing and restarting may a limit be looser sooner than the wait after it was asked for.
import type { PolicyFieldChange, PolicyOutcome } from '../../../src-shared/domain/policy-change.ts';
import { compilePolicy } from '../../../src-shared/policy/compiled.ts';
import { diffPolicies, isSamePolicy, looseningOf, tighterOf } from '../../../src-shared/policy/diff.ts';
import { restoredPolicy } from '../../../src-shared/policy/schema.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { MAX_CLOCK_OFFSET_MS } from '../../safety/self-test.ts';
import type { CauseCode } from '../../safety/trading-state.ts';
import type { Effect } from '../effects.ts';
import { dayLossOf, equityOf } from '../equity.ts';
import type { Fact } from '../facts.ts';
import type { Input } from '../inputs.ts';
import type { Market } from '../market.ts';
import type { EngineState, PendingPolicy } from '../state.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING, refused } from './context.ts';

type Asked = Pick<Extract<Input, { kind: 'policy-asked' }>, 'policy' | 'by' | 'why'>;
type Read = Extract<Input, { kind: 'policy' }>;
/** `sinceMs`: since when the file says this (wall clock), where that counts. */
type Wish = Asked & { readonly sinceMs: number };

const MINUTE_MS = 60_000;
/** Who asks when the file was edited by hand (settings/policy-file.ts). */
const THE_FILE = 'policy.json';
const TILT_GUARD = 'the tilt guard';
/** This session has heard every wish and withdrawal since its first: the date of what waits is right. */
const ALL_ALONG = Number.NEGATIVE_INFINITY;
/** While trading is restricted for one of these, nothing is loosened. */
const TILTED: ReadonlySet<CauseCode> = new Set(['EMERGENCY_STOP', 'COOLING_DOWN', 'BREAKER', 'LOSSES']);

const alert = (severity: 'good' | 'warning' | 'danger', title: string, text: string): Effect => ({
  kind: 'alert',
  severity,
  key: 'policy',
  title,
  text,
});

/** A file that cannot be used is told even though the version in force stays the same: the trader may have meant to tighten a limit. */
const noteFile = (market: Market, problem: string): readonly Effect[] => {
  const before = market.policyProblem;
  market.policyProblem = problem;
  market.policyStandsIn = problem !== '';
  if (problem === before) return [];
  return problem === ''
    ? [alert('good', 'The policy file is good again', 'What tightens in it is in force.')]
    : [alert('danger', 'The policy file cannot be used', problem)];
};

export const policyBroken = (market: Market, text: string): Decision => {
  market.policyProblem = text;
  market.policyStandsIn = false;
  return decided([], [alert('danger', 'The policy cannot be used', text)]);
};

/** What was asked for last and neither refused nor withdrawn: what policy.json should say. */
export const wantedPolicy = ({ policy, pendingPolicy }: EngineState): Policy | null => pendingPolicy?.policy ?? policy;

/** The policy of the journal; one of an older version of the console has its missing fields filled in. */
const inForceNow = ({ policy }: EngineState): Policy | null => (policy === null ? null : restoredPolicy(policy));

/** Why nothing is loosened now, in words, or null. */
const tiltOf = ({ trading, state, market }: Context): string | null => {
  const cause = trading.causes.find(({ code }) => TILTED.has(code));
  if (cause !== undefined) return cause.text;
  const loss = dayLossOf(state, equityOf(state, market));
  const { policy, day } = state;
  if (loss === null || policy === null || day === null) return null;
  const { maxDailyLossUsdt, maxDailyLossShare } = compilePolicy(policy);
  return loss.gte(maxDailyLossUsdt) || loss.gte(day.openingEquityUsdt.times(maxDailyLossShare))
    ? `Today's loss of ${loss.toFixed(2)} USDT is past the daily limit.`
    : null;
};

const adoption = (context: Context, to: Policy, { by, why }: Omit<Asked, 'policy'>, version: number): Fact => {
  const from = inForceNow(context.state);
  return { kind: 'policy.adopted', version, by, why, policy: to, changes: from === null ? [] : diffPolicies(from, to) };
};

/** One more than any version that was in force, here or in another mode. */
const nextVersion = ({ state, market }: Context): number => Math.max(state.policyVersion, market.policyVersionSeen) + 1;

interface Due {
  readonly atMs: number;
  /** Another date than what waits has, so that both clocks are set to it. */
  readonly isAnew: boolean;
}

/**
 * When what is asked now may take effect. What waits already and is asked for no looser goes on waiting for its own time, but not for less
 * than the whole wait from when the file came to say it: one mode's journal does not hear what was withdrawn in another, and the file does
 * (console/follow-policy.ts). A date in the future is a clock's fault and counts as now.
 */
const dueOf = ({ state, nowMs }: Context, tightened: Policy, wanted: Policy, sinceMs: number): Due => {
  const { pendingPolicy } = state;
  const before = pendingPolicy === null ? null : restoredPolicy(pendingPolicy.policy);
  const delayMs = tightened.tiltGuard.loosenDelayMinutes * MINUTE_MS;
  if (pendingPolicy === null || before === null || looseningOf(before, wanted).length > 0) return { atMs: nowMs + delayMs, isAnew: true };
  const atMs = Math.max(pendingPolicy.effectiveAtMs, Math.min(sinceMs, nowMs) + delayMs);
  return { atMs, isAnew: atMs !== pendingPolicy.effectiveAtMs };
};

interface Answer {
  readonly facts: readonly Fact[];
  readonly outcome: PolicyOutcome;
}

/** From what is in force (or `base`, where that is tighter) towards what is wanted, as far as the tilt guard lets it. */
const ask = (context: Context, base: Policy, asked: Wish, versionOf: (policy: Policy) => number): Answer => {
  const { state, market, nowMs, monoMs } = context;
  const now = inForceNow(state);
  const tightened = tighterOf(base, asked.policy);
  const isNew = now === null || !isSamePolicy(now, tightened);
  const version = isNew ? versionOf(tightened) : state.policyVersion;
  const adopted = isNew ? [adoption(context, tightened, asked, version)] : [];
  const changes = diffPolicies(tightened, asked.policy);
  const done = { version, adopted: now === null ? [] : diffPolicies(now, tightened) };
  const withdrawn: readonly Fact[] =
    state.pendingPolicy === null || isNew ? [] : [{ kind: 'policy.withdrawn', by: asked.by, why: `replaced: ${asked.why}` }];
  if (changes.length === 0) return { facts: [...adopted, ...withdrawn], outcome: { ...done, waiting: null, refused: null } };
  const tilt = tiltOf(context);
  if (tilt !== null) {
    const text = `Nothing is loosened now. ${tilt}`;
    return { facts: [...adopted, ...withdrawn], outcome: { ...done, waiting: null, refused: { changes, text } } };
  }
  const { policy, by, why, sinceMs } = asked;
  const { atMs: effectiveAtMs, isAnew } = dueOf(context, tightened, policy, sinceMs);
  if (isAnew) market.policyDueAtMs = monoMs + (effectiveAtMs - nowMs);
  const pending: Fact = { kind: 'policy.pending', policy, by, why, changes, effectiveAtMs };
  return { facts: [...adopted, pending], outcome: { ...done, waiting: { changes, effectiveAtMs }, refused: null } };
};

const listed = (changes: readonly PolicyFieldChange[]): string => changes.map(({ path, from, to }) => `${path} ${from} → ${to}`).join(', ');

const told = ({ waiting, refused: not }: PolicyOutcome, by: string): readonly Effect[] => {
  if (not !== null && by === THE_FILE)
    return [alert('danger', 'The policy file loosens, and is refused', `${not.text} Not in force: ${listed(not.changes)}.`)];
  if (waiting === null) return [];
  const at = new Date(waiting.effectiveAtMs).toISOString().slice(11, 19);
  return [alert('warning', 'The policy is to be loosened', `By ${by}, from ${at} UTC unless withdrawn: ${listed(waiting.changes)}.`)];
};

/** The file as it was read: at a start, and whenever it changed. A file that cannot be used asks for nothing. */
export const policyRead = (context: Context, input: Read): Decision => {
  const { state, market, nowMs } = context;
  const effects = noteFile(market, input.problem ?? '');
  market.policyVersionSeen = Math.max(market.policyVersionSeen, input.version);
  const known = input.inForce ?? input.policy;
  const now = inForceNow(state);
  const base = now === null ? known : tighterOf(now, known);
  const wanted = wantedPolicy(state);
  const isUsable = input.problem === undefined || input.problem === '';
  const isNews = isUsable && (wanted === null || !isSamePolicy(wanted, input.policy));
  const sinceMs = isUsable && !market.isWishKnown ? (input.sinceMs ?? nowMs) : ALL_ALONG;
  market.isWishKnown ||= isUsable;
  const waitsAnew = isUsable && state.pendingPolicy !== null && dueOf(context, base, input.policy, sinceMs).isAnew;
  if (now !== null && !isNews && !waitsAnew && isSamePolicy(now, base)) return decided([], effects);
  // What is as it was in force before, in another mode, keeps its number.
  const versionOf = (policy: Policy): number => (isSamePolicy(policy, known) ? input.version : nextVersion(context));
  const { by, why } = isNews ? input : (state.pendingPolicy ?? input);
  const asked = { policy: isNews ? input.policy : (wanted ?? base), by, why, sinceMs };
  const { facts, outcome } = ask(context, base, asked, versionOf);
  return decided(facts, [...effects, ...told(outcome, input.by)]);
};

/** A person's wish. The caller has made policy.json say it, so that a file that could not be used is mended by it. */
export const askPolicy = (context: Context, asked: Asked): Decision => {
  const now = inForceNow(context.state);
  const wanted = wantedPolicy(context.state);
  if (now === null || wanted === null) return refused('No policy is in force yet, so none can be changed.');
  const mended = noteFile(context.market, '');
  const not = (text: string): Decision => ({ ...refused(text), effects: mended });
  // Where the file could not be used since the start, nobody knows of what waits whether it was wished all the time.
  const { isWishKnown } = context.market;
  context.market.isWishKnown = true;
  if (isSamePolicy(wanted, asked.policy) && (isWishKnown || context.state.pendingPolicy === null))
    return not('This is what the policy says already, or what waits to take effect.');
  const { policy, by, why } = asked;
  const sinceMs = isWishKnown ? ALL_ALONG : context.nowMs;
  const { facts, outcome } = ask(context, now, { policy, by, why, sinceMs }, () => nextVersion(context));
  if (facts.length === 0 && outcome.refused !== null) return not(`${outcome.refused.text} Not done: ${listed(outcome.refused.changes)}.`);
  return decided(facts, [...mended, ...told(outcome, by)], { kind: 'policy', outcome });
};

export const withdrawPolicy = ({ state }: Context, { by, why }: Omit<Asked, 'policy'>): Decision => {
  if (state.pendingPolicy === null) return refused('No change of the policy waits.');
  const outcome: PolicyOutcome = { version: state.policyVersion, adopted: [], waiting: null, refused: null };
  return decided([{ kind: 'policy.withdrawn', by, why }], [], { kind: 'policy', outcome });
};

/** Both clocks must have come so far: no step of the wall clock shortens the wait, and over a restart the wall clock goes on. */
const isDue = ({ market, nowMs, monoMs }: Context, { effectiveAtMs }: PendingPolicy): boolean => {
  market.policyDueAtMs ??= monoMs + Math.max(0, effectiveAtMs - nowMs);
  const isClockRight = Math.abs(market.clock?.offsetMs ?? 0) <= MAX_CLOCK_OFFSET_MS;
  return isClockRight && nowMs >= effectiveAtMs && monoMs >= market.policyDueAtMs;
};

/** A waiting loosening ends here: in force once its time is over and the account can be judged, or withdrawn by the tilt guard. */
export const policyStep = (context: Context, _ahead: number): Decision => {
  const { state, market } = context;
  const { pendingPolicy } = state;
  if (pendingPolicy === null) {
    market.policyDueAtMs = null;
    return NOTHING;
  }
  const tilt = tiltOf(context);
  if (tilt !== null) {
    const text = `${tilt} What was to be loosened is not.`;
    return decided([{ kind: 'policy.withdrawn', by: TILT_GUARD, why: tilt }], [alert('warning', 'The loosening is withdrawn', text)]);
  }
  const isJudged = market.isWishKnown && market.policyProblem === '' && dayLossOf(state, equityOf(state, market)) !== null;
  if (!isDue(context, pendingPolicy) || !isJudged) return NOTHING;
  market.policyDueAtMs = null;
  return decided(
    [adoption(context, pendingPolicy.policy, pendingPolicy, nextVersion(context))],
    [alert('warning', 'The policy is looser now', `As ${pendingPolicy.by} asked: ${listed(pendingPolicy.changes)}.`)],
  );
};
