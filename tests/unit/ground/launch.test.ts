// The launcher's manners towards the command line: what it says goes to stderr, because stdout belongs to the command it starts.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

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

/** A checkout in which nothing can be prepared: broken sources, a lockfile that is none, another launcher at work. */
const brokenCheckout = (files: Readonly<Record<string, string>>): string => {
  const root = mkdtempSync(join(tmpdir(), 'holdfast-launch-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  cpSync(LAUNCHER, join(root, 'launch.mjs'));
  const all = { 'package-lock.json': 'no lockfile', 'src-shared/broken.ts': 'const a: number = "text";', ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
};
const cli = (root: string) =>
  spawnSync(process.execPath, [join(root, 'launch.mjs'), 'cli', 'stop', '--keep'], { encoding: 'utf8', timeout: 15_000 });

test('the command line that is built runs at once: nothing stale, broken or locked holds up a stop (E1)', () => {
  const root = brokenCheckout({
    'dist/src-main/control/cli.js': 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 4;',
    'node_modules/commander/package.json': '{}',
    'package.json': '{"type": "commonjs"}',
    '.runtime/launch.lock': String(process.pid),
  });
  expect(cli(root)).toMatchObject({ status: 4, stdout: '["stop","--keep"]\n', stderr: '' });
});

test('with nothing built the command line is prepared first, and says on stderr what is in the way', () => {
  const { status, stdout, stderr } = cli(brokenCheckout({}));
  expect([status, stdout]).toEqual([2, '']);
  expect(stderr).not.toBe('');
});
