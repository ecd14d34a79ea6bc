// B8, BINANCE 4, 5: every way in which a request can go wrong, for every request that changes something. What the adapter says is held
// against what became of it on the exchange: done, not done, or not known; never the wrong one of them.
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Venue } from '../../src-main/venue/port.ts';
import { layCable, type Cable, type Moment } from './venue-cable.ts';
import { BTC, optionsFor, startBench, venueFor, type Bench } from './venue-harness.ts';
import { ACCOUNT, expectNeverWrong, KINDS, on, truthOf, type Action, type Claim } from './venue-kinds.ts';

const FAULTS: readonly (readonly [what: string, action: Action, claim: Claim, happened: boolean])[] = [
  ['dropped before execution', { type: 'drop', stage: 'before', how: 'cut' }, 'unknown', false],
  ['no answer, and not executed', { type: 'drop', stage: 'before', how: 'silent' }, 'unknown', false],
  ['answer lost after execution', { type: 'drop', stage: 'after', how: 'cut' }, 'unknown', true],
  ['no answer after execution', { type: 'drop', stage: 'after', how: 'silent' }, 'unknown', true],
  ['a body that stalls', { type: 'stall' }, 'unknown', true],
  ['500 before', { type: 'status', stage: 'before', status: 500 }, 'unknown', false],
  ['502 after', { type: 'status', stage: 'after', status: 502 }, 'unknown', true],
  ['503 before', { type: 'status', stage: 'before', status: 503 }, 'unknown', false],
  ['504 after', { type: 'status', stage: 'after', status: 504 }, 'unknown', true],
  ['-1000 after', { type: 'error', stage: 'after', code: -1000 }, 'unknown', true],
  ['-1006 after', { type: 'error', stage: 'after', code: -1006 }, 'unknown', true],
  ['-1007 before', { type: 'error', stage: 'before', code: -1007 }, 'unknown', false],
  ['-1007 after', { type: 'error', stage: 'after', code: -1007 }, 'unknown', true],
  ['-1008', { type: 'error', stage: 'before', code: -1008, status: 503 }, 'unknown', false],
  ['a code that no table lists', { type: 'error', stage: 'after', code: -9999 }, 'unknown', true],
  ['an answer later than the deadline', { type: 'delay', delayMs: 400, stage: 'after' }, 'unknown', true],
];

describe.each(KINDS)('$name', (kind) => {
  let bench: Bench;
  let cable: Cable;
  let onCable: Venue;
  let impatient: Venue;
  beforeAll(async () => {
    bench = await startBench({ balances: ACCOUNT });
    impatient = await venueFor(bench.practice, { timings: { restDeadlineMs: 250, emergencyDeadlineMs: 250 } });
    await impatient.clock();
    cable = await layCable(bench.practice.restUrl);
    const { addresses } = optionsFor(bench.practice);
    onCable = await venueFor(bench.practice, { addresses: { ...addresses, restUrl: cable.url } });
    await onCable.clock();
  });
  afterEach(async () => {
    await bench.practice.heal();
    await bench.practice.perform({ op: 'cancelAll', symbol: BTC }).catch(() => undefined); // nothing open: fine
  });
  afterAll(async () => {
    await Promise.all([impatient.close(), onCable.close()]);
    await cable.close();
    await bench.close();
  });

  it('with nothing in the way it is done, and says so', async () => {
    const attempt = await kind.prepare(bench, bench.venue);
    const claims = await attempt.send();
    expect(claims).toEqual(attempt.effects.map(() => 'done'));
    expect(await truthOf(bench, attempt)).toEqual(attempt.effects.map(() => true));
  });

  it.each(FAULTS)('%s', async (_what, action, claim, happened) => {
    const attempt = await kind.prepare(bench, impatient);
    await bench.practice.addFault(on(kind, action, { times: 1 }));
    expect(await attempt.send()).toEqual(attempt.effects.map(() => claim));
    await expect.poll(() => truthOf(bench, attempt)).toEqual(attempt.effects.map(() => happened));
  });

  it.each([
    ['before the request was through', 'unsent', false],
    ['once the request was through', 'arrived', true],
    ['with the answer on its way', 'answered', true],
  ] as const)('the cable pulled %s leaves it unknown', async (_what, moment: Moment, happened) => {
    const attempt = await kind.prepare(bench, onCable);
    cable.pullAt(moment, `${kind.method} ${kind.path}`);
    expect(await attempt.send()).toEqual(attempt.effects.map(() => 'unknown'));
    await expect.poll(() => truthOf(bench, attempt)).toEqual(attempt.effects.map(() => happened));
  });

  it('the exchange’s clock 5 s behind: refused with proof, and the next one after the clock was measured again is done', async () => {
    const attempt = await kind.prepare(bench, bench.venue);
    const from = bench.log.events.length;
    await bench.practice.perform({ op: 'clockSkew', skewMs: -5000 });
    expect(await attempt.send()).toEqual(attempt.effects.map(() => 'not done'));
    expect(await truthOf(bench, attempt)).toEqual(attempt.effects.map(() => false));
    await bench.log.until('clock', ({ offsetMs }) => Math.abs(offsetMs + 5000) < 500, from);
    const again = await kind.prepare(bench, bench.venue);
    expect(await again.send()).toEqual(again.effects.map(() => 'done'));
    await bench.practice.perform({ op: 'clockSkew', skewMs: 0 });
    await bench.venue.clock();
  });

  it('a storm of everything at once: whatever it says is true', async () => {
    const storm: readonly Action[] = FAULTS.map(([, action]) => action);
    for (const [index, action] of storm.entries()) {
      await bench.practice.addFault(on(kind, action, { probability: 0.08, seed: index + 1 }));
    }
    const seen = new Set<Claim>();
    for (let round = 0; round < 6; round++) {
      // Cancel-all of one round must not meet the orders of another.
      const attempts = kind.name === 'cancel-all' ? [await kind.prepare(bench, impatient)] : await Promise.all(Array.from({ length: 4 }, () => kind.prepare(bench, impatient))); // prettier-ignore
      const claims = await Promise.all(attempts.map((attempt) => attempt.send()));
      for (const [index, attempt] of attempts.entries()) {
        expectNeverWrong(claims[index]!, await truthOf(bench, attempt));
        for (const claim of claims[index]!) seen.add(claim);
      }
      await bench.practice.perform({ op: 'cancelAll', symbol: BTC }).catch(() => undefined); // nothing open: fine
    }
    expect(seen.has('unknown')).toBe(true); // it did strike
  });
});
