// The rules of the source as a table: where each applies, what it forbids, why, and one planted violation that it must catch.
// A rule without a reason or without a violation does not belong here. Exceptions stand in the row, with their reason.
import { wrongDirection } from './layers.ts';
import { identifierName, importsOf, isNode, isReference, lineOf, walk } from './source.ts';
import type { Node, Source } from './source.ts';

export type Finding = { readonly line: number; readonly what: string };

export type Rule = {
  readonly id: string;
  readonly reason: string;
  readonly where: RegExp;
  /** Paths that the rule leaves alone, each with its reason. */
  readonly except: Readonly<Record<string, string>>;
  readonly check: (source: Source) => readonly Finding[];
  /** Code that breaks the rule, at a path where it applies. */
  readonly planted: readonly { readonly path: string; readonly code: string }[];
  /** Code that comes close and is right. */
  readonly innocent: readonly { readonly path: string; readonly code: string }[];
};

const CODE = /^src-(main|shared|renderer)\/.*\.tsx?$/;
const PURE = /^(src-shared|src-main\/(engine|safety|reconcile|practice\/core))\/.*\.ts$/;
const DECIDER = /^src-main\/(engine|safety|reconcile|practice\/core)\/.*\.ts$/;
const WINDOW = /^src-renderer\/.*\.tsx?$/;

// ------------------------------------------------------------------------------------------------------ ways of looking

function nodes(source: Source, judge: (node: Node, parent: Node | undefined, field: string) => string | undefined): readonly Finding[] {
  const found: Finding[] = [];
  walk(source, (node, parent, field) => {
    const what = judge(node, parent, field);
    if (what !== undefined) found.push({ line: lineOf(source.text, node.start), what });
  });
  return found;
}

const globals =
  (banned: readonly string[]) =>
  (source: Source): readonly Finding[] =>
    nodes(source, (node, parent, field) => {
      const name = identifierName(node);
      return name !== undefined && banned.includes(name) && isReference(parent, field) ? name : undefined;
    });

const packages =
  (banned: (name: string) => boolean) =>
  (source: Source): readonly Finding[] =>
    importsOf(source)
      .filter((each) => !each.relative && banned(each.target))
      .map((each) => ({ line: each.line, what: `imports ${each.target}` }));

/** `object.property`, with each given by name. */
function isMember(node: Node, object: string, property: string): boolean {
  return node.type === 'MemberExpression' && identifierName(node['object']) === object && identifierName(node['property']) === property;
}

const argumentsOf = (node: Node): readonly Node[] => (Array.isArray(node['arguments']) ? node['arguments'].filter(isNode) : []);

const ofPackage = (name: string) => (target: string) => target === name || target.startsWith(`${name}/`);

/** A library that only one place may know. Elsewhere its port is used. */
function door(name: string, allowed: RegExp, reason: string): Rule {
  return {
    id: `${name} has one door`,
    reason,
    where: new RegExp(`^(?!${allowed.source.replace(/^\^/, '')})src-(main|shared|renderer)/`),
    except: {},
    check: packages(ofPackage(name)),
    planted: [
      { path: 'src-main/engine/planted.ts', code: `import x from '${name}';` },
      { path: 'src-main/alerts/planted.ts', code: `const x = await import('${name}');` },
    ],
    innocent: [{ path: 'src-main/alerts/planted.ts', code: `const text = '${name}';` }],
  };
}

// ----------------------------------------------------------------------------------------------------- the outside world

const OUTSIDE: readonly string[] = [
  'Buffer',
  'Temporal',
  'WebSocket',
  'XMLHttpRequest',
  'console',
  'crypto',
  'document',
  'fetch',
  'globalThis',
  'localStorage',
  'navigator',
  'performance',
  'process',
  'queueMicrotask',
  'require',
  'setImmediate',
  'setInterval',
  'setTimeout',
];

const TIME_AND_CHANCE = (source: Source): readonly Finding[] =>
  nodes(source, (node) => {
    if (isMember(node, 'Date', 'now')) return 'Date.now';
    if (isMember(node, 'Math', 'random')) return 'Math.random';
    const isDate = identifierName(node['callee']) === 'Date';
    if (isDate && node.type === 'NewExpression' && argumentsOf(node).length === 0) return 'new Date() without a time';
    if (isDate && node.type === 'CallExpression') return 'Date()';
    if (node.type === 'MetaProperty' && identifierName(node['meta']) === 'import') return 'import.meta';
    return undefined;
  });

// --------------------------------------------------------------------------------------------------------------- money

const MONEY_NAME = /price|qty|quantity|amount|notional|balance|equity|fee(?!d)|pnl|cost|money|usdt/i;

const FLOAT_MONEY = (source: Source): readonly Finding[] =>
  nodes(source, (node) => {
    const text = (of: Node): string => source.text.slice(of.start, of.end);
    if (node.type === 'CallExpression') {
      const callee = isNode(node['callee']) ? text(node['callee']) : '';
      if (callee === 'parseFloat' || callee === 'Number.parseFloat') return 'parseFloat';
      if (callee.endsWith('.toNumber')) return '.toNumber()';
      const first = argumentsOf(node)[0];
      if (callee === 'Number' && first && MONEY_NAME.test(text(first))) return text(node);
    }
    const isPlus = node.type === 'UnaryExpression' && node['operator'] === '+';
    return isPlus && isNode(node['argument']) && MONEY_NAME.test(text(node['argument'])) ? text(node) : undefined;
  });

// --------------------------------------------------------------------------------------------------------------- table

export const RULES: readonly Rule[] = [
  {
    id: 'imports point inward',
    reason: 'DESIGN 3: a lower layer that knows a higher one cannot be tested, replayed or trusted alone',
    where: /\.(ts|tsx|mts|cts|mjs)$/,
    except: {},
    check: (source) =>
      importsOf(source)
        .filter((each) => each.relative)
        .flatMap((each) => {
          const wrong = wrongDirection(source.path, each.target, each.typeOnly);
          return wrong === undefined ? [] : [{ line: each.line, what: `${wrong}: ${each.target}` }];
        }),
    planted: [
      { path: 'src-shared/domain/planted.ts', code: "import { decide } from '../../src-main/engine/decide.ts';" },
      { path: 'src-main/engine/planted.ts', code: "import { BinanceVenue } from '../venue/binance.ts';" },
      { path: 'src-main/engine/planted.ts', code: "import { submit } from '../venue/port.ts';" },
      { path: 'src-main/safety/planted.ts', code: "export * from '../journal/append.ts';" },
      { path: 'src-main/venue/planted.ts', code: "const later = await import('../journal/append.ts');" },
      { path: 'src-main/practice/core/planted.ts', code: "import type { Request } from '../protocol/rest.ts';" },
      { path: 'src-main/ipc/planted.ts', code: "import { start } from '../headless.ts';" },
      { path: 'src-renderer/features/planted.tsx', code: "import type { State } from '../../src-main/engine/state.ts';" },
      { path: 'src-main/engine/planted.ts', code: "import { fake } from '../../tests/fake.ts';" },
      { path: 'src-main/brandnew/planted.ts', code: "import { a } from '../engine/decide.ts';" },
    ],
    innocent: [
      { path: 'src-main/engine/planted.ts', code: "import type { Venue } from '../venue/port.ts';" },
      { path: 'src-main/venue/planted.ts', code: "import type { Order } from '../../src-shared/domain/order.ts';" },
      { path: 'src-main/headless.ts', code: "import { openJournal } from './journal/journal.ts';" },
      { path: 'src-main/practice/protocol/planted.ts', code: "import { ExchangeCore } from '../core/exchange.ts';" },
    ],
  },
  {
    id: 'pure folders have no clock and no chance',
    reason: 'DESIGN 1, 3: the same facts must give the same state, in replay and in virtual time',
    where: PURE,
    except: {},
    check: TIME_AND_CHANCE,
    planted: [
      'const t = Date.now();',
      'const clock = Date.now;',
      'const d = new Date();',
      'const s = Date();',
      'const r = Math.random();',
      'const u = new URL("./x", import.meta.url);',
    ].map((code) => ({ path: 'src-main/engine/planted.ts', code })),
    innocent: [{ path: 'src-main/engine/planted.ts', code: 'const day = new Date(nowMs).toISOString(); const max = Math.max(1, 2);' }],
  },
  {
    id: 'pure folders touch nothing outside',
    reason: 'DESIGN 3, 7: time, ids, randomness, network and disk come in through ports',
    where: PURE,
    except: {},
    check: globals(OUTSIDE),
    planted: [
      'process.exit(1);',
      'setTimeout(f, 1);',
      'const { now } = performance;',
      'void fetch(url);',
      'globalThis.x = 1;',
      'console.log(1);',
    ].map((code) => ({
      path: 'src-shared/domain/planted.ts',
      code,
    })),
    innocent: [
      { path: 'src-shared/domain/planted.ts', code: 'type Row = { readonly process: string }; const name = row.process; // process.exit' },
    ],
  },
  {
    id: 'pure folders import no Node and few packages',
    reason: 'DESIGN 3: zod declares the schemas, decimal.js is the money; anything else brings a world with it',
    where: PURE,
    except: {},
    check: packages((name) => !['zod', 'decimal.js'].includes(name)),
    planted: [
      { path: 'src-main/safety/planted.ts', code: "import { readFileSync } from 'node:fs';" },
      { path: 'src-main/engine/planted.ts', code: "import type { Socket } from 'node:net';" },
      { path: 'src-shared/domain/planted.ts', code: "import ccxt from 'ccxt';" },
    ],
    innocent: [{ path: 'src-shared/policy/planted.ts', code: "import { z } from 'zod';" }],
  },
  {
    id: 'a decision does not wait',
    reason: 'DESIGN 1: one writer, no await inside a decision, or two decisions interleave',
    where: DECIDER,
    except: {
      'src-main/engine/runner.ts': 'carries effects out through ports after the decision, and brings their outcomes back as inputs',
      'src-main/engine/ask-books.ts': 'the runner’s questions of one comparison; it decides nothing, and its answer comes back as an input',
    },
    check: (source) =>
      nodes(source, (node) => (node.type === 'AwaitExpression' ? 'await' : node['async'] === true ? 'async function' : undefined)),
    planted: [
      { path: 'src-main/engine/planted.ts', code: 'export async function decide() {}' },
      { path: 'src-main/safety/planted.ts', code: 'const gate = async () => 1;' },
    ],
    innocent: [{ path: 'src-main/engine/planted.ts', code: 'export type Port = { readonly send: () => Promise<void> };' }],
  },
  {
    id: 'only the gate mints Approved',
    reason: 'DESIGN 6: submit takes Approved<Order>; a mark made elsewhere would be the bypass that must not exist',
    where: /^src-main\/(?!safety\/(approved|gate)\.ts$).*\.ts$/,
    except: {},
    check: (source) =>
      nodes(source, (node) => {
        if (node.type === 'ImportSpecifier') return identifierName(node['imported']) === 'mint' ? 'imports mint' : undefined;
        if (node.type === 'MemberExpression') return identifierName(node['property']) === 'mint' ? 'uses .mint' : undefined;
        if (node.type !== 'TSAsExpression' && node.type !== 'TSTypeAssertion') return undefined;
        const type = node['typeAnnotation'];
        return isNode(type) && /\bApproved\b/.test(source.text.slice(type.start, type.end)) ? 'casts to Approved' : undefined;
      }),
    planted: [
      { path: 'src-main/venue/planted.ts', code: 'submit(order as unknown as Approved<Order>);' },
      { path: 'src-main/engine/planted.ts', code: "import { mint as m } from '../safety/approved.ts';" },
      { path: 'src-main/safety/planted.ts', code: "import * as approved from './approved.ts'; approved.mint(order);" },
    ],
    innocent: [{ path: 'src-main/venue/planted.ts', code: 'function submit(order: Approved<Order>): void {}' }],
  },
  {
    id: 'money is never a float',
    reason: 'DESIGN 7: a float loses the last digit, and the last digit is what the auditor compares',
    where: CODE,
    except: {},
    check: FLOAT_MONEY,
    planted: [
      'parseFloat(x);',
      'Number.parseFloat(x);',
      'const v = Number(order.price);',
      'const q = +lastQty;',
      'const n = total.toNumber();',
    ].map((code) => ({
      path: 'src-main/venue/planted.ts',
      code,
    })),
    innocent: [
      { path: 'src-main/venue/planted.ts', code: 'const id = Number(body.orderId); const n = Number(feedRate); const s = d.toFixed();' },
    ],
  },
  {
    id: 'one decimal constructor',
    reason: 'STYLE, traps: decimal.js rounds silently unless configured, and its ESM and CJS constructors differ',
    where: CODE,
    except: { 'src-shared/domain/decimal.ts': 'this is the one constructor' },
    check: packages(ofPackage('decimal.js')),
    planted: [{ path: 'src-main/engine/planted.ts', code: "import { Decimal } from 'decimal.js';" }],
    innocent: [{ path: 'src-main/engine/planted.ts', code: "import { Decimal } from '../../src-shared/domain/decimal.ts';" }],
  },
  door(
    'electron',
    /^src-main\/(main\.ts|shell\/electron\/)/,
    'STYLE, traps: importing electron outside Electron tries to download the runtime and throws',
  ),
  door('electron-store', /^src-main\/(main\.ts|shell\/electron\/)/, 'it imports electron; elsewhere conf, its base, does the same'),
  door('ccxt', /^src-main\/venue\//, 'BINANCE 1: 125 MB and half a second; one adapter loads it lazily, everyone else uses the port'),
  door('keytar', /^src-main\/vault\//, 'N1: one place may hold a secret'),
  door('node:sqlite', /^src-main\/journal\//, 'DESIGN 2: the disk never blocks a decision; the journal worker alone opens the database'),
  door('playwright-core', /^src-main\/shell\/chromium\//, 'DESIGN 8: the debugging pipe belongs to one shell'),
  door('uiohook-napi', /^src-main\/shell\//, 'E1: the panic key is a matter of the shells'),
  {
    id: 'raw ipc stays in the Electron shell',
    reason: 'DESIGN 7: senders are checked and payloads parsed in one place; a raw channel would walk around it',
    where: /^src-main\/(?!shell\/electron\/)/,
    except: {},
    check: globals(['ipcMain', 'ipcRenderer']),
    planted: [{ path: 'src-main/ipc/planted.ts', code: "ipcMain.handle('x', () => 1);" }],
    innocent: [{ path: 'src-main/ipc/planted.ts', code: '// ipcMain is used elsewhere' }],
  },
  {
    id: 'the bridge alone touches the exposed api',
    reason: 'DESIGN 3: one file shows all that the window can ask for',
    where: /^src-renderer\/(?!bridge\/).*\.tsx?$/,
    except: {},
    check: (source) =>
      nodes(source, (node) =>
        node.type === 'MemberExpression' && identifierName(node['property']) === 'holdfast' ? 'uses .holdfast' : undefined,
      ),
    planted: [{ path: 'src-renderer/features/planted.tsx', code: 'window.holdfast.stop();' }],
    innocent: [{ path: 'src-renderer/features/planted.tsx', code: "const title = 'holdfast';" }],
  },
  {
    id: 'the window has no network and no Node',
    reason: 'DESIGN 2, N2: what it shows comes over the bridge, so that what it could leak or obey stays in one place',
    where: WINDOW,
    except: {},
    check: (source) => [
      ...globals(['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'process', 'require', 'eval', 'localStorage', 'sessionStorage'])(
        source,
      ),
      ...packages((name) => name.startsWith('node:') || name === 'electron')(source),
      ...nodes(source, (node) =>
        node.type === 'JSXAttribute' && isNode(node['name']) && node['name']['name'] === 'dangerouslySetInnerHTML' ? 'raw HTML' : undefined,
      ),
    ],
    planted: [
      { path: 'src-renderer/replica/planted.ts', code: "void fetch('https://example.org');" },
      { path: 'src-renderer/replica/planted.ts', code: "import fs from 'node:fs';" },
      { path: 'src-renderer/components/planted.tsx', code: 'const x = <p dangerouslySetInnerHTML={{ __html: text }} />;' },
    ],
    innocent: [{ path: 'src-renderer/replica/planted.ts', code: 'const row = { fetch: 1 }; row.fetch;' }],
  },
  {
    id: 'ccxt is never verbose',
    reason: 'STYLE, traps: its verbose mode prints headers with keys',
    where: CODE,
    except: {},
    check: (source) =>
      nodes(source, (node) => {
        const assigns =
          node.type === 'AssignmentExpression' && isNode(node['left']) && identifierName(node['left']['property']) === 'verbose';
        const declares = node.type === 'Property' && identifierName(node['key']) === 'verbose';
        return assigns || declares ? 'sets verbose' : undefined;
      }),
    planted: [
      { path: 'src-main/venue/planted.ts', code: 'exchange.verbose = true;' },
      { path: 'src-main/venue/planted.ts', code: 'new binance({ verbose: true });' },
    ],
    innocent: [{ path: 'src-main/venue/planted.ts', code: 'if (row.verbose) f();' }],
  },
  {
    id: 'no test is focused, skipped or promised',
    reason: 'a green run must mean that everything ran; a condition of the machine uses skipIf, and the run names it',
    where: /^tests\/.*\.ts$/,
    except: {},
    check: (source) =>
      nodes(source, (node) => {
        const method = identifierName(node['property']) ?? '';
        const isTest = node.type === 'MemberExpression' && /^(it|test|describe|suite)$/.test(identifierName(node['object']) ?? '');
        return isTest && ['only', 'skip', 'todo', 'fails'].includes(method) ? `.${method}` : undefined;
      }),
    planted: ['only', 'skip', 'todo'].map((word) => ({ path: 'tests/unit/planted.test.ts', code: `test.${word}('x', () => {});` })),
    innocent: [{ path: 'tests/unit/planted.test.ts', code: "test('skip is a word', () => {}); list.skip(1);" }],
  },
];
