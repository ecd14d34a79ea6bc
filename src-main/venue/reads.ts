// What the adapter only asks for: instruments, account, open orders, trades, candles, permissions. Every answer is parsed whole or
// given back as a failure; there is no default for a number that the venue did not say.
import { ZodError } from 'zod';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { fail, ok, type Result } from '../../src-shared/errors/result.ts';
import * as answers from './answers.ts';
import type { Budget } from './budget.ts';
import { SPOT_LIMITS } from './budget.ts';
import type { ServerClock } from './clock.ts';
import { exchangeInfo, instrumentOf, type Fees, type SymbolRow } from './filters.ts';
import type { Venue, VenueFailure } from './port.ts';
import { requests } from './requests.ts';
import { parsed, type Rest } from './rest.ts';
import { tradesOf, tradesSince } from './trades.ts';

export type Reads = Pick<
  Venue,
  'instruments' | 'account' | 'openOrders' | 'orderOf' | 'tradesSince' | 'tradesOf' | 'candles' | 'permissions'
>;

export interface ReadOptions {
  readonly rest: Rest;
  readonly clock: ServerClock;
  readonly budget: Budget;
  readonly hasSapi: boolean;
}

export const createReads = ({ rest, clock, budget, hasSapi }: ReadOptions): Reads => ({
  instruments: async (symbols) => {
    const found = await listed(rest, symbols);
    if (!found.ok) return found;
    const info = parsed(exchangeInfo, found.value.json);
    const limits = parsed(answers.rateLimits, found.value.json);
    if (!info.ok) return info;
    if (!limits.ok) return limits;
    budget.setLimits({ ...SPOT_LIMITS, ...limits.value });
    const rows = found.value.symbols.map((symbol) => info.value.symbols.find((row) => row.symbol === symbol));
    return allOk(await Promise.all(rows.map((row, index) => instrument(rest, row, found.value.symbols[index]))));
  },
  account: (priority) => rest.read(requests.account(priority), answers.account),
  openOrders: (symbol, priority) => rest.read(requests.openOrders(symbol, priority), answers.orders),
  orderOf: (symbol, venueOrderId) => rest.read(requests.orderById(symbol, venueOrderId), answers.order),
  tradesSince: (symbol, sinceMs) => tradesSince(rest, symbol, sinceMs, clock.nowMs()),
  tradesOf: (symbol, venueOrderId) => tradesOf(rest, symbol, venueOrderId),
  candles: (symbol, interval, limit) =>
    rest.read(requests.klines(symbol, interval, limit), answers.candlesOf(symbol, interval, clock.nowMs())),
  permissions: async () => {
    if (!hasSapi) {
      const account = await rest.read(requests.account('normal'), answers.account);
      return account.ok ? ok({ canTrade: account.value.canTrade, canWithdraw: null }) : account;
    }
    const rights = await rest.read(requests.apiRestrictions(), answers.apiRestrictions);
    return rights.ok ? ok({ canTrade: rights.value.enableSpotAndMarginTrading, canWithdraw: rights.value.enableWithdrawals }) : rights;
  },
});

const INVALID_SYMBOL = -1121;

interface Listed {
  readonly symbols: readonly SymbolId[];
  readonly json: unknown;
}

/**
 * The rules of those symbols that the venue lists. One unknown name makes Binance refuse the whole question (-1121): then each is asked
 * for by itself, and what the venue does not list is left out. None listed is a failure.
 */
const listed = async (rest: Rest, symbols: readonly SymbolId[]): Promise<Result<Listed, VenueFailure>> => {
  const outcome = await rest.call(requests.exchangeInfo(symbols));
  if (outcome.kind === 'answered') return ok({ symbols, json: outcome.json });
  if (outcome.failure.code !== INVALID_SYMBOL || symbols.length === 1) return fail(outcome.failure);
  const known: SymbolId[] = [];
  for (const symbol of symbols) {
    const one = await rest.call(requests.exchangeInfo([symbol]));
    if (one.kind === 'answered') known.push(symbol);
    else if (one.failure.code !== INVALID_SYMBOL) return fail(one.failure);
  }
  return known.length === 0 ? fail(outcome.failure) : listed(rest, known);
};

const instrument = async (
  rest: Rest,
  row: SymbolRow | undefined,
  symbol: SymbolId | undefined,
): Promise<Result<Instrument, VenueFailure>> => {
  if (row === undefined || symbol === undefined) return fail(garbled(`The venue does not know ${symbol ?? 'a symbol'}`));
  const fees = await rest.read(requests.commission(symbol), answers.commission);
  return fees.ok ? readInstrument(row, fees.value) : fees;
};

const readInstrument = (row: SymbolRow, fees: Fees): Result<Instrument, VenueFailure> => {
  try {
    return ok(instrumentOf(row, fees));
  } catch (error) {
    if (error instanceof ZodError)
      return fail(garbled(`A filter of ${row.symbol} makes no sense (at ${error.issues[0]?.path.join('.') ?? ''})`));
    throw error;
  }
};

const garbled = (text: string): VenueFailure => ({ kind: 'garbled', code: null, text });

const allOk = <T>(results: readonly Result<T, VenueFailure>[]): Result<readonly T[], VenueFailure> => {
  const values: T[] = [];
  for (const result of results) {
    if (!result.ok) return result;
    values.push(result.value);
  }
  return ok(values);
};
