// The console in Electron: one hardened window, a tray with the stop, notifications, the panic hotkey. Everything that decides
// anything lives elsewhere; here Electron's calls are made, and made in one place.
import type * as Electron from 'electron';
import type { Log } from '../../alerts/port.ts';
import { createWindowSession } from '../../ipc/window-session.ts';
import type { WindowSession } from '../../ipc/window-session.ts';
import { createPanicHotkey } from '../panic-hotkey.ts';
import type { ConsoleApi, QuitWish, Shell, StatusLine } from '../port.ts';
import { schedule } from '../timers.ts';
import { titleOf } from '../title.ts';
import { createPushLine, serveCalls } from './bridge.ts';
import type { PushLine } from './bridge.ts';
import { guardContents, guardSession, ORIGIN } from './guards.ts';
import { electronHotkeySource } from './hotkey-source.ts';

/** What is used of Electron; handed in, so that a test can stand in for it. */
export type ElectronParts = Pick<
  typeof Electron,
  'app' | 'BrowserWindow' | 'Menu' | 'Notification' | 'Tray' | 'dialog' | 'globalShortcut' | 'ipcMain' | 'nativeImage' | 'session' | 'shell'
>;

export interface ElectronShellOptions {
  readonly pageRoot: string;
  /** The bundled preload: one CommonJS file. */
  readonly preloadFile: string;
  readonly iconFile: string;
  readonly user: string;
  readonly bounds: { load(): Partial<Electron.Rectangle>; save(bounds: Electron.Rectangle): void };
  readonly log: Log;
}

const DEFAULT_SIZE = { width: 1280, height: 800 };
const MAX_RELOADS = 3;
const RELOAD_WINDOW_MS = 60_000;

const windowOptions = (options: ElectronShellOptions, packaged: boolean): Electron.BrowserWindowConstructorOptions => ({
  ...DEFAULT_SIZE,
  ...options.bounds.load(),
  minWidth: 800,
  minHeight: 600,
  icon: options.iconFile,
  backgroundColor: '#0E1116',
  autoHideMenuBar: true,
  webPreferences: {
    preload: options.preloadFile,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: !packaged,
    backgroundThrottling: false,
  },
});

export const createElectronShell = (electron: ElectronParts, options: ElectronShellOptions): Shell => {
  const { app, dialog, ipcMain } = electron;
  const { log } = options;
  const hotkey = createPanicHotkey(electronHotkeySource(electron.globalShortcut));
  const quitListeners = new Set<(wish: QuitWish) => void>();
  let window: Electron.BrowserWindow | null = null;
  let tray: Electron.Tray | null = null;
  let closing = false;

  const wishQuit = (wish: QuitWish): void => quitListeners.forEach((listener) => listener(wish));
  const show = (): void => {
    window?.show();
    window?.focus();
  };

  const createWindow = (console: ConsoleApi): Electron.BrowserWindow => {
    const opened = new electron.BrowserWindow(windowOptions(options, app.isPackaged));
    const { webContents: contents } = opened;
    const line = createPushLine(ipcMain, contents);
    const session = createWindowSession(console, {
      user: options.user,
      send: (pushes) => line.send(pushes),
      nowMs: () => performance.now(),
      schedule,
      onFault: (name, error) => log.error('handler-failed', { name, error }),
    });
    serveCalls(ipcMain, contents, session);
    keepAlive(contents, session, line, log);
    opened.on('close', (event) => {
      options.bounds.save(opened.getBounds());
      if (closing) return;
      event.preventDefault();
      opened.hide();
      wishQuit('window-closed');
    });
    opened.on('page-title-updated', (event) => event.preventDefault());
    return opened;
  };

  const showStatus = (status: StatusLine, console: ConsoleApi): void => {
    const title = titleOf(status);
    window?.setTitle(`${title} — Holdfast`);
    tray?.setToolTip(`Holdfast: ${title}`);
    tray?.setContextMenu(
      electron.Menu.buildFromTemplate([
        { label: title, enabled: false },
        { label: 'Open the console', click: show },
        { type: 'separator' },
        { label: 'STOP trading now', click: () => console.trip('tray', 'the stop in the tray was chosen') },
        { type: 'separator' },
        { label: 'Quit', click: () => wishQuit('asked') },
      ]),
    );
  };

  return {
    name: 'electron',
    lacks: [],
    async open(console) {
      electron.Menu.setApplicationMenu(null);
      guardSession(electron.session.defaultSession, options.pageRoot);
      app.on('web-contents-created', (_event, contents) =>
        guardContents(contents, (address) => {
          electron.shell.openExternal(address).catch((error: unknown) => log.warn('link-not-opened', { error }));
        }),
      );
      app.on('second-instance', show);
      app.on('activate', show);
      app.on('window-all-closed', () => log.debug('window-all-closed'));
      app.on('before-quit', (event) => {
        if (closing) return;
        event.preventDefault();
        wishQuit('asked');
      });
      window = createWindow(console);
      tray = new electron.Tray(electron.nativeImage.createFromPath(options.iconFile).resize({ width: 22, height: 22 }));
      tray.on('click', show);
      showStatus(console.status(), console);
      console.onStatus((status) => showStatus(status, console));
      await Promise.all([hotkey.start(console), window.loadURL(`${ORIGIN}/`)]);
    },
    proveHotkey: () => hotkey.prove(),
    notify(severity, title, text) {
      if (!electron.Notification.isSupported()) return;
      new electron.Notification({ title, body: text, urgency: severity === 'danger' ? 'critical' : 'normal' }).show();
    },
    onQuit(listener) {
      quitListeners.add(listener);
    },
    async confirmQuit(openOrders) {
      const { response } = await dialog.showMessageBox({
        type: 'warning',
        title: 'Holdfast',
        message: `${openOrders} ${openOrders === 1 ? 'order is' : 'orders are'} open on the exchange.`,
        detail: 'They stay open if you quit, and nothing watches them. Keep running leaves the console in the tray.',
        buttons: ['Keep running', 'Quit, orders stay open'],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      });
      return response === 1 ? 'quit' : 'stay';
    },
    reopen() {
      show();
      return Promise.resolve();
    },
    close() {
      closing = true;
      hotkey.close();
      tray?.destroy();
      window?.destroy();
      return Promise.resolve();
    },
  };
};

/** A page that reloads or dies loses nothing: it subscribes anew; one that keeps dying is left alone, the engine is not touched. */
const keepAlive = (contents: Electron.WebContents, session: WindowSession, line: PushLine, log: Log): void => {
  let reloadedAtMs: readonly number[] = [];
  const forget = (): void => {
    session.detach();
    line.reset();
  };
  contents.on('did-start-navigation', (details) => {
    if (details.isMainFrame && !details.isSameDocument) forget();
  });
  contents.on('unresponsive', () => log.warn('window-unresponsive'));
  contents.on('render-process-gone', (_event, { reason }) => {
    forget();
    log.error('window-process-gone', { reason });
    const nowMs = performance.now();
    reloadedAtMs = [...reloadedAtMs.filter((atMs) => nowMs - atMs < RELOAD_WINDOW_MS), nowMs];
    if (reason !== 'clean-exit' && reloadedAtMs.length <= MAX_RELOADS) contents.reload();
  });
};
