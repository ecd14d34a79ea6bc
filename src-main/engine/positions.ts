// Spot positions from fills: average cost, realised and unrealised profit and loss net of fees, full precision (REQUIREMENTS B3).
// Cost holds what was paid with fees; a base-asset fee shrinks the quantity at unchanged cost, so both kinds of fee end up in it.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Money, Price, Qty } from '../../src-shared/domain/money.ts';
import { ZERO_MONEY, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { Side } from '../../src-shared/domain/order.ts';
import type { Position } from './state.ts';

export interface PositionFill {
  readonly symbol: SymbolId;
  readonly base: AssetId;
  readonly side: Side;
  readonly price: Price;
  readonly qty: Qty;
  readonly fee: Decimal;
  readonly feeAsset: AssetId;
  /** The fee's worth in USDT; a fee of unknown worth counts 0 here and raises an alert elsewhere. */
  readonly feeUsdt: Money;
  readonly atMs: number;
}

export interface PositionChange {
  /** Null when the position is closed to the last digit. */
  readonly position: Position | null;
  /** Realised by this fill, net of its fee and of the entry fees in the cost of the part that it closed. */
  readonly realisedUsdt: Money;
}

const bought = (before: Position | undefined, fill: PositionFill): PositionChange => {
  const feeInBase = fill.feeAsset === fill.base;
  const qty = feeInBase ? fill.qty.minus(fill.fee) : fill.qty;
  const worth = fill.price.times(fill.qty);
  const cost = feeInBase ? worth : worth.plus(fill.feeUsdt);
  const heldQty = before?.qty ?? ZERO_QTY;
  const entry = before === undefined ? fill.price : before.entryPrice.times(heldQty).plus(worth).div(heldQty.plus(fill.qty));
  return {
    position: {
      symbol: fill.symbol,
      qty: heldQty.plus(qty) as Qty,
      costUsdt: cost.plus(before?.costUsdt ?? ZERO_MONEY) as Money,
      entryPrice: entry as Price,
      realisedUsdt: before?.realisedUsdt ?? ZERO_MONEY,
      feesUsdt: fill.feeUsdt.plus(before?.feesUsdt ?? ZERO_MONEY) as Money,
      openedAtMs: before?.openedAtMs ?? fill.atMs,
    },
    realisedUsdt: ZERO_MONEY,
  };
};

const sold = (before: Position, fill: PositionFill): PositionChange => {
  // A sell of more than the position sells holdings that no fill here bought: they carry no cost and make no profit.
  const closes = fill.qty.lt(before.qty) ? fill.qty : before.qty;
  const share = closes.div(fill.qty);
  const cost = closes.eq(before.qty) ? before.costUsdt : before.costUsdt.times(closes).div(before.qty);
  const proceeds = fill.price.times(closes).minus(fill.feeUsdt.times(share));
  const realised = proceeds.minus(cost) as Money;
  const left = before.qty.minus(closes);
  if (left.isZero()) return { position: null, realisedUsdt: realised };
  return {
    position: {
      ...before,
      qty: left as Qty,
      costUsdt: before.costUsdt.minus(cost) as Money,
      realisedUsdt: before.realisedUsdt.plus(realised) as Money,
      feesUsdt: before.feesUsdt.plus(fill.feeUsdt) as Money,
    },
    realisedUsdt: realised,
  };
};

/** The position after one fill: opened, added to, partly closed or closed. */
export const applyFill = (before: Position | undefined, fill: PositionFill): PositionChange => {
  if (fill.side === 'BUY') return bought(before, fill);
  return before === undefined ? { position: null, realisedUsdt: ZERO_MONEY } : sold(before, fill);
};

/** A fee paid out of a position: a small sale of it at the fee's worth. What was not held here carries no cost and makes no profit. */
export const payFee = (before: Position, fee: Decimal, feeUsdt: Money): PositionChange => {
  const paid = fee.lt(before.qty) ? fee : before.qty;
  const cost = paid.eq(before.qty) ? before.costUsdt : before.costUsdt.times(paid).div(before.qty);
  const realised = feeUsdt.times(paid.div(fee)).minus(cost) as Money;
  if (paid.eq(before.qty)) return { position: null, realisedUsdt: realised };
  const position = {
    ...before,
    qty: before.qty.minus(paid) as Qty,
    costUsdt: before.costUsdt.minus(cost) as Money,
    realisedUsdt: before.realisedUsdt.plus(realised) as Money,
  };
  return { position, realisedUsdt: realised };
};

/** What the position would gain at a mark, exit fees not counted. */
export const unrealised = (position: Position, mark: Price): Money => position.qty.times(mark).minus(position.costUsdt) as Money;
