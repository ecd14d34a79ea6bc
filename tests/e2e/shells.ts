// The shells in which the end-to-end flows run on this machine. Chromium always; Electron where its runtime is present, else a sentence
// that says that it did not. A shell that cannot run must never look like one that passed, so its tests are not even registered.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import type { Page } from 'playwright';
import { openInChromium } from './shell-chromium.ts';
import { openInElectron } from './shell-electron.ts';

/** The console on a home, with its window's page in the test's hand. */
export interface OpenedConsole {
  readonly page: Page;
  /** Address of the practice exchange's fault desk; absent where the shell keeps it in its own process. */
  readonly faultDeskUrl?: string;
  /** Ends window and console; the home stays for a next start. */
  close(): Promise<void>;
}

export interface ShellUnderTest {
  readonly name: 'chromium' | 'electron';
  open(home: string): Promise<OpenedConsole>;
}

export interface Choice {
  readonly shells: readonly ShellUnderTest[];
  /** What did not run, and why: one sentence each, to be printed. */
  readonly notes: readonly string[];
}

/** What decides about Electron: where its runtime is (undefined: nowhere), and whether that one lets a debugger in. */
export interface ElectronHere {
  readonly binary: string | undefined;
  isInspectable(binary: string): Promise<boolean>;
}

export const CHROMIUM_SHELL: ShellUnderTest = { name: 'chromium', open: openInChromium };
const ELECTRON: ShellUnderTest = { name: 'electron', open: openInElectron };

export const chooseShells = async (here: ElectronHere): Promise<Choice> => {
  const without = (why: string): Choice => ({ shells: [CHROMIUM_SHELL], notes: [`${why}: its end-to-end tests did not run`] });
  const { binary } = here;
  if (binary === undefined) return without("Electron's runtime is not on this machine");
  // Playwright steers Electron through --inspect; with the fuse off it would wait for ever.
  if (!(await here.isInspectable(binary))) return without("The inspect fuse of Electron's runtime is off, so that no test can steer it");
  return { shells: [CHROMIUM_SHELL, ELECTRON], notes: [] };
};

const FILES: Readonly<Record<string, string>> = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' };

/** The runtime that the launcher starts. Looked for by hand: importing the package would try to download it. */
export const electronHere: ElectronHere = {
  get binary() {
    const folder = dirname(createRequire(import.meta.url).resolve('electron/package.json'));
    const binary = join(folder, 'dist', FILES[process.platform] ?? 'electron');
    return existsSync(binary) && existsSync(join(folder, 'path.txt')) ? binary : undefined;
  },
  async isInspectable(binary) {
    return (await getCurrentFuseWire(binary))[FuseV1Options.EnableNodeCliInspectArguments] !== FuseState.DISABLE;
  },
};
