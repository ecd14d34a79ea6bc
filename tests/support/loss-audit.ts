// The auditor's own look at losses in a row (REQUIREMENTS C13): after so many losing closes nothing is opened for the cool-down, in true
// time. A close that came out near nothing, or belongs to a further try of an intent, is never held for a loss: this book may count too
// few, never too many.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { Fact } from '../../src-main/engine/facts.ts';
import { Books } from './books.ts';
import { claim } from './claim.ts';
import type { Sim } from './sim.ts';

const MINUTE_MS = 60_000;
/** A fee in BNB and a rounding may turn less than this (USDT). */
const NEAR_NOTHING_USDT = 0.05;

export class LossAudit {
  private readonly sim: Sim;
  private limits: Policy['limits'] | null = null;
  private books = new Books();
  private readonly gains = new Map<string, Decimal>();
  private readonly retries = new Set<string>();
  private inRow = 0;
  /** True time; null: from before a crash, where only the wall clock knows. */
  private lastMs: number | null = null;

  constructor(sim: Sim) {
    this.sim = sim;
  }

  /** @param isNew false when a restart reads again what became true before it */
  onFact(fact: Fact, isNew: boolean): void {
    switch (fact.kind) {
      case 'policy.adopted':
        this.limits = fact.policy.limits;
        return;
      case 'order.intended':
        if (fact.order.retry !== undefined) this.retries.add(fact.order.clientOrderId);
        return;
      case 'order.filled': {
        const before = this.books.realisedUsdt;
        this.books.trade(fact);
        const gain = this.books.realisedUsdt.minus(before);
        if (fact.side === 'SELL') this.gains.set(fact.clientOrderId, (this.gains.get(fact.clientOrderId) ?? new Decimal(0)).plus(gain));
        return;
      }
      case 'position.corrected':
        this.books.cut(fact.symbol, fact.qty);
        return;
      case 'venue.reset':
        this.books = new Books();
        return;
      case 'breaker.closed':
        this.inRow = 0;
        return;
      case 'order.ended':
        this.onEnded(fact.clientOrderId, isNew);
        return;
      default:
    }
  }

  private onEnded(id: string, isNew: boolean): void {
    const gain = this.gains.get(id);
    if (gain === undefined) return;
    this.gains.delete(id);
    if (gain.gte(-NEAR_NOTHING_USDT)) this.inRow = 0;
    else if (!this.retries.has(id)) {
      this.inRow += 1;
      this.lastMs = isNew ? this.sim.time.monoMs() : null;
    }
  }

  /** A buy is decided. */
  onOpening(id: string): void {
    if (this.limits === null || this.inRow < this.limits.coolDownAfterLosses || this.lastMs === null) return;
    const sinceMs = this.sim.time.monoMs() - this.lastMs;
    claim(
      sinceMs >= this.limits.coolDownMinutes * MINUTE_MS,
      `C13: ${id} opens ${Math.round(sinceMs / 1000)} s after the newest of ${this.inRow} losses in a row`,
    );
  }
}
