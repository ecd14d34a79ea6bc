// What is cut and what is not (L1), case by case on this thread; the same with processes and every kind of cut is in
// tests/protocol/journal-crash.test.ts.
import fs from 'node:fs';
import { expect, test } from 'vitest';
import { brokenChain, problemOf } from '../../../src-main/journal/problem.ts';
import { openStore, type JournalStore, type StoredFact } from '../../../src-main/journal/store.ts';
import { walIsTorn } from '../../../src-main/journal/wal.ts';
import { lockFile } from '../../../src-main/journal/lock.ts';
import { freshFolder, freshPath, PRACTICE, tag } from './helpers.ts';

const FRAME = 4096 + 24;

const open = (path: string) => {
  const seen: number[] = [];
  let restarts = 0;
  const store = openStore(
    { ...PRACTICE, path, nowMs: 9, freshTag: tag('fresh1') },
    { fact: ({ seq }) => seen.push(seq), restart: () => ((restarts += 1), (seen.length = 0)) },
  );
  return { store, seen, restarts };
};

const must = (path: string): JournalStore => {
  const { store } = open(path);
  if (!store.ok) throw new Error(store.error.text);
  return store.value;
};

const facts = (count: number, bytes: number): readonly StoredFact[] =>
  Array.from({ length: count }, (_, index) => ({ atMs: index, json: `{"kind":"${'k'.repeat(bytes)}"}` }));

/** A journal's two files as a crash leaves them: `count` facts of about `bytes`, one commit each, all in the log. */
const crashed = (count: number, bytes: number, before: (store: JournalStore) => void = () => undefined) => {
  const path = freshPath();
  const store = must(path);
  before(store);
  const { seq } = store.head;
  for (let index = 1; index <= count; index += 1) store.append(seq + index, facts(1, bytes));
  const files = { database: fs.readFileSync(path), log: fs.readFileSync(`${path}-wal`) };
  store.close();
  return files;
};

const reopened = (database: Buffer, log: Buffer | undefined) => {
  const path = freshPath();
  fs.writeFileSync(path, database);
  if (log !== undefined) fs.writeFileSync(`${path}-wal`, log);
  const torn = walIsTorn(`${path}-wal`);
  const { store, seen, restarts } = open(path);
  const result = store.ok
    ? { head: store.value.head.seq, notice: store.value.notice, tag: store.value.tag as string }
    : { code: store.error.code, text: store.error.text };
  if (store.ok) store.value.close();
  return { torn, seen: seen.length, restarts, ...result };
};

test('a log that ends with a commit is whole, and so is an empty one', () => {
  const { database, log } = crashed(5, 100);
  expect(reopened(database, log)).toMatchObject({ torn: false, head: 5, seen: 5, notice: '', restarts: 0 });
  expect(reopened(database, Buffer.alloc(0))).toMatchObject({ torn: false, head: 0, notice: '' });
});

test.each([
  ['in its header', 20],
  ['inside the first frame', 32 + 1000],
  ['at the start of a frame header', 32 + FRAME + 4],
  ['before a frame header told its salts', 32 + FRAME + 12],
])('a log cut %s is torn; what came before is kept under a new tag', (_, at) => {
  const { database, log } = crashed(5, 100);
  const cut = reopened(database, log.subarray(0, at));
  expect(cut).toMatchObject({ torn: true, restarts: 1, tag: 'fresh1', notice: expect.stringContaining('cut after fact') });
  expect(cut.seen).toBe(cut.head);
});

test('frames of a commit that never ended are told, and whole facts in them are kept', () => {
  // A fact on several pages takes several frames; the last of them makes the commit.
  const { database, log } = crashed(1, 20_000);
  const cut = reopened(database, log.subarray(0, log.length - FRAME));
  expect(cut).toMatchObject({ torn: true, restarts: 1 });
});

test('what is left of an older generation of the log is not a torn end', () => {
  const { database, log } = crashed(2, 100, (store) => {
    store.append(1, facts(200, 500));
    store.checkpoint(0);
  });
  expect(log.length).toBeGreaterThan(32 + 4 * FRAME);
  expect(reopened(database, log)).toMatchObject({ torn: false, head: 202, notice: '' });
});

test.each([
  ['its mark', 0],
  ['its header', 10],
  ['a frame', 32 + FRAME + 500],
])('a log with a flipped bit in %s is torn, and pages that hold the facts again give them back', (_, at) => {
  const { database, log } = crashed(6, 100);
  log.writeUInt8((log[at] ?? 0) ^ 4, at);
  expect(reopened(database, log)).toMatchObject({ torn: true, restarts: 1, head: 6 });
});

test('facts larger than a page come back from their overflow pages, up to the one that is cut', () => {
  const path = freshPath();
  const store = must(path);
  store.append(1, facts(30, 9_000));
  store.close();
  const database = fs.readFileSync(path);
  const cut = reopened(database.subarray(0, Math.trunc(database.length * 0.7)), undefined);
  // Whole in the comparison, so that a refusal shows in its own words.
  expect(cut).toMatchObject({ head: 20, notice: expect.stringContaining('cut after fact 20') });
  expect(reopened(database, undefined)).toMatchObject({ head: 30, notice: '' });
});

test('a hole with whole facts after it is a broken chain, not a torn tail', () => {
  const path = freshPath();
  const store = must(path);
  store.append(1, facts(300, 300));
  store.close();
  const database = fs.readFileSync(path);
  database.fill(0, 10 * 4096, 11 * 4096);
  expect(reopened(database, undefined)).toMatchObject({ code: 'broken-chain' });
});

test('garbage in the place of pages is no row and no crash', () => {
  const path = freshPath();
  const store = must(path);
  store.append(1, facts(300, 300));
  store.close();
  const database = fs.readFileSync(path);
  // Pages that claim to be leaves, with cells that point anywhere.
  for (let at = 10 * 4096; at < database.length; at += 1) database.writeUInt8((at * 7919) % 256, at);
  for (let page = 10; page * 4096 < database.length; page += 1) database.writeUInt8(0x0d, page * 4096);
  const cut = reopened(database, undefined);
  expect(cut.head).toBeGreaterThan(0);
  expect(cut.notice).toContain('cut after fact');
});

test('refusals on this thread: in use, another owner, a lone log, a folder in its place', () => {
  const path = freshPath();
  const store = must(path);
  const second = open(path).store;
  expect(second.ok ? '' : second.error.code).toBe('in-use');
  store.close();
  const other = openStore(
    { mode: 'mainnet', account: 'normal', path, nowMs: 9, freshTag: tag('fresh1') },
    { fact: () => undefined, restart: () => undefined },
  );
  expect(other.ok ? '' : other.error.code).toBe('owner');
  const lone = freshPath();
  fs.writeFileSync(`${lone}-wal`, 'x');
  const refused = open(lone).store;
  expect(refused.ok ? '' : refused.error.code).toBe('damaged');
  const folder = open(freshFolder()).store;
  expect(folder.ok ? '' : folder.error.code).toBe('unreadable');
});

test('a lock that cannot be made is an error, one that is held is not', () => {
  const path = `${freshFolder()}/lock`;
  const held = lockFile(path);
  expect(lockFile(path)).toBeUndefined();
  held?.release();
  expect(() => lockFile(`${path}/under`)).toThrow('unable to open');
});

test('problems say what to do', () => {
  expect(brokenChain('j', 7).text).toMatch(/fact 7.*Nothing was cut.*Restore/);
  expect(problemOf('j', 'odd').text).toMatch(/odd.*permissions/);
});
