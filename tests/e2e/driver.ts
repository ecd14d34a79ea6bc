// The built console (dist) with its own engine and practice exchange, in the Chromium shell on a desktop of the test's own: the very
// window a person gets, with its page in the test's hand. It adds nothing to the product and takes nothing out.
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import type { ConsoleView } from '../../src-shared/contract/view.ts';
import type { ConsoleApi, ConsoleOptions, Shell } from '../../src-main/shell/port.ts';
import { CHROMIUM, until } from './desktop.ts';

const DIST = new URL('../../dist/', import.meta.url);
const PICTURES = fileURLToPath(new URL('../../test-output/screenshots/', import.meta.url));

const built = async <T>(path: string): Promise<T> => (await import(new URL(path, DIST).href)) as T;

export interface App {
  readonly page: Page;
  readonly shell: Shell;
  readonly console: ConsoleApi;
  /** Every address that the page asked for since it was opened. */
  readonly requests: readonly string[];
  /** What the page's console complained about: errors, and policy violations among them. */
  readonly complaints: readonly string[];
  /** The engine's picture now. */
  view(): ConsoleView;
  text(testId: string): Promise<string>;
  /** Waits until the element shows a text. */
  shows(testId: string, pattern: RegExp): Promise<void>;
  picture(name: string): Promise<void>;
  /** Ends window and console; the home stays for a next start. */
  close(): Promise<void>;
}

export const makeHome = (): { readonly home: string; remove(): void } => {
  const home = mkdtempSync(join(tmpdir(), 'holdfast-home-'));
  return { home, remove: () => rmSync(home, { recursive: true, force: true }) };
};

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** Starts the built console on a home and opens its window. Needs a desktop (`startDesktop`) and a build (`npm test` makes one). */
export const startApp = async (home: string, overrides: Partial<ConsoleOptions> = {}): Promise<App> => {
  if (!existsSync(new URL('src-main/console.js', DIST))) throw new Error('dist is not built: npm run build');
  const { startConsole } = await built<typeof import('../../src-main/console.ts')>('src-main/console.js');
  const { createChromiumShell } = await built<typeof import('../../src-main/shell/chromium/shell.ts')>('src-main/shell/chromium/shell.js');
  const { desktopHotkeySource } = await built<typeof import('../../src-main/shell/hotkey-desktop.ts')>('src-main/shell/hotkey-desktop.js');
  let page: Page | undefined;
  const requests: string[] = [];
  const complaints: string[] = [];
  const shell = createChromiumShell({
    binary: CHROMIUM,
    profileDir: join(home, 'chromium'),
    pageRoot: fileURLToPath(new URL('src-renderer/', DIST)),
    user: 'tester',
    sandbox: process.getuid?.() !== 0,
    extraFlags: ['--disable-gpu'],
    why: '',
    hotkeySource: desktopHotkeySource(process.platform, process.env),
    log: silent,
    onPage: (opened) => {
      page = opened;
    },
  });
  const console = await startConsole(
    {
      home,
      seed: 7,
      feed: { kind: 'synthetic' },
      mode: 'practice',
      profile: null,
      customVenue: null,
      alerts: { raise: () => undefined },
      log: silent,
      ...overrides,
    },
    shell,
  );
  await shell.open(console);
  const window = await until('the window', () => page);
  window.on('request', (request) => requests.push(request.url()));
  window.on('pageerror', (error) => complaints.push(error.message));
  window.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/i.test(message.text())) complaints.push(message.text());
  });
  // Once more with the listeners on: the first load was over before they could be.
  await window.reload();
  const view = (): ConsoleView => {
    const feed = console.subscribe(() => undefined);
    feed.close();
    return feed.snapshot.view;
  };
  return {
    page: window,
    shell,
    console,
    requests,
    complaints,
    view,
    text: (testId) => window.getByTestId(testId).innerText(),
    shows: (testId, pattern) => window.getByTestId(testId).getByText(pattern).first().waitFor({ timeout: 20_000 }),
    async picture(name) {
      mkdirSync(PICTURES, { recursive: true });
      await window.screenshot({ path: join(PICTURES, `${name}.png`) });
    },
    async close() {
      await shell.close();
      await console.close();
    },
  };
};
