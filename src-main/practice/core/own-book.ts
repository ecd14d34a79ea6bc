// One side of the accounts' own resting orders in price-time order. Prices are ticks; 0 stands for "no price".
import type { Order } from './order.ts';
import { lowerBound } from './sorted.ts';

export class OwnSide {
  /** +1 for buys, -1 for sells: the best price is always the last level. */
  readonly #sign: 1 | -1;
  readonly #keys: number[] = [];
  readonly #queues: Order[][] = [];

  constructor(side: 'buys' | 'sells') {
    this.#sign = side === 'buys' ? 1 : -1;
  }

  get isEmpty(): boolean {
    return this.#keys.length === 0;
  }

  /** Puts an order at the end of its price's queue. */
  add(order: Order): void {
    const key = this.#sign * order.priceTicks;
    const at = lowerBound(this.#keys, key);
    if (this.#keys[at] === key) {
      this.#queues[at]?.push(order);
    } else {
      this.#keys.splice(at, 0, key);
      this.#queues.splice(at, 0, [order]);
    }
  }

  /** Takes an order off the book; an order that is not on it is left alone. */
  remove(order: Order): void {
    const key = this.#sign * order.priceTicks;
    const at = lowerBound(this.#keys, key);
    const queue = this.#keys[at] === key ? this.#queues[at] : undefined;
    const place = queue?.indexOf(order) ?? -1;
    if (queue === undefined || place < 0) return;
    queue.splice(place, 1);
    if (queue.length > 0) return;
    this.#keys.splice(at, 1);
    this.#queues.splice(at, 1);
  }

  bestPrice(): number {
    return this.#keys.length === 0 ? 0 : this.#sign * (this.#keys[this.#keys.length - 1] ?? 0);
  }

  /** The order that is next to trade. */
  best(): Order | undefined {
    return this.#queues[this.#queues.length - 1]?.[0];
  }

  /** Orders at a price, oldest first; a copy, because filling takes orders off the book. */
  at(price: number): Order[] {
    const at = lowerBound(this.#keys, this.#sign * price);
    return this.#keys[at] === this.#sign * price ? [...(this.#queues[at] ?? [])] : [];
  }

  /** Levels from the best price outwards. The book must not change while this runs. */
  *levels(): Generator<readonly [price: number, orders: readonly Order[]]> {
    for (let i = this.#keys.length - 1; i >= 0; i--) yield [this.#sign * (this.#keys[i] ?? 0), this.#queues[i] ?? []];
  }
}
