// The gate on every order type and on lists (B1, C12, C14, Q2), against two judges that share no code with it: formulas in whole
// numbers for the trader's limits, and the practice exchange's own filters, which are Binance's.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import { INSTRUMENTS } from '../../src-main/practice/core/instruments.ts';
import type { InstrumentSpec, NewOrder, OrderLeg, OrderType as CoreType, Result } from '../../src-main/practice/core/types.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { amount, money, price, qty } from '../../src-shared/domain/money.ts';
import type { OcoRequest, OrderOrigin, OrderRequest, OrderType, Side } from '../../src-shared/domain/order.ts';
import { judge, judgeList } from '../../src-main/safety/gate.ts';
import type { JudgedOrder, Judgement, ListJudgement } from '../../src-main/safety/gate.ts';
import { listKindOf } from '../../src-main/safety/legs.ts';
import type { GatePicture } from '../../src-main/safety/picture.ts';
import { sizeByRisk } from '../../src-main/safety/sizing.ts';
import { BTC, inFlight, instrument, picture, policy, quote, text } from '../unit/safety/pictures.ts';
import { openMarket, T0 } from './practice-world.ts';

const judged = (wish: OrderRequest | OcoRequest, origin: OrderOrigin, moment: GatePicture): Judgement | ListJudgement =>
  'type' in wish && listKindOf(wish, moment.instrument) === null ? judge(wish, origin, moment) : judgeList(wish, origin, moment);

const saidOf = (judgement: Judgement | ListJudgement): string =>
  judgement.verdict === 'deny' ? `${judgement.denial.code} ${judgement.denial.text}` : 'pass';

const mostly = <T>(usual: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: other });

describe('an independent judge of every order type and list', () => {
  /** Whole numbers of 10^-5: every price, quantity and amount below is a multiple of it. */
  const UNIT = 100_000n;
  const plain = (units: bigint) => text(`${units / UNIT}.${String(units % UNIT).padStart(5, '0')}`);
  const near = (edge: number, spread: number) => fc.bigInt({ min: BigInt(Math.max(1, edge - spread)), max: BigInt(edge + spread) });
  /** In units, on the tick of 0.01: near the market of 50 000, around its edges of 2 %, or anywhere about it. */
  const prices = fc
    .oneof(near(5_000_000, 300), near(5_100_000, 300), near(4_900_000, 300), near(5_000_000, 250_000))
    .map((ticks) => ticks * 1000n);

  const moments = fc.record({
    kind: fc.constantFrom('single' as const, 'single' as const, 'oco' as const, 'exits' as const),
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    type: fc.constantFrom<OrderType>('LIMIT', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'),
    protection: mostly(false, fc.boolean()),
    // The limit price relative to the trigger, in hundredths of a percent of it, or by itself.
    apart: fc.oneof(fc.integer({ min: -210, max: 210 }), fc.constantFrom(-200, 200, -201, 201)),
    price: prices,
    stop: prices,
    trails: fc.constantFrom('no' as const, 'no' as const, 'from now' as const, 'from its trigger' as const),
    bps: fc.oneof(fc.integer({ min: 5, max: 300 }), fc.integer({ min: 1990, max: 2010 })),
    takeProfit: prices,
    qty: fc.oneof(near(2_000, 60), near(200, 20), near(1_000, 900)),
    bid: mostly(
      4_999_900_000n,
      near(4_999_900, 120_000).map((ticks) => ticks * 1000n),
    ),
    spread: mostly(
      200_000n,
      near(0, 200_000).map((ticks) => ticks * 1000n),
    ),
    last: mostly(
      5_000_000_000n,
      near(5_000_000, 1000).map((ticks) => ticks * 1000n),
    ),
    usdt: mostly(1_000_000_000n, near(100_000_000, 10_000_000)),
    btc: mostly(10_000n, near(1_000, 900)),
    held: mostly(10_000n, near(1_500, 900)),
    selling: mostly(0n, near(500, 499)),
    protecting: mostly(0n, near(500, 499)),
    loss: mostly(0n, near(49_950_000, 100_000)),
    resting: mostly(0, fc.integer({ min: 196, max: 201 })),
    algos: mostly(0, fc.integer({ min: 3, max: 6 })),
    lists: mostly(0, fc.integer({ min: 18, max: 21 })),
    /** The smallest order of the venue, in units. */
    least: mostly(500_000n, near(49_000_000, 48_000_000)),
  });
  type Moment = typeof moments extends fc.Arbitrary<infer T> ? T : never;

  interface Leg {
    readonly role: 'single' | 'entry' | 'exit' | 'stop' | 'limit';
    readonly side: Side;
    readonly type: OrderType;
    readonly qty: bigint;
    readonly price: bigint | null;
    readonly stop: bigint | null;
    readonly bps: number | null;
  }

  /** On the tick, about `apart` hundredths of a percent from the trigger. */
  const limitOf = (m: Moment): bigint => ((m.stop * BigInt(10_000 + m.apart)) / 10_000n / 1000n) * 1000n;

  const singleOf = (m: Moment): Leg => {
    const { type, side, qty: size } = m;
    if (type === 'LIMIT') return { role: 'single', side, type, qty: size, price: m.price, stop: null, bps: null };
    const limited = type.endsWith('LIMIT');
    return {
      role: 'single',
      side,
      type,
      qty: size,
      price: limited ? limitOf(m) : null,
      stop: m.trails === 'from now' ? null : m.stop,
      bps: m.trails === 'no' ? null : m.bps,
    };
  };

  const legsOf = (m: Moment): readonly Leg[] => {
    const none = { price: null, stop: null, bps: null };
    if (m.kind === 'single') return [singleOf(m)];
    if (m.kind === 'oco')
      return [
        { ...none, role: 'stop', side: m.side, type: 'STOP_LOSS', qty: m.qty, stop: m.stop },
        { ...none, role: 'limit', side: m.side, type: 'LIMIT', qty: m.qty, price: m.price },
      ];
    // What is left after a fee of one thousandth, in lots of one unit.
    const kept = (m.qty * 999n) / 1000n;
    const exits: readonly Leg[] = [
      { ...none, role: 'exit', side: 'SELL', type: 'STOP_LOSS', qty: kept, stop: m.stop },
      { ...none, role: 'exit', side: 'SELL', type: 'LIMIT', qty: kept, price: m.takeProfit },
    ];
    return [{ ...none, role: 'entry', side: 'BUY', type: 'LIMIT', qty: m.qty, price: m.price }, ...(kept > 0n ? exits : [])];
  };

  const wishOf = (m: Moment): OrderRequest | OcoRequest => {
    const size = plain(m.qty);
    if (m.kind === 'oco') return { symbol: BTC, side: m.side, qty: size, price: plain(m.price), stopPrice: plain(m.stop) };
    if (m.kind === 'exits') {
      const exits = { stopLoss: plain(m.stop), takeProfit: plain(m.takeProfit) };
      return { symbol: BTC, side: 'BUY', type: 'LIMIT', qty: size, price: plain(m.price), exits };
    }
    const { price: at, stop, bps, type, side } = singleOf(m);
    return {
      symbol: BTC,
      side,
      type,
      qty: size,
      ...(at === null ? {} : { price: plain(at) }),
      ...(stop === null ? {} : { stopPrice: plain(stop) }),
      ...(bps === null ? {} : { trailingDeltaBps: bps }),
    };
  };

  const pictureOf = (m: Moment): GatePicture => {
    const balances = new Map([
      ['USDT', amount(plain(m.usdt))],
      ['BTC', amount(plain(m.btc))],
    ]);
    return picture({
      instrument: instrument({
        notional: { minUsdt: money(plain(m.least)), applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false },
      }),
      quote: quote(plain(m.bid), plain(m.bid + m.spread), { last: price(plain(m.last)) }),
      position: { qty: qty(plain(m.held)) },
      free: (asset) => balances.get(asset) ?? null,
      inFlight: inFlight({
        ordersOfSymbol: m.resting,
        algoOrdersOfSymbol: m.algos,
        listsOfSymbol: m.lists,
        sellQtyOfSymbol: qty(plain(m.selling + m.protecting)),
        protectionQtyOfSymbol: qty(plain(m.protecting)),
      }),
      dayLossUsdt: money(plain(m.loss)),
    });
  };

  const max = (...all: readonly bigint[]): bigint => all.reduce((a, b) => (a > b ? a : b));
  const min = (...all: readonly bigint[]): bigint => all.reduce((a, b) => (a < b ? a : b));
  const U2 = UNIT * UNIT;
  const BPS = 10_000n;

  /** What one order exceeds. Every comparison brings both sides to one scale of whole numbers. */
  const violatedBy = (m: Moment, leg: Leg, isProtection: boolean): readonly string[] => {
    const found: string[] = [];
    const rule = (name: string, holds: boolean) => holds || found.push(name);
    const ask = m.bid + m.spread;
    const buys = leg.side === 'BUY';
    const twiceMark = m.bid + ask;
    const conditional = leg.type !== 'LIMIT';
    const at = leg.price ?? leg.stop ?? (buys ? ask : m.bid);
    if (leg.bps !== null) rule('trailing', leg.bps >= 10 && leg.bps <= 2000);
    rule('notional', leg.qty * at >= m.least * UNIT);
    // Which side of the market what it waits for must lie on.
    const waitsFor = conditional ? (leg.bps === null ? leg.stop : null) : leg.role === 'limit' || leg.role === 'exit' ? leg.price : null;
    if (waitsFor !== null) {
      const around = [twiceMark, 2n * m.last, ...(leg.role === 'exit' ? [2n * m.price] : [])];
      const upwards = leg.type.startsWith('STOP') === buys;
      rule('trigger', upwards ? 2n * waitsFor > max(...around) : 2n * waitsFor < min(...around));
    }
    if (leg.role === 'exit') return found;
    if (!conditional) {
      const takesProfit = !buys && (leg.role === 'limit' || isProtection);
      rule('C2', 200n * at >= 98n * twiceMark && (takesProfit || 200n * at <= 102n * twiceMark));
    } else if (leg.price !== null) {
      const twiceBegin = leg.stop === null ? twiceMark : 2n * leg.stop;
      const turned = twiceBegin * (buys ? BPS + BigInt(leg.bps ?? 0) : BPS - BigInt(leg.bps ?? 0));
      rule('C2', 200n * leg.price * BPS <= 102n * turned && 200n * leg.price * BPS >= 98n * turned);
    }
    if (!buys) {
      rule('reduce', leg.qty <= m.held - m.selling - (isProtection ? m.protecting : 0n));
      rule('C3', leg.qty <= m.btc + (isProtection ? 0n : m.protecting));
      return found;
    }
    rule('protection', !isProtection);
    // In UNIT² · 100 · 10 000: percent and basis points of the worst price.
    const turn = BPS + BigInt(leg.bps ?? 0);
    const worst =
      leg.price !== null ? leg.qty * leg.price * 100n * BPS : leg.qty * (leg.bps === null ? at : max(ask, leg.stop ?? 0n)) * 102n * turn;
    const SCALE = 100n * BPS;
    rule('C1 max', worst <= 1000n * U2 * SCALE);
    rule('C1 min', leg.qty * at >= 100n * U2);
    rule('C3', worst * 1001n <= m.usdt * UNIT * SCALE * 1000n);
    // The day opened with 10 000, of which 5 % are the same 500.
    rule('C4', m.loss * UNIT * SCALE * 1000n + worst <= 500n * U2 * SCALE * 1000n);
    const kept = (leg.qty * 999n) / 1000n;
    const twiceExit = leg.stop === null ? twiceMark : 2n * leg.stop;
    rule('exit', kept > 0n && kept * twiceExit * 98n >= m.least * UNIT * 200n);
    return found;
  };

  const violated = (m: Moment): readonly string[] => {
    const legs = legsOf(m);
    const isProtection = m.protection && m.kind !== 'exits';
    const found = new Set(legs.flatMap((leg) => violatedBy(m, leg, isProtection)));
    const algos = legs.filter(({ type }) => type !== 'LIMIT').length;
    if (m.resting + legs.length > 200) found.add('orders');
    if (algos > 0 && m.algos + algos > 5) found.add('algos');
    if (m.kind !== 'single' && m.lists + 1 > 20) found.add('lists');
    if (m.kind === 'exits' && m.stop >= m.takeProfit) found.add('plan');
    return [...found];
  };

  it('agrees with the gate on every one: nothing above a limit passes, nothing within all is denied', () => {
    const seen = { pass: 0, deny: 0 };
    const passed = new Set<string>();
    fc.assert(
      fc.property(moments, (m) => {
        const origin = m.protection && m.kind !== 'exits' ? 'protection' : 'window';
        const judgement = judged(wishOf(m), origin, pictureOf(m));
        seen[judgement.verdict] += 1;
        if (judgement.verdict === 'pass') passed.add(m.kind === 'single' ? `${m.type} ${m.side}` : `${m.kind} ${m.side}`);
        const against = violated(m);
        expect(judgement.verdict, `gate: ${saidOf(judgement)}; violated: ${against.join(', ') || 'nothing'}`).toBe(
          against.length === 0 ? 'pass' : 'deny',
        );
      }),
      { numRuns: 6000 },
    );
    // The test would mean little if one side were rare, or one kind never passed: five types and an OCO a side, and exits.
    expect(Math.min(seen.pass, seen.deny)).toBeGreaterThan(300);
    expect([...passed].filter((kind) => !kind.startsWith('exits')).toSorted()).toHaveLength(12);
    expect([...passed].some((kind) => kind.startsWith('exits'))).toBe(true);
  });
});

describe("the practice exchange's filters", () => {
  const [BTCUSDT] = INSTRUMENTS;
  const SPEC: InstrumentSpec = {
    ...(BTCUSDT as InstrumentSpec),
    maxNumOrders: 6,
    maxNumAlgoOrders: 3,
    maxNumOrderLists: 2,
    trailingDelta: { minAbove: 20, maxAbove: 1000, minBelow: 10, maxBelow: 2000 },
    maxPosition: '1100',
  };
  const ours: Instrument = instrument({
    maxOrders: 6,
    maxAlgoOrders: 3,
    maxOrderLists: 2,
    trailingDelta: { minAboveBps: 20, maxAboveBps: 1000, minBelowBps: 10, maxBelowBps: 2000 },
    maxPositionQty: qty('1100'),
  });
  /** As loose as a policy may be, so that the venue's rules are the ones that deny. */
  const LOOSE = policy({
    maxOrderNotionalUsdt: text('1000000000'),
    minOpeningNotionalUsdt: text('0.01'),
    maxPriceDeviationPct: text('20'),
    maxDailyLossUsdt: text('1000000000'),
    maxDailyLossPct: text('50'),
  });

  const tick = fc.constantFrom('0', '0', '0', '0.01', '-0.01', '0.005');
  const priceFrom = (edge: fc.Arbitrary<number>) =>
    fc.tuple(edge, tick).map(([at, off]) => text((at + Number(off)).toFixed(3).replace(/0$/, '')));
  /** Around the market of 60 000, the bands of 12 000 and 300 000, and the largest price. */
  const prices = priceFrom(fc.constantFrom(59_000, 60_000, 60_000, 60_100, 59_900, 61_000, 66_000, 54_000, 12_000, 300_000, 1_000_000));
  /** Around the smallest value (9 lots), the largest market lot, the largest value, the cap on the holding, the largest lot. */
  const sizes = fc
    .oneof(
      fc.constantFrom(
        '0.01',
        '0.5',
        '0.00008',
        '0.00009',
        '0.0001',
        '97.09521',
        '97.09522',
        '149.9',
        '150',
        '150.1',
        '100',
        '100.00001',
        '9000',
        '9000.00001',
        '0.000001',
      ),
      fc.integer({ min: 1, max: 200_000 }).map((lots) => (lots / 100_000).toFixed(5)),
    )
    .map(text);

  const wishes = fc.record({
    side: fc.constantFrom<Side>('BUY', 'SELL'),
    type: fc.constantFrom<OrderType>('MARKET', 'LIMIT', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT'),
    postOnly: fc.boolean(),
    qty: sizes,
    price: prices,
    stopPrice: prices,
    takeProfit: prices,
    bps: fc.option(fc.constantFrom(9, 10, 19, 20, 100, 1000, 1001, 2000, 2001)),
    ownTrigger: fc.boolean(),
    /** What is open already: sells that rest, stops, and lists. */
    open: fc.record({
      sells: fc.integer({ min: 0, max: 3 }),
      stops: fc.integer({ min: 0, max: 3 }),
      lists: fc.integer({ min: 0, max: 2 }),
    }),
  });
  type Wish = typeof wishes extends fc.Arbitrary<infer T> ? T : never;

  const requestOf = ({ side, type, postOnly, qty: size, price: at, stopPrice, bps, ownTrigger }: Wish): OrderRequest => {
    const base = { symbol: BTC, side, type, qty: size } as const;
    if (type === 'MARKET') return base;
    if (type === 'LIMIT') return { ...base, price: at, timeInForce: postOnly ? 'POST_ONLY' : 'GTC' };
    return {
      ...base,
      ...(type.endsWith('LIMIT') ? { price: at, timeInForce: 'GTC' } : {}),
      ...(bps === null || ownTrigger ? { stopPrice } : {}),
      ...(bps === null ? {} : { trailingDeltaBps: bps }),
    };
  };

  const legOf = (order: JudgedOrder | OrderRequest): OrderLeg => ({
    type: order.timeInForce === 'POST_ONLY' ? 'LIMIT_MAKER' : (order.type as CoreType),
    ...(order.timeInForce === undefined || order.timeInForce === 'POST_ONLY' ? {} : { timeInForce: order.timeInForce }),
    ...(order.price === undefined ? {} : { price: order.price }),
    ...(order.stopPrice === undefined ? {} : { stopPrice: order.stopPrice }),
    ...(order.trailingDeltaBps === undefined ? {} : { trailingDelta: order.trailingDeltaBps }),
  });
  const sized = (order: JudgedOrder | OrderRequest) => ({ ...legOf(order), side: order.side, quantity: order.qty ?? '0' });

  const ok = (result: Result<unknown>): string => (result.ok ? '' : result.error.msg);

  /** An exchange at 60 000 with an account that can pay for anything, and what is open in it. */
  const exchangeWith = ({ open }: Wish): ExchangeCore => {
    const core = new ExchangeCore({
      instruments: [SPEC, ...INSTRUMENTS.slice(1)],
      accounts: [{ id: 'a', balances: { USDT: '2000000000', BTC: '1000' } }],
      nowMs: T0,
    });
    openMarket(core, T0);
    const place = (request: NewOrder) => expect(ok(core.placeOrder('a', request, T0))).toBe('');
    const rests = { symbol: BTC, side: 'SELL', type: 'LIMIT', quantity: '0.01', price: '65000', timeInForce: 'GTC' } as const;
    for (let n = 0; n < open.lists; n += 1) {
      const working = { type: 'LIMIT', side: 'BUY', quantity: '0.01', price: '55000', timeInForce: 'GTC' } as const;
      expect(ok(core.placeOto('a', { symbol: BTC, working, pending: { ...rests } }, T0))).toBe('');
    }
    const room = SPEC.maxNumOrders - 2 * open.lists;
    for (let n = 0; n < Math.min(open.stops, room); n += 1)
      place({ symbol: BTC, side: 'SELL', type: 'STOP_LOSS', quantity: '0.01', stopPrice: '50000' });
    for (let n = 0; n < Math.min(open.sells, room - open.stops); n += 1) place(rests);
    return core;
  };

  const pictureOf = (core: ExchangeCore): GatePicture => {
    const orders = core.openOrders('a').filter(({ symbol }) => symbol === BTC);
    const balances = new Map(core.account('a').balances.map(({ asset, free }): [string, string] => [asset, free]));
    const hundredths = (side: Side) => orders.filter((each) => each.side === side && each.status !== 'PENDING_NEW').length;
    return picture({
      policy: LOOSE,
      instrument: ours,
      quote: quote('59999', '60001', { last: price('60000') }),
      position: { qty: qty('100000') },
      free: (asset) => amount(balances.get(asset) ?? '0'),
      dayLossUsdt: money('0'),
      dayOpeningEquityUsdt: money('2000000000'),
      inFlight: inFlight({
        ordersOfSymbol: orders.length,
        algoOrdersOfSymbol: orders.filter(({ type }) => type === 'STOP_LOSS').length,
        listsOfSymbol: new Set(orders.map(({ orderListId }) => orderListId).filter((list) => list !== -1)).size,
        buyQtyOfSymbol: qty((hundredths('BUY') / 100).toFixed(2)),
        sellQtyOfSymbol: qty((hundredths('SELL') / 100).toFixed(2)),
      }),
    });
  };

  const FILTERS = [
    'C12.price',
    'C12.stopPrice',
    'C12.trailingDelta',
    'C12.lot',
    'C12.marketLot',
    'C12.percentPrice',
    'C12.notional',
    'C12.openOrders',
    'C12.algoOrders',
    'C12.orderLists',
    'C12.maxPosition',
  ];
  const filtersAgainst = ({ readings }: Judgement | ListJudgement): readonly string[] =>
    readings.filter(({ reading, limit }) => reading.verdict === 'deny' && FILTERS.includes(limit.id)).map(({ limit }) => limit.id);

  /** What only the book of the very moment decides; the gate does not see it. */
  const BY_THE_BOOK = ['Order would immediately match and take.'];

  it('say of every order type what the gate says, and take what it lets pass', () => {
    const seen = { pass: 0, filters: new Set<string>() };
    fc.assert(
      fc.property(wishes, (wish) => {
        const core = exchangeWith(wish);
        const request = requestOf(wish);
        const judgement = judge(request, 'window', pictureOf(core));
        const said = ok(core.placeOrder('a', { symbol: BTC, ...sized(request) }, T0 + 1));
        const against = filtersAgainst(judgement);
        for (const id of against) seen.filters.add(id);
        expect(said.startsWith('Filter failure'), `exchange: ${said}; gate: ${saidOf(judgement)}; ${JSON.stringify(request)}`).toBe(
          against.length > 0,
        );
        if (judgement.verdict === 'deny') return;
        seen.pass += 1;
        if (!BY_THE_BOOK.includes(said)) expect(said).toBe('');
      }),
      { numRuns: 2000 },
    );
    expect(seen.pass).toBeGreaterThan(100);
    expect([...seen.filters].toSorted()).toEqual(FILTERS.filter((id) => id !== 'C12.orderLists').toSorted());
  });

  it('say of every OCO what the gate says, and take what it lets pass', () => {
    const seen = { pass: 0, lists: 0 };
    fc.assert(
      fc.property(wishes, (wish) => {
        const core = exchangeWith(wish);
        const { side, qty: quantity, price: at, stopPrice } = wish;
        const judgement = judgeList({ symbol: BTC, side, qty: quantity, price: at, stopPrice }, 'window', pictureOf(core));
        const limit = { type: 'LIMIT_MAKER', price: at } as const;
        const stop = { type: 'STOP_LOSS', stopPrice } as const;
        const [above, below] = side === 'SELL' ? [limit, stop] : [stop, limit];
        const said = ok(core.placeOco('a', { symbol: BTC, side, quantity, above, below }, T0 + 1));
        const against = filtersAgainst(judgement);
        if (against.includes('C12.orderLists')) seen.lists += 1;
        // The exchange looks at how the prices lie to each other before it counts.
        const isFilter = said.startsWith('Filter failure');
        if (isFilter) expect(against, `exchange: ${said}; gate: ${saidOf(judgement)}`).not.toEqual([]);
        if (against.length > 0) expect(said).not.toBe('');
        if (judgement.verdict === 'deny') return;
        seen.pass += 1;
        expect(said).toBe('');
      }),
      { numRuns: 2000 },
    );
    expect(seen.pass).toBeGreaterThan(10);
    expect(seen.lists).toBeGreaterThan(20);
  });

  it('take every entry with its exits that the gate lets pass', () => {
    const seen = { OTO: 0, OTOCO: 0, OCO: 0 };
    // Mostly on their sides of the market, or hardly any would pass.
    const entries = fc.record({
      price: mostly(text('59900'), prices),
      stopPrice: mostly(text('59000'), prices),
      takeProfit: mostly(text('61000'), prices),
      qty: mostly(text('0.01'), sizes),
    });
    fc.assert(
      fc.property(wishes, entries, fc.constantFrom('stop', 'profit', 'both', 'trailing'), (wish, asked, plan) => {
        const core = exchangeWith(wish);
        const { takeProfit, stopPrice: stopLoss } = asked;
        const exits = {
          ...(plan === 'stop' || plan === 'both' ? { stopLoss } : {}),
          ...(plan === 'profit' || plan === 'both' ? { takeProfit } : {}),
          ...(plan === 'trailing' ? { trailingDeltaBps: wish.bps ?? 100 } : {}),
        };
        const request: OrderRequest = { symbol: BTC, side: 'BUY', type: 'LIMIT', qty: asked.qty, price: asked.price, exits };
        if (listKindOf(request, ours) === null) return;
        const judgement = judgeList(request, 'window', pictureOf(core));
        if (judgement.verdict === 'deny') return;
        seen[judgement.kind] += 1;
        const [entry, first, second] = judgement.orders;
        if (entry === undefined || first === undefined) throw new Error('A list has an entry and an exit');
        const working = sized(entry);
        const said =
          second === undefined
            ? core.placeOto('a', { symbol: BTC, working, pending: sized(first) }, T0 + 1)
            : core.placeOtoco(
                'a',
                {
                  symbol: BTC,
                  working,
                  pendingSide: 'SELL',
                  pendingQuantity: first.qty ?? '0',
                  pendingAbove: legOf(second),
                  pendingBelow: legOf(first),
                },
                T0 + 1,
              );
        expect(ok(said), JSON.stringify(judgement.orders)).toBe('');
      }),
      { numRuns: 1500 },
    );
    expect(Math.min(seen.OTO, seen.OTOCO)).toBeGreaterThan(20);
  });
});

describe('a size by risk (B6)', () => {
  const moments = fc.record({
    price: fc.option(fc.integer({ min: 4_950_000, max: 5_050_000 }).map((cents) => text((cents / 100).toFixed(2)))),
    stop: fc.integer({ min: 4_000_000, max: 5_000_000 }).map((cents) => text((cents / 100).toFixed(2))),
    confidence: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    equity: fc.integer({ min: 50, max: 20_000 }),
    usdt: fc.integer({ min: 0, max: 3000 }),
    loss: fc.integer({ min: 0, max: 500 }),
    maxLot: fc.constantFrom('9000', '0.01', '0.004'),
  });

  it('passes the gate itself, loses no more than its budget, and one lot more would not do', () => {
    const seen = { sized: 0, capped: 0, denied: 0 };
    fc.assert(
      fc.property(moments, (m) => {
        const moment = picture({
          equityUsdt: money(String(m.equity)),
          dayLossUsdt: money(String(m.loss)),
          free: (asset) => amount(asset === 'USDT' ? String(m.usdt) : '0'),
          instrument: instrument({ lot: { minQty: qty('0.00001'), maxQty: qty(m.maxLot), stepQty: qty('0.00001') } }),
        });
        const wish = { symbol: BTC, side: 'BUY', price: m.price, stopPrice: m.stop, confidence: m.confidence } as const;
        const order = (size: string): OrderRequest =>
          m.price === null
            ? { symbol: BTC, side: 'BUY', type: 'MARKET', qty: text(size) }
            : { symbol: BTC, side: 'BUY', type: 'LIMIT', qty: text(size), price: m.price };
        const size = sizeByRisk(wish, 'window', moment);
        if (!size.ok) {
          seen.denied += 1;
          return;
        }
        const { qty: found, riskUsdt, cappedBy, multiplier, stopDistance } = size.value;
        seen[cappedBy === null ? 'sized' : 'capped'] += 1;
        expect(judge(order(found), 'window', moment).verdict).toBe('pass');
        const budget = (m.equity / 50) * Number(multiplier);
        expect(Number(riskUsdt)).toBeLessThanOrEqual(budget + 1e-9);
        const more = judge(order((Number(found) + 0.00001).toFixed(5)), 'window', moment);
        if (cappedBy === null) expect(Number(riskUsdt) + 0.00001 * (Number(stopDistance) + 200)).toBeGreaterThan(budget);
        else expect(more).toMatchObject({ verdict: 'deny', denial: { code: cappedBy } });
      }),
      { numRuns: 800 },
    );
    expect(Math.min(seen.sized, seen.capped, seen.denied)).toBeGreaterThan(30);
  });
});
