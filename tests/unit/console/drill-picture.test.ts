// The picture that a drill is made of (E7): the trader's own open orders in the shapes in which they rest, with the funds that they lock.
import { describe, expect, test } from 'vitest';
import { drillPictureOf } from '../../../src-main/console/drill-picture.ts';
import type { DrillPicture } from '../../../src-main/console/drill-picture.ts';
import { deskOperationSchema } from '../../../src-main/practice/protocol/desk.ts';
import { practiceOptionsSchema } from '../../../src-main/practice/options.ts';
import { balance, Rig, text } from '../../support/engine-rig.ts';
import { BTC, ETH } from '../../support/sim.ts';

const HELD = { balances: [balance('USDT', '10000'), balance('BTC', '0.01')] };
/** Whatever it holds, an exchange must be able to start with it and to take it. */
const pictureOf = (rig: Rig): DrillPicture => {
  const picture = drillPictureOf(rig.engine.state, rig.engine.market);
  if (picture === null) throw new Error('no picture');
  const { symbols, listings, balances } = picture;
  practiceOptionsSchema.parse({ symbols, listings, balances });
  for (const { operation } of [...picture.orders, ...picture.positions]) deskOperationSchema.parse(operation);
  return picture;
};
const operations = (rig: Rig) => pictureOf(rig).orders.map(({ operation }) => operation);

describe('open orders', () => {
  test('a limit order and one that only makes, by their own names and sizes', () => {
    const rig = new Rig().ready();
    const plain = rig.rest();
    rig.pass(600);
    const maker = rig.rest({ symbol: ETH, price: text('2500'), qty: text('0.1'), timeInForce: 'POST_ONLY' });
    expect(operations(rig)).toMatchObject([
      { op: 'placeOrder', order: { type: 'LIMIT', timeInForce: 'GTC', price: '50000', quantity: '0.01', newClientOrderId: plain } },
      { op: 'placeOrder', order: { type: 'LIMIT_MAKER', price: '2500', quantity: '0.1', newClientOrderId: maker } },
    ]);
    expect(pictureOf(rig)).toMatchObject({ isExample: false, leftOut: [] });
  });

  test('an entry with both exits is one list', () => {
    const rig = new Rig().ready();
    const [entry, stop, limit] = rig.restBracket();
    const [order] = pictureOf(rig).orders;
    expect(order?.ids.toSorted()).toEqual([entry, stop, limit].toSorted());
    expect(order?.operation).toMatchObject({
      op: 'placeList',
      list: {
        kind: 'OTOCO',
        working: { side: 'BUY', quantity: '0.01', clientOrderId: entry },
        pendingSide: 'SELL',
        pendingAbove: { type: 'LIMIT_MAKER', price: '50900', clientOrderId: limit },
        pendingBelow: { stopPrice: '49500', clientOrderId: stop },
      },
    });
  });

  test('a pair of a position: OCO, with the coins that it locks', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.pass(600);
    const [stop, limit] = rig.listed(rig.placeOco());
    const { orders, balances, positions } = pictureOf(rig);
    expect(orders[0]?.operation).toMatchObject({
      op: 'placeList',
      list: { kind: 'OCO', side: 'SELL', quantity: '0.01', above: { clientOrderId: limit }, below: { clientOrderId: stop } },
    });
    expect(Number(balances['BTC'])).toBeGreaterThanOrEqual(0.01);
    expect(positions).toMatchObject([{ symbol: BTC, operation: { order: { side: 'BUY', type: 'MARKET', quantity: '0.01' } } }]);
  });

  test('what is on its way and will not rest is left out, and said', () => {
    const rig = new Rig().ready();
    rig.send({ type: 'MARKET', price: undefined });
    const { leftOut, isExample } = pictureOf(rig);
    expect(leftOut).toEqual([expect.stringMatching(/^BTCUSDT hf-.* is on its way\.$/)]);
    expect(isExample).toBe(true);
  });

  test('on a market that is not known here are left out, and said', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.engine.market.instruments = new Map();
    const { leftOut, symbols, isExample } = pictureOf(rig);
    expect(leftOut).toEqual([`BTCUSDT ${order}: its market is not known here.`]);
    expect({ symbols, isExample }).toEqual({ symbols: ['BTCUSDT'], isExample: true });
  });
});

test('with nothing open, five examples rest below the markets as they are now', () => {
  const rig = new Rig().ready();
  const { orders, isExample, listings } = pictureOf(rig);
  expect(isExample).toBe(true);
  expect(orders.map(({ ids }) => ids[0])).toEqual(['drill-1', 'drill-2', 'drill-3', 'drill-4', 'drill-5']);
  for (const { operation } of orders) {
    if (operation.op !== 'placeOrder') throw new Error('an example is a single order');
    const { symbol, price, quantity } = operation.order;
    expect(Number(price)).toBeLessThan(Number(listings[symbol]?.price));
    expect(Number(price) * Number(quantity)).toBeGreaterThan(20);
  }
});

test('without a policy there is no picture: what a trip does with positions is not known', () => {
  const rig = new Rig();
  expect(drillPictureOf(rig.engine.state, rig.engine.market)).toBeNull();
});

test('the picture goes to another thread as it is', () => {
  const rig = new Rig(HELD).ready();
  rig.restBracket();
  const picture = pictureOf(rig);
  expect(structuredClone(picture)).toEqual(picture);
});
