// The gate as a whole: who may trade in which state, what it hands on, what it does with missing numbers and failures, and that
// nothing reaches the wire without its mark (DESIGN 5, 6; REQUIREMENTS C14, C15, Q1).
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import { money, qty } from '../../../src-shared/domain/money.ts';
import type { Money, Price } from '../../../src-shared/domain/money.ts';
import type { OrderRequest } from '../../../src-shared/domain/order.ts';
import type { IntendedOrder } from '../../../src-main/engine/facts.ts';
import { mint, redeem } from '../../../src-main/safety/approved.ts';
import { approveForWire, gauges, judge, neverTaken, preview } from '../../../src-main/safety/gate.ts';
import { LIMITS } from '../../../src-main/safety/limits/all.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { tradingStateOf } from '../../../src-main/safety/trading-state.ts';
import type { CauseCode, TradingState } from '../../../src-main/safety/trading-state.ts';
import {
  ACTIVE,
  BTC,
  cause,
  free,
  HALTED,
  inFlight,
  instrument,
  limitBuy,
  limitSell,
  marketBuy,
  marketSell,
  picture,
  policy,
  quote,
  REDUCING,
  spend,
  text,
  TRIPPED,
} from './pictures.ts';

const codeOf = (request: OrderRequest, changes: Partial<GatePicture> = {}, origin: Parameters<typeof judge>[1] = 'window'): string => {
  const judgement = judge(request, origin, picture(changes));
  return judgement.verdict === 'pass' ? 'pass' : judgement.denial.code;
};

describe('trading state (DESIGN 6)', () => {
  it('is the worst of its causes, and names them worst first', () => {
    expect(tradingStateOf([])).toEqual({ level: 'ACTIVE', causes: [] });
    const state = tradingStateOf([
      cause('VENUE_HOLD', 'REDUCING'),
      cause('SELF_TEST', 'HALTED'),
      cause('EMERGENCY_STOP', 'HALTED'),
      cause('USER_STREAM', 'REDUCING'),
    ]);
    expect(state.level).toBe('HALTED');
    expect(state.causes.map(({ code }): CauseCode => code)).toEqual(['EMERGENCY_STOP', 'SELF_TEST', 'USER_STREAM', 'VENUE_HOLD']);
  });
  it('lets only what shrinks a position pass while REDUCING', () => {
    expect(codeOf(limitBuy(), { trading: REDUCING })).toBe('STATE');
    expect(codeOf(marketBuy(), { trading: REDUCING }, 'stop')).toBe('STATE');
    expect(codeOf(limitSell(), { trading: REDUCING })).toBe('pass');
  });
  it('lets nothing pass while HALTED, and names the cause', () => {
    for (const order of [limitBuy(), limitSell(), marketSell()]) expect(codeOf(order, { trading: HALTED })).toBe('STATE');
    expect(judge(limitBuy(), 'window', picture({ trading: HALTED }))).toMatchObject({
      denial: { text: 'Trading is halted. Because of RECOVERING.' },
    });
  });
  it('is obeyed before any other rule, even for what is no order', () => {
    expect(codeOf(limitBuy({ qty: text('x') }), { trading: HALTED })).toBe('STATE');
  });
  it('denies in a state that does not exist', () => {
    expect(codeOf(limitSell(), { trading: { level: 'WHATEVER', causes: [] } as unknown as TradingState })).toBe('STATE');
  });
});

describe("the emergency stop's flatten", () => {
  it('is the only order that trades while HALTED', () => {
    expect(codeOf(marketSell('0.03'), { trading: TRIPPED }, 'stop')).toBe('pass');
    expect(codeOf(marketSell('0.03'), { trading: TRIPPED }, 'window')).toBe('STATE');
    expect(codeOf(marketBuy(), { trading: TRIPPED }, 'stop')).toBe('STATE');
  });
  it('has no privilege by its name alone', () => {
    expect(codeOf(marketSell(), { trading: HALTED }, 'stop')).toBe('STATE');
    expect(codeOf(marketSell(), { ordersLastSecond: 5 }, 'stop')).toBe('C10.ordersPerSecond');
  });
  it('never sells more than the position less the sells in flight', () => {
    expect(codeOf(marketSell('0.03001'), { trading: TRIPPED }, 'stop')).toBe('REDUCE_ONLY');
    expect(codeOf(marketSell('0.03'), { trading: TRIPPED, inFlight: inFlight({ sellQtyOfSymbol: qty('0.00001') }) }, 'stop')).toBe(
      'REDUCE_ONLY',
    );
  });
  it('needs no quote, no balance, no budget, no allow list and no pace', () => {
    const blind: Partial<GatePicture> = {
      trading: TRIPPED,
      quote: null,
      budget: null,
      free: () => null,
      userAliveAtMs: null,
      ordersLastSecond: 99,
      lastOrderOfSymbolAtMs: 1_000_000,
      policy: policy({ allowedSymbols: [], blockedSymbols: ['BTCUSDT'] }),
    };
    expect(judge(marketSell('0.03'), 'stop', picture(blind))).toMatchObject({
      verdict: 'pass',
      reservedUsdt: '0',
      order: { qty: '0.03', reduceOnly: true },
    });
  });
  it('is still refused for what the venue would refuse', () => {
    expect(codeOf(marketSell('0.030001'), { trading: TRIPPED, position: { qty: qty('1') } }, 'stop')).toBe('C12.lot');
    expect(codeOf(marketSell('0.00001'), { trading: TRIPPED }, 'stop')).toBe('C12.notional');
    const held = { ...picture().budget!, holdUntilMs: 1_000_001 };
    expect(codeOf(marketSell(), { trading: TRIPPED, budget: held }, 'stop')).toBe('C9.venueHold');
  });
});

describe('what passes', () => {
  it('leaves as it was asked, in canonical text and with nothing left open', () => {
    expect(judge(limitBuy({ qty: text('00.0100'), price: text('49900.10') }), 'cli', picture())).toMatchObject({
      verdict: 'pass',
      order: { symbol: BTC, side: 'BUY', type: 'LIMIT', qty: '0.01', price: '49900.1', timeInForce: 'GTC', reduceOnly: false },
      reservedUsdt: '499.001',
    });
    const { timeInForce: _, ...noTime } = limitBuy();
    expect(judge(noTime, 'cli', picture())).toMatchObject({ order: { timeInForce: 'GTC' } });
  });
  it('counts at its worst while it is in flight', () => {
    expect(judge(marketBuy('0.01'), 'window', picture())).toMatchObject({ reservedUsdt: '510.0102' });
    expect(judge(spend('250.50'), 'window', picture())).toMatchObject({ reservedUsdt: '250.5', order: { quoteQty: '250.5' } });
    expect(judge(limitSell({ price: text('49500') }), 'window', picture())).toMatchObject({ reservedUsdt: '499.99' });
    expect(judge(marketSell('0.01'), 'window', picture())).toMatchObject({ reservedUsdt: '499.99' });
  });
  it('keeps the mark of a reduce-only wish', () => {
    expect(judge(limitSell({ reduceOnly: true }), 'window', picture())).toMatchObject({ order: { reduceOnly: true } });
  });
});

describe('what makes no order', () => {
  const BAD: readonly (readonly [string, Partial<Record<keyof OrderRequest, unknown>>])[] = [
    ['no size', { qty: undefined }],
    ['two sizes', { quoteQty: '100' }],
    ['a quantity of 0', { qty: '0' }],
    ['a negative quantity', { qty: '-1' }],
    ['a quantity with an exponent', { qty: '1e-2' }],
    ['a number for a quantity', { qty: 0.01 }],
    ['a limit order without a price', { price: undefined }],
    ['a price that is no number', { price: 'NaN' }],
    ['a side that does not exist', { side: 'HOLD' }],
    ['a type that does not exist', { type: 'STOP' }],
    ['a time in force that does not exist', { timeInForce: 'GTD' }],
    ['a market order with a price', { type: 'MARKET', timeInForce: undefined }],
    ['a market order with a time in force', { type: 'MARKET', price: undefined }],
    ['a limit order sized by amount', { qty: undefined, quoteQty: '100' }],
    [
      'a market sale sized by amount',
      { type: 'MARKET', side: 'SELL', qty: undefined, quoteQty: '100', price: undefined, timeInForce: undefined },
    ],
    ['an amount of 0', { type: 'MARKET', qty: undefined, quoteQty: '0', price: undefined, timeInForce: undefined }],
    [
      'an amount with more decimals than the venue takes',
      { type: 'MARKET', qty: undefined, quoteQty: '100.123456789', price: undefined, timeInForce: undefined },
    ],
  ];
  it.each(BAD)('is refused: %s', (_, changes) => {
    const wish = Object.fromEntries(
      Object.entries({ ...limitBuy(), ...changes }).filter(([, value]) => value !== undefined),
    ) as unknown as OrderRequest;
    expect(judge(wish, 'api', picture())).toMatchObject({ verdict: 'deny', readings: [], denial: { code: 'BAD_REQUEST' } });
    expect(preview(wish, 'api', picture())).toMatchObject({
      verdict: 'deny',
      limits: [],
      denial: { code: 'BAD_REQUEST' },
      notionalUsdt: null,
    });
  });
});

describe('what is not known is not allowed (C15)', () => {
  const NAN = new Decimal(NaN);
  const UNKNOWN: readonly (readonly [string, OrderRequest, Partial<GatePicture>])[] = [
    ['the instrument of a buy', limitBuy(), { instrument: null }],
    ['the instrument of a market buy', marketBuy(), { instrument: null }],
    ['the instrument of a sale', limitSell(), { instrument: null }],
    ['the quotes of a market buy', marketBuy(), { quote: null }],
    ['the quotes of an amount', spend('500'), { quote: null }],
    ['the quotes of a limit buy', limitBuy(), { quote: null }],
    ['the quotes of a sale', limitSell(), { quote: null }],
    ['the quotes of a market sale', marketSell(), { quote: null }],
    ['a bid', marketBuy(), { quote: quote('0', '50001', { last: null }) }],
    ['a bid, whatever the last price was, for a market sale', marketSell(), { quote: quote('0', '50001') }],
    ['a price that a sound market has', limitBuy(), { quote: quote('0', '50001', { last: new Decimal(0) as Price }) }],
    ['the free quote', limitBuy(), { free: free({ BTC: '1' }) }],
    ['the free base of a sale', limitSell(), { free: free({ USDT: '1000' }) }],
    ["the day's loss", limitBuy(), { dayLossUsdt: null }],
    ["the day's opening equity", limitBuy(), { dayOpeningEquityUsdt: null }],
    ['the budget', limitBuy(), { budget: null }],
    ['the budget for a sale', limitSell(), { budget: null }],
    ['the user stream', limitBuy(), { userAliveAtMs: null }],
    [
      'the base balance where the venue caps it',
      limitBuy(),
      { free: free({ USDT: '10000' }), instrument: instrument({ maxPositionQty: qty('5') }) },
    ],
    ["the day's loss (NaN)", limitBuy(), { dayLossUsdt: NAN as Money }],
    ['the opening equity (NaN)', limitBuy(), { dayOpeningEquityUsdt: NAN as Money }],
    ['the trades (NaN)', limitBuy(), { tradesToday: NaN }],
    ['the pace (NaN)', limitBuy(), { ordersLastSecond: NaN }],
    ['the time (NaN)', limitBuy(), { monoMs: NaN }],
    ['a quote (NaN)', limitBuy(), { quote: quote('49999', '50001', { bid: NAN as Price, last: null }) }],
    ['the age of a quote (NaN)', limitBuy(), { quote: quote('49999', '50001', { ageMs: NaN }) }],
    ['the balance (NaN)', limitBuy(), { free: () => NAN as never }],
    ['the position (NaN)', limitSell(), { position: { qty: NAN as never } }],
    ['the weight (NaN)', limitBuy(), { budget: { ...picture().budget!, usedWeight: NaN } }],
    ['the order counts (NaN)', limitBuy(), { budget: { ...picture().budget!, orderCount1d: NaN } }],
    ['the hold (NaN)', limitBuy(), { budget: { ...picture().budget!, holdUntilMs: NaN } }],
    ['the interval (NaN)', limitBuy(), { policy: policy({ minSymbolIntervalMs: NaN }) }],
    [
      'the band (NaN)',
      limitBuy(),
      { instrument: instrument({ percentPrice: { bidUp: NAN, bidDown: NAN, askUp: NAN, askDown: NAN, avgPriceMinutes: 5 } }) },
    ],
    [
      'the smallest order (NaN)',
      limitBuy(),
      {
        instrument: instrument({
          notional: { minUsdt: NAN as Money, applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false },
        }),
      },
    ],
    [
      'the quotes of an amount where the venue caps the holding',
      spend('500'),
      { quote: null, instrument: instrument({ maxPositionQty: qty('5') }) },
    ],
    ['the policy (a field is gone)', limitBuy(), { policy: policy({ maxDailyTrades: undefined as never }) }],
  ];
  it.each(UNKNOWN)('denies without %s', (_, request, changes) => {
    const judgement = judge(request, 'window', picture(changes));
    expect(judgement.verdict).toBe('deny');
    expect(preview(request, 'window', picture(changes)).verdict).toBe('deny');
  });
  it('names what is missing', () => {
    expect(judge(limitBuy(), 'window', picture({ dayLossUsdt: null }))).toMatchObject({
      denial: { code: 'C4.dailyLoss', text: "Loss today: the day's loss is not known, and what is not known is not allowed." },
    });
  });
  it('tells a wish that the exchange could never take, and forbids nothing for what is not known now (B5, C12)', () => {
    expect(neverTaken(limitSell(), 'protection', picture())).toBeNull();
    expect(neverTaken(limitSell({ price: text('50100.001') }), 'protection', picture())?.code).toBe('C12.price');
    expect(neverTaken(limitSell(), 'protection', picture({ dayLossUsdt: null }))).toBeNull();
    expect(neverTaken(limitSell({ qty: text('much') }), 'protection', picture())?.code).toBe('BAD_REQUEST');
    expect(neverTaken(limitSell(), 'protection', picture({ instrument: undefined as never }))?.code).toBe('GATE_ERROR');
  });
  it('denies by GATE_ERROR when it fails itself, and never throws', () => {
    const broken: readonly Partial<GatePicture>[] = [
      { policy: policy({ maxOrderNotionalUsdt: text('much') }) },
      { policy: undefined as never },
      { inFlight: undefined as never },
      { instrument: instrument({ symbol: 'ETHUSDT' as SymbolId }) },
      {
        free: () => {
          throw new RangeError('broken');
        },
      },
    ];
    for (const changes of broken) {
      expect(judge(limitBuy(), 'window', picture(changes))).toMatchObject({
        verdict: 'deny',
        denial: { code: 'GATE_ERROR' },
        readings: [],
      });
      expect(preview(limitBuy(), 'window', picture(changes))).toMatchObject({
        verdict: 'deny',
        denial: { code: 'GATE_ERROR' },
        limits: [],
      });
    }
    expect(judge(null as never, 'window', picture())).toMatchObject({ denial: { code: 'GATE_ERROR' } });
  });
});

describe('priority', () => {
  it('names the first rule in the documented order', () => {
    const all = {
      policy: policy({ blockedSymbols: ['BTCUSDT'], allowedSymbols: [], maxOrderNotionalUsdt: text('1') }),
      ordersLastSecond: 9,
    };
    expect(codeOf(limitBuy(), all)).toBe('C8.blockList');
    expect(codeOf(limitBuy({ price: text('49900.001'), qty: text('9') }))).toBe('C12.price');
    expect(codeOf(limitBuy({ qty: text('9') }))).toBe('C1.maxOrderNotional');
  });
});

describe('preview', () => {
  it('shows every limit with the verdict that the order itself would get', () => {
    const orders = [
      limitBuy(),
      limitBuy({ qty: text('1') }),
      marketBuy(),
      marketSell('0.5'),
      spend('500'),
      limitSell({ price: text('60000') }),
    ];
    for (const order of orders) {
      const [shown, judged] = [preview(order, 'window', picture()), judge(order, 'window', picture())];
      expect(shown.verdict).toBe(judged.verdict);
      expect(shown.denial).toEqual(judged.verdict === 'deny' ? judged.denial : null);
      expect(shown.limits.map(({ id, verdict }) => [id, verdict])).toEqual(
        judged.readings.map(({ limit, reading }) => [limit.id, reading.verdict]),
      );
      expect(shown.limits).toHaveLength(LIMITS.length);
    }
  });
  it('says value, fee and quantity', () => {
    expect(preview(limitBuy(), 'window', picture())).toMatchObject({
      verdict: 'pass',
      denial: null,
      notionalUsdt: '499.00',
      feeUsdt: '0.50',
      qty: '0.01',
    });
    expect(preview(spend('500'), 'window', picture())).toMatchObject({ notionalUsdt: '500.00', qty: '0.00999' });
    expect(preview(marketBuy(), 'window', picture({ quote: null }))).toMatchObject({ notionalUsdt: null, feeUsdt: null, qty: '0.01' });
    expect(preview(spend('500'), 'window', picture({ quote: null }))).toMatchObject({ qty: null });
    expect(preview(marketBuy(), 'window', picture({ instrument: null }))).toMatchObject({ feeUsdt: null, qty: '0.01' });
  });
});

describe('approval for the wire (Q1)', () => {
  const intended = (changes: Partial<IntendedOrder> = {}): IntendedOrder => ({
    clientOrderId: 'hf-abc123-000000000001' as ClientOrderId,
    symbol: BTC,
    side: 'BUY',
    type: 'LIMIT',
    qty: text('0.01'),
    price: text('49900'),
    timeInForce: 'GTC',
    reduceOnly: false,
    origin: 'window',
    generation: 3,
    reservedUsdt: text('499'),
    ...changes,
  });
  const sale = intended({ side: 'SELL', origin: 'stop', reduceOnly: true });

  it('gives what goes on the wire and nothing else, frozen, and good for one send', () => {
    const approved = approveForWire(intended(), ACTIVE, 3);
    if (!approved.ok) throw new Error('It was denied');
    expect(approved.value).toEqual({
      clientOrderId: 'hf-abc123-000000000001',
      symbol: BTC,
      side: 'BUY',
      type: 'LIMIT',
      qty: '0.01',
      price: '49900',
      timeInForce: 'GTC',
      reduceOnly: false,
    });
    expect(Object.isFrozen(approved.value)).toBe(true);
    expect([redeem(approved.value), redeem(approved.value)]).toEqual([true, false]);
  });
  it('knows an order by its mark, not by its looks', () => {
    const approved = approveForWire(intended(), ACTIVE, 3);
    if (!approved.ok) throw new Error('It was denied');
    expect(redeem({ ...approved.value })).toBe(false);
    expect(redeem(mint({}))).toBe(true);
  });
  it('carries a market buy by amount', () => {
    const { qty: _, price: __, timeInForce: ___, ...rest } = intended({ type: 'MARKET', quoteQty: text('100') });
    expect(approveForWire(rest, ACTIVE, 3)).toMatchObject({ ok: true, value: { type: 'MARKET', quoteQty: '100' } });
  });
  it('kills an order that was decided before the latch closed', () => {
    expect(approveForWire(intended(), ACTIVE, 4)).toMatchObject({ ok: false, error: { code: 'STOPPED' } });
    expect(approveForWire(sale, TRIPPED, 4)).toMatchObject({ ok: false, error: { code: 'STOPPED' } });
    expect(approveForWire(intended(), TRIPPED, 3)).toMatchObject({ ok: false, error: { code: 'STOPPED' } });
  });
  it('looks at the trading state once more', () => {
    expect(approveForWire(intended(), HALTED, 3)).toMatchObject({ ok: false, error: { code: 'STATE' } });
    expect(approveForWire(intended(), REDUCING, 3)).toMatchObject({ ok: false, error: { code: 'STATE' } });
    expect(approveForWire(intended({ side: 'SELL' }), REDUCING, 3).ok).toBe(true);
    expect(approveForWire(intended({ side: 'SELL' }), HALTED, 3).ok).toBe(false);
  });
  it("lets the stop's own sale of its own generation leave, and no buy", () => {
    expect(approveForWire(sale, TRIPPED, 3).ok).toBe(true);
    expect(approveForWire({ ...sale, side: 'BUY' }, TRIPPED, 3).ok).toBe(false);
    expect(approveForWire({ ...sale, origin: 'window' }, TRIPPED, 3).ok).toBe(false);
  });
});

describe('gauges', () => {
  it('show the limits that need no order, nearest to its limit first', () => {
    const shown = gauges(picture({ dayLossUsdt: money('450'), tradesToday: 50 }));
    expect(shown[0]).toMatchObject({
      id: 'C4.dailyLoss',
      before: '450.00',
      after: '450.00',
      limit: '500.00',
      distance: '50.00',
      usedRatio: 0.9,
      verdict: 'pass',
      text: 'A new day begins at 00:00 UTC.',
    });
    const ratios = shown.map(({ usedRatio }) => usedRatio ?? -1);
    expect(ratios).toEqual(ratios.toSorted((a, b) => b - a));
    expect(shown.map(({ id }) => id).toSorted()).toEqual([
      'C10.ordersPerSecond',
      'C11.quoteAge',
      'C11.userStream',
      'C13.consecutiveLosses',
      'C4.dailyLoss',
      'C4.dailyLossPct',
      'C5.dailyTrades',
      'C6.positionsTotal',
      'C7.leverage',
      'C7.netDirectionPct',
      'C7.positionPct',
      'C7.positionValue',
      'C7.strategyPct',
      'C7.symbolPct',
      'C7.totalPct',
      'C9.orderCount',
      'C9.requestWeight',
      'C9.venueHold',
    ]);
  });
  it('say what is forbidden now, and what is not known', () => {
    const shown = gauges(
      picture({ tradesToday: 100, quote: null, dayOpeningEquityUsdt: null, dayLossUsdt: null, budget: null, userAliveAtMs: null }),
    );
    const of = (id: string) => shown.find((view) => view.id === id);
    expect(of('C5.dailyTrades')).toMatchObject({
      verdict: 'deny',
      usedRatio: 1,
      before: '100',
      text: 'Forbids openings now. A new day begins at 00:00 UTC.',
    });
    for (const id of [
      'C11.quoteAge',
      'C11.userStream',
      'C4.dailyLoss',
      'C4.dailyLossPct',
      'C9.requestWeight',
      'C9.orderCount',
      'C9.venueHold',
    ]) {
      expect(of(id)).toMatchObject({ verdict: 'deny', before: null, usedRatio: null });
      expect(of(id)?.text).toMatch(/is not known/);
    }
    expect(gauges(picture({ dayLossUsdt: null })).find(({ id }) => id === 'C4.dailyLossPct')?.text).toMatch(/the day's loss is not known/);
  });
  it('show how long the exchange holds us', () => {
    const held = gauges(picture({ budget: { ...picture().budget!, holdUntilMs: 1_030_000 } })).find(({ id }) => id === 'C9.venueHold');
    expect(held).toMatchObject({ before: '30000', usedRatio: 1, verdict: 'deny', untilMs: 1_030_000 });
    expect(gauges(picture()).find(({ id }) => id === 'C9.venueHold')).toMatchObject({ verdict: 'pass', untilMs: null });
  });
  it('name the market whose quote is too old: the others may have a fresh one', () => {
    const of = (changes: Partial<GatePicture>) => gauges(picture(changes)).find(({ id }) => id === 'C11.quoteAge');
    expect(of({ quote: quote('49999', '50001', { ageMs: 5_001 }) })).toMatchObject({
      verdict: 'deny',
      text: 'Forbids openings in BTCUSDT now. Each market has its own; the gauge shows the oldest.',
    });
    expect(of({})).toMatchObject({ verdict: 'pass', text: 'Each market has its own; the gauge shows the oldest.' });
    expect(of({ quote: null })?.text).toMatch(/the best quote of BTCUSDT is not known/);
    expect(of({ quote: null, instrument: null })?.text).toMatch(/the best quote is not known/);
  });
  it('show the fuller of the two order counts', () => {
    const count = (orderCount1d: number) =>
      gauges(picture({ budget: { ...picture().budget!, orderCount10s: 50, orderCount1d } })).find(({ id }) => id === 'C9.orderCount');
    expect([count(100)?.limit, count(150_000)?.limit]).toEqual(['90', '180000']);
  });
});

describe('views of limits', () => {
  const rows = (request: OrderRequest, changes: Partial<GatePicture> = {}) =>
    new Map(preview(request, 'window', picture(changes)).limits.map((view) => [view.id, view]));

  it('never round a denied value to one that reads as allowed', () => {
    const view = rows(limitBuy({ qty: text('0.02'), price: text('50000.01') }), {
      policy: policy({ maxOrderNotionalUsdt: text('1000') }),
    }).get('C1.maxOrderNotional');
    expect(view).toMatchObject({
      after: '1000.01',
      limit: '1000.00',
      verdict: 'deny',
      text: 'Order value: 1000.01 USDT, and at most 1000.00 USDT is allowed.',
    });
    const little = rows(spend('99.999')).get('C1.minOpeningNotional');
    expect(little?.text).toBe('Opening value: 99.99 USDT, and at least 100.00 USDT is needed.');
  });
  it('show a price between its bounds with the room that is left', () => {
    expect(rows(limitBuy({ price: text('50500') })).get('C2.priceDeviation')).toMatchObject({
      before: '50000',
      after: '50500',
      limit: '49000 – 51000',
      distance: '500',
      usedRatio: 0.5,
    });
  });
  it("show the venue's range with or without an end, its band, and its steps", () => {
    const shown = rows(limitBuy(), {
      instrument: instrument({ notional: { minUsdt: money('5'), applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false } }),
    });
    expect(shown.get('C12.notional')).toMatchObject({ limit: '≥ 5.00', distance: '494.00', usedRatio: null });
    expect(rows(limitBuy()).get('C12.notional')).toMatchObject({ limit: '5.00 – 9000000.00', distance: '494.00', usedRatio: null });
    expect(shown.get('C12.percentPrice')).toMatchObject({ before: '50000', limit: '10000 – 250000', distance: '39900' });
    expect(shown.get('C12.price')).toMatchObject({ after: '49900', limit: '0.01', distance: null, usedRatio: null });
    expect(shown.get('C8.allowList')).toMatchObject({ after: 'BTCUSDT', limit: 'on the allow list', distance: null });
  });
  it('count a sale in the base asset', () => {
    expect(rows(limitSell()).get('C3.balance')).toMatchObject({ unit: 'base', after: '0.01', limit: '0.03', distance: '0.02' });
    expect(rows(limitBuy()).get('C3.balance')).toMatchObject({ unit: 'USDT', after: '499.50' });
  });
  it('mark what does not hold for the order', () => {
    expect(rows(limitSell()).get('C1.maxOrderNotional')).toMatchObject({
      verdict: 'not-applied',
      before: null,
      after: null,
      limit: null,
      distance: null,
      usedRatio: null,
      text: '',
    });
  });
  it('say in a sentence what is wrong, whatever the kind of limit', () => {
    const say = (request: OrderRequest, changes: Partial<GatePicture>) => {
      const judgement = judge(request, 'window', picture(changes));
      return judgement.verdict === 'deny' ? judgement.denial.text : 'It passed';
    };
    expect(say(limitBuy({ price: text('52000') }), {})).toBe('Price: 52000, and it must be from 49000 to 51000.');
    expect(
      say(limitSell({ qty: text('0.001') }), {
        instrument: instrument({
          notional: { minUsdt: money('200'), applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false },
        }),
      }),
    ).toBe("Value in the exchange's range: 50.10 USDT, and it must be from 200.00 USDT up.");
    expect(say(limitBuy(), { budget: { ...picture().budget!, usedWeight: 5000 } })).toBe(
      'Request weight this minute: 5000, and it must be below 5000.',
    );
    expect(say(limitBuy({ price: text('49900.001') }), {})).toBe(
      'Price step: 49900.001, and it must be a multiple of 0.01 from 0.01 to 1000000.',
    );
    expect(say(limitBuy(), { lastOrderOfSymbolAtMs: 999_900 })).toBe(
      "Time since the symbol's last order: 100 ms, and at least 500 ms is needed.",
    );
    expect(say(limitBuy(), { tradesToday: NaN })).toBe('Trades today: unknown, and at most 100 is allowed.');
    expect(say(limitBuy(), { policy: policy({ blockedSymbols: ['BTCUSDT'] }) })).toBe('Block list: BTCUSDT is not free to trade.');
  });
});
