// A console without a shell, for tests that kill many: it loads, waits for a line on standard input, and starts with the options of that
// line. A process that is loaded already starts in the time that the console itself needs. Run as lean-build.ts has put it together.
import { flushCompileCache } from 'node:module';
import { createInterface } from 'node:readline';
import { startConsole } from '../../src-main/console.ts';
import { createHeadlessShell } from '../../src-main/shell/headless.ts';
import { loadCcxt } from '../../src-main/venue/wired-ccxt.ts';
import type { ConsoleOptions } from '../../src-main/shell/port.ts';
import { fail } from '../../src-shared/errors/result.ts';

const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const start = async (line: string): Promise<void> => {
  const { home, customVenue } = JSON.parse(line) as Pick<ConsoleOptions, 'home' | 'customVenue'>;
  const shell = createHeadlessShell({ register: () => Promise.resolve(fail('A test has no keyboard.')) });
  const alerts = { raise: (alert: object) => process.stdout.write(`ALERT ${JSON.stringify(alert)}\n`) };
  const options = {
    home,
    customVenue,
    seed: 1,
    feed: { kind: 'synthetic' },
    account: 'conservative',
    mode: null,
    profile: null,
    watchdog: null,
  } as const;
  await startConsole({ ...options, alerts, log: silent }, shell);
  process.stdout.write('READY\n');
};

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => void start(line));
// Whoever started it is gone: a console that nobody knows of must not trade on.
lines.once('close', () => process.exit());
await loadCcxt();
flushCompileCache();
process.stdout.write('LOADED\n');
