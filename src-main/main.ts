// The console in Electron: hands Electron's parts to the shell and runs the composition in the main process. Only this file and
// shell/electron may import `electron` (electron-store does, too).
import { randomInt } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as electron from 'electron';
import Store from 'electron-store';
import { createAlerts } from './alerts/alerts.ts';
import { openLog } from './alerts/log.ts';
import { startConsole } from './console.ts';
import { homeOf, prepareHome } from './settings/home.ts';
import { prepare } from './shell/electron/guards.ts';
import { createElectronShell } from './shell/electron/shell.ts';
import { ending } from './shell/ending.ts';
import { createHost } from './shell/host.ts';
import { MAX_SEED, parseCommandLine } from './shell/options.ts';
import type { CommandLine } from './shell/options.ts';
import { createTerminal, writerTo } from './shell/terminal.ts';
import { schedule } from './shell/timers.ts';

const { app } = electron;
const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Electron's runtime is no plain Node once it is packed (N2: its fuse is off): the program itself is the watchdog, with no window. */
const WATCHDOG_WORD = '--as-watchdog';
const WATCHDOG = { file: process.execPath, args: [...(app.isPackaged ? [] : process.argv.slice(1, 2)), WATCHDOG_WORD] };

const standBy = async (): Promise<void> => {
  app.disableHardwareAcceleration();
  app.dock?.hide();
  await import('./watchdog/watchdog.ts');
};

const start = async (options: CommandLine): Promise<void> => {
  const home = homeOf(options.home ?? undefined);
  prepareHome(home);
  // One window's data, and so one instance, for each home.
  app.setPath('userData', join(home, 'electron'));
  const terminal = createTerminal(process.stderr);
  const print = writerTo(process.stdout);
  if (!app.requestSingleInstanceLock()) {
    terminal.line('A console runs on this home already; its window comes to the front.');
    return app.exit(0);
  }
  const log = openLog({ dir: join(home, 'logs'), level: 'info', onBroken: (text) => terminal.line(text) });
  await app.whenReady();
  const store = new Store<{ bounds: Partial<electron.Rectangle> }>({ name: 'window', defaults: { bounds: {} } });
  const shell = createElectronShell(electron, {
    pageRoot: at('../src-renderer/'),
    preloadFile: at('./shell/electron/preload.cjs'),
    iconFile: at('../assets/icons/icon.png'),
    user: userInfo().username,
    bounds: { load: () => store.get('bounds'), save: (bounds) => store.set('bounds', bounds) },
    log,
  });
  const alerts = createAlerts({
    line: (text) => terminal.line(text),
    log,
    nowMs: () => performance.now(),
    schedule,
  });
  const host = createHost({
    shell,
    start: () => startConsole({ ...options, home, alerts, log, watchdog: WATCHDOG }, shell),
    terminal,
    ready: (line) => print(`${line}\n`),
    log,
    exit: ending({ log, schedule, exit: (code) => app.exit(code) }),
    schedule,
    nowMs: () => performance.now(),
    reopenHint: 'The tray opens it again.',
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => host.quit(signal));
  process.on('uncaughtException', (error) => host.fault(error));
  process.on('unhandledRejection', (error) => host.fault(error));
  await host.run();
};

const words = process.argv.slice(app.isPackaged ? 1 : 2);
const isWatchdog = words.includes(WATCHDOG_WORD);
if (!isWatchdog) prepare(app, electron.protocol);
const parsed = parseCommandLine(isWatchdog ? [] : words, { shell: 'electron', seed: randomInt(MAX_SEED) });
if (isWatchdog) {
  await standBy();
} else if (parsed.kind === 'stop' || parsed.options.shell !== 'electron') {
  process.stderr.write(`${parsed.kind === 'stop' ? parsed.text : 'error: Electron hosts the electron shell only; use npm start.'}\n`);
  app.exit(parsed.kind === 'stop' ? parsed.exitCode : 2);
} else {
  start(parsed.options).catch((error: unknown) => {
    process.stderr.write(`Holdfast did not start: ${error instanceof Error ? error.message : String(error)}\n`);
    app.exit(1);
  });
}
