// Draws the gate's picture out of state and market: the one place where the two meet for a decision. Cost does not grow with the
// number of orders (R). What is not known is null, and null denies.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { floorTo, ZERO_AMOUNT, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { Amount, Money, Price, Qty } from '../../src-shared/domain/money.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import { capsInForce } from '../safety/ladder.ts';
import type { GatePicture, InFlight } from '../safety/picture.ts';
import type { TradingState } from '../safety/trading-state.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { dayLossOf, equityOf } from './equity.ts';
import { exposureOf } from './exposure.ts';
import type { Market } from './market.ts';
import type { Moment } from './ports.ts';
import { isProtective } from './state.ts';
import type { EngineState, Order, Position } from './state.ts';
import { dateNow } from './steady.ts';

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

interface Unlocked {
  readonly quote: Money;
  readonly base: Qty;
  readonly protection: Qty;
}

/**
 * Money and coins of orders that the venue may not have locked yet. An exit that waits for its entry locks nothing, and the pair of a
 * list is locked once, by its larger part.
 */
const unlockedOf = (state: EngineState, symbol: SymbolId, without: Order | null): Unlocked => {
  let quote = new Decimal(0);
  let base = new Decimal(0);
  let protection = new Decimal(0);
  for (const id of state.unsettled) {
    const order = state.orders.get(id);
    if (order === undefined || order.pending || order === without || isCountedByTwin(state, order)) continue;
    // Of one that has ended nothing but its fills is still to come out of the balances.
    const hasEnded = isEnded(order.status);
    if (order.side === 'BUY') quote = quote.plus(hasEnded ? order.filledUsdt : order.reservedUsdt);
    else if (order.symbol === symbol && order.qty !== null) {
      const size = hasEnded ? order.filledQty : order.qty;
      base = base.plus(size);
      if (isProtective(order)) protection = protection.plus(size);
    }
  }
  return { quote: quote as Money, base: base as Qty, protection: protection as Qty };
};

/** Both legs of a pair carry the same size and the dearer one's value, so that the first of them stands for both. */
const isCountedByTwin = (state: EngineState, { clientOrderId, side, list }: Order): boolean => {
  if (list === null) return false;
  const first = state.lists.get(list.listId)?.find((id) => {
    const twin = state.orders.get(id);
    return id === clientOrderId || (twin?.side === side && !twin.pending && state.unsettled.has(id));
  });
  return first !== clientOrderId;
};

const isBuyOf = (order: Order | null): boolean => order?.side === 'BUY';
const openQtyOf = (order: Order | null): Qty =>
  order === null || order.qty === null ? ZERO_QTY : (order.qty.minus(order.filledQty) as Qty);

const inFlightOf = (state: EngineState, symbol: SymbolId, without: Order | null): InFlight => {
  const book = state.books.get(symbol);
  const unlocked = unlockedOf(state, symbol, without);
  const inFlight: InFlight = {
    ordersOfSymbol: book?.ids.size ?? 0,
    algoOrdersOfSymbol: book?.algos ?? 0,
    listsOfSymbol: book?.lists ?? 0,
    buyQtyOfSymbol: book?.buyQty ?? ZERO_QTY,
    sellQtyOfSymbol: book?.sellQty ?? ZERO_QTY,
    protectionQtyOfSymbol: book?.protectionQty ?? ZERO_QTY,
    openingSymbols: state.buying,
    unfilledOrders: state.unfilledOrders,
    unlockedQuoteUsdt: unlocked.quote,
    unlockedBaseQty: unlocked.base,
    unlockedProtectionQty: unlocked.protection,
  };
  return without === null ? inFlight : lessOf(inFlight, without, book?.buys ?? 0);
};

/**
 * The same without the share of one open single order of the symbol: what is in flight once it is replaced. The venue's own counts keep
 * it: it applies its filters before it takes the order off (rest-api.md, "Cancel an Existing Order and Send a New Order").
 */
const lessOf = (all: InFlight, order: Order, buys: number): InFlight => {
  const open = openQtyOf(order);
  const less = (qty: Qty, is: boolean): Qty => (is ? (qty.minus(open) as Qty) : qty);
  return {
    ...all,
    sellQtyOfSymbol: less(all.sellQtyOfSymbol, !isBuyOf(order)),
    protectionQtyOfSymbol: less(all.protectionQtyOfSymbol, isProtective(order)),
    openingSymbols:
      isBuyOf(order) && buys === 1 ? new Set([...all.openingSymbols].filter((symbol) => symbol !== order.symbol)) : all.openingSymbols,
    unfilledOrders: all.unfilledOrders - (order.filledQty.isZero() ? 1 : 0),
  };
};

/** What the end of an order gives back of an asset, where the balances tell that the venue has locked it. */
const lockedBy = (state: EngineState, order: Order | null, asset: AssetId, { base, quote }: Instrument): Decimal => {
  if (order === null || state.unsettled.has(order.clientOrderId)) return ZERO_AMOUNT;
  if (order.side === 'SELL') return asset === base ? openQtyOf(order) : ZERO_AMOUNT;
  return asset === quote ? openQtyOf(order).times(order.price ?? order.stopPrice ?? 0) : ZERO_AMOUNT;
};

/** Symbols with a position that is worth an order; dust is listed but counts nowhere. */
export const positionSymbols = (state: EngineState, market: Market): ReadonlySet<SymbolId> => {
  const symbols = new Set<SymbolId>();
  for (const [symbol, position] of state.positions) {
    if (!isDust(position.qty, market.instruments.get(symbol), market.mark(symbol))) symbols.add(symbol);
  }
  return symbols;
};

/**
 * The picture for one decision on `symbol`. `without`: an open single order of the symbol whose share is left out, because the order
 * that is asked for takes its place; one that is unknown or has ended has no share.
 */
export const pictureOf = (
  state: EngineState,
  market: Market,
  policy: Policy,
  trading: TradingState,
  symbol: SymbolId,
  { nowMs, monoMs }: Moment,
  without: ClientOrderId | null = null,
): GatePicture => {
  const replaced = without !== null && state.openOrders.has(without) ? (state.orders.get(without) ?? null) : null;
  const instrument = market.instruments.get(symbol) ?? null;
  const quote = market.quote(symbol);
  const position = state.positions.get(symbol);
  const equity = equityOf(state, market);
  return {
    nowMs,
    monoMs,
    mode: state.mode,
    policy,
    trading,
    ladderCaps: capsInForce(state.mode, state.ladder.stage),
    instrument,
    quote: quote === null ? null : { bid: quote.bid, ask: quote.ask, last: quote.last, ageMs: monoMs - quote.seenAtMs },
    position: position === undefined ? null : { qty: position.qty },
    positionSymbols: positionSymbols(state, market),
    free: (asset: AssetId): Amount | null => {
      if (state.balances.size === 0) return null;
      const free = state.balances.get(asset)?.free ?? ZERO_AMOUNT;
      return replaced === null || instrument === null ? free : (free.plus(lockedBy(state, replaced, asset, instrument)) as Amount);
    },
    inFlight: inFlightOf(state, symbol, replaced),
    exposure: exposureOf(state, market, symbol, replaced),
    equityUsdt: equity,
    dayOpeningEquityUsdt: state.day?.openingEquityUsdt ?? null,
    dayLossUsdt: dayLossOf(state, equity),
    tradesToday: state.day?.trades ?? 0,
    lossesInRow: state.risk.lossesInRow,
    lastLossAtMs: dateNow(state, market, 'loss', { nowMs, monoMs }),
    ordersLastSecond: market.ordersLastSecond(monoMs),
    lastOrderOfSymbolAtMs: market.lastOrderAtMs.get(symbol) ?? null,
    marketAliveAtMs: market.streams.market.aliveAtMs,
    userAliveAtMs: market.streams.user.aliveAtMs,
    budget: market.budget,
  };
};
