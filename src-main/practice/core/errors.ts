// Binance's refusals, word for word (binance-spot-api-docs, errors.md). Must never invent a code.
import type { ApiError, Result } from './types.ts';

export function refuse(code: number, msg: string): { readonly ok: false; readonly error: ApiError } {
  return { ok: false, error: { code, msg } };
}

export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

export const REFUSAL = {
  badSymbol: { code: -1121, msg: 'Invalid symbol.' },
  marketClosed: { code: -2010, msg: 'Market is closed.' },
  balance: { code: -2010, msg: 'Account has insufficient balance for requested action.' },
  duplicate: { code: -2010, msg: 'Duplicate order sent.' },
  wouldTake: { code: -2010, msg: 'Order would immediately match and take.' },
  wouldTrigger: { code: -2010, msg: 'Order would trigger immediately.' },
  iceberg: { code: -2010, msg: 'Iceberg orders are not supported for this symbol.' },
  ocoPrices: { code: -2010, msg: 'The relationship of the prices for the orders is not correct.' },
  noLiquidity: { code: -2010, msg: 'Order book liquidity is less than LOT_SIZE filter minimum quantity.' },
  unknownOrder: { code: -2011, msg: 'Unknown order sent.' },
  cancelRestricted: { code: -2011, msg: 'Order was not canceled due to cancel restrictions.' },
  noSuchOrder: { code: -2013, msg: 'Order does not exist.' },
  clientIdMismatch: { code: -2039, msg: 'Client order ID is not correct for this order ID.' },
  noSuchList: { code: -2018, msg: 'Order list does not exist.' },
  unsupported: { code: -2010, msg: 'Unsupported order combination' },
  ocoType: { code: -1158, msg: 'Order type not supported in OCO.' },
  buyOcoLimit: { code: -1165, msg: 'A limit order in a buy OCO must be below.' },
  sellOcoLimit: { code: -1166, msg: 'A limit order in a sell OCO must be above.' },
  buyOcoStop: { code: -1196, msg: 'A stop loss order in a buy OCO must be above.' },
  sellOcoStop: { code: -1197, msg: 'A stop loss order in a sell OCO must be below.' },
  buyOcoProfit: { code: -1198, msg: 'A take profit order in a buy OCO must be below.' },
  sellOcoProfit: { code: -1199, msg: 'A take profit order in a sell OCO must be above.' },
  ocoBothLimit: { code: -1168, msg: 'At least one OCO order must be contingent.' },
  badCombination: { code: -1128, msg: 'Combination of optional parameters invalid.' },
  badQuantity: { code: -1013, msg: 'Invalid quantity.' },
  badPrice: { code: -1013, msg: 'Invalid price.' },
  badStrategyType: { code: -1134, msg: 'strategyType was less than 1000000.' },
} as const satisfies Record<string, ApiError>;

export function refusal(error: ApiError): { readonly ok: false; readonly error: ApiError } {
  return { ok: false, error };
}

export function filterFailure(filter: string): { readonly ok: false; readonly error: ApiError } {
  return refuse(-1013, `Filter failure: ${filter}`);
}

export function missing(name: string): { readonly ok: false; readonly error: ApiError } {
  return refuse(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
}

export function missingEither(a: string, b: string): { readonly ok: false; readonly error: ApiError } {
  return refuse(-1102, `Param '${a}' or '${b}' must be sent, but both were empty/null!`);
}

export function notRequired(name: string): { readonly ok: false; readonly error: ApiError } {
  return refuse(-1106, `Parameter '${name}' sent when not required.`);
}
