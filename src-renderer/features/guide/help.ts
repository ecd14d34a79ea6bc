// Which section of the guide explains what is on screen. Tests hold that each section exists, and that no denial or cause is without one.
import type { GuideAddress } from '../../../src-shared/domain/guide.ts';
import type { DenialCode } from '../../../src-shared/errors/denial.ts';

/** `C4` of `C4.dailyLossPct`; what has no point is a row by itself. */
type RowOf<Code> = Code extends `${infer Row}.${string}` ? Row : Code;

const ROWS: Readonly<Record<RowOf<DenialCode>, GuideAddress>> = {
  C1: 'safety-settings#c1-order-value',
  C2: 'safety-settings#c2-price',
  C3: 'safety-settings#c3-balance',
  C4: 'safety-settings#c4-daily-loss',
  C5: 'safety-settings#c5-trades-a-day',
  C6: 'safety-settings#c6-positions',
  C7: 'safety-settings#c7-exposure',
  C8: 'safety-settings#c8-symbols',
  C9: 'safety-settings#c9-the-exchanges-own-limits',
  C10: 'safety-settings#c10-pace',
  C11: 'safety-settings#c11-old-quotes-and-silence',
  C12: 'safety-settings#c12-the-exchanges-rules',
  C13: 'safety-settings#c13-losses-in-a-row',
  D: 'runbook#the-circuit-breaker-is-open',
  H: 'safety-settings#the-ladders-caps',
  STATE: 'runbook#active-reducing-halted',
  STOPPED: 'runbook#the-emergency-stop-is-tripped',
  BAD_REQUEST: 'orders#order-types',
  REDUCE_ONLY: 'safety-settings#when-a-limit-does-not-hold',
  SIZE: 'orders#an-entry-with-its-exits',
  UNKNOWN_ORDER: 'orders#an-order-in-doubt',
  GATE_ERROR: 'runbook#the-console-itself-has-failed',
};

/** What explains a limit or a denial. */
export const helpOfDenial = (code: DenialCode): GuideAddress => ROWS[code.split('.', 1)[0] as RowOf<DenialCode>];

/** By the code of safety/trading-state.ts, which the window knows as text only. */
export const CAUSES: Readonly<Record<string, GuideAddress>> = {
  EMERGENCY_STOP: 'runbook#the-emergency-stop-is-tripped',
  COOLING_DOWN: 'runbook#cooling-down',
  RECOVERING: 'runbook#starting',
  POLICY_BROKEN: 'runbook#the-policy-cannot-be-used',
  ENGINE_BROKEN: 'runbook#the-console-itself-has-failed',
  JOURNAL_BROKEN: 'runbook#the-journal-is-broken',
  MODE_REFUSED: 'runbook#the-mode-is-refused',
  SELF_TEST: 'runbook#the-self-test-is-red',
  CLOCK: 'runbook#the-clock-is-off',
  BREAKER: 'runbook#the-circuit-breaker-is-open',
  LADDER: 'runbook#the-ladder-holds-back',
  LOSSES: 'runbook#losses-in-a-row',
  RECONCILIATION: 'runbook#the-books-differ',
  USER_STREAM: 'runbook#a-stream-is-down-or-silent',
  MARKET_STREAM: 'runbook#a-stream-is-down-or-silent',
  VENUE_HOLD: 'runbook#the-exchange-told-us-to-wait',
};

export const helpOfCause = (code: string): GuideAddress => CAUSES[code] ?? 'runbook';

/** What explains a group of the policy's fields. */
export const helpOfPolicyGroup = (group: string): GuideAddress => `safety-settings#${group.toLowerCase()}`;
