// The replay's thread: nothing but its start. The main thread fetches what it asks for, so that only the journal's thread has the file.
import { parentPort } from 'node:worker_threads';
import { invariant } from '../../src-shared/errors/result.ts';
import type { ReplayedView } from '../../src-shared/contract/journal.ts';
import { Replayer } from './replayer.ts';
import type { ReplayRequest } from './replayer.ts';

export type ToReplay =
  | { readonly kind: 'view'; readonly id: number; readonly request: ReplayRequest }
  | { readonly kind: 'facts'; readonly text: string }
  | { readonly kind: 'no-facts'; readonly text: string };
export type FromReplay =
  | { readonly kind: 'need'; readonly fromSeq: number; readonly count: number }
  | { readonly kind: 'view'; readonly id: number; readonly view: ReplayedView }
  | { readonly kind: 'failed'; readonly id: number; readonly text: string };

invariant(parentPort !== null, 'the replay runs in a thread of its own');
const port = parentPort;
const send = (message: FromReplay): void => port.postMessage(message);

let waiting: { readonly got: (text: string) => void; readonly failed: (error: Error) => void } | null = null;
const replayer = new Replayer((fromSeq, count) => {
  send({ kind: 'need', fromSeq, count });
  return new Promise((got, failed) => (waiting = { got, failed }));
});

let work: Promise<void> = Promise.resolve();
const serve = async (id: number, request: ReplayRequest): Promise<void> => {
  try {
    send({ kind: 'view', id, view: await replayer.viewAt(request) });
  } catch (error) {
    send({ kind: 'failed', id, text: error instanceof Error ? error.message : String(error) });
  }
};

port.on('message', (message: ToReplay) => {
  if (message.kind === 'facts') waiting?.got(message.text);
  else if (message.kind === 'no-facts') waiting?.failed(new Error(message.text));
  else work = work.then(() => serve(message.id, message.request));
});
