// The control socket's language, for both ends: JSON lines. A request is `{id, call, input}`; its answer carries the same id; after a
// subscription come pushes without one. Nothing here knows what a call means.
import type { CallError } from '../../src-shared/contract/contract.ts';
import type { Push } from '../../src-shared/contract/contract.ts';

export interface RequestLine {
  /** Chosen by the client, given back with the answer. */
  readonly id: number;
  readonly call: string;
  readonly input: unknown;
}

export type AnswerLine =
  | { readonly id: number; readonly ok: true; readonly value: unknown }
  /** `id` is null where the request was too broken to have one. */
  | { readonly id: number | null; readonly ok: false; readonly error: CallError };

export type ServerLine = AnswerLine | { readonly push: Push };

/** A request that is longer is refused, and the connection with it: what follows cannot be told apart. */
export const MAX_REQUEST_BYTES = 64 * 1024;

export const lineOf = (message: RequestLine | ServerLine): string => `${JSON.stringify(message)}\n`;

/**
 * Cuts a byte stream into lines. `onLine` gets each whole line without its end; `onOverflow` is called once when a line grows past
 * `maxBytes`, and everything after it is ignored.
 */
export const lineSplitter = (maxBytes: number, onLine: (line: string) => void, onOverflow: () => void): ((chunk: Buffer) => void) => {
  let parts: Buffer[] = [];
  let bytes = 0;
  let overflown = false;
  const take = (part: Buffer): boolean => {
    parts.push(part);
    bytes += part.length;
    if (bytes <= maxBytes) return true;
    overflown = true;
    parts = [];
    onOverflow();
    return false;
  };
  return (chunk) => {
    let from = 0;
    while (!overflown) {
      const end = chunk.indexOf(0x0a, from);
      if (!take(chunk.subarray(from, end < 0 ? chunk.length : end)) || end < 0) return;
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      bytes = 0;
      from = end + 1;
      if (line.trim() !== '') onLine(line);
    }
  };
};
