// The journal as the console shows it: pages of facts in words, and replayed views out of a thread that lives as long as somebody
// looks. It reads, and can do nothing else.
import { Worker } from 'node:worker_threads';
import type { JournalPage, JournalRow, ReplayedView } from '../../src-shared/contract/journal.ts';
import { factWords } from '../engine/fact-words.ts';
import type { Fact } from '../engine/facts.ts';
import type { ConsoleFrame } from '../engine/replica.ts';
import type { JournalReader } from '../journal/port.ts';
import type { FromReplay, Need, ToReplay } from './replay-worker.ts';

const WORKER = new URL(`./replay-worker${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
/** The thread holds a whole state in memory; it goes when nobody has looked for this long. */
const IDLE_MS = 60_000;

interface Waiting {
  readonly got: (value: unknown) => void;
  readonly failed: (error: Error) => void;
}

export class Replay {
  readonly #reader: JournalReader;
  readonly #headSeq: () => number;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #idle: NodeJS.Timeout | undefined;
  #id = 0;

  constructor(reader: JournalReader, headSeq: () => number) {
    this.#reader = reader;
    this.#headSeq = headSeq;
  }

  /** A page of facts: from one on, up to one, or the newest. Rejects when the journal cannot be read. */
  async page({ fromSeq, toSeq, count }: { fromSeq?: number | undefined; toSeq?: number | undefined; count: number }): Promise<JournalPage> {
    const headSeq = this.#headSeq();
    const last = Math.min(toSeq ?? headSeq, headSeq);
    const first = fromSeq ?? Math.max(1, last - count + 1);
    const wanted = Math.min(count, (fromSeq === undefined ? last : headSeq) - first + 1);
    const rows = wanted < 1 ? [] : await this.#reader.rows(first, wanted);
    return { headSeq, entries: rows.map(entryOf) };
  }

  /** The console after fact `seq`, or at a time. Rejects when the journal has no such fact or cannot be read. */
  async viewAt(at: { seq?: number | undefined; untilMs?: number | undefined }, frame: ConsoleFrame): Promise<ReplayedView> {
    const headSeq = this.#headSeq();
    const seq = at.seq ?? Math.min(headSeq, await this.#reader.seqAt(at.untilMs ?? 0));
    if (seq > headSeq) throw new RangeError(`There is no fact ${seq}: the newest is ${headSeq}.`);
    return this.#request<ReplayedView>((id) => ({ kind: 'view', id, request: { seq, headSeq, frame } }));
  }

  /** The state after fact `seq` as text, rebuilt from the disk by itself (from the newest snapshot on). Rejects as `viewAt` does. */
  encodedAt(seq: number): Promise<string> {
    return this.#request<string>((id) => ({ kind: 'encode', id, seq }));
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const worker = this.#worker;
    this.#worker = null;
    this.#fail('The console is closing.');
    await worker?.terminate();
  }

  #request<T>(message: (id: number) => ToReplay): Promise<T> {
    this.#id += 1;
    const id = this.#id;
    return new Promise((got, failed) => {
      this.#waiting.set(id, { got: (value) => got(value as T), failed });
      this.#post(message(id));
    });
  }

  #post(message: ToReplay): void {
    clearTimeout(this.#idle);
    this.#worker ??= this.#start();
    this.#worker.postMessage(message);
  }

  #start(): Worker {
    const worker = new Worker(WORKER, { name: 'replay', execArgv: [] });
    worker.unref();
    worker.on('message', (message: FromReplay) => this.#receive(message));
    worker.on('error', (error) => {
      if (this.#worker === worker) this.#worker = null;
      this.#fail(`The replay failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    return worker;
  }

  #receive(message: FromReplay): void {
    if (message.kind === 'need') return void this.#fetch(message.need);
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.kind === 'done') waiting?.got(message.value);
    else waiting?.failed(new Error(message.text));
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
  }

  async #fetch(need: Need): Promise<void> {
    try {
      const value = need.what === 'facts' ? this.#reader.facts(need.fromSeq, need.count) : this.#reader.snapshot(need.toSeq);
      this.#post({ kind: 'found', value: await value });
    } catch (error) {
      this.#post({ kind: 'not-found', text: error instanceof Error ? error.message : String(error) });
    }
  }

  #fail(text: string): void {
    for (const { failed } of this.#waiting.values()) failed(new Error(text));
    this.#waiting.clear();
  }
}

const entryOf = ({ seq, atMs, json, hash }: JournalRow): JournalPage['entries'][number] => ({
  seq,
  atMs,
  ...factWords({ seq, atMs, fact: JSON.parse(json) as Fact }),
  json,
  hash,
});
