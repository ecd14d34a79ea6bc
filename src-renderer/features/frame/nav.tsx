// The pages that exist. A page that is not built yet is not here.
import { Icon } from '../../components/icon.tsx';
import { PAGES, show, useScreen } from './screen.ts';
import type { Page } from './screen.ts';

const NAME: Readonly<Record<Page, string>> = {
  trade: 'Trade',
  reconciliation: 'Books',
  journal: 'Journal',
  health: 'Health',
  keys: 'Keys',
  policy: 'Policy',
};

export const Nav = () => {
  const page = useScreen((screen) => screen.page);
  return (
    <nav className="nav" aria-label="Pages">
      {PAGES.map((each) => (
        <button
          key={each}
          type="button"
          className="nav-item"
          data-testid={`nav-${each}`}
          aria-current={each === page ? 'page' : undefined}
          onClick={() => show({ page: each })}
        >
          <Icon name={each} />
          {NAME[each]}
        </button>
      ))}
      <span className="spread" />
      <button type="button" className="nav-item" data-testid="nav-settings" onClick={() => show({ dialog: 'settings' })}>
        <Icon name="settings" />
        Settings
      </button>
    </nav>
  );
};
