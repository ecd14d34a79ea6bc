// E3 in foul weather, over real sockets: whatever goes wrong while the stop works, within five seconds every order is cancelled or named
// as perhaps alive, and once the fault is over the exchange is proven empty. The cases and their numbers are the bench's.
import { expect, test } from 'vitest';
import { RECEIPT_DUE_MS, runStopCase, STOP_CASES } from '../bench/stop-faults.ts';

for (const one of STOP_CASES.filter(({ isSlow }) => isSlow !== true)) {
  test(`E3: ${one.name}`, async () => {
    const { first, proof, receiptMs, unnamed, leftOpen } = await runStopCase(one);
    expect(receiptMs, 'the first receipt is in time').toBeLessThan(RECEIPT_DUE_MS);
    expect(unnamed, 'what is open is named').toEqual([]);
    // Fills that go on coming make positions anew: their sale may take longer, and is named then.
    if (one.positions === 'flatten')
      expect(first.complete || first.positions.some(({ outcome }) => outcome === 'not-flattened')).toBe(true);
    else expect(first.complete).toBe(one.survives !== true);
    expect(leftOpen, 'nothing is left').toBe(0);
    expect(proof).toMatchObject({ complete: true, buckets: { orders: 'empty' } });
    expect(proof.orders.filter(({ outcome }) => outcome === 'not-canceled' || outcome === 'unknown')).toEqual([]);
    if (one.positions === 'flatten') expect(new Set(proof.positions.map(({ outcome }) => outcome))).toEqual(new Set(['flattened']));
  }, 90_000);
}
