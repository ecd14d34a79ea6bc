// The account as the facts explain it: the first statement, and since then every fill and every movement that was told. What the
// venue holds beyond it came or went by a way that nobody told of (a deposit while the console was off).
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId } from '../../src-shared/domain/ids.ts';
import { amount, price, qty, ZERO_AMOUNT } from '../../src-shared/domain/money.ts';
import type { OrderOrigin } from '../../src-shared/domain/order.ts';
import type { FillFact } from './facts.ts';
import type { Ledger } from './state.ts';
import { baseOf, USDT } from './symbols.ts';

export type Move = readonly [asset: AssetId, delta: Decimal];

/** What a fill moves in the account. A foreign fill from before the first statement is in that statement already. */
export const movesOf = (fill: FillFact, origin: OrderOrigin, ledger: Ledger): readonly Move[] => {
  if (origin === 'foreign' && fill.venueTimeMs < ledger.fromMs) return [];
  const base = qty(fill.qty);
  const quote = base.times(price(fill.price));
  const buys = fill.side === 'BUY';
  return [
    [baseOf(fill.symbol), buys ? base : base.neg()],
    [USDT, buys ? quote.neg() : quote],
    [fill.feeAsset, amount(fill.fee).neg()],
  ];
};

export const book = (totals: Map<AssetId, Decimal>, moves: readonly Move[]): void => {
  for (const [asset, delta] of moves) totals.set(asset, delta.plus(totals.get(asset) ?? ZERO_AMOUNT));
};
