// An exchange that begins anew under a running console, over real sockets (REQUIREMENTS I): recognised as a reset, told, and no loss.
import { expect, onTestFinished, test } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { customVenueOf, startConsoleProcess, temporaryHome } from '../support/console-process.ts';

const ETH = 'ETHUSDT' as SymbolId;
const ALIVE = { eventsPerSecond: 20, seed: 11 } as const;

test('a wiped exchange is a reset and not a loss: the order ends, the position closes, and trading goes on', async () => {
  const place = temporaryHome();
  onTestFinished(() => place.remove());
  const first = await startPractice(ALIVE);
  onTestFinished(() => first.close());
  const console = startConsoleProcess(place.home, ['--custom-venue', customVenueOf(first)]);
  onTestFinished(async () => {
    if (console.child.exitCode === null && console.child.signalCode === null) await console.kill('SIGKILL');
  });
  await console.ready();
  await console.until('it may trade', (view) => view.safety.trading?.level === 'ACTIVE');
  const client = await console.client();
  const buy = { symbol: ETH, side: 'BUY', type: 'MARKET', quoteQty: '300' as DecimalText } as const;
  await expect.poll(async () => (await client.call('placeOrder', buy)).ok, { timeout: 20_000, interval: 600 }).toBe(true);
  const held = await console.until('the buy is held', (view) => view.positions[ETH] !== undefined);
  const price = (Number(held.positions[ETH]?.entryPrice) * 0.99).toFixed(2) as DecimalText;
  const rest = { symbol: ETH, side: 'BUY', type: 'LIMIT', qty: '0.05' as DecimalText, price } as const;
  await expect.poll(async () => (await client.call('placeOrder', rest)).ok, { timeout: 20_000, interval: 600 }).toBe(true);
  await console.until('it rests', (view) => Object.values(view.orders).some((order) => order.status === 'ACCEPTED'));

  const port = Number(new URL(first.restUrl).port);
  await first.close();
  const second = await startPractice({ ...ALIVE, port, balances: { USDT: '2500' } });
  onTestFinished(() => second.close());
  await second.perform({ op: 'addKey', kind: 'HMAC', account: 'main', ...first.key });

  // What is younger than fifteen seconds may only lag in the exchange's queries: nothing is believed before.
  const compared = async (): Promise<readonly string[]> => {
    await client.call('reconcile', {}, 40_000);
    const [newest] = (await console.view()).safety.reconciliation?.history ?? [];
    return newest?.differences.map(({ what, action }) => `${what} ${action}`) ?? [];
  };
  await expect.poll(compared, { timeout: 60_000, interval: 1000 }).toContain('position closed without profit or loss');
  const view = await console.until('it may trade again', ({ safety }) => safety.trading?.level === 'ACTIVE');
  client.close();
  expect(Object.values(view.orders).filter(({ reason }) => reason === 'the exchange was reset')).toHaveLength(1);
  expect(view.positions).toEqual({});
  expect(view.balances['USDT']?.total).toBe('2500');
  expect(Math.abs(Number(view.status.console?.dayPnlUsdt))).toBeLessThan(20);
  expect(view.alerts['venue-reset']).toMatchObject({ title: 'The exchange was reset' });
}, 150_000);
