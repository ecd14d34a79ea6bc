// When a snapshot of the state is made: beside the trading, in the replay's thread, out of what is on disk; so no decision waits for
// it, and what memory holds cannot slip into it. It must never keep a console from closing.
import type { FileJournal } from '../journal/port.ts';
import type { Replay } from './replay.ts';

/** A tenth of a second of replay at the next start, and at the busiest (some thousand facts a second) a snapshot every few seconds. */
const EVERY_FACTS = 20_000;
/** At a clean quit fewer are worth it; below this many the replay is as quick as the reading of a snapshot. */
const AT_QUIT_FACTS = 1_000;
const QUIT_WAIT_MS = 3_000;

export interface SnapshotsPorts {
  readonly file: FileJournal;
  readonly replay: Pick<Replay, 'encodedAt'>;
  /** The snapshot is on disk: a fact with this digest makes it count. */
  readonly kept: (atSeq: number, digest: string) => void;
  readonly failed: (text: string) => void;
}

export class Snapshots {
  readonly #ports: SnapshotsPorts;
  #lastSeq: number;
  #work: Promise<void> | null = null;

  constructor(ports: SnapshotsPorts) {
    this.#ports = ports;
    this.#lastSeq = ports.file.snapshotSeq ?? 0;
  }

  /** Told after each turn how far the journal is. */
  note(seq: number): void {
    if (this.#work === null && seq - this.#lastSeq >= EVERY_FACTS) void this.#start();
  }

  /** At a clean quit, when nothing becomes true any more: the next start shall be a quick one. Takes three seconds at most. */
  async close(): Promise<void> {
    const patience = new Promise<void>((resolve) => setTimeout(resolve, QUIT_WAIT_MS).unref());
    await Promise.race([this.#finish(), patience]);
  }

  async #finish(): Promise<void> {
    await this.#work;
    if (this.#ports.file.journal.durableSeq - this.#lastSeq >= AT_QUIT_FACTS) await this.#start();
  }

  #start(): Promise<void> {
    this.#work = this.#take().finally(() => (this.#work = null));
    return this.#work;
  }

  async #take(): Promise<void> {
    const { file, replay, kept, failed } = this.#ports;
    // A disk that refuses is asked again only after as many facts.
    this.#lastSeq = file.journal.durableSeq;
    try {
      await file.journal.flush();
      const atSeq = file.journal.durableSeq;
      kept(atSeq, await file.keepSnapshot(atSeq, await replay.encodedAt(atSeq)));
    } catch (error) {
      failed(error instanceof Error ? error.message : String(error));
    }
  }
}
