// The journal's promises to the engine (L1, DESIGN 2): in order, on disk before it says so, the same facts again after a restart, and
// nobody else's facts ever.
import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openJournal } from '../../../src-main/journal/open.ts';
import { verifyJournal } from '../../../src-main/journal/verify.ts';
import type { SequencedFact } from '../../../src-main/engine/facts.ts';
import { factsFrom, freshFolder, freshPath, makeJournal, opened, PRACTICE, problemCode } from './helpers.ts';

test('what was appended comes back after a restart, byte for byte, with the same tag and head', async () => {
  const path = freshPath();
  const facts = factsFrom(1, 5_000);
  const first = await opened({ path });
  expect(first.facts).toEqual([]);
  expect(first.notice).toBe('');
  expect(first.journal.tag).toMatch(/^[a-z0-9]{6}$/);
  first.journal.append(facts);
  await first.journal.flush();
  const { headHash } = await first.verify();
  await first.journal.close();
  const second = await opened({ path });
  expect(JSON.stringify(second.facts)).toBe(JSON.stringify(facts));
  expect(second.journal.tag).toBe(first.journal.tag);
  expect(second.headHash).toBe(headHash);
  expect(second.journal.durableSeq).toBe(5_000);
  second.journal.append(factsFrom(5_001, 5_001));
  await second.journal.close();
  const third = await opened({ path });
  expect(third.facts.at(-1)).toEqual(factsFrom(5_001, 5_001)[0]);
  await third.journal.close();
});

test('durability is told in order, never before the facts are in the file, and facts that wait share a commit', async () => {
  const path = freshPath();
  const { journal } = await opened({ path });
  const told: number[] = [];
  const standing: number[] = [];
  journal.onDurable((seq) => {
    told.push(seq);
    standing.push(journal.durableSeq);
  });
  for (let seq = 1; seq <= 200; seq += 1) journal.append(factsFrom(seq, seq));
  expect(journal.durableSeq).toBe(0);
  await journal.flush();
  expect(journal.durableSeq).toBe(200);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  expect(standing).toEqual(told);
  expect(told.at(-1)).toBe(200);
  expect(told.length).toBeLessThan(200);
  await journal.close();
});

const told = (seq: number): SequencedFact => ({
  seq,
  atMs: seq,
  fact: { kind: 'order.sent', clientOrderId: 'hf-aaaaaa-000000000001' as never },
});

test('what the venue can tell again shares the commit of the next fact that is waited for', async () => {
  const { journal } = await opened({ path: freshPath() });
  const durable: number[] = [];
  journal.onDurable((seq) => durable.push(seq));
  for (const seq of [1, 2, 3]) journal.append([told(seq)]);
  journal.append(factsFrom(4, 4));
  await journal.flush();
  expect(durable).toEqual([4]);
  await journal.close();
});

test('what the venue can tell again is on disk soon by itself, at once for a flush, and before a close', async () => {
  const path = freshPath();
  const { journal } = await opened({ path });
  const soon = new Promise((resolve) => journal.onDurable(resolve));
  journal.append([told(1)]);
  expect(await soon).toBe(1);
  journal.append([told(2)]);
  await journal.flush();
  expect(journal.durableSeq).toBe(2);
  journal.append([told(3)]);
  await journal.close();
  const again = await opened({ path });
  expect(again.facts.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  await again.journal.close();
});

test('an empty append and a flush with nothing to do are fine', async () => {
  const { journal } = await opened({ path: freshPath() });
  journal.append([]);
  await journal.flush();
  expect(journal.durableSeq).toBe(0);
  await journal.close();
  await journal.close();
});

test('a hole in the sequence, a number that is not finite, and an append after close are broken invariants', async () => {
  const { journal } = await opened({ path: freshPath() });
  expect(() => journal.append(factsFrom(2, 2))).toThrow('no holes');
  await journal.close();
  const other = await opened({ path: freshPath() });
  const broken = { seq: 1, atMs: 1, fact: { kind: 'reconciled', why: '', differences: [], tookMs: Number.NaN } } as SequencedFact;
  expect(() => other.journal.append([broken])).toThrow('not finite');
  other.journal.append(factsFrom(1, 1));
  await other.journal.close();
  expect(() => other.journal.append(factsFrom(2, 2))).toThrow('closed journal');
});

test('a null that is meant is kept', async () => {
  const path = freshPath();
  const { journal } = await opened({ path });
  const fact = {
    seq: 1,
    atMs: 1,
    fact: { kind: 'order.rejected', clientOrderId: 'x', code: null, text: '', proof: 'query' },
  } as unknown as SequencedFact;
  journal.append([fact]);
  await journal.close();
  const again = await opened({ path });
  expect(again.facts).toEqual([fact]);
  await again.journal.close();
});

test('a second console on the same journal is refused, and the first goes on undisturbed', async () => {
  const path = freshPath();
  const first = await opened({ path });
  expect(await problemCode({ path })).toBe('in-use');
  const offline = verifyJournal(path);
  expect(offline.ok ? '' : offline.error.code).toBe('in-use');
  first.journal.append(factsFrom(1, 3));
  await first.journal.flush();
  await first.journal.close();
  expect(await problemCode({ path })).toBe('opened: ');
});

test("another mode's or account's journal is refused and left as it is (A2)", async () => {
  const path = freshPath();
  await makeJournal(path, 20);
  const before = fs.readFileSync(path);
  expect(await problemCode({ path, mode: 'testnet' })).toBe('owner');
  expect(await problemCode({ path, account: 'other' })).toBe('owner');
  expect(fs.readFileSync(path).equals(before)).toBe(true);
});

test('a foreign file, another format version and a folder that cannot be are refused with a way out', async () => {
  const path = freshPath();
  fs.writeFileSync(path, 'a diary'.repeat(100));
  expect(await problemCode({ path })).toBe('foreign');
  fs.rmSync(path);
  const other = new DatabaseSync(path);
  other.exec('CREATE TABLE t (x)');
  other.close();
  expect(await problemCode({ path })).toBe('foreign');
  fs.rmSync(path);
  await makeJournal(path, 3);
  const newer = new DatabaseSync(path);
  newer.exec('PRAGMA user_version = 2');
  newer.close();
  const result = await openJournal({ ...PRACTICE, path });
  expect(result.ok ? '' : `${result.error.code} ${result.error.text}`).toMatch(/^version .*format 2.*Use the Holdfast that wrote it/);
  expect(await problemCode({ path: `${path}/under/a/file.sqlite` })).toBe('unreadable');
  expect(await problemCode({ path: freshFolder() })).toBe('unreadable');
});

const edit = (path: string, sql: string): void => {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
};

test.each([
  ['a changed fact', `UPDATE facts SET json = replace(json, 'test 50', 'test 51') WHERE seq = 50`],
  ['a changed time', 'UPDATE facts SET at_ms = at_ms + 1 WHERE seq = 50'],
  ['a missing fact', 'DELETE FROM facts WHERE seq = 50'],
  ['a missing first fact', 'DELETE FROM facts WHERE seq = 1'],
  [
    'two facts swapped',
    'UPDATE facts SET seq = -1 WHERE seq = 50; UPDATE facts SET seq = 50 WHERE seq = 51; UPDATE facts SET seq = 51 WHERE seq = -1',
  ],
])('%s in the middle opens nothing and changes nothing', async (_, sql) => {
  const path = freshPath();
  await makeJournal(path, 100);
  edit(path, sql);
  const before = fs.readFileSync(path);
  expect(await problemCode({ path })).toBe('broken-chain');
  expect(fs.readFileSync(path).equals(before)).toBe(true);
  const report = verifyJournal(path);
  expect(report.ok && report.value.verdict).toBe('broken');
  expect(report.ok && [1, 50]).toContain(report.ok && report.value.firstBadSeq);
});

test('a last fact that does not chain is cut with a notice, the damaged file is kept, and the tag is a new one (B8)', async () => {
  const path = freshPath();
  await makeJournal(path, 100);
  const { journal: whole } = await opened({ path });
  await whole.close();
  edit(path, `UPDATE facts SET json = '{"kind":' WHERE seq >= 99`);
  const { journal, facts, notice } = await opened({ path, nowMs: 7 });
  expect(facts).toEqual(factsFrom(1, 98));
  expect(notice).toContain('after fact 98');
  expect(journal.tag).not.toBe(whole.tag);
  expect(fs.existsSync(`${path}.damaged-7`)).toBe(true);
  journal.append(factsFrom(99, 100));
  await journal.close();
  const again = await opened({ path });
  expect(again.facts).toEqual(factsFrom(1, 100));
  expect(again.notice).toBe('');
  expect(again.journal.tag).toBe(journal.tag);
  await again.journal.close();
});

test('verification reads the disk while facts go on being written', async () => {
  const path = freshPath();
  const { journal, verify } = await opened({ path });
  journal.append(factsFrom(1, 10_000));
  const report = verify();
  journal.append(factsFrom(10_001, 10_500));
  expect(await report).toMatchObject({ verdict: 'whole', firstBadSeq: null });
  expect((await report).facts).toBeGreaterThanOrEqual(10_000);
  await journal.flush();
  const full = await verify();
  expect(full.facts).toBe(10_500);
  await journal.close();
  expect(await verify()).toMatchObject({ verdict: 'not-read' });
  const offline = verifyJournal(path);
  expect(offline.ok && offline.value).toEqual(full);
});

test('the stand-alone verifier needs a journal', () => {
  const path = freshPath();
  const none = verifyJournal(path);
  expect(none.ok ? '' : none.error.text).toContain('There is no journal');
  fs.writeFileSync(path, 'x'.repeat(500));
  const foreign = verifyJournal(path);
  expect(foreign.ok ? '' : foreign.error.code).toBe('foreign');
});

test('the journal is readable by this user alone', async () => {
  const path = `${freshFolder()}/deep/journal.sqlite`;
  await makeJournal(path, 1);
  if (process.platform !== 'win32') {
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
    expect(fs.statSync(`${path}/..`.replace('/journal.sqlite/..', '')).mode & 0o777).toBe(0o700);
  }
});
