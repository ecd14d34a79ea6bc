// C9, Q10: a 429 or 418 proves that the request was not carried out, whichever it was, and nothing follows it before its time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { approved, BTC, nextId, ocoFor, otocoFor, startBench, venueFor, type Bench } from './venue-harness.ts';
import { ACCOUNT, KINDS, on, truthOf } from './venue-kinds.ts';

it('however much is sent at once, the venue never has to refuse it: a list counts as many orders as it holds (Q10, BINANCE 3)', async () => {
  const limits = { ordersPer10s: 30, weightPerMinute: 900 };
  const bench = await startBench({ balances: ACCOUNT, limits }, { weightCeiling: 700, emergencyReserve: 200 });
  expect((await bench.venue.instruments([BTC])).ok).toBe(true); // which states the limits
  const sent = { done: 0, held: 0 };
  for (let round = 0; round < 5; round++) {
    const lists = await Promise.all([ocoFor, otocoFor, ocoFor, otocoFor].map((make) => make(bench.practice)));
    const placing = [
      ...lists.map((list) => bench.venue.submitList(list)),
      ...Array.from({ length: 4 }, () => bench.venue.submit(approved())),
      ...Array.from({ length: 4 }, async () => (await bench.venue.replace(approved({ reduceOnly: true }), nextId())).placed),
    ];
    const asking = Array.from({ length: 8 }, () => bench.venue.account('normal'));
    for (const outcome of await Promise.all(placing)) {
      if (outcome.kind === 'rejected') expect([-1003, -1015]).not.toContain(outcome.code);
      sent[outcome.kind === 'rejected' && !outcome.sent ? 'held' : 'done'] += 1;
    }
    for (const answer of await Promise.all(asking)) if (!answer.ok) expect(answer.error.kind).toBe('budget');
    await bench.venue.cancelAll(BTC, 'emergency');
  }
  expect(sent.done).toBeGreaterThan(8);
  expect(sent.held).toBeGreaterThan(8);
  expect(bench.log.of('budget').filter(({ budget }) => budget.holdUntilMs !== null)).toEqual([]);
  await bench.close();
});

it('an order does not wait for the end of a hold, not even one that only reduces: a stop may come before; a cancel does (C9, E1)', async () => {
  const bench = await startBench();
  await bench.practice.addFault({
    match: { channel: 'rest', method: 'POST' },
    action: { type: 'limit', status: 429, retryAfterS: 2 },
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
  expect(performance.now() - startedMs).toBeLessThan(1500);
  expect(await bench.venue.cancelAll(BTC, 'emergency')).toMatchObject({ kind: 'not-open' });
  await bench.close();
});

describe('a limit that the venue imposes (C9)', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench({ balances: ACCOUNT });
  });
  afterAll(() => bench.close());

  it.each(KINDS.flatMap((kind) => [429, 418].map((status) => [kind.name, status, kind] as const)))(
    'on %s, %i: not done, and what follows is held without asking the venue again',
    async (_name, status, kind) => {
      const venue = await venueFor(bench.practice); // its hold is its own
      const [attempt, next] = [await kind.prepare(bench, venue), await kind.prepare(bench, venue)];
      await bench.practice.addFault(on(kind, { type: 'limit', status: status === 429 ? 429 : 418, retryAfterS: 60 }));
      expect(await attempt.send()).toEqual(attempt.effects.map(() => 'not done'));
      expect(await next.send()).toEqual(next.effects.map(() => 'not done'));
      expect(await truthOf(bench, attempt)).toEqual(attempt.effects.map(() => false));
      expect((await bench.practice.faults()).map(({ struck }) => struck)).toEqual([1]); // the second one never left
      await bench.practice.heal();
      await venue.close();
    },
  );
});
