// The practice account outlives the exchange (A1): killed at any instant, it goes on with the same balances, orders, lists, trades, ids
// and key, at about the same prices. A file that cannot be used is kept aside and said, never overwritten, never half believed.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import { makeInstruments } from '../../src-main/practice/core/instruments.ts';
import { startPractice, type PracticeAddresses, type PracticeHandle, type TestKey } from '../../src-main/practice/practice.ts';
import type { AccountState } from '../../src-main/practice/protocol/desk.ts';
import { readStateFile, StateFile } from '../../src-main/practice/state-file.ts';
import { json, list, RestClient, WsApiClient, type Json, type Practice } from './practice-client.ts';

const STANDALONE = resolve('src-main/practice/standalone.ts');
const SYMBOL = 'BTCUSDT';

let folder: string;
let statePath: string;
const cleanUps: (() => unknown)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-practice-'));
  statePath = join(folder, 'practice', 'conservative.jsonl');
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

interface Process {
  readonly practice: Practice;
  readonly client: RestClient;
  /** Ends it as a power switch would: no handler of it runs. */
  kill(): Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly err: string }>;
}

/** The standalone exchange as a process of its own; `shell` runs first in the same shell. */
async function startProcess(args: readonly string[] = [], shell = ':'): Promise<Process> {
  const words = [STANDALONE, '--state', statePath, ...args];
  const child = spawn('bash', ['-c', `${shell}; exec "$0" "$@"`, process.execPath, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '';
  child.stderr.on('data', (data) => (err += String(data)));
  const ended = new Promise<{ code: number | null; err: string }>((settle) => child.on('close', (code) => settle({ code, err })));
  const line = await new Promise<string>((settle, fail) => {
    let out = '';
    child.stdout.on('data', (data) => (out += String(data)).includes('\n') && settle(out));
    void ended.then(() => fail(new Error(`it ended: ${err}`)));
  });
  const { apiKey, secret, ...addresses } = JSON.parse(line) as PracticeAddresses & TestKey;
  const practice = { ...addresses, key: { apiKey, secret } };
  const client = new RestClient(practice);
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  cleanUps.push(kill, () => client.close());
  return { practice, client, kill, ended };
}

async function startThread(options: Parameters<typeof startPractice>[0] = {}): Promise<{ practice: PracticeHandle; client: RestClient }> {
  const practice = await startPractice({ statePath, eventsPerSecond: 0, ...options });
  const client = new RestClient(practice);
  cleanUps.push(
    () => practice.close(),
    () => client.close(),
  );
  return { practice, client };
}

const stateOf = async ({ practice }: Process): Promise<AccountState> =>
  (await (await fetch(`${practice.faultDeskUrl}/state`)).json()) as AccountState;

const accountOf = ({ account, openOrders, orders, trades }: AccountState): object => ({ account, openOrders, orders, trades });

const mid = async (client: RestClient): Promise<number> =>
  Number(json(await client.open('GET', '/api/v3/ticker/price', { symbol: SYMBOL }))['price']);

const limitAt = (price: number, more: Record<string, string> = {}) =>
  ({ symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: price.toFixed(2), ...more }) as const;

async function mustPlace(client: RestClient, params: Parameters<RestClient['order']>[0]): Promise<Json> {
  const answer = await client.order(params);
  expect(answer.status, answer.text).toBe(200);
  return json(answer);
}

describe('an exchange that is killed', () => {
  it('goes on with the same balances, open orders, lists, trades and key', async () => {
    const still = ['--events-per-second', '0', '--seed', '7'];
    const first = await startProcess(still);
    const at = await mid(first.client);
    await mustPlace(first.client, { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: '0.02' });
    await mustPlace(first.client, limitAt(at * 0.98, { newClientOrderId: 'resting' }));
    await mustPlace(first.client, { symbol: SYMBOL, side: 'SELL', type: 'STOP_LOSS', quantity: '0.001', stopPrice: (at * 0.9).toFixed(2) });
    const doomed = await mustPlace(first.client, limitAt(at * 0.97));
    await first.client.signed('DELETE', '/api/v3/order', { symbol: SYMBOL, orderId: Number(doomed['orderId']) });
    const oco = await first.client.signed('POST', '/api/v3/orderList/oco', {
      symbol: SYMBOL,
      side: 'SELL',
      quantity: '0.005',
      aboveType: 'LIMIT_MAKER',
      abovePrice: (at * 1.05).toFixed(2),
      belowType: 'STOP_LOSS',
      belowStopPrice: (at * 0.95).toFixed(2),
    });
    expect(oco.status, oco.text).toBe(200);
    const before = await stateOf(first);
    await first.kill();

    const second = await startProcess(still);
    const after = await stateOf(second);
    expect(accountOf(after)).toEqual(accountOf(before));
    expect(after.openOrders.map((order) => order.type).sort()).toEqual(['LIMIT', 'LIMIT_MAKER', 'STOP_LOSS', 'STOP_LOSS']);
    expect(after.trades.length).toBeGreaterThan(0);
    expect(second.practice.key).toEqual(first.practice.key);
    expect(list(await second.client.signed('GET', '/api/v3/openOrderList'))).toHaveLength(1);

    // Ids go on, a client id that is open is still taken, and what was open can be cancelled.
    const next = await mustPlace(second.client, { symbol: SYMBOL, side: 'SELL', type: 'MARKET', quantity: '0.001' });
    expect(Number(next['orderId'])).toBe(Math.max(...before.orders.map((order) => order.orderId)) + 1);
    const [fill] = next['fills'] as readonly { tradeId: number }[];
    expect(fill?.tradeId).toBe(Math.max(...before.trades.map((trade) => trade.id)) + 1);
    expect(json(await second.client.order(limitAt(at * 0.98, { newClientOrderId: 'resting' })))).toMatchObject({ code: -2010 });
    expect((await second.client.signed('DELETE', '/api/v3/openOrders', { symbol: SYMBOL })).status).toBe(200);
    const { balances } = (await stateOf(second)).account;
    expect(balances.map(({ locked }) => Number(locked))).toEqual(balances.map(() => 0));
  });

  it('in the middle of a burst, knows every order that it answered and every fill that it told', async () => {
    const first = await startProcess(['--seed', '3']);
    const user = await WsApiClient.open(first.practice);
    await user.subscribeUser();
    const at = await mid(first.client);
    const answered: number[] = [];
    const bursts = Array.from({ length: 40 }, async (_, i) => {
      const params = i % 2 === 0 ? limitAt(at * 0.98) : { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: '0.001' };
      const answer = await first.client.order(params).catch(() => undefined);
      if (answer?.status === 200) answered.push(Number(json(answer)['orderId']));
      if (answered.length === 15) await first.kill();
    });
    await Promise.all(bursts);
    await user.listener.closed;
    const told = user.events('executionReport');

    const second = await stateOf(await startProcess(['--seed', '3']));
    expect(answered.length).toBeGreaterThanOrEqual(15);
    expect(second.orders.map((order) => order.orderId)).toEqual(expect.arrayContaining(answered));
    const fills = told.filter((event) => event['x'] === 'TRADE').map((event) => event['t']);
    expect(fills.length).toBeGreaterThan(0);
    expect(second.trades.map((trade) => trade.id)).toEqual(expect.arrayContaining(fills));
    expect(second.orders.map((order) => order.orderId)).toEqual(expect.arrayContaining(told.map((event) => event['i'])));
  });

  it('opens again near its last prices, and its resting orders trade in the new market', async () => {
    const first = await startThread({ seed: 5, regime: 'crash', eventsPerSecond: 2000 });
    const opened = await mid(first.client);
    await expect.poll(() => mid(first.client), { timeout: 20_000 }).toBeLessThan(opened * 0.999);
    await first.practice.close();

    const second = await startThread({ seed: 5, paused: true });
    await second.practice.perform({ op: 'pauseFeed', on: false });
    const again = await mid(second.client);
    expect(again).toBeLessThan(opened * 0.9995);
    await mustPlace(second.client, limitAt(again - 1));
    await second.practice.close();

    const third = await startThread({ seed: 6, regime: 'volatile', eventsPerSecond: 2000 });
    expect((await third.practice.state()).orders).toMatchObject([{ status: expect.stringMatching(/NEW|FILLED/) as string }]);
    await expect.poll(async () => (await third.practice.state()).orders[0]?.status, { timeout: 20_000 }).toBe('FILLED');
    expect((await third.practice.state()).internalErrors).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('ends rather than tell what it cannot write', async () => {
    // Sixteen blocks of 1024 bytes: the file is full after a handful of orders, as a full disk would make it.
    const first = await startProcess(['--events-per-second', '0'], "trap '' XFSZ; ulimit -f 16");
    const at = await mid(first.client);
    const answered: number[] = [];
    for (let i = 0; i < 100; i++) {
      const answer = await first.client.order(limitAt(at * 0.98)).catch(() => undefined);
      if (answer === undefined) break;
      expect(answer.status).toBe(200);
      answered.push(Number(json(answer)['orderId']));
    }
    const { code, err } = await first.ended;
    expect([code, err]).toEqual([1, expect.stringContaining('cannot be written')]);
    const second = await stateOf(await startProcess(['--events-per-second', '0']));
    expect(second.openOrders.map((order) => order.orderId)).toEqual(answered);
  });
});

describe('the state file', () => {
  const place = async (): Promise<void> => {
    const { practice, client } = await startThread();
    await mustPlace(client, limitAt((await mid(client)) * 0.98));
    await practice.close();
  };

  it.skipIf(process.platform === 'win32')('is readable by its owner alone', async () => {
    await place();
    expect(statSync(statePath).mode & 0o077).toBe(0);
  });

  it('is written anew when the changes have become many, and stays bounded', () => {
    const core = new ExchangeCore({
      instruments: makeInstruments([SYMBOL]),
      accounts: [{ id: 'main', balances: { USDT: '1' } }],
      nowMs: 0,
    });
    const key = { apiKey: 'k'.repeat(64), secret: 's' };
    const file = new StateFile(statePath, key, () => core.exportState());
    core.keepWith((change) => file.append(change));
    let largest = 0;
    for (let i = 0; i < 40_000; i++) {
      core.deposit('main', 'USDT', '1', i);
      if (i % 1000 === 0) largest = Math.max(largest, statSync(statePath).size);
    }
    file.close();
    expect(largest).toBeGreaterThan(3_000_000);
    expect(statSync(statePath).size).toBeLessThan(4_300_000);
    expect(readStateFile(statePath)).toEqual({ key, state: core.exportState() });
    expect(readStateFile(statePath)?.state.accounts[0]?.balances).toEqual({ USDT: { free: '40001.00000000', locked: '0.00000000' } });
  });

  it('a change that was cut short was told to nobody and is left out', async () => {
    const { practice, client } = await startThread();
    const at = await mid(client);
    await mustPlace(client, limitAt(at * 0.98));
    const keptBytes = statSync(statePath).size;
    await mustPlace(client, limitAt(at * 0.97));
    await practice.close();
    truncateSync(statePath, keptBytes + 40);
    const again = await startThread();
    expect(again.practice.notices).toEqual([]);
    expect((await again.practice.state()).openOrders).toHaveLength(1);
  });

  it.each<[string, (text: string) => string, string]>([
    ['is empty', () => '', 'line 1 is no JSON'],
    ['is something else', () => '{"name":"holdfast","version":"0.1.0"}\n', 'line 1 is not understood'],
    ['comes from a later version', (text) => text.replace('"version":1', '"version":2'), 'line 1 is not understood'],
    ['lost a line in its middle', (text) => text.replace('\n', '\n{"orders":[{}]}\n'), 'line 2 is not understood'],
    ['does not add up', (text) => text.replaceAll(/"locked":"[1-9][0-9.]*"/g, '"locked":"1.00000000"'), 'the locked USDT is not what'],
    ['gives ids again', (text) => text.replaceAll(/"next":{"order":\d+/g, '"next":{"order":1'), 'ids that are still to be given'],
  ])('that %s is kept aside, said, and the account begins anew', async (_, spoil, reason) => {
    await place();
    const spoilt = spoil(readFileSync(statePath, 'utf8'));
    writeFileSync(statePath, spoilt);
    const { practice } = await startThread({ preset: 'high-volume' });
    const [notice, ...others] = practice.notices;
    expect(notice).toContain(reason);
    expect(others).toEqual([]);
    const { account, orders } = await practice.state();
    expect([account.balances, orders]).toEqual([[{ asset: 'USDT', free: '50000.00000000', locked: '0.00000000' }], []]);
    const names = readdirSync(join(folder, 'practice'));
    const aside = names.find((name) => name.includes('.broken-')) ?? 'nothing was kept aside';
    expect(notice).toContain(aside);
    expect(readFileSync(join(folder, 'practice', aside), 'utf8')).toBe(spoilt);
    expect(names).toHaveLength(2);
  });

  it('in a place that cannot be written is an error, not an account that forgets', async () => {
    writeFileSync(join(folder, 'practice'), 'a file where a folder should be');
    await expect(startPractice({ statePath })).rejects.toThrow(/EEXIST|ENOTDIR/);
  });

  it('a symbol that the market no longer lists is on break: its order is seen and can only be cancelled', async () => {
    const { practice, client } = await startThread();
    await mustPlace(client, limitAt((await mid(client)) * 0.98));
    await practice.close();
    const again = await startThread({ symbols: ['ETHUSDT'] });
    const { symbols } = json(await again.client.open('GET', '/api/v3/exchangeInfo')) as { symbols: readonly Json[] };
    expect(symbols).toMatchObject([
      { symbol: 'ETHUSDT', status: 'TRADING' },
      { symbol: SYMBOL, status: 'BREAK' },
    ]);
    expect(json(await again.client.order(limitAt(50_000)))).toMatchObject({ code: -2010, msg: 'Market is closed.' });
    expect((await again.client.signed('DELETE', '/api/v3/openOrders', { symbol: SYMBOL })).status).toBe(200);
  });
});

it.each([
  ['conservative', '10000.00000000'],
  ['aggressive', '10000.00000000'],
  ['high-volume', '50000.00000000'],
])('--account %s opens with %s USDT', async (preset, free) => {
  const { account } = await stateOf(await startProcess(['--account', preset, '--events-per-second', '0']));
  expect(account.balances).toEqual([{ asset: 'USDT', free, locked: '0.00000000' }]);
});
