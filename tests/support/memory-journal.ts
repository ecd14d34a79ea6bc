// A journal in virtual time over a disk that takes time, may stall, may break, and loses on a crash what it had not written yet.
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { ok } from '../../src-shared/errors/result.ts';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import { factJson } from '../../src-main/journal/json.ts';
import type { Journal, JournalReader, Latch, LatchRecord, OpenedJournal } from '../../src-main/journal/port.ts';
import type { StoredFact } from '../../src-main/journal/store.ts';
import type { VirtualTime } from './virtual-time.ts';

/** What becomes of the facts that a crash found on their way to the disk. */
export type Cut =
  /** A first part of this share had been committed, the rest is gone. */
  | { readonly kind: 'share'; readonly share: number }
  /** The machine died in the middle of writing them: their file is cut inside what was written last. Real files only. */
  | { readonly kind: 'torn'; readonly at: number };

/** Where a journal's facts lie between two sessions. */
export interface Platter {
  readonly tag: JournalTag;
  /** How far the disk is. */
  readonly seq: number;
  /** What the newest opening had to repair, in words. */
  readonly notice: string;
  /** One commit. Throws when the disk refuses. */
  append(facts: readonly StoredFact[]): void;
  /** Opens it after a start or a crash, verified, and gives every fact back. */
  open(nowMs: number): readonly SequencedFact[];
  /** Facts as they lie there now. */
  facts(): readonly SequencedFact[];
  /** The process is gone in the middle of writing these facts. */
  crash(pending: readonly StoredFact[], cut: Cut): void;
}

/** The quick platter: facts as texts in memory. */
export class MemoryPlatter implements Platter {
  readonly tag = 'simula' as JournalTag;
  readonly notice = '';
  readonly written: string[] = [];

  get seq(): number {
    return this.written.length;
  }

  append(facts: readonly StoredFact[]): void {
    for (const { atMs, json } of facts) this.written.push(`{"seq":${this.written.length + 1},"atMs":${atMs},"fact":${json}}`);
  }

  open(): readonly SequencedFact[] {
    return this.facts();
  }

  facts(): readonly SequencedFact[] {
    return this.written.map((text) => JSON.parse(text) as SequencedFact);
  }

  crash(pending: readonly StoredFact[], cut: Cut): void {
    this.append(cut.kind === 'share' ? pending.slice(0, Math.floor(pending.length * cut.share)) : []);
  }
}

/** The disk that journal and latch lie on, with its moods. */
export class SimDisk {
  readonly platter: Platter;
  /** A commit takes so long. */
  commitMs = 2;
  stalled = false;
  /** Full, or gone: the next commit fails, and the latch file's write with it. */
  broken = false;
  latch: LatchRecord | null = null;

  constructor(platter: Platter) {
    this.platter = platter;
  }

  get durableSeq(): number {
    return this.platter.seq;
  }

  facts(): readonly SequencedFact[] {
    return this.platter.facts();
  }
}

/** What the venue told needs no commit of its own at once (journal/open.ts). */
const RETOLD: ReadonlySet<string> = new Set(['order.sent', 'order.accepted', 'order.filled', 'order.ended', 'balances.updated']);
const RETOLD_WAIT_MS = 3;

export class SimJournal implements Journal {
  readonly tag: JournalTag;
  private readonly disk: SimDisk;
  private readonly time: VirtualTime;
  private pending: StoredFact[] = [];
  private handedSeq: number;
  private committing = false;
  private alive = true;
  private readonly durable: ((seq: number) => void)[] = [];
  private readonly broken: ((text: string) => void)[] = [];

  constructor(disk: SimDisk, time: VirtualTime) {
    this.tag = disk.platter.tag;
    this.disk = disk;
    this.time = time;
    this.handedSeq = disk.durableSeq;
  }

  get durableSeq(): number {
    return this.disk.durableSeq;
  }

  append(facts: readonly SequencedFact[]): void {
    for (const { seq, atMs, fact } of facts) {
      if (seq !== this.handedSeq + 1) throw new Error(`fact ${seq} handed over, ${this.handedSeq + 1} is next`);
      this.handedSeq = seq;
      this.pending.push({ atMs, json: factJson(fact) });
    }
    this.commitLater(facts.every(({ fact }) => RETOLD.has(fact.kind)) ? RETOLD_WAIT_MS : 0);
  }

  private commitLater(waitMs: number): void {
    if (this.committing) return;
    this.committing = true;
    this.time.after(this.disk.commitMs + waitMs, () => {
      this.committing = false;
      this.commit();
    });
  }

  /** Group commit: whatever waits goes in one transaction. */
  private commit(): void {
    if (!this.alive || this.pending.length === 0) return;
    if (this.disk.stalled) return this.commitLater(0);
    if (this.disk.broken) {
      this.alive = false;
      for (const listener of this.broken) listener('the disk is gone');
      return;
    }
    this.disk.platter.append(this.pending.splice(0));
    for (const listener of this.durable) listener(this.durableSeq);
  }

  /** The process dies. */
  crash(cut: Cut): void {
    this.disk.platter.crash(this.alive ? this.pending.splice(0) : [], cut);
    this.alive = false;
  }

  onDurable(listener: (seq: number) => void): void {
    this.durable.push(listener);
  }

  onBroken(listener: (text: string) => void): void {
    this.broken.push(listener);
  }

  async flush(): Promise<void> {
    while (this.alive && this.pending.length > 0) await this.time.pass(this.disk.commitMs);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** The latch file: as late as the disk, lost by a crash before that, and refused by a broken disk. */
class SimLatch implements Latch {
  readonly path = 'the simulated latch';
  readonly found: Result<LatchRecord | null, string>;
  private readonly disk: SimDisk;
  private readonly time: VirtualTime;
  private readonly isAlive: () => boolean;

  constructor(disk: SimDisk, time: VirtualTime, isAlive: () => boolean) {
    this.disk = disk;
    this.time = time;
    this.isAlive = isAlive;
    this.found = ok(disk.latch);
  }

  write(record: LatchRecord): void {
    this.time.after(this.disk.commitMs, () => {
      if (this.isAlive()) this.disk.latch = record;
    });
  }

  durable(): Promise<boolean> {
    return Promise.resolve(true);
  }

  onProblem(): void {
    // It is rewritten in place: a disk without room takes it all the same (journal/latch.ts).
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const unread = (): Promise<never> => Promise.reject(new Error('nobody looks into the journal here'));
const NO_READER: JournalReader = { rows: unread, facts: unread, seqAt: unread, snapshot: unread };

/** What journal/open.ts gives the composition, from this disk. */
export const openSimJournal = (
  disk: SimDisk,
  time: VirtualTime,
  isAlive: () => boolean,
): { readonly opened: OpenedJournal; readonly journal: SimJournal } => {
  const facts = disk.platter.open(time.nowMs());
  const journal = new SimJournal(disk, time);
  const latch = new SimLatch(disk, time, isAlive);
  const { notice } = disk.platter;
  return { journal, opened: { journal, facts, headHash: '', notice, latch, verify: unread, reader: NO_READER } };
};
