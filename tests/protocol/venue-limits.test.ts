// C9, Q10: a 429 or 418 proves that the request was not carried out, whichever it was, and nothing follows it before its time.
import { describe, expect, it } from 'vitest';
import { startBench } from './venue-harness.ts';
import { ACCOUNT, KINDS, on, QUICK, truthOf } from './venue-kinds.ts';

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
