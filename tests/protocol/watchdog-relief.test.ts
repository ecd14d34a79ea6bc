// Who watches when one console after the other dies (E8): the watchdog's process alone, on a pipe that the test ends as a death does.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { writeAtomic } from '../../src-main/settings/atomic-file.ts';
import { watchdogRelievedPath } from '../../src-main/settings/home.ts';
import { lineOf, PIPE_FD } from '../../src-main/watchdog/messages.ts';
import { RestClient } from './practice-client.ts';

const WATCHDOG = fileURLToPath(new URL('../../src-main/watchdog/watchdog.ts', import.meta.url));

let practice: PracticeHandle;
let phone: RestClient;
let home: string;
let watchdog: ChildProcess;
beforeAll(async () => {
  practice = await startPractice({ seed: 32, eventsPerSecond: 20 });
  phone = new RestClient(practice);
});
afterAll(async () => {
  await phone.close();
  await practice.close();
});
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-relief-'));
  mkdirSync(join(home, 'journals'));
});
afterEach(async () => {
  watchdog.kill('SIGKILL');
  await practice.heal();
  await phone.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
  rmSync(home, { recursive: true, force: true });
});

const reportPath = (): string => join(home, 'journals', 'mainnet-a.sqlite.watchdog.json');
/** What a console that starts leaves for whoever stands in. */
const takeOver = (account: string): void =>
  writeAtomic(watchdogRelievedPath(home), join(home, 'journals', `${account}.sqlite.watchdog.json`));
const isReported = (): boolean => existsSync(reportPath());

/** A watchdog that was told what to stand in for, and said that it does. */
const armed = async (): Promise<Socket> => {
  watchdog = spawn(process.execPath, [WATCHDOG], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
  const pipe = watchdog.stdio[PIPE_FD] as Socket;
  const said = new Promise<string>((resolve) => pipe.once('data', (chunk: Buffer) => resolve(chunk.toString())));
  pipe.write(
    lineOf({
      kind: 'arm',
      venue: { restUrl: practice.restUrl, ...practice.key, signature: 'hmac', endsWithConsole: false },
      symbols: ['BTCUSDT'],
      keepProtection: true,
      patienceMs: 1000,
      giveUpAfterMs: 60_000,
      home,
      reportPath: reportPath(),
    }),
  );
  expect(await said).toContain('armed');
  return pipe;
};

const rest = async (): Promise<void> => {
  const { bidPrice } = JSON.parse((await phone.open('GET', '/api/v3/ticker/bookTicker', { symbol: 'BTCUSDT' })).text) as {
    readonly bidPrice: string;
  };
  const price = (Number(bidPrice) * 0.9).toFixed(1);
  const quantity = (12 / Number(bidPrice)).toFixed(4);
  const answer = await phone.order({ symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price, quantity });
  expect(answer.status, answer.text).toBe(200);
};
const openOrders = async (): Promise<number> => (await practice.state()).orders.filter(({ status }) => status === 'NEW').length;

it('what told an earlier watchdog to leave does not send this one away when its own console dies', async () => {
  takeOver('mainnet-a');
  const pipe = await armed();
  await rest();
  pipe.destroy();
  await expect.poll(openOrders, { timeout: 15_000, interval: 50 }).toBe(0);
  // It reports once the exchange has said that nothing is left.
  await expect.poll(isReported, { timeout: 15_000, interval: 50 }).toBe(true);
});

it('a console that takes over its account sends it away before it does anything', async () => {
  const pipe = await armed();
  await rest();
  const ended = new Promise<number | null>((resolve) => watchdog.once('exit', resolve));
  takeOver('mainnet-a');
  pipe.destroy();
  expect(await ended).toBe(0);
  expect(await openOrders()).toBe(1);
  expect(isReported()).toBe(false);
});

it('a console that starts on another account does not send it away: it says so, and acts when its patience is over', async () => {
  const pipe = await armed();
  await rest();
  takeOver('testnet-b');
  const lostAtMs = performance.now();
  pipe.destroy();
  await expect.poll(() => existsSync(watchdogRelievedPath(home)), { interval: 20 }).toBe(false);
  expect(await openOrders(), 'no sooner either').toBe(1);
  await expect.poll(openOrders, { timeout: 15_000, interval: 20 }).toBe(0);
  expect(performance.now() - lostAtMs).toBeGreaterThan(500);
  await expect.poll(isReported, { timeout: 15_000, interval: 50 }).toBe(true);
});

it('a console that starts on another account does not cut it off once it acts', async () => {
  const pipe = await armed();
  await rest();
  await practice.addFault({ match: { channel: 'rest', method: 'DELETE' }, action: { type: 'status', stage: 'before', status: 503 } });
  const ended = new Promise<number | null>((resolve) => watchdog.once('exit', resolve));
  pipe.destroy();
  await expect.poll(isReported, { timeout: 15_000, interval: 50 }).toBe(true);
  takeOver('testnet-b');
  await expect.poll(() => existsSync(watchdogRelievedPath(home)), { interval: 20 }).toBe(false);
  await practice.heal();
  expect(await ended).toBe(0);
  expect(await openOrders()).toBe(0);
  expect(JSON.parse(readFileSync(reportPath(), 'utf8'))).toMatchObject({ canceled: [{ symbol: 'BTCUSDT' }], left: [] });
});
