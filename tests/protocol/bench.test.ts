// The bench cannot rot: each of its parts still runs and still measures what it says, at sizes whose times mean nothing.
import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { benchFlatness } from '../bench/flatness.ts';
import { benchGate } from '../bench/gate.ts';
import { benchOrderPath } from '../bench/order-path.ts';
import { benchReconcile } from '../bench/reconcile.ts';
import { benchReports } from '../bench/reports.ts';
import { QUICK } from '../bench/sizes.ts';
import { benchStart } from '../bench/start.ts';
import { benchStop } from '../bench/stop.ts';

const isBuilt = existsSync(new URL('../../dist/src-main/headless.js', import.meta.url));
/** Every number in a result, however deep. */
const numbersIn = (value: unknown): number[] =>
  typeof value === 'number' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];

describe('the bench still measures (R)', () => {
  it('orders through the whole core and through ccxt, each to its socket and to its answer', async () => {
    const { ours, ccxt } = await benchOrderPath(QUICK.orderPath);
    for (const times of [ours, ccxt]) {
      expect(times.toSocketMs.median).toBeGreaterThan(0);
      expect(times.acceptedMs.median).toBeGreaterThan(times.toSocketMs.median);
    }
  });

  it('execution reports, none of which is lost on our side', async () => {
    const result = await benchReports(QUICK.reports);
    expect(result).toMatchObject({ reports: 12, oursLost: 0 });
    expect(numbersIn(result).every(Number.isFinite)).toBe(true);
  });

  it('an emergency stop that ends with every order cancelled, the ccxt loop and the floor', async () => {
    const { onWireMs, acknowledgedMs, verifiedEmptyMs, ccxtLoopMs, floorMs } = await benchStop(QUICK.stop);
    // Timers may be early by a part of a millisecond.
    const roundTripMs = QUICK.stop.roundTripMs / 2;
    expect(acknowledgedMs).toBeGreaterThan(roundTripMs);
    expect(floorMs).toBeGreaterThan(roundTripMs);
    expect(ccxtLoopMs).toBeGreaterThan(roundTripMs * QUICK.stop.symbols * QUICK.stop.ordersEach);
    expect(onWireMs).toBeLessThanOrEqual(acknowledgedMs);
    expect(acknowledgedMs).toBeLessThanOrEqual(verifiedEmptyMs);
  });

  it.runIf(isBuilt)('starts of the built console, its memory, and the replay of a journal', async () => {
    const { rssMb, monthRssMb, ...times } = await benchStart(QUICK.start);
    expect(Object.values(times).every((each) => each > 0)).toBe(true);
    expect([rssMb, monthRssMb].every((each) => each === null || each > 0)).toBe(true);
  });

  it('comparisons of the books, the first of which adopts every order', async () => {
    const result = await benchReconcile(QUICK.reconcile);
    expect(result.orders).toBe(6);
    expect(numbersIn(result).every((each) => each > 0)).toBe(true);
    expect(result.decideMs).toBeLessThan(result.compareMs);
  });

  it('the cost of an order among few and many', () => {
    expect(numbersIn(benchFlatness(QUICK.flatness)).every((each) => each > 0)).toBe(true);
  });

  it('the gate', () => {
    expect(numbersIn(benchGate()).every((each) => each > 0)).toBe(true);
  });
});
