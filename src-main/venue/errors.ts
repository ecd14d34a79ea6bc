// What a Binance answer proves about a request: that it was not executed, that it may have been, or what became of the order.
// Decided by Binance's own code alone (BINANCE 4, errors.md of binance-spot-api-docs); what the table does not know is unknown.
import type { VenueFailure } from './port.ts';

/** Binance's code and message, or nulls where the body held neither. */
export interface BinanceError {
  readonly code: number | null;
  readonly msg: string;
}

export type Verdict =
  /** Proof that the request was not executed. */
  | 'refused'
  /** 429, 418, -1003, -1015: not executed, and nothing else may be sent for a while. */
  | 'limited'
  /** The timestamp was outside the window: not executed; measure the clock again. */
  | 'clock'
  /** An order with this client id is open: the first send got through. */
  | 'duplicate'
  /** The order to cancel is not open (any more). */
  | 'not-open'
  /** A cancel-replace that failed in one half or in both: what each half proves is in the answer's `data`. */
  | 'halves'
  /** No such order; soon after a send this proves nothing, for queries lag. */
  | 'absent'
  /** May have been executed. */
  | 'unknown';

const VERDICTS: ReadonlyMap<number, Verdict> = new Map<number, Verdict>([
  [-1000, 'unknown'], // UNKNOWN: an unknown error while processing
  [-1001, 'unknown'], // DISCONNECTED: internal error
  [-1006, 'unknown'], // UNEXPECTED_RESP: execution status unknown
  [-1007, 'unknown'], // TIMEOUT: execution status unknown
  [-1008, 'unknown'], // SERVER_BUSY
  [-1002, 'refused'], // UNAUTHORIZED
  [-1003, 'limited'], // TOO_MANY_REQUESTS
  [-1010, 'refused'], // ERROR_MSG_RECEIVED: the matching engine refused
  [-1013, 'refused'], // INVALID_MESSAGE: did not reach the matching engine (filters)
  [-1014, 'refused'], // UNKNOWN_ORDER_COMPOSITION
  [-1015, 'limited'], // TOO_MANY_ORDERS
  [-1016, 'refused'], // SERVICE_SHUTTING_DOWN
  [-1020, 'refused'], // UNSUPPORTED_OPERATION
  [-1021, 'clock'], // INVALID_TIMESTAMP
  [-1022, 'refused'], // INVALID_SIGNATURE
  [-2010, 'refused'], // NEW_ORDER_REJECTED
  [-2011, 'not-open'], // CANCEL_REJECTED
  [-2013, 'absent'], // NO_SUCH_ORDER
  [-2014, 'refused'], // BAD_API_KEY_FMT
  [-2015, 'refused'], // REJECTED_MBX_KEY
  [-2021, 'halves'], // cancel-replace partially failed
  [-2022, 'halves'], // cancel-replace failed
  [-2026, 'absent'], // ORDER_ARCHIVED: ended 90 days ago with nothing executed
]);

const MATCHING_REFUSALS: ReadonlySet<number> = new Set([-1010, -2010]);

/** 11xx are faults of the request itself: malformed, and refused before anything was done with it. */
const isRequestIssue = (code: number): boolean => code <= -1100 && code >= -1199;

/**
 * What an answer that is not a 2xx proves. A 5xx proves nothing, whatever its body says; 429 and 418 prove that nothing was done.
 */
export const verdictOf = (status: number, { code, msg }: BinanceError): Verdict => {
  if (status === 429 || status === 418) return 'limited';
  if (status >= 500 || code === null) return 'unknown';
  if (MATCHING_REFUSALS.has(code) && msg.startsWith('Duplicate order sent')) return 'duplicate';
  return VERDICTS.get(code) ?? (isRequestIssue(code) ? 'refused' : 'unknown');
};

/** The code and message in an answer's body; never throws. */
export const readError = (json: unknown): BinanceError => {
  if (typeof json !== 'object' || json === null) return { code: null, msg: '' };
  const { code, msg }: { code?: unknown; msg?: unknown } = json;
  return {
    code: typeof code === 'number' && Number.isSafeInteger(code) ? code : null,
    msg: typeof msg === 'string' ? msg.slice(0, 300) : '',
  };
};

/** The failure of a call that only asked, or of one whose refusal is proven. */
export const failureOf = (verdict: Verdict, status: number, { code, msg }: BinanceError): VenueFailure => {
  const text = msg === '' ? `Binance answered ${status}` : msg;
  if (verdict === 'limited') return { kind: 'held', code, text };
  if (verdict === 'unknown') return { kind: code === -1006 || code === -1007 ? 'late' : 'unreachable', code, text };
  return { kind: 'refused', code, text };
};

/** Takes everything secret out of a text that is about to leave the adapter (REQUIREMENTS L2, Q12). */
export type Scrub = (text: string) => string;

const SECRET_PARAMETER = /\b(signature|listenKey|listenToken|apiKey)(["']?\s*[=:]\s*["']?)[^&\s"',}]+/gi;

/** A scrubber that knows the secrets of one adapter. Texts shorter than 6 characters are taken for no secret. */
export const scrubberOf = (secrets: readonly string[]): Scrub => {
  const known = secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]).filter((secret) => secret.length >= 6);
  return (text) => known.reduce((clean, secret) => clean.replaceAll(secret, '***'), text).replace(SECRET_PARAMETER, '$1$2***');
};
