// The auditor's own look at the tilt guard (REQUIREMENTS G): nothing of the policy is loosened before a quarter of an hour of true time has
// gone by since it was asked for, whatever the wall clock is set to and however often the console dies meanwhile, and nothing while the
// stop stands or cools down.
import type { Fact } from '../../src-main/engine/facts.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { claim } from './claim.ts';
import type { Sim } from './sim.ts';

const WAIT_MS = 15 * 60_000;

type Looser = (from: never, to: never) => boolean;
const higher: Looser = (from: number | string, to: number | string) => Number(to) > Number(from);
const lower: Looser = (from: number | string, to: number | string) => Number(to) < Number(from);
const wider: Looser = (from: readonly string[], to: readonly string[]) => to.some((one) => !from.includes(one));

/** What a seed's policies differ in, and which way is looser. */
const FIELDS: readonly (readonly [string, Looser])[] = [
  ['limits.maxOrderNotionalUsdt', higher],
  ['limits.maxDailyLossUsdt', higher],
  ['limits.maxPositions', higher],
  ['limits.allowedSymbols', wider],
  ['limits.coolDownAfterLosses', higher],
  ['exposure.maxPositionPct', higher],
  ['circuitBreaker.maxDailyDrawdownPct', higher],
  ['circuitBreaker.consecutiveLosses', higher],
  ['circuitBreaker.probeCoolDownMinutes', lower],
  ['emergencyStop.autoDailyDrawdownPct', higher],
  ['emergencyStop.coolDownMinutes', lower],
];

const valueOf = (policy: Policy, path: string): never =>
  path.split('.').reduce<unknown>((at, name) => (at as Readonly<Record<string, unknown>>)[name], policy) as never;

const loosened = (from: Policy, to: Policy): readonly string[] =>
  FIELDS.filter(([path, isLooser]) => isLooser(valueOf(from, path), valueOf(to, path))).map(([path]) => path);

export class PolicyAudit {
  private readonly sim: Sim;
  private inForce: Policy | null = null;
  private pending: { readonly policy: Policy; readonly effectiveAtMs: number } | null = null;
  /** By the time that a pending change names: when it was seen first, in true time. It outlives a crash. */
  private readonly askedAtMs = new Map<number, number>();

  constructor(sim: Sim) {
    this.sim = sim;
  }

  /** A console has started anew: what it knows is read again. */
  forget(): void {
    this.inForce = null;
    this.pending = null;
  }

  /** @param isOpen false while the stop stands or cools down */
  onFact(fact: Fact, isNew: boolean, isOpen: boolean): void {
    if (fact.kind === 'policy.adopted') {
      if (isNew && this.inForce !== null) this.onAdopted(this.inForce, fact.policy, isOpen);
      this.inForce = fact.policy;
      return;
    }
    if (fact.kind !== 'policy.pending') return;
    const { policy, effectiveAtMs } = fact;
    if (this.pending?.effectiveAtMs === effectiveAtMs) {
      const [path] = loosened(this.pending.policy, policy);
      claim(path === undefined, `G: ${path} waits as long as something tighter did`);
    }
    if (!this.askedAtMs.has(effectiveAtMs)) this.askedAtMs.set(effectiveAtMs, this.sim.time.monoMs());
    this.pending = { policy, effectiveAtMs };
  }

  private onAdopted(from: Policy, to: Policy, isOpen: boolean): void {
    const paths = loosened(from, to).join(', ');
    if (paths === '') return;
    const { pending } = this;
    if (pending === null) return claim(false, `G: ${paths} loosened, and nothing waited`);
    const waitedMs = this.sim.time.monoMs() - (this.askedAtMs.get(pending.effectiveAtMs) ?? Number.POSITIVE_INFINITY);
    const [further] = loosened(pending.policy, to);
    claim(further === undefined, `G: ${further} is looser than what waited`);
    claim(isOpen, `G: ${paths} loosened while the stop stands or cools down`);
    claim(waitedMs >= WAIT_MS, `G: ${paths} loosened after ${Math.round(waitedMs / 1000)} s`);
  }
}
