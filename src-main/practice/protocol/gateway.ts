// The one way into the exchange for both transports: limits, key, time, signature, permission, parameters, then the operation.
// It must answer every request with Binance's own outcome and never let a request run that failed one of these checks.
import { isSignedBy, type ApiKey, type KeyRing } from './keys.ts';
import type { Operation, SignedOperation, Venue } from './operation.ts';
import { readParams, type RawParams } from './params.ts';
import { Refusal, refusals } from './refusal.ts';
import type { OrderCounts } from './limits.ts';

const DEFAULT_RECV_WINDOW_MS = 5000;
const MAX_RECV_WINDOW_MS = 60_000;
const MAX_AHEAD_MS = 1000;
const RECV_WINDOW = /^[0-9]{1,20}(\.[0-9]{1,3})?$/;
const TIMESTAMP = /^[0-9]{1,20}$/;
/** Anything above is a timestamp in µs (rest-api.md: "in milliseconds or microseconds"). */
const MICROSECONDS_FROM = 1e14;

/** How a signed request proves who sent it. `payload` is the exact text that was signed. */
export type Proof =
  | { readonly kind: 'signature'; readonly apiKey: string | undefined; readonly payload: () => string }
  /** A WS-API session that has logged on: the timestamp is still checked. */
  | { readonly kind: 'session'; readonly key: ApiKey };

export interface GatewayRequest {
  readonly operation: Operation;
  readonly raw: RawParams;
  readonly ip: string;
  readonly proof: Proof;
}

export interface Outcome {
  /** The answer's body, or the refusal. */
  readonly result: unknown;
  /** Set when the answer carries unfilled order counts. */
  readonly orderCounts?: OrderCounts;
  readonly accountId?: string;
}

export class Gateway {
  readonly venue: Venue;
  readonly #keys: KeyRing;
  readonly #onBroken: (error: unknown) => void;

  /** `onBroken` hears of exceptions: a bug in the exchange, which its clients see as a 500. */
  constructor(venue: Venue, keys: KeyRing, onBroken: (error: unknown) => void) {
    this.venue = venue;
    this.#keys = keys;
    this.#onBroken = onBroken;
  }

  execute(request: GatewayRequest): Outcome {
    const { operation, raw, ip } = request;
    const weight = typeof operation.weight === 'number' ? operation.weight : operation.weight(raw);
    const limited = this.venue.limits.admit(ip, weight, this.venue.nowMs());
    if (limited !== undefined) return { result: limited };
    try {
      return operation.security === 'NONE' ? { result: this.#runPublic(operation, raw) } : this.#runSigned(operation, request, weight);
    } catch (error) {
      this.#onBroken(error);
      return { result: new Refusal(500, -1000, 'An unknown error occurred while processing the request.') };
    }
  }

  /** Checks key, time and signature of a signed request. Refuses with -1021, -1022, -1102, -1131, -2014, -2015. */
  authenticate(raw: RawParams, proof: Proof): ApiKey | Refusal {
    const apiKey = proof.kind === 'session' ? proof.key.apiKey : proof.apiKey;
    if (apiKey === undefined || !this.#keys.isWellFormed(apiKey)) return refusals.badKeyFormat();
    const untimely = this.#checkTime(raw);
    if (proof.kind === 'session') return untimely ?? proof.key;
    const signature = raw.get('signature');
    if (raw.get('timestamp') !== undefined && signature === undefined) return refusals.mandatory('signature');
    const key = this.#keys.find(apiKey);
    if (key === undefined) return refusals.badKey();
    if (untimely !== undefined) return untimely;
    return signature !== undefined && isSignedBy(key, proof.payload(), signature) ? key : refusals.badSignature();
  }

  #runPublic(operation: Operation & { security: 'NONE' }, raw: RawParams): unknown {
    const values = readParams(operation.specs, raw);
    return values instanceof Refusal ? values : operation.run(this.venue, values);
  }

  #runSigned(operation: SignedOperation, { raw, ip, proof }: GatewayRequest, weight: number): Outcome {
    const key = this.authenticate(raw, proof);
    if (key instanceof Refusal) return { result: key };
    if (!(operation.security === 'TRADE' ? key.permissions.trading : key.permissions.reading)) return { result: refusals.badKey() };
    const values = readParams(operation.specs, raw);
    if (values instanceof Refusal) return { result: values };
    const result = operation.run(this.venue, values, key);
    const { limits } = this.venue;
    const nowMs = this.venue.nowMs();
    const { accountId } = key;
    if (result instanceof Refusal) return { result, accountId };
    if (operation.freeOnSuccess) limits.refund(ip, weight, nowMs);
    return operation.countsOrders ? { result, accountId, orderCounts: limits.orderCounts(accountId, nowMs) } : { result, accountId };
  }

  /** "timestamp < serverTime + 1 s && serverTime - timestamp <= recvWindow" (rest-api.md, Timing security). */
  #checkTime(raw: RawParams): Refusal | undefined {
    const text = raw.get('timestamp');
    if (text === undefined || text === '') return refusals.mandatory('timestamp');
    if (!TIMESTAMP.test(text)) return refusals.illegalChars('timestamp', '^[0-9]{1,20}$');
    const windowText = raw.get('recvWindow');
    if (windowText !== undefined && !RECV_WINDOW.test(windowText)) {
      return refusals.illegalChars('recvWindow', '^[0-9]{1,20}(\\.[0-9]{1,3})?$');
    }
    const recvWindowMs = windowText === undefined ? DEFAULT_RECV_WINDOW_MS : Number(windowText);
    if (recvWindowMs > MAX_RECV_WINDOW_MS) return refusals.badRecvWindow();
    const sent = Number(text);
    const sentMs = sent > MICROSECONDS_FROM ? sent / 1000 : sent;
    const serverMs = this.venue.nowMs();
    if (sentMs >= serverMs + MAX_AHEAD_MS) return refusals.aheadOfServer();
    return serverMs - sentMs > recvWindowMs ? refusals.outsideRecvWindow() : undefined;
  }
}
