// The built console as a process of its own, as the launcher starts it: READY, exit codes, signals, a real key press, a second start.
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CHROMIUM, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';
import { makeHome } from './driver.ts';

const dist = (path: string): string => fileURLToPath(new URL(`../../dist/src-main/${path}`, import.meta.url));

interface Running {
  readonly child: ChildProcess;
  out(): string;
  err(): string;
  ready(): Promise<Record<string, unknown>>;
  readonly ended: () => Promise<number | string>;
}

let place: ReturnType<typeof makeHome>;
let started: Running[] = [];
beforeEach(() => {
  place = makeHome();
});
afterEach(async () => {
  for (const { child, ended } of started) {
    child.kill('SIGKILL');
    await ended();
  }
  started = [];
  place.remove();
});

const run = (script: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Running => {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', dist(script), ...args], {
    env: { ...process.env, HOLDFAST_CHROMIUM: CHROMIUM, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const end = new Promise<number | string>((resolve) => child.once('close', (code, signal) => resolve(signal ?? code ?? -1)));
  const running: Running = {
    child,
    out: () => said.out,
    err: () => said.err,
    ended: () => end,
    ready: async () => {
      const line = await until(`READY (standard error: ${said.err})`, () => /^READY (\{.*\})$/m.exec(said.out)?.[1], 60_000);
      return JSON.parse(line) as Record<string, unknown>;
    },
  };
  started.push(running);
  return running;
};

const start = (...args: readonly string[]): Running => run('headless.js', ['--home', place.home, '--seed', '7', ...args]);
const cli = async (...args: readonly string[]): Promise<{ code: number | string; json: Record<string, unknown> }> => {
  const running = run('control/cli.js', [...args, '--json', '--home', place.home]);
  const code = await running.ended();
  return { code, json: JSON.parse(running.out() || '{}') as Record<string, unknown> };
};

const WITHOUT_DISPLAY = { DISPLAY: '', WAYLAND_DISPLAY: '' };

describe('headless', () => {
  it('says READY once, alone on standard output, and closes cleanly on SIGTERM', async () => {
    const console = run('headless.js', ['--headless', '--home', place.home], WITHOUT_DISPLAY);
    expect(await console.ready()).toMatchObject({
      mode: 'practice',
      tradingState: 'ACTIVE',
      stop: 'ARMED',
      home: place.home,
      pid: console.child.pid,
    });
    console.child.kill('SIGTERM');
    expect(await console.ended()).toBe(0);
    expect(console.out().trim().split('\n')).toHaveLength(1);
    expect(console.err()).toMatch(/PRACTICE · ACTIVE · stop ARMED\n/);
    const log = join(place.home, 'logs', 'holdfast.log');
    expect(existsSync(log) && readFileSync(log, 'utf8')).toContain('"closing"');
  });

  it('killed while tripped starts TRIPPED, says READY all the same, and says that it is (E6)', async () => {
    const first = start();
    await first.ready();
    expect((await cli('stop', '--reason', 'test')).code).toBe(0);
    first.child.kill('SIGKILL');
    await first.ended();
    expect(await start().ready()).toMatchObject({ tradingState: 'HALTED', stop: 'TRIPPED', causes: [{ code: 'EMERGENCY_STOP' }] });
  });

  it('refuses a home that another console has, and leaves that one alone', async () => {
    const first = start();
    await first.ready();
    const second = start();
    expect(await second.ended()).toBe(1);
    expect(second.err()).toMatch(/did not start: .*another console/i);
    expect(first.child.exitCode).toBeNull();
    expect((await cli('status')).code).toBe(0);
  });

  it('does not start on a bad argument or a feed that is not there', async () => {
    const bad = start('--seed', 'seven');
    expect([await bad.ended(), bad.out()]).toEqual([2, '']);
    expect(bad.err()).toContain('--seed');
    const missing = start('--feed', 'replay:none.gz');
    expect(await missing.ended()).toBe(1);
    expect(missing.err()).toContain('none.gz');
  });
});

describe('with a window', () => {
  let desktop: Desktop;
  beforeEach(async () => {
    desktop = await startDesktop();
  });
  afterEach(() => desktop.close());

  it('is stopped by a real key press, and closes its window with SIGTERM', async () => {
    const console = start('--shell', 'chromium', '--no-gpu');
    expect(await console.ready()).toMatchObject({ shell: { name: 'chromium' } });
    await until('the hotkey', async () => {
      const safety = await cli('safety');
      return JSON.stringify(safety.json).includes('no press has been seen') ? true : undefined;
    });
    desktop.press('ctrl+shift+F12');
    await until('the stop', () => (/stop TRIPPED/.test(console.err()) ? true : undefined));
    console.child.kill('SIGTERM');
    expect(await console.ended()).toBe(0);
  });

  it('is not torn down by a display that dies with open orders: it goes on, says so, and can still be stopped', async () => {
    const console = start('--shell', 'chromium', '--no-gpu');
    await console.ready();
    await until('the window', () => (desktop.hasWindow('PRACTICE · ACTIVE') ? true : undefined));
    const resting = ['order', 'place', 'BUY', 'BTCUSDT', '--limit', '59500', '--qty', '0.005', '--tif', 'GTC'];
    expect((await cli(...resting)).code).toBe(0);
    await desktop.close();
    await until('the word', () => (/1 order is open: the console keeps watching/.test(console.err()) ? true : undefined)).catch(
      (error: unknown) => {
        throw new Error(console.err(), { cause: error });
      },
    );
    expect(JSON.stringify((await cli('safety')).json)).toContain('The keyboard hook does not run');
    expect((await cli('stop')).code).toBe(0);
    expect(console.child.exitCode).toBeNull();
  });

  it('goes on without a window when its browser cannot be had, and says how to go on', async () => {
    const console = run('headless.js', ['--shell', 'chromium', '--home', place.home], { HOLDFAST_CHROMIUM: '/nonexistent/chromium' });
    await console.ready();
    await until('the word', () => (/could not be opened .* runs without it/.test(console.err()) ? true : undefined));
    expect((await cli('status')).code).toBe(0);
  });
});
