// The exchange's own door: one loopback port for REST, market streams and the WS-API, each found by its path.
// It must not listen anywhere but on 127.0.0.1.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RateLimits } from './limits.ts';
import type { RestServer } from './rest-server.ts';
import type { StreamServer } from './stream-server.ts';
import type { Wire } from './wire.ts';
import type { WsApiServer } from './ws-api-server.ts';

export const LOOPBACK = '127.0.0.1';
const WS_API_PATH = '/ws-api/v3';
const MAX_FRAME_BYTES = 1024 * 1024;
/** Longer than any client keeps an idle connection, so that a reused one is not reset under it. */
const KEEP_ALIVE_MS = 120_000;

export interface Doors {
  readonly rest: RestServer;
  readonly streams: StreamServer;
  readonly wsApi: WsApiServer;
  readonly wire: Wire;
  readonly limits: RateLimits;
  nowMs(): number;
}

/** The HTTP and WebSocket server, not yet listening. */
export function createExchangeServer(doors: Doors): Server {
  const server = createServer({ keepAlive: true, noDelay: true }, (request, response) => doors.rest.handle(request, response));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const upgrader = new WebSocketServer({ noServer: true, perMessageDeflate: false, autoPong: false, maxPayload: MAX_FRAME_BYTES });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    // A handshake costs a round trip, as everything does; in a partition it hangs.
    doors.wire.toExchange(socket, () => doors.wire.toClient(socket, () => upgrade(doors, upgrader, request, socket, head)));
  });
  return server;
}

function upgrade(doors: Doors, upgrader: WebSocketServer, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://exchange');
  const ip = request.socket.remoteAddress ?? '';
  const isApi = pathname === WS_API_PATH;
  if (!isApi && !/^\/(ws|stream)(\/|$)/.test(pathname)) {
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  if (!doors.limits.admitConnection(ip, doors.nowMs())) {
    socket.end('HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
    return;
  }
  upgrader.handleUpgrade(request, socket, head, (ws) => {
    if (isApi) doors.wsApi.accept(ws, ip, search.slice(1));
    else doors.streams.accept(ws, ip, decodeURIComponent(pathname), search.slice(1));
  });
}

/** An HTTP server on loopback that knows every socket it has accepted, upgraded or not. */
export class LoopbackServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  /** Listens; the port in use. Rejects when the port is taken. */
  listen(port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, LOOPBACK, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Stops listening and cuts every connection. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      for (const socket of this.#sockets) socket.destroy();
    });
  }
}
