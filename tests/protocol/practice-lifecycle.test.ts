// The practice exchange as a process and as a thread: how it starts, what it refuses to start with, and that it leaves nothing behind.
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startPractice, type PracticeAddresses, type TestKey } from '../../src-main/practice/practice.ts';
import { Listener, RestClient, WsApiClient } from './practice-client.ts';

const STANDALONE = resolve('src-main/practice/standalone.ts');

interface Run {
  readonly child: ChildProcess;
  /** The first line on stdout, or everything on stderr if it ended before. */
  readonly firstLine: Promise<string>;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>;
}

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [STANDALONE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stderr.on('data', (data) => (err += String(data)));
  const firstLine = new Promise<string>((settle) => {
    child.stdout.on('data', (data) => {
      out += String(data);
      if (out.includes('\n')) settle(out.slice(0, out.indexOf('\n')));
    });
    child.on('close', () => settle(err));
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((settle) =>
    child.on('close', (code) => settle({ code, out, err })),
  );
  return { child, firstLine, ended };
}

describe('standalone', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('prints one JSON line that a client can work with, and ends on %s', async (signal) => {
    const { child, firstLine, ended } = run(
      '--port',
      '0',
      '--seed',
      '7',
      '--feed',
      'synthetic',
      '--latency-ms',
      '0',
      '--symbols',
      'BTCUSDT,ETHUSDT',
    );
    const { apiKey, secret, ...addresses } = JSON.parse(await firstLine) as PracticeAddresses & TestKey;
    for (const url of Object.values(addresses)) expect(new URL(url).hostname).toBe('127.0.0.1');
    const client = new RestClient({ ...addresses, key: { apiKey, secret } });
    expect((await client.signed('GET', '/api/v3/account')).status).toBe(200);
    expect((await fetch(`${addresses.faultDeskUrl}/state`)).status).toBe(200);
    child.kill(signal);
    const { code, out, err } = await ended;
    expect([code, err, out.trimEnd().split('\n').length]).toEqual([0, '', 1]);
    await client.close();
  });

  it.each([
    [['--port', 'http'], 'Not a number'],
    [['--port', '70000'], 'port'],
    [['--feed', 'dreams'], 'synthetic or replay:FILE'],
    [['--latency-ms', '-1'], 'latencyMs'],
    [['--regime', 'boring'], 'regime'],
    [['--symbols', 'btc'], 'symbols'],
    [['--speed', '0'], 'speed'],
    [['--wings'], '--wings'],
    [['extra'], 'too many arguments'],
  ])('refuses %j with exit code 2 and the reason', async (args, reason) => {
    const { code, out, err } = await run(...args).ended;
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(reason);
  });

  it('a recording that is not there ends it with code 1 and the name', async () => {
    const { code, err } = await run('--feed', 'replay:nowhere.gz').ended;
    expect(code).toBe(1);
    expect(err).toContain('nowhere.gz');
  });

  it('--help explains and ends well', async () => {
    const { code, out } = await run('--help').ended;
    expect(code).toBe(0);
    expect(out).toContain('--latency-ms');
  });
});

describe('startPractice', () => {
  it('refuses bad options in words', async () => {
    await expect(startPractice({ latencyMs: -5 })).rejects.toThrow('latencyMs');
    await expect(startPractice({ balances: { USDT: 'much' } })).rejects.toThrow('decimal');
    await expect(startPractice({ symbols: ['DOGEEUR'] })).rejects.toThrow('DOGEEUR');
  });

  it('says so when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    const { port } = other.address() as { port: number };
    await expect(startPractice({ port })).rejects.toThrow('EADDRINUSE');
    await new Promise((done) => other.close(done));
  });

  it('lists what it is told to: twenty generic symbols', async () => {
    const symbols = Array.from({ length: 20 }, (_, index) => `SYM${index}USDT`);
    const practice = await startPractice({ symbols, eventsPerSecond: 0 });
    const client = new RestClient(practice);
    const info = JSON.parse((await client.open('GET', '/api/v3/exchangeInfo')).text) as { symbols: readonly { symbol: string }[] };
    expect(info.symbols.map((each) => each.symbol)).toEqual(symbols);
    await client.close();
    await practice.close();
  });

  it('close() ends with open clients, running requests and latency, and leaves no thread, port or timer', async () => {
    const practice = await startPractice({ eventsPerSecond: 500, latencyMs: 5000 });
    const client = new RestClient(practice);
    const pending = client.open('GET', '/api/v3/time').catch(() => 'cut');
    const sockets = [new Listener(`${practice.streamUrl}/ws/btcusdt@bookTicker`), new Listener(practice.wsApiUrl)];
    await practice.addFault({ match: { channel: 'rest' }, action: { type: 'delay', delayMs: 60_000 } });
    const startedMs = performance.now();
    await practice.close();
    expect(performance.now() - startedMs).toBeLessThan(2500); // by itself, not by force after three seconds
    expect(await practice.exited).toBe(0);
    expect(await pending).toBe('cut');
    await Promise.all(sockets.map((socket) => socket.closed));
    await expect(fetch(`${practice.restUrl}/api/v3/ping`)).rejects.toThrow();
    await expect(fetch(`${practice.faultDeskUrl}/state`)).rejects.toThrow();
    await expect(practice.state()).rejects.toThrow('has ended');
    await client.close();
  });

  it('a regime can be changed while it runs; the same seed gives the same first quotes', async () => {
    const [one, two] = await Promise.all([
      startPractice({ seed: 42, eventsPerSecond: 0 }),
      startPractice({ seed: 42, eventsPerSecond: 0 }),
    ]);
    await one.setRegime('volatile');
    const clients = [new RestClient(one), new RestClient(two)];
    const books = await Promise.all(clients.map((client) => client.open('GET', '/api/v3/depth', { symbol: 'BTCUSDT' })));
    expect(books[0]?.text).toBe(books[1]?.text);
    await Promise.all(clients.map((client) => client.close()));
    await Promise.all([one.close(), two.close()]);
  });
});

it('a user stream outlives a REST client that comes and goes', async () => {
  const practice = await startPractice({ eventsPerSecond: 0 });
  const ws = await WsApiClient.open(practice);
  await ws.subscribeUser();
  for (let visit = 0; visit < 3; visit++) {
    const client = new RestClient(practice);
    await client.order({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001' });
    await client.close();
  }
  const fills = await ws.listener.many('fills', 3, (message) => (message['event'] as { X?: string } | undefined)?.X === 'FILLED');
  expect(fills).toHaveLength(3);
  await ws.close();
  await practice.close();
});
