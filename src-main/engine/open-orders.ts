// What an open order still stands for, in base and in USDT: a list counts once, an exit that waits for its entry not at all (C14). Sums
// of it are kept per symbol (state.ts, SymbolBook), so that a decision need not walk the orders. Exact, so that they come back to zero.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { ZERO_MONEY, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { Money, Qty } from '../../src-shared/domain/money.ts';
import type { EngineState, Order } from './state.ts';

/** Open base quantity; 0 for a market buy sized in quote. */
export const leftOf = ({ qty, filledQty }: Order): Qty => (qty === null || qty.lte(filledQty) ? ZERO_QTY : (qty.minus(filledQty) as Qty));

/** Open base quantity of a buy that only the mark can value. */
export const unpricedLeftOf = (order: Order): Qty => (order.reservedUsdt.isZero() ? leftOf(order) : ZERO_QTY);

/** A price per unit is rounded up to so many decimals: then its product with a quantity has an end. */
const UNIT_DECIMALS = 12;

/** What the open part of a buy may cost at most, in USDT: its share of what was reserved for the whole. */
export const worthLeftOf = (order: Order): Money => {
  const { qty, quoteQty, filledQty, filledUsdt, reservedUsdt } = order;
  if (filledQty.isZero()) return reservedUsdt;
  if (quoteQty !== null) return Decimal.max(0, quoteQty.minus(filledUsdt)) as Money;
  const left = leftOf(order);
  if (qty === null || left.isZero()) return ZERO_MONEY;
  return left.times(reservedUsdt.div(qty).toDecimalPlaces(UNIT_DECIMALS, Decimal.ROUND_UP)) as Money;
};

type Orders = Pick<EngineState, 'lists' | 'openOrders' | 'orders'>;

/**
 * The open part of one side that an order, or the list it belongs to, stands for when `as` takes its place (null: it is not open). Of two
 * exits only one can trade: the larger counts.
 */
export const countedOf = <T extends Decimal>(
  { lists, openOrders, orders }: Orders,
  { clientOrderId, side, list }: Order,
  as: Order | null,
  measure: (order: Order) => T,
): Decimal => {
  if (list === null) return as === null ? ZERO_QTY : measure(as);
  let entry: Decimal = ZERO_QTY;
  let exit: Decimal = ZERO_QTY;
  for (const leg of lists.get(list.listId) ?? [clientOrderId]) {
    const one = leg === clientOrderId ? as : openOrders.has(leg) ? (orders.get(leg) ?? null) : null;
    if (one === null || one.pending || one.side !== side) continue;
    const left = measure(one);
    if (one.list?.role === 'entry') entry = left;
    else if (left.gt(exit)) exit = left;
  }
  return entry.plus(exit);
};
