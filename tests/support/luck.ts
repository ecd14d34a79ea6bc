// The world's chance, apart from the plan's: each step of a plan brings its own seed, so that a plan with a step less does not
// reshuffle what happens in all the others.
import { Random } from '../../src-main/practice/feeds/random.ts';

export class Luck {
  private random: Random;

  constructor(seed: number) {
    this.random = new Random(seed);
  }

  reseed(seed: number): void {
    this.random = new Random(seed);
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.random.next();
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}
