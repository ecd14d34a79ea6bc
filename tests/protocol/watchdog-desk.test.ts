// The watchdog's own way to the exchange (E8) over real sockets, against the practice exchange with its fault desk: every kind of key,
// limits, lost answers, a clock that is off. No word of a failure holds an address or a key.
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPractice } from '../../src-main/practice/practice.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import { createDesk } from '../../src-main/watchdog/desk.ts';
import type { Desk } from '../../src-main/watchdog/desk.ts';
import type { Arm } from '../../src-main/watchdog/messages.ts';
import { RestClient } from './practice-client.ts';

let practice: PracticeHandle;
let phone: RestClient;
beforeAll(async () => {
  practice = await startPractice({ seed: 5, eventsPerSecond: 20 });
  phone = new RestClient(practice);
});
afterAll(async () => {
  await phone.close();
  await practice.close();
});

const desks: Desk[] = [];
afterEach(async () => {
  await practice.heal();
  await Promise.all(desks.splice(0).map((desk) => desk.close()));
});

const deskOf = (venue: Partial<Arm['venue']> = {}, offsetMs = 0): Desk => {
  const key = { restUrl: practice.restUrl, ...practice.key, signature: 'hmac', endsWithConsole: false } as const;
  const desk = createDesk({ venue: { ...key, ...venue }, offsetMs, nowMs: Date.now });
  if (!desk.ok) throw new Error(desk.error);
  desks.push(desk.value);
  return desk.value;
};

const rest = async (symbol: string): Promise<void> => {
  const { bidPrice } = JSON.parse((await phone.open('GET', '/api/v3/ticker/bookTicker', { symbol })).text) as { readonly bidPrice: string };
  const bid = Number(bidPrice);
  const quantity = (12 / bid).toFixed(bid > 10_000 ? 4 : 3);
  const order = { symbol, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: (bid * 0.9).toFixed(1), quantity };
  const answer = await phone.order(order);
  expect(answer.status, answer.text).toBe(200);
};

describe('the watchdog’s desk', () => {
  it('E8: shows what is open, cancels a symbol whole, and finds nothing left', async () => {
    await rest('BTCUSDT');
    await rest('BTCUSDT');
    await rest('ETHUSDT');
    const desk = deskOf();
    expect(await desk.openOrders()).toMatchObject({ ok: true, value: { length: 3 } });
    expect(await desk.cancelAll('BTCUSDT')).toMatchObject({ ok: true, value: [{ symbol: 'BTCUSDT' }, { symbol: 'BTCUSDT' }] });
    expect(await desk.cancelAll('BTCUSDT'), 'nothing of it is open: that is what is wanted').toEqual({ ok: true, value: [] });
    expect(await desk.cancelAll('ETHUSDT')).toMatchObject({ ok: true, value: { length: 1 } });
    expect(await desk.openOrders()).toEqual({ ok: true, value: [] });
  });

  it('B5, E8: tells what guards a position from what does not, and cancels a single order', async () => {
    await rest('BTCUSDT');
    expect((await phone.order({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' })).status).toBe(200);
    const { bidPrice } = JSON.parse((await phone.open('GET', '/api/v3/ticker/bookTicker', { symbol: 'BTCUSDT' })).text) as {
      readonly bidPrice: string;
    };
    const stopPrice = (Number(bidPrice) * 0.9).toFixed(1);
    const target = (Number(bidPrice) * 1.03).toFixed(1);
    const sell = { symbol: 'BTCUSDT', side: 'SELL', quantity: '0.0004' };
    expect((await phone.order({ ...sell, type: 'STOP_LOSS', stopPrice })).status).toBe(200);
    expect((await phone.order({ ...sell, type: 'LIMIT', timeInForce: 'GTC', price: target })).status).toBe(200);
    const desk = deskOf();
    const open = await desk.openOrders();
    const found = open.ok ? open.value : [];
    expect(found.filter(({ guards }) => guards)).toHaveLength(1);
    expect(found).toHaveLength(3);
    for (const one of found.filter(({ guards }) => !guards)) {
      expect(await desk.cancel(one)).toMatchObject({ ok: true, value: [{ clientOrderId: one.clientOrderId }] });
      expect(await desk.cancel(one), 'gone already: that is what is wanted').toEqual({ ok: true, value: [] });
    }
    expect(await desk.openOrders()).toEqual({ ok: true, value: found.filter(({ guards }) => guards) });
    expect(await desk.cancelAll('BTCUSDT')).toMatchObject({ ok: true, value: { length: 1 } });
  });

  it.each(['ed25519', 'rsa'] as const)('signs with %s', async (signature) => {
    const pair = signature === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
    const secret = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const kind = signature === 'rsa' ? 'RSA' : 'ED25519';
    const apiKey = (await practice.perform({ op: 'addKey', kind, secret: publicKey })) as string;
    expect(await deskOf({ apiKey, secret, signature }).openOrders()).toMatchObject({ ok: true });
  });

  it('a clock that is far off is measured, and the request made again', async () => {
    await rest('ETHUSDT');
    expect(await deskOf({}, 3_600_000).cancelAll('ETHUSDT')).toMatchObject({ ok: true, value: { length: 1 } });
    expect(await deskOf({}, -3_600_000).openOrders()).toEqual({ ok: true, value: [] });
  });

  it('C9: told to wait, it waits: no request leaves under a hold', async () => {
    const id = await practice.addFault({
      match: { channel: 'rest' },
      action: { type: 'limit', status: 429, retryAfterS: 7 },
    });
    const desk = deskOf();
    const first = await desk.openOrders();
    expect(first).toMatchObject({ ok: false });
    expect(first.ok ? 0 : first.error.holdMs).toBeGreaterThan(6000);
    expect(await desk.cancelAll('BTCUSDT')).toMatchObject({ ok: false, error: { refused: false } });
    expect((await practice.faults()).find((fault) => fault.id === id)?.struck).toBe(1);
  });

  it('an exchange that is not there is told from one that does not answer, and no secret is in the words', async () => {
    const nobody = await deskOf({ restUrl: 'http://127.0.0.1:9' }).openOrders();
    expect(nobody).toMatchObject({ ok: false, error: { refused: true } });
    await practice.addFault({ match: { channel: 'rest' }, action: { type: 'drop', stage: 'after', how: 'silent' }, times: 1 });
    const silent = await deskOf().openOrders();
    expect(silent).toMatchObject({ ok: false, error: { refused: false } });
    const wrong = await deskOf({ secret: 'another secret' }).openOrders();
    expect(wrong).toMatchObject({ ok: false, error: { text: expect.stringMatching(/[Ss]ignature/) } });
    expect(JSON.stringify([nobody, silent, wrong])).not.toMatch(
      new RegExp([practice.key.secret, practice.key.apiKey, '127\\.0\\.0\\.1'].join('|')),
    );
  });

  it('a key that cannot sign is refused in words that hold none of it', () => {
    const venue = { restUrl: practice.restUrl, apiKey: 'k', secret: 'no pem at all', signature: 'rsa', endsWithConsole: false } as const;
    const desk = createDesk({ venue, offsetMs: 0, nowMs: Date.now });
    expect(desk).toEqual({ ok: false, error: 'The secret is no RSA private key in PEM' });
  });
});
