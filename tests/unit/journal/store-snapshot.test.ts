// Opening on the worker's side where a snapshot, an owner or a cut makes a difference (L1, A2).
import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { dropSnapshots, snapshotSeqs, writeSnapshot } from '../../../src-main/journal/snapshot.ts';
import { openStore, type StoreOptions } from '../../../src-main/journal/store.ts';
import { freshPath, makeJournal, PRACTICE, tag } from './helpers.ts';

const open = (path: string, options: Partial<StoreOptions> = {}) => {
  const told: string[] = [];
  const opened = openStore(
    { ...PRACTICE, path, nowMs: 5, freshTag: tag('fresh1'), codec: 'c', ...options },
    {
      snapshot: ({ text }) => void told.push(`snapshot ${text}`),
      fact: ({ seq }) => void told.push(String(seq)),
      restart: () => void told.push('restart'),
    },
  );
  let isOpen = true;
  const close = (): void => {
    if (opened.ok && isOpen) opened.value.close();
    isOpen = false;
  };
  onTestFinished(close);
  return { opened, told, close };
};

/** Facts 1 … 30, snapshots of 10 and 20, bound by 31 and 32. */
const journal = async (): Promise<string> => {
  const path = freshPath();
  await makeJournal(path, 30, 'y'.repeat(500));
  const { opened, close } = open(path);
  if (!opened.ok) throw new Error(opened.error.text);
  for (const seq of [10, 20]) {
    const [row] = opened.value.read(seq, 1);
    if (row === undefined) throw new Error('the fact is there');
    const digest = await writeSnapshot(path, 'c', row, `of ${seq}`);
    opened.value.append(opened.value.head.seq + 1, [{ atMs: 1, json: JSON.stringify({ kind: 'snapshot.taken', atSeq: seq, digest }) }]);
  }
  close();
  return path;
};

test('the newest snapshot comes first, then older facts for the event log and all after it', async () => {
  const path = await journal();
  expect(snapshotSeqs(path)).toEqual([20, 10]);
  const { opened, told } = open(path);
  expect(told[0]).toBe('snapshot of 20');
  expect(told.slice(1)).toEqual(Array.from({ length: 32 }, (_, index) => String(index + 1)));
  expect(opened.ok && opened.value.fromSnapshotSeq).toBe(20);
});

test('snapshots are dropped when the opening is told to, and left alone without a codec', async () => {
  const path = await journal();
  const { codec: _, ...plain } = { codec: 'c' };
  const first = openStore(
    { ...PRACTICE, ...plain, path, nowMs: 5, freshTag: tag('fresh1') },
    { fact: () => undefined, restart: () => undefined },
  );
  if (!first.ok) throw new Error(first.error.text);
  first.value.close();
  expect(snapshotSeqs(path)).toHaveLength(2);
  const { opened } = open(path, { dropsSnapshots: true });
  expect(opened.ok && opened.value.fromSnapshotSeq).toBeNull();
  expect(snapshotSeqs(path)).toEqual([]);
  dropSnapshots(path);
});

test('a change after the snapshot is a broken chain, one in its own row only makes it unusable', async () => {
  const edit = (path: string, sql: string): void => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  };
  const after = await journal();
  edit(after, 'UPDATE facts SET at_ms = 3 WHERE seq = 25');
  expect(open(after).opened).toMatchObject({ ok: false, error: { code: 'broken-chain' } });
  const own = await journal();
  edit(own, `UPDATE facts SET hash = 'x' WHERE seq = 20`);
  // The snapshot of 10 stands, and the chain from there on is broken.
  expect(open(own).opened).toMatchObject({ ok: false, error: { code: 'broken-chain', text: expect.stringContaining('fact 20') } });
});

test('a journal that ends before its snapshots is read from its first fact', async () => {
  const path = await journal();
  const database = new DatabaseSync(path);
  database.exec('DELETE FROM facts WHERE seq > 9');
  database.close();
  const { opened, told } = open(path);
  expect(opened.ok && opened.value.fromSnapshotSeq).toBeNull();
  expect(told).toEqual(Array.from({ length: 9 }, (_, index) => String(index + 1)));
});

test('another account is refused, also when its journal had to be repaired first', async () => {
  const path = await journal();
  expect(open(path, { account: 'other' }).opened).toMatchObject({ ok: false, error: { code: 'owner' } });
  fs.truncateSync(path, fs.statSync(path).size - 5_000);
  expect(open(path, { account: 'other' }).opened).toMatchObject({ ok: false, error: { code: 'owner' } });
});

test('an append that the disk refuses inside a transaction leaves none of it behind', async () => {
  const { opened } = open(await journal());
  if (!opened.ok) throw new Error(opened.error.text);
  const before = opened.value.head;
  expect(() => opened.value.append(31, [{ atMs: 1, json: '{}' }])).toThrow('UNIQUE');
  expect(opened.value.head).toEqual(before);
  opened.value.append(before.seq + 1, [{ atMs: 1, json: '{}' }]);
  expect(opened.value.read(before.seq + 1, 1)).toHaveLength(1);
});

test('a file of a journal that is none any more is a problem, not a crash', () => {
  const path = freshPath();
  fs.mkdirSync(path);
  expect(open(path).opened).toMatchObject({ ok: false, error: { code: 'unreadable', text: expect.stringContaining('EISDIR') } });
});
