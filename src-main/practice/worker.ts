// The practice exchange's thread: starts it from workerData, carries desk operations in, ends when told.
// It shares nothing with the engine but this message port and loopback sockets.
import { parentPort, workerData } from 'node:worker_threads';
import { startExchange, type RunningExchange } from './exchange-host.ts';
import type { ParsedOptions } from './options.ts';
import type { WorkerMessage, WorkerRequest } from './practice.ts';

if (parentPort === null) throw new Error('worker.ts runs as a worker thread; standalone.ts runs by itself');
const port = parentPort;
const post = (message: WorkerMessage): void => port.postMessage(message);

try {
  const exchange = await startExchange(workerData as ParsedOptions, (regime) => post({ kind: 'regime', regime })); // parsed by startPractice
  port.on('message', (request: WorkerRequest) => serve(exchange, request));
  post({ kind: 'ready', addresses: exchange.addresses, key: exchange.key, notices: exchange.notices });
} catch (error) {
  post({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  port.close();
}

function serve(exchange: RunningExchange, request: WorkerRequest): void {
  if (request.kind === 'desk') post({ kind: 'answer', id: request.id, answer: exchange.perform(request.operation) });
  else void exchange.close().then(() => port.close());
}
