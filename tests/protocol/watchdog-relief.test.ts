// Who watches when one console after the other dies (E8): the watchdog's process alone, on a pipe that the test ends as a death does.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
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
});
afterEach(async () => {
  watchdog.kill('SIGKILL');
  await phone.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
  rmSync(home, { recursive: true, force: true });
});

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
      reportPath: join(home, 'report.json'),
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
  writeFileSync(watchdogRelievedPath(home), '');
  const pipe = await armed();
  await rest();
  pipe.destroy();
  await expect.poll(openOrders, { timeout: 15_000, interval: 50 }).toBe(0);
  // It reports once the exchange has said that nothing is left.
  await expect.poll(() => existsSync(join(home, 'report.json')), { timeout: 15_000, interval: 50 }).toBe(true);
});

it('a console that takes over sends it away before it does anything', async () => {
  const pipe = await armed();
  await rest();
  const ended = new Promise<number | null>((resolve) => watchdog.once('exit', resolve));
  writeFileSync(watchdogRelievedPath(home), '');
  pipe.destroy();
  expect(await ended).toBe(0);
  expect(await openOrders()).toBe(1);
  expect(existsSync(join(home, 'report.json'))).toBe(false);
});
