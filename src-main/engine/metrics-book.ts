// What the facts count up to (REQUIREMENTS L3), fact by fact, so that a replay or a snapshot gives the same numbers. Pure; evolve.ts
// calls it, and like evolve it writes in place: a burst of fills must not copy a histogram each time (R). Nothing decides by it.
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Money } from '../../src-shared/domain/money.ts';
import { ZERO_MONEY } from '../../src-shared/domain/money.ts';
import type { Fact } from './facts.ts';
import type { EngineState, MetricsBook, Order } from './state.ts';

/** Upper ends of the buckets, in ms; one more counts what is beyond. A file format: a change needs a higher STATE_CODEC. */
export const LATENCY_BOUNDS_MS = [1, 2, 5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000, 15_000] as const;
/** The same of what a close won or lost, in USDT. */
export const PROFIT_BOUNDS_USDT = [
  -1000, -500, -200, -100, -50, -20, -10, -5, -2, -1, 0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000,
] as const;

interface Writable {
  readonly counts: Map<string, number>;
  readonly latency: { readonly buckets: number[]; count: number; sumMs: number; mostMs: number };
  readonly closes: {
    readonly buckets: number[];
    wins: number;
    losses: number;
    wonUsdt: Money;
    lostUsdt: Money;
    bestUsdt: Money | null;
    worstUsdt: Money | null;
  };
}

const zeros = (bounds: readonly number[]): number[] => Array.from({ length: bounds.length + 1 }, () => 0);

export const emptyMetrics = (): MetricsBook => ({
  counts: new Map(),
  latency: { buckets: zeros(LATENCY_BOUNDS_MS), count: 0, sumMs: 0, mostMs: 0 },
  closes: {
    buckets: zeros(PROFIT_BOUNDS_USDT),
    wins: 0,
    losses: 0,
    wonUsdt: ZERO_MONEY,
    lostUsdt: ZERO_MONEY,
    bestUsdt: null,
    worstUsdt: null,
  },
});

const writable = (book: MetricsBook): Writable => book as unknown as Writable;

const count = (book: MetricsBook, name: string, by = 1): void => {
  const { counts } = writable(book);
  counts.set(name, (counts.get(name) ?? 0) + by);
};

const inBucket = (buckets: number[], bounds: readonly number[], isWithin: (bound: number) => boolean): void => {
  const found = bounds.findIndex(isWithin);
  const at = found === -1 ? bounds.length : found;
  buckets[at] = (buckets[at] ?? 0) + 1;
};

/** What must be seen before the fact changes the state. */
export interface FirstWord {
  /** The order of which the venue said nothing before. */
  readonly taken: Order | null;
  readonly isTrade: boolean;
}

const NO_WORD: FirstWord = { taken: null, isTrade: false };
const PROVES_TAKEN: ReadonlySet<string> = new Set(['stream', 'answer', 'query']);

/** Is this fact the venue's first word that it took the order, or the order's first fill? Asked before the fact is applied. */
export const firstWordOf = (state: EngineState, fact: Fact): FirstWord => {
  if (fact.kind !== 'order.accepted' && fact.kind !== 'order.filled' && fact.kind !== 'order.ended') return NO_WORD;
  const order = state.orders.get(fact.clientOrderId);
  if (order === undefined || order.fills.length > 0) return NO_WORD;
  const isTrade = fact.kind === 'order.filled';
  if (fact.kind === 'order.ended' && !PROVES_TAKEN.has(fact.proof)) return NO_WORD;
  const isInFlight = order.status === 'INTENDED' || order.status === 'SENT' || order.status === 'UNKNOWN';
  const isNew = isInFlight && order.venueOrderId === null && order.origin !== 'foreign';
  return { taken: isNew ? order : null, isTrade };
};

/** Of a list one order stands for its one request; what lay in a restart, or under a clock that stepped back, measures nothing. */
const noteLatency = ({ metrics, session, lists }: EngineState, order: Order, atMs: number): void => {
  const isLeg = order.list !== null && lists.get(order.list.listId)?.[0] !== order.clientOrderId;
  const tookMs = atMs - order.intendedAtMs;
  if (isLeg || tookMs < 0 || order.intendedAtMs < session.startedAtMs) return;
  const { latency } = writable(metrics);
  inBucket(latency.buckets, LATENCY_BOUNDS_MS, (bound) => tookMs <= bound);
  latency.count += 1;
  latency.sumMs += tookMs;
  latency.mostMs = Math.max(latency.mostMs, tookMs);
};

/** A close that counts among wins and losses: what it realised, net of fees; never zero. */
export const noteClose = (book: MetricsBook, realisedUsdt: Decimal): void => {
  const { closes } = writable(book);
  const realised = realisedUsdt as Money;
  inBucket(closes.buckets, PROFIT_BOUNDS_USDT, (bound) => realised.lte(bound));
  if (realised.isNegative()) {
    closes.losses += 1;
    closes.lostUsdt = closes.lostUsdt.minus(realised) as Money;
  } else {
    closes.wins += 1;
    closes.wonUsdt = closes.wonUsdt.plus(realised) as Money;
  }
  if (closes.bestUsdt === null || realised.gt(closes.bestUsdt)) closes.bestUsdt = realised;
  if (closes.worstUsdt === null || realised.lt(closes.worstUsdt)) closes.worstUsdt = realised;
};

const noteOrder = (book: MetricsBook, fact: Fact): boolean => {
  switch (fact.kind) {
    case 'order.intended':
      count(book, 'decided');
      return true;
    case 'list.intended':
      count(book, 'decided', fact.list.orders.length);
      return true;
    case 'order.denied':
      count(book, `denied ${fact.denial.code}`);
      return true;
    case 'order.sent':
      count(book, 'sent');
      return true;
    case 'order.filled':
      count(book, 'fills');
      return true;
    case 'order.unknown':
      count(book, 'doubted');
      return true;
    case 'order.rejected':
      count(book, fact.proof === 'never-sent' ? 'held' : `error order refused ${fact.code ?? 'by absence'}`);
      if (fact.proof !== 'never-sent') count(book, 'refused');
      return true;
    case 'order.adopted':
      count(book, 'adopted');
      return true;
    case 'cancel.failed':
      count(book, `error cancel failed ${fact.failure ?? 'unknown'}`);
      return true;
    default:
      return false;
  }
};

const noteEvent = (book: MetricsBook, fact: Fact): void => {
  switch (fact.kind) {
    case 'reconciled':
      count(book, 'event books compared');
      if (fact.differences.length > 0) count(book, 'event differences found', fact.differences.length);
      return;
    case 'reconcile.failed':
      count(book, 'error books not compared');
      return;
    case 'protection.missing':
      count(book, 'error protection missing');
      return;
    case 'selftest.finished':
      for (const item of fact.items) if (item.verdict === 'fail') count(book, `error self-test ${item.id}`);
      return;
    case 'stop.tripped':
      count(book, `event stop ${fact.trigger}`);
      return;
    case 'breaker.opened':
      count(book, `event breaker ${fact.breach.rule}`);
      return;
    case 'watchdog.acted':
      count(book, 'event watchdog acted');
      return;
    case 'kill-switch.asked':
      count(book, `event kill switch ${fact.verdict}`, fact.times ?? 1);
      return;
    default:
  }
};

/** Counts a fact that has just been applied. `word` is what `firstWordOf` said before. */
export const noteFact = (state: EngineState, fact: Fact, atMs: number, { taken, isTrade }: FirstWord): void => {
  const { metrics } = state;
  if (isTrade) count(metrics, 'traded');
  if (taken !== null) {
    count(metrics, 'taken');
    noteLatency(state, taken, atMs);
  }
  if (!noteOrder(metrics, fact)) noteEvent(metrics, fact);
};
