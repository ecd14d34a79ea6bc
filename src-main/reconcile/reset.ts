// Has the venue forgotten everything? A testnet is wiped about once a month (BINANCE 1), a practice account may be begun anew. The proof
// is what cannot be otherwise: not one of the orders and trades that the venue itself confirmed to us is known to it any more, while its
// answers come. One that is known disproves it. Balances prove nothing.
import type { EngineState, Fill, Order } from '../engine/state.ts';
import { changedAtMs } from '../engine/steady.ts';
import { ABSENCE_IS_PROOF_AFTER_MS } from './diff.ts';
import type { VenueBooks } from './diff.ts';

/** So many confirmed orders are asked for by the venue's own number before a reset is believed. */
const PROBES = 5;

export interface ResetEvidence {
  /** At least one of ours is known to the venue: it has forgotten nothing. */
  readonly known: boolean;
  /** What it confirmed once and does not know now, in words. */
  readonly missing: readonly string[];
  /** It knows nothing of ours, but all of that is so young that queries may lag behind it: no movement is believed on such books. */
  readonly unsure: boolean;
}

/** Confirmed by the venue, and so long ago that no query lags behind it (BINANCE 4). */
const isWitness = (order: Order, startedAtMs: number): boolean =>
  order.venueOrderId !== null && changedAtMs(order) + ABSENCE_IS_PROOF_AFTER_MS < startedAtMs;

/** Which orders to ask for by number: the newest that the venue must know. */
export const probesOf = (state: EngineState, startedAtMs: number): readonly Order[] =>
  [...state.orders.values()]
    .filter((order) => isWitness(order, startedAtMs))
    .toSorted((a, b) => changedAtMs(b) - changedAtMs(a))
    .slice(0, PROBES);

/** True or false where the books tell; undefined where they say nothing of this order. */
const isOrderKnown = (order: Order, books: VenueBooks, listed: ReadonlySet<string>): boolean | undefined => {
  if (listed.has(`${order.clientOrderId} ${order.venueOrderId ?? ''}`)) return true;
  const query = books.queries.get(order.clientOrderId);
  if (query?.kind === 'found') return query.order.venueOrderId === order.venueOrderId;
  if (query?.kind === 'absent') return false;
  const probe = books.probes.get(order.clientOrderId);
  // On a venue that began anew, the same number may stand for somebody else's order.
  return probe === undefined ? undefined : probe?.clientOrderId === order.clientOrderId;
};

const isFillKnown = (order: Order, fill: Fill, books: VenueBooks): boolean =>
  books.trades.some(
    (trade) =>
      trade.symbol === order.symbol &&
      trade.tradeId === fill.tradeId &&
      trade.venueOrderId === order.venueOrderId &&
      trade.timeMs === fill.atMs,
  );

/** What the books say of everything that the venue confirmed to us. */
export const resetEvidence = (state: EngineState, books: VenueBooks, startedAtMs: number): ResetEvidence => {
  const listed = new Set(books.openOrders.map((order) => `${order.clientOrderId} ${order.venueOrderId}`));
  const missing: string[] = [];
  let known = false;
  let young = false;
  const miss = (isOld: boolean, what: string): void => {
    if (isOld) missing.push(what);
    else young = true;
  };
  for (const order of state.orders.values()) {
    const isOld = isWitness(order, startedAtMs);
    const answer = isOrderKnown(order, books, listed);
    if (answer === true) known = true;
    else if (answer === false && order.venueOrderId !== null) miss(isOld, `order ${order.clientOrderId}`);
    const sinceMs = books.asked.get(order.symbol);
    if (sinceMs === undefined) continue;
    for (const fill of order.fills) {
      if (fill.atMs < sinceMs) continue;
      if (isFillKnown(order, fill, books)) known = true;
      else if (order.venueOrderId !== null) miss(isOld, `trade ${fill.tradeId} of ${order.symbol}`);
    }
  }
  return { known, missing, unsure: !known && missing.length === 0 && young };
};
