// What the account is worth: the quote balance and every asset that a tracked symbol gives a mark for. Before this session has compared
// its books and knows its instruments, or while an asset of a tracked symbol has no mark, equity is unknown (null), and unknown denies
// (REQUIREMENTS C15); other assets without a mark are not counted.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId } from '../../src-shared/domain/ids.ts';
import type { Money } from '../../src-shared/domain/money.ts';
import { ZERO_MONEY } from '../../src-shared/domain/money.ts';
import type { Market } from './market.ts';
import { worthOf } from './market.ts';
import type { EngineState } from './state.ts';
import { symbolOf } from './symbols.ts';

/** The first thing that keeps equity unknown (an asset without a mark, or all of them), or null when it is known. */
export const unvaluedAssetOf = (state: EngineState, market: Market): AssetId | 'all' | null => {
  // Without instruments nobody knows which assets have a price: what has none then is not worth nothing.
  if (!state.session.reconciled || market.instruments.size === 0) return 'all';
  // The assets held are few, the symbols may be hundreds: the cost of a decision must not grow with them (R).
  for (const [asset, balance] of state.balances) {
    const symbol = symbolOf(asset);
    const isTracked = market.instruments.has(symbol) || state.positions.has(symbol);
    if (isTracked && market.mark(symbol) === null && !balance.free.plus(balance.locked).isZero()) return asset;
  }
  return null;
};

/** Equity in USDT, or null while it cannot be known. */
export const equityOf = (state: EngineState, market: Market): Money | null => {
  if (unvaluedAssetOf(state, market) !== null) return null;
  let sum = new Decimal(0);
  for (const [asset, balance] of state.balances) {
    const total = balance.free.plus(balance.locked);
    if (total.isZero()) continue;
    const worth = worthOf(market, asset);
    if (worth !== null) sum = sum.plus(total.times(worth));
  }
  return sum as Money;
};

/**
 * Today's change of equity with deposits and withdrawals taken out (C4); null while equity or the day's opening is unknown. A withdrawal
 * that the balances do not show yet is not taken out yet: it would else hide as much of a loss.
 */
export const dayPnlOf = ({ day, movesAhead }: Pick<EngineState, 'day' | 'movesAhead'>, equityUsdt: Money | null): Money | null => {
  if (day === null || equityUsdt === null) return null;
  let pnl = equityUsdt.minus(day.openingEquityUsdt).minus(day.netDepositsUsdt);
  for (const aheadUsdt of movesAhead.values()) pnl = pnl.plus(aheadUsdt);
  return pnl as Money;
};

/** Today's loss as a positive number; 0 on a winning day; null while unknown. */
export const dayLossOf = (state: EngineState, equityUsdt: Money | null): Money | null => {
  const pnl = dayPnlOf(state, equityUsdt);
  if (pnl === null) return null;
  return pnl.isNegative() ? (pnl.neg() as Money) : ZERO_MONEY;
};
