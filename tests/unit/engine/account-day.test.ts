// Days and marks in time (C4, D): they rest on two looks that agree, at a settled account and a right clock, whatever restart, sleep and
// the setting of the clock do to the day.
import { describe, expect, test } from 'vitest';
import { dayLossOf, equityOf } from '../../../src-main/engine/equity.ts';
import { balance, Rig, text } from '../../support/engine-rig.ts';
import { BTC, ETH } from '../../support/sim.ts';
import { stateText } from '../../support/state-text.ts';

const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** START_MS is nine in the morning of 2026-11-03 (UTC). */
const MIDNIGHT_MS = Date.UTC(2026, 10, 4);

/** 0.2 BTC held from before at about 50 000: equity of 20 000 that moves with the price. */
const held = { balances: [balance('USDT', '10000'), balance('BTC', '0.2')] };
const days = (rig: Rig): readonly string[] => rig.of('day.opened').map(({ dayUtc }) => dayUtc);
const marks = (rig: Rig): readonly string[] => rig.of('equity.marked').map(({ equityUsdt }) => equityUsdt);

/** Time passes with BTC at this price in each tick. */
const passAt = (rig: Rig, price: number, durationMs: number): void => {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 100) {
    rig.nowMs += 100;
    rig.monoMs += 100;
    for (const stream of ['market', 'user'] as const) rig.tell({ kind: 'alive', stream });
    rig.tell({ kind: 'quote', symbol: BTC, bid: text(String(price - 1)), ask: text(String(price + 1)) });
    rig.engine.dispatch({ kind: 'tick' });
  }
};
const replayed = (rig: Rig): void => expect(stateText(new Rig({ replay: rig.facts }).engine.state)).toBe(stateText(rig.engine.state));

describe('a mark of equity', () => {
  test('is made of two looks a second apart, and once a minute', () => {
    const rig = new Rig(held).ready();
    expect(marks(rig)).toEqual([]);
    rig.pass(900);
    expect(marks(rig)).toEqual([]);
    rig.pass(300);
    expect(marks(rig)).toEqual(['20000']);
    expect(rig.engine.state.risk).toMatchObject({ dayUtc: '2026-11-03', weekUtc: '2026-11-02' });
    rig.pass(MINUTE_MS - 1000);
    expect(marks(rig)).toHaveLength(1);
    rig.pass(2200);
    expect(marks(rig)).toHaveLength(2);
    replayed(rig);
  });

  test('comes at once at a high or a low that matters, at the lower of the two looks', () => {
    const rig = new Rig(held).ready();
    rig.pass(1200);
    passAt(rig, 50_400, 3000);
    expect(marks(rig)).toEqual(['20000']);
    passAt(rig, 50_600, 2200);
    expect(marks(rig)).toEqual(['20000', '20120']);
    passAt(rig, 49_900, 3000);
    expect(marks(rig)).toEqual(['20000', '20120', '19980']);
    expect(rig.engine.state.risk.peakUsdt?.toFixed()).toBe('20120');
  });

  test('a quote that is wrong for a moment marks nothing: two looks must agree', () => {
    const rig = new Rig(held).ready();
    rig.pass(1200);
    for (let count = 0; count < 5; count += 1) {
      passAt(rig, 60_000, 100);
      passAt(rig, 50_000, 900);
    }
    expect(marks(rig)).toEqual(['20000']);
  });

  test('one wrong quote that stands for seconds is one look: it makes no peak, and so nothing trips when it is gone (D)', () => {
    const rig = new Rig(held).ready();
    passAt(rig, 50_000, 1200);
    rig.tell({ kind: 'quote', symbol: BTC, bid: text('64999'), ask: text('65001') });
    for (let passedMs = 0; passedMs < 4000; passedMs += 100) {
      rig.nowMs += 100;
      rig.monoMs += 100;
      for (const stream of ['market', 'user'] as const) rig.tell({ kind: 'alive', stream });
      rig.engine.dispatch({ kind: 'tick' });
    }
    passAt(rig, 50_000, 5000);
    expect(marks(rig)).toEqual(['20000']);
    expect(rig.engine.state.risk.peakUsdt?.toFixed()).toBe('20000');
    // Told anew by the market, it is the market.
    passAt(rig, 65_000, 2200);
    expect(marks(rig)).toEqual(['20000', '23000']);
  });

  test('waits while a balance is not explained, and while nobody has compared the books', () => {
    const rig = new Rig(held).boot();
    rig.pass(3000);
    expect(marks(rig)).toEqual([]);
    const ready = new Rig(held).ready();
    ready.tell({ kind: 'balances', entries: [balance('USDT', '12000')], venueTimeMs: ready.nowMs });
    ready.pass(3000);
    expect(marks(ready)).toEqual([]);
    ready.tell({ kind: 'balance-moved', asset: 'USDT' as never, delta: text('2000'), venueTimeMs: ready.nowMs });
    ready.pass(2200);
    // The deposit is no profit: it moves the peak with it.
    expect(marks(ready)).toEqual(['22000']);
    expect(dayLossOf(ready.engine.state, equityOf(ready.engine.state, ready.engine.market))?.toFixed()).toBe('0');
  });

  test('waits for a price of everything that counts, and for a balance that the facts know of', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('ETH', '1')] }).ready();
    rig.pass(1200);
    expect(marks(rig)).toEqual(['12500']);
    rig.tell({ kind: 'balances', entries: [balance('ETH', '0')], venueTimeMs: rig.nowMs });
    rig.pass(2 * MINUTE_MS);
    expect(marks(rig)).toHaveLength(1);
    expect(rig.engine.state.positions.has(ETH)).toBe(false);
  });
});

describe('a day', () => {
  test('jumping three days ahead (sleep) opens one day, with what the account is worth then', () => {
    const rig = new Rig(held).ready();
    rig.pass(1200);
    rig.nowMs += 3 * DAY_MS;
    passAt(rig, 48_000, 2200);
    expect(days(rig)).toEqual(['2026-11-03', '2026-11-06']);
    expect(rig.of('day.opened').at(-1)?.equityUsdt).toBe('19600');
    expect(rig.engine.state.risk).toMatchObject({ dayUtc: '2026-11-06' });
    expect(rig.engine.state.risk.dayPeakUsdt?.toFixed()).toBe('19600');
    expect(rig.engine.state.risk.weekPeakUsdt?.toFixed()).toBe('20000');
    replayed(rig);
  });

  test('a clock that steps back two hours over midnight opens none, and forgets no trade and no loss', () => {
    const rig = new Rig(held).ready();
    rig.nowMs = MIDNIGHT_MS;
    rig.pass(1200);
    passAt(rig, 45_000, 1200);
    const loss = () => dayLossOf(rig.engine.state, equityOf(rig.engine.state, rig.engine.market))?.toFixed();
    expect(loss()).toBe('1000');
    rig.nowMs -= 2 * HOUR_MS;
    passAt(rig, 45_000, 2200);
    expect(days(rig)).toEqual(['2026-11-03', '2026-11-04']);
    expect(loss()).toBe('1000');
    expect(rig.engine.state.risk).toMatchObject({ dayUtc: '2026-11-04' });
    rig.nowMs += 2 * HOUR_MS;
    passAt(rig, 45_000, 2200);
    expect(days(rig)).toEqual(['2026-11-03', '2026-11-04']);
    expect(rig.engine.state.risk.dayPeakUsdt?.toFixed()).toBe('20000');
  });

  test('a restart a second before midnight: the day turns once, in the new session', () => {
    const rig = new Rig(held).ready();
    rig.nowMs = MIDNIGHT_MS - 1500;
    rig.pass(500);
    const next = new Rig({ ...held, replay: rig.facts });
    next.nowMs = MIDNIGHT_MS - 1000;
    next.monoMs = 0;
    next.ready();
    expect(next.engine.state.day).toMatchObject({ dayUtc: '2026-11-03' });
    expect(next.engine.trading().level).toBe('ACTIVE');
    next.pass(2200);
    expect(next.engine.state.day).toMatchObject({ dayUtc: '2026-11-04' });
    expect(next.engine.state.risk).toMatchObject({ dayUtc: '2026-11-04' });
    expect(days(next)).toEqual(['2026-11-04']);
    next.pass(3 * MINUTE_MS);
    expect(days(next)).toEqual(['2026-11-04']);
  });

  test('a clock that its user set a day ahead begins no day and marks nothing: the loss of today stays', () => {
    const rig = new Rig(held).ready();
    rig.tell({ kind: 'clock', offsetMs: 0, roundTripMs: 1 });
    rig.pass(1200);
    const before = marks(rig).length;
    rig.nowMs += DAY_MS;
    rig.pass(3 * MINUTE_MS);
    expect(days(rig)).toEqual(['2026-11-03']);
    expect(marks(rig)).toHaveLength(before);
    // Measured again, it is known to be wrong; set right, everything goes on.
    rig.tell({ kind: 'clock', offsetMs: -DAY_MS, roundTripMs: 1 });
    rig.pass(MINUTE_MS);
    expect(days(rig)).toEqual(['2026-11-03']);
    rig.nowMs -= DAY_MS;
    rig.tell({ kind: 'clock', offsetMs: 0, roundTripMs: 1 });
    rig.pass(2 * MINUTE_MS);
    expect(days(rig)).toEqual(['2026-11-03']);
    expect(marks(rig).length).toBeGreaterThan(before);
  });

  test('after a sleep that the monotonic clock slept through, the day turns with the next measurement of the clock', () => {
    const rig = new Rig(held).ready();
    rig.tell({ kind: 'clock', offsetMs: 0, roundTripMs: 1 });
    rig.nowMs += DAY_MS;
    rig.pass(1200);
    expect(days(rig)).toEqual(['2026-11-03']);
    rig.tell({ kind: 'clock', offsetMs: 20, roundTripMs: 1 });
    rig.pass(1200);
    expect(days(rig)).toEqual(['2026-11-03', '2026-11-04']);
  });
});
