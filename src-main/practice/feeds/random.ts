// A seeded random source (sfc32): integer arithmetic only, so that one seed gives one tape on every machine.

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.#a = 0x9e3779b9;
    this.#b = seed | 0;
    this.#c = Math.floor(seed / 0x1_0000_0000) | 0;
    for (let i = 0; i < 16; i++) this.next();
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 0x1_0000_0000;
  }

  /** Mean 0, variance 1, within ±3.5: the sum of four uniforms. Only additions and products, hence the same everywhere. */
  normal(): number {
    return (this.next() + this.next() + this.next() + this.next() - 2) * 1.7320508075688772;
  }

  /** How many of `rate` expected events happen, for small rates; the whole part always does. */
  count(rate: number): number {
    const whole = Math.floor(rate);
    return whole + (this.next() < rate - whole ? 1 : 0);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}
