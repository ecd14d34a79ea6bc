// Time that a test owns: nothing happens until it is run on, and then in the order of time. Between two events every promise settles,
// so that a seed gives one history on every machine. It never waits for a real clock.
import { setImmediate as nextTurn } from 'node:timers/promises';

interface Timer {
  readonly atMs: number;
  readonly run: () => void;
  cancelled: boolean;
}

/** What setTimeout gives back, as far as anybody here uses it. */
class Handle {
  readonly cancel: () => void;
  constructor(cancel: () => void) {
    this.cancel = cancel;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

const REAL = { clearTimeout: globalThis.clearTimeout, clearInterval: globalThis.clearInterval };

export class VirtualTime {
  private atMs: number;
  /** Sorted, the next one last. */
  private readonly timers: Timer[] = [];
  /** What this machine's wall clock shows beside true time: a test may set it forth or back. */
  wallOffsetMs = 0;
  /** How fast that clock gains on true time (or loses), in millionths, since the moment below. */
  private driftPpm = 0;
  private driftSinceMs: number;

  constructor(startMs: number) {
    this.atMs = startMs;
    this.driftSinceMs = startMs;
  }

  /** The console's wall clock. */
  nowMs(): number {
    return Math.round(this.atMs + this.wallOffsetMs + ((this.atMs - this.driftSinceMs) * this.driftPpm) / 1e6);
  }

  /** The world's time: the exchange's clock is always right. */
  trueMs(): number {
    return this.atMs;
  }

  monoMs(): number {
    return this.atMs;
  }

  /** Sets the wall clock beside true time, and how it drifts from now on. */
  setWall(offsetMs: number, driftPpm: number): void {
    this.wallOffsetMs = offsetMs;
    this.driftPpm = driftPpm;
    this.driftSinceMs = this.atMs;
  }

  /** Calls back once, `delayMs` from now; gives back the cancellation. */
  after(delayMs: number, run: () => void): () => void {
    const timer: Timer = { atMs: this.atMs + Math.round(delayMs), run, cancelled: false };
    let index = this.timers.length;
    while (index > 0 && (this.timers[index - 1] as Timer).atMs <= timer.atMs) index -= 1;
    this.timers.splice(index, 0, timer);
    return () => {
      timer.cancelled = true;
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
      if (next.cancelled) continue;
      this.atMs = next.atMs;
      next.run();
      await nextTurn();
    }
    this.atMs = endMs;
  }

  /**
   * The real code under test (the composition's core, the adapter's streams and requests) uses the process's setTimeout and
   * setInterval: from here on those run on this time. The test's own runner keeps the ones that it took at its start.
   */
  takeOver(): void {
    const once = (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]): Handle =>
      new Handle(this.after(Math.max(1, delayMs), () => run(...args)));
    const again = (run: (...args: unknown[]) => void, delayMs = 0, ...args: unknown[]): Handle =>
      new Handle(this.every(Math.max(1, delayMs), () => run(...args)));
    Object.assign(globalThis, {
      setTimeout: once,
      setInterval: again,
      clearTimeout: (handle: unknown) => (handle instanceof Handle ? handle.cancel() : REAL.clearTimeout(handle as NodeJS.Timeout)),
      clearInterval: (handle: unknown) => (handle instanceof Handle ? handle.cancel() : REAL.clearInterval(handle as NodeJS.Timeout)),
    });
  }
}
