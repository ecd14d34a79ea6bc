// Time that a test owns: nothing happens until it is run on, and then in the order of time. Between two events every promise settles,
// so that a seed gives one history on every machine. It never waits for a real clock.
import { setImmediate as nextTurn } from 'node:timers/promises';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualTime {
  private atMs: number;
  /** Sorted, the next one last. */
  private readonly timers: Timer[] = [];
  private order = 0;
  /** What a wall clock shows beside true time: a test may set it back. */
  wallOffsetMs = 0;

  constructor(startMs: number) {
    this.atMs = startMs;
  }

  nowMs(): number {
    return this.atMs + this.wallOffsetMs;
  }

  monoMs(): number {
    return this.atMs;
  }

  /** Calls back once, `delayMs` from now; gives back the cancellation. */
  after(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.atMs + Math.round(delayMs), order: (this.order += 1), run };
    let index = this.timers.length;
    while (index > 0 && (this.timers[index - 1] as Timer).atMs <= timer.atMs) index -= 1;
    this.timers.splice(index, 0, timer);
    return () => {
      const found = this.timers.indexOf(timer);
      if (found >= 0) this.timers.splice(found, 1);
    };
  }

  every(periodMs: number, run: () => void): () => void {
    let cancel = (): void => undefined;
    const again = (): void => {
      cancel = this.after(periodMs, () => {
        again();
        run();
      });
    };
    again();
    return () => cancel();
  }

  /** Lets the time pass, with all that falls due in it. */
  async pass(durationMs: number): Promise<void> {
    const endMs = this.atMs + Math.round(durationMs);
    await nextTurn();
    for (let next = this.timers.at(-1); next !== undefined && next.atMs <= endMs; next = this.timers.at(-1)) {
      this.timers.pop();
      this.atMs = next.atMs;
      next.run();
      await nextTurn();
    }
    this.atMs = endMs;
  }
}
