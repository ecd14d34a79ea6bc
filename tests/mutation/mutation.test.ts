// A sample of the mutation testing of safety, small enough for every `npm test`; `npm run mutate` is the whole of it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** One fault in so many, over all files. */
const ONE_IN = 30;
/** What is not noticed and not explained yet is counted by `npm run mutate`; it must not become more. */
const LEAST_PERCENT = 85;

test('a fault planted in safety is noticed by a unit test (a sample)', { timeout: 300_000 }, async () => {
  const run = fileURLToPath(new URL('./run.ts', import.meta.url));
  const args = ['--disable-warning=ExperimentalWarning', run, '--sample', String(ONE_IN)];
  // Ends with 1 when a fault of the sample survives that nobody explained; a run that broke off says no score.
  const said = await promisify(execFile)(process.execPath, args, { encoding: 'utf8' }).then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => `${stdout}${stderr}`,
  );
  const score = /without the \d+ that change nothing ([\d.]+) %/.exec(said)?.[1];
  expect(Number(score), said).toBeGreaterThanOrEqual(LEAST_PERCENT);
});
