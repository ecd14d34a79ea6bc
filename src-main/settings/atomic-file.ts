// Small files that are whole at every instant: written beside their place, synced, then renamed. Reads are bounded, never wait on
// something that is no plain file, and take nothing that another user could have put there (N3).
import fs from 'node:fs';
import nodePath from 'node:path';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';

/** Replaces the file, readable by this user alone. After a crash it holds the old text or the new one. Throws what the file system throws. */
export const writeAtomic = (path: string, text: string): void => {
  const draft = `${path}.draft`;
  const descriptor = fs.openSync(draft, 'w', 0o600);
  try {
    fs.writeFileSync(descriptor, text);
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
  fs.renameSync(draft, path);
  syncFolder(nodePath.dirname(path));
};

/** The same without holding up the process: for what is written often, while the engine must go on. Rejects with what the file system says. */
export const writeAtomicLater = async (path: string, text: string): Promise<void> => {
  const draft = `${path}.draft`;
  const file = await fs.promises.open(draft, 'w', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await fs.promises.rename(draft, path);
};

const syncFolder = (folder: string): void => {
  // Windows cannot open a folder; NTFS journals the rename itself.
  if (process.platform === 'win32') return;
  const descriptor = fs.openSync(folder, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
};

/** Windows has neither of the last two: they are undefined there, and `|` takes that as 0. */
const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** The text of a plain file of this user's, of at most `maxBytes`, or in words why not. A file from elsewhere is not followed to. */
export const readBounded = (path: string, maxBytes: number): Result<string, string> => {
  try {
    // A named pipe would make the opening wait for its other end.
    const descriptor = fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const { size } = assertOwn(fs.fstatSync(descriptor));
      return size > maxBytes ? fail(`it is larger than ${maxBytes} bytes`) : ok(fs.readFileSync(descriptor, 'utf8'));
    } finally {
      fs.closeSync(descriptor);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOOP') return fail('it is a link: put the file itself there');
    return fail(error instanceof Error ? error.message : String(error));
  }
};

/** Who may write it decides what the console does: nobody but this user, or the one who rules this machine anyhow. */
const assertOwn = (stats: fs.Stats): fs.Stats => {
  if (!stats.isFile()) throw new Error('it is no plain file');
  const user = process.getuid?.();
  if (user === undefined) return stats;
  if (stats.uid !== user && stats.uid !== 0) throw new Error("it is another user's file: make it your own (chown)");
  if ((stats.mode & 0o002) !== 0) throw new Error('every user of this machine may write it: take that away (chmod o-w)');
  return stats;
};

/** Changes when the file is written or replaced; empty when it is missing. */
export const fileMark = (path: string): string => {
  const stats = fs.statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? '' : [stats.ino, stats.size, stats.mtimeNs, stats.ctimeNs].join(':');
};

/**
 * Since when the file is what it is (wall clock, whole ms as `Date.now` has them), or null when it is missing. The change time is the
 * system's own: whoever writes, replaces, moves or touches the file makes this later, and no editor makes it earlier.
 */
export const fileSinceMs = (path: string): number | null => {
  const stats = fs.statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : Math.floor(Math.max(stats.ctimeMs, stats.mtimeMs));
};
