// Questions to the journal's worker, run on this thread (L1): rows, facts, a time's place, snapshots; each sees what was handed over
// before it, none stands in the way of a commit, and what cannot be answered is said.
import fs from 'node:fs';
import { MessageChannel } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { serveJournal, type FromWorker, type Question, type ToWorker } from '../../../src-main/journal/serve.ts';
import type { StoreOptions } from '../../../src-main/journal/store.ts';
import { factsFrom, freshPath, makeJournal, opened, PRACTICE, problemCode, tag } from './helpers.ts';

class Worker {
  readonly seen: FromWorker[] = [];
  readonly #port;
  #wakes: (() => void)[] = [];
  #id = 0;

  constructor(options: Partial<StoreOptions> & { readonly path: string }) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (message: FromWorker) => {
      this.seen.push(message);
      for (const wake of this.#wakes.splice(0)) wake();
    });
    onTestFinished(() => port1.close());
    serveJournal(port2, { ...PRACTICE, nowMs: 5, freshTag: tag('fresh1'), ...options });
  }

  send(message: ToWorker): void {
    this.#port.postMessage(message);
  }

  async until<K extends FromWorker['kind']>(kind: K, holds: (message: Extract<FromWorker, { kind: K }>) => boolean = () => true) {
    for (;;) {
      const found = this.seen.find(
        (message): message is Extract<FromWorker, { kind: K }> => message.kind === kind && holds(message as never),
      );
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#wakes.push(resolve));
    }
  }

  /** The value, or `no: …`. */
  async ask(question: Question): Promise<unknown> {
    this.#id += 1;
    const id = this.#id;
    this.send({ kind: 'ask', id, question });
    const told = await Promise.race([
      this.until('answered', (message) => message.id === id),
      this.until('unanswered', (message) => message.id === id),
    ]);
    return told.kind === 'answered' ? told.value : `no: ${told.text}`;
  }

  async close(): Promise<void> {
    this.send({ kind: 'close' });
    await this.until('closed');
  }
}

const facts = (firstSeq: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ atMs: (firstSeq + index) * 10, json: `{"kind":"n${firstSeq + index}"}` }));

test('rows and facts from a place on, and where a time falls', async () => {
  const worker = new Worker({ path: freshPath() });
  await worker.until('opened');
  worker.send({ kind: 'append', firstSeq: 1, facts: facts(1, 9) });
  expect(await worker.ask({ what: 'rows', fromSeq: 8, count: 5 })).toMatchObject([
    { seq: 8, atMs: 80, json: '{"kind":"n8"}' },
    { seq: 9, atMs: 90 },
  ]);
  expect(await worker.ask({ what: 'facts', fromSeq: 2, count: 2 })).toBe(
    '[{"seq":2,"atMs":20,"fact":{"kind":"n2"}},{"seq":3,"atMs":30,"fact":{"kind":"n3"}}]',
  );
  expect(await worker.ask({ what: 'facts', fromSeq: 10, count: 2 })).toBe('[]');
  for (const [atMs, seq] of [
    [9, 0],
    [10, 1],
    [49, 4],
    [50, 5],
    [1e9, 9],
  ] as const)
    expect(await worker.ask({ what: 'seq-at', atMs })).toBe(seq);
  await worker.close();
});

test('a question that comes with appends and a close is answered after the one and before the other', async () => {
  const worker = new Worker({ path: freshPath() });
  await worker.until('opened');
  worker.send({ kind: 'append', firstSeq: 1, facts: facts(1, 2) });
  worker.send({ kind: 'ask', id: 7, question: { what: 'rows', fromSeq: 2, count: 1 } });
  worker.send({ kind: 'close' });
  await worker.until('closed');
  expect(worker.seen.map(({ kind }) => kind)).toEqual(['opened', 'durable', 'answered', 'closed']);
});

test('a snapshot is written beside the journal, found again once a fact binds it, and comes first at the next opening', async () => {
  const path = freshPath();
  const worker = new Worker({ path, codec: 'c' });
  await worker.until('opened');
  worker.send({ kind: 'append', firstSeq: 1, facts: facts(1, 3) });
  expect(await worker.ask({ what: 'keep-snapshot', seq: 4, text: 'x' })).toBe('no: No snapshot can be kept of fact 4');
  const digest = await worker.ask({ what: 'keep-snapshot', seq: 2, text: 'two' });
  expect(await worker.ask({ what: 'snapshot', toSeq: 3 })).toBeNull();
  worker.send({ kind: 'append', firstSeq: 4, facts: [{ atMs: 40, json: JSON.stringify({ kind: 'snapshot.taken', atSeq: 2, digest }) }] });
  expect(await worker.ask({ what: 'snapshot', toSeq: 1 })).toBeNull();
  expect(await worker.ask({ what: 'snapshot', toSeq: 2 })).toEqual({ seq: 2, text: 'two' });
  await worker.close();
  const again = new Worker({ path, codec: 'c' });
  expect(await again.until('opened')).toMatchObject({ headSeq: 4, fromSnapshotSeq: 2 });
  expect(again.seen[0]).toEqual({ kind: 'snapshot', seq: 2, text: 'two' });
  await again.close();
  const without = new Worker({ path });
  expect(await without.until('opened')).toMatchObject({ headSeq: 4, fromSnapshotSeq: null });
  expect(await without.ask({ what: 'snapshot', toSeq: 4 })).toBeNull();
  expect(await without.ask({ what: 'keep-snapshot', seq: 2, text: 'x' })).toMatch(/^no: /);
  await without.close();
});

test('a disk that cannot be read answers with its words', async () => {
  const path = freshPath();
  await makeJournal(path, 2_000, 'y'.repeat(200));
  const worker = new Worker({ path });
  await worker.until('opened');
  fs.truncateSync(path, 8_192);
  expect(await worker.ask({ what: 'rows', fromSeq: 1, count: 2_000 })).toMatch(/^no: .+/);
  await worker.close();
});

test('a disk that cannot be read is a broken report for a verification that is under way', async () => {
  const path = freshPath();
  await makeJournal(path, 2_000, 'y'.repeat(200));
  const worker = new Worker({ path });
  await worker.until('opened');
  fs.truncateSync(path, 8_192);
  worker.send({ kind: 'verify', id: 1 });
  expect((await worker.until('verified')).report).toMatchObject({ verdict: 'broken' });
  await worker.close();
});

test('a snapshot of another journal, with the same numbers, is not found', async () => {
  const [one, other] = [freshPath(), freshPath()];
  const first = new Worker({ path: one, codec: 'c' });
  await first.until('opened');
  first.send({ kind: 'append', firstSeq: 1, facts: facts(1, 3) });
  await first.ask({ what: 'keep-snapshot', seq: 2, text: 'one' });
  await first.close();
  fs.copyFileSync(`${one}.snapshot-2`, `${other}.snapshot-2`);
  const second = new Worker({ path: other, codec: 'c' });
  await second.until('opened');
  second.send({ kind: 'append', firstSeq: 1, facts: facts(11, 3) });
  expect(await second.ask({ what: 'snapshot', toSeq: 3 })).toBeNull();
  await second.close();
});

test('a lock file with something in it is no lock: the journal is not opened', async () => {
  const path = freshPath();
  fs.writeFileSync(`${path}.lock`, 'something else'.repeat(20));
  expect(await problemCode({ path })).toBe('unreadable');
});

test('a question that is open when the journal closes is refused, not forgotten', async () => {
  const file = await opened({ path: freshPath(), codec: 'c' });
  file.journal.append(factsFrom(1, 5));
  await file.journal.flush();
  const kept = file.keepSnapshot(5, 'x'.repeat(40_000_000));
  kept.catch(() => undefined);
  await file.journal.close();
  await expect(kept).rejects.toThrow('The journal is closed');
  await expect(file.reader.seqAt(1)).rejects.toThrow('The journal is closed');
});
