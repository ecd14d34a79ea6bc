// The auditor's own look at alerts (REQUIREMENTS L4): what must call a person has called when the turn that made it true is over, and an
// order that stays in doubt is told.
import type { Fact } from '../../src-main/engine/facts.ts';
import { claim } from './claim.ts';
import type { Sim } from './sim.ts';

/** Ten seconds, a tick, and the clock's own steps. */
const DOUBT_TOLD_MS = 32_000;

const keyOf = (fact: Fact): string | null => {
  switch (fact.kind) {
    case 'stop.tripped':
      return 'stop';
    case 'breaker.opened':
      return 'breaker';
    case 'protection.missing':
      return `protection:${fact.symbol}`;
    default:
      return null;
  }
};

export class AlertAudit {
  private readonly sim: Sim;
  private due: string[] = [];
  private seen: number;

  constructor(sim: Sim) {
    this.sim = sim;
    this.seen = sim.alerts.length;
  }

  onFact(fact: Fact): void {
    const key = keyOf(fact);
    if (key !== null) this.due.push(key);
  }

  /** A turn is over, its effects have run. */
  onTurn(): void {
    const { alerts, engine } = this.sim;
    const keys = new Set(alerts.slice(this.seen).map(({ key }) => key));
    this.seen = alerts.length;
    for (const key of this.due.splice(0)) claim(keys.has(key), `L4: nobody was told of ${key}`);
    for (const [id, doubt] of engine.market.doubts) {
      const order = engine.state.orders.get(id);
      if (order?.status !== 'UNKNOWN' || order.unknownSinceMs === null) continue;
      const forMs = this.sim.time.nowMs() - Math.max(order.unknownSinceMs, doubt.sinceMs);
      claim(doubt.told || forMs < DOUBT_TOLD_MS, `L4: nobody was told that ${id} is in doubt for ${forMs} ms`);
    }
  }
}
