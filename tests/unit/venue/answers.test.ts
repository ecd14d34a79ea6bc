// REST answers and filters (BINANCE 6): every rule that a validator applies arrives, none is invented.
import { describe, expect, it } from 'vitest';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import * as answers from '../../../src-main/venue/answers.ts';
import { exchangeInfo, instrumentOf } from '../../../src-main/venue/filters.ts';

const row = {
  symbol: 'BTCUSDT', status: 'TRADING', baseAsset: 'BTC', quoteAsset: 'USDT', orderTypes: ['LIMIT', 'LIMIT_MAKER', 'MARKET'],
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01000000', maxPrice: '1000000.00000000', tickSize: '0.01000000' },
    { filterType: 'LOT_SIZE', minQty: '0.00001000', maxQty: '9000.00000000', stepSize: '0.00001000' },
    { filterType: 'ICEBERG_PARTS', limit: 100 },
    { filterType: 'MARKET_LOT_SIZE', minQty: '0.00000000', maxQty: '97.09521512', stepSize: '0.00000000' },
    { filterType: 'TRAILING_DELTA', minTrailingAboveDelta: 10, maxTrailingAboveDelta: 2000, minTrailingBelowDelta: 20, maxTrailingBelowDelta: 1000 },
    { filterType: 'PERCENT_PRICE_BY_SIDE', bidMultiplierUp: '5', bidMultiplierDown: '0.2', askMultiplierUp: '5', askMultiplierDown: '0.2', avgPriceMins: 5 },
    { filterType: 'NOTIONAL', minNotional: '5.00000000', applyMinToMarket: true, maxNotional: '9000000.00000000', applyMaxToMarket: false, avgPriceMins: 5 },
    { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 200 },
    { filterType: 'MAX_NUM_ALGO_ORDERS', maxNumAlgoOrders: 5 },
    { filterType: 'MAX_NUM_ORDER_LISTS', maxNumOrderLists: 20 },
    { filterType: 'MAX_POSITION', maxPosition: '10.5' },
  ],
}; // prettier-ignore
const fees = { makerFee: new Decimal('0.001'), takerFee: new Decimal('0.002') };
const withFilters = (filters: readonly object[]) => exchangeInfo.parse({ symbols: [{ ...row, filters }] }).symbols[0]!;
const [price, lot] = row.filters as [object, object];

describe('instruments', () => {
  it('carry every filter of BINANCE 6', () => {
    const instrument = instrumentOf(withFilters(row.filters), fees);
    expect(instrument).toMatchObject({
      symbol: 'BTCUSDT',
      base: 'BTC',
      quote: 'USDT',
      status: 'TRADING',
      maxOrders: 200,
      maxAlgoOrders: 5,
    });
    expect([instrument.tick, instrument.minPrice, instrument.maxPrice].map(String)).toEqual(['0.01', '0.01', '1000000']);
    expect(Object.values(instrument.lot).map(String)).toEqual(['0.00001', '9000', '0.00001']);
    expect(Object.values(instrument.marketLot ?? {}).map(String)).toEqual(['0', '97.09521512', '0']);
    expect(Object.values(instrument.percentPrice ?? {}).map(String)).toEqual(['5', '0.2', '5', '0.2', '5']);
    expect(Object.values(instrument.notional ?? {}).map(String)).toEqual(['5', 'true', '9000000', 'false']);
    expect(String(instrument.maxPositionQty)).toBe('10.5');
    expect(instrument.trailingDelta).toEqual({ minAboveBps: 10, maxAboveBps: 2000, minBelowBps: 20, maxBelowBps: 1000 });
    expect(instrument.maxOrderLists).toBe(20);
    expect(instrument.orderTypes.has('LIMIT_MAKER')).toBe(true);
    expect([instrument.makerFee, instrument.takerFee].map(String)).toEqual(['0.001', '0.002']);
  });

  it('know the older shapes too, and rules that are absent or 0 are off', () => {
    const older = instrumentOf(
      withFilters([
        price,
        lot,
        { filterType: 'PERCENT_PRICE', multiplierUp: '1.3', multiplierDown: '0.7', avgPriceMins: 0 },
        { filterType: 'MIN_NOTIONAL', minNotional: '10', applyToMarket: true, avgPriceMins: 5 },
        { filterType: 'MAX_NUM_ORDERS', maxNumOrders: 0 },
      ]),
      fees,
    );
    expect(String(older.percentPrice?.askUp)).toBe('1.3');
    expect(older.notional).toMatchObject({ applyMinToMarket: true, maxUsdt: undefined });
    expect([older.maxOrders, older.maxAlgoOrders, older.marketLot, older.maxPositionQty]).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    const bare = instrumentOf({ ...withFilters([price, lot]), status: 'BREAK' }, fees);
    expect([bare.percentPrice, bare.notional, bare.status]).toEqual([undefined, undefined, 'HALTED']);
    const noMaximum = { ...row.filters[6], maxNotional: '0' };
    expect(instrumentOf(withFilters([price, lot, noMaximum]), fees).notional?.maxUsdt).toBeUndefined();
  });

  it.each([
    ['no lot size', [price]],
    ['a tick that is no number', [{ ...price, tickSize: 'NaN' }, lot]],
    ['a flag that is none', [price, lot, { ...row.filters[6], applyMinToMarket: 'yes' }]],
    ['a count that is negative', [price, lot, { filterType: 'MAX_NUM_ORDERS', maxNumOrders: -1 }]],
  ])('a symbol with %s is unusable (C15)', (_what, filters) => {
    expect(() => instrumentOf(withFilters(filters), fees)).toThrow();
  });
});

describe('fees', () => {
  it('add standard, special and tax rates, the dearer side of each, and leave the discount out', () => {
    const { makerFee, takerFee } = answers.commission.parse({
      standardCommission: { maker: '0.001', taker: '0.002', buyer: '0', seller: '0.0001' },
      specialCommission: { maker: '0.0005', taker: '0.0005', buyer: '0', seller: '0' },
      taxCommission: { maker: '0', taker: '0', buyer: '0.0003', seller: '0' },
      discount: { enabledForAccount: true, discount: '0.75' },
    });
    expect([makerFee, takerFee].map(String)).toEqual(['0.0019', '0.0029']);
  });
});

describe('orders and trades', () => {
  const order = { symbol: 'BTCUSDT', orderId: 9, clientOrderId: 'cancel-id', origClientOrderId: 'mine', price: '1', origQty: '2', executedQty: '0', status: 'CANCELED', timeInForce: 'GTC', type: 'LIMIT', side: 'SELL', transactTime: 7 }; // prettier-ignore

  it('the answer to a cancel carries the own id apart from that of the cancel', () => {
    expect(answers.order.parse(order)).toMatchObject({ clientOrderId: 'mine', venueOrderId: '9', status: 'CANCELED', timeMs: 7 });
  });
  it('cancel-all takes order lists apart (BINANCE 7)', () => {
    const list = { orderListId: 4, listStatusType: 'ALL_DONE', orderReports: [order, { ...order, orderId: 10 }] };
    expect(answers.canceledOrders.parse([order, list]).map(({ venueOrderId }) => venueOrderId)).toEqual(['9', '9', '10']);
  });
  it('an order that is in no list and does not trail says so, whichever way the venue puts it (B1)', () => {
    const none = { venueListId: null, trailingDeltaBps: null, stopPrice: '0' };
    expect(answers.order.parse(order)).toMatchObject(none);
    expect(answers.order.parse({ ...order, orderListId: -1, trailingDelta: 0, stopPrice: '0' })).toMatchObject(none);
    expect(answers.order.parse({ ...order, orderListId: 7, trailingDelta: 50, stopPrice: '0.9', status: 'PENDING_NEW' })).toMatchObject({
      venueListId: '7',
      trailingDeltaBps: 50,
      stopPrice: '0.9',
      status: 'PENDING_NEW',
    });
  });
  it('the answer to a cancel is the order, or its whole list where it was in one (BINANCE 7)', () => {
    const list = { orderListId: 4, orderReports: [order, { ...order, orderId: 10 }] };
    expect(answers.canceledOne.parse(order).map(({ venueOrderId }) => venueOrderId)).toEqual(['9']);
    expect(answers.canceledOne.parse(list).map(({ venueOrderId }) => venueOrderId)).toEqual(['9', '10']);
    expect(answers.canceledOne.safeParse({ orderListId: 4, orderReports: [order, {}] }).success).toBe(false);
  });
  it.each([
    { trailingDelta: -1 },
    { orderListId: -2 },
    { stopPrice: '-1' },
    { status: 'LOST' },
    { executedQty: '-1' },
    { executedQty: 1 },
    { side: 'HOLD' },
    { orderId: -5 },
    { orderId: 2 ** 60 },
    { symbol: undefined },
  ])('an order with %j is not used', (wrong) => expect(answers.order.safeParse({ ...order, ...wrong }).success).toBe(false));

  it('candles know whether they are over', () => {
    const rows = [[0, '1', '2', '0.5', '1.5', '9', 59_999, '0'], [60_000, '1', '2', '0.5', '1.5', '9', 119_999]]; // prettier-ignore
    const candles = answers.candlesOf('BTCUSDT' as SymbolId, '1m', 60_000).parse(rows);
    expect(candles.map(({ closed }) => closed)).toEqual([true, false]);
    expect(candles[0]).toMatchObject({ open: '1', high: '2', low: '0.5', close: '1.5', volume: '9', interval: '1m' });
  });
  it('rate limits are taken as the venue states them, and only those that it states', () => {
    const limits = { rateLimits: [{ rateLimitType: 'ORDERS', interval: 'SECOND', intervalNum: 10, limit: 50 }, { rateLimitType: 'NEW_KIND', interval: 'DAY', intervalNum: 1, limit: 1 }] }; // prettier-ignore
    expect(answers.rateLimits.parse(limits)).toEqual({ ordersPer10s: 50 });
  });
});
