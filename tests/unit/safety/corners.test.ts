// Corners of safety that mutation testing found nobody looked into: a fault there stayed unseen by every other unit test.
import { describe, expect, it } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { money, price, qty } from '../../../src-shared/domain/money.ts';
import type { OrderRequest } from '../../../src-shared/domain/order.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import type { BreakerState } from '../../../src-main/engine/state.ts';
import { EMPTY_AUTO_TRIP } from '../../../src-main/engine/auto-trip-book.ts';
import { autoTripGauges, autoTripReason } from '../../../src-main/safety/auto-trip.ts';
import { canCloseBreaker } from '../../../src-main/safety/breaker.ts';
import { isAbove, isAtLeast, isAtMost, isPositive } from '../../../src-main/safety/compare.ts';
import { canReset, receiptOf, tripFacts } from '../../../src-main/safety/emergency-stop.ts';
import { approveForWire, gauges, judge, judgeList, preview } from '../../../src-main/safety/gate.ts';
import { capsInForce } from '../../../src-main/safety/ladder.ts';
import { stepped } from '../../../src-main/safety/limit.ts';
import { lossesForbidUntil } from '../../../src-main/safety/limits/losses.ts';
import { nearestOnStep } from '../../../src-main/safety/limits/nearest.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { verdicts } from '../../../src-main/safety/self-test.ts';
import type { SelfTestReadings } from '../../../src-main/safety/self-test.ts';
import { tradingStateOf } from '../../../src-main/safety/trading-state.ts';
import {
  cause,
  HALTED,
  inFlight,
  instrument,
  limitBuy,
  limitSell,
  marketBuy,
  marketSell,
  oco,
  picture,
  policy,
  quote,
  spend,
  stopLimitBuy,
  text,
} from './pictures.ts';

const codeOf = (request: OrderRequest, changes: Partial<GatePicture> = {}, origin: Parameters<typeof judge>[1] = 'window'): string => {
  const judgement = judge(request, origin, picture(changes));
  return judgement.verdict === 'deny' ? judgement.denial.code : 'passes';
};
const verdictOf = (id: string, request: OrderRequest, changes: Partial<GatePicture> = {}): string | undefined =>
  judge(request, 'window', picture(changes)).readings.find(({ limit }) => limit.id === id)?.reading.verdict;

describe('comparing decimals', () => {
  const VALUES = [
    '-Infinity',
    '-50',
    '-5',
    '-1',
    '-0.5',
    '-0',
    '0',
    '0.5',
    '1',
    '1.0000001',
    '5',
    '5.5',
    '50',
    '10000001',
    'Infinity',
    'NaN',
  ];
  it.each(VALUES)('says of %s and every other value what the library says', (name) => {
    const a = new Decimal(name);
    for (const other of VALUES) {
      const b = new Decimal(other);
      expect([other, isAtMost(a, b), isAtLeast(a, b), isAbove(a, b)]).toEqual([other, a.lte(b), a.gte(b), a.gt(b)]);
    }
    expect(isPositive(a)).toBe(a.gt(0));
  });
});

describe('the stop that trips by itself (E1)', () => {
  const texts = (equity: string | null, loss: string | null, peak = '10000'): readonly string[] =>
    autoTripGauges({
      thresholds: NORMAL.emergencyStop,
      book: { ...EMPTY_AUTO_TRIP, dayUtc: '2', dayPeakUsdt: money(peak) },
      equityUsdt: equity === null ? null : (new Decimal(equity) as never),
      openLossUsdt: loss === null ? null : (new Decimal(loss) as never),
      dayUtc: '2',
    }).map((gauge) => (gauge.value === null ? gauge.text : `${gauge.rule} is known`));
  it('knows no share of what is no number', () => {
    const known = ['daily-drawdown is known', 'open-loss is known', 'execution-errors is known'];
    expect(texts('9000', '100')).toEqual(known);
    expect(texts('9000', '100', '0')[0]).toBe('Not known now.');
    expect(texts('NaN', '100')[1]).toBe('Not known now.');
    expect(texts('Infinity', '100')[1]).toBe('Not known now.');
    expect(texts('9000', 'NaN')[1]).toBe('Not known now.');
    expect(texts('9000', 'Infinity')[1]).toBe('Not known now.');
  });
  it('says how far its readings lie apart', () => {
    const [gauge] = autoTripGauges({
      thresholds: NORMAL.emergencyStop,
      book: { ...EMPTY_AUTO_TRIP, dayUtc: '2', dayPeakUsdt: money('10000') },
      equityUsdt: money('9000') as never,
      openLossUsdt: null,
      dayUtc: '2',
    });
    const at = (atMs: number) => ({ equityUsdt: money('9000'), atMs, quotedAtMs: null }) as never;
    expect(autoTripReason(gauge!, [at(0), at(100_000)])).toContain(', 100.0 s apart');
  });
});

describe('the circuit breaker (D)', () => {
  it('that is closed is not closed again, whatever breach is still written beside it', () => {
    const breach = { rule: 'api-errors', value: text('3'), limit: text('3'), text: 'Calls failed.' };
    expect(canCloseBreaker({ phase: 'CLOSED', breach } as BreakerState, 'api-errors').ok).toBe(false);
    expect(canCloseBreaker({ phase: 'OPEN', breach } as BreakerState, 'api-errors').ok).toBe(true);
  });
});

describe('the emergency stop (E)', () => {
  const stop = (phase: string, policyOf: string) =>
    ({
      phase,
      tripId: 7,
      generation: 2,
      trigger: null,
      reason: '',
      policy: policyOf,
      trippedAtMs: null,
      coolDownUntilMs: null,
      receipt: null,
    }) as never;
  it('is tripped by a press of either kind in every phase in which no trip stands, whatever the last trip did', () => {
    for (const phase of ['DISABLED', 'ARMED', 'COOLING_DOWN'])
      for (const last of ['keep-positions', 'flatten'])
        for (const wish of ['keep-positions', 'flatten'] as const)
          expect(tripFacts(stop(phase, last), 'button', 'why', wish)).toMatchObject([{ kind: 'stop.tripped', tripId: 8, policy: wish }]);
  });
  it('says why it is not reset (E6)', () => {
    const why = (state: never, number: number): string => {
      const may = canReset(state, number, 0, 5);
      return may.ok ? 'it is' : may.error;
    };
    expect(why(stop('ARMED', 'flatten'), 7)).toBe('The emergency stop is not tripped: there is nothing to reset.');
    expect(why(stop('TRIPPED', 'flatten'), 6)).toBe('The stop that stands is number 7, not 6: read its receipt first.');
    expect(why(stop('TRIPPED', 'flatten'), 7)).toBe('The stop is still at work: its receipt is not written yet.');
  });
  it('names an order that survived once, although both its own books and the exchange know it (E5)', () => {
    const own = { clientOrderId: 'hf-1', symbol: 'BTCUSDT', venueOrderId: '11' };
    const { orders } = receiptOf({
      tripId: 7,
      trigger: 'hotkey',
      reason: 'test',
      policy: 'keep-positions',
      trippedAtMs: 5000,
      orders: [{ ...own, status: 'OPEN', sent: true, endedMs: null }],
      survivors: [own, { ...own, clientOrderId: 'phone' }],
      positions: [],
      cancelsOnWireMs: 1,
      allAcknowledgedMs: 60,
      verifiedEmptyMs: 120,
      flatMs: null,
    } as never);
    expect(orders.map(({ clientOrderId, outcome }) => [clientOrderId, outcome])).toEqual([
      ['hf-1', 'not-canceled'],
      ['phone', 'not-canceled'],
    ]);
  });
});

describe('a cause that halts', () => {
  it('stands before every one that only reduces, the least of them before the gravest', () => {
    const { level, causes } = tradingStateOf([cause('EMERGENCY_STOP', 'REDUCING'), cause('VENUE_HOLD', 'HALTED')]);
    expect([level, causes[0]?.code]).toEqual(['HALTED', 'VENUE_HOLD']);
  });
});

describe('the gate', () => {
  it('takes bid and ask that are one price for a quote (C15)', () => {
    expect(codeOf(marketBuy(), { quote: quote('50000', '50000', { last: null }) })).toBe('passes');
  });
  it('denies a buy with exits for its state, as any other (DESIGN 6)', () => {
    const single = { ...marketBuy(), exits: { stopLoss: text('49000') } };
    expect(codeOf(single)).toBe('passes');
    expect(codeOf(single, { trading: HALTED })).toBe('STATE');
  });
  it('measures nothing of what makes no order or no list, and says so (B5)', () => {
    for (const [wish, words] of [
      [{ ...limitBuy(), exits: { stopLoss: text('49000') }, qty: text('0') }, 'quantity'],
      [limitBuy(), 'makes an order list'],
      [oco({ qty: text('0') }), 'The stop: '],
    ] as const) {
      const judgement = judgeList(wish, 'window', picture());
      expect(judgement).toMatchObject({ verdict: 'deny', readings: [], denial: { code: 'BAD_REQUEST' } });
      expect(judgement.verdict === 'deny' && judgement.denial.text.toLowerCase()).toContain(words.toLowerCase().trim());
    }
    const broken = (): never => {
      throw new Error('a broken ledger');
    };
    expect(judgeList(oco(), 'window', picture({ free: broken }))).toMatchObject({
      verdict: 'deny',
      denial: { code: 'GATE_ERROR' },
      readings: [],
    });
  });
  it('judges an OCO with a trailing leg by its other leg while there is no quote (C15)', () => {
    const wish = oco({ stopPrice: undefined, trailingDeltaBps: 100 } as never);
    const judgement = judgeList(wish, 'window', picture({ quote: null }));
    expect(judgement.verdict === 'deny' && judgement.denial.code).toBe('C12.trigger');
  });
  it('judges the stop that the console will trail for an entry at market (B5, C12)', () => {
    const trailed = { ...marketBuy(), exits: { trailingDeltaBps: 3000 } };
    expect(codeOf(trailed)).toBe('passes');
    expect(codeOf(trailed, { instrument: instrument({ maxAlgoOrders: 0 }) })).toBe('C12.algoOrders');
    const judgement = judge(trailed, 'window', picture({ instrument: instrument({ minPrice: price('36000') }) }));
    expect(judgement.verdict === 'deny' && judgement.denial.text).toMatch(/^The stop: /);
  });
  it('calls it the state where the exchange holds every request back (C9, DESIGN 6)', () => {
    const held = { trading: tradingStateOf([cause('VENUE_HOLD', 'REDUCING')]) };
    expect(judge(marketBuy(), 'window', picture(held))).toMatchObject({
      denial: { code: 'STATE', text: 'Nothing can be sent now. Because of VENUE_HOLD.' },
    });
  });
  it('says of an order that the stop overtook that it never left (DESIGN 6)', () => {
    const order = { ...limitBuy(), clientOrderId: 'hf-abc123-000000000001', reduceOnly: false, origin: 'window', generation: 2 };
    expect(approveForWire(order as never, tradingStateOf([]), 3)).toEqual({
      ok: false,
      error: {
        code: 'STOPPED',
        text: 'The emergency stop closed after this order was decided and before it was sent. It never left this machine.',
        advice: 'Read the receipt of the stop; place the order anew after the reset if it is still wanted.',
      },
    });
  });
  it('offers no sale where more is being sold than is held (C14)', () => {
    const sold = { position: { qty: qty('0.01') }, inFlight: inFlight({ sellQtyOfSymbol: qty('0.02') }) };
    expect(judge(limitSell(), 'window', picture(sold))).toMatchObject({
      denial: { code: 'REDUCE_ONLY', limit: '0', advice: expect.stringContaining('Nothing can be sold here') as string },
    });
  });
  it('has the guard’s own sale at market look at the spread, however old the quote is (C2)', () => {
    const wide = { quote: quote('30000', '50001', { ageMs: 99_999 }) };
    expect(
      judge(marketSell(), 'protection', picture(wide)).readings.find(({ limit }) => limit.id === 'C2.priceDeviation')?.reading.verdict,
    ).toBe('deny');
  });
  it('names what is not known where the ladder caps and the instrument is unknown (C1, C15, H)', () => {
    expect(codeOf(limitBuy(), { instrument: null, ladderCaps: capsInForce('mainnet', 'micro') })).not.toBe('GATE_ERROR');
  });
});

describe('what is bought can be sold again (C1)', () => {
  const EXIT = 'C1.exitPossible';
  it('at the lowest price that C2 allows, not at the price that is paid for it', () => {
    expect(verdictOf(EXIT, limitBuy({ qty: text('0.00004'), price: text('600000') }))).toBe('deny');
    expect(verdictOf(EXIT, limitBuy({ qty: text('0.0004'), price: text('49900') }))).toBe('pass');
    // Bought once the price has fallen to 1000.
    const dip = stopLimitBuy({ type: 'TAKE_PROFIT_LIMIT', stopPrice: text('1000'), price: text('51000'), qty: text('0.0005') });
    expect(verdictOf(EXIT, dip)).toBe('deny');
  });
  it('where exactly the smallest lot is left', () => {
    const of = (minQty: string) => ({
      instrument: instrument({ lot: { minQty: qty(minQty), maxQty: qty('9000'), stepQty: qty('0.00001') } }),
    });
    expect(verdictOf(EXIT, limitBuy(), of('0.00999'))).toBe('pass');
    expect(verdictOf(EXIT, limitBuy(), of('0.01'))).toBe('deny');
  });
  it('in fractions of any size where the exchange names no step', () => {
    const lot = { minQty: qty('0.009'), maxQty: qty('0'), stepQty: qty('0') };
    expect(verdictOf(EXIT, limitBuy(), { instrument: instrument({ lot }) })).toBe('pass');
  });
  it('where the fee is high it is worked out', () => {
    const dear = {
      takerFee: new Decimal('0.8'),
      notional: { minUsdt: money('5'), applyMinToMarket: true, maxUsdt: money('9000000'), applyMaxToMarket: false },
    };
    expect(verdictOf(EXIT, limitBuy({ qty: text('0.0005') }), { instrument: instrument(dear) })).toBe('deny');
  });
});

describe('the band of the exchange (C12)', () => {
  const band = (bidDown: string, bidUp: string): Partial<GatePicture> => ({
    instrument: instrument({
      percentPrice: {
        bidUp: new Decimal(bidUp),
        bidDown: new Decimal(bidDown),
        askUp: new Decimal(5),
        askDown: new Decimal('0.2'),
        avgPriceMinutes: 5,
      },
    }),
  });
  const of = (at: string, changes: Partial<GatePicture>) => verdictOf('C12.percentPrice', limitBuy({ price: text(at) }), changes);
  it('holds on each side where that side is the narrower one', () => {
    expect([of('49960', band('0.999', '5')), of('49940', band('0.999', '5'))]).toEqual(['pass', 'deny']);
    expect([of('50040', band('0.2', '1.001')), of('50060', band('0.2', '1.001'))]).toEqual(['pass', 'deny']);
  });
  it('holds beyond C2 as well', () => {
    expect([of('260000', band('0.2', '5')), of('9000', band('0.2', '5'))]).toEqual(['deny', 'deny']);
  });
});

describe('the lot of a buy by amount (C12)', () => {
  it('shows the most that it may buy where the least is just the smallest lot', () => {
    const { limits: rows } = preview(spend('500.01'), 'window', picture());
    const shown = rows.find(({ id }) => id === 'C12.lot')?.after;
    const least = new Decimal('500.01').div(
      new Decimal('50001').times(new Decimal(1).plus(new Decimal(NORMAL.limits.maxPriceDeviationPct).div(100))),
    );
    const lot = { minQty: least as never, maxQty: qty('9000'), stepQty: qty('0.00001') };
    const edge = preview(spend('500.01'), 'window', picture({ instrument: instrument({ lot }) })).limits.find(({ id }) => id === 'C12.lot');
    expect([shown, edge?.after, edge?.verdict]).toEqual(['0.01', '0.01', 'pass']);
  });
});

describe('losses in a row (C13)', () => {
  it('fewer than the policy counts forbid nothing, however new they are', () => {
    const rule = { coolDownAfterLosses: 3, coolDownMs: 60_000 };
    expect(lossesForbidUntil({ nowMs: 1000, lossesInRow: 2, lastLossAtMs: 999 }, rule)).toBeNull();
    expect(lossesForbidUntil({ nowMs: 1000, lossesInRow: 3, lastLossAtMs: 999 }, rule)).toBe(60_999);
  });
});

describe('the nearest that fits (C12)', () => {
  const advice = (after: string, step: string, floor: string, ceiling: string): string =>
    nearestOnStep(stepped(false, new Decimal(after), new Decimal(step), new Decimal(floor), new Decimal(ceiling)));
  it('is never 0, and has no end where the exchange names none', () => {
    expect(advice('0.004', '0.01', '0', '1')).toBe('Nearest: 0.01.');
    expect(advice('0.014', '0.01', '0', '0')).toBe('Nearest: 0.01 or 0.02.');
  });
  it('of what is on the step and out of the range is the end of the range', () => {
    expect(advice('0.01', '0.01', '0.02', '1')).toBe('The smallest is 0.02.');
    expect(advice('2', '0.01', '0.02', '1')).toBe('The largest is 1.');
  });
  it('where no step lies in the range, is its end', () => {
    expect(advice('0.007', '0.01', '0', '0.005')).toBe('The smallest is 0.01.');
    expect(advice('0.015', '0.01', '0.015', '0.018')).toBe('The largest is 0.018.');
  });
});

describe('what is shown', () => {
  it('gauges whose share of a limit is not known stand last, behind those of which nothing is used', () => {
    const fresh = { ...picture().budget!, usedWeight: 0, orderCount10s: 0, orderCount1d: 0 };
    const shown = gauges(picture({ dayLossUsdt: null, dayOpeningEquityUsdt: null, budget: fresh, ordersLastSecond: 0 })).map(
      ({ usedRatio }) => usedRatio,
    );
    const firstUnknown = shown.indexOf(null);
    expect(shown.slice(0, firstUnknown)).toContain(0);
    expect(shown.slice(firstUnknown).every((ratio) => ratio === null)).toBe(true);
  });
  it('a gauge of positions forbids where not one more fits, and not before (C6)', () => {
    const total = (maxPositions: number) =>
      gauges(picture({ policy: policy({ maxPositions }) })).find(({ id }) => id === 'C6.positionsTotal')?.verdict;
    expect([total(2), total(1)]).toEqual(['pass', 'deny']);
  });
  it('a hold of the exchange says until when, to its last millisecond (C9)', () => {
    const until = (holdUntilMs: number) =>
      gauges(picture({ budget: { ...picture().budget!, holdUntilMs } })).find(({ id }) => id === 'C9.venueHold')?.untilMs;
    expect([until(1_000_001), until(1_000_000)]).toEqual([1_000_001, null]);
  });
  it('milliseconds have no fractions', () => {
    const { limits: rows } = preview(limitBuy(), 'window', picture({ monoMs: 990_100.75 }));
    expect(rows.find(({ id }) => id === 'C10.symbolInterval')?.after).toBe('101');
  });
  it('the self-test counts seconds of silence', () => {
    const silent = (silentMs: number): string =>
      verdicts({ mode: 'practice', marketStream: { ok: true, value: { silentMs } }, ...UNKNOWN } as unknown as SelfTestReadings).find(
        ({ id }) => id === 'market-stream',
      )?.text ?? '';
    expect(silent(4950)).toBe('Live: heard 5.0 s ago.');
    expect(silent(600_000)).toMatch(/^Silent for 600 s: /);
  });
});

const no = { ok: false, error: 'not measured' };
const UNKNOWN = {
  reachability: no,
  account: no,
  permissions: no,
  userStream: no,
  clock: no,
  exchangeInfo: no,
  journal: no,
  disk: no,
  policy: no,
  keychain: no,
  hotkey: { isProven: false, isPossible: false, text: '' },
  watchdog: no,
  killSwitch: null,
  versions: { node: 'v24.1.0', ccxt: null, expectedCcxt: '1' },
};
