// What the console has done, in numbers (REQUIREMENTS L3): the journal's part out of the state, where every fact was counted, and what
// this process alone knows, from the inputs it saw. It decides nothing.
import type { CountView, MetricsView } from '../../src-shared/contract/metrics.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { toText } from '../../src-shared/domain/money.ts';
import type { Engine } from './engine.ts';
import { equityOf } from './equity.ts';
import type { Input } from './inputs.ts';
import { LATENCY_BOUNDS_MS, PROFIT_BOUNDS_USDT } from './metrics-book.ts';
import type { MetricsBook } from './state.ts';

type Counts = ReadonlyMap<string, number>;

export class Metrics {
  private readonly failedCalls = new Map<string, number>();
  private readonly keychainFailures: () => Counts;

  /** @param keychainFailures how often the keychain did not do what it was asked for, by what that was */
  constructor(keychainFailures: () => Counts = () => new Map()) {
    this.keychainFailures = keychainFailures;
  }

  /** Counts a call to the exchange that brought nothing. */
  note(input: Input): void {
    for (const why of failuresIn(input)) this.failedCalls.set(why, (this.failedCalls.get(why) ?? 0) + 1);
  }

  view(engine: Engine): MetricsView {
    const { state, market } = engine;
    const equity = equityOf(state, market);
    return {
      mode: state.mode,
      journal: {
        ...journalView(state.metrics),
        facts: state.seq,
        realisedUsdt: toText(state.realisedUsdt),
        feesUsdt: toText(state.feesUsdt),
      },
      session: { keychainFailures: countViews(this.keychainFailures()), failedCalls: countViews(this.failedCalls) },
      now: {
        level: engine.trading().level,
        openOrders: state.openOrders.size,
        positions: state.positions.size,
        equityUsdt: equity === null ? null : toText(equity),
        usedWeight: market.budget?.usedWeight ?? null,
      },
    };
  }
}

/** Why the calls that this input answers brought nothing: the venue port's own words, `doubt` where an order's answer was lost. */
const failuresIn = (input: Input): readonly string[] => {
  switch (input.kind) {
    case 'submitted':
    case 'submitted-list':
      return input.outcome.kind === 'unknown' ? ['doubt'] : [];
    case 'replaced':
      return [
        ...(input.outcome.placed.kind === 'unknown' ? ['doubt'] : []),
        ...(input.outcome.canceled.kind === 'failed' ? [input.outcome.canceled.failure.kind] : []),
      ];
    case 'canceled':
    case 'canceled-all':
    case 'queried':
      return input.outcome.kind === 'failed' ? [input.outcome.failure.kind] : [];
    case 'open-orders-seen':
    case 'account-seen':
    case 'books-seen':
      return input.result.ok ? [] : [input.result.error.kind];
    default:
      return [];
  }
};

/** The most frequent first. */
const countViews = (counts: Counts, prefix = ''): readonly CountView[] =>
  [...counts]
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, count]) => ({ kind: name.slice(prefix.length), count }))
    .toSorted((a, b) => b.count - a.count || a.kind.localeCompare(b.kind));

const journalView = (book: MetricsBook): Omit<MetricsView['journal'], 'facts' | 'realisedUsdt' | 'feesUsdt'> => {
  const of = (name: string): number => book.counts.get(name) ?? 0;
  const denials = countViews(book.counts, 'denied ');
  const known = of('taken') + of('refused');
  return {
    orders: {
      decided: of('decided'),
      denied: denials.reduce((sum, { count }) => sum + count, 0),
      held: of('held'),
      sent: of('sent'),
      taken: of('taken'),
      refused: of('refused'),
      doubted: of('doubted'),
      adopted: of('adopted'),
      traded: of('traded'),
      fills: of('fills'),
    },
    successPct: known === 0 ? null : toText(new Decimal(of('taken')).times(100).div(known).toDecimalPlaces(2)),
    latency: latencyView(book.latency),
    closes: closesView(book.closes),
    errors: countViews(book.counts, 'error '),
    denials,
    events: countViews(book.counts, 'event '),
  };
};

const latencyView = ({ buckets, count, sumMs, mostMs }: MetricsBook['latency']): MetricsView['journal']['latency'] => {
  const within = (part: number): number | null => {
    if (count === 0) return null;
    let seen = 0;
    const at = buckets.findIndex((inBucket) => (seen += inBucket) >= Math.ceil(count * part));
    return Math.min(LATENCY_BOUNDS_MS[at] ?? mostMs, mostMs);
  };
  return {
    count,
    sumMs,
    meanMs: count === 0 ? null : Math.round((sumMs / count) * 10) / 10,
    p50Ms: within(0.5),
    p95Ms: within(0.95),
    p99Ms: within(0.99),
    mostMs: count === 0 ? null : mostMs,
    buckets: buckets.map((inBucket, at) => ({ toMs: LATENCY_BOUNDS_MS[at] ?? null, count: inBucket })),
  };
};

const closesView = (closes: MetricsBook['closes']): MetricsView['journal']['closes'] => ({
  wins: closes.wins,
  losses: closes.losses,
  netUsdt: toText(closes.wonUsdt.minus(closes.lostUsdt)),
  wonUsdt: toText(closes.wonUsdt),
  lostUsdt: toText(closes.lostUsdt),
  bestUsdt: closes.bestUsdt === null ? null : toText(closes.bestUsdt),
  worstUsdt: closes.worstUsdt === null ? null : toText(closes.worstUsdt),
  buckets: closes.buckets.map((inBucket, at) => {
    const bound = PROFIT_BOUNDS_USDT[at];
    return { toUsdt: bound === undefined ? null : toText(new Decimal(bound)), count: inBucket };
  }),
});
