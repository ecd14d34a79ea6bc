// What one round of a comparison asks the venue for. A comparison must never burn the minute's request weight: each round is given an
// allowance, what it must see comes first, and what it leaves is asked for in the next one. Pure: it plans, the runner asks.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import { symbolOf, USDT } from '../engine/symbols.ts';
import type { EngineState, Order } from '../engine/state.ts';
import { TRADES_OVERLAP_MS } from './diff.ts';
import type { VenueBooks } from './diff.ts';

/** Request weights of BINANCE 3; `order` is one order by its client id or its number. */
export const WEIGHT = { openOrders: 80, account: 20, order: 4, trades: 20 } as const;
/** Every round lists the open orders and states the account. */
export const FIXED_WEIGHT = WEIGHT.openOrders + WEIGHT.account;
/** The most that a round may take, and the least with which it still gets on; the venue's own budget has the last word on that. */
const MOST_WEIGHT = 1200;
const LEAST_WEIGHT = FIXED_WEIGHT + 60;

/** The weight that a round may use: half of what is left of the minute, so that the other half is there for trading. */
export const allowanceOf = (usedWeight: number, weightCeiling: number): number =>
  Math.min(MOST_WEIGHT, Math.max(LEAST_WEIGHT, Math.floor((weightCeiling - usedWeight) / 2)));

const oldestFirst = <T>(items: readonly T[], askedAtMs: (item: T) => number | undefined): readonly T[] =>
  items.toSorted((a, b) => (askedAtMs(a) ?? Number.NEGATIVE_INFINITY) - (askedAtMs(b) ?? Number.NEGATIVE_INFINITY));

/** What fits, and at least one; the rest is counted. */
const cut = <T>(items: readonly T[], weight: number, each: number): { readonly now: readonly T[]; readonly left: number } => {
  const now = items.slice(0, Math.max(1, Math.floor(weight / each)));
  return { now, left: items.length - now.length };
};

/** Single orders of this round: those that were asked for longest ago. */
export const ordersOfRound = (
  missing: readonly Order[],
  askedAtMs: ReadonlyMap<ClientOrderId, number>,
  weight: number,
): { readonly now: readonly Order[]; readonly left: number } =>
  cut(
    oldestFirst(missing, (order) => askedAtMs.get(order.clientOrderId)),
    weight,
    WEIGHT.order,
  );

/** Orders behind trades that nobody here knows, oldest first; the symbols of those that wait are asked for their trades once more. */
export const strangersOfRound = <T extends { readonly symbol: SymbolId }>(
  strange: readonly T[],
  weight: number,
): { readonly now: readonly T[]; readonly left: number; readonly symbols: ReadonlySet<SymbolId> } => {
  const { now, left } = cut(strange, weight, WEIGHT.order);
  return { now, left, symbols: new Set(strange.slice(now.length).map((one) => one.symbol)) };
};

export interface RoundNotes {
  /** Symbols that this console trades. */
  readonly tracked: ReadonlySet<SymbolId>;
  /** Assets of which the venue holds more or less than the facts explain. */
  readonly gaps: ReadonlyMap<AssetId, unknown>;
  /** Symbols without an order here whose trades were looked through for the gaps. */
  readonly searched: ReadonlySet<SymbolId>;
  /** When the trades of a symbol were asked for last (monotonic ms), and since when all of them must have been: the stream's return. */
  readonly tradesAskedAtMs: ReadonlyMap<SymbolId, number>;
  readonly sweepSinceMs: number;
  /** Symbols with strangers that the last round could not ask for: their trades are needed once more, since the same time. */
  readonly again: ReadonlyMap<SymbolId, number>;
}

/**
 * Symbols that never had an order here and may explain a gap: the phone trades there as well. A gap in USDT may come from a round trip
 * in any of them.
 */
export const unsearched = (state: EngineState, { tracked, gaps, searched }: RoundNotes, asset?: AssetId): readonly SymbolId[] => {
  const wanted = (symbol: SymbolId): boolean => tracked.has(symbol) && !state.traded.has(symbol) && !searched.has(symbol);
  const assets = asset === undefined ? [...gaps.keys()] : [asset];
  const own = assets.map(symbolOf).filter(wanted);
  return assets.includes(USDT) ? [...new Set([...own, ...[...tracked].filter(wanted)])] : own;
};

/** Symbols in which the venue filled more of an order than is known here. */
const behind = (state: EngineState, { openOrders, queries }: Pick<VenueBooks, 'openOrders' | 'queries'>): readonly SymbolId[] => {
  const seen = [...openOrders, ...[...queries.values()].flatMap((outcome) => (outcome.kind === 'found' ? [outcome.order] : []))];
  return seen.flatMap((venue) => {
    const order = state.orders.get(venue.clientOrderId as ClientOrderId);
    return order !== undefined && order.filledQty.lt(new Decimal(venue.filledQty)) ? [venue.symbol] : [];
  });
};

/**
 * Whose trades this round asks for, each with the time since when (venue clock, ms). First where something is known to be missing, then
 * what was not asked for since the stream's return, then in turn. `left` counts what must not wait for its turn and did not fit.
 */
export const tradesOfRound = (
  state: EngineState,
  seen: Pick<VenueBooks, 'openOrders' | 'queries'>,
  notes: RoundNotes,
  weight: number,
): { readonly since: ReadonlyMap<SymbolId, number>; readonly left: number } => {
  const { tradesAskedAtMs, sweepSinceMs } = notes;
  const traded = oldestFirst([...state.traded.keys()], (symbol) => tradesAskedAtMs.get(symbol));
  const isDue = (symbol: SymbolId): boolean => (tradesAskedAtMs.get(symbol) ?? Number.NEGATIVE_INFINITY) < sweepSinceMs;
  const gapped = traded.filter((symbol) => [...notes.gaps.keys()].some((asset) => symbolOf(asset) === symbol));
  const pressing = new Set([
    ...behind(state, seen),
    ...notes.again.keys(),
    ...gapped,
    ...unsearched(state, notes),
    ...traded.filter(isDue),
  ]);
  const { now } = cut([...new Set([...pressing, ...traded])], weight, WEIGHT.trades);
  const since = new Map<SymbolId, number>();
  for (const symbol of now) {
    const known = state.traded.get(symbol);
    const untilNow = known === undefined ? (state.ledger?.fromMs ?? 0) : known.comparedMs - TRADES_OVERLAP_MS;
    since.set(symbol, Math.min(untilNow, notes.again.get(symbol) ?? untilNow));
  }
  return { since, left: Math.max(0, pressing.size - since.size) };
};
