// B1, BINANCE 7: every kind of order as the venue's own parameters, named as in rest-api.md, "New order" and "Order lists".
import { describe, expect, it } from 'vitest';
import type { ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';
import type { ListKind, ListRole, Side } from '../../../src-shared/domain/order.ts';
import { requests } from '../../../src-main/venue/requests.ts';
import type { WireList, WireOrder } from '../../../src-main/venue/port.ts';

const text = (value: string): DecimalText => value as DecimalText;
const order = (fields: Partial<WireOrder>): WireOrder => ({
  clientOrderId: 'hf-abc123-000000000007' as ClientOrderId,
  symbol: 'BTCUSDT' as SymbolId,
  side: 'SELL',
  type: 'LIMIT',
  qty: text('0.5'),
  reduceOnly: false,
  ...fields,
});
const common = { symbol: 'BTCUSDT', side: 'SELL', newClientOrderId: 'hf-abc123-000000000007', newOrderRespType: 'FULL' };

describe('single orders', () => {
  it.each([
    ['limit', { price: text('9') }, { type: 'LIMIT', quantity: '0.5', price: '9', timeInForce: 'GTC' }],
    ['limit, fill or kill', { price: text('9'), timeInForce: 'FOK' }, { type: 'LIMIT', quantity: '0.5', price: '9', timeInForce: 'FOK' }],
    ['post-only', { price: text('9'), timeInForce: 'POST_ONLY' }, { type: 'LIMIT_MAKER', quantity: '0.5', price: '9' }],
    ['market', { type: 'MARKET' }, { type: 'MARKET', quantity: '0.5' }],
    ['stop loss', { type: 'STOP_LOSS', stopPrice: text('8') }, { type: 'STOP_LOSS', quantity: '0.5', stopPrice: '8' }],
    [
      'stop loss limit',
      { type: 'STOP_LOSS_LIMIT', stopPrice: text('8'), price: text('7.9') },
      { type: 'STOP_LOSS_LIMIT', quantity: '0.5', stopPrice: '8', price: '7.9', timeInForce: 'GTC' },
    ],
    ['take profit', { type: 'TAKE_PROFIT', stopPrice: text('12') }, { type: 'TAKE_PROFIT', quantity: '0.5', stopPrice: '12' }],
    [
      'take profit limit',
      { type: 'TAKE_PROFIT_LIMIT', stopPrice: text('12'), price: text('11.9'), timeInForce: 'IOC' },
      { type: 'TAKE_PROFIT_LIMIT', quantity: '0.5', stopPrice: '12', price: '11.9', timeInForce: 'IOC' },
    ],
    ['trailing stop', { type: 'STOP_LOSS', trailingDeltaBps: 100 }, { type: 'STOP_LOSS', quantity: '0.5', trailingDelta: 100 }],
  ] as const)('%s', (_what, fields, params) => {
    const call = requests.submit(order(fields));
    expect(call).toMatchObject({ path: 'order', method: 'POST', weight: 1, orders: 1, traffic: 'normal' });
    expect(call.params).toEqual({ ...common, ...params });
  });

  it('a buy for a quote amount names no quantity', () => {
    const { qty: _none, ...rest } = order({ type: 'MARKET', side: 'BUY', quoteQty: text('100') });
    expect(requests.submit(rest).params).toEqual({ ...common, side: 'BUY', type: 'MARKET', quoteOrderQty: '100' });
  });

  it('a replacement stops where the cancel fails, and what only reduces may use the reserve (C9, C14)', () => {
    const call = requests.replace(order({ price: text('9'), reduceOnly: true }), 'old' as ClientOrderId);
    expect(call).toMatchObject({ path: 'order/cancelReplace', method: 'POST', weight: 1, orders: 1, traffic: 'emergency' });
    const cancel = { cancelReplaceMode: 'STOP_ON_FAILURE', cancelRestrictions: 'ONLY_NEW', cancelOrigClientOrderId: 'old' };
    expect(call.params).toEqual({ ...common, type: 'LIMIT', quantity: '0.5', price: '9', timeInForce: 'GTC', ...cancel });
  });
});

const leg = (role: ListRole, place: number, fields: Partial<WireOrder>): WireOrder & { readonly role: ListRole } => ({
  ...order({ reduceOnly: true, ...fields, clientOrderId: `L-${place}` as ClientOrderId }),
  role,
});
const list = (kind: ListKind, orders: WireList['orders']): WireList => ({
  listId: 'L' as ClientOrderId,
  kind,
  symbol: 'BTCUSDT' as SymbolId,
  orders,
});
const entry = leg('entry', 1, { side: 'BUY', qty: text('0.6'), price: text('10'), reduceOnly: false });
const stop = (place: number, side: Side = 'SELL') => leg('stop', place, { side, type: 'STOP_LOSS', stopPrice: text('8') });
const limit = (place: number, side: Side = 'SELL') => leg('limit', place, { side, price: text('12'), timeInForce: 'POST_ONLY' });
const listCommon = { symbol: 'BTCUSDT', listClientOrderId: 'L', newOrderRespType: 'RESULT' };
const working = { workingType: 'LIMIT', workingClientOrderId: 'L-1', workingSide: 'BUY', workingQuantity: '0.6', workingPrice: '10', workingTimeInForce: 'GTC' }; // prettier-ignore

describe('order lists', () => {
  it('an OCO that sells has its limit above and its stop below, and counts as two orders (BINANCE 6)', () => {
    const call = requests.submitList(list('OCO', [stop(1), limit(2)]));
    expect(call).toMatchObject({ path: 'orderList/oco', method: 'POST', weight: 1, orders: 2, traffic: 'emergency' });
    expect(call.params).toEqual({
      ...listCommon, side: 'SELL', quantity: '0.5',
      aboveType: 'LIMIT_MAKER', abovePrice: '12', aboveClientOrderId: 'L-2',
      belowType: 'STOP_LOSS', belowStopPrice: '8', belowClientOrderId: 'L-1',
    }); // prettier-ignore
  });

  it('an OCO that buys has them the other way round', () => {
    const stopLimit = leg('stop', 1, {
      side: 'BUY',
      type: 'STOP_LOSS_LIMIT',
      stopPrice: text('14'),
      price: text('14.1'),
      reduceOnly: false,
    });
    const call = requests.submitList(list('OCO', [stopLimit, limit(2, 'BUY')]));
    expect(call.traffic).toBe('normal');
    expect(call.params).toEqual({
      ...listCommon, side: 'BUY', quantity: '0.5',
      aboveType: 'STOP_LOSS_LIMIT', aboveStopPrice: '14', abovePrice: '14.1', aboveTimeInForce: 'GTC', aboveClientOrderId: 'L-1',
      belowType: 'LIMIT_MAKER', belowPrice: '12', belowClientOrderId: 'L-2',
    }); // prettier-ignore
  });

  it('an OTO carries its exit whole', () => {
    const call = requests.submitList(list('OTO', [entry, leg('stop', 2, { type: 'STOP_LOSS', trailingDeltaBps: 100 })]));
    expect(call).toMatchObject({ path: 'orderList/oto', orders: 2, traffic: 'normal' });
    expect(call.params).toEqual({
      ...listCommon, ...working, pendingType: 'STOP_LOSS', pendingTrailingDelta: 100, pendingSide: 'SELL', pendingQuantity: '0.5', pendingClientOrderId: 'L-2',
    }); // prettier-ignore
  });

  it('an OTOCO that enters post-only carries both exits and counts as three orders', () => {
    const maker = { ...entry, timeInForce: 'POST_ONLY' as const };
    const call = requests.submitList(list('OTOCO', [maker, stop(2), limit(3)]));
    expect(call).toMatchObject({ path: 'orderList/otoco', orders: 3 });
    const { workingTimeInForce: _none, ...rest } = working;
    expect(call.params).toEqual({
      ...listCommon, ...rest, workingType: 'LIMIT_MAKER', pendingSide: 'SELL', pendingQuantity: '0.5',
      pendingAboveType: 'LIMIT_MAKER', pendingAbovePrice: '12', pendingAboveClientOrderId: 'L-3',
      pendingBelowType: 'STOP_LOSS', pendingBelowStopPrice: '8', pendingBelowClientOrderId: 'L-2',
    }); // prettier-ignore
  });

  it('a list without one of its orders, or without a size, never becomes a request', () => {
    expect(() => requests.submitList(list('OCO', [stop(1)]))).toThrow('without its limit order');
    expect(() => requests.submitList(list('OTO', [entry]))).toThrow('without an exit');
    const { qty: _none, ...unsized } = stop(1);
    expect(() => requests.submitList(list('OCO', [unsized, limit(2)]))).toThrow('without a quantity');
  });
});
