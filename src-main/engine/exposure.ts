// How much money stands in the market, for C7: positions at their marks and what open buys may still cost. It walks the positions, never
// the orders nor their symbols (R). A position or a buy whose worth cannot be told makes the sum unknown, and unknown denies (C15).
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { ZERO_MONEY, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { Money, Qty } from '../../src-shared/domain/money.ts';
import type { Exposure } from '../safety/picture.ts';
import type { Market } from './market.ts';
import { worthLeftOf } from './open-orders.ts';
import type { EngineState, Order } from './state.ts';

/** A quantity at the mark; null without one that makes sense. */
const atMark = (market: Market, symbol: SymbolId, qty: Qty): Decimal | null => {
  if (qty.isZero()) return ZERO_MONEY;
  const mark = market.mark(symbol);
  return mark?.gt(0) === true ? qty.times(mark) : null;
};

/** What only the mark tells: the position, and open buys without a price. */
const markedIn = (state: EngineState, market: Market, symbol: SymbolId): Decimal | null => {
  const held = state.positions.get(symbol)?.qty ?? ZERO_QTY;
  const unpriced = state.books.get(symbol)?.unpricedBuyQty ?? ZERO_QTY;
  return atMark(market, symbol, held.plus(unpriced) as Qty);
};

const standingIn = (state: EngineState, market: Market, symbol: SymbolId): Decimal | null =>
  markedIn(state, market, symbol)?.plus(state.books.get(symbol)?.buyUsdt ?? ZERO_MONEY) ?? null;

/** The symbol in which the most stands; only a gauge asks, so that it alone pays for walking them all. */
const largestOf = (state: EngineState, market: Market): Exposure['largest'] => {
  let largest: Exposure['largest'] = null;
  for (const symbol of new Set([...state.positions.keys(), ...state.buying])) {
    const usdt = standingIn(state, market, symbol);
    if (usdt !== null && (largest === null || usdt.gt(largest.usdt))) largest = { symbol, usdt: usdt as Money };
  }
  return largest;
};

/** `without`: an open order of `symbol` whose share is left out, because another takes its place. */
export const exposureOf = (state: EngineState, market: Market, symbol: SymbolId, without: Order | null): Exposure => {
  const less = without?.side === 'BUY' ? worthLeftOf(without) : ZERO_MONEY;
  let totalUsdt: Decimal | null = state.buyingUsdt.minus(less);
  const addMarked = (one: SymbolId): void => {
    const usdt = markedIn(state, market, one);
    totalUsdt = usdt === null || totalUsdt === null ? null : totalUsdt.plus(usdt);
  };
  for (const one of state.positions.keys()) addMarked(one);
  for (const one of state.unpriced) if (!state.positions.has(one)) addMarked(one);
  const symbolUsdt = standingIn(state, market, symbol)?.minus(less) ?? null;
  // Where nothing stands elsewhere the two are one: the gate reckons with it once (safety/context.ts).
  const isAll = totalUsdt !== null && symbolUsdt?.eq(totalUsdt) === true;
  return {
    symbolUsdt: symbolUsdt as Money | null,
    totalUsdt: (isAll ? symbolUsdt : totalUsdt) as Money | null,
    get largest() {
      return largestOf(state, market);
    },
  };
};
