// Who may speak, and when: keys of three kinds, the exact signed text, the clock rule. BINANCE 4, 5; rest-api.md "Request Security".
import { generateKeyPairSync, sign as nodeSign, type KeyObject } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { hmac, json, queryOf, RestClient, WsApiClient, type Sign } from './practice-client.ts';

let practice: PracticeHandle;
let client: RestClient;
beforeAll(async () => {
  practice = await startPractice({ eventsPerSecond: 0 });
  client = new RestClient(practice);
});
afterAll(async () => {
  await client.close();
  await practice.close();
});

const ACCOUNT = '/api/v3/account';
const pem = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();
const base64Sign =
  (algorithm: string | null, key: KeyObject): Sign =>
  (payload) =>
    nodeSign(algorithm, Buffer.from(payload), key).toString('base64');

async function newKey(kind: 'ED25519' | 'RSA'): Promise<{ apiKey: string; sign: Sign }> {
  const pair = kind === 'RSA' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519');
  const apiKey = (await practice.perform({ op: 'addKey', kind, secret: pem(pair.publicKey) })) as string;
  return { apiKey, sign: base64Sign(kind === 'RSA' ? 'sha256' : null, pair.privateKey) };
}

describe('the three kinds of keys', () => {
  it.each(['ED25519', 'RSA'] as const)('%s: a right signature passes, one over another text does not', async (kind) => {
    const { apiKey, sign } = await newKey(kind);
    const own = new RestClient(practice, { apiKey, sign });
    const forger = new RestClient(practice, { apiKey, sign: (payload) => sign(`${payload} `) });
    expect((await own.signed('GET', ACCOUNT)).status).toBe(200);
    expect(json(await forger.signed('GET', ACCOUNT))).toEqual({ code: -1022, msg: 'Signature for this request is not valid.' });
    await Promise.all([own.close(), forger.close()]);
  });

  it('HMAC: the documented example signature is what we compute, in either case of its hex', async () => {
    // rest-api.md, "HMAC Keys": the published key, secret, text and signature.
    const secret = 'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j';
    const text = 'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
    expect(hmac(secret)(text)).toBe('c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71');
    const shouting = new RestClient(practice, { sign: (payload) => hmac(practice.key.secret)(payload).toUpperCase() });
    expect((await shouting.signed('GET', ACCOUNT)).status).toBe(200);
    await shouting.close();
  });

  it('a key of one kind does not open with the signature of another', async () => {
    const { apiKey } = await newKey('ED25519');
    const confused = new RestClient(practice, { apiKey });
    expect(json(await confused.signed('GET', ACCOUNT))['code']).toBe(-1022);
    await confused.close();
  });
});

describe('the signed text', () => {
  const headers = (): Record<string, string> => ({ 'X-MBX-APIKEY': practice.key.apiKey });
  const ORDER = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: '50000' };

  it('is the query joined to the body without separator', async () => {
    const query = queryOf({ symbol: ORDER.symbol, side: ORDER.side, type: ORDER.type, timeInForce: ORDER.timeInForce });
    const body = queryOf({ quantity: ORDER.quantity, price: ORDER.price, timestamp: Date.now() });
    const signature = hmac(practice.key.secret)(query + body);
    const inBody = await client.raw('POST', `/api/v3/order/test?${query}`, headers(), `${body}&signature=${signature}`);
    expect(inBody).toMatchObject({ status: 200, text: '{}' });
    const inQuery = await client.raw('POST', `/api/v3/order/test?${query}&signature=${signature}`, headers(), body);
    expect(inQuery.status).toBe(200);
    const separated = hmac(practice.key.secret)(`${query}&${body}`);
    const wrong = await client.raw('POST', `/api/v3/order/test?${query}`, headers(), `${body}&signature=${separated}`);
    expect(json(wrong)['code']).toBe(-1022);
  });

  it('may be all in the body, and its signature may stand anywhere', async () => {
    const params = queryOf({ ...ORDER, timestamp: Date.now() });
    const signature = hmac(practice.key.secret)(params);
    expect((await client.raw('POST', '/api/v3/order/test', headers(), `signature=${signature}&${params}`)).status).toBe(200);
  });

  it('is taken as sent: a changed order of parameters is another text', async () => {
    const signed = queryOf({ ...ORDER, timestamp: Date.now() });
    const sent = signed.split('&').reverse().join('&');
    const answer = await client.raw('POST', `/api/v3/order/test?${sent}&signature=${hmac(practice.key.secret)(signed)}`, headers());
    expect(json(answer)['code']).toBe(-1022);
  });

  it('a parameter in both query and body counts as the query has it', async () => {
    const query = queryOf({ ...ORDER, timestamp: Date.now() });
    const body = 'quantity=notANumber';
    const signature = hmac(practice.key.secret)(query + body);
    expect((await client.raw('POST', `/api/v3/order/test?${query}&signature=${signature}`, headers(), body)).status).toBe(200);
  });
});

describe('the key', () => {
  it.each([
    ['without a key', '', -2014],
    ['with a text that is no key', 'short', -2014],
    ['with a key that nobody has', 'x'.repeat(64), -2015],
  ])('%s the answer is 401', async (_what, apiKey, code) => {
    const stranger = new RestClient(practice, { apiKey });
    const answer = await stranger.signed('GET', ACCOUNT);
    expect([answer.status, json(answer)['code']]).toEqual([401, code]);
    await stranger.close();
  });

  it('that may only read cannot trade, and says so as -2015 (J: permissions)', async () => {
    const secret = 'reader';
    const permissions = { reading: true, trading: false, withdrawals: false };
    const apiKey = (await practice.perform({ op: 'addKey', kind: 'HMAC', secret, permissions })) as string;
    const reader = new RestClient(practice, { apiKey, sign: hmac(secret) });
    expect((await reader.signed('GET', ACCOUNT)).status).toBe(200);
    expect(json(await reader.order({ symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001' }))['code']).toBe(-2015);
    await reader.close();
  });

  it('can be asked what it may do: withdrawals are off, and are seen when they are on', async () => {
    const path = '/sapi/v1/account/apiRestrictions';
    expect(json(await client.signed('GET', path))).toMatchObject({
      enableReading: true,
      enableWithdrawals: false,
      enableSpotAndMarginTrading: true,
    });
    const { apiKey } = practice.key;
    await practice.perform({ op: 'setPermissions', apiKey, permissions: { reading: true, trading: true, withdrawals: true } });
    expect(json(await client.signed('GET', path))).toMatchObject({ enableWithdrawals: true });
    await practice.perform({ op: 'setPermissions', apiKey, permissions: { reading: true, trading: true, withdrawals: false } });
  });
});

describe('the clock rule: timestamp < server + 1 s, and server - timestamp <= recvWindow', () => {
  const LATE = { code: -1021, msg: 'Timestamp for this request is outside of the recvWindow.' };
  const EARLY = { code: -1021, msg: "Timestamp for this request was 1000ms ahead of the server's time." };

  it.each([
    ['five seconds old, no window given', { timestamp: () => Date.now() - 5500 }, LATE],
    ['older than its own window', { timestamp: () => Date.now() - 1500, recvWindow: 1000 }, LATE],
    ['more than a second ahead', { timestamp: () => Date.now() + 2000 }, EARLY],
    ['ahead, whatever the window', { timestamp: () => Date.now() + 2000, recvWindow: 60_000 }, EARLY],
  ])('refuses what is %s', async (_what, { timestamp, ...rest }, expected) => {
    const answer = await client.signed('GET', ACCOUNT, { ...rest, timestamp: timestamp() });
    expect([answer.status, json(answer)]).toEqual([400, expected]);
  });

  it.each([
    ['half a second ahead', () => Date.now() + 500, 5000],
    ['50 s old in a window of 60 s', () => Date.now() - 50_000, 60_000],
    ['in microseconds', () => `${Date.now()}000`, 5000],
    ['with a window in fractions', () => Date.now(), '5000.346'],
  ])('takes what is %s', async (_what, timestamp, recvWindow) => {
    expect((await client.signed('GET', ACCOUNT, { timestamp: timestamp(), recvWindow })).status).toBe(200);
  });

  it('refuses a window above 60 s with -1131', async () => {
    expect(json(await client.signed('GET', ACCOUNT, { recvWindow: 60_001 }))['code']).toBe(-1131);
  });

  it.each(['timestamp', 'signature'])('refuses a request without %s', async (name) => {
    const query = name === 'timestamp' ? 'signature=aa' : `timestamp=${Date.now()}`;
    const answer = await client.raw('GET', `${ACCOUNT}?${query}`, { 'X-MBX-APIKEY': practice.key.apiKey });
    expect(json(answer)).toEqual({ code: -1102, msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.` });
  });

  it("a skewed server clock is the server's truth: /time shows it, and requests of the old time fail", async () => {
    await practice.perform({ op: 'clockSkew', skewMs: 60_000 });
    const ahead = (json(await client.open('GET', '/api/v3/time'))['serverTime'] as number) - Date.now();
    expect(ahead).toBeGreaterThan(59_000);
    expect(json(await client.signed('GET', ACCOUNT))).toEqual(LATE);
    await practice.heal();
    expect((await client.signed('GET', ACCOUNT)).status).toBe(200);
  });
});

describe('the WS-API', () => {
  it('signs the sorted parameters', async () => {
    const ws = await WsApiClient.open(practice);
    expect(await ws.signed('account.status')).toMatchObject({ status: 200 });
    const bad = await WsApiClient.open(practice, { sign: () => 'ab'.repeat(32) });
    expect(await bad.signed('account.status')).toMatchObject({ status: 400, error: { code: -1022 } });
    expect(await ws.call('account.status', { timestamp: Date.now() })).toMatchObject({ error: { code: -1102 } });
    await Promise.all([ws.close(), bad.close()]);
  });

  it('keeps an Ed25519 session: log on once, then no key and no signature, until logout', async () => {
    const ws = await WsApiClient.open(practice, await newKey('ED25519'));
    expect(await ws.call('session.status')).toMatchObject({ result: { apiKey: null, authorizedSince: null, userDataStream: false } });
    expect(await ws.signed('session.logon')).toMatchObject({ status: 200, result: { userDataStream: false } });
    expect(await ws.call('account.status', { timestamp: Date.now() })).toMatchObject({ status: 200 });
    expect(await ws.call('account.status', { timestamp: Date.now() - 10_000 })).toMatchObject({ error: { code: -1021 } });
    expect(await ws.call('userDataStream.subscribe')).toMatchObject({ result: { subscriptionId: 0 } });
    expect(await ws.call('session.logout')).toMatchObject({ result: { apiKey: null, userDataStream: false } });
    expect(await ws.call('account.status', { timestamp: Date.now() })).toMatchObject({ error: { code: -1102 } });
    await ws.close();
  });

  it('does not log on with an HMAC key: "only Ed25519 keys are supported"', async () => {
    const ws = await WsApiClient.open(practice);
    expect(await ws.signed('session.logon')).toMatchObject({ status: 400, error: { code: -1020 } });
    await ws.close();
  });
});
