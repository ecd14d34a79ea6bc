// The structured log: JSON lines in <home>/logs, redacted and rotated by size. A full or broken disk must never reach the engine: a
// line that cannot be written is lost, and the terminal is told once.
import { existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Log } from './port.ts';
import { redact } from './redact.ts';

export const LOG_FILE = 'holdfast.log';
const MAX_FILE_BYTES = 5_000_000;
const KEPT_FILES = 5;

export interface LogOptions {
  /** The folder for the log files; made when missing, for this user alone. */
  readonly dir: string;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Told once when the log cannot be written. */
  readonly onBroken: (text: string) => void;
  readonly maxFileBytes?: number;
}

export interface LogFile extends Log {
  /** Everything written so far is on its way to the disk when this returns. */
  close(): void;
}

/** Opens the log. Throws when the folder cannot be made. */
export const openLog = (options: LogOptions): LogFile => {
  const { dir, maxFileBytes = MAX_FILE_BYTES } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, LOG_FILE);
  let sizeBytes = existsSync(file) ? statSync(file).size : 0;
  let broken = false;

  const destination = pino.destination({ dest: file, sync: false, mode: 0o600 });
  const fail = (error: unknown): void => {
    if (!broken)
      options.onBroken(`The log cannot be written (${error instanceof Error ? error.message : 'unknown reason'}); trading goes on.`);
    broken = true;
  };
  destination.on('error', fail);
  destination.on('write', (writtenBytes: number) => {
    sizeBytes += writtenBytes;
    if (sizeBytes < maxFileBytes) return;
    sizeBytes = 0;
    try {
      rotate(file);
      destination.reopen();
    } catch (error) {
      fail(error);
    }
  });

  const logger = pino(
    {
      level: options.level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      serializers: { error: (value: unknown) => (value instanceof Error ? pino.stdSerializers.err(value) : value) },
      hooks: { streamWrite: redact },
    },
    destination,
  );
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
    close() {
      try {
        destination.flushSync();
      } catch (error) {
        fail(error);
      }
      destination.end();
    },
  };
};

/** holdfast.log becomes holdfast.log.1, that .2, and so on; the oldest goes. */
const rotate = (file: string): void => {
  rmSync(`${file}.${KEPT_FILES}`, { force: true });
  for (let n = KEPT_FILES - 1; n >= 1; n -= 1) if (existsSync(`${file}.${n}`)) renameSync(`${file}.${n}`, `${file}.${n + 1}`);
  renameSync(file, `${file}.1`);
};
