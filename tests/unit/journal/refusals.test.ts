// What a journal refuses and in which words (L1): a person reads them in the worst minute, so each says what is wrong and what to do.
import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { lockFile } from '../../../src-main/journal/lock.ts';
import { isBusy, isCorruption, problemOf, textOf } from '../../../src-main/journal/problem.ts';
import { recallOf } from '../../../src-main/journal/recall.ts';
import { openStore } from '../../../src-main/journal/store.ts';
import { openClosedJournal, verifyJournal } from '../../../src-main/journal/verify.ts';
import { walIsTorn } from '../../../src-main/journal/wal.ts';
import { emptyState } from '../../../src-main/engine/evolve.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { freshPath, makeJournal, PRACTICE, tag } from './helpers.ts';

const open = (path: string) => {
  const opened = openStore({ ...PRACTICE, path, nowMs: 5, freshTag: tag('fresh1') }, { fact: () => undefined, restart: () => undefined });
  if (opened.ok) onTestFinished(() => opened.value.close());
  return opened;
};

const edit = (path: string, sql: string): void => {
  const database = new DatabaseSync(path);
  database.exec(sql);
  database.close();
};

test.each([
  [Object.assign(new Error('database is locked'), { errcode: 5 }), 'in-use'],
  [Object.assign(new Error('disk I/O error'), { errcode: 10 }), 'unreadable'],
  [Object.assign(new Error('no access'), { code: 'EACCES' }), 'unreadable'],
  ['no error at all', 'unreadable'],
])('%s is %s', (error, code) => {
  expect(problemOf('file', error)).toMatchObject({ code, text: expect.stringMatching(/file.*(in use|Check the disk)/s) });
});

test('a damaged file is told from a disk that fails', () => {
  const withCode = (errcode: unknown): Error => Object.assign(new Error('x'), { errcode });
  expect([1, 11, 26, 267, 522].map((code) => isCorruption(withCode(code)))).toEqual([true, true, true, true, true]);
  expect([5, 10, 13, 'text', undefined].map((code) => isCorruption(withCode(code)))).toEqual([false, false, false, false, false]);
  expect(isBusy(withCode(261))).toBe(true);
  expect(textOf('a word')).toBe('a word');
});

test('a lock file with something in it is no lock, and nothing is opened or verified behind it', async () => {
  const path = freshPath();
  await makeJournal(path, 3);
  fs.writeFileSync(`${path}.lock`, 'something else'.repeat(20));
  expect(() => lockFile(`${path}.lock`)).toThrow('not a database');
  for (const refused of [open(path), openClosedJournal(path), verifyJournal(path)])
    expect(refused).toMatchObject({ ok: false, error: { code: 'unreadable' } });
});

test('a journal with a log that cannot be copied is unreadable, and free again afterwards', async () => {
  const path = freshPath();
  await makeJournal(path, 3);
  fs.mkdirSync(`${path}-wal`);
  expect(verifyJournal(path)).toMatchObject({ ok: false, error: { code: 'unreadable' } });
  fs.rmdirSync(`${path}-wal`);
  expect(verifyJournal(path)).toMatchObject({ ok: true, value: { verdict: 'whole', facts: 3 } });
});

test('a closed journal is read row by row, by one reader at a time', async () => {
  const path = freshPath();
  await makeJournal(path, 3);
  const first = openClosedJournal(path);
  expect(first.ok && Array.from(first.value.rows(), ({ seq }) => seq)).toEqual([0, 1, 2, 3]);
  expect(openClosedJournal(path)).toMatchObject({ ok: false, error: { code: 'in-use' } });
  if (first.ok) first.value.close();
});

test('a journal without rows says nothing of whose it is; one without its tag gets a new one, with a notice', async () => {
  const empty = freshPath();
  await makeJournal(empty, 3);
  edit(empty, 'DELETE FROM facts');
  expect(open(empty)).toMatchObject({ ok: false, error: { code: 'damaged', text: expect.stringContaining('it has no rows') } });
  const tagless = freshPath();
  await makeJournal(tagless, 3);
  edit(tagless, 'DELETE FROM metadata');
  const opened = open(tagless);
  expect(opened.ok && [opened.value.tag, opened.value.notice]).toEqual(['fresh1', expect.stringContaining('cut after fact 3')]);
});

test('a log without a header that is one is torn', () => {
  const path = freshPath();
  for (const content of [Buffer.alloc(31), Buffer.alloc(64), Buffer.from('x'.repeat(64))]) {
    fs.writeFileSync(path, content);
    expect(walIsTorn(path)).toBe(true);
  }
  fs.writeFileSync(path, '');
  expect(walIsTorn(path)).toBe(false);
});

test('a trip remembered without its trigger is the watchdog’s; a cool-down without its end is over', () => {
  const record = { phase: 'TRIPPED', tripId: 3, trigger: null, reason: 'r', policy: 'flatten', coolDownUntilMs: null, seq: 9 } as const;
  const { stop } = emptyState();
  expect(recallOf({ path: 'p', found: ok(record) }, stop, 5)).toMatchObject({ trigger: 'watchdog', policy: 'flatten' });
  expect(recallOf({ path: 'p', found: ok({ ...record, phase: 'COOLING_DOWN' }) }, stop, 5)).toBeNull();
});
