// A journal in memory with a disk that takes time, may stall, may break, and loses on a crash what it had not written yet.
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import { factJson } from '../../src-main/journal/json.ts';
import type { Journal } from '../../src-main/journal/port.ts';
import type { VirtualTime } from './virtual-time.ts';

export class MemoryDisk {
  readonly tag = 'simula' as JournalTag;
  /** What survives: the facts as texts, as on a real disk. */
  readonly written: string[] = [];
  commitMs = 2;
  stalled = false;
  broken = false;

  facts(): readonly SequencedFact[] {
    return this.written.map((text) => JSON.parse(text) as SequencedFact);
  }
}

export class MemoryJournal implements Journal {
  readonly tag: JournalTag;
  private readonly disk: MemoryDisk;
  private readonly time: VirtualTime;
  private pending: string[] = [];
  private committing = false;
  private alive = true;
  private readonly durable: ((seq: number) => void)[] = [];
  private readonly broken: ((text: string) => void)[] = [];

  constructor(disk: MemoryDisk, time: VirtualTime) {
    this.tag = disk.tag;
    this.disk = disk;
    this.time = time;
  }

  get durableSeq(): number {
    return this.disk.written.length;
  }

  append(facts: readonly SequencedFact[]): void {
    for (const one of facts) {
      const expected = this.disk.written.length + this.pending.length + 1;
      if (one.seq !== expected) throw new Error(`fact ${one.seq} handed over, ${expected} is next`);
      this.pending.push(factJson(one));
    }
    this.commitLater();
  }

  private commitLater(): void {
    if (this.committing) return;
    this.committing = true;
    this.time.after(this.disk.commitMs, () => {
      this.committing = false;
      this.commit();
    });
  }

  /** Writes what is pending; on a crash perhaps only the first part of it. */
  private commit(): void {
    if (!this.alive || this.pending.length === 0) return;
    if (this.disk.broken) {
      this.alive = false;
      for (const listener of this.broken) listener('the disk is gone');
      return;
    }
    if (this.disk.stalled) return this.commitLater();
    this.disk.written.push(...this.pending.splice(0));
    for (const listener of this.durable) listener(this.durableSeq);
  }

  /** The process dies: of what was pending, a first part of this share got to the disk. */
  crash(share: number): void {
    if (this.alive) this.disk.written.push(...this.pending.splice(0, Math.floor(this.pending.length * share)));
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
    return this.flush();
  }
}
