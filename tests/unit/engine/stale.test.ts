// What has waited too long (B9): entries are cancelled with the reason, ended orders leave memory after a day, and a replay agrees.
import { describe, expect, test } from 'vitest';
import { Replica } from '../../../src-main/engine/replica.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { balance, DOWN, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { replayed, stateText } from '../../support/state-text.ts';
import { BTC, ETH } from '../../support/sim.ts';

const HOUR_MS = 3_600_000;
const policy = { ...NORMAL, order: { ...NORMAL.order, staleEntryHours: 2 } };
const RICH = [balance('USDT', '10000'), balance('BTC', '0.01')];

/** Hours go by, seen as a few ticks: the machine slept, or nothing happened. */
const hours = (rig: Rig, count: number): void => {
  rig.nowMs += count * HOUR_MS - 100;
  rig.monoMs += count * HOUR_MS - 100;
  rig.pass(100);
};

describe('stale entries (B9)', () => {
  test('an entry that has been open for too long is cancelled, with the reason; a younger one is not', () => {
    const rig = new Rig({ policy }).ready();
    const old = rig.rest();
    hours(rig, 1.5);
    const young = rig.rest({ symbol: ETH, qty: text('0.2'), price: text('2500') });
    rig.effects = [];
    hours(rig, 0.6);
    expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).toEqual([old]);
    expect(rig.of('cancel.requested')).toEqual([
      { kind: 'cancel.requested', clientOrderId: old, origin: 'policy', why: 'open for more than 2 h without being filled whole' },
    ]);
    expect(rig.order(young).cancelRequested).toBe(false);
  });

  test('a cancel that failed is sent again a minute later, not sooner', () => {
    const rig = new Rig({ policy }).ready();
    const old = rig.rest();
    hours(rig, 2.1);
    rig.canceled(old, { kind: 'failed', failure: DOWN });
    rig.effects = [];
    rig.pass(30_000);
    expect(rig.effectsOf('cancel')).toEqual([]);
    rig.pass(31_000);
    expect(rig.effectsOf('cancel')).toHaveLength(1);
  });

  test('a list whose entry is stale is cancelled in one request; exits, sells and orders from elsewhere are left', () => {
    const rig = new Rig({ policy, balances: RICH }).ready();
    rig.hold();
    rig.pass(600);
    const sale = rig.rest({ side: 'SELL', qty: text('0.004'), price: text('50500') });
    const ids = rig.restBracket({ symbol: ETH, qty: text('0.2'), price: text('2500'), exits: { stopLoss: text('2480') } });
    rig.execute(stated('phone', { symbol: ETH, qty: '0.1', price: '2400' }));
    rig.effects = [];
    hours(rig, 2.1);
    const cancels = rig.effectsOf('cancel').filter((effect) => effect.symbol === ETH || effect.clientOrderId === sale);
    expect(cancels.map((effect) => effect.clientOrderId)).toEqual([ids[0]]);
    expect(rig.of('cancel.requested').map((fact) => fact.clientOrderId)).toEqual(ids.slice(0, 2));
  });

  test('a pair of buys is cancelled once', () => {
    const rig = new Rig({ policy }).ready();
    const pair = rig.listed(rig.placeOco({ side: 'BUY', price: text('49500'), stopPrice: text('50500') }));
    for (const clientOrderId of pair) rig.engine.dispatch({ kind: 'sent', clientOrderId });
    rig.effects = [];
    hours(rig, 2.1);
    expect(rig.effectsOf('cancel')).toHaveLength(1);
  });
});

describe('ended orders leave memory (B9)', () => {
  const ended = (rig: Rig) => {
    const order = rig.rest({ price: text('49800') });
    rig.execute(stated(order, { status: 'CANCELED' }));
    rig.pass(600);
    return order;
  };

  test('a day after their end, at the next hourly look; a replay forgets the same at the same fact', () => {
    const rig = new Rig().ready();
    const gone = ended(rig);
    const list = rig.restBracket({ price: text('49700') });
    for (const one of list) rig.execute(stated(one, { status: 'CANCELED' }));
    hours(rig, 23);
    ended(rig);
    expect(rig.engine.state.orders.has(gone)).toBe(true);
    hours(rig, 2);
    const kept = ended(rig);
    expect(rig.engine.state.orders.has(gone)).toBe(false);
    expect(rig.engine.state.orders.has(list[0])).toBe(false);
    expect(rig.engine.state.lists.size).toBe(0);
    expect(rig.engine.state.orders.has(kept)).toBe(true);
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('an order that is still open stays, however old', () => {
    const rig = new Rig({ policy: { ...NORMAL, order: { ...NORMAL.order, staleEntryHours: 720 } } }).ready();
    const open = rig.rest({ symbol: ETH, qty: text('0.2'), price: text('2500') });
    hours(rig, 60);
    ended(rig);
    expect(rig.engine.state.orders.has(open)).toBe(true);
  });

  test('a clock that stepped far back does not put it off', () => {
    const rig = new Rig().ready();
    ended(rig);
    const before = rig.engine.state.prunedAtMs;
    rig.nowMs -= 90 * 24 * HOUR_MS;
    ended(rig);
    expect(rig.engine.state.prunedAtMs).toBeLessThan(before);
  });

  test('a replica loses the same rows', () => {
    const rig = new Rig().ready();
    const gone = ended(rig);
    const clock = { nowMs: () => rig.nowMs, monoMs: () => rig.monoMs };
    const replica = new Replica(rig.engine, clock, () => ({ version: '', venue: '', shell: 'none', startedAtMs: 0 }) as never);
    replica.flush();
    expect(Object.keys(replica.snapshot().view.orders)).toContain(gone);
    const seen = rig.facts.length;
    hours(rig, 25);
    ended(rig);
    replica.note(rig.facts.slice(seen));
    const delta = replica.flush();
    expect(delta?.changes.filter(([section, , value]) => section === 'orders' && value === null).map(([, key]) => key)).toEqual([gone]);
  });
});

describe('an order of many fills (R)', () => {
  test('counts each trade once, however many there are', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    for (let trade = 1; trade <= 40; trade += 1) {
      const filledQty = (trade * 0.0002).toFixed(4);
      for (let again = 0; again < 2; again += 1)
        rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty }), fillOf(`t${trade}`, '0.0002'));
      rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty }), fillOf('t1', '0.0002'));
    }
    expect(rig.order(order).fills).toHaveLength(40);
    expect(rig.engine.state.positions.get(BTC)?.qty.toFixed()).toBe('0.008');
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('is guarded after its first part, and its burst once at the next tick', () => {
    const rig = new Rig({ balances: RICH }).ready();
    const order = rig.rest();
    const fill = (part: number): void =>
      rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty: (part * 0.001).toFixed(3) }), fillOf(`p${part}`, '0.001'));
    fill(1);
    rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan: { stopLoss: text('49500') }, origin: 'cli' });
    rig.pass(600);
    const guards = () => rig.effectsOf('submit').filter(({ order: one }) => one.origin === 'protection');
    const [guard] = guards();
    expect(guard?.order.qty).toBe('0.001');
    rig.engine.dispatch({ kind: 'sent', clientOrderId: guard?.order.clientOrderId as never });
    rig.answer(guard?.order.clientOrderId as never, {
      kind: 'accepted',
      order: stated(guard?.order.clientOrderId ?? '', { side: 'SELL', qty: '0.001' }),
      fills: [],
    });
    rig.pass(600);
    for (const part of [2, 3, 4, 5]) fill(part);
    rig.pass(1500);
    expect(rig.effectsOf('replace').map(({ order: one }) => one.qty)).toEqual(['0.005']);
  });
});
