// The launcher's manners towards the command line: what it says goes to stderr, because stdout belongs to the command it starts.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const LAUNCHER = fileURLToPath(new URL('../../../launch.mjs', import.meta.url));
const launch = (...args: readonly string[]) => spawnSync(process.execPath, [LAUNCHER, ...args], { encoding: 'utf8' });

test.each([
  ['no command', []],
  ['an unknown command', ['nonsense']],
  ['a name that every object has', ['toString']],
])('%s ends with code 2, names the commands there are, and leaves stdout empty', (_, args) => {
  const { status, stdout, stderr } = launch(...args);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain('practice-exchange');
});
