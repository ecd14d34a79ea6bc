// Protection when things go wrong (B5, Q11, E, B8): refusals, lost answers, crashes between any two steps, stops; who is told, and what
// becomes of the position.
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
const MISSING = 'BTCUSDT has no working protection';
const protectionOf = () => desk.sim.engine.state.protections.get(BTC);
const noneSent = () => desk.sim.factsOf('list.intended').length === 0;

describe('the price is beyond it already', () => {
  test('a price that fell through the stop before it was placed sells at market, and says so', async () => {
    await up();
    desk.sim.faults.latencyMs = [100, 100];
    desk.placed({ qty: '0.01', exits: BOTH });
    await desk.pass(120);
    desk.price('48900');
    await desk.pass(2000);
    expect(desk.positionQty()).toBe('0');
    expect(desk.sells()).toEqual([]);
    const alert = desk.sim.alerts.find(({ title }) => title === 'BTCUSDT is being sold at market');
    expect(alert).toMatchObject({
      severity: 'danger',
      // Not the alarm's own, which is held to one a minute.
      key: 'protection-sale:BTCUSDT',
      text: expect.stringContaining('beyond its stop 49000') as string,
    });
    expect(noneSent()).toBe(true);
  });

  test('a price above the take profit sells at market as well', async () => {
    await up();
    desk.sim.faults.latencyMs = [100, 100];
    desk.placed({ qty: '0.01', exits: BOTH });
    await desk.pass(120);
    desk.price('52100');
    await desk.pass(2000);
    expect(desk.positionQty()).toBe('0');
    expect(desk.sim.alerts.find(({ title }) => title === 'BTCUSDT is being sold at market')?.text).toContain(
      'beyond its take profit 52000',
    );
  });

  test('a price that falls while the pair is on its way: the exchange refuses it, and the position is sold', async () => {
    await up();
    await desk.bought('0.01', undefined);
    desk.sim.faults.latencyMs = [100, 100];
    desk.protect(BOTH);
    desk.price('48900');
    await desk.pass(3000);
    expect(desk.sim.factsOf('order.rejected')[0]?.text).toMatch(/trigger immediately|relationship/);
    expect(desk.sim.factsOf('list.intended')).toHaveLength(1);
    expect(desk.positionQty()).toBe('0');
  });

  test('on an old quote the exchange is the judge: what it refuses as beyond is sold', async () => {
    await up();
    await desk.bought('0.01', undefined);
    desk.sim.engine.dispatch({ kind: 'trip', trigger: 'button', reason: 'test', positions: 'keep-positions' });
    desk.protect(BOTH);
    desk.sim.faults.silentMarkets = new Set([BTC]);
    await desk.pass(8000);
    desk.price('48900');
    desk.sim.engine.dispatch({ kind: 'reset', by: 'me', why: 'test', readBackTripId: 1 });
    await desk.pass(3000);
    expect(desk.positionQty()).toBe('0');
    expect(desk.sim.alerts.find(({ title }) => title === 'BTCUSDT is being sold at market')?.text).toContain('The exchange says');
  });

  test('an exchange that takes no orders is asked less and less often, and again when it takes them', async () => {
    await up();
    await desk.bought('0.01', undefined);
    desk.sim.core.setSymbolStatus(BTC, 'HALT');
    desk.protect(BOTH);
    await desk.pass(10_000);
    const tries = desk.sim.factsOf('list.intended').length;
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThan(7);
    expect(desk.titles()).toContain(MISSING);
    desk.sim.core.setSymbolStatus(BTC, 'TRADING');
    await desk.pass(16_000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
  });
});

describe('a plan is refused with words', () => {
  test.each([
    ['a stop above the price', { stopLoss: '50100' }, 'would sell at once'],
    ['a take profit below the price', { takeProfit: '49900' }, 'would sell at once'],
    ['a price between two ticks', { stopLoss: '49000.005' }, 'between two ticks: 49000 and 49000.01'],
    ['a stop that stands and trails', { stopLoss: '49000', trailingDeltaBps: 100 }, 'one of the two'],
    ['a trail of no whole basis points', { trailingDeltaBps: 0.5 }, 'basis points'],
    ['nothing at all', {}, 'a stop loss, a trailing stop or a take profit'],
    ['what is no price', { stopLoss: '-1' }, 'no price above 0'],
  ])('%s', async (_what, plan, words) => {
    await up();
    await desk.bought('0.01', undefined);
    expect(desk.protect(plan)).toMatchObject({
      kind: 'denied',
      denial: { code: 'BAD_REQUEST', text: expect.stringContaining(words) as string },
    });
    expect(protectionOf()).toBeUndefined();
  });

  test('no position, or one that is too small', async () => {
    await up();
    expect(desk.protect(STOP)).toMatchObject({ kind: 'denied', denial: { text: 'There is no position in BTCUSDT to protect.' } });
    await desk.bought('0.01', undefined);
    desk.placed({ side: 'SELL', qty: '0.00995', reduceOnly: true });
    await desk.pass(1000);
    expect(desk.protect(STOP)).toMatchObject({ kind: 'denied', denial: { text: expect.stringContaining('too small') as string } });
  });
});

describe('nothing works', () => {
  test('while an order is in doubt nothing else is placed; the alarm fires after 3 s, and is taken back with the gap (L4)', async () => {
    await up();
    await desk.bought('0.01', undefined);
    desk.sim.faults.deadSymbols = new Set([BTC]);
    desk.protect(BOTH);
    await desk.pass(2500);
    expect(desk.titles()).not.toContain(MISSING);
    expect(desk.view()).toMatchObject({ status: 'placing' });
    await desk.pass(3000);
    expect(desk.titles()).toContain(MISSING);
    expect(desk.view()).toMatchObject({
      status: 'missing',
      missingSinceMs: expect.any(Number) as number,
      text: expect.stringContaining('in doubt') as string,
    });
    expect(desk.sim.factsOf('list.intended')).toHaveLength(1);
    desk.sim.faults.deadSymbols = new Set();
    await desk.pass(40_000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.sim.alerts.at(-1)).toMatchObject({ severity: 'good', key: 'protection:BTCUSDT', title: 'BTCUSDT is protected again' });
    expect(desk.sim.factsOf('protection.missing')).toHaveLength(1);
    expect(desk.view().lastGapMs).toBeGreaterThan(5000);
    expect(desk.view()).toMatchObject({ status: 'working', missingSinceMs: null });
  });

  test('without the policy to close it the alarm is repeated, with it the position is sold after the grace period', async () => {
    await up({ policy: { protection: { graceSeconds: 10 } } });
    await desk.bought('0.01', undefined);
    desk.place({ side: 'SELL', type: 'LIMIT', price: '50900', qty: '0.00999', reduceOnly: true });
    desk.protect(STOP);
    await desk.pass(35_000);
    expect(desk.titles().filter((title) => title === MISSING)).toHaveLength(4);
    expect(desk.sim.alerts.findLast(({ title }) => title === MISSING)?.text).toContain('Orders of your own sell 0.00999 of it');
    expect(desk.positionQty()).toBe('0.00999');
  });

  test('a position without any plan is sold after the grace period where the policy closes what is unprotected', async () => {
    await up({ policy: { protection: { graceSeconds: 10, closeUnprotected: true } } });
    await desk.bought('0.01', undefined);
    expect(desk.view()).toMatchObject({ status: 'none', text: expect.stringContaining('sells it at market after 10 s') as string });
    await desk.pass(4000);
    expect(desk.view()).toMatchObject({ status: 'missing', text: expect.stringContaining('no plan') as string });
    expect(desk.sim.alerts.at(-1)?.text).toContain('sold at market after 10 s');
    await desk.pass(8000);
    expect(desk.positionQty()).toBe('0');
    expect(desk.titles()).toContain('BTCUSDT is being sold at market');
    expect(desk.sim.alerts.at(-1)).toMatchObject({ severity: 'good', title: 'BTCUSDT is closed' });
  });

  test('a plan in time keeps it', async () => {
    await up({ policy: { protection: { graceSeconds: 10, closeUnprotected: true } } });
    await desk.bought('0.01', undefined);
    await desk.pass(5000);
    desk.protect(STOP);
    await desk.pass(15_000);
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 @ 49000']);
    expect(desk.titles()).not.toContain('BTCUSDT is being sold at market');
  });
});

describe('the emergency stop', () => {
  test('takes the protection down with everything, shows it missing, and it is back after the reset', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.sim.engine.dispatch({ kind: 'trip', trigger: 'button', reason: 'test', positions: 'keep-positions' });
    await desk.pass(5000);
    expect(desk.sells()).toEqual([]);
    expect(desk.view()).toMatchObject({
      status: 'missing',
      text: expect.stringContaining('Trading is halted: Emergency stop 1') as string,
    });
    expect(desk.titles()).toContain(MISSING);
    expect(desk.sim.engine.dispatch({ kind: 'reset', by: 'me', why: 'test', readBackTripId: 1 })).toMatchObject({ kind: 'reset' });
    await desk.pass(2000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.view()).toMatchObject({ status: 'working', missingSinceMs: null });
  });

  test('that flattens is not disturbed', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.sim.engine.dispatch({ kind: 'trip', trigger: 'button', reason: 'test', positions: 'flatten' });
    await desk.pass(5000);
    expect(desk.positionQty()).toBe('0');
    expect(desk.sells()).toEqual([]);
    expect(desk.sim.engine.state.stop.receipt?.complete).toBe(true);
  });
});

describe('a crash', () => {
  test('between the pair on the wire and its answer: it is found, and no second one is placed', async () => {
    await up();
    await desk.bought('0.01', undefined);
    desk.sim.faults.lostAfter = 1;
    desk.protect(BOTH);
    await desk.pass(9);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    desk.sim.faults.lostAfter = 0;
    await desk.restart();
    await desk.pass(3000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.sim.factsOf('list.intended')).toHaveLength(1);
    expect(desk.view().status).toBe('working');
  });

  test('before the pair was on the wire: it is proven absent, and placed anew', async () => {
    await up();
    await desk.bought('0.01', undefined);
    desk.sim.faults.partition = true;
    desk.protect(BOTH);
    await desk.pass(10);
    desk.sim.faults.partition = false;
    await desk.restart();
    await desk.pass(30_000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.sim.factsOf('list.intended')).toHaveLength(2);
  });

  test('after a cancel was written down and before it was sent: it is sent again', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.sim.faults.partition = true;
    desk.protect({ stopLoss: '48500', takeProfit: '53000' });
    await desk.pass(10);
    expect(desk.sim.factsOf('cancel.requested')).toHaveLength(2);
    desk.sim.faults.partition = false;
    await desk.restart();
    await desk.pass(8000);
    expect(desk.sells()).toEqual(['LIMIT_MAKER 0.00999 @ 53000', 'STOP_LOSS 0.00999 @ 48500']);
  });

  test('after the cancel and before the new pair: it is placed', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.protect({ stopLoss: '48500', takeProfit: '53000' });
    desk.sim.core.cancelAllOpen(ACCOUNT, BTC, desk.sim.time.trueMs());
    await desk.restart();
    await desk.pass(3000);
    expect(desk.sells()).toEqual(['LIMIT_MAKER 0.00999 @ 53000', 'STOP_LOSS 0.00999 @ 48500']);
  });

  test('while the entry rests: what filled meanwhile is guarded by its exits, whose plan is known again', async () => {
    await up();
    desk.placed({ type: 'LIMIT', price: '49900', qty: '0.01', exits: BOTH });
    await desk.pass(500);
    desk.sim.crash(1);
    desk.price('49850');
    await desk.pass(2000);
    await desk.sim.start();
    await desk.pass(2000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.view()).toMatchObject({ status: 'working', planOrigin: 'window' });
  });

  test('while a market entry is on its way: what it bought is protected after the start', async () => {
    await up();
    desk.placed({ qty: '0.01', exits: STOP });
    await desk.pass(5);
    await desk.restart();
    await desk.pass(2000);
    expect(desk.positionQty()).toBe('0.00999');
    expect(desk.sells()).toEqual(['STOP_LOSS 0.00999 @ 49000']);
  });

  test('while the stop triggers: the position is found closed, and nothing is placed for it', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.sim.crash(1);
    desk.price('48990');
    await desk.pass(2000);
    await desk.sim.start();
    await desk.pass(3000);
    expect(desk.positionQty()).toBe('0');
    expect(desk.sells()).toEqual([]);
    expect(desk.sim.factsOf('list.intended')).toHaveLength(1);
  });

  test('with protection missing: the gap goes on over the restart, on the wall clock', async () => {
    await up();
    await desk.bought('0.01', BOTH);
    desk.sim.engine.dispatch({ kind: 'trip', trigger: 'button', reason: 'test', positions: 'keep-positions' });
    await desk.pass(5000);
    await desk.restart(20_000);
    desk.sim.engine.dispatch({ kind: 'reset', by: 'me', why: 'test', readBackTripId: 1 });
    await desk.pass(2000);
    expect(desk.sells()).toEqual(pairOf('0.00999'));
    expect(desk.view().missingSinceMs).toBeNull();
    // Told missing 3 s after the stop, then 2 s and the 20 s of the restart.
    expect(desk.view().lastGapMs).toBeGreaterThanOrEqual(22_000);
  });
});
