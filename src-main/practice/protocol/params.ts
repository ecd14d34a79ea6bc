// Request parameters as Binance reads them: declared once per operation, checked for syntax and presence, handed on typed.
// What a value means to the market (filters, balances) is the core's business and must not be judged here.
import { KLINE_INTERVALS } from '../core/types.ts';
import { Refusal, refusals } from './refusal.ts';

/** One way to read a raw parameter text. */
export interface Param<T, M extends boolean = boolean> {
  readonly mandatory: M;
  parse(name: string, raw: string): T | Refusal;
}
export type ParamSpecs = Readonly<Record<string, Param<unknown>>>;

/** The typed values that an operation with these specs gets: mandatory ones are there, the others may be. */
export type ParamValues<S extends ParamSpecs> = {
  readonly [K in keyof S as S[K] extends Param<unknown, true> ? K : never]: S[K] extends Param<infer T> ? T : never;
} & {
  readonly [K in keyof S as S[K] extends Param<unknown, true> ? never : K]?: S[K] extends Param<infer T> ? T : never;
};

/** Raw parameters in the order they came. The WS-API's JSON values are texts by now. */
export type RawParams = ReadonlyMap<string, string>;

const SYMBOL = /^[A-Z0-9\-._]{1,50}$/;
const SYMBOL_RANGE = '^[\\w\\-._&&[^a-z]]{1,50}$';
const DECIMAL = /^([0-9]{1,20})(\.[0-9]{1,20})?$/;
const DECIMAL_RANGE = '^([0-9]{1,20})(\\.[0-9]{1,20})?$';
const LONG = /^[0-9]{1,20}$/;
const LONG_RANGE = '^[0-9]{1,20}$';
const CLIENT_ID = /^[a-zA-Z0-9-_]{1,36}$/;
const CLIENT_ID_RANGE = '^[a-zA-Z0-9-_]{1,36}$';
/** Every asset of the practice exchange has eight decimals (exchangeInfo baseAssetPrecision, quotePrecision). */
const MAX_DECIMALS = 8;

type Parse<T> = (name: string, raw: string) => T | Refusal;

const parseSymbol: Parse<string> = (name, raw) => (SYMBOL.test(raw) ? raw : refusals.illegalChars(name, SYMBOL_RANGE));

const parseDecimal: Parse<string> = (name, raw) => {
  if (!DECIMAL.test(raw)) return refusals.illegalChars(name, DECIMAL_RANGE);
  const point = raw.indexOf('.');
  return point >= 0 && raw.length - point - 1 > MAX_DECIMALS && /[1-9]/.test(raw.slice(point + 1 + MAX_DECIMALS))
    ? refusals.tooPrecise(name)
    : raw;
};

/** Ids, times and counts: whole numbers that fit a double exactly. */
const parseLong: Parse<number> = (name, raw) => {
  if (!LONG.test(raw)) return refusals.illegalChars(name, LONG_RANGE);
  const value = Number(raw);
  return Number.isSafeInteger(value) ? value : refusals.overflow(name);
};

/** How many rows: at least one. */
const parseCount: Parse<number> = (name, raw) => {
  const value = parseLong(name, raw);
  return value instanceof Refusal || value > 0 ? value : refusals.invalidData(name);
};

/** A time: ms, or (as Binance allows) µs, which we cut to ms. */
const parseTime: Parse<number> = (name, raw) => {
  const value = parseLong(name, raw);
  return value instanceof Refusal ? value : value > 1e14 ? Math.floor(value / 1000) : value;
};

const parseClientId: Parse<string> = (name, raw) => (CLIENT_ID.test(raw) ? raw : refusals.illegalChars(name, CLIENT_ID_RANGE));

const parseBoolean: Parse<boolean> = (name, raw) => {
  const lower = raw.toLowerCase();
  return lower === 'true' ? true : lower === 'false' ? false : refusals.invalidData(name);
};

const parseStrategyType: Parse<number> = (name, raw) => {
  const value = parseLong(name, raw);
  return value instanceof Refusal || value >= 1_000_000 ? value : refusals.badStrategyType();
};

/** A JSON array of symbols, as REST's `symbols=["A","B"]`. */
const parseSymbols: Parse<readonly string[]> = (name, raw) => {
  const parsed = parseJsonTexts(name, raw);
  if (parsed instanceof Refusal) return parsed;
  if (parsed.length === 0) return refusals.invalidData(name);
  for (const symbol of parsed) if (!SYMBOL.test(symbol)) return refusals.illegalChars(name, SYMBOL_RANGE);
  return new Set(parsed).size === parsed.length ? parsed : refusals.duplicateSymbols();
};

/** A JSON array of texts, or one bare text (exchangeInfo's `permissions`). */
const parseTexts: Parse<readonly string[]> = (name, raw) => (raw.startsWith('[') ? parseJsonTexts(name, raw) : [raw]);

function parseJsonTexts(name: string, raw: string): readonly string[] | Refusal {
  let value: unknown;
  try {
    value = JSON.parse(raw);
  } catch {
    return refusals.badJsonParam(name);
  }
  return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : refusals.invalidData(name);
}

/** The text must be one of these; otherwise `refusal` (Binance has an own code for most enums), else -1130. */
function parseEnum<T extends string>(values: readonly T[], refusal?: () => Refusal): Parse<T> {
  const known = new Map<string, T>(values.map((value) => [value, value]));
  return (name, raw) => known.get(raw) ?? (refusal === undefined ? refusals.invalidData(name) : refusal());
}

export const SIDES = ['BUY', 'SELL'] as const;
export const ORDER_TYPES = ['LIMIT', 'MARKET', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT', 'LIMIT_MAKER'] as const;
export const TIMES_IN_FORCE = ['GTC', 'IOC', 'FOK'] as const;
export const STP_MODES = ['NONE', 'EXPIRE_MAKER', 'EXPIRE_TAKER', 'EXPIRE_BOTH'] as const;
export const RESPONSE_TYPES = ['ACK', 'RESULT', 'FULL'] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

const parsers = {
  symbol: parseSymbol,
  symbols: parseSymbols,
  decimal: parseDecimal,
  long: parseLong,
  count: parseCount,
  time: parseTime,
  clientId: parseClientId,
  boolean: parseBoolean,
  text: ((_name, raw) => raw) as Parse<string>,
  texts: parseTexts,
  strategyType: parseStrategyType,
  side: parseEnum(SIDES, refusals.badSide),
  orderType: parseEnum(ORDER_TYPES, refusals.badOrderType),
  timeInForce: parseEnum(TIMES_IN_FORCE, refusals.badTimeInForce),
  stpMode: parseEnum(STP_MODES),
  responseType: parseEnum(RESPONSE_TYPES),
  interval: parseEnum(KLINE_INTERVALS, refusals.badInterval),
  tickerType: parseEnum(['FULL', 'MINI'] as const, refusals.badTickerType),
  symbolStatus: parseEnum(['TRADING', 'HALT', 'BREAK'] as const),
  cancelRestrictions: parseEnum(['ONLY_NEW', 'ONLY_PARTIALLY_FILLED'] as const, refusals.badCancelRestrictions),
  cancelReplaceMode: parseEnum(['STOP_ON_FAILURE', 'ALLOW_FAILURE'] as const),
  orderRateLimitExceededMode: parseEnum(['DO_NOTHING', 'CANCEL_ONLY'] as const),
} as const;
type Parsers = typeof parsers;
type Parsed<K extends keyof Parsers> = Exclude<ReturnType<Parsers[K]>, Refusal>;
type ParamSet<M extends boolean> = { readonly [K in keyof Parsers]: Param<Parsed<K>, M> };

function paramSet<M extends boolean>(mandatory: M): ParamSet<M> {
  const entries = Object.entries(parsers).map(([kind, parse]) => [kind, { mandatory, parse }]);
  return Object.fromEntries(entries) as ParamSet<M>;
}

/** Parameters that must be sent. */
export const need = paramSet(true);
/** Parameters that may be sent. */
export const may = paramSet(false);

/** Sent with every signed request; the gateway reads them, no operation declares them. */
const ENVELOPE = new Set(['timestamp', 'recvWindow', 'signature', 'apiKey', 'returnRateLimits']);

/**
 * Reads `raw` by `specs`. Refuses with -1102 (missing), -1105 (empty), -1100/-1108/-1111/-1115…-1139 (malformed) and,
 * for a parameter that nobody reads, -1104 (or -1101 where the operation takes none at all).
 */
export function readParams<S extends ParamSpecs>(specs: S, raw: RawParams): ParamValues<S> | Refusal {
  const values: Record<string, unknown> = {};
  let read = 0;
  for (const name in specs) {
    const spec = specs[name];
    if (spec === undefined) continue;
    const text = raw.get(name);
    if (text === undefined) {
      if (spec.mandatory) return refusals.mandatory(name);
      continue;
    }
    read++;
    if (text === '') return refusals.empty(name);
    const value = spec.parse(name, text);
    if (value instanceof Refusal) return value;
    values[name] = value;
  }
  const unread = read === raw.size ? undefined : refuseUnread(specs, raw, read);
  return unread ?? (values as ParamValues<S>);
}

function refuseUnread(specs: ParamSpecs, raw: RawParams, read: number): Refusal | undefined {
  let known = read;
  for (const name of raw.keys()) if (ENVELOPE.has(name)) known++;
  if (known === raw.size) return undefined;
  return Object.keys(specs).length === 0 && known === 0 ? refusals.tooManyParams(0, raw.size) : refusals.unread(known, raw.size);
}
