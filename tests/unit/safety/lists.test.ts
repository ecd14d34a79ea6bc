// Order lists at the gate (B1, B5, C12, C14): an entry with its exits, an OCO; sized to what can be sold after fees, each order one that
// the exchange will take, counted as the exchange counts. And the last look at a list before the wire (Q1).
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import { money, price, qty } from '../../../src-shared/domain/money.ts';
import type { OrderRequest } from '../../../src-shared/domain/order.ts';
import type { IntendedLeg, IntendedList } from '../../../src-main/engine/facts.ts';
import { redeem } from '../../../src-main/safety/approved.ts';
import { approveListForWire, judgeList, preview } from '../../../src-main/safety/gate.ts';
import { listKindOf } from '../../../src-main/safety/legs.ts';
import { LIMITS } from '../../../src-main/safety/limits/all.ts';
import { judged, provesEdges } from './edges.ts';
import type { Edge } from './edges.ts';
import {
  ACTIVE,
  BTC,
  free,
  HALTED,
  inFlight,
  instrument,
  limitBuy,
  marketBuy,
  oco,
  picture,
  policy,
  REDUCING,
  spend,
  stopBuy,
  stopLimitBuy,
  stopSell,
  text,
  TRIPPED,
  withExits,
} from './pictures.ts';

const least = (minUsdt: string, applyMinToMarket = true): { readonly instrument: Instrument } => ({
  instrument: instrument({ notional: { minUsdt: money(minUsdt), applyMinToMarket, maxUsdt: undefined, applyMaxToMarket: false } }),
});
const only = (...orderTypes: string[]): { readonly instrument: Instrument } => ({
  instrument: instrument({ orderTypes: new Set(orderTypes) }),
});
const buyOco = oco({ side: 'BUY', price: text('49500'), stopPrice: text('50500') });
const marketWith = (stopLoss: string, takeProfit?: string): OrderRequest => ({
  ...marketBuy(),
  exits: { stopLoss: text(stopLoss), ...(takeProfit === undefined ? {} : { takeProfit: text(takeProfit) }) },
});

const EDGES: readonly Edge[] = [
  [
    'C12.trigger',
    [
      ['exits a tick on their sides of entry and market', withExits({ stopLoss: text('49899.99'), takeProfit: text('50000.01') })],
      ['a stop below an entry that is above the market', { ...withExits({ stopLoss: text('49999.99') }), price: text('50500') }],
      ['a market buy with exits around the market', marketWith('49999.99', '50000.01')],
      [
        'exits of a stop entry around its trigger, wherever the market is',
        { ...stopBuy(), exits: { stopLoss: text('50400'), takeProfit: text('50600') } },
      ],
      [
        'exits around trigger and limit of a limit stop entry',
        { ...stopLimitBuy(), exits: { stopLoss: text('50499.99'), takeProfit: text('50600.01') } },
      ],
      ['an OCO sale around the market', oco({ price: text('50000.01'), stopPrice: text('49999.99') })],
      ['an OCO buy around the market', { ...buyOco, price: text('49999.99'), stopPrice: text('50000.01') }],
    ],
    [
      ['a stop at the entry', withExits({ stopLoss: text('49900'), takeProfit: text('52000') })],
      ['a stop at the market though below the entry', { ...withExits({ stopLoss: text('50000') }), price: text('50500') }],
      ['a take profit at the market though above the entry', withExits({ takeProfit: text('50000') })],
      ['a take profit at the entry', { ...withExits({ takeProfit: text('50500') }), price: text('50500') }],
      ['a market buy whose stop is at the market', marketWith('50000')],
      ['a stop entry whose stop loss is at its trigger', { ...stopBuy(), exits: { stopLoss: text('50500') } }],
      ['a limit stop entry whose take profit is within its limit', { ...stopLimitBuy(), exits: { takeProfit: text('50600') } }],
      ['an OCO sale whose limit the market has reached', oco({ price: text('50000') })],
      ['an OCO sale whose stop the market has reached', oco({ stopPrice: text('50000') })],
      ['an OCO buy whose limit the market has reached', { ...buyOco, price: text('50000') }],
      ['an OCO buy whose stop the market has reached', { ...buyOco, stopPrice: text('50000') }],
      ['an OCO without a quote', oco(), { quote: null }],
    ],
  ],
  [
    'C12.notional',
    [
      // 0.01 × 0.999 → 0.00999 × 49000
      ['an exit worth the least at its stop after fees', withExits(), least('489.51', true)],
      ['a market exit where the least does not hold for it', withExits({ stopLoss: text('40000') }), least('480', false)],
      ['an OCO whose stop is worth the least', oco(), least('490')],
    ],
    [
      ['an exit worth less at its stop, which could never be sold there', withExits({ stopLoss: text('48900') }), least('489')],
      ['the same of a market buy', marketWith('48900'), least('489')],
      ['an OCO whose stop is worth less', oco(), least('490.01')],
    ],
  ],
  [
    'C12.openOrders',
    [
      ['an OCO, which counts as two', oco(), { inFlight: inFlight({ ordersOfSymbol: 198 }) }],
      ['an entry with two exits, which count as three', withExits(), { inFlight: inFlight({ ordersOfSymbol: 197 }) }],
      ['a market buy whose two exits may rest', marketWith('49000', '52000'), { inFlight: inFlight({ ordersOfSymbol: 198 }) }],
    ],
    [
      ['an OCO where one more may rest', oco(), { inFlight: inFlight({ ordersOfSymbol: 199 }) }],
      ['an entry with two exits where two more may', withExits(), { inFlight: inFlight({ ordersOfSymbol: 198 }) }],
      ['a market buy where one exit may rest', marketWith('49000', '52000'), { inFlight: inFlight({ ordersOfSymbol: 199 }) }],
    ],
  ],
  [
    'C12.algoOrders',
    [['an OCO, whose stop counts', oco(), { inFlight: inFlight({ algoOrdersOfSymbol: 4 }) }]],
    [
      ['an OCO where no stop may be added', oco(), { inFlight: inFlight({ algoOrdersOfSymbol: 5 }) }],
      ['a market buy whose stop could not be placed', marketWith('49000'), { inFlight: inFlight({ algoOrdersOfSymbol: 5 }) }],
    ],
  ],
  [
    'C12.orderLists',
    [
      ['the last list', oco(), { inFlight: inFlight({ listsOfSymbol: 19 }) }],
      ['an entry whose one exit will be a single order', marketWith('49000'), { inFlight: inFlight({ listsOfSymbol: 20 }) }],
      [
        'any where the exchange does not count',
        oco(),
        { inFlight: inFlight({ listsOfSymbol: 99 }), instrument: instrument({ maxOrderLists: undefined }) },
      ],
    ],
    [
      ['one more', oco(), { inFlight: inFlight({ listsOfSymbol: 20 }) }],
      ['an entry with its list', withExits(), { inFlight: inFlight({ listsOfSymbol: 20 }) }],
      ['a market buy whose pair could not be placed', marketWith('49000', '52000'), { inFlight: inFlight({ listsOfSymbol: 20 }) }],
    ],
  ],
  [
    'C12.orderType',
    [['exits with a limit where no stop sells at market', withExits(), only('LIMIT', 'LIMIT_MAKER', 'STOP_LOSS_LIMIT')]],
    [
      ['a pair without LIMIT_MAKER', oco(), only('LIMIT', 'STOP_LOSS')],
      ['exits without any stop', withExits(), only('LIMIT', 'LIMIT_MAKER')],
    ],
  ],
  [
    'C2.priceDeviation',
    [
      ['a take profit far above the market', oco({ price: text('90000') })],
      ['a take profit of an entry likewise', withExits({ takeProfit: text('90000') })],
      ['a stop limit at the edge from its stop', oco({ stopLimitPrice: text('48020') })],
    ],
    [
      ['a stop limit a tick further', oco({ stopLimitPrice: text('48019.99') })],
      ['a buy limit far below the market', { ...buyOco, price: text('48999.99') }],
      ['an entry far from the market', { ...withExits({ stopLoss: text('30000') }), price: text('48000') }],
    ],
  ],
  [
    'C12.price',
    [],
    [
      ['a take profit off the tick', withExits({ takeProfit: text('52000.001') })],
      ['an OCO limit off the tick', oco({ price: text('52000.001') })],
    ],
  ],
  [
    'C12.stopPrice',
    [],
    [
      ['a stop loss off the tick', withExits({ stopLoss: text('49000.001') })],
      ['of a market buy', marketWith('49000.001')],
    ],
  ],
  ['C12.lot', [], [['an OCO off the lot', oco({ qty: text('0.010001') })]]],
  [
    'C12.maxPosition',
    // Free 0.03; two buys of 0.01.
    [['an OCO buy of which the exchange counts both', buyOco, { instrument: instrument({ maxPositionQty: qty('0.05') }) }]],
    [['one above the cap', buyOco, { instrument: instrument({ maxPositionQty: qty('0.04999') }) }]],
  ],
  [
    'C3.balance',
    [
      ['an OCO sale of all that is free, locked once', oco({ qty: text('0.03') })],
      ['an OCO buy with its dearer leg, locked once', buyOco, { free: free({ USDT: '515.6151', BTC: '0' }) }],
      ['an entry whose exits need no coins yet', withExits(), { free: free({ USDT: '500', BTC: '0' }) }],
    ],
    [
      ['an OCO buy short of its dearer leg', buyOco, { free: free({ USDT: '515.615', BTC: '0' }) }],
      ['an OCO sale of more than is free', oco(), { free: free({ USDT: '1', BTC: '0.00999' }) }],
    ],
  ],
  [
    'C1.maxOrderNotional',
    [['an OCO buy whose dearer leg is worth the most', buyOco, { policy: policy({ maxOrderNotionalUsdt: text('515.1') }) }]],
    [['one whose dearer leg is worth more', buyOco, { policy: policy({ maxOrderNotionalUsdt: text('515.09') }) }]],
  ],
  [
    'REDUCE_ONLY',
    [['an OCO sale of the whole position', oco({ qty: text('0.03') })]],
    [
      ['an OCO sale of more', oco({ qty: text('0.03001') }), { free: free({ USDT: '0', BTC: '9' }) }],
      ['an OCO sale without a position', oco(), { position: null }],
      ['an entry with exits that says it only reduces', { ...withExits(), reduceOnly: true }],
    ],
  ],
  [
    'STATE',
    [['an OCO sale while REDUCING', oco(), { trading: REDUCING }]],
    [
      ['an OCO buy while REDUCING', buyOco, { trading: REDUCING }],
      ['an entry with exits while REDUCING', withExits(), { trading: REDUCING }],
      ['any OCO while HALTED', oco(), { trading: HALTED }],
      ['an OCO that makes no order while HALTED', oco({ qty: text('0') }), { trading: HALTED }],
      ['an entry that makes no order while HALTED', { ...withExits(), qty: text('0') }, { trading: HALTED }],
    ],
  ],
  [
    'BAD_REQUEST',
    [],
    [
      ['an OCO of nothing', oco({ qty: text('0') })],
      ['an OCO with a stop that is no number', oco({ stopPrice: text('low') })],
      ['an OCO with a limit that is no number', oco({ price: text('') })],
      ['a plan of nothing', withExits({})],
      ['a stop loss beside a trailing stop', withExits({ stopLoss: text('49000'), trailingDeltaBps: 100 })],
      ['a stop loss that is no number', withExits({ stopLoss: text('low') })],
      ['a take profit of 0', withExits({ takeProfit: text('0') })],
      ['a stop loss above the take profit', withExits({ stopLoss: text('52000'), takeProfit: text('52000') })],
      ['half a basis point to trail by', withExits({ trailingDeltaBps: 0.5 })],
      ['a sale with exits', { ...withExits(), side: 'SELL' }],
    ],
  ],
];
provesEdges(EDGES);

describe('the list that carries a wish out', () => {
  const kind = (request: OrderRequest, changes: Partial<Instrument> = {}) => listKindOf(request, instrument(changes));
  it('is an OTO for one exit and an OTOCO for two, of a limit buy that may rest', () => {
    expect(kind(withExits())).toBe('OTOCO');
    expect(kind(withExits({ stopLoss: text('49000') }))).toBe('OTO');
    expect(kind(withExits({ takeProfit: text('52000') }))).toBe('OTO');
    expect(kind(withExits({ trailingDeltaBps: 100 }))).toBe('OTO');
    expect(kind(withExits({ trailingDeltaBps: 100, takeProfit: text('52000') }))).toBe('OTOCO');
    expect(kind({ ...withExits(), timeInForce: 'POST_ONLY' })).toBe('OTOCO');
  });
  it('is none for what does not rest, does not buy, or has no exits', () => {
    expect(kind(limitBuy())).toBeNull();
    expect(kind({ ...withExits(), timeInForce: 'IOC' })).toBeNull();
    expect(kind({ ...withExits(), timeInForce: 'FOK' })).toBeNull();
    expect(kind(marketWith('49000'))).toBeNull();
    expect(kind({ ...withExits(), side: 'SELL' })).toBeNull();
    expect(listKindOf(withExits(), null)).toBeNull();
    expect(judgeList(marketWith('49000'), 'window', picture())).toMatchObject({ verdict: 'deny', denial: { code: 'BAD_REQUEST' } });
  });
  it('is none where only the console can trail', () => {
    const trailing = withExits({ trailingDeltaBps: 100 });
    expect(kind(trailing, { trailingDelta: undefined })).toBeNull();
    expect(kind(trailing, { orderTypes: new Set(['LIMIT', 'LIMIT_MAKER', 'STOP_LOSS_LIMIT']) })).toBeNull();
    expect(kind(withExits({ trailingDeltaBps: 9 }))).toBeNull();
    expect(kind(withExits({ trailingDeltaBps: 2001 }))).toBeNull();
  });
});

describe('what passes', () => {
  it('is an entry with exits of what can be sold after the fee, never above', () => {
    expect(judged(withExits())).toMatchObject({
      verdict: 'pass',
      kind: 'OTOCO',
      orders: [
        {
          role: 'entry',
          side: 'BUY',
          type: 'LIMIT',
          qty: '0.01',
          price: '49900',
          reservedUsdt: '499',
          exits: { stopLoss: '49000', takeProfit: '52000' },
        },
        { role: 'stop', side: 'SELL', type: 'STOP_LOSS', qty: '0.00999', stopPrice: '49000', reduceOnly: true },
        { role: 'limit', side: 'SELL', type: 'LIMIT', qty: '0.00999', price: '52000', timeInForce: 'POST_ONLY', reduceOnly: true },
      ],
    });
    // 0.00999 × 0.9985 = 0.009975015: one lot less than a price could round up to.
    expect(judged({ ...withExits(), qty: text('0.00999') }, { instrument: instrument({ takerFee: new Decimal('0.0015') }) })).toMatchObject(
      {
        orders: [{ qty: '0.00999' }, { qty: '0.00997' }, { qty: '0.00997' }],
      },
    );
  });
  it('is an entry with one exit; alone, a take profit may take', () => {
    expect(judged(withExits({ stopLoss: text('49000') }))).toMatchObject({
      kind: 'OTO',
      orders: [{ role: 'entry' }, { role: 'stop', type: 'STOP_LOSS' }],
    });
    expect(judged(withExits({ takeProfit: text('52000') }))).toMatchObject({
      kind: 'OTO',
      orders: [{ role: 'entry' }, { role: 'limit', type: 'LIMIT', timeInForce: 'GTC' }],
    });
    expect(judged(withExits({ trailingDeltaBps: 100 }))).toMatchObject({
      orders: [{ role: 'entry' }, { role: 'stop', trailingDeltaBps: 100 }],
    });
  });
  it('sells at a limit as far below its stop as C2 allows, on the tick, where nothing sells at market', () => {
    expect(judged(withExits({ stopLoss: text('48999.99') }), only('LIMIT', 'LIMIT_MAKER', 'STOP_LOSS_LIMIT'))).toMatchObject({
      orders: [{}, { type: 'STOP_LOSS_LIMIT', stopPrice: '48999.99', price: '48020', timeInForce: 'GTC' }],
    });
    const coarse = instrument({ orderTypes: new Set(['LIMIT', 'LIMIT_MAKER', 'STOP_LOSS_LIMIT']), tick: price('0.05') });
    expect(judged(withExits({ stopLoss: text('48999.05') }), { instrument: coarse })).toMatchObject({ orders: [{}, { price: '48019.1' }] });
    const free = instrument({ orderTypes: new Set(['LIMIT', 'LIMIT_MAKER', 'STOP_LOSS_LIMIT']), tick: price('0') });
    expect(judged(withExits({ stopLoss: text('48999.05') }), { instrument: free })).toMatchObject({ orders: [{}, { price: '48019.069' }] });
  });
  it('is an OCO whose legs both carry the dearer value, to be reserved once', () => {
    expect(judged(oco({ stopLimitPrice: text('48900') }))).toMatchObject({
      kind: 'OCO',
      orders: [
        { role: 'stop', type: 'STOP_LOSS_LIMIT', qty: '0.01', stopPrice: '49000', price: '48900', timeInForce: 'GTC', reservedUsdt: '520' },
        { role: 'limit', type: 'LIMIT', qty: '0.01', price: '52000', timeInForce: 'POST_ONLY', reservedUsdt: '520' },
      ],
    });
    expect(judged(buyOco)).toMatchObject({
      orders: [
        { role: 'stop', reservedUsdt: '515.1' },
        { role: 'limit', reservedUsdt: '515.1' },
      ],
    });
  });
  it('is an OCO whose stop trails from now on, in the range of the exchange, wherever a stop would be', () => {
    expect(judged(oco({ stopPrice: text('60000'), trailingDeltaBps: 100 }))).toMatchObject({
      kind: 'OCO',
      orders: [{ role: 'stop', type: 'STOP_LOSS', trailingDeltaBps: 100 }, { role: 'limit' }],
    });
    expect(judged(oco({ trailingDeltaBps: 9 }))).toMatchObject({ denial: { code: 'C12.trailingDelta' } });
  });
  it('is a single order with its plan where the console places the exits at the fill', () => {
    expect(judged(marketWith('49000', '52000'))).toMatchObject({
      order: { type: 'MARKET', qty: '0.01', exits: { stopLoss: '49000', takeProfit: '52000' } },
    });
    expect(judged({ ...spend('500'), exits: { trailingDeltaBps: 100 } })).toMatchObject({
      order: { type: 'MARKET', quoteQty: '500', exits: { trailingDeltaBps: 100 } },
    });
    expect(judged({ ...withExits({ trailingDeltaBps: 9 }) })).toMatchObject({
      order: { type: 'LIMIT', timeInForce: 'GTC', exits: { trailingDeltaBps: 9 } },
    });
    expect(judged({ ...stopBuy(), exits: { trailingDeltaBps: 9 } })).toMatchObject({ order: { type: 'STOP_LOSS', stopPrice: '50500' } });
  });
  it('is judged by limits, not by exits, where nothing can be told of them', () => {
    expect(judged({ ...marketBuy(), exits: { trailingDeltaBps: 9 } }, { quote: null })).toMatchObject({ denial: { code: 'C11.quoteAge' } });
    expect(judged({ ...spend('500'), exits: { stopLoss: text('49000') } }, { quote: null })).toMatchObject({
      denial: { code: 'C11.quoteAge' },
    });
    expect(judged(marketWith('49000'), { instrument: null })).toMatchObject({ verdict: 'deny' });
    expect(
      judged(withExits(), { instrument: instrument({ lot: { minQty: qty('0.01'), maxQty: qty('0'), stepQty: qty('0.00001') } }) }),
    ).toMatchObject({
      denial: { code: 'C1.exitPossible' },
    });
  });
});

describe('a denial of a list', () => {
  it('names the leg', () => {
    expect(judged(oco({ price: text('50000') }))).toMatchObject({
      denial: { text: 'The take profit: Trigger: 50000, and it must be above 50000.' },
    });
    expect(judged(withExits({ stopLoss: text('49900') }))).toMatchObject({
      denial: { text: 'The stop: Trigger: 49900, and it must be below 49900.' },
    });
    expect(judged({ ...withExits(), qty: text('0.03') })).toMatchObject({
      denial: { text: 'Order value: 1497.00 USDT, and at most 1000.00 USDT is allowed.' },
    });
    expect(judged(oco({ qty: text('0') }))).toMatchObject({
      denial: { text: 'The stop: The quantity "0" is not a plain decimal above 0.' },
    });
  });
  it('is the answer when the gate fails itself', () => {
    expect(judgeList(oco(), 'window', picture({ policy: undefined as never }))).toMatchObject({
      denial: { code: 'GATE_ERROR' },
      readings: [],
    });
    expect(judgeList(null as never, 'window', picture())).toMatchObject({ denial: { code: 'GATE_ERROR' } });
  });
});

describe('preview of a list', () => {
  it('has one row a limit, and says what the list itself would get', () => {
    for (const wish of [
      oco(),
      oco({ price: text('50000') }),
      withExits(),
      withExits({ stopLoss: text('49900') }),
      marketWith('49000', '52000'),
    ]) {
      const [shown, verdict] = [preview(wish, 'window', picture()), judged(wish)];
      expect(shown.limits.map(({ id }) => id)).toEqual(LIMITS.map(({ id }) => id));
      expect(shown.denial).toEqual(verdict.verdict === 'deny' ? verdict.denial : null);
      expect(verdict.readings).toHaveLength(LIMITS.length);
    }
  });
  it('is worth what its entry is, or the dearer leg', () => {
    expect(preview(withExits(), 'window', picture())).toMatchObject({ notionalUsdt: '499.00', qty: '0.01' });
    expect(preview(oco(), 'window', picture())).toMatchObject({ notionalUsdt: '520.00' });
    expect(preview(buyOco, 'window', picture())).toMatchObject({ notionalUsdt: '505.00' });
  });
  it('shows the exits own rows where they deny', () => {
    const row = preview(withExits({ stopLoss: text('49900') }), 'window', picture()).limits.find(({ id }) => id === 'C12.trigger');
    expect(row).toMatchObject({ verdict: 'deny', limit: '< 49900' });
  });
});

describe("the console's own protection (B5, C14)", () => {
  const origin = 'protection';
  it('sells in ACTIVE and REDUCING, and never buys', () => {
    expect(judged(oco(), {}, origin)).toMatchObject({ verdict: 'pass', orders: [{ reduceOnly: true }, { reduceOnly: true }] });
    expect(judged(oco(), { trading: REDUCING }, origin).verdict).toBe('pass');
    expect(judged(oco(), { trading: HALTED }, origin)).toMatchObject({ denial: { code: 'STATE' } });
    expect(judged(oco(), { trading: TRIPPED }, origin)).toMatchObject({ denial: { code: 'STATE' } });
    expect(judged(limitBuy(), {}, origin)).toMatchObject({ denial: { code: 'REDUCE_ONLY' } });
    expect(judged(buyOco, {}, origin)).toMatchObject({ denial: { code: 'REDUCE_ONLY' } });
  });
  it('is not made to wait (C10), where a person is', () => {
    const hurried = { ordersLastSecond: 99, lastOrderOfSymbolAtMs: 1_000_000 };
    expect(judged(oco(), hurried, origin).verdict).toBe('pass');
    expect(judged(stopSell(), hurried, origin)).toMatchObject({ verdict: 'pass', order: { reduceOnly: true } });
    expect(judged(oco(), hurried)).toMatchObject({ denial: { code: 'C10.ordersPerSecond' } });
  });
  it('may take a profit far above the market by a plain limit, where a person may not', () => {
    const far: OrderRequest = { symbol: BTC, side: 'SELL', type: 'LIMIT', qty: text('0.01'), price: text('90000') };
    expect(judged(far, {}, origin)).toMatchObject({ verdict: 'pass', order: { reduceOnly: true } });
    expect(judged(far)).toMatchObject({ denial: { code: 'C2.priceDeviation' } });
    expect(judged({ ...far, price: text('48999.99') }, {}, origin)).toMatchObject({ denial: { code: 'C2.priceDeviation' } });
  });
  it('never exceeds the position together with every other sell, its own included (Q11)', () => {
    const guarded = { inFlight: inFlight({ sellQtyOfSymbol: qty('0.02'), protectionQtyOfSymbol: qty('0.02') }) };
    expect(judged(oco({ qty: text('0.01') }), guarded, origin).verdict).toBe('pass');
    expect(judged(oco({ qty: text('0.01001') }), guarded, origin)).toMatchObject({ denial: { code: 'REDUCE_ONLY' } });
  });
  it("gives way to a person's sale: neither the cap nor the balance counts it", () => {
    const guarded = {
      free: free({ USDT: '0', BTC: '0' }),
      inFlight: inFlight({ sellQtyOfSymbol: qty('0.03'), protectionQtyOfSymbol: qty('0.03') }),
    };
    expect(judged(oco({ qty: text('0.03') }), guarded).verdict).toBe('pass');
    expect(judged(oco({ qty: text('0.03001') }), guarded)).toMatchObject({ denial: { code: 'REDUCE_ONLY' } });
    const besides = { ...guarded, inFlight: inFlight({ sellQtyOfSymbol: qty('0.03'), protectionQtyOfSymbol: qty('0.02') }) };
    expect(judged(oco({ qty: text('0.02') }), besides).verdict).toBe('pass');
    expect(judged(oco({ qty: text('0.02001') }), besides)).toMatchObject({ denial: { code: 'REDUCE_ONLY' } });
  });
  it('counts once for the balance while the exchange has not locked it yet', () => {
    const sent = {
      free: free({ USDT: '0', BTC: '0.03' }),
      inFlight: inFlight({
        sellQtyOfSymbol: qty('0.03'),
        protectionQtyOfSymbol: qty('0.03'),
        unlockedBaseQty: qty('0.03'),
        unlockedProtectionQty: qty('0.03'),
      }),
    };
    expect(judged(oco({ qty: text('0.03') }), sent).verdict).toBe('pass');
    const spent = { ...sent, free: free({ USDT: '0', BTC: '0.02999' }) };
    expect(judged(oco({ qty: text('0.03') }), spent)).toMatchObject({ denial: { code: 'C3.balance' } });
  });
});

describe('approval of a list for the wire (Q1)', () => {
  const leg = (changes: Partial<IntendedLeg> = {}): IntendedLeg => ({
    clientOrderId: 'hf-abc123-000000000001-1' as ClientOrderId,
    symbol: BTC,
    side: 'SELL',
    type: 'STOP_LOSS',
    qty: text('0.01'),
    stopPrice: text('49000'),
    reduceOnly: true,
    origin: 'window',
    generation: 3,
    reservedUsdt: text('490'),
    role: 'stop',
    ...changes,
  });
  const list = (...orders: IntendedLeg[]): IntendedList => ({
    listId: 'hf-abc123-000000000001' as ClientOrderId,
    kind: 'OCO',
    symbol: BTC,
    orders,
  });
  const entry = leg({ side: 'BUY', role: 'entry', type: 'LIMIT', price: text('49900') });

  it('gives what goes on the wire and nothing else, frozen, and good for one send', () => {
    const approved = approveListForWire(list(leg({ trailingDeltaBps: 100 }), leg({ role: 'limit' })), ACTIVE, 3);
    if (!approved.ok) throw new Error('It was denied');
    expect(approved.value).toEqual({
      listId: 'hf-abc123-000000000001',
      kind: 'OCO',
      symbol: BTC,
      orders: [
        {
          clientOrderId: 'hf-abc123-000000000001-1',
          symbol: BTC,
          side: 'SELL',
          type: 'STOP_LOSS',
          qty: '0.01',
          stopPrice: '49000',
          trailingDeltaBps: 100,
          reduceOnly: true,
          role: 'stop',
        },
        expect.objectContaining({ role: 'limit' }),
      ],
    });
    expect(Object.isFrozen(approved.value)).toBe(true);
    expect([redeem(approved.value), redeem(approved.value)]).toEqual([true, false]);
  });
  it('kills it whole when any of its orders may not leave', () => {
    expect(approveListForWire(list(leg(), leg({ generation: 2 })), ACTIVE, 3)).toMatchObject({ ok: false, error: { code: 'STOPPED' } });
    expect(approveListForWire(list(leg(), leg()), TRIPPED, 3)).toMatchObject({ ok: false, error: { code: 'STOPPED' } });
    expect(approveListForWire(list(leg(), leg()), HALTED, 3)).toMatchObject({ ok: false, error: { code: 'STATE' } });
    expect(approveListForWire(list(entry, leg()), REDUCING, 3)).toMatchObject({ ok: false, error: { code: 'STATE' } });
    expect(approveListForWire(list(leg(), leg()), REDUCING, 3).ok).toBe(true);
    expect(approveListForWire(list(leg({ origin: 'protection' }), leg()), REDUCING, 3).ok).toBe(true);
  });
});
