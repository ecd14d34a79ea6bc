// The journal's file in the hands of its one writer: open (which verifies every fact), append, verify, checkpoint. Synchronous
// throughout: it lives in the worker thread and must never run on the engine's.
import fs from 'node:fs';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { chainHash, ownerJson, walkChain, type ChainFinding, type ChainHead, type ChainRow, type JournalOwner } from './chain.ts';
import { ALL_ROWS, INSERT_ROW, judgeHeader, lockPath, openDatabase, ownerRow, renameDurably, walPath, writeFresh } from './format.ts';
import { lockFile, type FileLock } from './lock.ts';
import { brokenChain, damaged, inUse, isCorruption, problem, problemOf, type JournalProblem } from './problem.ts';
import { finishSalvage, salvage } from './salvage.ts';
import { walIsTorn } from './wal.ts';

export interface StoreOptions extends JournalOwner {
  readonly path: string;
  readonly nowMs: number;
  /** The tag of a journal that is made or cut now; a whole one keeps its own. */
  readonly freshTag: JournalTag;
}

/** Where the facts found at the start go. `restart` comes before a second reading, after a cut. */
export interface FactSink {
  fact(row: ChainRow): void;
  restart(): void;
}

export interface JournalStore {
  readonly tag: JournalTag;
  readonly notice: string;
  readonly head: ChainHead;
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
  if (!walIsTorn(walPath(path))) {
    const reading = openAndRead(options, sink);
    if (reading.kind === 'whole') return ok(storeOf(reading, '', lock));
    if (reading.kind === 'problem') return fail(reading.problem);
  }
  const cut = salvage(path, nowMs, freshTag);
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
  const owner = database.prepare(`${ALL_ROWS} LIMIT 1`).get() as ChainRow | undefined;
  if (owner?.seq === 0 && owner.json !== ownerJson(options)) return { kind: 'problem', problem: otherOwner(path, owner.json, options) };
  const finding = walkRows(database, (row) => {
    if (row.seq > 0) sink.fact(row);
  });
  if (finding.firstBadSeq !== undefined)
    return finding.goodRowsFollow ? { kind: 'problem', problem: brokenChain(path, finding.firstBadSeq) } : { kind: 'torn' };
  if (finding.head.seq < 0) return { kind: 'problem', problem: damaged(path, 'it has no rows') };
  const tag = (database.prepare('SELECT tag FROM metadata').get() as { tag: JournalTag } | undefined)?.tag;
  if (tag === undefined) return { kind: 'torn' };
  return { kind: 'whole', database, tag, head: finding.head };
};

/** Every row of an open journal against the chain. */
export const walkRows = (database: DatabaseSync, onGood: (row: ChainRow) => void): ChainFinding =>
  walkChain(database.prepare(ALL_ROWS).iterate() as unknown as Iterable<ChainRow>, onGood);

const otherOwner = (path: string, found: string, wanted: JournalOwner): JournalProblem =>
  problem(
    'owner',
    `The journal ${path} belongs to ${found}, not to ${wanted.mode} with account ${wanted.account}. Journals are kept apart per mode and account: choose another home (--home) or move it away.`,
  );

const storeOf = (journal: WholeJournal, notice: string, lock: FileLock): JournalStore => {
  const { database } = journal;
  const insert: StatementSync = database.prepare(INSERT_ROW);
  const select = database.prepare(`${ALL_ROWS.replace('ORDER', 'WHERE seq >= ? ORDER')} LIMIT ?`);
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
