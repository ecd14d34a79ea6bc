// The end of a process: when the log is written, or soon all the same. A disk that hangs must not keep alive what was told to end.
import type { schedule } from './timers.ts';

/** How long the log may take to be written at the end. */
export const LAST_WRITE_MS = 1_000;

export interface EndingPorts {
  readonly log: { close(): Promise<void> };
  readonly schedule: typeof schedule;
  exit(code: number): void;
}

/** Ends the process with a code, within `LAST_WRITE_MS`. */
export const ending =
  (ports: EndingPorts) =>
  (code: number): void => {
    const end = (): void => {
      cancel();
      ports.exit(code);
    };
    const cancel = ports.schedule(end, LAST_WRITE_MS);
    ports.log.close().then(end, end);
  };
