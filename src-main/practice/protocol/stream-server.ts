// Market streams: raw and combined sockets, live subscriptions, Binance's frame and stream limits (web-socket-streams.md).
// An event is turned into JSON once, however many listen; a socket that asked for nothing gets nothing.
import type { WebSocket } from 'ws';
import type { CoreEvent, Exchange } from '../core/types.ts';
import type { EventGate } from './event-gate.ts';
import { LiveSocket, type SocketHandlers, type SocketSettings } from './live-socket.ts';
import { eventName, MergedDepth, parseStreamName, streamKey, type StreamName } from './stream-channels.ts';
import type { Wire } from './wire.ts';

const MAX_STREAMS = 1024;
const MAX_FRAMES_PER_SECOND = 5;
const TICK_MS = 100;
const TICKS_PER_SECOND = 10;

export interface StreamContext {
  readonly core: Exchange;
  readonly wire: Wire;
  readonly gate: EventGate;
  readonly sockets: SocketSettings;
  nowMs(): number;
}

interface Channel {
  readonly stream: StreamName;
  readonly event: string;
  readonly subscribers: Set<StreamClient>;
  readonly depth: MergedDepth;
  /** Ends the core's work for this stream alone. */
  readonly stop: () => void;
}

export class StreamServer {
  readonly #context: StreamContext;
  readonly #clients = new Set<StreamClient>();
  readonly #channels = new Map<string, Channel>();
  /** Streams that follow the core's events, by symbol and key. */
  readonly #live = new Map<string, Map<string, Channel>>();
  readonly #diffs = new Map<string, Set<Channel>>();
  readonly #ticker: NodeJS.Timeout;
  #tick = 0;

  constructor(context: StreamContext) {
    this.#context = context;
    this.#ticker = setInterval(() => this.#onTick(), TICK_MS);
  }

  /** Takes over an upgraded socket: `/ws/<streams>`, `/stream?streams=<streams>` or `/stream/ws/<anything>`. */
  accept(ws: WebSocket, ip: string, path: string, query: string): void {
    const combined = path.startsWith('/stream');
    const inQuery = new URLSearchParams(query).get('streams') ?? '';
    const names = (combined ? inQuery : path.slice('/ws'.length)).split('/').filter((name) => name.includes('@'));
    const client: StreamClient = new StreamClient(ws, ip, combined, this.#context, {
      subscribe: (name) => this.#subscribe(client, name),
      unsubscribe: (name) => this.#unsubscribe(client, name),
      closed: () => this.#remove(client),
    });
    this.#clients.add(client);
    client.begin(names);
  }

  /** Feeds one core event to the streams that carry it. */
  publish(event: CoreEvent): void {
    if (event.kind === 'user') return;
    if (event.kind === 'depth') {
      const diffs = this.#diffs.get(event.symbol);
      if (diffs !== undefined) for (const channel of diffs) channel.depth.add(event.payload);
      return;
    }
    const key = streamKey(event);
    const channel = key === undefined ? undefined : this.#live.get(event.symbol)?.get(key);
    if (channel !== undefined) this.#send(channel, event.payload);
  }

  disconnect(): void {
    for (const client of this.#clients) client.destroy();
  }

  close(): void {
    clearInterval(this.#ticker);
    for (const channel of this.#channels.values()) channel.stop();
    this.#channels.clear();
  }

  #subscribe(client: StreamClient, name: string): void {
    let channel = this.#channels.get(name);
    if (channel === undefined) {
      const stream = parseStreamName(name, this.#context.core);
      if (stream === undefined) return;
      channel = this.#open(stream);
    }
    channel.subscribers.add(client);
  }

  #open(stream: StreamName): Channel {
    const { symbol, kind } = stream;
    const stop = kind.type === 'kline' && symbol !== undefined ? this.#context.core.watchKline(symbol, kind.interval) : () => undefined;
    const event = eventName(stream);
    const channel: Channel = { stream, event, subscribers: new Set(), depth: new MergedDepth(), stop };
    this.#channels.set(stream.name, channel);
    if (symbol === undefined) return channel;
    if (kind.type === 'diff') {
      this.#diffs.set(symbol, (this.#diffs.get(symbol) ?? new Set()).add(channel));
    } else if (kind.type === 'kline' || kind.type === 'trade' || kind.type === 'aggTrade' || kind.type === 'bookTicker') {
      const key = kind.type === 'kline' ? `kline_${kind.interval}` : kind.type;
      this.#live.set(symbol, (this.#live.get(symbol) ?? new Map<string, Channel>()).set(key, channel));
    }
    return channel;
  }

  #unsubscribe(client: StreamClient, name: string): void {
    const channel = this.#channels.get(name);
    if (channel === undefined || !channel.subscribers.delete(client) || channel.subscribers.size > 0) return;
    channel.stop();
    this.#channels.delete(name);
    const { symbol, kind } = channel.stream;
    if (symbol === undefined) return;
    this.#diffs.get(symbol)?.delete(channel);
    this.#live.get(symbol)?.delete(kind.type === 'kline' ? `kline_${kind.interval}` : kind.type);
  }

  #remove(client: StreamClient): void {
    this.#clients.delete(client);
    for (const name of client.streams) this.#unsubscribe(client, name);
  }

  #onTick(): void {
    const wholeSecond = ++this.#tick % TICKS_PER_SECOND === 0;
    for (const channel of this.#channels.values()) {
      const { kind } = channel.stream;
      const everyMs = kind.type === 'diff' || kind.type === 'partial' ? kind.everyMs : 1000;
      if (everyMs === TICK_MS || wholeSecond) this.#flush(channel);
    }
  }

  /** Sends what a timed stream has to say now. */
  #flush(channel: Channel): void {
    const { core } = this.#context;
    const { symbol, kind } = channel.stream;
    const nowMs = this.#context.nowMs();
    if (kind.type === 'diff') this.#sendIfAny(channel, channel.depth.take());
    else if (kind.type === 'partial' && symbol !== undefined) this.#send(channel, core.depth(symbol, kind.levels));
    else if (kind.type === 'avgPrice' && symbol !== undefined) {
      const { price, closeTime } = core.avgPrice(symbol, nowMs);
      this.#send(channel, { e: 'avgPrice', E: nowMs, s: symbol, i: '5m', w: price, T: closeTime });
    } else if (kind.type === 'ticker' || kind.type === 'miniTicker') this.#flushTickers(channel, symbol, nowMs);
  }

  #flushTickers(channel: Channel, symbol: string | undefined, nowMs: number): void {
    const { core } = this.#context;
    const payload = (of: string): object =>
      channel.stream.kind.type === 'ticker' ? core.tickerPayload(of, nowMs) : core.miniTickerPayload(of, nowMs);
    if (symbol !== undefined) this.#send(channel, payload(symbol));
    else this.#send(channel, core.symbols().map(payload));
  }

  #sendIfAny(channel: Channel, payload: object | undefined): void {
    if (payload !== undefined) this.#send(channel, payload);
  }

  #send({ stream, event, subscribers }: Channel, payload: object): void {
    const subject = { event, symbol: stream.symbol };
    this.#context.gate.pass('stream', stream.name, subject, () => {
      const data = JSON.stringify(payload);
      const wrapped = `{"stream":"${stream.name}","data":${data}}`;
      for (const client of subscribers) client.send(client.combined ? wrapped : data);
    });
  }
}

interface ClientHooks {
  subscribe(name: string): void;
  unsubscribe(name: string): void;
  closed(): void;
}

class StreamClient {
  readonly streams = new Set<string>();
  combined: boolean;
  readonly #socket: LiveSocket;
  readonly #hooks: ClientHooks;
  #frameSecond = 0;
  #frames = 0;

  constructor(ws: WebSocket, ip: string, combined: boolean, { wire, sockets }: StreamContext, hooks: ClientHooks) {
    this.combined = combined;
    this.#hooks = hooks;
    const handlers: SocketHandlers = {
      onMessage: (text) => {
        if (this.#countFrame()) this.#receive(text);
      },
      onControlFrame: () => this.#countFrame(),
      onClose: () => hooks.closed(),
    };
    this.#socket = new LiveSocket(ws, ip, wire, sockets, handlers);
  }

  /** Subscribes to what the URL names. */
  begin(names: readonly string[]): void {
    this.#subscribe(names);
  }

  send(text: string): void {
    this.#socket.send(text);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** "WebSocket connections have a limit of 5 incoming messages per second." False when this frame is one too many. */
  #countFrame(): boolean {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#frameSecond) {
      this.#frameSecond = second;
      this.#frames = 0;
    }
    if (++this.#frames <= MAX_FRAMES_PER_SECOND) return true;
    this.#socket.close(1008, 'Too many requests');
    return false;
  }

  #receive(text: string): void {
    const request = parseStreamRequest(text);
    this.send(JSON.stringify('msg' in request ? request : this.#answer(request)));
  }

  #answer({ method, params, id }: StreamRequest): object {
    if (method === 'LIST_SUBSCRIPTIONS') return { result: [...this.streams], id };
    if (method === 'SET_PROPERTY' || method === 'GET_PROPERTY') return this.#property(method, params, id);
    if (!params.every((name) => typeof name === 'string'))
      return streamError(2, 'Invalid request: params must be a list of stream names', id);
    if (method === 'SUBSCRIBE') {
      return this.#subscribe(params) ? { result: null, id } : streamError(2, 'Invalid request: too many streams', id);
    }
    for (const name of params) if (this.streams.delete(name)) this.#hooks.unsubscribe(name);
    return { result: null, id };
  }

  /** "The only property that can be set is whether combined stream payloads are enabled or not." */
  #property(method: 'SET_PROPERTY' | 'GET_PROPERTY', [name, value]: readonly unknown[], id: unknown): object {
    if (typeof name !== 'string') return streamError(2, 'Invalid request: property name must be a string', id);
    if (name !== 'combined') return streamError(0, 'Unknown property', id);
    if (method === 'GET_PROPERTY') return { result: this.combined, id };
    if (typeof value !== 'boolean') return streamError(1, 'Invalid value type: expected Boolean', id);
    this.combined = value;
    return { result: null, id };
  }

  #subscribe(names: readonly string[]): boolean {
    const fresh = names.filter((name) => !this.streams.has(name));
    if (this.streams.size + fresh.length > MAX_STREAMS) return false;
    for (const name of fresh) {
      this.streams.add(name);
      this.#hooks.subscribe(name);
    }
    return true;
  }
}

interface StreamRequest {
  readonly method: (typeof METHODS)[number];
  readonly params: readonly unknown[];
  readonly id: unknown;
}
interface StreamError {
  readonly code: number;
  readonly msg: string;
  readonly id?: unknown;
}
const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;

const streamError = (code: number, msg: string, id?: unknown): StreamError => (id === undefined ? { code, msg } : { code, msg, id });

/** Binance's messages: web-socket-streams.md, "Error Messages". */
function parseStreamRequest(text: string): StreamRequest | StreamError {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return streamError(3, 'Invalid JSON: expected value at line 1 column 1');
  }
  const { method, params, id }: { method?: unknown; params?: unknown; id?: unknown } =
    typeof frame === 'object' && frame !== null ? frame : {};
  if (method === undefined) return streamError(2, 'Invalid request: missing field `method` at line 1 column 1');
  const known = METHODS.find((each) => each === method);
  if (known === undefined) {
    const expected = METHODS.map((each) => `\`${each}\``).join(', ');
    return streamError(
      2,
      `Invalid request: unknown variant \`${typeof method === 'string' ? method : JSON.stringify(method)}\`, expected one of ${expected} at line 1 column 1`,
    );
  }
  const idFits = id === null || (Number.isSafeInteger(id) as boolean) || (typeof id === 'string' && /^[a-zA-Z0-9]{1,36}$/.test(id));
  if (!idFits) return streamError(2, 'Invalid request: request ID must be an unsigned integer');
  const list: unknown = params ?? [];
  return Array.isArray(list)
    ? { method: known, params: list as unknown[], id }
    : streamError(2, 'Invalid request: params must be a list of stream names', id);
}
