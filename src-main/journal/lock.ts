// One process a journal, and one a home. The lock is SQLite's own, on an empty file that holds nothing, so that the operating system
// lifts it when the process dies, on every platform. It is never taken on a file with content: reading such a file and closing it
// again in this process would drop a POSIX lock (sqlite.org/howtocorrupt.html, 2.2). Nobody else may open the lock file.
import { DatabaseSync } from 'node:sqlite';
import { isBusy } from './problem.ts';

export interface FileLock {
  release(): void;
}

/** The lock, or undefined while another process holds it. Throws when the file cannot be made. */
export const lockFile = (path: string): FileLock | undefined => {
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
  return { release: () => database.close() };
};
