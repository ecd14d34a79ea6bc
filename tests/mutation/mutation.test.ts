// A sample of the mutation testing of safety, small enough for every `npm test`; `npm run mutate` is the whole of it.
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** One fault in so many, over all files. */
const ONE_IN = 30;

test(
  'a fault planted in safety is noticed by a unit test, or survivors.json says why nobody can (a sample)',
  { timeout: 300_000 },
  async () => {
    const run = fileURLToPath(new URL('./run.ts', import.meta.url));
    const args = ['--disable-warning=ExperimentalWarning', run, '--sample', String(ONE_IN)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((resolve) => child.once('close', resolve));
    const [said, wrong, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    // A run that broke off says no score; one with a survivor that nobody explained names it and ends with 1.
    expect(code, `${said}${wrong}`).toBe(0);
    expect(said).toMatch(/mutation score [\d.]+ %/);
  },
);
