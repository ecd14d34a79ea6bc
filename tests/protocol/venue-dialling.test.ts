// Dialling over real sockets: no outage becomes a storm of dials (BINANCE 2, Q10), and frames that make no sense are told and not used (N3).
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocketServer, type RawData, type WebSocket } from 'ws';
import { startPractice } from '../../src-main/practice/practice.ts';
import { BTC, Log, optionsFor, sleep, startBench, venueFor } from './venue-harness.ts';
import { createBinanceVenue } from '../../src-main/venue/binance.ts';
import type { BinanceOptions } from '../../src-main/venue/binance.ts';

describe('dialling', () => {
  it('an outage is answered with ever rarer dials, not with a storm (BINANCE 2)', async () => {
    const server = await fakeVenue((socket) => socket.terminate());
    const venue = await venueOn(server.port);
    const log = new Log();
    const connecting = venue.connect(log.listen);
    await sleep(5000);
    // Per stream: at once, then after 0.25–0.5, 0.5–1, 1–2, 2–4 s.
    expect(server.connections()).toBeGreaterThanOrEqual(6);
    expect(server.connections()).toBeLessThanOrEqual(10);
    await venue.close();
    expect(await connecting).toMatchObject({ ok: false });
    const dialled = server.connections();
    await sleep(700);
    expect(server.connections()).toBe(dialled);
    await server.close();
  });

  it('one that is closed before it has begun to dial never dials, and leaves no timer behind', async () => {
    const server = await fakeVenue((socket) => socket.terminate());
    const venue = await venueOn(server.port);
    const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    const connecting = venue.connect(new Log().listen);
    await venue.close();
    expect(await connecting).toMatchObject({ ok: false });
    await sleep(700);
    expect(server.connections()).toBe(0);
    expect(timers()).toBeLessThanOrEqual(before);
    await server.close();
  });

  it('a subscription that gets no answer is given up at its deadline and tried again', async () => {
    const practice = await startPractice({ seed: 5 });
    await practice.addFault({ match: { channel: 'wsapi' }, action: { type: 'drop', stage: 'before', how: 'silent' }, times: 1 });
    const venue = await venueFor(practice, { timings: { streamAnswerMs: 600 } });
    const log = new Log();
    expect((await venue.connect(log.listen)).ok).toBe(true);
    expect((await log.stream('user', 'down')).text).toContain('did not answer');
    await venue.close();
    await practice.close();
  });

  it('a limit on the WebSocket API holds everything, and the next dial waits for its end (C9)', async () => {
    const practice = await startPractice({ seed: 5 });
    await practice.addFault({ match: { channel: 'wsapi' }, action: { type: 'limit', status: 429, retryAfterS: 2 }, times: 1 });
    const venue = await venueFor(practice);
    const log = new Log();
    const startedMs = Date.now();
    expect((await venue.connect(log.listen)).ok).toBe(true);
    expect(Date.now() - startedMs).toBeGreaterThanOrEqual(1900);
    expect(log.of('stream').filter(({ stream, status }) => stream === 'user' && status === 'down')).toHaveLength(1);
    await venue.close();
    await practice.close();
  });

  it('a subscription whose timestamp is refused measures the clock and then succeeds', async () => {
    const bench = await startBench();
    await bench.practice.perform({ op: 'clockSkew', skewMs: 20_000 });
    const from = bench.log.events.length;
    await bench.practice.perform({ op: 'disconnect', channel: 'wsapi' });
    await bench.log.stream('user', 'live', from);
    expect(bench.log.events.slice(from).some((event) => event.kind === 'clock' && event.offsetMs > 19_000)).toBe(true);
    await bench.close();
  });

  it('no stream is dialled while the venue has put everything on hold (Q10)', async () => {
    const practice = await startPractice({ seed: 5 });
    await practice.addFault({
      match: { channel: 'rest', path: '/api/v3/time' },
      action: { type: 'limit', status: 418, retryAfterS: 60 },
      times: 1,
    });
    const venue = await venueFor(practice, { timings: { connectDeadlineMs: 800 } });
    const log = new Log();
    expect(await venue.connect(log.listen)).toMatchObject({ ok: false, error: { kind: 'held' } });
    expect(log.of('stream')).toEqual([]);
    await venue.close();
    await practice.close();
  });

  it('connections are renewed before the venue ends them at 24 h', async () => {
    const bench = await startBench({}, { timings: { renewAfterMs: 1000 } });
    expect((await bench.log.stream('user', 'down')).text).toContain('24 h');
    await bench.log.stream('market', 'down');
    await bench.log.stream('user', 'live', bench.log.events.length);
    await bench.close();
  });

  it('closing in the middle of a dial leaves nothing behind and tells nothing more', async () => {
    const practice = await startPractice({ seed: 5 });
    const venue = await venueFor(practice);
    const log = new Log();
    const connecting = venue.connect(log.listen);
    await log.until('clock');
    await venue.close();
    expect(await connecting).toMatchObject({ ok: false });
    const told = log.events.length;
    await sleep(300);
    expect(log.events.length).toBe(told);
    await practice.close();
  });
});

describe('frames that make no sense (N3)', () => {
  it.each([
    ['a number', '7'],
    ['half a frame', '{"stream":"btcusdt@bookTicker","data":{"s":"BTCUSDT","b":"1.'],
    ['plain words', 'hello'],
    ['nothing', ''],
    ['a crossed quote', '{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"2","B":"1","a":"1","A":"1"}}'],
    ['a prototype', '{"__proto__":{"stream":"btcusdt@bookTicker"},"constructor":{"prototype":{"polluted":true}}}'],
    ['an array of a thousand', JSON.stringify(Array.from({ length: 1000 }, () => ({ e: 'trade' })))],
    ['a deep nest', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['bytes', Buffer.from([0, 255, 1, 254])],
  ])('%s is told as garbled, nothing of it is used, and the stream goes on', async (_what, frame) => {
    const quote = '{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}}';
    const server = await fakeVenue((socket) => {
      answering(socket);
      socket.send(quote);
      socket.send(frame);
      socket.send(quote);
      socket.send('{"id":999999,"result":null}'); // an answer that nobody asked for
    });
    const venue = await venueOn(server.port);
    const log = new Log();
    await venue.connect(log.listen);
    await log.until('garbled', ({ stream }) => stream === 'market');
    await log.until('quote', () => log.of('quote').length >= 2);
    expect(log.of('stream').filter(({ stream, status }) => stream === 'market' && status === 'down')).toEqual([]);
    expect(log.of('execution')).toEqual([]);
    expect('polluted' in {}).toBe(false);
    await venue.close();
    await server.close();
  });

  it('a venue that refuses a subscription in odd ways is dialled again', async () => {
    const odd = [
      '"no"',
      '{"code":"x"}',
      '{"code":-1000,"msg":"Busy."}',
      'null',
      '{"code":-1003,"msg":"Slow.","data":{"retryAfter":"soon"}}',
    ];
    const server = await fakeVenue((socket) =>
      socket.on('message', (data) => {
        const { id } = askedIn(data);
        socket.send(`{"id":${id},"status":400,"error":${odd[id % odd.length] ?? 'null'}}`);
      }),
    );
    const venue = await venueOn(server.port, { timings: { connectDeadlineMs: 1500 } });
    const log = new Log();
    expect(await venue.connect(log.listen)).toMatchObject({ ok: false });
    expect(log.of('stream').filter(({ status }) => status === 'down').length).toBeGreaterThanOrEqual(4);
    await venue.close();
    await server.close();
  });

  it('a refused change of what is on screen ends in a fresh connection', async () => {
    let subscriptions = 0;
    const server = await fakeVenue((socket) => {
      socket.send('{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}}');
      socket.on('message', (data) => {
        const { id, method } = askedIn(data);
        const refused = method === 'SUBSCRIBE' && ++subscriptions === 2;
        socket.send(
          JSON.stringify(refused ? { id, error: { code: 2, msg: 'Invalid request' } } : { id, status: 200, result: { subscriptionId: 0 } }),
        );
        if (!refused) socket.send('{"stream":"btcusdt@bookTicker","data":{"u":1,"s":"BTCUSDT","b":"1","B":"1","a":"2","A":"1"}}');
      });
    });
    const venue = await venueOn(server.port);
    const log = new Log();
    await venue.connect(log.listen);
    venue.show(BTC, '1m');
    expect((await log.stream('market', 'down')).text).toContain('refused a subscription');
    await log.stream('market', 'live', log.events.length);
    await venue.close();
    await server.close();
  });
});

/** Two sockets and a clock that speak just enough Binance; `onConnection` decides what a stream does. */
const fakeVenue = async (onConnection: (socket: WebSocket) => unknown) => {
  let count = 0;
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    count += 1;
    socket.on('error', () => socket.terminate());
    onConnection(socket);
  });
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    close: () =>
      new Promise<void>((resolve) => {
        for (const client of server.clients) client.terminate();
        server.close(() => resolve());
      }),
  };
};

const askedIn = (data: RawData): { readonly id: number; readonly method: string } =>
  JSON.parse((data as Buffer).toString()) as { id: number; method: string };

const answering = (socket: WebSocket): void => {
  socket.on('message', (data) => {
    const { id } = askedIn(data);
    socket.send(JSON.stringify({ id, status: 200, result: { subscriptionId: 0 } }));
  });
};

const venueOn = async (port: number, more: Partial<BinanceOptions> = {}) => {
  const address = `127.0.0.1:${port}`;
  const nowhere = { restUrl: `http://${address}`, streamUrl: `ws://${address}`, wsApiUrl: `ws://${address}/ws-api/v3`, faultDeskUrl: '' };
  const venue = await createBinanceVenue({
    ...optionsFor({ ...nowhere, key: { apiKey: 'test-key', secret: 'test-secret' } } as never),
    ...more,
  });
  if (!venue.ok) throw new Error(venue.error.text);
  return venue.value;
};
