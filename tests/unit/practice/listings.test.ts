// A market that looks as it does elsewhere: its grid and its price, which a drill of the stop copies (E7), and lists placed by hand.
import { expect, onTestFinished, test } from 'vitest';
import { makeInstruments } from '../../../src-main/practice/core/instruments.ts';
import { startExchange } from '../../../src-main/practice/exchange-host.ts';
import { practiceOptionsSchema } from '../../../src-main/practice/options.ts';
import type { DeskOperation } from '../../../src-main/practice/protocol/desk.ts';

const PEPE = { tick: '0.00000001', step: '1', price: '0.00001234' };

test('a listing replaces grid and price of one symbol, and leaves the others as they are', () => {
  const [pepe, btc] = makeInstruments(['PEPEUSDT', 'BTCUSDT'], { PEPEUSDT: PEPE });
  expect(pepe).toMatchObject({
    price: { tick: PEPE.tick, min: PEPE.tick },
    lot: { step: '1', min: '1', max: '90000000' },
    referencePrice: PEPE.price,
  });
  expect(btc).toEqual(makeInstruments(['BTCUSDT'])[0]);
});

test('millions of a coin that is worth little can rest, and lists are placed by hand as single orders are', async () => {
  const exchange = await startExchange(
    practiceOptionsSchema.parse({
      symbols: ['PEPEUSDT'],
      listings: { PEPEUSDT: PEPE },
      balances: { USDT: '10000', PEPE: '50000000' },
      historyMinutes: 1,
      eventsPerSecond: 0,
    }),
  );
  onTestFinished(() => exchange.close());
  const sell = { type: 'LIMIT_MAKER', price: '0.00001300' } as const;
  const stop = { type: 'STOP_LOSS', stopPrice: '0.00001100' } as const;
  const buy = { type: 'LIMIT', timeInForce: 'GTC', price: '0.00001200', side: 'BUY', quantity: '5000000' } as const;
  const symbol = 'PEPEUSDT';
  const operations: readonly DeskOperation[] = [
    { op: 'placeOrder', order: { symbol, ...buy } },
    { op: 'placeList', list: { kind: 'OCO', symbol, side: 'SELL', quantity: '20000000', above: sell, below: stop } },
    { op: 'placeList', list: { kind: 'OTO', symbol, working: buy, pending: { ...stop, side: 'SELL', quantity: '5000000' } } },
    {
      op: 'placeList',
      list: {
        kind: 'OTOCO',
        symbol,
        working: buy,
        pendingSide: 'SELL',
        pendingQuantity: '5000000',
        pendingAbove: sell,
        pendingBelow: stop,
      },
    },
  ];
  // The market opens with its first step.
  await expect.poll(() => exchange.perform(operations[0]).ok).toBe(true);
  for (const operation of operations.slice(1)) expect(exchange.perform(operation)).toMatchObject({ ok: true });
  const state = exchange.perform({ op: 'state' });
  expect(state.ok && (state.value as { openOrders: unknown[] }).openOrders).toHaveLength(1 + 2 + 2 + 3);
  expect(exchange.perform({ op: 'placeList', list: { kind: 'OCO', symbol } })).toMatchObject({ ok: false });
});
