// The window's few signs, drawn here so that no font has to have them. Decorative: the word beside says the same.
const PATHS = {
  trade: 'M2 12.5 6 8l3 2.5L14 4M10.5 4H14v3.5',
  safety: 'M8 1.5 13.5 3.5v4c0 3.5-2.3 5.8-5.5 7-3.2-1.2-5.5-3.5-5.5-7v-4L8 1.5Zm-2.5 6.5 2 2 3.5-4',
  reconciliation: 'M8 2.5v11M3 4.5h10M3 4.5l-1.5 4a1.6 1.6 0 0 0 3 0L3 4.5Zm10 0-1.5 4a1.6 1.6 0 0 0 3 0l-1.5-4ZM5.5 13.5h5',
  journal: 'M4 2.5h8.5v11H4A1.5 1.5 0 0 1 2.5 12V4A1.5 1.5 0 0 1 4 2.5Zm2 3h4m-4 3h4',
  health: 'M1.5 8.5h3l2-5 3 9 2-4h3',
  keys: 'M6.5 9.5a3.5 3.5 0 1 1 0-3h8v3h-2v-2m-2 0v2',
  policy: 'M3.5 1.5h9v13h-9v-13Zm2 3.5h5m-5 3h5m-5 3h2.5',
  alerts: 'M8 2a4 4 0 0 0-4 4v3.5L2.5 12h11L12 9.5V6a4 4 0 0 0-4-4Zm-1.5 12h3',
  guide: 'M8 4c-1.5-1.2-3.5-1.5-6-1.5v10c2.5 0 4.5.3 6 1.5 1.5-1.2 3.5-1.5 6-1.5v-10c-2.5 0-4.5.3-6 1.5Zm0 0v10',
  settings: 'M2.5 4.5h5m4 0h2m-11 7h2m4 0h5m-4-9v4m-5 3v4',
  close: 'm4 4 8 8m0-8-8 8',
  change: 'M2.5 13.5 3.5 10l7-7 2.5 2.5-7 7-3.5 1Zm6.5-9L11.5 7',
  arrow: 'M2.5 8h10m-3.5-3.5L12.5 8 9 11.5',
  check: 'm3 8.5 3.5 3.5L13 4.5',
  cross: 'm4 4 8 8m0-8-8 8',
  wait: 'M8 4v4.5l2.5 1.5M14 8A6 6 0 1 1 2 8a6 6 0 0 1 12 0Z',
  warning: 'M8 2 14.5 13.5h-13L8 2Zm0 4.5v3.5m0 1.5v.5',
  down: 'm4 6 4 4 4-4',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { readonly name: IconName }) => (
  <svg
    className="icon"
    viewBox="0 0 16 16"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.5"
    strokeLinejoin="round"
    strokeLinecap="round"
    aria-hidden="true"
  >
    <path d={PATHS[name]} />
  </svg>
);

/** A filled mark whose shape, too, says the verdict: disc, triangle, square, ring. */
export const Mark = ({ verdict }: { readonly verdict: 'good' | 'poor' | 'bad' | 'unknown' }) => (
  <svg
    className={`icon ${verdict === 'good' ? 'good' : verdict === 'poor' ? 'warn' : verdict === 'bad' ? 'bad' : 'muted'}`}
    viewBox="0 0 16 16"
    fill="currentColor"
    aria-hidden="true"
  >
    {verdict === 'good' && <circle cx="8" cy="8" r="4" />}
    {verdict === 'poor' && <path d="M8 3.5 13 12.5H3Z" />}
    {verdict === 'bad' && <rect x="4" y="4" width="8" height="8" />}
    {verdict === 'unknown' && <circle cx="8" cy="8" r="3.5" fill="none" stroke="currentColor" strokeWidth="1.5" />}
  </svg>
);
