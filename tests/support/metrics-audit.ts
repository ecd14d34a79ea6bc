// The auditor's look at the metrics (REQUIREMENTS L3): counted here anew, out of what the exchange's end saw arrive and out of the trades
// that its core told, they are what the console counted from its facts, through every crash.
import { claim } from './claim.ts';
import type { Sim } from './sim.ts';

/**
 * When nothing is under way any more.
 * @param taken the console's own orders that the exchange took
 * @param filled the orders of all trades that the console knows, one entry a trade
 */
export const auditMetrics = (sim: Sim, taken: ReadonlySet<string>, filled: readonly string[]): void => {
  const { counts, latency, closes } = sim.engine.state.metrics;
  const same = (name: string, ours: number, theirs: number): void =>
    claim(ours === theirs, `L3: ${name}: the console counted ${ours}, the books say ${theirs}`);
  same('orders taken', counts.get('taken') ?? 0, taken.size);
  same('fills', counts.get('fills') ?? 0, filled.length);
  same('orders with a fill', counts.get('traded') ?? 0, new Set(filled).size);
  const sum = (buckets: readonly number[]): number => buckets.reduce((all, one) => all + one, 0);
  same('answers in their buckets', sum(latency.buckets), latency.count);
  same('closes in their buckets', sum(closes.buckets), closes.wins + closes.losses);
};
