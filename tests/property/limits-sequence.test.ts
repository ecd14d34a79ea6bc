// No sequence of commands passes a limit (issue 4, section 7; REQUIREMENTS C, C14, Q2): orders of every kind, lists, replacements, cancels,
// protection, fills, orders in doubt, deposits, policy changes, stops, steps of the clock and new days, through the real engine. After each
// decision books that share nothing with the gate work out every limit anew, with all that is on its way filled at its worst.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { policySchema } from '../../src-shared/policy/schema.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { LimitsDesk, LOT, SYMBOLS, TICK } from '../support/limits-desk.ts';
import type { DeskOrder } from '../support/limits-desk.ts';
import { WIDE } from '../support/wide.ts';

/** Every limit is near: a handful of orders is enough to reach it. */
const NARROW: Policy = policySchema.parse({
  ...WIDE,
  limits: { ...WIDE.limits, maxDailyLossUsdt: '60', maxDailyTrades: 12, maxPositions: 2, coolDownAfterLosses: 2 },
  exposure: {
    ...WIDE.exposure,
    maxPositionPct: '25',
    maxSymbolPct: '26',
    maxStrategyPct: '40',
    maxTotalPct: '42',
    maxNetDirectionPct: '41',
    maxPositionValueUsdt: '2000',
  },
});

const TIGHTER: readonly ((policy: Policy) => Policy)[] = [
  (policy) => ({ ...policy, limits: { ...policy.limits, maxDailyTrades: 6 } }),
  (policy) => ({ ...policy, limits: { ...policy.limits, maxOrderNotionalUsdt: '700' as DecimalText } }),
  (policy) => ({ ...policy, limits: { ...policy.limits, maxDailyLossUsdt: '20' as DecimalText } }),
  (policy) => ({ ...policy, exposure: { ...policy.exposure, maxPositionPct: '15' as DecimalText } }),
  (policy) => ({ ...policy, limits: { ...policy.limits, maxPositions: 1 } }),
];

const KINDS = [
  'limit buy',
  'market buy',
  'amount',
  'stop buy',
  'stop-limit buy',
  'bracket',
  'guarded buy',
  'limit sale',
  'market sale',
  'stop sale',
  'oco',
] as const;
const place = fc.record({
  do: fc.constant('place' as const),
  kind: fc.constantFrom(...KINDS),
  symbol: fc.nat(2),
  /** Of an order: percent of 1000 USDT; of a sale: percent of what is held. */
  size: fc.constantFrom(9, 11, 30, 60, 95, 100, 101),
  bps: fc.constantFrom(-201, -199, -50, -5, 5, 50, 199, 201),
  /** Whether the exchange answers at once, and fills. */
  answer: fc.constantFrom('nothing', 'accept', 'fill', 'lose'),
});
const pick = fc.nat(7);
const command = fc.oneof(
  { weight: 40, arbitrary: place },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      pick,
      how: fc.constantFrom('accept', 'accept', 'accept', 'refuse', 'lose'),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('fill' as const), pick, percent: fc.constantFrom(30, 100, 100), doubtful: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('expire' as const), pick }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('prove' as const), pick, reached: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), pick }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('replace' as const),
      pick,
      size: fc.constantFrom(10, 95, 101),
      bps: fc.constantFrom(-50, 0, 50),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('market' as const), symbol: fc.nat(2), bps: fc.integer({ min: -300, max: 300 }) }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(100, 400, 500, 1100) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('silence' as const),
      back: fc.boolean(),
      ms: fc.constantFrom(4900, 5100, 10_100, 3_600_000, 86_400_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('clock' as const), ms: fc.constantFrom(-3_600_000, 900_000, 3_600_000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('money' as const), usdt: fc.constantFrom(-1500, -300, 300, 2000) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('policy' as const), which: fc.nat(TIGHTER.length - 1) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('trip' as const, 'reset' as const, 'reset' as const, 'reset' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('budget' as const),
      usedWeight: fc.constantFrom(1, 4999, 5000),
      orderCount10s: fc.constantFrom(0, 89, 90),
      holdMs: fc.constantFrom(0, 0, 700),
    }),
  },
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

const text = (value: Decimal): DecimalText => value.toFixed() as DecimalText;
const oneOf = <T>(list: readonly T[], at: number): T | undefined => list[at % Math.max(1, list.length)];

const order = (desk: LimitsDesk, { kind, symbol: at, size, bps }: Extract<Command, { do: 'place' }>): void => {
  const symbol = SYMBOLS[at]!;
  const mid = desk.mids[symbol]!;
  const near = (off: number): Decimal =>
    mid
      .times(10_000 + off)
      .div(10_000)
      .div(TICK)
      .floor()
      .times(TICK);
  const lots = (qty: Decimal): DecimalText => text(qty.div(LOT).floor().times(LOT));
  const bought = lots(new Decimal(size).times(10).div(near(bps)));
  const held = desk.rig.engine.state.positions.get(symbol)?.qty ?? new Decimal('0.01');
  const sold = lots(held.times(size).div(100));
  const buy = { symbol, side: 'BUY', qty: bought } as const;
  const sale = { symbol, side: 'SELL', qty: sold } as const;
  const limit = { type: 'LIMIT', price: text(near(bps)) } as const;
  const exits = { stopLoss: text(near(-400)), takeProfit: text(near(400)) };
  const away = Math.abs(bps);
  const none = { price: undefined };
  switch (kind) {
    case 'limit buy':
      return void desk.rig.place({ ...buy, ...limit });
    case 'market buy':
      return void desk.rig.place({ ...buy, ...none, type: 'MARKET' });
    case 'amount':
      return void desk.rig.place({
        symbol,
        side: 'BUY',
        type: 'MARKET',
        ...none,
        qty: undefined,
        quoteQty: text(new Decimal(size).times(10)),
      });
    case 'stop buy':
      return void desk.rig.place({ ...buy, ...none, type: 'STOP_LOSS', stopPrice: text(near(away)) });
    case 'stop-limit buy':
      return void desk.rig.place({ ...buy, type: 'STOP_LOSS_LIMIT', price: text(near(2 * away)), stopPrice: text(near(away)) });
    case 'bracket':
      return void desk.rig.place({ ...buy, ...limit, price: text(near(-away)), exits });
    case 'guarded buy':
      return void desk.rig.place({ ...buy, ...none, type: 'MARKET', exits });
    case 'limit sale':
      return void desk.rig.place({ ...sale, ...limit });
    case 'market sale':
      return void desk.rig.place({ ...sale, ...none, type: 'MARKET' });
    case 'stop sale':
      return void desk.rig.place({ ...sale, ...none, type: 'STOP_LOSS', stopPrice: text(near(-away)) });
    case 'oco':
      return void desk.rig.placeOco({ symbol, side: 'SELL', qty: sold, price: text(near(away)), stopPrice: text(near(-away)) });
  }
};

const apply = (desk: LimitsDesk, one: Command): void => {
  const { rig } = desk;
  const resting = desk.resting();
  const picked = (list: readonly DeskOrder[], at: number, then: (found: DeskOrder) => void): void => {
    const found = oneOf(list, at);
    if (found !== undefined) then(found);
  };
  switch (one.do) {
    case 'place':
      order(desk, one);
      desk.work();
      if (one.answer !== 'nothing') picked(desk.unanswered(), 0, (found) => desk.answer(found, one.answer === 'lose' ? 'lose' : 'accept'));
      if (one.answer === 'fill') picked(desk.resting(), 0, (found) => desk.fill(found, 100));
      if (one.answer === 'fill') desk.pass(500);
      break;
    case 'answer':
      picked(desk.unanswered(), one.pick, (found) => desk.answer(found, one.how as 'accept'));
      break;
    case 'fill':
      picked(one.doubtful ? desk.inDoubt() : resting, one.pick, (found) => desk.fill(found, one.percent));
      break;
    case 'expire':
      picked(resting, one.pick, (found) => desk.expire(found));
      break;
    case 'prove':
      picked(desk.inDoubt(), one.pick, (found) => desk.prove(found, one.reached));
      break;
    case 'cancel':
      picked(resting, one.pick, ({ id }) => void rig.engine.dispatch({ kind: 'cancel', clientOrderId: id, origin: 'cli' }));
      break;
    case 'replace':
      picked(resting, one.pick, ({ id, symbol, buys }) => {
        const price = desk.mids[symbol]!.times(10_000 + one.bps)
          .div(10_000)
          .div(TICK)
          .floor()
          .times(TICK);
        const qty = new Decimal(one.size).times(10).div(price).div(LOT).floor().times(LOT);
        rig.replace(id, { price: text(price), ...(buys ? { qty: text(qty) } : {}) });
      });
      break;
    case 'market':
      desk.move(SYMBOLS[one.symbol]!, one.bps);
      break;
    case 'pass':
      desk.pass(one.ms);
      break;
    case 'silence':
      desk.silence(one.ms);
      if (one.back) desk.pass(200);
      break;
    case 'clock':
      desk.silence(0, one.ms);
      break;
    case 'money':
      desk.moveMoney(new Decimal(one.usdt));
      break;
    case 'policy':
      desk.policy = TIGHTER[one.which]!(desk.policy);
      rig.engine.dispatch({ kind: 'policy-asked', policy: desk.policy, by: 'trader', why: 'tighter' });
      break;
    case 'trip':
      rig.trip();
      break;
    case 'reset':
      rig.engine.dispatch({ kind: 'reset', by: 'trader', why: 'on with it', readBackTripId: rig.engine.state.stop.tripId });
      // The cool-down passes too, or every later order would die of it.
      desk.silence(900_000);
      desk.pass(1100);
      break;
    case 'budget':
      desk.tellBudget({
        usedWeight: one.usedWeight,
        orderCount10s: one.orderCount10s,
        holdUntilMs: one.holdMs === 0 ? null : rig.nowMs + one.holdMs,
      });
      break;
  }
  desk.work();
};

describe('no sequence of commands', () => {
  test('passes a limit', { timeout: 300_000 }, () => {
    let openings = 0;
    const denied = new Set<string>();
    fc.assert(
      fc.property(fc.array(command, { minLength: 20, maxLength: 80, size: 'max' }), (commands) => {
        const desk = new LimitsDesk(NARROW, '5000');
        for (const one of commands) apply(desk, one);
        openings += desk.openings;
        for (const { denial } of desk.rig.of('order.denied')) denied.add(denial.code);
      }),
      { numRuns: 60 },
    );
    // It would mean little if hardly anything were opened, or if the limits were never reached.
    expect(openings).toBeGreaterThan(60);
    expect([...denied]).toEqual(
      expect.arrayContaining(['C1.maxOrderNotional', 'C2.priceDeviation', 'C10.symbolInterval', 'C6.positionsTotal']),
    );
  });
});
