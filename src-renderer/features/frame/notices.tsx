// What was said and not yet put away: answers to presses that failed and the console's alerts, in full sentences with their time,
// until a person closes them. One lies on the page at a time, the rest behind it, so that a storm of them never covers the tables.
import { useState } from 'react';
import { Icon } from '../../components/icon.tsx';
import { clockTime } from '../../components/time.ts';
import { inReadingOrder, putAllAway, putAway, useScreen } from './screen.ts';
import type { Notice } from './screen.ts';

const Shown = ({ notice }: { readonly notice: Notice }) => (
  <div className={`notice said ${notice.severity === 'danger' ? '' : `said-${notice.severity}`}`} data-testid="notice">
    <p>
      {notice.text} <time className="muted num">{clockTime(notice.atMs)}</time>
    </p>
    <button type="button" className="button button-quiet button-small" aria-label="Put away" onClick={() => putAway(notice.id)}>
      <Icon name="close" />
    </button>
  </div>
);

export const Notices = () => {
  const notices = inReadingOrder(useScreen((screen) => screen.notices));
  const [open, setOpen] = useState(false);
  const more = notices.length - 1;
  const shown = open ? notices : notices.slice(0, 1);
  return (
    <div className="notices">
      <div className="notices-list" role="log" aria-label="Notices" aria-live="assertive">
        {shown.map((notice) => (
          <Shown key={notice.id} notice={notice} />
        ))}
        {notices.slice(shown.length).map((notice) => (
          <p key={notice.id} className="visually-hidden">
            {notice.text}
          </p>
        ))}
      </div>
      {more > 0 && (
        <div className="notices-more">
          <button
            type="button"
            className="button button-small"
            data-testid="notices-more"
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {open ? 'Show one' : `and ${more} more`}
          </button>
          <button type="button" className="button button-small" onClick={putAllAway}>
            Put all away
          </button>
        </div>
      )}
    </div>
  );
};
