// The manual's pages (assets/guide): the one list of their names, in reading order, for the window, the command line and links into them.

/** What is needed in a hurry comes first. Each is a Markdown file of that name. */
export const GUIDE_PAGES = [
  'emergency',
  'runbook',
  'safety-settings',
  'orders',
  'mainnet-checklist',
  'go-live',
  'kill-switch',
  'backup',
] as const;
export type GuidePageName = (typeof GUIDE_PAGES)[number];

/** A page, or a section of it by its heading's slug, as `runbook#the-self-test-is-red`. */
export type GuideAddress = GuidePageName | `${GuidePageName}#${string}`;

/** A heading as the address of its section, as GitHub makes it, so that a link works in both places. */
export const slugOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
