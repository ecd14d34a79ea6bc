// A bare Binance client for the practice exchange's tests: signs, sends, listens, and hides nothing of what came back.
// It has no retries and no defaults of its own, so that a test sees the exchange and not a library.
import { createHmac } from 'node:crypto';
import { Agent, request, type Dispatcher } from 'undici';
import WebSocket from 'ws';
import type { PracticeAddresses, TestKey } from '../../src-main/practice/practice.ts';

/** Where an exchange is, and a key to it. */
export type Practice = PracticeAddresses & { readonly key: TestKey };

export type Params = Readonly<Record<string, string | number>>;
export type Json = Readonly<Record<string, unknown>>;
type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The answer's JSON object. */
export const json = (answer: Answer): Json => JSON.parse(answer.text) as Json;
export const list = (answer: Answer): readonly Json[] => JSON.parse(answer.text) as readonly Json[];

/** Sorts texts. */
export const byText = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

export const queryOf = (params: Params): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`)
    .join('&');

/** Signs a text: hex for HMAC, base64 for the others. */
export type Sign = (payload: string) => string;
export const hmac =
  (secret: string): Sign =>
  (payload) =>
    createHmac('sha256', secret).update(payload).digest('hex');

export class RestClient {
  readonly #dispatcher: Agent;
  readonly #url: string;
  readonly #apiKey: string;
  readonly #sign: Sign;

  /** `from`: the loopback address to call from; limits count per address. */
  constructor(practice: Practice, options: { apiKey?: string; sign?: Sign; from?: string } = {}) {
    this.#url = practice.restUrl;
    this.#apiKey = options.apiKey ?? practice.key.apiKey;
    this.#sign = options.sign ?? hmac(practice.key.secret);
    this.#dispatcher = new Agent({ pipelining: 1, ...(options.from === undefined ? {} : { localAddress: options.from }) });
  }

  /** An unsigned request. */
  open(method: Method, path: string, params: Params = {}): Promise<Answer> {
    const query = queryOf(params);
    return this.raw(method, query === '' ? path : `${path}?${query}`);
  }

  /** A signed request with the time of now, unless `params` has a timestamp. */
  signed(method: Method, path: string, params: Params = {}): Promise<Answer> {
    const query = queryOf({ timestamp: Date.now(), ...params });
    return this.raw(method, `${path}?${query}&signature=${encodeURIComponent(this.#sign(query))}`, { 'X-MBX-APIKEY': this.#apiKey });
  }

  order(params: Params): Promise<Answer> {
    return this.signed('POST', '/api/v3/order', params);
  }

  async raw(method: Method, target: string, headers: Record<string, string> = {}, body?: string): Promise<Answer> {
    const options: { dispatcher: Dispatcher; method: Method; headers: Record<string, string>; body: string | null } = {
      dispatcher: this.#dispatcher,
      method,
      headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
      body: body ?? null,
    };
    const answer = await request(this.#url + target, options);
    return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }
}

/** A socket that keeps what it got, and lets a test wait for what it wants. */
export class Listener {
  readonly messages: Json[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly #waiting = new Set<(message: Json) => void>();

  constructor(url: string, options: WebSocket.ClientOptions = {}) {
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...options });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => resolve({ code, reason: String(reason) }));
      this.socket.on('error', () => this.socket.terminate());
    });
    this.socket.on('message', (data) => {
      const message = JSON.parse(String(data as Buffer)) as Json;
      this.messages.push(message);
      for (const look of this.#waiting) look(message);
    });
  }

  static async open(url: string, options: WebSocket.ClientOptions = {}): Promise<Listener> {
    const listener = new Listener(url, options);
    await new Promise<void>((resolve, reject) => {
      listener.socket.once('open', resolve);
      listener.socket.once('error', reject);
    });
    return listener;
  }

  send(frame: unknown): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The first message that fits, past or future. Rejects after `patienceMs`, saying what was awaited. */
  next(what: string, fits: (message: Json) => boolean, patienceMs = 10_000): Promise<Json> {
    return new Promise((resolve, reject) => {
      const settle = (found: Json): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const look = (message: Json): void => {
        if (fits(message)) settle(message);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no ${what} within ${patienceMs} ms among ${this.messages.length} messages`));
      }, patienceMs);
      this.#waiting.add(look);
      const past = this.messages.find(fits);
      if (past !== undefined) settle(past);
    });
  }

  /** The first `count` messages that fit, past and future. */
  async many(what: string, count: number, fits: (message: Json) => boolean): Promise<readonly Json[]> {
    let found = 0;
    await this.next(`${count} × ${what}`, (message) => fits(message) && ++found >= count);
    return this.messages.filter(fits);
  }

  close(): Promise<unknown> {
    this.socket.close();
    return this.closed;
  }
}

/** The WS-API, one request at a time or many. */
export class WsApiClient {
  readonly listener: Listener;
  readonly #apiKey: string;
  readonly #sign: Sign;
  #nextId = 1;

  private constructor(listener: Listener, apiKey: string, sign: Sign) {
    this.listener = listener;
    this.#apiKey = apiKey;
    this.#sign = sign;
  }

  static async open(practice: Practice, options: { apiKey?: string; sign?: Sign; query?: string } = {}): Promise<WsApiClient> {
    const listener = await Listener.open(practice.wsApiUrl + (options.query ?? ''));
    return new WsApiClient(listener, options.apiKey ?? practice.key.apiKey, options.sign ?? hmac(practice.key.secret));
  }

  call(method: string, params: Json = {}): Promise<Json> {
    const id = this.#nextId++;
    this.listener.send({ id, method, params });
    return this.listener.next(`answer to ${method}`, (message) => message['id'] === id);
  }

  signed(method: string, params: Params = {}): Promise<Json> {
    const all: Params = { apiKey: this.#apiKey, timestamp: Date.now(), ...params };
    const payload = Object.keys(all)
      .sort()
      .map((name) => `${name}=${String(all[name])}`)
      .join('&');
    return this.call(method, { ...all, signature: this.#sign(payload) });
  }

  async subscribeUser(): Promise<number> {
    const answer = await this.signed('userDataStream.subscribe.signature');
    return (answer['result'] as { subscriptionId: number }).subscriptionId;
  }

  /** User events so far, without their envelope. */
  events(name?: string): readonly Json[] {
    const events = this.listener.messages.filter((message) => 'event' in message).map((message) => message['event'] as Json);
    return name === undefined ? events : events.filter((event) => event['e'] === name);
  }

  async event(what: string, fits: (event: Json) => boolean): Promise<Json> {
    const message = await this.listener.next(what, (each) => 'event' in each && fits(each['event'] as Json));
    return message['event'] as Json;
  }

  close(): Promise<unknown> {
    return this.listener.close();
  }
}
