// What electron-builder is told, held against what the built console loads (REQUIREMENTS P): nothing that it needs stays at home. Needs
// the build, which `npm test` makes first; the packing itself needs Electron's runtime.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, matchesGlob, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const at = (path: string): string => join(ROOT, path);
const read = (path: string): string => readFileSync(at(path), 'utf8');

interface BuilderConfig {
  readonly icon: string;
  readonly files: readonly string[];
  readonly asarUnpack: readonly string[];
  readonly electronFuses: Readonly<Record<string, boolean>>;
}
interface Manifest {
  readonly main: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

// The builder's own parser and validator, from its own packages.
const fromBuilder = createRequire(createRequire(import.meta.url).resolve('electron-builder'));
const { load } = createRequire(fromBuilder.resolve('app-builder-lib'))('js-yaml') as { readonly load: (text: string) => BuilderConfig };
const { validateConfiguration } = fromBuilder('app-builder-lib/out/util/config/config.js') as {
  readonly validateConfiguration: (config: unknown, log: { readonly isEnabled: boolean }) => Promise<void>;
};

const config = load(read('electron-builder.yml'));
const manifest = JSON.parse(read('package.json')) as Manifest;

/** As electron-builder reads its list: a later line wins. */
const isPacked = (path: string): boolean =>
  config.files.reduce((packed, line) => {
    const pattern = line.replace(/^!/, '');
    return matchesGlob(path, pattern) ? !line.startsWith('!') : packed;
  }, false);

// A name has no blank in it: `'from', 'to'` is a list of words.
const IMPORTED = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\()(["'])([^"'\s]+)\1/g;
/** Workers, the preload and other files are named by address, with the extension sometimes left to the build. */
const ADDRESSED = /new URL\((["'`])(\.{1,2}\/[^"'`$]+)(?:\$\{[^`]*\})?\1, import\.meta\.url\)|\bat\((["'])(\.{1,2}\/[^"']+)\3\)/g;

const namesIn = (text: string): readonly string[] => [
  ...[...text.matchAll(IMPORTED)].map((found) => found[2] ?? ''),
  ...[...text.matchAll(ADDRESSED)].map((found) => found[2] ?? found[4] ?? '').filter((name) => !name.endsWith('/')),
];

/** Every file of the build that the entry leads to, and every package that those ask for. */
const reached = (entry: string): { readonly files: ReadonlySet<string>; readonly packages: ReadonlySet<string> } => {
  const [files, packages] = [new Set<string>(), new Set<string>()];
  const walk = (path: string): void => {
    if (files.has(path)) return;
    files.add(path);
    if (!/\.c?js$/.test(path)) return;
    for (const name of namesIn(read(path))) {
      if (!name.startsWith('.')) packages.add(name.split('/', name.startsWith('@') ? 2 : 1).join('/'));
      else {
        const target = relative(ROOT, resolve(ROOT, dirname(path), name));
        walk(existsSync(at(target)) ? target : `${target}.js`);
      }
    }
  };
  walk(entry);
  return { files, packages };
};

const productionPackages = (): readonly string[] => {
  const lock = JSON.parse(read('package-lock.json')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>;
  };
  return Object.entries(lock.packages)
    .filter(([where, { dev, devOptional }]) => where !== '' && dev !== true && devOptional !== true)
    .map(([where]) => where);
};

const hasBinary = (folder: string): boolean =>
  existsSync(at(folder)) && readdirSync(at(folder), { recursive: true }).some((name) => String(name).endsWith('.node'));

describe('the package', () => {
  test('its configuration is what electron-builder understands', async () => {
    await expect(validateConfiguration(config, { isEnabled: false })).resolves.toBeUndefined();
    await expect(validateConfiguration({ ...config, nonsense: 1 }, { isEnabled: false })).rejects.toThrow(/nonsense/);
  });

  test('every file that it names is there once the console is built', () => {
    for (const path of [manifest.main, config.icon, 'package.json', 'dist/src-renderer/index.html'])
      expect(existsSync(at(path)), `${path} (npm run build)`).toBe(true);
    for (const line of config.files.filter((each) => each.startsWith('!dist/') && !/[*{]/.test(each)))
      expect(existsSync(at(line.slice(1))), line).toBe(true);
  });

  test('everything that Electron’s entry leads to is in it, workers, preload and icon too', () => {
    const { files } = reached(manifest.main);
    for (const path of ['journal/worker.js', 'practice/worker.js', 'shell/electron/preload.cjs'])
      expect(files, path).toContain(`dist/src-main/${path}`);
    expect(files).toContain('dist/assets/icons/icon.png');
    expect([...files].filter((path) => !existsSync(at(path)) || !isPacked(path))).toEqual([]);
    // The guide is read from beside the program, too (control/guide.ts).
    const read = ['dist/src-renderer/index.html', 'package.json', 'dist/assets/guide/emergency.md'];
    expect(read.filter((path) => !isPacked(path) || !existsSync(at(path)))).toEqual([]);
  });

  test('every package that is asked for is a production package and not left out', () => {
    const asked = [...reached(manifest.main).packages].filter((name) => !name.startsWith('node:') && name !== 'electron');
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => manifest.dependencies[name] === undefined)).toEqual([]);
    const leftOut = config.files.filter((line) => line.startsWith('!node_modules/')).map((line) => line.slice(1));
    expect(asked.filter((name) => leftOut.some((pattern) => matchesGlob(`node_modules/${name}/package.json`, pattern)))).toEqual([]);
  });

  test('sources, tests, maps and what only npm start can use stay at home', () => {
    const home = ['src-main/main.ts', 'tests/run.ts', 'dist/src-main/main.js.map', 'dist/src-main/headless.js', 'dist/.stamp'];
    expect(home.filter(isPacked)).toEqual([]);
  });

  test('every native module is unpacked: the system cannot load it out of an archive', () => {
    const leftOut = config.files.filter((line) => line.startsWith('!node_modules/')).map((line) => line.slice(1));
    const native = productionPackages()
      .filter((folder) => !leftOut.some((pattern) => matchesGlob(`${folder}/package.json`, pattern)))
      .filter(hasBinary);
    expect(native).toContain('node_modules/keytar');
    expect(native.filter((folder) => !config.asarUnpack.some((pattern) => matchesGlob(`${folder}/package.json`, pattern)))).toEqual([]);
  });

  test('every fuse of N2 is set, and to the safe side', () => {
    expect(config.electronFuses).toMatchObject({
      runAsNode: false,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableCookieEncryption: true,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
    });
  });
});
