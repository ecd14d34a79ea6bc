// A local order book kept by Binance's published procedure (web-socket-streams.md, "How to manage a local order book correctly").
// Written for the tests from that text alone; it knows nothing of the exchange's inside.
import type { Json } from './practice-client.ts';

type Level = readonly [price: string, qty: string];

const scaled = (price: string): bigint => BigInt(price.replace('.', '')); // eight decimals on every price
const EMPTY = /^0(\.0*)?$/;

export class LocalBook {
  readonly #bids = new Map<string, string>();
  readonly #asks = new Map<string, string>();
  #lastUpdateId: number;
  /** Updates that did not follow on the one before. */
  gaps = 0;

  /** From a REST snapshot. */
  constructor(snapshot: Json) {
    this.#lastUpdateId = snapshot['lastUpdateId'] as number;
    set(this.#bids, snapshot['bids'] as readonly Level[]);
    set(this.#asks, snapshot['asks'] as readonly Level[]);
  }

  /** Applies one depthUpdate; older ones are discarded. */
  apply(update: Json): void {
    const first = update['U'] as number;
    const last = update['u'] as number;
    if (last <= this.#lastUpdateId) return;
    if (first > this.#lastUpdateId + 1) this.gaps++;
    set(this.#bids, update['b'] as readonly Level[]);
    set(this.#asks, update['a'] as readonly Level[]);
    this.#lastUpdateId = last;
  }

  /** The book in the shape of GET depth, best prices first. */
  snapshot(levels = Number.POSITIVE_INFINITY): {
    readonly lastUpdateId: number;
    readonly bids: readonly Level[];
    readonly asks: readonly Level[];
  } {
    return {
      lastUpdateId: this.#lastUpdateId,
      bids: sorted(this.#bids, -1).slice(0, levels),
      asks: sorted(this.#asks, 1).slice(0, levels),
    };
  }
}

function set(side: Map<string, string>, levels: readonly Level[]): void {
  for (const [price, qty] of levels) {
    if (EMPTY.test(qty)) side.delete(price);
    else side.set(price, qty);
  }
}

const sorted = (side: ReadonlyMap<string, string>, direction: 1 | -1): Level[] =>
  [...side].toSorted(([one], [other]) => (scaled(one) < scaled(other) ? -direction : direction));
