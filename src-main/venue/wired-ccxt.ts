// The ccxt.pro instance behind the adapter. ccxt builds and signs every REST request and every stream subscription, dials the
// sockets, pings them and reads their frames; what it must not do here is decide: no throttle, no retries, no redial, no log, and
// no copy of the secret. Its `fetch` and unified methods are not used: `sign` with our own transport costs 180 µs for an order over
// loopback against 220 µs through the implicit endpoint with our transport and 260 µs with ccxt's (p99 0.3 against 0.8 ms), and keeps
// headers, deadline and outcome of each answer apart (BINANCE 3, 4).
import { readFile } from 'node:fs/promises';
import type { pro as Pro } from 'ccxt';
import type { BinanceAddresses } from './addresses.ts';
import type { Signer } from './signer.ts';

/** A signed request, ready for the wire. Holds the key and a signature: it must never be logged. */
export interface SignedRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export type RestApi = 'public' | 'private' | 'sapi';
export type Params = Readonly<Record<string, string | number>>;

/** One ccxt WebSocket client: a single connection, never used again once it went down. */
export interface CcxtSocket {
  readonly url: string;
  readonly connection?: { terminate(): void };
  connect(backoffDelayMs: number): Promise<unknown>;
  send(message: object): Promise<unknown>;
  clearConnectionTimeout(): void;
  clearPingInterval(): void;
}

/** What happens on a socket. Called for every socket of the instance, also for one that was given up. */
export interface SocketHooks {
  open(socket: CcxtSocket): void;
  frame(socket: CcxtSocket, message: unknown): void;
  /** A ping or a pong arrived. */
  heard(socket: CcxtSocket): void;
  down(socket: CcxtSocket, text: string): void;
}

export interface WiredCcxt {
  readonly version: string;
  sign(path: string, api: RestApi, method: SignedRequest['method'], params: Params): SignedRequest;
  /** The parameters of a signed WebSocket API request. */
  signParams(params: Params): Params;
  /** A new connection's client; dials when its `connect` is called. */
  socket(url: string): CcxtSocket;
  /** Cuts the connection without a farewell and forgets it. */
  drop(socket: CcxtSocket): void;
}

/** The part of ccxt that is used, as its own types say `any` throughout. */
interface CcxtClient extends CcxtSocket {
  /** When ccxt last heard the other side, ms since 1970. */
  lastPong: number;
  onPing: () => void;
  onPong: () => void;
}
interface CcxtInstance {
  clients: Record<string, CcxtSocket>;
  sign(path: string, api: string, method: string, params: object): SignedRequest;
  signParams(params: object): Record<string, string | number>;
  client(url: string): CcxtClient;
  loadHttpProxyAgent(): Promise<unknown>;
}

/** ccxt pings each second and gives a socket up after two seconds without a pong (its default needs minutes, BINANCE 2). */
const STREAMING = { keepAlive: 1000, maxPingPongMisses: 2, connectionTimeout: 4000 } as const;
/** Whoever finds this in a request knows that the signature below was not made by `hmac`. */
const NO_SECRET = 'held by the signer';

const textOf = (reason: unknown): string => (reason instanceof Error ? reason.constructor.name : 'closed by the venue');

export interface WiringOptions {
  readonly addresses: BinanceAddresses;
  readonly apiKey: string;
  readonly signer: Signer;
  readonly recvWindowMs: number;
  /** Server time now, ms: the timestamp of a request. */
  readonly serverNowMs: () => number;
  readonly hooks: SocketHooks;
}

interface LoadedCcxt {
  readonly version: string;
  readonly Binance: typeof Pro.binance;
}

/**
 * Binance's class of ccxt.pro and nothing else: the package's entry loads a hundred exchanges (0.4 s and 70 MB more). Its file is named
 * by its place beside the entry, as the package does not export it; the version is pinned, and a test holds that it is the same class.
 */
export const loadCcxt = async (): Promise<LoadedCcxt> => {
  const entry = import.meta.resolve('ccxt');
  const { default: Binance } = (await import(new URL('src/pro/binance.js', entry).href)) as { readonly default: typeof Pro.binance };
  const { version } = JSON.parse(await readFile(new URL('../package.json', entry), 'utf8')) as { readonly version: string };
  return { version, Binance };
};

/** Loads ccxt and wires one instance. */
export const wireCcxt = async (options: WiringOptions): Promise<WiredCcxt> => {
  const { version, Binance } = await loadCcxt();
  const { addresses, hooks, signer } = options;
  const instance = new Binance({
    apiKey: options.apiKey,
    secret: NO_SECRET,
    enableRateLimit: false,
    options: { recvWindow: options.recvWindowMs },
    streaming: STREAMING,
    urls: {
      api: {
        public: `${addresses.restUrl}/api/v3`,
        private: `${addresses.restUrl}/api/v3`,
        sapi: `${addresses.restUrl}/sapi/v1`,
      },
    },
  });
  const base64ForUrls = (signature: string): string => encodeURIComponent(signature);
  Object.assign(instance, {
    hmac: (payload: Uint8Array) => base64ForUrls(signer(payload)),
    nonce: options.serverNowMs,
    log: () => undefined,
    handleMessage: (socket: CcxtClient, message: unknown) => {
      // In a burst the pong waits behind thousands of frames: a frame is as good a sign of life.
      socket.lastPong = Date.now();
      hooks.frame(socket, message);
    },
    onConnected: (socket: CcxtSocket) => hooks.open(socket),
    onError: (socket: CcxtSocket, error: unknown) => hooks.down(socket, textOf(error)),
    onClose: (socket: CcxtSocket) => hooks.down(socket, 'closed by the venue'),
  });
  const used = instance as unknown as CcxtInstance;
  await used.loadHttpProxyAgent(); // without it a plain ws:// address throws NotSupported (BINANCE 1)
  return {
    version,
    sign: (path, api, method, params) => used.sign(path, api, method, { ...params }),
    signParams: (params) => {
      const { signature, ...signed } = used.signParams({ ...params });
      return { ...signed, signature: decodeURIComponent(String(signature)) }; // JSON carries base64 as it is
    },
    socket: (url) => {
      delete used.clients[url];
      const client = used.client(url);
      const onPong = client.onPong.bind(client);
      client.onPing = () => hooks.heard(client);
      client.onPong = () => {
        onPong(); // ccxt counts the pongs that fail to come
        hooks.heard(client);
      };
      return client;
    },
    drop: (socket) => {
      if (used.clients[socket.url] === socket) delete used.clients[socket.url];
      socket.clearConnectionTimeout();
      socket.clearPingInterval();
      socket.connection?.terminate();
    },
  };
};
