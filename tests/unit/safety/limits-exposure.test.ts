// C7 and C13 on both sides of their edges, by themselves and on their gauges: how much may stand in the market, and when losses in a row
// forbid openings. What is not known denies (C15); what only reduces is not held up (C14).
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { money } from '../../../src-shared/domain/money.ts';
import type { Money } from '../../../src-shared/domain/money.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import { gauges, preview } from '../../../src-main/safety/gate.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { sizeByRisk } from '../../../src-main/safety/sizing.ts';
import { judged, provesEdges } from './edges.ts';
import type { Edge } from './edges.ts';
import { BTC, limitBuy, limitSell, marketSell, oco, picture, policy, spend, text, withExits } from './pictures.ts';

const ALL = { maxPositionPct: '100', maxSymbolPct: '100', maxStrategyPct: '100', maxTotalPct: '100', maxNetDirectionPct: '100' };
/** One share of equity is narrow, all others are wide. */
const narrow = (share: Partial<Record<keyof Policy['exposure'], string | number>>): Policy =>
  ({ ...policy(), exposure: { ...policy().exposure, ...ALL, ...share } }) as Policy;

/** Equity of 10 000; so much stands in the symbol, and so much in all. */
const standing = (symbolUsdt: string, totalUsdt = symbolUsdt, changes: Partial<GatePicture> = {}): Partial<GatePicture> => ({
  equityUsdt: money('10000'),
  exposure: {
    symbolUsdt: money(symbolUsdt),
    totalUsdt: money(totalUsdt),
    largest: { symbol: BTC, usdt: money(symbolUsdt) },
  },
  ...changes,
});
const losses = (lossesInRow: number, lastLossAtMs: number | null): Partial<GatePicture> => ({
  ...standing('0'),
  lossesInRow,
  lastLossAtMs,
  nowMs: 10_000_000,
  policy: policy({ coolDownAfterLosses: 3, coolDownMinutes: 30 }),
});
const HALF_HOUR_MS = 1_800_000;

/** 0.01 at 49 900: 499 USDT. */
const EDGES: readonly Edge[] = [
  [
    'C7.positionPct',
    [
      ['an order that fills the share to the last cent', limitBuy(), standing('501', '5000', { policy: narrow({ maxPositionPct: '10' }) })],
      ['the first order of NORMAL at its largest', spend('1000'), standing('0', '0', { policy: NORMAL })],
      ['a sale, however much stands there (C14)', marketSell(), standing('9000', '9000', { policy: NORMAL })],
      ['an OCO that sells (C14)', oco(), standing('9000', '9000', { policy: NORMAL })],
    ],
    [
      ['an order a cent above', limitBuy(), standing('501.01', '5000', { policy: narrow({ maxPositionPct: '10' }) })],
      ['a second full order in the symbol', spend('1000'), standing('1000', '1000', { policy: NORMAL })],
      ['an entry with its exits', withExits(), standing('501.01', '5000', { policy: narrow({ maxPositionPct: '10' }) })],
      [
        'an OCO that buys, counted once at its dearer leg',
        oco({ side: 'BUY', price: text('49500'), stopPrice: text('50500'), stopLimitPrice: text('50600') }),
        standing('494.01', '5000', { policy: narrow({ maxPositionPct: '10' }) }),
      ],
      ['an opening while equity is unknown', limitBuy(), { ...standing('0', '0', { policy: narrow({}) }), equityUsdt: null }],
      [
        'an opening while equity is NaN',
        limitBuy(),
        { ...standing('0', '0', { policy: narrow({}) }), equityUsdt: new Decimal(NaN) as Money },
      ],
    ],
  ],
  [
    'C7.symbolPct',
    [['an order that fills the share', limitBuy(), standing('2501', '5000', { policy: narrow({ maxSymbolPct: '30' }) })]],
    [['an order a cent above', limitBuy(), standing('2501.01', '5000', { policy: narrow({ maxSymbolPct: '30' }) })]],
  ],
  [
    'C7.strategyPct',
    [['an order that fills the share', limitBuy(), standing('0', '5501', { policy: narrow({ maxStrategyPct: '60' }) })]],
    [['an order a cent above', limitBuy(), standing('0', '5501.01', { policy: narrow({ maxStrategyPct: '60' }) })]],
  ],
  [
    'C7.totalPct',
    [['an order that fills the share', limitBuy(), standing('0', '8501', { policy: narrow({ maxTotalPct: '90' }) })]],
    [['an order a cent above', limitBuy(), standing('0', '8501.01', { policy: narrow({ maxTotalPct: '90' }) })]],
  ],
  [
    'C7.netDirectionPct',
    [['an order that fills the share', limitBuy(), standing('0', '7501', { policy: narrow({ maxNetDirectionPct: '80' }) })]],
    [['an order a cent above', limitBuy(), standing('0', '7501.01', { policy: narrow({ maxNetDirectionPct: '80' }) })]],
  ],
  [
    'C7.positionValue',
    [['an order that fills it', limitBuy(), standing('1501', '1501', { policy: narrow({ maxPositionValueUsdt: '2000' }) })]],
    [
      ['an order a cent above', limitBuy(), standing('1501.01', '1501.01', { policy: narrow({ maxPositionValueUsdt: '2000' }) })],
      [
        'an opening while the worth of what stands there is unknown',
        limitBuy(),
        standing('0', '0', { exposure: { symbolUsdt: null, totalUsdt: null, largest: null } }),
      ],
      [
        'an opening while that is NaN',
        limitBuy(),
        standing('0', '0', { exposure: { symbolUsdt: new Decimal(NaN) as Money, totalUsdt: money('0'), largest: null } }),
      ],
    ],
  ],
  [
    'C7.leverage',
    [['a spot order, which borrows nothing', limitBuy(), standing('0', '0', { policy: narrow({ maxLeverage: 1 }) })]],
    [['an order whose limit is no number', limitBuy(), standing('0', '0', { policy: narrow({ maxLeverage: NaN }) })]],
  ],
  [
    'C13.consecutiveLosses',
    [
      ['an opening after two losses', limitBuy(), losses(2, 9_999_999)],
      ['an opening the moment the cool-down is over', limitBuy(), losses(3, 10_000_000 - HALF_HOUR_MS)],
      ['a sale right after the third loss (C14)', limitSell(), losses(3, 10_000_000)],
    ],
    [
      ['an opening right after the third loss', limitBuy(), losses(3, 10_000_000)],
      ['an opening a millisecond before the cool-down is over', limitBuy(), losses(3, 10_000_001 - HALF_HOUR_MS)],
      ['an opening after a fourth loss, from that one on', limitBuy(), losses(4, 10_000_001 - HALF_HOUR_MS)],
      ['an opening while the time of the loss is unknown', limitBuy(), losses(3, null)],
      ['an opening while the number of losses is NaN', limitBuy(), losses(NaN, 0)],
      ['an opening while the time is NaN', limitBuy(), { ...losses(3, 0), nowMs: NaN }],
      ['an opening after a loss that the clock dates later than now', limitBuy(), losses(3, 10_000_001)],
    ],
  ],
];

provesEdges(EDGES);

const gaugeOf = (id: string, changes: Partial<GatePicture>) => gauges(picture(changes)).find((view) => view.id === id);

describe('a row of the preview', () => {
  const row = (id: string, changes: Partial<GatePicture>) =>
    preview(limitBuy(), 'window', picture(changes)).limits.find((view) => view.id === id);

  it('says scope, formula, value before and after, limit and what is left', () => {
    expect(row('C7.totalPct', standing('0', '2000', { policy: narrow({ maxTotalPct: '90' }) }))).toMatchObject({
      scope: 'openings',
      formula: 'all positions + all open buys + worst value ≤ equity × exposure.maxTotalPct',
      before: '2000.00',
      after: '2499.00',
      limit: '9000.00',
      distance: '6501.00',
      usedRatio: 0.2777,
      verdict: 'pass',
      untilMs: null,
      text: '',
    });
  });

  it('says until when losses forbid openings, and why', () => {
    expect(row('C13.consecutiveLosses', losses(3, 9_000_000))).toMatchObject({
      verdict: 'deny',
      untilMs: 10_800_000,
      text: 'Losses in a row: 3, and it must be below 3. This ends at 03:00:00 UTC.',
    });
  });

  it('a denial names value, limit and formula', () => {
    const judgement = judged(limitBuy(), standing('600', '600', { policy: narrow({ maxPositionPct: '10' }) }));
    expect(judgement.verdict === 'deny' && judgement.denial).toMatchObject({ code: 'C7.positionPct', value: '1099', limit: '1000' });
  });

  it('of an order without a price to value it at says what is missing', () => {
    const judgement = judged({ symbol: BTC, side: 'BUY', type: 'MARKET', qty: text('0.01') }, { ...standing('0'), quote: null });
    const readings = judgement.readings.filter(({ limit }) => limit.id.startsWith('C7') && limit.id !== 'C7.leverage');
    expect(readings.map(({ reading }) => reading.missing)).toEqual(Array(6).fill('the best quote'));
  });
});

describe('a gauge', () => {
  it('shows the symbol in which the most stands, by name', () => {
    expect(gaugeOf('C7.positionPct', standing('900', '3000', { policy: NORMAL }))).toMatchObject({
      before: '900.00',
      limit: '1000.00',
      usedRatio: 0.9,
      verdict: 'pass',
      text: 'The most stands in BTCUSDT.',
    });
    expect(gaugeOf('C7.positionValue', standing('900', '3000', { policy: NORMAL }))).toMatchObject({ before: '900.00', limit: '2000.00' });
  });

  it('of the symbol forbids openings there, and says nothing of the others', () => {
    expect(gaugeOf('C7.positionPct', standing('1000.01', '3000', { policy: NORMAL }))).toMatchObject({
      verdict: 'deny',
      text: 'Forbids openings in BTCUSDT now.',
    });
  });

  it('shows zero, and nobody’s name, while nothing stands anywhere', () => {
    const empty = standing('0', '0', { policy: NORMAL, exposure: { symbolUsdt: money('0'), totalUsdt: money('0'), largest: null } });
    expect(gaugeOf('C7.symbolPct', empty)).toMatchObject({ before: '0.00', usedRatio: 0, verdict: 'pass', text: '' });
    expect(gaugeOf('C7.positionValue', empty)).toMatchObject({ before: '0.00', verdict: 'pass' });
  });

  it('of the total forbids openings once the smallest one does not fit any more', () => {
    expect(gaugeOf('C7.totalPct', standing('0', '8900', { policy: NORMAL }))).toMatchObject({ before: '8900.00', verdict: 'pass' });
    expect(gaugeOf('C7.totalPct', standing('0', '8900.01', { policy: NORMAL }))).toMatchObject({
      before: '8900.01',
      verdict: 'deny',
      text: 'Forbids openings now.',
    });
  });

  it('counts down to the end of a cool-down', () => {
    expect(gaugeOf('C13.consecutiveLosses', losses(3, 9_000_000))).toMatchObject({
      before: '3',
      limit: '3',
      verdict: 'deny',
      untilMs: 10_800_000,
      text: 'Forbids openings now. This ends at 03:00:00 UTC. A winning close ends the row.',
    });
    expect(gaugeOf('C13.consecutiveLosses', losses(3, null))).toMatchObject({ verdict: 'deny', untilMs: null });
    expect(gaugeOf('C13.consecutiveLosses', losses(3, 8.64e15))?.text).toBe('Forbids openings now. A winning close ends the row.');
    expect(gaugeOf('C7.leverage', standing('0'))).toMatchObject({ before: '1', verdict: 'pass' });
  });

  it('forbids what is not known (C15)', () => {
    const unknown = standing('0', '0', { exposure: { symbolUsdt: null, totalUsdt: null, largest: null } });
    for (const id of ['C7.positionPct', 'C7.symbolPct', 'C7.strategyPct', 'C7.totalPct', 'C7.netDirectionPct', 'C7.positionValue'])
      expect(gaugeOf(id, unknown)).toMatchObject({ verdict: 'deny', before: null });
    expect(gaugeOf('C7.totalPct', { ...standing('0'), equityUsdt: null })?.text).toMatch(/the equity is not known/);
  });
});

it('a size by risk goes no further than what the exposure leaves (B6, C7)', () => {
  const wish = { symbol: BTC, side: 'BUY', price: text('50000'), stopPrice: text('49000'), confidence: null } as const;
  const sized = sizeByRisk(wish, 'window', picture(standing('600', '600', { policy: NORMAL })));
  expect(sized).toMatchObject({ ok: true, value: { qty: '0.008', cappedBy: 'C7.positionPct' } });
});

it('one number that is within the share of a symbol is held against the shares of all as well', () => {
  const HELD = money('501');
  const alone = (share: Parameters<typeof narrow>[0]): Partial<GatePicture> => ({
    ...standing('0', '0', { policy: narrow(share) }),
    exposure: { symbolUsdt: HELD, totalUsdt: HELD, largest: { symbol: BTC, usdt: HELD } },
  });
  const codeOf = (share: Parameters<typeof narrow>[0]) => {
    const judgement = judged(limitBuy(), alone(share));
    return judgement.verdict === 'deny' ? judgement.denial.code : judgement.verdict;
  };
  expect(codeOf({ maxPositionPct: '10' })).toBe('pass');
  expect(codeOf({ maxPositionPct: '10', maxNetDirectionPct: '10' })).toBe('pass');
  expect(codeOf({ maxPositionPct: '10', maxNetDirectionPct: '9.99' })).toBe('C7.netDirectionPct');
  expect(codeOf({ maxPositionPct: '9.99' })).toBe('C7.positionPct');
});
