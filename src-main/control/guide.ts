// The manual on the command line: read from the files beside the program, with no console and no network. It prints the Markdown as it
// is, which is made to be read.
import { readFileSync } from 'node:fs';
import { GUIDE_PAGES, slugOf } from '../../src-shared/domain/guide.ts';
import type { GuideAddress, GuidePageName } from '../../src-shared/domain/guide.ts';
import type { Outcome } from './outcome.ts';
import { badInput } from './session.ts';
import { table } from './table.ts';

interface Section {
  readonly address: GuideAddress;
  readonly title: string;
  readonly text: string;
}

const FOLDER = new URL('../../assets/guide/', import.meta.url);

/** A page's sections, its title and what stands before the first of them being one. */
const sectionsOf = (page: GuidePageName): readonly Section[] =>
  readFileSync(new URL(`${page}.md`, FOLDER), 'utf8')
    .split(/^(?=#{1,3} )/m)
    .map((text) => {
      const title = (text.split('\n', 1)[0] ?? '').replace(/^#+ /, '');
      return { address: text.startsWith('# ') ? page : `${page}#${slugOf(title)}`, title, text: text.trim() };
    });

const pageNamed = (name: string): GuidePageName => {
  const page = GUIDE_PAGES.find((each) => each === name.toLowerCase());
  if (page === undefined) throw badInput(`The guide has no page "${name}"; it has ${GUIDE_PAGES.join(', ')}.`);
  return page;
};

const listOfPages = (): Outcome => {
  const value = GUIDE_PAGES.map((page) => ({ page, title: sectionsOf(page)[0]?.title ?? page }));
  const rows = table(
    value,
    [
      { title: 'PAGE', of: ({ page }) => page },
      { title: '', of: ({ title }) => title },
    ],
    '',
  );
  return { value, text: `${rows}\n\nholdfast guide emergency shows one; --find "words" looks in all.` };
};

/** The pages there are, one page, or the sections (of one page, or of all) that have every word of `find`. */
export const guide = (name: string | undefined, find: string | undefined): Outcome => {
  if (name === undefined && find === undefined) return listOfPages();
  const sections = (name === undefined ? GUIDE_PAGES : [pageNamed(name)]).flatMap(sectionsOf);
  const words = (find ?? '').toLowerCase().split(/\s+/).filter(Boolean);
  const value = sections.filter(({ text }) => words.every((word) => text.toLowerCase().includes(word)));
  if (value.length === 0) throw badInput(`No section of the guide has all of these words: ${find}`);
  return { value, text: value.map(({ text }) => text).join('\n\n') };
};
