// Draws the gate's picture out of state and market: the one place where the two meet for a decision. Cost does not grow with the
// number of orders (R). What is not known is null, and null denies.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { floorTo, ZERO_AMOUNT, ZERO_MONEY, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { Amount, Money, Price, Qty } from '../../src-shared/domain/money.ts';
import type { GatePicture, InFlight } from '../safety/picture.ts';
import type { TradingState } from '../safety/trading-state.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { dayLossOf, equityOf } from './equity.ts';
import type { Market } from './market.ts';
import type { Moment } from './ports.ts';
import type { EngineState, Position } from './state.ts';

/** What a sell could sell now: the position after fees, not more than is free, rounded down to the lot. */
export const sellableOf = (free: Amount, position: Position, instrument: Instrument): Qty =>
  floorTo((free.lt(position.qty) ? free : position.qty) as Decimal as Qty, instrument.lot.stepQty);

export const freeOf = (state: EngineState, asset: AssetId): Amount => state.balances.get(asset)?.free ?? ZERO_AMOUNT;

/** True when the venue would take no order of this size: a remainder that cannot be sold alone. */
export const isDust = (ofQty: Qty, instrument: Instrument | undefined, mark: Price | null): boolean => {
  if (instrument === undefined) return false;
  const lots = floorTo(ofQty, instrument.lot.stepQty);
  if (lots.lt(instrument.lot.minQty) || lots.isZero()) return true;
  return instrument.notional !== undefined && mark !== null && lots.times(mark).lt(instrument.notional.minUsdt);
};

const unlockedOf = (state: EngineState, symbol: SymbolId): { quote: Money; base: Qty } => {
  let quote = new Decimal(0);
  let base = new Decimal(0);
  for (const id of state.unsettled) {
    const order = state.orders.get(id);
    if (order === undefined) continue;
    if (order.side === 'BUY') quote = quote.plus(order.reservedUsdt);
    else if (order.symbol === symbol) base = base.plus(order.qty ?? 0);
  }
  return { quote: quote as Money, base: base as Qty };
};

const inFlightOf = (state: EngineState, symbol: SymbolId): InFlight => {
  const book = state.books.get(symbol);
  const unlocked = unlockedOf(state, symbol);
  return {
    ordersOfSymbol: book?.ids.size ?? 0,
    buyQtyOfSymbol: book?.buyQty ?? ZERO_QTY,
    sellQtyOfSymbol: book?.sellQty ?? ZERO_QTY,
    openingSymbols: state.buying,
    unfilledOrders: state.unfilledOrders,
    unlockedQuoteUsdt: unlocked.quote,
    unlockedBaseQty: unlocked.base,
  };
};

/** Symbols with a position that is worth an order; dust is listed but counts nowhere. */
export const positionSymbols = (state: EngineState, market: Market): ReadonlySet<SymbolId> => {
  const symbols = new Set<SymbolId>();
  for (const [symbol, position] of state.positions) {
    if (!isDust(position.qty, market.instruments.get(symbol), market.mark(symbol))) symbols.add(symbol);
  }
  return symbols;
};

/** The picture for one decision on `symbol`. */
export const pictureOf = (
  state: EngineState,
  market: Market,
  policy: Policy,
  trading: TradingState,
  symbol: SymbolId,
  { nowMs, monoMs }: Moment,
): GatePicture => {
  const quote = market.quote(symbol);
  const mark = market.mark(symbol);
  const position = state.positions.get(symbol);
  const equity = equityOf(state, market);
  return {
    nowMs,
    monoMs,
    mode: state.mode,
    policy,
    trading,
    instrument: market.instruments.get(symbol) ?? null,
    quote: quote === null ? null : { bid: quote.bid, ask: quote.ask, last: quote.last, ageMs: monoMs - quote.seenAtMs },
    position:
      position === undefined ? null : { qty: position.qty, valueUsdt: (mark === null ? ZERO_MONEY : position.qty.times(mark)) as Money },
    positionSymbols: positionSymbols(state, market),
    free: (asset: AssetId): Amount | null =>
      state.balances.get(asset)?.free ?? (state.balances.size === 0 ? null : (new Decimal(0) as Amount)),
    inFlight: inFlightOf(state, symbol),
    equityUsdt: equity,
    dayOpeningEquityUsdt: state.day?.openingEquityUsdt ?? null,
    dayLossUsdt: dayLossOf(state, equity),
    tradesToday: state.day?.trades ?? 0,
    ordersLastSecond: market.ordersLastSecond(monoMs),
    lastOrderOfSymbolAtMs: market.lastOrderAtMs.get(symbol) ?? null,
    marketAliveAtMs: market.streams.market.aliveAtMs,
    userAliveAtMs: market.streams.user.aliveAtMs,
    budget: market.budget,
  };
};
