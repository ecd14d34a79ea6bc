// What was said and not yet put away: answers to presses that failed and the console's alerts, in full sentences, until a person closes
// them.
import { Icon } from '../../components/icon.tsx';
import { putAway, useScreen } from './screen.ts';

export const Notices = () => {
  const notices = useScreen((screen) => screen.notices);
  return (
    <div className="notices" role="log" aria-label="Notices" aria-live="assertive">
      {notices.map((notice) => (
        <div
          key={notice.id}
          className={`notice said ${notice.severity === 'danger' ? '' : `said-${notice.severity}`}`}
          data-testid="notice"
        >
          <p>{notice.text}</p>
          <button type="button" className="button button-quiet button-small" aria-label="Put away" onClick={() => putAway(notice.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
};
