// One accepted WebSocket, on the simulated wire: pings, the drop of who stays silent, the end of its life.
// Knows no protocol; the servers above say what frames mean.
import type { RawData, WebSocket } from 'ws';
import type { Wire } from './wire.ts';

export interface SocketSettings {
  /** The server's ping (Binance: 20 s). */
  readonly pingEveryMs: number;
  /** Without a pong for so long the socket is dropped (Binance: 60 s). */
  readonly dropAfterMs: number;
  /** A connection's life (Binance: 24 h). */
  readonly lifeMs: number;
}

export const BINANCE_SOCKETS: SocketSettings = { pingEveryMs: 20_000, dropAfterMs: 60_000, lifeMs: 86_400_000 };

export interface SocketHandlers {
  /** A text frame. */
  onMessage(text: string): void;
  /** A ping or pong frame from the client: they count against the stream's frame limit. */
  onControlFrame(): void;
  onClose(): void;
}

export class LiveSocket {
  readonly ip: string;
  readonly #ws: WebSocket;
  readonly #wire: Wire;
  readonly #timers: readonly NodeJS.Timeout[];
  #pongAtMs = performance.now();

  constructor(ws: WebSocket, ip: string, wire: Wire, settings: SocketSettings, handlers: SocketHandlers) {
    this.ip = ip;
    this.#ws = ws;
    this.#wire = wire;
    ws.on('message', (data) => wire.toExchange(this, () => handlers.onMessage(textOf(data))));
    ws.on('ping', (data: Buffer) => {
      wire.toExchange(this, () => {
        handlers.onControlFrame();
        wire.toClient(this, () => this.#whenOpen(() => ws.pong(data)));
      });
    });
    ws.on('pong', () => {
      wire.toExchange(this, () => {
        this.#pongAtMs = performance.now();
        handlers.onControlFrame();
      });
    });
    // A broken frame or a reset: ws closes the socket after it, and 'close' does the rest.
    ws.on('error', () => ws.terminate());
    this.#timers = [
      setInterval(() => this.#ping(settings.dropAfterMs), settings.pingEveryMs),
      setTimeout(() => ws.close(1001), settings.lifeMs),
    ];
    ws.on('close', () => {
      for (const timer of this.#timers) clearTimeout(timer);
      handlers.onClose();
    });
  }

  send(text: string): void {
    this.#wire.toClient(this, () => this.#whenOpen(() => this.#ws.send(text)));
  }

  /** Closes politely; with a code of RFC 6455 (1008: policy violation). */
  close(code: number, reason: string): void {
    this.#ws.close(code, reason);
  }

  /** Cuts the connection. */
  destroy(): void {
    this.#ws.terminate();
  }

  #ping(dropAfterMs: number): void {
    if (performance.now() - this.#pongAtMs >= dropAfterMs) this.destroy();
    else this.#wire.toClient(this, () => this.#whenOpen(() => this.#ws.ping(String(Date.now()))));
  }

  #whenOpen(act: () => void): void {
    if (this.#ws.readyState === this.#ws.OPEN) act();
  }
}

/** ws gives one Buffer a message (its binaryType 'nodebuffer', the default). */
const textOf = (data: RawData): string => (Buffer.isBuffer(data) ? data.toString() : '');
