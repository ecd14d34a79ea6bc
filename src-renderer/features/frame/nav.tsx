// The pages, and the settings.
import { Icon } from '../../components/icon.tsx';
import { PAGE_NAMES, PAGES, show, useScreen } from './screen.ts';

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
          {PAGE_NAMES[each]}
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
