// Protection on the exchange (B5, Q11): what stands there after whatever happened to a position. The desk of these tests claims after
// each event of the exchange that what is being sold never exceeds what is held.
import { afterEach, describe, expect, test } from 'vitest';
import { ACCOUNT } from '../../support/sim-wire.ts';
import { Guarded } from '../../support/guarded.ts';
import { BTC } from '../../support/sim.ts';
import type { SimOptions } from '../../support/sim.ts';

let desk: Guarded;
const up = async (options: SimOptions = {}): Promise<Guarded> => (desk = await new Guarded(options).start());
afterEach(() => desk.end());

const STOP = { stopLoss: '49000' };
const BOTH = { stopLoss: '49000', takeProfit: '52000' };
const pairOf = (qty: string): readonly string[] => [`LIMIT_MAKER ${qty} @ 52000`, `STOP_LOSS ${qty} @ 49000`];
const phone = (order: object): void => {
  const done = desk.sim.core.placeOrder(ACCOUNT, { symbol: BTC, ...order } as never, desk.sim.time.trueMs());
  if (!done.ok) throw new Error(JSON.stringify(done));
};
const phoneCancelsAll = (): void => void desk.sim.core.cancelAllOpen(ACCOUNT, BTC, desk.sim.time.trueMs());
const protectionOf = () => desk.sim.engine.state.protections.get(BTC);

describe('as soon as the entry fills', () => {
  test('both exits are a pair, sized to what can be sold after the fee', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    expect(desk.positionQty()).toBe('0.00999');
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.view()).toMatchObject({
      status: 'working',
      stopPrice: '49000',
      takeProfit: '52000',
      coversQty: '0.00999',
      by: 'exchange',
      planOrigin: 'window',
      missingSinceMs: null,
    });
  });

  test('a stop alone and a take profit alone are one order each', async () => {
    await up();
    await desk.bought('0.01', STOP);
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 @ 49000']);
    expect(desk.protect({ takeProfit: '52000' })).toEqual({ kind: 'protected' });
    await desk.pass(500);
    expect(desk.sells()).toEqual(['LIMIT 0.00999 @ 52000']);
  });

  test('the time without it is measured from the first fill to the acceptance, and shown', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    const [restored, ...more] = desk.sim.factsOf('protection.restored');
    expect(more).toEqual([]);
    expect(restored?.gapMs).toBeGreaterThan(0);
    expect(restored?.gapMs).toBeLessThan(50);
    expect(desk.view().lastGapMs).toBe(restored?.gapMs);
    expect(desk.titles()).not.toContain('BTCUSDT has no working protection');
  });

  test('a resting entry takes its exits along as the exchange’s own list, and the console places nothing beside them', async () => {
    await up();
    desk.placed({ type: 'LIMIT', price: '49900', qty: '0.01', exits: BOTH });
    await desk.pass(500);
    desk.price('49850');
    await desk.pass(1000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.sim.factsOf('list.intended').map(({ list }) => list.kind)).toEqual(['OTOCO']);
    expect(desk.sim.factsOf('order.intended')).toEqual([]);
    expect(desk.view()).toMatchObject({ status: 'working', coversQty: '0.00999' });
  });

  test('the rest of a partly filled entry is given up for its exits after the grace period, and what was bought is protected', async () => {
    await up({ policy: { protection: { graceSeconds: 5 } } });
    desk.placed({ type: 'LIMIT', price: '49900', qty: '0.02', exits: BOTH });
    await desk.pass(500);
    desk.trade('49900', '0.01', 'BUY');
    await desk.pass(3500);
    expect(desk.sells()).toEqual([]);
    expect(desk.view()).toMatchObject({ status: 'missing', text: expect.stringContaining('exits wait') as string });
    await desk.pass(3000);
    expect(desk.titles()).toContain('The rest of an entry is cancelled');
    expect(desk.open().filter((order) => order.side === 'BUY')).toEqual([]);
    expect(desk.sells()).toEqual(pairOf(desk.lots()));
    expect(desk.view().status).toBe('working');
  });

  test('a policy of automatic protection gives a plan to a position that has none, from its entry price on the tick', async () => {
    await up({ policy: { protection: { automatic: true } } });
    await desk.bought('0.01', undefined);
    expect(protectionOf()).toMatchObject({ origin: 'policy', plan: { stopLoss: '49000', takeProfit: '52000.02' } });
    expect(desk.sells()).toEqual(['LIMIT_MAKER 0.00999 @ 52000.02', 'STOP_LOSS 0.00999 @ 49000']);
  });

  test('what a person took off stays off, whatever the policy does by itself', async () => {
    await up({ policy: { protection: { automatic: true } } });
    await desk.bought('0.01', undefined);
    expect(desk.protect(null)).toEqual({ kind: 'protected' });
    await desk.pass(2000);
    expect(desk.sells()).toEqual([]);
    expect(desk.view()).toMatchObject({ status: 'none', planOrigin: null });
  });
});

describe('when the position changes', () => {
  test('a purchase on top makes the pair larger, one set at a time', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    await desk.bought('0.004', undefined);
    expect(desk.sells()).toEqual(pairOf('0.01398'));
    expect(desk.sim.factsOf('list.intended')).toHaveLength(2);
  });

  test('a single order is resized by one request that cancels and places', async () => {
    await up();
    await desk.bought('0.01', STOP);
    await desk.bought('0.004', undefined);
    expect(desk.sells()).toEqual(['STOP_LOSS 0.01398 @ 49000']);
    const [, , resized] = desk.sim.factsOf('order.intended').map(({ order }) => order);
    const first = desk.sim.factsOf('order.intended').find(({ order }) => order.origin === 'protection')?.order.clientOrderId;
    expect(desk.sim.factsOf('order.intended').at(-1)?.order.replaces ?? resized?.replaces).toBe(first);
    expect(desk.sim.factsOf('cancel.requested')).toEqual([]);
  });

  test('a partial close takes the protection off first, sells, and protects the rest', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.placed({ side: 'SELL', qty: '0.004', reduceOnly: true });
    await desk.pass(1500);
    expect(desk.positionQty()).toBe('0.00599');
    expect(desk.sells()).toEqual(pairOf('0.00599'));
  });

  test('a full close leaves nothing behind: no order, no plan, no alarm', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.placed({ side: 'SELL', qty: '0.00999', reduceOnly: true });
    await desk.pass(5000);
    expect(desk.positionQty()).toBe('0');
    expect(desk.sells()).toEqual([]);
    expect(protectionOf()).toBeUndefined();
    expect(desk.titles()).not.toContain('BTCUSDT has no working protection');
  });

  test('a lone stop and the sale that needs its coins change places in one request', async () => {
    await up();
    await desk.bought('0.01', STOP);
    desk.placed({ side: 'SELL', qty: '0.004', reduceOnly: true });
    await desk.pass(1500);
    expect(desk.positionQty()).toBe('0.00599');
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00599 @ 49000']);
    expect(desk.sim.factsOf('cancel.requested')).toEqual([]);
  });

  test('a resting sale of a part leaves the rest guarded, and its cancel gives the part back', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    const sale = desk.placed({ side: 'SELL', type: 'LIMIT', price: '50500', qty: '0.004', reduceOnly: true });
    await desk.pass(1500);
    expect(desk.sells()).toEqual(['LIMIT 0.004 @ 50500', ...pairOf('0.00599')].toSorted());
    expect(desk.view()).toMatchObject({ status: 'placing', coversQty: '0.00599' });
    desk.sim.engine.dispatch({ kind: 'cancel', clientOrderId: sale, origin: 'window' });
    await desk.pass(1500);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
  });

  test('the stop sells, the pair ends, and the plan with it', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.price('48990');
    await desk.pass(3000);
    expect(desk.positionQty()).toBe('0');
    expect(desk.sells()).toEqual([]);
    expect(protectionOf()).toBeUndefined();
    expect(desk.sim.engine.market.protection.size).toBe(0);
  });

  test('a take profit that fills in part kills its stop at the exchange: what is left is guarded anew', async () => {
    await up();
    await desk.bought('0.018', BOTH);
    desk.price('51950');
    desk.trade('52000', '0.01', 'SELL');
    await desk.pass(200);
    const left = desk.lots();
    expect(desk.sells()).toEqual([`LIMIT_MAKER ${left} @ 52000`]);
    await desk.pass(2000);
    expect(desk.sells()).toEqual(pairOf(left));
    expect(desk.view().lastGapMs).toBeGreaterThan(900);
  });

  test('fees in BNB are paid out of a position in BNB: its protection shrinks with it, one lot at a time', async () => {
    await up();
    const bnb = 'BNBUSDT';
    desk.placed({ symbol: bnb, qty: '0.5', exits: { stopLoss: '300' } });
    await desk.pass(1000);
    const before = desk.sim.core.openOrders(ACCOUNT, bnb).map((order) => order.origQty);
    desk.sim.core.setBnbDiscount(ACCOUNT, true);
    phoneCancelsAll();
    desk.sim.core.cancelAllOpen(ACCOUNT, bnb, desk.sim.time.trueMs());
    await desk.bought('0.01', undefined);
    await desk.pass(2000);
    const held = desk.sim.engine.state.positions.get(bnb as never)?.qty;
    const after = desk.sim.core.openOrders(ACCOUNT, bnb).map((order) => order.origQty);
    expect(Number(after[0])).toBeLessThan(Number(before[0]));
    expect(Number(after[0])).toBeLessThanOrEqual(Number(held));
    expect(Number(held) - Number(after[0])).toBeLessThan(0.001);
  });

  test('what is too small to be sold has no protection, and its plan ends', async () => {
    await up();
    await desk.bought('0.01', STOP);
    desk.placed({ side: 'SELL', qty: '0.00995', reduceOnly: true });
    await desk.pass(3000);
    expect(desk.positionQty()).toBe('0.00004');
    expect(desk.sells()).toEqual([]);
    expect(protectionOf()).toMatchObject({ plan: null });
    expect(() => desk.view()).toThrow('too small');
    expect(desk.titles()).not.toContain('BTCUSDT has no working protection');
  });

  test('what was said and missed of a position ends with it, although dust of it stays: the next one is protected by the policy', async () => {
    await up({ policy: { protection: { automatic: true, closeUnprotected: true, graceSeconds: 10 } } });
    await desk.bought('0.01', undefined);
    desk.protect(null);
    await desk.pass(5000);
    expect(protectionOf()?.missingSinceMs).not.toBeNull();
    desk.placed({ side: 'SELL', qty: '0.00995', reduceOnly: true });
    await desk.pass(3000);
    expect(desk.positionQty()).toBe('0.00004');
    const factsBefore = desk.sim.factsOf('protection.set').length;
    await desk.pass(3000);
    expect(desk.sim.factsOf('protection.set')).toHaveLength(factsBefore);
    desk.price('50001');
    await desk.bought('0.01', undefined, 2000);
    expect(desk.sells()).toHaveLength(2);
    expect(desk.view()).toMatchObject({ status: 'working', planOrigin: 'policy', missingSinceMs: null });
  });
});

test('what a person says of the protection while the entry fills stays said', async () => {
  await up();
  desk.placed({ type: 'LIMIT', price: '49900', qty: '0.018', exits: BOTH });
  await desk.pass(500);
  desk.trade('49900', '0.009', 'BUY');
  await desk.pass(500);
  desk.protect({ stopLoss: '48500', takeProfit: '53000' });
  desk.price('49850');
  await desk.pass(3000);
  expect(desk.sells()).toEqual([`LIMIT_MAKER ${desk.lots()} @ 53000`, `STOP_LOSS ${desk.lots()} @ 48500`]);
});

describe('what others do', () => {
  test('a pair that the phone cancelled is placed anew, later each time', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    phoneCancelsAll();
    await desk.pass(1500);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    for (let times = 0; times < 4; times += 1) {
      phoneCancelsAll();
      await desk.pass(100);
    }
    expect(desk.sells()).toEqual([]);
    await desk.pass(6000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.sim.factsOf('list.intended').length).toBeLessThan(6);
  });

  test('a sale by phone leaves a smaller guard, a purchase by phone a larger one', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    phoneCancelsAll();
    phone({ side: 'SELL', type: 'MARKET', quantity: '0.004' });
    await desk.pass(3000);
    expect(desk.sells()).toEqual(pairOf('0.00599'));
    phone({ side: 'BUY', type: 'MARKET', quantity: '0.01' });
    await desk.pass(3000);
    expect(desk.sells()).toEqual(pairOf(desk.lots()));
  });

  test('a stop of the trader’s own is protection too: the plan guards only what it leaves', async () => {
    await up();
    await desk.bought('0.01', undefined);
    expect(desk.view()).toMatchObject({ status: 'none' });
    desk.placed({ side: 'SELL', type: 'STOP_LOSS', stopPrice: '48500', qty: '0.00999', reduceOnly: true });
    await desk.pass(500);
    expect(desk.view()).toMatchObject({ status: 'working', planOrigin: null, text: 'Orders of your own guard it.' });
    desk.protect(STOP);
    await desk.pass(1000);
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 @ 48500']);
  });
});
