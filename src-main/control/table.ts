// Text for people: aligned columns, numbers to the right, nothing cut off. Machines get JSON instead.

export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string | number | null;
  /** Numbers stand on the right, so that their digits line up. */
  readonly right?: boolean;
}

/** A table with a header line, or `empty` when there are no rows. */
export const table = <T>(rows: readonly T[], columns: readonly Column<T>[], empty: string): string => {
  if (rows.length === 0) return empty;
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ of }) => printable(of(row))))];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  const pad = (text: string, at: number) => (columns[at]?.right ? text.padStart(widths[at] ?? 0) : text.padEnd(widths[at] ?? 0));
  return cells.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
};

/** Two columns: a name, and what it is. Empty values are left out. */
export const list = (entries: readonly (readonly [name: string, value: string | number | null | undefined])[]): string => {
  const shown = entries.filter(([, value]) => value !== null && value !== undefined && value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${printable(value ?? null)}`).join('\n');
};

// Text from a venue or a reason typed elsewhere must not move the cursor or colour the terminal.
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** One line without control characters; a dash for nothing. */
export const printable = (value: string | number | null): string => (value === null ? '-' : String(value).replace(CONTROL, ' '));

/** As 2026-11-20 08:45:21Z: days are UTC everywhere. */
export const timeText = (atMs: number | null): string =>
  atMs === null ? '-' : `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')}Z`;
