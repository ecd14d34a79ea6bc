// The WS-API and the user data stream: envelopes, rate limits, methods, and user events with every field. BINANCE 2, web-socket-api.md.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { hmac, Listener, RestClient, WsApiClient, type Json } from './practice-client.ts';

let practice: PracticeHandle;
let ws: WsApiClient;
beforeAll(async () => {
  practice = await startPractice({ eventsPerSecond: 0, balances: { USDT: '100000', BTC: '2', BNB: '10' } });
  ws = await WsApiClient.open(practice);
});
afterAll(async () => {
  await ws.close();
  await practice.close();
});
afterEach(() => practice.perform({ op: 'cancelAll', symbol: 'BTCUSDT' }).catch(() => undefined)); // none open: fine

const LIMIT = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: '50000' } as const;
const result = (answer: Json): Json => answer['result'] as Json;

describe('envelopes', () => {
  it('echo any id, prefix v3/ included, and hide the limits on demand', async () => {
    const raw = await Listener.open(`${practice.wsApiUrl}?returnRateLimits=false`);
    const answered = (id: unknown): Promise<Json> => raw.next(`answer ${String(id)}`, (message) => message['id'] === id);
    raw.send({ id: 'a-text', method: 'ping' });
    expect(await answered('a-text')).toEqual({ id: 'a-text', status: 200, result: {} });
    raw.send({ id: null, method: 'v3/time' });
    expect((await answered(null))['status']).toBe(200);
    raw.send({ id: 7, method: 'ping', params: { returnRateLimits: true } });
    expect((await answered(7))['rateLimits']).toMatchObject([{ rateLimitType: 'REQUEST_WEIGHT', limit: 6000 }]);
    await raw.close();
  });

  it.each([
    ['not json', { id: null, status: 400, error: { code: -1135, msg: 'Invalid JSON Request' } }],
    ['[]', { id: null, status: 400, error: { code: -1135, msg: 'Invalid JSON Request' } }],
    ['{"id":1}', { id: null, status: 400, error: { code: -1135, msg: 'Invalid JSON Request' } }],
    ['{"id":1,"method":"fly.away"}', { id: 1, status: 400, error: { code: -1020, msg: 'This operation is not supported.' } }],
    ['{"id":1,"method":"ping","params":[]}', { id: null, status: 400, error: { code: -1135, msg: 'Invalid JSON Request' } }],
  ])('a frame that cannot be read is answered, not dropped: %s', async (frame, expected) => {
    const raw = await Listener.open(practice.wsApiUrl);
    raw.send(frame);
    expect(await raw.next('answer', () => true)).toEqual(expected);
    await raw.close();
  });

  it('orders carry their unfilled counts beside the weight', async () => {
    const placed = await ws.signed('order.place', LIMIT);
    const limits = placed['rateLimits'] as readonly Json[];
    expect(limits.map((each) => [each['rateLimitType'], each['interval'], each['limit']])).toEqual([
      ['ORDERS', 'SECOND', 100],
      ['ORDERS', 'DAY', 200_000],
      ['REQUEST_WEIGHT', 'MINUTE', 6000],
    ]);
  });

  it('a limited caller learns when to come back, as an epoch in ms', async () => {
    const poor = await startPractice({ eventsPerSecond: 0, limits: { weightPerMinute: 30 } });
    const caller = await WsApiClient.open(poor);
    let answer = await caller.call('exchangeInfo', { symbol: 'BTCUSDT' });
    while (answer['status'] === 200) answer = await caller.call('exchangeInfo', { symbol: 'BTCUSDT' });
    expect(answer).toMatchObject({ status: 429, error: { code: -1003 } });
    const { retryAfter, serverTime } = (answer['error'] as { data: { retryAfter: number; serverTime: number } }).data;
    expect(retryAfter % 60_000).toBe(0);
    expect(retryAfter - serverTime).toBeLessThanOrEqual(60_000);
    await caller.close();
    await poor.close();
  });
});

describe('methods', () => {
  it('answer what REST answers', async () => {
    const rest = new RestClient(practice);
    const same = async (method: string, path: string, params: Readonly<Record<string, string>>): Promise<void> => {
      const byRest = JSON.parse((await rest.open('GET', `/api/v3/${path}`, params)).text) as unknown;
      expect((await ws.call(method, params))['result']).toEqual(byRest);
    };
    await same('depth', 'depth', { symbol: 'BTCUSDT' });
    await same('ticker.book', 'ticker/bookTicker', { symbol: 'BTCUSDT' });
    await same('ticker.price', 'ticker/price', {});
    await same('trades.recent', 'trades', { symbol: 'BTCUSDT' });
    expect(result(await ws.call('exchangeInfo', { symbols: ['BTCUSDT', 'ETHUSDT'] }))['symbols']).toHaveLength(2);
    await rest.close();
  });

  it('place, test, query, list, replace and cancel', async () => {
    expect(await ws.signed('order.test', LIMIT)).toMatchObject({ status: 200, result: {} });
    const { orderId } = result(await ws.signed('order.place', LIMIT)) as { orderId: number };
    expect(result(await ws.signed('order.status', { symbol: 'BTCUSDT', orderId }))).toMatchObject({ status: 'NEW', isWorking: true });
    expect(result(await ws.signed('openOrders.status', { symbol: 'BTCUSDT' }))).toHaveLength(1);
    const replaced = await ws.signed('order.cancelReplace', {
      ...LIMIT,
      price: '49000',
      cancelReplaceMode: 'STOP_ON_FAILURE',
      cancelOrderId: orderId,
    });
    expect(result(replaced)).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
    const failed = await ws.signed('order.cancelReplace', { ...LIMIT, cancelReplaceMode: 'STOP_ON_FAILURE', cancelOrderId: orderId });
    expect(failed).toMatchObject({
      status: 400,
      error: { code: -2022, data: { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED' } },
    });
    const newId = (result(replaced)['newOrderResponse'] as { orderId: number }).orderId;
    expect(result(await ws.signed('order.cancel', { symbol: 'BTCUSDT', orderId: newId }))).toMatchObject({ status: 'CANCELED' });
    expect(await ws.signed('order.cancel', { symbol: 'BTCUSDT', orderId: newId })).toMatchObject({ status: 400, error: { code: -2011 } });
  });

  it('order lists and cancel-all, lists included as one element', async () => {
    const oco = {
      symbol: 'BTCUSDT',
      side: 'SELL',
      quantity: '0.001',
      aboveType: 'LIMIT_MAKER',
      abovePrice: '70000',
      belowType: 'STOP_LOSS',
      belowStopPrice: '55000',
    };
    const placed = result(await ws.signed('orderList.place.oco', oco));
    expect(result(await ws.signed('orderList.status', { orderListId: placed['orderListId'] as number }))).toMatchObject({
      listOrderStatus: 'EXECUTING',
    });
    expect(result(await ws.signed('openOrderLists.status'))).toHaveLength(1);
    await ws.signed('order.place', LIMIT);
    expect(result(await ws.signed('openOrders.cancelAll', { symbol: 'BTCUSDT' }))).toHaveLength(2);
    expect(await ws.signed('openOrders.cancelAll', { symbol: 'BTCUSDT' })).toMatchObject({
      error: { code: -2011, msg: 'Unknown order sent.' },
    });
  });

  it('account, trades and counts', async () => {
    await ws.signed('order.place', { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quoteOrderQty: '100' });
    expect(result(await ws.signed('account.status'))).toMatchObject({ accountType: 'SPOT', canTrade: true });
    expect((result(await ws.signed('myTrades', { symbol: 'BTCUSDT' })) as unknown as readonly unknown[]).length).toBeGreaterThan(0);
    expect(result(await ws.signed('account.rateLimits.orders'))).toHaveLength(2);
    expect(result(await ws.signed('account.commission', { symbol: 'BTCUSDT' }))).toMatchObject({ symbol: 'BTCUSDT' });
  });
});

describe('the user data stream', () => {
  /** Every field of an execution report, and of one that has been on the book (BINANCE 2). */
  const REPORT = 'e E s c S o f q p P F g C x X r i l z L n N T t I w m M O Z Y Q W V'.split(' ').toSorted();

  it('an order is told from NEW to FILLED with every field, and the balances with it', async () => {
    const own = await WsApiClient.open(practice);
    expect(await own.subscribeUser()).toBe(0);
    const id = 'report-1';
    await own.signed('order.place', { ...LIMIT, price: '61000', newClientOrderId: id });
    const filled = await own.event('FILLED', (event) => event['c'] === id && event['X'] === 'FILLED');
    const reports = own.events('executionReport').filter((event) => event['c'] === id);
    expect(reports[0]).toMatchObject({ x: 'NEW', X: 'NEW', z: '0.00000000', n: '0', N: null, t: -1, C: '' });
    for (const report of reports) expect(Object.keys(report).toSorted()).toEqual(REPORT);
    expect(filled).toMatchObject({ x: 'TRADE', z: '0.00100000', m: false, N: 'BTC' });
    expect(own.events('outboundAccountPosition').at(-1)?.['B']).toContainEqual(expect.objectContaining({ a: 'USDT' }));
    await own.close();
  });

  it("a cancel carries the order's own id in C and the cancel's in c", async () => {
    const own = await WsApiClient.open(practice);
    await own.subscribeUser();
    await own.signed('order.place', { ...LIMIT, newClientOrderId: 'mine' });
    await own.signed('order.cancel', { symbol: 'BTCUSDT', origClientOrderId: 'mine', newClientOrderId: 'the-cancel' });
    expect(await own.event('CANCELED', (event) => event['X'] === 'CANCELED')).toMatchObject({ C: 'mine', c: 'the-cancel', x: 'CANCELED' });
    await own.close();
  });

  it('order lists come with listStatus, deposits with balanceUpdate', async () => {
    const own = await WsApiClient.open(practice);
    await own.subscribeUser();
    await own.signed('orderList.place.oco', {
      symbol: 'BTCUSDT',
      side: 'SELL',
      quantity: '0.001',
      aboveType: 'LIMIT_MAKER',
      abovePrice: '70000',
      belowType: 'STOP_LOSS',
      belowStopPrice: '55000',
    });
    expect(await own.event('listStatus', (event) => event['e'] === 'listStatus')).toMatchObject({
      c: 'OCO',
      l: 'EXEC_STARTED',
      L: 'EXECUTING',
    });
    await practice.perform({ op: 'deposit', asset: 'USDT', amount: '12.5' });
    expect(await own.event('balanceUpdate', (event) => event['e'] === 'balanceUpdate')).toMatchObject({ a: 'USDT', d: '12.50000000' });
    await own.close();
  });

  it('events of one account reach its subscribers alone, and every one of them', async () => {
    await practice.perform({ op: 'addAccount', id: 'other', balances: { USDT: '1000' } });
    const secret = 'of-the-other';
    const apiKey = (await practice.perform({ op: 'addKey', kind: 'HMAC', secret, account: 'other' })) as string;
    const [one, two, stranger] = await Promise.all([
      WsApiClient.open(practice),
      WsApiClient.open(practice),
      WsApiClient.open(practice, { apiKey, sign: hmac(secret) }),
    ]);
    await Promise.all([one, two, stranger].map((each) => each.subscribeUser()));
    await ws.signed('order.place', { ...LIMIT, newClientOrderId: 'for-two' });
    const mine = (event: Json): boolean => event['c'] === 'for-two';
    await Promise.all([one.event('report', mine), two.event('report', mine)]);
    await stranger.call('ping');
    expect(stranger.events()).toEqual([]);
    await Promise.all([one, two, stranger].map((each) => each.close()));
  });

  it('subscriptions: one per account and socket, listed, ended', async () => {
    const own = await WsApiClient.open(practice);
    await own.subscribeUser();
    expect(await own.signed('userDataStream.subscribe.signature')).toMatchObject({ error: { code: -2035 } });
    expect((await own.call('session.subscriptions'))['result']).toEqual([{ subscriptionId: 0 }]);
    expect(await own.call('session.status')).toMatchObject({ result: { userDataStream: true } });
    expect(await own.call('userDataStream.unsubscribe', { subscriptionId: 5 })).toMatchObject({ error: { code: -2036 } });
    expect(await own.call('userDataStream.unsubscribe', { subscriptionId: 0 })).toMatchObject({ status: 200, result: {} });
    await ws.signed('order.place', LIMIT);
    await own.call('ping');
    expect(own.events()).toEqual([]);
    expect(await own.subscribeUser()).toBe(1);
    await own.close();
  });

  it('needs a session for userDataStream.subscribe', async () => {
    expect(await ws.call('userDataStream.subscribe')).toMatchObject({ status: 401, error: { code: -2015 } });
  });
});

it('the exchange met no exception of its own in all this', async () => {
  expect((await practice.state()).internalErrors).toEqual([]);
});
