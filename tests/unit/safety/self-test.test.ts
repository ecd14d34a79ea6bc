// The self-test's verdicts (REQUIREMENTS J): green only for what was measured and is right; red says what to do.
import { describe, expect, it } from 'vitest';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { verdicts } from '../../../src-main/safety/self-test.ts';
import type { SelfTestReadings } from '../../../src-main/safety/self-test.ts';
import { readings } from './self-test-readings.ts';

const notPassed = (changes: Partial<SelfTestReadings>) => verdicts(readings(changes)).filter((item) => item.verdict !== 'pass');

describe('self-test', () => {
  it('is green when everything was measured and is right', () => {
    expect(notPassed({})).toEqual([]);
    expect(verdicts(readings()).map(({ id }) => id)).toEqual([
      'reachability',
      'account',
      'permissions',
      'user-stream',
      'market-stream',
      'clock',
      'exchange-info',
      'journal',
      'disk',
      'policy',
      'keychain',
      'hotkey',
      'watchdog',
      'kill-switch',
      'versions',
    ]);
  });
  it.each<[string, Partial<SelfTestReadings>]>([
    ['reachability', { reachability: fail('No answer within 5 s: look at the network.') }],
    ['reachability', { reachability: ok({ roundTripMs: NaN }) }],
    ['account', { account: fail('Refused (-2015): look at the key.') }],
    ['account', { account: ok({ canTrade: false }) }],
    ['permissions', { permissions: ok({ canTrade: true, canWithdraw: true }) }],
    ['permissions', { permissions: ok({ canTrade: false, canWithdraw: false }) }],
    ['permissions', { permissions: fail('Not known.') }],
    ['permissions', { mode: 'mainnet', permissions: ok({ canTrade: true, canWithdraw: null }) }],
    ['user-stream', { userStream: fail('Down for 3 s.') }],
    ['user-stream', { userStream: ok({ roundTripMs: NaN }) }],
    ['market-stream', { marketStream: fail('Down for 3 s.') }],
    ['market-stream', { marketStream: ok({ silentMs: 5001 }) }],
    ['market-stream', { marketStream: ok({ silentMs: NaN }) }],
    ['clock', { clock: ok({ offsetMs: 1001 }) }],
    ['clock', { clock: ok({ offsetMs: -1001 }) }],
    ['clock', { clock: ok({ offsetMs: NaN }) }],
    ['clock', { clock: fail('Not measured.') }],
    ['exchange-info', { exchangeInfo: ok({ ageMs: 86_400_001 }) }],
    ['journal', { journal: fail('The chain is broken at 17.') }],
    ['disk', { disk: ok({ freeBytes: 200 * 1024 * 1024 - 1 }) }],
    ['disk', { disk: ok({ freeBytes: NaN }) }],
    ['disk', { disk: fail('It cannot be told.') }],
    ['hotkey', { hotkey: { isProven: false, isPossible: true, text: 'Registered, but no press has been seen yet.' } }],
    ['hotkey', { mode: 'mainnet', hotkey: { isProven: false, isPossible: true, text: 'Another program owns it.' } }],
    ['kill-switch', { mode: 'mainnet', killSwitch: fail('Not listening. The port is taken.') }],
    ['policy', { policy: fail('limits.maxDailyTrades must be a whole number.') }],
    ['keychain', { keychain: fail('No secret service: install gnome-keyring.') }],
    ['watchdog', { mode: 'mainnet', watchdog: fail('It could not be started.') }],
    ['versions', { versions: { node: 'v22.1.0', ccxt: '4.5.84', expectedCcxt: '4.5.84' } }],
    ['versions', { versions: { node: 'v24.1.0', ccxt: '4.5.83', expectedCcxt: '4.5.84' } }],
    ['versions', { versions: { node: '24.1.0', ccxt: null, expectedCcxt: '4.5.84' } }],
  ])('%s is red, alone and with words', (id, changes) => {
    const [red, ...others] = notPassed(changes);
    expect(red).toMatchObject({ id, verdict: 'fail' });
    expect(red?.text.length).toBeGreaterThan(5);
    expect(others).toEqual([]);
  });
  it('a key that is held in memory proves no keychain, and the row does not say so', () => {
    expect(notPassed({ keychain: ok('session') })).toMatchObject([
      { id: 'keychain', verdict: 'not-needed', text: expect.stringContaining('was not asked') as string },
    ]);
  });

  it('asks practice for no permissions and no keychain', () => {
    const items = notPassed({ mode: 'practice', permissions: fail('none'), keychain: fail('none') });
    expect(items.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['permissions', 'not-needed'],
      ['keychain', 'not-needed'],
    ]);
  });
  it('E8: without a watchdog only mainnet is red; elsewhere it is said', () => {
    const watchdog = fail('It ended by itself.');
    expect(notPassed({ mode: 'practice', permissions: fail('none'), watchdog }).find(({ id }) => id === 'watchdog')).toMatchObject({
      verdict: 'not-needed',
      text: 'It ended by itself. On mainnet nothing would trade.',
    });
    expect(notPassed({ watchdog })).toMatchObject([{ id: 'watchdog', verdict: 'not-needed' }]);
  });
  it('J: practice trades without a proven hotkey, and says what testnet and mainnet would do', () => {
    const hotkey = { isProven: false, isPossible: true, text: 'Registered, but no press has been seen yet.' };
    expect(notPassed({ mode: 'practice', hotkey }).find(({ id }) => id === 'hotkey')).toMatchObject({
      verdict: 'not-needed',
      text: expect.stringContaining('Testnet and mainnet would not trade') as string,
    });
  });
  it('J: a console without a window asks for no hotkey in any mode, and names what stops it', () => {
    const hotkey = { isProven: false, isPossible: false, text: '' };
    for (const mode of ['testnet', 'mainnet'] as const)
      expect(notPassed({ mode, hotkey })).toMatchObject([
        { id: 'hotkey', verdict: 'not-needed', text: expect.stringContaining('holdfast stop') as string },
      ]);
  });
  it('F: a kill switch that is off is no concern; one that fails is red where the money is real, and said elsewhere', () => {
    expect(notPassed({ killSwitch: null })).toMatchObject([{ id: 'kill-switch', verdict: 'not-needed' }]);
    expect(notPassed({ killSwitch: fail('Not listening. No secret.') })).toMatchObject([
      { id: 'kill-switch', verdict: 'not-needed', text: 'Not listening. No secret. On mainnet nothing would trade.' },
    ]);
  });
  it('takes a testnet that cannot tell whether a key may withdraw', () => {
    expect(notPassed({ permissions: ok({ canTrade: true, canWithdraw: null }) })).toEqual([]);
  });
});
