// The startup self-test's verdicts (REQUIREMENTS J): what was measured outside goes in, red or green with the fix in words comes out.
// What could not be measured is red; nothing is green by default.
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { KeyPermissions } from '../venue/port.ts';

/** What the self-test looks at. An error is why it could not be measured, in words. */
export type KeychainProof = 'read-back' | 'session';

export interface SelfTestReadings {
  readonly mode: Mode;
  readonly reachability: Result<{ readonly roundTripMs: number }, string>;
  readonly account: Result<{ readonly canTrade: boolean }, string>;
  readonly permissions: Result<KeyPermissions, string>;
  /** A question and its answer over the account stream's own connection. */
  readonly userStream: Result<{ readonly roundTripMs: number }, string>;
  /** How long ago the market stream was heard. */
  readonly marketStream: Result<{ readonly silentMs: number }, string>;
  readonly clock: Result<{ readonly offsetMs: number }, string>;
  readonly exchangeInfo: Result<{ readonly ageMs: number }, string>;
  readonly journal: Result<{ readonly facts: number }, string>;
  /** What is left for this user on the disk of the home. */
  readonly disk: Result<{ readonly freeBytes: number }, string>;
  readonly policy: Result<{ readonly name: string }, string>;
  /** A value was written to the keychain and read back; or nothing was, because the key lives in memory for this session. */
  readonly keychain: Result<KeychainProof, string>;
  /** The panic hotkey as the shell shows it; `isPossible`: this shell has a keyboard before it. */
  readonly hotkey: { readonly isProven: boolean; readonly isPossible: boolean; readonly text: string };
  /** What the process that stands in watches for (E8). */
  readonly watchdog: Result<string, string>;
  /** Where it listens; null: the policy has it off. */
  readonly killSwitch: Result<string, string> | null;
  readonly versions: { readonly node: string; readonly ccxt: string | null; readonly expectedCcxt: string };
}

/** Binance takes a request only while its clock is less than one second behind ours (BINANCE 5). */
export const MAX_CLOCK_OFFSET_MS = 1000;
const MAX_EXCHANGE_INFO_AGE_MS = 24 * 3_600_000;
/** The longest that a stream that speaks every second may have been silent. */
const MAX_SILENCE_MS = 5000;
/** A busy week of facts, a snapshot beside them and a log: below this the next hours could end in a journal that cannot be written. */
export const MIN_FREE_DISK_MB = 200;
const MB = 1024 * 1024;
const NODE_MAJOR = 24;

const item = (id: string, title: string, verdict: SelfTestItem['verdict'], text: string): SelfTestItem => ({ id, title, verdict, text });

const judged = <T>(
  id: string,
  title: string,
  reading: Result<T, string>,
  judge: (value: T) => Omit<SelfTestItem, 'id' | 'title'>,
): SelfTestItem => (reading.ok ? { id, title, ...judge(reading.value) } : item(id, title, 'fail', reading.error));

const verdict = (passes: boolean, passed: string, failed: string): Omit<SelfTestItem, 'id' | 'title'> =>
  passes ? { verdict: 'pass', text: passed } : { verdict: 'fail', text: failed };

const permissionsItem = ({ mode, permissions }: SelfTestReadings): SelfTestItem => {
  const [id, title] = ['permissions', 'Key permissions'];
  if (mode === 'practice') return item(id, title, 'not-needed', 'Practice has no withdrawals.');
  return judged(id, title, permissions, ({ canTrade, canWithdraw }) => {
    if (canWithdraw === true)
      return verdict(false, '', 'This key may withdraw. Switch withdrawals off for it at Binance, or use another key.');
    if (!canTrade) return verdict(false, '', 'This key may not trade. Allow spot trading for it at Binance.');
    if (canWithdraw === null) {
      return verdict(
        mode === 'testnet',
        'May trade; the testnet does not say whether it may withdraw.',
        'Whether this key may withdraw is not known: it is refused.',
      );
    }
    return verdict(true, 'May trade, may not withdraw.', '');
  });
};

/** Only where the money is real must nothing trade without the process that stands in; elsewhere it is said. */
const watchdogItem = ({ mode, watchdog }: SelfTestReadings): SelfTestItem => {
  const [id, title] = ['watchdog', 'Watchdog'];
  if (watchdog.ok || mode === 'mainnet') return judged(id, title, watchdog, (text) => verdict(true, text, ''));
  return item(id, title, 'not-needed', `${watchdog.error} On mainnet nothing would trade.`);
};

/** What stops trading from outside must work where the money is real, once the trader asked for it. */
const killSwitchItem = ({ mode, killSwitch }: SelfTestReadings): SelfTestItem => {
  const [id, title] = ['kill-switch', 'Kill switch'];
  if (killSwitch === null) return item(id, title, 'not-needed', 'Off, as the policy says.');
  if (killSwitch.ok || mode === 'mainnet') return judged(id, title, killSwitch, (text) => verdict(true, text, ''));
  return item(id, title, 'not-needed', `${killSwitch.error} On mainnet nothing would trade.`);
};

const keychainItem = ({ mode, keychain }: SelfTestReadings): SelfTestItem => {
  if (mode === 'practice') return item('keychain', 'Keychain', 'not-needed', 'Practice uses no keys of yours.');
  if (keychain.ok && keychain.value === 'session')
    return item('keychain', 'Keychain', 'not-needed', 'The key is held in memory for this session; the keychain was not asked.');
  return judged('keychain', 'Keychain', keychain, () => verdict(true, 'Written and read back.', ''));
};

/** Beside practice the key must be proven wherever there can be one (E2); where there is none, what takes its place is named. */
const hotkeyItem = ({ mode, hotkey: { isProven, isPossible, text } }: SelfTestReadings): SelfTestItem => {
  const [id, title] = ['hotkey', 'Emergency hotkey'];
  if (isProven) return item(id, title, 'pass', text);
  if (!isPossible)
    return item(id, title, 'not-needed', 'This console has no window and asks for no hotkey: "holdfast stop" and the kill switch stop it.');
  if (mode === 'practice') return item(id, title, 'not-needed', `Not proven: ${text} Testnet and mainnet would not trade.`);
  return item(id, title, 'fail', `Not proven: ${text} Press Prove beside the stop and then the key, once; or run the console headless.`);
};

const diskItem = ({ disk }: SelfTestReadings): SelfTestItem =>
  judged('disk', 'Disk space', disk, ({ freeBytes }) => {
    const left = `${Math.floor(freeBytes / MB)} MB free where the journal is`;
    return verdict(
      freeBytes >= MIN_FREE_DISK_MB * MB,
      `${left}.`,
      `${left}, and at least ${MIN_FREE_DISK_MB} MB is needed: free the disk, or move the home (--home).`,
    );
  });

const versionsItem = ({ versions: { node, ccxt, expectedCcxt } }: SelfTestReadings): SelfTestItem => {
  const nodeFits = node.replace(/^v/, '').startsWith(`${NODE_MAJOR}.`);
  const fits = nodeFits && ccxt === expectedCcxt;
  return {
    id: 'versions',
    title: 'Versions',
    ...verdict(
      fits,
      `Node ${node}, ccxt ${ccxt}`,
      `Node ${node} (needs ${NODE_MAJOR}), ccxt ${ccxt ?? 'not loaded'} (needs ${expectedCcxt}): start again with npm start, which installs both.`,
    ),
  };
};

/** One row a subject, in the order in which they are shown. Any `fail` means HALTED. */
export const verdicts = (readings: SelfTestReadings): readonly SelfTestItem[] => [
  judged('reachability', 'Exchange answers', readings.reachability, ({ roundTripMs }) =>
    verdict(
      Number.isFinite(roundTripMs),
      `Round trip ${roundTripMs.toFixed(0)} ms.`,
      'The round trip could not be measured: run the test again.',
    ),
  ),
  judged('account', 'Account', readings.account, ({ canTrade }) =>
    verdict(canTrade, 'The account may trade.', 'The exchange says that this account may not trade: look at the account there.'),
  ),
  permissionsItem(readings),
  judged('user-stream', 'Account stream', readings.userStream, ({ roundTripMs }) =>
    verdict(
      Number.isFinite(roundTripMs),
      `Live: asked and answered over it in ${roundTripMs.toFixed(0)} ms.`,
      'Its round trip could not be measured: run the test again.',
    ),
  ),
  judged('market-stream', 'Market stream', readings.marketStream, ({ silentMs }) =>
    verdict(
      silentMs <= MAX_SILENCE_MS,
      `Live: heard ${Math.max(0, silentMs / 1000).toFixed(1)} s ago.`,
      `Silent for ${(silentMs / 1000).toFixed(0)} s: it is redialled; look at the network if this lasts.`,
    ),
  ),
  judged('clock', 'Clock', readings.clock, ({ offsetMs }) =>
    verdict(
      Math.abs(offsetMs) <= MAX_CLOCK_OFFSET_MS,
      `${offsetMs.toFixed(0)} ms from the exchange's clock.`,
      `${offsetMs.toFixed(0)} ms from the exchange's clock, and at most ${MAX_CLOCK_OFFSET_MS} ms is allowed: let the operating system set the clock by itself.`,
    ),
  ),
  judged('exchange-info', 'Trading rules', readings.exchangeInfo, ({ ageMs }) =>
    verdict(
      ageMs <= MAX_EXCHANGE_INFO_AGE_MS,
      'Fresh from the exchange.',
      'The trading rules are older than a day, and the exchange does not tell them anew: look at the network.',
    ),
  ),
  judged('journal', 'Journal', readings.journal, ({ facts }) => verdict(true, `${facts} facts, chain whole.`, '')),
  diskItem(readings),
  judged('policy', 'Policy', readings.policy, ({ name }) => verdict(true, `${name} is sane.`, '')),
  keychainItem(readings),
  hotkeyItem(readings),
  watchdogItem(readings),
  killSwitchItem(readings),
  versionsItem(readings),
];
