// The console in an installed Chromium's app window, for where Electron's runtime cannot be had: same page, same contract, over a
// debugging pipe (no port is opened). Whatever the page does, it reaches our own files and our own calls and nothing else.
import type { BrowserContext, Page, Route } from 'playwright-core';
import type { CallResult, Push } from '../../../src-shared/contract/contract.ts';
import { fail } from '../../../src-shared/errors/result.ts';
import type { Log } from '../../alerts/port.ts';
import { CALL_NAMES, exposeApi } from '../../ipc/exposed.ts';
import type { Exposed } from '../../ipc/exposed.ts';
import { createWindowSession } from '../../ipc/window-session.ts';
import type { WindowSession } from '../../ipc/window-session.ts';
import type { HotkeySource } from '../hotkey.ts';
import { isOurs, PAGE_HEADERS, readPageFile } from '../page.ts';
import { createPanicHotkey } from '../panic-hotkey.ts';
import type { ConsoleApi, QuitWish, Shell } from '../port.ts';
import { schedule } from '../timers.ts';

/** `.invalid` never resolves (RFC 2606); every request to it is answered here. */
export const ORIGIN = 'https://console.holdfast.invalid';
const MAX_REOPENINGS = 3;
const REOPENING_WINDOW_MS = 60_000;
const WINDOW_SIZE = '1280,800';

export interface ChromiumShellOptions {
  readonly binary: string;
  /** The browser's profile, of its own, under the console's home. */
  readonly profileDir: string;
  /** The built window: dist/src-renderer. */
  readonly pageRoot: string;
  readonly user: string;
  /** Chromium's sandbox cannot run as root. */
  readonly sandbox: boolean;
  readonly extraFlags: readonly string[];
  /** Why this is not Electron, for the screen; empty when it was asked for. */
  readonly why: string;
  readonly hotkeySource: HotkeySource;
  readonly log: Log;
  /** For tests that drive the very window a person would use. */
  readonly onPage?: (page: Page) => void;
}

const flags = (options: ChromiumShellOptions): string[] => [
  `--app=${ORIGIN}/`,
  `--window-size=${WINDOW_SIZE}`,
  '--class=holdfast',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-notifications',
  '--disable-quic',
  '--force-webrtc-ip-handling-policy=disable_non_proxied_udp',
  // Not one name is looked up: what the route below does not answer has no way out.
  '--host-resolver-rules=MAP * ~NOTFOUND',
  // An alert must be heard before anybody has touched the window.
  '--autoplay-policy=no-user-gesture-required',
  // Without the sandbox (root) Chromium shows a warning bar over the console; the console says it itself, in `lacks`.
  ...(options.sandbox ? [] : ['--test-type']),
  ...options.extraFlags,
];

export const createChromiumShell = (options: ChromiumShellOptions): Shell => {
  const { log } = options;
  const hotkey = createPanicHotkey(options.hotkeySource);
  const quitListeners = new Set<(wish: QuitWish) => void>();
  let running: ConsoleApi | null = null;
  let context: BrowserContext | null = null;
  let opening: Promise<void> | null = null;
  let closing = false;
  let reopenedAtMs: readonly number[] = [];

  const wishQuit = (wish: QuitWish): void => quitListeners.forEach((listener) => listener(wish));

  const launch = async (console: ConsoleApi): Promise<void> => {
    // Loaded for a window alone: a console without one starts sooner and smaller.
    const { chromium } = await import('playwright-core');
    const opened = await chromium.launchPersistentContext(options.profileDir, {
      executablePath: options.binary,
      headless: false,
      viewport: null,
      acceptDownloads: false,
      serviceWorkers: 'block',
      chromiumSandbox: options.sandbox,
      ignoreDefaultArgs: ['--enable-automation'],
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      args: flags(options),
    });
    context = opened;
    const page = opened.pages()[0] ?? (await opened.waitForEvent('page'));
    const session = createWindowSession(console, {
      user: options.user,
      send: (pushes) => page.evaluate(deliver, pushes),
      nowMs: () => performance.now(),
      schedule,
      onFault: (name, error) => log.error('handler-failed', { name, error }),
    });
    await guard(opened, page, session, options);
    opened.once('close', () => onGone(session, 'closed'));
    page.once('close', () => void shut(opened));
    page.once('crash', () => {
      onGone(session, 'crashed');
      void shut(opened);
    });
    page.on('framenavigated', (frame) => {
      if (frame === page.mainFrame()) session.detach();
    });
    await page.goto(`${ORIGIN}/`);
    options.onPage?.(page);
  };

  const onGone = (session: WindowSession, how: 'closed' | 'crashed'): void => {
    session.detach();
    if (context === null) return;
    context = null;
    if (closing) return;
    log.warn('window-gone', { how });
    if (how === 'closed') wishQuit('window-closed');
    else void reopenAfterCrash();
  };

  const reopenAfterCrash = async (): Promise<void> => {
    const nowMs = performance.now();
    reopenedAtMs = [...reopenedAtMs.filter((atMs) => nowMs - atMs < REOPENING_WINDOW_MS), nowMs];
    if (reopenedAtMs.length > MAX_REOPENINGS) return wishQuit('window-closed');
    await reopen().catch((error: unknown) => {
      log.error('window-reopen-failed', { error });
      wishQuit('window-closed');
    });
  };

  const shut = (opened: BrowserContext): Promise<void> =>
    opened.close().catch((error: unknown) => log.warn('window-close-failed', { error }));

  const reopen = async (): Promise<void> => {
    if (running === null || context !== null) return;
    // One window at a time, however often it is asked for.
    opening ??= launch(running).finally(() => {
      opening = null;
    });
    await opening;
  };

  return {
    name: 'chromium',
    lacks: [
      options.why === '' ? "Electron's own window" : `Electron's own window (${options.why})`,
      'a tray icon',
      'desktop notifications (alerts appear in the window and the terminal)',
      ...(options.sandbox ? [] : ['the browser sandbox (it cannot run as root)']),
    ],
    async open(console) {
      running = console;
      await Promise.all([hotkey.start(console), launch(console)]);
    },
    reopen,
    proveHotkey: () => hotkey.prove(),
    notify: () => undefined,
    onQuit(listener) {
      quitListeners.add(listener);
    },
    // There is no dialog here: a closed window leaves an engine with open orders running, and the terminal says how to go on.
    confirmQuit: () => Promise.resolve('stay'),
    async close() {
      closing = true;
      hotkey.close();
      if (context !== null) await shut(context);
    },
  };
};

/** Everything that the page could reach is decided here, before its first request. */
const guard = async (context: BrowserContext, page: Page, session: WindowSession, options: ChromiumShellOptions): Promise<void> => {
  const answer = answerWith(options.pageRoot);
  // What fails here fails because the page is going away; nothing of it may reach the process as an unhandled rejection.
  const unlessGone = (work: Promise<unknown>): Promise<unknown> =>
    work.catch((error: unknown) => options.log.debug('page-going-away', { error }));
  await context.route('**/*', (route) => unlessGone(answer(route, page)));
  context.on('page', (other) => {
    if (other !== page) void unlessGone(other.close());
  });
  await context.exposeBinding(CALL_BINDING, async (source, name: unknown, input: unknown): Promise<CallResult<unknown>> => {
    if (source.frame !== page.mainFrame() || !isOurs(source.frame.url(), ORIGIN))
      return fail({ code: 'REFUSED', text: 'This page may not call the console.' });
    return session.call(name, input);
  });
  await context.addInitScript({ content: initScript() });
};

const CALL_BINDING = '__holdfastCall';

const RECEIVE_PROPERTY = '__holdfastReceive';

/** Runs in every new document before its own scripts: takes the binding out of reach and puts the named functions in its place. */
const initScript = (): string => `(() => {
  const call = globalThis.${CALL_BINDING};
  delete globalThis.${CALL_BINDING};
  const { api, receive } = (${exposeApi.toString()})(${JSON.stringify(CALL_NAMES)}, (name, input) => call(name, input));
  Object.defineProperty(globalThis, 'holdfast', { value: api, enumerable: true });
  Object.defineProperty(globalThis, '${RECEIVE_PROPERTY}', { value: receive });
})();`;

/** Runs in the page. */
const deliver = (pushes: readonly Push[]): void => {
  (globalThis as unknown as { readonly __holdfastReceive: Exposed['receive'] }).__holdfastReceive(pushes);
};

const answerWith =
  (root: string) =>
  async (route: Route, page: Page): Promise<void> => {
    const request = route.request();
    const ours = isOurs(request.url(), ORIGIN) && request.method() === 'GET';
    // A window that was led elsewhere stays where it is: that is what a 204 does to a navigation.
    if (!ours)
      return request.isNavigationRequest() && request.frame() === page.mainFrame() ? route.fulfill({ status: 204 }) : route.abort();
    const file = await readPageFile(root, request.url());
    if (file === undefined) return route.fulfill({ status: 404, headers: PAGE_HEADERS, contentType: 'text/plain', body: 'Not found' });
    return route.fulfill({ status: 200, headers: { ...PAGE_HEADERS, 'content-type': file.type }, body: file.body });
  };
