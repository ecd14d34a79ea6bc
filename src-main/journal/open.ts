// Opens the journal for the engine: hands facts to the worker without waiting and tells how far the disk is. Never blocks on the disk.
import { randomInt } from 'node:crypto';
import fs from 'node:fs';
import nodePath from 'node:path';
import { Worker } from 'node:worker_threads';
import type { JournalRow } from '../../src-shared/contract/journal.ts';
import type { JournalTag } from '../../src-shared/domain/ids.ts';
import { assertNever, fail, invariant, ok, type Result } from '../../src-shared/errors/result.ts';
import type { Fact, SequencedFact } from '../engine/facts.ts';
import { factJson } from './json.ts';
import { latchPath, openLatch } from './latch.ts';
import type { FileJournal, Journal, JournalReader, JournalReport, Latch } from './port.ts';
import { contradictory, problem, problemOf, textOf, type JournalProblem } from './problem.ts';
import { tailReport, unreadReport, wholeReport } from './report.ts';
import type { FromWorker, Question, ToWorker } from './serve.ts';
import type { StoredFact, StoreOptions } from './store.ts';

export interface JournalOptions extends Omit<StoreOptions, 'nowMs' | 'freshTag'> {
  /** Time of a new journal, and in the name under which a damaged one is kept. */
  readonly nowMs?: number;
  /** The tag of a journal made or cut now; drawn at random when not given. */
  readonly freshTag?: JournalTag;
  /** Takes the facts as they are read; without it they come back as `facts`. What it throws closes the journal: a problem. */
  readonly replay?: FactReplay;
}

/** Rebuilds something from the journal while it is being read. */
export interface FactReplay {
  /** What all facts so far came to, as the codec wrote it. Comes first, or not at all. */
  restore(text: string): void;
  fact(fact: SequencedFact): void;
  /** Forget everything: it is all read again. */
  restart(): void;
}

/** More than the event log shows: some facts make no line. */
const RECENT_FACTS = 600;

/**
 * What the venue told can be asked for again after a crash, so it need not have a commit of its own: it goes with the next fact that
 * somebody waits for, or after so many ms. A commit of its own for each would stand in the way of the next order's intent.
 */
const RETOLD: ReadonlySet<Fact['kind']> = new Set(['order.sent', 'order.accepted', 'order.filled', 'order.ended', 'balances.updated']);
const RETOLD_WAIT_MS = 3;

const WORKER = new URL(`./worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);

/**
 * Opens or makes the journal, verifies its chain (with a snapshot: from that on) and hands out its facts. A torn tail is cut, with a
 * notice and a fresh tag; anything worse changes nothing and comes back as a problem whose text says what to do.
 */
export const openJournal = async (options: JournalOptions): Promise<Result<FileJournal, JournalProblem>> => {
  try {
    fs.mkdirSync(nodePath.dirname(options.path), { recursive: true, mode: 0o700 });
  } catch (error) {
    return fail(problemOf(options.path, error));
  }
  const { replay, ...store } = options;
  const data: StoreOptions = { ...store, nowMs: options.nowMs ?? Date.now(), freshTag: options.freshTag ?? drawJournalTag() };
  // Flags of the process (`-e`, `--input-type`) are not the thread's.
  const worker = new Worker(WORKER, { workerData: data, name: 'journal', execArgv: [] });
  return new WorkerJournal(worker, latchPath(options.path), replay ?? null).opened;
};

const TAG_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';
const drawJournalTag = (): JournalTag => Array.from({ length: 6 }, () => TAG_LETTERS[randomInt(TAG_LETTERS.length)]).join('') as JournalTag;

type Opening = Result<FileJournal, JournalProblem>;

class WorkerJournal implements Journal {
  readonly opened: Promise<Opening>;
  durableSeq = 0;

  readonly #worker: Worker;
  readonly #latchPath: string;
  readonly #settleOpening: (opening: Opening) => void;
  readonly #durableListeners: ((seq: number) => void)[] = [];
  readonly #brokenListeners: ((text: string) => void)[] = [];
  readonly #flushes: { readonly seq: number; readonly done: () => void; readonly failed: (error: Error) => void }[] = [];
  readonly #verifications = new Map<number, (report: JournalReport) => void>();
  readonly #questions = new Map<number, { readonly answered: (value: unknown) => void; readonly failed: (error: Error) => void }>();
  readonly #ended: Promise<void>;
  readonly #replay: FactReplay | null;
  #replayFault: string | undefined;
  /** The last fact that a snapshot stands for. */
  #snapshotSeq = 0;
  #facts: SequencedFact[] = [];
  #recent: readonly SequencedFact[] = [];
  #tag: JournalTag | undefined;
  #handedSeq = 0;
  #unposted: StoredFact[] = [];
  #postSoon: NodeJS.Timeout | undefined;
  #questionId = 0;
  #broken: string | undefined;
  #closing = false;
  #latch: Latch | undefined;

  constructor(worker: Worker, latchFile: string, replay: FactReplay | null) {
    this.#worker = worker;
    this.#replay = replay;
    this.#latchPath = latchFile;
    const opening = Promise.withResolvers<Opening>();
    this.opened = opening.promise;
    this.#settleOpening = opening.resolve;
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => this.#end(`The journal's thread failed: ${error instanceof Error ? error.message : String(error)}`));
    this.#ended = new Promise((resolve) =>
      worker.on('exit', () => {
        this.#end("The journal's thread ended unasked");
        resolve();
      }),
    );
  }

  get tag(): JournalTag {
    invariant(this.#tag !== undefined, 'an open journal has a tag');
    return this.#tag;
  }

  append(facts: readonly SequencedFact[]): void {
    const first = facts[0];
    if (first === undefined || this.#broken !== undefined) return;
    invariant(!this.#closing, 'nothing is appended to a closed journal');
    const stored = facts.map(({ seq, atMs, fact }, index) => {
      invariant(
        seq === this.#handedSeq + 1 + index && Number.isSafeInteger(atMs),
        'journal sequences have no holes, and times are whole ms',
      );
      return { atMs, json: factJson(fact) };
    });
    this.#handedSeq += stored.length;
    for (const fact of stored) this.#unposted.push(fact);
    if (!facts.every(({ fact }) => RETOLD.has(fact.kind))) this.#postFacts();
    else this.#postSoon ??= setTimeout(() => this.#postFacts(), RETOLD_WAIT_MS);
  }

  onDurable(listener: (seq: number) => void): void {
    this.#durableListeners.push(listener);
  }

  onBroken(listener: (text: string) => void): void {
    if (this.#broken !== undefined) listener(this.#broken);
    else this.#brokenListeners.push(listener);
  }

  flush(): Promise<void> {
    if (this.#broken !== undefined) return Promise.reject(new Error(this.#broken));
    if (this.durableSeq >= this.#handedSeq) return Promise.resolve();
    this.#postFacts();
    return new Promise((done, failed) => this.#flushes.push({ seq: this.#handedSeq, done, failed }));
  }

  async close(): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#postFacts();
      this.#post({ kind: 'close' });
    }
    await this.#ended;
    await this.#latch?.close();
  }

  verify(): Promise<JournalReport> {
    return new Promise((resolve) => {
      this.#questionId += 1;
      this.#verifications.set(this.#questionId, resolve);
      if (this.#closing) this.#refuseVerifications('The journal is closed.');
      else {
        this.#postFacts();
        this.#post({ kind: 'verify', id: this.#questionId });
      }
    });
  }

  readonly reader: JournalReader = {
    rows: (fromSeq, count) => this.#ask<readonly JournalRow[]>({ what: 'rows', fromSeq, count }),
    facts: (fromSeq, count) => this.#ask<string>({ what: 'facts', fromSeq, count }),
    seqAt: (atMs) => this.#ask<number>({ what: 'seq-at', atMs }),
    snapshot: (toSeq) => this.#ask<{ readonly seq: number; readonly text: string } | null>({ what: 'snapshot', toSeq }),
  };

  #ask<T>(question: Question): Promise<T> {
    if (this.#closing) return Promise.reject(new Error('The journal is closed.'));
    this.#postFacts();
    this.#questionId += 1;
    const id = this.#questionId;
    return new Promise((resolve, failed) => {
      this.#questions.set(id, { answered: (value) => resolve(value as T), failed });
      this.#post({ kind: 'ask', id, question });
    });
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #postFacts(): void {
    clearTimeout(this.#postSoon);
    this.#postSoon = undefined;
    const facts = this.#unposted;
    if (facts.length === 0) return;
    this.#unposted = [];
    this.#post({ kind: 'append', firstSeq: this.#handedSeq - facts.length + 1, facts });
  }

  #receive(message: FromWorker): void {
    switch (message.kind) {
      case 'snapshot':
        this.#snapshotSeq = message.seq;
        return this.#replaying((replay) => replay.restore(message.text));
      case 'facts':
        return this.#takeFacts(JSON.parse(message.text) as readonly SequencedFact[]);
      case 'restart':
        this.#facts = [];
        this.#recent = [];
        this.#snapshotSeq = 0;
        return this.#replaying((replay) => replay.restart());
      case 'opened':
        return void this.#open(message);
      case 'problem':
        this.#closing = true;
        return this.#settleOpening(fail(message.problem));
      case 'durable':
        return this.#advance(message.seq);
      case 'broken':
        return this.#break(message.text);
      case 'verified':
        this.#verifications.get(message.id)?.(message.report);
        this.#verifications.delete(message.id);
        return;
      case 'answered':
        this.#questions.get(message.id)?.answered(message.value);
        this.#questions.delete(message.id);
        return;
      case 'unanswered':
        this.#questions.get(message.id)?.failed(new Error(message.text));
        this.#questions.delete(message.id);
        return;
      case 'closed':
        return;
      default:
        assertNever(message);
    }
  }

  #takeFacts(facts: readonly SequencedFact[]): void {
    this.#recent = [...this.#recent, ...facts.slice(-RECENT_FACTS)].slice(-RECENT_FACTS);
    const news = facts.filter(({ seq }) => seq > this.#snapshotSeq);
    if (this.#replay === null) for (const fact of news) this.#facts.push(fact);
    else this.#replaying((replay) => news.forEach((fact) => replay.fact(fact)));
  }

  #replaying(work: (replay: FactReplay) => void): void {
    if (this.#replay === null || this.#replayFault !== undefined) return;
    try {
      work(this.#replay);
    } catch (error) {
      this.#replayFault = textOf(error);
    }
  }

  /** The journal is locked by now, and with it the latch file. */
  async #open(message: Extract<FromWorker, { kind: 'opened' }>): Promise<void> {
    if (this.#replayFault !== undefined) {
      // Its end settles the opening, with the lock free again.
      this.#closing = true;
      return this.#post({ kind: 'close' });
    }
    this.#tag = message.tag as JournalTag;
    this.#handedSeq = message.headSeq;
    this.durableSeq = message.headSeq;
    const facts = this.#facts;
    this.#facts = [];
    const latch = await openLatch(this.#latchPath);
    this.#latch = latch;
    const { headSeq, headHash, notice, fromSnapshotSeq } = message;
    const head = { seq: headSeq, hash: headHash };
    this.#settleOpening(
      ok({
        journal: this,
        facts,
        recent: this.#recent,
        headHash,
        notice,
        latch,
        found: fromSnapshotSeq === null ? wholeReport(head) : tailReport(head, fromSnapshotSeq),
        snapshotSeq: fromSnapshotSeq,
        verify: () => this.verify(),
        reader: this.reader,
        keepSnapshot: (seq, text) => this.#ask<string>({ what: 'keep-snapshot', seq, text }),
      }),
    );
    this.#recent = [];
  }

  #advance(seq: number): void {
    this.durableSeq = seq;
    while (this.#flushes[0] !== undefined && this.#flushes[0].seq <= seq) this.#flushes.shift()?.done();
    for (const listener of this.#durableListeners) listener(seq);
  }

  #break(text: string): void {
    if (this.#broken !== undefined) return;
    this.#broken = text;
    for (const { failed } of this.#flushes.splice(0)) failed(new Error(text));
    for (const listener of this.#brokenListeners.splice(0)) listener(text);
  }

  /** The thread is gone: expected after close, otherwise nothing handed over any more is safe. */
  #end(text: string): void {
    this.#settleOpening(
      fail(
        this.#replayFault === undefined
          ? problem('unreadable', `${text}. Restart the console; if it happens again, restore the journal from a backup.`)
          : contradictory(this.#replayFault),
      ),
    );
    this.#refuseVerifications(text);
    for (const { failed } of this.#questions.values()) failed(new Error(this.#closing ? 'The journal is closed.' : text));
    this.#questions.clear();
    if (!this.#closing || this.durableSeq < this.#handedSeq) this.#break(text);
  }

  #refuseVerifications(text: string): void {
    for (const resolve of this.#verifications.values()) resolve(unreadReport(text));
    this.#verifications.clear();
  }
}
