// What arrives on the streams, read strictly: a frame is understood whole or not used at all. These run for every frame, so they are
// written by hand; a field that is missing or of the wrong kind ends the reading. They must never throw out of `read…Frame`.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, SymbolId, TradeId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { isDecimalText, type DecimalText } from '../../src-shared/domain/money.ts';
import type { Side } from '../../src-shared/domain/order.ts';
import type { ExecutionReport, VenueEvent, VenueFill, VenueOrderStatus } from './port.ts';

/** What the frame makes known; `nothing` for frames that say nothing to us. */
export type FrameReading =
  | { readonly kind: 'event'; readonly event: VenueEvent }
  | { readonly kind: 'nothing' }
  /** The venue is about to end this stream: dial again. */
  | { readonly kind: 'ending'; readonly text: string }
  | { readonly kind: 'garbled'; readonly text: string };

const NOTHING: FrameReading = { kind: 'nothing' };
const of = (event: VenueEvent): FrameReading => ({ kind: 'event', event });

class Garbled extends Error {}
const garble = (what: string): never => {
  throw new Garbled(what);
};

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : garble('not an object');

/** Own fields only: a payload must not be able to speak through a prototype. */
const own = (fields: Fields, name: string): unknown => (Object.hasOwn(fields, name) ? fields[name] : undefined);

const text = (fields: Fields, name: string): string => {
  const value = own(fields, name);
  return typeof value === 'string' && value.length <= 64 ? value : garble(`field ${name} is no text`);
};
const named = (fields: Fields, name: string): string => {
  const value = text(fields, name);
  return value === '' ? garble(`field ${name} is empty`) : value;
};
const decimal = (fields: Fields, name: string): DecimalText => {
  const value = own(fields, name);
  return isDecimalText(value) ? value : garble(`field ${name} is no decimal`);
};
const amount = (fields: Fields, name: string): DecimalText => {
  const value = decimal(fields, name);
  return value.startsWith('-') ? garble(`field ${name} is negative`) : value;
};
const positive = (fields: Fields, name: string): DecimalText => {
  const value = amount(fields, name);
  return isZero(value) ? garble(`field ${name} is zero`) : value;
};
const isZero = (value: DecimalText): boolean => !/[1-9]/.test(value);
const time = (fields: Fields, name: string): number => {
  const value = own(fields, name);
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : garble(`field ${name} is no time`);
};
/** ccxt hands numbers of 15 digits and more over as text. */
const id = (fields: Fields, name: string): string => {
  const value = own(fields, name);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  return typeof value === 'string' && /^\d{1,20}$/.test(value) ? value : garble(`field ${name} is no id`);
};
const flag = (fields: Fields, name: string): boolean => {
  const value = own(fields, name);
  return typeof value === 'boolean' ? value : garble(`field ${name} is no flag`);
};
const list = (fields: Fields, name: string, maxLength: number): readonly unknown[] => {
  const value = own(fields, name);
  return Array.isArray(value) && value.length <= maxLength ? (value as readonly unknown[]) : garble(`field ${name} is no list`);
};
const oneOf = <T extends string>(fields: Fields, name: string, allowed: ReadonlySet<T>): T => {
  const value = own(fields, name);
  return (allowed as ReadonlySet<unknown>).has(value) ? (value as T) : garble(`field ${name} has an unknown value`);
};

const SIDES: ReadonlySet<Side> = new Set<Side>(['BUY', 'SELL']);
const EXECUTIONS: ReadonlySet<ExecutionReport['execution']> = new Set<ExecutionReport['execution']>([
  'NEW', 'CANCELED', 'REPLACED', 'REJECTED', 'TRADE', 'EXPIRED', 'TRADE_PREVENTION',
]); // prettier-ignore

/** Binance's order statuses in ours. PENDING_CANCEL is listed by Binance as unused. */
const STATUSES: ReadonlyMap<string, VenueOrderStatus> = new Map<string, VenueOrderStatus>([
  ['NEW', 'NEW'],
  ['PENDING_NEW', 'PENDING_NEW'],
  ['PENDING_CANCEL', 'NEW'],
  ['PARTIALLY_FILLED', 'PARTIALLY_FILLED'],
  ['FILLED', 'FILLED'],
  ['CANCELED', 'CANCELED'],
  ['REJECTED', 'REJECTED'],
  ['EXPIRED', 'EXPIRED'],
  ['EXPIRED_IN_MATCH', 'EXPIRED'],
]);

/** Our word for Binance's order status, or undefined for one that nobody knows. */
export const orderStatusOf = (binance: string): VenueOrderStatus | undefined => STATUSES.get(binance);

const guarded = (read: () => FrameReading): FrameReading => {
  try {
    return read();
  } catch (error) {
    if (error instanceof Garbled) return { kind: 'garbled', text: error.message };
    throw error;
  }
};

/** A frame of the user stream: `{subscriptionId, event}`, or the event by itself. Answers to requests are not for here. */
export const readUserFrame = (frame: unknown): FrameReading =>
  guarded(() => {
    const outer = fieldsOf(frame);
    const event = Object.hasOwn(outer, 'event') ? fieldsOf(own(outer, 'event')) : outer;
    switch (text(event, 'e')) {
      case 'executionReport':
        return of({ kind: 'execution', report: readExecution(event) });
      case 'outboundAccountPosition':
        return of(readBalances(event));
      case 'balanceUpdate':
        return of(readMove(event));
      case 'eventStreamTerminated':
        return { kind: 'ending', text: 'The venue ended the user stream' };
      case 'serverShutdown':
        return { kind: 'ending', text: 'The venue is about to shut this connection down' };
      // Order lists show in the reports of their orders; an external lock shows in the account position that follows it.
      case 'listStatus':
      case 'externalLockUpdate':
        return NOTHING;
      default:
        return { kind: 'garbled', text: 'an event of an unknown kind' };
    }
  });

/** d is there for trailing stops alone; 0 is no distance. */
const trailing = (event: Fields): number | null => {
  const value = own(event, 'd');
  if (value === undefined) return null;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) return garble('field d is no distance');
  return value === 0 ? null : value;
};

/** g is -1 for an order in no list. */
const listNumber = (event: Fields): string | null => (own(event, 'g') === -1 ? null : id(event, 'g'));

/** Why it was rejected, else why it expired (as OCO_TRIGGER: the other leg of its pair worked). Empty where neither. */
const reasonOf = (event: Fields): string => {
  const rejected = text(event, 'r');
  if (rejected !== 'NONE') return rejected;
  return own(event, 'eR') === undefined ? '' : text(event, 'eR');
};

const readExecution = (event: Fields): ExecutionReport => {
  const execution = oneOf(event, 'x', EXECUTIONS);
  const status = orderStatusOf(text(event, 'X')) ?? garble('field X has an unknown value');
  // On a cancel C is the order's own client id and c the cancel's (BINANCE 2).
  const original = text(event, 'C');
  const clientOrderId = original === '' ? named(event, 'c') : original;
  return {
    clientOrderId,
    order: {
      clientOrderId,
      venueOrderId: id(event, 'i') as VenueOrderId,
      symbol: named(event, 's') as SymbolId,
      side: oneOf(event, 'S', SIDES),
      venueType: named(event, 'o'),
      timeInForce: named(event, 'f'),
      qty: amount(event, 'q'),
      price: amount(event, 'p'),
      stopPrice: amount(event, 'P'),
      trailingDeltaBps: trailing(event),
      venueListId: listNumber(event),
      filledQty: amount(event, 'z'),
      status,
      timeMs: time(event, 'T'),
    },
    execution,
    fill: execution === 'TRADE' ? readFill(event) : null,
    reason: reasonOf(event),
    eventTimeMs: time(event, 'E'),
  };
};

const readFill = (event: Fields): VenueFill => {
  const fee = amount(event, 'n');
  // N is null where no fee was taken: then the asset does not matter, and USDT needs no conversion.
  const feeAsset = own(event, 'N') === null && isZero(fee) ? 'USDT' : named(event, 'N');
  return {
    tradeId: id(event, 't') as TradeId,
    price: positive(event, 'L'),
    qty: positive(event, 'l'),
    fee,
    feeAsset: feeAsset as AssetId,
    maker: flag(event, 'm'),
    timeMs: time(event, 'T'),
  };
};

const readBalances = (event: Fields): VenueEvent => ({
  kind: 'balances',
  entries: list(event, 'B', 2000).map((entry) => {
    const fields = fieldsOf(entry);
    return { asset: named(fields, 'a') as AssetId, free: amount(fields, 'f'), locked: amount(fields, 'l') };
  }),
  venueTimeMs: time(event, 'E'),
});

const readMove = (event: Fields): VenueEvent => ({
  kind: 'balance-moved',
  asset: named(event, 'a') as AssetId,
  delta: decimal(event, 'd'),
  venueTimeMs: time(event, 'E'),
});

/**
 * A frame of the market stream. `symbols` are those that were asked for: anything else is garbled. Partial depth names no symbol of
 * its own, so it is understood only inside a combined frame, `{stream, data}`.
 */
export const readMarketFrame = (frame: unknown, symbols: ReadonlySet<string>): FrameReading =>
  guarded(() => {
    const outer = fieldsOf(frame);
    const stream = Object.hasOwn(outer, 'stream') ? text(outer, 'stream') : '';
    const event = stream === '' ? outer : fieldsOf(own(outer, 'data'));
    if (Object.hasOwn(event, 'e')) return readMarketEvent(event, symbols);
    if (Object.hasOwn(event, 'lastUpdateId')) return of(readDepth(event, symbolOf(stream, symbols)));
    return readQuote(event, known(event, symbols));
  });

const known = (event: Fields, symbols: ReadonlySet<string>): SymbolId => {
  const symbol = text(event, 's');
  return symbols.has(symbol) ? (symbol as SymbolId) : garble('a symbol that was not asked for');
};

const symbolOf = (stream: string, symbols: ReadonlySet<string>): SymbolId => {
  const symbol = stream.slice(0, stream.indexOf('@')).toUpperCase();
  return symbols.has(symbol) ? (symbol as SymbolId) : garble('a symbol that was not asked for');
};

const readMarketEvent = (event: Fields, symbols: ReadonlySet<string>): FrameReading => {
  switch (text(event, 'e')) {
    case 'trade':
      return of({ kind: 'trade', symbol: known(event, symbols), price: positive(event, 'p') });
    case 'kline':
      return of(readCandle(fieldsOf(own(event, 'k')), known(event, symbols)));
    case 'bookTicker':
      return readQuote(event, known(event, symbols));
    case 'serverShutdown':
      return { kind: 'ending', text: 'The venue is about to shut this connection down' };
    default:
      return { kind: 'garbled', text: 'an event of an unknown kind' };
  }
};

const readQuote = (event: Fields, symbol: SymbolId): FrameReading => {
  const bid = amount(event, 'b');
  const ask = amount(event, 'a');
  // An empty side has price 0: no quote then, and the last one ages until openings are refused (C11).
  if (isZero(bid) || isZero(ask)) return NOTHING;
  if (new Decimal(bid).greaterThan(ask)) return garble('the bid is above the ask');
  return of({ kind: 'quote', symbol, bid, ask });
};

const readCandle = (k: Fields, symbol: SymbolId): VenueEvent => ({
  kind: 'candle',
  candle: {
    symbol,
    interval: named(k, 'i'),
    openTimeMs: time(k, 't'),
    open: positive(k, 'o'),
    high: positive(k, 'h'),
    low: positive(k, 'l'),
    close: positive(k, 'c'),
    volume: amount(k, 'v'),
    closed: flag(k, 'x'),
  },
});

const readDepth = (event: Fields, symbol: SymbolId): VenueEvent => ({
  kind: 'depth',
  depth: { symbol, bids: list(event, 'bids', 5000).map(readLevel), asks: list(event, 'asks', 5000).map(readLevel) },
});

const readLevel = (level: unknown): readonly [DecimalText, DecimalText] => {
  const [price, qty]: readonly unknown[] = Array.isArray(level) ? (level as readonly unknown[]) : [];
  return isDecimalText(price) && isDecimalText(qty) ? [price, qty] : garble('a level of the book is no pair of decimals');
};
