// Pictures and requests for tests of the gate: one ordinary moment in which an ordinary order passes, to be changed one thing at a time.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { AssetId, SymbolId } from '../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import { amount, money, price, qty } from '../../../src-shared/domain/money.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';
import type { ExitPlan, OcoRequest, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import type { GatePicture, GateQuote, InFlight } from '../../../src-main/safety/picture.ts';
import { tradingStateOf } from '../../../src-main/safety/trading-state.ts';
import type { Cause, TradingState } from '../../../src-main/safety/trading-state.ts';
import { WIDE } from '../../support/wide.ts';

export const BTC = 'BTCUSDT' as SymbolId;
export const text = (value: string): DecimalText => value as DecimalText;

/** BTCUSDT with the filters of BINANCE 6. */
export const instrument = (changes: Partial<Instrument> = {}): Instrument => ({
  symbol: BTC,
  base: 'BTC' as AssetId,
  quote: 'USDT' as AssetId,
  status: 'TRADING',
  orderTypes: new Set(['LIMIT', 'LIMIT_MAKER', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT']),
  tick: price('0.01'),
  minPrice: price('0.01'),
  maxPrice: price('1000000'),
  lot: { minQty: qty('0.00001'), maxQty: qty('9000'), stepQty: qty('0.00001') },
  marketLot: { minQty: qty('0'), maxQty: qty('97.09521512'), stepQty: qty('0') },
  percentPrice: {
    bidUp: new Decimal(5),
    bidDown: new Decimal('0.2'),
    askUp: new Decimal(5),
    askDown: new Decimal('0.2'),
    avgPriceMinutes: 5,
  },
  notional: { minUsdt: money('5'), applyMinToMarket: true, maxUsdt: money('9000000'), applyMaxToMarket: false },
  maxOrders: 200,
  maxAlgoOrders: 5,
  maxOrderLists: 20,
  maxPositionQty: undefined,
  trailingDelta: { minAboveBps: 10, maxAboveBps: 2000, minBelowBps: 10, maxBelowBps: 2000 },
  takerFee: new Decimal('0.001'),
  makerFee: new Decimal('0.001'),
  ...changes,
});

export const quote = (bid = '49999', ask = '50001', changes: Partial<GateQuote> = {}): GateQuote => ({
  bid: price(bid),
  ask: price(ask),
  last: price('50000'),
  ageMs: 100,
  ...changes,
});

export const inFlight = (changes: Partial<InFlight> = {}): InFlight => ({
  ordersOfSymbol: 0,
  algoOrdersOfSymbol: 0,
  listsOfSymbol: 0,
  buyQtyOfSymbol: qty('0'),
  sellQtyOfSymbol: qty('0'),
  protectionQtyOfSymbol: qty('0'),
  openingSymbols: new Set<SymbolId>(),
  unfilledOrders: 0,
  unlockedQuoteUsdt: money('0'),
  unlockedBaseQty: qty('0'),
  unlockedProtectionQty: qty('0'),
  ...changes,
});

export const ACTIVE: TradingState = tradingStateOf([]);
export const cause = (code: Cause['code'], level: Cause['level']): Cause => ({ code, level, text: `Because of ${code}.` });
export const TRIPPED: TradingState = tradingStateOf([cause('EMERGENCY_STOP', 'HALTED')]);
export const REDUCING: TradingState = tradingStateOf([cause('USER_STREAM', 'REDUCING')]);
export const HALTED: TradingState = tradingStateOf([cause('RECOVERING', 'HALTED')]);

/** NORMAL with some limits changed, and C7 wide. Not parsed for sanity: tests look at one rule at a time. */
export const policy = (limits: Partial<Policy['limits']> = {}): Policy => ({ ...WIDE, limits: { ...WIDE.limits, ...limits } });

/** Free balances by asset; an asset that is not named is unknown. */
export const free = (balances: Readonly<Record<string, string>>): GatePicture['free'] => {
  const held = new Map(Object.entries(balances).map(([asset, value]) => [asset, amount(value)]));
  return (asset) => held.get(asset) ?? null;
};

/** Nothing stands elsewhere: then the engine draws one number (engine/exposure.ts). */
const HELD_USDT = money('1500');

/** An ordinary moment, C7 wide: 10 000 USDT, 0.03 BTC held, quotes 49 999 / 50 001, nothing in flight. */
export const picture = (changes: Partial<GatePicture> = {}): GatePicture => ({
  nowMs: 1_000_000,
  monoMs: 1_000_000,
  mode: 'practice',
  policy: WIDE,
  trading: ACTIVE,
  instrument: instrument(),
  quote: quote(),
  position: { qty: qty('0.03') },
  positionSymbols: new Set([BTC]),
  free: free({ USDT: '10000', BTC: '0.03' }),
  inFlight: inFlight(),
  exposure: { symbolUsdt: HELD_USDT, totalUsdt: HELD_USDT, largest: { symbol: BTC, usdt: HELD_USDT } },
  equityUsdt: money('11500'),
  dayOpeningEquityUsdt: money('10000'),
  dayLossUsdt: money('12.34'),
  tradesToday: 3,
  lossesInRow: 0,
  lastLossAtMs: null,
  ladderCaps: null,
  ordersLastSecond: 0,
  lastOrderOfSymbolAtMs: 990_000,
  marketAliveAtMs: 999_900,
  userAliveAtMs: 999_500,
  budget: {
    usedWeight: 100,
    weightLimit: 6000,
    orderCount10s: 1,
    orderLimit10s: 100,
    orderCount1d: 50,
    orderLimit1d: 200_000,
    holdUntilMs: null,
  },
  ...changes,
});

export const limitBuy = (changes: Partial<OrderRequest> = {}): OrderRequest => ({
  symbol: BTC,
  side: 'BUY',
  type: 'LIMIT',
  qty: text('0.01'),
  price: text('49900'),
  timeInForce: 'GTC',
  ...changes,
});
export const limitSell = (changes: Partial<OrderRequest> = {}): OrderRequest =>
  limitBuy({ side: 'SELL', price: text('50100'), ...changes });
export const marketBuy = (size = '0.01'): OrderRequest => ({ symbol: BTC, side: 'BUY', type: 'MARKET', qty: text(size) });
export const marketSell = (size = '0.01'): OrderRequest => ({ symbol: BTC, side: 'SELL', type: 'MARKET', qty: text(size) });
export const spend = (quoteQty: string): OrderRequest => ({ symbol: BTC, side: 'BUY', type: 'MARKET', quoteQty: text(quoteQty) });

/** At market once the price has risen to 50 500 (a buy), or fallen to 49 500 (a sell). */
export const stopBuy = (changes: Partial<OrderRequest> = {}): OrderRequest => ({
  symbol: BTC,
  side: 'BUY',
  type: 'STOP_LOSS',
  qty: text('0.01'),
  stopPrice: text('50500'),
  ...changes,
});
export const stopSell = (changes: Partial<OrderRequest> = {}): OrderRequest =>
  stopBuy({ side: 'SELL', stopPrice: text('49500'), ...changes });
/** The same, with a limit price once triggered. */
export const stopLimitBuy = (changes: Partial<OrderRequest> = {}): OrderRequest =>
  stopBuy({ type: 'STOP_LOSS_LIMIT', price: text('50600'), timeInForce: 'GTC', ...changes });
export const stopLimitSell = (changes: Partial<OrderRequest> = {}): OrderRequest =>
  stopSell({ type: 'STOP_LOSS_LIMIT', price: text('49400'), timeInForce: 'GTC', ...changes });
/** A trailing stop that trails from now on, by 1 %. */
export const trailingSell = (trailingDeltaBps = 100): OrderRequest => ({
  symbol: BTC,
  side: 'SELL',
  type: 'STOP_LOSS',
  qty: text('0.01'),
  trailingDeltaBps,
});
export const oco = (changes: Partial<OcoRequest> = {}): OcoRequest => ({
  symbol: BTC,
  side: 'SELL',
  qty: text('0.01'),
  price: text('52000'),
  stopPrice: text('49000'),
  ...changes,
});
/** A resting buy with both exits: the venue's OTOCO. */
export const withExits = (exits: ExitPlan = { stopLoss: text('49000'), takeProfit: text('52000') }): OrderRequest => ({
  ...limitBuy(),
  exits,
});
