// The venue's account against what the facts explain of it (engine/ledger.ts): what came or went untold is booked as a deposit or a
// withdrawal, and a position larger than what the venue holds is cut to it. Both only on proof: two readings that agree, with nothing
// under way; until then nothing is opened.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Difference } from '../../../src-shared/domain/difference.ts';
import type { AssetId, SymbolId } from '../../../src-shared/domain/ids.ts';
import { toText } from '../../../src-shared/domain/money.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import { isSameBalance } from '../../reconcile/diff.ts';
import { BOOKED_AS_DEPOSIT, BOOKED_AS_WITHDRAWAL, CUT_TO_EXCHANGE } from '../../reconcile/explained.ts';
import { unsearched } from '../../reconcile/rounds.ts';
import type { VenueBalance } from '../../venue/port.ts';
import type { Fact } from '../facts.ts';
import { book, movesOf } from '../ledger.ts';
import { roundNotesOf, worthOf } from '../market.ts';
import type { Ledger, Position } from '../state.ts';
import { changedAtMs } from '../steady.ts';
import { baseOf, symbolOf } from '../symbols.ts';
import type { Context } from './context.ts';

export interface AccountFindings {
  readonly facts: readonly Fact[];
  readonly differences: readonly Difference[];
}

const ZERO = new Decimal(0);

export const totalsOf = (balances: readonly VenueBalance[]): ReadonlyMap<AssetId, Decimal> =>
  new Map(balances.map((entry) => [entry.asset, new Decimal(entry.free).plus(entry.locked)]));

/**
 * True when nothing is on its way that could explain a gap: no order in doubt, none that changed after the venue was asked.
 */
const isQuiet = ({ state, market }: Context, askedAtMs: number): boolean =>
  market.doubts.size === 0 &&
  [...state.unsettled].every((id) => {
    const order = state.orders.get(id);
    return order === undefined || (changedAtMs(order) < askedAtMs && (isEnded(order.status) || order.venueOrderId !== null));
  });

/** What the facts explain once `fresh` are true as well. */
const explained = (context: Context, ledger: Ledger, fresh: readonly Fact[]): ReadonlyMap<AssetId, Decimal> => {
  const totals = new Map<AssetId, Decimal>(ledger.totals);
  for (const fact of fresh) {
    if (fact.kind === 'order.filled')
      book(totals, movesOf(fact, context.state.orders.get(fact.clientOrderId)?.origin ?? 'foreign', ledger));
  }
  return totals;
};

/** The fact that books a gap, or null while its worth cannot be told. */
const moved = ({ market, nowMs }: Context, asset: AssetId, gap: Decimal): Fact | null => {
  const worth = worthOf(market, asset);
  if (worth === null && market.instruments.has(symbolOf(asset))) return null;
  const deltaUsdt = worth === null ? null : toText(gap.times(worth));
  return { kind: 'balance.moved', asset, delta: toText(gap), deltaUsdt, venueTimeMs: nowMs };
};

/** Cuts a position to what the venue holds. What left was not sold here: it takes its cost with it and makes no profit. */
const cutTo = (position: Position, total: Decimal): Fact => ({
  kind: 'position.corrected',
  symbol: position.symbol,
  qty: toText(total),
  why: `the exchange holds ${toText(total)} of it, not ${toText(position.qty)}`,
});

const cutPositions = (context: Context, theirs: ReadonlyMap<AssetId, Decimal>, skip: (asset: AssetId) => boolean): AccountFindings => {
  const facts: Fact[] = [];
  const differences: Difference[] = [];
  for (const position of context.state.positions.values()) {
    const base = baseOf(position.symbol);
    const total = theirs.get(base) ?? ZERO;
    if (skip(base) || total.gte(position.qty)) continue;
    facts.push(cutTo(position, total));
    differences.push({
      what: 'position',
      key: position.symbol,
      local: toText(position.qty),
      venue: toText(total),
      action: CUT_TO_EXCHANGE,
    });
  }
  return { facts, differences };
};

/**
 * Judges a comparison's balances. Gaps that one reading showed are noted in the market picture (they deny openings) and booked when
 * the next reading shows the same.
 * @param fresh facts that this comparison makes true, the missed fills among them
 * @param touched assets of which the stream said something newer
 * @param isWhole false while questions are left for the next round, or the books may not know yet what they should: nothing is booked
 */
export const judgeAccount = (
  context: Context,
  balances: readonly VenueBalance[],
  fresh: readonly Fact[],
  askedAtMs: number,
  touched: ReadonlySet<string>,
  isWhole: boolean,
): AccountFindings => {
  const { state, market } = context;
  const { ledger } = state;
  if (ledger === null) return { facts: [], differences: [] };
  const theirs = totalsOf(balances);
  const ours = explained(context, ledger, fresh);
  const quiet = isWhole && isQuiet(context, askedAtMs);
  const facts: Fact[] = [];
  const differences: Difference[] = [];
  for (const asset of new Set([...ours.keys(), ...theirs.keys()])) {
    if (touched.has(asset)) continue;
    const [local, venue] = [ours.get(asset) ?? ZERO, theirs.get(asset) ?? ZERO];
    const gap = venue.minus(local);
    const before = market.unexplained.get(asset);
    market.unexplained.delete(asset);
    if (isSameBalance(local, venue)) continue;
    // A gap is a movement only when no trade explains it: what the phone bought in a symbol without an order here is looked for first.
    const isSearched = unsearched(state, roundNotesOf(market), asset).length === 0;
    const fact = quiet && isSearched && before?.eq(gap) === true ? moved(context, asset, gap) : null;
    if (fact === null) {
      market.unexplained.set(asset, gap);
      // What was looked through before the gap was as it is now says nothing of it.
      if (before?.eq(gap) !== true) market.searched.clear();
      continue;
    }
    facts.push(fact);
    const action = gap.isNegative() ? BOOKED_AS_WITHDRAWAL : BOOKED_AS_DEPOSIT;
    differences.push({ what: 'balance', key: asset, local: toText(local), venue: toText(venue), action });
  }
  const filled = new Set<SymbolId>(fresh.flatMap((fact) => (fact.kind === 'order.filled' ? [fact.symbol] : [])));
  const cuts = cutPositions(
    context,
    theirs,
    (base) => !quiet || touched.has(base) || market.unexplained.has(base) || filled.has(symbolOf(base)),
  );
  return { facts: [...facts, ...cuts.facts], differences: [...differences, ...cuts.differences] };
};
