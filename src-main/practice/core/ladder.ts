// One side of the house's book: the feed's price levels, what own takers have already taken from them, and the feed's best quote
// where it is newer than the levels. Public reads see the feed's levels untouched; matching sees what is left of them.
// Prices are ticks (0: no price). Quantities come and are shown in units of 1e-8, because real levels can be finer than a lot
// (remainders of fees); what can be taken is counted in whole lots.

import { lowerBound } from './sorted.ts';
import { floorDiv } from './units.ts';

export class HouseSide {
  /** +1 for bids, -1 for asks: levels are sorted by `sign * price`, so that the best one is always the last element. */
  readonly #sign: 1 | -1;
  readonly #lotUnits: number;
  readonly #keys: number[] = [];
  readonly #units: number[] = [];
  readonly #lots: number[] = [];
  readonly #taken: number[] = [];
  /** The best quote that overrules the levels better than or equal to it; price 0: none. */
  #quotePrice = 0;
  #quoteUnits = 0;
  #quoteTaken = 0;

  constructor(side: 'bids' | 'asks', lotUnits: number) {
    this.#sign = side === 'bids' ? 1 : -1;
    this.#lotUnits = lotUnits;
  }

  /** Sets a level to what the feed says (0 removes it). Whatever was taken from it is there again: the feed refreshed it. */
  set(price: number, units: number): void {
    const key = this.#sign * price;
    const at = lowerBound(this.#keys, key);
    const exists = this.#keys[at] === key;
    if (units === 0) {
      if (exists) for (const column of [this.#keys, this.#units, this.#lots, this.#taken]) column.splice(at, 1);
      return;
    }
    if (!exists) {
      this.#keys.splice(at, 0, key);
      this.#units.splice(at, 0, 0);
      this.#lots.splice(at, 0, 0);
      this.#taken.splice(at, 0, 0);
    }
    this.#units[at] = units;
    this.#lots[at] = floorDiv(units, this.#lotUnits);
    this.#taken[at] = 0;
  }

  /** A best quote newer than the levels. Taken lots stay taken while the quote repeats what is known. */
  overlay(price: number, units: number): void {
    if (price === this.#quotePrice && units === this.#quoteUnits) return;
    const at = lowerBound(this.#keys, this.#sign * price);
    const known = this.#keys[at] === this.#sign * price && this.#units[at] === units;
    this.#quoteTaken = known ? (this.#taken[at] ?? 0) : 0;
    this.#quotePrice = price;
    this.#quoteUnits = units;
  }

  /** The levels have caught up with the quote. */
  dropOverlay(): void {
    this.#quotePrice = 0;
  }

  /** The feed's levels, best first; what the public sees. */
  visible(limit: number): [price: number, units: number][] {
    const out: [number, number][] = [];
    for (let i = this.#keys.length - 1; i >= 0 && out.length < limit; i--) {
      out.push([this.#sign * (this.#keys[i] ?? 0), this.#units[i] ?? 0]);
    }
    return out;
  }

  visibleAt(price: number): number {
    const at = lowerBound(this.#keys, this.#sign * price);
    return this.#keys[at] === this.#sign * price ? (this.#units[at] ?? 0) : 0;
  }

  /** The best price that still has something to take; 0 when there is none. */
  bestPrice(): number {
    for (const [price] of this.takeable()) return price;
    return 0;
  }

  /** What is left at one price, in lots. */
  available(price: number): number {
    if (this.#quotePrice !== 0) {
      if (price === this.#quotePrice) return this.#quoteLeft();
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

  /** What can be taken, in lots, best price first. */
  *takeable(): Generator<readonly [price: number, lots: number]> {
    let i = this.#keys.length - 1;
    if (this.#quotePrice !== 0) {
      const left = this.#quoteLeft();
      if (left > 0) yield [this.#quotePrice, left];
      i = lowerBound(this.#keys, this.#sign * this.#quotePrice) - 1;
    }
    for (; i >= 0; i--) {
      const left = (this.#lots[i] ?? 0) - (this.#taken[i] ?? 0);
      if (left > 0) yield [this.#sign * (this.#keys[i] ?? 0), left];
    }
  }

  #quoteLeft(): number {
    return floorDiv(this.#quoteUnits, this.#lotUnits) - this.#quoteTaken;
  }
}
