// The worker's side of the journal, run on this thread: group commit as it is on the port, verification in slices, the refusals of a
// broken disk; and the small pure parts.
import fs from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { factJson } from '../../../src-main/journal/json.ts';
import { serveJournal, type FromWorker, type ToWorker } from '../../../src-main/journal/serve.ts';
import { openStore } from '../../../src-main/journal/store.ts';
import { verifyJournal } from '../../../src-main/journal/verify.ts';
import { freshPath, makeJournal, PRACTICE, tag } from './helpers.ts';

const served = (path: string) => {
  const { port1, port2 } = new MessageChannel();
  const seen: FromWorker[] = [];
  let wake: () => void = () => undefined;
  port1.on('message', (message: FromWorker) => {
    seen.push(message);
    wake();
  });
  onTestFinished(() => port1.close());
  const until = async (kind: FromWorker['kind']): Promise<FromWorker> => {
    for (;;) {
      const found = seen.find((message) => message.kind === kind);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  serveJournal(port2, { ...PRACTICE, path, nowMs: 5, freshTag: tag('fresh1') });
  return { seen, until, send: (message: ToWorker) => port1.postMessage(message) };
};

const facts = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => ({ atMs: from + index, json: `{"kind":"n${from + index}"}` }));

test('all appends that wait on the port are one commit, in their order, told once', async () => {
  const path = freshPath();
  const { seen, until, send } = served(path);
  for (let seq = 1; seq <= 20; seq += 1) send({ kind: 'append', firstSeq: seq, facts: facts(1, seq) });
  await until('durable');
  expect(seen.filter(({ kind }) => kind === 'durable')).toEqual([{ kind: 'durable', seq: 20 }]);
  send({ kind: 'append', firstSeq: 21, facts: facts(2, 21) });
  send({ kind: 'close' });
  await until('closed');
  expect(seen.at(-1)).toEqual({ kind: 'closed' });
  const again = served(path);
  await again.until('opened');
  const read = again.seen.flatMap((message) =>
    message.kind === 'facts' ? (JSON.parse(message.text) as { seq: number; fact: { kind: string } }[]) : [],
  );
  expect(read.map(({ seq, fact }) => `${seq} ${fact.kind}`)).toEqual(
    Array.from({ length: 22 }, (_, index) => `${index + 1} n${index + 1}`),
  );
  again.send({ kind: 'close' });
  await again.until('closed');
});

test('a verification goes in slices: facts handed over meanwhile are durable before it ends', async () => {
  const { seen, until, send } = served(freshPath());
  send({ kind: 'append', firstSeq: 1, facts: facts(6_000) });
  await until('durable');
  send({ kind: 'verify', id: 1 });
  send({ kind: 'verify', id: 2 });
  await new Promise((resolve) => setImmediate(resolve));
  send({ kind: 'append', firstSeq: 6_001, facts: facts(1, 6_001) });
  await until('verified');
  expect(seen.findIndex((message) => message.kind === 'durable' && message.seq === 6_001)).toBeLessThan(
    seen.findIndex(({ kind }) => kind === 'verified'),
  );
  send({ kind: 'verify', id: 3 });
  send({ kind: 'close' });
  await until('closed');
  expect(seen.filter(({ kind }) => kind === 'verified').length).toBe(3);
});

test('a fact that was changed under the running journal is found by its verification', async () => {
  const path = freshPath();
  const store = openStore({ ...PRACTICE, path, nowMs: 5, freshTag: tag('fresh1') }, { fact: () => undefined, restart: () => undefined });
  if (!store.ok) throw new Error(store.error.text);
  store.value.append(1, facts(10));
  expect(() => store.value.append(5, facts(1))).toThrow('UNIQUE');
  expect(store.value.head.seq).toBe(10);
  store.value.append(11, facts(1));
  store.value.checkpoint(0);
  store.value.checkpoint(0);
  store.value.close();
  const database = new DatabaseSync(path);
  database.exec(`UPDATE facts SET json = '{}' WHERE seq = 4`);
  database.close();
  const report = verifyJournal(path);
  expect(report).toMatchObject({ ok: true, value: { verdict: 'broken', facts: 3, firstBadSeq: 4 } });
});

test('after a commit that failed nothing more is written, and it is said once', async () => {
  const { seen, until, send } = served(freshPath());
  send({ kind: 'append', firstSeq: 1, facts: facts(1) });
  await until('durable');
  send({ kind: 'append', firstSeq: 1, facts: facts(1) });
  await until('broken');
  send({ kind: 'append', firstSeq: 2, facts: facts(1, 2) });
  send({ kind: 'close' });
  await until('closed');
  expect(seen.map(({ kind }) => kind)).toEqual(['opened', 'durable', 'broken', 'closed']);
});

test('a problem is the only answer of a journal that does not open', async () => {
  const path = freshPath();
  fs.writeFileSync(path, 'x'.repeat(200));
  const { seen, until } = served(path);
  await until('problem');
  expect(seen).toHaveLength(1);
});

test('a torn journal is read again from its start after the cut', async () => {
  const path = freshPath();
  await makeJournal(path, 2_500, 'y'.repeat(200));
  fs.truncateSync(path, fs.statSync(path).size - 9_000);
  const { seen, until, send } = served(path);
  await until('opened');
  expect(seen.some(({ kind }) => kind === 'restart')).toBe(true);
  send({ kind: 'close' });
  await until('closed');
});

test('a stopped journal that was not closed is verified from a copy, and stays as it is', async () => {
  const path = freshPath();
  await makeJournal(path, 20);
  const copy = freshPath();
  const { until, send } = served(path);
  send({ kind: 'append', firstSeq: 21, facts: facts(30, 21) });
  await until('durable');
  fs.copyFileSync(path, copy);
  fs.copyFileSync(`${path}-wal`, `${copy}-wal`);
  const before = [fs.readFileSync(copy), fs.readFileSync(`${copy}-wal`)];
  expect(verifyJournal(copy)).toMatchObject({ ok: true, value: { verdict: 'whole', facts: 50 } });
  expect([fs.readFileSync(copy), fs.readFileSync(`${copy}-wal`)].every((bytes, index) => bytes.equals(before[index] as Buffer))).toBe(true);
  send({ kind: 'close' });
  await until('closed');
});

test('a journal that was cut is reported broken by the verifier, which repairs nothing', async () => {
  const path = freshPath();
  await makeJournal(path, 500, 'y'.repeat(300));
  fs.truncateSync(path, 20 * 4_096);
  const before = fs.readFileSync(path);
  expect(verifyJournal(path)).toMatchObject({ ok: true, value: { verdict: 'broken' } });
  expect(fs.readFileSync(path).equals(before)).toBe(true);
});

test('a number that is not finite has no place in a fact, however deep; null has', () => {
  expect(factJson({ a: [{ b: null }] })).toBe('{"a":[{"b":null}]}');
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) expect(() => factJson({ a: [{ b: bad }] })).toThrow('not finite');
});
