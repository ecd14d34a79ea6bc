// The Chromium shell by itself: a page of the test's own, a console without an engine, a real browser, a real keyboard. What the page
// may reach (N2), what it loses when it reloads or dies (M6), and the panic hotkey while another window has the focus (E1, E2).
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ExposedApi } from '../../src-shared/contract/contract.ts';
import { CALL_NAMES } from '../../src-main/ipc/exposed.ts';
import { createChromiumShell, ORIGIN } from '../../src-main/shell/chromium/shell.ts';
import { desktopHotkeySource } from '../../src-main/shell/hotkey-desktop.ts';
import type { QuitWish, Shell } from '../../src-main/shell/port.ts';
import { fakeConsole } from '../unit/shell/fake-console.ts';
import type { FakeConsole } from '../unit/shell/fake-console.ts';
import { CHROMIUM, openOtherWindow, startDesktop, until } from './desktop.ts';
import type { Desktop } from './desktop.ts';

interface TestWindow extends Window {
  readonly holdfast: ExposedApi;
  heard: number[];
  violations: string[];
}

const PAGE_SCRIPT = `
  window.heard = [];
  window.violations = [];
  document.addEventListener('securitypolicyviolation', (event) => window.violations.push(event.effectiveDirective));
  window.holdfast.onPush((push) => { if (push.kind === 'deltas') window.heard.push(...push.deltas.map((delta) => delta.n)); });
  window.holdfast.subscribe({}).then((answer) => { document.body.dataset.n = String(answer.value.n); });
`;

let desktop: Desktop;
let folder = '';
beforeAll(async () => {
  desktop = await startDesktop();
  folder = mkdtempSync(join(tmpdir(), 'holdfast-shell-'));
  mkdirSync(join(folder, 'page'));
  writeFileSync(
    join(folder, 'page', 'index.html'),
    '<!doctype html><html lang="en"><body><script type="module" src="./main.js"></script></body></html>',
  );
  writeFileSync(join(folder, 'page', 'main.js'), PAGE_SCRIPT);
});
afterAll(async () => {
  await desktop.close();
  rmSync(folder, { recursive: true, force: true });
});

let shell: Shell;
let console: FakeConsole;
let pages: Page[] = [];
let wishes: QuitWish[] = [];
const faults: unknown[] = [];
const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (event: string, fields: unknown) => faults.push({ event, fields }),
};
const page = (): Page => pages.at(-1) as Page;
const subscribed = (): Promise<string> => until('the subscription', () => page().evaluate(() => document.body?.dataset['n']));

beforeEach(async () => {
  console = fakeConsole();
  pages = [];
  wishes = [];
  shell = createChromiumShell({
    binary: CHROMIUM,
    profileDir: mkdtempSync(join(folder, 'profile-')),
    pageRoot: join(folder, 'page'),
    user: 'ann',
    sandbox: process.getuid?.() !== 0,
    extraFlags: ['--disable-gpu'],
    why: '',
    hotkeySource: desktopHotkeySource(process.platform, process.env),
    log,
    onPage: (opened) => pages.push(opened),
  });
  shell.onQuit((wish) => wishes.push(wish));
  await shell.open(console);
  await subscribed();
});
afterEach(async () => {
  await shell.close();
  if (faults.length > 0) throw new Error(`Handlers failed: ${JSON.stringify(faults)}`);
});

describe('the bridge', () => {
  it('is one named function an entry; no generic channel is left in reach', async () => {
    const seen = await page().evaluate(() => ({
      entries: Object.keys((globalThis as unknown as TestWindow).holdfast).sort(),
      channel: typeof (globalThis as unknown as Record<string, unknown>)['__holdfastCall'],
    }));
    expect(seen).toEqual({ entries: [...CALL_NAMES, 'onPush'].sort(), channel: 'undefined' });
  });

  it('carries calls in and failures out as values', async () => {
    const answers = await page().evaluate(async () => {
      const { holdfast } = globalThis as unknown as TestWindow;
      return [await holdfast.getPreferences({}), await holdfast.placeOrder({ symbol: 'x' } as never)];
    });
    expect(answers).toMatchObject([
      { ok: true, value: { theme: 'dark' } },
      { ok: false, error: { code: 'BAD_INPUT' } },
    ]);
  });

  it('brings every delta in order, across a reload, without a gap (M6)', async () => {
    const heard = () => page().evaluate(() => (globalThis as unknown as TestWindow).heard);
    const first = Number(await subscribed());
    const push = () => console.change(['log', 'line', null]);
    for (let n = 0; n < 500; n += 1) push();
    await until('500 deltas', async () => ((await heard()).at(-1) === first + 500 ? true : undefined));
    expect(await heard()).toEqual(Array.from({ length: 500 }, (_, index) => first + 1 + index));
    const pushing = setInterval(push, 1);
    await page().reload();
    const from = Number(await subscribed());
    clearInterval(pushing);
    push();
    const lastN = console.subscribe(() => undefined).snapshot.n;
    await until('the last delta', async () => ((await heard()).at(-1) === lastN ? true : undefined));
    expect(from).toBeGreaterThan(first + 500);
    expect(await heard()).toEqual(Array.from({ length: lastN - from }, (_, index) => from + 1 + index));
  });
});

describe('the page', () => {
  it('reaches our origin alone: fetches, images, frames, sockets and beacons go nowhere, not even to this machine', async () => {
    const hits: string[] = [];
    const server = createServer((request, response) => {
      hits.push(request.url ?? '');
      response.end('reached');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const outside = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const result = await page().evaluate(async (host) => {
      const tried = await Promise.allSettled([fetch(`http://${host}/fetch`)]);
      const script = document.createElement('script');
      script.src = `http://${host}/script.js`;
      document.body.append(script);
      navigator.sendBeacon(`http://${host}/beacon`);
      new Image().src = `http://${host}/image.png`;
      const frame = document.createElement('iframe');
      frame.src = `http://${host}/frame`;
      document.body.append(frame);
      const style = document.createElement('link');
      Object.assign(style, { rel: 'stylesheet', href: `http://${host}/style.css` });
      document.head.append(style);
      return { tried: tried.map(({ status }) => status), socket: new WebSocket(`ws://${host}/socket`).readyState };
    }, outside);
    expect(result.tried).toEqual(['rejected']);
    const violations = () => page().evaluate(() => (globalThis as unknown as TestWindow).violations);
    // fetch, beacon and socket are connections; each other kind has its own directive.
    const expected = ['connect-src', 'connect-src', 'connect-src', 'frame-src', 'img-src', 'script-src-elem', 'style-src-elem'];
    await until('every violation', async () => ((await violations()).length >= expected.length ? true : undefined));
    expect((await violations()).sort()).toEqual(expected);
    expect(hits).toEqual([]);
    await new Promise((resolve) => server.close(resolve));
  });

  it('runs no inline script and no eval', async () => {
    const ran = await page().evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.inlineRan = true';
      document.body.append(script);
      return 'inlineRan' in globalThis;
    });
    expect(ran).toBe(false);
    expect(await page().evaluate(() => (globalThis as unknown as TestWindow).violations)).toContain('script-src-elem');
  });

  it('cannot be led away, opens no window and downloads nothing', async () => {
    await page().evaluate(() => {
      location.href = 'https://evil.example/';
    });
    await page().evaluate(() => {
      globalThis.open('https://evil.example/popup');
      globalThis.open('about:blank');
      const link = document.createElement('a');
      Object.assign(link, { href: 'data:text/plain,stolen', download: 'stolen.txt' });
      document.body.append(link);
      link.click();
    });
    await until('popups closed', () => (page().context().pages().length === 1 ? true : undefined));
    expect(page().url()).toBe(`${ORIGIN}/`);
    expect(await page().evaluate(() => (globalThis as unknown as TestWindow).holdfast.getPreferences({}))).toMatchObject({ ok: true });
  });

  it('is given no permission', async () => {
    const states = await page().evaluate(async () => {
      const names = ['geolocation', 'camera', 'microphone', 'midi'] as unknown as PermissionName[];
      return Promise.all(names.map(async (name) => (await navigator.permissions.query({ name })).state));
    });
    expect(states).not.toContain('granted');
    const located = await page().evaluate(
      () =>
        new Promise((resolve) =>
          navigator.geolocation.getCurrentPosition(
            () => resolve('located'),
            () => resolve('refused'),
          ),
        ),
    );
    expect(located).toBe('refused');
  });

  it('that crashes is opened anew, and the console noticed nothing but a new subscription', async () => {
    page()
      .goto('chrome://crash')
      .catch(() => undefined);
    await until('a second window', () => (pages.length === 2 ? true : undefined));
    await subscribed();
    expect(console.subscribers.size).toBe(1);
    expect(wishes).toEqual([]);
  });

  it('that is closed is a wish of the person, and can be opened again', async () => {
    await page().close();
    await until('the wish', () => wishes[0]);
    expect(wishes).toEqual(['window-closed']);
    expect(console.subscribers.size).toBe(0);
    await shell.reopen();
    await subscribed();
    expect(console.subscribers.size).toBe(1);
  });
});

describe('the panic hotkey, by a real key press', () => {
  it('is proven, and then stops trading while another window has the focus', async () => {
    expect(console.hotkeys.at(-1)?.status).toBe('NOT_ARMED');
    expect(shell.proveHotkey()).toMatchObject({ ok: true });
    desktop.press('ctrl+shift+F12');
    await until('ARMED', () => (console.hotkeys.at(-1)?.status === 'ARMED' ? true : undefined));
    expect(console.trips).toEqual([]);

    const other = await openOtherWindow(desktop);
    expect(desktop.focusedTitle()).toBe(other.title);
    desktop.press('shift+F12');
    desktop.press('ctrl+shift+F11');
    desktop.press('ctrl+shift+F12');
    await until('the trip', () => console.trips[0]);
    expect(console.trips).toEqual([{ trigger: 'hotkey', reason: expect.any(String) as string }]);
    await other.close();
  });

  it('stops trading with the page frozen', async () => {
    page()
      .evaluate(() => {
        for (;;);
      })
      .catch(() => undefined);
    desktop.press('ctrl+shift+F12');
    await until('the trip', () => console.trips[0]);
    // The engine goes on feeding a window that takes nothing, and is not held up by it.
    const startedMs = performance.now();
    for (let n = 0; n < 1_000; n += 1) console.change(['log', String(n), null]);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
    expect(console.trips).toHaveLength(1);
  });
});
