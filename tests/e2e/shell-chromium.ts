// The built console (dist) with its own engine and practice exchange in this process, in the Chromium shell: the very window that a
// person gets, with its page in the test's hand.
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright';
import { CHROMIUM, until } from './desktop.ts';
import type { OpenedConsole } from './shells.ts';

const DIST = new URL('../../dist/', import.meta.url);
const built = async <T>(path: string): Promise<T> => (await import(new URL(path, DIST).href)) as T;

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export const openInChromium = async (home: string): Promise<OpenedConsole> => {
  const { startConsole } = await built<typeof import('../../src-main/console.ts')>('src-main/console.js');
  const { createChromiumShell } = await built<typeof import('../../src-main/shell/chromium/shell.ts')>('src-main/shell/chromium/shell.js');
  const { desktopHotkeySource } = await built<typeof import('../../src-main/shell/hotkey-desktop.ts')>('src-main/shell/hotkey-desktop.js');
  let page: Page | undefined;
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
      account: 'conservative',
      mode: 'practice',
      profile: null,
      customVenue: null,
      watchdog: null,
      alerts: { raise: () => undefined },
      log: silent,
    },
    shell,
  );
  await shell.open(console);
  const faultDeskUrl = console.addresses.venue['faultDesk'];
  return {
    page: await until('the window', () => page),
    ...(faultDeskUrl === undefined ? {} : { faultDeskUrl }),
    async close() {
      await shell.close();
      await console.close();
    },
  };
};
