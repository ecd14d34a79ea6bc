// The journal's file in the hands of its one writer: open (which verifies every fact), append, verify, checkpoint. Synchronous
// throughout: it lives in the worker thread and must never run on the engine's.
import fs from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import {
  CHAIN_START,
  chainHash,
  chainsTo,
  ownerJson,
  walkChain,
  type ChainFinding,
  type ChainHead,
  type ChainRow,
  type JournalOwner,
} from './chain.ts';
import {
  INSERT_ROW,
  isCutShort,
  ROWS_FROM,
  judgeHeader,
  lockPath,
  openDatabase,
  ownerRow,
  renameDurably,
  walPath,
  writeFresh,
} from './format.ts';
import { lockFile, type FileLock } from './lock.ts';
import { brokenChain, damaged, inUse, isCorruption, problem, problemOf, type JournalProblem } from './problem.ts';
import { finishSalvage, salvage } from './salvage.ts';
import { bindsSnapshot, dropSnapshots, readSnapshot, snapshotSeqs, type Snapshot } from './snapshot.ts';
import { walIsTorn } from './wal.ts';

export interface StoreOptions extends JournalOwner {
  /** The journal's file; its folder is made (for this user alone) when it is missing. */
  readonly path: string;
  readonly nowMs: number;
  /** The tag of a journal that is made or cut now; a whole one keeps its own. */
  readonly freshTag: JournalTag;
  /** Names the codec of the snapshots that may stand for the facts before them (no blanks); without it every fact is read. */
  readonly codec?: string;
  /** True: snapshots that are there are dropped, and every fact is read. */
  readonly dropsSnapshots?: boolean;
}

/** Where the facts found at the start go: after a snapshot those that it does not stand for, with some before them for the event log. */
export interface FactSink {
  /** Comes before every fact; only where a codec is named. */
  snapshot?(snapshot: Snapshot): void;
  fact(row: ChainRow): void;
  /** Comes before a second reading, after a cut. */
  restart(): void;
}

export interface JournalStore {
  readonly tag: JournalTag;
  readonly notice: string;
  readonly head: ChainHead;
  /** The last fact that a snapshot stood for when the store was opened; null: every fact was read and verified. */
  readonly fromSnapshotSeq: number | null;
  /** One transaction, on disk when it returns. Throws when the disk refuses, and then nothing of it is kept. */
  append(firstSeq: number, facts: readonly StoredFact[]): void;
  /** Rows `fromSeq` … in order, at most `limit`, as they are on disk now. */
  read(fromSeq: number, limit: number): readonly ChainRow[];
  /** The last row at or before this time; 0 when all are later. Found by halving: it reads some twenty rows of a million. */
  seqAt(atMs: number): number;
  /** Moves the log into the file when it holds more than `minLogBytes`; facts wait while it runs, so call it when none do. */
  checkpoint(minLogBytes: number): void;
  close(): void;
}

export interface StoredFact {
  readonly atMs: number;
  readonly json: string;
}

/** Row 0 is the first; one before it would be a stranger's, and must show. */
const FIRST = Number.MIN_SAFE_INTEGER;
/** The event log shows 200 lines, and some facts make none. */
const RECENT_FACTS = 600;
/** A commit logs whole pages: about two besides the facts themselves. */
const LOGGED_BYTES_PER_COMMIT = 8192;

/** Opens or makes the journal. Every fact passes the chain before `sink` sees it; a torn tail is cut, anything worse is a problem. */
export const openStore = (options: StoreOptions, sink: FactSink): Result<JournalStore, JournalProblem> => {
  let lock: FileLock | undefined;
  try {
    lock = lockFile(lockPath(options.path));
    if (lock === undefined) return fail(inUse(options.path));
    const opened = openLocked(options, sink, lock);
    if (!opened.ok) lock.release();
    return opened;
  } catch (error) {
    lock?.release();
    return fail(problemOf(options.path, error));
  }
};

const openLocked = (options: StoreOptions, sink: FactSink, lock: FileLock): Result<JournalStore, JournalProblem> => {
  const { path, nowMs, freshTag } = options;
  finishSalvage(path);
  const missing = makeIfMissing(options);
  if (missing !== undefined) return fail(missing);
  const wrong = judgeHeader(path);
  if (wrong !== undefined) return fail(wrong);
  // Looked at before SQLite has the file open (lock.ts says why). A killed checkpoint leaves such a file too: the log makes it whole.
  const cutShort = isCutShort(path);
  if (!walIsTorn(walPath(path))) {
    const reading = openAndRead(options, sink);
    if (reading.kind === 'whole') return ok(storeOf(reading, '', lock));
    if (reading.kind === 'problem' && !(cutShort && reading.problem.code === 'broken-chain')) return fail(reading.problem);
  }
  const cut = salvage(path, nowMs, freshTag, cutShort);
  if (!cut.ok) return cut;
  sink.restart();
  const again = openAndRead(options, sink);
  if (again.kind === 'whole') return ok(storeOf(again, cut.value, lock));
  return fail(again.kind === 'problem' ? again.problem : damaged(path, 'it could not be repaired'));
};

const makeIfMissing = (options: StoreOptions): JournalProblem | undefined => {
  const { path } = options;
  if (fs.existsSync(path)) return undefined;
  if (fs.existsSync(walPath(path))) return damaged(path, 'the file is gone and only its write-ahead log is left');
  writeFresh(`${path}.draft`, options.freshTag, [ownerRow(options, options.nowMs)]);
  renameDurably(`${path}.draft`, path);
  return undefined;
};

interface WholeJournal {
  readonly kind: 'whole';
  readonly database: DatabaseSync;
  readonly tag: JournalTag;
  readonly head: ChainHead;
  readonly fromSnapshotSeq: number | null;
}
type Reading = WholeJournal | { readonly kind: 'torn' } | { readonly kind: 'problem'; readonly problem: JournalProblem };

const openAndRead = (options: StoreOptions, sink: FactSink): Reading => {
  let database: DatabaseSync | undefined;
  try {
    database = openDatabase(options.path);
    const reading = read(database, options, sink);
    if (reading.kind !== 'whole') database.close();
    return reading;
  } catch (error) {
    database?.close();
    if (isCorruption(error)) return { kind: 'torn' };
    throw error;
  }
};

const read = (database: DatabaseSync, options: StoreOptions, sink: FactSink): Reading => {
  const { path } = options;
  const [owner] = rowsFrom(database, FIRST, 1);
  // A first row that does not chain says nothing of whose journal it is.
  const isOwner = owner !== undefined && chainsTo(CHAIN_START, owner);
  if (isOwner && owner.json !== ownerJson(options)) return { kind: 'problem', problem: otherOwner(path, owner.json, options) };
  const tag = (database.prepare('SELECT tag FROM metadata').get() as { tag: JournalTag } | undefined)?.tag;
  const found = readFromSnapshot(database, options, sink) ?? readWhole(database, sink);
  if (found.firstBadSeq !== undefined)
    return found.goodRowsFollow ? { kind: 'problem', problem: brokenChain(path, found.firstBadSeq) } : { kind: 'torn' };
  if (found.head.seq < 0) return { kind: 'problem', problem: damaged(path, 'it has no rows') };
  if (tag === undefined) return { kind: 'torn' };
  return { kind: 'whole', database, tag, head: found.head, fromSnapshotSeq: found.fromSnapshotSeq };
};

type Found = ChainFinding & { readonly fromSnapshotSeq: number | null };

const readWhole = (database: DatabaseSync, sink: FactSink): Found => {
  const finding = walkChain(everyRow(database), (row) => {
    if (row.seq > 0) sink.fact(row);
  });
  return { ...finding, fromSnapshotSeq: null };
};

/** The newest snapshot that the chain holds, and the facts after it; undefined where none can be trusted as a whole. */
const readFromSnapshot = (database: DatabaseSync, { path, codec, dropsSnapshots }: StoreOptions, sink: FactSink): Found | undefined => {
  if (dropsSnapshots === true) dropSnapshots(path);
  if (codec === undefined) return undefined;
  for (const seq of snapshotSeqs(path)) {
    const snapshot = readSnapshot(path, seq, codec);
    const finding = snapshot === undefined ? undefined : findingAfter(database, snapshot);
    if (snapshot === undefined || finding === undefined) continue;
    if (finding.firstBadSeq !== undefined) return { ...finding, fromSnapshotSeq: seq };
    sink.snapshot?.(snapshot);
    for (const row of rowsFrom(database, Math.max(1, seq - RECENT_FACTS + 1))) sink.fact(row);
    return { ...finding, fromSnapshotSeq: seq };
  }
  return undefined;
};

/** The chain from the snapshot's row on; undefined where that row is another or missing, or no fact after it binds the snapshot. */
const findingAfter = (database: DatabaseSync, snapshot: Snapshot): ChainFinding | undefined => {
  const start = rowAt(database, snapshot.seq);
  if (start?.hash !== snapshot.chainHash) return undefined;
  let isBound = false;
  const finding = walkChain(rowsFrom(database, snapshot.seq + 1), (row) => (isBound ||= bindsSnapshot(row, snapshot)), start);
  return isBound ? finding : undefined;
};

const rowAt = (database: DatabaseSync, seq: number): ChainRow | undefined => {
  const [row] = rowsFrom(database, seq, 1);
  return row?.seq === seq ? row : undefined;
};

const rowsFrom = (database: DatabaseSync, seq: number, limit = -1): Iterable<ChainRow> =>
  database.prepare(ROWS_FROM).iterate(seq, limit) as unknown as Iterable<ChainRow>;

/** Every row of an open journal, in order. */
export const everyRow = (database: DatabaseSync): Iterable<ChainRow> => rowsFrom(database, FIRST);

const otherOwner = (path: string, found: string, wanted: JournalOwner): JournalProblem =>
  problem(
    'owner',
    `The journal ${path} belongs to ${found}, not to ${wanted.mode} with account ${wanted.account}. Journals are kept apart per mode and account: choose another home (--home) or move it away.`,
  );

const storeOf = (journal: WholeJournal, notice: string, lock: FileLock): JournalStore => {
  const { database } = journal;
  const insert: StatementSync = database.prepare(INSERT_ROW);
  const select = database.prepare(ROWS_FROM);
  let head = journal.head;
  let loggedBytes = 0;
  const insertAll = (firstSeq: number, facts: readonly StoredFact[]): ChainHead => {
    let { hash } = head;
    let seq = firstSeq;
    for (const { atMs, json } of facts) {
      hash = chainHash(hash, seq, atMs, json);
      insert.run(seq, atMs, json, hash);
      seq += 1;
    }
    return { seq: seq - 1, hash };
  };
  return {
    tag: journal.tag,
    notice,
    fromSnapshotSeq: journal.fromSnapshotSeq,
    get head() {
      return head;
    },
    append(firstSeq, facts) {
      database.exec('BEGIN');
      try {
        const next = insertAll(firstSeq, facts);
        database.exec('COMMIT');
        head = next;
        loggedBytes += LOGGED_BYTES_PER_COMMIT + facts.reduce((sum, { json }) => sum + json.length, 0);
      } catch (error) {
        // SQLite rolls back by itself on a full disk or an input/output error; a second rollback would hide the cause.
        if (database.isTransaction) database.exec('ROLLBACK');
        throw error;
      }
    },
    read: (fromSeq, limit) => select.all(fromSeq, limit) as unknown as readonly ChainRow[],
    seqAt(atMs) {
      let before = 0;
      let after = head.seq + 1;
      while (after - before > 1) {
        const middle = Math.floor((before + after) / 2);
        const row = select.get(middle, 1) as ChainRow | undefined;
        if (row !== undefined && row.atMs <= atMs) before = middle;
        else after = middle;
      }
      return before;
    },
    checkpoint(minLogBytes) {
      if (loggedBytes <= minLogBytes) return;
      // The log's file keeps its size and is written from its start again, so its size tells nothing.
      database.exec('PRAGMA wal_checkpoint(RESTART)');
      loggedBytes = 0;
    },
    close() {
      database.close();
      lock.release();
    },
  };
};
