// Which nonces were used: bounded, and kept in a small file so that a restart forgets none that could come again (REQUIREMENTS F). Where
// it cannot know, it says so: then only what stops trading may be obeyed.
import fs from 'node:fs';
import { z } from 'zod';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { readBounded, writeAtomicLater } from '../settings/atomic-file.ts';
import { parseJson } from '../settings/safe-json.ts';
import { WINDOW_MS } from './kill-switch-signature.ts';

export interface Nonces {
  /** Uses it up. `unsure`: there is no room to remember it, or what was used before the start cannot be read. */
  take(nonce: string, signedAtMs: number, nowMs: number): 'new' | 'seen' | 'unsure';
  /** Once all that were taken until now are on disk; the error says in words why they are not. */
  kept(): Promise<Result<void, string>>;
}

export const MAX_NONCES = 1024;
const MAX_FILE_BYTES = 256 * 1024;
/** A signature's time may lie ahead of our clock by the window: it is good for one more after that. */
const GOOD_FOR_MS = 2 * WINDOW_MS;

const fileSchema = z.array(z.tuple([z.string().max(64), z.number()])).max(MAX_NONCES);

/** @param path the file; a missing one is a first start */
export const openNonces = (path: string, nowMs: number): Nonces => {
  const read = readNonces(path);
  const used = new Map(read.ok ? read.value : []);
  const blindUntilMs = read.ok ? Number.NEGATIVE_INFINITY : nowMs + GOOD_FOR_MS;
  let writes: Promise<Result<void, string>> = Promise.resolve(ok(undefined));
  /** Old ones stay for as long as there is room, so that a clock set back revives none. */
  const hasRoom = (atMs: number): boolean => {
    if (used.size < MAX_NONCES) return true;
    const gone = [...used].find(([, signedAtMs]) => signedAtMs + GOOD_FOR_MS < atMs);
    return gone !== undefined && used.delete(gone[0]);
  };
  return {
    take(nonce, signedAtMs, atMs) {
      if (used.has(nonce)) return 'seen';
      if (!hasRoom(atMs)) return 'unsure';
      used.set(nonce, signedAtMs);
      return atMs < blindUntilMs ? 'unsure' : 'new';
    },
    kept() {
      writes = writes.then(() => writeNonces(path, used));
      return writes;
    },
  };
};

const readNonces = (path: string): Result<z.output<typeof fileSchema>, string> => {
  if (!fs.existsSync(path)) return ok([]);
  const text = readBounded(path, MAX_FILE_BYTES);
  const json = text.ok ? parseJson(text.value, MAX_FILE_BYTES) : text;
  if (!json.ok) return json;
  const parsed = fileSchema.safeParse(json.value);
  return parsed.success ? ok(parsed.data) : fail('it is no list of nonces');
};

const writeNonces = async (path: string, used: ReadonlyMap<string, number>): Promise<Result<void, string>> => {
  try {
    return ok(await writeAtomicLater(path, JSON.stringify([...used])));
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
};
