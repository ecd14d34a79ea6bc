// One life of a plan, told as a value: it ran clean, or which invariant failed, when, and in what words.
import type { Plan } from './plan.ts';
import { World } from './world.ts';

export interface Attempt {
  readonly stepsDone: number;
  readonly virtualMs: number;
  /** The longest time from the last fault to the last answer. */
  readonly slowestMs: number;
  readonly failure: Failure | null;
}

export interface Failure {
  /** The invariant: what must stay the same while a plan is made smaller. */
  readonly key: string;
  readonly text: string;
}

const AUDIT = /^Audit: ([^:]+):/;
const KEY_LETTERS = 80;

const failureOf = (error: unknown): Failure => {
  if (!(error instanceof Error)) return { key: 'thrown', text: String(error) };
  const key = AUDIT.exec(error.message)?.[1];
  return key === undefined
    ? { key: error.message.slice(0, KEY_LETTERS), text: error.stack ?? error.message }
    : { key, text: error.message.slice('Audit: '.length) };
};

/** @param watch gets the world before it begins */
export const attempt = async (plan: Plan, watch: (world: World) => void = () => undefined): Promise<Attempt> => {
  const world = new World(plan);
  const startedMs = world.sim.time.monoMs();
  watch(world);
  let failure: Failure | null = null;
  try {
    await world.run();
  } catch (error) {
    failure = failureOf(error);
  }
  const { stepsDone, slowestMs } = world;
  return { stepsDone, slowestMs, virtualMs: world.sim.time.monoMs() - startedMs, failure };
};
