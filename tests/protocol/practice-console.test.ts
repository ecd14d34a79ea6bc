// The embedded exchange dies with its console and comes back with it (A1): what the journal remembers is what the exchange shows, so
// that a start finds nothing to explain. Each named account is an account of its own (A2).
import { afterEach, expect, it } from 'vitest';
import type { ConsoleView } from '../../src-shared/contract/view.ts';
import { startConsoleProcess, temporaryHome, type ConsoleProcess } from '../support/console-process.ts';

const place = temporaryHome();
let running: ConsoleProcess | undefined;
afterEach(async () => {
  if (running !== undefined && running.child.signalCode === null && running.child.exitCode === null) await running.kill('SIGTERM');
  place.remove();
});

async function start(...args: string[]): Promise<ConsoleProcess> {
  running = startConsoleProcess(place.home, ['--seed', '5', ...args]);
  expect(await running.ready()).toMatchObject({ mode: 'practice', tradingState: 'ACTIVE' });
  return running;
}

async function order(console: ConsoleProcess, params: object): Promise<string> {
  const client = await console.client();
  try {
    const answer = await client.call('placeOrder', { symbol: 'BTCUSDT', side: 'BUY', qty: '0.005', ...params } as never);
    if (!answer.ok) throw new Error(answer.error.text);
    return answer.value.clientOrderId;
  } finally {
    client.close();
  }
}

const holdings = (view: ConsoleView) => Object.values(view.balances).map(({ asset, free, locked }) => ({ asset, free, locked }));

it('a position and a resting order survive kill -9 of the whole console, and the start has no difference to explain', async () => {
  const first = await start();
  const bought = await order(first, { type: 'MARKET' });
  await first.until('the fill', (view) => view.orders[bought]?.status === 'FILLED');
  // Another symbol: an order on the same one would have to wait (C10). The market opens at 2600 and ranges.
  const resting = await order(first, { symbol: 'ETHUSDT', qty: '0.05', type: 'LIMIT', price: '2580' });
  const settled = (view: ConsoleView): boolean =>
    view.orders[resting]?.status === 'ACCEPTED' && view.balances['USDT']?.locked === '129' && view.balances['BTC'] !== undefined;
  const before = await first.until('the order open and paid for', settled);
  await first.kill('SIGKILL');

  const second = await start();
  const after = await second.until('the order open and paid for', settled);
  expect(after.safety.reconciliation?.differences).toEqual([]);
  expect(after.positions['BTCUSDT']).toMatchObject({
    qty: before.positions['BTCUSDT']?.qty,
    entryPrice: before.positions['BTCUSDT']?.entryPrice,
  });
  expect(holdings(after)).toEqual(holdings(before));
  expect(after.orders[resting]?.venueOrderId).toBe(before.orders[resting]?.venueOrderId);
  // At about the same price: a position's value does not jump because the console was started again.
  const change = Number(after.positions['BTCUSDT']?.mark) / Number(before.positions['BTCUSDT']?.mark) - 1;
  expect(Math.abs(change)).toBeLessThan(0.003);
  const sold = await order(second, { type: 'MARKET', side: 'SELL', qty: after.positions['BTCUSDT']?.sellableQty });
  await second.until('the sale', (view) => view.orders[sold]?.status === 'FILLED');
  await second.kill('SIGTERM');

  const other = await start('--account', 'high-volume');
  const rich = await other.view();
  expect(holdings(rich)).toEqual([{ asset: 'USDT', free: '50000', locked: '0' }]);
  expect([rich.orders, rich.positions]).toEqual([{}, {}]);
});
