// Sizing by risk (B6): what is lost at the stop is what the policy allows, by confidence; never more than the gate lets pass, with the
// limit that capped it named; and words where no size can be.
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { money, qty } from '../../../src-shared/domain/money.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { judge } from '../../../src-main/safety/gate.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { sizeByRisk } from '../../../src-main/safety/sizing.ts';
import type { RiskWish } from '../../../src-main/safety/sizing.ts';
import { BTC, free, HALTED, instrument, picture, policy, quote, text } from './pictures.ts';

const wish = (changes: Partial<RiskWish> = {}): RiskWish => ({
  symbol: BTC,
  side: 'BUY',
  price: text('50000'),
  stopPrice: text('45000'),
  confidence: null,
  ...changes,
});
/** Equity of 10 000, of which 2 % are 200; nothing else in the way. */
const calm = (changes: Partial<GatePicture> = {}): GatePicture =>
  picture({
    equityUsdt: money('10000'),
    policy: policy({ maxOrderNotionalUsdt: text('100000') }),
    free: free({ USDT: '100000', BTC: '0' }),
    ...changes,
  });
const sized = (changes: Partial<RiskWish> = {}, moment: GatePicture = calm()) => {
  const size = sizeByRisk(wish(changes), 'window', moment);
  if (!size.ok) throw new Error(size.error.text);
  return size.value;
};
const denied = (changes: Partial<RiskWish>, moment: GatePicture = calm()) => {
  const size = sizeByRisk(wish(changes), 'window', moment);
  if (size.ok) throw new Error(`It is sized: ${size.value.qty}`);
  return size.error;
};

describe('the size by risk', () => {
  it('loses at the stop what the policy allows, fees both ways included, rounded down to the lot', () => {
    // 50000 × 1.001 − 45000 × 0.999 = 5095 a unit; 200 / 5095 = 0.03925…
    expect(sized()).toEqual({
      qty: '0.03925',
      riskUsdt: '199.97875',
      stopDistance: '5000',
      multiplier: '1',
      cappedBy: null,
      text: '200.00 USDT may be lost, and one unit loses 5095.00 USDT at the stop, fees included.',
    });
  });
  it('is counted from the ask for a market buy', () => {
    // 50001 × 1.001 − 45000 × 0.999
    expect(sized({ price: null })).toMatchObject({ qty: '0.03924', stopDistance: '5001' });
  });
  it('grows and shrinks with confidence', () => {
    const of = (confidence: number) => sized({ confidence });
    expect(of(0.85)).toMatchObject({ multiplier: '1.5', qty: '0.05888' });
    expect(of(0.8499)).toMatchObject({ multiplier: '1', qty: '0.03925' });
    expect(of(0.6)).toMatchObject({ multiplier: '1', qty: '0.03925' });
    expect(of(0.5999)).toMatchObject({ multiplier: '0.5', qty: '0.01962' });
    expect([of(0).multiplier, of(1).multiplier]).toEqual(['0.5', '1.5']);
  });
  it("follows the policy's share of equity", () => {
    const half = { ...calm(), policy: { ...calm().policy, order: { ...NORMAL.order, riskPerTradePct: text('1') } } };
    expect(sized({}, half)).toMatchObject({ qty: '0.01962' });
  });
});

describe('a size that limits cap', () => {
  const CAPS: readonly (readonly [string, Partial<GatePicture>, string, string])[] = [
    ['the largest order', { policy: policy({ maxOrderNotionalUsdt: text('1000') }) }, 'C1.maxOrderNotional', '0.02'],
    ['the balance with the fee', { free: free({ USDT: '1000', BTC: '0' }) }, 'C3.balance', '0.01998'],
    ['the fee that the daily loss leaves room for', { dayLossUsdt: money('499.5') }, 'C4.dailyLoss', '0.01'],
    ['the same as a share', { dayLossUsdt: money('0.5'), dayOpeningEquityUsdt: money('20') }, 'C4.dailyLossPct', '0.01'],
    [
      'the largest lot',
      { instrument: instrument({ lot: { minQty: qty('0'), maxQty: qty('0.012'), stepQty: qty('0.00001') } }) },
      'C12.lot',
      '0.012',
    ],
    [
      "the exchange's largest value",
      {
        instrument: instrument({
          notional: { minUsdt: money('5'), applyMinToMarket: true, maxUsdt: money('700'), applyMaxToMarket: true },
        }),
      },
      'C12.notional',
      '0.014',
    ],
    ["the exchange's largest position", { instrument: instrument({ maxPositionQty: qty('0.011') }) }, 'C12.maxPosition', '0.011'],
  ];
  it.each(CAPS)('by %s', (_, changes, cappedBy, size) => {
    const moment = calm(changes);
    expect(sized({}, moment)).toMatchObject({ cappedBy, qty: size });
    expect(sized({}, moment).text).toContain(`${cappedBy} allows no more than this.`);
    const order = { symbol: BTC, side: 'BUY', type: 'LIMIT', price: text('50000') } as const;
    expect(judge({ ...order, qty: text(size) }, 'window', moment).verdict).toBe('pass');
    expect(judge({ ...order, qty: text(new Decimal(size).plus('0.00001').toFixed()) }, 'window', moment).verdict).toBe('deny');
  });
  it('stays on the coarser of the two steps at market', () => {
    const marketLot = { minQty: qty('0'), maxQty: qty('0.02'), stepQty: qty('0.003') };
    expect(sized({ price: null }, calm({ instrument: instrument({ marketLot }) }))).toMatchObject({
      qty: '0.018',
      cappedBy: 'C12.marketLot',
    });
    expect(sized({}, calm({ instrument: instrument({ marketLot }) }))).toMatchObject({ qty: '0.03925', cappedBy: null });
    expect(sized({ price: null }, calm({ instrument: instrument({ marketLot: undefined }) }))).toMatchObject({ qty: '0.03924' });
  });
});

describe('no size', () => {
  it('where a number is missing', () => {
    expect(denied({}, calm({ equityUsdt: null }))).toMatchObject({ code: 'SIZE', text: expect.stringContaining('the equity') as string });
    expect(denied({}, calm({ instrument: null }))).toMatchObject({
      code: 'SIZE',
      text: expect.stringContaining('the instrument') as string,
    });
    expect(denied({ price: null }, calm({ quote: null }))).toMatchObject({
      code: 'SIZE',
      text: expect.stringContaining('the best quote') as string,
    });
  });
  it('where the words make no wish', () => {
    for (const changes of [
      { stopPrice: text('50000') },
      { stopPrice: text('0') },
      { stopPrice: text('low') },
      { price: text('much') },
      { confidence: 1.01 },
      { confidence: -0.01 },
      { confidence: NaN },
    ])
      expect(denied(changes)).toMatchObject({ code: 'SIZE', advice: 'Move the stop, or give the quantity yourself.' });
    const said = (changes: Partial<RiskWish>): string => denied(changes).text;
    expect(said({ confidence: 1.01 })).toBe('A confidence is a number from 0 to 1.');
    expect(said({ stopPrice: text('50000') })).toBe('The stop has to lie below the entry: 50000 against 50000.');
    expect(said({ price: null, stopPrice: text('50001') })).toBe('The stop has to lie below the entry: 50001 against 50001.');
    expect(said({ price: text('much') })).toBe('The stop has to lie below the entry: 45000 against much.');
  });
  it('where the risk does not pay for a lot, or equity is gone', () => {
    expect(denied({}, calm({ equityUsdt: money('0.0001') })).text).toMatch(/less than the smallest lot/);
    expect(denied({}, calm({ equityUsdt: money('-5') })).code).toBe('SIZE');
  });
  it('where what is left is too small to open with', () => {
    expect(denied({}, calm({ equityUsdt: money('500') }))).toMatchObject({ code: 'C1.minOpeningNotional' });
    expect(denied({}, calm({ free: free({ USDT: '50', BTC: '0' }) }))).toMatchObject({
      code: 'C1.minOpeningNotional',
      text: 'C3.balance leaves at most 0.00099, and that is denied: Opening value: 49.50 USDT, and at least 100.00 USDT is needed.',
    });
    expect(denied({}, calm({ free: free({ USDT: '0', BTC: '0' }) }))).toMatchObject({ code: 'C3.balance' });
  });
  it('where something forbids every size', () => {
    expect(denied({}, calm({ trading: HALTED }))).toMatchObject({ code: 'STATE' });
    expect(denied({}, calm({ tradesToday: 100 }))).toMatchObject({ code: 'C5.dailyTrades' });
    expect(denied({}, calm({ tradesToday: 100, free: free({ USDT: '1000', BTC: '0' }) }))).toMatchObject({ code: 'C5.dailyTrades' });
    expect(denied({}, calm({ dayLossUsdt: null }))).toMatchObject({ code: 'C4.dailyLoss' });
    expect(denied({ price: null }, calm({ quote: quote('30000', '50001') })).code).toBe('C2.priceDeviation');
  });
  it('where the balance does not pay for the smallest fraction, and with one it counts by those', () => {
    const lotless = instrument({ lot: { minQty: qty('0'), maxQty: qty('0'), stepQty: qty('0') } });
    expect(denied({}, calm({ instrument: lotless, free: free({ USDT: '0', BTC: '0' }) }))).toMatchObject({ code: 'C3.balance' });
    expect(sized({}, calm({ instrument: lotless }))).toMatchObject({ qty: '0.03925417', cappedBy: null });
    expect(sized({ confidence: 0.85 }, calm({ instrument: lotless }))).toMatchObject({ qty: '0.05888125' });
    expect(sized({}, calm({ instrument: lotless, free: free({ USDT: '1000', BTC: '0' }) }))).toMatchObject({ qty: '0.01998001' });
  });
  it('where what is denied is not the size, that alone is said and no smaller one is offered', () => {
    // The smallest lot lies above what the risk pays for: a smaller order would not be taken either.
    const large = { minQty: qty('0.1'), maxQty: qty('9000'), stepQty: qty('0.00001') };
    expect(denied({}, calm({ instrument: instrument({ lot: large }) })).text).toMatch(/^Quantity step: 0\.03925/);
    // Both steps hold at market: 0.039 lies on one of them, and is the largest that the other would take.
    const lot = { minQty: qty('0'), maxQty: qty('0.039'), stepQty: qty('0.002') };
    const marketLot = { minQty: qty('0'), maxQty: qty('9000'), stepQty: qty('0.003') };
    expect(denied({ price: null }, calm({ instrument: instrument({ lot, marketLot }) })).text).toMatch(/^Quantity step: 0\.039/);
    expect(denied({}, calm({ free: free({ USDT: '0', BTC: '0' }) })).text).toMatch(/^Balance needed: /);
    expect(denied({}, calm({ free: free({ USDT: '0', BTC: '0' }), policy: policy({ maxOrderNotionalUsdt: text('1000') }) })).text).toMatch(
      /^Order value: /,
    );
  });
  it('where a limit caps it and what the limit leaves is denied for another reason, both are said', () => {
    const capped = { policy: policy({ maxOrderNotionalUsdt: text('1000') }) };
    const blind = { exposure: { symbolUsdt: null, totalUsdt: null, largest: null } };
    expect(denied({}, calm({ ...capped, ...blind })).text).toMatch(/^C1\.maxOrderNotional leaves at most 0\.02, and that is denied: /);
    const endless = { minQty: qty('0.03'), maxQty: qty('0'), stepQty: qty('0.00001') };
    expect(denied({}, calm({ ...capped, instrument: instrument({ lot: endless }) })).text).toMatch(
      /^C1\.maxOrderNotional leaves at most 0\.02, and that is denied: Quantity step: /,
    );
  });
  it('where the gate fails itself', () => {
    expect(denied({}, calm({ policy: undefined as never }))).toMatchObject({ code: 'GATE_ERROR' });
  });
});

describe('the largest that the gate lets pass', () => {
  const shares = (changes: Partial<GatePicture['policy']['exposure']>): Partial<GatePicture> => {
    const wide = policy({ maxOrderNotionalUsdt: text('100000') });
    return { policy: { ...wide, exposure: { ...wide.exposure, ...changes } } };
  };
  const stage = (changes: object): Partial<GatePicture> => {
    const caps = { stage: 'small', maxOrderUsdt: money('100000'), maxExposureUsdt: money('100000'), maxDailyLossUsdt: null, ...changes };
    return { ladderCaps: caps as NonNullable<GatePicture['ladderCaps']> };
  };
  // 1500 USDT stand in the symbol, and 10 000 are the equity.
  it.each<[string, Partial<GatePicture>, string]>([
    ['C7.positionPct', shares({ maxPositionPct: text('20') }), '0.01'],
    ['C7.symbolPct', shares({ maxSymbolPct: text('20') }), '0.01'],
    ['C7.strategyPct', shares({ maxStrategyPct: text('20') }), '0.01'],
    ['C7.totalPct', shares({ maxTotalPct: text('20') }), '0.01'],
    ['C7.netDirectionPct', shares({ maxNetDirectionPct: text('20') }), '0.01'],
    ['C7.positionValue', shares({ maxPositionValueUsdt: text('2000') }), '0.01'],
    ['H.orderCap', stage({ maxOrderUsdt: money('500') }), '0.01'],
    ['H.exposureCap', stage({ maxExposureUsdt: money('2000') }), '0.01'],
    // 12.34 are lost already; a thousandth of 500 is the fee.
    ['H.dailyLossCap', stage({ maxDailyLossUsdt: money('12.84') }), '0.01'],
  ])('is what %s leaves', (cappedBy, changes, size) => {
    expect(sized({}, calm(changes))).toMatchObject({ cappedBy, qty: size });
  });
});
