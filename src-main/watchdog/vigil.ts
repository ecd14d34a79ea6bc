// When a watchdog acts (REQUIREMENTS E8). Pure: it is told what was heard and what time it is. It must never act because the watchdog
// itself, or the whole machine, was asleep, and never fail to act because somebody else's clock stands still.

export interface Moment {
  /** Monotonic, ms. */
  readonly monoMs: number;
  /** Wall clock, ms: a machine that slept shows it here where the monotonic clock sleeps too. */
  readonly wallMs: number;
}

/** Between two looks, 100 ms apart, more than so much means that this process slept: the silence of others proves nothing then. */
export const SLEPT_MS = 2000;
/** A machine too busy to look is no excuse for ever: so many times without a heartbeat in between. */
const MOST_EXCUSES = 3;

export type Verdict =
  | { readonly kind: 'quiet' }
  /** Why it acts, in words for the report. */
  | { readonly kind: 'act'; readonly why: string };

const QUIET: Verdict = { kind: 'quiet' };

export class Vigil {
  patienceMs: number;
  private heardAtMs: number;
  private looked: Moment;
  private excuses = 0;
  private debugged = false;
  private gone = false;

  constructor(patienceMs: number, now: Moment) {
    this.patienceMs = patienceMs;
    this.heardAtMs = now.monoMs;
    this.looked = now;
  }

  /** A heartbeat came. */
  heard(now: Moment, debugged: boolean): void {
    this.heardAtMs = now.monoMs;
    this.debugged = debugged;
    this.excuses = 0;
  }

  /** The pipe closed without a goodbye: the process is gone. */
  lost(): void {
    this.gone = true;
  }

  look(now: Moment): Verdict {
    const sleptMs = Math.max(now.monoMs - this.looked.monoMs, now.wallMs - this.looked.wallMs);
    this.looked = now;
    if (!(sleptMs <= SLEPT_MS) && this.excuses < MOST_EXCUSES) {
      this.excuses += 1;
      this.heardAtMs = now.monoMs;
      return QUIET;
    }
    const silentMs = now.monoMs - this.heardAtMs;
    if (silentMs < this.patienceMs || (this.debugged && !this.gone)) return QUIET;
    const silence = `no heartbeat for ${(silentMs / 1000).toFixed(1)} s`;
    return { kind: 'act', why: this.gone ? `the console's process ended without a goodbye, ${silence}` : `the console hung, ${silence}` };
  }
}
