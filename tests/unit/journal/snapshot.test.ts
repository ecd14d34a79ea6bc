// Snapshots beside a journal (L1): they shorten a start and never change what it comes to. One that does not fit in every respect is
// not read at all.
import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { Fact, SequencedFact } from '../../../src-main/engine/facts.ts';
import type { FactReplay } from '../../../src-main/journal/open.ts';
import { openJournal } from '../../../src-main/journal/open.ts';
import type { FileJournal } from '../../../src-main/journal/port.ts';
import { factsFrom, freshPath, opened, PRACTICE } from './helpers.ts';

const CODEC = 'test-1';

/** Remembers what it is told, in order. */
class Recorder implements FactReplay {
  readonly told: string[] = [];
  facts: SequencedFact[] = [];
  text: string | null = null;
  restore(text: string): void {
    this.text = text;
    this.told.push(`restore ${text}`);
  }
  fact(fact: SequencedFact): void {
    this.facts.push(fact);
  }
  restart(): void {
    this.facts = [];
    this.text = null;
    this.told.push('restart');
  }
  get seqs(): readonly number[] {
    return this.facts.map(({ seq }) => seq);
  }
}

const start = async (path: string, options: { codec?: string; dropsSnapshots?: boolean } = { codec: CODEC }) => {
  const replay = new Recorder();
  const file = await opened({ path, replay, ...options });
  onTestFinished(() => file.journal.close());
  return { file, replay };
};

const append = async ({ journal }: FileJournal, facts: readonly SequencedFact[]): Promise<void> => {
  journal.append(facts);
  await journal.flush();
};

/** Keeps a snapshot of everything so far and binds it by the next fact. */
const snapshot = async (file: FileJournal, text: string): Promise<number> => {
  const atSeq = file.journal.durableSeq;
  const digest = await file.keepSnapshot(atSeq, text);
  await append(file, [{ seq: atSeq + 1, atMs: 1, fact: { kind: 'snapshot.taken', atSeq, digest } }]);
  return atSeq;
};

/** A journal of 1 … 20, a snapshot `one` of 10 (bound by 11) and a snapshot `two` of 15 (bound by 16). */
const journalWithTwo = async (): Promise<string> => {
  const path = freshPath();
  const { file } = await start(path);
  await append(file, factsFrom(1, 10));
  await snapshot(file, 'one');
  await append(file, factsFrom(12, 15));
  await snapshot(file, 'two\n2');
  await append(file, factsFrom(17, 20));
  await file.journal.close();
  return path;
};

const edit = (path: string, sql: string): void => {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
};

const files = (path: string): readonly string[] => fs.readdirSync(path.replace(/[^/\\]+$/, '')).filter((name) => name.includes('snapshot'));

test('a start takes the newest snapshot and the facts after it; the event log gets older ones too', async () => {
  const path = await journalWithTwo();
  const { file, replay } = await start(path);
  expect(replay.told).toEqual(['restore two\n2']);
  expect(replay.seqs).toEqual([16, 17, 18, 19, 20]);
  expect(file.recent.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(file).toMatchObject({ snapshotSeq: 15, facts: [], notice: '', found: { verdict: 'whole', facts: 20 } });
  expect(file.found.text).toContain('after the snapshot of fact 15');
  expect(await file.verify()).toMatchObject({ verdict: 'whole', facts: 20, headHash: file.headHash });
  await append(file, factsFrom(21, 22));
});

test('without a codec every fact is read, and every fact is verified', async () => {
  const { file, replay } = await start(await journalWithTwo(), {});
  expect(replay).toMatchObject({ told: [], text: null });
  expect(replay.seqs).toHaveLength(20);
  expect(file).toMatchObject({
    snapshotSeq: null,
    found: { verdict: 'whole', facts: 20, text: '20 facts, each chained to the one before it.' },
  });
  await expect(file.keepSnapshot(20, 'no')).rejects.toThrow('No snapshot can be kept');
  expect(await file.reader.snapshot(20)).toBeNull();
});

const BAD: readonly (readonly [what: string, spoil: (path: string) => void])[] = [
  ['of another codec', (path) => rewrite(path, 15, (text) => text.replace(` ${CODEC} `, ' test-2 '))],
  ['with one letter changed', (path) => rewrite(path, 15, (text) => text.replace('two', 'twO'))],
  ['cut short', (path) => rewrite(path, 15, (text) => text.slice(0, -1))],
  ['without a first line', (path) => rewrite(path, 15, () => 'nothing')],
  ['that is empty', (path) => rewrite(path, 15, () => '')],
  ['under another number', (path) => fs.renameSync(`${path}.snapshot-15`, `${path}.snapshot-16`)],
  ['of a later fact than there is', (path) => fs.renameSync(`${path}.snapshot-15`, `${path}.snapshot-9999`)],
];

const rewrite = (path: string, seq: number, change: (text: string) => string): void =>
  fs.writeFileSync(`${path}.snapshot-${seq}`, change(fs.readFileSync(`${path}.snapshot-${seq}`, 'utf8')));

test.each(BAD)('a snapshot %s is not read: the one before it stands in', async (_what, spoil) => {
  const path = await journalWithTwo();
  spoil(path);
  const { file, replay } = await start(path);
  expect(replay.told).toEqual(['restore one']);
  expect(replay.seqs).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
  expect(file.snapshotSeq).toBe(10);
});

test('a snapshot that no fact binds is not read: it was written, and then the console died', async () => {
  const path = freshPath();
  const { file } = await start(path);
  await append(file, factsFrom(1, 5));
  await file.keepSnapshot(5, 'unbound');
  await append(file, factsFrom(6, 8));
  expect(await file.reader.snapshot(8)).toBeNull();
  await file.journal.close();
  const { replay } = await start(path);
  expect(replay).toMatchObject({ told: [], text: null });
  expect(replay.seqs).toHaveLength(8);
});

test('nobody can put another snapshot in the place of the bound one: the fact names its digest, the chain seals the fact', async () => {
  const path = await journalWithTwo();
  const { file } = await start(path);
  // A whole and right file of the same fact, with other contents.
  await file.keepSnapshot(15, 'richer');
  expect(await file.reader.snapshot(15)).toMatchObject({ text: 'one' });
  await file.journal.close();
  const { replay } = await start(path);
  expect(replay.told).toEqual(['restore one']);
});

test('a snapshot of another journal is not read, though its number fits', async () => {
  const [path, other] = [await journalWithTwo(), freshPath()];
  const { file } = await start(other);
  await append(file, factsFrom(1, 20, 'other'));
  for (const seq of [10, 15]) fs.copyFileSync(`${path}.snapshot-${seq}`, `${other}.snapshot-${seq}`);
  expect(await file.reader.snapshot(20)).toBeNull();
  await file.journal.close();
  const { replay } = await start(other);
  expect(replay.text).toBeNull();
  expect(replay.seqs).toHaveLength(20);
});

test('a fact changed after the snapshot opens nothing; one changed before it is found by the verification of the whole', async () => {
  const after = await journalWithTwo();
  edit(after, `UPDATE facts SET at_ms = 7 WHERE seq = 18`);
  expect(await openJournal({ ...PRACTICE, path: after, codec: CODEC })).toMatchObject({ ok: false, error: { code: 'broken-chain' } });
  const before = await journalWithTwo();
  edit(before, `UPDATE facts SET at_ms = 7 WHERE seq = 4`);
  const { file, replay } = await start(before);
  expect(replay.text).toBe('two\n2');
  expect(await file.verify()).toMatchObject({ verdict: 'broken', firstBadSeq: 4 });
});

test('a torn end after the snapshot is cut with a notice, and the snapshot still stands for what is before it', async () => {
  const path = await journalWithTwo();
  edit(path, `UPDATE facts SET json = '{}' WHERE seq = 20`);
  const { file, replay } = await start(path);
  expect(file.notice).toContain('cut after fact 19');
  expect(replay.text).toBe('two\n2');
  expect(replay.seqs).toEqual([16, 17, 18, 19]);
});

test('a journal that was cut to before its snapshots does without, and the next snapshot drops those of facts that are gone', async () => {
  const path = await journalWithTwo();
  edit(path, 'DELETE FROM facts WHERE seq > 9');
  const { file, replay } = await start(path);
  expect(replay.text).toBeNull();
  expect(replay.seqs).toHaveLength(9);
  await snapshot(file, 'new');
  expect(files(path)).toEqual(['journal.sqlite.snapshot-9']);
  expect(await file.reader.snapshot(9)).toEqual({ seq: 9, text: 'new' });
});

test('two snapshots are kept', async () => {
  const path = await journalWithTwo();
  const { file } = await start(path);
  await snapshot(file, 'three');
  expect(files(path).toSorted()).toEqual(['journal.sqlite.snapshot-15', 'journal.sqlite.snapshot-20']);
  expect(await file.reader.snapshot(19)).toEqual({ seq: 15, text: 'two\n2' });
  expect(await file.reader.snapshot(14)).toBeNull();
  expect(fs.statSync(`${path}.snapshot-20`).mode & 0o077).toBe(0);
});

test('a snapshot is kept of a fact on disk only, and a folder that takes none says so without breaking the journal', async () => {
  const path = await journalWithTwo();
  const { file } = await start(path);
  await expect(file.keepSnapshot(21, 'early')).rejects.toThrow('fact 21');
  fs.mkdirSync(`${path}.snapshot.draft`);
  await expect(file.keepSnapshot(20, 'nowhere')).rejects.toThrow('EISDIR');
  await append(file, factsFrom(21, 21));
});

test('what cannot be replayed opens nothing, and leaves the journal free for the next try', async () => {
  const path = await journalWithTwo();
  const stumbling: FactReplay = {
    restore: () => {
      throw new Error('no such state');
    },
    fact: () => {
      throw new Error('never asked');
    },
    restart: () => undefined,
  };
  const first = await openJournal({ ...PRACTICE, path, codec: CODEC, replay: stumbling });
  expect(first).toMatchObject({ ok: false, error: { code: 'contradictory', text: expect.stringContaining('no such state') } });
  const { replay } = await start(path, { codec: CODEC, dropsSnapshots: true });
  expect(replay.seqs).toHaveLength(20);
  expect(files(path)).toEqual([]);
});

test('a fact may say anything about snapshots: only the one that names this file counts', async () => {
  const path = freshPath();
  const { file } = await start(path);
  await append(file, factsFrom(1, 3));
  const digest = await file.keepSnapshot(3, 'mine');
  const fact = (atSeq: number, text: string): Fact => ({ kind: 'snapshot.taken', atSeq, digest: text });
  await append(file, [
    { seq: 4, atMs: 1, fact: fact(2, digest) },
    { seq: 5, atMs: 1, fact: fact(3, 'f00') },
  ]);
  expect(await file.reader.snapshot(5)).toBeNull();
  await append(file, [{ seq: 6, atMs: 1, fact: fact(3, digest) }]);
  expect(await file.reader.snapshot(5)).toEqual({ seq: 3, text: 'mine' });
});
