// The user stream over the WebSocket API: subscribed by a signed request on each connection. Its silence is normal, so beside pings it
// is watched by what must come: an order that the venue accepted and that the stream never reports proves the stream dead.
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import type { ClientOrderId } from '../../src-shared/domain/ids.ts';
import type { Budget } from './budget.ts';
import type { VenueFailure } from './port.ts';
import { readUserFrame, type FrameReading } from './payloads.ts';
import { createStreamSocket, type StreamOptions, type StreamSocket } from './stream-socket.ts';

/** One request whose success the stream has to report. */
export interface ExpectedReport {
  /** The venue accepted it: from now on the report is due. */
  accepted(): void;
  /** Refused, or its fate is unknown: no report is due. */
  forget(): void;
}

export interface UserStream {
  readonly socket: StreamSocket;
  /** Called before the request leaves, for reports often come before the answer. */
  expectReport(clientOrderId: ClientOrderId): ExpectedReport;
  /** Asks over the subscribed connection and waits for the answer. */
  roundTrip(): Promise<Result<{ readonly roundTripMs: number }, VenueFailure>>;
  close(): void;
}

type Inherited = 'ccxt' | 'nowMs' | 'random' | 'dialAllowedAtMs' | 'timings' | 'onLive' | 'onDown' | 'onAlive';
export interface UserStreamOptions extends Pick<StreamOptions, Inherited> {
  readonly wsApiUrl: string;
  readonly budget: Budget;
  readonly serverNowMs: () => number;
  readonly reportDueMs: number;
  /** -1021: the clock must be measured again. */
  readonly onClockRefusal: () => void;
  readonly onReading: (reading: FrameReading) => void;
}

/** A connection to the WebSocket API weighs 2, the subscription 2 (BINANCE 3). */
const DIAL_WEIGHT = 4;
/** The WebSocket API's `ping`. */
const PING_WEIGHT = 1;
const NO_REPORT = { weight: null, orders10s: null, orders1d: null } as const;

export const createUserStream = (options: UserStreamOptions): UserStream => {
  const { budget, nowMs, serverNowMs } = options;
  const expected = new Map<string, { reported: boolean; due: NodeJS.Timeout | undefined }>();

  const forgetAll = (): void => {
    for (const { due } of expected.values()) clearTimeout(due);
    expected.clear();
  };

  const onReading = (reading: FrameReading): void => {
    if (reading.kind === 'event' && reading.event.kind === 'execution') {
      const entry = expected.get(reading.event.report.clientOrderId);
      if (entry !== undefined) {
        entry.reported = true;
        clearTimeout(entry.due);
      }
    }
    options.onReading(reading);
  };

  const socket = createStreamSocket({
    ...options,
    url: options.wsApiUrl,
    liveOn: 'handshake',
    handshake: async (ask) => {
      const taken = budget.take({ weight: DIAL_WEIGHT, orders: 0 }, 'emergency', nowMs(), serverNowMs());
      if (taken.kind !== 'go')
        return fail({ text: 'The request budget allows no subscription now', code: null, retryAfterMs: taken.retryAtMs });
      const answer = await ask('userDataStream.subscribe.signature', options.ccxt.signParams({}));
      budget.settle(taken.ticket, answer.ok, NO_REPORT, nowMs(), serverNowMs());
      if (answer.ok) return ok(undefined);
      if (answer.error.code === -1021) options.onClockRefusal();
      const retryAtMs = answer.error.retryAfterMs === null ? null : answer.error.retryAfterMs - (serverNowMs() - nowMs());
      if (retryAtMs !== null) budget.hold(retryAtMs);
      return fail({ ...answer.error, retryAfterMs: retryAtMs });
    },
    onFrame: (frame) => onReading(readUserFrame(frame)),
    onDown: (text) => {
      forgetAll();
      options.onDown(text);
    },
  });

  return {
    socket,
    expectReport: (clientOrderId) => {
      const entry: { reported: boolean; due: NodeJS.Timeout | undefined } = { reported: false, due: undefined };
      clearTimeout(expected.get(clientOrderId)?.due);
      expected.set(clientOrderId, entry);
      const forget = (): void => {
        clearTimeout(entry.due);
        if (expected.get(clientOrderId) === entry) expected.delete(clientOrderId);
      };
      return {
        accepted: () => {
          if (entry.reported || !socket.live || expected.get(clientOrderId) !== entry) return forget();
          entry.due = setTimeout(() => {
            if (entry.reported) return forget();
            socket.restart(`The user stream did not report an accepted order within ${options.reportDueMs} ms`);
          }, options.reportDueMs);
        },
        forget,
      };
    },
    roundTrip: async () => {
      if (!socket.live) return fail({ kind: 'unreachable', code: null, text: 'The account stream is not live' });
      const taken = budget.take({ weight: PING_WEIGHT, orders: 0 }, 'normal', nowMs(), serverNowMs());
      if (taken.kind !== 'go') return fail({ kind: 'budget', code: null, text: 'The request budget allows no question now' });
      const askedMs = performance.now();
      const answer = await socket.ask('ping', {});
      budget.settle(taken.ticket, answer.ok, NO_REPORT, nowMs(), serverNowMs());
      if (!answer.ok) return fail({ kind: 'late', code: answer.error.code, text: answer.error.text });
      return ok({ roundTripMs: performance.now() - askedMs });
    },
    close: () => {
      forgetAll();
      socket.close();
    },
  };
};
