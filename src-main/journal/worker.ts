// The journal's worker thread: nothing but its start (DESIGN 2).
import { parentPort, workerData } from 'node:worker_threads';
import { invariant } from '../../src-shared/errors/result.ts';
import { serveJournal } from './serve.ts';
import type { StoreOptions } from './store.ts';

invariant(parentPort !== null, 'the journal worker runs in a thread of its own');
serveJournal(parentPort, workerData as StoreOptions);
