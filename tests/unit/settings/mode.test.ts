// Which mode may run (A1): every combination of the conditions for mainnet, and nothing but all of them leads there.
import { expect, test } from 'vitest';
import { chooseMode, judgeMode, MAINNET_CONFIRMATION, type ModeConditions } from '../../../src-main/settings/mode.ts';
import type { KeyStatus } from '../../../src-shared/contract/contract.ts';
import type { Mode } from '../../../src-shared/domain/mode.ts';

const ALL: ModeConditions = {
  allowMainnetTrading: 'true',
  selfTestPassed: true,
  ladderProblem: '',
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
      for (const ladderProblem of ['', 'testnet is not signed off'])
        for (const mainnetKey of keys)
          for (const confirmation of typed) {
            const answer = judgeMode(
              { wish: 'mainnet', confirmation },
              { ...ALL, allowMainnetTrading, selfTestPassed, ladderProblem, mainnetKey },
            );
            if (answer.ok) granted += 1;
            const text = answer.ok ? '' : answer.error;
            expect(text.includes('ALLOW_MAINNET_TRADING')).toBe(allowMainnetTrading !== 'true');
            expect(text.includes('self-test')).toBe(!selfTestPassed);
            expect(text.includes('certificate')).toBe(ladderProblem !== '');
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

const proven = { selfTestPassed: true, ladder: () => Promise.resolve('') };

test('with everything there is mainnet is granted, and each thing that is missing takes it back', async () => {
  const environment = { ALLOW_MAINNET_TRADING: 'true' };
  const whole = { wish: 'mainnet' as const, confirmation: MAINNET_CONFIRMATION, environment, vault: vaultWith('keychain'), ...proven };
  expect(await chooseMode(whole)).toEqual({ ok: true, value: 'mainnet' });
  for (const [lacking, words] of [
    [{ environment: {} }, 'ALLOW_MAINNET_TRADING'],
    [{ vault: vaultWith('session') }, 'keychain'],
    [{ selfTestPassed: false }, 'self-test'],
    [{ ladder: () => Promise.resolve('the certificate is dead') }, 'the certificate is dead'],
    [{ confirmation: '' }, 'confirmation'],
  ] as const) {
    const answer = await chooseMode({ ...whole, ...lacking });
    expect(answer.ok ? '' : answer.error).toContain(words);
  }
});

test('the ladder is asked where mainnet is wished for, and nowhere else', async () => {
  let asked = 0;
  const ladder = (): Promise<string> => {
    asked += 1;
    return Promise.resolve('');
  };
  for (const wish of [null, 'practice', 'testnet', 'mainnet'] as const)
    await chooseMode({ wish, confirmation: '', environment: {}, vault: vaultWith('keychain'), selfTestPassed: true, ladder });
  expect(asked).toBe(1);
});

test('practice starts although the keychain waits for its password', async () => {
  const vault = { status: () => new Promise<never>(() => undefined) };
  expect(await chooseMode({ wish: 'practice', confirmation: '', environment: {}, vault, ...proven })).toEqual({
    ok: true,
    value: 'practice',
  });
  expect(await chooseMode({ wish: null, confirmation: '', environment: {}, vault: vaultWith('none'), ...proven })).toEqual({
    ok: true,
    value: 'practice',
  });
});
