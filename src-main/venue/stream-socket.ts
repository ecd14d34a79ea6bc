// One stream connection kept alive for good: dial, handshake, watch, and dial again with back-off when it is lost, silent, ended by
// the venue or old. The socket itself is ccxt's; when to give it up is decided here, because ccxt redials without a pause, waits for
// ever on a request that gets no answer, and hangs after eventStreamTerminated (BINANCE 2). Never more than one live socket.
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import { AT_ONCE_EVERY_MS, waitBeforeDialMs } from './backoff.ts';
import type { CcxtSocket, Params, SocketHooks, WiredCcxt } from './wired-ccxt.ts';

/** Asks over the socket and waits for the answer with the same id. The error is a text that may be shown. */
export type Ask = (method: string, params: Params | readonly string[]) => Promise<Result<unknown, StreamRefusal>>;

export interface StreamRefusal {
  readonly text: string;
  readonly code: number | null;
  /** Venue clock: nothing may be sent before (WS-API limits). */
  readonly retryAfterMs: number | null;
}

export interface StreamTimings {
  /** From dial to handshake, and for each question over the socket. */
  readonly answerMs: number;
  /** Without a data frame for so long the stream is taken for dead; null where silence is normal. */
  readonly maxSilenceMs: number | null;
  /** A connection is renewed before the venue ends it at 24 h. */
  readonly renewAfterMs: number;
}

export interface StreamOptions {
  readonly url: string;
  readonly ccxt: WiredCcxt;
  readonly timings: StreamTimings;
  readonly nowMs: () => number;
  /** In [0, 1), for the jitter. */
  readonly random: () => number;
  /** The local time before which no dial is allowed, or 0: a hold of the venue's. */
  readonly dialAllowedAtMs: () => number;
  /** Subscribes. The stream is live when it succeeds, or (`firstFrame`) when data arrives after that. */
  readonly handshake: (ask: Ask) => Promise<Result<void, StreamRefusal>>;
  readonly liveOn: 'handshake' | 'first-frame';
  /** A frame that is no answer to a question. */
  readonly onFrame: (frame: unknown) => void;
  readonly onLive: () => void;
  readonly onDown: (text: string) => void;
  /** A frame, a ping or a pong. */
  readonly onAlive: () => void;
}

export interface StreamSocket {
  start(): void;
  readonly live: boolean;
  ask: Ask;
  /** Gives the connection up and dials again: at once if it had held for a while. */
  restart(reason: string): void;
  /** Must be told of every event on the instance's sockets; those of others are ignored. */
  readonly events: SocketHooks;
  readonly dials: number;
  close(): void;
}

const WATCH_EVERY_MS = 250;
const NOT_CONNECTED: StreamRefusal = { text: 'The stream is not connected', code: null, retryAfterMs: null };

interface Question {
  readonly answer: (result: Result<unknown, StreamRefusal>) => void;
  readonly deadline: NodeJS.Timeout;
}

export const createStreamSocket = (options: StreamOptions): StreamSocket => {
  const { ccxt, timings, nowMs } = options;
  const questions = new Map<number, Question>();
  let current: CcxtSocket | undefined;
  let phase: 'idle' | 'waiting' | 'dialing' | 'subscribed' | 'live' | 'closed' = 'idle';
  let failures = 0;
  let dials = 0;
  let questionId = 0;
  let dialTimer: NodeJS.Timeout | undefined;
  let watchTimer: NodeJS.Timeout | undefined;
  let dialedAtMs = 0;
  let dialedAtOnceMs = 0;
  let liveSinceMs = 0;
  let lastFrameMs = 0;
  let notBeforeMs = 0;

  const dial = (): void => {
    phase = 'dialing';
    dials += 1;
    dialedAtMs = nowMs();
    const socket = ccxt.socket(options.url);
    current = socket;
    socket.connect(0).catch(() => lost(socket, 'The connection failed'));
  };

  const heard = (socket: CcxtSocket): void => {
    if (socket === current) options.onAlive();
  };

  const redial = (): void => {
    phase = 'waiting';
    const earliestMs = Math.max(notBeforeMs, options.dialAllowedAtMs()) - nowMs();
    const waitMs = Math.max(waitBeforeDialMs(failures, options.random()), earliestMs, 0);
    dialTimer = setTimeout(dial, waitMs);
  };

  /** The one way down: the socket is cut, every question fails, and the next dial is set. */
  const lost = (socket: CcxtSocket, text: string): void => {
    if (socket !== current || phase === 'closed') return;
    const mayDialAtOnce = phase === 'live' && nowMs() - dialedAtOnceMs >= AT_ONCE_EVERY_MS;
    failures = mayDialAtOnce ? 0 : failures + 1;
    if (mayDialAtOnce) dialedAtOnceMs = nowMs();
    abandon(text);
    options.onDown(text);
    redial();
  };

  const abandon = (text: string): void => {
    const socket = current;
    current = undefined;
    if (socket !== undefined) ccxt.drop(socket);
    for (const { answer, deadline } of questions.values()) {
      clearTimeout(deadline);
      answer(fail({ text, code: null, retryAfterMs: null }));
    }
    questions.clear();
  };

  const ask: Ask = (method, params) =>
    new Promise((resolve) => {
      const socket = current;
      if (socket === undefined || phase === 'dialing') return resolve(fail(NOT_CONNECTED));
      const id = ++questionId;
      const deadline = setTimeout(() => {
        questions.delete(id);
        resolve(fail({ text: `The venue did not answer ${method} within ${timings.answerMs} ms`, code: null, retryAfterMs: null }));
      }, timings.answerMs);
      questions.set(id, { answer: resolve, deadline });
      socket.send({ id, method, params }).catch(() => lost(socket, 'The connection broke while sending'));
    });

  const open = async (socket: CcxtSocket): Promise<void> => {
    if (socket !== current) return;
    phase = 'subscribed';
    lastFrameMs = nowMs();
    const result = await options.handshake(ask);
    if (socket !== current) return;
    if (!result.ok) {
      notBeforeMs = result.error.retryAfterMs ?? 0;
      return lost(socket, result.error.text);
    }
    if (options.liveOn === 'handshake') goLive();
  };

  const goLive = (): void => {
    if (phase !== 'subscribed') return;
    phase = 'live';
    liveSinceMs = nowMs();
    options.onLive();
  };

  const frame = (socket: CcxtSocket, message: unknown): void => {
    if (socket !== current) return;
    lastFrameMs = nowMs();
    options.onAlive();
    if (answerOf(message)) return;
    if (options.liveOn === 'first-frame') goLive();
    options.onFrame(message);
  };

  /** Takes a frame that answers a question; an answer that nobody waits for is not data either. */
  const answerOf = (message: unknown): boolean => {
    if (typeof message !== 'object' || message === null || !Object.hasOwn(message, 'id')) return false;
    const { id, error, result }: { id?: unknown; error?: unknown; result?: unknown } = message;
    const question = typeof id === 'number' ? questions.get(id) : undefined;
    if (question === undefined || typeof id !== 'number') return true;
    questions.delete(id);
    clearTimeout(question.deadline);
    question.answer(error === undefined ? ok(result) : fail(refusalOf(error)));
    return true;
  };

  const watch = (): void => {
    const socket = current;
    if (socket === undefined) return;
    const now = nowMs();
    if (phase === 'dialing' && now - dialedAtMs > timings.answerMs) lost(socket, 'The connection was not made in time');
    else if (phase === 'dialing') return;
    else if (timings.maxSilenceMs !== null && now - lastFrameMs > timings.maxSilenceMs)
      lost(socket, `No data for ${timings.maxSilenceMs} ms`);
    else if (phase === 'live' && now - liveSinceMs > timings.renewAfterMs) lost(socket, 'Renewed before the venue ends it after 24 h');
  };

  return {
    start: () => {
      if (phase !== 'idle') return;
      watchTimer = setInterval(watch, WATCH_EVERY_MS);
      redial();
    },
    get live() {
      return phase === 'live';
    },
    get dials() {
      return dials;
    },
    ask,
    restart: (reason) => {
      if (current !== undefined) lost(current, reason);
    },
    events: {
      open: (socket) => void open(socket),
      frame,
      heard,
      down: lost,
    },
    close: () => {
      phase = 'closed';
      clearTimeout(dialTimer);
      clearInterval(watchTimer);
      abandon('The stream was closed');
    },
  };
};

const refusalOf = (error: unknown): StreamRefusal => {
  const { code, msg, data }: { code?: unknown; msg?: unknown; data?: unknown } = typeof error === 'object' && error !== null ? error : {};
  const { retryAfter }: { retryAfter?: unknown } = typeof data === 'object' && data !== null ? data : {};
  return {
    text: typeof msg === 'string' ? msg.slice(0, 300) : 'The venue refused',
    code: typeof code === 'number' ? code : null,
    retryAfterMs: typeof retryAfter === 'number' && Number.isSafeInteger(retryAfter) ? retryAfter : null,
  };
};
