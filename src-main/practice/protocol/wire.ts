// The simulated network between the exchange and its clients: half the round trip each way, and partitions.
// Everything a client sends or gets passes here; it must not look inside what it carries.
import { DelayLine } from './delay-line.ts';

/** A connection that a healed partition cuts: what was lost on it cannot come back. */
export interface Connection {
  destroy(): void;
}

export class Wire {
  readonly #inbound: DelayLine;
  readonly #outbound: DelayLine;
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #damaged = new Set<Connection>();
  #partitioned = false;

  /** `roundTripMs`: requests arrive half of it later, answers and events leave half of it later. */
  constructor(roundTripMs: number) {
    this.#inbound = new DelayLine(roundTripMs / 2);
    this.#outbound = new DelayLine(roundTripMs / 2);
  }

  get partitioned(): boolean {
    return this.#partitioned;
  }

  /** While partitioned nothing passes either way. Healing cuts the connections that lost something. */
  setPartitioned(on: boolean): void {
    this.#partitioned = on;
    if (on) return;
    for (const connection of this.#damaged) connection.destroy();
    this.#damaged.clear();
  }

  /** From the client to the exchange. */
  toExchange(connection: Connection, deliver: () => void): void {
    if (this.#loses(connection)) return;
    this.#inbound.push(() => {
      if (!this.#loses(connection)) deliver();
    });
  }

  /** From the exchange to the client. */
  toClient(connection: Connection, deliver: () => void): void {
    if (this.#loses(connection)) return;
    this.#outbound.push(() => {
      if (!this.#loses(connection)) deliver();
    });
  }

  /** Runs `work` after `delayMs`, at once when that is 0. */
  after(delayMs: number, work: () => void): void {
    if (delayMs <= 0) {
      work();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      work();
    }, delayMs);
    this.#timers.add(timer);
  }

  close(): void {
    this.#inbound.close();
    this.#outbound.close();
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#damaged.clear();
  }

  #loses(connection: Connection): boolean {
    if (this.#partitioned) this.#damaged.add(connection);
    return this.#partitioned;
  }
}
