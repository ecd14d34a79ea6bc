// Every order type, list and protection from the command line, through a whole console and real sockets, to what the exchange then holds
// (B1, B5, B6, O): each goes through the venue's own order lists, and the trader's books equal the exchange's afterwards.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { policyPath } from '../../src-main/settings/home.ts';
import type { RiskSize } from '../../src-shared/contract/contract.ts';
import type { OrderView, PositionView } from '../../src-shared/contract/view.ts';
import { booksOnceEqual } from '../support/console-books.ts';
import { customVenueOf, holdfast, startConsoleProcess, temporaryHome } from '../support/console-process.ts';
import type { ConsoleProcess } from '../support/console-process.ts';
import { WIDE_EXPOSURE } from '../support/wide.ts';

const place = temporaryHome();
let practice: PracticeHandle;
let running: ConsoleProcess;
/** Of a quiet market: prices are written down as parts of it. */
let mark = 0;

beforeAll(async () => {
  practice = await startPractice({ seed: 5, eventsPerSecond: 10, historyMinutes: 5, symbols: ['BTCUSDT', 'BNBUSDT'] });
  mkdirSync(dirname(policyPath(place.home)), { recursive: true });
  writeFileSync(
    policyPath(place.home),
    JSON.stringify({
      limits: {
        minSymbolIntervalMs: 0,
        maxOrdersPerSecond: 50,
        allowedSymbols: ['BTCUSDT', 'BNBUSDT'],
        maxQuoteAgeMs: 60_000,
        coolDownAfterLosses: 100,
      },
      exposure: WIDE_EXPOSURE,
      circuitBreaker: { consecutiveLosses: 100 },
    }),
  );
  running = startConsoleProcess(place.home, ['--custom-venue', customVenueOf(practice)]);
  await running.ready();
  await running.until('ACTIVE', ({ safety }) => safety.trading?.level === 'ACTIVE');
  const answer = await fetch(`${practice.restUrl}/api/v3/ticker/price?symbol=BTCUSDT`);
  mark = Number(((await answer.json()) as { readonly price: string }).price);
}, 60_000);
afterAll(async () => {
  await running.kill('SIGTERM');
  await practice.close();
  place.remove();
});
/** So many hundredths of a percent of the mark. */
const at = (bps: number): string => ((mark * bps) / 10_000).toFixed(0);

const json = async <T>(line: string): Promise<T> => {
  const { exit, out, err } = await holdfast(place.home, `${line} --json`);
  if (exit !== 0) throw new Error(`${line}: exit ${exit}: ${err}`);
  return JSON.parse(out) as T;
};
const openThere = async () => {
  const { openOrders } = await practice.state();
  return openOrders.map(({ type, side, origQty, price, stopPrice, trailingDelta, status, orderListId }) => ({
    type,
    side,
    status,
    listed: orderListId !== -1,
    qty: Number(origQty),
    price: Number(price),
    stopPrice: Number(stopPrice),
    ...(trailingDelta !== undefined && { trailingDelta }),
  }));
};
const position = async (): Promise<PositionView | undefined> => (await json<readonly PositionView[]>('positions'))[0];
const equal = async (): Promise<void> => {
  const { console, exchange } = await booksOnceEqual(place.home, practice, 10_000);
  expect(console).toEqual(exchange);
};

beforeEach(async () => {
  await json('order cancel --all');
  const held = await position();
  if (held !== undefined && !held.dust) await json(`order place SELL BTCUSDT --market --qty ${held.sellableQty} --wait`);
});

it('a limit entry with both exits is one OTOCO at the exchange, its exits sized after fees and waiting', async () => {
  const entry = await json<OrderView & { readonly orders: readonly OrderView[] }>(
    `order place BUY BTCUSDT --limit ${at(9900)} --qty 0.005 --stop-loss ${at(9800)} --take-profit ${at(10_100)}`,
  );
  expect(entry).toMatchObject({ status: 'ACCEPTED', list: { kind: 'OTOCO', role: 'entry' } });
  expect(entry.orders.map(({ pending }) => pending)).toEqual([false, true, true]);
  expect(await openThere()).toEqual([
    expect.objectContaining({ type: 'LIMIT', side: 'BUY', status: 'NEW', listed: true, price: Number(at(9900)) }),
    expect.objectContaining({
      type: 'STOP_LOSS',
      side: 'SELL',
      status: 'PENDING_NEW',
      listed: true,
      qty: 0.00499,
      stopPrice: Number(at(9800)),
    }),
    expect.objectContaining({
      type: 'LIMIT_MAKER',
      side: 'SELL',
      status: 'PENDING_NEW',
      listed: true,
      qty: 0.00499,
      price: Number(at(10_100)),
    }),
  ]);
  await equal();
  // Cancelling any of it cancels all of it.
  await json(`order cancel ${entry.clientOrderId}`);
  expect(await openThere()).toEqual([]);
  await equal();
});

it('a market entry is protected as soon as it fills; the plan can be changed, trails, follows a part sale, and is taken off (B5)', async () => {
  await json(`order place BUY BTCUSDT --market --qty 0.005 --stop-loss ${at(9800)} --take-profit ${at(10_150)} --wait`);
  await running.until('protected', ({ positions }) => positions['BTCUSDT']?.protection?.status === 'working');
  expect(await openThere()).toEqual([
    expect.objectContaining({ type: 'STOP_LOSS', listed: true, qty: 0.00499, stopPrice: Number(at(9800)) }),
    expect.objectContaining({ type: 'LIMIT_MAKER', listed: true, qty: 0.00499, price: Number(at(10_150)) }),
  ]);
  const trailing = await json<PositionView>('protect BTCUSDT --trailing 150');
  expect(trailing.protection).toMatchObject({ status: 'working', trailingDeltaBps: 150, by: 'exchange', coversQty: '0.00499' });
  expect(await openThere()).toEqual([expect.objectContaining({ type: 'STOP_LOSS', listed: false, qty: 0.00499, trailingDelta: 150 })]);

  expect(await json<OrderView>('order place SELL BTCUSDT --market --qty 0.002 --wait')).toMatchObject({ status: 'FILLED' });
  const rest = await running.until('the rest protected', ({ positions }) => positions['BTCUSDT']?.protection?.coversQty === '0.00299');
  expect(rest.positions['BTCUSDT']?.protection?.lastGapMs).toBeLessThan(5000);
  expect(await openThere()).toEqual([expect.objectContaining({ type: 'STOP_LOSS', qty: 0.00299, trailingDelta: 150 })]);

  const off = await json<PositionView>('protect BTCUSDT --off');
  expect(off.protection).toMatchObject({ status: 'none', by: null });
  expect(await openThere()).toEqual([]);
  await equal();
});

it('an OCO of one’s own is one list at the exchange; with a limit on its stop it is a stop limit', async () => {
  await json('order place BUY BTCUSDT --market --qty 0.005 --wait');
  await json(`order oco SELL BTCUSDT --qty 0.002 --price ${at(10_100)} --stop-price ${at(9900)}`);
  await json(`order oco SELL BTCUSDT --qty 0.002 --price ${at(10_110)} --stop-price ${at(9890)} --limit-price ${at(9880)}`);
  expect((await openThere()).map(({ type, listed }) => [type, listed])).toEqual([
    ['STOP_LOSS', true],
    ['LIMIT_MAKER', true],
    ['STOP_LOSS_LIMIT', true],
    ['LIMIT_MAKER', true],
  ]);
  await equal();
});

it.each([
  ['--type stop-loss --stop-price 9900', { type: 'STOP_LOSS' }],
  ['--type stop-loss --stop-price 9900 --limit-price 9890', { type: 'STOP_LOSS_LIMIT' }],
  ['--type take-profit --stop-price 10100', { type: 'TAKE_PROFIT' }],
  ['--type take-profit --stop-price 10100 --limit-price 10100', { type: 'TAKE_PROFIT_LIMIT' }],
  ['--type stop-loss --trailing-bps 200', { type: 'STOP_LOSS', trailingDelta: 200 }],
  ['--limit 10100 --tif post-only', { type: 'LIMIT_MAKER' }],
  ['--limit 10100', { type: 'LIMIT' }],
])('a sale with %s stands at the exchange as itself (prices in bps of the mark)', async (words, there) => {
  await json('order place BUY BTCUSDT --market --qty 0.005 --wait');
  const priced = words.replaceAll(
    /(--(?:stop-price|limit-price|limit)) (\d+)/g,
    (_, name: string, bps: string) => `${name} ${at(Number(bps))}`,
  );
  expect(await json<OrderView>(`order place SELL BTCUSDT ${priced} --qty 0.002`)).toMatchObject({ status: 'ACCEPTED' });
  expect(await openThere()).toEqual([expect.objectContaining({ ...there, side: 'SELL', qty: 0.002, listed: false })]);
  await equal();
});

it('replace is one request that leaves one order: another price, another size; cancel by symbol leaves the others', async () => {
  const first = await json<OrderView>(`order place BUY BTCUSDT --limit ${at(9900)} --qty 0.005`);
  const second = await json<OrderView>(`order replace ${first.clientOrderId} --price ${at(9910)} --qty 0.004`);
  expect(second).toMatchObject({ status: 'ACCEPTED', replaces: first.clientOrderId });
  expect(await openThere()).toEqual([expect.objectContaining({ type: 'LIMIT', qty: 0.004, price: Number(at(9910)) })]);
  const again = await holdfast(place.home, `order replace ${first.clientOrderId} --price ${at(9920)}`);
  expect(again).toMatchObject({ exit: 1, err: expect.stringContaining('is CANCELED already') as string });
  const other = await fetch(`${practice.restUrl}/api/v3/ticker/price?symbol=BNBUSDT`);
  const { price } = (await other.json()) as { readonly price: string };
  await json(`order place BUY BNBUSDT --limit ${(Number(price) * 0.99).toFixed(1)} --qty 0.5`);
  await json('order cancel --all --symbol BTCUSDT');
  expect((await practice.state()).openOrders.map(({ symbol }) => symbol)).toEqual(['BNBUSDT']);
  await equal();
});

it('a size by risk is one that the gate lets pass, and names what capped it (B6)', async () => {
  const size = await json<RiskSize>(`size BTCUSDT --stop-price ${at(9850)} --price ${at(9990)}`);
  expect(size).toMatchObject({ cappedBy: 'C1.maxOrderNotional', multiplier: '1' });
  const placed = await json<OrderView>(`order place BUY BTCUSDT --limit ${at(9990)} --qty ${size.qty} --stop-loss ${at(9850)}`);
  expect(placed.qty).toBe(size.qty);
  await equal();
});
