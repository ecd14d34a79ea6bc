// The drill (E7) over a whole console: an emergency stop for real, on an exchange of its own, with the trader's own orders; and nothing
// of it reaches the account that they lie on, nor holds up the engine that trades.
import { threadCpuUsage } from 'node:process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallResult } from '../../src-shared/contract/contract.ts';
import type { DrillResult } from '../../src-shared/domain/drill.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { AccountState } from '../../src-main/practice/protocol/desk.ts';
import { CALLER, startTestConsole } from '../support/console.ts';
import type { TestConsole } from '../support/console.ts';
import { WIDE_EXPOSURE } from '../support/wide.ts';

const QUICK = { maxOrdersPerSecond: 50, minSymbolIntervalMs: 0 };
/** A turn of the engine's thread may not take longer because of a drill (E7). */
const MOST_TURN_MS = 10;

let console: TestConsole;
beforeEach(async () => {
  console = await startTestConsole({}, { limits: QUICK, exposure: WIDE_EXPOSURE, emergencyStop: { onTrip: 'flatten' } });
  await console.until('all quotes', () => ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'].every((symbol) => console.quotes()[symbol]));
}, 60_000);
afterEach(async () => {
  await console.close();
  console.remove();
});

const near = (symbol: string, share: number, decimals = 2): DecimalText =>
  (Number(console.quotes()[symbol]?.bid) * share).toFixed(decimals) as DecimalText;
const order = (symbol: string, rest: object) => console.place({ symbol: symbol as SymbolId, side: 'BUY', ...rest } as never);
const drill = (): Promise<CallResult<DrillResult>> => console.api.handlers.drill({}, CALLER);
const drilled = async (): Promise<DrillResult> => {
  const answer = await drill();
  if (!answer.ok) throw new Error(answer.error.text);
  return answer.value;
};
const account = async (): Promise<AccountState> =>
  (await (await fetch(`${console.api.addresses.venue['faultDesk']}/state?account=main`)).json()) as AccountState;
const openOrders = () => Object.values(console.view().orders).filter(({ status }) => status === 'ACCEPTED');

/** A position with its protecting pair, an entry with both exits, a plain order and a stop order: seven orders. */
const manyKinds = async (): Promise<void> => {
  const exits = (symbol: string) => ({ stopLoss: near(symbol, 0.95), takeProfit: near(symbol, 1.05) });
  await order('ETHUSDT', { type: 'MARKET', qty: '0.05', exits: exits('ETHUSDT') });
  await order('BTCUSDT', { type: 'LIMIT', qty: '0.002', price: near('BTCUSDT', 0.99), exits: exits('BTCUSDT') });
  await order('SOLUSDT', { type: 'LIMIT', qty: '1', price: near('SOLUSDT', 0.99) });
  await order('BNBUSDT', { type: 'STOP_LOSS_LIMIT', qty: '0.3', stopPrice: near('BNBUSDT', 1.01), price: near('BNBUSDT', 1.012) });
  await console.until('seven orders rest', () => openOrders().length === 7);
};

test('E7: the trader’s own open orders, lists and stops among them, are stopped on an exchange of the drill’s own, and the real account does not change', async () => {
  await manyKinds();
  const before = await account();
  const result = await drilled();

  expect(result).toMatchObject({ orders: 7, symbols: 4, receipt: { trigger: 'drill', policy: 'flatten', complete: true } });
  const ids = openOrders().map(({ clientOrderId }) => clientOrderId);
  expect(result.receipt.orders.map(({ clientOrderId }) => clientOrderId).toSorted()).toEqual(ids.toSorted());
  expect(new Set(result.receipt.orders.map(({ outcome }) => outcome))).toEqual(new Set(['canceled']));
  expect(result.receipt.positions).toMatchObject([{ symbol: 'ETHUSDT', qtyAfter: '0', outcome: 'flattened' }]);

  const after = await account();
  expect({ account: after.account.balances, open: after.openOrders, orders: after.orders, trades: after.trades }).toEqual({
    account: before.account.balances,
    open: before.openOrders,
    orders: before.orders,
    trades: before.trades,
  });
  expect(console.view().safety.stop).toMatchObject({ phase: 'ARMED', tripId: 0 });

  const shown = await console.until('the drill is shown', () => console.view().safety.drill);
  expect(shown).toEqual(result);
  const page = await console.api.handlers.journalPage({ count: 50 }, CALLER);
  const facts = page.ok ? page.value.entries.map(({ json }) => JSON.parse(json) as { kind: string }) : [];
  expect(facts.find(({ kind }) => kind === 'drill.finished')).toEqual({ kind: 'drill.finished', drill: result });
}, 90_000);

test('E7: with nothing open, at least five examples are drilled; it says whether E3’s times were kept', async () => {
  const result = await drilled();
  expect(result).toMatchObject({ orders: 5, receipt: { complete: true } });
  expect(result.text).toContain('5 example orders');
  const { cancelsOnWireMs, allAcknowledgedMs, verifiedEmptyMs } = result.receipt;
  expect(result.passed).toBe(Number(cancelsOnWireMs) < 10 && Number(allAcknowledgedMs) < 150 && Number(verifiedEmptyMs) < 500);
}, 90_000);

test('E7: a drill never holds up the engine for more than 10 ms: its work is done in a thread of its own', async () => {
  await manyKinds();
  /** CPU time of this thread between one turn of its loop and the next: what a busy machine takes does not count. */
  const longestTurnMs = async (work: () => Promise<unknown>): Promise<number> => {
    let isOver = false;
    let mostMs = 0;
    let before = threadCpuUsage();
    void work().finally(() => (isOver = true));
    while (!isOver) {
      await new Promise((resolve) => setImmediate(resolve));
      const { user, system } = threadCpuUsage(before);
      before = threadCpuUsage();
      mostMs = Math.max(mostMs, (user + system) / 1000);
    }
    return mostMs;
  };
  const usualMs = await longestTurnMs(() => new Promise((resolve) => setTimeout(resolve, 3000)));
  // A collection of garbage may fall into one of two, what the drill itself does falls into both.
  const turnsMs = [await longestTurnMs(drilled), await longestTurnMs(drilled)];
  expect(Math.min(...turnsMs) - usualMs).toBeLessThan(MOST_TURN_MS);
}, 90_000);

test('E7: one at a time, and none while the real stop is tripped; a trip of the real one ends the drill at once', async () => {
  const first = drill();
  expect(await drill()).toMatchObject({ ok: false, error: { text: expect.stringContaining('under way already') } });
  await console.api.handlers.tripStop({ reason: 'for real' }, CALLER);
  expect(await first).toMatchObject({ ok: false, error: { text: expect.stringContaining('The real emergency stop tripped') } });
  await console.until('the real receipt', () => console.view().safety.stop?.receipt?.complete);
  expect(await drill()).toMatchObject({ ok: false, error: { text: expect.stringContaining('tripped') } });
  expect(console.view().safety.drill).toBeUndefined();
}, 60_000);
