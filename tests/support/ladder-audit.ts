// The auditor's own look at the rollout ladder (REQUIREMENTS H): with real money nothing opens beyond the stage's cap, without a stage of
// real money, on another policy than the certificate names, or between an incident and the demotion that it owes.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Fact } from '../../src-main/engine/facts.ts';
import { claim } from './claim.ts';

/** USDT an order, written down here once more. */
const CAPS: Readonly<Record<string, number>> = {
  micro: 10,
  small: 100,
  'week-1': 100,
  'week-2': 250,
  'week-3': 500,
  'week-4': 1000,
  full: Infinity,
};
const ORDER = ['practice', 'testnet', ...Object.keys(CAPS)];
const UNEXPLAINED = /^(?:booked as a|cut to what|cancelled: it should not)/;

export class LadderAudit {
  private mode = '';
  private stage = 'practice';
  private policy = '';
  private certified = '';
  private owes = '';
  private isBroken = false;

  onFact(fact: Fact): void {
    switch (fact.kind) {
      case 'session.started':
        this.mode = fact.mode;
        return;
      case 'policy.adopted':
        this.policy = JSON.stringify(fact.policy);
        return;
      case 'ladder.promoted':
        claim(this.owes === '', `H: promoted to ${fact.stage} although ${this.owes}`);
        this.stage = fact.stage;
        this.certified = this.policy;
        return;
      case 'ladder.demoted':
        claim(this.owes !== '', `H: demoted to ${fact.stage} without an incident`);
        claim(fact.stage === ORDER[ORDER.indexOf(this.stage) - 1], `H: demoted from ${this.stage} to ${fact.stage}`);
        this.stage = fact.stage;
        this.certified = '';
        this.owes = '';
        return;
      case 'breaker.opened':
        if (!this.isBroken) this.incident('the breaker opened');
        this.isBroken = true;
        return;
      case 'breaker.closed':
        this.isBroken = false;
        return;
      case 'stop.tripped':
        if (fact.trigger === 'automatic' || fact.trigger === 'watchdog') this.incident('the stop tripped by itself');
        return;
      case 'reconciled':
        if (fact.differences.some(({ action }) => UNEXPLAINED.test(action))) this.incident('the books differ');
        return;
      default:
    }
  }

  private incident(what: string): void {
    if (this.mode === 'mainnet' && this.stage in CAPS) this.owes ||= what;
  }

  /** A buy that is worth so much is decided. */
  onOpening(id: string, valueUsdt: Decimal): void {
    if (this.mode !== 'mainnet') return;
    const cap = CAPS[this.stage];
    claim(cap !== undefined, `H: ${id} opens while the ladder stands at ${this.stage}`);
    claim(cap === undefined || valueUsdt.lte(new Decimal(cap)), `H: ${id} is worth ${valueUsdt.toFixed()} at ${this.stage}`);
    claim(this.owes === '', `H: ${id} opens although ${this.owes}`);
    claim(this.policy === this.certified, `H: ${id} opens on another policy than the certificate names`);
  }

  /** Everything has had its time. */
  atRest(): void {
    claim(this.owes === '', `H: ${this.owes}, and nobody was demoted`);
  }
}
