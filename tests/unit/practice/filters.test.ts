// Every filter of BINANCE 6, with Binance's own codes and messages (C12 is checked against these).
import { describe, expect, it } from 'vitest';
import { INSTRUMENTS, makeInstruments } from '../../../src-main/practice/core/instruments.ts';
import type { InstrumentSpec, NewOrder } from '../../../src-main/practice/core/types.ts';
import { bad, fixture, good, limit } from './support.ts';

const filter = (name: string) => ({ code: -1013, msg: `Filter failure: ${name}` });

function btc(change: Partial<InstrumentSpec>): InstrumentSpec[] {
  return INSTRUMENTS.map((spec) => (spec.symbol === 'BTCUSDT' ? { ...spec, ...change } : spec));
}

describe('price and quantity filters', () => {
  it.each<[string, Partial<NewOrder>, object]>([
    ['a price off the tick', limit('BUY', '59000.001', '0.1'), filter('PRICE_FILTER')],
    ['a price above the maximum', limit('BUY', '1000000.01', '0.1'), filter('PRICE_FILTER')],
    ['a stop price off the tick', { side: 'SELL', type: 'STOP_LOSS', stopPrice: '59000.005', quantity: '0.1' }, filter('PRICE_FILTER')],
    ['a buy at more than five times the average', limit('BUY', '300000.01', '0.1'), filter('PERCENT_PRICE_BY_SIDE')],
    ['a sell at less than a fifth of the average', limit('SELL', '11999.99', '0.1'), filter('PERCENT_PRICE_BY_SIDE')],
    ['a quantity off the step', limit('BUY', '59000', '0.100001'), filter('LOT_SIZE')],
    ['a quantity above the maximum', limit('BUY', '59000', '9000.00001'), filter('LOT_SIZE')],
    ['a market quantity above the market maximum', { quantity: '97.09522' }, filter('MARKET_LOT_SIZE')],
    ['a notional below 5', limit('BUY', '59000', '0.00008'), filter('NOTIONAL')],
    ['a notional above 9 000 000', limit('SELL', '61000', '150'), filter('NOTIONAL')],
    ['a market order worth less than 5', { quantity: '0.00008' }, filter('NOTIONAL')],
    ['a quote amount below 5', { quoteOrderQty: '4.99' }, filter('NOTIONAL')],
    ['a trailing delta below 10', { side: 'SELL', type: 'STOP_LOSS', trailingDelta: 9, quantity: '0.1' }, filter('TRAILING_DELTA')],
    ['a trailing delta above 2000', { side: 'BUY', type: 'STOP_LOSS', trailingDelta: 2001, quantity: '0.1' }, filter('TRAILING_DELTA')],
    ['a zero quantity', limit('BUY', '59000', '0'), { code: -1013, msg: 'Invalid quantity.' }],
    ['a zero price', limit('BUY', '0.00', '0.1'), { code: -1013, msg: 'Invalid price.' }],
    ['nine decimals', limit('BUY', '59000', '0.123456789'), { code: -1111, msg: "Parameter 'quantity' has too much precision." }],
    ['an absurd quantity', limit('BUY', '59000', '99999999999999999999'), filter('LOT_SIZE')],
  ])('refuses %s', (_what, order, error) => {
    const { place, fresh } = fixture();
    expect(bad(place(order))).toEqual(error);
    expect(fresh()).toEqual([]);
  });

  it.each<[string, Partial<NewOrder>]>([
    ['the smallest price distance', limit('BUY', '12000', '0.1')],
    ['trailing zeros beyond eight decimals', limit('BUY', '59000.0000000000', '0.1000000000')],
    ['a notional of exactly 5', limit('BUY', '50000', '0.0001')],
    ['the smallest trailing delta', { side: 'SELL', type: 'STOP_LOSS', trailingDelta: 10, quantity: '0.1' }],
  ])('accepts %s', (_what, order) => {
    expect(['NEW', 'FILLED']).toContain(good(fixture().place(order)).status);
  });

  it('takes the volume-weighted average of five minutes as the reference, not the last price', () => {
    const market = fixture();
    market.trade('60000', '10', 'bids');
    market.trade('30000', '0.00001', 'bids');
    good(market.place(limit('BUY', '290000', '0.1')));
    market.core.applyTrade(
      'BTCUSDT',
      { price: '30000', qty: '1', buyerIsMaker: true, timeMs: market.now() + 400_000 },
      market.now() + 400_000,
    );
    expect(bad(market.place(limit('BUY', '290000', '0.1')))).toEqual(filter('PERCENT_PRICE_BY_SIDE'));
  });

  it('a zero switches a rule off', () => {
    const market = fixture({
      instruments: btc({ price: { min: '0', max: '0', tick: '0.01' }, marketLot: { min: '0', max: '0', step: '0' } }),
    });
    expect(good(market.place({ quantity: '97.09522' })).executedQty).toBe('3.00000000');
  });
});

describe('counts and positions', () => {
  it('MAX_NUM_ORDERS counts contingent orders too', () => {
    const { place } = fixture({ instruments: btc({ maxNumOrders: 2 }) });
    good(place(limit('BUY', '59000', '0.1')));
    good(place({ side: 'SELL', type: 'STOP_LOSS', stopPrice: '59000', quantity: '0.1' }));
    expect(bad(place(limit('BUY', '59000', '0.1')))).toEqual(filter('MAX_NUM_ORDERS'));
    good(place({ quantity: '0.1' }));
  });

  it('MAX_NUM_ALGO_ORDERS allows five stops', () => {
    const { place } = fixture();
    const stop = { side: 'SELL', type: 'STOP_LOSS', stopPrice: '59000', quantity: '0.1' } as const;
    for (let i = 0; i < 5; i++) good(place(stop));
    expect(bad(place(stop))).toEqual(filter('MAX_NUM_ALGO_ORDERS'));
  });

  it('MAX_NUM_ORDER_LISTS', () => {
    const { core, now } = fixture({ instruments: btc({ maxNumOrderLists: 1 }) });
    const above = { type: 'LIMIT_MAKER', price: '61000' } as const;
    const below = { type: 'STOP_LOSS', stopPrice: '59000' } as const;
    const oco = { symbol: 'BTCUSDT', side: 'SELL', quantity: '0.1', above, below } as const;
    good(core.placeOco('a', oco, now()));
    expect(bad(core.placeOco('a', oco, now()))).toEqual(filter('MAX_NUM_ORDER_LISTS'));
  });

  it('MAX_POSITION counts free, locked and open buys', () => {
    const { place } = fixture({ instruments: btc({ maxPosition: '21' }) });
    good(place(limit('SELL', '61000', '5')));
    good(place(limit('BUY', '59000', '0.6')));
    expect(bad(place(limit('BUY', '59000', '0.40001')))).toEqual(filter('MAX_POSITION'));
    good(place(limit('BUY', '59000', '0.4')));
  });

  it('EXCHANGE_MAX_NUM_*', () => {
    const { place } = fixture({ limits: { maxNumAlgoOrders: 1 } });
    const stop = { side: 'SELL', type: 'STOP_LOSS', stopPrice: '59000', quantity: '0.1' } as const;
    good(place(stop));
    expect(bad(place(stop))).toEqual(filter('EXCHANGE_MAX_NUM_ALGO_ORDERS'));
  });
});

describe('parameters by order type', () => {
  const mandatory = (name: string) => ({ code: -1102, msg: `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.` });
  it.each<[Partial<NewOrder>, object]>([
    [{ type: 'LIMIT', price: '59000', quantity: '0.1' }, mandatory('timeInForce')],
    [{ type: 'LIMIT', timeInForce: 'GTC', quantity: '0.1' }, mandatory('price')],
    [{ type: 'LIMIT', timeInForce: 'GTC', price: '59000' }, mandatory('quantity')],
    [{ type: 'MARKET' }, { code: -1102, msg: "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!" }],
    [
      { type: 'STOP_LOSS', quantity: '0.1' },
      { code: -1102, msg: "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!" },
    ],
    [
      { quantity: '0.1', timeInForce: 'GTC' },
      { code: -1106, msg: "Parameter 'timeInForce' sent when not required." },
    ],
    [
      { quantity: '0.1', price: '59000' },
      { code: -1106, msg: "Parameter 'price' sent when not required." },
    ],
    [limit('BUY', '59000', '0.1', { stopPrice: '58000' }), { code: -1106, msg: "Parameter 'stopPrice' sent when not required." }],
    [limit('BUY', '59000', '0.1', { icebergQty: '0.01' }), { code: -2010, msg: 'Iceberg orders are not supported for this symbol.' }],
    [limit('BUY', '59000', '0.1', { strategyType: 1 }), { code: -1134, msg: 'strategyType was less than 1000000.' }],
    [limit('BUY', '59000', '-1'), mandatory('quantity')],
    [limit('BUY', '1e5', '0.1'), mandatory('price')],
  ])('%j is refused', (order, error) => {
    expect(bad(fixture().place(order))).toEqual(error);
  });

  it('an unknown symbol is refused', () => {
    expect(bad(fixture().place({ symbol: 'NOSUCH', quantity: '1' }))).toEqual({ code: -1121, msg: 'Invalid symbol.' });
  });
});

describe('exchangeInfo', () => {
  it('publishes what the filters apply, in Binance names', () => {
    const { core, now } = fixture({ limits: { maxNumOrders: 1000 } });
    const info = core.exchangeInfo(now());
    expect(info['exchangeFilters']).toEqual([{ filterType: 'EXCHANGE_MAX_NUM_ORDERS', maxNumOrders: 1000 }]);
    const symbol = info.symbols.find((each) => each['symbol'] === 'BTCUSDT');
    expect(symbol).toMatchObject({ status: 'TRADING', permissionSets: [['SPOT']], defaultSelfTradePreventionMode: 'EXPIRE_MAKER' });
    expect(symbol?.['filters']).toEqual(
      expect.arrayContaining([
        { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
        { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
        { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '97.09521512', stepSize: '0.00000000' },
      ]),
    );
  });

  it('makes as many generic pairs as a bench asks for, and keeps the real ones', () => {
    const specs = makeInstruments(['BTCUSDT', ...Array.from({ length: 200 }, (_, i) => `SYM${i + 1}USDT`)]);
    expect(specs).toHaveLength(201);
    expect(specs[0]?.lot.step).toBe('0.00001');
    expect(() => makeInstruments(['BTCEUR'])).toThrow(RangeError);
  });
});
