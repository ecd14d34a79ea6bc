// Own trades, complete, whatever the venue's pages and windows: myTrades gives 1000 a page, no more than 24 hours between two times,
// and takes a trade id or a time but not both (Binance REST, "Account trade list").
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import type { SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { trades } from './answers.ts';
import type { VenueFailure, VenueFill } from './port.ts';
import { requests } from './requests.ts';
import type { Rest, RestCall } from './rest.ts';

export type OwnTrade = VenueFill & { readonly venueOrderId: VenueOrderId };
type Trades = Result<readonly OwnTrade[], VenueFailure>;

const PAGE = 1000;
const WINDOW_MS = 24 * 3_600_000;

/**
 * Trades of a symbol since `sinceMs` (venue clock), oldest first. Mostly one request: the newest page reaches back far enough.
 * Otherwise days are searched for the first trade, and everything after it is read by id.
 */
export const tradesSince = async (rest: Rest, symbol: SymbolId, sinceMs: number, serverNowMs: number): Promise<Trades> => {
  const newest = await rest.read(requests.newestTrades(symbol), trades);
  if (!newest.ok) return newest;
  const reachesBack = newest.value.length < PAGE || newest.value.some(({ timeMs }) => timeMs < sinceMs);
  if (reachesBack) return ok(newest.value.filter(({ timeMs }) => timeMs >= sinceMs).toSorted(byId));
  for (let fromMs = sinceMs; fromMs <= serverNowMs; fromMs += WINDOW_MS) {
    const first = await rest.read(requests.tradesBetween(symbol, fromMs, fromMs + WINDOW_MS - 1), trades);
    if (!first.ok) return first;
    if (first.value.length > 0) return allPages(rest, first.value, (fromId) => requests.tradesFrom(symbol, fromId));
  }
  return ok([]);
};

/** Trades of one order, oldest first. */
export const tradesOf = async (rest: Rest, symbol: SymbolId, order: VenueOrderId): Promise<Trades> => {
  const first = await rest.read(requests.tradesOfOrder(symbol, order), trades);
  if (!first.ok) return first;
  if (first.value.length < PAGE) return ok(first.value.toSorted(byId));
  return allPages(rest, first.value, (fromId) => requests.tradesOfOrderFrom(symbol, order, fromId));
};

/** Reads on from the last trade of a page until a page is not full. A page that brings nothing new would go on for ever: garbled. */
const allPages = async (rest: Rest, firstPage: readonly OwnTrade[], next: (fromId: string) => RestCall): Promise<Trades> => {
  const all = firstPage.toSorted(byId);
  for (;;) {
    const last = all.at(-1);
    if (last === undefined) return ok(all);
    const page = await rest.read(next(String(BigInt(last.tradeId) + 1n)), trades);
    if (!page.ok) return page;
    const later = page.value.filter((trade) => byId(last, trade) < 0).toSorted(byId);
    if (later.length < page.value.length)
      return fail({ kind: 'garbled', code: null, text: 'The venue answered trades that were not asked for' });
    all.push(...later);
    if (page.value.length < PAGE) return ok(all);
  }
};

/** Ids of one symbol grow with time; as numbers, for texts of different length sort wrongly. */
const byId = (a: OwnTrade, b: OwnTrade): number => {
  const difference = BigInt(a.tradeId) - BigInt(b.tradeId);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
};
