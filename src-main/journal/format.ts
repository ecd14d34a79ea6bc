// The journal as a SQLite file: its marks, its two tables, and how it is made so that no crash leaves half a one. Nothing here reads
// or judges facts.
import fs from 'node:fs';
import nodePath from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import { CHAIN_START, FORMAT_VERSION, chainHash, ownerJson, type ChainRow, type JournalOwner } from './chain.ts';
import { problem, damaged, type JournalProblem } from './problem.ts';

/** "Hfst", in SQLite's application_id: tells a journal from any other SQLite file. */
const APPLICATION_ID = 0x48667374;
const HEADER_BYTES = 100;
/** SQLite's usual page, and ours for ever: a journal does not change it. */
export const PAGE_BYTES = 4096;

export const walPath = (path: string): string => `${path}-wal`;
export const lockPath = (path: string): string => `${path}.lock`;

/** The whole file is ours alone while it is open: a second console must never write into the same chain. */
export const openDatabase = (path: string): DatabaseSync => {
  const database = new DatabaseSync(path, { timeout: 0 });
  // Checkpoints come when nobody waits (store.ts), not in the middle of a commit.
  database.exec(
    'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY',
  );
  return database;
};

/** Rows from a sequence on, at most so many (-1: all). */
export const ROWS_FROM = 'SELECT seq, at_ms AS atMs, json, hash FROM facts WHERE seq >= ? ORDER BY seq LIMIT ?';
export const INSERT_ROW = 'INSERT INTO facts (seq, at_ms, json, hash) VALUES (?, ?, ?, ?)';

/** Row 0 of a new journal. */
export const ownerRow = (owner: JournalOwner, createdAtMs: number): ChainRow => {
  const json = ownerJson(owner);
  return { seq: 0, atMs: createdAtMs, json, hash: chainHash(CHAIN_START.hash, 0, createdAtMs, json) };
};

/** Makes a journal with these rows beside its final place, whole and on disk; the caller renames it. */
export const writeFresh = (path: string, tag: JournalTag, rows: Iterable<ChainRow>): void => {
  for (const file of [path, walPath(path)]) fs.rmSync(file, { force: true });
  const database = openDatabase(path);
  try {
    database.exec(`
      PRAGMA application_id = ${APPLICATION_ID};
      PRAGMA user_version = ${FORMAT_VERSION};
      BEGIN;
      CREATE TABLE facts (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, json TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
      CREATE TABLE metadata (tag TEXT NOT NULL) STRICT`);
    const insert = database.prepare(INSERT_ROW);
    for (const row of rows) insert.run(row.seq, row.atMs, row.json, row.hash);
    database.prepare('INSERT INTO metadata (tag) VALUES (?)').run(tag);
    database.exec('COMMIT');
  } finally {
    database.close();
  }
  fs.chmodSync(path, 0o600);
  syncToDisk(path);
};

/** Renames and makes the rename itself durable. */
export const renameDurably = (from: string, to: string): void => {
  fs.renameSync(from, to);
  // Windows cannot open a folder for fsync; NTFS journals the rename itself.
  if (process.platform !== 'win32') syncToDisk(nodePath.dirname(to));
};

const syncToDisk = (path: string): void => {
  const descriptor = fs.openSync(path, 'r');
  try {
    fs.fsyncSync(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
};

/**
 * Reads the file's first bytes without SQLite, so that a foreign file or one of another version is not even opened by it.
 * Undefined for a journal of this version.
 */
export const judgeHeader = (path: string): JournalProblem | undefined => {
  const header = readHeader(path);
  if (header.length < HEADER_BYTES) return damaged(path, `only ${header.length} bytes are left`);
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0' || header.readUInt32BE(68) !== APPLICATION_ID)
    return problem('foreign', `${path} is not a Holdfast journal. Move it away or choose another home (--home).`);
  const version = header.readUInt32BE(60);
  if (version === FORMAT_VERSION) return undefined;
  return problem(
    'version',
    `The journal ${path} has format ${version}; this Holdfast reads format ${FORMAT_VERSION}. Use the Holdfast that wrote it, or choose another home (--home).`,
  );
};

/**
 * True when the file ends before the pages that its header counts. Then a gap comes from the missing end, not from a change in the
 * middle: a large fact's last part lies behind small ones that came after it.
 */
export const isCutShort = (path: string): boolean => fs.statSync(path).size < readHeader(path).readUInt32BE(28) * PAGE_BYTES;

const readHeader = (path: string): Buffer => {
  const descriptor = fs.openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    return header.subarray(0, fs.readSync(descriptor, header, 0, HEADER_BYTES, 0));
  } finally {
    fs.closeSync(descriptor);
  }
};
