// A venue that has forgotten everything (reconcile/reset.ts) is a reset, not a loss. While it is suspected nothing trades and no
// correction is made; once two readings prove it, testnet and practice are stated anew and go on. A live exchange does not forget: there
// it stays an alarm.
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { Difference } from '../../../src-shared/domain/difference.ts';
import type { AssetId } from '../../../src-shared/domain/ids.ts';
import { toText } from '../../../src-shared/domain/money.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';
import { isSameBalance } from '../../reconcile/diff.ts';
import type { VenueBooks } from '../../reconcile/diff.ts';
import type { ResetEvidence } from '../../reconcile/reset.ts';
import type { Effect } from '../effects.ts';
import type { BalanceEntry, Fact } from '../facts.ts';
import { worthOf } from '../market.ts';
import type { Order } from '../state.ts';
import { steadyMs } from '../steady.ts';
import { baseOf, symbolOf } from '../symbols.ts';
import { totalsOf } from './account.ts';
import type { Context, Decision } from './context.ts';
import { decided } from './context.ts';
import { askIn } from './reconcile.ts';

/** The two readings that prove a reset lie at least this far apart. */
const PROOF_AFTER_MS = 5000;
/** How often a venue that goes on saying so is asked. */
const ALARM_EVERY_MS = 60_000;
const AFTER_RESET_MS = 1000;
const WHY_ENDED = 'the exchange was reset';

/** A comparison's answer and what was asked. */
export interface Reading {
  readonly why: string;
  readonly startedAtMs: number;
  readonly books: VenueBooks;
  /** Assets of which the stream said something newer. */
  readonly touched: ReadonlySet<string>;
}

/** What to do about books that know nothing of ours; null when they do, and the comparison goes on. */
export const judgeReset = (context: Context, reading: Reading, { known, missing }: ResetEvidence): Decision | null => {
  const { market, state, monoMs } = context;
  const suspect = market.resetSuspect;
  if (known || missing.length === 0) {
    market.resetSuspect = null;
    return null;
  }
  const isProven = suspect !== null && monoMs - suspect.sinceMs >= PROOF_AFTER_MS && reading.books.probes.size > 0;
  if (isProven && state.mode !== 'mainnet') return restated(context, reading, missing.length);
  return suspected(context, reading.why, missing);
};

const suspected = (context: Context, why: string, missing: readonly string[]): Decision => {
  const { market, state, monoMs } = context;
  const ours = `${missing.length} of our confirmed orders and trades (${missing.slice(0, 2).join(', ')}${missing.length > 2 ? ', …' : ''})`;
  const text =
    state.mode === 'mainnet'
      ? `The exchange knows none of ${ours}. A live exchange does not forget: check that the API key belongs to this account, and look at the account on the exchange's own page.`
      : `The exchange knows none of ${ours}: it was reset, or this is another account. It is asked once more before anything is believed.`;
  const alert: Effect = { kind: 'alert', severity: 'danger', key: 'venue-reset', title: 'The exchange has forgotten our orders', text };
  const sinceMs = market.resetSuspect?.sinceMs ?? monoMs;
  const isNew = market.resetSuspect === null;
  market.resetSuspect = { sinceMs, text };
  askIn(context, monoMs - sinceMs < PROOF_AFTER_MS ? PROOF_AFTER_MS : ALARM_EVERY_MS, 'the exchange seems to have forgotten our orders');
  return decided([{ kind: 'reconcile.failed', why, text }], isNew ? [alert] : []);
};

/** What assets are worth in USDT, or null while one that is traded here has no price. */
const worthOfAll = ({ market }: Context, totals: ReadonlyMap<AssetId, Decimal>): Decimal | null => {
  let sum = new Decimal(0);
  for (const [asset, total] of totals) {
    const worth = worthOf(market, asset);
    if (worth === null && market.instruments.has(symbolOf(asset)) && !total.isZero()) return null;
    sum = sum.plus(total.times(worth ?? 0));
  }
  return sum;
};

/** The day opens anew at the new account's worth; what was won or lost today before the reset stays won or lost (C4). */
const openingOf = (context: Context, now: ReadonlyMap<AssetId, Decimal>): DecimalText | null => {
  const { day, ledger } = context.state;
  const worth = worthOfAll(context, now);
  const before = ledger === null ? null : worthOfAll(context, ledger.totals);
  if (day === null || worth === null || before === null) return null;
  return toText(worth.minus(before.minus(day.openingEquityUsdt).minus(day.netDepositsUsdt)));
};

const restatements = (context: Context, ended: readonly Order[], now: ReadonlyMap<AssetId, Decimal>): readonly Difference[] => {
  const { positions, ledger } = context.state;
  const before = ledger?.totals ?? new Map<AssetId, Decimal>();
  const zero = new Decimal(0);
  return [
    ...ended.map((order): Difference => {
      return { what: 'order', key: order.clientOrderId, local: order.status, venue: 'forgotten', action: `ended: ${WHY_ENDED}` };
    }),
    ...[...positions.values()].map(({ symbol, qty }): Difference => {
      const venue = toText(now.get(baseOf(symbol)) ?? zero);
      return { what: 'position', key: symbol, local: toText(qty), venue, action: 'closed without profit or loss' };
    }),
    ...[...new Set([...before.keys(), ...now.keys()])].flatMap((asset): Difference[] => {
      const [local, venue] = [before.get(asset) ?? zero, now.get(asset) ?? zero];
      if (isSameBalance(local, venue)) return [];
      return [{ what: 'balance', key: asset, local: toText(local), venue: toText(venue), action: 'stated anew: no deposit and no loss' }];
    }),
  ];
};

/** The newest word on every asset: the stream's where it came after the question, else the books'. */
const entriesOf = ({ state }: Context, { books, touched }: Reading): readonly BalanceEntry[] => [
  ...books.balances.filter(({ asset }) => !touched.has(asset)),
  ...[...state.balances]
    .filter(([asset]) => touched.has(asset))
    .map(([asset, { free, locked }]) => ({ asset, free: toText(free), locked: toText(locked) })),
];

const restated = (context: Context, reading: Reading, forgotten: number): Decision => {
  const { state, market } = context;
  // What was never confirmed may still be on its way to the venue as it is now: it is proven like any other (BINANCE 5).
  const confirmed = [...state.openOrders]
    .map((id) => state.orders.get(id))
    .filter((order) => order !== undefined)
    .filter((order) => order.venueOrderId !== null);
  const entries = entriesOf(context, reading);
  const now = totalsOf(entries);
  const text = `It knows none of the ${forgotten} orders and trades that it had confirmed, asked twice.`;
  const facts: Fact[] = [
    ...confirmed.map((order): Fact => {
      const { clientOrderId, venueTimeMs } = order;
      return { kind: 'order.ended', clientOrderId, status: 'CANCELED', proof: 'venue-reset', reason: WHY_ENDED, venueTimeMs };
    }),
    { kind: 'venue.reset', why: text, entries, openingEquityUsdt: openingOf(context, now) },
    {
      kind: 'reconciled',
      why: reading.why,
      differences: restatements(context, confirmed, now),
      tookMs: steadyMs(market, context) - reading.startedAtMs,
    },
  ];
  for (const { clientOrderId } of confirmed) {
    market.doubts.delete(clientOrderId);
    market.condemned.delete(clientOrderId);
  }
  market.resetSuspect = null;
  market.unexplained.clear();
  market.unexplainedReadings = 0;
  market.searched.clear();
  market.tradesAskedAtMs.clear();
  askIn(context, AFTER_RESET_MS, 'after the reset of the exchange');
  return decided(facts, [
    {
      kind: 'alert',
      severity: 'warning',
      key: 'venue-reset',
      title: 'The exchange was reset',
      text: `${text} ${confirmed.length} open orders are ended, ${state.positions.size} positions closed without profit or loss, and the account is stated as it is now. None of it counts as a loss. Trading goes on.`,
    },
  ]);
};
