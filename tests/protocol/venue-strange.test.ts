// Keys of every kind, an adapter that was closed, and venues that are not there or talk nonsense (N1, N3).
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import { approved, BTC, Log, markedAgain, nextId, optionsFor, startBench, text, venueFor } from './venue-harness.ts';
import { createBinanceVenue } from '../../src-main/venue/binance.ts';
import { BINANCE_ADDRESSES } from '../../src-main/venue/addresses.ts';

const oto = () => {
  const [entry, stop] = [approved(), approved({ side: 'SELL', type: 'STOP_LOSS', stopPrice: text('29000') })];
  const orders = [
    { ...entry, role: 'entry' as const },
    { ...stop, role: 'stop' as const },
  ];
  return markedAgain({ listId: nextId(), kind: 'OTO', symbol: BTC, orders });
};

describe('keys (N1)', () => {
  it.each(['ed25519', 'rsa'] as const)('an %s key trades and listens', async (kind) => {
    const practice = await startPractice({ seed: 3 });
    const pair = kind === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
    const publicPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const wanted = kind === 'rsa' ? 'RSA' : 'ED25519';
    const apiKey = (await practice.perform({ op: 'addKey', kind: wanted, secret: publicPem })) as string;
    const venue = await venueFor(practice, { credentials: { apiKey, secret, kind } });
    const log = new Log();
    expect(await venue.connect(log.listen)).toEqual({ ok: true, value: undefined });
    const order = approved();
    expect((await venue.submit(order)).kind).toBe('accepted');
    await log.until('execution', ({ report }) => report.clientOrderId === order.clientOrderId);
    await venue.close();
    await practice.close();
  });

  it('a key that the venue does not know is refused in the words of the venue, by connect too', async () => {
    const practice = await startPractice({ seed: 3 });
    const venue = await venueFor(practice, {
      credentials: { apiKey: 'NoSuchKey'.repeat(8).slice(0, 64), secret: 'no-such-secret', kind: 'hmac' },
      timings: { connectDeadlineMs: 1500 },
    });
    const log = new Log();
    expect(await venue.connect(log.listen)).toMatchObject({
      ok: false,
      error: { text: expect.stringContaining('user stream (Invalid API-key') as string },
    });
    expect(await venue.submit(approved())).toMatchObject({ kind: 'rejected', code: -2015 });
    expect((await log.stream('user', 'down')).text).toContain('Invalid API-key');
    await venue.close();
    await practice.close();
  });

  it('a key that cannot sign makes no adapter', async () => {
    const practice = await startPractice({ seed: 3 });
    const venue = await createBinanceVenue(optionsFor(practice, { credentials: { apiKey: 'a', secret: 'no pem', kind: 'rsa' } }));
    expect(venue).toMatchObject({ ok: false, error: { kind: 'refused' } });
    await practice.close();
  });

  it('where the venue has no rights endpoint, the right to withdraw is not known (testnet)', async () => {
    expect(BINANCE_ADDRESSES.testnet.hasSapi).toBe(false);
    const practice = await startPractice({ seed: 3 });
    const venue = await venueFor(practice, { addresses: { ...practice, hasSapi: false } });
    expect(await venue.permissions()).toEqual({ ok: true, value: { canTrade: true, canWithdraw: null } });
    await venue.close();
    await practice.close();
  });
});

describe('after close', () => {
  it('every call still settles, and nothing is sent', async () => {
    const bench = await startBench();
    await bench.venue.close();
    expect(await bench.venue.submit(approved())).toMatchObject({ kind: 'rejected', sent: false });
    expect(await bench.venue.cancelAll(BTC, 'emergency')).toMatchObject({ kind: 'failed' });
    expect(await bench.venue.queryOrder(BTC, nextId())).toMatchObject({ kind: 'failed' });
    expect((await bench.venue.account('normal')).ok).toBe(false);
    expect((await bench.practice.state()).orders).toEqual([]);
    await bench.close();
  });
});

describe('a venue that is not there, or that talks nonsense (N3)', () => {
  const withServer = async (
    handle: Parameters<typeof createServer>[1],
    test: (venue: Awaited<ReturnType<typeof venueFor>>, stop: () => void) => Promise<void>,
  ): Promise<void> => {
    const server = createServer(handle);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const address = `127.0.0.1:${port}`;
    const made = await createBinanceVenue({
      addresses: { restUrl: `http://${address}`, streamUrl: `ws://${address}`, wsApiUrl: `ws://${address}/ws-api/v3`, hasSapi: true },
      credentials: { apiKey: 'test-key', secret: 'test-secret', kind: 'hmac' },
      symbols: [BTC],
      weightCeiling: 5000,
      emergencyReserve: 1000,
      nowMs: Date.now,
      random: Math.random,
      timings: { restDeadlineMs: 1000 },
    });
    if (!made.ok) throw new Error(made.error.text);
    const stop = (): void => {
      server.closeAllConnections();
      server.close();
    };
    await test(made.value, stop);
    await made.value.close();
    stop();
  };

  it('nobody listens: nothing was sent, which is proof', async () => {
    await withServer(undefined, async (venue, stop) => {
      stop();
      expect(await venue.submit(approved())).toMatchObject({
        kind: 'rejected',
        sent: false,
        text: expect.stringContaining('the exchange refuses connections') as string,
      });
      expect(await venue.clock()).toMatchObject({ ok: false, error: { kind: 'unreachable' } });
    });
  });

  it.each([
    ['HTML', 200, '<html>hello</html>'],
    ['an empty body', 200, ''],
    ['another shape', 200, '{"orderId":"x"}'],
    ['a list', 200, '[]'],
    ['null', 200, 'null'],
    ['a redirect', 302, ''],
    ['a firewall page', 403, '<html>no</html>'],
    ['a prototype', 200, '{"__proto__":{"symbol":"BTCUSDT"}}'],
  ])('%s instead of an order leaves it unknown, and every question unanswered', async (_what, status, body) => {
    await withServer(
      (_request, response) => response.writeHead(status, { location: '/elsewhere' }).end(body),
      async (venue) => {
        expect((await venue.submit(approved())).kind).toBe('unknown');
        expect((await venue.submitList(oto())).kind).toBe('unknown');
        expect(await venue.replace(approved(), nextId())).toMatchObject({ canceled: { kind: 'failed' }, placed: { kind: 'unknown' } });
        expect(await venue.cancel(BTC, nextId(), 'normal')).toMatchObject({ kind: 'failed' });
        expect(await venue.queryOrder(BTC, nextId())).toMatchObject({ kind: 'failed' });
        for (const answer of [venue.account('normal'), venue.instruments([BTC]), venue.permissions(), venue.clock()]) {
          expect((await answer).ok).toBe(false);
        }
      },
    );
  });

  it('an answer without end is cut off', async () => {
    await withServer(
      (_request, response) => {
        const chunk = Buffer.alloc(1024 * 1024, 0x20);
        const more = (): void => {
          if (!response.destroyed) response.write(chunk, more);
        };
        more();
      },
      async (venue) => expect(await venue.account('normal')).toMatchObject({ ok: false }),
    );
  });

  it('429 and 418 without Retry-After hold all the same', async () => {
    for (const status of [429, 418]) {
      await withServer(
        (_request, response) => response.writeHead(status).end(),
        async (venue) => {
          expect(await venue.account('normal')).toMatchObject({ ok: false, error: { kind: 'held' } });
          expect(await venue.submit(approved())).toMatchObject({ kind: 'rejected', sent: false });
        },
      );
    }
  });

  it('an exchangeInfo whose filters or limits make no sense gives no instrument (C15)', async () => {
    const symbol = { symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT', orderTypes: [], filters: [] };
    const rates = { maker: '0', taker: '0', buyer: '0', seller: '0' };
    for (const info of [{ symbols: [symbol], rateLimits: [] }, { symbols: [], rateLimits: [] }, { symbols: [symbol] }]) {
      await withServer(
        (request, response) => response.end(JSON.stringify(request.url?.includes('exchangeInfo') ? info : { standardCommission: rates })),
        async (venue) => expect(await venue.instruments([BTC])).toMatchObject({ ok: false, error: { kind: 'garbled' } }),
      );
    }
  });
});
