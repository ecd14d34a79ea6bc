// Requests that are signed while their order still waits for the disk: ccxt's signature costs 15 µs in a loop, but 150 to 200 µs once in a
// while, which is how a trader trades. Nothing leaves from here; what is not taken within its time is forgotten, and nothing is given twice.
import type { RestCall } from './rest.ts';
import type { SignedRequest } from './wired-ccxt.ts';

export interface Signed {
  readonly request: SignedRequest;
  /** Local time of its timestamp. */
  readonly sentAtMs: number;
}

export interface SignedAhead {
  prepare(call: RestCall): void;
  /** The call, signed: ahead if it was prepared in every detail and not long ago, else now. */
  take(call: RestCall): Signed;
}

/** Far within recvWindow: a disk that takes longer has other troubles. */
const FRESH_MS = 1000;
/** More orders than this do not wait for one commit. */
const MOST = 32;

export const createSignedAhead = (sign: (call: RestCall) => SignedRequest, nowMs: () => number): SignedAhead => {
  const ready = new Map<string, Signed>();
  const signed = (call: RestCall): Signed => {
    const sentAtMs = nowMs();
    return { request: sign(call), sentAtMs };
  };
  return {
    prepare: (call) => {
      if (ready.size >= MOST) ready.clear();
      const key = keyOf(call);
      try {
        ready.set(key, signed(call));
      } catch {
        // The send signs for itself, and its failure is told there.
        ready.delete(key);
      }
    },
    take: (call) => {
      if (ready.size === 0) return signed(call);
      const key = keyOf(call);
      const ahead = ready.get(key);
      ready.delete(key);
      const ageMs = ahead === undefined ? Number.POSITIVE_INFINITY : nowMs() - ahead.sentAtMs;
      return ahead !== undefined && ageMs >= 0 && ageMs < FRESH_MS ? ahead : signed(call);
    },
  };
};

const keyOf = ({ api, method, path, params }: RestCall): string => `${api} ${method} ${path} ${JSON.stringify(params)}`;
