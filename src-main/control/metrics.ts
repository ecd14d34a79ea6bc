// `holdfast metrics` for people: what the console has done and how well, in a few short tables (REQUIREMENTS L3).
import type { CountView, MetricsView } from '../../src-shared/contract/metrics.ts';
import { list, table } from './table.ts';

const counts = (title: string, rows: readonly CountView[]): string =>
  table(
    rows,
    [
      { title, of: ({ kind }) => kind },
      { title: 'COUNT', of: ({ count }) => count, right: true },
    ],
    '',
  );

const ms = (value: number | null): string | null => (value === null ? null : `${value} ms`);

/** Buckets that hold something, from the worst loss to the best win. */
const distribution = ({ buckets }: MetricsView['journal']['closes']): string =>
  table(
    buckets
      .map(({ toUsdt, count }, at) => ({ from: at === 0 ? null : (buckets[at - 1]?.toUsdt ?? null), to: toUsdt, count }))
      .filter(({ count }) => count > 0),
    [
      { title: 'CLOSES ABOVE USDT', of: ({ from }) => from, right: true },
      { title: 'UP TO', of: ({ to }) => to, right: true },
      { title: 'COUNT', of: ({ count }) => count, right: true },
    ],
    '',
  );

export const metricsText = ({ mode, journal, session }: MetricsView): string => {
  const { orders, latency, closes } = journal;
  const parts = [
    list([
      ['mode', mode],
      ['facts', journal.facts],
      [
        'orders',
        `${orders.decided} decided, ${orders.denied} denied, ${orders.sent} sent, ${orders.taken} taken, ${orders.refused} refused, ${orders.held} held back, ${orders.doubted} in doubt at some time`,
      ],
      ['success', journal.successPct === null ? 'no order yet' : `${journal.successPct} %`],
      ['trades', `${orders.traded} with ${orders.fills} fills`],
      ['decision to acknowledged, mean', ms(latency.meanMs)],
      ['  50 % within', ms(latency.p50Ms)],
      ['  95 % within', ms(latency.p95Ms)],
      ['  99 % within', ms(latency.p99Ms)],
      ['  slowest', ms(latency.mostMs)],
      ['closes', `${closes.wins} won ${closes.wonUsdt}, ${closes.losses} lost ${closes.lostUsdt} USDT`],
      ['  best', closes.bestUsdt && `${closes.bestUsdt} USDT`],
      ['  worst', closes.worstUsdt && `${closes.worstUsdt} USDT`],
      ['realised', `${journal.realisedUsdt} USDT`],
      ['fees', `${journal.feesUsdt} USDT`],
    ]),
    distribution(closes),
    counts('DENIED BY', journal.denials),
    counts('ERROR', journal.errors),
    counts('EVENT', journal.events),
    counts('CALL WITHOUT RESULT (THIS PROCESS)', session.failedCalls),
    counts('KEYCHAIN DID NOT (THIS PROCESS)', session.keychainFailures),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
};
