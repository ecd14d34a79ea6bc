// A file of lines that is renamed away when it has grown, so that logs cannot fill a disk. Lines are written in order, off the
// engine's path; what the disk refuses is dropped and told, never thrown and never kept.
import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Lines held while the disk is slow; more are dropped. */
const MAX_WAITING_CHARS = 4_000_000;

export interface RotatingFileOptions {
  readonly file: string;
  readonly maxFileBytes: number;
  /** file.1 is the newest of the renamed ones. */
  readonly keptFiles: number;
  /** Told of the first trouble only. */
  readonly onBroken: (error: unknown) => void;
}

export interface RotatingFile {
  write(line: string): void;
  /** Settles when everything written so far is in the file or was refused. Never rejects. */
  flush(): Promise<void>;
}

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const sizeOf = async (file: string): Promise<number> => {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if (isMissing(error)) return 0;
    throw error;
  }
};

const renameIfThere = async (from: string, to: string): Promise<void> => {
  if ((await sizeOf(from)) > 0) await rename(from, to);
};

export const rotatingFile = (options: RotatingFileOptions): RotatingFile => {
  const { file, keptFiles, maxFileBytes } = options;
  let waiting = '';
  let writing: Promise<void> | null = null;
  let told = false;

  const tell = (error: unknown): void => {
    if (!told) options.onBroken(error);
    told = true;
  };

  const rotate = async (): Promise<void> => {
    await rm(`${file}.${keptFiles}`, { force: true });
    for (let n = keptFiles - 1; n >= 1; n -= 1) await renameIfThere(`${file}.${n}`, `${file}.${n + 1}`);
    await renameIfThere(file, `${file}.1`);
  };

  const writeAll = async (): Promise<void> => {
    while (waiting !== '') {
      const taken = waiting;
      waiting = '';
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        if ((await sizeOf(file)) >= maxFileBytes) await rotate();
        await appendFile(file, taken, { mode: 0o600 });
      } catch (error) {
        tell(error);
      }
    }
    writing = null;
  };

  return {
    write(line) {
      if (waiting.length + line.length > MAX_WAITING_CHARS) return tell(new Error('the disk is too slow for the log'));
      waiting += line;
      writing ??= writeAll();
    },
    flush: () => writing ?? Promise.resolve(),
  };
};
