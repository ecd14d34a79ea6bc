// The structured log: JSON lines in <home>/logs, redacted and rotated by size. A full or broken disk must never reach the engine: a
// line that cannot be written is lost, and the terminal is told once.
import { join } from 'node:path';
import { pino } from 'pino';
import type { Log } from './port.ts';
import { redactLine } from './redact.ts';
import { rotatingFile } from './rotating-file.ts';

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
  /** Settles when everything logged so far is written, or cannot be. Never rejects. */
  close(): Promise<void>;
}

/** The one log of a process. */
export const openLog = (options: LogOptions): LogFile => {
  const lines = rotatingFile({
    file: join(options.dir, LOG_FILE),
    maxFileBytes: options.maxFileBytes ?? MAX_FILE_BYTES,
    keptFiles: KEPT_FILES,
    onBroken: (error) =>
      options.onBroken(`The log cannot be written (${error instanceof Error ? error.message : 'unknown reason'}); trading goes on.`),
  });
  const logger = pino(
    {
      level: options.level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      messageKey: 'event',
      serializers: { error: (value: unknown) => (value instanceof Error ? pino.stdSerializers.err(value) : value) },
    },
    { write: (line) => lines.write(redactLine(line)) },
  );
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
    close: () => lines.flush(),
  };
};
