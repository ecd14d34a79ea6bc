// Metrics of a whole console (REQUIREMENTS L3): counted while it trades, read off the control socket by a collector's strict reader, and
// the same after kill -9 and a start, because they are the journal's.
import net from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { controlAddress } from '../../src-main/settings/home.ts';
import type { MetricsView } from '../../src-shared/contract/metrics.ts';
import { holdfast, startConsoleProcess, temporaryHome, type ConsoleProcess } from '../support/console-process.ts';
import { parsePrometheus } from '../support/prometheus.ts';

const place = temporaryHome();
let running: ConsoleProcess | undefined;
afterEach(async () => {
  if (running !== undefined && running.child.signalCode === null && running.child.exitCode === null) await running.kill('SIGKILL');
  place.remove();
});

const start = async (): Promise<ConsoleProcess> => {
  running = startConsoleProcess(place.home, ['--seed', '5']);
  await running.ready();
  await running.until('it may trade', (view) => view.safety.trading?.level === 'ACTIVE');
  return running;
};

/** As a collector would: one line over the socket, and nothing of the command line. */
const scraped = (home: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(controlAddress(home));
    let text = '';
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (!text.includes('\n')) return;
      socket.destroy();
      const answer = JSON.parse(text) as { readonly value: { readonly prometheus: string } };
      resolve(answer.value.prometheus);
    });
    socket.write('{"id": 1, "call": "metrics", "input": {}}\n');
  });

const figures = async (): Promise<MetricsView> => JSON.parse((await holdfast(place.home, 'metrics --json')).out) as MetricsView;
const ordersOf = ({ journal }: MetricsView) => ({ ...journal, facts: 0, events: [], errors: [] });

test('a bought and sold coin and a denial are counted, and kill -9 takes nothing of it', async () => {
  const first = await start();
  const buy = await holdfast(place.home, 'order place BUY BTCUSDT --market --qty 0.005');
  expect(buy.exit, buy.err).toBe(0);
  expect((await holdfast(place.home, 'order place BUY BTCUSDT --market --qty 5')).exit).toBe(1);
  const held = await first.until('the position', (view) => view.positions['BTCUSDT'] !== undefined);
  await first.until('C10', (view) => Date.now() - (view.positions['BTCUSDT']?.openedAtMs ?? 0) > 700);
  const sold = await holdfast(place.home, `order place SELL BTCUSDT --market --qty ${held.positions['BTCUSDT']?.sellableQty}`);
  expect(sold.exit, sold.err).toBe(0);
  await first.until('the sale', (view) => (view.positions['BTCUSDT']?.dust ?? true) === true);

  const before = await figures();
  expect(before.journal.orders).toMatchObject({ denied: 1, refused: 0, doubted: 0 });
  expect(before.journal.orders.taken).toBe(before.journal.orders.sent);
  expect(before.journal.successPct).toBe('100');
  expect(before.journal.closes.wins + before.journal.closes.losses).toBe(1);
  expect(before.journal.latency.count).toBeGreaterThanOrEqual(2);
  expect(before.journal.latency.mostMs).toBeLessThan(30_000);

  const families = parsePrometheus(await scraped(place.home));
  expect(families.get('holdfast_trades_total')?.samples[0]?.value).toBe(before.journal.orders.traded);
  expect(families.get('holdfast_orders_denied_total')?.samples).toHaveLength(1);
  expect(families.get('holdfast_order_latency_seconds')?.type).toBe('histogram');
  expect(families.get('holdfast_close_profit_usdt')?.samples.find(({ labels }) => labels['le'] === '+Inf')?.value).toBe(1);
  expect(parsePrometheus(`${(await holdfast(place.home, 'metrics --prometheus')).out}`).size).toBe(families.size);
  expect((await holdfast(place.home, 'metrics')).out).toMatch(/99 % within +\d+ ms/);

  await first.kill('SIGKILL');
  await start();
  expect(ordersOf(await figures())).toEqual(ordersOf(before));
}, 120_000);
