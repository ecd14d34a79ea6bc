// Who may use the kill switch: a signature over the whole request, fresh and used once (REQUIREMENTS F). Whatever is wrong, the same work
// is done and one verdict given, so that neither an answer nor its time tells an outsider how close a guess came.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';

export interface SignedRequest {
  readonly method: string;
  /** As it stands in the request line, query included. */
  readonly path: string;
  readonly body: Buffer;
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  readonly nonce: string | undefined;
}

/** The signature's clock may be this far from ours, either way. */
export const WINDOW_MS = 30_000;

const SIGNATURE = /^[0-9a-f]{64}$/i;
const NONCE = /^[A-Za-z0-9_-]{16,64}$/;
/** Unix time in seconds (`date +%s` of any shell) or in milliseconds. */
const TIMESTAMP = /^(?:\d{10}|\d{13})$/;

/**
 * HMAC-SHA256 over method, path, body, timestamp and nonce, joined by line feeds. Only the body may hold a line feed itself, and it
 * stands between fields that cannot, so that no two requests have the same text.
 */
const digestOf = (secret: string, { method, path, body, timestamp, nonce }: Omit<SignedRequest, 'signature'>): Buffer =>
  createHmac('sha256', secret)
    .update(`${method}\n${path}\n`)
    .update(body)
    .update(`\n${timestamp ?? ''}\n${nonce ?? ''}`)
    .digest();

/** When it was signed and with which nonce, if that is proven; else, for the audit alone, what is wrong. The nonce's first use is not judged here. */
export const judgeSignature = (
  request: SignedRequest,
  secret: string,
  nowMs: number,
): Result<{ readonly signedAtMs: number; readonly nonce: string }, string> => {
  const { signature = '', timestamp = '', nonce = '' } = request;
  const isWellFormed = SIGNATURE.test(signature) && TIMESTAMP.test(timestamp) && NONCE.test(nonce);
  const given = Buffer.alloc(32);
  given.write(SIGNATURE.test(signature) ? signature : '', 'hex');
  const isSigned = timingSafeEqual(digestOf(secret, request), given);
  const signedAtMs = timestamp.length === 10 ? Number(timestamp) * 1000 : Number(timestamp);
  const isFresh = Math.abs(nowMs - signedAtMs) <= WINDOW_MS;
  if (!isWellFormed) return fail('a header is missing or malformed');
  if (!isSigned) return fail('the signature does not fit');
  return isFresh ? ok({ signedAtMs, nonce }) : fail(`signed more than ${WINDOW_MS / 1000} s away from this clock`);
};
