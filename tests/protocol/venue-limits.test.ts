// C9, Q10: a 429 or 418 proves that the request was not carried out, whichever it was, and nothing follows it before its time.
import { describe, expect, it } from 'vitest';
import { approved, BTC, nextId, startBench } from './venue-harness.ts';
import { ACCOUNT, KINDS, on, QUICK, truthOf } from './venue-kinds.ts';

it('an order does not wait for the end of a hold, not even one that only reduces: a stop may come before; a cancel does (C9, E1)', async () => {
  const bench = await startBench();
  await bench.practice.addFault({
    match: { channel: 'rest', method: 'POST' },
    action: { type: 'limit', status: 429, retryAfterS: 1 },
    times: 1,
  });
  await bench.venue.submit(approved());
  const startedMs = performance.now();
  for (const outcome of [
    bench.venue.submit(approved({ reduceOnly: true })),
    bench.venue.replace(approved({ reduceOnly: true }), nextId()),
  ]) {
    expect(JSON.stringify(await outcome)).toContain('nothing was sent');
  }
  expect(performance.now() - startedMs).toBeLessThan(500);
  expect(await bench.venue.cancelAll(BTC, 'emergency')).toMatchObject({ kind: 'not-open' });
  await bench.close();
});

describe.each(KINDS)('a limit that the venue imposes on $name (C9)', (kind) => {
  it.each([429, 418] as const)('%i: not done, and it holds what follows without asking the venue again', async (status) => {
    const bench = await startBench({ balances: ACCOUNT }, { timings: QUICK });
    const attempt = await kind.prepare(bench, bench.venue);
    const next = await kind.prepare(bench, bench.venue);
    await bench.practice.addFault(on(kind, { type: 'limit', status, retryAfterS: 60 }));
    expect(await attempt.send()).toEqual(attempt.effects.map(() => 'not done'));
    expect(await next.send()).toEqual(next.effects.map(() => 'not done'));
    expect(await truthOf(bench, attempt)).toEqual(attempt.effects.map(() => false));
    const [rule] = await bench.practice.faults();
    expect(rule?.struck).toBe(1); // the second one never left
    await bench.close();
  });
});
