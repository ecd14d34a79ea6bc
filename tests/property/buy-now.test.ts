// What the safety page says of a buy is what the gate does with it (C, M): whatever the moment, the largest that it names is let through
// where it says so, and one step more is too much for the very limit that it names.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { money, qty, toText } from '../../src-shared/domain/money.ts';
import { buyNow } from '../../src-main/safety/buy-now.ts';
import { judge } from '../../src-main/safety/gate.ts';
import type { GatePicture } from '../../src-main/safety/picture.ts';
import {
  ACTIVE,
  BTC,
  free,
  HALTED,
  inFlight,
  instrument,
  marketBuy,
  picture,
  policy,
  quote,
  REDUCING,
  text,
  TRIPPED,
} from '../unit/safety/pictures.ts';

const cents = (most: number) => fc.integer({ min: 0, max: most * 100 }).map((value) => new Decimal(value).div(100).toFixed(2));
/** Calm in most things, so that many a buy passes, and each thing now and then otherwise. */
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: other });
const now = fc.record({
  trading: mostly(fc.constant(ACTIVE), fc.constantFrom(REDUCING, HALTED, TRIPPED)),
  ask: fc.integer({ min: 100, max: 20_000_000 }).map((ticks) => new Decimal(ticks).div(100)),
  usdt: mostly(cents(3_000), fc.oneof(cents(50), cents(1_000_000))),
  equity: mostly<string | null>(fc.constant('11500'), fc.oneof(fc.constant(null), cents(500), cents(100_000))),
  dayLoss: mostly<string | null>(fc.constant('12.34'), fc.oneof(fc.constant(null), cents(600))),
  stands: mostly<string | null>(cents(800), fc.oneof(fc.constant(null), cents(4_000))),
  maxOrder: mostly(
    fc.constant('1000'),
    cents(2_000).filter((value) => Number(value) >= 10),
  ),
  trades: mostly(fc.constant(3), fc.integer({ min: 90, max: 101 })),
  step: mostly(fc.constantFrom('0.00001', '0.001'), fc.constantFrom('0.1', '0.003')),
  ageMs: mostly(fc.constant(10), fc.constantFrom(4_999, 5_001)),
});
type Now = typeof now extends fc.Arbitrary<infer T> ? T : never;

const pictureOf = ({ trading, ask, usdt, equity, dayLoss, stands, maxOrder, trades, step, ageMs }: Now): GatePicture => {
  const held = stands === null ? null : money(stands);
  return picture({
    trading,
    quote: quote(ask.minus('0.01').toFixed(2), ask.toFixed(2), { ageMs, last: null }),
    free: free({ USDT: usdt, BTC: '1' }),
    inFlight: inFlight(),
    equityUsdt: equity === null ? null : money(equity),
    dayLossUsdt: dayLoss === null ? null : money(dayLoss),
    exposure: { symbolUsdt: held, totalUsdt: held, largest: null },
    tradesToday: trades,
    policy: policy({ maxOrderNotionalUsdt: text(maxOrder) }),
    instrument: instrument({ lot: { minQty: qty(step), maxQty: qty('9000'), stepQty: qty(step) } }),
  });
};

it('is the gate’s own answer at the largest, and one step more breaks the limit that is named', () => {
  let passed = 0;
  let refused = 0;
  fc.assert(
    fc.property(now, (moment) => {
      const at = pictureOf(moment);
      const { verdict, largest, denial, noSales, forbids } = buyNow(BTC, 'window', at);
      const judged = (size: string) => judge(marketBuy(size), 'window', at);
      const denies = (size: string): readonly string[] =>
        judged(size).readings.flatMap(({ limit, reading }) => (reading.verdict === 'deny' ? [limit.id] : []));
      expect(noSales === null).toBe(moment.trading.level !== 'HALTED');
      expect(denial === null).toBe(verdict === 'pass');
      if (verdict === 'pass') expect(largest).not.toBeNull();
      if (largest === null) return;
      if (verdict === 'pass') passed += 1;
      else refused += 1;
      expect(judged(largest.qty).verdict).toBe(verdict);
      expect(forbids.map(({ id }) => id)).toEqual(denies(largest.qty));
      expect(forbids.map(({ id }) => id)).not.toContain(largest.cappedBy.id);
      expect(denies(toText(new Decimal(largest.qty).plus(moment.step)))).toContain(largest.cappedBy.id);
    }),
    { numRuns: 400, seed: 4 },
  );
  expect(passed).toBeGreaterThan(30);
  expect(refused).toBeGreaterThan(30);
});
