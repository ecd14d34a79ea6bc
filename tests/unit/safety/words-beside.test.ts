// What the rest of safety says, beside the limits (words.test.ts): requests that make no order, causes and what ends them, the self-test,
// breaker and stop as they stand, what the gate says at the wire. `-u` writes words/ anew; the difference is looked at line by line.
import { expect, test } from 'vitest';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { ExitPlan, OcoRequest, OrderOrigin, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { EMPTY_AUTO_TRIP } from '../../../src-main/engine/auto-trip-book.ts';
import { EMPTY_RISK } from '../../../src-main/engine/risk-book.ts';
import type { BreakerState } from '../../../src-main/engine/state.ts';
import { askedOf, planProblem } from '../../../src-main/safety/asked.ts';
import { autoTripGauges, autoTripReason } from '../../../src-main/safety/auto-trip.ts';
import type { AutoTripPicture } from '../../../src-main/safety/auto-trip.ts';
import { breachOf, breakerGauges, breakerText, canCloseBreaker } from '../../../src-main/safety/breaker.ts';
import type { BreakerPicture } from '../../../src-main/safety/breaker.ts';
import { endOf } from '../../../src-main/safety/cause-ends.ts';
import { gateError, judge, judgeList, neverTaken } from '../../../src-main/safety/gate.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { verdicts } from '../../../src-main/safety/self-test.ts';
import type { SelfTestReadings } from '../../../src-main/safety/self-test.ts';
import { tradingStateOf } from '../../../src-main/safety/trading-state.ts';
import type { CauseCode } from '../../../src-main/safety/trading-state.ts';
import {
  cause,
  HALTED,
  instrument,
  limitBuy,
  limitSell,
  marketBuy,
  marketSell,
  oco,
  picture,
  quote,
  REDUCING,
  spend,
  stopBuy,
  stopSell,
  text,
  trailingSell,
  TRIPPED,
  withExits,
} from './pictures.ts';
import { readings } from './self-test-readings.ts';
import { price, qty } from '../../../src-shared/domain/money.ts';

const file = (lines: readonly string[]): string => `${lines.join('\n')}\n`;

test('requests that make no order, and plans that protect nothing', async () => {
  const odd = (changes: object): OrderRequest => ({ ...limitBuy(), ...changes }) as OrderRequest;
  const requests: readonly OrderRequest[] = [
    odd({ side: 'HOLD' }),
    odd({ type: 'ICEBERG' }),
    odd({ qty: undefined }),
    odd({ quoteQty: '5' }),
    odd({ qty: '0' }),
    odd({ qty: '1e3' }),
    odd({ qty: undefined, quoteQty: '500' }),
    odd({ ...spend('500'), side: 'SELL', price: undefined, qty: undefined, timeInForce: undefined }),
    spend('0'),
    spend('1.123456789'),
    { ...spend('1.12345678') },
    odd({ price: undefined }),
    odd({ price: '-1' }),
    odd({ timeInForce: 'DAY' }),
    odd({ timeInForce: 'FOK' }),
    odd({ stopPrice: '1' }),
    odd({ trailingDeltaBps: 5 }),
    { ...marketBuy(), price: text('1') },
    { ...marketBuy(), timeInForce: 'GTC' },
    stopBuy({ price: text('1') }),
    stopBuy({ stopPrice: undefined } as never),
    stopBuy({ stopPrice: text('0') }),
    stopBuy({ type: 'TAKE_PROFIT_LIMIT', price: text('1') }),
    stopBuy({ type: 'TAKE_PROFIT_LIMIT', price: text('1'), timeInForce: 'POST_ONLY' }),
    trailingSell(0),
    trailingSell(1),
    trailingSell(10_000),
    trailingSell(10_001),
    trailingSell(1.5),
    odd({ side: 'SELL', exits: { stopLoss: '1' } }),
    odd({ exits: {} }),
  ];
  const plans: readonly ExitPlan[] = [
    {},
    { stopLoss: text('1'), trailingDeltaBps: 100 },
    { trailingDeltaBps: 0 },
    { trailingDeltaBps: 10_000 },
    { stopLoss: text('0') },
    { takeProfit: text('0') },
    { stopLoss: text('2'), takeProfit: text('2') },
    { stopLoss: text('1'), takeProfit: text('2') },
  ];
  await expect(
    file([
      ...requests.map((request) => {
        const asked = askedOf(request);
        return `${JSON.stringify(request)}: ${typeof asked === 'string' ? asked : JSON.stringify(asked)}`;
      }),
      ...plans.map((plan) => `${JSON.stringify(plan)}: ${planProblem(plan)}`),
    ]),
  ).toMatchFileSnapshot('./words/requests.txt');
});

const CODES: readonly CauseCode[] = [
  'VENUE_HOLD',
  'MARKET_STREAM',
  'USER_STREAM',
  'LOSSES',
  'COOLING_DOWN',
  'RECONCILIATION',
  'CLOCK',
  'LADDER',
  'BREAKER',
  'SELF_TEST',
  'RECOVERING',
  'MODE_REFUSED',
  'POLICY_BROKEN',
  'JOURNAL_BROKEN',
  'ENGINE_BROKEN',
  'EMERGENCY_STOP',
];

test('causes, the worst first, and what ends each', async () => {
  const all = CODES.flatMap((code) => [cause(code, 'REDUCING'), cause(code, 'HALTED')]);
  const { level, causes } = tradingStateOf(all);
  await expect(file([level, ...causes.map(({ code, level: of }) => `${of} ${code}: ${endOf(code)}`)])).toMatchFileSnapshot(
    './words/causes.txt',
  );
});

test('the self-test', async () => {
  const fine = readings({
    reachability: ok({ roundTripMs: 12.4 }),
    userStream: ok({ roundTripMs: 8.4 }),
    marketStream: ok({ silentMs: 400 }),
    hotkey: { isProven: true, isPossible: true, text: 'Proven.' },
    killSwitch: ok('Listening.'),
    watchdog: ok('Watching.'),
  });
  const cases: Readonly<Record<string, Partial<SelfTestReadings>>> = {
    fine: {},
    'in practice': { mode: 'practice' },
    'beyond the limits': {
      reachability: ok({ roundTripMs: NaN }),
      account: ok({ canTrade: false }),
      permissions: ok({ canTrade: false, canWithdraw: false }),
      userStream: ok({ roundTripMs: NaN }),
      marketStream: ok({ silentMs: 5001 }),
      clock: ok({ offsetMs: 1000.6 }),
      exchangeInfo: ok({ ageMs: 86_400_001 }),
      disk: ok({ freeBytes: 200 * 1024 * 1024 - 1 }),
      hotkey: { isProven: false, isPossible: true, text: 'Never pressed.' },
      versions: { node: 'v24.1.0', ccxt: null, expectedCcxt: '4.5.84' },
    },
    'at the edge': { marketStream: ok({ silentMs: 5000 }), clock: ok({ offsetMs: 1000 }) },
    'of old versions': { versions: { node: 'v240.1.0', ccxt: '4.5.83', expectedCcxt: '4.5.84' } },
    'a key that may withdraw': { permissions: ok({ canTrade: true, canWithdraw: true }) },
    'nobody knows whether it may': { permissions: ok({ canTrade: true, canWithdraw: null }) },
    'nobody knows whether it may, on mainnet': { mode: 'mainnet', permissions: ok({ canTrade: true, canWithdraw: null }) },
    'without watchdog and kill switch': { watchdog: fail('It died.'), killSwitch: fail('No port.') },
    'without them on mainnet': { mode: 'mainnet', watchdog: fail('It died.'), killSwitch: fail('No port.') },
    'with the kill switch off': { killSwitch: null },
    'without a window': { hotkey: { isProven: false, isPossible: false, text: '' } },
    'a hotkey that practice does not need': { mode: 'practice', hotkey: { isProven: false, isPossible: true, text: 'Never pressed.' } },
    'without a stream': { userStream: fail('Down.'), journal: fail('Torn.') },
  };
  const usual = new Set<string>();
  const lines = Object.entries(cases).flatMap(([name, changes]) => {
    const rows = verdicts({ ...fine, ...changes }).map(({ id, title, verdict, text: says }) => `${id} "${title}" ${verdict}: ${says}`);
    const fresh = rows.filter((row) => !usual.has(row));
    for (const row of rows) if (name === 'fine') usual.add(row);
    return [`# ${name}`, ...fresh];
  });
  await expect(file(lines)).toMatchFileSnapshot('./words/self-test.txt');
});

const usdt = (value: string): never => new Decimal(value) as never;

test('the circuit breaker', async () => {
  const NOW_MS = 1_800_000_000_000;
  const at = (changes: Partial<BreakerPicture> = {}, risk: Partial<BreakerPicture['risk']> = {}): readonly string[] =>
    breakerGauges({
      thresholds: NORMAL.circuitBreaker,
      risk: {
        ...EMPTY_RISK,
        peakUsdt: usdt('12000'),
        weekPeakUsdt: usdt('11000'),
        dayPeakUsdt: usdt('10000'),
        weekUtc: '2',
        dayUtc: '2',
        ...risk,
      },
      equityUsdt: usdt('9999.12345'),
      apiErrors: 1,
      nowMs: NOW_MS,
      dayUtc: '2',
      weekUtc: '2',
      ...changes,
    }).flatMap((gauge) => [
      `${gauge.rule} "${gauge.title}": ${gauge.value?.toFixed(6) ?? 'unknown'} of ${gauge.limit.toFixed()} ${gauge.unit} | ${gauge.text}`,
      JSON.stringify(breachOf(gauge, null)),
    ]);
  const closed: BreakerState = { phase: 'CLOSED', breach: null } as BreakerState;
  const open = { phase: 'OPEN', breach: { rule: 'api-errors', value: text('3'), limit: text('3'), text: 'Calls failed.' } } as BreakerState;
  const said = (state: BreakerState): string => {
    const may = canCloseBreaker(state, 'total-drawdown');
    return may.ok ? 'may be closed' : may.error;
  };
  await expect(
    file([
      '# As it stands',
      ...at(),
      '# Much is lost, much has failed',
      ...at(
        { equityUsdt: usdt('-1'), apiErrors: 3 },
        { lossesInRow: 1, orderFailuresInRow: 2, failedTradesMs: [NOW_MS - 3_600_000, NOW_MS - 3_599_999, NOW_MS] },
      ),
      '# The account cannot be valued',
      ...at({ equityUsdt: null }),
      '# Nothing was marked yet',
      ...at({}, { peakUsdt: null, weekPeakUsdt: null, dayPeakUsdt: null }),
      '# A new day and week',
      ...at({ dayUtc: '3', weekUtc: '3' }),
      '# Peaks that are hardly any',
      ...at({ equityUsdt: usdt('0.5') }, { peakUsdt: usdt('1'), weekPeakUsdt: usdt('0'), dayPeakUsdt: usdt('0.1') }),
      '# What a person hears',
      said(closed),
      said(open),
      said({ ...open, breach: null }),
      breakerText(open, null, false),
      breakerText({ ...open, breach: null }, null, false),
    ]),
  ).toMatchFileSnapshot('./words/breaker.txt');
});

test('the stop that trips by itself', async () => {
  const at = (changes: Partial<AutoTripPicture> = {}): readonly string[] =>
    autoTripGauges({
      thresholds: NORMAL.emergencyStop,
      book: { ...EMPTY_AUTO_TRIP, dayUtc: '2', dayPeakUsdt: usdt('10000'), executionErrorsInRow: 2 },
      equityUsdt: usdt('9876.54321'),
      openLossUsdt: usdt('123.456'),
      dayUtc: '2',
      ...changes,
    }).flatMap((gauge) => [
      `${gauge.rule} "${gauge.title}": ${gauge.value?.toFixed(6) ?? 'unknown'} of ${gauge.limit.toFixed()} ${gauge.unit} | ${gauge.text}`,
      autoTripReason(gauge, null),
    ]);
  await expect(
    file([
      '# As it stands',
      ...at(),
      '# The account cannot be valued',
      ...at({ equityUsdt: null }),
      ...at({ openLossUsdt: null }),
      '# Nothing is left, or next to nothing',
      ...at({ equityUsdt: usdt('0') }),
      ...at({ equityUsdt: usdt('0.5') }),
      '# It was reset at such a loss',
      ...at({ book: { ...EMPTY_AUTO_TRIP, openLossAccepted: true } }),
    ]),
  ).toMatchFileSnapshot('./words/trips.txt');
});

test('what no limit says: state, reductions, lists, the wire, and what could never be taken', async () => {
  const deny = (denial: Denial | null): string =>
    denial === null
      ? 'nothing'
      : `${denial.code}: ${denial.text} | ${denial.advice} | ${denial.value} against ${denial.limit} | ${denial.formula}`;
  const single = (request: OrderRequest, origin: OrderOrigin, changes: Partial<GatePicture> = {}): string => {
    const judgement = judge(request, origin, picture(changes));
    return judgement.verdict === 'deny'
      ? deny(judgement.denial)
      : `passes as ${JSON.stringify(judgement.order)}, ${judgement.reservedUsdt}`;
  };
  const list = (wish: OrderRequest | OcoRequest, origin: OrderOrigin, changes: Partial<GatePicture> = {}): string => {
    const judgement = judgeList(wish, origin, picture(changes));
    return judgement.verdict === 'deny' ? deny(judgement.denial) : `passes as ${judgement.kind}: ${JSON.stringify(judgement.orders)}`;
  };
  const never = (wish: OrderRequest | OcoRequest, changes: Partial<GatePicture> = {}): string =>
    deny(neverTaken(wish, 'protection', picture(changes)));
  const of = (changes: Parameters<typeof instrument>[0]): Partial<GatePicture> => ({ instrument: instrument(changes) });
  const bad = { ...limitBuy(), qty: text('0') };
  await expect(
    file([
      '# Single orders',
      single(limitBuy(), 'window'),
      single(limitBuy({ timeInForce: 'IOC' }), 'window'),
      single(stopBuy({ type: 'STOP_LOSS_LIMIT', price: text('50600'), timeInForce: 'IOC' }), 'window'),
      single(withExits(), 'window'),
      single(spend('500'), 'window'),
      single(limitBuy(), 'window', { trading: REDUCING }),
      single(limitBuy(), 'window', { trading: HALTED }),
      single(limitBuy(), 'window', { trading: { level: 'HALTED', causes: [] } }),
      single(limitBuy({ reduceOnly: true }), 'window'),
      single(limitBuy(), 'protection'),
      single(marketSell('0.0300001'), 'window'),
      single(marketSell('0.04'), 'window', { position: null }),
      single(marketSell('0.04'), 'window', { position: { qty: qty('0') } }),
      single(marketSell('0.04'), 'window', { position: { qty: qty('0.03') }, instrument: null }),
      single(marketSell('0.04'), 'stop', { trading: TRIPPED }),
      single(bad, 'window'),
      single(bad, 'window', { trading: HALTED }),
      '# Lists',
      list(withExits(), 'window'),
      list(oco(), 'window'),
      list(oco({ price: text('50000.02'), stopPrice: text('49999') }), 'window'),
      list(oco({ side: 'BUY', price: text('48500'), stopPrice: text('50500') }), 'window'),
      list(oco({ trailingDeltaBps: 100, stopPrice: undefined } as never), 'window'),
      list(limitBuy(), 'window'),
      list(limitBuy(), 'window', { trading: HALTED }),
      list({ ...withExits(), qty: text('0') }, 'window', { trading: HALTED }),
      list({ ...withExits(), qty: text('0') }, 'window'),
      list(oco({ qty: text('0') }), 'window'),
      list(oco({ qty: text('0') }), 'window', { trading: HALTED }),
      list(oco(), 'window', { trading: REDUCING }),
      list(oco(), 'window', { quote: null }),
      list(oco(), 'stop', { trading: TRIPPED }),
      list(withExits({ trailingDeltaBps: 10 }), 'window'),
      list(withExits({ trailingDeltaBps: 2000, takeProfit: text('52000') }), 'window'),
      list(withExits({ trailingDeltaBps: 9 }), 'window'),
      list(withExits({ trailingDeltaBps: 2001 }), 'window'),
      '# What could never be taken',
      never(limitSell(), of({ tick: price('700') })),
      never(stopSell(), of({ tick: price('700') })),
      never(limitSell(), {
        ...of({ percentPrice: { bidUp: usdt('0.9'), bidDown: usdt('0.8'), askUp: usdt('0.9'), askDown: usdt('0.8'), avgPriceMinutes: 5 } }),
      }),
      never(limitSell(), of({ lot: { minQty: qty('0.02'), maxQty: qty('1'), stepQty: qty('0.00001') } })),
      never(stopSell(), of({ marketLot: { minQty: qty('0.02'), maxQty: qty('1'), stepQty: qty('0.00001') } })),
      never(limitSell(), of({ notional: { minUsdt: usdt('900'), applyMinToMarket: true, maxUsdt: usdt('9000'), applyMaxToMarket: true } })),
      never(trailingSell(5)),
      never(oco({ price: text('52000.001') })),
      never(limitSell(), { quote: null }),
      never(limitSell(), of({ status: 'HALTED', maxOrders: 0 })),
      never(trailingSell(), of({ trailingDelta: undefined })),
      never(limitSell(), { quote: quote('49999', '50001', { ageMs: 99_999 }) }),
      '# Errors',
      deny(gateError(new RangeError('boom'))),
    ]),
  ).toMatchFileSnapshot('./words/gate.txt');
});
