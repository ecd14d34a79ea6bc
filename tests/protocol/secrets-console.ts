// A console in a process of its own, put together as headless.ts does it, with a window whose other end is this process' standard input
// and output: a line in is a call of the page, a line out is a message that the page gets. So a test sees every one of them.
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { createAlerts } from '../../src-main/alerts/alerts.ts';
import { openLog } from '../../src-main/alerts/log.ts';
import { startConsole } from '../../src-main/console.ts';
import { createWindowSession } from '../../src-main/ipc/window-session.ts';
import { prepareHome } from '../../src-main/settings/home.ts';
import { ending } from '../../src-main/shell/ending.ts';
import { createHeadlessShell } from '../../src-main/shell/headless.ts';
import { createHost } from '../../src-main/shell/host.ts';
import { parseCommandLine } from '../../src-main/shell/options.ts';
import type { ConsoleApi, Shell } from '../../src-main/shell/port.ts';
import { createTerminal, writerTo } from '../../src-main/shell/terminal.ts';
import { schedule } from '../../src-main/shell/timers.ts';
import { fail } from '../../src-shared/errors/result.ts';

const parsed = parseCommandLine(process.argv.slice(2), { shell: 'headless', seed: 5 });
if (parsed.kind === 'stop' || parsed.options.home === null) throw new Error(parsed.kind === 'stop' ? parsed.text : 'no home');
const { options } = parsed;
const home = parsed.options.home;
prepareHome(home);
const terminal = createTerminal(process.stderr);
const print = writerTo(process.stdout);
const say = (message: object): void => print(`${JSON.stringify(message)}\n`);
const log = openLog({ dir: join(home, 'logs'), level: 'debug', onBroken: (text) => terminal.line(text) });
const bare = createHeadlessShell({ register: () => Promise.resolve(fail('There is no keyboard.')) });

const openWindow = (console: ConsoleApi): void => {
  const window = createWindowSession(console, {
    user: userInfo().username,
    send: (pushes) => Promise.resolve(say({ pushes })),
    nowMs: () => performance.now(),
    schedule,
    onFault: (name, error) => log.error('window-call', { name, error }),
  });
  createInterface({ input: process.stdin }).on('line', (line) => {
    const { id, name, input } = JSON.parse(line) as { id: number; name: unknown; input: unknown };
    void window.call(name, input).then((answer) => say({ id, answer }));
  });
};

const shell: Shell = {
  ...bare,
  async open(console) {
    openWindow(console);
    await bare.open(console);
  },
};
const watchdog = {
  file: process.execPath,
  args: [fileURLToPath(new URL('../../src-main/watchdog/watchdog.ts', import.meta.url))],
};
const alerts = createAlerts({ line: (text) => terminal.line(text), log, nowMs: () => performance.now(), schedule });
const host = createHost({
  shell,
  start: () => startConsole({ ...options, home, alerts, log, watchdog, bell: () => terminal.bell() }, shell),
  terminal,
  ready: (line) => say({ ready: line }),
  log,
  exit: ending({ log, schedule, exit: (code) => process.exit(code) }),
  schedule,
  nowMs: () => performance.now(),
  reopenHint: '',
});
process.on('SIGTERM', () => host.quit('SIGTERM'));
process.on('uncaughtException', (error) => host.fault(error));
process.on('unhandledRejection', (error) => host.fault(error));
await host.run();
