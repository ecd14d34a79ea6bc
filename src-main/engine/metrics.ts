// Counters and gauges in Prometheus' text format, out of state and facts (REQUIREMENTS L3).
import type { Engine } from './engine.ts';
import { equityOf } from './equity.ts';
import type { Fact, SequencedFact } from './facts.ts';

const LATENCY_BUCKETS_MS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500] as const;

export class Metrics {
  private readonly counts = new Map<string, number>();
  private readonly latencyBuckets = new Map<number, number>();
  private latencyCount = 0;
  private latencySumMs = 0;

  note(engine: Engine, facts: readonly SequencedFact[]): void {
    for (const { fact, atMs } of facts) {
      if (fact.kind === 'order.denied') this.count(`holdfast_orders_denied_total{limit="${fact.denial.code}"}`);
      else if (fact.kind === 'order.rejected') this.count(`holdfast_orders_rejected_total{code="${fact.code ?? 'none'}"}`);
      else if (fact.kind === 'order.ended') this.count(`holdfast_orders_ended_total{status="${fact.status}"}`);
      else if (fact.kind === 'list.intended') this.count('holdfast_orders_intended_total', fact.list.orders.length);
      else if (fact.kind === 'order.accepted') this.accepted(engine, fact, atMs);
      else if (PLAIN[fact.kind] !== undefined) this.count(PLAIN[fact.kind] as string);
    }
  }

  private accepted(engine: Engine, fact: Extract<Fact, { kind: 'order.accepted' }>, atMs: number): void {
    const order = engine.state.orders.get(fact.clientOrderId);
    const list = order?.list ?? null;
    const waited = list !== null && list.kind !== 'OCO' && list.role !== 'entry';
    // That an exit works now is no answer to its submit.
    if (waited && fact.pending !== true) return;
    this.count('holdfast_orders_accepted_total');
    if (order !== undefined && order.sentAtMs !== null) this.latency(atMs - order.sentAtMs);
  }

  private count(name: string, by = 1): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + by);
  }

  private latency(ms: number): void {
    this.latencyCount += 1;
    this.latencySumMs += ms;
    for (const bucket of LATENCY_BUCKETS_MS) if (ms <= bucket) this.latencyBuckets.set(bucket, (this.latencyBuckets.get(bucket) ?? 0) + 1);
  }

  prometheus(engine: Engine): string {
    const { state, market } = engine;
    const level = engine.trading().level;
    const lines = [...this.counts].toSorted(([a], [b]) => a.localeCompare(b)).map(([name, value]) => `${name} ${value}`);
    for (const bucket of LATENCY_BUCKETS_MS)
      lines.push(`holdfast_order_latency_ms_bucket{le="${bucket}"} ${this.latencyBuckets.get(bucket) ?? 0}`);
    lines.push(
      `holdfast_order_latency_ms_bucket{le="+Inf"} ${this.latencyCount}`,
      `holdfast_order_latency_ms_sum ${this.latencySumMs}`,
      `holdfast_order_latency_ms_count ${this.latencyCount}`,
    );
    for (const one of ['ACTIVE', 'REDUCING', 'HALTED']) lines.push(`holdfast_trading_state{state="${one}"} ${one === level ? 1 : 0}`);
    lines.push(
      `holdfast_open_orders ${state.openOrders.size}`,
      `holdfast_positions ${state.positions.size}`,
      `holdfast_realised_usdt ${state.realisedUsdt.toFixed()}`,
      `holdfast_fees_usdt ${state.feesUsdt.toFixed()}`,
      `holdfast_used_weight ${market.budget?.usedWeight ?? 0}`,
      `holdfast_journal_seq ${state.seq}`,
    );
    const equity = equityOf(state, market);
    if (equity !== null) lines.push(`holdfast_equity_usdt ${equity.toFixed()}`);
    return `${lines.join('\n')}\n`;
  }
}

const PLAIN: Readonly<Partial<Record<SequencedFact['fact']['kind'], string>>> = {
  'order.intended': 'holdfast_orders_intended_total',
  'order.sent': 'holdfast_orders_sent_total',
  'order.unknown': 'holdfast_orders_unknown_total',
  'order.filled': 'holdfast_fills_total',
  'order.adopted': 'holdfast_orders_adopted_total',
  'cancel.failed': 'holdfast_cancels_failed_total',
  'reconcile.failed': 'holdfast_reconcile_failures_total',
  reconciled: 'holdfast_reconciliations_total',
  'stop.tripped': 'holdfast_stops_total',
};
