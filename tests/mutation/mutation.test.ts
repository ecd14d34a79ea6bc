// A sample of the mutation testing of safety, small enough for every `npm test`; `npm run mutate` is the whole of it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** One fault in so many, evenly over all files. */
const ONE_IN = 23;

test('a fault planted in safety is noticed by a unit test (a sample)', { timeout: 180_000 }, async () => {
  const run = promisify(execFile)(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', fileURLToPath(new URL('./run.ts', import.meta.url)), '--sample', String(ONE_IN)],
    { encoding: 'utf8' },
  );
  const said = await run.then(
    ({ stdout }) => stdout,
    ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => `FAILED\n${stdout}${stderr}`,
  );
  expect(said).not.toMatch(/^FAILED|SURVIVES/m);
  expect(said).toContain('mutation score');
});
