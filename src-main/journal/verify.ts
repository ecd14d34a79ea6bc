// Reads and verifies a journal file that no console has open. It changes nothing: a journal that was not closed cleanly is read from a
// copy, because SQLite would write while reading it.
import fs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { CHAIN_START, walkChain, type ChainHead, type ChainRow } from './chain.ts';
import { judgeHeader, lockPath, walPath } from './format.ts';
import { lockFile, type FileLock } from './lock.ts';
import type { JournalReport } from './port.ts';
import { inUse, isCorruption, problem, problemOf, textOf, type JournalProblem } from './problem.ts';
import { brokenReport, wholeReport } from './report.ts';
import { everyRow } from './store.ts';

/** A journal file that no console has open. Reading changes nothing; nobody else can open it until it is closed. */
export interface ClosedJournal {
  /** Every row in order, as it stands: whether it chains is for the reader to see. Throws what SQLite says of a damaged file. */
  rows(): Iterable<ChainRow>;
  close(): void;
}

/** Opens the journal file at `path` for reading. */
export const openClosedJournal = (path: string): Result<ClosedJournal, JournalProblem> => {
  if (!fs.existsSync(path)) return fail(problem('unreadable', `There is no journal ${path}.`));
  let lock: FileLock | undefined;
  try {
    lock = lockFile(lockPath(path));
    if (lock === undefined) return fail(inUse(path));
    const wrong = judgeHeader(path);
    if (wrong === undefined) return ok(closedJournal(path, lock));
    lock.release();
    return fail(wrong);
  } catch (error) {
    lock?.release();
    return fail(problemOf(path, error));
  }
};

const closedJournal = (path: string, lock: FileLock): ClosedJournal => {
  const log = fs.statSync(walPath(path), { throwIfNoEntry: false });
  const folder = log === undefined || log.size === 0 ? undefined : fs.mkdtempSync(nodePath.join(os.tmpdir(), 'holdfast-verify-'));
  const dropCopy = (): void => {
    if (folder !== undefined) fs.rmSync(folder, { recursive: true, force: true });
  };
  try {
    const database = folder === undefined ? openFile(path, true) : openFile(copyTo(folder, path), false);
    return {
      rows: () => everyRow(database),
      close() {
        database.close();
        dropCopy();
        lock.release();
      },
    };
  } catch (error) {
    dropCopy();
    throw error;
  }
};

const copyTo = (folder: string, path: string): string => {
  const copy = nodePath.join(folder, 'journal.sqlite');
  fs.copyFileSync(path, copy);
  fs.copyFileSync(walPath(path), walPath(copy));
  return copy;
};

const openFile = (path: string, immutable: boolean): DatabaseSync => {
  const url = pathToFileURL(path);
  // Without `immutable` SQLite would make its side files even for a reader.
  if (immutable) url.searchParams.set('immutable', '1');
  return new DatabaseSync(url, { readOnly: immutable, timeout: 0 });
};

/** Verifies the journal file at `path`. A broken chain is a report, not a problem; a problem means that it could not be read as a journal. */
export const verifyJournal = (path: string): Result<JournalReport, JournalProblem> => {
  const opened = openClosedJournal(path);
  if (!opened.ok) return opened;
  try {
    return ok(reportOn(opened.value));
  } catch (error) {
    return fail(problemOf(path, error));
  } finally {
    opened.value.close();
  }
};

const reportOn = (journal: ClosedJournal): JournalReport => {
  let head: ChainHead = CHAIN_START;
  try {
    const finding = walkChain(journal.rows(), (row) => (head = row));
    if (finding.firstBadSeq !== undefined) return brokenReport(head, 'it does not chain to the one before it');
    return finding.head.seq < 0 ? brokenReport(head, 'the journal has no rows') : wholeReport(head);
  } catch (error) {
    if (isCorruption(error)) return brokenReport(head, textOf(error));
    throw error;
  }
};
