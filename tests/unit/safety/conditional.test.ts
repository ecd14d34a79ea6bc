// Stop-loss, take-profit and trailing orders at the gate (B1, C2, C12): what makes one, what it counts for, and each rule that only
// they have on both sides of its edge.
import { describe, expect, it } from 'vitest';
import { money, price, qty } from '../../../src-shared/domain/money.ts';
import type { Price } from '../../../src-shared/domain/money.ts';
import type { OrderRequest } from '../../../src-shared/domain/order.ts';
import { judge, preview } from '../../../src-main/safety/gate.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { judged, provesEdges } from './edges.ts';
import type { Edge } from './edges.ts';
import {
  free,
  inFlight,
  instrument,
  limitBuy,
  limitSell,
  marketSell,
  picture,
  policy,
  quote,
  REDUCING,
  stopBuy,
  stopLimitBuy,
  stopLimitSell,
  stopSell,
  text,
  trailingSell,
} from './pictures.ts';

const takeSell = (stopPrice = '52000'): OrderRequest => stopSell({ type: 'TAKE_PROFIT', stopPrice: text(stopPrice) });
const takeBuy = (stopPrice = '49500'): OrderRequest => stopBuy({ type: 'TAKE_PROFIT', stopPrice: text(stopPrice) });
const trailingBuy = (changes: Partial<OrderRequest> = {}): OrderRequest => {
  const { stopPrice: _, ...rest } = stopBuy({ trailingDeltaBps: 100 });
  return { ...rest, ...changes };
};
/** Mark 50 000 and no last price, so that only the mark decides. */
const noLast = { quote: quote('49999', '50001', { last: null }) };

const EDGES: readonly Edge[] = [
  [
    'C12.stopPrice',
    [
      ['a trigger on the tick', stopSell({ stopPrice: text('49500.01') })],
      ['the largest trigger', stopBuy(), { instrument: instrument({ maxPrice: price('50500') }) }],
      ['a trailing order without a trigger', trailingSell(), { instrument: instrument({ tick: price('7') }) }],
    ],
    [
      ['a trigger off the tick', stopSell({ stopPrice: text('49500.001') })],
      ['a trigger above the largest price', stopBuy(), { instrument: instrument({ maxPrice: price('50499.99') }) }],
      ['a trigger below the smallest price', stopSell(), { instrument: instrument({ minPrice: price('49500.01') }) }],
      ['the trigger of a trailing order off the tick', stopSell({ stopPrice: text('49500.001'), trailingDeltaBps: 100 })],
    ],
  ],
  [
    'C12.price',
    [['a limit price on the tick', stopLimitSell({ price: text('49400.01') })]],
    [['a limit price off the tick', stopLimitSell({ price: text('49400.001') })]],
  ],
  [
    'C12.trigger',
    [
      ["a sell's stop a tick below the mark", stopSell({ stopPrice: text('49999.99') }), noLast],
      ["a buy's stop a tick above the mark", stopBuy({ stopPrice: text('50000.01') }), noLast],
      ["a sell's take profit a tick above the mark", takeSell('50000.01'), noLast],
      ["a buy's take profit a tick below the mark", takeBuy('49999.99'), noLast],
      [
        'a limit stop below mark and last price',
        stopLimitSell({ stopPrice: text('49989.99') }),
        { quote: quote('49999', '50001', { last: price('49990') }) },
      ],
      ['a trailing order that begins to trail at once', stopSell({ stopPrice: text('50500'), trailingDeltaBps: 100 })],
      ['a last price that makes no sense', stopSell(), { quote: quote('49999', '50001', { last: new Decimal(0) as Price }) }],
    ],
    [
      ["a sell's stop at the mark", stopSell({ stopPrice: text('50000') }), noLast],
      ["a buy's stop at the mark", stopBuy({ stopPrice: text('50000') }), noLast],
      ["a sell's take profit at the mark", takeSell('50000'), noLast],
      ["a buy's take profit at the mark", takeBuy('50000'), noLast],
      [
        'a stop that the last price has reached, whatever the mark is',
        stopSell({ stopPrice: text('49990') }),
        { quote: quote('49999', '50001', { last: price('49990') }) },
      ],
      [
        'a buy that the last price has reached',
        stopBuy({ stopPrice: text('50010') }),
        { quote: quote('49999', '50001', { last: price('50010') }) },
      ],
      ['a stop without a quote', stopSell(), { quote: null }],
      ['a stop on quotes that make no sense', stopSell(), { quote: quote('0', '50001', { last: null }) }],
    ],
  ],
  [
    'C12.trailingDelta',
    [
      ['the smallest distance', trailingSell(10)],
      ['the largest distance', trailingSell(2000)],
      [
        'a buy by the distance above the market',
        trailingBuy(),
        { instrument: instrument({ trailingDelta: { minAboveBps: 100, maxAboveBps: 100, minBelowBps: 1, maxBelowBps: 1 } }) },
      ],
      ['a stop that does not trail', stopSell(), { instrument: instrument({ trailingDelta: undefined }) }],
    ],
    [
      ['less than the smallest', trailingSell(9)],
      ['more than the largest', trailingSell(2001)],
      [
        'a sell by the distance above the market',
        trailingSell(),
        { instrument: instrument({ trailingDelta: { minAboveBps: 100, maxAboveBps: 100, minBelowBps: 1, maxBelowBps: 1 } }) },
      ],
      ['any where the exchange names no range', trailingSell(), { instrument: instrument({ trailingDelta: undefined }) }],
    ],
  ],
  [
    'C12.algoOrders',
    [
      ['the last conditional order', stopSell(), { inFlight: inFlight({ algoOrdersOfSymbol: 4 }) }],
      ['a plain order beside as many as there may be', limitBuy(), { inFlight: inFlight({ algoOrdersOfSymbol: 5 }) }],
      [
        'any where the exchange does not count',
        stopSell(),
        { inFlight: inFlight({ algoOrdersOfSymbol: 9 }), instrument: instrument({ maxAlgoOrders: undefined }) },
      ],
    ],
    [
      ['one more', stopSell(), { inFlight: inFlight({ algoOrdersOfSymbol: 5 }) }],
      ['one more buy', stopLimitBuy(), { inFlight: inFlight({ algoOrdersOfSymbol: 5 }) }],
    ],
  ],
  ['C12.openOrders', [], [['a stop where no more may rest', stopSell(), { inFlight: inFlight({ ordersOfSymbol: 200 }) }]]],
  [
    'C12.marketLot',
    [
      [
        'a limit stop above the largest market lot',
        stopLimitSell(),
        { instrument: instrument({ marketLot: { minQty: qty('0'), maxQty: qty('0.005'), stepQty: qty('0') } }) },
      ],
    ],
    [
      [
        'a stop at market above it',
        stopSell(),
        { instrument: instrument({ marketLot: { minQty: qty('0'), maxQty: qty('0.005'), stepQty: qty('0') } }) },
      ],
    ],
  ],
  [
    'C12.orderType',
    [['a type that the exchange lists', takeSell()]],
    [['one that it does not', takeSell(), { instrument: instrument({ orderTypes: new Set(['LIMIT', 'STOP_LOSS']) }) }]],
  ],
  [
    'C12.notional',
    [
      // 0.0001 × 50000 would be enough, 0.0001 × 49500 is not.
      [
        'a stop worth the least at its trigger',
        stopSell({ qty: text('0.0002'), stopPrice: text('49500') }),
        {
          instrument: instrument({
            notional: { minUsdt: money('9.9'), applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false },
          }),
        },
      ],
      [
        'a stop at market where the least does not hold for it',
        stopSell({ qty: text('0.0001') }),
        {
          instrument: instrument({
            notional: { minUsdt: money('9.9'), applyMinToMarket: false, maxUsdt: undefined, applyMaxToMarket: false },
          }),
        },
      ],
    ],
    [
      [
        'a stop worth less at its trigger, though enough now',
        stopSell({ qty: text('0.0002'), stopPrice: text('49499.99') }),
        {
          instrument: instrument({
            notional: { minUsdt: money('9.9'), applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false },
          }),
        },
      ],
      [
        'a limit stop worth less at its limit',
        stopLimitSell({ qty: text('0.0002'), price: text('49499.99') }),
        {
          instrument: instrument({
            notional: { minUsdt: money('9.9'), applyMinToMarket: false, maxUsdt: undefined, applyMaxToMarket: false },
          }),
        },
      ],
      [
        'a trailing sale worth less now',
        trailingSell(),
        {
          instrument: instrument({
            notional: { minUsdt: money('500'), applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false },
          }),
        },
      ],
    ],
  ],
  [
    'C2.priceDeviation',
    [
      [
        'a limit price at the edge from its trigger, far as both are from the mark',
        stopLimitBuy({ qty: text('0.005'), stopPrice: text('60000'), price: text('61200') }),
      ],
      ['a limit price below its trigger by as much', stopLimitSell({ stopPrice: text('40000'), price: text('39200') })],
      ['a stop at market, however far its trigger is', stopSell({ stopPrice: text('30000') })],
      // 50000 × 0.99 × 0.98
      [
        'the limit of a trailing order at the edge from where it would turn now',
        { ...trailingSell(), type: 'STOP_LOSS_LIMIT', price: text('48510') },
      ],
      ['and of a trailing buy', { ...trailingBuy(), type: 'STOP_LOSS_LIMIT', price: text('51510') }],
    ],
    [
      ['a limit price a tick further', stopLimitBuy({ qty: text('0.005'), stopPrice: text('60000'), price: text('61200.01') })],
      ['a limit price a tick further below', stopLimitSell({ stopPrice: text('40000'), price: text('39199.99') })],
      ['the limit of a trailing order a tick further', { ...trailingSell(), type: 'STOP_LOSS_LIMIT', price: text('48509.99') }],
      ['and of a trailing buy', { ...trailingBuy(), type: 'STOP_LOSS_LIMIT', price: text('51510.01') }],
      [
        'the limit of a trailing order without a quote',
        { ...trailingSell(), type: 'STOP_LOSS_LIMIT', price: text('49500') },
        { quote: null },
      ],
    ],
  ],
  [
    'C1.maxOrderNotional',
    [
      [
        'a stop buy worth the most once it fills beyond its trigger',
        stopBuy(),
        { policy: policy({ maxOrderNotionalUsdt: text('515.1') }) },
      ],
      ['a limit stop buy worth the most at its price', stopLimitBuy(), { policy: policy({ maxOrderNotionalUsdt: text('506') }) }],
      // 0.01 × 50001 × 1.01 × 1.02
      ['a trailing buy worth the most where it turns', trailingBuy(), { policy: policy({ maxOrderNotionalUsdt: text('515.110302') }) }],
      [
        'one whose own trigger lies below the ask, where it begins to trail',
        trailingBuy({ stopPrice: text('40000') }),
        { policy: policy({ maxOrderNotionalUsdt: text('515.110302') }) },
      ],
      ['a sale of any worth (C14)', stopSell({ qty: text('0.03') }), { policy: policy({ maxOrderNotionalUsdt: text('100') }) }],
    ],
    [
      ['a stop buy worth more', stopBuy(), { policy: policy({ maxOrderNotionalUsdt: text('515.0999') }) }],
      ['a take-profit buy worth more', takeBuy(), { policy: policy({ maxOrderNotionalUsdt: text('504.8999') }) }],
      ['a limit stop buy worth more', stopLimitBuy(), { policy: policy({ maxOrderNotionalUsdt: text('505.9999') }) }],
      ['a trailing buy worth more', trailingBuy(), { policy: policy({ maxOrderNotionalUsdt: text('515.110301') }) }],
      [
        'a trailing buy worth more from its own trigger on',
        trailingBuy({ stopPrice: text('60000') }),
        { policy: policy({ maxOrderNotionalUsdt: text('618.11') }) },
      ],
      [
        'one that begins to trail at the ask',
        trailingBuy({ stopPrice: text('40000') }),
        { policy: policy({ maxOrderNotionalUsdt: text('515.110301') }) },
      ],
      ['a trailing buy without an ask', trailingBuy({ stopPrice: text('60000') }), { quote: quote('0', '50001') }],
    ],
  ],
  [
    'C1.exitPossible',
    [
      // 0.01 × 0.999 → 0.00999 × 49500 × 0.98 = 484.6149
      [
        'a buy whose sale is worth the least where it will be bought',
        takeBuy(),
        {
          instrument: instrument({
            notional: { minUsdt: money('484.6149'), applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false },
          }),
        },
      ],
    ],
    [
      [
        'one whose sale is worth less there, though enough at the mark',
        takeBuy(),
        {
          instrument: instrument({
            notional: { minUsdt: money('484.615'), applyMinToMarket: true, maxUsdt: undefined, applyMaxToMarket: false },
          }),
        },
      ],
    ],
  ],
  [
    'C3.balance',
    [
      ['a stop buy with its worst value and fee', stopBuy(), { free: free({ USDT: '515.6151', BTC: '0' }) }],
      ['a stop sale of all that is free', stopSell(), { free: free({ USDT: '0', BTC: '0.01' }) }],
    ],
    [
      ['a stop buy short of it', stopBuy(), { free: free({ USDT: '515.615', BTC: '0' }) }],
      ['a stop sale of more than is free', stopSell(), { free: free({ USDT: '0', BTC: '0.00999' }) }],
    ],
  ],
  [
    'REDUCE_ONLY',
    [['a stop sale of the whole position', stopSell({ qty: text('0.03') })]],
    [['a stop sale of more', stopSell({ qty: text('0.03001') }), { free: free({ USDT: '0', BTC: '5' }) }]],
  ],
  [
    'STATE',
    [['a stop sale while REDUCING', stopSell(), { trading: REDUCING }]],
    [['a stop buy while REDUCING', stopBuy(), { trading: REDUCING }]],
  ],
];
provesEdges(EDGES);

describe('what makes no order', () => {
  const BAD: readonly (readonly [string, OrderRequest | Record<string, unknown>, RegExp])[] = [
    ['a stop without a trigger', { ...stopSell(), stopPrice: undefined }, /needs the price that triggers it/],
    ['a trigger that is no number', stopSell({ stopPrice: text('much') }), /trigger "much"/],
    ['a trigger of 0', stopSell({ stopPrice: text('0') }), /trigger "0"/],
    ['a limit order with a trigger', limitSell({ stopPrice: text('49500') }), /waits for no price/],
    ['a market order that trails', { ...marketSell(), trailingDeltaBps: 100 }, /waits for no price/],
    ['a stop at market with a price', stopSell({ price: text('49400') }), /neither a price nor a time in force/],
    ['a take profit at market with a time in force', { ...takeSell(), timeInForce: 'GTC' }, /neither a price nor a time in force/],
    ['a limit stop without a price', { ...stopLimitSell(), price: undefined }, /price undefined is not/],
    ['a limit stop that is post-only', stopLimitSell({ timeInForce: 'POST_ONLY' }), /Only a plain limit order/],
    ['a stop sized by amount', { ...stopBuy(), qty: undefined, quoteQty: '500' }, /Only a market buy/],
    ['a distance of 0', trailingSell(0), /from 1 to 10000/],
    ['a distance above all', trailingSell(10_001), /from 1 to 10000/],
    ['half a basis point', trailingSell(0.5), /whole number/],
    ['a distance that is no number', trailingSell('100' as never), /whole number/],
    ['a type that does not exist', { ...stopSell(), type: 'STOP' }, /none of MARKET, LIMIT, STOP_LOSS/],
  ];
  it.each(BAD)('is refused with words: %s', (_, wish, words) => {
    const request = Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined)) as unknown as OrderRequest;
    const judgement = judge(request, 'cli', picture());
    expect(judgement).toMatchObject({ verdict: 'deny', denial: { code: 'BAD_REQUEST' }, readings: [] });
    if (judgement.verdict === 'deny') expect(judgement.denial.text).toMatch(words);
  });
});

describe('what passes', () => {
  it('leaves with trigger and distance in canonical text', () => {
    expect(judged(stopLimitSell({ stopPrice: text('049500.0') }))).toMatchObject({
      order: {
        type: 'STOP_LOSS_LIMIT',
        side: 'SELL',
        qty: '0.01',
        price: '49400',
        stopPrice: '49500',
        timeInForce: 'GTC',
        reduceOnly: false,
      },
    });
    const { timeInForce: _, ...noTime } = stopLimitBuy();
    expect(judged(noTime)).toMatchObject({ order: { timeInForce: 'GTC' }, reservedUsdt: '506' });
    const trailing = judged(trailingSell());
    expect(trailing).toMatchObject({ order: { type: 'STOP_LOSS', trailingDeltaBps: 100 }, reservedUsdt: '499.99' });
    if (trailing.verdict === 'pass' && 'order' in trailing) expect(Object.keys(trailing.order)).not.toContain('stopPrice');
  });
  it('counts for what it may cost at its worst', () => {
    expect(judged(stopBuy())).toMatchObject({ reservedUsdt: '515.1' });
    expect(judged(takeSell())).toMatchObject({ reservedUsdt: '520' });
    expect(judged(stopSell())).toMatchObject({ reservedUsdt: '499.99' });
  });
  it('is nothing of an instrument that is not known', () => {
    for (const order of [stopBuy(), trailingSell(), stopLimitSell()])
      expect(judge(order, 'window', picture({ instrument: null })).verdict).toBe('deny');
  });
  it('says on which side of the market the trigger has to be', () => {
    const say = (request: OrderRequest): string => {
      const judgement = judge(request, 'window', picture());
      return judgement.verdict === 'deny' ? judgement.denial.text : 'It passed';
    };
    expect(say(stopSell({ stopPrice: text('50000') }))).toBe('Trigger: 50000, and it must be below 50000.');
    expect(say(stopBuy({ stopPrice: text('49000') }))).toBe('Trigger: 49000, and it must be above 50000.');
    expect(judge(stopSell({ stopPrice: text('50000') }), 'window', picture())).toMatchObject({
      denial: { limit: '< 50000', value: '50000' },
    });
    expect(judge(stopBuy({ stopPrice: text('49000') }), 'window', picture())).toMatchObject({ denial: { limit: '> 50000' } });
  });
  it('shows in the preview how far the trigger is from the market', () => {
    const rowOf = (request: OrderRequest) => preview(request, 'window', picture()).limits.find(({ id }) => id === 'C12.trigger');
    expect(rowOf(stopSell())).toMatchObject({ before: '50000', after: '49500', limit: '< 50000', distance: '500', usedRatio: null });
    expect(rowOf(stopBuy())).toMatchObject({ after: '50500', limit: '> 50000', distance: '500' });
    expect(rowOf(limitBuy())).toMatchObject({ verdict: 'not-applied' });
    expect(preview(stopSell(), 'window', picture({ quote: null })).limits.find(({ id }) => id === 'C12.trigger')).toMatchObject({
      verdict: 'deny',
      limit: null,
    });
  });
});
