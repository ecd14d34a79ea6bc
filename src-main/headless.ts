// The console in a plain Node process: the chromium or the headless shell, the terminal, signals and exit codes (0 closed, 1 did not
// start, 2 bad argument, 130 forced). It wires the composition to that process and decides nothing about trading.
import { randomInt } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAlerts } from './alerts/alerts.ts';
import { openLog } from './alerts/log.ts';
import type { Log } from './alerts/port.ts';
import { startConsole } from './console.ts';
import { homeOf, prepareHome } from './settings/home.ts';
import { createChromiumShell } from './shell/chromium/shell.ts';
import { createHeadlessShell } from './shell/headless.ts';
import { ending } from './shell/ending.ts';
import { createHost } from './shell/host.ts';
import type { Host } from './shell/host.ts';
import { desktopHotkeySource } from './shell/hotkey-desktop.ts';
import { MAX_SEED, parseCommandLine } from './shell/options.ts';
import type { CommandLine } from './shell/options.ts';
import type { Shell, WatchdogCommand } from './shell/port.ts';
import { createTerminal, writerTo } from './shell/terminal.ts';
import { schedule } from './shell/timers.ts';

/** The built window; sources run beside dist, compiled files inside it. */
const pageRoot = (): string =>
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../dist/src-renderer/' : '../src-renderer/', import.meta.url));

/** The watchdog runs in the same Node as the console. */
const watchdogCommand = (): WatchdogCommand => ({
  file: process.execPath,
  args: [fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './watchdog/watchdog.ts' : './watchdog/watchdog.js', import.meta.url))],
});

const isRoot = (): boolean => process.getuid?.() === 0;

const shellOf = (options: CommandLine, home: string, log: Log): Shell => {
  const hotkeySource = desktopHotkeySource(process.platform, process.env);
  if (options.shell === 'headless') return createHeadlessShell(hotkeySource);
  const binary = process.env['HOLDFAST_CHROMIUM'];
  if (!binary) throw new Error('HOLDFAST_CHROMIUM names no browser. "npm start" finds an installed Chromium and names it.');
  return createChromiumShell({
    binary,
    profileDir: join(home, 'chromium'),
    pageRoot: pageRoot(),
    user: userInfo().username,
    sandbox: !isRoot(),
    extraFlags: options.gpu ? [] : ['--disable-gpu'],
    why: process.env['HOLDFAST_SHELL_WHY'] ?? '',
    hotkeySource,
    log,
  });
};

const main = async (args: readonly string[]): Promise<void> => {
  const parsed = parseCommandLine(args, { shell: 'headless', seed: randomInt(MAX_SEED) });
  if (parsed.kind === 'stop') return leave(parsed.text, parsed.exitCode);
  const { options } = parsed;
  if (options.shell === 'electron')
    return leave('error: the electron shell is started by Electron itself: npm start -- --shell electron', 2);

  const home = homeOf(options.home ?? undefined);
  prepareHome(home);
  const terminal = createTerminal(process.stderr);
  const print = writerTo(process.stdout);
  const log = openLog({ dir: join(home, 'logs'), level: 'info', onBroken: (text) => terminal.line(text) });
  const shell = shellOf(options, home, log);
  const alerts = createAlerts({
    line: (text) => terminal.line(text),
    log,
    nowMs: () => performance.now(),
    schedule,
  });
  const bell = shell.name === 'headless' ? { bell: () => terminal.bell() } : {};
  const host = createHost({
    shell,
    start: () => startConsole({ ...options, home, alerts, log, watchdog: options.watchdog ? watchdogCommand() : null, ...bell }, shell),
    terminal,
    ready: (line) => print(`${line}\n`),
    log,
    exit: ending({ log, schedule, exit: (code) => process.exit(code) }),
    schedule,
    nowMs: () => performance.now(),
    reopenHint: `${howToReopen(shell)}"holdfast stop" stops trading; Ctrl+C or SIGTERM ends the console.`,
  });
  obey(host, shell);
  await host.run();
};

const howToReopen = (shell: Shell): string => {
  if (shell.name === 'headless') return '';
  return process.stdin.isTTY ? 'Press Enter to open the window again. ' : `"kill -USR2 ${process.pid}" opens the window again. `;
};

const obey = (host: Host, shell: Shell): void => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => host.quit(signal));
  process.on('uncaughtException', (error) => host.fault(error));
  process.on('unhandledRejection', (error) => host.fault(error));
  if (shell.name === 'headless') return;
  if (process.platform !== 'win32') process.on('SIGUSR2', () => host.reopen());
  if (process.stdin.isTTY) process.stdin.unref().on('data', () => host.reopen());
};

const leave = (text: string, exitCode: number): void => {
  (exitCode === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exitCode = exitCode;
};

await main(process.argv.slice(2));
