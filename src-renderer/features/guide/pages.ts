// The guide as data: pages, their sections with addresses, and a search over them. marked takes the Markdown apart; nothing here, and
// nothing that shows it, ever makes HTML of it.
import { lexer } from 'marked';
import type { Token, Tokens } from 'marked';
import { GUIDE_PAGES, slugOf } from '../../../src-shared/domain/guide.ts';
import type { GuideAddress, GuidePageName } from '../../../src-shared/domain/guide.ts';

export interface GuideSection {
  readonly address: GuideAddress;
  readonly title: string;
  /** 1 is the page itself with what stands before its first section. */
  readonly depth: number;
  /** All its words, without marks, for the search. */
  readonly text: string;
}

export interface GuidePage {
  readonly name: GuidePageName;
  readonly title: string;
  readonly tokens: readonly Token[];
  readonly sections: readonly GuideSection[];
}

/** The words of a token and of all that it holds. */
export const wordsOf = (token: Token): string => {
  switch (token.type) {
    case 'space':
      return ' ';
    case 'table': {
      const { header, rows } = token as Tokens.Table;
      return [header, ...rows].map((cells) => cells.map((cell) => cell.tokens.map(wordsOf).join('')).join(': ')).join('; ');
    }
    case 'list':
      return (token as Tokens.List).items.map(wordsOf).join(' \n');
    default:
      return 'tokens' in token && token.tokens !== undefined
        ? token.tokens.map(wordsOf).join('')
        : 'text' in token
          ? String(token.text)
          : '';
  }
};

const isHeading = (token: Token): token is Tokens.Heading => token.type === 'heading';

export const addressOf = (page: GuidePageName, heading: Tokens.Heading): GuideAddress =>
  heading.depth === 1 ? page : `${page}#${slugOf(wordsOf(heading))}`;

/** One page out of its Markdown, which begins with its title. */
export const pageOf = (name: GuidePageName, markdown: string): GuidePage => {
  const tokens = lexer(markdown);
  const starts = tokens.flatMap((token, at) => (isHeading(token) ? [{ token, at }] : []));
  const sections = starts.map(({ token, at }, index) => ({
    address: addressOf(name, token),
    title: wordsOf(token),
    depth: token.depth,
    text: tokens
      .slice(at + 1, starts[index + 1]?.at)
      .map(wordsOf)
      .join(' \n'),
  }));
  return { name, title: sections[0]?.title ?? name, tokens, sections };
};

/** Where a link of a page leads, as `runbook.md#the-self-test-is-red` or `#here`; undefined for anything outside the guide. */
export const targetOf = (page: GuidePageName, href: string): GuideAddress | undefined => {
  const [file = '', section] = href.split('#', 2);
  const name = file === '' ? page : GUIDE_PAGES.find((each) => file === `${each}.md`);
  if (name === undefined) return undefined;
  return section === undefined ? name : `${name}#${section}`;
};

export const splitAddress = (address: GuideAddress): { readonly name: GuidePageName; readonly section: string | undefined } => {
  const [name, section] = address.split('#', 2) as [GuidePageName, string | undefined];
  return { name, section };
};

export interface Found {
  readonly page: GuidePage;
  readonly section: GuideSection;
  /** Some words around the first that was found, or the section's first words. */
  readonly excerpt: string;
}

const MOST_FOUND = 30;
const EXCERPT_LENGTH = 130;

const excerptOf = (text: string, words: readonly string[]): string => {
  const plain = text.replace(/\s+/g, ' ').trim();
  const low = plain.toLowerCase();
  const at = Math.max(0, Math.min(...words.map((word) => low.indexOf(word)).filter((index) => index >= 0)));
  const from = Number.isFinite(at) ? Math.max(0, plain.lastIndexOf(' ', Math.max(0, at - 40)) + 1) : 0;
  const rest = plain.slice(from);
  const cut = rest.length <= EXCERPT_LENGTH ? rest : `${rest.slice(0, Math.max(1, rest.lastIndexOf(' ', EXCERPT_LENGTH)))} …`;
  return from > 0 ? `… ${cut}` : cut;
};

/** The sections that hold every word that was typed; first those that have them in their title. */
export const search = (pages: readonly GuidePage[], typed: string): readonly Found[] => {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [];
  const has = (text: string) => words.every((word) => text.toLowerCase().includes(word));
  const found = pages.flatMap((page) =>
    page.sections
      .filter(({ title, text }) => has(`${title} ${text}`))
      .map((section) => ({ page, section, excerpt: excerptOf(section.text, words) })),
  );
  return found.toSorted((a, b) => Number(has(b.section.title)) - Number(has(a.section.title))).slice(0, MOST_FOUND);
};
