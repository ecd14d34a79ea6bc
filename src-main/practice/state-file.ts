// The file in which a practice exchange's accounts outlive it: one line with everything, then a line for each change, in JSON.
// Guaranteed: a change is with the operating system before anybody hears of it, so an exchange that is killed at any instant (kill -9
// included) forgets nothing that a client was told. A power failure may take the newest changes, never the file.
import fs from 'node:fs';
import nodePath from 'node:path';
import { z } from 'zod';
import { readBounded, writeAtomic } from '../settings/atomic-file.ts';
import { foldState, type ExchangeState, type StateChange } from './core/state.ts';
import { stateChangeSchema, stateSchema } from './state-schema.ts';

const FORMAT = 'holdfast-practice-accounts';
const VERSION = 1;
/** Changes are folded into a new first line when they take up this much, or as much as that line. */
const MAX_CHANGES_BYTES = 4 * 1024 * 1024;
/** A file beyond this was not written here. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

/** The HMAC key of the main account: a client that knew it still gets in. */
const keySchema = z.strictObject({ apiKey: z.string().regex(/^[A-Za-z0-9]{64}$/), secret: z.string().min(1) });
const headSchema = z.strictObject({ format: z.literal(FORMAT), version: z.literal(VERSION), key: keySchema, state: stateSchema });

export interface SavedAccounts {
  readonly key: z.output<typeof keySchema>;
  readonly state: ExchangeState;
}

/** What the file holds; undefined when there is none. Throws in words on a file that is broken, or not one of these. */
export function readStateFile(path: string): SavedAccounts | undefined {
  if (!fs.existsSync(path)) return undefined;
  const text = readBounded(path, MAX_FILE_BYTES);
  if (!text.ok) throw new Error(text.error);
  const [head = '', ...lines] = text.value.split('\n');
  // What follows the last line break is empty, or a change that was cut short and therefore never told to anybody.
  lines.pop();
  const { key, state } = parseLine(headSchema, head, 1);
  return { key, state: foldState(state, lines.map((line, i) => parseLine(stateChangeSchema, line, i + 2))) }; // prettier-ignore
}

function parseLine<T>(schema: z.ZodType<T>, line: string, number: number): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Error(`line ${number} is no JSON`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`line ${number} is not understood: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** Moves a file that cannot be used out of the way; the new path. Throws what the file system throws. */
export function setAside(path: string, nowMs: number): string {
  const aside = `${path}.broken-${nowMs}`;
  fs.renameSync(path, aside);
  return aside;
}

/** The open file of a running exchange. Every method throws what the file system throws; the file is whole all the same. */
export class StateFile {
  readonly #path: string;
  readonly #key: SavedAccounts['key'];
  readonly #whole: () => ExchangeState;
  #descriptor: number | undefined;
  #changesBytes = 0;
  #maxChangesBytes = MAX_CHANGES_BYTES;

  /** Writes everything anew; `whole` gives it, now and whenever the changes have become many. */
  constructor(path: string, key: SavedAccounts['key'], whole: () => ExchangeState) {
    this.#path = path;
    this.#key = key;
    this.#whole = whole;
    fs.mkdirSync(nodePath.dirname(path), { recursive: true, mode: 0o700 });
    this.#rewrite();
  }

  /** The change is with the operating system when this returns. */
  append(change: StateChange): void {
    if (this.#descriptor === undefined) throw new Error('the state file is closed');
    const line = Buffer.from(`${JSON.stringify(change)}\n`);
    for (let written = 0; written < line.length;) written += fs.writeSync(this.#descriptor, line, written);
    this.#changesBytes += line.length;
    if (this.#changesBytes > this.#maxChangesBytes) this.#rewrite();
  }

  close(): void {
    if (this.#descriptor !== undefined) fs.closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #rewrite(): void {
    // Windows cannot replace an open file.
    this.close();
    const line = `${JSON.stringify({ format: FORMAT, version: VERSION, key: this.#key, state: this.#whole() })}\n`;
    writeAtomic(this.#path, line);
    this.#descriptor = fs.openSync(this.#path, 'a', 0o600);
    this.#changesBytes = 0;
    this.#maxChangesBytes = Math.max(MAX_CHANGES_BYTES, line.length);
  }
}
