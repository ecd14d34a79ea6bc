// The startup self-test's verdicts (REQUIREMENTS J): what was measured outside goes in, red or green with the fix in words comes out.
// What could not be measured is red; nothing is green by default.
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { KeyPermissions } from '../venue/port.ts';

/** What the self-test looks at. An error is why it could not be measured, in words. */
export interface SelfTestReadings {
  readonly mode: Mode;
  readonly reachability: Result<{ readonly roundTripMs: number }, string>;
  readonly account: Result<{ readonly canTrade: boolean }, string>;
  readonly permissions: Result<KeyPermissions, string>;
  readonly userStream: Result<void, string>;
  readonly marketStream: Result<void, string>;
  readonly clock: Result<{ readonly offsetMs: number }, string>;
  readonly exchangeInfo: Result<{ readonly ageMs: number }, string>;
  readonly journal: Result<{ readonly facts: number }, string>;
  readonly policy: Result<{ readonly name: string }, string>;
  /** A value was written to the keychain and read back. */
  readonly keychain: Result<void, string>;
  /** What the process that stands in watches for (E8). */
  readonly watchdog: Result<string, string>;
  readonly versions: { readonly node: string; readonly ccxt: string | null; readonly expectedCcxt: string };
}

/** Binance takes a request only while its clock is less than one second behind ours (BINANCE 5). */
export const MAX_CLOCK_OFFSET_MS = 1000;
const MAX_EXCHANGE_INFO_AGE_MS = 24 * 3_600_000;
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
  judged('user-stream', 'Account stream', readings.userStream, () => verdict(true, 'Live.', '')),
  judged('market-stream', 'Market stream', readings.marketStream, () => verdict(true, 'Live.', '')),
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
      'The trading rules are older than a day: restart the console to read them again.',
    ),
  ),
  judged('journal', 'Journal', readings.journal, ({ facts }) => verdict(true, `${facts} facts, chain whole.`, '')),
  judged('policy', 'Policy', readings.policy, ({ name }) => verdict(true, `${name} is sane.`, '')),
  readings.mode === 'practice'
    ? item('keychain', 'Keychain', 'not-needed', 'Practice uses no keys of yours.')
    : judged('keychain', 'Keychain', readings.keychain, () => verdict(true, 'Written and read back.', '')),
  watchdogItem(readings),
  versionsItem(readings),
];
