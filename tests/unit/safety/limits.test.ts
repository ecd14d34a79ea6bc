// Every limit of the gate on both sides of its edge: the last value that passes, and the first that does not (REQUIREMENTS C).
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import { money, price, qty } from '../../../src-shared/domain/money.ts';
import type { OrderRequest } from '../../../src-shared/domain/order.ts';
import { judge } from '../../../src-main/safety/gate.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { provesEdges } from './edges.ts';
import type { Edge } from './edges.ts';
import { free, inFlight, instrument, limitBuy, limitSell, marketBuy, marketSell, picture, policy, quote, spend, text } from './pictures.ts';

const symbols = (...names: string[]): ReadonlySet<SymbolId> => new Set(names as SymbolId[]);
const lot = { minQty: qty('0.0002'), maxQty: qty('0.02'), stepQty: qty('0.0002') };
const notional = { minUsdt: money('200'), applyMinToMarket: false, maxUsdt: money('600'), applyMaxToMarket: false };
const band = {
  bidUp: new Decimal('1.01'),
  bidDown: new Decimal('0.99'),
  askUp: new Decimal('1.005'),
  askDown: new Decimal('0.995'),
  avgPriceMinutes: 5,
};
const budget = (changes: Partial<NonNullable<GatePicture['budget']>>) => ({ budget: { ...picture().budget!, ...changes } });
const wide = policy({ maxPriceDeviationPct: text('20') });

/** What passes (first) and what is denied with the code (second). */
const EDGES: readonly Edge[] = [
  [
    'C1.maxOrderNotional',
    [
      ['a limit buy worth exactly the most', limitBuy({ qty: text('0.02'), price: text('50000') })],
      ['a market buy worth the most at its worst price', marketBuy('0.01'), { policy: policy({ maxOrderNotionalUsdt: text('510.0102') }) }],
      ['an amount of exactly the most', spend('1000')],
      ['a sale of any value (C14)', marketSell('0.03')],
    ],
    [
      ['a limit buy one tick above', limitBuy({ qty: text('0.02'), price: text('50000.01') })],
      ['a market buy whose worst price is above', marketBuy('0.01'), { policy: policy({ maxOrderNotionalUsdt: text('510.0101') }) }],
      ['an amount just above', spend('1000.00000001')],
    ],
  ],
  [
    'C1.minOpeningNotional',
    [
      ['a limit buy worth exactly the least', limitBuy({ qty: text('0.002'), price: text('50000') })],
      ['an amount of exactly the least', spend('100')],
      ['a small sale (C14)', limitSell({ qty: text('0.001') })],
    ],
    [
      ['a limit buy one tick below', limitBuy({ qty: text('0.002'), price: text('49999.99') })],
      ['a market buy worth less at the ask', marketBuy('0.00199')],
      ['an amount just below', spend('99.99999999')],
    ],
  ],
  [
    'C1.exitPossible',
    [
      // 0.01 × 0.999 → 0.00999 × 50000 × 0.98 = 489.51
      [
        'a buy whose sale is worth exactly the least',
        limitBuy(),
        { instrument: instrument({ notional: { ...notional, minUsdt: money('489.51'), applyMinToMarket: true } }) },
      ],
      [
        'a buy that a heavy fee leaves exactly the least of',
        limitBuy(),
        {
          instrument: instrument({ takerFee: new Decimal('0.9'), notional: { ...notional, minUsdt: money('49'), applyMinToMarket: true } }),
        },
      ],
      ['a buy without a smallest order at the venue', limitBuy(), { instrument: instrument({ notional: undefined }) }],
    ],
    [
      [
        'a buy whose sale is worth a cent less',
        limitBuy(),
        { instrument: instrument({ notional: { ...notional, minUsdt: money('489.52'), applyMinToMarket: true } }) },
      ],
      [
        'a buy that a heavy fee leaves too little of',
        limitBuy(),
        {
          instrument: instrument({
            takerFee: new Decimal('0.9'),
            notional: { ...notional, minUsdt: money('49.01'), applyMinToMarket: true },
          }),
        },
      ],
      [
        'a buy that the fee takes below the smallest lot',
        limitBuy(),
        { instrument: instrument({ lot: { ...lot, minQty: qty('0.01'), stepQty: qty('0.00001') } }) },
      ],
      [
        'a buy of one lot, of which the fee leaves none',
        limitBuy(),
        { instrument: instrument({ lot: { minQty: qty('0'), maxQty: qty('0'), stepQty: qty('0.01') }, notional: undefined }) },
      ],
      [
        'an amount that buys too little at the worst price',
        spend('500'),
        { instrument: instrument({ notional: { ...notional, minUsdt: money('480'), applyMinToMarket: true } }) },
      ],
    ],
  ],
  [
    'C2.priceDeviation',
    [
      ['a buy at the highest price', limitBuy({ price: text('51000') })],
      ['a buy at the lowest price', limitBuy({ price: text('49000') })],
      ['a sale at the highest price', limitSell({ price: text('51000') })],
      ['a market buy at an ask at the edge', marketBuy(), { quote: quote('49000', '50959.99') }],
      [
        'a limit buy against the last price when the quotes make no sense',
        limitBuy({ price: text('50000') }),
        { quote: quote('50001', '49999') },
      ],
    ],
    [
      ['a buy a tick above', limitBuy({ price: text('51000.01') })],
      ['a buy a tick below', limitBuy({ price: text('48999.99') })],
      ['a sale a tick above', limitSell({ price: text('51000.01') })],
      ['a sale a tick below', limitSell({ price: text('48999.99') })],
      ['a market buy on a quote that is too wide', marketBuy('0.005'), { quote: quote('47000', '53000') }],
      ['a market sale on a quote that is too wide', marketSell('0.005'), { quote: quote('47000', '53000') }],
    ],
  ],
  [
    'C3.balance',
    [
      ['a buy that takes all with its fee', limitBuy({ price: text('50000') }), { free: free({ USDT: '500.5', BTC: '0.03' }) }],
      [
        'a buy beside what is in flight',
        limitBuy({ price: text('50000') }),
        { free: free({ USDT: '600.5', BTC: '0.03' }), inFlight: inFlight({ unlockedQuoteUsdt: money('100') }) },
      ],
      ['a sale of all that is free', limitSell(), { free: free({ USDT: '0', BTC: '0.01' }) }],
    ],
    [
      ['a buy short of its fee', limitBuy({ price: text('50000') }), { free: free({ USDT: '500.49999999', BTC: '0.03' }) }],
      [
        'a buy short of what is in flight',
        limitBuy({ price: text('50000') }),
        { free: free({ USDT: '600.49', BTC: '0.03' }), inFlight: inFlight({ unlockedQuoteUsdt: money('100') }) },
      ],
      ['a sale of more than is free', limitSell(), { free: free({ USDT: '0', BTC: '0.00999' }) }],
      [
        'a sale of what a sale in flight may have taken',
        limitSell(),
        { free: free({ USDT: '0', BTC: '0.03' }), inFlight: inFlight({ unlockedBaseQty: qty('0.02001') }) },
      ],
    ],
  ],
  [
    'C4.dailyLoss',
    [
      ['an opening whose fee just fits', limitBuy({ price: text('50000') }), { dayLossUsdt: money('499.5') }],
      ['a sale past the loss (C14)', limitSell(), { dayLossUsdt: money('900') }],
    ],
    [
      ['an opening whose fee does not fit', limitBuy({ price: text('50000') }), { dayLossUsdt: money('499.51') }],
      ['an opening at the loss', limitBuy(), { dayLossUsdt: money('500') }],
    ],
  ],
  [
    'C4.dailyLossPct',
    [
      [
        'an opening whose fee just fits',
        limitBuy({ price: text('50000') }),
        { dayLossUsdt: money('49.5'), dayOpeningEquityUsdt: money('1000') },
      ],
    ],
    [
      [
        'an opening whose fee does not fit',
        limitBuy({ price: text('50000') }),
        { dayLossUsdt: money('49.51'), dayOpeningEquityUsdt: money('1000') },
      ],
      ['an opening in a day that began with nothing', limitBuy(), { dayLossUsdt: money('0'), dayOpeningEquityUsdt: money('0') }],
    ],
  ],
  [
    'C5.dailyTrades',
    [
      ['the hundredth trade', limitBuy(), { tradesToday: 99 }],
      ['the hundredth, orders in flight counted', limitBuy(), { tradesToday: 90, inFlight: inFlight({ unfilledOrders: 9 }) }],
      ['a sale after the hundredth (C14)', limitSell(), { tradesToday: 100 }],
    ],
    [
      ['the hundred and first', limitBuy(), { tradesToday: 100 }],
      ['the hundred and first, orders in flight counted', limitBuy(), { tradesToday: 90, inFlight: inFlight({ unfilledOrders: 10 }) }],
    ],
  ],
  [
    'C6.positionsTotal',
    [
      [
        'the fifth position',
        limitBuy(),
        { positionSymbols: symbols('A', 'B', 'C'), inFlight: inFlight({ openingSymbols: symbols('C', 'D') }) },
      ],
      ['adding to one of five', limitBuy(), { positionSymbols: symbols('A', 'B', 'C', 'D', 'BTCUSDT') }],
      [
        'adding to an opening in flight',
        limitBuy(),
        { positionSymbols: symbols('A', 'B', 'C', 'D'), inFlight: inFlight({ openingSymbols: symbols('BTCUSDT') }) },
      ],
      ['selling one of six (C14)', limitSell(), { positionSymbols: symbols('A', 'B', 'C', 'D', 'E', 'BTCUSDT') }],
    ],
    [
      ['the sixth position', limitBuy(), { positionSymbols: symbols('A', 'B', 'C', 'D', 'E') }],
      [
        'the sixth, openings in flight counted',
        limitBuy(),
        { positionSymbols: symbols('A', 'B', 'C'), inFlight: inFlight({ openingSymbols: symbols('D', 'E') }) },
      ],
      ['adding where there are six already', limitBuy(), { positionSymbols: symbols('A', 'B', 'C', 'D', 'E', 'BTCUSDT') }],
    ],
  ],
  [
    'C6.positionsPerSymbol',
    [['adding to the one position of the symbol (spot nets)', limitBuy()]],
    [['any opening when not even one is allowed', limitBuy(), { policy: policy({ maxPositionsPerSymbol: 0 }) }]],
  ],
  [
    'C8.allowList',
    [
      ['a symbol on the list', limitBuy(), { policy: policy({ allowedSymbols: ['BTCUSDT'] }) }],
      ['a sale of what is held (C14)', limitSell(), { policy: policy({ allowedSymbols: ['ETHUSDT'] }) }],
    ],
    [
      ['a symbol that is not', limitBuy(), { policy: policy({ allowedSymbols: ['ETHUSDT'] }) }],
      ['anything when the list is empty', limitBuy(), { policy: policy({ allowedSymbols: [] }) }],
    ],
  ],
  [
    'C8.blockList',
    [
      ['a symbol that is not on it', limitBuy(), { policy: policy({ blockedSymbols: ['ETHUSDT'] }) }],
      ['a sale of what is held (C14)', limitSell(), { policy: policy({ blockedSymbols: ['BTCUSDT'] }) }],
    ],
    [['a symbol that both lists name', limitBuy(), { policy: policy({ blockedSymbols: ['BTCUSDT'] }) }]],
  ],
  [
    'C9.requestWeight',
    [
      ['an opening one below the ceiling', limitBuy(), budget({ usedWeight: 4999 })],
      ['a sale above it', limitSell(), budget({ usedWeight: 5999 })],
    ],
    [
      ['an opening at the ceiling', limitBuy(), budget({ usedWeight: 5000 })],
      ["an opening at the venue's own limit where that is lower", limitBuy(), budget({ usedWeight: 2400, weightLimit: 2400 })],
    ],
  ],
  [
    'C9.orderCount',
    [
      ['an opening one below 90 % in 10 s', limitBuy(), budget({ orderCount10s: 89 })],
      ['an opening one below 90 % in a day', limitBuy(), budget({ orderCount1d: 179_999 })],
      ['a sale above both', limitSell(), budget({ orderCount10s: 99, orderCount1d: 199_999 })],
    ],
    [
      ['an opening at 90 % in 10 s', limitBuy(), budget({ orderCount10s: 90 })],
      ['an opening at 90 % in a day', limitBuy(), budget({ orderCount1d: 180_000 })],
    ],
  ],
  [
    'C9.venueHold',
    [['an order at the end of the hold', limitBuy(), budget({ holdUntilMs: 1_000_000 })]],
    [
      ['a buy a millisecond before', limitBuy(), budget({ holdUntilMs: 1_000_001 })],
      ['a sale too', marketSell(), budget({ holdUntilMs: 1_000_001 })],
    ],
  ],
  [
    'C10.ordersPerSecond',
    [['the fifth order', limitBuy(), { ordersLastSecond: 4 }]],
    [
      ['the sixth', limitBuy(), { ordersLastSecond: 5 }],
      ['the sixth, a sale', limitSell(), { ordersLastSecond: 5 }],
    ],
  ],
  [
    'C10.symbolInterval',
    [
      ['an order 500 ms after the last', limitBuy(), { lastOrderOfSymbolAtMs: 999_500 }],
      ['the first order of a symbol', limitBuy(), { lastOrderOfSymbolAtMs: null }],
    ],
    [['an order 499 ms after the last', limitBuy(), { lastOrderOfSymbolAtMs: 999_501 }]],
  ],
  [
    'C11.quoteAge',
    [
      ['an opening on a quote of 5 s', limitBuy(), { quote: quote('49999', '50001', { ageMs: 5000 }) }],
      ['a sale on an old quote', limitSell(), { quote: quote('49999', '50001', { ageMs: 60_000 }) }],
    ],
    [['an opening on an older one', limitBuy(), { quote: quote('49999', '50001', { ageMs: 5001 }) }]],
  ],
  [
    'C11.userStream',
    [
      ['an opening after 10 s of silence', limitBuy(), { userAliveAtMs: 990_000 }],
      ['a sale after more', limitSell(), { userAliveAtMs: 900_000 }],
    ],
    [['an opening after more', limitBuy(), { userAliveAtMs: 989_999 }]],
  ],
  [
    'C12.symbolStatus',
    [['a symbol that trades', limitBuy()]],
    [
      ['a symbol that only cancels', limitBuy(), { instrument: instrument({ status: 'CANCEL_ONLY' }) }],
      ['a sale of a halted symbol', limitSell(), { instrument: instrument({ status: 'HALTED' }) }],
    ],
  ],
  [
    'C12.orderType',
    [['post-only where LIMIT_MAKER is listed', limitBuy({ timeInForce: 'POST_ONLY' })]],
    [
      [
        'post-only where it is not',
        limitBuy({ timeInForce: 'POST_ONLY' }),
        { instrument: instrument({ orderTypes: new Set(['LIMIT', 'MARKET']) }) },
      ],
      ['a market order where it is not listed', marketBuy(), { instrument: instrument({ orderTypes: new Set(['LIMIT']) }) }],
    ],
  ],
  [
    'C12.price',
    [
      ['a price on the tick', limitBuy({ price: text('49900.01') })],
      ['a price on a tick of 0.05', limitBuy({ price: text('49900.05') }), { instrument: instrument({ tick: price('0.05') }) }],
      ['the largest price', limitBuy(), { instrument: instrument({ maxPrice: price('49900') }) }],
      ['the smallest price', limitBuy(), { instrument: instrument({ minPrice: price('49900') }) }],
      [
        'any price where nothing is bounded',
        limitBuy({ price: text('49900.001') }),
        { instrument: instrument({ tick: price('0'), minPrice: price('0'), maxPrice: price('0') }) },
      ],
      ['a market order, which has none', marketBuy(), { instrument: instrument({ maxPrice: price('1') }) }],
    ],
    [
      ['a price off the tick', limitBuy({ price: text('49900.001') })],
      ['a price off a tick of 0.05', limitBuy({ price: text('49900.01') }), { instrument: instrument({ tick: price('0.05') }) }],
      ['a price above the largest', limitBuy(), { instrument: instrument({ maxPrice: price('49899.99') }) }],
      ['a price below the smallest', limitBuy(), { instrument: instrument({ minPrice: price('49900.01') }) }],
      ['a sale off the tick', limitSell({ price: text('50100.001') })],
    ],
  ],
  [
    'C12.lot',
    [
      ['a quantity on the step', limitBuy({ qty: text('0.0102') }), { instrument: instrument({ lot }) }],
      ['the largest lot', limitBuy({ qty: text('0.02'), price: text('49900') }), { instrument: instrument({ lot }) }],
      ['the smallest lot', limitSell({ qty: text('0.0002') }), { instrument: instrument({ lot }) }],
      [
        'any quantity where nothing is bounded',
        limitSell({ qty: text('0.0100001') }),
        { instrument: instrument({ lot: { minQty: qty('0'), maxQty: qty('0'), stepQty: qty('0') } }) },
      ],
      [
        'an amount that buys the largest lot at the ask',
        spend('1000'),
        { quote: quote('49999', '50000'), instrument: instrument({ lot: { ...lot, stepQty: qty('0.00001') } }) },
      ],
    ],
    [
      ['a quantity off the step', limitBuy({ qty: text('0.0101') }), { instrument: instrument({ lot }) }],
      ['more than the largest lot', limitBuy({ qty: text('0.0202'), price: text('49400') }), { instrument: instrument({ lot }) }],
      [
        'less than the smallest lot',
        limitSell({ qty: text('0.0002') }),
        { instrument: instrument({ lot: { ...lot, minQty: qty('0.0004') } }) },
      ],
      [
        'an amount that buys more than the largest lot',
        spend('1000'),
        { quote: quote('49998', '49999'), instrument: instrument({ lot: { ...lot, stepQty: qty('0.00001') } }) },
      ],
      [
        'an amount that may buy less than the smallest lot',
        spend('100'),
        { instrument: instrument({ lot: { minQty: qty('0.00197'), maxQty: qty('0'), stepQty: qty('0.00001') } }) },
      ],
    ],
  ],
  [
    'C12.marketLot',
    [
      ['a market order in its range', marketSell('0.02'), { instrument: instrument({ marketLot: lot }) }],
      ['a limit order outside it', limitBuy({ qty: text('0.0101') }), { instrument: instrument({ marketLot: lot }) }],
      ['a market order where there is no such filter', marketBuy(), { instrument: instrument({ marketLot: undefined }) }],
    ],
    [
      ['a market order above it', marketSell('0.0202'), { instrument: instrument({ marketLot: lot }) }],
      ['a market order off its step', marketBuy('0.0101'), { instrument: instrument({ marketLot: lot }) }],
    ],
  ],
  [
    'C12.percentPrice',
    [
      ['a buy at the top of its band', limitBuy({ price: text('50500') }), { instrument: instrument({ percentPrice: band }) }],
      ['a buy at the bottom of its band', limitBuy({ price: text('49500') }), { instrument: instrument({ percentPrice: band }) }],
      ['a sale at the top of its own', limitSell({ price: text('50250') }), { instrument: instrument({ percentPrice: band }) }],
      ['any price where there is no band', limitBuy({ price: text('50800') }), { instrument: instrument({ percentPrice: undefined }) }],
      [
        'a price in a band that is wider than C2 on one side only',
        limitBuy({ price: text('42000') }),
        { policy: wide, instrument: instrument({ percentPrice: { ...band, bidDown: new Decimal('0.1') } }) },
      ],
    ],
    [
      ['a buy above its band', limitBuy({ price: text('50500.01') }), { instrument: instrument({ percentPrice: band }) }],
      ['a buy below its band', limitBuy({ price: text('49499.99') }), { instrument: instrument({ percentPrice: band }) }],
      ['a sale above its own', limitSell({ price: text('50250.01') }), { instrument: instrument({ percentPrice: band }) }],
      ['a sale below its own', limitSell({ price: text('49749.99') }), { instrument: instrument({ percentPrice: band }) }],
      [
        'a price outside a band that is narrower than C2 at the top',
        limitBuy({ qty: text('0.005'), price: text('50500.01') }),
        { policy: wide, instrument: instrument({ percentPrice: { ...band, bidDown: new Decimal('0.1') } }) },
      ],
    ],
  ],
  [
    'C12.notional',
    [
      ['a sale worth exactly the least', limitSell({ qty: text('0.004'), price: text('50000') }), { instrument: instrument({ notional }) }],
      ['a sale worth exactly the most', limitSell({ qty: text('0.012'), price: text('50000') }), { instrument: instrument({ notional }) }],
      ['a market sale below the least where that does not hold for it', marketSell('0.001'), { instrument: instrument({ notional }) }],
      ['a market sale above the most where that does not hold for it', marketSell('0.03'), { instrument: instrument({ notional }) }],
      [
        'any value above the least where there is no most',
        limitSell({ qty: text('0.03'), price: text('50000') }),
        { instrument: instrument({ notional: { ...notional, maxUsdt: undefined } }) },
      ],
      ['any sale where there is no such filter', limitSell({ qty: text('0.00001') }), { instrument: instrument({ notional: undefined }) }],
    ],
    [
      [
        'a sale worth a little less (C14: the minimum holds)',
        limitSell({ qty: text('0.004'), price: text('49999.99') }),
        { instrument: instrument({ notional }) },
      ],
      ['a sale worth a little more', limitSell({ qty: text('0.012'), price: text('50000.01') }), { instrument: instrument({ notional }) }],
      [
        'a market sale below the least where that holds for it',
        marketSell('0.001'),
        { instrument: instrument({ notional: { ...notional, applyMinToMarket: true } }) },
      ],
      [
        'a market sale above the most where that holds for it',
        marketSell('0.03'),
        { instrument: instrument({ notional: { ...notional, applyMaxToMarket: true } }) },
      ],
    ],
  ],
  [
    'C12.openOrders',
    [
      ['the last order that may rest', limitBuy(), { inFlight: inFlight({ ordersOfSymbol: 199 }) }],
      ['a market order, which never rests', marketBuy(), { inFlight: inFlight({ ordersOfSymbol: 200 }) }],
      [
        'any order where there is no such filter',
        limitBuy(),
        { inFlight: inFlight({ ordersOfSymbol: 900 }), instrument: instrument({ maxOrders: undefined }) },
      ],
    ],
    [['one more', limitBuy(), { inFlight: inFlight({ ordersOfSymbol: 200 }) }]],
  ],
  [
    'C12.maxPosition',
    [
      [
        'a buy up to the cap, open orders counted',
        limitBuy(),
        {
          instrument: instrument({ maxPositionQty: qty('0.1') }),
          inFlight: inFlight({ buyQtyOfSymbol: qty('0.04'), sellQtyOfSymbol: qty('0.02') }),
        },
      ],
      ['a sale above the cap', limitSell(), { instrument: instrument({ maxPositionQty: qty('0.01') }) }],
    ],
    [
      [
        'a buy above the cap',
        limitBuy(),
        {
          instrument: instrument({ maxPositionQty: qty('0.09999') }),
          inFlight: inFlight({ buyQtyOfSymbol: qty('0.04'), sellQtyOfSymbol: qty('0.02') }),
        },
      ],
      [
        'an amount that may buy above the cap',
        spend('500'),
        { quote: quote('49999', '50000'), instrument: instrument({ maxPositionQty: qty('0.0399') }) },
      ],
    ],
  ],
  [
    'REDUCE_ONLY',
    [
      ['a sale of the whole position', limitSell({ qty: text('0.03') })],
      [
        'a sale of what the sells in flight leave',
        limitSell({ qty: text('0.01') }),
        { inFlight: inFlight({ sellQtyOfSymbol: qty('0.02') }) },
      ],
    ],
    [
      ['a sale of more than the position', limitSell({ qty: text('0.03001') }), { free: free({ USDT: '0', BTC: '5' }) }],
      [
        'a sale of what a sell in flight may take',
        limitSell({ qty: text('0.01001') }),
        { inFlight: inFlight({ sellQtyOfSymbol: qty('0.02') }) },
      ],
      ['a sale without a position', limitSell(), { position: null }],
      ['a buy that says it only reduces', limitBuy({ reduceOnly: true })],
    ],
  ],
];

describe('at its edge: one step within passes, one step beyond is denied (C1–C6, C8–C12)', () => {
  provesEdges(EDGES);
});

describe('advice of a denial', () => {
  const adviceOf = (request: OrderRequest, changes: Partial<GatePicture> = {}): string => {
    const judgement = judge(request, 'window', picture(changes));
    return judgement.verdict === 'deny' ? judgement.denial.advice : 'It passed';
  };

  it('names the nearest prices on the tick, for the gate never rounds', () => {
    expect(adviceOf(limitBuy({ price: text('49900.017') }))).toBe('Nearest: 49900.01 or 49900.02.');
  });
  it('names only the nearest that the range allows', () => {
    expect(adviceOf(limitBuy({ price: text('49900.017') }), { instrument: instrument({ maxPrice: price('49900.01') }) })).toBe(
      'Nearest: 49900.01.',
    );
  });
  it('names the smallest lot', () => {
    expect(adviceOf(limitSell({ qty: text('0.00001') }), { instrument: instrument({ lot }) })).toBe('Nearest: 0.0002.');
    expect(adviceOf(limitSell({ qty: text('0.00001') }), { instrument: instrument({ lot: { ...lot, minQty: qty('0.0008') } }) })).toBe(
      'The smallest is 0.0008.',
    );
  });
  it('names the largest', () => {
    expect(adviceOf(limitSell({ qty: text('0.03') }), { instrument: instrument({ lot }) })).toBe('The largest is 0.02.');
  });
  it('needs no step to name a bound', () => {
    expect(adviceOf(limitSell({ qty: text('0.03') }), { instrument: instrument({ lot: { ...lot, stepQty: qty('0') } }) })).toBe(
      'The largest is 0.02.',
    );
  });
  it('names how much may be sold, rounded down to the lot', () => {
    const held = { position: { qty: qty('0.0299999'), valueUsdt: money('1500') } };
    expect(judge(limitSell({ qty: text('0.03') }), 'window', picture(held))).toMatchObject({
      denial: { advice: 'Sell at most 0.02999.', limit: '0.02999', value: '0.03' },
    });
  });
  it('says where to sell what the console did not buy', () => {
    expect(adviceOf(limitSell(), { position: null })).toMatch(/on the exchange itself/);
    expect(adviceOf(limitSell(), { instrument: null })).toMatch(/health page/);
    expect(adviceOf(limitSell({ qty: text('0.04') }), { instrument: null })).toMatch(/on the exchange itself/);
  });
  it('says what is allowed when nothing is', () => {
    expect(adviceOf(limitBuy(), { policy: policy({ allowedSymbols: [] }) })).toMatch(/Allowed are none/);
  });
});
