// What takes alerts somewhere else: webhook or mail. It must say what went wrong in words of its own: an address with a token in it, a
// password or what a stranger's server answered is never part of them.
import type { Result } from '../../src-shared/errors/result.ts';
import type { DatedAlert } from './message.ts';

export interface CarryFailure {
  readonly text: string;
  /** `again`: it may pass by itself. `final`: trying again changes nothing. `unset`: it has nowhere to go, and nobody asked for more. */
  readonly kind: 'again' | 'final' | 'unset';
  /** The other side asked for this pause, ms. */
  readonly waitMs?: number;
}

export interface Carrier {
  /** Takes them away in one message, or says why not; it gives up when the signal says so, and never rejects. */
  carry(alerts: readonly DatedAlert[], signal: AbortSignal): Promise<Result<void, CarryFailure>>;
}

/** What the operating system's and TLS's codes mean to a person. */
const MEANING: readonly (readonly [RegExp, string])[] = [
  [/^ECONNREFUSED$/, 'nobody listens there'],
  [/^(?:ENOTFOUND|EAI_AGAIN|EDNS)$/, 'its name is not known here'],
  [/^(?:ECONNRESET|EPIPE|UND_ERR_SOCKET|ECONNECTION|ESOCKET)$/, 'the connection broke'],
  [/^(?:ETIMEDOUT|UND_ERR_\w*TIMEOUT)$/, 'it did not answer in time'],
  [/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/, 'its certificate is not trusted'],
  [/^(?:EHOSTUNREACH|ENETUNREACH)$/, 'there is no way to it'],
];

/** The code of an error or of what caused it, as `ECONNREFUSED`; empty when there is none. */
export const codeOf = (error: unknown): string => {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1)
    if ('code' in at && typeof at.code === 'string') return at.code;
  return '';
};

/** What went wrong, from the code alone: an error's own words may quote an address. */
export const meaningOf = (code: string): string =>
  MEANING.find(([pattern]) => pattern.test(code))?.[1] ?? `it cannot be reached${code === '' ? '' : ` (${code})`}`;
