// The fault desk, fault by fault: what a client sees, and what became of its order. DESIGN 4; the cases of BINANCE 4 and 5.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import type { FaultRule } from '../../src-main/practice/protocol/faults.ts';
import { json, Listener, RestClient, WsApiClient, type Answer, type Json } from './practice-client.ts';

let practice: PracticeHandle;
let client: RestClient;
beforeAll(async () => {
  practice = await startPractice({ eventsPerSecond: 0, balances: { USDT: '100000', BTC: '2' } });
});
afterAll(() => practice.close());
// A broken connection must not leak into the next test.
const clients: RestClient[] = [];
const fresh = (): RestClient => {
  const each = new RestClient(practice);
  clients.push(each);
  return each;
};
afterEach(async () => {
  await practice.heal();
  for (const symbol of ['BTCUSDT', 'ETHUSDT']) await practice.perform({ op: 'cancelAll', symbol }).catch(() => undefined); // none open: fine
  await Promise.all(clients.splice(0).map((each) => each.close()));
});

let id = 0;
const nextId = (): string => `f-${++id}`;
const order = (newClientOrderId: string): Promise<Answer> => {
  client = fresh();
  return client.order({
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    timeInForce: 'GTC',
    quantity: '0.001',
    price: '50000',
    newClientOrderId,
  });
};
const ORDERS: FaultRule['match'] = { channel: 'rest', method: 'POST', path: '/api/v3/order' };
const isOpen = async (clientOrderId: string): Promise<boolean> =>
  (await practice.state()).openOrders.some((each) => each.clientOrderId === clientOrderId);
/** The answer, or 'nothing' when none came in time. */
const within = (ms: number, answer: Promise<Answer>): Promise<Answer | 'nothing'> =>
  Promise.race([answer, new Promise<'nothing'>((resolve) => setTimeout(() => resolve('nothing'), ms))]);

describe('an order by REST', () => {
  it.each([
    ['before', false],
    ['after', true],
  ] as const)('dropped %s execution: the connection is cut, the order is there: %s', async (stage, there) => {
    await practice.addFault({ match: ORDERS, action: { type: 'drop', stage }, times: 1 });
    const own = nextId();
    await expect(order(own)).rejects.toThrow();
    expect(await isOpen(own)).toBe(there);
    expect((await order(nextId())).status).toBe(200);
  });

  it.each([
    ['before', false],
    ['after', true],
  ] as const)('without an answer %s execution: the caller waits for ever, the order is there: %s', async (stage, there) => {
    await practice.addFault({ match: ORDERS, action: { type: 'drop', stage, how: 'silent' }, times: 1 });
    const own = nextId();
    const answer = order(own);
    answer.catch(() => undefined); // closed by the clean-up
    expect(await within(200, answer)).toBe('nothing');
    expect(await isOpen(own)).toBe(there);
  });

  it.each([
    ['before', false],
    ['after', true],
  ] as const)('502 %s execution: no Binance code in it, the order is there: %s', async (stage, there) => {
    await practice.addFault({ match: ORDERS, action: { type: 'status', stage, status: 502 }, times: 1 });
    const own = nextId();
    const answer = await order(own);
    expect(answer.status).toBe(502);
    expect(answer.text).toContain('<html>');
    expect(await isOpen(own)).toBe(there);
  });

  it.each([
    ['before', false],
    ['after', true],
  ] as const)('-1007 %s execution: the documented timeout, the order is there: %s', async (stage, there) => {
    await practice.addFault({ match: ORDERS, action: { type: 'error', stage, code: -1007 }, times: 1 });
    const own = nextId();
    const msg = 'Timeout waiting for response from backend server. Send status unknown; execution status unknown.';
    expect(json(await order(own))).toEqual({ code: -1007, msg });
    expect(await isOpen(own)).toBe(there);
  });

  it.each([429, 418] as const)('%s: refused with Retry-After, nothing executed', async (status) => {
    await practice.addFault({ match: ORDERS, action: { type: 'limit', status, retryAfterS: 7 }, times: 1 });
    const own = nextId();
    const answer = await order(own);
    expect([answer.status, answer.headers['retry-after'], json(answer)['code']]).toEqual([status, '7', -1003]);
    expect(await isOpen(own)).toBe(false);
  });

  it('a stalled body: executed, the headers are here, the body never ends', async () => {
    await practice.addFault({ match: ORDERS, action: { type: 'stall' }, times: 1 });
    const own = nextId();
    const answer = order(own);
    answer.catch(() => undefined); // closed by the clean-up
    expect(await within(300, answer)).toBe('nothing');
    expect(await isOpen(own)).toBe(true);
  });

  it('delayed before execution: not there until then; delayed after: there at once', async () => {
    await practice.addFault({ match: ORDERS, action: { type: 'delay', delayMs: 300, stage: 'before' }, times: 1 });
    const late = nextId();
    const startedMs = performance.now();
    const answer = order(late);
    expect(await isOpen(late)).toBe(false);
    await answer;
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(295);
    expect(await isOpen(late)).toBe(true);

    await practice.addFault({ match: ORDERS, action: { type: 'delay', delayMs: 400, stage: 'after' }, times: 1 });
    const early = nextId();
    const slow = order(early);
    while (!(await isOpen(early))) await new Promise(setImmediate);
    expect(await within(1, slow)).toBe('nothing');
    expect((await slow).status).toBe(200);
  });

  it('only the symbol that the rule names is struck', async () => {
    await practice.addFault({ match: { ...ORDERS, symbol: 'ETHUSDT' }, action: { type: 'status', stage: 'before' } });
    expect((await order(nextId())).status).toBe(200);
    const eth = await fresh().order({ symbol: 'ETHUSDT', side: 'BUY', type: 'MARKET', quantity: '0.1' });
    expect(eth.status).toBe(502);
  });
});

describe('an order by the WS-API', () => {
  const place = (ws: WsApiClient, newClientOrderId: string): Promise<Json> =>
    ws.signed('order.place', {
      symbol: 'BTCUSDT',
      side: 'BUY',
      type: 'LIMIT',
      timeInForce: 'GTC',
      quantity: '0.001',
      price: '50000',
      newClientOrderId,
    });
  const MATCH: FaultRule['match'] = { channel: 'wsapi', method: 'order.place' };

  it('answered with 502 or -1007 after execution, the order is there', async () => {
    const ws = await WsApiClient.open(practice);
    await practice.addFault({ match: MATCH, action: { type: 'status', stage: 'after', status: 503 }, times: 1 });
    await practice.addFault({ match: MATCH, action: { type: 'error', stage: 'after' }, times: 1, skip: 1 });
    const [first, second] = [nextId(), nextId()];
    expect(await place(ws, first)).toMatchObject({ status: 503, error: { code: -1000 } });
    expect(await place(ws, second)).toMatchObject({ status: 504, error: { code: -1007 } });
    expect([await isOpen(first), await isOpen(second)]).toEqual([true, true]);
    await ws.close();
  });

  it('limited: retryAfter is an epoch in ms', async () => {
    const ws = await WsApiClient.open(practice);
    await practice.addFault({ match: MATCH, action: { type: 'limit', status: 429, retryAfterS: 5 }, times: 1 });
    const answer = await place(ws, nextId());
    expect(answer).toMatchObject({ status: 429, error: { code: -1003 } });
    const { retryAfter, serverTime } = (answer['error'] as { data: { retryAfter: number; serverTime: number } }).data;
    expect(Math.abs(retryAfter - serverTime - 5000)).toBeLessThan(50);
    await ws.close();
  });

  it('dropped after execution, the socket dies and the order is there', async () => {
    const ws = await WsApiClient.open(practice);
    await practice.addFault({ match: MATCH, action: { type: 'drop', stage: 'after' }, times: 1 });
    const own = nextId();
    place(ws, own).catch(() => undefined); // no answer will come
    expect((await ws.listener.closed).code).toBe(1006);
    expect(await isOpen(own)).toBe(true);
  });
});

describe('the user stream', () => {
  const subscribed = async (): Promise<WsApiClient> => {
    const ws = await WsApiClient.open(practice);
    await ws.subscribeUser();
    return ws;
  };
  const news = (ws: WsApiClient): readonly unknown[] => ws.events('executionReport').map((event) => event['c']);
  const seen = (ws: WsApiClient, clientOrderId: string): Promise<Json> =>
    ws.event(`report of ${clientOrderId}`, (event) => event['c'] === clientOrderId);
  const REPORTS: FaultRule['match'] = { channel: 'user', event: 'executionReport' };

  it('swallowed: the first report is missing, the second arrives', async () => {
    const ws = await subscribed();
    await practice.addFault({ match: REPORTS, action: { type: 'swallow' }, times: 1 });
    const [lost, kept] = [nextId(), nextId()];
    await order(lost);
    await order(kept);
    await seen(ws, kept);
    expect(news(ws)).toEqual([kept]);
    await ws.close();
  });

  it('duplicated: the same report three times', async () => {
    const ws = await subscribed();
    await practice.addFault({ match: REPORTS, action: { type: 'duplicate', copies: 2 }, times: 1 });
    const [twice, after] = [nextId(), nextId()];
    await order(twice);
    await order(after);
    await seen(ws, after);
    expect(news(ws)).toEqual([twice, twice, twice, after]);
    await ws.close();
  });

  it('reordered: the next event of the account overtakes it', async () => {
    const ws = await subscribed();
    await practice.addFault({ match: REPORTS, action: { type: 'reorder', holdMs: 60_000 }, times: 1 });
    const [first, second] = [nextId(), nextId()];
    await order(first);
    await order(second);
    await Promise.all([seen(ws, first), seen(ws, second)]);
    // The account's next event overtakes: what was first by the exchange's own event time arrives later.
    const arrived = ws.events().map((event) => (event['e'] === 'executionReport' ? event['c'] : event['e']));
    expect(arrived.slice(0, 2)).toEqual(['outboundAccountPosition', first]);
    await ws.close();
  });

  it('late: the report comes 300 ms after the answer', async () => {
    const ws = await subscribed();
    await practice.addFault({ match: REPORTS, action: { type: 'delay', delayMs: 300 }, times: 1 });
    const own = nextId();
    await order(own);
    const answeredMs = performance.now();
    await seen(ws, own);
    expect(performance.now() - answeredMs).toBeGreaterThanOrEqual(250);
    await ws.close();
  });

  it('terminated: eventStreamTerminated, then nothing, until a new subscription on the same socket', async () => {
    const ws = await subscribed();
    await practice.perform({ op: 'terminateUserStream' });
    await ws.event('eventStreamTerminated', (event) => event['e'] === 'eventStreamTerminated');
    await order(nextId());
    await ws.subscribeUser();
    const own = nextId();
    await order(own);
    await seen(ws, own);
    expect(news(ws)).toEqual([own]);
    await ws.close();
  });

  it('disconnected: the socket is cut', async () => {
    const ws = await subscribed();
    const bystander = await WsApiClient.open(practice);
    await practice.perform({ op: 'disconnect', channel: 'user' });
    expect((await ws.listener.closed).code).toBe(1006);
    expect(await bystander.call('ping')).toMatchObject({ status: 200 });
    await bystander.close();
  });
});

describe('the market streams', () => {
  const stream = (): Promise<Listener> => Listener.open(`${practice.streamUrl}/ws/btcusdt@depth5@100ms`);
  const isDepth = (message: Json): boolean => 'lastUpdateId' in message;

  it('silent: the socket lives and answers pings, but no event comes, until healed', async () => {
    const listener = await stream();
    await listener.next('depth', isDepth);
    await practice.perform({ op: 'silence', on: true });
    const pong = new Promise((resolve) => listener.socket.once('pong', resolve));
    listener.socket.ping();
    await pong;
    const before = listener.messages.length;
    await new Promise((resolve) => setTimeout(resolve, 350));
    expect(listener.messages.length).toBe(before);
    await practice.heal();
    await listener.many('depth', before + 1, isDepth);
    await listener.close();
  });

  it('swallowed and duplicated by event name', async () => {
    await practice.addFault({ match: { channel: 'stream', event: 'depth', symbol: 'BTCUSDT' }, action: { type: 'swallow' } });
    const listener = await Listener.open(`${practice.streamUrl}/stream?streams=btcusdt@depth5@100ms/ethusdt@depth5@100ms`);
    await listener.many('ETH depth', 3, (message) => message['stream'] === 'ethusdt@depth5@100ms');
    expect(listener.messages.some((message) => message['stream'] === 'btcusdt@depth5@100ms')).toBe(false);
    await listener.close();
  });

  it('disconnected: every market socket is cut', async () => {
    const listener = await stream();
    await practice.perform({ op: 'disconnect', channel: 'stream' });
    expect((await listener.closed).code).toBe(1006);
  });
});

describe('a partition', () => {
  it('lets nothing in or out; when it heals, what lost something is cut and the rest goes on', async () => {
    const rest = fresh();
    expect((await rest.open('GET', '/api/v3/ping')).status).toBe(200);
    const listener = await Listener.open(`${practice.streamUrl}/ws/btcusdt@depth5@100ms`);
    const untouched = await WsApiClient.open(practice);
    await practice.perform({ op: 'partition', on: true });
    const own = nextId();
    const lost = order(own).catch(() => 'cut' as const);
    expect(await within(200, lost as Promise<Answer>)).toBe('nothing');
    const before = listener.messages.length;
    let answered = false;
    listener.socket.once('pong', () => (answered = true));
    listener.socket.ping();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect([listener.messages.length, answered]).toEqual([before, false]);
    await practice.perform({ op: 'partition', on: false });
    expect(await lost).toBe('cut');
    expect((await listener.closed).code).toBe(1006);
    expect(await isOpen(own)).toBe(false);
    expect(await untouched.call('ping')).toMatchObject({ status: 200 });
    expect((await order(own)).status).toBe(200);
    await untouched.close();
  });
});

describe('the desk', () => {
  const desk = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> => {
    const answer = await fetch(practice.faultDeskUrl + path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: answer.status, body: await answer.json() };
  };

  it('takes, shows and clears rules over HTTP', async () => {
    const rule = { match: ORDERS, action: { type: 'status', stage: 'before' }, times: 1 };
    const added = await desk('POST', '/faults', rule);
    expect(added.status).toBe(200);
    expect((await order(nextId())).status).toBe(502);
    expect((await desk('GET', '/faults')).body).toMatchObject([{ matched: 1, struck: 1, times: 1 }]);
    expect((await desk('DELETE', '/faults')).status).toBe(200);
    expect((await desk('GET', '/faults')).body).toEqual([]);
  });

  it('refuses what it cannot read, with the reason, and takes none of a list with one bad rule', async () => {
    const good = { match: ORDERS, action: { type: 'swallow' } };
    const mixed = await desk('POST', '/faults', [good, { match: {}, action: {} }]);
    expect(mixed.status).toBe(400);
    expect((mixed.body as { error: string }).error).toContain('channel');
    expect((await desk('GET', '/faults')).body).toEqual([]);
    expect((await fetch(`${practice.faultDeskUrl}/faults`, { method: 'POST', body: 'not json' })).status).toBe(400);
    expect((await desk('GET', '/elsewhere')).status).toBe(400);
  });

  it('deposits, withdraws, places and cancels for the account, and shows the outcome', async () => {
    const free = async (asset: string): Promise<string | undefined> =>
      (await practice.state()).account.balances.find((balance) => balance.asset === asset)?.free;
    const before = await free('USDT');
    expect((await desk('POST', '/desk', { op: 'deposit', asset: 'USDT', amount: '1.5' })).status).toBe(200);
    expect(await free('USDT')).toBe((Number(before) + 1.5).toFixed(8));
    await practice.perform({ op: 'withdraw', asset: 'USDT', amount: '1.5' });
    expect(await free('USDT')).toBe(before);
    await expect(practice.perform({ op: 'withdraw', asset: 'USDT', amount: '999999999' })).rejects.toThrow('-2010');
    const foreign = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: '50000' } as const;
    const { orderId } = (await practice.perform({ op: 'placeOrder', order: foreign })) as { orderId: number };
    expect((await practice.state()).openOrders.map((each) => each.orderId)).toEqual([orderId]);
    await practice.perform({ op: 'cancelOrder', symbol: 'BTCUSDT', orderId });
    expect((await practice.state()).openOrders).toEqual([]);
    expect((await desk('GET', '/state')).body).toMatchObject({ openOrders: [], internalErrors: [] });
  });

  it('stops a symbol: CANCEL_ONLY takes cancels and no orders', async () => {
    const own = nextId();
    await order(own);
    await practice.perform({ op: 'symbolStatus', symbol: 'BTCUSDT', status: 'CANCEL_ONLY' });
    expect((await order(nextId())).status).toBe(400);
    expect((await client.signed('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: own })).status).toBe(200);
    await practice.perform({ op: 'symbolStatus', symbol: 'BTCUSDT', status: 'TRADING' });
  });

  it.each([
    { op: 'fly' },
    { op: 'deposit', asset: 'USDT', amount: '-1' },
    { op: 'deposit', account: 'nobody', asset: 'USDT', amount: '1' },
    { op: 'symbolStatus', symbol: 'NOPE', status: 'HALT' },
  ])('refuses %j', async (operation) => {
    expect((await desk('POST', '/desk', operation)).status).toBe(400);
  });
});

describe('latency', () => {
  it('is a round trip: answers take it whole, events half of it, and requests do not queue behind each other', async () => {
    const far = await startPractice({ eventsPerSecond: 0, latencyMs: 600, balances: { USDT: '100000' } });
    const rest = new RestClient(far);
    const startedMs = performance.now();
    const answers = await Promise.all(Array.from({ length: 10 }, () => rest.open('GET', '/api/v3/time')));
    const tookMs = performance.now() - startedMs;
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(tookMs).toBeGreaterThanOrEqual(595);
    expect(tookMs).toBeLessThan(2400); // ten in a row would take 6000

    const ws = await WsApiClient.open(far);
    await ws.subscribeUser();
    const depositedMs = performance.now();
    await far.perform({ op: 'deposit', asset: 'USDT', amount: '1' });
    await ws.event('balanceUpdate', (event) => event['e'] === 'balanceUpdate');
    const eventMs = performance.now() - depositedMs;
    expect(eventMs).toBeGreaterThanOrEqual(295);
    expect(eventMs).toBeLessThan(595);
    await Promise.all([ws.close(), rest.close()]);
    await far.close();
  });
});
