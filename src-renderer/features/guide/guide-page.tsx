// The guide (REQUIREMENTS M3, P): the manual's pages with a search, readable without a network and without the console's answer.
import { useEffect, useRef, useState } from 'react';
import type { FormEvent } from 'react';
import type { GuideAddress } from '../../../src-shared/domain/guide.ts';
import { show, useScreen } from '../frame/screen.ts';
import { GUIDE } from './files.ts';
import { GuideLink, Markdown } from './markdown.tsx';
import { search, splitAddress } from './pages.ts';
import type { Found, GuidePage as Page } from './pages.ts';
import './guide.css';

const Results = ({ found, open }: { readonly found: readonly Found[]; readonly open: (address: GuideAddress) => void }) => (
  <ol className="guide-found" data-testid="guide-found">
    {found.map(({ page, section, excerpt }) => (
      <li key={section.address}>
        <GuideLink to={section.address} open={open}>
          {section.depth === 1 ? page.title : `${page.title}: ${section.title}`}
        </GuideLink>
        <p className="muted">{excerpt}</p>
      </li>
    ))}
  </ol>
);

/** Its sections down to the second level; the third is for links and the search. */
const Contents = ({
  at,
  section,
  open,
}: {
  readonly at: Page;
  readonly section: string | undefined;
  readonly open: (address: GuideAddress) => void;
}) => (
  <nav aria-label="Guide">
    <ul className="guide-pages">
      {GUIDE.map((page) => (
        <li key={page.name}>
          <GuideLink className="guide-page-link" to={page.name} open={open} current={page === at && section === undefined}>
            {page.title}
          </GuideLink>
          {page === at && (
            <ul>
              {page.sections
                .filter(({ depth }) => depth === 2)
                .map(({ address, title }) => (
                  <li key={address}>
                    <GuideLink className="guide-page-link" to={address} open={open} current={splitAddress(address).section === section}>
                      {title}
                    </GuideLink>
                  </li>
                ))}
            </ul>
          )}
        </li>
      ))}
    </ul>
  </nav>
);

export const GuidePage = () => {
  const address = useScreen((screen) => screen.guide);
  const article = useRef<HTMLElement>(null);
  const [typed, setTyped] = useState('');
  const { name, section } = splitAddress(address);
  const page = GUIDE.find((each) => each.name === name) ?? GUIDE[0];
  const found = search(GUIDE, typed);
  const isSearching = typed.trim() !== '';
  const open = (to: GuideAddress) => {
    setTyped('');
    show({ guide: to });
  };
  // A section begins at the top, and the keyboard goes on from it; the page alone begins at its title.
  useEffect(() => {
    if (isSearching) return;
    const heading = document.getElementById(`guide-${address.replace('#', '-')}`);
    if (section === undefined) article.current?.scrollTo(0, 0);
    else heading?.scrollIntoView();
    heading?.focus({ preventScroll: true });
  }, [address, section, isSearching]);
  if (page === undefined) return null;
  return (
    <div className="guide">
      <div className="guide-side">
        <form
          role="search"
          onSubmit={(event: FormEvent) => {
            event.preventDefault();
            const [first] = found;
            if (first !== undefined) open(first.section.address);
          }}
        >
          <label>
            <span className="label">Search the guide</span>
            <input
              className="field"
              type="search"
              data-testid="guide-search"
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => event.key === 'Escape' && setTyped('')}
            />
          </label>
        </form>
        <Contents at={page} section={section} open={open} />
      </div>
      <article className="guide-article" ref={article} tabIndex={0} aria-label={isSearching ? 'Found in the guide' : page.title}>
        {isSearching ? (
          <>
            <h1 className="page-title">Found in the guide</h1>
            <p role="status" className="muted">
              {found.length === 0
                ? 'Nothing in the guide has all of these words.'
                : `${found.length} ${found.length === 1 ? 'section has' : 'sections have'} all of these words.`}
            </p>
            <Results found={found} open={open} />
          </>
        ) : (
          <Markdown tokens={page.tokens} page={page.name} open={open} />
        )}
      </article>
    </div>
  );
};
