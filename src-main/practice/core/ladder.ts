// One side of the house's book: the feed's price levels, what own takers have already taken from them, and the feed's best quote
// where it is newer than the levels. Public reads see the feed's levels untouched; matching sees what is left of them.
// Prices are ticks, quantities lots; 0 stands for "no price".

import { lowerBound } from './sorted.ts';

export class HouseSide {
  /** +1 for bids, -1 for asks: levels are sorted by `sign * price`, so that the best one is always the last element. */
  readonly #sign: 1 | -1;
  readonly #keys: number[] = [];
  readonly #lots: number[] = [];
  readonly #taken: number[] = [];
  /** The best quote that overrules the levels better than or equal to it; price 0: none. */
  #quotePrice = 0;
  #quoteLots = 0;
  #quoteTaken = 0;

  constructor(side: 'bids' | 'asks') {
    this.#sign = side === 'bids' ? 1 : -1;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** Sets a level to what the feed says (0 removes it). Whatever was taken from it is there again: the feed refreshed it. */
  set(price: number, lots: number): void {
    const key = this.#sign * price;
    const at = lowerBound(this.#keys, key);
    const exists = this.#keys[at] === key;
    if (lots === 0) {
      if (exists) for (const column of [this.#keys, this.#lots, this.#taken]) column.splice(at, 1);
    } else if (exists) {
      this.#lots[at] = lots;
      this.#taken[at] = 0;
    } else {
      this.#keys.splice(at, 0, key);
      this.#lots.splice(at, 0, lots);
      this.#taken.splice(at, 0, 0);
    }
  }

  /** A best quote newer than the levels. Taken lots stay taken while the quote repeats what is known. */
  overlay(price: number, lots: number): void {
    if (price === this.#quotePrice && lots === this.#quoteLots) return;
    const at = lowerBound(this.#keys, this.#sign * price);
    const known = this.#keys[at] === this.#sign * price && this.#lots[at] === lots;
    this.#quoteTaken = known ? (this.#taken[at] ?? 0) : 0;
    this.#quotePrice = price;
    this.#quoteLots = lots;
  }

  /** The levels have caught up with the quote. */
  dropOverlay(): void {
    this.#quotePrice = 0;
  }

  /** The feed's levels, best first; what the public sees. */
  visible(limit: number): [price: number, lots: number][] {
    const out: [number, number][] = [];
    for (let i = this.#keys.length - 1; i >= 0 && out.length < limit; i--) {
      out.push([this.#sign * (this.#keys[i] ?? 0), this.#lots[i] ?? 0]);
    }
    return out;
  }

  visibleAt(price: number): number {
    const at = lowerBound(this.#keys, this.#sign * price);
    return this.#keys[at] === this.#sign * price ? (this.#lots[at] ?? 0) : 0;
  }

  /** The best price that still has something to take; 0 when there is none. */
  bestPrice(): number {
    for (const [price] of this.takeable()) return price;
    return 0;
  }

  /** What is left at one price. */
  available(price: number): number {
    if (this.#quotePrice !== 0) {
      if (price === this.#quotePrice) return this.#quoteLots - this.#quoteTaken;
      if (this.#sign * price > this.#sign * this.#quotePrice) return 0;
    }
    const at = lowerBound(this.#keys, this.#sign * price);
    return this.#keys[at] === this.#sign * price ? (this.#lots[at] ?? 0) - (this.#taken[at] ?? 0) : 0;
  }

  /** Takes lots away from matching (not from sight) until the feed refreshes the level. */
  take(price: number, lots: number): void {
    if (price === this.#quotePrice) this.#quoteTaken += lots;
    const at = lowerBound(this.#keys, this.#sign * price);
    if (this.#keys[at] === this.#sign * price) this.#taken[at] = Math.min((this.#taken[at] ?? 0) + lots, this.#lots[at] ?? 0);
  }

  /** What can be taken, best price first. */
  *takeable(): Generator<readonly [price: number, lots: number]> {
    let i = this.#keys.length - 1;
    if (this.#quotePrice !== 0) {
      const left = this.#quoteLots - this.#quoteTaken;
      if (left > 0) yield [this.#quotePrice, left];
      i = lowerBound(this.#keys, this.#sign * this.#quotePrice) - 1;
    }
    for (; i >= 0; i--) {
      const left = (this.#lots[i] ?? 0) - (this.#taken[i] ?? 0);
      if (left > 0) yield [this.#sign * (this.#keys[i] ?? 0), left];
    }
  }
}
