// What a running console takes up from outside and tells its replicas: a policy file that was edited, a journal that had to be repaired.
import { cpSync, mkdtempSync, readdirSync, rmSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { policyPath } from '../../src-main/settings/home.ts';
import { CALLER, startTestConsole } from '../support/console.ts';
import type { TestConsole } from '../support/console.ts';

let cleanUp: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.reverse()) await clean();
  cleanUp = [];
});
const start = async (home?: string): Promise<TestConsole> => {
  const console = await startTestConsole(home === undefined ? {} : { home });
  cleanUp.push(
    () => console.remove(),
    () => console.close(),
  );
  return console;
};

test('an edited policy is followed at once: the ticket asks for confirmation (M2), the panic hotkey is another (E1)', async () => {
  const console = await start();
  expect(console.view().status.console?.confirmOrders).toBe(false);
  expect(console.api.hotkeyAccelerator()).toBe('CommandOrControl+Shift+F12');
  const heard: string[] = [];
  console.api.onHotkeyAccelerator((accelerator) => heard.push(accelerator));
  writeFileSync(policyPath(console.home), JSON.stringify({ order: { confirm: 'always' }, emergencyStop: { hotkey: 'Control+Alt+F9' } }));
  await console.until('the ticket asks', () => console.view().status.console?.confirmOrders, 15_000);
  expect(heard).toEqual(['Control+Alt+F9']);
});

test('a policy file with a mistake is told and opens nothing until it is mended; what is held may still be sold (G)', async () => {
  const console = await start();
  const buy = { symbol: 'BTCUSDT' as SymbolId, side: 'BUY', type: 'MARKET', quoteQty: '200' as DecimalText } as const;
  const held = () => console.view().positions['BTCUSDT'];
  await console.until('there is a price', () => console.quotes()['BTCUSDT']);
  await console.place(buy);
  await console.until('the buy is held', held);

  writeFileSync(policyPath(console.home), JSON.stringify({ limits: { maxOrderNotionalUsdt: '300', maxDailyTrades: 'ten' } }));
  const cause = await console.until(
    'the mistake is a cause',
    () => console.view().safety.trading?.causes.find(({ code }) => code === 'POLICY_BROKEN'),
    15_000,
  );
  expect(cause).toMatchObject({ level: 'REDUCING', text: expect.stringContaining('maxDailyTrades') as string });
  expect(console.alerts).toContainEqual(expect.objectContaining({ key: 'policy', severity: 'danger', text: cause.text }));
  expect(console.view().alerts['policy']).toMatchObject({ severity: 'danger', text: cause.text });
  const denied = await console.api.handlers.placeOrder(buy, CALLER);
  expect(denied).toMatchObject({ ok: false, error: { code: 'DENIED', text: expect.stringContaining('policy.json') as string } });
  const test = await console.api.handlers.selfTest({}, CALLER);
  expect(test.ok && test.value.items.find(({ id }) => id === 'policy')?.verdict).toBe('pass');
  await console.place({ symbol: 'BTCUSDT' as SymbolId, side: 'SELL', type: 'MARKET', qty: held()?.sellableQty ?? ('' as DecimalText) });

  writeFileSync(policyPath(console.home), JSON.stringify({ limits: { maxOrderNotionalUsdt: '300', maxDailyTrades: 10 } }));
  await console.until('it may trade again', () => console.view().safety.trading?.level === 'ACTIVE', 15_000);
  expect(console.view().alerts['policy']).toMatchObject({ severity: 'good' });
}, 60_000);

test("a clock that goes wrong turns the self-test red at once, not at the next hour's, and green again when it is set (J)", async () => {
  const console = await start();
  const desk = async (operation: object): Promise<void> => {
    const body = JSON.stringify(operation);
    const answer = await fetch(`${console.api.addresses.venue['faultDesk']}/desk`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(200);
  };
  const verdict = () => console.view().safety.selfTest?.items.find(({ id }) => id === 'clock')?.verdict;
  expect(verdict()).toBe('pass');
  await desk({ op: 'clockSkew', skewMs: 30_000 });
  // The refusal of any signed request makes the venue look at its clock: 30 s are beyond every recvWindow that we ask for.
  await console.api.handlers.reconcile({}, CALLER);
  await console.until('the self-test says so', () => verdict() === 'fail', 10_000);
  expect(console.view().safety.trading?.level).toBe('HALTED');
  await desk({ op: 'clockSkew', skewMs: 0 });
  await console.until('it may trade again', () => console.view().safety.trading?.level === 'ACTIVE', 40_000);
  expect(verdict()).toBe('pass');
}, 90_000);

test('a journal that was cut is told to the person and stays readable in the window (L1)', async () => {
  const first = await start();
  const home = mkdtempSync(join(tmpdir(), 'holdfast-cut-'));
  cleanUp.push(() => rmSync(home, { recursive: true, force: true }));
  // As a power cut leaves it: the files of a running console, the log without its last bytes.
  cpSync(join(first.home, 'journals'), join(home, 'journals'), { recursive: true });
  const log = readdirSync(join(home, 'journals')).find((name) => name.endsWith('-wal'));
  const path = join(home, 'journals', log ?? '');
  truncateSync(path, statSync(path).size - 100);
  await first.close();

  const second = await start(home);
  const alert = second.view().alerts['journal-notice'];
  expect(alert).toMatchObject({ severity: 'warning', title: 'The journal was repaired' });
  expect(second.alerts).toContainEqual(expect.objectContaining({ key: 'journal-notice', text: alert?.text }));
});
