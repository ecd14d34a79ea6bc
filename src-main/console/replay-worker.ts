// The replay's thread: nothing but its start. The main thread fetches what it asks for, so that only the journal's thread has the file.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../src-shared/errors/result.ts';
import type { JournalReader } from '../journal/port.ts';
import { Replayer } from './replayer.ts';
import type { ReplayRequest } from './replayer.ts';

export type ToReplay =
  | { readonly kind: 'view'; readonly id: number; readonly request: ReplayRequest }
  | { readonly kind: 'encode'; readonly id: number; readonly seq: number }
  | { readonly kind: 'found'; readonly value: unknown }
  | { readonly kind: 'not-found'; readonly text: string };
export type Need =
  { readonly what: 'facts'; readonly fromSeq: number; readonly count: number } | { readonly what: 'snapshot'; readonly toSeq: number };
export type FromReplay =
  | { readonly kind: 'need'; readonly need: Need }
  | { readonly kind: 'done'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'failed'; readonly id: number; readonly text: string };

invariant(parentPort !== null, 'the replay runs in a thread of its own');
const port = parentPort;
const send = (message: FromReplay): void => port.postMessage(message);

/** One question is under way at a time: the work below is done in order. */
let asked: { readonly found: (value: never) => void; readonly failed: (error: Error) => void } | null = null;
const ask = <T>(need: Need): Promise<T> => {
  send({ kind: 'need', need });
  return new Promise((found, failed) => (asked = { found, failed }));
};
const source: Pick<JournalReader, 'facts' | 'snapshot'> = {
  facts: (fromSeq, count) => ask({ what: 'facts', fromSeq, count }),
  snapshot: (toSeq) => ask({ what: 'snapshot', toSeq }),
};
const viewer = new Replayer(source);

let work: Promise<void> = Promise.resolve();
const serve = async (id: number, answer: () => Promise<unknown>): Promise<void> => {
  try {
    send({ kind: 'done', id, value: await answer() });
  } catch (error) {
    send({ kind: 'failed', id, text: error instanceof Error ? error.message : String(error) });
  }
};

port.on('message', (message: ToReplay) => {
  if (message.kind === 'found') asked?.found(message.value as never);
  else if (message.kind === 'not-found') asked?.failed(new Error(message.text));
  else if (message.kind === 'view') work = work.then(() => serve(message.id, () => viewer.viewAt(message.request)));
  // By itself: where the viewer stands is nobody else's business, and what it holds is not needed longer than this.
  else work = work.then(() => serve(message.id, () => new Replayer(source).encodedAt(message.seq)));
});
