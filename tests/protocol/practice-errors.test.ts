// Refusals and answers of the practice exchange against Binance's documented codes and texts (errors.md, rest-api.md). Table-driven.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { byText, json, list, RestClient, type Json, type Params } from './practice-client.ts';

let practice: PracticeHandle;
let client: RestClient;
beforeAll(async () => {
  const balances = { USDT: '100000', BTC: '2', BNB: '10' };
  practice = await startPractice({ eventsPerSecond: 0, balances });
  client = new RestClient(practice);
});
afterAll(async () => {
  await client.close();
  await practice.close();
});

const LIMIT = { symbol: 'BTCUSDT', side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', quantity: '0.001', price: '50000' } as const;
const MARKET = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.001' } as const;
const without = (params: Params, ...names: string[]): Params =>
  Object.fromEntries(Object.entries(params).filter(([name]) => !names.includes(name)));

const CHARS = (name: string, range: string): Json => ({
  code: -1100,
  msg: `Illegal characters found in parameter '${name}'; legal range is '${range}'.`,
});
const MANDATORY = (name: string): Json => ({
  code: -1102,
  msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`,
});
const FILTER = (name: string): Json => ({ code: -1013, msg: `Filter failure: ${name}` });
const DECIMAL = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';

const REFUSED_ORDERS: readonly (readonly [what: string, params: Params, refusal: Json])[] = [
  ['no symbol', without(LIMIT, 'symbol'), MANDATORY('symbol')],
  ['no side', without(LIMIT, 'side'), MANDATORY('side')],
  ['no type', without(LIMIT, 'type'), MANDATORY('type')],
  ['an empty price', { ...LIMIT, price: '' }, { code: -1105, msg: "Parameter 'price' was empty." }],
  ['a symbol in small letters', { ...LIMIT, symbol: 'btcusdt' }, CHARS('symbol', '^[\\w\\-._&&[^a-z]]{1,50}$')],
  ['a symbol that is not listed', { ...LIMIT, symbol: 'DOGEEUR' }, { code: -1121, msg: 'Invalid symbol.' }],
  ['a price with an exponent', { ...LIMIT, price: '5e4' }, CHARS('price', DECIMAL)],
  ['a negative quantity', { ...LIMIT, quantity: '-1' }, CHARS('quantity', DECIMAL)],
  ['too many decimals', { ...LIMIT, quantity: '0.001000001' }, { code: -1111, msg: "Parameter 'quantity' has too much precision." }],
  ['a client id with a space', { ...LIMIT, newClientOrderId: 'a b' }, CHARS('newClientOrderId', '^[a-zA-Z0-9-_]{1,36}$')],
  ['a client id of 37 letters', { ...LIMIT, newClientOrderId: 'x'.repeat(37) }, CHARS('newClientOrderId', '^[a-zA-Z0-9-_]{1,36}$')],
  ['an unknown type', { ...LIMIT, type: 'ICEBERG' }, { code: -1116, msg: 'Invalid orderType.' }],
  ['an unknown side', { ...LIMIT, side: 'HOLD' }, { code: -1117, msg: 'Invalid side.' }],
  ['an unknown time in force', { ...LIMIT, timeInForce: 'GTX' }, { code: -1115, msg: 'Invalid timeInForce.' }],
  [
    'an unknown answer type',
    { ...LIMIT, newOrderRespType: 'ALL' },
    { code: -1130, msg: "Data sent for parameter 'newOrderRespType' is not valid." },
  ],
  ['a reserved strategy', { ...LIMIT, strategyType: 999_999 }, { code: -1134, msg: '`strategyType` was less than 1000000.' }],
  [
    'a parameter that nobody reads',
    { ...LIMIT, stopLoss: '1' },
    { code: -1104, msg: "Not all sent parameters were read; read '8' parameter(s) but was sent '9'." },
  ],
  ['a limit order without price', without(LIMIT, 'price'), MANDATORY('price')],
  ['a limit order without time in force', without(LIMIT, 'timeInForce'), MANDATORY('timeInForce')],
  ['a limit order without quantity', without(LIMIT, 'quantity'), MANDATORY('quantity')],
  ['a market order with a price', { ...MARKET, price: '1' }, { code: -1106, msg: "Parameter 'price' sent when not required." }],
  [
    'a market order with a time in force',
    { ...MARKET, timeInForce: 'GTC' },
    { code: -1106, msg: "Parameter 'timeInForce' sent when not required." },
  ],
  ['a price off the tick', { ...LIMIT, price: '50000.001' }, FILTER('PRICE_FILTER')],
  ['a quantity off the step', { ...LIMIT, quantity: '0.000015' }, FILTER('LOT_SIZE')],
  ['a quantity above the lot', { ...LIMIT, quantity: '9001' }, FILTER('LOT_SIZE')],
  ['a market quantity above the market lot', { ...MARKET, quantity: '98' }, FILTER('MARKET_LOT_SIZE')],
  ['a value below the notional', { ...LIMIT, quantity: '0.00005' }, FILTER('NOTIONAL')],
  ['a price outside the band', { ...LIMIT, price: '1000' }, FILTER('PERCENT_PRICE_BY_SIDE')],
  [
    'more than the balance',
    { ...LIMIT, quantity: '3', price: '50000' },
    { code: -2010, msg: 'Account has insufficient balance for requested action.' },
  ],
  [
    'a post-only order that would take',
    { ...without(LIMIT, 'timeInForce'), type: 'LIMIT_MAKER', price: '70000' },
    { code: -2010, msg: 'Order would immediately match and take.' },
  ],
  [
    'a stop that would trigger at once',
    { symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_LOSS', quantity: '0.001', stopPrice: '90000' },
    { code: -2010, msg: 'Order would trigger immediately.' },
  ],
];

describe('an order is refused for', () => {
  it.each(REFUSED_ORDERS)('%s', async (_what, params, refusal) => {
    const answer = await client.order(params);
    expect([answer.status, json(answer)]).toEqual([400, refusal]);
  });

  it('and order/test refuses each of them in the same words', async () => {
    const answers: Json[] = [];
    for (const [, params] of REFUSED_ORDERS) answers.push(json(await client.signed('POST', '/api/v3/order/test', params)));
    expect(answers).toEqual(REFUSED_ORDERS.map(([, , refusal]) => refusal));
  });

  it('nothing of it was placed: the account is untouched', async () => {
    const { openOrders, trades } = await practice.state();
    expect([openOrders.length, trades.length]).toEqual([0, 0]);
  });

  it('a duplicate client id while the first is open, and takes it again once that is gone (BINANCE 5)', async () => {
    const params = { ...LIMIT, newClientOrderId: 'twice' };
    expect((await client.order(params)).status).toBe(200);
    expect(json(await client.order(params))).toEqual({ code: -2010, msg: 'Duplicate order sent.' });
    await client.signed('DELETE', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'twice' });
    expect((await client.order(params)).status).toBe(200);
    await client.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
  });
});

const NO_ORDER = { code: -2013, msg: 'Order does not exist.' };
const UNKNOWN_ORDER = { code: -2011, msg: 'Unknown order sent.' };
const EITHER = { code: -1102, msg: "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!" };

describe('other requests are refused', () => {
  it.each([
    ['GET', '/api/v3/order', { symbol: 'BTCUSDT' }, EITHER],
    ['GET', '/api/v3/order', { symbol: 'BTCUSDT', orderId: 999_999_999 }, NO_ORDER],
    ['GET', '/api/v3/order', { symbol: 'BTCUSDT', origClientOrderId: 'never' }, NO_ORDER],
    ['DELETE', '/api/v3/order', { symbol: 'BTCUSDT' }, EITHER],
    ['DELETE', '/api/v3/order', { symbol: 'BTCUSDT', orderId: 999_999_999 }, UNKNOWN_ORDER],
    [
      'DELETE',
      '/api/v3/order',
      { symbol: 'BTCUSDT', orderId: 1, cancelRestrictions: 'NEVER' },
      { code: -1145, msg: 'Invalid cancelRestrictions' },
    ],
    ['DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' }, UNKNOWN_ORDER],
    ['DELETE', '/api/v3/openOrders', {}, MANDATORY('symbol')],
    ['GET', '/api/v3/openOrders', { symbol: 'NOPE' }, { code: -1121, msg: 'Invalid symbol.' }],
    ['GET', '/api/v3/myTrades', {}, MANDATORY('symbol')],
    [
      'GET',
      '/api/v3/allOrders',
      { symbol: 'BTCUSDT', startTime: 1, endTime: 86_400_002 },
      { code: -1127, msg: 'More than 24 hours between startTime and endTime.' },
    ],
    [
      'GET',
      '/api/v3/orderList',
      {},
      { code: -1102, msg: "Param 'orderListId' or 'origClientOrderId' must be sent, but both were empty/null!" },
    ],
    [
      'GET',
      '/api/v3/account',
      { omitZeroBalances: 'perhaps' },
      { code: -1130, msg: "Data sent for parameter 'omitZeroBalances' is not valid." },
    ],
  ] as const)('%s %s %j', async (method, path, params, refusal) => {
    const answer = await client.signed(method, path, params);
    expect([answer.status, json(answer)]).toEqual([400, refusal]);
  });

  it.each([
    ['/api/v3/depth', {}, MANDATORY('symbol')],
    ['/api/v3/depth', { symbol: 'NOPE' }, { code: -1121, msg: 'Invalid symbol.' }],
    ['/api/v3/depth', { symbol: 'BTCUSDT', limit: 'many' }, CHARS('limit', '^[0-9]{1,20}$')],
    ['/api/v3/klines', { symbol: 'BTCUSDT' }, MANDATORY('interval')],
    ['/api/v3/klines', { symbol: 'BTCUSDT', interval: '7m' }, { code: -1120, msg: 'Invalid interval.' }],
    ['/api/v3/time', { now: 1 }, { code: -1101, msg: "Too many parameters; expected '0' and received '1'." }],
    ['/api/v3/ticker/24hr', { symbol: 'BTCUSDT', type: 'HUGE' }, { code: -1139, msg: 'Invalid ticker type.' }],
    ['/api/v3/ticker/price', { symbols: '["BTCUSDT","BTCUSDT"]' }, { code: -1151, msg: 'Symbol is present multiple times in the list.' }],
    ['/api/v3/exchangeInfo', { symbol: 'NOPE' }, { code: -1121, msg: 'Invalid symbol.' }],
    ['/api/v3/exchangeInfo', { symbols: '["BTC' }, { code: -1135, msg: "JSON sent for parameter 'symbols' is not valid" }],
  ])('GET %s %j', async (path, params, refusal) => {
    const answer = await client.open('GET', path, params as Params);
    expect([answer.status, json(answer)]).toEqual([400, refusal]);
  });

  it('a parameter sent twice', async () => {
    const answer = await client.raw('GET', '/api/v3/depth?symbol=BTCUSDT&symbol=ETHUSDT');
    expect(json(answer)).toEqual({ code: -1101, msg: 'Duplicate values for a parameter detected.' });
  });

  it('a broken percent escape', async () => {
    expect(json(await client.raw('GET', '/api/v3/depth?symbol=%zz'))['code']).toBe(-1100);
  });

  it('an unknown path with 404, a wrong method with 405', async () => {
    expect((await client.raw('GET', '/api/v3/nothing')).status).toBe(404);
    expect((await client.raw('GET', '/')).status).toBe(404);
    const wrong = await client.raw('POST', '/api/v3/time');
    expect([wrong.status, wrong.headers['allow']]).toEqual([405, 'GET']);
  });
});

describe('order answers come in the format that was asked for', () => {
  const ACK_FIELDS = ['clientOrderId', 'orderId', 'orderListId', 'symbol', 'transactTime'];
  const fieldsOf = async (params: Params): Promise<readonly string[]> => Object.keys(json(await client.order(params))).sort();

  it('LIMIT and MARKET default to FULL, the others to ACK', async () => {
    expect(await fieldsOf(LIMIT)).toContain('fills');
    expect(await fieldsOf(MARKET)).toContain('fills');
    expect(await fieldsOf({ ...without(LIMIT, 'timeInForce'), type: 'LIMIT_MAKER' })).toEqual(ACK_FIELDS);
    expect(await fieldsOf({ symbol: 'BTCUSDT', side: 'SELL', type: 'STOP_LOSS', quantity: '0.001', stopPrice: '50000' })).toEqual(
      ACK_FIELDS,
    );
  });

  it('ACK, RESULT and FULL on demand', async () => {
    expect(await fieldsOf({ ...LIMIT, newOrderRespType: 'ACK' })).toEqual(ACK_FIELDS);
    const result = await fieldsOf({ ...LIMIT, newOrderRespType: 'RESULT' });
    expect(result).toContain('executedQty');
    expect(result).not.toContain('fills');
    expect(await fieldsOf({ ...LIMIT, newOrderRespType: 'FULL' })).toContain('fills');
    await client.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
  });
});

describe('cancelReplace (rest-api.md, table of results)', () => {
  const REPLACE = { ...LIMIT, cancelReplaceMode: 'STOP_ON_FAILURE' };
  const placed = async (): Promise<number> => json(await client.order(LIMIT))['orderId'] as number;
  const replace = (params: Params): ReturnType<RestClient['signed']> => client.signed('POST', '/api/v3/order/cancelReplace', params);

  it('both succeed: 200', async () => {
    const answer = await replace({ ...REPLACE, price: '49000', cancelOrderId: await placed() });
    expect(answer.status).toBe(200);
    expect(json(answer)).toMatchObject({
      cancelResult: 'SUCCESS',
      newOrderResult: 'SUCCESS',
      newOrderResponse: { price: '49000.00000000' },
    });
  });

  it('the cancel fails and the rest is not attempted: 400 -2022', async () => {
    const answer = await replace({ ...REPLACE, cancelOrderId: 999_999_999 });
    expect(answer.status).toBe(400);
    expect(json(answer)).toMatchObject({
      code: -2022,
      data: { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED', cancelResponse: UNKNOWN_ORDER, newOrderResponse: null },
    });
  });

  it('the cancel succeeds, the new order fails: 409 -2021', async () => {
    const answer = await replace({ ...REPLACE, quantity: '3', cancelOrderId: await placed() });
    expect(answer.status).toBe(409);
    expect(json(answer)).toMatchObject({
      code: -2021,
      data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE', newOrderResponse: { code: -2010 } },
    });
  });

  it('the cancel may fail: the new order is placed, 409 -2021', async () => {
    const answer = await replace({ ...REPLACE, cancelReplaceMode: 'ALLOW_FAILURE', cancelOrderId: 999_999_999 });
    expect(answer.status).toBe(409);
    expect(json(answer)).toMatchObject({ code: -2021, data: { cancelResult: 'FAILURE', newOrderResult: 'SUCCESS' } });
    await client.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
  });
});

describe('order lists', () => {
  const path = '/api/v3/orderList';
  const OCO = {
    symbol: 'BTCUSDT', side: 'SELL', quantity: '0.001', aboveType: 'LIMIT_MAKER', abovePrice: '70000',
    belowType: 'STOP_LOSS_LIMIT', belowPrice: '54000', belowStopPrice: '55000', belowTimeInForce: 'GTC',
  } as const; // prettier-ignore

  it('an OCO is placed, found, listed and cancelled as one', async () => {
    const placed = json(await client.signed('POST', `${path}/oco`, { ...OCO, listClientOrderId: 'pair' }));
    expect(placed).toMatchObject({ contingencyType: 'OCO', listStatusType: 'EXEC_STARTED', listClientOrderId: 'pair' });
    expect((placed['orderReports'] as readonly Json[]).map((each) => String(each['type'])).toSorted(byText)).toEqual([
      'LIMIT_MAKER',
      'STOP_LOSS_LIMIT',
    ]);
    expect(json(await client.signed('GET', path, { origClientOrderId: 'pair' }))['orderListId']).toBe(placed['orderListId']);
    expect(list(await client.signed('GET', '/api/v3/openOrderList'))).toHaveLength(1);
    const cancelled = json(await client.signed('DELETE', path, { symbol: 'BTCUSDT', listClientOrderId: 'pair' }));
    expect(cancelled).toMatchObject({ listStatusType: 'ALL_DONE', listOrderStatus: 'ALL_DONE' });
    expect(list(await client.signed('GET', '/api/v3/openOrders'))).toHaveLength(0);
    expect(list(await client.signed('GET', '/api/v3/allOrderList'))).toHaveLength(1);
  });

  it('OTO and OTOCO hold their pending orders back', async () => {
    const working = {
      symbol: 'BTCUSDT',
      workingType: 'LIMIT',
      workingSide: 'BUY',
      workingPrice: '50000',
      workingQuantity: '0.001',
      workingTimeInForce: 'GTC',
    };
    const oto = await client.signed('POST', `${path}/oto`, {
      ...working,
      pendingType: 'MARKET',
      pendingSide: 'SELL',
      pendingQuantity: '0.001',
    });
    const statuses = (answer: Json): readonly unknown[] => (answer['orderReports'] as readonly Json[]).map((each) => each['status']);
    expect(statuses(json(oto))).toEqual(['NEW', 'PENDING_NEW']);
    const legs = {
      pendingAboveType: 'LIMIT_MAKER',
      pendingAbovePrice: '70000',
      pendingBelowType: 'STOP_LOSS',
      pendingBelowStopPrice: '45000',
    };
    const otoco = await client.signed('POST', `${path}/otoco`, { ...working, pendingSide: 'SELL', pendingQuantity: '0.001', ...legs });
    expect(statuses(json(otoco)).map(String).toSorted(byText)).toEqual(['NEW', 'PENDING_NEW', 'PENDING_NEW']);
    expect((await client.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' })).status).toBe(200);
    expect((await practice.state()).openOrders).toHaveLength(0);
  });

  it.each([
    ['without a leg type', without(OCO, 'belowType'), MANDATORY('belowType')],
    ['with prices on the wrong sides', { ...OCO, abovePrice: '50000' }, undefined],
  ])('an OCO is refused %s', async (_what, params, refusal) => {
    const answer = await client.signed('POST', `${path}/oco`, params);
    expect(answer.status).toBe(400);
    if (refusal !== undefined) expect(json(answer)).toEqual(refusal);
    expect((await practice.state()).openOrders).toHaveLength(0);
  });
});

describe('limits over the wire (C9)', () => {
  it('every endpoint costs what BINANCE 3 says, and what it costs is told in X-MBX-USED-WEIGHT-1M', async () => {
    const here = new RestClient(practice, { from: '127.0.0.31' });
    const used = (answer: { headers: Readonly<Record<string, unknown>> }): number => Number(answer.headers['x-mbx-used-weight-1m']);
    const cost = async (act: () => Promise<{ headers: Readonly<Record<string, unknown>> }>): Promise<number> => {
      for (;;) {
        const before = used(await here.open('GET', '/api/v3/ping'));
        const after = used(await act());
        if (after > before) return after - before; // a new minute began between the two
      }
    };
    const free = async (act: () => Promise<{ headers: Readonly<Record<string, unknown>> }>): Promise<number> => {
      for (;;) {
        const before = used(await here.open('GET', '/api/v3/ping'));
        const after = used(await act());
        if (after >= before) return after - before;
      }
    };
    const open =
      (path: string, params: Params = {}) =>
      () =>
        here.open('GET', `/api/v3/${path}`, params);
    const signed =
      (path: string, params: Params = {}) =>
      () =>
        here.signed('GET', `/api/v3/${path}`, params);
    const BTC = { symbol: 'BTCUSDT' };
    expect(await cost(open('time'))).toBe(1);
    expect(await cost(open('exchangeInfo'))).toBe(20);
    for (const [limit, weight] of [
      [100, 5],
      [500, 25],
      [1000, 50],
      [5000, 250],
    ] as const) {
      expect(await cost(open('depth', { ...BTC, limit }))).toBe(weight);
    }
    expect(await cost(open('trades', BTC))).toBe(25);
    expect(await cost(open('aggTrades', BTC))).toBe(4);
    expect(await cost(open('klines', { ...BTC, interval: '1m' }))).toBe(2);
    expect(await cost(open('avgPrice', BTC))).toBe(2);
    expect(await cost(open('ticker/bookTicker', BTC))).toBe(2);
    expect(await cost(open('ticker/bookTicker'))).toBe(4);
    expect(await cost(open('ticker/price'))).toBe(4);
    expect(await cost(open('ticker/24hr', BTC))).toBe(2);
    expect(await cost(open('ticker/24hr'))).toBe(80);
    expect(await cost(signed('account'))).toBe(20);
    expect(await cost(signed('order', { ...BTC, orderId: 1 }))).toBe(4);
    expect(await cost(signed('openOrders', BTC))).toBe(6);
    expect(await cost(signed('openOrders'))).toBe(80);
    expect(await cost(signed('allOrders', BTC))).toBe(20);
    expect(await cost(signed('myTrades', BTC))).toBe(20);
    expect(await cost(signed('myTrades', { ...BTC, orderId: 1 }))).toBe(5);
    expect(await cost(signed('rateLimit/order'))).toBe(40);
    expect(await cost(signed('myFilters', BTC))).toBe(40);
    expect(await free(() => here.order(LIMIT))).toBe(0);
    expect(await cost(() => here.order({ ...LIMIT, price: '1' }))).toBe(1);
    expect(await free(() => here.signed('DELETE', '/api/v3/openOrders', BTC))).toBe(0);
    await here.close();
  });

  it('accepted orders carry the unfilled counts; a filled one is off them again', async () => {
    for (;;) {
      const tenSecondsLeft = 10_000 - (Date.now() % 10_000);
      const first = await client.order(LIMIT);
      const second = await client.order(LIMIT);
      const market = await client.order(MARKET);
      const counts = [first, second, market].map((answer) => Number(answer.headers['x-mbx-order-count-10s']));
      await client.signed('DELETE', '/api/v3/openOrders', { symbol: 'BTCUSDT' });
      if (tenSecondsLeft < 2000) continue; // the window may have changed in between: look again
      const [before = 0] = counts;
      expect(counts).toEqual([before, before + 1, before + 1]);
      expect(first.headers['x-mbx-order-count-1d']).toBeDefined();
      return;
    }
  });

  it('6000 weight are answered, then 429 with Retry-After until the minute ends, then 418 for who goes on', async () => {
    const greedy = new RestClient(practice, { from: '127.0.0.32' });
    const ask = (): ReturnType<RestClient['open']> => greedy.open('GET', '/api/v3/depth', { symbol: 'BTCUSDT', limit: 5000 });
    let answer = await ask();
    while (answer.status === 200) answer = await ask();
    const secondsLeft = 60 - (Date.now() % 60_000) / 1000;
    expect(answer.status).toBe(429);
    expect(json(answer)).toMatchObject({ code: -1003 });
    expect(Math.abs(Number(answer.headers['retry-after']) - secondsLeft)).toBeLessThanOrEqual(1.1);
    while (answer.status === 429) answer = await ask();
    expect(answer.status).toBe(418);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(100);
    expect(json(answer)['msg']).toMatch(/^Way too much request weight used; IP banned until \d{13}\./);
    expect((await client.open('GET', '/api/v3/ping')).status).toBe(200);
    await greedy.close();
  });
});

it('the exchange met no exception of its own in all this', async () => {
  expect((await practice.state()).internalErrors).toEqual([]);
});
