// The one door to the project: finds a fit Node, installs what the lockfile names, builds what is stale, then runs the command asked for.
// It must run on any Node >= 18 with nothing installed, and must never write to stdout: that belongs to the command it starts.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(fileURLToPath(import.meta.url));
const at = (...parts) => path.join(ROOT, ...parts);

const NODE_MAJOR = 24;
/** The built command line, unlike the console, runs on these too. */
const OLDEST_CLI_MAJOR = 22;
const NODE_VERSION = '24.21.0';
const WINDOWS = process.platform === 'win32';
const ELECTRON_DOWNLOAD_TIMEOUT_MS = 180_000;
const ELECTRON_RETRY_AFTER_MS = 24 * 60 * 60_000;
const PROGRESS_PLAIN_EVERY_MS = 15_000;
const FAILURE_TAIL_LINES = 60;
const PARENT_CHECK_EVERY_MS = 250;

const BUILD_SOURCES = ['src-main', 'src-shared', 'src-renderer', 'assets'];
const BUILD_CONFIGS = /^(tsconfig.*\.json|vite\..*\.ts|package-lock\.json)$/;

const CLI = 'dist/src-main/control/cli.js';

/**
 * Each command: what must be ready before it, then what runs. `args` are the words after the command's name. `atOnce` says that what
 * is there already is good enough to run without any preparation.
 */
const COMMANDS = {
  start: { build: true, run: startConsole },
  test: { build: false, run: (args) => runNode('tests/run.ts', args) },
  ready: { build: false, run: (args) => runNode('tests/run.ts', args) },
  cli: { build: true, atOnce: canRunCli, run: (args) => runNode(CLI, args) },
  'practice-exchange': { build: true, run: (args) => runNode('dist/src-main/practice/standalone.js', args) },
  bench: { build: true, run: (args) => runNode('tests/bench/run.ts', args) },
  simulate: { build: false, run: (args) => runNode('tests/simulation/simulate.ts', args) },
  'crash-test': { build: false, run: (args) => runNode('tests/crash-test.ts', args) },
  mutate: { build: false, run: (args) => runNode('tests/mutation/run.ts', args) },
  build: { build: true, run: () => 0 },
  package: { build: true, run: (args) => runNode('node_modules/electron-builder/cli.js', args) },
  format: { build: false, run: () => runNode('node_modules/prettier/bin/prettier.cjs', ['--write', '.']) },
};

/** An expected failure: its message tells a person what is missing and how to get it. `output` is all that a failed step printed. */
class Stop extends Error {
  constructor(message, output = '') {
    super(message);
    this.output = output;
  }
}

// ---------------------------------------------------------------------------------------------------------------- telling

const say = (text) => process.stderr.write(`holdfast: ${text}\n`);

/** Shows that a long step is alive: a ticking line on a terminal, a plain line now and then elsewhere. Returns the function that ends it. */
function progress(label) {
  const startedMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedMs) / 1000);
  const live = process.stderr.isTTY;
  if (!live) say(`${label} ...`);
  const tick = () => (live ? process.stderr.write(`\r\x1b[Kholdfast: ${label} ... ${seconds()} s`) : say(`${label} ... ${seconds()} s`));
  const timer = setInterval(tick, live ? 1000 : PROGRESS_PLAIN_EVERY_MS);
  return (outcome) => {
    clearInterval(timer);
    if (live) process.stderr.write('\r\x1b[K');
    say(`${label}: ${outcome} (${seconds()} s)`);
  };
}

// --------------------------------------------------------------------------------------------------------------- children

/** The fit Node once it is known; its folder leads PATH, so that tools started below find the same one. */
let node = process.execPath;
/** The signal that asked this launcher to end, if one did. */
let interruptedBy;

function childEnv(extra = {}) {
  const env = { ...process.env, ...extra };
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  env[key] = path.dirname(node) + path.delimiter + (env[key] ?? '');
  return env;
}

/**
 * Starts a program and waits for its end. Signals go through to it: SIGTERM and SIGHUP always; SIGINT only without a terminal,
 * because a terminal gives Ctrl+C to the whole foreground group and the child must not see it twice.
 */
function runChild(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: ROOT, ...options });
    const pass = (signal) => {
      interruptedBy = signal;
      if (signal === 'SIGINT' && process.stdin.isTTY) return;
      child.kill(signal);
    };
    const signals = WINDOWS ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    const unwatch = watchParent(() => pass('SIGTERM'));
    const release = () => {
      unwatch();
      for (const signal of signals) process.off(signal, pass);
    };
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk));
    child.once('error', (error) => {
      release();
      reject(error);
    });
    child.once('close', (code, signal) => {
      release();
      resolve({ code, signal, output });
    });
  });
}

/**
 * npm runs scripts through a shell that dies of a signal without handing it on; the launcher then only sees its parent change.
 * Outside npm a parent may go away on purpose (nohup), so nothing is watched there.
 */
function watchParent(onGone) {
  if (WINDOWS || !process.env['npm_lifecycle_event']) return () => undefined;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    onGone();
  }, PARENT_CHECK_EVERY_MS);
  return () => clearInterval(timer);
}

/** A preparation step: quiet while it works, its last words on failure. */
async function step(label, command, args, options = {}) {
  const done = progress(label);
  let result;
  try {
    result = await runChild(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: childEnv(), ...options });
  } catch (error) {
    done('could not start');
    throw new Stop(`${command}: ${error.message}`);
  }
  if (result.code !== 0) {
    done(result.signal ? `stopped by ${result.signal}` : `failed with code ${result.code}`);
    if (interruptedBy) endBy(interruptedBy);
    throw new Stop(`${label} failed:\n${result.output.trimEnd().split('\n').slice(-FAILURE_TAIL_LINES).join('\n')}`, result.output);
  }
  done('done');
}

/** Runs a script of this project in the foreground under the fit Node and hands back its exit code. */
async function runNode(script, args, extraEnv = {}) {
  if (!fs.existsSync(at(script))) throw new Stop(`${script} is not here: the checkout is incomplete, or this part is not built yet.`);
  return foreground(node, ['--disable-warning=ExperimentalWarning', script, ...args], extraEnv);
}

async function foreground(command, args, extraEnv) {
  const { code, signal } = await runChild(command, args, { stdio: 'inherit', env: childEnv(extraEnv) });
  if (signal) endBy(signal);
  return code ?? 1;
}

/** Ends this process by the signal that ended its child, so that a caller sees the same thing. */
function endBy(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

// -------------------------------------------------------------------------------------------------------- Node and packages

const nodeMajor = (version) => Number(version.replace(/^v/, '').split('.')[0]);

function fetchedNode() {
  const names = ['node', `node-${WINDOWS ? 'win' : process.platform}-${process.arch}`];
  const file = WINDOWS ? 'node.exe' : 'node';
  return names.map((name) => at('.runtime', 'node_modules', name, 'bin', file)).find((candidate) => fs.existsSync(candidate));
}

/** npm as [command, ...leading arguments], always run by a Node that we know. */
function npm() {
  const beside = path.dirname(process.execPath);
  const scripts = [
    process.env['npm_execpath'] ?? '',
    path.join(beside, '../lib/node_modules/npm/bin/npm-cli.js'),
    path.join(beside, 'node_modules/npm/bin/npm-cli.js'),
  ];
  const script = scripts.find((candidate) => path.basename(candidate) === 'npm-cli.js' && fs.existsSync(candidate));
  return script ? { command: node, lead: [script], options: {} } : { command: 'npm', lead: [], options: { shell: WINDOWS } };
}

async function npmStep(label, args) {
  const { command, lead, options } = npm();
  await step(label, command, [...lead, ...args], options);
}

/** Node 24: the running one, else the one kept in .runtime, else fetched as an npm package (the platform's own: it needs no install script). */
async function findNode() {
  if (nodeMajor(process.version) === NODE_MAJOR) return process.execPath;
  const kept = fetchedNode();
  if (kept) return kept;
  const platformPackage = `node-${WINDOWS ? 'win' : process.platform}-${process.arch}@${NODE_VERSION}`;
  const common = ['install', '--prefix', '.runtime', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  try {
    await npmStep(`fetching Node ${NODE_VERSION} (this is Node ${process.versions.node})`, [
      ...common,
      '--ignore-scripts',
      platformPackage,
    ]);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    say(`${platformPackage} cannot be had; trying the general package`);
    await npmStep(`fetching node@${NODE_VERSION}`, [...common, `node@${NODE_VERSION}`]).catch((cause) => {
      throw new Stop(`Holdfast needs Node ${NODE_MAJOR}; this is ${process.version}, and fetching one failed.
Install Node ${NODE_MAJOR} (https://nodejs.org, or your version manager: "nvm install ${NODE_MAJOR}") and run the command again.
${cause.message}`);
    });
  }
  const fetched = fetchedNode();
  if (!fetched) throw new Stop(`Node ${NODE_VERSION} was fetched but is not where it should be. Install Node ${NODE_MAJOR} by hand.`);
  return fetched;
}

const sha256 = (data) => createHash('sha256').update(data).digest('hex');
const readIfThere = (file) => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');

/** True when node_modules already holds what the lockfile names (someone ran npm by hand): then nothing needs to be thrown away. */
function installedMatches(lockText) {
  const hidden = readIfThere(at('node_modules', '.package-lock.json'));
  if (!hidden) return false;
  const installed = JSON.parse(hidden).packages;
  return Object.entries(JSON.parse(lockText).packages).every(
    ([where, wanted]) => where === '' || wanted.optional || wanted.peer || installed[where]?.version === wanted.version,
  );
}

/**
 * True when all that `npm ci` misses in the lockfile are optional packages, that is, binaries of other platforms. A lockfile written
 * against a registry that does not carry those cannot name them, and npm then refuses its own lockfile (npm/cli issue 9846).
 */
function missesOnlyOptional(output, lockText) {
  const missing = [...output.matchAll(/Missing: (.+)@\S* from lock file/g)].map((match) => match[1]);
  const optional = new Set(Object.values(JSON.parse(lockText).packages).flatMap((each) => Object.keys(each.optionalDependencies ?? {})));
  return missing.length > 0 && missing.every((name) => optional.has(name)) && !/Invalid: /.test(output);
}

async function installPackages(lockText) {
  const label = 'installing packages from package-lock.json';
  try {
    await npmStep(label, ['ci', '--no-audit', '--no-fund']);
  } catch (error) {
    if (!(error instanceof Stop) || !missesOnlyOptional(error.output, lockText)) throw error;
    say('the lockfile names no binaries for some platforms; installing its versions and what this platform needs');
    await npmStep(label, ['install', '--no-save', '--no-audit', '--no-fund']);
  }
  if (!installedMatches(lockText))
    throw new Stop('npm installed other versions than package-lock.json names. Remove node_modules and try again.');
}

async function ensurePackages() {
  const stamp = at('node_modules', '.holdfast-lock');
  const lockText = fs.readFileSync(at('package-lock.json'), 'utf8');
  const wanted = sha256(lockText);
  if (readIfThere(stamp) === wanted) return;
  if (!installedMatches(lockText)) {
    await installPackages(lockText).catch((cause) => {
      throw new Stop(`${cause.message}\nThe npm registry must be reachable once (see "npm config get registry" and proxy settings).`);
    });
  }
  fs.writeFileSync(stamp, wanted);
}

// ------------------------------------------------------------------------------------------------------------------ build

/** One line that changes whenever a source, its size or its time changes. Only stats files: it must cost milliseconds. */
function sourceState() {
  const lines = [];
  const walk = (folder) => {
    for (const entry of fs.readdirSync(at(folder), { withFileTypes: true })) {
      const name = `${folder}/${entry.name}`;
      if (entry.isDirectory()) walk(name);
      else lines.push(fileState(name));
    }
  };
  for (const folder of BUILD_SOURCES) if (fs.existsSync(at(folder))) walk(folder);
  for (const name of fs.readdirSync(ROOT)) if (BUILD_CONFIGS.test(name)) lines.push(fileState(name));
  return sha256(lines.sort().join('\n'));
}

function fileState(name) {
  const { size, mtimeMs } = fs.statSync(at(name));
  return `${name}:${size}:${mtimeMs}`;
}

const isBuilt = (state) => readIfThere(at('dist', '.stamp')) === state;

/** Builds beside the old result and swaps at the end, so that a failed or stopped build leaves the last good one whole. */
async function build(state) {
  const next = at('dist.next');
  fs.rmSync(next, { recursive: true, force: true });
  await step('compiling main and shared', node, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', 'dist.next']);
  if (fs.existsSync(at('src-main/shell/electron/preload.ts')))
    await bundle('the preload', 'vite.preload.config.ts', 'dist.next/src-main/shell/electron');
  if (fs.existsSync(at('src-renderer/index.html'))) await bundle('the window', 'vite.renderer.config.ts', '../dist.next/src-renderer');
  if (fs.existsSync(at('assets'))) fs.cpSync(at('assets'), path.join(next, 'assets'), { recursive: true });
  fs.writeFileSync(path.join(next, '.stamp'), state);
  fs.rmSync(at('dist.old'), { recursive: true, force: true });
  if (fs.existsSync(at('dist'))) fs.renameSync(at('dist'), at('dist.old'));
  fs.renameSync(next, at('dist'));
  fs.rmSync(at('dist.old'), { recursive: true, force: true });
}

/** `outDir` is relative to the configuration's own root, as vite wants it. */
const bundle = (what, config, outDir) =>
  step(`bundling ${what}`, node, ['node_modules/vite/bin/vite.js', 'build', '--config', config, '--outDir', outDir]);

async function ensureBuilt() {
  const state = sourceState();
  if (!isBuilt(state)) await build(state);
}

/** One launcher at a time prepares; the others wait for it. A lock whose owner is gone is taken over. */
async function exclusively(work) {
  fs.mkdirSync(at('.runtime'), { recursive: true });
  const lock = at('.runtime', 'launch.lock');
  let told = false;
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(readIfThere(lock));
    if (!isAlive(owner)) fs.rmSync(lock, { force: true });
    else if (!told) say(`waiting for another launcher (process ${owner}) to finish preparing`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

// ------------------------------------------------------------------------------------------------------------------ shells

const SHELLS = ['electron', 'chromium', 'headless'];

/** Takes the launcher's own words out of the arguments; everything else belongs to the console. */
function shellArguments(args) {
  const rest = [];
  let asked;
  for (let i = 0; i < args.length; i += 1) {
    const [name, inline] = args[i].split(/=(.*)/s);
    if (name === '--headless') asked = 'headless';
    else if (name === '--shell') asked = inline ?? args[(i += 1)] ?? '';
    else rest.push(args[i]);
  }
  if (asked !== undefined && !SHELLS.includes(asked))
    throw new Stop(`--shell takes one of ${SHELLS.join(', ')}; "${asked}" is none of them.`);
  return { asked, rest };
}

const hasDisplay = () => process.platform !== 'linux' || Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY']);

function electronBinary() {
  const file = { win32: 'electron.exe', darwin: 'Electron.app/Contents/MacOS/Electron' }[process.platform] ?? 'electron';
  const binary = at('node_modules', 'electron', 'dist', file);
  return fs.existsSync(binary) ? binary : undefined;
}

/** Electron's runtime, or why it cannot be had. The download is tried once a day at most: without a network it only costs time. */
async function findElectron(insist) {
  if (process.platform === 'linux' && process.getuid() === 0) return { why: 'Electron keeps its sandbox on and so does not run as root' };
  const present = electronBinary();
  if (present) return { binary: present };
  const note = at('.runtime', 'electron-refused.json');
  const last = readIfThere(note);
  if (last && !insist && Date.now() - JSON.parse(last).atMs < ELECTRON_RETRY_AFTER_MS) return { why: JSON.parse(last).why };
  try {
    await step('downloading the Electron runtime', node, ['node_modules/electron/install.js'], { timeout: ELECTRON_DOWNLOAD_TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    const why = `Electron's runtime could not be downloaded (${error.message.split('\n')[1]?.trim() ?? 'no reason given'})`;
    fs.mkdirSync(at('.runtime'), { recursive: true });
    fs.writeFileSync(note, JSON.stringify({ atMs: Date.now(), why }));
    return { why };
  }
  fs.rmSync(note, { force: true });
  const fetched = electronBinary();
  return fetched ? { binary: fetched } : { why: "Electron's runtime is not where its installer should have put it" };
}

const CHROMIUM_PLACES = {
  linux: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'brave-browser'],
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge', 'Brave Browser'].map((app) => `/Applications/${app}.app/Contents/MacOS/${app}`),
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((folder) =>
    [
      'Google/Chrome/Application/chrome.exe',
      'Microsoft/Edge/Application/msedge.exe',
      'BraveSoftware/Brave-Browser/Application/brave.exe',
    ].map((file) => path.join(process.env[folder] ?? '', file)),
  ),
};

function findChromium() {
  if (process.env['HOLDFAST_CHROMIUM']) return process.env['HOLDFAST_CHROMIUM'];
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const places = (CHROMIUM_PLACES[process.platform] ?? CHROMIUM_PLACES.linux).flatMap((place) =>
    path.isAbsolute(place) ? [place] : folders.map((folder) => path.join(folder, place)),
  );
  return places.find((place) => fs.existsSync(place));
}

/** Electron; where it cannot be had, an installed Chromium; with no display, no window. `why` says what was passed over. */
async function chooseShell(asked) {
  if (asked === 'headless') return { shell: 'headless', why: 'asked for' };
  if (!asked && !hasDisplay()) return { shell: 'headless', why: 'there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)' };
  const reasons = [];
  if (asked !== 'chromium') {
    const { binary, why } = await findElectron(asked === 'electron');
    if (binary) return { shell: 'electron', binary, why: '' };
    if (asked) throw new Stop(`--shell electron: ${why}.`);
    reasons.push(why);
  }
  const chromium = findChromium();
  if (chromium) return { shell: 'chromium', binary: chromium, why: reasons[0] ?? 'asked for' };
  const hint = 'install Chromium, Chrome, Edge or Brave (Debian: apt-get install chromium), or name one in HOLDFAST_CHROMIUM';
  if (asked) throw new Stop(`--shell chromium: no Chromium is installed; ${hint}.`);
  return { shell: 'headless', why: `${reasons.join('; ')}; no Chromium is installed either: ${hint}` };
}

/** Opens the console in the best shell there is. HOLDFAST_SHELL_WHY tells the console why it is not Electron, so that it can show it. */
async function startConsole(args) {
  const { asked, rest } = shellArguments(args);
  const { shell, binary, why } = await chooseShell(asked);
  if (shell === 'electron') return foreground(binary, ['.', ...rest]);
  say(`shell ${shell}: ${why}`);
  const env = { HOLDFAST_SHELL_WHY: why, ...(shell === 'chromium' ? { HOLDFAST_CHROMIUM: binary } : {}) };
  return runNode('dist/src-main/headless.js', ['--shell', shell, ...rest], env);
}

// ------------------------------------------------------------------------------------------------------------------- main

/** A stop must not wait for an install, a build, another launcher or a download: any command line that was ever built can carry it. */
function canRunCli() {
  return fs.existsSync(at(CLI)) && fs.existsSync(at('node_modules', 'commander', 'package.json'));
}

/** A Node that can run what is built, out of those that are here; undefined when none is. */
function nodeAtOnce() {
  const major = nodeMajor(process.version);
  if (major === NODE_MAJOR) return process.execPath;
  return fetchedNode() ?? (major >= OLDEST_CLI_MAJOR ? process.execPath : undefined);
}

/** Only for a person at a terminal, and only afterwards: scripts read what the command itself says. */
function tellStale() {
  if (!process.stderr.isTTY) return;
  try {
    if (!isBuilt(sourceState())) say('the sources are newer than this command line; "npm run build" brings it up to date.');
  } catch (error) {
    say(`whether this command line is up to date cannot be told: ${error.message}`);
  }
}

async function main([name = '', ...args]) {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new Stop(`unknown command "${name}"; known: ${Object.keys(COMMANDS).join(', ')}.`);
  const present = command.atOnce?.() ? nodeAtOnce() : undefined;
  if (present) {
    node = present;
    const code = await command.run(args);
    tellStale();
    return code;
  }
  node = await findNode();
  await exclusively(async () => {
    await ensurePackages();
    if (command.build) await ensureBuilt();
  });
  return command.run(args);
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    say(error instanceof Stop ? error.message : (error.stack ?? String(error)));
    process.exitCode = 2;
  },
);
