// Sales that wait until the protection that locks their coins is proven gone: whether one may leave now. Protection that sold by itself
// meanwhile leaves less to sell, and then the sale does not leave at all (C14).
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import { qty, toText, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
import type { Effect } from './effects.ts';
import type { EngineState } from './state.ts';

/** The orders that an effect puts on the wire. */
export const ordersOf = (effect: Effect): readonly ClientOrderId[] => {
  if (effect.kind === 'submit' || effect.kind === 'replace') return [effect.order.clientOrderId];
  return effect.kind === 'submit-list' ? effect.list.orders.map((order) => order.clientOrderId) : [];
};

interface Sale {
  readonly after: readonly ClientOrderId[];
  readonly symbol: SymbolId;
  readonly size: DecimalText;
}

const saleOf = (effect: Effect): Sale | null => {
  const [order, after] =
    effect.kind === 'submit'
      ? [effect.order, effect.order.after]
      : effect.kind === 'submit-list'
        ? [effect.list.orders[0], effect.list.after]
        : [undefined, undefined];
  return order?.qty === undefined || after === undefined ? null : { after, symbol: order.symbol, size: order.qty };
};

const soldMeanwhile = (left: string): Denial => ({
  code: 'REDUCE_ONLY',
  text: `The protection sold before it could be taken off: ${left} is left to sell. The order was not sent.`,
  advice: 'Look at the position, and sell what is left if it is still wanted.',
});

/** `wait` while protection still holds the coins, `go` once they are free, or why the sale may not leave any more. */
export const leaveOf = (state: EngineState, effect: Effect): 'wait' | 'go' | Denial => {
  const sale = saleOf(effect);
  if (sale === null) return 'go';
  if (sale.after.some((id) => state.openOrders.has(id))) return 'wait';
  const held = state.positions.get(sale.symbol)?.qty ?? ZERO_QTY;
  // The open sells count it itself as well.
  const selling = state.books.get(sale.symbol)?.sellQty ?? ZERO_QTY;
  return selling.lte(held) ? 'go' : soldMeanwhile(toText(held.minus(selling).plus(qty(sale.size))));
};
