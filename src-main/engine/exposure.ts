// How much money stands in the market, for C7: positions at their marks and what open buys may still cost. It walks the symbols that have
// either, never the orders (R). A position or a buy whose worth cannot be told makes the sum unknown, and unknown denies (C15).
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { ZERO_MONEY } from '../../src-shared/domain/money.ts';
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

const standingIn = (state: EngineState, market: Market, symbol: SymbolId): Decimal | null => {
  const position = state.positions.get(symbol);
  const book = state.books.get(symbol);
  const qty = (position?.qty ?? new Decimal(0)).plus(book?.unpricedBuyQty ?? 0) as Qty;
  const held = atMark(market, symbol, qty);
  return held === null || book === undefined ? held : held.plus(book.buyUsdt);
};

/** `without`: an open order of `symbol` whose share is left out, because another takes its place. */
export const exposureOf = (state: EngineState, market: Market, symbol: SymbolId, without: Order | null): Exposure => {
  let symbolUsdt: Decimal | null = ZERO_MONEY;
  let totalUsdt: Decimal | null = ZERO_MONEY;
  let largest: Exposure['largest'] = null;
  const add = (one: SymbolId): void => {
    let usdt = standingIn(state, market, one);
    if (usdt !== null && one === symbol && without?.side === 'BUY') usdt = usdt.minus(worthLeftOf(without));
    if (one === symbol) symbolUsdt = usdt;
    totalUsdt = usdt === null || totalUsdt === null ? null : totalUsdt.isZero() ? usdt : totalUsdt.plus(usdt);
    if (usdt !== null && (largest === null || usdt.gt(largest.usdt))) largest = { symbol: one, usdt: usdt as Money };
  };
  for (const one of state.positions.keys()) add(one);
  for (const one of state.buying) if (!state.positions.has(one)) add(one);
  return { symbolUsdt: symbolUsdt as Money | null, totalUsdt: totalUsdt as Money | null, largest };
};
