// The engine's side of the journal against a thread that does what a thread may do at worst: break, die, refuse. Nobody waits for ever,
// and everybody is told (L1).
import { EventEmitter } from 'node:events';
import { beforeEach, expect, test, vi } from 'vitest';
import { openJournal } from '../../../src-main/journal/open.ts';
import type { FileJournal } from '../../../src-main/journal/port.ts';
import type { FromWorker, ToWorker } from '../../../src-main/journal/serve.ts';
import { factsFrom, freshPath, PRACTICE } from './helpers.ts';

class FakeThread extends EventEmitter {
  static newest: FakeThread;
  readonly posted: ToWorker[] = [];

  constructor() {
    super();
    FakeThread.newest = this;
  }

  postMessage(message: ToWorker): void {
    this.posted.push(message);
  }

  tell(message: FromWorker): void {
    this.emit('message', message);
  }
}

const threads = vi.hoisted(() => ({ make: (): object => ({}) }));
threads.make = () => new FakeThread();
vi.mock('node:worker_threads', async (original) => ({
  ...(await original<object>()),
  Worker: function Worker() {
    return threads.make();
  },
}));

const opening = () => {
  const path = freshPath();
  return { opened: openJournal({ ...PRACTICE, path }), thread: FakeThread.newest };
};

const OPENED: FromWorker = { kind: 'opened', tag: 'abc123', headSeq: 0, headHash: 'h', notice: '', fromSnapshotSeq: null };

let thread: FakeThread;
let file: FileJournal;
beforeEach(async () => {
  const { opened, thread: started } = opening();
  thread = started;
  thread.tell(OPENED);
  const found = await opened;
  if (!found.ok) throw new Error(found.error.text);
  file = found.value;
});

test('a journal that breaks tells everyone who listens or waits, once, and takes nothing more', async () => {
  const { journal } = file;
  const told: string[] = [];
  journal.onBroken((text) => told.push(`early ${text}`));
  journal.append(factsFrom(1, 2));
  const flushed = journal.flush();
  thread.tell({ kind: 'broken', text: 'no room' });
  thread.tell({ kind: 'broken', text: 'still no room' });
  await expect(flushed).rejects.toThrow('no room');
  await expect(journal.flush()).rejects.toThrow('no room');
  journal.onBroken((text) => told.push(`late ${text}`));
  expect(told).toEqual(['early no room', 'late no room']);
  journal.append(factsFrom(3, 3));
  expect(thread.posted.filter(({ kind }) => kind === 'append')).toHaveLength(1);
});

test('a thread that dies breaks the journal and settles every question and verification', async () => {
  const { journal, reader } = file;
  const told: string[] = [];
  journal.onBroken((text) => told.push(text));
  const [rows, report] = [reader.rows(1, 1), file.verify()];
  thread.emit('error', new Error('out of memory'));
  thread.emit('exit', 1);
  await expect(rows).rejects.toThrow('out of memory');
  expect(await report).toMatchObject({ verdict: 'not-read' });
  expect(told).toEqual(["The journal's thread failed: out of memory"]);
  expect(file.journal.durableSeq).toBe(0);
});

test('what a thread throws that is no error is told as it is', () => {
  const told: string[] = [];
  file.journal.onBroken((text) => told.push(text));
  thread.emit('error', 'a bare word');
  expect(told).toEqual(["The journal's thread failed: a bare word"]);
});

test('a question that the disk refuses is refused in its words; an answer to nobody is nothing', async () => {
  const asked = file.reader.facts(1, 5);
  const [ask] = thread.posted.filter((message) => message.kind === 'ask');
  for (const id of [99, ask?.id ?? 0]) {
    thread.tell({ kind: 'unanswered', id, text: 'the disk is gone' });
    thread.tell({ kind: 'answered', id, value: 'late' });
  }
  await expect(asked).rejects.toThrow('the disk is gone');
});

test('a close with everything on disk is no break; one that leaves facts behind is', async () => {
  const told: string[] = [];
  file.journal.onBroken((text) => told.push(text));
  const closing = file.journal.close();
  thread.tell({ kind: 'closed' });
  thread.emit('exit', 0);
  await closing;
  await file.journal.close();
  expect(told).toEqual([]);
  expect(await file.verify()).toMatchObject({ verdict: 'not-read' });
  const second = opening();
  second.thread.tell(OPENED);
  const found = await second.opened;
  if (!found.ok) throw new Error(found.error.text);
  found.value.journal.onBroken((text) => told.push(text));
  found.value.journal.append(factsFrom(1, 1));
  const left = found.value.journal.close();
  second.thread.emit('exit', 0);
  await left;
  expect(told).toEqual(["The journal's thread ended unasked"]);
});

test('a thread that ends before it has opened anything is a problem with a way out', async () => {
  const { opened, thread: dying } = opening();
  dying.emit('exit', 1);
  expect(await opened).toMatchObject({
    ok: false,
    error: { code: 'unreadable', text: expect.stringContaining('restore the journal from a backup') },
  });
});

test('a message that this version does not know is a broken invariant', () => {
  expect(() => thread.tell({ kind: 'gossip' } as never)).toThrow();
});
