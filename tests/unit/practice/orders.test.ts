// Contingent orders, client ids, cancels, cancel-replace and queries of the practice exchange (issue 2, section 2; BINANCE 4, 5, 7).
import { describe, expect, it } from 'vitest';
import { bad, fixture, good, limit, SYMBOL } from './support.ts';

describe('contingent orders', () => {
  it('a stop-loss waits for the trade that reaches it, then sells at market', () => {
    const { place, trade, reports, balance } = fixture();
    good(place({ side: 'SELL', type: 'STOP_LOSS', stopPrice: '59500', quantity: '0.5' }));
    expect(reports().at(-1)).toMatchObject({ x: 'NEW', w: false, P: '59500.00000000' });
    expect(balance('BTC')).toEqual({ free: '19.50000000', locked: '0.50000000' });
    trade('59500.01', '0.1', 'bids');
    expect(reports()).toHaveLength(1);
    trade('59500', '0.1', 'bids');
    expect(
      reports()
        .slice(1)
        .map(({ x, X, w, L }) => [x, X, w, L]),
    ).toEqual([
      ['NEW', 'NEW', true, '0.00000000'],
      ['TRADE', 'FILLED', false, '59999.00000000'],
    ]);
    expect(balance('BTC').locked).toBe('0.00000000');
  });

  it('a stop-limit rests at its price after it triggered', () => {
    const { place, trade, core } = fixture();
    good(place({ side: 'BUY', type: 'STOP_LOSS_LIMIT', stopPrice: '60500', price: '60000', quantity: '0.5', timeInForce: 'GTC' }));
    expect(core.openOrders('a')[0]).toMatchObject({ isWorking: false, workingTime: -1 });
    trade('60500', '0.1', 'asks');
    expect(core.openOrders('a')[0]).toMatchObject({ isWorking: true, status: 'NEW', executedQty: '0.00000000' });
  });

  it('take-profit triggers on the other side of the market than stop-loss', () => {
    const { place, trade, reports } = fixture();
    good(place({ side: 'SELL', type: 'TAKE_PROFIT', stopPrice: '60500', quantity: '0.5' }));
    good(place({ side: 'BUY', type: 'TAKE_PROFIT', stopPrice: '59500', quantity: '0.5' }));
    trade('60500', '0.1', 'asks');
    expect(reports().at(-1)).toMatchObject({ S: 'SELL', X: 'FILLED' });
    trade('59500', '0.1', 'bids');
    expect(reports().at(-1)).toMatchObject({ S: 'BUY', X: 'FILLED' });
  });

  it.each([
    { side: 'SELL', type: 'STOP_LOSS', stopPrice: '60000' },
    { side: 'BUY', type: 'STOP_LOSS', stopPrice: '60000' },
    { side: 'SELL', type: 'TAKE_PROFIT', stopPrice: '59999' },
    { side: 'BUY', type: 'TAKE_PROFIT', stopPrice: '60001' },
  ] as const)('$side $type at $stopPrice is refused when the last price of 60000 is already there', (order) => {
    const { place } = fixture();
    expect(bad(place({ ...order, quantity: '0.5' }))).toEqual({ code: -2010, msg: 'Order would trigger immediately.' });
  });

  it('a trailing sell follows the highest price and triggers on the decrease', () => {
    const { place, trade, reports } = fixture();
    good(place({ side: 'SELL', type: 'STOP_LOSS', trailingDelta: 100, quantity: '0.5' }));
    for (const price of ['60000', '61000', '60400', '60391']) trade(price, '0.01', 'asks');
    expect(reports()).toHaveLength(1);
    trade('60390', '0.01', 'bids');
    expect(reports().at(-1)).toMatchObject({ X: 'FILLED', d: 100 });
  });

  it('a trailing buy with a stop price tracks only from there, then triggers on the increase from the minimum', () => {
    const { place, trade, reports } = fixture();
    good(place({ side: 'BUY', type: 'TAKE_PROFIT', stopPrice: '59000', trailingDelta: 100, quantity: '0.5' }));
    for (const price of ['59500', '60100', '59000', '58000', '58579']) trade(price, '0.01', 'bids');
    expect(reports()).toHaveLength(1);
    trade('58580', '0.01', 'asks');
    expect(reports().at(-1)).toMatchObject({ X: 'FILLED' });
  });

  it('a triggered market buy spends no more than the account has and expires with the rest', () => {
    const { place, trade, diff, reports, balance } = fixture({ accounts: [{ id: 'a', balances: { USDT: '30100' } }] });
    good(place({ side: 'BUY', type: 'STOP_LOSS', stopPrice: '60100', quantity: '0.5' }));
    const gone = ['60001', '60010'].map((price) => [price, '0'] as const);
    diff([], [...gone, ['61000', '1']]);
    trade('60100', '0.1', 'asks');
    expect(reports().at(-1)).toMatchObject({ X: 'EXPIRED', z: '0.49344000', Z: '30099.84000000' });
    expect(balance('USDT')).toEqual({ free: '0.16000000', locked: '0.00000000' });
  });
});

describe('client order ids (BINANCE 5)', () => {
  it('are unique among open orders only', () => {
    const { place, core, now } = fixture();
    const { orderId } = good(place(limit('BUY', '59000', '0.1', { newClientOrderId: 'x-1' })));
    expect(bad(place(limit('BUY', '59000', '0.1', { newClientOrderId: 'x-1' })))).toEqual({ code: -2010, msg: 'Duplicate order sent.' });
    good(core.cancelOrder('a', { symbol: SYMBOL, orderId }, now()));
    good(place(limit('BUY', '59000', '0.1', { newClientOrderId: 'x-1' })));
  });

  it('a blind retry after the first has filled fills twice, as on Binance', () => {
    const { place, core } = fixture();
    good(place({ quantity: '0.1', newClientOrderId: 'once' }));
    good(place({ quantity: '0.1', newClientOrderId: 'once' }));
    expect(core.myTrades('a', SYMBOL, { limit: 10 })).toHaveLength(2);
  });

  it('belong to one account each', () => {
    const { place } = fixture();
    good(place(limit('BUY', '59000', '0.1', { newClientOrderId: 'x-1' })));
    expect(good(place(limit('BUY', '59000', '0.1', { newClientOrderId: 'x-1' }), 'b')).status).toBe('NEW');
  });

  it.each(['with space', 'ü', 'x'.repeat(37), ''])('refuses %j', (newClientOrderId) => {
    const { place } = fixture();
    expect(bad(place(limit('BUY', '59000', '0.1', { newClientOrderId })))).toEqual({
      code: -1100,
      msg: "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.",
    });
  });
});

describe('cancelling', () => {
  it('reports the order under its own id and the cancel under the cancel id, and frees the funds', () => {
    const { place, core, now, reports, balance } = fixture();
    good(place(limit('BUY', '59000', '0.1', { newClientOrderId: 'mine' })));
    expect(balance('USDT').locked).toBe('5900.00000000');
    const canceled = good(core.cancelOrder('a', { symbol: SYMBOL, origClientOrderId: 'mine', newClientOrderId: 'stop-it' }, now()));
    expect(canceled).toMatchObject({ origClientOrderId: 'mine', clientOrderId: 'stop-it', status: 'CANCELED' });
    expect(reports().at(-1)).toMatchObject({ x: 'CANCELED', X: 'CANCELED', C: 'mine', c: 'stop-it', w: false });
    expect(balance('USDT')).toEqual({ free: '1000000.00000000', locked: '0.00000000' });
  });

  it('answers -2011 for orders that are gone, strange or of another account', () => {
    const { place, core, now } = fixture();
    const filled = good(place({ quantity: '0.1' })).orderId;
    const other = good(place(limit('BUY', '59000', '0.1'), 'b')).orderId;
    for (const orderId of [filled, other, 999]) {
      expect(bad(core.cancelOrder('a', { symbol: SYMBOL, orderId }, now()))).toEqual({ code: -2011, msg: 'Unknown order sent.' });
    }
    expect(bad(core.getOrder('a', { symbol: SYMBOL, orderId: 999 }, now()))).toEqual({ code: -2013, msg: 'Order does not exist.' });
  });

  it('honours cancel restrictions', () => {
    const { place, core, now } = fixture();
    const { orderId } = good(place(limit('BUY', '60001', '1.5')));
    const key = { symbol: SYMBOL, orderId };
    expect(bad(core.cancelOrder('a', { ...key, cancelRestrictions: 'ONLY_NEW' }, now())).code).toBe(-2011);
    good(core.cancelOrder('a', { ...key, cancelRestrictions: 'ONLY_PARTIALLY_FILLED' }, now()));
  });

  it('cancel-all takes every order and list of the symbol, and only of that account', () => {
    const { place, core, now } = fixture();
    good(place(limit('BUY', '59000', '0.1')));
    good(place({ side: 'SELL', type: 'STOP_LOSS', stopPrice: '59500', quantity: '0.5' }));
    good(place(limit('BUY', '59000', '0.1'), 'b'));
    const above = { type: 'LIMIT_MAKER', price: '61000' } as const;
    const below = { type: 'STOP_LOSS', stopPrice: '59000' } as const;
    good(core.placeOco('a', { symbol: SYMBOL, side: 'SELL', quantity: '0.1', above, below }, now()));
    const canceled = good(core.cancelAllOpen('a', SYMBOL, now()));
    expect(canceled.map((each) => ('orderReports' in each ? each.orderReports.length : each.status))).toEqual(['CANCELED', 'CANCELED', 2]);
    expect(core.openOrders('a')).toEqual([]);
    expect(core.openOrders('b')).toHaveLength(1);
    expect(bad(core.cancelAllOpen('a', SYMBOL, now())).code).toBe(-2011);
  });
});

describe('cancel-replace', () => {
  const replacement = { symbol: SYMBOL, side: 'BUY', type: 'LIMIT', timeInForce: 'GTC', price: '59100', quantity: '0.1' } as const;

  it('replaces an order, using the funds that the first one frees', () => {
    const { place, core, now } = fixture({ accounts: [{ id: 'a', balances: { USDT: '6000' } }] });
    const { orderId } = good(place(limit('BUY', '59000', '0.1')));
    const done = good(core.cancelReplace('a', { mode: 'STOP_ON_FAILURE', cancelOrderId: orderId, order: replacement }, now()));
    expect(done).toMatchObject({ cancelResult: 'SUCCESS', newOrderResult: 'SUCCESS' });
    expect(core.openOrders('a').map((order) => order.price)).toEqual(['59100.00000000']);
  });

  it('does not try the new order when the cancel failed and STOP_ON_FAILURE was asked', () => {
    const { core, now } = fixture();
    const error = bad(core.cancelReplace('a', { mode: 'STOP_ON_FAILURE', cancelOrderId: 7, order: replacement }, now()));
    expect(error).toMatchObject({
      code: -2022,
      data: { cancelResult: 'FAILURE', newOrderResult: 'NOT_ATTEMPTED', newOrderResponse: null },
    });
    expect(core.openOrders('a')).toEqual([]);
  });

  it('says -2021 when only one half worked', () => {
    const { place, core, now } = fixture();
    const late = bad(core.cancelReplace('a', { mode: 'ALLOW_FAILURE', cancelOrderId: 7, order: replacement }, now()));
    expect(late).toMatchObject({ code: -2021, data: { cancelResult: 'FAILURE', newOrderResult: 'SUCCESS' } });
    const { orderId } = good(place(limit('BUY', '59000', '0.1')));
    const tooDear = { ...replacement, quantity: '100' };
    const half = bad(core.cancelReplace('a', { mode: 'STOP_ON_FAILURE', cancelOrderId: orderId, order: tooDear }, now()));
    expect(half).toMatchObject({ code: -2021, data: { cancelResult: 'SUCCESS', newOrderResult: 'FAILURE' } });
  });

  it('ONLY_NEW: an order that has filled in part stays, and nothing is placed beside it', () => {
    const { place, core, now, trade } = fixture();
    const { orderId } = good(place(limit('BUY', '59999.5', '0.1')));
    trade('59999.4', '0.04', 'bids');
    const request = { mode: 'STOP_ON_FAILURE', cancelOrderId: orderId, cancelRestrictions: 'ONLY_NEW', order: replacement } as const;
    expect(bad(core.cancelReplace('a', request, now()))).toMatchObject({
      code: -2022,
      data: {
        newOrderResult: 'NOT_ATTEMPTED',
        cancelResponse: { code: -2011, msg: 'Order was not canceled due to cancel restrictions.' },
      },
    });
    expect(core.openOrders('a')).toMatchObject([{ orderId, status: 'PARTIALLY_FILLED', executedQty: '0.04000000' }]);
  });

  it('filters come before the cancel: what they refuse leaves the first order open, which still counts among the orders', () => {
    const { place, core, now } = fixture({ limits: { maxNumOrders: 2 } });
    const { orderId } = good(place(limit('BUY', '59000', '0.1')));
    const replacing = (order: Parameters<typeof core.placeOrder>[1]) =>
      bad(core.cancelReplace('a', { mode: 'STOP_ON_FAILURE', cancelOrderId: orderId, order }, now()));
    expect(replacing({ ...replacement, quantity: '0.00001' })).toEqual({ code: -1013, msg: 'Filter failure: NOTIONAL' });
    expect(replacing({ ...replacement, symbol: 'NOSUCH' })).toMatchObject({ code: -1121 });
    good(place(limit('BUY', '58000', '0.1')));
    expect(replacing(replacement)).toEqual({ code: -1013, msg: 'Filter failure: EXCHANGE_MAX_NUM_ORDERS' });
    expect(core.openOrders('a').map((order) => order.price)).toEqual(['59000.00000000', '58000.00000000']);
  });
});

describe('balances and queries', () => {
  it('refuses what the account cannot pay, before anything changes', () => {
    const { place, balance, fresh } = fixture({ accounts: [{ id: 'a', balances: { USDT: '1000' } }] });
    const poor = { code: -2010, msg: 'Account has insufficient balance for requested action.' };
    expect(bad(place({ quantity: '0.5' }))).toEqual(poor);
    expect(bad(place(limit('BUY', '59000', '0.5')))).toEqual(poor);
    expect(bad(place({ side: 'SELL', quantity: '0.5' }))).toEqual(poor);
    expect(balance('USDT')).toEqual({ free: '1000.00000000', locked: '0.00000000' });
    expect(fresh()).toEqual([]);
  });

  it('a better fill than the limit gives the difference back', () => {
    const { place, balance } = fixture();
    good(place(limit('BUY', '60009', '1')));
    expect(balance('USDT')).toEqual({ free: '939999.00000000', locked: '0.00000000' });
  });

  it('deposits and withdrawals tell balanceUpdate and the new position', () => {
    const { core, now, fresh } = fixture();
    core.deposit('a', 'ETH', '3.5', now());
    good(core.withdraw('a', 'ETH', '1', now()));
    expect(bad(core.withdraw('a', 'ETH', '2.6', now())).code).toBe(-2010);
    expect(fresh().map((payload) => (payload.e === 'balanceUpdate' ? payload.d : payload.e))).toEqual([
      '3.50000000',
      'outboundAccountPosition',
      '-1.00000000',
      'outboundAccountPosition',
    ]);
  });

  it('a test order checks everything and does nothing', () => {
    const { core, now, fresh } = fixture();
    const order = { symbol: SYMBOL, side: 'BUY', type: 'MARKET', quantity: '0.1' } as const;
    good(core.testOrder('a', order, now()));
    expect(bad(core.testOrder('a', { ...order, quantity: '1000' }, now())).code).toBe(-1013);
    expect(fresh()).toEqual([]);
    expect(core.allOrders('a', SYMBOL, { limit: 10 })).toEqual([]);
  });

  it('pages through orders and trades as Binance does: newest without a start, oldest from one', () => {
    const { place, core } = fixture();
    for (let i = 0; i < 5; i++) good(place({ quantity: '0.01' }));
    const ids = (query: { orderId?: number; limit: number }) => core.allOrders('a', SYMBOL, query).map((order) => order.orderId);
    expect(ids({ limit: 2 })).toEqual([4, 5]);
    expect(ids({ orderId: 2, limit: 2 })).toEqual([2, 3]);
    expect(core.myTrades('a', SYMBOL, { limit: 500, orderId: 3 })).toHaveLength(1);
  });

  it('refuses orders while the symbol is halted, and still cancels', () => {
    const { place, core, now } = fixture();
    const { orderId } = good(place(limit('BUY', '59000', '0.1')));
    core.setSymbolStatus(SYMBOL, 'CANCEL_ONLY');
    expect(bad(place({ quantity: '0.1' }))).toEqual({ code: -2010, msg: 'Market is closed.' });
    good(core.cancelOrder('a', { symbol: SYMBOL, orderId }, now()));
  });
});
