// Why a journal was not opened: in words that say what to do. Nothing was changed on disk when one of these comes back.

export interface JournalProblem {
  /**
   * `in-use`: another process has it. `foreign`: the file is something else. `version`: made by another version of Holdfast.
   * `owner`: of another mode or account. `broken-chain`: facts in the middle were changed or are missing. `damaged`: too little is
   * left to know whose it was. `contradictory`: every fact is whole, but they do not add up. `unreadable`: the disk or the permissions
   * say no.
   */
  readonly code: 'in-use' | 'foreign' | 'version' | 'owner' | 'broken-chain' | 'damaged' | 'contradictory' | 'unreadable';
  readonly text: string;
}

export const problem = (code: JournalProblem['code'], text: string): JournalProblem => ({ code, text });

const RESTORE = 'Restore the journal from a backup, or move it away to start an empty one; trading stays halted until then.';

export const damaged = (path: string, what: string): JournalProblem =>
  problem('damaged', `The journal ${path} is damaged: ${what}. ${RESTORE}`);

export const brokenChain = (path: string, firstBadSeq: number): JournalProblem =>
  problem(
    'broken-chain',
    `The journal ${path} was changed or damaged in the middle: fact ${firstBadSeq} does not chain to the one before it, and whole facts follow. Nothing was cut. ${RESTORE}`,
  );

/** For a journal that is open: what its verification found, and what to do. */
export const chainBroken = (found: { readonly text: string }): string => `${found.text} ${RESTORE}`;

export const contradictory = (fault: string): JournalProblem =>
  problem('contradictory', `The journal's facts contradict each other (${fault}). ${RESTORE}`);

export const inUse = (path: string): JournalProblem =>
  problem('in-use', `The journal ${path} is in use by another console. Use that one, or end it first.`);

/** SQLite's primary result codes that are told apart (sqlite.org/rescode.html). */
const SQLITE_BUSY = 5;
/** A statement that makes no sense: ours always do, unless the file's own schema is damaged. */
const SQLITE_ERROR = 1;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
/** Extended: the file ends before a page that it must have. */
const SQLITE_IOERR_SHORT_READ = 522;

/** SQLite's extended result code in an error of node:sqlite; 0 for any other error. */
const sqliteCode = (error: unknown): number =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : 0;

const primaryCode = (error: unknown): number => sqliteCode(error) & 0xff;

export const isBusy = (error: unknown): boolean => primaryCode(error) === SQLITE_BUSY;

/** True where the file itself is at fault, not the disk or the permissions. */
export const isCorruption = (error: unknown): boolean =>
  [SQLITE_ERROR, SQLITE_CORRUPT, SQLITE_NOTADB].includes(primaryCode(error)) || sqliteCode(error) === SQLITE_IOERR_SHORT_READ;

export const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A failure to open or read as a problem; the cause stays in the text. */
export const problemOf = (path: string, error: unknown): JournalProblem =>
  isBusy(error)
    ? inUse(path)
    : problem('unreadable', `The journal ${path} cannot be read: ${textOf(error)}. Check the disk and the file's permissions.`);
