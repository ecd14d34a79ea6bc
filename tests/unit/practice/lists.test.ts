// Order lists of the practice exchange: OCO, OTO, OTOCO (B1, BINANCE 7; rest-api.md, "Order lists").
import { describe, expect, it } from 'vitest';
import { drawnClientId } from '../../../src-main/practice/core/client-ids.ts';
import type { ListStatus, NewOco, NewOtoco, QueriedOrder } from '../../../src-main/practice/core/types.ts';
import { bad, fixture, good, limit, SYMBOL, type Fixture } from './support.ts';

const SELL_OCO: NewOco = {
  symbol: SYMBOL,
  side: 'SELL',
  quantity: '0.5',
  above: { type: 'LIMIT_MAKER', price: '61000' },
  below: { type: 'STOP_LOSS_LIMIT', price: '58900', stopPrice: '59000', timeInForce: 'GTC' },
};

const BUY_OCO: NewOco = {
  symbol: SYMBOL,
  side: 'BUY',
  quantity: '0.5',
  above: { type: 'STOP_LOSS', stopPrice: '61000' },
  below: { type: 'LIMIT_MAKER', price: '59000' },
};

const OTOCO: NewOtoco = {
  symbol: SYMBOL,
  working: { type: 'LIMIT', side: 'BUY', price: '60000', quantity: '0.5', timeInForce: 'GTC' },
  pendingSide: 'SELL',
  pendingQuantity: '0.4',
  pendingAbove: { type: 'LIMIT_MAKER', price: '61000' },
  pendingBelow: { type: 'STOP_LOSS', stopPrice: '59000' },
};

function statuses({ core }: Fixture): Record<string, QueriedOrder['status']> {
  return Object.fromEntries(core.allOrders('a', SYMBOL, { limit: 50 }).map((order) => [`${order.side} ${order.type}`, order.status]));
}

function listEvents({ events }: Fixture): ListStatus[] {
  return events.flatMap((event) => (event.kind === 'user' && event.payload.e === 'listStatus' ? [event.payload] : []));
}

describe('OCO', () => {
  it('locks the base asset once for both legs', () => {
    const market = fixture();
    const list = good(market.core.placeOco('a', SELL_OCO, market.now()));
    expect(list).toMatchObject({ contingencyType: 'OCO', listStatusType: 'EXEC_STARTED', listOrderStatus: 'EXECUTING' });
    expect(list.orderReports.map((order) => [order.type, order.status, order.orderListId])).toEqual([
      ['STOP_LOSS_LIMIT', 'NEW', 1],
      ['LIMIT_MAKER', 'NEW', 1],
    ]);
    expect(market.balance('BTC')).toEqual({ free: '19.50000000', locked: '0.50000000' });
  });

  it('a buying OCO locks what the dearer leg costs, and gives the rest back when the cheaper one works', () => {
    const market = fixture();
    const above = { type: 'STOP_LOSS_LIMIT', stopPrice: '61000', price: '61100', timeInForce: 'GTC' } as const;
    const below = { type: 'LIMIT_MAKER', price: '59000' } as const;
    good(market.core.placeOco('a', { symbol: SYMBOL, side: 'BUY', quantity: '0.5', above, below }, market.now()));
    expect(market.balance('USDT').locked).toBe('30550.00000000');
    market.trade('58999', '0.2', 'bids');
    expect(market.balance('USDT').locked).toBe('17700.00000000');
    expect(statuses(market)).toEqual({ 'BUY STOP_LOSS_LIMIT': 'EXPIRED', 'BUY LIMIT_MAKER': 'PARTIALLY_FILLED' });
  });

  it('a fill of the limit leg expires the stop leg, and the list is done when it is filled', () => {
    const market = fixture();
    good(market.core.placeOco('a', SELL_OCO, market.now()));
    market.trade('61001', '0.2', 'asks');
    expect(statuses(market)).toEqual({ 'SELL STOP_LOSS_LIMIT': 'EXPIRED', 'SELL LIMIT_MAKER': 'PARTIALLY_FILLED' });
    expect(market.reports().find((report) => report.X === 'EXPIRED')).toMatchObject({ eR: 'OCO_TRIGGER' });
    expect(listEvents(market).map((event) => event.l)).toEqual(['EXEC_STARTED']);
    market.trade('61001', '0.3', 'asks');
    expect(listEvents(market).map((event) => [event.l, event.L])).toEqual([
      ['EXEC_STARTED', 'EXECUTING'],
      ['ALL_DONE', 'ALL_DONE'],
    ]);
    expect(market.core.openOrderLists('a')).toEqual([]);
  });

  it('the stop that triggers expires the limit leg before it trades', () => {
    const market = fixture();
    good(market.core.placeOco('a', SELL_OCO, market.now()));
    market.fresh();
    market.trade('59000', '0.01', 'bids');
    const order = market.fresh().flatMap((payload) => (payload.e === 'executionReport' ? [`${payload.o} ${payload.x}`] : []));
    expect(order).toEqual(['LIMIT_MAKER EXPIRED', 'STOP_LOSS_LIMIT NEW', 'STOP_LOSS_LIMIT TRADE']);
    expect(market.balance('BTC')).toEqual({ free: '19.50000000', locked: '0.00000000' });
  });

  it('cancelling one leg cancels the list and frees the funds once', () => {
    const market = fixture();
    const list = good(market.core.placeOco('a', SELL_OCO, market.now()));
    const answer = good(market.core.cancelOrder('a', { symbol: SYMBOL, orderId: list.orders[0]?.orderId ?? 0 }, market.now()));
    expect(answer).toMatchObject({
      orderListId: 1,
      listStatusType: 'ALL_DONE',
      orderReports: list.orders.map(({ clientOrderId }) => ({ origClientOrderId: clientOrderId, status: 'CANCELED' })),
    });
    expect(Object.values(statuses(market))).toEqual(['CANCELED', 'CANCELED']);
    expect(market.balance('BTC')).toEqual({ free: '20.00000000', locked: '0.00000000' });
    expect(bad(market.core.cancelOrderList('a', { symbol: SYMBOL, orderListId: 1 }, market.now())).code).toBe(-2011);
  });

  it('is found and cancelled by list id or list client id', () => {
    const market = fixture();
    good(market.core.placeOco('a', { ...SELL_OCO, listClientOrderId: 'exits' }, market.now()));
    expect(bad(market.core.placeOco('a', { ...SELL_OCO, listClientOrderId: 'exits' }, market.now())).msg).toBe('Duplicate order sent.');
    expect(good(market.core.getOrderList('a', { listClientOrderId: 'exits' })).orderListId).toBe(1);
    const canceled = good(market.core.cancelOrderList('a', { symbol: SYMBOL, listClientOrderId: 'exits' }, market.now()));
    expect(canceled).toMatchObject({ listStatusType: 'ALL_DONE', orderReports: [{ status: 'CANCELED' }, { status: 'CANCELED' }] });
  });

  it.each([
    ['prices on the wrong side', { ...SELL_OCO, above: { type: 'LIMIT_MAKER', price: '59900' } }, -2010],
    ['a stop above the last price', { ...SELL_OCO, below: { type: 'STOP_LOSS', stopPrice: '60500' } }, -2010],
    ['two limit legs', { ...SELL_OCO, below: { type: 'LIMIT_MAKER', price: '59000' } }, -1168],
    ['a limit leg above in a buy', { ...SELL_OCO, side: 'BUY' }, -1165],
    ['a take profit below in a sell', { ...SELL_OCO, below: { type: 'TAKE_PROFIT', stopPrice: '59000' } }, -1199],
    ['a stop loss below in a buy', { ...BUY_OCO, below: { type: 'STOP_LOSS', stopPrice: '59000' } }, -1196],
    ['a take profit above in a buy', { ...BUY_OCO, above: { type: 'TAKE_PROFIT', stopPrice: '61000' } }, -1198],
    ['a leg that is a plain limit', { ...SELL_OCO, above: { type: 'LIMIT', price: '61000', timeInForce: 'GTC' } }, -1158],
    ['two stop legs', { ...SELL_OCO, above: { type: 'STOP_LOSS', stopPrice: '61000' } }, -1197],
    ['more than the account has', { ...SELL_OCO, quantity: '20.1' }, -2010],
  ] as const)('refuses %s and leaves no trace', (_what, request, code) => {
    const market = fixture();
    expect(bad(market.core.placeOco('a', request as NewOco, market.now())).code).toBe(code);
    expect(market.fresh()).toEqual([]);
    expect(market.core.openOrders('a')).toEqual([]);
  });
});

it('replacing one leg cancels its whole list, and the answer names it', () => {
  const market = fixture();
  const list = good(market.core.placeOco('a', SELL_OCO, market.now()));
  const order = { symbol: SYMBOL, side: 'SELL', type: 'STOP_LOSS', quantity: '0.5', stopPrice: '58000' } as const;
  const cancelOrderId = list.orders[1]?.orderId ?? 0;
  const done = good(market.core.cancelReplace('a', { mode: 'STOP_ON_FAILURE', cancelOrderId, order }, market.now()));
  expect(done.cancelResponse).toMatchObject({ orderListId: 1, orderReports: [{ status: 'CANCELED' }, { status: 'CANCELED' }] });
  expect(market.core.openOrders('a').map(({ type, stopPrice }) => [type, stopPrice])).toEqual([['STOP_LOSS', '58000.00000000']]);
});

it('ids that a client does not give are 22 meaningless characters, the same for the same seed, and never come twice', () => {
  const drawn = new Set<string>();
  for (const kind of ['order', 'list', 'cancel'] as const) {
    for (let n = 1; n <= 20_000; n++) drawn.add(drawnClientId(7, kind, n));
  }
  expect(drawn.size).toBe(60_000);
  for (const id of drawn) expect(id).toMatch(/^[0-9A-Za-z]{22}$/);
  expect(drawnClientId(7, 'order', 1)).toBe(drawnClientId(7, 'order', 1));
  expect(drawn.has(drawnClientId(8, 'order', 1))).toBe(false);
  const market = fixture();
  const { listClientOrderId, orders } = good(market.core.placeOco('a', SELL_OCO, market.now()));
  expect([listClientOrderId, ...orders.map(({ clientOrderId }) => clientOrderId)]).toEqual([
    drawnClientId(0, 'list', 1),
    drawnClientId(0, 'order', 1),
    drawnClientId(0, 'order', 2),
  ]);
});

describe('trailing stops (faqs/trailing-stop-faq.md)', () => {
  const trades = (market: Fixture, ...prices: readonly string[]) => {
    for (const price of prices) market.trade(price, '0.001', 'bids');
  };
  const last = (market: Fixture) => market.core.allOrders('a', SYMBOL, { limit: 1 })[0]?.status;

  it('without a stop price it trails from the next trade, and sells when the price has fallen by its distance from the highest', () => {
    const market = fixture();
    good(market.place({ side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', trailingDelta: 100 }));
    expect(market.reports().at(-1)).toMatchObject({ X: 'NEW', d: 100, g: -1, D: expect.any(Number) as number, w: false });
    trades(market, '60000', '62000', '61380.01');
    expect(last(market)).toBe('NEW');
    trades(market, '61380'); // 62000 less 1 %
    expect(last(market)).toBe('FILLED');
  });

  it('with a stop price it waits for that first: Scenario B', () => {
    const market = fixture();
    good(market.place({ side: 'SELL', type: 'STOP_LOSS_LIMIT', timeInForce: 'GTC', quantity: '0.1', price: '50000', stopPrice: '59000', trailingDelta: 1000 })); // prettier-ignore
    trades(market, '66000', '59001', '58000', '54000'); // 59001 is above the stop; tracking starts at 58000
    expect(market.core.openOrders('a')[0]).toMatchObject({ status: 'NEW', trailingDelta: 1000 });
    trades(market, '52200'); // 58000 less 10 %
    expect(last(market)).toBe('FILLED');
  });

  it('as the stop leg of an OCO, its trigger ends the limit leg', () => {
    const market = fixture();
    const below = { type: 'STOP_LOSS', trailingDelta: 100 } as const;
    good(market.core.placeOco('a', { ...SELL_OCO, below }, market.now()));
    trades(market, '60500', '59895'); // 60500 less 1 %
    expect(statuses(market)).toEqual({ 'SELL STOP_LOSS': 'FILLED', 'SELL LIMIT_MAKER': 'EXPIRED' });
  });

  it('a distance outside the TRAILING_DELTA range of its direction is refused', () => {
    const { place } = fixture();
    for (const trailingDelta of [9, 2001]) {
      expect(bad(place({ side: 'SELL', type: 'STOP_LOSS', quantity: '0.1', trailingDelta })).msg).toBe('Filter failure: TRAILING_DELTA');
    }
  });
});

describe('OTO and OTOCO', () => {
  it('the exits wait without locking anything until the entry has filled completely', () => {
    const market = fixture();
    const list = good(market.core.placeOtoco('a', OTOCO, market.now()));
    expect(list.contingencyType).toBe('OTO');
    expect(list.orderReports.map((order) => order.status)).toEqual(['NEW', 'PENDING_NEW', 'PENDING_NEW']);
    market.trade('59999', '0.3', 'bids');
    expect(statuses(market)).toMatchObject({ 'BUY LIMIT': 'PARTIALLY_FILLED', 'SELL LIMIT_MAKER': 'PENDING_NEW' });
    expect(market.balance('BTC').locked).toBe('0.00000000');
    market.trade('59999', '0.2', 'bids');
    expect(statuses(market)).toEqual({ 'BUY LIMIT': 'FILLED', 'SELL STOP_LOSS': 'NEW', 'SELL LIMIT_MAKER': 'NEW' });
    expect(market.balance('BTC').locked).toBe('0.40000000');
    market.trade('61000.01', '1', 'asks');
    expect(statuses(market)).toEqual({ 'BUY LIMIT': 'FILLED', 'SELL STOP_LOSS': 'EXPIRED', 'SELL LIMIT_MAKER': 'FILLED' });
    expect(listEvents(market).at(-1)).toMatchObject({ l: 'ALL_DONE' });
  });

  it('an entry that fills at once still answers with pending exits', () => {
    const market = fixture();
    const list = good(market.core.placeOtoco('a', { ...OTOCO, working: { ...OTOCO.working, price: '60001' } }, market.now()));
    expect(list.orderReports.map((order) => order.status)).toEqual(['FILLED', 'PENDING_NEW', 'PENDING_NEW']);
    expect(statuses(market)).toMatchObject({ 'SELL STOP_LOSS': 'NEW', 'SELL LIMIT_MAKER': 'NEW' });
  });

  it('cancelling the entry cancels the exits', () => {
    const market = fixture();
    const list = good(market.core.placeOtoco('a', OTOCO, market.now()));
    good(market.core.cancelOrder('a', { symbol: SYMBOL, orderId: list.orders[0]?.orderId ?? 0 }, market.now()));
    expect(Object.values(statuses(market))).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
    expect(market.balance('USDT').locked).toBe('0.00000000');
  });

  it('an entry that expires takes its exits with it', () => {
    const market = fixture();
    const working = { ...OTOCO.working, timeInForce: 'IOC' } as const;
    good(market.core.placeOtoco('a', { ...OTOCO, working }, market.now()));
    expect(statuses(market)).toEqual({ 'BUY LIMIT': 'EXPIRED', 'SELL STOP_LOSS': 'EXPIRED', 'SELL LIMIT_MAKER': 'EXPIRED' });
    expect(market.reports().at(-1)).toMatchObject({ eR: 'OTO_PHASE_ONE_EXPIRED' });
  });

  it('an exit as large as the entry cannot be placed when the fee came out of the base asset', () => {
    const market = fixture({ accounts: [{ id: 'a', balances: { USDT: '50000' } }] });
    const pending = { type: 'LIMIT', side: 'SELL', price: '61000', quantity: '0.5', timeInForce: 'GTC' } as const;
    good(market.core.placeOto('a', { symbol: SYMBOL, working: { ...OTOCO.working, price: '60001' }, pending }, market.now()));
    expect(market.reports().at(-1)).toMatchObject({ S: 'SELL', X: 'EXPIRED', eR: 'REJECTED', r: 'INSUFFICIENT_BALANCES' });
    expect(listEvents(market).at(-1)).toMatchObject({ l: 'ALL_DONE' });
  });

  it('a pair of exits that finds too little to sell expires whole, and no balance is touched', () => {
    const market = fixture({ accounts: [{ id: 'a', balances: { USDT: '50000' } }] });
    good(market.core.placeOtoco('a', { ...OTOCO, pendingQuantity: '0.5', working: { ...OTOCO.working, price: '60001' } }, market.now()));
    expect(statuses(market)).toEqual({ 'BUY LIMIT': 'FILLED', 'SELL STOP_LOSS': 'EXPIRED', 'SELL LIMIT_MAKER': 'EXPIRED' });
    expect(market.balance('BTC').locked).toBe('0.00000000');
    expect(listEvents(market).at(-1)).toMatchObject({ l: 'ALL_DONE' });
  });

  it('a pair of exits that cannot be placed ends whole: the list is done, nothing is locked, and the coins are there unprotected', () => {
    const market = fixture({ accounts: [{ id: 'a', balances: { USDT: '50000' } }] });
    good(market.core.placeOtoco('a', { ...OTOCO, pendingQuantity: '0.5', working: { ...OTOCO.working, price: '60001' } }, market.now()));
    expect(statuses(market)).toEqual({ 'BUY LIMIT': 'FILLED', 'SELL STOP_LOSS': 'EXPIRED', 'SELL LIMIT_MAKER': 'EXPIRED' });
    const ended = market.reports().flatMap(({ X, o, eR, r }) => (X === 'EXPIRED' ? [[o, eR, r]] : []));
    expect(ended).toEqual([
      ['STOP_LOSS', 'REJECTED', 'INSUFFICIENT_BALANCES'],
      ['LIMIT_MAKER', 'OCO_TRIGGER', 'NONE'],
    ]);
    expect(listEvents(market).map(({ l }) => l)).toEqual(['EXEC_STARTED', 'ALL_DONE']);
    expect(market.balance('BTC')).toEqual({ free: '0.49950000', locked: '0.00000000' });
  });

  it('an entry that is cancelled half filled takes its exits with it: what it bought is unprotected', () => {
    const market = fixture();
    const list = good(market.core.placeOtoco('a', OTOCO, market.now()));
    market.trade('59999', '0.2', 'bids');
    good(market.core.cancelOrder('a', { symbol: SYMBOL, orderId: list.orders[0]?.orderId ?? 0 }, market.now()));
    expect(statuses(market)).toEqual({ 'BUY LIMIT': 'CANCELED', 'SELL STOP_LOSS': 'CANCELED', 'SELL LIMIT_MAKER': 'CANCELED' });
    expect(market.core.openOrderLists('a')).toEqual([]);
  });

  it('cancelling an exit that still waits cancels the entry too (rest-api.md, OTO)', () => {
    const market = fixture();
    const list = good(market.core.placeOtoco('a', OTOCO, market.now()));
    good(market.core.cancelOrder('a', { symbol: SYMBOL, orderId: list.orders[2]?.orderId ?? 0 }, market.now()));
    expect(Object.values(statuses(market))).toEqual(['CANCELED', 'CANCELED', 'CANCELED']);
  });

  it('a pending market order sells at once when the entry has filled', () => {
    const market = fixture();
    const pending = { type: 'MARKET', side: 'SELL', quantity: '0.5' } as const;
    good(market.core.placeOto('a', { symbol: SYMBOL, working: OTOCO.working, pending }, market.now()));
    market.trade('59999', '0.5', 'bids');
    expect(statuses(market)).toEqual({ 'BUY LIMIT': 'FILLED', 'SELL MARKET': 'FILLED' });
  });

  it('an exit that would trigger at once when the entry fills expires as rejected', () => {
    const market = fixture();
    const pending = { type: 'STOP_LOSS', side: 'SELL', quantity: '0.4', stopPrice: '59500' } as const;
    good(market.core.placeOto('a', { symbol: SYMBOL, working: OTOCO.working, pending }, market.now()));
    market.trade('59400', '0.5', 'bids');
    expect(market.reports().at(-1)).toMatchObject({ X: 'EXPIRED', r: 'STOP_PRICE_WOULD_TRIGGER_IMMEDIATELY' });
  });

  it('only limit entries can lead a list', () => {
    const market = fixture();
    const working = { ...OTOCO.working, type: 'MARKET' } as const;
    expect(bad(market.core.placeOtoco('a', { ...OTOCO, working }, market.now())).msg).toBe('Unsupported order combination');
  });

  it('lists count each of their orders, and once as a list', () => {
    const market = fixture({ limits: { maxNumOrders: 4 } });
    good(market.core.placeOtoco('a', OTOCO, market.now()));
    good(market.place(limit('BUY', '59000', '0.1')));
    expect(bad(market.place(limit('BUY', '59000', '0.1'))).msg).toBe('Filter failure: EXCHANGE_MAX_NUM_ORDERS');
  });
});
