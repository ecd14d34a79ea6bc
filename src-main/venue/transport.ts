// HTTP under the adapter: undici with keep-alive, one request a connection at a time, and a deadline of our own over headers and
// body, because a body that stalls after its headers is covered by no library timeout (BINANCE 2). Never retries, never follows a
// redirect, and its words never hold an address: addresses carry signatures.
import { Pool } from 'undici';
import type { Dispatcher } from 'undici';
import type { SignedRequest } from './wired-ccxt.ts';

export type Lane = 'normal' | 'emergency';

export type HttpReply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
      readonly body: string;
      readonly roundTripMs: number;
    }
  /** `written` is false when no byte of the request left the process: proof that it was never executed. */
  | { readonly kind: 'late' | 'broken'; readonly written: boolean; readonly text: string };

export interface Transport {
  /**
   * Hands the request to an idle connection before it returns; with all of the lane's connections warm it is on the wire within
   * this turn of the event loop. Settles within the deadline, never rejects. While it waits for a connection, `unsent` holds what takes
   * it back: it then never leaves.
   */
  send(request: SignedRequest, lane: Lane, deadlineMs: number, unsent?: Set<() => void>): Promise<HttpReply>;
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly origin: string;
  /** Connections kept for normal traffic, and apart for emergencies: a stop must not queue behind candles. */
  readonly connections: Readonly<Record<Lane, number>>;
}

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 5000;
/** Idle connections live so long if the server does not say less; warm-up calls keep the emergency lane alive. */
const KEEP_ALIVE_MS = 300_000;

export const createTransport = ({ origin, connections }: TransportOptions): Transport => {
  const pool = (count: number): Pool =>
    new Pool(origin, {
      connections: count,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
      connect: { timeout: CONNECT_TIMEOUT_MS },
    });
  const lanes: Readonly<Record<Lane, Pool>> = { normal: pool(connections.normal), emergency: pool(connections.emergency) };
  return {
    send: (request, lane, deadlineMs, unsent) => exchange(lanes[lane], origin, request, deadlineMs, unsent),
    close: async () => {
      await Promise.all([lanes.normal.destroy(), lanes.emergency.destroy()]);
    },
  };
};

const exchange = (
  pool: Pool,
  origin: string,
  { url, method, headers, body }: SignedRequest,
  deadlineMs: number,
  unsent: Set<() => void> | undefined,
): Promise<HttpReply> =>
  new Promise((resolve) => {
    const startedMs = performance.now();
    const chunks: Buffer[] = [];
    let bytes = 0;
    let answer: { status: number; headers: Dispatcher.ResponseData['headers'] } | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    let settled = false;

    const settle = (reply: HttpReply): void => {
      if (settled) return;
      settled = true;
      clearTimeout(deadline);
      unsent?.delete(takeBack);
      resolve(reply);
    };
    const giveUp = (kind: 'late' | 'broken', text: string): void => {
      settle({ kind, written: controller !== undefined, text });
      controller?.abort(new Error(text));
    };
    const takeBack = (): void => giveUp('broken', 'Taken back before it was sent');
    unsent?.add(takeBack);
    const deadline = setTimeout(() => giveUp('late', `No whole answer within ${deadlineMs} ms`), deadlineMs);

    pool.dispatch(
      { path: url.slice(origin.length), method, headers: headers ?? {}, body: body ?? null },
      {
        // Called right before the request's first byte is written. A request that nobody waits for any more must not leave.
        onRequestStart: (started) => {
          unsent?.delete(takeBack);
          if (settled) started.abort(new Error('Too late to be sent'));
          else controller = started;
        },
        onResponseStart: (_controller, status, responseHeaders) => {
          answer = { status, headers: responseHeaders };
        },
        onResponseData: (_controller, chunk) => {
          bytes += chunk.length;
          if (bytes > MAX_BODY_BYTES) giveUp('broken', 'The answer is too large');
          else chunks.push(chunk);
        },
        onResponseEnd: () => {
          if (answer === undefined) return giveUp('broken', 'An answer without a status');
          const text = Buffer.concat(chunks).toString('utf8');
          settle({ kind: 'answer', ...answer, body: text, roundTripMs: performance.now() - startedMs });
        },
        onResponseError: (_controller, error) => giveUp('broken', reasonOf(error)),
      },
    );
  });

/** What the commonest codes mean; another code is named as it is. */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the exchange refuses connections',
  ECONNRESET: 'the exchange broke it off',
  ENOTFOUND: 'its name cannot be resolved',
  EAI_AGAIN: 'its name cannot be resolved now',
  ENETUNREACH: 'there is no network',
  EHOSTUNREACH: 'the exchange cannot be reached',
  ETIMEDOUT: 'there was no answer',
  UND_ERR_SOCKET: 'it was broken off',
  UND_ERR_CONNECT_TIMEOUT: 'there was no answer',
};

/** The system's or undici's code in words; messages may hold addresses. */
const reasonOf = (error: Error): string => {
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? `The connection failed: ${MEANINGS[code] ?? code}` : 'The connection failed';
};
