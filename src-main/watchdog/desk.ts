// The watchdog's own way to the exchange: a few signed requests over its own connections. No ccxt: a process that stands by all day must
// be small and have little that can break. What an answer proves is venue/errors.ts's; no word from here holds an address or a key.
import { canceledOne, canceledOrders, orders, serverTime } from '../venue/answers.ts';
import { createServerClock, sampleOf } from '../venue/clock.ts';
import { failureOf, readError, verdictOf } from '../venue/errors.ts';
import { signerOf } from '../venue/signer.ts';
import type { Signer } from '../venue/signer.ts';
import { createTransport } from '../venue/transport.ts';
import type { HttpReply, Transport } from '../venue/transport.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { VenueOrder } from '../venue/port.ts';
import type { Arm } from './messages.ts';

/** An open order, as far as a watchdog must know it. */
export interface OpenOrder {
  readonly symbol: string;
  readonly clientOrderId: string;
  /** A stop or a target: on spot a sale of coins that are held, which a position can only shrink by. */
  readonly guards: boolean;
}

export interface DeskFailure {
  readonly text: string;
  /** Nothing may be sent for so long. */
  readonly holdMs: number;
  /** No connection was made at all. */
  readonly refused: boolean;
}

export interface Desk {
  /** Cancels every open order of a symbol; what was cancelled. */
  cancelAll(symbol: string): Promise<Result<readonly OpenOrder[], DeskFailure>>;
  /** Cancels one order, with its list where it is in one; what was cancelled. */
  cancel(order: OpenOrder): Promise<Result<readonly OpenOrder[], DeskFailure>>;
  /** Every open order of the account. */
  openOrders(): Promise<Result<readonly OpenOrder[], DeskFailure>>;
  close(): Promise<void>;
}

const DEADLINE_MS = 2500;
const RECV_WINDOW_MS = 5000;
const CONNECTIONS = 20;
/** Beyond so much of the minute's 6000 it waits for the next minute: a ban would help nobody (BINANCE 3). */
const WEIGHT_CEILING = 5900;
const MINUTE_MS = 60_000;
const DEFAULT_HOLD_MS = { 429: 60_000, 418: 120_000 } as const;

type Method = 'GET' | 'DELETE';
type Query = Readonly<Record<string, string | number>>;

export interface DeskOptions {
  readonly venue: Arm['venue'];
  /** Server time minus local time as the console last knew it, ms. */
  readonly offsetMs: number;
  readonly nowMs: () => number;
}

/** Fails on a key that cannot sign, in words that hold none of it. */
export const createDesk = ({ venue, offsetMs, nowMs }: DeskOptions): Result<Desk, string> => {
  const signer = signerOf({ apiKey: venue.apiKey, secret: venue.secret, kind: venue.signature });
  if (!signer.ok) return signer;
  const origin = new URL(venue.restUrl).origin;
  const transport = createTransport({ origin, connections: { normal: 1, emergency: CONNECTIONS } });
  return ok(new HttpDesk({ venue, origin, signer: signer.value, transport, offsetMs, nowMs }));
};

interface Parts extends DeskOptions {
  readonly origin: string;
  readonly signer: Signer;
  readonly transport: Transport;
}

class HttpDesk implements Desk {
  private readonly parts: Parts;
  private readonly clock;
  private holdUntilMs = 0;

  constructor(parts: Parts) {
    this.parts = parts;
    this.clock = createServerClock(parts.nowMs);
    this.clock.adopt([{ offsetMs: parts.offsetMs, roundTripMs: 0 }]);
  }

  async cancelAll(symbol: string): Promise<Result<readonly OpenOrder[], DeskFailure>> {
    return canceledIn(canceledOrders, await this.ask('DELETE', 'openOrders', { symbol }));
  }

  async cancel({ symbol, clientOrderId }: OpenOrder): Promise<Result<readonly OpenOrder[], DeskFailure>> {
    return canceledIn(canceledOne, await this.ask('DELETE', 'order', { symbol, origClientOrderId: clientOrderId }));
  }

  async openOrders(): Promise<Result<readonly OpenOrder[], DeskFailure>> {
    const reply = await this.ask('GET', 'openOrders', {});
    if (!reply.ok) return reply;
    const read = orders.safeParse(reply.value);
    return read.success ? ok(read.data.map(openOf)) : fail(GARBLED);
  }

  close(): Promise<void> {
    return this.parts.transport.close();
  }

  private async ask(method: Method, path: string, query: Query, again = true): Promise<Result<unknown, Refusal>> {
    const waitMs = this.holdUntilMs - this.parts.nowMs();
    if (waitMs > 0) return fail({ ...HELD, holdMs: waitMs });
    const { restUrl, apiKey } = this.parts.venue;
    const url = `${restUrl}/api/v3/${path}?${this.signed(query)}`;
    const reply = await this.parts.transport.send({ url, method, headers: { 'X-MBX-APIKEY': apiKey } }, 'emergency', DEADLINE_MS);
    const answer = this.judge(reply);
    if (answer.ok || answer.error.verdict !== 'clock' || !again) return answer;
    await this.measureClock();
    return this.ask(method, path, query, false);
  }

  private signed(query: Query): string {
    const params = { ...query, recvWindow: RECV_WINDOW_MS, timestamp: this.clock.nowMs() };
    const text = Object.entries(params)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    return `${text}&signature=${encodeURIComponent(this.parts.signer(Buffer.from(text)))}`;
  }

  private judge(reply: HttpReply): Result<unknown, Refusal> {
    if (reply.kind !== 'answer') return fail({ code: null, verdict: 'unknown', text: reply.text, holdMs: 0, refused: !reply.written });
    this.noteWeight(reply.headers['x-mbx-used-weight-1m']);
    const json = jsonOf(reply.body);
    if (reply.status >= 200 && reply.status < 300) return json === undefined ? fail(GARBLED) : ok(json);
    const error = readError(json);
    const verdict = verdictOf(reply.status, error);
    if (verdict === 'limited') this.hold(reply);
    const holdMs = Math.max(0, this.holdUntilMs - this.parts.nowMs());
    return fail({ code: error.code, verdict, text: failureOf(verdict, reply.status, error).text, holdMs, refused: false });
  }

  private noteWeight(header: string | readonly string[] | undefined): void {
    if (typeof header !== 'string' || !/^\d{1,9}$/.test(header) || Number(header) < WEIGHT_CEILING) return;
    const nowMs = this.parts.nowMs();
    this.holdUntilMs = Math.max(this.holdUntilMs, nowMs + MINUTE_MS - (this.clock.nowMs() % MINUTE_MS));
  }

  private hold({ status, headers }: Extract<HttpReply, { kind: 'answer' }>): void {
    const seconds = headers['retry-after'];
    const named = typeof seconds === 'string' && /^\d{1,9}$/.test(seconds) ? Math.max(1, Number(seconds)) * 1000 : undefined;
    this.holdUntilMs = this.parts.nowMs() + (named ?? DEFAULT_HOLD_MS[status === 418 ? 418 : 429]);
  }

  private async measureClock(): Promise<void> {
    const url = `${this.parts.venue.restUrl}/api/v3/time`;
    const reply = await this.parts.transport.send({ url, method: 'GET' }, 'emergency', DEADLINE_MS);
    const time = reply.kind === 'answer' ? serverTime.safeParse(jsonOf(reply.body)) : undefined;
    if (reply.kind === 'answer' && time?.success === true) this.clock.adopt([sampleOf(time.data, this.parts.nowMs(), reply.roundTripMs)]);
  }
}

interface Refusal extends DeskFailure {
  readonly code: number | null;
  readonly verdict: ReturnType<typeof verdictOf>;
}

/** -2011: nothing of that symbol, or no such order, is open. */
const NOTHING_OPEN = -2011;

const openOf = ({ symbol, clientOrderId, side, venueType, venueListId }: VenueOrder): OpenOrder => ({
  symbol,
  clientOrderId,
  guards: side === 'SELL' && (venueListId !== null || /^(?:STOP_LOSS|TAKE_PROFIT)/.test(venueType)),
});

const canceledIn = (
  schema: typeof canceledOrders | typeof canceledOne,
  reply: Result<unknown, Refusal>,
): Result<readonly OpenOrder[], DeskFailure> => {
  if (!reply.ok) return reply.error.code === NOTHING_OPEN ? ok([]) : reply;
  const read = schema.safeParse(reply.value);
  return read.success ? ok(read.data.map(openOf)) : fail(GARBLED);
};
const GARBLED: Refusal = {
  code: null,
  verdict: 'unknown',
  text: 'The exchange answered something that makes no sense',
  holdMs: 0,
  refused: false,
};
const HELD: Refusal = { ...GARBLED, text: 'The exchange has put all requests on hold' };

const jsonOf = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
};
