// One direction of the simulated wire: what is pushed comes out in order, `delayMs` later (at once when that is 0).
// It must never reorder: answers and events share one line, as they share one cable.

interface Parcel {
  readonly dueMs: number;
  readonly deliver: () => void;
}

/** Early wake-ups of a timer below this are not worth a second timer. */
const TIMER_SLACK_MS = 0.5;

export class DelayLine {
  readonly #delayMs: number;
  #parcels: Parcel[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  push(deliver: () => void): void {
    if (this.#delayMs === 0) {
      deliver();
      return;
    }
    this.#parcels.push({ dueMs: performance.now() + this.#delayMs, deliver });
    this.#arm();
  }

  /** Drops what is still under way. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#parcels = [];
  }

  #arm(): void {
    const head = this.#parcels[0];
    if (head === undefined || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.#deliverDue(), Math.max(0, head.dueMs - performance.now()));
  }

  #deliverDue(): void {
    this.#timer = undefined;
    const nowMs = performance.now() + TIMER_SLACK_MS;
    const due = this.#parcels.findIndex((parcel) => parcel.dueMs > nowMs);
    const ready = due < 0 ? this.#parcels : this.#parcels.slice(0, due);
    this.#parcels = due < 0 ? [] : this.#parcels.slice(due);
    for (const parcel of ready) parcel.deliver();
    this.#arm();
  }
}
