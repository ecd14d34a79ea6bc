// One process a journal. The lock is SQLite's own, on an empty file beside the journal, so that the operating system lifts it when the
// process dies, on every platform. It is not taken on the journal itself: reading that file and closing it again in this process would
// drop a POSIX lock (sqlite.org/howtocorrupt.html, 2.2). Nobody else may open the lock file.
import { DatabaseSync } from 'node:sqlite';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { problemOf, type JournalProblem } from './problem.ts';

export interface JournalLock {
  release(): void;
}

export const lockJournal = (path: string): Result<JournalLock, JournalProblem> => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(`${path}.lock`, { timeout: 0 });
    const held = database;
    held.exec('BEGIN EXCLUSIVE');
    return ok({ release: () => held.close() });
  } catch (error) {
    database?.close();
    return fail(problemOf(path, error));
  }
};
