// One slow way out: alerts wait here while a carrier works, a few at a time in one message. Each is tried so often and no more, each try
// has its deadline, and nobody who raises an alert ever waits. What is given up is counted and told.
import { fail } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { CarryFailure, Carrier } from './carrier.ts';
import type { LimitPorts } from './limit.ts';
import type { DatedAlert } from './message.ts';
import { isAboutOutlet } from './outlets.ts';

export interface OutboxPorts extends Pick<LimitPorts, 'schedule'> {
  readonly carrier: Carrier;
  /** Wall clock. */
  nowMs(): number;
  /**
   * The state has changed. `lost`: so many alerts were given up just now. An alert about another way is not among them: two ways that
   * fail would call each other for ever.
   */
  changed(lost: number): void;
}

export interface OutboxState {
  /** What went wrong with the newest try; empty: nothing. */
  readonly problem: string;
  readonly deliveredAtMs: number | null;
  readonly waiting: number;
  /** Given up since the start. */
  readonly lost: number;
}

export const MAX_WAITING = 100;
export const MAX_A_MESSAGE = 20;
export const TRIES = 4;
export const PAUSE_MS = 1_000;
/** Before the second, third and fourth try in a row that fails, and each further one. */
export const RETRY_MS: readonly number[] = [2_000, 8_000, 30_000];
const DEADLINE_MS = 10_000;

interface Entry {
  readonly alert: DatedAlert;
  tries: number;
}

export class Outbox {
  private readonly ports: OutboxPorts;
  private entries: Entry[] = [];
  private problem = '';
  private deliveredAtMs: number | null = null;
  private lost = 0;
  private failures = 0;
  private busy = false;
  private closed = false;
  private readonly ending = new AbortController();
  private idle: () => void = () => undefined;

  constructor(ports: OutboxPorts) {
    this.ports = ports;
  }

  get state(): OutboxState {
    return { problem: this.problem, deliveredAtMs: this.deliveredAtMs, waiting: this.entries.length, lost: this.lost };
  }

  /** Takes an alert in; a full box loses its oldest that is no danger. */
  push(alert: DatedAlert): void {
    if (this.closed) return;
    this.entries.push({ alert, tries: 0 });
    if (this.entries.length > MAX_WAITING) {
      const oldest = this.entries.findIndex((entry) => entry.alert.severity !== 'danger');
      this.entries.splice(Math.max(0, oldest), 1);
      this.lost += 1;
    }
    this.work();
  }

  /** One try of its own, for a person who waits: what came of it in words. */
  async test(alert: DatedAlert): Promise<Result<void, string>> {
    const carried = await this.carry([alert]);
    this.note(carried);
    this.ports.changed(0);
    return carried.ok ? carried : fail(carried.error.text);
  }

  /** Lets what waits go out for at most this long (one more try), then gives up. */
  async close(withinMs: number): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.idle = resolve;
    });
    const wait = setTimeout(() => this.end(), withinMs);
    if (this.entries.length === 0 && !this.busy) this.end();
    await done;
    clearTimeout(wait);
  }

  private end(): void {
    this.closed = true;
    this.ending.abort();
    this.idle();
  }

  private work(): void {
    if (this.busy || this.closed || this.entries.length === 0) return;
    this.busy = true;
    void this.turn().then((pauseMs) => {
      this.ports.schedule(() => {
        this.busy = false;
        if (this.entries.length === 0) this.idle();
        this.work();
      }, pauseMs);
      if (this.entries.length === 0) this.idle();
    });
  }

  /** One message; gives back how long to wait before the next one. */
  private async turn(): Promise<number> {
    const batch = this.entries.slice(0, MAX_A_MESSAGE);
    const carried = await this.carry(batch.map(({ alert }) => alert));
    const isFinal = !carried.ok && carried.error.kind !== 'again';
    for (const entry of batch) entry.tries += 1;
    const over = new Set(batch.filter(({ tries }) => carried.ok || isFinal || tries >= TRIES));
    this.entries = this.entries.filter((entry) => !over.has(entry));
    // What has nowhere to go was not lost on the way.
    const lost = carried.ok || carried.error.kind === 'unset' ? [] : [...over];
    this.lost += lost.length;
    this.note(carried);
    this.ports.changed(lost.filter(({ alert }) => !isAboutOutlet(alert)).length);
    if (carried.ok) return PAUSE_MS;
    return carried.error.waitMs ?? RETRY_MS[Math.min(this.failures, RETRY_MS.length) - 1] ?? PAUSE_MS;
  }

  private note(carried: Result<void, CarryFailure>): void {
    if (carried.ok) this.deliveredAtMs = this.ports.nowMs();
    const isFailure = !carried.ok && carried.error.kind !== 'unset';
    this.problem = isFailure ? carried.error.text : '';
    this.failures = isFailure ? this.failures + 1 : 0;
  }

  private async carry(alerts: readonly DatedAlert[]): Promise<Result<void, CarryFailure>> {
    try {
      return await this.ports.carrier.carry(alerts, AbortSignal.any([AbortSignal.timeout(DEADLINE_MS), this.ending.signal]));
    } catch {
      // A carrier never rejects; should one all the same, its words may hold what must not be told.
      return fail({ kind: 'again', text: 'It failed in a way of its own.' });
    }
  }
}
