// What the person looks at: page, market, interval, tab, open dialog, and what they were told and have not yet put away. Never the
// engine's state, and nothing here outlives the window.
import { create } from 'zustand';
import type { GuideAddress } from '../../../src-shared/domain/guide.ts';

export const PAGES = ['trade', 'safety', 'reconciliation', 'journal', 'health', 'keys', 'policy', 'alerts', 'guide'] as const;
export type Page = (typeof PAGES)[number];
/** As the navigation names them. A page that is not built yet is not here. */
export const PAGE_NAMES: Readonly<Record<Page, string>> = {
  trade: 'Trade',
  safety: 'Safety',
  reconciliation: 'Books',
  journal: 'Journal',
  health: 'Health',
  keys: 'Keys',
  policy: 'Policy',
  alerts: 'Alerts',
  guide: 'Guide',
};
export const INTERVALS = ['1m', '5m', '15m', '1h', '4h', '1d'] as const;
export type Interval = (typeof INTERVALS)[number];
export const TABS = ['positions', 'orders', 'fills', 'log'] as const;
export type Tab = (typeof TABS)[number];
export type DialogName =
  'palette' | 'shortcuts' | 'settings' | 'mode' | 'reset' | 'receipt' | 'drill' | 'breaker' | 'promote' | 'protect' | 'change' | 'close';

export interface Notice {
  readonly id: number;
  readonly severity: 'good' | 'warning' | 'danger';
  readonly text: string;
  /** When it was so: it may be over by the time it is read. */
  readonly atMs: number;
}

interface Screen {
  readonly page: Page;
  readonly symbol: string;
  readonly interval: Interval;
  readonly tab: Tab;
  readonly dialog: DialogName | null;
  /** What the open dialog is about: a market, or an order's id. */
  readonly subject: string;
  /** Where the guide is open. */
  readonly guide: GuideAddress;
  readonly notices: readonly Notice[];
}

export const useScreen = create<Screen>(() => ({
  page: 'trade',
  symbol: 'BTCUSDT',
  interval: '1m',
  tab: 'positions',
  dialog: null,
  subject: '',
  guide: 'emergency',
  notices: [],
}));

export const show = (part: Partial<Pick<Screen, 'page' | 'symbol' | 'interval' | 'tab' | 'dialog' | 'subject' | 'guide'>>): void =>
  useScreen.setState(part);

let lastNoticeId = 0;
const MAX_NOTICES = 5;
/** Says something that stays until it is put away (VISUAL: denials and errors stay until read). */
export const tell = (severity: Notice['severity'], text: string, atMs = Date.now()): void => {
  lastNoticeId += 1;
  const notice = { id: lastNoticeId, severity, text, atMs };
  useScreen.setState(({ notices }) => ({ notices: [...notices.filter((each) => each.text !== text), notice].slice(-MAX_NOTICES) }));
};
export const putAway = (id: number): void =>
  useScreen.setState(({ notices }) => ({ notices: notices.filter((notice) => notice.id !== id) }));
export const putAllAway = (): void => useScreen.setState({ notices: [] });

/** The notices as they are read: what is dangerous first, then the newest. */
export const inReadingOrder = (notices: readonly Notice[]): readonly Notice[] =>
  notices.toSorted((a, b) => Number(b.severity === 'danger') - Number(a.severity === 'danger') || b.id - a.id);
