// The guide's Markdown as elements of the window. Only what is listed here becomes an element; anything else, HTML above all, is shown
// as the text that it is.
import { Fragment } from 'react';
import type { MouseEvent, ReactNode } from 'react';
import type { Token, Tokens } from 'marked';
import type { GuideAddress, GuidePageName } from '../../../src-shared/domain/guide.ts';
import { addressOf, targetOf, wordsOf } from './pages.ts';

interface Context {
  readonly page: GuidePageName;
  readonly open: (address: GuideAddress) => void;
}

/** A link within the guide: its address can be read and copied, and the press stays in the window. */
export const GuideLink = ({
  to,
  open,
  className,
  current,
  children,
}: {
  readonly to: GuideAddress;
  readonly open: (address: GuideAddress) => void;
  readonly className?: string;
  readonly current?: boolean;
  readonly children: ReactNode;
}) => (
  <a
    className={className ?? 'guide-link'}
    href={`#guide/${to}`}
    aria-current={current === true ? 'page' : undefined}
    onClick={(event: MouseEvent) => {
      event.preventDefault();
      open(to);
    }}
  >
    {children}
  </a>
);

const all = (tokens: readonly Token[] | undefined, context: Context): ReactNode =>
  // The text never changes while it is shown, so that its place is its name.
  // oxlint-disable-next-line react/no-array-index-key
  tokens?.map((token, index) => <Fragment key={index}>{elementOf(token, context)}</Fragment>);

const Heading = ({ token, context }: { readonly token: Tokens.Heading; readonly context: Context }) => {
  const Tag = `h${Math.min(token.depth, 4)}` as 'h1' | 'h2' | 'h3' | 'h4';
  return (
    <Tag id={`guide-${addressOf(context.page, token).replace('#', '-')}`} tabIndex={-1} className={token.depth === 1 ? 'page-title' : ''}>
      {all(token.tokens, context)}
    </Tag>
  );
};

const Table = ({ token: { header, rows }, context }: { readonly token: Tokens.Table; readonly context: Context }) => (
  <div className="guide-table">
    <table className="plain-table">
      <thead>
        <tr>
          {header.map((cell) => (
            <th key={cell.text} scope="col">
              {all(cell.tokens, context)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.map(({ text }) => text).join('|')}>
            {row.map((cell, index) => (
              <td key={header[index]?.text ?? index}>{all(cell.tokens, context)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

const List = ({ token, context }: { readonly token: Tokens.List; readonly context: Context }) => {
  const items = token.items.map((item) => <li key={item.raw}>{all(item.tokens, context)}</li>);
  if (token.ordered) return <ol start={Number(token.start) || 1}>{items}</ol>;
  return <ul className={token.items.some(({ task }) => task) ? 'guide-tasks' : ''}>{items}</ul>;
};

const Link = ({ token, context }: { readonly token: Tokens.Link; readonly context: Context }) => {
  const to = targetOf(context.page, token.href);
  return to === undefined ? (
    <span className="num">{wordsOf(token)}</span>
  ) : (
    <GuideLink to={to} open={context.open}>
      {all(token.tokens, context)}
    </GuideLink>
  );
};

const elementOf = (token: Token, context: Context): ReactNode => {
  switch (token.type) {
    case 'space':
      return null;
    case 'heading':
      return <Heading token={token as Tokens.Heading} context={context} />;
    case 'paragraph':
      return <p>{all(token.tokens, context)}</p>;
    case 'list':
      return <List token={token as Tokens.List} context={context} />;
    case 'table':
      return <Table token={token as Tokens.Table} context={context} />;
    case 'code':
      return (
        // A line that is too long is scrolled to, by keyboard too.
        <pre className="num guide-code" tabIndex={0} role="region" aria-label="Commands">
          {(token as Tokens.Code).text}
        </pre>
      );
    case 'blockquote':
      return <blockquote className="said said-warning">{all(token.tokens, context)}</blockquote>;
    case 'strong':
      return <strong>{all(token.tokens, context)}</strong>;
    case 'em':
      return <em>{all(token.tokens, context)}</em>;
    case 'codespan':
      return <code className="guide-word">{(token as Tokens.Codespan).text}</code>;
    case 'link':
      return <Link token={token as Tokens.Link} context={context} />;
    default:
      return 'tokens' in token && token.tokens !== undefined ? all(token.tokens, context) : wordsOf(token);
  }
};

/** A page's Markdown. `open` is asked for each link that is followed. */
export const Markdown = ({ tokens, page, open }: Context & { readonly tokens: readonly Token[] }) => all(tokens, { page, open });
