// What every new intent has in common: the name that its fact will have, the quote that it was judged on, the denial that is a fact as
// well, and the protection that stands in the way of a sale.
import type { ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import { clientOrderIdOf } from '../../../src-shared/domain/ids.ts';
import { qty, toText } from '../../../src-shared/domain/money.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';
import type { OcoRequest, OrderOrigin, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import type { Effect } from '../effects.ts';
import type { Fact, IntendedOrder, JudgedQuote } from '../facts.ts';
import { guardsOf } from '../guards.ts';
import type { Order } from '../state.ts';
import type { Context, Decision } from './context.ts';
import { decided } from './context.ts';

/** What a decision that places more than one thing, or tries one again, says besides the request. */
export interface Asking {
  /** Facts of the same decision that come before it: the intent's name is the number of its own. */
  readonly ahead?: number;
  readonly retry?: NonNullable<IntendedOrder['retry']>;
}

export const noPolicy: Denial = {
  code: 'STATE',
  text: 'No order can be judged: no policy is loaded.',
  advice: 'Restore the policy file; the console says where it looked.',
};

/** A journal that lost its tail may meet an order of its own numbering that it does not remember: no second order gets that name. */
export const nameTaken: Denial = {
  code: 'GATE_ERROR',
  text: 'The name of this order is in use at the exchange: an earlier session was lost.',
  advice: 'Nothing was sent. Place it again: it gets the next name.',
};

export const nextName = ({ tag, state }: Context, ahead = 0): ClientOrderId => clientOrderIdOf(tag, state.seq + ahead + 1);

export const judgedQuote = (context: Context, symbol: SymbolId): JudgedQuote => {
  const quote = context.market.quote(symbol);
  return quote === null
    ? { bid: '0' as never, ask: '0' as never, ageMs: -1 }
    : { bid: toText(quote.bid), ask: toText(quote.ask), ageMs: context.monoMs - quote.seenAtMs };
};

export const denied = (request: OrderRequest | OcoRequest, origin: OrderOrigin, denial: Denial): Decision =>
  decided([{ kind: 'order.denied', request, origin, denial }], [], { kind: 'denied', denial });

/** The engine's own protection must not hold up the trader's next order, nor wait for the one before (C10). */
export const notePace = ({ market, monoMs }: Context, symbol: SymbolId, origin: OrderOrigin): void => {
  if (origin !== 'protection') market.noteOrder(symbol, monoMs);
};

/**
 * The console's own protective orders that lock what a person wants to sell; none when enough of the position is free. On Binance spot
 * a protective sell locks its base, so that the venue would refuse another sale of it.
 */
export const locksOf = (
  { state, market }: Context,
  { symbol, side, origin }: { readonly symbol: SymbolId; readonly side: string; readonly origin: OrderOrigin },
  sellQty: DecimalText | undefined,
): readonly Order[] => {
  if (side !== 'SELL' || origin === 'protection' || origin === 'stop' || sellQty === undefined) return [];
  const held = state.positions.get(symbol)?.qty;
  const selling = state.books.get(symbol)?.sellQty;
  if (held === undefined || selling === undefined || held.minus(selling).gte(qty(sellQty))) return [];
  return guardsOf(state, market, symbol).sets.flatMap(({ orders }) => orders);
};

/**
 * True for a lone stop that trades at market once triggered: one request can put the sale in its stead, and either it has sold all or
 * nothing. What fills little by little is cancelled first, so that the sale is weighed against what is left.
 */
export const isSwappable = (order: Order): boolean =>
  order.list === null &&
  (order.type === 'STOP_LOSS' || order.type === 'TAKE_PROFIT') &&
  order.status === 'ACCEPTED' &&
  !order.cancelRequested;

/** The cancels of protection that a sale waits for, one request a list; and the note that the sale waits. */
export const takeOff = (
  context: Context,
  sale: ClientOrderId,
  locks: readonly Order[],
): { facts: readonly Fact[]; effects: readonly Effect[] } => {
  context.market.freeing.set(sale, context.monoMs);
  return cancelsFor(sale, locks);
};

/** One cancel a list, of those that are not being cancelled already. */
export const cancelsFor = (sale: ClientOrderId, locks: readonly Order[]): { facts: readonly Fact[]; effects: readonly Effect[] } => {
  const lists = new Set<ClientOrderId>();
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const { clientOrderId, symbol, list, cancelRequested } of locks) {
    if (cancelRequested) continue;
    facts.push({ kind: 'cancel.requested', clientOrderId, origin: 'protection', why: `a sale (${sale}) needs what it holds` });
    if (list !== null && lists.has(list.listId)) continue;
    if (list !== null) lists.add(list.listId);
    effects.push({ kind: 'cancel', symbol, clientOrderId, priority: 'normal' });
  }
  return { facts, effects };
};
