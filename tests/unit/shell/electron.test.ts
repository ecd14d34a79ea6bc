// Electron's window against a scripted stand-in for Electron: every refusal of N2 is asked for, one by one.
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CALL_NAMES } from '../../../src-main/ipc/exposed.ts';
import { callChannel, PUSH_CHANNEL, TAKEN_CHANNEL } from '../../../src-main/shell/electron/channels.ts';
import { externalAddress, guardContents, guardSession, ORIGIN, prepare } from '../../../src-main/shell/electron/guards.ts';
import { createElectronShell } from '../../../src-main/shell/electron/shell.ts';
import type { ElectronParts } from '../../../src-main/shell/electron/shell.ts';
import { CONTENT_SECURITY_POLICY } from '../../../src-main/shell/page.ts';
import { fakeConsole } from './fake-console.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-electron-'));
writeFileSync(join(folder, 'index.html'), '<!doctype html>');
afterAll(() => rmSync(folder, { recursive: true }));

type Handler = (...args: readonly unknown[]) => unknown;

/** Records what a setter was given: `setX(handler)` leaves `handlers.X`. */
const recorder = () => {
  const handlers: Record<string, Handler> = {};
  const set =
    (name: string): Handler =>
    (...args) => {
      handlers[name] = args.at(-1) as Handler;
    };
  return { handlers, set };
};

class FakeContents extends EventEmitter {
  mainFrame = { url: `${ORIGIN}/` };
  sent: unknown[][] = [];
  reloads = 0;
  windowOpen: Handler = () => undefined;
  webRtc = '';
  setWindowOpenHandler(handler: Handler): void {
    this.windowOpen = handler;
  }
  setWebRTCIPHandlingPolicy(policy: string): void {
    this.webRtc = policy;
  }
  isDestroyed(): boolean {
    return false;
  }
  isCrashed(): boolean {
    return false;
  }
  reload(): void {
    this.reloads += 1;
  }
  send(...args: unknown[]): void {
    this.sent.push(args);
  }
}

const fakeSession = () => {
  const { handlers, set } = recorder();
  const session = Object.assign(new EventEmitter(), {
    protocol: { handle: set('protocol') },
    setPermissionRequestHandler: set('permissionRequest'),
    setPermissionCheckHandler: set('permissionCheck'),
    setDevicePermissionHandler: set('devicePermission'),
    setDisplayMediaRequestHandler: set('displayMedia'),
    setSpellCheckerEnabled: () => undefined,
    webRequest: { onBeforeRequest: set('beforeRequest') },
  });
  return { session, handlers };
};

const fakeElectron = (options: { readonly shortcut: boolean; readonly packaged: boolean; readonly dialogAnswer: number }) => {
  const { session, handlers } = fakeSession();
  const ipc = new Map<string, Handler>();
  const ipcEvents = new EventEmitter();
  const contents = new FakeContents();
  const made: {
    windowOptions?: Record<string, unknown>;
    menu: { label?: string; click?: () => void }[];
    shortcuts: Map<string, () => void>;
  } = {
    menu: [],
    shortcuts: new Map(),
  };
  const notices: unknown[] = [];
  const window = Object.assign(new EventEmitter(), {
    webContents: contents,
    title: '',
    hidden: false,
    destroyed: false,
    loaded: '',
    setTitle: (title: string) => (window.title = title),
    getBounds: () => ({ x: 1, y: 2, width: 3, height: 4 }),
    hide: () => (window.hidden = true),
    show: () => (window.hidden = false),
    focus: () => undefined,
    destroy: () => (window.destroyed = true),
    loadURL: (address: string) => Promise.resolve(void (window.loaded = address)),
  });
  const app = Object.assign(new EventEmitter(), { isPackaged: options.packaged });
  class BrowserWindow {
    constructor(windowOptions: Record<string, unknown>) {
      made.windowOptions = windowOptions;
      app.emit('web-contents-created', {}, contents);
      return window as unknown as BrowserWindow;
    }
  }
  class Tray extends EventEmitter {
    setToolTip(): void {}
    setContextMenu(menu: typeof made.menu): void {
      made.menu = menu;
    }
    destroy(): void {}
  }
  class Notification {
    static isSupported(): boolean {
      return true;
    }
    readonly options: unknown;
    constructor(noticeOptions: unknown) {
      this.options = noticeOptions;
    }
    show(): void {
      notices.push(this.options);
    }
  }
  const electron = {
    app,
    BrowserWindow,
    Tray,
    Notification,
    Menu: { setApplicationMenu: () => undefined, buildFromTemplate: (template: unknown) => template },
    dialog: { showMessageBox: () => Promise.resolve({ response: options.dialogAnswer }) },
    globalShortcut: {
      register: (name: string, press: () => void) => {
        if (options.shortcut) made.shortcuts.set(name, press);
        return options.shortcut;
      },
      unregister: (name: string) => made.shortcuts.delete(name),
    },
    ipcMain: Object.assign(ipcEvents, { handle: (channel: string, handler: Handler) => ipc.set(channel, handler) }),
    nativeImage: { createFromPath: () => ({ resize: () => ({}) }) },
    session: { defaultSession: session },
    shell: { openExternal: () => Promise.resolve() },
  } as unknown as ElectronParts;
  return { electron, app, window, contents, made, notices, ipc, ipcEvents, handlers };
};

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const open = async (overrides: Partial<Parameters<typeof fakeElectron>[0]> = {}) => {
  const fake = fakeElectron({ shortcut: true, packaged: true, dialogAnswer: 0, ...overrides });
  const console = fakeConsole();
  const saved: unknown[] = [];
  const shell = createElectronShell(fake.electron, {
    pageRoot: folder,
    preloadFile: '/preload.cjs',
    iconFile: '/icon.png',
    user: 'ann',
    bounds: { load: () => ({ width: 1500 }), save: (bounds) => saved.push(bounds) },
    log: silent,
  });
  const wishes: string[] = [];
  shell.onQuit((wish) => wishes.push(wish));
  await shell.open(console);
  const own = { sender: fake.contents, senderFrame: fake.contents.mainFrame };
  const call = (name: (typeof CALL_NAMES)[number], input: unknown, event: unknown = own) => fake.ipc.get(callChannel(name))?.(event, input);
  return { ...fake, console, shell, wishes, saved, own, call };
};

describe('the window', () => {
  it('is sandboxed, isolated, without Node and, packaged, without developer tools', async () => {
    const { made, window } = await open();
    expect(made.windowOptions).toMatchObject({
      width: 1500,
      height: 800,
      webPreferences: {
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        nodeIntegrationInWorker: false,
        webviewTag: false,
        webSecurity: true,
        devTools: false,
      },
    });
    expect(window.loaded).toBe(`${ORIGIN}/`);
    expect((await open({ packaged: false })).made.windowOptions).toMatchObject({ webPreferences: { devTools: true } });
  });

  it('answers each entry of the contract, to the main frame of its own page alone', async () => {
    const { ipc, call, contents, own } = await open();
    expect([...ipc.keys()].sort()).toEqual(CALL_NAMES.map(callChannel).sort());
    expect(await call('getPreferences', {})).toMatchObject({ ok: true });
    const strangers = [
      { ...own, senderFrame: { url: `${ORIGIN}/` } },
      { ...own, senderFrame: null },
      { sender: new FakeContents(), senderFrame: contents.mainFrame },
    ];
    for (const event of strangers) expect(await call('getPreferences', {}, event)).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
    contents.mainFrame.url = 'https://evil.example/';
    expect(await call('getPreferences', {})).toMatchObject({ ok: false, error: { code: 'REFUSED' } });
  });

  it('is fed a batch at a time: the next one goes when the page took the last', async () => {
    const { call, contents, console, ipcEvents, own } = await open();
    await call('subscribe', {});
    console.change(['log', '1', null]);
    console.change(['log', '2', null]);
    expect(contents.sent).toMatchObject([[PUSH_CHANNEL, 1, [{ kind: 'deltas', deltas: [{ n: 2 }] }]]]);
    ipcEvents.emit(TAKEN_CHANNEL, { ...own, senderFrame: null }, 1);
    ipcEvents.emit(TAKEN_CHANNEL, own, 7);
    await Promise.resolve();
    expect(contents.sent).toHaveLength(1);
    ipcEvents.emit(TAKEN_CHANNEL, own, 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(contents.sent[1]).toMatchObject([PUSH_CHANNEL, 2, [{ deltas: [{ n: 3 }] }]]);
  });

  it('that reloads or dies gives up its feed; one that keeps dying is not reloaded for ever (M6)', async () => {
    const { call, contents, console } = await open();
    await call('subscribe', {});
    contents.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    expect(console.subscribers.size).toBe(0);
    for (let n = 0; n < 9; n += 1) contents.emit('render-process-gone', {}, { reason: 'crashed' });
    expect(contents.reloads).toBe(3);
  });

  it('carries the mode in its title, whatever the page says (A2)', async () => {
    const { window, console } = await open();
    expect(window.title).toBe('PRACTICE · ACTIVE — Holdfast');
    console.setStatus({ mode: 'mainnet', level: 'HALTED', phase: 'TRIPPED' });
    expect(window.title).toBe('MAINNET · HALTED · STOP TRIPPED — Holdfast');
    let prevented = false;
    window.emit('page-title-updated', { preventDefault: () => (prevented = true) });
    expect(prevented).toBe(true);
  });

  it('closed is hidden and asked about; the console is closed by nobody but its host', async () => {
    const { window, wishes, saved, shell, console } = await open();
    let prevented = false;
    window.emit('close', { preventDefault: () => (prevented = true) });
    expect([prevented, window.hidden, wishes, saved.length, console.closed]).toEqual([true, true, ['window-closed'], 1, false]);
    await shell.reopen();
    expect(window.hidden).toBe(false);
    await shell.close();
    expect(window.destroyed).toBe(true);
  });

  it('asks before it leaves open orders behind', async () => {
    expect(await (await open({ dialogAnswer: 0 })).shell.confirmQuit(2, 'asked')).toBe('stay');
    expect(await (await open({ dialogAnswer: 1 })).shell.confirmQuit(2, 'asked')).toBe('quit');
  });
});

describe('tray, notification and hotkey', () => {
  it('has the stop in the tray, one click away', async () => {
    const { made, console, wishes } = await open();
    made.menu.find(({ label }) => label?.startsWith('STOP'))?.click?.();
    expect(console.trips).toMatchObject([{ trigger: 'tray' }]);
    made.menu.find(({ label }) => label === 'Quit')?.click?.();
    expect(wishes).toEqual(['asked']);
  });

  it('is ARMED by a real press only, and says NOT ARMED when the system refuses (E2)', async () => {
    const { made, console, shell } = await open();
    expect(console.hotkeys.at(-1)?.status).toBe('NOT_ARMED');
    expect(shell.proveHotkey().ok).toBe(true);
    made.shortcuts.get(process.platform === 'darwin' ? 'Shift+Super+F12' : 'Control+Shift+F12')?.();
    expect([console.hotkeys.at(-1)?.status, console.trips.length]).toEqual(['ARMED', 0]);
    await shell.close();
    expect(made.shortcuts.size).toBe(0);

    const refused = await open({ shortcut: false });
    expect(refused.console.hotkeys.at(-1)).toMatchObject({
      status: 'NOT_ARMED',
      text: expect.stringContaining('another program') as string,
    });
    expect(refused.shell.proveHotkey().ok).toBe(false);
  });

  it('follows the policy to another key, which must be proven anew', async () => {
    const { made, console } = await open();
    console.setAccelerator('CommandOrControl+Alt+9');
    await Promise.resolve();
    expect([...made.shortcuts.keys()]).toEqual([process.platform === 'darwin' ? 'Alt+Super+9' : 'Control+Alt+9']);
    expect(console.hotkeys.at(-1)).toMatchObject({ status: 'NOT_ARMED', text: expect.stringContaining('prove') as string });
  });

  it('notifies, and loudly when money is at risk', async () => {
    const { shell, notices } = await open();
    shell.notify('danger', 'Stop tripped', 'by hotkey');
    expect(notices).toEqual([{ title: 'Stop tripped', body: 'by hotkey', urgency: 'critical' }]);
  });
});

describe('what the page may reach', () => {
  it('is our own files with the policy on them; every permission, device, download and foreign request is refused', async () => {
    const { session, handlers } = fakeSession();
    guardSession(session as never, folder);
    const get = (address: string, method = 'GET') => handlers['protocol']?.(new Request(address, { method })) as Promise<Response>;
    const page = await get(`${ORIGIN}/`);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, CONTENT_SECURITY_POLICY]);
    for (const address of [`${ORIGIN}/../x.js`, `${ORIGIN}/none.js`, 'app://other/']) expect((await get(address)).status).toBe(404);
    expect((await get(`${ORIGIN}/`, 'POST')).status).toBe(404);

    const answers: unknown[] = [];
    handlers['permissionRequest']?.({}, 'media', (granted: unknown) => answers.push(granted));
    handlers['displayMedia']?.({}, (streams: unknown) => answers.push(streams));
    expect(answers).toEqual([false, {}]);
    expect(handlers['permissionCheck']?.()).toBe(false);
    expect(handlers['devicePermission']?.()).toBe(false);

    const cancelled = (url: string): unknown => {
      let verdict: unknown;
      handlers['beforeRequest']?.({ url }, (answer: { cancel: boolean }) => (verdict = answer.cancel));
      return verdict;
    };
    expect(cancelled(`${ORIGIN}/main.js`)).toBe(false);
    for (const url of ['https://evil.example/', 'http://127.0.0.1:80/', 'ws://x/', 'file:///etc/passwd', 'app://other/x.js'])
      expect(cancelled(url)).toBe(true);
    let downloads = 0;
    session.emit('will-download', { preventDefault: () => (downloads += 1) });
    expect(downloads).toBe(1);
  });

  it('never leaves our page, opens no window, hosts no guest; a link opens outside by its exact host', () => {
    const contents = new FakeContents();
    const opened: string[] = [];
    guardContents(contents as never, (address) => opened.push(address));
    const isStopped = (name: string, url: string): boolean => {
      let stopped = false;
      contents.emit(name, { url, preventDefault: () => (stopped = true) });
      return stopped;
    };
    for (const name of ['will-navigate', 'will-redirect', 'will-frame-navigate']) {
      expect(isStopped(name, 'https://evil.example/')).toBe(true);
      expect(isStopped(name, `${ORIGIN}/`)).toBe(false);
    }
    expect(isStopped('will-attach-webview', '')).toBe(true);
    for (const url of ['https://www.binance.com/en/support', 'https://www.binance.com.evil.example/', `${ORIGIN}/`])
      expect(contents.windowOpen({ url })).toEqual({ action: 'deny' });
    expect(opened).toEqual(['https://www.binance.com/en/support']);
    expect(contents.webRtc).toBe('disable_non_proxied_udp');
  });

  it.each([
    'http://www.binance.com/',
    'https://binance.com/',
    'https://user@www.binance.com/',
    'https://www.binance.com:8443/',
    'javascript:1',
    'x',
  ])('opens no %s', (address) => {
    expect(externalAddress(address)).toBeUndefined();
  });

  it('looks up no name, and its scheme is an origin that may not fetch', () => {
    const switches: string[][] = [];
    let privileges: unknown;
    let sandboxed = false;
    prepare(
      { enableSandbox: () => (sandboxed = true), commandLine: { appendSwitch: (...args: string[]) => switches.push(args) } } as never,
      { registerSchemesAsPrivileged: (schemes: readonly { privileges: unknown }[]) => (privileges = schemes[0]?.privileges) } as never,
    );
    expect(sandboxed).toBe(true);
    expect(switches).toContainEqual(['host-resolver-rules', 'MAP * ~NOTFOUND']);
    expect(privileges).toEqual({ standard: true, secure: true, codeCache: true });
  });
});
