// The market streams by name: what each one carries, how often, and how a run of depth updates becomes one.
// A channel must never lose a level or break the U…u chain when it merges.
import { KLINE_INTERVALS, type CoreEvent, type DepthUpdatePayload, type Exchange, type KlineInterval } from '../core/types.ts';

/** What a stream name asks for. */
export type StreamKind =
  | { readonly type: 'trade' | 'aggTrade' | 'bookTicker' }
  | { readonly type: 'kline'; readonly interval: KlineInterval }
  | { readonly type: 'diff'; readonly everyMs: 100 | 1000 }
  | { readonly type: 'partial'; readonly levels: 5 | 10 | 20; readonly everyMs: 100 | 1000 }
  | { readonly type: 'miniTicker' | 'ticker' | 'avgPrice' };

export interface StreamName {
  readonly name: string;
  /** undefined: all symbols (`!miniTicker@arr`, `!ticker@arr`). */
  readonly symbol: string | undefined;
  readonly kind: StreamKind;
}

const KINDS: ReadonlyMap<string, StreamKind> = new Map<string, StreamKind>([
  ['trade', { type: 'trade' }],
  ['aggTrade', { type: 'aggTrade' }],
  ['bookTicker', { type: 'bookTicker' }],
  ['miniTicker', { type: 'miniTicker' }],
  ['ticker', { type: 'ticker' }],
  ['avgPrice', { type: 'avgPrice' }],
  ['depth', { type: 'diff', everyMs: 1000 }],
  ['depth@1000ms', { type: 'diff', everyMs: 1000 }],
  ['depth@100ms', { type: 'diff', everyMs: 100 }],
  ...([5, 10, 20] as const).flatMap((levels): [string, StreamKind][] => [
    [`depth${levels}`, { type: 'partial', levels, everyMs: 1000 }],
    [`depth${levels}@1000ms`, { type: 'partial', levels, everyMs: 1000 }],
    [`depth${levels}@100ms`, { type: 'partial', levels, everyMs: 100 }],
  ]),
  ...KLINE_INTERVALS.map((interval): [string, StreamKind] => [`kline_${interval}`, { type: 'kline', interval }]),
]);

const ALL_SYMBOLS: ReadonlyMap<string, StreamKind> = new Map<string, StreamKind>([
  ['!miniTicker@arr', { type: 'miniTicker' }],
  ['!ticker@arr', { type: 'ticker' }],
]);

/** What `name` asks for, or undefined: Binance accepts a subscription to a stream that does not exist, and stays silent. */
export function parseStreamName(name: string, core: Exchange): StreamName | undefined {
  const everything = ALL_SYMBOLS.get(name);
  if (everything !== undefined) return { name, symbol: undefined, kind: everything };
  const at = name.indexOf('@');
  const symbol = name.slice(0, at).toUpperCase();
  const kind = KINDS.get(name.slice(at + 1));
  const lowerCase = name.slice(0, at) === symbol.toLowerCase();
  return at > 0 && lowerCase && kind !== undefined && core.hasSymbol(symbol) ? { name, symbol, kind } : undefined;
}

/** The event name that fault rules match: Binance's `e`, or a name for the payloads that have none. */
export function eventName({ kind, symbol }: StreamName): string {
  switch (kind.type) {
    case 'diff':
      return 'depthUpdate';
    case 'partial':
      return 'depth';
    case 'miniTicker':
      return symbol === undefined ? '24hrMiniTicker@arr' : '24hrMiniTicker';
    case 'ticker':
      return symbol === undefined ? '24hrTicker@arr' : '24hrTicker';
    default:
      return kind.type;
  }
}

/** Depth updates merged until the stream's next tick: the newest quantity of every level, from the first U to the last u. */
export class MergedDepth {
  readonly #bids = new Map<string, string>();
  readonly #asks = new Map<string, string>();
  #first: DepthUpdatePayload | undefined;
  #last: DepthUpdatePayload | undefined;

  add(update: DepthUpdatePayload): void {
    this.#first ??= update;
    this.#last = update;
    for (const [price, qty] of update.b) this.#bids.set(price, qty);
    for (const [price, qty] of update.a) this.#asks.set(price, qty);
  }

  /** What has come since the last take, as one update. */
  take(): DepthUpdatePayload | undefined {
    if (this.#first === undefined || this.#last === undefined) return undefined;
    const merged = { ...this.#last, U: this.#first.U, b: [...this.#bids], a: [...this.#asks] };
    this.#first = this.#last = undefined;
    this.#bids.clear();
    this.#asks.clear();
    return merged;
  }
}

/** The stream key of a core event within its symbol; undefined for what market streams do not carry. */
export function streamKey(event: CoreEvent): string | undefined {
  switch (event.kind) {
    case 'trade':
    case 'aggTrade':
    case 'bookTicker':
      return event.kind;
    case 'kline':
      return `kline_${event.payload.k.i}`;
    case 'depth':
    case 'user':
      return undefined;
  }
}
