// The exchange's worst days as the trader meets them: whole console, real sockets, the command line (issue 3, section 5). Whatever
// happened, at the end the trader's books equal the exchange's to the last digit (B8, Q3, Q4), and what went wrong was told (L4).
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FaultRule } from '../../src-main/practice/protocol/faults.ts';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { policyPath } from '../../src-main/settings/home.ts';
import type { OrderView } from '../../src-shared/contract/view.ts';
import { booksOnceEqual } from '../support/console-books.ts';
import { customVenueOf, holdfast, startConsoleProcess, temporaryHome } from '../support/console-process.ts';
import type { ConsoleProcess, Ran } from '../support/console-process.ts';
import { WIDE_EXPOSURE, WIDE_FAULTS } from '../support/wide.ts';

const place = temporaryHome();
const POLICY = {
  limits: { minSymbolIntervalMs: 0, maxOrdersPerSecond: 50, maxDailyTrades: 1000, maxUserStreamSilenceMs: 3000, coolDownAfterLosses: 100 },
  exposure: WIDE_EXPOSURE,
  ...WIDE_FAULTS,
  // A storm lets a hundred calls fail in a minute.
  circuitBreaker: { ...WIDE_FAULTS.circuitBreaker, apiErrorWindowSeconds: 10 },
};
let practice: PracticeHandle;
let running: ConsoleProcess;

beforeAll(async () => {
  practice = await startPractice({ seed: 23, eventsPerSecond: 40, historyMinutes: 5 });
  mkdirSync(dirname(policyPath(place.home)), { recursive: true });
  writeFileSync(policyPath(place.home), JSON.stringify(POLICY));
  running = startConsoleProcess(place.home, ['--custom-venue', customVenueOf(practice)]);
  await running.ready();
}, 60_000);
afterAll(async () => {
  await running.kill('SIGTERM');
  await practice.close();
  place.remove();
});

const cli = (line: string): Promise<Ran> => holdfast(place.home, line);
const orders = async (): Promise<readonly OrderView[]> => JSON.parse((await cli('orders --all --json')).out) as OrderView[];
const active = (): Promise<unknown> => running.until('ACTIVE', ({ safety }) => safety.trading?.level === 'ACTIVE');
const alertOf = async (key: string) => (await running.view()).alerts[key];

/** A price at so many hundredths of a percent of the market, on every symbol's tick. */
const priceAt = async (symbol: string, bps: number): Promise<string> => {
  const answer = await fetch(`${practice.restUrl}/api/v3/ticker/price?symbol=${symbol}`);
  const { price } = (await answer.json()) as { readonly price: string };
  const cents = (BigInt(price.replace('.', '').slice(0, -6)) * BigInt(bps)) / 10_000n;
  return `${cents / 100n}.${String(cents % 100n).padStart(2, '0')}`;
};
/** About 300 USDT of each. */
const QTY: Readonly<Record<string, string>> = { BTCUSDT: '0.005', ETHUSDT: '0.11', BNBUSDT: '0.5', SOLUSDT: '2' };
const SYMBOLS = Object.keys(QTY);
const bid = async (symbol: string, more = ''): Promise<Ran> =>
  cli(`order place BUY ${symbol} --limit ${await priceAt(symbol, 9900)} --qty ${QTY[symbol] ?? ''} --json${more}`);
const hold = async (symbol: string): Promise<void> => {
  expect(await cli(`order place BUY ${symbol} --market --qty ${QTY[symbol] ?? ''} --wait`)).toMatchObject({ exit: 0 });
};
const strike = (match: FaultRule['match'], action: FaultRule['action'], more: Partial<FaultRule> = {}): Promise<number> =>
  practice.addFault({ match, action, ...more });
const struck = async (id: number): Promise<number> => (await practice.faults()).find((fault) => fault.id === id)?.struck ?? 0;

/** Well again, and from then on the trader and the exchange say the same. `ask`: where events were left out, by a comparison now. */
const expectEqualBooks = async ({ withinMs = 30_000, ask = false } = {}): Promise<void> => {
  await practice.heal();
  await active();
  if (ask) expect((await cli('reconcile')).exit).toBe(0);
  const { console, exchange } = await booksOnceEqual(place.home, practice, withinMs);
  expect(console).toEqual(exchange);
  expect((await practice.state()).internalErrors).toEqual([]);
};

beforeEach(async () => {
  await practice.heal();
  await active();
  const canceled = await cli('order cancel --all');
  if (canceled.exit !== 0) throw new Error(canceled.err);
});

describe('an order whose answer does not come', () => {
  it('because the cable is pulled while it is on its way: once or never, told as in doubt, settled when the cable is back', async () => {
    const delay = await strike({ channel: 'rest', method: 'POST' }, { type: 'delay', delayMs: 400, stage: 'before' }, { times: 1 });
    const placing = bid('ETHUSDT', ' --timeout-ms 6000');
    await expect.poll(() => struck(delay)).toBe(1);
    await practice.perform({ op: 'partition', on: true });
    const ran = await placing;
    expect(ran).toMatchObject({ exit: 4 });
    const { clientOrderId } = JSON.parse(ran.out) as OrderView;
    expect(ran.err).toContain(clientOrderId);
    const text = (await cli('orders')).out;
    expect(text).toMatch(new RegExp(`${clientOrderId} .*UNKNOWN .*in doubt for \\d+ s`));
    expect(await alertOf(`unknown:${clientOrderId}`)).toMatchObject({ severity: 'warning', title: 'Order in doubt' });
    await expectEqualBooks();
    expect((await practice.state()).orders.filter((order) => order.clientOrderId === clientOrderId).length).toBeLessThanOrEqual(1);
    expect(await alertOf(`unknown:${clientOrderId}`)).toMatchObject({ severity: 'good' });
    expect(await alertOf('stream:user')).toMatchObject({ severity: 'good' });
    expect(running.stderr()).toMatch(/WARNING {2}The user stream is down/);
  }, 60_000);

  it('although it was executed, and no event tells of it: every kind is in doubt, alarmed after 10 s, and found once (B8)', async () => {
    await hold('BTCUSDT');
    const old = JSON.parse((await bid('SOLUSDT')).out) as OrderView;
    await strike({ channel: 'user' }, { type: 'swallow' });
    for (const path of ['order', 'orderList/oco', 'orderList/otoco', 'order/cancelReplace'])
      await strike(
        { channel: 'rest', method: 'POST', path: `/api/v3/${path}` },
        { type: 'drop', stage: 'after', how: 'silent' },
        { times: 1 },
      );
    // The exchange cannot be asked either.
    const asking = await strike(
      { channel: 'rest', method: 'GET', path: '/api/v3/order' },
      { type: 'status', stage: 'before', status: 503 },
    );
    const [high, low] = [await priceAt('BTCUSDT', 10_150), await priceAt('BTCUSDT', 9850)];
    const exits = `--stop-loss ${await priceAt('BNBUSDT', 9700)} --take-profit ${await priceAt('BNBUSDT', 10_300)}`;
    const ran = await Promise.all([
      bid('ETHUSDT', ' --timeout-ms 8000'),
      cli(`order oco SELL BTCUSDT --qty 0.004 --price ${high} --stop-price ${low} --json --timeout-ms 8000`),
      bid('BNBUSDT', ` ${exits} --timeout-ms 8000`),
      cli(`order replace ${old.clientOrderId} --price ${await priceAt('SOLUSDT', 9910)} --json --timeout-ms 8000`),
    ]);
    expect(ran.map(({ exit }) => exit)).toEqual([4, 4, 4, 4]);
    const ids = ran.map(({ out }) => (JSON.parse(out) as OrderView).clientOrderId);
    const inDoubt = (await orders()).filter(({ status }) => status === 'UNKNOWN').map(({ clientOrderId }) => clientOrderId);
    for (const id of ids) expect(inDoubt).toContain(id);
    for (const id of ids) await running.until('the alarm', ({ alerts }) => alerts[`unknown:${id}`]?.title === 'Order in doubt for 10 s');
    expect(running.stderr()).toMatch(/DANGER {2}Order in doubt for 10 s/);
    expect(await struck(asking)).toBeGreaterThan(3);
    await expectEqualBooks({ ask: true });
    const found = (await orders()).filter((order) => ids.includes(order.clientOrderId));
    expect(found.map(({ status }) => status)).toEqual(['ACCEPTED', 'ACCEPTED', 'ACCEPTED', 'ACCEPTED']);
    const { orders: there } = await practice.state();
    expect(there.filter(({ status }) => status === 'NEW').map(({ type }) => type)).toHaveLength(1 + 2 + 1 + 1);
  }, 90_000);

  it('in a storm of 5xx and -1007, executed or not: nothing twice, nothing forgotten', async () => {
    const post = { channel: 'rest', method: 'POST' } as const;
    await strike(post, { type: 'status', stage: 'after', status: 502 }, { probability: 0.4, seed: 3 });
    await strike(post, { type: 'error', stage: 'after', code: -1007 }, { probability: 0.4, seed: 4 });
    await strike(post, { type: 'status', stage: 'before', status: 503 }, { probability: 0.3, seed: 5 });
    const ran = await Promise.all([
      ...SYMBOLS.map((symbol) => bid(symbol, ' --timeout-ms 2000')),
      ...SYMBOLS.map((symbol) => cli(`order place BUY ${symbol} --market --qty ${QTY[symbol] ?? ''} --json --timeout-ms 2000`)),
    ]);
    const ids = ran.map(({ out }) => (JSON.parse(out) as OrderView).clientOrderId);
    expect(new Set(ids).size).toBe(8);
    await expectEqualBooks({ withinMs: 45_000 });
    expect((await orders()).filter(({ status }) => status === 'UNKNOWN')).toEqual([]);
    const there = (await practice.state()).orders.map(({ clientOrderId }) => clientOrderId);
    expect(new Set(there).size).toBe(there.length);
  }, 90_000);

  it('whole: a body that never ends is an answer that did not come', async () => {
    await strike({ channel: 'user' }, { type: 'swallow' });
    await strike({ channel: 'rest', method: 'POST' }, { type: 'stall' }, { times: 1 });
    const ran = await bid('BNBUSDT', ' --timeout-ms 12000');
    const { clientOrderId, status } = JSON.parse(ran.out) as OrderView;
    expect(status).toBe('ACCEPTED');
    await expectEqualBooks({ ask: true });
    expect((await practice.state()).orders.filter((order) => order.clientOrderId === clientOrderId)).toHaveLength(1);
  }, 60_000);
});

describe('a user stream', () => {
  it('that repeats, reorders and leaves out its events makes no fill twice and loses none (B2)', async () => {
    const user = { channel: 'user' } as const;
    await strike(user, { type: 'duplicate', copies: 2 }, { probability: 0.5, seed: 1 });
    await strike(user, { type: 'reorder', holdMs: 150 }, { probability: 0.4, seed: 2 });
    await strike(user, { type: 'swallow' }, { probability: 0.3, seed: 3 });
    for (const symbol of SYMBOLS) {
      await bid(symbol);
      expect((await cli(`order place BUY ${symbol} --market --qty ${QTY[symbol] ?? ''} --json`)).exit).toBe(0);
    }
    // A resting order is filled by the market while its event is left out.
    for (const symbol of SYMBOLS)
      await cli(`order place SELL ${symbol} --limit ${await priceAt(symbol, 9999)} --qty ${QTY[symbol]?.slice(0, -1) ?? ''}1 --json`);
    await cli('order cancel --all --symbol SOLUSDT');
    await expectEqualBooks({ ask: true });
  }, 60_000);

  it('that is terminated while the phone trades: what was missed is found, and shown as foreign (I)', async () => {
    await practice.perform({ op: 'terminateUserStream' });
    const order = { symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '0.2' } as const;
    await practice.perform({ op: 'placeOrder', account: 'main', order });
    await practice.perform({ op: 'disconnect', channel: 'all' });
    await running.until('the phone order', ({ orders: all }) =>
      Object.values(all).some(({ origin, symbol, status }) => origin === 'foreign' && symbol === 'ETHUSDT' && status === 'FILLED'),
    );
    await expectEqualBooks();
    expect((await cli('orders --all')).out).toContain('foreign: placed elsewhere');
    expect(await alertOf('reconcile-difference')).toBeDefined();
  }, 60_000);

  it('that falls silent denies openings with words, lets sales pass, and is told until it is heard again (C11)', async () => {
    await hold('SOLUSDT');
    await practice.perform({ op: 'silence', on: true });
    await running.until('REDUCING', ({ safety }) => safety.trading?.level === 'REDUCING');
    const buy = await cli('order place BUY SOLUSDT --market --quote 200');
    expect(buy.exit).toBe(1);
    expect(buy.err).toMatch(/Only orders that shrink a position are allowed now/);
    expect((await cli('status')).out).toMatch(/because .*stream/);
    await practice.perform({ op: 'silence', on: false });
    await active();
    expect((await cli('order place SELL SOLUSDT --market --qty 1 --wait')).exit).toBe(0);
    await expectEqualBooks();
  }, 60_000);
});

describe('a protection', () => {
  it('that the exchange does not take is told after 3 s in every place, and again when it works, with the time without (B5, L4)', async () => {
    await cli('order place SELL BNBUSDT --market --qty 0.4 --wait');
    await strike({ channel: 'rest', method: 'POST', path: '/api/v3/orderList/oco' }, { type: 'error', stage: 'before', code: -2010 });
    const exits = `--stop-loss ${await priceAt('BNBUSDT', 9700)} --take-profit ${await priceAt('BNBUSDT', 10_300)}`;
    expect(await cli(`order place BUY BNBUSDT --market --qty 0.5 ${exits} --wait`)).toMatchObject({ exit: 0 });
    const alarmed = await running.until('the alarm', ({ alerts }) => alerts['protection:BNBUSDT']?.severity === 'danger');
    expect(alarmed.positions['BNBUSDT']?.protection?.status).toBe('missing');
    expect((await cli('positions')).out).toMatch(/BNBUSDT .*MISSING since /);
    expect(running.stderr()).toMatch(/DANGER {2}BNBUSDT/);
    await practice.heal();
    const mended = await running.until('protected', ({ positions }) => positions['BNBUSDT']?.protection?.status === 'working');
    expect(mended.positions['BNBUSDT']?.protection?.lastGapMs).toBeGreaterThanOrEqual(3000);
    await running.until('told', ({ alerts }) => alerts['protection:BNBUSDT']?.severity === 'good');
    await expectEqualBooks();
    expect(await cli('protect BNBUSDT --off')).toMatchObject({ exit: 0 });
  }, 60_000);
});

describe('a hold by the exchange', () => {
  it.each([429, 418] as const)(
    '%i is obeyed to its end with a countdown, and nothing is sent meanwhile (C9, Q10)',
    async (status) => {
      await strike({ channel: 'rest', method: 'GET' }, { type: 'limit', status, retryAfterS: 4 }, { times: 1 });
      const asked = await strike({ channel: 'rest' }, { type: 'delay', delayMs: 0 });
      const startedMs = Date.now();
      expect((await cli('reconcile')).exit).toBe(1);
      const held = await cli('status');
      expect(held.out).toMatch(/because .*\[VENUE_HOLD\]/);
      const before = await struck(asked);
      const denied = await cli('order place BUY ETHUSDT --market --quote 200');
      expect(denied).toMatchObject({ exit: 1 });
      expect(denied.err).toMatch(/The exchange told us to wait \d s more/);
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 3500 - (Date.now() - startedMs))));
      expect(await struck(asked)).toBe(before);
      await active();
      expect(Date.now() - startedMs).toBeGreaterThanOrEqual(4000);
      expect(await bid('ETHUSDT')).toMatchObject({ exit: 0 });
      await expectEqualBooks();
    },
    60_000,
  );
});

describe('a clock', () => {
  it('5 s off halts trading with words, and trading goes on when it is right again (J)', async () => {
    await practice.perform({ op: 'clockSkew', skewMs: 5000 });
    expect(await cli('selftest')).toMatchObject({ exit: 1 });
    await running.until('HALTED', ({ safety }) => safety.trading?.level === 'HALTED');
    const { out } = await cli('status');
    expect(out).toMatch(/HALTED/);
    expect(out).toMatch(/because .*clock/i);
    expect(await bid('ETHUSDT')).toMatchObject({ exit: 1 });
    await practice.perform({ op: 'clockSkew', skewMs: 0 });
    expect(await cli('selftest')).toMatchObject({ exit: 0, err: '' });
    await active();
    expect(await bid('ETHUSDT')).toMatchObject({ exit: 0 });
    await expectEqualBooks();
  }, 60_000);
});
