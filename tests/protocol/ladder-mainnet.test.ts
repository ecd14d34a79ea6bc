// A1 and H with everything there is: the one way to mainnet, walked to its end against a stand-in on loopback. Two modules are replaced
// by this test alone (the addresses, the keychain), which the built application has no way to do; everything else is the console's own.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { MAINNET_CONFIRMATION } from '../../src-main/settings/mode.ts';
import { policyPath, signOffPath } from '../../src-main/settings/home.ts';
import { versions } from '../../src-main/console/version.ts';
import { certifiedHome, DAY_MS } from '../support/ladder.ts';
import type { TestConsole } from '../support/console.ts';

const standIn = vi.hoisted(() => {
  // Before the console's modules are read, as it would be for a process.
  process.env['ALLOW_MAINNET_TRADING'] = 'true';
  return { addresses: null as null | Record<string, unknown>, keychain: new Map<string, string>() };
});
vi.mock('../../src-main/venue/addresses.ts', () => ({
  BINANCE_ADDRESSES: {
    get mainnet() {
      return standIn.addresses;
    },
  },
}));
vi.mock('../../src-main/vault/keychain.ts', () => ({
  systemKeychain: () => ({
    get: (entry: string) => Promise.resolve({ ok: true, value: standIn.keychain.get(entry) ?? null }),
    set: (entry: string, text: string) => Promise.resolve({ ok: true, value: void standIn.keychain.set(entry, text) }),
    delete: (entry: string) => Promise.resolve({ ok: true, value: void standIn.keychain.delete(entry) }),
  }),
}));

const WATCHDOG = fileURLToPath(new URL('../../src-main/watchdog/watchdog.ts', import.meta.url));

let exchange: PracticeHandle;
let home = '';
let console_: TestConsole | null = null;

const start = async (): Promise<TestConsole> => {
  const { startTestConsole } = await import('../support/console.ts');
  console_ = await startTestConsole({ home, account: 'aggressive', watchdog: { file: process.execPath, args: [WATCHDOG] } });
  const { handlers } = console_.api;
  const { apiKey, secret } = exchange.key;
  await handlers.setKey({ mode: 'mainnet', apiKey, secret }, { from: 'window', user: 'test' });
  return console_;
};
const end = async (): Promise<void> => {
  await console_?.close();
  console_?.remove();
  console_ = null;
};

beforeAll(async () => {
  exchange = await startPractice({ seed: 3 });
  const { restUrl, streamUrl, wsApiUrl } = exchange;
  standIn.addresses = { restUrl, streamUrl, wsApiUrl, hasSapi: true };
  home = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-mainnet-'));
  fs.writeFileSync(policyPath(home), JSON.stringify(NORMAL));
  await certifiedHome(home, Date.now() - 20 * DAY_MS, { version: versions().app });
});
afterAll(async () => {
  await end();
  await exchange.close();
  fs.rmSync(home, { recursive: true, force: true });
});

const USER = { from: 'socket', user: 'trader' } as const;
const toMainnet = (console: TestConsole, confirmation = MAINNET_CONFIRMATION) =>
  console.api.handlers.switchMode({ mode: 'mainnet', confirmation }, USER);

test('each condition that is taken away closes the gate, in words', async () => {
  const console = await start();
  const refused = async (words: string, confirmation?: string): Promise<void> => {
    const answer = await toMainnet(console, confirmation);
    expect(answer.ok ? 'granted' : answer.error.text).toContain(words);
    expect(answer.ok ? '' : answer.error.text.split(';')).toHaveLength(1);
    expect(console.view().status.console?.mode).toBe('practice');
  };
  await refused('the confirmation', 'trade real money');
  const file = signOffPath(home, 'testnet');
  const kept = fs.readFileSync(file, 'utf8');
  fs.rmSync(file);
  await refused('testnet is not signed off');
  fs.writeFileSync(file, kept);
  const keys = new Map(standIn.keychain);
  standIn.keychain.clear();
  await refused('a mainnet key');
  for (const [entry, text] of keys) standIn.keychain.set(entry, text);
  await end();
});

test('with all of them the console runs on mainnet at micro, its caps above any policy, and the certificate dies with the policy', async () => {
  const console = await start();
  const answer = await toMainnet(console);
  expect(answer.ok ? answer.value.text : answer.error.text).toBe('The console runs in mainnet now.');
  await console.until('mainnet may trade', () => console.view().safety.trading?.level === 'ACTIVE', 30_000);
  expect(console.view().status.console?.mode).toBe('mainnet');
  expect(console.view().safety.ladder).toMatchObject({
    stage: 'micro',
    caps: { maxOrderUsdt: '10', maxExposureUsdt: '50', maxDailyLossUsdt: '20' },
    certificate: { valid: true, stage: 'micro' },
  });
  const buy = (quoteQty: string) =>
    console.api.handlers.placeOrder({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteQty } as never, USER);
  expect(await buy('10.01')).toMatchObject({ ok: false, error: { denial: { code: 'H.orderCap' } } });
  const placed = await buy('10');
  expect(placed.ok ? '' : placed.error.text).toBe('');
  await console.until('the position stands', () => Object.keys(console.view().positions).length === 1);

  const tightened = await console.api.handlers.policyPropose({ set: [{ path: 'limits.maxDailyTrades', value: '50' }], why: 'less' }, USER);
  expect(tightened.ok).toBe(true);
  await console.until('the certificate is dead', () => console.view().safety.ladder?.certificate?.valid === false);
  expect(await buy('10')).toMatchObject({ ok: false, error: { denial: { code: 'STATE', text: expect.stringContaining('dead') } } });
  const renewed = await console.api.handlers.promoteLadder({ why: 'tighter is fine', readBackStage: 'micro' }, USER);
  expect(renewed).toMatchObject({ ok: true, value: { stage: 'micro' } });
  await console.until('openings are allowed again', () => console.view().safety.trading?.level === 'ACTIVE');
  await end();
});

test('a restart is not mainnet: it begins again where keys and settings say, and the words are typed each time', async () => {
  const { startConsole } = await import('../../src-main/console.ts');
  const options = { home, seed: 1, feed: { kind: 'synthetic' }, account: 'aggressive', profile: null, customVenue: null } as const;
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const alerts = { raise: () => undefined };
  const { createHeadlessShell } = await import('../../src-main/shell/headless.ts');
  const shell = createHeadlessShell({ register: () => Promise.resolve({ ok: false, error: 'no keyboard' }) });
  const watchdog = { file: process.execPath, args: [WATCHDOG] };
  await expect(startConsole({ ...options, mode: 'mainnet', watchdog, log, alerts }, shell)).rejects.toThrow(
    /Mainnet is refused.*self-test.*entered from a running console.*confirmation/,
  );
  const console = await start();
  expect(console.view().status.console?.mode).toBe('practice');
  await end();
});
