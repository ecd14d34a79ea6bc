// What `npm run simulate` and its worker threads say to each other. Types and one number: nothing of the simulation is loaded here.
import type { Attempt } from './attempt.ts';
import type { Plan } from './plan.ts';
import type { Planted } from './planted.ts';

export type ToSimulation =
  | { readonly kind: 'live'; readonly seed: number; readonly steps: number }
  | { readonly kind: 'shrink'; readonly seed: number; readonly steps: number; readonly forMs: number }
  | { readonly kind: 'trace'; readonly plan: Plan };

export type FromSimulation =
  | { readonly kind: 'steps'; readonly done: number }
  | { readonly kind: 'lived'; readonly seed: number; readonly attempt: Attempt }
  | { readonly kind: 'shrinking'; readonly steps: number; readonly runs: number }
  | { readonly kind: 'shrunk'; readonly plan: Plan; readonly trace: string; readonly runs: number }
  | { readonly kind: 'traced'; readonly trace: string };

/** Steps are told in so many at once. */
export const STEPS_A_MESSAGE = 100;

export interface PlantedTask {
  readonly planted: Planted;
  readonly steps: number;
}

/** The first seed that failed, and in what words; null when none did. */
export interface PlantedVerdict {
  readonly caughtBySeed: number | null;
  readonly text: string;
}
