// Market streams as web-socket-streams.md describes them: names, wrapping, live subscriptions, limits, pings, lives.
// The book that a client keeps by Binance's own procedure must equal the exchange's.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { LocalBook } from './practice-book.ts';
import { byText, json, list, Listener, RestClient, type Json } from './practice-client.ts';

let practice: PracticeHandle;
let client: RestClient;
beforeAll(async () => {
  practice = await startPractice({ seed: 11, eventsPerSecond: 200 });
  client = new RestClient(practice);
});
afterAll(async () => {
  await client.close();
  await practice.close();
});

const open = (path: string): Promise<Listener> => Listener.open(practice.streamUrl + path);
const isEvent =
  (name: string) =>
  (message: Json): boolean =>
    message['e'] === name;
const DECIMAL = /^\d+\.\d{8}$/;

describe('payloads', () => {
  it('bookTicker has no `e` and its quotes do not cross', async () => {
    const listener = await open('/ws/btcusdt@bookTicker');
    for (const quote of await listener.many('quote', 5, (message) => 'A' in message)) {
      expect(Object.keys(quote)).toEqual(['u', 's', 'b', 'B', 'a', 'A']);
      expect(Number(quote['b'])).toBeLessThan(Number(quote['a']));
    }
    await listener.close();
  });

  it('trades are numbered without a gap, aggregate trades cover them', async () => {
    const listener = await open('/ws/btcusdt@trade/btcusdt@aggTrade');
    const trades = await listener.many('trade', 8, isEvent('trade'));
    const ids = trades.map((trade) => trade['t'] as number);
    expect(ids).toEqual(ids.map((_, index) => (ids[0] ?? 0) + index));
    for (const trade of trades) expect(trade['p']).toMatch(DECIMAL);
    const aggregate = await listener.next('aggTrade', isEvent('aggTrade'));
    expect(aggregate['l']).toBeGreaterThanOrEqual(aggregate['f'] as number);
    await listener.close();
  });

  it('depth diffs chain: U = previous u + 1', async () => {
    const listener = await open('/ws/btcusdt@depth@100ms');
    const updates = await listener.many('depthUpdate', 6, isEvent('depthUpdate'));
    for (let index = 1; index < updates.length; index++) expect(updates[index]?.['U']).toBe((updates[index - 1]?.['u'] as number) + 1);
    await listener.close();
  });

  it('klines carry the whole candle and agree with GET klines once closed', async () => {
    const listener = await open('/ws/btcusdt@kline_1s');
    const closed = (await listener.next('closed kline', (message) => (message['k'] as Json | undefined)?.['x'] === true))['k'] as Json;
    const rows = JSON.parse(
      (await client.open('GET', '/api/v3/klines', { symbol: 'BTCUSDT', interval: '1s', startTime: closed['t'] as number, limit: 1 })).text,
    ) as unknown[][];
    const fromStream = [
      closed['t'],
      closed['o'],
      closed['h'],
      closed['l'],
      closed['c'],
      closed['v'],
      closed['T'],
      closed['q'],
      closed['n'],
      closed['V'],
      closed['Q'],
      '0',
    ];
    expect(fromStream).toEqual(rows[0]);
    await listener.close();
  });

  it('tickers come every second, for one symbol and for all', async () => {
    const listener = await open('/stream?streams=btcusdt@ticker/btcusdt@miniTicker/!miniTicker@arr/!ticker@arr/btcusdt@avgPrice');
    const of = (stream: string): Promise<Json> => listener.next(stream, (message) => message['stream'] === stream);
    expect((await of('btcusdt@ticker'))['data']).toMatchObject({ e: '24hrTicker', s: 'BTCUSDT' });
    expect((await of('btcusdt@miniTicker'))['data']).toMatchObject({ e: '24hrMiniTicker', s: 'BTCUSDT' });
    expect(((await of('!miniTicker@arr'))['data'] as readonly Json[]).map((each) => String(each['s'])).toSorted(byText)).toEqual([
      'BNBUSDT',
      'BTCUSDT',
      'ETHUSDT',
      'SOLUSDT',
    ]);
    expect((await of('!ticker@arr'))['data']).toHaveLength(4);
    expect((await of('btcusdt@avgPrice'))['data']).toMatchObject({ e: 'avgPrice', i: '5m' });
    await listener.close();
  });

  it('partial depth has the asked levels, best first', async () => {
    const listener = await open('/ws/btcusdt@depth5@100ms');
    const depth = await listener.next('partial depth', (message) => 'bids' in message);
    const prices = (side: 'bids' | 'asks'): number[] =>
      (depth[side] as readonly (readonly [string, string])[]).map(([price]) => Number(price));
    expect([prices('bids').length, prices('asks').length]).toEqual([5, 5]);
    expect(prices('bids')).toEqual(prices('bids').toSorted((a, b) => b - a));
    expect(prices('asks')).toEqual(prices('asks').toSorted((a, b) => a - b));
    await listener.close();
  });
});

describe("a local book kept by Binance's procedure", () => {
  it.each(['btcusdt@depth@100ms', 'ethusdt@depth'])('equals the exchange (%s)', async (stream) => {
    const symbol = stream.slice(0, 7).toUpperCase();
    const listener = await open(`/ws/${stream}`);
    await listener.next('depthUpdate', isEvent('depthUpdate'));
    const snapshot = json(await client.open('GET', '/api/v3/depth', { symbol, limit: 5000 }));
    const book = new LocalBook(snapshot);
    await listener.many('depthUpdate', 5, isEvent('depthUpdate'));
    // The exchange's book at an update id that the stream has reached.
    await practice.perform({ op: 'pauseFeed', on: true });
    const truth = json(await client.open('GET', '/api/v3/depth', { symbol, limit: 5000 }));
    const reached = (message: Json): boolean =>
      isEvent('depthUpdate')(message) && (message['u'] as number) >= (truth['lastUpdateId'] as number);
    if (!listener.messages.some(reached) && truth['lastUpdateId'] !== snapshot['lastUpdateId'])
      await listener.next('the newest update', reached);
    for (const update of listener.messages.filter(isEvent('depthUpdate'))) book.apply(update);
    expect(book.gaps).toBe(0);
    expect(book.snapshot()).toEqual({ lastUpdateId: truth['lastUpdateId'], bids: truth['bids'], asks: truth['asks'] });
    await practice.heal();
    await listener.close();
  });
});

describe('addresses and subscriptions', () => {
  it('raw sockets carry bare payloads, combined ones wrap them', async () => {
    const raw = await open('/ws/btcusdt@bookTicker');
    expect(await raw.next('quote', (message) => 'u' in message)).not.toHaveProperty('stream');
    const combined = await open('/stream?streams=btcusdt@bookTicker/ethusdt@bookTicker');
    const wrapped = await combined.next('ETH quote', (message) => message['stream'] === 'ethusdt@bookTicker');
    expect(wrapped['data']).toMatchObject({ s: 'ETHUSDT' });
    await Promise.all([raw.close(), combined.close()]);
  });

  it('SUBSCRIBE, LIST_SUBSCRIPTIONS, UNSUBSCRIBE on an open socket, as ccxt does on /stream/ws/0', async () => {
    const listener = await open('/stream/ws/0');
    const answer = (id: number): Promise<Json> => listener.next(`answer ${id}`, (message) => message['id'] === id);
    listener.send({ method: 'SUBSCRIBE', params: ['btcusdt@bookTicker', 'nope@bookTicker'], id: 1 });
    expect(await answer(1)).toEqual({ result: null, id: 1 });
    await listener.next('quote', (message) => message['stream'] === 'btcusdt@bookTicker');
    listener.send({ method: 'LIST_SUBSCRIPTIONS', id: 2 });
    expect((await answer(2))['result']).toEqual(['btcusdt@bookTicker', 'nope@bookTicker']);
    listener.send({ method: 'UNSUBSCRIBE', params: ['btcusdt@bookTicker'], id: 3 });
    await answer(3);
    const before = listener.messages.length;
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(listener.messages.length).toBe(before);
    await listener.close();
  });

  it.each([
    ['not json', { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' }],
    ['{"id":1}', { code: 2, msg: 'Invalid request: missing field `method` at line 1 column 1' }],
    ['{"method":"SUBSCRIBE","params":[],"id":1.5}', { code: 2, msg: 'Invalid request: request ID must be an unsigned integer' }],
    ['{"method":"GET_PROPERTY","params":["colour"],"id":1}', { code: 0, msg: 'Unknown property', id: 1 }],
    ['{"method":"SET_PROPERTY","params":["combined",1],"id":1}', { code: 1, msg: 'Invalid value type: expected Boolean', id: 1 }],
    ['{"method":"GET_PROPERTY","params":["combined"],"id":1}', { result: false, id: 1 }],
  ])('answers the frame %s with its own message', async (frame, expected) => {
    const listener = await open('/ws');
    listener.send(frame);
    expect(await listener.next('answer', () => true)).toEqual(expected);
    await listener.close();
  });

  it('SET_PROPERTY combined wraps a raw socket', async () => {
    const listener = await open('/ws/btcusdt@bookTicker');
    listener.send({ method: 'SET_PROPERTY', params: ['combined', true], id: 1 });
    const wrapped = await listener.next('a wrapped quote', (message) => 'stream' in message);
    expect(wrapped['data']).toMatchObject({ s: 'BTCUSDT' });
    await listener.close();
  });

  it('an unknown path is refused', async () => {
    await expect(open('/elsewhere')).rejects.toThrow('404');
  });
});

describe('limits of a socket', () => {
  it('a sixth frame within a second closes it with 1008; pings count', async () => {
    const listener = await open('/ws');
    const untilNextSecond = 1000 - (performance.now() % 1000);
    await new Promise((resolve) => setTimeout(resolve, untilNextSecond + 20));
    for (let frame = 0; frame < 3; frame++) listener.send({ method: 'LIST_SUBSCRIPTIONS', id: frame });
    for (let frame = 0; frame < 9; frame++) listener.socket.ping();
    expect(await listener.closed).toEqual({ code: 1008, reason: 'Too many requests' });
  });

  it('1024 streams fit, one more does not', async () => {
    const listener = await open('/ws');
    const names = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, index) => `x${from + index}@trade`);
    listener.send({ method: 'SUBSCRIBE', params: names(0, 1024), id: 1 });
    expect(await listener.next('answer 1', (message) => message['id'] === 1)).toEqual({ result: null, id: 1 });
    listener.send({ method: 'SUBSCRIBE', params: names(1024, 1025), id: 2 });
    expect(await listener.next('answer 2', (message) => message['id'] === 2)).toMatchObject({ code: 2 });
    await listener.close();
  });

  it('the server pings, drops who does not answer, and ends every life', async () => {
    const strict = await startPractice({ eventsPerSecond: 0, sockets: { pingEveryMs: 250, dropAfterMs: 600, lifeMs: 1500 } });
    const deaf = await Listener.open(`${strict.streamUrl}/ws`, { autoPong: false });
    const polite = await Listener.open(`${strict.streamUrl}/ws`);
    const startedMs = performance.now();
    let pings = 0;
    polite.socket.on('ping', () => pings++);
    expect((await deaf.closed).code).toBe(1006);
    expect(performance.now() - startedMs).toBeLessThan(1400);
    expect((await polite.closed).code).toBe(1001);
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(1400);
    expect(pings).toBeGreaterThanOrEqual(4);
    await strict.close();
  });
});

describe('market data by REST agrees with itself', () => {
  it('trades, aggTrades, ticker, price and candles tell one story', async () => {
    await practice.perform({ op: 'pauseFeed', on: true });
    const params = { symbol: 'BTCUSDT' };
    const trades = list(await client.open('GET', '/api/v3/trades', { ...params, limit: 1000 }));
    const last = trades.at(-1);
    expect(json(await client.open('GET', '/api/v3/ticker/price', params))).toEqual({ symbol: 'BTCUSDT', price: last?.['price'] });
    expect(json(await client.open('GET', '/api/v3/ticker/24hr', params))).toMatchObject({
      lastPrice: last?.['price'],
      lastId: last?.['id'],
    });
    const aggregates = list(await client.open('GET', '/api/v3/aggTrades', { ...params, limit: 1000 }));
    // The newest aggregate may still be growing: Binance tells it when its taker is done.
    expect((last?.['id'] as number) - (aggregates.at(-1)?.['l'] as number)).toBeLessThan(20);
    for (const [index, aggregate] of aggregates.entries()) {
      if (index > 0) expect(aggregate['f']).toBe((aggregates[index - 1]?.['l'] as number) + 1);
    }
    const historical = list(await client.open('GET', '/api/v3/historicalTrades', { ...params, fromId: last?.['id'] as number }));
    expect(historical).toEqual([last]);
    const candles = JSON.parse((await client.open('GET', '/api/v3/klines', { ...params, interval: '1m' })).text) as unknown[][];
    expect(candles.at(-1)?.[4]).toBe(last?.['price']);
    expect(JSON.parse((await client.open('GET', '/api/v3/uiKlines', { ...params, interval: '1m' })).text)).toEqual(candles);
    const best = json(await client.open('GET', '/api/v3/ticker/bookTicker', params));
    const depth = json(await client.open('GET', '/api/v3/depth', { ...params, limit: 1 }));
    expect([[[best['bidPrice'], best['bidQty']]], [[best['askPrice'], best['askQty']]]]).toEqual([depth['bids'], depth['asks']]);
    expect(json(await client.open('GET', '/api/v3/avgPrice', params))).toMatchObject({ mins: 5 });
    await practice.heal();
  });
});
