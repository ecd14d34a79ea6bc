// Everything that the gate says (REQUIREMENTS C: a denial carries its code, the limit, the value and the formula), as texts that a person
// can read: words/. `npx vitest run tests/unit/safety/words.test.ts -u` writes them anew; the difference is then looked at line by line.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { expect, test } from 'vitest';
import type { LimitView } from '../../../src-shared/contract/view.ts';
import { money, price, qty } from '../../../src-shared/domain/money.ts';
import type { OcoRequest, OrderOrigin, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import { gauges, preview } from '../../../src-main/safety/gate.ts';
import { capsInForce } from '../../../src-main/safety/ladder.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import {
  free,
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
  stopBuy,
  stopLimitBuy,
  stopLimitSell,
  stopSell,
  text,
  trailingSell,
  TRIPPED,
  withExits,
} from './pictures.ts';

type Wish = OrderRequest | OcoRequest;
type Wishes = Readonly<Record<string, readonly [wish: Wish, origin?: OrderOrigin, changes?: Partial<GatePicture>]>>;

const takeProfitBuy: OrderRequest = { ...stopBuy(), type: 'TAKE_PROFIT', stopPrice: text('49500') };
const trailingLimitBuy: OrderRequest = {
  ...stopLimitBuy(),
  stopPrice: undefined,
  trailingDeltaBps: 100,
  price: text('50600'),
} as unknown as OrderRequest;

/** One of each kind. */
const WISHES: Wishes = {
  'limit buy': [limitBuy()],
  'limit sale': [limitSell()],
  'market buy': [marketBuy()],
  'market sale': [marketSell()],
  'buy for an amount': [spend('500')],
  'stop buy': [stopBuy()],
  'stop-limit buy': [stopLimitBuy()],
  'take-profit buy': [takeProfitBuy],
  'trailing stop-limit buy': [trailingLimitBuy],
  'stop sale': [stopSell()],
  'stop-limit sale': [stopLimitSell()],
  'trailing sale': [trailingSell()],
  'OCO sale': [oco()],
  'OCO buy': [oco({ side: 'BUY', price: text('48000'), stopPrice: text('51000') })],
  'buy with exits': [withExits()],
  'stop-limit buy with exits': [{ ...stopLimitBuy(), exits: { stopLoss: text('49000'), takeProfit: text('52000') } }],
  'protection at a limit': [limitSell(), 'protection'],
  'protection by a stop': [stopSell(), 'protection'],
  "the stop's flatten": [marketSell(), 'stop', { trading: TRIPPED }],
};

const noQuote = { quote: null };
const budget = (changes: Partial<NonNullable<GatePicture['budget']>>): Partial<GatePicture> => ({
  budget: { ...picture().budget!, ...changes },
});
const of = (changes: Parameters<typeof instrument>[0]): Partial<GatePicture> => ({ instrument: instrument(changes) });
const limits = (changes: Parameters<typeof policy>[0]): Partial<GatePicture> => ({ policy: policy(changes) });
const exposure = (changes: Parameters<typeof policy>[0] | Partial<GatePicture['policy']['exposure']>): Partial<GatePicture> => ({
  policy: { ...policy(), exposure: { ...policy().exposure, ...(changes as Partial<GatePicture['policy']['exposure']>) } },
});
const standing = (symbol: string, total: string): Partial<GatePicture> => ({
  exposure: { symbolUsdt: money(symbol), totalUsdt: money(total), largest: null },
});

/** Every moment in which a limit says something else than in the ordinary one. */
const MOMENTS: Readonly<Record<string, Readonly<Record<string, Partial<GatePicture>>>>> = {
  quotes: {
    'there is no quote': noQuote,
    'bid and ask make no sense': { quote: quote('50001', '49999') },
    'bid and ask make no sense, and there was no trade': { quote: quote('0', '0', { last: null }) },
    'the last price is 0': { quote: quote('49999', '50001', { last: price('0') }) },
    'bid and ask make no sense, and the last price is 0': { quote: quote('0', '1', { last: price('0') }) },
    'the last price lies elsewhere': { quote: quote('49999', '50001', { last: price('49400') }) },
    'the quote is old': { quote: quote('49999', '50001', { ageMs: 5001 }) },
    'the quote is as old as may be': { quote: quote('49999', '50001', { ageMs: 5000 }) },
  },
  unknown: {
    'the instrument is unknown': { instrument: null },
    'balances are unknown': { free: free({}) },
    'only the base is known': { free: free({ BTC: '1' }) },
    'only the quote is known': { free: free({ USDT: '10000' }) },
    'exposure is unknown': { exposure: { symbolUsdt: null, totalUsdt: null, largest: null } },
    'exposure in all is unknown': { exposure: { symbolUsdt: money('1'), totalUsdt: null, largest: null } },
    'equity is unknown': { equityUsdt: null },
    "the day's equity is unknown": { dayOpeningEquityUsdt: null },
    "the day's loss is unknown": { dayLossUsdt: null },
    'the budget is unknown': { budget: null },
    'the user stream was never heard': { userAliveAtMs: null },
  },
  losses: {
    'the user stream is silent': { userAliveAtMs: 989_999 },
    'losses in a row are no number': { lossesInRow: NaN },
    'nobody knows when the last loss was': { lossesInRow: 100 },
    'three losses in a row': { ...limits({ coolDownAfterLosses: 3 }), lossesInRow: 3, lastLossAtMs: 900_000 },
    'three losses in a row, long ago': { ...limits({ coolDownAfterLosses: 3 }), nowMs: 5_000_000, lossesInRow: 3, lastLossAtMs: 900_000 },
  },
  trailing: {
    'no range for trailing stops': of({ trailingDelta: undefined }),
    'a narrow range for trailing stops': of({ trailingDelta: { minAboveBps: 10, maxAboveBps: 90, minBelowBps: 110, maxBelowBps: 200 } }),
  },
  symbols: {
    'the symbol is blocked': limits({ blockedSymbols: ['BTCUSDT'] }),
    'the symbol is not allowed': limits({ allowedSymbols: ['ETHUSDT', 'BNBUSDT'] }),
    'no symbol is allowed': limits({ allowedSymbols: [] }),
    'the exchange holds requests': budget({ holdUntilMs: 1_000_250 }),
    'the hold is over': budget({ holdUntilMs: 999_000 }),
    'the symbol rests': of({ status: 'HALTED' }),
    'no order type is taken': of({ orderTypes: new Set() }),
  },
  prices: {
    'the tick is coarse': of({ tick: price('700') }),
    'there is no tick': of({ tick: price('0') }),
    'prices end below': of({ maxPrice: price('40000') }),
    'prices begin above': of({ minPrice: price('60000') }),
    'prices have no end': of({ maxPrice: price('0') }),
  },
  lots: {
    'the lot is coarse': of({ lot: { minQty: qty('0.004'), maxQty: qty('9000'), stepQty: qty('0.004') } }),
    'lots end below': of({ lot: { minQty: qty('0.00001'), maxQty: qty('0.005'), stepQty: qty('0.00001') } }),
    'lots begin above': of({ lot: { minQty: qty('0.02'), maxQty: qty('0'), stepQty: qty('0.00001') } }),
    'market lots are coarse': of({ marketLot: { minQty: qty('0.003'), maxQty: qty('1'), stepQty: qty('0.003') } }),
    'market lots begin above': of({ marketLot: { minQty: qty('0.02'), maxQty: qty('1'), stepQty: qty('0.00001') } }),
    'there are no market lots': of({ marketLot: undefined }),
  },
  values: {
    'the exchange takes large orders only': of({
      notional: { minUsdt: money('900'), applyMinToMarket: true, maxUsdt: money('9000'), applyMaxToMarket: true },
    }),
    'the exchange takes small orders only': of({
      notional: { minUsdt: money('5'), applyMinToMarket: false, maxUsdt: money('100'), applyMaxToMarket: true },
    }),
    'large and small limit orders only': of({
      notional: { minUsdt: money('900'), applyMinToMarket: false, maxUsdt: money('100'), applyMaxToMarket: false },
    }),
    'no range of values': of({ notional: undefined }),
    "the exchange's band is narrow": of({
      percentPrice: {
        bidUp: new Decimal('0.9'),
        bidDown: new Decimal('0.8'),
        askUp: new Decimal('0.95'),
        askDown: new Decimal('0.85'),
        avgPriceMinutes: 5,
      },
    }),
    'the exchange has no band': of({ percentPrice: undefined }),
  },
  counts: {
    'no orders may rest': of({ maxOrders: 0, maxAlgoOrders: 0, maxOrderLists: 0 }),
    'one more may rest': {
      ...of({ maxOrders: 8, maxAlgoOrders: 4, maxOrderLists: 2 }),
      inFlight: inFlight({ ordersOfSymbol: 7, algoOrdersOfSymbol: 3, listsOfSymbol: 1 }),
    },
    'nobody bounds what may rest': of({ maxOrders: undefined, maxAlgoOrders: undefined, maxOrderLists: undefined }),
    'the holding is capped': of({ maxPositionQty: qty('0.035') }),
    'the holding is capped, sells and buys are open': {
      ...of({ maxPositionQty: qty('0.055') }),
      inFlight: inFlight({ sellQtyOfSymbol: qty('0.01'), buyQtyOfSymbol: qty('0.01') }),
    },
    'the holding is capped and the balance unknown': { ...of({ maxPositionQty: qty('0.035') }), free: free({ USDT: '10000' }) },
    'the holding is capped and there is no quote': { ...of({ maxPositionQty: qty('0.035') }), ...noQuote },
  },
  money: {
    'fees are high': of({ takerFee: new Decimal('0.3'), makerFee: new Decimal('0.1') }),
    'orders may be small': limits({ maxOrderNotionalUsdt: text('400') }),
    'openings must be large': limits({ minOpeningNotionalUsdt: text('900') }),
    'prices must be near': limits({ maxPriceDeviationPct: text('0.1') }),
    'prices must be nearer than the touch': limits({ maxPriceDeviationPct: text('0.001') }),
    'free balances are small': { free: free({ USDT: '20', BTC: '0.001' }) },
    'orders in flight are not locked yet': {
      inFlight: inFlight({ unlockedQuoteUsdt: money('9900'), unlockedBaseQty: qty('0.025') }),
    },
    'protection holds the coins': {
      free: free({ USDT: '10000', BTC: '0.001' }),
      inFlight: inFlight({ protectionQtyOfSymbol: qty('0.029'), sellQtyOfSymbol: qty('0.029') }),
    },
    'protection holds them and was only just sent': {
      inFlight: inFlight({
        protectionQtyOfSymbol: qty('0.025'),
        sellQtyOfSymbol: qty('0.025'),
        unlockedProtectionQty: qty('0.025'),
        unlockedBaseQty: qty('0.025'),
      }),
    },
  },
  day: {
    'the day lost much': { dayLossUsdt: money('499.9') },
    'the day lost all that it may': { dayLossUsdt: money('500'), dayOpeningEquityUsdt: money('1000') },
    'a hundred trades today': { tradesToday: 60, inFlight: inFlight({ unfilledOrders: 40 }) },
    'no positions may be': limits({ maxPositions: 0, maxPositionsPerSymbol: 0 }),
    'other symbols are held': {
      ...limits({ maxPositions: 1 }),
      positionSymbols: new Set(['ETHUSDT'] as never[]),
      inFlight: inFlight({ openingSymbols: new Set(['BNBUSDT', 'ETHUSDT'] as never[]) }),
    },
  },
  exposure: {
    'all shares are 1 %': exposure({
      maxPositionPct: text('1'),
      maxSymbolPct: text('1'),
      maxStrategyPct: text('1'),
      maxTotalPct: text('1'),
      maxNetDirectionPct: text('1'),
      maxPositionValueUsdt: text('1'),
      maxLeverage: 0,
    }),
    'much stands in the symbol': standing('12000', '12000'),
    'much stands in all': standing('100', '12000'),
  },
  ladder: {
    'real money is at the lowest stage': { ladderCaps: capsInForce('mainnet', 'micro') },
    'real money is at the small stage': { ladderCaps: capsInForce('mainnet', 'small'), ...standing('0', '400') },
    'the stage has no cap on losses': { ladderCaps: capsInForce('mainnet', 'week-4'), dayLossUsdt: null },
    'nothing is known at the lowest stage': {
      ladderCaps: capsInForce('mainnet', 'micro'),
      quote: null,
      dayLossUsdt: null,
      exposure: {
        symbolUsdt: null,
        totalUsdt: null,
        largest: null,
      },
    },
    'there is no quote at the lowest stage': { ladderCaps: capsInForce('mainnet', 'micro'), quote: null },
  },
  pace: {
    'the weight is used': budget({ usedWeight: 5000 }),
    'the weight of a small exchange is used': budget({ usedWeight: 90, weightLimit: 90 }),
    'the orders of ten seconds are used': budget({ orderCount10s: 90 }),
    'the orders of a day are used': budget({ orderCount1d: 180_000 }),
    'the orders of both are used': budget({ orderCount10s: 91, orderCount1d: 180_000 }),
    'the day is the fuller': budget({ orderCount10s: 10, orderCount1d: 100_000 }),
    'both are as full': budget({ orderCount10s: 50, orderCount1d: 100_000 }),
    'five orders in the last second': { ordersLastSecond: 5 },
    'the symbol had an order just now': { lastOrderOfSymbolAtMs: 999_501 },
    'the symbol never had an order': { lastOrderOfSymbolAtMs: null },
  },
};

const row = ({ id, verdict, before, after, limit, distance, usedRatio, untilMs, text: says }: LimitView): string => {
  const until = untilMs === null ? '' : ` until ${untilMs}`;
  return `${id} ${verdict}: ${before} → ${after}, limit ${limit}, room ${distance}, used ${usedRatio}${until}${says === '' ? '' : ` | ${says}`}`;
};
const denialText = (denial: Denial | null): readonly string[] =>
  denial === null
    ? []
    : [`DENIED ${denial.code}: ${denial.text} | ${denial.advice} | ${denial.value} against ${denial.limit} | ${denial.formula}`];

const rowsOf = ([wish, origin, own]: Wishes[string], changes: Partial<GatePicture>): readonly string[] => {
  const { denial, limits: shown, notionalUsdt, feeUsdt, qty: size } = preview(wish, origin ?? 'window', picture({ ...own, ...changes }));
  return [...denialText(denial), `worth ${notionalUsdt}, fee ${feeUsdt}, qty ${size}`, ...shown.map(row)];
};

/** Each line once, with the kinds of order for which it is said. */
const gathered = (lines: readonly (readonly [line: string, kind: string])[]): readonly string[] => {
  const kindsOf = Map.groupBy(lines, ([line]) => line);
  return [...kindsOf].map(([line, found]) => {
    const kinds = found.map(([, kind]) => kind);
    return `${line}  [${kinds.length === Object.keys(WISHES).length ? 'every order' : kinds.join(', ')}]`;
  });
};

const ordinary = (): ReadonlyMap<string, readonly string[]> =>
  new Map(Object.entries(WISHES).map(([kind, wish]) => [kind, rowsOf(wish, {})]));

test('in the ordinary moment, and of itself', async () => {
  const { limits: catalogue } = preview(limitBuy(), 'window', picture());
  const lines = [
    '# The limits',
    ...catalogue.map(({ id, title, unit, scope, formula }) => `${id} "${title}" in ${unit}, for ${scope}: ${formula}`),
    '# The ordinary moment',
    ...gathered([...ordinary()].flatMap(([kind, rows]) => rows.map((line) => [line, kind] as const))),
    '# Gauges',
    ...gauges(picture()).map(row),
  ];
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./words/ordinary.txt');
});

test.each(Object.entries(MOMENTS))('about %s: what differs from the ordinary moment', async (about, moments) => {
  const usual = ordinary();
  const usualGauges = gauges(picture()).map(row);
  const lines = Object.entries(moments).flatMap(([moment, changes]) => [
    `# When ${moment}`,
    ...gathered(
      Object.entries(WISHES).flatMap(([kind, wish]) =>
        rowsOf(wish, changes)
          .filter((line) => !usual.get(kind)!.includes(line))
          .map((line) => [line, kind] as const),
      ),
    ),
    ...gauges(picture(changes))
      .map(row)
      .filter((line) => !usualGauges.includes(line))
      .map((line) => `gauge ${line}`),
  ]);
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`./words/${about}.txt`);
});
