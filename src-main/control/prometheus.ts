// The metrics in Prometheus' text format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats): per family its HELP and TYPE, then
// its samples; base units (seconds), buckets cumulative. It makes text and nothing else: no port is opened for it (REQUIREMENTS L3).
import type { CountView, MetricsView } from '../../src-shared/contract/metrics.ts';

type Value = number | string;
type Labels = Readonly<Record<string, string>>;

const escaped = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const labelled = (labels: Labels): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
};

const family = (
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  samples: readonly (readonly [Labels, Value])[],
): readonly string[] =>
  samples.length === 0
    ? []
    : [
        `# HELP holdfast_${name} ${help}`,
        `# TYPE holdfast_${name} ${type}`,
        ...samples.map(([labels, value]) => `holdfast_${name}${labelled(labels)} ${value}`),
      ];

const counter = (name: string, help: string, value: number): readonly string[] => family(name, 'counter', help, [[{}, value]]);

const byKind = (name: string, help: string, label: string, counts: readonly CountView[]): readonly string[] =>
  family(
    name,
    'counter',
    help,
    counts.map(({ kind, count }) => [{ [label]: kind }, count]),
  );

/** A value that is not known is not told. */
const gauge = (name: string, help: string, value: Value | null): readonly string[] =>
  family(name, 'gauge', help, value === null ? [] : [[{}, value]]);

const histogram = (
  name: string,
  help: string,
  buckets: readonly { readonly to: string | null; readonly count: number }[],
  sum: Value,
): readonly string[] => {
  let seen = 0;
  const lines = buckets.map(({ to, count }) => {
    seen += count;
    return `holdfast_${name}_bucket{le="${to ?? '+Inf'}"} ${seen}`;
  });
  return [
    `# HELP holdfast_${name} ${help}`,
    `# TYPE holdfast_${name} histogram`,
    ...lines,
    `holdfast_${name}_sum ${sum}`,
    `holdfast_${name}_count ${seen}`,
  ];
};

const LEVELS = ['ACTIVE', 'REDUCING', 'HALTED'] as const;

export const prometheusText = ({ mode, journal, session, now }: MetricsView): string => {
  const { orders, latency, closes } = journal;
  const seconds = (ms: number): string => String(ms / 1000);
  const lines = [
    family('mode', 'gauge', 'Which money: practice, testnet or mainnet.', [[{ mode }, 1]]),
    family(
      'trading_state',
      'gauge',
      'May the console trade: 1 for the state that is.',
      LEVELS.map((state) => [{ state }, state === now.level ? 1 : 0]),
    ),
    counter('orders_decided_total', 'Orders that the gate let through.', orders.decided),
    byKind('orders_denied_total', 'Orders that never left the machine, by limit or rule.', 'limit', journal.denials),
    counter('orders_held_total', 'Orders that died between the decision and the wire.', orders.held),
    counter('orders_sent_total', 'Orders on the wire.', orders.sent),
    counter('orders_taken_total', 'Orders that the exchange took, by its own word.', orders.taken),
    counter('orders_refused_total', 'Orders that the exchange refused, or proved not to have.', orders.refused),
    counter('orders_doubted_total', 'Orders whose answer was lost.', orders.doubted),
    counter('orders_adopted_total', 'Orders from elsewhere that were taken over.', orders.adopted),
    gauge(
      'order_success_ratio',
      'Taken among those of which it is known whether they were.',
      journal.successPct === null ? null : Number(journal.successPct) / 100,
    ),
    counter('trades_total', 'Orders with at least one fill.', orders.traded),
    counter('fills_total', 'Fills.', orders.fills),
    histogram(
      'order_latency_seconds',
      'From the decision to the first word that the exchange took the order.',
      latency.buckets.map(({ toMs, count }) => ({ to: toMs === null ? null : seconds(toMs), count })),
      seconds(latency.sumMs),
    ),
    histogram(
      'close_profit_usdt',
      'What a closing order realised, net of fees.',
      closes.buckets.map(({ toUsdt, count }) => ({ to: toUsdt, count })),
      closes.netUsdt,
    ),
    byKind('errors_total', 'What went wrong, by kind, since the journal began.', 'kind', journal.errors),
    byKind('events_total', 'Stops, breaker, comparisons, by kind, since the journal began.', 'kind', journal.events),
    byKind('failed_calls_total', 'Calls to the exchange that brought nothing, by why, in this session.', 'why', session.failedCalls),
    byKind('keychain_failures_total', 'What the keychain did not do, in this session.', 'operation', session.keychainFailures),
    gauge('open_orders', 'Orders that are not ended.', now.openOrders),
    gauge('positions', 'Open positions.', now.positions),
    gauge('equity_usdt', 'What the account is worth; absent while it is not known.', now.equityUsdt),
    gauge('realised_usdt', 'Realised since the journal began, net of fees.', journal.realisedUsdt),
    gauge('fees_usdt', 'Fees paid since the journal began.', journal.feesUsdt),
    gauge('used_weight', 'Request weight used in this minute.', now.usedWeight),
    counter('journal_facts_total', 'Facts in the journal.', journal.facts),
  ];
  return `${lines.flat().join('\n')}\n`;
};
