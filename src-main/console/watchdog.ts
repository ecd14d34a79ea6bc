// The console's side of its watchdog (REQUIREMENTS E8): starts it, keeps it alive, sends it the engine's heartbeat, and learns what it
// did. It must never beat by itself: only a turn of the engine says that the engine lives.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import inspector from 'node:inspector';
import type { Socket } from 'node:net';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import type { WatchdogView } from '../../src-shared/contract/view.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { Alerts, Log } from '../alerts/port.ts';
import type { Clock } from '../engine/ports.ts';
import { lockFile } from '../journal/lock.ts';
import { writeAtomic } from '../settings/atomic-file.ts';
import { journalFolder, watchdogLockPath, watchdogRelievedPath } from '../settings/home.ts';
import type { WatchdogCommand } from '../shell/port.ts';
import type { Credentials } from '../venue/signer.ts';
import { lineOf, PIPE_FD, readToConsole } from '../watchdog/messages.ts';
import type { ToWatchdog } from '../watchdog/messages.ts';
import { readReport, removeReport, reportsIn, wordsOf } from '../watchdog/report.ts';

const BEAT_MS = 250;
/** It says every five seconds that it hears; one that is silent for so long is no watchdog. */
const DEAF_MS = 15_000;
/** After a pause of the engine so long, the report is looked for before anything else happens. */
const PAUSED_MS = 1500;
const RESTART_FIRST_MS = 500;
const RESTART_MOST_MS = 30_000;
const GOODBYE_MS = 1000;
const RELIEF_MS = 5000;
const RELIEF_LOOK_MS = 50;
const GIVE_UP_MS = 24 * 3_600_000;
/** What is on loopback is a test's or a drill's, and may be gone for good. */
const GIVE_UP_LOOPBACK_MS = 120_000;

/**
 * Of the console's environment only what a process needs to run and to trust the exchange's certificate: nothing of it is a secret. In
 * Electron it needs the display like any other part of it, and many desktops keep the file that opens that outside the home.
 */
const PASSED_ON = (
  'SystemRoot TEMP TMP HOME USERPROFILE DISPLAY XAUTHORITY WAYLAND_DISPLAY XDG_RUNTIME_DIR XDG_SESSION_TYPE ' +
  'NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR'
).split(' ');

/** What it stands in for: one mode's exchange. */
export interface Watched {
  readonly mode: Mode;
  readonly restUrl: string;
  readonly credentials: Credentials;
  readonly endsWithConsole: boolean;
  readonly symbols: readonly string[];
  readonly reportPath: string;
}

/** What it did, for the engine. */
export interface WatchdogDeed {
  readonly atMs: number;
  readonly why: string;
  readonly text: string;
  readonly complete: boolean;
}

export interface WatchdogSetup {
  /** Null: nobody watches over this console (headless --no-watchdog). */
  readonly command: WatchdogCommand | null;
  readonly home: string;
  readonly clock: Clock;
  readonly alerts: Alerts;
  readonly log: Log;
  readonly watched: () => Watched;
  readonly patienceSeconds: () => number;
  readonly keepsProtection: () => boolean;
  /** True while a stop has not proven everything gone, or an order that must not live is still there. */
  readonly isStopAtWork: () => boolean;
  /** Server time minus local time, ms. */
  readonly offsetMs: () => number;
  /** Tells the engine how the watchdog stands. */
  readonly show: (view: WatchdogView) => void;
  /** Trips the emergency stop, now: the watchdog is cancelling. */
  readonly trip: (reason: string) => void;
  /** Makes true what it did, with a trip where there is none; true once that is on disk. */
  readonly record: (deed: WatchdogDeed) => Promise<boolean>;
}

const isLoopback = (url: string): boolean => /^(127\.|localhost$|\[::1\])/.test(new URL(url).hostname);

/** `elsewhere`: it stands in for another account, and goes on. `silent`: it does not answer, and may still act. */
export type Relief = 'gone' | 'elsewhere' | 'silent';

const isUnwatched = (home: string): boolean => {
  const lock = lockFile(watchdogLockPath(home));
  lock?.release();
  return lock !== undefined;
};

/** Ends the watchdog that an earlier console left behind for the account whose report lies at that path, and waits for its report. */
export const relieveWatchdog = async (home: string, reportPath: string, clock: Pick<Clock, 'monoMs'>): Promise<Relief> => {
  const told = watchdogRelievedPath(home);
  if (!isUnwatched(home)) {
    // Half a name would be another account's. A disk that is full must not keep a console from starting.
    try {
      writeAtomic(told, reportPath);
    } catch {
      return 'silent';
    }
    const untilMs = clock.monoMs() + RELIEF_MS;
    while (!isUnwatched(home)) {
      if (!existsSync(told)) return 'elsewhere';
      if (clock.monoMs() > untilMs) return 'silent';
      await new Promise((resolve) => setTimeout(resolve, RELIEF_LOOK_MS));
    }
  }
  rmSync(told, { force: true });
  return 'gone';
};

const EARLIER: Readonly<Record<Exclude<Relief, 'gone'>, { readonly title: string; readonly text: string }>> = {
  elsewhere: {
    title: 'A watchdog still stands in for another account',
    text: 'An earlier console in another mode, or with another key, ended without a goodbye or with a stop that was not proven. Its watchdog goes on with that account and cancels what is open there. Nobody stands in for this console until it has ended.',
  },
  silent: {
    title: 'An earlier watchdog does not answer',
    text: 'It may still cancel, here or for another account, and nobody stands in for this console until it has ended.',
  },
};

/** What cannot be read is taken for a watchdog that acted, and nobody knows how far it came. */
const deedOf = (found: ReturnType<typeof readReport>, nowMs: number): WatchdogDeed =>
  found.ok && found.value !== null
    ? { atMs: found.value.atMs, why: found.value.why, text: wordsOf(found.value), complete: found.value.emptyAfterMs !== null }
    : {
        atMs: nowMs,
        why: 'it left a report that cannot be read',
        text: `What it cancelled is not known${found.ok ? '' : `: ${found.error}`}. Look at the exchange's own app.`,
        complete: false,
      };

export class WatchdogKeeper {
  private readonly setup: WatchdogSetup;
  private child: ChildProcess | null = null;
  private restartTimer: NodeJS.Timeout | null = null;
  private starts = 0;
  private beats = 0;
  private beatAtMs = 0;
  private tickAtMs: number | null = null;
  private heardAtMs = 0;
  private closed = false;
  /** The one that lives said that it acts: its report is awaited. */
  private acting = false;
  /** One that an earlier console left behind has the lock. */
  private besideEarlier = false;
  /** What was told of other journals' reports, by path. */
  private readonly told = new Map<string, string>();
  private view: WatchdogView = { status: 'off', text: 'Nobody watches over this console (--no-watchdog).', heartbeatAtMs: null };

  constructor(setup: WatchdogSetup) {
    this.setup = setup;
  }

  /** Before anything of a mode is traded: what a watchdog did while nobody was here is made true, then one is started. */
  start(): void {
    this.takeReport();
    this.tellOthers();
    if (this.setup.command === null) this.show(this.view);
    else if (this.child === null) this.spawn(this.setup.command);
    else {
      // Another mode's engine knows nothing of it yet.
      this.show(this.view);
      this.rearm();
    }
  }

  /** What became of the one that an earlier console left behind. */
  follows(relief: Relief): void {
    if (relief === 'gone') return;
    this.besideEarlier = true;
    const { title, text } = EARLIER[relief];
    this.setup.log.warn('watchdog', { text: `${title}. ${text}` });
    this.setup.alerts.raise({ severity: 'danger', key: 'watchdog-earlier', title, text: `${text} Look at the exchange's own app.` });
  }

  /** Why no other mode may be entered now, in words, or null: it might be the account that an earlier watchdog is at work on. */
  heldUp(): string | null {
    if (this.besideEarlier && isUnwatched(this.setup.home)) this.besideEarlier = false;
    return this.besideEarlier
      ? 'The watchdog of an earlier console still stands in for another account: wait until it has ended. One whose key the exchange refuses gives up after a day; its process can be ended before.'
      : null;
  }

  /** Another account is to be taken over: the one that stands in for it leaves. Why that one may not be entered, in words, or null. */
  async makeWay(reportPath: string): Promise<string | null> {
    if (this.heldUp() === null) return null;
    if ((await relieveWatchdog(this.setup.home, reportPath, this.setup.clock)) === 'gone') this.besideEarlier = false;
    return this.heldUp();
  }

  /** Another mode, or another policy. */
  rearm(): void {
    this.send(this.orders());
  }

  /** One turn of the engine. */
  beat(): void {
    const nowMs = this.setup.clock.monoMs();
    const pausedMs = nowMs - (this.tickAtMs ?? nowMs);
    this.tickAtMs = nowMs;
    if (pausedMs > PAUSED_MS) this.wakeUp(nowMs);
    if (this.child === null || nowMs - this.beatAtMs < BEAT_MS) return;
    this.beatAtMs = nowMs;
    this.beats += 1;
    this.send({ kind: 'beat', n: this.beats, offsetMs: this.setup.offsetMs(), debugged: this.isDebugged() });
    if (nowMs - this.heardAtMs > DEAF_MS) this.replace('It does not answer.');
  }

  /** The engine stood still. What it did not hear may lie in the file already: that comes before anything it might do now. */
  private wakeUp(nowMs: number): void {
    this.heardAtMs = nowMs;
    if (existsSync(this.setup.watched().reportPath)) this.alarm('it stood still');
  }

  /** Trips once; what was done in full is told by the report when the watchdog has ended. */
  private alarm(why: string): void {
    if (this.acting) return;
    this.acting = true;
    this.setup.trip(`The watchdog stands in: ${why}`);
  }

  /**
   * Says goodbye: the end of this console is wanted, and its orders stay as they are. What was to be stopped is not left to itself: while
   * that is not proven gone, there is no goodbye, and the watchdog goes on where the console ends.
   */
  async close(): Promise<void> {
    this.closed = true;
    if (this.restartTimer !== null) clearTimeout(this.restartTimer);
    const { child } = this;
    if (child === null || child.exitCode !== null) return;
    if (this.setup.isStopAtWork() && !this.setup.watched().endsWithConsole) return this.handOver(child);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        resolve();
      }, GOODBYE_MS);
      child.once('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.send({ kind: 'goodbye' });
    });
  }

  private handOver(child: ChildProcess): void {
    (child.stdio[PIPE_FD] as Socket | null | undefined)?.destroy();
    const left = this.setup.keepsProtection() ? 'every order but for what protects a position' : 'every order';
    this.setup.alerts.raise({
      severity: 'danger',
      key: 'watchdog-goes-on',
      title: 'The stop is not proven yet',
      text: `The console ends all the same. In ${this.setup.patienceSeconds()} s the watchdog goes on and cancels ${left}, until the next start. Look at the exchange's own app.`,
    });
  }

  /** On mainnet a debugger is no excuse: whoever holds real money still must not leave it alone. */
  private isDebugged(): boolean {
    return this.setup.watched().mode !== 'mainnet' && inspector.url() !== undefined;
  }

  private orders(): ToWatchdog {
    const { restUrl, credentials, endsWithConsole, symbols, reportPath } = this.setup.watched();
    return {
      kind: 'arm',
      venue: { restUrl, apiKey: credentials.apiKey, secret: credentials.secret, signature: credentials.kind, endsWithConsole },
      symbols: [...symbols],
      keepProtection: this.setup.keepsProtection(),
      patienceMs: this.setup.patienceSeconds() * 1000,
      giveUpAfterMs: isLoopback(restUrl) ? GIVE_UP_LOOPBACK_MS : GIVE_UP_MS,
      home: this.setup.home,
      reportPath,
    };
  }

  private spawn(command: WatchdogCommand): void {
    this.show({ status: 'starting', text: 'The watchdog is being started.', heartbeatAtMs: null });
    const env = Object.fromEntries(PASSED_ON.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
    // In a session of its own: what ends the console's terminal must not end it.
    const child = spawn(command.file, command.args, {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
      detached: true,
      windowsHide: true,
      cwd: this.setup.home,
      env,
    });
    this.child = child;
    this.acting = false;
    this.heardAtMs = this.setup.clock.monoMs();
    let why = '';
    child.once('error', (error) => this.ended(child, `It could not be started: ${error.message}.`));
    child.once('exit', (code, signal) => this.ended(child, why || `It ended by itself (${signal ?? `code ${code ?? 'unknown'}`}).`));
    child.unref();
    const pipe = child.stdio[PIPE_FD] as Socket | null | undefined;
    if (!pipe) return;
    pipe.unref();
    pipe.on('error', (error: Error) => this.setup.log.warn('watchdog-pipe', { text: error.message }));
    createInterface({ input: pipe })
      // What breaks the pipe ends the process as well, and that is dealt with.
      .on('error', () => undefined)
      .on('line', (line) => {
        const message = readToConsole(line);
        if (message?.kind === 'unfit') ({ why } = message);
        this.hear(child, message);
      });
    this.send(this.orders());
  }

  private hear(child: ChildProcess, message: ReturnType<typeof readToConsole>): void {
    if (child !== this.child || message === undefined) return;
    const { clock } = this.setup;
    this.heardAtMs = clock.monoMs();
    switch (message.kind) {
      case 'armed':
        // It has the lock: whoever had it before is done, and may have left a report.
        this.besideEarlier = false;
        this.tellOthers();
        this.watching();
        return;
      case 'heard':
        this.starts = 0;
        this.watching();
        return;
      case 'acting':
        this.alarm(message.why);
        return;
      case 'unfit':
    }
  }

  private watching(): void {
    const seconds = this.setup.patienceSeconds();
    const excuse = this.isDebugged() ? ' A debugger may hold the console: silence alone is no reason now.' : '';
    this.show({
      status: 'watching',
      text: `It cancels every order${this.setup.keepsProtection() ? ', but for what protects a position,' : ''} if this console is silent for ${seconds} s, or ends without a goodbye.${excuse}`,
      heartbeatAtMs: this.setup.clock.nowMs(),
    });
  }

  private ended(child: ChildProcess, why: string): void {
    if (child !== this.child || this.closed) return;
    this.child = null;
    const acted = this.takeReport() || this.acting;
    const { alerts, log, command } = this.setup;
    const waitMs = acted ? 0 : Math.min(RESTART_MOST_MS, RESTART_FIRST_MS * 2 ** Math.min(this.starts, 10));
    const text = `${why} Nothing stands in for this console until it runs again; it is started once more in ${(waitMs / 1000).toFixed(1)} s.`;
    this.show({ status: 'gone', text, heartbeatAtMs: this.view.heartbeatAtMs });
    log.warn('watchdog', { text });
    if (!acted) alerts.raise({ severity: 'warning', key: 'watchdog', title: 'The watchdog is gone', text });
    this.starts += 1;
    this.restartTimer = setTimeout(() => {
      if (!this.closed && command !== null) this.spawn(command);
    }, waitMs);
    this.restartTimer.unref();
  }

  private replace(why: string): void {
    const { child } = this;
    if (child === null) return;
    child.kill('SIGKILL');
    this.ended(child, why);
  }

  /** Makes true what the report says; false when there is none. It is taken away once that is on disk. */
  private takeReport(): boolean {
    const { reportPath } = this.setup.watched();
    const found = readReport(reportPath);
    if (found.ok && found.value === null) return false;
    void this.record(deedOf(found, this.setup.clock.nowMs()), reportPath);
    return true;
  }

  /** What was done for another account stays beside its journal, so that the start that opens that one trips: until then it is told here. */
  private tellOthers(): void {
    const { home, watched, clock, alerts, log } = this.setup;
    const own = basename(watched().reportPath);
    for (const path of reportsIn(journalFolder(home)).filter((one) => basename(one) !== own)) {
      const journal = basename(path).replace(/\..*/, '');
      const { why, text } = deedOf(readReport(path), clock.nowMs());
      if (this.told.get(path) === text) continue;
      this.told.set(path, text);
      log.warn('watchdog-elsewhere', { journal, why, text });
      alerts.raise({
        severity: 'danger',
        key: `watchdog-elsewhere:${journal}`,
        title: 'A watchdog stood in for another account',
        text: `${journal}: because ${why}. ${text} The stop trips there as soon as the console runs with that account. Look at the exchange's own app.`,
      });
    }
  }

  private async record(deed: WatchdogDeed, reportPath: string): Promise<void> {
    const { alerts, log } = this.setup;
    alerts.raise({ severity: 'danger', key: 'watchdog-acted', title: 'The watchdog stood in', text: `Because ${deed.why}. ${deed.text}` });
    log.warn('watchdog-acted', { ...deed });
    if (!(await this.setup.record(deed))) return;
    try {
      removeReport(reportPath);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const text = `${reportPath}: ${why}. Until it is deleted the stop trips at each start.`;
      alerts.raise({ severity: 'warning', key: 'watchdog-report', title: 'The watchdog’s report cannot be taken away', text });
    }
  }

  private show(view: WatchdogView): void {
    this.view = view;
    this.setup.show(view);
  }

  private send(message: ToWatchdog): void {
    const pipe = this.child?.stdio[PIPE_FD] as Socket | null | undefined;
    if (pipe?.writable === true) pipe.write(lineOf(message));
  }
}
