// The repository as a whole: what lies at the top, what is pinned, what no text may contain, and what CI runs.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { projectFiles, readSource, ROOT } from './source.ts';
import { TEXT_RULES } from './texts.ts';

const files = projectFiles();
const read = (path: string): string => readFileSync(ROOT + path, 'utf8');
const BINARY = /\.(png|ico|icns|woff2?|wav|mp3|gz|zip|db)$/;

const Versions = z.record(z.string(), z.string()).default({});
const Package = z.object({ dependencies: Versions, devDependencies: Versions, scripts: Versions });
const manifest = Package.parse(JSON.parse(read('package.json')));
const dependencies = { ...manifest.dependencies, ...manifest.devDependencies };

const TsConfig = z.object({ compilerOptions: z.record(z.string(), z.unknown()) });
const compilerOptions = (path: string): Readonly<Record<string, unknown>> => TsConfig.parse(JSON.parse(read(path))).compilerOptions;

test('every exception names a file that is still there', () => {
  expect(TEXT_RULES.flatMap((rule) => Object.keys(rule.except)).filter((path) => !files.includes(path))).toEqual([]);
});

describe.each(TEXT_RULES)('$id', (rule) => {
  test('catches each planted example', () => {
    for (const line of rule.planted) expect(rule.find(line), line).not.toEqual([]);
  });

  test('leaves innocent text alone', () => {
    for (const line of rule.innocent) expect(rule.find(line), line).toEqual([]);
  });

  test('holds in every committed text', () => {
    const found = files
      .filter((path) => !BINARY.test(path) && !Object.hasOwn(rule.except, path))
      .flatMap((path) =>
        readSource(path)
          .text.split('\n')
          .flatMap((line, index) => rule.find(line).map((piece) => `${path}:${index + 1} ${piece.slice(0, 24)}`)),
      );
    expect(found, rule.reason).toEqual([]);
  });
});

test("the customer's packages are there: no clean-up may take one away (the card)", () => {
  const card = [
    'electron',
    'electron-builder',
    'react',
    'zustand',
    'ccxt',
    'decimal.js',
    'electron-store',
    'keytar',
    'vitest',
    'playwright',
  ];
  const { dependencies, devDependencies } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8')) as Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  const present = new Set([...Object.keys(dependencies ?? {}), ...Object.keys(devDependencies ?? {})]);
  expect(card.filter((name) => !present.has(name))).toEqual([]);
});

describe('layout (DESIGN 3)', () => {
  const folders = ['.ci', '.github', 'assets', 'src-main', 'src-renderer', 'src-shared', 'tests'];

  test('the top level holds the agreed folders and root files only', () => {
    const strangers = files.filter((path) => {
      const [top = '', inside] = path.split('/', 2);
      return inside === undefined ? !/^(\.[^/]+|LICENSE|[^/]+\.(md|json|ts|mts|mjs|cjs|yml|yaml))$/.test(top) : !folders.includes(top);
    });
    expect(strangers).toEqual([]);
  });

  test.each([
    [
      'src-main',
      [
        'alerts',
        'console',
        'control',
        'engine',
        'ipc',
        'journal',
        'practice',
        'reconcile',
        'safety',
        'settings',
        'shell',
        'vault',
        'venue',
        'watchdog',
      ],
    ],
    ['src-renderer', ['bridge', 'components', 'features', 'replica', 'theme']],
    ['src-shared', ['contract', 'domain', 'errors', 'policy']],
    ['tests', ['architecture', 'bench', 'e2e', 'mutation', 'property', 'protocol', 'simulation', 'support', 'unit']],
  ])('%s holds the folders of the card', (root, known) => {
    const present = new Set(
      files
        .filter((path) => path.startsWith(`${root}/`))
        .map((path) => path.split('/'))
        .filter((parts) => parts.length > 2)
        .map((parts) => parts[1] ?? ''),
    );
    expect([...present].filter((name) => !known.includes(name))).toEqual([]);
  });
});

describe('compilers', () => {
  test('the base configuration is strict in every way that was agreed', () => {
    expect(compilerOptions('tsconfig.base.json')).toMatchObject({
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noPropertyAccessFromIndexSignature: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
    });
  });

  test.each(['src-shared', 'src-main/engine', 'src-main/safety', 'src-main/reconcile', 'src-main/practice/core'])(
    '%s compiles with neither Node nor DOM types',
    (folder) => {
      const { lib, types } = compilerOptions(`${folder}/tsconfig.json`);
      expect(types).toEqual([]);
      expect(lib).toEqual(['ES2024']);
    },
  );
});

describe('packages', () => {
  test('every version is pinned exactly', () => {
    const loose = Object.entries(dependencies).filter(([, version]) => !/^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+$/.test(version));
    expect(loose).toEqual([]);
  });

  test('the lockfile names no download address', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
  });

  test('ARCHITECTURE.md says of every package why it is there', () => {
    const text = read('ARCHITECTURE.md');
    expect(Object.keys(dependencies).filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
  });
});

describe('one command', () => {
  test('CI runs the test command of the README', () => {
    expect(read('.ci/run')).toMatch(/^npm test\b/m);
    expect(read('README.md')).toContain('npm test');
  });

  test('ready and test are the same run', () => {
    expect(manifest.scripts).toMatchObject({ test: 'node launch.mjs test', ready: 'node launch.mjs ready' });
  });
});

// Rows of REQUIREMENTS that are built: each is named by the tests that prove it, so that `grep -rn "(B8" tests` finds them.
const ROWS = [
  'A1',
  'A2',
  'D',
  'F',
  'G',
  'H',
  'I',
  'J',
  'L1',
  'L2',
  'L3',
  'L4',
  'N1',
  'N3',
  'N4',
  ...Array.from({ length: 9 }, (_, index) => `B${index + 1}`),
  ...Array.from({ length: 15 }, (_, index) => `C${index + 1}`),
  ...Array.from({ length: 8 }, (_, index) => `E${index + 1}`),
  ...Array.from({ length: 12 }, (_, index) => `Q${index + 1}`),
];
const TITLE = /\b(?:it|test|describe)(?:\.\w+(?:\([^)]*\))?)*\(\s*(['"`])((?:\\.|(?!\1).)*)\1/gs;

/** The rows that a title names; `Q1-Q11` names all between. */
const namedBy = (title: string): readonly string[] => {
  const ranges = [...title.matchAll(/\b([A-Z])(\d+)[-–]\1?(\d+)\b/g)].flatMap(([, letter, from, to]) =>
    Array.from({ length: Number(to) - Number(from) + 1 }, (_, index) => `${letter}${Number(from) + index}`),
  );
  return [...ranges, ...(title.match(/\b[A-Z]\d{0,2}\b/g) ?? [])];
};

test('every row of the requirements that is built is named by a test', () => {
  const titles = files
    .filter((path) => path.startsWith('tests/') && path.endsWith('.ts') && !path.startsWith('tests/architecture/'))
    .flatMap((path) => [...readSource(path).text.matchAll(TITLE)].map(([, , title]) => title ?? ''));
  const named = new Set(titles.flatMap(namedBy));
  expect(ROWS.filter((row) => !named.has(row))).toEqual([]);
  expect(namedBy('Q1-Q3, B8: what I (L1) mean')).toEqual(['Q1', 'Q2', 'Q3', 'Q1', 'Q3', 'B8', 'I', 'L1']);
});
