// A wall clock that is set while something is under way (BINANCE 5, B8, I): what is a duration in one process is measured on the monotonic
// clock. A step forth proves nothing early, a step back leaves nothing in doubt for longer; over a restart the cautious side is taken.
import { describe, expect, test } from 'vitest';
import { ok } from '../../../src-shared/errors/result.ts';
import { ordersToAskFor } from '../../../src-main/reconcile/diff.ts';
import { changedAtMs, provableAtMs, steadyMs } from '../../../src-main/engine/steady.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { Sim } from '../../support/sim.ts';
import { WIDE } from '../../support/wide.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';

const HOUR_MS = 3_600_000;
const now = (rig: Rig): number => steadyMs(rig.engine.market, rig);
/** The venue is asked now, and says that it knows no such order. */
const absent = (rig: Rig, id: ClientOrderId): void => rig.queried(id, { kind: 'absent' }, [], now(rig));

describe.each([
  ['forth', 20_000],
  ['back', -HOUR_MS],
])('a wall clock that steps %s', (_way, stepMs) => {
  test('while an order is in doubt proves its absence no sooner and no later', () => {
    const rig = new Rig().ready();
    const id = rig.send();
    rig.lose(id);
    rig.nowMs += stepMs;
    rig.pass(14_000);
    absent(rig, id);
    expect(rig.order(id).status).toBe('UNKNOWN');
    rig.pass(1100);
    absent(rig, id);
    expect(rig.order(id).status).toBe('REJECTED');
  });

  test('proves no sooner and no later that an order which the exchange had taken is gone', () => {
    const rig = new Rig().ready();
    const id = rig.rest();
    rig.nowMs += stepMs;
    rig.pass(14_000);
    absent(rig, id);
    expect(rig.engine.state.openOrders.has(id)).toBe(true);
    rig.pass(1100);
    absent(rig, id);
    expect(rig.engine.state.openOrders.has(id)).toBe(false);
  });

  test('does not date again what only went on being in doubt', () => {
    const rig = new Rig().ready();
    const id = rig.send();
    rig.lose(id);
    const dueAtMs = provableAtMs(rig.order(id));
    rig.pass(1000);
    rig.nowMs += stepMs;
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: id, origin: 'cli' });
    expect(rig.order(id)).toMatchObject({ status: 'UNKNOWN', cancelRequested: true });
    expect(provableAtMs(rig.order(id))).toBe(dueAtMs);
  });

  test('makes no answer newer than what the stream said after the question', () => {
    const rig = new Rig().ready();
    const askedAtMs = now(rig);
    rig.nowMs += stepMs;
    rig.pass(100);
    const { state } = rig.engine;
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9000')], venueTimeMs: rig.nowMs });
    rig.engine.dispatch({
      kind: 'account-seen',
      tripId: null,
      askedAtMs,
      result: ok({ canTrade: true, balances: [balance('USDT', '1')] }),
    });
    expect(state.balances.get('USDT' as never)?.free.toFixed()).toBe('9000');
    rig.pass(100);
    const later = { kind: 'account-seen', tripId: null, askedAtMs: now(rig) } as const;
    rig.engine.dispatch({ ...later, result: ok({ canTrade: true, balances: [balance('USDT', '8000')] }) });
    expect(state.balances.get('USDT' as never)?.free.toFixed()).toBe('8000');
  });

  test('keeps a comparison from judging an order that was sent after its question', () => {
    const rig = new Rig().ready();
    const askedAtMs = now(rig);
    rig.nowMs += stepMs;
    rig.pass(100);
    const id = rig.send();
    rig.lose(id);
    rig.reconciled({ queries: new Map([[id, { kind: 'absent' }]]) }, askedAtMs);
    expect(rig.order(id).status).toBe('UNKNOWN');
  });

  test('while the console is off: absence is proof once nothing sent before can be on its way any more', () => {
    const rig = new Rig().ready();
    const id = rig.send();
    rig.lose(id);
    const next = rig.restarted();
    next.nowMs += stepMs;
    next.ready();
    next.pass(15_000);
    absent(next, id);
    expect(next.order(id).status).toBe('UNKNOWN');
    next.pass(1100);
    absent(next, id);
    expect(next.order(id).status).toBe('REJECTED');
  });
});

test.each([2 * HOUR_MS, -HOUR_MS])(
  'a wall clock set by %i ms ends no cool-down of losses or of a reset early, and none late (C13, E6)',
  (stepMs) => {
    const policy = {
      ...WIDE,
      limits: { ...WIDE.limits, coolDownAfterLosses: 1, coolDownMinutes: 10 },
      emergencyStop: { ...WIDE.emergencyStop, coolDownMinutes: 5 },
    };
    const rig = new Rig({ policy, balances: [balance('USDT', '9500'), balance('BTC', '0.01')] }).ready();
    rig.hold();
    rig.pass(600);
    const sale = rig.rest({ side: 'SELL' });
    rig.execute(stated(sale, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('sale', '0.01', { price: '49900' }));
    rig.trip();
    rig.stopCanceled();
    rig.openOrdersSeen([]);
    rig.pass(6000);
    rig.engine.dispatch({ kind: 'reset', by: 'ann', why: 'go on', readBackTripId: rig.engine.state.stop.tripId });
    expect(rig.engine.state.stop.phase).toBe('COOLING_DOWN');
    rig.nowMs += stepMs;
    rig.pass(290_000);
    expect(rig.engine.state.stop.phase).toBe('COOLING_DOWN');
    rig.pass(11_000);
    expect(rig.engine.state.stop.phase).toBe('ARMED');
    expect(rig.place()).toMatchObject({ kind: 'denied', denial: { text: expect.stringContaining('losses in a row') as string } });
    rig.pass(300_000);
    expect(rig.place().kind).toBe('placed');
  },
);

test.each([
  ['ahead', HOUR_MS],
  ['behind', -HOUR_MS],
])('a wall clock that is far %s at a start neither ends nor stretches the cool-down of a reset (E6)', (_way, offMs) => {
  const rig = new Rig().ready();
  rig.trip();
  rig.stopCanceled();
  rig.openOrdersSeen([]);
  rig.pass(200);
  rig.engine.dispatch({ kind: 'reset', by: 'ann', why: 'go on', readBackTripId: 1 });
  const next = rig.restarted();
  next.nowMs += offMs;
  next.boot();
  next.pass(1000);
  next.tell({ kind: 'clock', offsetMs: -offMs, roundTripMs: 1 });
  next.pass(1000);
  expect(next.engine.state.stop.phase).toBe('COOLING_DOWN');
  // The system's own time service puts it right.
  next.nowMs -= offMs;
  next.tell({ kind: 'clock', offsetMs: 0, roundTripMs: 1 });
  next.pass(14 * 60_000);
  expect(next.engine.state.stop.phase).toBe('COOLING_DOWN');
  next.pass(60_000);
  expect(next.engine.state.stop.phase).toBe('ARMED');
});

test('an order that a clock far ahead dated before a restart is asked for all the same', () => {
  const rig = new Rig().ready();
  rig.nowMs += HOUR_MS;
  const id = rig.rest();
  const next = rig.restarted();
  next.nowMs -= HOUR_MS;
  next.boot();
  expect(ordersToAskFor(next.engine.state, [], now(next)).map(({ clientOrderId }) => clientOrderId)).toEqual([id]);
  next.reconciled({ queries: new Map([[id, { kind: 'absent' }]]) });
  expect(next.engine.state.openOrders.has(id)).toBe(true);
});

test('an order is dated with those that its fact changes: a list whole, and what is replaced with what replaces it', () => {
  const rig = new Rig().ready();
  const resting = rig.rest();
  rig.pass(1000);
  rig.nowMs += HOUR_MS;
  expect(rig.replace(resting, { price: text('49990') }).kind).toBe('placed');
  expect(changedAtMs(rig.order(resting))).toBe(now(rig));
  rig.pass(1000);
  const other = new Rig().ready();
  other.nowMs += HOUR_MS;
  for (const id of other.sendBracket()) expect(changedAtMs(other.order(id))).toBe(now(other));
});

test.each([20_000, -HOUR_MS])(
  'a hold by the exchange is kept, and no longer, when the wall clock steps by %i ms meanwhile (C9, Q10)',
  async (stepMs) => {
    const sim = await new Sim().start();
    const ask = async (): Promise<void> => {
      sim.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
      await sim.time.pass(1000);
    };
    sim.far.throttleFor(429, 8000);
    await ask();
    expect(sim.engine.market.budget?.holdUntilMs).not.toBeNull();
    sim.time.setWall(stepMs, 0);
    for (let asked = 0; asked < 6; asked += 1) await ask();
    expect(sim.far.offences).toEqual([]);
    const untilMs = sim.engine.market.budget?.holdUntilMs ?? 0;
    expect(untilMs - sim.time.nowMs()).toBeGreaterThan(0);
    expect(untilMs - sim.time.nowMs()).toBeLessThanOrEqual(2000);
    await sim.time.pass(2500);
    expect(sim.engine.market.budget?.holdUntilMs).toBeNull();
    const before = sim.factsOf('reconciled').length;
    await sim.until('the books are compared again', () => sim.factsOf('reconciled').length > before, 120_000);
    expect(sim.far.offences).toEqual([]);
  },
);
