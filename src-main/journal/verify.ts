// The stand-alone verifier: follows the chain of a journal file that no console has open. It changes nothing: a journal that was not
// closed cleanly is read from a copy, because SQLite would write while reading it.
import fs from 'node:fs';
import os from 'node:os';
import nodePath from 'node:path';
import { pathToFileURL } from 'node:url';
import { DatabaseSync } from 'node:sqlite';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { CHAIN_START, type ChainHead } from './chain.ts';
import { judgeHeader, lockPath, walPath } from './format.ts';
import { lockFile, type FileLock } from './lock.ts';
import type { JournalReport } from './port.ts';
import { inUse, isCorruption, problem, problemOf, textOf, type JournalProblem } from './problem.ts';
import { brokenReport, wholeReport } from './report.ts';
import { walkRows } from './store.ts';

/** Verifies the journal file at `path`. A broken chain is a report, not a problem; a problem means that it could not be read as a journal. */
export const verifyJournal = (path: string): Result<JournalReport, JournalProblem> => {
  if (!fs.existsSync(path)) return fail(problem('unreadable', `There is no journal ${path}.`));
  let lock: FileLock | undefined;
  try {
    lock = lockFile(lockPath(path));
    if (lock === undefined) return fail(inUse(path));
    const wrong = judgeHeader(path);
    return wrong === undefined ? ok(reportOn(path)) : fail(wrong);
  } catch (error) {
    return fail(problemOf(path, error));
  } finally {
    lock?.release();
  }
};

const reportOn = (path: string): JournalReport => {
  const log = fs.statSync(walPath(path), { throwIfNoEntry: false });
  if (log === undefined || log.size === 0) return reportOnFile(path, true);
  const folder = fs.mkdtempSync(nodePath.join(os.tmpdir(), 'holdfast-verify-'));
  try {
    const copy = nodePath.join(folder, 'journal.sqlite');
    fs.copyFileSync(path, copy);
    fs.copyFileSync(walPath(path), walPath(copy));
    return reportOnFile(copy, false);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
};

const reportOnFile = (path: string, immutable: boolean): JournalReport => {
  const url = pathToFileURL(path);
  // Without `immutable` SQLite would make its side files even for a reader.
  if (immutable) url.searchParams.set('immutable', '1');
  const database = new DatabaseSync(url, { readOnly: immutable, timeout: 0 });
  let head: ChainHead = CHAIN_START;
  try {
    const finding = walkRows(database, (row) => (head = row));
    if (finding.firstBadSeq !== undefined) return brokenReport(head, 'it does not chain to the one before it');
    return finding.head.seq < 0 ? brokenReport(head, 'the journal has no rows') : wholeReport(head);
  } catch (error) {
    if (isCorruption(error)) return brokenReport(head, textOf(error));
    throw error;
  } finally {
    database.close();
  }
};
