// The panic hotkey where there is no Electron: a child process hears the desktop's keyboard (hotkey-listener.ts) and tells of the
// one accelerator. The child may die with the display; the console must not, and says NOT ARMED at once.
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Accelerator } from './accelerator.ts';
import type { ListenerMessage } from './hotkey-listener.ts';
import type { HotkeySource } from './hotkey.ts';

type Env = Readonly<Record<string, string | undefined>>;

const START_DEADLINE_MS = 5_000;
const BY_COMMAND = 'Meanwhile bind a shortcut of your desktop to the command "holdfast stop".';

/** Why this desktop lets no program listen, or undefined when it may. */
export const desktopProblem = (platform: string, env: Env): string | undefined => {
  if (platform !== 'linux') return undefined;
  if (env['WAYLAND_DISPLAY'])
    return `Wayland lets no program hear the keys of other windows. Log in with an X11 session ("on Xorg") and start again. ${BY_COMMAND}`;
  if (!env['DISPLAY']) return 'There is no display, so there is no keyboard to listen to. Use "holdfast stop" on the command line.';
  return undefined;
};

const explain = (platform: string, why: string): string => {
  const fix = platform === 'darwin' ? 'Allow it in System Settings, Privacy & Security, Accessibility, and start again. ' : '';
  return `The keyboard hook does not run (${why}). ${fix}${BY_COMMAND}`;
};

const startListener = (accelerator: Accelerator): ChildProcess => {
  const file = new URL(`./hotkey-listener${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
  return fork(fileURLToPath(file), [JSON.stringify(accelerator)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'], execArgv: [] });
};

export const desktopHotkeySource = (
  platform: string,
  env: Env,
  start: (accelerator: Accelerator) => ChildProcess = startListener,
): HotkeySource => ({
  register(accelerator, listener): Promise<Result<() => void, string>> {
    const problem = desktopProblem(platform, env);
    if (problem !== undefined) return Promise.resolve(fail(problem));
    const child = start(accelerator);
    return new Promise((resolve) => {
      let listening = false;
      let letGo = false;
      const lose = (why: string): void => {
        if (letGo) return;
        letGo = true;
        clearTimeout(deadline);
        child.kill('SIGKILL');
        const text = explain(platform, why);
        if (listening) listener.onLost(text);
        else resolve(fail(text));
      };
      const deadline = setTimeout(() => lose(`no answer within ${START_DEADLINE_MS} ms`), START_DEADLINE_MS);
      const close = (): void => {
        letGo = true;
        if (child.connected) child.disconnect();
      };
      child.on('message', (message: ListenerMessage) => {
        if (letGo) return;
        if (message.kind === 'pressed') listener.onPress(message.atMs);
        else if (message.kind === 'released') listener.onRelease(message.atMs);
        else if (message.kind === 'refused') lose(message.text);
        else {
          listening = true;
          clearTimeout(deadline);
          resolve(ok(close));
        }
      });
      child.once('error', (error) => lose(error.message));
      child.once('exit', (code, signal) => lose(`the listening process ended, ${signal ?? `code ${code}`}`));
    });
  },
});
