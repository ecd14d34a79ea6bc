// What a watchdog did, in a file beside the journal: the next start of the console, or the console that comes to itself again, reads it
// and trips (REQUIREMENTS E8). Whole at every instant; one that cannot be read is taken for a report all the same.
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { readBounded } from '../settings/atomic-file.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const order = z.object({ symbol: z.string().max(64), clientOrderId: z.string().max(64) });

const report = z.object({
  version: z.literal(1),
  /** When the first cancel left (wall clock, ms). */
  atMs: z.int().nonnegative(),
  why: z.string().max(1000),
  /** What it has cancelled so far. */
  canceled: z.array(order).max(100_000),
  /** What guards positions, and was left to do so. */
  kept: z.array(order).max(100_000).default([]),
  /** What of the rest the exchange still showed when it was last asked; null: it never answered. */
  left: z.array(order).max(100_000).nullable(),
  /** The newest failure, in words; empty: none. */
  problem: z.string().max(1000),
  /** How long until the exchange was seen empty, but for what was kept, ms; null: it was not. */
  emptyAfterMs: z.number().nonnegative().nullable(),
});

export type WatchdogReport = z.output<typeof report>;

const ENDING = '.watchdog.json';

/** Where the report of a journal lies. */
export const reportPathOf = (journal: string): string => `${journal}${ENDING}`;

/** Every report that lies in a folder of journals. */
export const reportsIn = (folder: string): readonly string[] =>
  existsSync(folder) ? readdirSync(folder).flatMap((name) => (name.endsWith(ENDING) ? [join(folder, name)] : [])) : [];

/** Replaces the file. Never blocks the process, whatever the disk does; rejects with what the file system says. */
export const writeReport = async (path: string, found: WatchdogReport): Promise<void> => {
  const draft = `${path}.draft`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(JSON.stringify(found));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
};

/** Null: there is none. The error says why what is there cannot be read. */
export const readReport = (path: string): Result<WatchdogReport | null, string> => {
  if (!existsSync(path)) return ok(null);
  const found = readBounded(path, MAX_BYTES);
  if (!found.ok) return found;
  try {
    const parsed = report.safeParse(JSON.parse(found.value));
    return parsed.success ? ok(parsed.data) : fail('it is no report of a watchdog');
  } catch {
    return fail('it is not whole');
  }
};

/** Once its fact is on disk. Throws what the file system throws. */
export const removeReport = (path: string): void => rmSync(path, { force: true });

const named = (orders: readonly z.output<typeof order>[]): string => {
  const shown = orders.slice(0, 20).map(({ symbol, clientOrderId }) => `${symbol} ${clientOrderId}`);
  return `${shown.join(', ')}${orders.length > shown.length ? ` and ${orders.length - shown.length} more` : ''}`;
};

/** The report in a sentence or two, for the journal and the receipt. */
export const wordsOf = ({ canceled, kept, left, problem, emptyAfterMs }: WatchdogReport): string => {
  const did =
    canceled.length === 0
      ? 'It cancelled nothing'
      : `It cancelled ${canceled.length === 1 ? '1 order' : `${canceled.length} orders`} (${named(canceled)})`;
  const seen = kept.length === 0 ? 'nothing open' : `only what protects positions (${named(kept)})`;
  if (emptyAfterMs !== null) return `${did}; the exchange showed ${seen} after ${(emptyAfterMs / 1000).toFixed(1)} s.`;
  const open = left === null ? 'what is still open is not known' : `${left.length} still open (${named(left)})`;
  return `${did}; ${left?.length === 0 ? 'it was not done yet' : open}${problem === '' ? '' : `: ${problem}`}.`;
};
