// Asks the venue for one round of its books (reconcile/rounds.ts says for what). One failed question fails the round whole: books with a
// hole would look like differences. It judges nothing.
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { ordersToAskFor, strangeTrades } from '../reconcile/diff.ts';
import type { VenueBooks } from '../reconcile/diff.ts';
import { probesOf } from '../reconcile/reset.ts';
import { allowanceOf, FIXED_WEIGHT, ordersOfRound, strangersOfRound, tradesOfRound, WEIGHT } from '../reconcile/rounds.ts';
import type { QueryOutcome, Venue, VenueFailure, VenueOrder } from '../venue/port.ts';
import { roundNotesOf } from './market.ts';
import type { Market } from './market.ts';
import { isElder, isRenamed } from './order-numbers.ts';
import type { EngineState, Order } from './state.ts';

/** Questions under way at once. */
const AT_ONCE = 8;
/** The policy's default, until one is there. */
const WEIGHT_CEILING = 5000;

type Asked<T> = Promise<Result<T, VenueFailure>>;

/** Answers in the order of the questions; the first failure ends it. */
const askEach = async <Q, A>(questions: readonly Q[], ask: (question: Q) => Asked<A>): Asked<readonly A[]> => {
  const answers: A[] = [];
  for (let from = 0; from < questions.length; from += AT_ONCE) {
    for (const answer of await Promise.all(questions.slice(from, from + AT_ONCE).map(ask))) {
      if (!answer.ok) return answer;
      answers.push(answer.value);
    }
  }
  return ok(answers);
};

/** An order by the venue's number, or null where the venue refuses it: it knows none such, which is no outage. */
const orderOf = async (venue: Venue, symbol: SymbolId, venueOrderId: VenueOrderId): Asked<VenueOrder | null> => {
  const found = await venue.orderOf(symbol, venueOrderId);
  return !found.ok && found.error.kind === 'refused' ? ok(null) : found;
};

/** Binance -1121 for a symbol that it lists no more: there is nothing to ask, and all the other books must not fail with it. */
const INVALID_SYMBOL = -1121;
const isUnlisted = ({ instruments }: Market, symbol: SymbolId, { code }: VenueFailure): boolean =>
  code === INVALID_SYMBOL && !instruments.has(symbol);

/** Binance -2013 and -2026: no such order, or one of long ago. */
const UNKNOWN_ORDER: ReadonlySet<number | null> = new Set([-2013, -2026]);

/** One order: by its name, or by its number where the venue calls it otherwise than we do, or has given its name to another. */
export const askOrder = async (venue: Venue, order: Order): Promise<QueryOutcome> => {
  const { symbol, clientOrderId, venueOrderId } = order;
  if (venueOrderId === null || !(isElder(order) || isRenamed(order))) return venue.queryOrder(symbol, clientOrderId);
  const found = await venue.orderOf(symbol, venueOrderId);
  if (found.ok) return { kind: 'found', order: found.value };
  return found.error.kind === 'refused' && UNKNOWN_ORDER.has(found.error.code)
    ? { kind: 'absent' }
    : { kind: 'failed', failure: found.error };
};

/** One round of the venue's books. */
export const askBooks = async (venue: Venue, state: EngineState, market: Market, startedAtMs: number): Asked<VenueBooks> => {
  const weight = allowanceOf(market.budget?.usedWeight ?? 0, state.policy?.limits.maxRequestWeight ?? WEIGHT_CEILING) - FIXED_WEIGHT;
  const notes = roundNotesOf(market);
  const openOrders = await venue.openOrders(null, 'normal');
  if (!openOrders.ok) return openOrders;

  const orders = ordersOfRound(ordersToAskFor(state, openOrders.value, startedAtMs), market.ordersAskedAtMs, weight / 2);
  const outcomes = await askEach(orders.now, async (order): Asked<readonly [ClientOrderId, QueryOutcome] | null> => {
    const outcome = await askOrder(venue, order);
    if (outcome.kind !== 'failed') return ok([order.clientOrderId, outcome]);
    return isUnlisted(market, order.symbol, outcome.failure) ? ok(null) : fail(outcome.failure);
  });
  if (!outcomes.ok) return outcomes;
  const seen = { openOrders: openOrders.value, queries: new Map(outcomes.value.filter((answer) => answer !== null)) };

  const probes = await askEach(
    market.resetSuspect === null ? [] : probesOf(state, startedAtMs),
    async ({ clientOrderId, symbol, venueOrderId }): Asked<readonly [ClientOrderId, VenueOrder | null]> => {
      const found = await orderOf(venue, symbol, venueOrderId as VenueOrderId);
      return found.ok ? ok([clientOrderId, found.value]) : found;
    },
  );
  if (!probes.ok) return probes;

  const symbols = tradesOfRound(state, seen, notes, (weight - orders.now.length * WEIGHT.order) * 0.8);
  const pages = await askEach([...symbols.since], async ([symbol, sinceMs]): Asked<VenueBooks['trades']> => {
    const found = await venue.tradesSince(symbol, sinceMs);
    if (found.ok) return ok(found.value.map((trade) => ({ ...trade, symbol })));
    return isUnlisted(market, symbol, found.error) ? ok([]) : found;
  });
  if (!pages.ok) return pages;
  const trades = pages.value.flat();

  const strange = strangersOfRound(strangeTrades(state, { ...seen, trades, asked: symbols.since }), weight / 5);
  const strangers = await askEach(strange.now, ({ symbol, venueOrderId }) => orderOf(venue, symbol, venueOrderId));
  if (!strangers.ok) return strangers;

  // Balances last: they then include every fill listed above.
  const account = await venue.account('normal');
  if (!account.ok) return account;
  return ok({
    balances: account.value.balances,
    ...seen,
    trades,
    strangers: strangers.value.filter((order) => order !== null),
    asked: symbols.since,
    probes: new Map(probes.value),
    again: new Map([...symbols.since].filter(([symbol]) => strange.symbols.has(symbol))),
    left: orders.left + symbols.left + strange.left,
  });
};
