// The emergency stop (E1-E6, Q1, Q8): the latch before everything, every order accounted for, and no rest until the venue is empty.
import { describe, expect, test } from 'vitest';
import { approveForWire } from '../../../src-main/safety/gate.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { policySchema } from '../../../src-shared/policy/schema.ts';
import { balance, DOWN, fillOf, id, Rig, stated, text } from '../../support/engine-rig.ts';
import type { RigOptions } from '../../support/engine-rig.ts';
import { BTC, ETH } from '../../support/sim.ts';

const HELD: RigOptions = { balances: [balance('USDT', '10000'), balance('BTC', '0.01')] };
const account = (rig: Rig, free = '0.01'): void =>
  void rig.engine.dispatch({
    kind: 'account-seen',
    tripId: rig.engine.state.stop.tripId,
    askedAtMs: rig.nowMs,
    result: ok({ canTrade: true, balances: [balance('USDT', '10000'), balance('BTC', free)] }),
  });
/** Cancelled and seen empty. */
const emptied = (rig: Rig): void => {
  rig.stopCanceled();
  rig.openOrdersSeen([]);
};
const receipt = (rig: Rig) => rig.engine.state.stop.receipt;
/** The stop's newest market sale. */
const sale = (rig: Rig): string =>
  rig
    .of('order.intended')
    .filter(({ order }) => order.origin === 'stop')
    .at(-1)?.order.clientOrderId ?? 'none';
const sold = (rig: Rig, size = '0.01', filled = size): void => {
  const order = sale(rig);
  rig.engine.dispatch({ kind: 'sent', clientOrderId: id(order) });
  const status = filled === size ? 'FILLED' : 'EXPIRED';
  rig.answer(id(order), {
    kind: 'accepted',
    order: stated(order, { side: 'SELL', qty: size, filledQty: filled, status }),
    fills: [fillOf(`f-${order}`, filled)],
  });
};

describe('the latch (DESIGN 6)', () => {
  test('closes before anything leaves: the cancels of every symbol are on their way before the disk is asked', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    const { appended } = rig;
    const seen: (readonly [phase: string, appended: number])[] = [];
    const push = rig.effects.push.bind(rig.effects);
    rig.effects.push = (...effects) => {
      if (effects.some((effect) => effect.kind === 'cancel-all')) {
        seen.push([rig.engine.state.stop.phase, rig.appended]);
      }
      return push(...effects);
    };
    rig.trip();
    expect(seen).toEqual(Array.from({ length: 3 }, () => ['TRIPPED', appended]));
  });

  test('an order that waits for the disk dies, and so would one that was let through to the wire', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    const waiting = rig.intend();
    const before = rig.of('order.intended')[0]?.order;
    rig.trip();
    expect(rig.order(waiting).status).toBe('REJECTED');
    expect(approveForWire(before as never, rig.engine.trading(), rig.engine.state.stop.generation)).toMatchObject({
      ok: false,
      error: { code: 'STOPPED' },
    });
  });

  test('nothing is placed while it is closed', () => {
    const rig = new Rig().ready();
    rig.trip();
    expect(rig.place()).toMatchObject({ kind: 'denied', denial: { code: 'STATE' } });
  });

  test('a trip is obeyed before the start’s recovery is through', () => {
    const rig = new Rig().boot();
    expect(rig.engine.state.stop.phase).toBe('DISABLED');
    rig.trip();
    expect(rig.engine.state.stop.phase).toBe('TRIPPED');
    expect(rig.effectsOf('cancel-all')).toHaveLength(3);
  });

  test('an order acknowledged late is cancelled on sight, and again until it is gone', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.trip();
    emptied(rig);
    expect(receipt(rig)).toBeNull();
    rig.effects = [];
    rig.answer(order, { kind: 'accepted', order: stated(order), fills: [] });
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: order, priority: 'emergency' }]);
    rig.canceled(order, { kind: 'failed', failure: DOWN });
    expect(rig.of('cancel.failed')).toEqual([]);
    rig.pass(1100);
    expect(rig.effectsOf('cancel')).toHaveLength(2);
    rig.canceled(order, { kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] });
    // The venue was seen empty while the order was still on its way: that proved nothing.
    expect(receipt(rig)).toBeNull();
    rig.openOrdersSeen([]);
    expect(receipt(rig)).toMatchObject({ complete: true, orders: [{ clientOrderId: order, outcome: 'canceled' }] });
  });

  test('even after a reset an order from before the stop is not left alive', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.lose(order);
    rig.trip();
    rig.pass(5000);
    rig.effects = [];
    rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'seen', readBackTripId: 1 });
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: order }]);
    rig.canceled(order, { kind: 'not-open', text: '' });
    rig.effects = [];
    rig.queried(order, { kind: 'found', order: stated(order) });
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: order }]);
  });
});

describe('until the venue is empty (E3, Q8)', () => {
  test('every order has its outcome, with timings, on a complete receipt', () => {
    const rig = new Rig().ready();
    const first = rig.rest();
    rig.pass(600);
    const second = rig.rest({ symbol: ETH, price: text('2500'), qty: text('0.1') });
    rig.trip();
    rig.monoMs += 40;
    rig.stopCanceled({ kind: 'canceled', orders: [stated(first, { status: 'CANCELED' })] }, [BTC]);
    rig.monoMs += 10;
    rig.stopCanceled({ kind: 'not-open', text: '' }, [ETH]);
    rig.stopCanceled({ kind: 'not-open', text: '' }, ['BNBUSDT' as never]);
    expect(rig.effectsOf('see-open-orders')).toHaveLength(1);
    rig.effects = [];
    rig.openOrdersSeen([]);
    expect(rig.effectsOf('query')).toMatchObject([{ clientOrderId: second }]);
    expect(receipt(rig)).toBeNull();
    rig.queried(second, { kind: 'found', order: stated(second, { symbol: ETH, status: 'FILLED', filledQty: '0.1' }) }, [
      fillOf('t1', '0.1', { price: '2500' }),
    ]);
    expect(receipt(rig)).toMatchObject({
      complete: true,
      buckets: { orders: 'empty' },
      allAcknowledgedMs: 50,
      orders: [
        { clientOrderId: first, outcome: 'canceled', ackMs: 40 },
        { clientOrderId: second, outcome: 'filled' },
      ],
      positions: [{ symbol: ETH, qtyBefore: '0', qtyAfter: '0.1', outcome: 'kept' }],
    });
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9750')], venueTimeMs: rig.order(second).venueTimeMs });
    rig.effects = [];
    rig.pass(3000);
    expect(rig.effects).toEqual([]);
  });

  test('what became of an order that the list does not show is asked until it is known, even after the venue was seen empty', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.trip();
    emptied(rig);
    rig.queried(order, { kind: 'failed', failure: DOWN });
    rig.effects = [];
    rig.pass(2000);
    expect(rig.effectsOf('query').length).toBeGreaterThanOrEqual(2);
    rig.queried(order, { kind: 'found', order: stated(order, { status: 'CANCELED' }) });
    expect(receipt(rig)?.complete).toBe(true);
  });

  test('what was seen too early does not put off the proof: the venue is asked as soon as the last symbol is acknowledged', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.trip();
    rig.stopCanceled({ kind: 'failed', failure: DOWN }, [BTC]);
    rig.stopCanceled({ kind: 'not-open', text: '' }, [ETH, 'BNBUSDT' as never]);
    for (let look = 0; look < 8; look += 1) {
      rig.pass(1000);
      rig.stopCanceled({ kind: 'failed', failure: DOWN }, [BTC]);
      rig.openOrdersSeen([stated(order)]);
    }
    rig.effects = [];
    rig.stopCanceled({ kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] }, [BTC]);
    expect(rig.effectsOf('see-open-orders')).toHaveLength(1);
    rig.openOrdersSeen([]);
    expect(receipt(rig)?.complete).toBe(true);
  });

  test('survivors, foreign ones too and on symbols that are not traded here, are cancelled symbol by symbol', () => {
    const rig = new Rig().ready();
    rig.trip();
    rig.stopCanceled();
    rig.effects = [];
    rig.openOrdersSeen([stated('phone', { symbol: 'XRPUSDT' }), stated('phone2')]);
    expect(rig.effectsOf('cancel-all').map((effect) => effect.symbol)).toEqual(['XRPUSDT', BTC]);
    rig.stopCanceled({ kind: 'canceled', orders: [] }, ['XRPUSDT' as never, BTC]);
    rig.pass(500);
    rig.openOrdersSeen([]);
    expect(receipt(rig)?.complete).toBe(true);
  });

  test('a foreign order that comes while the stop is tripped dies on sight: before the receipt, after it, and after a restart', () => {
    const rig = new Rig().ready();
    rig.trip();
    rig.effects = [];
    rig.execute(stated('phone'));
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: 'phone', priority: 'emergency' }]);
    rig.execute(stated('phone', { status: 'CANCELED' }));
    rig.canceled(id('phone'), { kind: 'not-open', text: '' });
    emptied(rig);
    expect(receipt(rig)?.complete).toBe(true);
    rig.effects = [];
    rig.execute(stated('phone3'));
    rig.execute(stated('phone4', { symbol: 'XRPUSDT' }));
    expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual(['phone3', 'phone4']);
    const next = rig.restarted().boot();
    expect(next.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual(['phone3']);
    next.effects = [];
    next.reconciled({ openOrders: [stated('phone3'), stated('phone4', { symbol: 'XRPUSDT' }), stated('phone5')] });
    expect(next.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual(['phone5', 'phone4']);
    next.canceled(id('phone4'), { kind: 'canceled', orders: [] });
    expect([...next.engine.market.condemned.keys()]).toEqual(['phone3', 'phone5']);
  });

  test('what came while it was tripped does not outlive the reset, nor a restart after it', () => {
    const rig = new Rig().ready();
    rig.trip();
    emptied(rig);
    rig.execute(stated('phone'));
    rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'seen', readBackTripId: 1 });
    expect(rig.restarted().boot().effectsOf('cancel')).toMatchObject([{ clientOrderId: 'phone' }]);
    rig.execute(stated('mine'));
    expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).not.toContain('mine');
  });

  test('a symbol that fails for a while is tried again, slower each time, and named within 5 s; the work goes on', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.trip();
    rig.stopCanceled({ kind: 'not-open', text: '' }, [ETH, 'BNBUSDT' as never]);
    rig.effects = [];
    for (let count = 0; count < 49; count += 1) {
      rig.stopCanceled({ kind: 'failed', failure: DOWN }, [BTC]);
      if (rig.effectsOf('see-open-orders').length > 0) rig.openOrdersSeen([stated(order)]);
      rig.pass(100);
    }
    expect(receipt(rig)).toMatchObject({
      complete: false,
      buckets: { orders: 'not-empty' },
      orders: [{ clientOrderId: order, outcome: 'not-canceled' }],
    });
    expect(rig.titles()).toContain('Emergency stop 1 is not complete');
    expect(rig.of('stop.receipted')).toHaveLength(1);
    rig.stopCanceled({ kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] }, [BTC]);
    rig.pass(5000);
    rig.openOrdersSeen([]);
    expect(receipt(rig)).toMatchObject({ complete: true });
    expect(rig.of('stop.receipted')).toHaveLength(2);
  });

  test('an unknown order is named in the interim receipt, and proven in the final one', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.lose(order);
    rig.trip();
    emptied(rig);
    rig.pass(4600);
    expect(receipt(rig)).toMatchObject({ complete: false, orders: [{ clientOrderId: order, outcome: 'unknown' }] });
    rig.pass(11_000);
    rig.queried(order, { kind: 'absent' });
    rig.pass(4100);
    rig.openOrdersSeen([]);
    expect(receipt(rig)).toMatchObject({ complete: true, orders: [{ clientOrderId: order, outcome: 'rejected' }] });
  });

  test('looks at the venue grow rarer: no minute of a stop uses up the weight (C9, Q10)', () => {
    const rig = new Rig().ready();
    rig.lose(rig.send());
    rig.trip();
    rig.effects = [];
    rig.stopCanceled();
    let looks = 0;
    for (let count = 0; count < 600; count += 1) {
      if (rig.effectsOf('see-open-orders').length > 0) {
        looks += 1;
        rig.effects = [];
        rig.openOrdersSeen(null);
      }
      rig.pass(100);
    }
    expect(looks).toBeGreaterThan(10);
    expect(looks * 80).toBeLessThan(2000);
  });

  test('a press while tripped begins the cancels anew, whatever the receipt says: it is open again until the venue is seen empty', () => {
    const rig = new Rig().ready();
    rig.trip();
    rig.pass(1000);
    rig.effects = [];
    rig.trip();
    expect(rig.effectsOf('cancel-all')).toHaveLength(3);
    expect(rig.of('stop.tripped')).toHaveLength(1);
    emptied(rig);
    rig.pass(1000);
    rig.effects = [];
    rig.trip();
    expect(rig.effectsOf('cancel-all')).toHaveLength(3);
    expect(receipt(rig)).toBeNull();
    expect(rig.of('stop.pressed')).toEqual([{ kind: 'stop.pressed', tripId: 1, trigger: 'button', reason: 'test' }]);
    rig.stopCanceled();
    rig.openOrdersSeen([stated('phone', { symbol: 'XRPUSDT' })]);
    expect(rig.effectsOf('cancel-all').at(-1)).toMatchObject({ symbol: 'XRPUSDT' });
    rig.stopCanceled({ kind: 'canceled', orders: [] }, ['XRPUSDT' as never]);
    rig.pass(500);
    rig.openOrdersSeen([]);
    expect(receipt(rig)?.complete).toBe(true);
    const next = rig.restarted().boot();
    next.effects = [];
    next.trip();
    expect(next.effectsOf('cancel-all')).toHaveLength(3);
    emptied(next);
    expect(next.of('stop.receipted')).toHaveLength(3);
  });

  test('a look from before the press proves nothing, and presses in a row put off no receipt', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.trip();
    rig.pass(1000);
    rig.stopCanceled();
    expect(rig.effectsOf('see-open-orders'), 'the look is on its way').toHaveLength(1);
    rig.trip();
    rig.openOrdersSeen([]);
    expect(rig.engine.market.stop?.verifiedEmptyAtMs).toBeNull();
    for (let count = 0; count < 10; count += 1) {
      rig.pass(500);
      rig.trip();
    }
    expect(rig.of('stop.receipted')).toMatchObject([{ receipt: { complete: false, orders: [{ clientOrderId: order }] } }]);
    rig.canceled(order, { kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] });
  });

  test('nor does it after the interim receipt: the cancels of the new press are acknowledged and looked for before it is complete', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    const refused = { kind: 'failed', failure: DOWN } as const;
    rig.trip();
    rig.stopCanceled(refused);
    rig.pass(200);
    rig.openOrdersSeen([stated(order)]);
    rig.pass(4600);
    expect(receipt(rig)).toMatchObject({ complete: false });
    for (let step = 0; step < 60 && rig.engine.market.stop?.verifying !== true; step += 1) rig.pass(100);
    rig.execute(stated(order, { status: 'CANCELED' }));
    rig.trip();
    rig.openOrdersSeen([]);
    rig.pass(100);
    expect(receipt(rig)?.complete ?? false).toBe(false);
    rig.stopCanceled(refused);
    rig.effects = [];
    rig.pass(2000);
    expect(rig.effectsOf('cancel-all').length).toBeGreaterThan(0);
    emptied(rig);
    rig.pass(1000);
    emptied(rig);
    expect(receipt(rig)).toMatchObject({ complete: true });
  });

  test('E3, C9: whoever hammers the key puts off neither the proof nor the receipt, and uses up no request weight', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.trip();
    for (let presses = 0; presses < 8; presses += 1) {
      rig.pass(100);
      expect(rig.engine.dispatch({ kind: 'trip', trigger: 'button', reason: '', positions: null })).toEqual({ kind: 'tripped', tripId: 1 });
    }
    expect(rig.effectsOf('cancel-all')).toHaveLength(3);
    rig.canceled(order, { kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] });
    rig.stopCanceled();
    rig.trip();
    rig.openOrdersSeen([]);
    expect(receipt(rig)?.complete).toBe(true);
    rig.pass(200);
    rig.effects = [];
    rig.trip();
    expect(rig.effectsOf('cancel-all'), 'later it is another wish').toHaveLength(3);
  });

  test('answers of an earlier trip change nothing of this one', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.trip();
    rig.trip('flatten');
    const { stop } = rig.engine.market;
    rig.engine.dispatch({
      kind: 'canceled-all',
      symbol: BTC,
      tripId: 1,
      outcome: { kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] },
    });
    rig.engine.dispatch({ kind: 'open-orders-seen', tripId: 1, result: ok([]) });
    rig.engine.dispatch({ kind: 'account-seen', tripId: 1, askedAtMs: 0, result: ok({ balances: [], canTrade: true }) });
    expect(rig.order(order).status).toBe('CANCELED');
    expect(stop?.symbols.get(BTC)?.acknowledgedAtMs).toBeNull();
    expect(stop?.verifiedEmptyAtMs).toBeNull();
  });
});

describe('flatten (E4)', () => {
  test('sells what the venue says is free, in lots, and leaves the receipt when only dust is left', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.trip('flatten');
    emptied(rig);
    expect(rig.effectsOf('see-account')).toHaveLength(1);
    account(rig, '0.00999876');
    expect(rig.of('order.intended').at(-1)?.order).toMatchObject({
      side: 'SELL',
      type: 'MARKET',
      qty: '0.00999',
      reduceOnly: true,
      origin: 'stop',
    });
    sold(rig, '0.00999');
    expect(receipt(rig)).toMatchObject({
      complete: true,
      positions: [{ symbol: BTC, qtyBefore: '0.01', qtyAfter: '0.00001', outcome: 'dust' }],
    });
  });

  test('goes on while a part is left, and waits longer each time', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.trip('flatten');
    emptied(rig);
    account(rig);
    sold(rig, '0.01', '0.004');
    expect(receipt(rig)).toBeNull();
    rig.effects = [];
    rig.pass(800);
    expect(rig.effectsOf('see-account')).toHaveLength(1);
    rig.engine.dispatch({ kind: 'account-seen', tripId: 1, askedAtMs: 0, result: { ok: false, error: DOWN } });
    rig.pass(1500);
    account(rig, '0.006');
    sold(rig, '0.006');
    expect(receipt(rig)).toMatchObject({ complete: true, positions: [{ outcome: 'flattened', qtyAfter: '0' }] });
  });

  test('a fill that becomes known after the account was seen flat is sold as well', () => {
    const rig = new Rig(HELD).ready();
    const order = rig.rest();
    rig.trip('flatten');
    rig.stopCanceled();
    rig.openOrdersSeen([]);
    account(rig, '0');
    rig.pass(200);
    expect(rig.engine.market.stop?.flatAtMs).not.toBeNull();
    rig.effects = [];
    rig.execute(stated(order, { status: 'FILLED', filledQty: '0.01' }), fillOf('late', '0.01'));
    rig.pass(1000);
    expect(rig.effectsOf('see-account')).toHaveLength(1);
    account(rig, '0.01');
    expect(rig.of('order.intended').at(-1)?.order).toMatchObject({ side: 'SELL', origin: 'stop', qty: '0.01' });
    sold(rig, '0.01');
    rig.pass(200);
    expect(receipt(rig)).toMatchObject({ positions: [{ symbol: BTC, qtyBefore: '0', qtyAfter: '0', outcome: 'flattened' }] });
  });

  test('a position that cannot be sold is named, and is not called flat', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.trip('flatten');
    emptied(rig);
    account(rig, '0');
    rig.pass(5000);
    expect(receipt(rig)).toMatchObject({ complete: false, positions: [{ outcome: 'not-flattened' }] });
    expect(rig.effectsOf('alert').find((alert) => alert.key === 'stop-survivors')?.text).toContain('position BTCUSDT');
  });

  test('a sale that the gate denies is a fact, and is tried again', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.engine.dispatch({
      kind: 'instruments',
      instruments: [...rig.engine.market.instruments.values()].map((one) => ({ ...one, status: 'HALTED' as const })),
    });
    rig.trip('flatten');
    emptied(rig);
    account(rig);
    expect(rig.of('order.denied')).toMatchObject([{ origin: 'stop', denial: { code: 'C12.symbolStatus' } }]);
    expect(rig.engine.market.stop?.unsold.get(BTC)).toContain('not sold: ');
    rig.engine.dispatch({
      kind: 'instruments',
      instruments: [...rig.engine.market.instruments.values()].map((one) => ({ ...one, status: 'TRADING' as const })),
    });
    rig.pass(1000);
    account(rig);
    sold(rig);
    expect(receipt(rig)?.complete).toBe(true);
  });

  test('a position larger than one market order may be is sold in parts', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    const instruments = [...rig.engine.market.instruments.values()].map((one) => ({
      ...one,
      marketLot: { ...one.lot, maxQty: one.lot.minQty.times(600) as never },
    }));
    rig.engine.dispatch({ kind: 'instruments', instruments });
    rig.trip('flatten');
    emptied(rig);
    account(rig);
    expect(rig.of('order.intended').at(-1)?.order.qty).toBe('0.006');
    sold(rig, '0.006');
    rig.pass(1500);
    account(rig, '0.004');
    sold(rig, '0.004');
    expect(receipt(rig)?.complete).toBe(true);
  });

  test('with no quote it is sold all the same', () => {
    const first = new Rig(HELD).ready();
    first.hold();
    const next = first.restarted();
    next.engine.dispatch({ kind: 'session', mode: 'practice', account: 'main', version: 'test' });
    next.engine.dispatch({ kind: 'instruments', instruments: [...first.engine.market.instruments.values()] });
    next.trip('flatten');
    emptied(next);
    account(next);
    expect(next.of('order.intended').at(-1)).toMatchObject({ quote: { bid: '0', ageMs: -1 }, order: { origin: 'stop' } });
  });

  test('a stream statement newer than the question is not overwritten by the answer', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.trip('flatten');
    emptied(rig);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9500')], venueTimeMs: rig.nowMs });
    account(rig);
    expect(rig.engine.state.balances.get('USDT' as never)?.free.toFixed()).toBe('9500');
  });

  test('a name in use is not given to the sale; the next one is', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.trip('flatten');
    emptied(rig);
    rig.execute(
      stated(`hf-bench0-${String(rig.engine.state.seq + 4).padStart(12, '0')}`, { symbol: ETH, status: 'FILLED' }),
      fillOf('x', '0.1'),
    );
    const taken = [...rig.engine.state.orders.keys()].at(-1);
    while (rig.engine.state.seq + 2 < Number(taken?.slice(-12))) rig.engine.dispatch({ kind: 'self-test', items: [] });
    account(rig);
    expect(rig.of('order.denied')).toMatchObject([{ denial: { code: 'GATE_ERROR' } }]);
    rig.pass(1000);
    account(rig);
    expect(sale(rig)).not.toBe('none');
  });

  test('without a journal nothing new is sent: the position is named instead', () => {
    const rig = new Rig({ ...HELD, slowDisk: true }).ready();
    rig.commit();
    rig.hold();
    rig.commit();
    rig.breakDisk();
    rig.trip('flatten');
    emptied(rig);
    account(rig);
    rig.pass(5000);
    expect(sale(rig)).toBe('none');
    expect(receipt(rig)).toMatchObject({
      complete: false,
      positions: [{ outcome: 'not-flattened', why: expect.stringContaining('the journal cannot be written (the disk is full)') }],
    });
    expect(rig.effectsOf('alert').find((alert) => alert.key === 'stop-survivors')?.text).toContain('the disk is full');
  });

  test('coins that are not there are sold by nobody: the books are compared, the position is cut, and the flatten completes', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.pass(100);
    rig.trip('flatten');
    emptied(rig);
    account(rig, '0');
    account(rig, '0');
    expect(rig.effectsOf('see-books')).toMatchObject([{ why: 'the exchange holds less than the positions here' }]);
    rig.reconciled({ balances: [balance('USDT', '9500')] });
    rig.reconciled({ balances: [balance('USDT', '9500')] });
    expect(rig.of('position.corrected')).toMatchObject([{ symbol: BTC, qty: '0' }]);
    expect(receipt(rig)).toMatchObject({ complete: true, positions: [{ qtyBefore: '0.01', qtyAfter: '0' }] });
  });

  test('keep turns into flatten by one more press, as a new trip; the policy may say flatten at once', () => {
    const rig = new Rig(HELD).ready();
    rig.hold();
    rig.trip();
    emptied(rig);
    expect(receipt(rig)?.complete).toBe(true);
    rig.trip('flatten');
    expect(rig.engine.state.stop).toMatchObject({ tripId: 2, policy: 'flatten', generation: 2 });
    emptied(rig);
    account(rig);
    sold(rig);
    expect(receipt(rig)).toMatchObject({ tripId: 2, complete: true });
    const policy = policySchema.parse({ ...NORMAL, emergencyStop: { ...NORMAL.emergencyStop, onTrip: 'flatten' } });
    const byPolicy = new Rig({ ...HELD, policy }).ready();
    byPolicy.trip();
    expect(byPolicy.engine.state.stop.policy).toBe('flatten');
  });
});

describe('a restart while tripped (E6)', () => {
  test('the latch, the trip and its orders survive, and the work goes on before the exchange info is here', () => {
    const rig = new Rig().ready();
    const ended = rig.rest();
    rig.pass(600);
    const open = rig.rest({ symbol: ETH, price: text('2500'), qty: text('0.1') });
    rig.trip();
    rig.stopCanceled({ kind: 'canceled', orders: [stated(ended, { status: 'CANCELED' })] }, [BTC]);
    const next = rig.restarted();
    expect(next.engine.state.stop).toMatchObject({ phase: 'TRIPPED', tripId: 1, generation: 1 });
    next.engine.dispatch({ kind: 'session', mode: 'practice', account: 'main', version: 'test' });
    expect(next.effectsOf('cancel-all').map((effect) => effect.symbol)).toEqual([ETH]);
    expect(next.place()).toMatchObject({ kind: 'denied' });
    next.stopCanceled({ kind: 'canceled', orders: [stated(open, { symbol: ETH, status: 'CANCELED' })] }, [ETH]);
    next.openOrdersSeen([]);
    expect(receipt(next)?.complete).toBe(true);
    expect(receipt(next)?.orders.map((order) => order.clientOrderId)).toEqual([ended, open]);
    expect(receipt(next)?.verifiedEmptyMs).toBeGreaterThanOrEqual(1000);
  });

  test('a trip whose receipt is complete is left alone; one without goes on even with nothing open', () => {
    const rig = new Rig().ready();
    rig.trip();
    const early = rig.restarted().boot();
    expect(early.engine.market.stop?.tripId).toBe(1);
    emptied(rig);
    const late = rig.restarted().boot();
    late.pass(1000);
    expect(late.engine.market.stop).toBeNull();
    expect(late.effectsOf('cancel-all')).toEqual([]);
    expect(late.engine.state.stop.phase).toBe('TRIPPED');
  });

  test('a cool-down ends at its time, over a restart too', () => {
    const rig = new Rig().ready();
    rig.trip();
    emptied(rig);
    rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'all is well', readBackTripId: 1 });
    const next = rig.restarted().ready();
    next.tell({ kind: 'clock', offsetMs: 0, roundTripMs: 1 });
    next.pass(100);
    expect(next.engine.state.stop.phase).toBe('COOLING_DOWN');
    expect(next.place()).toMatchObject({ kind: 'denied' });
    next.nowMs += 15 * 60_000;
    next.monoMs += 15 * 60_000;
    next.pass(100);
    expect(next.engine.state.stop.phase).toBe('ARMED');
    expect(next.place()).toMatchObject({ kind: 'placed' });
  });
});

describe('the reset is a person’s act (E6)', () => {
  test('refused while nothing is tripped, before the receipt, and for another trip’s number', () => {
    const rig = new Rig().ready();
    const reset = (readBackTripId: number) => rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'x', readBackTripId });
    expect(reset(1)).toMatchObject({ kind: 'refused' });
    rig.trip();
    expect(reset(1)).toMatchObject({ kind: 'refused' });
    emptied(rig);
    expect(reset(2)).toMatchObject({ kind: 'refused' });
    expect(reset(1)).toMatchObject({ kind: 'reset', coolDownUntilMs: rig.nowMs + 15 * 60_000 });
    expect(rig.engine.trading().causes[0]).toMatchObject({ code: 'COOLING_DOWN', level: 'REDUCING' });
  });

  test('with survivors named it is allowed, and they are pursued until they are proven gone, over a restart too', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.trip();
    rig.stopCanceled({ kind: 'failed', failure: DOWN });
    rig.pass(1100);
    rig.openOrdersSeen([stated(order), stated('phone', { symbol: 'XRPUSDT' })]);
    rig.pass(4000);
    expect(receipt(rig)?.complete).toBe(false);
    rig.effects = [];
    rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'I know', readBackTripId: 1 });
    const cancels = (one: Rig) => one.effectsOf('cancel').map((effect) => effect.clientOrderId);
    expect(cancels(rig)).toEqual([order, 'phone']);
    rig.canceled(order, { kind: 'failed', failure: DOWN });
    rig.pass(1100);
    expect(cancels(rig)).toEqual([order, 'phone', order, 'phone']);
    rig.canceled(order, { kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] });
    rig.canceled(id('phone'), { kind: 'not-open', text: '' });
    rig.effects = [];
    rig.pass(3000);
    expect(cancels(rig)).toEqual([]);
    const next = rig.restarted().boot();
    next.reconciled({ openOrders: [stated('phone', { symbol: 'XRPUSDT' }), stated('other', { symbol: 'XRPUSDT' })] });
    expect(cancels(next)).toEqual(['phone']);
  });

  test('without a policy the cool-down is the default, and a trip during it is a new one', () => {
    const rig = new Rig();
    rig.engine.dispatch({ kind: 'session', mode: 'practice', account: 'main', version: 'test' });
    rig.trip();
    rig.pass(100);
    rig.openOrdersSeen([]);
    expect(rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'x', readBackTripId: 1 })).toMatchObject({
      coolDownUntilMs: rig.nowMs + 15 * 60_000,
    });
    rig.trip('flatten');
    expect(rig.engine.state.stop).toMatchObject({ phase: 'TRIPPED', tripId: 2, policy: 'flatten' });
  });
});
