// The practice exchange's matching model (issue 2, section 2): price-time order on integers against the feed's ladder and queue.
import { describe, expect, it } from 'vitest';
import { fixture, good, limit, SYMBOL } from './support.ts';

describe('taking liquidity', () => {
  it('a market order walks the ladder and slips', () => {
    const { place } = fixture();
    const order = good(place({ quantity: '1.5' }));
    expect(order.status).toBe('FILLED');
    expect(order.fills.map(({ price, qty }) => [price, qty])).toEqual([
      ['60001.00000000', '1.00000000'],
      ['60010.00000000', '0.50000000'],
    ]);
    expect(order.cummulativeQuoteQty).toBe('90006.00000000');
  });

  it('lots that an own order took are not there a second time until the feed refreshes the level', () => {
    const { place, diff } = fixture();
    good(place({ quantity: '1' }));
    expect(good(place({ quantity: '0.5' })).fills[0]?.price).toBe('60010.00000000');
    diff([], [['60001', '1']]);
    expect(good(place({ quantity: '0.5' })).fills[0]?.price).toBe('60001.00000000');
  });

  it('own fills change neither the public book, nor the quotes, nor the public trades', () => {
    const { core, place, events } = fixture();
    const before = { depth: core.depth(SYMBOL, 10), quote: core.bookTicker(SYMBOL), trades: core.trades(SYMBOL, { limit: 10 }) };
    const count = events.filter((event) => event.kind !== 'user').length;
    good(place({ quantity: '2' }));
    good(place(limit('BUY', '60000', '1')));
    expect({ depth: core.depth(SYMBOL, 10), quote: core.bookTicker(SYMBOL), trades: core.trades(SYMBOL, { limit: 10 }) }).toEqual(before);
    expect(events.filter((event) => event.kind !== 'user')).toHaveLength(count);
  });

  it('a limit order takes only up to its price and rests with the remainder', () => {
    const { place, core } = fixture();
    const order = good(place(limit('BUY', '60005', '1.5')));
    expect(order.status).toBe('PARTIALLY_FILLED');
    expect(order.executedQty).toBe('1.00000000');
    expect(core.openOrders('a', SYMBOL)).toHaveLength(1);
  });

  it('a market order on too thin a book fills what is there and expires with the rest', () => {
    const { place, reports } = fixture();
    const order = good(place({ side: 'SELL', quantity: '5' }));
    expect(order).toMatchObject({ status: 'EXPIRED', executedQty: '3.00000000', expiryReason: 'INSUFFICIENT_LIQUIDITY' });
    expect(reports().at(-1)).toMatchObject({ x: 'EXPIRED', X: 'EXPIRED', z: '3.00000000', eR: 'INSUFFICIENT_LIQUIDITY' });
  });

  it('a quote-sized buy spends at most its amount, over levels, in whole lots', () => {
    const { place } = fixture();
    const order = good(place({ quoteOrderQty: '90000' }));
    expect(order.executedQty).toBe('1.49990000');
    expect(order.cummulativeQuoteQty).toBe('89999.99900000');
  });

  it('a newer best quote of the feed overrules the ladder', () => {
    const { core, place, now } = fixture();
    const quote = { updateId: 99, bidPrice: '59999', bidQty: '1', askPrice: '60004', askQty: '0.2' };
    core.applyBookTicker(SYMBOL, quote, now());
    expect(good(place({ quantity: '0.5' })).fills.map((fill) => [fill.price, fill.qty])).toEqual([
      ['60004.00000000', '0.20000000'],
      ['60010.00000000', '0.30000000'],
    ]);
  });
});

describe('waiting in the queue', () => {
  it('an order at a level of the house fills only after the lots ahead of it have traded, and in parts', () => {
    const { place, trade, core } = fixture();
    const { orderId } = good(place(limit('BUY', '59999', '1')));
    const executed = () => core.openOrders('a').find((order) => order.orderId === orderId)?.executedQty;
    trade('59999', '0.6', 'bids');
    expect(executed()).toBe('0.00000000');
    trade('59999', '0.5', 'bids');
    expect(executed()).toBe('0.10000000');
    trade('59999', '0.4', 'bids');
    expect(executed()).toBe('0.50000000');
  });

  it('a trade below a resting buy fills it first, at its own price and as maker', () => {
    const { place, trade, reports } = fixture();
    good(place(limit('BUY', '60000', '0.3')));
    trade('59999', '0.2', 'bids');
    expect(reports().at(-1)).toMatchObject({ x: 'TRADE', X: 'PARTIALLY_FILLED', L: '60000.00000000', l: '0.20000000', m: true });
  });

  it('a trade on the other side or at a worse price leaves the order alone', () => {
    const { place, trade, reports } = fixture();
    good(place(limit('BUY', '60000', '0.3')));
    trade('60000', '5', 'asks');
    trade('60001', '5', 'bids');
    expect(reports().filter((report) => report.x === 'TRADE')).toHaveLength(0);
  });

  it('when the level shrinks, the queue ahead shrinks with it', () => {
    const { place, trade, diff, reports } = fixture();
    good(place(limit('BUY', '59999', '1')));
    diff([['59999', '0.1']], []);
    trade('59999', '0.3', 'bids');
    expect(reports().at(-1)).toMatchObject({ x: 'TRADE', l: '0.20000000' });
  });

  it('a ladder that crosses a resting order fills it at its own price, up to what the ladder shows', () => {
    const { place, diff, reports } = fixture();
    good(place(limit('SELL', '60000', '0.5')));
    diff([['60000.5', '0.2']], []);
    expect(reports().at(-1)).toMatchObject({ x: 'TRADE', l: '0.20000000', L: '60000.00000000', m: true, X: 'PARTIALLY_FILLED' });
    diff([['59000', '1']], []);
    expect(reports().at(-1)).toMatchObject({ z: '0.20000000' });
    diff([['60000.5', '0.9']], []);
    expect(reports().at(-1)).toMatchObject({ X: 'FILLED', z: '0.50000000' });
  });

  it('own orders of different accounts trade with each other in price-time order', () => {
    const { place, reports, core } = fixture();
    const first = good(place(limit('SELL', '60000.5', '0.2'), 'b'));
    const second = good(place(limit('SELL', '60000.5', '0.2'), 'b'));
    const better = good(place(limit('SELL', '60000.4', '0.1'), 'b'));
    const taker = good(place(limit('BUY', '60000.5', '0.4')));
    expect(taker.status).toBe('FILLED');
    const makers = reports('b').filter((report) => report.x === 'TRADE');
    expect(makers.map((report) => [report.i, report.l])).toEqual([
      [better.orderId, '0.10000000'],
      [first.orderId, '0.20000000'],
      [second.orderId, '0.10000000'],
    ]);
    const tradeIds = (account: string) => core.myTrades(account, SYMBOL, { limit: 10 }).map((trade) => trade.id);
    expect(tradeIds('a')).toEqual(tradeIds('b'));
  });

  it('a taker eats the house lots ahead of an own order before that order', () => {
    const { place, reports } = fixture();
    good(place(limit('SELL', '60001', '0.5'), 'b'));
    good(place({ quantity: '0.7' }));
    expect(reports('b').filter((report) => report.x === 'TRADE')).toHaveLength(0);
    good(place({ quantity: '0.4' }));
    expect(reports('b').at(-1)).toMatchObject({ x: 'TRADE', l: '0.10000000' });
  });
});

describe('time in force', () => {
  it('IOC fills what it can and expires', () => {
    const { place, core } = fixture();
    const order = good(place(limit('BUY', '60001', '1.5', { timeInForce: 'IOC' })));
    expect(order).toMatchObject({ status: 'EXPIRED', executedQty: '1.00000000', expiryReason: 'UNFILLED_IOC_QUANTITY_EXPIRED' });
    expect(core.openOrders('a')).toEqual([]);
  });

  it('FOK fills whole or not at all', () => {
    const { place } = fixture();
    const killed = good(place(limit('BUY', '60001', '1.00001', { timeInForce: 'FOK' })));
    expect(killed).toMatchObject({ status: 'EXPIRED', executedQty: '0.00000000', expiryReason: 'UNFILLED_FOK_ORDER_EXPIRED' });
    expect(good(place(limit('BUY', '60001', '1', { timeInForce: 'FOK' }))).status).toBe('FILLED');
  });

  it('LIMIT_MAKER is refused when it would take, from the house or from another account', () => {
    const { place } = fixture();
    const wouldTake = { ok: false, error: { code: -2010, msg: 'Order would immediately match and take.' } };
    expect(place({ side: 'BUY', type: 'LIMIT_MAKER', price: '60001', quantity: '0.1' })).toEqual(wouldTake);
    good(place(limit('SELL', '60000.5', '0.2'), 'b'));
    expect(place({ side: 'BUY', type: 'LIMIT_MAKER', price: '60000.5', quantity: '0.1' })).toEqual(wouldTake);
    expect(good(place({ side: 'BUY', type: 'LIMIT_MAKER', price: '60000.4', quantity: '0.1' })).status).toBe('NEW');
  });
});

describe('self-trade prevention', () => {
  const setUp = (selfTradePreventionMode?: 'NONE' | 'EXPIRE_TAKER' | 'EXPIRE_MAKER' | 'EXPIRE_BOTH') => {
    const market = fixture();
    const maker = good(market.place(limit('SELL', '60000.5', '0.2')));
    const taker = good(market.place(limit('BUY', '60001', '0.3', selfTradePreventionMode && { selfTradePreventionMode })));
    const status = (orderId: number) => good(market.core.getOrder('a', { symbol: SYMBOL, orderId }, market.now())).status;
    return { ...market, maker: status(maker.orderId), taker: status(taker.orderId) };
  };

  it('expires the maker by default and lets the taker go on', () => {
    const { maker, taker, reports } = setUp();
    expect([maker, taker]).toEqual(['EXPIRED_IN_MATCH', 'FILLED']);
    const prevented = reports().find((report) => report.x === 'TRADE_PREVENTION');
    expect(prevented).toMatchObject({ X: 'EXPIRED_IN_MATCH', v: 1, A: '0.20000000', B: '0.20000000', u: -1, Cs: SYMBOL });
    expect(prevented).toMatchObject({ U: 2, pl: '0.20000000', pL: '60000.50000000', pY: '12000.10000000' });
  });

  it('expires the taker, both, or nobody, as asked', () => {
    const of = (mode: 'NONE' | 'EXPIRE_TAKER' | 'EXPIRE_BOTH') => {
      const { maker, taker } = setUp(mode);
      return [maker, taker];
    };
    expect(of('EXPIRE_TAKER')).toEqual(['NEW', 'EXPIRED_IN_MATCH']);
    expect(of('EXPIRE_BOTH')).toEqual(['EXPIRED_IN_MATCH', 'EXPIRED_IN_MATCH']);
    expect(of('NONE')).toEqual(['FILLED', 'FILLED']);
  });
});
