// A worker that speaks just enough of the WebSocket API to send bursts of execution reports as fast as they are taken: the practice
// exchange would be slower than what is measured. Frames are made before they are asked for.
import { parentPort } from 'node:worker_threads';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

/** An order that rests at the exchange, as far as its reports name it. */
export interface ReportedOrder {
  readonly clientOrderId: string;
  readonly orderId: number;
  readonly symbol: string;
  readonly price: string;
  readonly qty: string;
}

/** `accepted`: its NEW report, at once. `prepare`: fills of one lot each for every accepted order, in turn. `go`: send them. */
export type ToSource =
  | { readonly kind: 'accepted'; readonly order: ReportedOrder }
  | { readonly kind: 'prepare'; readonly fillsEach: number }
  | { readonly kind: 'go' };
export type FromSource = { readonly kind: 'listening'; readonly port: number } | { readonly kind: 'prepared' };

const LOT = '0.00001000';
const orders: ReportedOrder[] = [];
let filledLots = 0;
let tradeId = 0;
let frames: string[] = [];

/** `lots` filled so far; 0: the report that it is new. */
const reportOf = ({ clientOrderId, orderId, symbol, price, qty }: ReportedOrder, lots: number): string => {
  const now = Date.now();
  const isNew = lots === 0;
  if (!isNew) tradeId += 1;
  return JSON.stringify({
    subscriptionId: 0,
    event: {
      e: 'executionReport', E: now, s: symbol, c: clientOrderId, S: 'BUY', o: 'LIMIT', f: 'GTC', q: qty, p: price, P: '0.00000000',
      F: '0.00000000', g: -1, C: '', x: isNew ? 'NEW' : 'TRADE', X: isNew ? 'NEW' : 'PARTIALLY_FILLED', r: 'NONE', i: orderId,
      l: isNew ? '0.00000000' : LOT, z: (lots / 100_000).toFixed(8), L: isNew ? '0.00000000' : price, n: isNew ? '0' : '0.00000001',
      N: isNew ? null : 'BTC', T: now, t: isNew ? -1 : tradeId, v: 1, I: tradeId, w: true, m: !isNew, M: false, O: now,
      Z: '0.00000000', Y: '0.00000000', Q: '0.00000000', W: now, V: 'NONE',
    }, // prettier-ignore
  });
};

const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
const subscribers = new Set<WebSocket>();
const send = (frame: string): void => {
  for (const socket of subscribers) socket.send(frame);
};
const say = (message: FromSource): void => parentPort?.postMessage(message);

server.on('connection', (socket) => {
  socket.on('close', () => subscribers.delete(socket));
  socket.on('message', (data) => {
    const { id } = JSON.parse((data as Buffer).toString()) as { id: number | string };
    subscribers.add(socket);
    socket.send(JSON.stringify({ id, status: 200, result: { subscriptionId: 0 } }));
  });
});
server.on('listening', () => say({ kind: 'listening', port: (server.address() as AddressInfo).port }));

parentPort?.on('message', (message: ToSource) => {
  switch (message.kind) {
    case 'accepted':
      orders.push(message.order);
      send(reportOf(message.order, 0));
      return;
    case 'prepare':
      frames = Array.from({ length: message.fillsEach }, (_, fill) => orders.map((order) => reportOf(order, filledLots + fill + 1))).flat();
      filledLots += message.fillsEach;
      say({ kind: 'prepared' });
      return;
    case 'go':
      for (const frame of frames) send(frame);
  }
});
