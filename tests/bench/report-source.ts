// A worker that speaks just enough of the WebSocket API to send a burst of execution reports as fast as they are taken: the practice
// exchange would be slower than what is measured.
import { parentPort } from 'node:worker_threads';
import { WebSocketServer, type WebSocket } from 'ws';
import type { AddressInfo } from 'node:net';

/** From the bench: send so many reports to whoever is subscribed. */
export interface Burst {
  readonly reports: number;
}

const now = Date.now();
const reportOf = (index: number): string =>
  JSON.stringify({
    subscriptionId: 0,
    event: {
      e: 'executionReport', E: now + index, s: 'BTCUSDT', c: `hf-bench0-${String(index + 1).padStart(12, '0')}`, S: 'BUY', o: 'LIMIT', f: 'GTC',
      q: '1.00000000', p: '60000.00000000', P: '0.00000000', F: '0.00000000', g: -1, C: '', x: 'NEW', X: 'NEW', r: 'NONE', i: index + 1,
      l: '0.00000000', z: '0.00000000', L: '0.00000000', n: '0', N: null, T: now + index, t: -1, v: 1, I: index, w: true, m: false, M: false,
      O: now + index, Z: '0.00000000', Y: '0.00000000', Q: '0.00000000', W: now + index, V: 'NONE',
    }, // prettier-ignore
  });

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
const subscribers = new Set<WebSocket>();
server.on('connection', (socket) => {
  socket.on('close', () => subscribers.delete(socket));
  socket.on('message', (data) => {
    const { id } = JSON.parse((data as Buffer).toString()) as { id: number | string };
    subscribers.add(socket);
    socket.send(JSON.stringify({ id, status: 200, result: { subscriptionId: 0 } }));
  });
});
server.on('listening', () => parentPort?.postMessage((server.address() as AddressInfo).port));
parentPort?.on('message', ({ reports }: Burst) => {
  const frames = Array.from({ length: reports }, (_, index) => reportOf(index));
  for (const socket of subscribers) for (const frame of frames) socket.send(frame);
});
