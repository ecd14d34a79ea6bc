// What `npm test`, `npm run ready` and CI run: every check of the source, the build, then every suite, closing with one honest count.
// It must never claim success for a run that crashed, ran nothing, or left something out.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chooseShells, electronHere } from './e2e/shells.ts';
import { summarise } from './summary.ts';
import type { Count } from './summary.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REPORT = join(ROOT, 'test-output', 'vitest.json');

type Check = { readonly name: string; readonly command: readonly string[] };

const tool = (path: string, ...args: string[]): readonly string[] => [process.execPath, join('node_modules', path), ...args];
const tsc = (layer: string): Check => ({
  name: `types of ${layer}`,
  command: tool('typescript/bin/tsc', '-p', layer === 'the build' ? 'tsconfig.build.json' : `${layer}/tsconfig.json`, '--noEmit'),
});

/** Checks of the source itself. Each counts as one passed or failed claim in the closing line. */
const CHECKS: readonly Check[] = [
  { name: 'format (npm run format repairs it)', command: tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.') },
  { name: 'lint', command: tool('oxlint/bin/oxlint', '--type-aware', '--deny-warnings') },
  ...[
    'src-shared',
    'src-main/engine',
    'src-main/safety',
    'src-main/reconcile',
    'src-main/practice/core',
    'src-main',
    'src-renderer',
    'tests',
  ].map(tsc),
  { name: 'nothing unused (knip)', command: tool('knip/bin/knip.js', '--no-progress') },
];

/** What the end-to-end suites need besides Node: a program on PATH or a shared library, and the Debian package that has it. */
const TOOLS: readonly { readonly found: () => boolean; readonly debian: string }[] = [
  { found: () => onPath('chromium'), debian: 'chromium' },
  { found: () => onPath('Xvfb'), debian: 'xvfb' },
  { found: () => onPath('openbox'), debian: 'openbox' },
  { found: () => onPath('xdotool'), debian: 'xdotool' },
  { found: () => onPath('dbus-run-session'), debian: 'dbus' },
  { found: () => onPath('gnome-keyring-daemon'), debian: 'gnome-keyring' },
  { found: () => hasLibrary('libsecret-1.so.0'), debian: 'libsecret-1-0' },
];

const onPath = (program: string): boolean =>
  (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));

const hasLibrary = (name: string): boolean => spawnSync('ldconfig', ['-p'], { encoding: 'utf8' }).stdout?.includes(name) ?? false;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Runs a program with its output shown as it comes; a long silence is broken by a line with the seconds so far. Gives its exit code. */
function run(command: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<number> {
  return new Promise((resolve) => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } });
    const pass = (signal: NodeJS.Signals): boolean => child.kill(signal);
    process.once('SIGTERM', pass).once('SIGHUP', pass);
    const end = (code: number): void => {
      process.off('SIGTERM', pass).off('SIGHUP', pass);
      resolve(code);
    };
    child.once('error', (error) => {
      say(`${program}: ${error.message}`);
      end(127);
    });
    child.once('close', (code) => end(code ?? 1));
  });
}

async function timed(name: string, work: () => Promise<boolean>): Promise<Count> {
  const startedMs = performance.now();
  const ok = await work();
  say(`${ok ? 'ok    ' : 'FAILED'}  ${name} (${((performance.now() - startedMs) / 1000).toFixed(1)} s)`);
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1 };
}

/** Makes sure that the end-to-end suites can run: installs on Debian as root, elsewhere says what to install. */
async function provide(): Promise<boolean> {
  const missing = TOOLS.filter((each) => !each.found()).map((each) => each.debian);
  if (missing.length === 0) return true;
  const debianRoot = existsSync('/etc/debian_version') && process.getuid?.() === 0;
  if (!debianRoot) {
    say(`The suites in tests/e2e need programs that are not here. On Debian or Ubuntu: sudo apt-get install ${missing.join(' ')}`);
    say('Elsewhere install their counterparts; the suites need Linux with X11 (in a container or a virtual machine on other systems).');
    return false;
  }
  say(`installing what the end-to-end suites need: ${missing.join(' ')}`);
  const quiet = { DEBIAN_FRONTEND: 'noninteractive' };
  if ((await run(['apt-get', '-q', 'update'], quiet)) !== 0) say('apt-get update failed; trying with the lists that are here');
  await run(['apt-get', '-q', 'install', '-y', '--no-install-recommends', ...missing], quiet);
  const still = TOOLS.filter((each) => !each.found()).map((each) => each.debian);
  if (still.length > 0) say(`still missing: ${still.join(' ')}`);
  return still.length === 0;
}

interface Suites {
  /** Those of vitest.config.ts. */
  readonly projects: readonly string[];
  readonly filters: readonly string[];
  readonly coverage: boolean;
}

async function runSuites({ projects, filters, coverage }: Suites): Promise<Count> {
  mkdirSync(join(ROOT, 'test-output'), { recursive: true });
  rmSync(REPORT, { force: true });
  const code = await run(
    tool(
      'vitest/vitest.mjs',
      'run',
      ...filters,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${REPORT}`,
      ...(coverage ? ['--coverage'] : []),
      ...projects.map((project) => `--project=${project}`),
    ),
    { NODE_OPTIONS: [process.env['NODE_OPTIONS'] ?? '', '--disable-warning=ExperimentalWarning'].join(' ').trim() },
  );
  const { count, notes } = summarise(code, existsSync(REPORT) ? readFileSync(REPORT, 'utf8') : '');
  notes.forEach(say);
  return count;
}

/**
 * Coverage is asked of the suites that look closely. It makes computing three times as slow, so that the simulation, whose many seeds
 * are its worth, lives without; what runs in processes of its own is counted nowhere.
 */
const stages = (whole: boolean, filters: readonly string[], coverage: boolean, e2e: readonly string[]): readonly Suites[] =>
  whole
    ? [
        { projects: ['core', 'protocol'], filters, coverage: true },
        { projects: ['simulation', 'kills', ...e2e], filters, coverage },
      ]
    : [{ projects: ['core', 'simulation', 'protocol', 'kills', ...e2e], filters, coverage }];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ options: { coverage: { type: 'boolean', default: false } }, allowPositionals: true });
  const whole = positionals.length === 0;
  const counts: Count[] = [];
  if (whole) for (const check of CHECKS) counts.push(await timed(check.name, async () => (await run(check.command)) === 0));
  counts.push(await timed('build', async () => (await run([process.execPath, 'launch.mjs', 'build'])) === 0));
  const wantsE2e = whole || positionals.some((filter) => filter.includes('e2e'));
  const canE2e = !wantsE2e || (await provide());
  if (!canE2e) counts.push(await timed('programs for tests/e2e, whose suites were NOT run', () => Promise.resolve(false)));
  for (const suites of stages(whole, positionals, values.coverage, canE2e ? ['e2e'] : [])) counts.push(await runSuites(suites));
  if (wantsE2e && canE2e) (await chooseShells(electronHere)).notes.forEach((note) => say(`not run: ${note}`));
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  say(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main();
