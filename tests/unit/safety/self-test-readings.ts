// What a self-test in which everything is right has measured (REQUIREMENTS J), each number at the edge of what still passes.
import { ok } from '../../../src-shared/errors/result.ts';
import type { SelfTestReadings } from '../../../src-main/safety/self-test.ts';

export const readings = (changes: Partial<SelfTestReadings> = {}): SelfTestReadings => ({
  mode: 'testnet',
  reachability: ok({ roundTripMs: 12 }),
  account: ok({ canTrade: true }),
  permissions: ok({ canTrade: true, canWithdraw: false }),
  userStream: ok({ roundTripMs: 8 }),
  marketStream: ok({ silentMs: 5000 }),
  clock: ok({ offsetMs: -1000 }),
  exchangeInfo: ok({ ageMs: 86_400_000 }),
  journal: ok({ facts: 9 }),
  disk: ok({ freeBytes: 200 * 1024 * 1024 }),
  policy: ok({ name: 'NORMAL' }),
  keychain: ok('read-back'),
  hotkey: { isProven: true, isPossible: true, text: 'Ctrl+Shift+F12: Proven by a real press.' },
  killSwitch: ok('Listening on 127.0.0.1:8799.'),
  watchdog: ok('It cancels every order after 10 s of silence.'),
  versions: { node: 'v24.1.0', ccxt: '4.5.84', expectedCcxt: '4.5.84' },
  ...changes,
});
