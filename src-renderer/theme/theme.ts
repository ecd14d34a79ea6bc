// Loads fonts and styles and puts the chosen theme and palette on the document. Fonts come from the bundle, never from a network.
import '@fontsource/inter/latin-400.css';
import '@fontsource/inter/latin-500.css';
import '@fontsource/inter/latin-600.css';
import '@fontsource/inter/latin-700.css';
import '@fontsource/jetbrains-mono/latin-400.css';
import '@fontsource/jetbrains-mono/latin-500.css';
import './tokens.css';
import './base.css';
import type { Preferences } from '../../src-shared/contract/contract.ts';

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

/** Follows the preferences, and the system while they say `system`. Returns how to stop following. */
export const applyTheme = ({ theme, palette }: Preferences): (() => void) => {
  const root = document.documentElement;
  const apply = () => {
    root.dataset['theme'] = theme === 'system' ? (systemDark.matches ? 'dark' : 'light') : theme;
    root.dataset['palette'] = palette;
    document.dispatchEvent(new Event('themechange'));
  };
  apply();
  systemDark.addEventListener('change', apply);
  return () => systemDark.removeEventListener('change', apply);
};

/** A token's value now, for what draws on a canvas. */
export const token = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
