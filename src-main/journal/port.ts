// The journal port: append-only, hash-chained, on disk before the wire. The engine hands facts over without waiting and is told how
// far the disk is; a journal that cannot write any more says so once, and trading stops.
import type { JournalRow } from '../../src-shared/contract/journal.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { StopPhase, StopTrigger, TripPolicy } from '../../src-shared/domain/stop.ts';
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import type { SequencedFact } from '../engine/facts.ts';

/** Looks into the running journal. Every question rejects with an Error when the journal is closed or its disk cannot be read. */
export interface JournalReader {
  /** Rows `fromSeq` … in order, at most `count` (1 … 5000), as they are on disk: what was handed over before is among them. */
  rows(fromSeq: number, count: number): Promise<readonly JournalRow[]>;
  /** The same rows as one JSON array of sequenced facts: passed on to a thread that replays them, it is parsed there only. */
  facts(fromSeq: number, count: number): Promise<string>;
  /** The newest usable snapshot of fact `toSeq` or an earlier one, as its codec wrote it; null where there is none. */
  snapshot(toSeq: number): Promise<{ readonly seq: number; readonly text: string } | null>;
  /** The last fact at or before this time (ms); 0 when all are later. Where a clock was set back, one of the possible answers. */
  seqAt(atMs: number): Promise<number>;
}

export interface Journal {
  /** Drawn once when the journal was made; part of every client order id. */
  readonly tag: JournalTag;
  /** Hands facts over, in order, sequence numbers without holes. Never blocks, never throws for the disk's sake. */
  append(facts: readonly SequencedFact[]): void;
  /** Everything up to this sequence is on disk (fsync done). */
  readonly durableSeq: number;
  /** Called each time the disk got further, with the new durable sequence. */
  onDurable(listener: (seq: number) => void): void;
  /** Called once when the journal cannot go on: nothing after durableSeq is safe. */
  onBroken(listener: (text: string) => void): void;
  /** Resolves when everything handed over is on disk; rejects when it never will be. */
  flush(): Promise<void>;
  /** Closes the latch file as well. */
  close(): Promise<void>;
}

/** What opening found. A torn tail is cut and told; a broken chain opens nothing. */
export interface OpenedJournal {
  readonly journal: Journal;
  readonly facts: readonly SequencedFact[];
  readonly headHash: string;
  /** What was cut off or repaired at the start, in words; empty for a clean journal. */
  readonly notice: string;
  /** The emergency stop's own memory beside this journal. */
  readonly latch: Latch;
  /** Reads every fact again from the disk and follows the chain, in slices, while facts go on being written. */
  readonly verify: () => Promise<JournalReport>;
  readonly reader: JournalReader;
}

/** A journal in a file: what a start from a snapshot needs besides. */
export interface FileJournal extends OpenedJournal {
  /** The newest facts, whatever a snapshot stands for: what the event log begins with. */
  readonly recent: readonly SequencedFact[];
  /** What opening verified: every fact, or those that a snapshot does not stand for. */
  readonly found: JournalReport;
  /** The last fact that a snapshot stood for at the opening; null when every fact was read. */
  readonly snapshotSeq: number | null;
  /**
   * Writes what all facts up to `seq` (on disk already) came to beside the journal. Resolves with the digest that a `snapshot.taken` fact
   * has to name before the snapshot counts; rejects with an Error when the disk refuses.
   */
  readonly keepSnapshot: (seq: number, text: string) => Promise<string>;
}

/** What a verification found. `facts` and `headHash` speak of the whole part before the first bad fact. */
export interface JournalReport {
  readonly verdict: 'whole' | 'broken' | 'not-read';
  readonly facts: number;
  readonly headHash: string;
  /** The first fact that does not chain or is missing; null unless broken. */
  readonly firstBadSeq: number | null;
  readonly text: string;
}

/** What the emergency stop stands at, as the latch file keeps it. */
export interface LatchRecord {
  readonly phase: Exclude<StopPhase, 'DISABLED'>;
  /** 0 before the first trip. */
  readonly tripId: number;
  readonly trigger: StopTrigger | null;
  readonly reason: string;
  readonly policy: TripPolicy;
  readonly coolDownUntilMs: number | null;
  /** How far the journal was when this became true. */
  readonly seq: number;
}

export interface Latch {
  readonly path: string;
  /** What was found at the start; null when there was no file. The error says what is wrong with the file. */
  readonly found: Result<LatchRecord | null, string>;
  /** Hands over what the stop stands at. Never waits, never throws; when records come faster than the disk, the newest wins. */
  write(record: LatchRecord): void;
  /** True when everything handed over so far is on disk (fsync done), false when the disk refused it. */
  durable(): Promise<boolean>;
  /** Called with a sentence each time that the disk refuses. */
  onProblem(listener: (text: string) => void): void;
  close(): Promise<void>;
}
