// The life of one console in one process: start it, open its shell, say READY, follow it in the terminal, and close it cleanly when a
// person, a signal or the last window asks. A fault that nobody expected stops trading and says so; it never ends the process.
import { applyDelta } from '../../src-shared/contract/view.ts';
import type { ConsoleView, Snapshot } from '../../src-shared/contract/view.ts';
import type { Log } from '../alerts/port.ts';
import type { ConsoleApi, QuitWish, Shell } from './port.ts';
import { openOrderCount } from './terminal.ts';
import type { Terminal } from './terminal.ts';

const CLOSE_DEADLINE_MS = 15_000;
/**
 * A signal that comes again this soon is the same wish: a terminal signals the whole group, the launcher passes signals on, and a
 * library below `conf` raises each signal a second time (when-exit).
 */
const SAME_WISH_MS = 1_000;
/** Faults that follow one that was dealt with this soon are only counted: its own handling may be what makes them. */
const ONE_STORM_MS = 1_000;

export interface HostPorts {
  readonly shell: Shell;
  start(): Promise<ConsoleApi>;
  readonly terminal: Terminal;
  /** Standard output: the READY line and nothing else. */
  ready(line: string): void;
  readonly log: Log;
  /** Ends the process; the log is flushed inside. */
  exit(code: number): void;
  schedule(run: () => void, delayMs: number): () => void;
  nowMs(): number;
  /** How a closed window is opened again, in words. */
  readonly reopenHint: string;
}

export interface Host {
  /** Settles when the console runs and its shell is open; or has ended the process with a code. */
  run(): Promise<void>;
  /** Closes cleanly; a second call ends at once. */
  quit(why: string): void;
  /** For the process's last resorts: an exception or rejection that nobody caught. Safe to call from within itself, and in a storm. */
  fault(error: unknown): void;
  reopen(): void;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Causes that only a person ends: a console that starts held by them has started. */
const HELD_BY_A_PERSON: ReadonlySet<string> = new Set(['EMERGENCY_STOP', 'COOLING_DOWN']);

/** True once the console may trade, or is kept from it by nothing but an emergency stop that a person must reset. */
export const isReady = (view: ConsoleView): boolean => {
  const { trading, stop } = view.safety;
  if (trading === undefined || stop === undefined || stop.phase === 'DISABLED') return false;
  return trading.causes.every((cause) => cause.code !== 'RECOVERING' && (cause.level !== 'HALTED' || HELD_BY_A_PERSON.has(cause.code)));
};

export const readyLine = (console: ConsoleApi, view: ConsoleView, shell: Shell): string => {
  const { trading, stop } = view.safety;
  const { home, account, venue, socket } = console.addresses;
  return `READY ${JSON.stringify({
    mode: console.status().mode,
    account,
    addresses: venue,
    socket,
    tradingState: trading?.level ?? 'HALTED',
    causes: trading?.causes ?? [],
    stop: stop?.phase ?? 'DISABLED',
    shell: { name: shell.name, lacks: shell.lacks },
    home,
    pid: process.pid,
  })}`;
};

/** Keeps a picture of the console up to date; `onChange` hears every new one. Gives back the newest. */
const follow = (console: ConsoleApi, onChange: (view: ConsoleView) => void): (() => ConsoleView) => {
  const feed = console.subscribe((push) => {
    if (push.kind !== 'deltas') return;
    for (const delta of push.deltas) newest = applyDelta(newest, delta) ?? newest;
    onChange(newest.view);
  });
  let newest: Snapshot = feed.snapshot;
  onChange(newest.view);
  return () => newest.view;
};

export const createHost = (ports: HostPorts): Host => {
  const { shell, terminal, log } = ports;
  let running: ConsoleApi | null = null;
  let starting: Promise<void> | null = null;
  let view: (() => ConsoleView) | null = null;
  let quittingSinceMs: number | null = null;
  let saidReady = false;
  let faultAtMs = Number.NEGATIVE_INFINITY;
  let faultsHeldBack = 0;

  const onChange = (now: ConsoleView): void => {
    terminal.show(now);
    if (saidReady || running === null || !isReady(now)) return;
    saidReady = true;
    ports.ready(readyLine(running, now, shell));
  };

  const start = async (): Promise<void> => {
    try {
      running = await ports.start();
    } catch (error) {
      log.error('start-failed', { error });
      terminal.line(`Holdfast did not start: ${messageOf(error)}`);
      return ports.exit(1);
    }
    view = follow(running, onChange);
    shell.onQuit((wish) => {
      consider(wish).catch((error: unknown) => log.error('quit-not-asked', { error }));
    });
    try {
      await shell.open(running);
    } catch (error) {
      log.error('shell-not-opened', { error });
      terminal.line(
        `The ${shell.name} window could not be opened (${messageOf(error).split('\n')[0]}). The console runs without it. ${ports.reopenHint}`,
      );
    }
  };

  const consider = async (wish: QuitWish): Promise<void> => {
    const open = view === null ? 0 : openOrderCount(view());
    const answer = open === 0 ? 'quit' : await shell.confirmQuit(open, wish);
    if (answer === 'quit') return quit(wish === 'asked' ? 'asked to' : 'the window was closed and no order is open');
    const orders = open === 1 ? '1 order is' : `${open} orders are`;
    terminal.line(`The window is closed and ${orders} open: the console keeps watching. ${ports.reopenHint}`);
  };

  const close = async (): Promise<void> => {
    await starting;
    await shell.close();
    await running?.close();
  };

  const quit = (why: string): void => {
    const nowMs = ports.nowMs();
    if (quittingSinceMs !== null) return nowMs - quittingSinceMs < SAME_WISH_MS ? undefined : ports.exit(130);
    quittingSinceMs = nowMs;
    terminal.line(`closing: ${why} (once more: end at once)`);
    log.info('closing', { why });
    const cancelDeadline = ports.schedule(() => ports.exit(1), CLOSE_DEADLINE_MS);
    close().then(
      () => {
        cancelDeadline();
        terminal.close();
        ports.exit(0);
      },
      (error: unknown) => {
        log.error('close-failed', { error });
        terminal.line(`Closing failed: ${messageOf(error)}`);
        ports.exit(1);
      },
    );
  };

  return {
    run() {
      starting = start();
      return starting;
    },
    quit,
    fault(error) {
      const nowMs = ports.nowMs();
      if (nowMs - faultAtMs < ONE_STORM_MS) {
        faultsHeldBack += 1;
        return;
      }
      const heldBack = faultsHeldBack;
      faultAtMs = nowMs;
      faultsHeldBack = 0;
      // The stop comes before its telling: the terminal or the log may be what is broken.
      if (running !== null && quittingSinceMs === null && running.status().phase !== 'TRIPPED')
        running.trip('watchdog', 'an internal fault; the log has the details');
      log.error('fault', { error, heldBack });
      terminal.line(`FAULT  ${messageOf(error)}. Trading is stopped; the log has the details.`);
      if (running === null) ports.exit(1);
    },
    reopen() {
      shell.reopen().catch((error: unknown) => terminal.line(`The window could not be opened: ${messageOf(error).split('\n')[0]}`));
    },
  };
};
