// The gate against an independent judge (REQUIREMENTS C, Q2): the same order and moment, judged here in whole numbers with formulas of
// its own. What the gate lets pass exceeds no limit, and what exceeds none it lets pass; what only reduces is trapped by C14 alone.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { amount, money, price, qty } from '../../src-shared/domain/money.ts';
import type { OrderRequest } from '../../src-shared/domain/order.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import { isAbove, isAtLeast, isAtMost, isPositive } from '../../src-main/safety/compare.ts';
import { judge, preview } from '../../src-main/safety/gate.ts';
import type { GatePicture } from '../../src-main/safety/picture.ts';
import { floorToStep, isOnStep, rulesOf } from '../../src-main/safety/rules.ts';
import { BTC, inFlight, instrument, picture, policy, quote, REDUCING, text } from '../unit/safety/pictures.ts';

/** Whole numbers of 10^-5: every price, quantity and amount below is a multiple of it. */
const UNIT = 100_000n;
const plain = (units: bigint): string => `${units / UNIT}.${String(units % UNIT).padStart(5, '0')}`;
const near = (edge: number, spread: number) => fc.bigInt({ min: BigInt(Math.max(0, edge - spread)), max: BigInt(edge + spread) });
const mostly = <T>(usual: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: other });

/** A moment around the edges of NORMAL. Money, prices and quantities in units; the mark is about 50 000. */
const moments = fc.record({
  kind: fc.constantFrom('limit buy', 'limit sell', 'market buy', 'market sell', 'amount' as const),
  // Prices on the tick of 0.01, a few off it.
  price: fc.oneof(
    { weight: 8, arbitrary: near(5_000_000, 110_000).map((ticks) => ticks * 1000n) },
    { weight: 1, arbitrary: near(5_000_000_000, 110_000_000) },
  ),
  qty: fc.oneof(near(2_000, 60), near(200, 20), near(1_000, 900)),
  spend: fc.oneof(near(100_000_000, 3_000_000), near(10_000_000, 300_000), near(50_000_000, 100)),
  bid: mostly(4_999_900_000n, near(4_999_900_000, 120_000_000)),
  spread: mostly(200_000n, near(0, 250_000_000)),
  usdt: mostly(1_000_000_000n, near(100_000_000, 10_000_000)),
  btc: mostly(10_000n, near(1_000, 900)),
  held: mostly(10_000n, near(1_000, 900)),
  selling: mostly(0n, near(500, 500)),
  unlockedUsdt: mostly(0n, near(5_000_000, 5_000_000)),
  loss: mostly(0n, near(50_000_000, 200_000)),
  opening: mostly(1_000_000_000n, near(1_000_000_000, 10_000_000)),
  trades: mostly(0, fc.integer({ min: 97, max: 101 })),
  unfilled: mostly(0, fc.integer({ min: 0, max: 3 })),
  others: mostly(0, fc.integer({ min: 3, max: 6 })),
  opens: mostly(0, fc.integer({ min: 0, max: 2 })),
  has: fc.boolean(),
  resting: mostly(0, fc.integer({ min: 198, max: 201 })),
  weight: mostly(10, fc.integer({ min: 4998, max: 5001 })),
  count10s: mostly(1, fc.integer({ min: 88, max: 91 })),
  lastSecond: mostly(0, fc.integer({ min: 3, max: 6 })),
  sinceLastMs: mostly(5000, fc.integer({ min: 498, max: 502 })),
  ageMs: mostly(10, fc.integer({ min: 4998, max: 5002 })),
  silenceMs: mostly(10, fc.integer({ min: 9998, max: 10_002 })),
  holdMs: mostly(0, fc.integer({ min: -2, max: 2 })),
  reducing: mostly(false, fc.boolean()),
  standing: mostly(0n, near(20_000_000, 20_000_000)),
  elsewhere: mostly(0n, near(500_000_000, 30_000_000)),
  equity: mostly(1_000_000_000n, near(1_000_000_000, 100_000_000)),
  losses: mostly(0, fc.integer({ min: 1, max: 5 })),
  sinceLossMs: mostly(5_000_000, fc.integer({ min: 1_799_998, max: 1_800_002 })),
  /** The smallest order of the venue, in units. */
  least: mostly(500_000n, near(50_000_000, 49_000_000)),
});
type Moment = typeof moments extends fc.Arbitrary<infer T> ? T : never;

const requestOf = (m: Moment): OrderRequest => {
  const side = m.kind.endsWith('sell') ? 'SELL' : 'BUY';
  if (m.kind === 'amount') return { symbol: BTC, side, type: 'MARKET', quoteQty: text(plain(m.spend)) };
  const size = text(plain(m.qty));
  return m.kind.startsWith('limit')
    ? { symbol: BTC, side, type: 'LIMIT', qty: size, price: text(plain(m.price)) }
    : { symbol: BTC, side, type: 'MARKET', qty: size };
};

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, at) => `${prefix}${at}` as SymbolId);
const pictureOf = (m: Moment): GatePicture => {
  const balances = new Map([
    ['USDT', amount(plain(m.usdt))],
    ['BTC', amount(plain(m.btc))],
  ]);
  return picture({
    ...(m.reducing ? { trading: REDUCING } : {}),
    policy: NORMAL,
    nowMs: 1_000_000,
    exposure: { symbolUsdt: money(plain(m.standing)), totalUsdt: money(plain(m.standing + m.elsewhere)), largest: null },
    equityUsdt: money(plain(m.equity)),
    lossesInRow: m.losses,
    lastLossAtMs: m.losses === 0 ? null : 1_000_000 - m.sinceLossMs,
    instrument: instrument({
      notional: { minUsdt: money(plain(m.least)), applyMinToMarket: true, maxUsdt: money('9000000'), applyMaxToMarket: false },
    }),
    quote: quote(plain(m.bid), plain(m.bid + m.spread), { ageMs: m.ageMs }),
    position: { qty: qty(plain(m.held)) },
    positionSymbols: new Set([...names(m.others, 'P'), ...(m.has ? [BTC] : [])]),
    free: (asset) => balances.get(asset) ?? null,
    inFlight: inFlight({
      ordersOfSymbol: m.resting,
      sellQtyOfSymbol: qty(plain(m.selling)),
      openingSymbols: new Set(names(m.opens, 'O')),
      unfilledOrders: m.unfilled,
      unlockedQuoteUsdt: money(plain(m.unlockedUsdt)),
    }),
    dayLossUsdt: money(plain(m.loss)),
    dayOpeningEquityUsdt: money(plain(m.opening)),
    tradesToday: m.trades,
    ordersLastSecond: m.lastSecond,
    lastOrderOfSymbolAtMs: 1_000_000 - m.sinceLastMs,
    userAliveAtMs: 1_000_000 - m.silenceMs,
    budget: {
      usedWeight: m.weight,
      weightLimit: 6000,
      orderCount10s: m.count10s,
      orderLimit10s: 100,
      orderCount1d: 50,
      orderLimit1d: 200_000,
      holdUntilMs: 1_000_000 + m.holdMs,
    },
  });
};

/** Products of two quantities in units are in UNIT², of a factor in hundredths more; each comparison brings both sides to one scale. */
const violated = (m: Moment): readonly string[] => {
  const found: string[] = [];
  const rule = (name: string, holds: boolean) => holds || found.push(name);
  const [buys, limit] = [!m.kind.endsWith('sell'), m.kind.startsWith('limit')];
  const ask = m.bid + m.spread;
  const at = limit ? m.price : buys ? ask : m.bid;
  const U2 = UNIT * UNIT;
  // In UNIT² · 100 (percent of the worst price).
  const likely = (m.kind === 'amount' ? m.spend * UNIT : m.qty * at) * 100n;
  const worst = m.kind === 'market buy' ? m.qty * ask * 102n : likely;
  // In UNIT² · 100 · 1000 (fee of one thousandth).
  const fee = worst;
  if (m.kind !== 'amount') rule('size', m.qty > 0n);
  rule('hold', m.holdMs <= 0);
  if (limit) rule('tick', m.price % 1000n === 0n);
  rule('C2', 200n * at <= 102n * (m.bid + ask) && 200n * at >= 98n * (m.bid + ask));
  rule('C10', m.lastSecond < 5 && m.sinceLastMs >= 500);
  rule('notional', likely >= m.least * UNIT * 100n);
  if (limit) rule('open orders', m.resting < 200);
  if (!buys) {
    rule('reduce', m.qty <= m.held - m.selling);
    rule('C3', m.qty <= m.btc);
    return found;
  }
  rule('state', !m.reducing);
  rule('C11', m.ageMs <= 5000 && m.silenceMs <= 10_000);
  rule('C1 max', worst <= 1000n * U2 * 100n);
  rule('C1 min', likely >= 100n * U2 * 100n);
  rule('C3', worst * 1000n + fee <= (m.usdt - m.unlockedUsdt) * UNIT * 100_000n);
  rule('C4', m.loss * UNIT * 100_000n + fee <= 500n * U2 * 100_000n && m.loss * UNIT * 100_000n + fee <= m.opening * UNIT * 5000n);
  rule('C5', m.trades + m.unfilled < 100);
  rule('C6', m.others + m.opens + 1 <= 5);
  const symbol = m.standing * UNIT * 100n + worst;
  rule('C7 position', symbol <= m.equity * UNIT * 10n && symbol <= 2000n * U2 * 100n);
  rule('C7 strategy', symbol + m.elsewhere * UNIT * 100n <= m.equity * UNIT * 60n);
  rule('C13', m.losses < 3 || m.sinceLossMs >= 1_800_000);
  rule('C9', m.weight < 5000 && m.count10s < 90);
  // Bought, less the fee, in whole lots of 10^-5, at 98 % of the mark.
  const bought = m.kind === 'amount' ? (m.spend * UNIT * 100n * 999n) / (ask * 102n * 1000n) : (m.qty * 999n) / 1000n;
  rule('exit', bought > 0n && bought * (m.bid + ask) * 98n * UNIT >= m.least * UNIT * UNIT * 200n);
  return found;
};

describe('the gate and an independent judge', () => {
  it('agree on every order: none that exceeds a limit passes, and none that exceeds none is denied', () => {
    const seen = { pass: 0, deny: 0 };
    fc.assert(
      fc.property(moments, (m) => {
        const judgement = judge(requestOf(m), 'window', pictureOf(m));
        seen[judgement.verdict] += 1;
        const against = violated(m);
        const said = judgement.verdict === 'deny' ? `${judgement.denial.code} ${judgement.denial.text}` : 'pass';
        expect(judgement.verdict, `gate: ${said}; violated: ${against.join(', ') || 'nothing'}`).toBe(
          against.length === 0 ? 'pass' : 'deny',
        );
      }),
      { numRuns: 6000 },
    );
    // The test would mean little if one side were rare.
    expect(Math.min(seen.pass, seen.deny)).toBeGreaterThan(300);
  });

  it('a preview says what the order itself would get', () => {
    fc.assert(
      fc.property(moments, (m) => {
        const [request, moment] = [requestOf(m), pictureOf(m)];
        const judgement = judge(request, 'cli', moment);
        const shown = preview(request, 'cli', moment);
        expect([shown.verdict, shown.denial]).toEqual([judgement.verdict, judgement.verdict === 'deny' ? judgement.denial : null]);
      }),
      { numRuns: 500 },
    );
  });

  it('a sale within the position is not trapped by C1, C4, C5, C6, C9, C11 or REDUCING (C14)', () => {
    fc.assert(
      fc.property(moments, (m) => {
        const calm = {
          ...m,
          kind: 'market sell' as const,
          bid: 4_999_900_000n,
          spread: 200_000n,
          qty: 1_000n,
          held: 10_000n,
          btc: 10_000n,
          selling: 0n,
          least: 500_000n,
          lastSecond: 0,
          sinceLastMs: 5000,
          holdMs: 0,
        };
        expect(judge(requestOf(calm), 'window', pictureOf(calm)).verdict).toBe('pass');
      }),
      { numRuns: 500 },
    );
  });

  it('never throws, whatever the fields are', () => {
    const junk = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constantFrom(null, undefined, '', '0', '-0', '1e9', 'Infinity', '__proto__', {}, []),
    );
    const fields = fc.dictionary(fc.constantFrom('symbol', 'side', 'type', 'qty', 'quoteQty', 'price', 'timeInForce', 'reduceOnly'), junk);
    fc.assert(
      fc.property(fields, (odd) => {
        expect(
          judge({ ...requestOf({ kind: 'limit buy', qty: 1n, price: 1n } as Moment), ...odd } as never, 'api', picture()).verdict,
        ).toBe('deny');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('comparing without making decimals', () => {
  const numbers = fc.oneof(
    fc
      .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 24 }))
      .map(([digits, places]) => new Decimal(digits.toString()).div(new Decimal(10).pow(places))),
    fc
      .constantFrom('0', '-0', '1', '-1', '0.1', '10000000', '9999999', '10000000.0000001', 'NaN', 'Infinity', '-Infinity')
      .map((each) => new Decimal(each)),
  );
  it("gives decimal.js's own answers, NaN and infinities included", () => {
    fc.assert(
      fc.property(numbers, numbers, fc.boolean(), (a, other, same) => {
        const b = same ? new Decimal(a) : other;
        expect([isAtMost(a, b), isAtLeast(a, b), isAbove(a, b), isPositive(a)]).toEqual([a.lte(b), a.gte(b), a.gt(b), a.gt(0)]);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('steps', () => {
  const steps = fc.constantFrom('0', '1', '0.1', '0.00001', '10', '0.05', '0.25', '3', '0.0000000001');
  const values = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 14n }), fc.integer({ min: 0, max: 10 }))
    .map(([digits, places]) => new Decimal(digits.toString()).div(new Decimal(10).pow(places)));
  it('a rounded value is on its step, at most the value, and less than a step below it', () => {
    fc.assert(
      fc.property(values, steps, (value, size) => {
        const { lot } = rulesOf(instrument({ lot: { minQty: qty('0'), maxQty: qty('0'), stepQty: qty(size) } }));
        const down = floorToStep(value, lot);
        expect(isOnStep(down, lot)).toBe(true);
        expect(down.lte(value)).toBe(true);
        expect(value.minus(down).lt(size === '0' ? 1 : size)).toBe(true);
        expect(isOnStep(value, lot)).toBe(down.eq(value));
      }),
      { numRuns: 2000 },
    );
  });
  it('a price off an uneven tick is denied, and the advice names prices that pass', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4_990_000, max: 5_010_000 }), (cents) => {
        const asked = new Decimal(cents).div(100).toFixed(2);
        const moment = picture({ instrument: instrument({ tick: price('0.05') }), policy: policy({ maxOrderNotionalUsdt: text('5000') }) });
        const of = (at: string) => judge({ symbol: BTC, side: 'BUY', type: 'LIMIT', qty: text('0.01'), price: text(at) }, 'window', moment);
        const judgement = of(asked);
        expect(judgement.verdict).toBe(cents % 5 === 0 ? 'pass' : 'deny');
        if (judgement.verdict === 'pass') return;
        const named = judgement.denial.advice.match(/\d+(?:\.\d+)?/g) ?? [];
        expect(named).toHaveLength(2);
        for (const at of named) expect(of(at).verdict).toBe('pass');
      }),
      { numRuns: 300 },
    );
  });
});
