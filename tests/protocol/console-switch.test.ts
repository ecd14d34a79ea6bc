// A switch of mode (A2) with a stop in the middle of it (E1): whoever presses is heard by the core that stands then, is answered by it,
// and no order slips into the mode that is being left. The testnet of these tests is a practice exchange on loopback.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import { openStation } from '../../src-main/console/station.ts';
import { lockFile } from '../../src-main/journal/lock.ts';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { watchdogLockPath, watchdogRelievedPath } from '../../src-main/settings/home.ts';
import type { ConsoleOptions } from '../../src-main/shell/port.ts';
import type { KeyStatus } from '../../src-shared/contract/contract.ts';
import { CALLER, startTestConsole } from '../support/console.ts';
import type { TestConsole } from '../support/console.ts';

const testnet = vi.hoisted(() => ({
  addresses: { restUrl: '', streamUrl: '', wsApiUrl: '', hasSapi: true },
  key: { apiKey: '', secret: '' },
  /** Held up by a test that wants to act in the middle of a switch. */
  opening: Promise.resolve() as Promise<void>,
}));
vi.mock('../../src-main/venue/addresses.ts', () => ({ BINANCE_ADDRESSES: { testnet: testnet.addresses } }));
vi.mock('../../src-main/vault/vault.ts', () => ({
  openVault: () => {
    const status: KeyStatus = {
      mode: 'testnet',
      stored: 'session',
      kind: 'hmac',
      hint: null,
      keychain: { available: false, text: 'A test has none.' },
    };
    return Promise.resolve({
      status: () => Promise.resolve([status]),
      credentials: () => testnet.opening.then(() => ok({ ...testnet.key, kind: 'hmac' as const })),
    });
  },
}));

let exchange: PracticeHandle;
beforeAll(async () => {
  exchange = await startPractice({ seed: 11 });
  Object.assign(testnet.addresses, { restUrl: exchange.restUrl, streamUrl: exchange.streamUrl, wsApiUrl: exchange.wsApiUrl });
  Object.assign(testnet.key, exchange.key);
});
afterAll(() => exchange.close());

const start = async (options: Partial<ConsoleOptions> = {}): Promise<TestConsole> => {
  const console = await startTestConsole(options);
  onTestFinished(async () => {
    await console.close();
    console.remove();
  });
  return console;
};
const switchTo = (console: TestConsole) => console.api.handlers.switchMode({ mode: 'testnet', confirmation: '' }, CALLER);
const press = (console: TestConsole) => console.api.handlers.tripStop({ reason: 'in the switch' }, CALLER);

test('a quiet switch arrives: the other mode trades, and the picture is its own', async () => {
  const console = await start();
  expect(await switchTo(console)).toMatchObject({ ok: true });
  const { status, safety } = await console.until(
    'testnet trades',
    () => console.view().status.console?.mode === 'testnet' && console.view().safety.trading?.level === 'ACTIVE' && console.view(),
    20_000,
  );
  expect([status.console?.mode, safety.stop?.phase]).toEqual(['testnet', 'ARMED']);
});

test('no mode is entered while an earlier watchdog may be at work on its account (E8)', async () => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-switch-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const watchdog = lockFile(watchdogLockPath(home));
  const answer = setInterval(() => rmSync(watchdogRelievedPath(home), { force: true }), 10);
  const console = await start({ home });
  clearInterval(answer);
  expect(console.alerts.map(({ title }) => title)).toContain('A watchdog still stands in for another account');
  expect(await switchTo(console)).toMatchObject({ ok: false, error: { text: expect.stringContaining('earlier console') as string } });
  watchdog?.release();
  expect(await switchTo(console)).toMatchObject({ ok: true });
});

test('while a mode is being switched no order is taken, and a stop pressed then stands: the switch is given up', async () => {
  const console = await start();
  const held = Promise.withResolvers<void>();
  testnet.opening = held.promise;
  const switching = switchTo(console);
  const placed = await console.api.handlers.placeOrder(
    { symbol: 'BTCUSDT' as SymbolId, side: 'BUY', type: 'MARKET', quoteQty: '200' },
    CALLER,
  );
  expect(placed).toMatchObject({ ok: false, error: { code: 'REFUSED', text: expect.stringContaining('being switched') as string } });
  expect(await press(console)).toEqual(ok({ tripId: 1 }));
  held.resolve();
  expect(await switching).toMatchObject({ ok: false, error: { text: expect.stringContaining('emergency stop is tripped') as string } });
  expect(await console.api.handlers.awaitReceipt({ tripId: 1, timeoutMs: 10_000 }, CALLER)).toMatchObject({ value: { complete: true } });
  expect(console.api.status()).toEqual({ mode: 'practice', level: 'HALTED', phase: 'TRIPPED' });
  expect(console.view().safety.stop).toMatchObject({ phase: 'TRIPPED', tripId: 1, reason: 'in the switch' });
});

test('a stop pressed in the last moment of a switch, when the old mode is closing, stops the new one', async () => {
  const console = await start();
  let over = false;
  const switching = switchTo(console).finally(() => (over = true));
  while (!over && console.api.status().mode === 'practice') {
    await new Promise((resolve) => setImmediate(resolve));
  }
  const pressed = press(console);
  expect(over).toBe(false);
  expect(await switching).toMatchObject({ ok: true });
  expect(await pressed).toEqual(ok({ tripId: 1 }));
  await console.until('the stop stands in the new mode', () => console.view().safety.stop?.receipt?.complete, 20_000);
  expect(console.api.status()).toMatchObject({ mode: 'testnet', phase: 'TRIPPED' });
});

test('E3: a press in the middle of a switch cancels what rests in the mode that is entered, within five seconds, and names it', async () => {
  const ids: string[] = [];
  for (const [symbol, quantity] of [
    ['BTCUSDT', '0.004'],
    ['ETHUSDT', '0.08'],
  ] as const) {
    const answer = await fetch(`${exchange.restUrl}/api/v3/ticker/price?symbol=${symbol}`);
    const price = (Number(((await answer.json()) as { readonly price: string }).price) * 0.98).toFixed(2);
    for (const each of [1, 2, 3]) {
      const newClientOrderId = `phone-${symbol}-${each}`;
      const order = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity, price, newClientOrderId } as const;
      await exchange.perform({ op: 'placeOrder', order });
      ids.push(newClientOrderId);
    }
  }
  const console = await start();
  const switching = switchTo(console);
  while (console.api.status().mode === 'practice') await new Promise((resolve) => setImmediate(resolve));
  const pressedMs = performance.now();
  await press(console);
  const receipt = await console.until('the proof', () => {
    const { stop } = console.view().safety;
    return stop?.receipt?.complete === true && stop.receipt;
  });
  expect(performance.now() - pressedMs).toBeLessThan(5000);
  expect(receipt.orders.map(({ clientOrderId }) => clientOrderId).toSorted()).toEqual(ids.toSorted());
  expect(new Set(receipt.orders.map(({ outcome }) => outcome))).toEqual(new Set(['canceled']));
  expect((await exchange.state()).openOrders).toEqual([]);
  expect(await switching).toMatchObject({ ok: true });
});

test('a custom venue is testnet for as long as the console runs: no switch gives it another name (A4)', async () => {
  const { hasSapi: _, ...addresses } = testnet.addresses;
  const console = await start({ mode: null, customVenue: { ...addresses, ...testnet.key } });
  expect(console.api.status().mode).toBe('testnet');
  for (const mode of ['practice', 'mainnet', 'testnet'] as const) {
    const answer = await console.api.handlers.switchMode({ mode, confirmation: '' }, CALLER);
    expect(answer).toMatchObject({ ok: false, error: { code: 'REFUSED', text: expect.stringContaining('custom venue') as string } });
  }
  expect(console.api.status()).toMatchObject({ mode: 'testnet', level: 'ACTIVE' });
});

test('a custom venue opens no station of another mode (A4)', async () => {
  const { hasSapi: _, ...addresses } = testnet.addresses;
  const options = { customVenue: { ...addresses, ...testnet.key } } as unknown as ConsoleOptions;
  for (const mode of ['practice', 'mainnet'] as const) {
    const opened = await openStation(options, mode, {} as never, fail('no policy'));
    expect(opened).toEqual(fail(`A custom venue is testnet (A4); it is never used as ${mode}.`));
  }
});

test('a cancel of everything on a symbol that is none is told, not done', async () => {
  const console = await start();
  const answer = await console.api.handlers.cancelAll({ symbol: 'NOPE' as SymbolId }, CALLER);
  expect(answer).toMatchObject({ ok: false, error: { code: 'NOT_FOUND', text: expect.stringContaining('NOPE') as string } });
  expect(await console.api.handlers.cancelAll({ symbol: 'BTCUSDT' as SymbolId }, CALLER)).toEqual(ok({ requested: 0 }));
});
