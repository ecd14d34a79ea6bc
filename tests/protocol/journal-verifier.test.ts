// The stand-alone verifier (L1) against the console's own: two programs that share no code come to the same verdict on whole, torn and
// tampered files.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { verifyJournal } from '../../src-main/journal/verify.ts';
import { factsFrom, freshFolder, freshPath, makeJournal, opened } from '../unit/journal/helpers.ts';

const VERIFIER = fileURLToPath(new URL('../../src-main/journal/verify-journal.mjs', import.meta.url));

const standAlone = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', VERIFIER, ...args], {
    encoding: 'utf8',
  });
  return { exit: status, out: stdout, err: stderr };
};

/** Both verdicts in the same words. */
const verdicts = (file: string) => {
  const before = fs.readFileSync(file);
  const ours = verifyJournal(file);
  const { exit, out } = standAlone(file);
  expect(fs.readFileSync(file).equals(before)).toBe(true);
  const [, facts = '', head = '', badSeq = ''] = /^facts (\d+)\nhead (\w*)\n(?:whole|broken at (\d+): .+)\n$/.exec(out) ?? [];
  return {
    ours: ours.ok ? [ours.value.verdict, ours.value.facts, ours.value.headHash, ours.value.firstBadSeq] : [ours.error.code],
    theirs: exit === 2 ? ['unreadable'] : [exit === 0 ? 'whole' : 'broken', Number(facts), head, badSeq === '' ? null : Number(badSeq)],
  };
};

const DAMAGES: readonly (readonly [
  what: string,
  damage: (file: string, database: (sql: string) => void) => void,
  firstBadSeq: number | null,
])[] = [
  ['nothing', () => undefined, null],
  ['a changed text', (_file, sql) => sql(`UPDATE facts SET json = replace(json, 'test 7', 'test 8') WHERE seq = 7`), 7],
  ['a changed time', (_file, sql) => sql('UPDATE facts SET at_ms = at_ms + 1 WHERE seq = 250'), 250],
  ['a changed hash', (_file, sql) => sql(`UPDATE facts SET hash = upper(hash) WHERE seq = 3`), 3],
  ['a missing fact', (_file, sql) => sql('DELETE FROM facts WHERE seq = 100'), 100],
  ['a fact too many before the first', (_file, sql) => sql(`INSERT INTO facts VALUES (-4, 0, '{}', '')`), 0],
  ['a last fact that does not chain', (_file, sql) => sql(`UPDATE facts SET json = '{}' WHERE seq = 400`), 400],
  ['no facts', (_file, sql) => sql('DELETE FROM facts'), 0],
  ['another owner', (_file, sql) => sql(`UPDATE facts SET json = replace(json, 'practice', 'mainnet') WHERE seq = 0`), 0],
];

test.each(DAMAGES)('%s: both verifiers say the same', async (_what, damage, firstBadSeq) => {
  const file = freshPath();
  await makeJournal(file, 400, 'y'.repeat(100));
  damage(file, (sql) => {
    const database = new DatabaseSync(file);
    database.exec(sql);
    database.close();
  });
  const { ours, theirs } = verdicts(file);
  expect(theirs).toEqual(ours);
  expect(theirs[0]).toBe(firstBadSeq === null ? 'whole' : 'broken');
  expect(theirs[3]).toBe(firstBadSeq);
});

test('files cut short and pages zeroed: both verifiers say the same, and neither dies', async () => {
  const file = freshPath();
  await makeJournal(file, 400, 'y'.repeat(300));
  const whole = fs.readFileSync(file);
  for (const damage of [
    (bytes: Buffer) => bytes.subarray(0, 20 * 4096),
    (bytes: Buffer) => bytes.subarray(0, bytes.length - 4096),
    (bytes: Buffer) => bytes.fill(0, 10 * 4096, 11 * 4096),
    (bytes: Buffer) => bytes.fill(0, 4096, 8192),
  ]) {
    fs.writeFileSync(file, damage(Buffer.from(whole)));
    const { ours, theirs } = verdicts(file);
    expect(theirs).toEqual(ours);
    expect(theirs[0]).toBe('broken');
  }
});

test('a journal whose console was killed is read with its log, from a copy', async () => {
  const file = freshPath();
  const { journal } = await opened({ path: file });
  journal.append(factsFrom(1, 50));
  await journal.flush();
  const copy = path.join(freshFolder(), 'left.sqlite');
  for (const end of ['', '-wal']) fs.copyFileSync(file + end, copy + end);
  const log = fs.readFileSync(`${copy}-wal`);
  const { ours, theirs } = verdicts(copy);
  expect(theirs).toEqual(ours);
  expect(theirs.slice(0, 2)).toEqual(['whole', 50]);
  expect(fs.readFileSync(`${copy}-wal`).equals(log)).toBe(true);
  // The running console's own is not read behind its back.
  expect(standAlone(file)).toMatchObject({ exit: 2, err: expect.stringContaining('in use') });
  await journal.close();
  expect(standAlone(file)).toMatchObject({ exit: 0, out: expect.stringMatching(/^facts 50\nhead [0-9a-f]{64}\nwhole\n$/) });
});

test('what is no journal is unreadable, not broken', () => {
  const folder = freshFolder();
  const file = (name: string, content: string | Buffer): string => {
    fs.writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const other = path.join(folder, 'other.sqlite');
  new DatabaseSync(other).exec('CREATE TABLE x (y); PRAGMA user_version = 1');
  expect(standAlone()).toMatchObject({ exit: 2, err: expect.stringContaining('Usage') });
  expect(standAlone(path.join(folder, 'none'))).toMatchObject({ exit: 2, err: expect.stringContaining('There is no file') });
  expect(standAlone(file('short', 'x'))).toMatchObject({ exit: 2, err: expect.stringContaining('too short') });
  expect(standAlone(other)).toMatchObject({ exit: 2, err: expect.stringContaining('no Holdfast journal') });
  expect(standAlone(folder)).toMatchObject({ exit: 2 });
});

test('a journal of another format is unreadable', async () => {
  const file = freshPath();
  await makeJournal(file, 3);
  const bytes = fs.readFileSync(file);
  bytes.writeUInt32BE(2, 60);
  fs.writeFileSync(file, bytes);
  expect(standAlone(file)).toMatchObject({ exit: 2, err: expect.stringContaining('format 2') });
});

test('it needs only Node: no import of ours, no package', () => {
  const imports = [...fs.readFileSync(VERIFIER, 'utf8').matchAll(/from '([^']+)'/g)].map(([, name]) => name ?? '');
  expect(imports.length).toBeGreaterThan(3);
  expect(imports.every((name) => name.startsWith('node:'))).toBe(true);
});
