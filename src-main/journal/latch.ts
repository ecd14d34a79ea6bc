// What the emergency stop stands at, in a small file beside the journal: of fixed size and rewritten in place, so that a disk without
// room takes it all the same (REQUIREMENTS E6). Nobody waits for it, least of all a cancel; it decides nothing, recall.ts does.
import { hash } from 'node:crypto';
import fs from 'node:fs/promises';
import nodePath from 'node:path';
import { z } from 'zod';
import { STOP_TRIGGERS } from '../../src-shared/domain/stop.ts';
import { fail, invariant, ok, type Result } from '../../src-shared/errors/result.ts';
import type { Latch, LatchRecord } from './port.ts';
import { textOf } from './problem.ts';

/** Two slots of a page each, with the same record: a write that is torn, or a page that rots, leaves the other whole. */
const SLOT_BYTES = 4096;
const MARK = 'holdfast-latch 1';
/** Fits a slot whatever the letters (JSON takes six bytes for the worst of them). */
const REASON_MOST = 500;

const recordSchema: z.ZodType<LatchRecord> = z.strictObject({
  phase: z.enum(['ARMED', 'TRIPPED', 'COOLING_DOWN']),
  /** 0 before the first trip. */
  tripId: z.int().nonnegative(),
  trigger: z.enum(STOP_TRIGGERS).nullable(),
  reason: z.string(),
  policy: z.enum(['keep-positions', 'flatten']),
  coolDownUntilMs: z.int().nullable(),
  /** How far the journal was when this became true. */
  seq: z.int().nonnegative(),
});
const slotSchema = z.strictObject({ count: z.int().positive(), record: recordSchema });
type Slot = z.infer<typeof slotSchema>;

export const latchPath = (journalPath: string): string => `${journalPath}.latch`;

/** Opens the latch file beside a journal that is locked for this process. A missing one is made by the first `write`. */
export const openLatch = async (path: string): Promise<Latch> => {
  let file: fs.FileHandle | undefined;
  try {
    file = await fs.open(path, 'r+');
    const bytes = Buffer.alloc(2 * SLOT_BYTES);
    await file.read(bytes, 0, bytes.length, 0);
    const slots = [readSlot(bytes.subarray(0, SLOT_BYTES)), readSlot(bytes.subarray(SLOT_BYTES))] as const;
    const newest = (slots[0]?.count ?? 0) >= (slots[1]?.count ?? 0) ? 0 : 1;
    const found = slots[newest];
    if (found === undefined) return new LatchFile(path, file, fail('neither of its two records is whole'), 0, 0);
    return new LatchFile(path, file, ok(found.record), found.count, newest);
  } catch (error) {
    return new LatchFile(path, file, isMissing(error) ? ok(null) : fail(textOf(error)), 0, 0);
  }
};

const isMissing = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

class LatchFile implements Latch {
  readonly path: string;
  readonly found: Result<LatchRecord | null, string>;
  readonly #listeners: ((text: string) => void)[] = [];
  #file: fs.FileHandle | undefined;
  #count: number;
  /** The slot that is written next: never the only one that is whole. */
  #slot: number;
  #wanted: LatchRecord | undefined;
  #work: Promise<boolean> = Promise.resolve(true);
  #closed = false;

  constructor(path: string, file: fs.FileHandle | undefined, found: Latch['found'], count: number, newest: number) {
    this.path = path;
    this.found = found;
    this.#file = file;
    this.#count = count;
    this.#slot = 1 - newest;
  }

  write(record: LatchRecord): void {
    if (this.#closed) return;
    this.#wanted = record;
    this.#work = this.#work.then((before) => this.#storeNewest(before));
  }

  durable(): Promise<boolean> {
    return this.#work;
  }

  onProblem(listener: (text: string) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#work;
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  async #storeNewest(before: boolean): Promise<boolean> {
    const record = this.#wanted;
    // An earlier turn took it along.
    if (record === undefined) return before;
    this.#wanted = undefined;
    this.#count += 1;
    try {
      const slot = slotOf({ count: this.#count, record: { ...record, reason: record.reason.slice(0, REASON_MOST) } });
      this.#file ??= await openOrMake(this.path, slot);
      for (let written = 0; written < 2; written += 1) await this.#writeSlot(this.#file, slot);
      return true;
    } catch (error) {
      const text = `The emergency stop's latch file ${this.path} cannot be written: ${textOf(error)}.`;
      for (const listener of this.#listeners) listener(text);
      return false;
    }
  }

  async #writeSlot(file: fs.FileHandle, slot: Buffer): Promise<void> {
    const { bytesWritten } = await file.write(slot, 0, SLOT_BYTES, this.#slot * SLOT_BYTES);
    if (bytesWritten !== SLOT_BYTES) throw new Error(`only ${bytesWritten} of ${SLOT_BYTES} bytes were written`);
    await file.datasync();
    this.#slot = 1 - this.#slot;
  }
}

const slotOf = (slot: Slot): Buffer => {
  const body = JSON.stringify(slot);
  const bytes = Buffer.alloc(SLOT_BYTES, ' ');
  const text = `${MARK}\n${hash('sha256', body)}\n${body}\n`;
  invariant(Buffer.byteLength(text) <= SLOT_BYTES, 'a latch record fits its slot');
  bytes.write(text);
  return bytes;
};

const readSlot = (bytes: Buffer): Slot | undefined => {
  const [mark, digest, body = ''] = bytes.toString().split('\n');
  if (mark !== MARK || digest !== hash('sha256', body)) return undefined;
  return slotSchema.safeParse(JSON.parse(body)).data;
};

/** A new file comes whole or not at all: a crash while it is made must not look like a damaged one. */
const openOrMake = async (path: string, slot: Buffer): Promise<fs.FileHandle> => {
  try {
    return await fs.open(path, 'r+');
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const draft = `${path}.draft`;
  await fs.writeFile(draft, Buffer.concat([slot, slot]), { mode: 0o600, flush: true });
  await fs.rename(draft, path);
  // Windows cannot open a folder for fsync; NTFS journals the rename itself.
  if (process.platform !== 'win32') await syncFolder(nodePath.dirname(path));
  return fs.open(path, 'r+');
};

const syncFolder = async (path: string): Promise<void> => {
  const folder = await fs.open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
};
