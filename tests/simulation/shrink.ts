// Makes a failing plan small enough to read: leaves out steps in ever smaller chunks, turns deeds into mere waiting, switches faults
// and odd setups off, as long as the same invariant still fails (delta debugging). It changes nothing of a plan that does not fail.
import { attempt } from './attempt.ts';
import type { Failure } from './attempt.ts';
import type { Deed, Plan, Setup, Step, Weather } from './plan.ts';

export interface Shrunk {
  readonly plan: Plan;
  readonly failure: Failure;
  readonly runs: number;
}

const PLAIN: Partial<Setup> = {
  regime: 'ranging',
  bnbDiscount: false,
  balances: { USDT: '10000' },
  weightPerMinute: 6000,
  restDeadlineMs: 6000,
  policy: {},
  realJournal: false,
};

const CALM: Weather = {
  latencyMs: [5, 5],
  lostBefore: 0,
  lostAfter: 0,
  executedButError: 0,
  storm: 0,
  lateArrival: 0,
  streamDuplicate: 0,
  streamReorder: 0,
  streamMissing: 0,
  streamSilent: false,
  silentMarkets: [],
  queryLagMs: 0,
  deadSymbols: [],
  partition: false,
};

const without = <T>(list: readonly T[], from: number, to: number): T[] => [...list.slice(0, from), ...list.slice(to)];

class Shrinker {
  private plan: Plan;
  private failure: Failure;
  private runs = 0;
  private readonly untilMs: number;
  private readonly tell: (steps: number, runs: number) => void;

  constructor(plan: Plan, failure: Failure, forMs: number, tell: (steps: number, runs: number) => void) {
    this.plan = plan;
    this.failure = failure;
    this.untilMs = performance.now() + forMs;
    this.tell = tell;
  }

  async shrink(): Promise<Shrunk> {
    await this.dropSteps();
    await this.calmDown();
    await this.simplifySteps();
    await this.simplifySetup();
    await this.dropSteps();
    return { plan: this.plan, failure: this.failure, runs: this.runs };
  }

  private get isOver(): boolean {
    return performance.now() > this.untilMs;
  }

  /** Takes the smaller plan when it fails in the same way, cut off after the step that failed. */
  private async tries(plan: Plan): Promise<boolean> {
    if (this.isOver) return false;
    this.runs += 1;
    const { failure, stepsDone } = await attempt(plan);
    this.tell(this.plan.steps.length, this.runs);
    if (failure?.key !== this.failure.key) return false;
    this.failure = failure;
    this.plan = { ...plan, steps: plan.steps.slice(0, stepsDone + 1) };
    return true;
  }

  /** Chunks of half, then a quarter … then single steps. */
  private async dropSteps(): Promise<void> {
    for (let chunk = Math.ceil(this.plan.steps.length / 2); ; chunk = Math.ceil(chunk / 2)) {
      for (let from = 0; from < this.plan.steps.length;) {
        const { steps } = this.plan;
        if (steps.length > 1 && (await this.tries({ ...this.plan, steps: without(steps, from, from + chunk) }))) continue;
        from += chunk;
      }
      if (chunk === 1 || this.isOver) return;
    }
  }

  private async replaceStep(index: number, step: Step): Promise<boolean> {
    return this.tries({ ...this.plan, steps: this.plan.steps.map((one, at) => (at === index ? step : one)) });
  }

  private async calmDown(): Promise<void> {
    for (let index = 0; index < this.plan.steps.length; index += 1) {
      const step = this.plan.steps[index];
      if (step?.deed.do !== 'weather' || step.deed.weather === null) continue;
      if (await this.replaceStep(index, { ...step, deed: { do: 'wait' } })) continue;
      for (const field of Object.keys(CALM) as (keyof Weather)[]) {
        const now = this.plan.steps[index];
        if (now?.deed.do !== 'weather' || now.deed.weather === null) break;
        if (JSON.stringify(now.deed.weather[field]) === JSON.stringify(CALM[field])) continue;
        await this.replaceStep(index, { ...now, deed: { do: 'weather', weather: { ...now.deed.weather, [field]: CALM[field] } } });
      }
    }
  }

  private async simplifySteps(): Promise<void> {
    for (let index = 0; index < this.plan.steps.length; index += 1) {
      for (const simpler of simplerDeeds(this.plan.steps[index]?.deed)) {
        const step = this.plan.steps[index];
        if (step !== undefined) await this.replaceStep(index, { ...step, deed: simpler });
      }
      for (const passMs of [0, 10, 100, 1000]) {
        const step = this.plan.steps[index];
        if (step === undefined || step.passMs <= passMs) break;
        if (await this.replaceStep(index, { ...step, passMs })) break;
      }
    }
  }

  private async simplifySetup(): Promise<void> {
    for (const [field, value] of Object.entries(PLAIN)) await this.tries({ ...this.plan, setup: { ...this.plan.setup, [field]: value } });
  }
}

const simplerDeeds = (deed: Deed | undefined): readonly Deed[] => {
  if (deed === undefined || deed.do === 'wait' || deed.do === 'rest') return [];
  const waiting: Deed = { do: 'wait' };
  if (deed.do !== 'crash') return [waiting];
  const bare: Deed = { ...deed, meanwhile: [] };
  const lost: Deed = { ...bare, cut: { kind: 'share', share: 0 }, downMs: 0 };
  return [waiting, lost, { ...bare, cut: deed.cut }];
};

/**
 * The smallest plan found in the time given that fails by the same invariant.
 * @param tell how many steps are left after how many tries
 */
export const shrink = (plan: Plan, failure: Failure, forMs: number, tell: (steps: number, runs: number) => void): Promise<Shrunk> =>
  new Shrinker(plan, failure, forMs, tell).shrink();
