// The journal's files cut at any byte, with any bit flipped, with any page zeroed (L1): what comes back is always the first part of what
// was written, whole wherever the disk still holds it, and whatever is missing is said. Real SQLite files, thousands of damages.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type StoredFact } from '../../src-main/journal/store.ts';
import { writeSnapshot } from '../../src-main/journal/snapshot.ts';
import { verifyJournal } from '../../src-main/journal/verify.ts';
import { PRACTICE, tag } from '../unit/journal/helpers.ts';

const PAGE = 4096;
const FRAME = PAGE + 24;
const LOG_HEADER = 32;
const CODEC = 'test-1';
/** In memory where the system has such a folder: thousands of files, each flushed to disk many times, would take minutes. */
const MEMORY = '/dev/shm';

let folder = '';
let file = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(fs.existsSync(MEMORY) ? MEMORY : os.tmpdir(), 'holdfast-bytes-'));
  file = path.join(folder, 'journal.sqlite');
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

interface Files {
  readonly database: Buffer;
  readonly log: Buffer | null;
  /** By their names' ends. */
  readonly others?: Readonly<Record<string, Buffer>>;
}

const put = ({ database, log, others = {} }: Files): void => {
  for (const name of fs.readdirSync(folder)) fs.rmSync(path.join(folder, name), { recursive: true });
  fs.writeFileSync(file, database);
  if (log !== null) fs.writeFileSync(`${file}-wal`, log);
  for (const [end, content] of Object.entries(others)) fs.writeFileSync(file + end, content);
};

const open = (codec?: string) => {
  const texts: string[] = [];
  const snapshots: string[] = [];
  const sink = {
    snapshot: ({ text }: { readonly text: string }) => void snapshots.push(text),
    fact: ({ seq, json }: { readonly seq: number; readonly json: string }) => void texts.push(`${seq} ${json}`),
    restart: () => {
      texts.length = 0;
      snapshots.length = 0;
    },
  };
  const options = { ...PRACTICE, path: file, nowMs: 5, freshTag: tag('fresh1'), ...(codec === undefined ? {} : { codec }) };
  return { opened: openStore(options, sink), texts, snapshots };
};

const factsFrom = (seq: number, count: number, padding: number): StoredFact[] =>
  Array.from({ length: count }, (_, index) => ({
    atMs: seq + index,
    json: `{"kind":"test","n":${seq + index},"text":"${'é'.repeat(padding)}"}`,
  }));

const textsOf = (facts: readonly StoredFact[], firstSeq: number): readonly string[] =>
  facts.map(({ json }, index) => `${firstSeq + index} ${json}`);

/** Small facts, one that needs pages of its own, and small ones again, in commits of several. */
const GROUPS = [
  factsFrom(1, 8, 60),
  factsFrom(9, 8, 60),
  factsFrom(17, 8, 60),
  factsFrom(25, 1, 5000),
  factsFrom(26, 3, 20),
  factsFrom(29, 1, 40),
];
const WRITTEN = textsOf(GROUPS.flat(), 1);

/** Writes the groups. Gives the files as they are while the console runs, and how many facts were on disk at each length of the log. */
const write = (): Files & { readonly log: Buffer; readonly durable: readonly (readonly [logBytes: number, facts: number])[] } => {
  put({ database: Buffer.alloc(0), log: null });
  fs.rmSync(file);
  const { opened } = open();
  if (!opened.ok) throw new Error(opened.error.text);
  const durable: [number, number][] = [];
  let seq = 1;
  for (const group of GROUPS) {
    opened.value.append(seq, group);
    seq += group.length;
    durable.push([fs.statSync(`${file}-wal`).size, seq - 1]);
  }
  const files = { database: fs.readFileSync(file), log: fs.readFileSync(`${file}-wal`), durable };
  opened.value.close();
  return files;
};

/** The same journal after a clean end: one file. */
const writeClosed = (): Files => {
  put(write());
  const { opened } = open();
  if (opened.ok) opened.value.close();
  return { database: fs.readFileSync(file), log: null };
};

/** A closed journal of 16 facts, the fact that binds their snapshot, and ten more. */
const writeWithSnapshot = async (): Promise<{ readonly files: Required<Files>; readonly written: readonly string[] }> => {
  put({ database: Buffer.alloc(0), log: null });
  fs.rmSync(file);
  const { opened } = open();
  if (!opened.ok) throw new Error(opened.error.text);
  const { value: store } = opened;
  store.append(1, factsFrom(1, 16, 60));
  const [row] = store.read(16, 1);
  if (row === undefined) throw new Error('fact 16 is there');
  const digest = await writeSnapshot(file, CODEC, row, 'state of 16');
  store.append(17, [{ atMs: 17, json: JSON.stringify({ kind: 'snapshot.taken', atSeq: 16, digest }) }]);
  store.append(18, factsFrom(18, 10, 60));
  const written = textsOf(store.read(1, 100), 1);
  store.close();
  const others = { '.snapshot-16': fs.readFileSync(`${file}.snapshot-16`) };
  return { files: { database: fs.readFileSync(file), log: null, others }, written };
};

const WAY_OUT = /Restore the journal|Move it away|choose another home|Use the Holdfast|Check the disk/;

interface Outcome {
  /** Facts that came back; −1 when the journal was not opened. */
  readonly facts: number;
  readonly code: string;
  readonly notice: string;
}

/** Opens damaged files and holds what comes of it against what may come of it at all. */
const outcomeOf = (files: Files, what: string): Outcome => {
  put(files);
  const { opened, texts } = open();
  if (!opened.ok) {
    expect(opened.error.text, what).toMatch(WAY_OUT);
    return { facts: -1, code: opened.error.code, notice: '' };
  }
  const { notice } = opened.value;
  opened.value.close();
  expect(texts, what).toEqual(WRITTEN.slice(0, texts.length));
  if (texts.length < WRITTEN.length && files.log === null) expect(notice, what).toContain(`cut after fact ${texts.length}`);
  return { facts: texts.length, code: '', notice };
};

/** Every byte of the last `tail`, the bytes around each boundary, and every `stride`th of the rest. */
const places = (length: number, boundaries: number, first: number, tail: number, stride: number): readonly number[] => {
  const found = new Set<number>();
  for (let at = Math.max(0, length - tail); at < length; at += 1) found.add(at);
  for (let edge = first; edge < length; edge += boundaries) for (const near of [-1, 0, 1, 23, 24, 25]) found.add(edge + near);
  for (let at = 0; at < length; at += stride) found.add(at);
  return [...found].filter((at) => at < length).toSorted((a, b) => a - b);
};

const flipped = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy[at] ?? 0) ^ (1 << (at % 8)), at);
  return copy;
};

const zeroed = (bytes: Buffer, from: number, to: number): Buffer => Buffer.from(bytes).fill(0, from, to);

test('the log cut at any byte loses nothing that was acknowledged before that byte was written, and says what it loses', () => {
  const files = write();
  const whole = outcomeOf(files, 'whole');
  expect(whole).toEqual({ facts: WRITTEN.length, code: '', notice: '' });
  for (const at of places(files.log.length, FRAME, LOG_HEADER, 300, 151)) {
    const { code, facts, notice } = outcomeOf({ ...files, log: files.log.subarray(0, at) }, `cut at ${at}`);
    const acknowledged = files.durable.findLast(([logBytes]) => logBytes <= at)?.[1] ?? 0;
    expect(code, `cut at ${at}`).toBe('');
    expect(facts, `cut at ${at}`).toBeGreaterThanOrEqual(acknowledged);
    // Where a commit ended nothing shows: the log looks as it did at that moment.
    if (at > 0 && !files.durable.some(([logBytes]) => logBytes === at) && at !== LOG_HEADER) expect(notice, `cut at ${at}`).not.toBe('');
  }
}, 120_000);

test('any bit flipped in the log, any of its pages zeroed: a first part of the facts, or a refusal in words', () => {
  const files = write();
  expect(files.log.length).toBeGreaterThan(8 * FRAME);
  const damaged = (log: Buffer, what: string): void => {
    const { facts, notice, code } = outcomeOf({ ...files, log }, what);
    if (code === '' && facts < WRITTEN.length) expect(notice, what).toContain('cut after fact');
    if (code !== '') expect(['broken-chain', 'damaged'], what).toContain(code);
  };
  for (const at of places(files.log.length, FRAME, LOG_HEADER, 40, 149)) damaged(flipped(files.log, at), `bit at ${at}`);
  for (let from = LOG_HEADER; from < files.log.length; from += FRAME) {
    damaged(zeroed(files.log, from, from + FRAME), `frame at ${from}`);
    damaged(zeroed(files.log, from + 24, from + FRAME), `page at ${from}`);
  }
}, 120_000);

test('the file cut at any byte is cut with a notice, or refused where nobody can say whose it was', () => {
  const { database } = writeClosed();
  expect(outcomeOf({ database, log: null }, 'whole')).toEqual({ facts: WRITTEN.length, code: '', notice: '' });
  let before = -1;
  for (const at of places(database.length, PAGE, PAGE, 300, 151)) {
    const { code, facts } = outcomeOf({ database: database.subarray(0, at), log: null }, `cut at ${at}`);
    expect(code, `cut at ${at}`).toBe(facts < 0 ? 'damaged' : '');
    expect(facts, `cut at ${at}`).toBeGreaterThanOrEqual(before);
    before = facts;
  }
  expect(before).toBeGreaterThan(20);
}, 120_000);

test('any bit flipped in the file, any page zeroed: a first part of the facts, or a refusal in words; both verifiers agree', () => {
  const { database } = writeClosed();
  expect(database.length).toBeGreaterThan(4 * PAGE);
  const damaged = (bytes: Buffer, what: string): void => {
    put({ database: bytes, log: null });
    const report = verifyJournal(file);
    const { facts, code } = outcomeOf({ database: bytes, log: null }, what);
    if (code !== '') expect(['broken-chain', 'damaged', 'foreign', 'version'], what).toContain(code);
    // A journal that verifies as whole opens whole; one that lost facts does not verify.
    if (report.ok && report.value.verdict === 'whole') expect(facts, what).toBe(WRITTEN.length);
    if (code === '' && facts < WRITTEN.length) expect(report.ok && report.value.verdict, what).toBe('broken');
  };
  for (const at of places(database.length, PAGE, PAGE, 40, 149)) damaged(flipped(database, at), `bit at ${at}`);
  for (let from = 0; from < database.length; from += PAGE) damaged(zeroed(database, from, from + PAGE), `page at ${from}`);
}, 120_000);

test('started by a snapshot nothing else holds: what comes after it is whole or told, what came before it the verification finds', async () => {
  const { files, written } = await writeWithSnapshot();
  const damaged = (changed: Partial<Files>, what: string): boolean => {
    put({ ...files, ...changed });
    const report = verifyJournal(file);
    const { opened, texts, snapshots } = open(CODEC);
    if (!opened.ok) {
      expect(opened.error.text, what).toMatch(WAY_OUT);
      return false;
    }
    const { notice, fromSnapshotSeq } = opened.value;
    opened.value.close();
    expect(snapshots, what).toEqual(fromSnapshotSeq === null ? [] : ['state of 16']);
    const later = texts.filter((text) => Number.parseInt(text, 10) > (fromSnapshotSeq ?? 0));
    const expected = written.slice(fromSnapshotSeq ?? 0);
    expect(later, what).toEqual(expected.slice(0, later.length));
    if (later.length < expected.length) expect(notice, what).toContain('cut after fact');
    // The rows that a snapshot stands for are verified in the background: what is wrong with them is found there.
    if (report.ok && report.value.verdict === 'whole') expect(texts, what).toEqual(written);
    return fromSnapshotSeq !== null;
  };
  expect(damaged({}, 'nothing')).toBe(true);
  const { database, others } = files;
  for (const at of places(database.length, PAGE, PAGE, 40, 97)) damaged({ database: flipped(database, at) }, `bit at ${at}`);
  const snapshot = others['.snapshot-16'] ?? Buffer.alloc(0);
  for (let at = 0; at < snapshot.length; at += 1) {
    expect(damaged({ others: { '.snapshot-16': flipped(snapshot, at) } }, `snapshot's bit at ${at}`), `bit ${at}`).toBe(false);
    expect(damaged({ others: { '.snapshot-16': snapshot.subarray(0, at) } }, `snapshot cut at ${at}`), `cut ${at}`).toBe(false);
  }
}, 120_000);
