// Metrics as a console that has done a little shows them: for what only passes them on or draws them.
import type { MetricsView } from '../../src-shared/contract/metrics.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';

const money = (text: string): DecimalText => text as DecimalText;

export const SOME_FIGURES: MetricsView = {
  mode: 'practice',
  journal: {
    facts: 412,
    orders: { decided: 21, denied: 3, held: 1, sent: 20, taken: 19, refused: 1, doubted: 1, adopted: 0, traded: 15, fills: 22 },
    successPct: money('95'),
    latency: {
      count: 20,
      sumMs: 182,
      meanMs: 9.1,
      p50Ms: 5,
      p95Ms: 30,
      p99Ms: 62,
      mostMs: 62,
      buckets: [
        { toMs: 5, count: 12 },
        { toMs: 30, count: 7 },
        { toMs: null, count: 1 },
      ],
    },
    closes: {
      wins: 4,
      losses: 2,
      netUsdt: money('3.75'),
      wonUsdt: money('8.5'),
      lostUsdt: money('4.75'),
      bestUsdt: money('4.1'),
      worstUsdt: money('-3.25'),
      buckets: [
        { toUsdt: money('-2'), count: 1 },
        { toUsdt: money('0'), count: 1 },
        { toUsdt: money('5'), count: 4 },
        { toUsdt: null, count: 0 },
      ],
    },
    realisedUsdt: money('3.75'),
    feesUsdt: money('1.2'),
    errors: [
      { kind: 'order refused -2010', count: 1 },
      { kind: 'cancel failed late', count: 1 },
    ],
    denials: [{ kind: 'C1.maxOrderNotional', count: 3 }],
    events: [{ kind: 'books compared', count: 9 }],
  },
  session: { keychainFailures: [{ kind: 'read', count: 2 }], failedCalls: [{ kind: 'late', count: 1 }] },
  now: { level: 'ACTIVE', openOrders: 2, positions: 1, equityUsdt: money('10003.75'), usedWeight: 61 },
};
