// Verifies a Holdfast journal with nothing but Node (24 or later): node verify-journal.mjs FILE
// It shares no code with Holdfast, so that neither has to be trusted for the other. It must never change the file that it reads.
//
// THE FORMAT (version 1)
// A journal is an SQLite 3 file. Its header has application_id 0x48667374 ("Hfst") and user_version 1. One table holds everything:
//   CREATE TABLE facts (seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, json TEXT NOT NULL, hash TEXT NOT NULL) STRICT
// Row 0 says whose journal it is: {"format":1,"mode":…,"account":…}. Rows 1, 2, 3 … are facts, without holes, at_ms in ms since 1970.
// Each row is chained to the one before it:
//   hash(n) = SHA-256, in lower-case hex, of the UTF-8 text  hash(n-1) LF seq LF at_ms LF json
// LF is one line feed (0x0A); the hash before row 0 is empty; seq and at_ms are plain decimal integers; json is the stored text as it
// stands. So a fact that was changed, moved, added or taken out shows at its own number or at the next one. What a chain cannot show is
// that facts were cut off its end: compare the head's hash with one that you wrote down before.
// A console that did not end cleanly leaves FILE-wal beside FILE: SQLite's write-ahead log, part of the journal.
//
// EXIT CODES  0: whole.  1: broken (the first bad sequence is printed).  2: not readable as a journal (missing, foreign, in use).
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdtempSync, openSync, readSync, closeSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

const APPLICATION_ID = 0x48667374;
const FORMAT = 1;
const SQLITE_BUSY = 5;
/** SQLite's codes for a file that is damaged: its schema (1), its pages (11, 26), or cut short (522). */
const DAMAGED = [1, 11, 26];
const CUT_SHORT = 522;

/** Why the file is no journal of this version; undefined for one that is. */
const headerProblem = (path) => {
  const header = Buffer.alloc(100);
  const file = openSync(path, 'r');
  const bytes = readSync(file, header, 0, 100, 0);
  closeSync(file);
  if (bytes < 100) return 'it is too short';
  if (header.toString('latin1', 0, 16) !== 'SQLite format 3\0' || header.readUInt32BE(68) !== APPLICATION_ID)
    return 'it is no Holdfast journal';
  const version = header.readUInt32BE(60);
  return version === FORMAT ? undefined : `it has format ${version}, and this verifier reads format ${FORMAT}`;
};

const codeOf = (error) => (typeof error.errcode === 'number' ? error.errcode & 0xff : undefined);

/** True while a console has the journal open: it holds a lock on a file of its own. */
const isInUse = (path) => {
  if (!existsSync(`${path}.lock`)) return false;
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return false;
  } catch (error) {
    if (codeOf(error) === SQLITE_BUSY) return true;
    throw error;
  } finally {
    lock.close();
  }
};

/** Walks the chain as far as it holds. */
const walk = (database) => {
  const found = { facts: 0, headHash: '', firstBadSeq: null, why: '' };
  let seq = -1;
  const broken = (why) => ({ ...found, firstBadSeq: seq + 1, why });
  try {
    for (const row of database.prepare('SELECT seq, at_ms, json, hash FROM facts ORDER BY seq').iterate()) {
      const hash = createHash('sha256').update(`${found.headHash}\n${row.seq}\n${row.at_ms}\n${row.json}`).digest('hex');
      if (row.seq !== seq + 1 || row.hash !== hash) return broken('it does not chain to the one before it');
      seq = row.seq;
      found.headHash = hash;
      found.facts = seq;
    }
  } catch (error) {
    if (!DAMAGED.includes(codeOf(error)) && error.errcode !== CUT_SHORT) throw error;
    return broken(error.message);
  }
  return seq < 0 ? broken('the journal has no rows') : found;
};

/** SQLite writes while it reads a log, so a journal with one is read from a copy. */
const verify = (path) => {
  const hasLog = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
  const folder = hasLog ? mkdtempSync(join(tmpdir(), 'verify-journal-')) : undefined;
  let database;
  try {
    if (folder === undefined) {
      const url = pathToFileURL(path);
      url.searchParams.set('immutable', '1');
      database = new DatabaseSync(url, { readOnly: true });
    } else {
      copyFileSync(path, join(folder, 'journal'));
      copyFileSync(`${path}-wal`, join(folder, 'journal-wal'));
      database = new DatabaseSync(join(folder, 'journal'));
    }
    return walk(database);
  } finally {
    database?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
};

const unreadable = (text) => {
  process.stderr.write(`${text}\n`);
  return 2;
};

const run = (path) => {
  if (path === undefined) return unreadable('Usage: node verify-journal.mjs FILE');
  try {
    if (!existsSync(path)) return unreadable(`There is no file ${path}.`);
    const problem = headerProblem(path);
    if (problem !== undefined) return unreadable(`${path} cannot be verified: ${problem}.`);
    if (isInUse(path)) return unreadable(`${path} is in use by a console: end it first, or run "holdfast journal verify".`);
    const { facts, headHash, firstBadSeq, why } = verify(path);
    process.stdout.write(`facts ${facts}\nhead ${headHash}\n`);
    if (firstBadSeq === null) {
      process.stdout.write('whole\n');
      return 0;
    }
    process.stdout.write(`broken at ${firstBadSeq}: ${why}\n`);
    return 1;
  } catch (error) {
    return unreadable(`${path} cannot be read: ${error.message}`);
  }
};

process.exitCode = run(process.argv[2]);
