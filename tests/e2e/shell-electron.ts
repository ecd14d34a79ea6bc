// The built console in Electron, started as the launcher starts it, and steered by playwright.
import { fileURLToPath } from 'node:url';
import { _electron } from 'playwright';
import { until } from './desktop.ts';
import type { OpenedConsole } from './shells.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The process's own environment without what must not reach Electron: the test runner's Node options. */
const environment = (): Record<string, string> => {
  const entries = Object.entries(process.env).filter(([name, value]) => value !== undefined && name !== 'NODE_OPTIONS');
  return Object.fromEntries(entries) as Record<string, string>;
};

export const openInElectron = async (home: string): Promise<OpenedConsole> => {
  // No executablePath: only then does playwright put its loader in front, which takes its own switches out of the console's arguments.
  const app = await _electron.launch({
    args: ['.', '--home', home, '--seed', '7', '--mode', 'practice'],
    cwd: ROOT,
    env: environment(),
    // As root Chromium's sandbox cannot be had; elsewhere it stays on, as in the product.
    chromiumSandbox: process.getuid?.() !== 0,
  });
  const main = app.process();
  return {
    page: await app.firstWindow(),
    async close() {
      // A signal, not app.close(): that asks about open orders in a dialog which nobody would answer.
      main.kill('SIGTERM');
      await until('the end of Electron', () => main.exitCode ?? main.signalCode ?? undefined);
    },
  };
};
