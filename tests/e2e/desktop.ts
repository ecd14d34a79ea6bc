// A desktop of its own for a test: an X server without a screen, a window manager, real key presses. Nothing of the machine's own
// desktop is touched.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { chromium } from 'playwright';

export const CHROMIUM = process.env['HOLDFAST_CHROMIUM'] ?? '/usr/bin/chromium';
const STEP_MS = 50;
const DEADLINE_MS = 20_000;

/** Waits until `look` gives a value; fails with `what` after the deadline. */
export const until = async <T>(what: string, look: () => T | undefined | Promise<T | undefined>, deadlineMs = DEADLINE_MS): Promise<T> => {
  const endMs = performance.now() + deadlineMs;
  for (;;) {
    const value = await look();
    if (value !== undefined) return value;
    if (performance.now() > endMs) throw new Error(`Waited ${deadlineMs} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
};

export interface Desktop {
  readonly display: string;
  /** Presses keys as a keyboard would, whichever window has the focus: `ctrl+shift+F12`. */
  press(keys: string): void;
  /** The title of the window that has the keyboard, as the X server says. (A page under test always believes that it has it.) */
  focusedTitle(): string;
  /** Whether a window shows whose title has this text. */
  hasWindow(title: string): boolean;
  close(): Promise<void>;
}

const end = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });

const displayOf = (server: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = '';
    (server.stdio[3] as Readable).on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(`:${text.trim()}`);
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`Xvfb ended with ${code ?? 'a signal'}`)));
  });

/** Starts the desktop and makes it this process's own (`DISPLAY`) until it is closed. */
export const startDesktop = async (size = '1920x1080'): Promise<Desktop> => {
  const server = spawn('Xvfb', ['-displayfd', '3', '-noreset', '-screen', '0', `${size}x24`, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const display = await displayOf(server);
  const before = { display: process.env['DISPLAY'], wayland: process.env['WAYLAND_DISPLAY'] };
  process.env['DISPLAY'] = display;
  delete process.env['WAYLAND_DISPLAY'];
  const xdotool = (...args: readonly string[]): string =>
    execFileSync('xdotool', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  const manager = spawn('openbox', [], { stdio: 'ignore' });
  const close = async (): Promise<void> => {
    await end(manager);
    await end(server);
    if (before.display === undefined) delete process.env['DISPLAY'];
    else process.env['DISPLAY'] = before.display;
    if (before.wayland !== undefined) process.env['WAYLAND_DISPLAY'] = before.wayland;
  };
  await until('the window manager', () => {
    try {
      return xdotool('get_desktop');
    } catch {
      // Not answering yet: that is what is waited for.
      return undefined;
    }
  }).catch(async (error: unknown) => {
    // Nobody else knows of these two processes yet.
    await close();
    throw error;
  });
  return {
    display,
    press: (keys) => void xdotool('key', keys),
    hasWindow: (title) => spawnSync('xdotool', ['search', '--onlyvisible', '--name', title]).status === 0,
    focusedTitle: () => xdotool('getwindowfocus', 'getwindowname'),
    close,
  };
};

export interface OtherWindow {
  readonly title: string;
  close(): Promise<void>;
}

/** Some other program's window, opened on top and focused: a second browser with a text field. */
export const openOtherWindow = async (desktop: Desktop): Promise<OtherWindow> => {
  const profile = mkdtempSync(join(tmpdir(), 'holdfast-other-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: false,
    viewport: null,
    chromiumSandbox: false,
    args: [
      '--app=data:text/html,<title>Another program</title><input autofocus>',
      '--window-size=500,300',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--host-resolver-rules=MAP * ~NOTFOUND',
    ],
  });
  const title = 'Another program';
  await until('the focus in the other window', () => (desktop.focusedTitle() === title ? true : undefined));
  return {
    title,
    async close() {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
};
