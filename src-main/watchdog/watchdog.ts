// The watchdog process (REQUIREMENTS E8): it hears the console's heartbeat, and when that stops it cancels every order over its own
// connection. It sends the exchange nothing while the console lives, keeps the key in memory alone, and outlives whatever ends the console.
import { createInterface } from 'node:readline';
import { readFile, rm } from 'node:fs/promises';
import { Socket } from 'node:net';
import { basename } from 'node:path';
import { lockFile } from '../journal/lock.ts';
import type { FileLock } from '../journal/lock.ts';
import { watchdogLockPath, watchdogRelievedPath } from '../settings/home.ts';
import { clearAll } from './clearing.ts';
import { createDesk } from './desk.ts';
import { lineOf, PIPE_FD, readToWatchdog } from './messages.ts';
import type { Arm, ToConsole, ToWatchdog } from './messages.ts';
import { writeReport } from './report.ts';
import type { WatchdogReport } from './report.ts';
import { Vigil } from './vigil.ts';
import type { Moment } from './vigil.ts';

const LOOK_MS = 100;
/** Every so many heartbeats it says that it hears them. */
const HEARD_EVERY = 20;
const LOCK_PATIENCE_MS = 3000;
const UNARMED_MS = 30_000;
const REPORT_TRIES = 60;
const REPORT_RETRY_MS = 1000;

const now = (): Moment => ({ monoMs: performance.now(), wallMs: Date.now() });
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

class Watchdog {
  private readonly pipe = new Socket({ fd: PIPE_FD, readable: true, writable: true });
  private arm: Arm | null = null;
  private vigil: Vigil | null = null;
  private lock: FileLock | null = null;
  private offsetMs = 0;
  private acting = false;
  private gone = false;
  private relieved = false;
  private writing = Promise.resolve();

  start(): void {
    // The terminal's and the system's signals are the console's to obey: it says goodbye when it ends.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
    this.pipe.on('error', () => undefined);
    this.pipe.once('close', () => this.lost());
    createInterface({ input: this.pipe })
      .on('error', () => undefined)
      .on('line', (line) => this.hear(line));
    setInterval(() => this.look(), LOOK_MS);
    setTimeout(() => {
      if (this.arm === null) this.leave('It was told nothing to watch over.');
    }, UNARMED_MS);
  }

  private say(message: ToConsole): void {
    if (this.pipe.writable) this.pipe.write(lineOf(message));
  }

  private leave(why: string): void {
    this.say({ kind: 'unfit', why });
    this.pipe.end(() => process.exit(3));
  }

  private hear(line: string): void {
    const message = readToWatchdog(line);
    if (message === undefined) return this.leave('It was told something that makes no sense.');
    this.obey(message);
  }

  private obey(message: ToWatchdog): void {
    switch (message.kind) {
      case 'arm':
        void this.take(message);
        return;
      case 'beat':
        this.vigil?.heard(now(), message.debugged);
        this.offsetMs = message.offsetMs;
        if (message.n % HEARD_EVERY === 0 && this.vigil !== null) this.say({ kind: 'heard', n: message.n });
        return;
      case 'goodbye':
        if (this.acting) this.relieved = true;
        else process.exit(0);
    }
  }

  /** The first orders are taken with the lock; later ones take their place, but never under cancels that are on their way. */
  private async take(arm: Arm): Promise<void> {
    if (this.acting) return;
    const isFirst = this.arm === null;
    this.arm = arm;
    // Whoever waits for the lock finds the newest.
    if (!isFirst && this.vigil === null) return;
    if (isFirst && !(await this.takeLock(arm.home))) return this.leave('Another watchdog still stands in for this home.');
    // What told an earlier one to leave, and was not heard in time, is not meant for this one: it must not leave when its own console dies.
    if (isFirst && !this.gone) await rm(watchdogRelievedPath(arm.home), { force: true }).catch(() => undefined);
    if (this.vigil === null) this.vigil = new Vigil(this.arm.patienceMs, now());
    else this.vigil.patienceMs = arm.patienceMs;
    if (this.gone) this.vigil.lost();
    this.say({ kind: 'armed' });
  }

  private async takeLock(home: string): Promise<boolean> {
    const untilMs = performance.now() + LOCK_PATIENCE_MS;
    while (this.lock === null && performance.now() < untilMs) {
      this.lock = lockFile(watchdogLockPath(home)) ?? null;
      if (this.lock === null) await sleep(LOOK_MS);
    }
    return this.lock !== null;
  }

  private lost(): void {
    this.gone = true;
    this.vigil?.lost();
    if (this.arm === null) process.exit(0);
  }

  private look(): void {
    if (this.gone) void this.lookForRelief();
    if (this.vigil === null || this.acting || this.relieved) return;
    const verdict = this.vigil.look(now());
    if (verdict.kind === 'act') void this.act(verdict.why);
  }

  /**
   * A console that starts on this account takes over: before the first cancel nothing has happened. One that starts on another account
   * changes nothing here, where there is still no console: it acts when its patience is over, no sooner, so that a start in the wrong mode
   * can be put right. Taking the file away is its answer.
   */
  private async lookForRelief(): Promise<void> {
    const { arm } = this;
    if (arm === null) return;
    const told = watchdogRelievedPath(arm.home);
    const takenOver = await readFile(told, 'utf8').catch(() => null);
    if (takenOver === null) return;
    // By name: one home may be reached by more than one path.
    if (basename(takenOver) !== basename(arm.reportPath)) {
      if (this.lock !== null) await rm(told, { force: true }).catch(() => undefined);
      return;
    }
    this.relieved = true;
    if (!this.acting) process.exit(0);
  }

  private async act(why: string): Promise<void> {
    const { arm } = this;
    if (arm === null) return;
    this.acting = true;
    this.say({ kind: 'acting', why });
    const desk = createDesk({ venue: arm.venue, offsetMs: this.offsetMs, nowMs: Date.now });
    if (!desk.ok) {
      await this.conclude(arm.reportPath, { ...NOTHING_DONE, atMs: Date.now(), why, problem: desk.error });
      return;
    }
    const report = await clearAll({
      desk: desk.value,
      symbols: arm.symbols,
      keepProtection: arm.keepProtection,
      why,
      giveUpAfterMs: arm.giveUpAfterMs,
      nowMs: Date.now,
      monoMs: () => performance.now(),
      sleep,
      relieved: () => this.relieved,
      isGone: () => this.gone && arm.venue.endsWithConsole,
      tell: (found) => void this.write(arm.reportPath, found),
    });
    await this.conclude(arm.reportPath, report);
  }

  /** One after the other: the newest is what stays. */
  private write(path: string, report: WatchdogReport): Promise<boolean> {
    const done = this.writing
      .then(() => writeReport(path, report))
      .then(
        () => true,
        () => false,
      );
    this.writing = done.then(() => undefined);
    return done;
  }

  /** What cannot be written now, as on a full disk, may be in a moment. */
  private async conclude(path: string, report: WatchdogReport | null): Promise<void> {
    for (let tries = 0; report !== null && tries < REPORT_TRIES && !(await this.write(path, report)); tries += 1)
      await sleep(REPORT_RETRY_MS);
    process.exit(0);
  }
}

const NOTHING_DONE: WatchdogReport = { version: 1, atMs: 0, why: '', canceled: [], kept: [], left: null, problem: '', emptyAfterMs: null };

new Watchdog().start();
