// How `npm start` ends, however it ends: nothing of it is left behind. Every process that it started carries a mark in its environment.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { makeHome } from './driver.ts';

const LAUNCHER = fileURLToPath(new URL('../../launch.mjs', import.meta.url));
const READY_DEADLINE_MS = 120_000;

interface Started {
  readonly launcher: ChildProcess;
  /** The console's own process. */
  readonly mainPid: number;
  /** Everything that still runs of it, as command lines. */
  left(): readonly string[];
  /** Exit code or signal of the launcher. */
  readonly ended: Promise<number | string>;
  said(): string;
}

let desktop: Desktop;
let place: ReturnType<typeof makeHome>;
let mark: string;
beforeEach(async () => {
  mark = `mark-${randomUUID()}`;
  place = makeHome();
  desktop = await startDesktop();
});
afterEach(async () => {
  for (const pid of marked()) kill(pid, 'SIGKILL');
  await desktop.close();
  place.remove();
});

const fileOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // It ended between the listing and the look.
    return '';
  }
};

/** Processes that carry this test's mark: children inherit it. */
const marked = (): readonly number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && fileOf(`/proc/${name}/environ`).includes(mark))
    .map(Number);

const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};

/** `npm start` in a process group of its own, as a terminal would have it, until it is ready and its window is open. */
const start = async (): Promise<Started> => {
  const launcher = spawn(process.execPath, [LAUNCHER, 'start', '--shell', 'chromium', '--no-gpu', '--seed', '7', '--home', place.home], {
    env: { ...process.env, HOLDFAST_CHROMIUM: CHROMIUM, HOLDFAST_TEST_MARK: mark },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [launcher.stdout, launcher.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = new Promise<number | string>((resolve) => launcher.once('exit', (code, signal) => resolve(signal ?? code ?? -1)));
  const ready = await until('READY', () => /^READY (\{.*\})$/m.exec(said)?.[1], READY_DEADLINE_MS).catch((error: unknown) => {
    throw new Error(said, { cause: error });
  });
  await until('the window', () => (desktop.hasWindow('PRACTICE · ACTIVE') ? true : undefined));
  const left = (): readonly string[] => marked().map((pid) => fileOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 160));
  // The launcher, the console, the browser's many, and the listener for the hotkey.
  expect(left().some((line) => line.includes('hotkey-listener'))).toBe(true);
  expect(left().length).toBeGreaterThan(5);
  return { launcher, mainPid: (JSON.parse(ready) as { pid: number }).pid, left, ended, said: () => said };
};

const expectNothingLeft = async (running: Started): Promise<void> => {
  await until('the last process', () => (running.left().length === 0 ? true : undefined)).catch(() => undefined);
  expect(running.left()).toEqual([]);
};

describe('npm start', () => {
  it('ends as a whole by Ctrl+C, which a terminal sends to the whole group', async () => {
    const running = await start();
    process.kill(-(running.launcher.pid ?? 0), 'SIGINT');
    await running.ended;
    expect(running.said()).toContain('closing: SIGINT');
    await expectNothingLeft(running);
  });

  it('ends as a whole by a SIGTERM to the launcher alone', async () => {
    const running = await start();
    running.launcher.kill('SIGTERM');
    await running.ended;
    expect(running.said()).toContain('closing: SIGTERM');
    await expectNothingLeft(running);
  });

  it('ends when its window is closed and no order is open', async () => {
    const running = await start();
    desktop.press('alt+F4');
    expect(await running.ended).toBe(0);
    expect(running.said()).toContain('the window was closed and no order is open');
    await expectNothingLeft(running);
  });

  it('leaves no window and no listener behind when the console is killed', async () => {
    const running = await start();
    kill(running.mainPid, 'SIGKILL');
    expect(await running.ended).not.toBe(0);
    await expectNothingLeft(running);
  });
});
