// Same seed, same tape (issue 2, section 2): however the synthetic market is stepped.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import { INSTRUMENTS } from '../../src-main/practice/core/instruments.ts';
import type { CoreEvent } from '../../src-main/practice/core/types.ts';
import { REGIMES } from '../../src-main/practice/feeds/feed.ts';
import { SyntheticMarket } from '../../src-main/practice/feeds/synthetic.ts';

const T0 = 1_700_000_000_000;
const END_MS = T0 + 12_000;

function tape(seed: number, steps: readonly number[], switchAtMs: number, regime: (typeof REGIMES)[number]): CoreEvent[] {
  const core = new ExchangeCore({ instruments: INSTRUMENTS.slice(0, 2), accounts: [], nowMs: T0 });
  const events: CoreEvent[] = [];
  core.onEvent((event) => events.push(event));
  const market = new SyntheticMarket({ instruments: INSTRUMENTS.slice(0, 2), seed, startMs: T0, historyMinutes: 1 });
  let nowMs = T0;
  let next = 0;
  market.advanceTo(nowMs, core);
  while (nowMs < END_MS) {
    const target = Math.min(END_MS, nowMs + (steps[next++ % steps.length] ?? 1));
    if (nowMs < switchAtMs && target >= switchAtMs) {
      market.advanceTo(switchAtMs, core);
      market.setRegime(regime);
    }
    nowMs = target;
    market.advanceTo(nowMs, core);
  }
  return events;
}

const steps = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 20 });

it('the same seed and regime switch give the same tape, whatever the steps', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      steps,
      steps,
      fc.integer({ min: T0 + 1, max: END_MS }),
      fc.constantFrom(...REGIMES),
      (seed, a, b, at, regime) => {
        expect(tape(seed, a, at, regime)).toEqual(tape(seed, b, at, regime));
      },
    ),
    { numRuns: 25 },
  );
});

it('different seeds give different tapes', () => {
  expect(tape(1, [1000], END_MS, 'thin')).not.toEqual(tape(2, [1000], END_MS, 'thin'));
});
