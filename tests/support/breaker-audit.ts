// The auditor's own look at breaker and automatic trips (REQUIREMENTS D, E1): nothing is opened while the breaker is open, one order alone
// while it probes, and every trip's evidence agrees with books that were kept here.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Fact } from '../../src-main/engine/facts.ts';
import { claim } from './claim.ts';
import { ACCOUNT } from './sim-wire.ts';
import type { Sim } from './sim.ts';

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;

/** Of the peak, in percent points: a reading rests on quotes and trades that may be seconds old. */
const OLD_NEWS_PCT = 1.5;
/** A tick or two. */
const DUE_MS = 1500;
/** One reset forgives them together. */
const FAILURES: ReadonlySet<string> = new Set(['order-failures', 'failed-trades', 'api-errors']);

export class BreakerAudit {
  private readonly sim: Sim;
  private phase: 'closed' | 'open' | 'probing' = 'closed';
  private probe: string | null = null;
  private refusedInRow = 0;
  private readonly refusals: number[] = [];
  /** Failures in a row that count for certain, and since when (true time) they are as many as the policy bears. */
  private surelyInRow = 0;
  private mostInRow = Number.POSITIVE_INFINITY;
  private dueSinceMs: number | null = null;
  private rule = '';
  /** The highest mark ever: no peak of a day or week lies above it. */
  private peakUsdt: Decimal | null = null;
  private markedUsdt = new Decimal(0);

  constructor(sim: Sim) {
    this.sim = sim;
  }

  /** After a step: what the policy does not bear opens the breaker within moments. `isUp`: the start is over, and the stop does not stand. */
  afterStep(isUp: boolean): void {
    if (!isUp || this.phase !== 'closed' || this.surelyInRow < this.mostInRow) {
      this.dueSinceMs = null;
      return;
    }
    const nowMs = this.sim.time.monoMs();
    this.dueSinceMs ??= nowMs;
    claim(nowMs - this.dueSinceMs <= DUE_MS, `D: ${this.surelyInRow} orders in a row have failed, and the circuit breaker is closed`);
  }

  /** A buy is decided, or leaves for the wire. */
  onOpening(id: string, what: 'is decided' | 'leaves'): void {
    claim(this.phase !== 'open', `D: ${id} opens and ${what} while the circuit breaker is open`);
    if (this.phase !== 'probing') return;
    if (what === 'is decided') claim(this.probe === null, `D: ${id} is decided while ${this.probe ?? ''} probes`);
    this.probe ??= id;
    claim(this.probe === id, `D: ${id} leaves while ${this.probe} probes`);
  }

  /** @param isNew false when a restart reads again what was checked when it became true */
  onFact(fact: Fact, isNew: boolean, unbooked: ReadonlyMap<string, readonly Decimal[]>): void {
    switch (fact.kind) {
      case 'equity.marked': {
        const equity = new Decimal(fact.equityUsdt);
        this.peakUsdt = this.peakUsdt === null ? equity : Decimal.max(this.peakUsdt, equity);
        this.markedUsdt = equity;
        return;
      }
      case 'balance.moved':
        if (fact.deltaUsdt !== null) this.onMoved(new Decimal(fact.deltaUsdt));
        return;
      case 'policy.adopted':
        this.mostInRow = fact.policy.circuitBreaker.consecutiveOrderFailures;
        return;
      case 'order.rejected':
        if (fact.proof === 'never-sent') return;
        // A list is refused whole: its further orders are the same failure.
        if (!/-[23]$/u.test(fact.clientOrderId)) this.surelyInRow += 1;
        this.refusedInRow += 1;
        this.refusals.push(this.sim.time.nowMs());
        return;
      case 'order.accepted':
        this.refusedInRow = 0;
        this.surelyInRow = 0;
        return;
      case 'order.filled':
        this.surelyInRow = 0;
        return;
      case 'breaker.opened':
        if (isNew) this.onOpened(fact, unbooked);
        this.phase = 'open';
        this.rule = fact.breach.rule;
        return;
      case 'breaker.probing':
        claim(this.phase !== 'closed', 'D: a breaker that is closed probes');
        this.phase = 'probing';
        this.probe = null;
        return;
      case 'breaker.closed':
        claim(this.phase !== 'closed', 'D: a breaker that is closed is closed again');
        this.phase = 'closed';
        if (FAILURES.has(this.rule)) this.surelyInRow = 0;
        return;
      case 'stop.tripped':
        if (isNew && fact.trigger === 'automatic') this.onTripped(fact, unbooked);
        return;
      default:
    }
  }

  /** In percent a drawdown is what it was, however much money came or went. */
  private onMoved(deltaUsdt: Decimal): void {
    const left = this.markedUsdt.plus(deltaUsdt);
    if (this.peakUsdt !== null && this.markedUsdt.gt(0)) this.peakUsdt = left.gt(0) ? left.times(this.peakUsdt.div(this.markedUsdt)) : null;
    else if (this.peakUsdt !== null) this.peakUsdt = this.peakUsdt.plus(deltaUsdt);
    this.markedUsdt = left;
  }

  private onOpened({ breach }: FactOf<'breaker.opened'>, unbooked: ReadonlyMap<string, readonly Decimal[]>): void {
    const { rule, value, limit, text } = breach;
    claim(new Decimal(value).gte(limit), `D: the breaker opens by ${rule} at ${value}, and the limit is ${limit}`);
    if (text.startsWith('The probe')) return claim(this.phase === 'probing', 'D: a probe has failed, and none was out');
    claim(this.phase !== 'open', 'D: a breaker that is open opens again');
    if (rule.endsWith('drawdown')) this.confirm(limit, unbooked, `D: ${text}`);
    if (rule === 'order-failures') claim(this.refusedInRow >= Number(limit), `D: ${text} By the books it is ${this.refusedInRow}.`);
    if (rule === 'failed-trades') claim(this.refusals.length >= Number(limit), `D: ${text} By the books it is ${this.refusals.length}.`);
  }

  private onTripped({ reason }: FactOf<'stop.tripped'>, unbooked: ReadonlyMap<string, readonly Decimal[]>): void {
    const limit = /The limit is (\d+(?:\.\d+)?)/u.exec(reason)?.[1];
    claim(limit !== undefined, `E1: a trip without evidence: ${reason}`);
    if (reason.startsWith('Equity of')) this.confirm(limit ?? '0', unbooked, `E1: ${reason}`);
  }

  /** What the exchange's own books make of a drawdown. */
  private confirm(limit: string, unbooked: ReadonlyMap<string, readonly Decimal[]>, what: string): void {
    if (this.peakUsdt === null) return claim(false, `${what} Equity was never marked.`);
    const equity = this.equity(unbooked);
    const pct = this.peakUsdt.minus(equity).div(this.peakUsdt).times(100);
    claim(pct.plus(OLD_NEWS_PCT).gte(limit), `${what} By the books it is ${equity.toFixed(2)} of ${this.peakUsdt.toFixed(2)} USDT.`);
  }

  /** What the account is worth now, without what came or went and is not booked yet. */
  private equity(unbooked: ReadonlyMap<string, readonly Decimal[]>): Decimal {
    const { core } = this.sim;
    const worth = (asset: string): Decimal => {
      if (asset === 'USDT') return new Decimal(1);
      const book = core.bookTicker(`${asset}USDT`);
      return new Decimal(book.bidPrice).plus(book.askPrice).div(2);
    };
    let sum = new Decimal(0);
    for (const { asset, free, locked } of core.account(ACCOUNT).balances) {
      const untold = (unbooked.get(asset) ?? []).reduce((all, one) => all.plus(one), new Decimal(0));
      const held = new Decimal(free).plus(locked).minus(untold);
      if (!held.isZero()) sum = sum.plus(held.times(worth(asset)));
    }
    return sum;
  }
}
