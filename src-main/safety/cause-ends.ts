// How each cause that restricts trading ends, and by whom: what a person reads beside the cause itself. Words only; it ends nothing.
import type { CauseCode } from './trading-state.ts';

const BY_A_PERSON = 'A person resets it: the reason, and what broke read back';
const OR_A_PROBE = `${BY_A_PERSON}; or one order that may try once its time is over.`;

const ENDS: Readonly<Record<CauseCode, string>> = {
  EMERGENCY_STOP: 'A person resets it: the reason, and the number of the trip read back. Then a cool-down runs.',
  COOLING_DOWN: 'By itself, when its time is over.',
  RECOVERING: 'By itself, once the books agree with the exchange, the self-test is through and the account can be valued.',
  POLICY_BROKEN: 'A policy that can be used: mend the file, or save one on the policy page.',
  ENGINE_BROKEN: 'The console is started again. It rebuilds itself from the journal and the exchange.',
  JOURNAL_BROKEN: 'The disk is mended or has room again, and the console is started again.',
  MODE_REFUSED: 'A mode whose conditions are met is chosen.',
  SELF_TEST: 'What is red is mended, and the self-test is run again.',
  CLOCK: 'By itself, once this computer shows the exchange’s time again.',
  BREAKER: `${BY_A_PERSON}.`,
  LADDER: 'By itself, once the stage’s conditions hold again; see the ladder.',
  LOSSES: 'By itself, when its time is over, or when a close wins.',
  RECONCILIATION: 'By itself, once a comparison with the exchange finds nothing unexplained.',
  USER_STREAM: 'By itself, once the exchange is heard again.',
  MARKET_STREAM: 'By itself, once the exchange is heard again.',
  VENUE_HOLD: 'By itself, when the exchange’s wait is over.',
};

/** What ends a cause, in a sentence. `isTimed`: its time is known; that of the breaker's ends nothing, it lets one order try. */
export const endOf = (code: CauseCode, isTimed = false): string => (code === 'BREAKER' && isTimed ? OR_A_PROBE : ENDS[code]);
