// The worker's side of the journal: takes facts from the port, writes all that wait in one transaction (group commit), answers. It
// adds no delay of its own, and after the first failure it writes nothing any more.
import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import { assertNever } from '../../src-shared/errors/result.ts';
import { chainsTo, CHAIN_START, type ChainHead, type ChainRow } from './chain.ts';
import type { JournalReport } from './port.ts';
import { brokenReport, unreadReport, wholeReport } from './report.ts';
import { textOf, type JournalProblem } from './problem.ts';
import { bindsSnapshot, readSnapshot, snapshotSeqs, writeSnapshot, type Snapshot } from './snapshot.ts';
import { openStore, type FactSink, type JournalStore, type StoredFact, type StoreOptions } from './store.ts';

export type ToWorker =
  | { readonly kind: 'append'; readonly firstSeq: number; readonly facts: readonly StoredFact[] }
  | { readonly kind: 'verify'; readonly id: number }
  | { readonly kind: 'ask'; readonly id: number; readonly question: Question }
  | { readonly kind: 'close' };

export type Question =
  | { readonly what: 'rows' | 'facts'; readonly fromSeq: number; readonly count: number }
  | { readonly what: 'seq-at'; readonly atMs: number }
  | { readonly what: 'snapshot'; readonly toSeq: number }
  | { readonly what: 'keep-snapshot'; readonly seq: number; readonly text: string };

export type FromWorker =
  | { readonly kind: 'snapshot'; readonly seq: number; readonly text: string }
  /** A JSON array of sequenced facts. */
  | { readonly kind: 'facts'; readonly text: string }
  | { readonly kind: 'restart' }
  | {
      readonly kind: 'opened';
      readonly tag: string;
      readonly headSeq: number;
      readonly headHash: string;
      readonly notice: string;
      readonly fromSnapshotSeq: number | null;
    }
  | { readonly kind: 'problem'; readonly problem: JournalProblem }
  | { readonly kind: 'durable'; readonly seq: number }
  | { readonly kind: 'broken'; readonly text: string }
  | { readonly kind: 'verified'; readonly id: number; readonly report: JournalReport }
  | { readonly kind: 'answered'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'unanswered'; readonly id: number; readonly text: string }
  | { readonly kind: 'closed' };

const FACTS_PER_MESSAGE = 2_000;
/** Facts that wait are written between two slices of a verification: a slice takes about 5 ms. */
const VERIFIED_PER_SLICE = 1_000;
/** A checkpoint waits for a quiet moment, but not for ever: a log beyond the second bound is moved at once. */
const QUIET_MS = 200;
const LOG_BYTES_WHEN_QUIET = 4 * 1024 * 1024;
const LOG_BYTES_AT_MOST = 64 * 1024 * 1024;

/** Opens the journal and serves the port until `close` arrives or opening fails. */
export const serveJournal = (port: MessagePort, options: StoreOptions): void => {
  const send = (message: FromWorker) => port.postMessage(message);
  const sink = factSender(send);
  const opened = openStore(options, sink);
  if (!opened.ok) {
    send({ kind: 'problem', problem: opened.error });
    port.close();
    return;
  }
  sink.end();
  const { tag, head, notice, fromSnapshotSeq } = opened.value;
  send({ kind: 'opened', tag, headSeq: head.seq, headHash: head.hash, notice, fromSnapshotSeq });
  serve(port, opened.value, snapshotsOf(options, opened.value), send);
};

const sequencedJson = ({ seq, atMs, json }: ChainRow): string => `{"seq":${seq},"atMs":${atMs},"fact":${json}}`;

const factSender = (send: (message: FromWorker) => void): FactSink & { end(): void } => {
  let waiting: string[] = [];
  const end = () => {
    if (waiting.length > 0) send({ kind: 'facts', text: `[${waiting.join(',')}]` });
    waiting = [];
  };
  return {
    snapshot({ seq, text }) {
      send({ kind: 'snapshot', seq, text });
    },
    fact(row) {
      waiting.push(sequencedJson(row));
      if (waiting.length >= FACTS_PER_MESSAGE) end();
    },
    restart() {
      waiting = [];
      send({ kind: 'restart' });
    },
    end,
  };
};

const serve = (port: MessagePort, store: JournalStore, snapshots: Snapshots, send: (message: FromWorker) => void): void => {
  const verifications: Verification[] = [];
  let broken = false;
  let quiet: NodeJS.Timeout | undefined;

  const guarded = (work: () => void): void => {
    if (broken) return;
    try {
      work();
    } catch (error) {
      broken = true;
      send({
        kind: 'broken',
        text: `The journal cannot be written any more: ${textOf(error)}. Check the disk (space, permissions), then restart.`,
      });
    }
  };

  const commit = (batch: readonly Extract<ToWorker, { kind: 'append' }>[]): void => {
    const first = batch[0];
    if (first === undefined) return;
    guarded(() => {
      store.append(first.firstSeq, batch.length === 1 ? first.facts : batch.flatMap(({ facts }) => facts));
      send({ kind: 'durable', seq: store.head.seq });
      store.checkpoint(LOG_BYTES_AT_MOST);
    });
    clearTimeout(quiet);
    quiet = setTimeout(() => guarded(() => store.checkpoint(LOG_BYTES_WHEN_QUIET)), QUIET_MS).unref();
  };

  const verifySlice = (): void => {
    const current = verifications[0];
    if (current === undefined) return;
    const report = advance(current, store);
    if (report !== undefined) {
      verifications.shift();
      send({ kind: 'verified', id: current.id, report });
    }
    if (verifications.length > 0) setImmediate(verifySlice);
  };

  const answer = ({ id, question }: Extract<ToWorker, { kind: 'ask' }>): void => {
    const unanswered = (error: unknown): void => send({ kind: 'unanswered', id, text: textOf(error) });
    try {
      if (question.what === 'keep-snapshot')
        snapshots.keep(question.seq, question.text).then((digest) => send({ kind: 'answered', id, value: digest }), unanswered);
      else send({ kind: 'answered', id, value: answerOf(question, store, snapshots) });
    } catch (error) {
      unanswered(error);
    }
  };

  const close = (): void => {
    clearTimeout(quiet);
    for (const { id } of verifications.splice(0)) send({ kind: 'verified', id, report: unreadReport('The journal was closed.') });
    store.close();
    send({ kind: 'closed' });
    port.close();
  };

  port.on('message', (first: ToWorker) => {
    const appends: Extract<ToWorker, { kind: 'append' }>[] = [];
    const asked: Extract<ToWorker, { kind: 'ask' }>[] = [];
    for (let message: ToWorker | undefined = first; message !== undefined; message = next(port)) {
      if (message.kind === 'append') appends.push(message);
      else if (message.kind === 'ask') asked.push(message);
      else if (message.kind === 'verify') {
        verifications.push({ id: message.id, head: CHAIN_START });
        if (verifications.length === 1) setImmediate(verifySlice);
      } else {
        commit(appends);
        asked.forEach(answer);
        close();
        return;
      }
    }
    commit(appends);
    asked.forEach(answer);
  });
};

const answerOf = (question: Exclude<Question, { what: 'keep-snapshot' }>, store: JournalStore, snapshots: Snapshots): unknown => {
  switch (question.what) {
    case 'snapshot':
      return snapshots.find(question.toSeq);
    case 'rows':
      return store.read(question.fromSeq, question.count);
    case 'facts':
      return `[${store.read(question.fromSeq, question.count).map(sequencedJson).join(',')}]`;
    case 'seq-at':
      return store.seqAt(question.atMs);
    default:
      return assertNever(question);
  }
};

interface Snapshots {
  find(toSeq: number): { readonly seq: number; readonly text: string } | null;
  keep(seq: number, text: string): Promise<string>;
}

const snapshotsOf = ({ path, codec }: StoreOptions, store: JournalStore): Snapshots => ({
  find(toSeq) {
    for (const seq of codec === undefined ? [] : snapshotSeqs(path)) {
      const snapshot = seq > toSeq || codec === undefined ? undefined : readSnapshot(path, seq, codec);
      if (snapshot !== undefined && isHeld(snapshot, store)) return { seq, text: snapshot.text };
    }
    return null;
  },
  async keep(seq, text) {
    const [row] = store.read(seq, 1);
    if (row?.seq !== seq || codec === undefined) throw new Error(`No snapshot can be kept of fact ${seq}`);
    return writeSnapshot(path, codec, row, text);
  },
});

/** The running chain has the snapshot's row, and a fact that binds it: usually one of the next few. */
const isHeld = (snapshot: Snapshot, store: JournalStore): boolean => {
  const [row] = store.read(snapshot.seq, 1);
  if (row?.hash !== snapshot.chainHash) return false;
  for (let fromSeq = snapshot.seq + 1; fromSeq <= store.head.seq; fromSeq += VERIFIED_PER_SLICE)
    if (store.read(fromSeq, VERIFIED_PER_SLICE).some((one) => bindsSnapshot(one, snapshot))) return true;
  return false;
};

const next = (port: MessagePort): ToWorker | undefined => (receiveMessageOnPort(port) as { message: ToWorker } | undefined)?.message;

interface Verification {
  readonly id: number;
  head: ChainHead;
}

/** One slice further; a report at the end or at the first bad row. */
const advance = (verification: Verification, store: JournalStore): JournalReport | undefined => {
  let rows: readonly ChainRow[];
  try {
    rows = store.read(verification.head.seq + 1, VERIFIED_PER_SLICE);
  } catch (error) {
    return brokenReport(verification.head, textOf(error));
  }
  for (const row of rows) {
    if (!chainsTo(verification.head, row)) return brokenReport(verification.head, 'it does not chain to the one before it');
    verification.head = row;
  }
  if (rows.length === VERIFIED_PER_SLICE) return undefined;
  if (verification.head.seq < store.head.seq) return brokenReport(verification.head, 'it and those after it are missing');
  return wholeReport(verification.head);
};
