// The guide (M3, P) held against the program: whatever it names must be there, and whatever must be explained is. A page that has gone
// stale is worse than none at three in the morning.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { marked } from 'marked';
import type { Token, Tokens } from 'marked';
import { describe, expect, test } from 'vitest';
import { grammar } from '../../../src-main/control/grammar.ts';
import { verdicts } from '../../../src-main/safety/self-test.ts';
import type { SelfTestReadings } from '../../../src-main/safety/self-test.ts';
import { drillVerdict } from '../../../src-main/safety/drill.ts';
import { LADDER_CAPS } from '../../../src-main/safety/ladder.ts';
import { ORDER_KINDS, POSITION_STATES } from '../../../src-main/safety/ladder-evidence.ts';
import type { CauseCode } from '../../../src-main/safety/trading-state.ts';
import { SHORTCUTS } from '../../../src-renderer/features/frame/keyboard.ts';
import { PAGE_NAMES } from '../../../src-renderer/features/frame/screen.ts';
import { CAUSES, helpOfCause, helpOfDenial, helpOfPolicyGroup } from '../../../src-renderer/features/guide/help.ts';
import { pageOf, search, targetOf, wordsOf } from '../../../src-renderer/features/guide/pages.ts';
import { BREAKER_RULES } from '../../../src-shared/domain/breaker.ts';
import { isMainnetStage, LADDER_REGIMES } from '../../../src-shared/domain/ladder.ts';
import type { LadderStage } from '../../../src-shared/domain/ladder.ts';
import { GUIDE_PAGES, slugOf } from '../../../src-shared/domain/guide.ts';
import type { GuideAddress, GuidePageName } from '../../../src-shared/domain/guide.ts';
import { stageName } from '../../../src-renderer/features/safety/words.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import { fail } from '../../../src-shared/errors/result.ts';
import { POLICY_FIELDS, textOf, valueAt } from '../../../src-shared/policy/fields.ts';
import { PROFILES } from '../../../src-shared/policy/profiles.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const FOLDER = join(ROOT, 'assets/guide');
const textOfPage = (name: GuidePageName): string => readFileSync(join(FOLDER, `${name}.md`), 'utf8');
const PAGES = GUIDE_PAGES.map((name) => pageOf(name, textOfPage(name)));
const ADDRESSES: ReadonlySet<string> = new Set(PAGES.flatMap(({ sections }) => sections.map(({ address }) => address)));

const sourcesOf = (folder: string): readonly string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx|css)$/.test(name))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'));
// The guide's own map of itself would prove anything.
const SOURCES = ['src-main', 'src-shared', 'src-renderer'].flatMap(sourcesOf);
const PROGRAM = [...SOURCES, readFileSync(join(ROOT, 'launch.mjs'), 'utf8')].join('\n').replace(/\s+/g, ' ');

interface Piece {
  readonly page: GuidePageName;
  readonly token: Token;
}
const pieces: Piece[] = [];
for (const page of PAGES) void marked.walkTokens([...page.tokens], (token) => void pieces.push({ page: page.name, token }));
const ofType = (type: string): readonly Piece[] => pieces.filter(({ token }) => token.type === type);
const said = (type: string): readonly { readonly page: GuidePageName; readonly text: string }[] =>
  ofType(type).map(({ page, token }) => ({ page, text: wordsOf(token) }));

/** Its rows as cells of plain words. */
const tableUnder = (page: GuidePageName, section: string): readonly (readonly string[])[] => {
  const { tokens } = PAGES.find(({ name }) => name === page) ?? { tokens: [] };
  const at = tokens.findIndex((token) => token.type === 'heading' && wordsOf(token) === section);
  const table = tokens.slice(at + 1).find(({ type }) => type === 'table') as Tokens.Table;
  return table.rows.map((cells) => cells.map((cell) => cell.tokens.map(wordsOf).join('')));
};

describe('the pages', () => {
  test('are the files of assets/guide, each with one title and sections that can be told apart', () => {
    expect(
      readdirSync(FOLDER)
        .filter((name) => name.endsWith('.md'))
        .toSorted(),
    ).toEqual(GUIDE_PAGES.map((name) => `${name}.md`).toSorted());
    for (const { name, sections } of PAGES) {
      expect(sections.filter(({ depth }) => depth === 1).map(({ address }) => address)).toEqual([name]);
      expect(new Set(sections.map(({ address }) => address)).size, name).toBe(sections.length);
    }
  });

  test('lead nowhere but to each other, and to what is there', () => {
    const links = ofType('link').map(({ page, token }) => ({
      href: (token as Tokens.Link).href,
      to: targetOf(page, (token as Tokens.Link).href),
    }));
    expect(links.length).toBeGreaterThan(20);
    expect(links.filter(({ to }) => to === undefined || !ADDRESSES.has(to))).toEqual([]);
    expect(targetOf('orders', 'https://example.org/')).toBeUndefined();
    expect(targetOf('orders', '../../package.json')).toBeUndefined();
    expect(targetOf('orders', '#protection')).toBe('orders#protection');
  });

  test('hold nothing that the window would have to trust: no HTML, no picture', () => {
    expect([...ofType('html'), ...ofType('image')].map(({ page, token }) => `${page}: ${token.raw}`)).toEqual([]);
  });
});

test('HTML in a page would be shown as the text that it is', () => {
  const page = pageOf('orders', '# A <b>title</b>\n\n<script>alert(1)</script>\n\nHi <img src="x" onerror="y"> there\n');
  expect(page.sections).toMatchObject([{ title: 'A <b>title</b>' }]);
  expect(page.sections[0]?.text).toMatch(/<script>alert\(1\)<\/script>[\s\S]*Hi <img src="x" onerror="y"> there/);
});

describe('what is on screen has its section', () => {
  const gone = (addresses: readonly GuideAddress[]) => addresses.filter((address) => !ADDRESSES.has(address));

  test('each denial code', () => {
    const source = readFileSync(join(ROOT, 'src-shared/errors/denial.ts'), 'utf8');
    const codes = [...source.matchAll(/^ {2}\| '([A-Z]\w*(?:\.\w+)?)'/gm)].map(([, code]) => code as Parameters<typeof helpOfDenial>[0]);
    expect(codes.length).toBeGreaterThan(40);
    expect(gone(codes.map(helpOfDenial))).toEqual([]);
  });

  test('wherever a help stands beside something', () => {
    const literal = new RegExp(`<Help\\s+to="([^"]+)"|\\bguide: '((?:${GUIDE_PAGES.join('|')})(?:#[^']*)?)'`, 'g');
    const wanted = SOURCES.flatMap((text) => [...text.matchAll(literal)]).map(([, to, opened]) => to ?? opened ?? '');
    expect(wanted.length).toBeGreaterThan(8);
    expect(gone(wanted as readonly GuideAddress[])).toEqual([]);
  });

  test('each cause of a restriction', () => {
    const all = {
      EMERGENCY_STOP: 0,
      COOLING_DOWN: 0,
      RECOVERING: 0,
      POLICY_BROKEN: 0,
      ENGINE_BROKEN: 0,
      JOURNAL_BROKEN: 0,
      MODE_REFUSED: 0,
      SELF_TEST: 0,
      CLOCK: 0,
      BREAKER: 0,
      LADDER: 0,
      LOSSES: 0,
      RECONCILIATION: 0,
      USER_STREAM: 0,
      MARKET_STREAM: 0,
      VENUE_HOLD: 0,
    } satisfies Readonly<Record<CauseCode, 0>>;
    expect(Object.keys(CAUSES).toSorted()).toEqual(Object.keys(all).toSorted());
    expect(gone(Object.keys(all).map(helpOfCause))).toEqual([]);
    expect(helpOfCause('SOMETHING_NEW')).toBe('runbook');
  });

  test('each group of the policy', () => {
    const groups = new Set(POLICY_FIELDS.map(({ path }) => (path.includes('.') ? (path.split('.')[0] ?? '') : 'policy')));
    expect(gone([...groups].map(helpOfPolicyGroup))).toEqual([]);
  });

  test('each row of the self-test is in the runbook', () => {
    const no = fail('no');
    const readings = new Proxy(
      { mode: 'mainnet', versions: { node: '', ccxt: '', expectedCcxt: '' } },
      { get: (at, key) => Reflect.get(at, key) ?? no },
    );
    const titles = verdicts(readings as unknown as SelfTestReadings).map(({ title }) => title);
    const explained = tableUnder('runbook', 'The self-test is red').flatMap(([row = '']) => row.split(', '));
    expect(titles.filter((title) => !explained.includes(title))).toEqual([]);
    expect(explained.filter((title) => !titles.includes(title))).toEqual([]);
  });

  test('each alert is in the runbook by its key', () => {
    const raised = SOURCES.flatMap((text) => [
      ...text.matchAll(/severity[^;]{0,120}?\bkey: ['`]([a-z-]+)|\bkey = ['`]([a-z-]+)|: Effect => \(\{[^}]*key: ['`]([a-z-]+)/g),
    ]).flatMap((found) => found.slice(1).filter((key) => key !== undefined));
    expect(raised.length).toBeGreaterThan(20);
    const explained = new Set(tableUnder('runbook', 'Alerts').flatMap(([, what = '']) => (what.split(':')[0] ?? '').split(', ')));
    expect([...new Set(raised)].filter((key) => !explained.has(key))).toEqual([]);
    expect([...explained].filter((key) => !PROGRAM.includes(`'${key}'`) && !PROGRAM.includes(`\`${key}:`))).toEqual([]);
  });
});

describe('the policy', () => {
  test('is explained field by field, with the values of a first start, in its own order', () => {
    const rows = POLICY_FIELDS.map(({ path }) => (path.includes('.') ? (path.split('.')[0] ?? '') : 'policy'))
      .filter((group, at, all) => all.indexOf(group) === at)
      .flatMap((group) => tableUnder('safety-settings', group));
    const [normal] = PROFILES;
    expect(rows.map(([path, , value]) => `${path} ${value}`)).toEqual(
      POLICY_FIELDS.map(({ path }) => `${path} ${normal === undefined ? '' : textOf(valueAt(normal, path))}`),
    );
    expect(rows.filter(([, what]) => what === undefined || what.length < 5)).toEqual([]);
  });

  test('profiles differ in what the page says, and in nothing else', () => {
    const differing = POLICY_FIELDS.filter(
      ({ path }) => path !== 'name' && new Set(PROFILES.map((each) => textOf(valueAt(each, path)))).size > 1,
    );
    const rows = tableUnder('safety-settings', 'Profiles');
    expect(rows.map((row) => row.join(' ')).toSorted()).toEqual(
      differing.map(({ path }) => [path, ...PROFILES.map((each) => textOf(valueAt(each, path)))].join(' ')).toSorted(),
    );
  });
});

test('whatever lies in the home is on the page of what to back up', () => {
  const names = SOURCES.flatMap((text) => [...text.matchAll(/\bjoin\(home, '([^']+)'/g)]).map(([, name]) => name ?? '');
  expect(names).toEqual(expect.arrayContaining(['journals', 'policy.json', 'ladder', 'logs']));
  const page = textOfPage('backup');
  expect([...new Set(names)].filter((name) => !page.includes(`\`${name}\``) && !page.includes(`\`${name}/\``))).toEqual([]);
});

test('the drill is judged by the times that the page names', () => {
  const receipt = { orders: [], positions: [], complete: true, cancelsOnWireMs: 10, allAcknowledgedMs: 150, verifiedEmptyMs: 500 };
  const { text } = drillVerdict({ receipt: receipt as unknown as StopReceipt, isExample: false, leftOut: [] });
  const page = textOfPage('emergency').replace(/\s+/g, ' ');
  for (const [, what, ms] of text.matchAll(/(every cancel on the wire|all acknowledged|verified empty) within (\d+) ms/g)) {
    expect(what).toBeDefined();
    expect(page).toContain(`within ${ms} ms`);
  }
  expect(text).toContain('within 500 ms');
});

describe('the ladder', () => {
  test('caps what the page says', () => {
    const rows = tableUnder('safety-settings', "The ladder's caps");
    const said = Object.entries(LADDER_CAPS).filter(([stage]) => isMainnetStage(stage as LadderStage));
    expect(rows.map((row) => row.join(' '))).toEqual(
      said.map(([stage, caps]) =>
        [stageName(stage as LadderStage), caps?.maxOrderUsdt, caps?.maxExposureUsdt, caps?.maxDailyLossUsdt]
          .map((cell) => cell ?? "the policy's")
          .join(' '),
      ),
    );
  });

  test('asks in practice for what the checklist says', () => {
    const page = textOfPage('mainnet-checklist').replace(/\s+/g, ' ');
    for (const names of [ORDER_KINDS, POSITION_STATES, LADDER_REGIMES]) expect(page).toContain(`: ${names.join(', ')}.`);
  });
});

// ------------------------------------------------------------------------------------------------------------------ words

const program = grammar({
  terminal: {} as Parameters<typeof grammar>[0]['terminal'],
  finish: () => undefined,
  complain: () => undefined,
});

/** Words as a shell takes them apart. */
const shellWords = (text: string): readonly string[] => [...text.matchAll(/"[^"]*"|\S+/g)].map(([word]) => word);

/** What is wrong with a command as it stands in the guide, where anybody may type it: undefined when nothing is. */
const wrongWith = (text: string): string | undefined => {
  const [, ...words] = shellWords(text);
  let command: Command = program;
  const next = () => command.commands.find((each) => each.name() === words[0]);
  for (let child = next(); child !== undefined; child = next()) {
    command = child;
    words.shift();
  }
  if (command === program || (command.commands.length > 0 && words.length > 0)) return `${text}: there is no such command`;
  const given: string[] = [];
  let loose = 0;
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (!word.startsWith('--')) loose += 1;
    else {
      const option = command.options.find(({ long, short }) => long === word || short === word);
      if (option === undefined) return `${text}: no option ${word}`;
      given.push(option.attributeName());
      if (option.required && (words[0] ?? '--').startsWith('--')) return `${text}: ${word} has no value`;
      if (option.required || (option.optional && words[0]?.startsWith('--') === false)) words.shift();
    }
  }
  const lacks = command.options.filter((option) => option.mandatory && !option.defaultValue && !given.includes(option.attributeName()));
  if (lacks.length > 0) return `${text}: needs ${lacks.map(({ flags }) => flags).join(', ')}`;
  const asked = command.registeredArguments;
  const most = asked.some(({ variadic }) => variadic) ? Infinity : asked.length;
  if (loose < asked.filter(({ required }) => required).length || loose > most) return `${text}: ${loose} words`;
  return undefined;
};

const SCRIPTS = (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: Readonly<Record<string, string>> })
  .scripts;
const KEYS = ['Ctrl+Shift+F12', ...SHORTCUTS.flatMap(({ keys }) => keys.split(/, | or | \/ /))];
/** Words of the world outside, and examples. */
const OUTSIDE: ReadonlySet<string> = new Set([
  'holdfast',
  'openssl dgst -hmac',
  // conf adds the ending.
  'preferences.json',
  '~/.local/share/holdfast',
  '~/Library/Application Support/Holdfast',
  '%LOCALAPPDATA%\\Holdfast',
  '{"tripId":1}',
]);

const isKnown = (text: string): boolean => {
  if (text.startsWith('holdfast ')) return wrongWith(text) === undefined;
  if (text.startsWith('npm ')) return SCRIPTS[shellWords(text).filter((word) => !/^(npm|run|--.*)$/.test(word))[0] ?? ''] !== undefined;
  if (/^[a-z]+[A-Za-z]*\.[a-z][A-Za-z]+$/.test(text) && !/\.(json|lock|sock|log|sqlite|relieved)$/.test(text))
    return POLICY_FIELDS.some(({ path }) => path === text);
  if (OUTSIDE.has(text) || KEYS.includes(text) || (BREAKER_RULES as readonly string[]).includes(text)) return true;
  // Bodies, with their dots for a person's words.
  if (text.startsWith('{')) return [...text.matchAll(/"(\w+)":/g)].every(([, key]) => PROGRAM.includes(key ?? ''));
  if (/^(GET|POST) /.test(text)) return PROGRAM.includes(text.split('/').at(-1) ?? text);
  // Headers, whose case means nothing, and paths, which the program puts together.
  return text.split('/').every((part) => PROGRAM.toLowerCase().includes(part.toLowerCase()));
};

describe('what the guide names is there', () => {
  test('every word in code: commands with their options, policy fields, keys, files, values', () => {
    const unknown = said('codespan').filter(({ text }) => !isKnown(text));
    expect(
      unknown.map(({ page, text }) => `${page}: ${wrongWith(text) !== undefined && text.startsWith('holdfast ') ? wrongWith(text) : text}`),
    ).toEqual([]);
    expect(said('codespan').filter(({ text }) => text.startsWith('holdfast ')).length).toBeGreaterThan(40);
  });

  test('a command that does not exist, or lacks what it needs, would be found', () => {
    expect(wrongWith('holdfast stop --flatten')).toBeUndefined();
    expect(wrongWith('holdfast halt')).toMatch(/no such command/);
    expect(wrongWith('holdfast policy nonsense')).toMatch(/no such command/);
    expect(wrongWith('holdfast stop --sell')).toMatch(/no option --sell/);
    expect(wrongWith('holdfast reset --trip 3')).toMatch(/needs --why/);
    expect(wrongWith('holdfast order cancel a b c')).toMatch(/words/);
    expect(isKnown('limits.maxDailyTrade')).toBe(false);
    expect(isKnown('Ctrl J')).toBe(false);
    expect(isKnown('policy.jsonl')).toBe(false);
  });

  test('every line of commands in a block too', () => {
    const lines = ofType('code').flatMap(({ token }) =>
      (token as Tokens.Code).text.split('\n').filter((line) => line.startsWith('holdfast ')),
    );
    expect(lines.map(wrongWith).filter(Boolean)).toEqual([]);
  });

  test('every page of the window: "the **Health** page"', () => {
    const names = PAGES.flatMap(({ name }) => [...textOfPage(name).matchAll(/\*\*([^*]+)\*\*\s+page\b/g)].map(([, page]) => page ?? ''));
    expect(names.length).toBeGreaterThan(20);
    expect([...new Set(names)].filter((name) => !Object.values(PAGE_NAMES).includes(name))).toEqual([]);
  });

  test('every *word on screen* stands somewhere in the program', () => {
    const words = said('em');
    expect(words.length).toBeGreaterThan(40);
    const LEADS: ReadonlySet<string> = new Set(['What to change:']);
    expect(
      words
        .filter(({ text }) => !LEADS.has(text) && !PROGRAM.includes(text.replace(/\s+/g, ' ')))
        .map(({ page, text }) => `${page}: ${text}`),
    ).toEqual([]);
  });
});

describe('search', () => {
  test('finds the sections that have every word, those that are called so first', () => {
    const [first] = search(PAGES, 'watchdog GONE');
    expect(first?.section.address).toBe('runbook#alerts');
    expect(search(PAGES, 'circuit breaker')[0]?.section.address).toMatch(/#circuitbreaker|#the-circuit-breaker-is-open/);
    expect(search(PAGES, '  ')).toEqual([]);
    expect(search(PAGES, 'zebra')).toEqual([]);
  });

  test('shows the words around what was found', () => {
    const [first] = search(PAGES, 'nonce');
    expect(first?.excerpt.toLowerCase()).toContain('nonce');
    expect(first?.excerpt.length).toBeLessThan(150);
  });

  test('makes addresses as GitHub does, so that a link works in both places', () => {
    expect(slugOf('C9 The exchange’s own limits')).toBe('c9-the-exchanges-own-limits');
    expect(slugOf('ACTIVE, REDUCING, HALTED')).toBe('active-reducing-halted');
  });
});
