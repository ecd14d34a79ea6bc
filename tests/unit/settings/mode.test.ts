// Which mode may run (A1): every combination of the conditions for mainnet, and nothing but all of them leads there.
import { expect, test } from 'vitest';
import { chooseMode, judgeMode, MAINNET_CONFIRMATION, type ModeConditions } from '../../../src-main/settings/mode.ts';
import type { KeyStatus } from '../../../src-shared/contract/contract.ts';
import type { Mode } from '../../../src-shared/domain/mode.ts';

const ALL: ModeConditions = {
  allowMainnetTrading: 'true',
  selfTestPassed: true,
  ladderCertificate: true,
  testnetKey: 'keychain',
  mainnetKey: 'keychain',
};

test('a first start without keys is practice, with a testnet key testnet, and never mainnet', () => {
  expect(judgeMode({ wish: null, confirmation: MAINNET_CONFIRMATION }, { ...ALL, testnetKey: 'none' })).toEqual({
    ok: true,
    value: 'practice',
  });
  expect(judgeMode({ wish: null, confirmation: MAINNET_CONFIRMATION }, ALL)).toEqual({ ok: true, value: 'testnet' });
  expect(judgeMode({ wish: null, confirmation: '' }, { ...ALL, testnetKey: 'session' })).toEqual({ ok: true, value: 'testnet' });
});

test('practice needs nothing; testnet needs a key and says so', () => {
  expect(judgeMode({ wish: 'practice', confirmation: '' }, { ...ALL, testnetKey: 'none' })).toEqual({ ok: true, value: 'practice' });
  expect(judgeMode({ wish: 'testnet', confirmation: '' }, ALL)).toEqual({ ok: true, value: 'testnet' });
  const refused = judgeMode({ wish: 'testnet', confirmation: '' }, { ...ALL, testnetKey: 'none' });
  expect(refused.ok ? '' : refused.error).toContain('Keys page');
});

const allow = ['true', 'TRUE', 'True', '1', 'yes', ' true', '', undefined];
const keys = ['keychain', 'session', 'none'] as const;
const typed = [MAINNET_CONFIRMATION, MAINNET_CONFIRMATION.toLowerCase(), ` ${MAINNET_CONFIRMATION}`, 'yes', ''];

test('of all combinations of the five conditions exactly one leads to mainnet, and each refusal names what is missing', () => {
  let granted = 0;
  for (const allowMainnetTrading of allow)
    for (const selfTestPassed of [true, false])
      for (const ladderCertificate of [true, false])
        for (const mainnetKey of keys)
          for (const confirmation of typed) {
            const answer = judgeMode(
              { wish: 'mainnet', confirmation },
              { ...ALL, allowMainnetTrading, selfTestPassed, ladderCertificate, mainnetKey },
            );
            if (answer.ok) granted += 1;
            const text = answer.ok ? '' : answer.error;
            expect(text.includes('ALLOW_MAINNET_TRADING')).toBe(allowMainnetTrading !== 'true');
            expect(text.includes('self-test')).toBe(!selfTestPassed);
            expect(text.includes('certificate')).toBe(!ladderCertificate);
            expect(text.includes('keychain')).toBe(mainnetKey !== 'keychain');
            expect(text.includes('confirmation')).toBe(confirmation !== MAINNET_CONFIRMATION);
          }
  expect(granted).toBe(1);
});

test('a mode that does not exist is refused, whatever crossed a boundary unparsed', () => {
  for (const wish of ['Mainnet', 'MAINNET', 'mainnet ', '__proto__', 1, {}])
    expect(judgeMode({ wish: wish as Mode, confirmation: MAINNET_CONFIRMATION }, ALL).ok).toBe(false);
});

const vaultWith = (stored: KeyStatus['stored']) => ({
  status: () =>
    Promise.resolve(
      (['testnet', 'mainnet'] as const).map((mode): KeyStatus => ({
        mode,
        stored,
        kind: null,
        hint: null,
        keychain: { available: true, text: '' },
      })),
    ),
});

test('until the ladder exists mainnet is refused even with everything that a person can provide', async () => {
  const environment = { ALLOW_MAINNET_TRADING: 'true' };
  const answer = await chooseMode({ wish: 'mainnet', confirmation: MAINNET_CONFIRMATION, environment, vault: vaultWith('keychain') });
  expect(answer.ok ? '' : answer.error).toMatch(/^Mainnet is refused. Missing: .*ladder/);
});

test('practice starts although the keychain waits for its password', async () => {
  const vault = { status: () => new Promise<never>(() => undefined) };
  expect(await chooseMode({ wish: 'practice', confirmation: '', environment: {}, vault })).toEqual({ ok: true, value: 'practice' });
  expect(await chooseMode({ wish: null, confirmation: '', environment: {}, vault: vaultWith('none') })).toEqual({
    ok: true,
    value: 'practice',
  });
});
