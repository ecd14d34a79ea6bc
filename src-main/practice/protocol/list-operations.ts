// Order lists: OCO, OTO, OTOCO, their cancel and their queries (rest-api.md, "Order lists").
// A list's parameters are its legs' parameters with a prefix; here the prefixes are put on and taken off, nothing else.
import type { NewOco, NewOto, NewOtoco, OrderLeg, PlacedOrderList, Side } from '../core/types.ts';
import { answer, counted, signedOperation } from './operation.ts';
import { rows } from './market-operations.ts';
import { may, need, type ParamSpecs, type ResponseType } from './params.ts';
import { Refusal, refusals } from './refusal.ts';
import { placedAs } from './trading-operations.ts';

const LIST = { freeOnSuccess: true, countsOrders: true };
const DAY_MS = 86_400_000;

const listSpecs = {
  symbol: need.symbol,
  listClientOrderId: may.clientId,
  newOrderRespType: may.responseType,
  selfTradePreventionMode: may.stpMode,
};

const LEG_FIELDS = {
  type: need.orderType,
  clientOrderId: may.clientId,
  icebergQty: may.decimal,
  price: may.decimal,
  stopPrice: may.decimal,
  trailingDelta: may.long,
  timeInForce: may.timeInForce,
  strategyId: may.long,
  strategyType: may.strategyType,
} as const;
const LEG_NAMES = Object.keys(LEG_FIELDS);

const prefixed = (prefix: string, name: string): string => prefix + name.charAt(0).toUpperCase() + name.slice(1);

/** A leg's parameters under its prefix: `aboveType`, `abovePrice`… */
function legSpecs(prefix: string): ParamSpecs {
  return Object.fromEntries(Object.entries(LEG_FIELDS).map(([name, spec]) => [prefixed(prefix, name), spec]));
}

/** The leg under `prefix`. What it holds was parsed by legSpecs, so the shape is known. */
function leg(values: object, prefix: string): OrderLeg {
  const read: Record<string, unknown> = {};
  for (const name of LEG_NAMES) {
    const value: unknown = Reflect.get(values, prefixed(prefix, name));
    if (value !== undefined) read[name] = value;
  }
  return read as unknown as OrderLeg;
}

type ListValues = {
  readonly symbol: string;
  readonly listClientOrderId?: string;
  readonly selfTradePreventionMode?: NewOco['selfTradePreventionMode'] & string;
  readonly newOrderRespType?: ResponseType;
};

function listBase(p: ListValues): Pick<NewOco, 'symbol' | 'listClientOrderId' | 'selfTradePreventionMode'> {
  return {
    symbol: p.symbol,
    ...(p.listClientOrderId === undefined ? {} : { listClientOrderId: p.listClientOrderId }),
    ...(p.selfTradePreventionMode === undefined ? {} : { selfTradePreventionMode: p.selfTradePreventionMode }),
  };
}

function listAs(list: PlacedOrderList | Refusal, format: ResponseType | undefined): unknown {
  if (list instanceof Refusal) return list;
  return { ...list, orderReports: list.orderReports.map((order) => placedAs(order, format ?? 'RESULT')) };
}

const ocoSpecs = { ...listSpecs, side: need.side, quantity: need.decimal };
export const placeOco = signedOperation(
  'TRADE',
  1,
  { ...legSpecs('above'), ...legSpecs('below'), ...ocoSpecs },
  (venue, p, caller) => {
    const values = p as typeof p & ListValues & { readonly side: Side; readonly quantity: string };
    const { side, quantity } = values;
    const list: NewOco = { ...listBase(values), side, quantity, above: leg(p, 'above'), below: leg(p, 'below') };
    const placed = counted(venue, caller, 2, () => venue.core.placeOco(caller.accountId, list, venue.nowMs()));
    return listAs(placed, values.newOrderRespType);
  },
  LIST,
);

/** `prefix` + Side and Quantity. */
const sidedSpecs = (prefix: string): ParamSpecs => ({ [`${prefix}Side`]: need.side, [`${prefix}Quantity`]: need.decimal });

function sided(values: object, prefix: string): { readonly side: Side; readonly quantity: string } {
  return { side: Reflect.get(values, `${prefix}Side`) as Side, quantity: Reflect.get(values, `${prefix}Quantity`) as string };
}

export const placeOto = signedOperation(
  'TRADE',
  1,
  { ...legSpecs('working'), ...sidedSpecs('working'), ...legSpecs('pending'), ...sidedSpecs('pending'), ...listSpecs },
  (venue, p, caller) => {
    const values = p as typeof p & ListValues;
    const list: NewOto = {
      ...listBase(values),
      working: { ...leg(p, 'working'), ...sided(p, 'working') },
      pending: { ...leg(p, 'pending'), ...sided(p, 'pending') },
    };
    const placed = counted(venue, caller, 2, () => venue.core.placeOto(caller.accountId, list, venue.nowMs()));
    return listAs(placed, values.newOrderRespType);
  },
  LIST,
);

const otocoSpecs = {
  ...legSpecs('working'),
  ...sidedSpecs('working'),
  ...sidedSpecs('pending'),
  ...legSpecs('pendingAbove'),
  ...legSpecs('pendingBelow'),
  ...listSpecs,
};
export const placeOtoco = signedOperation(
  'TRADE',
  1,
  otocoSpecs,
  (venue, p, caller) => {
    const values = p as typeof p & ListValues;
    const pending = sided(p, 'pending');
    const list: NewOtoco = {
      ...listBase(values),
      working: { ...leg(p, 'working'), ...sided(p, 'working') },
      pendingSide: pending.side,
      pendingQuantity: pending.quantity,
      pendingAbove: leg(p, 'pendingAbove'),
      pendingBelow: leg(p, 'pendingBelow'),
    };
    const placed = counted(venue, caller, 3, () => venue.core.placeOtoco(caller.accountId, list, venue.nowMs()));
    return listAs(placed, values.newOrderRespType);
  },
  LIST,
);

const cancelListSpecs = {
  symbol: need.symbol,
  orderListId: may.long,
  listClientOrderId: may.clientId,
  newClientOrderId: may.clientId,
};
export const cancelOrderList = signedOperation(
  'TRADE',
  1,
  cancelListSpecs,
  (venue, p, caller) =>
    p.orderListId === undefined && p.listClientOrderId === undefined
      ? refusals.eitherMandatory('orderListId', 'listClientOrderId')
      : answer(venue.core.cancelOrderList(caller.accountId, p, venue.nowMs())),
  { freeOnSuccess: true },
);

const queryListSpecs = { orderListId: may.long, origClientOrderId: may.clientId };
export const queryOrderList = signedOperation('USER_DATA', 4, queryListSpecs, (venue, p, caller) => {
  if (p.orderListId === undefined && p.origClientOrderId === undefined) {
    return refusals.eitherMandatory('orderListId', 'origClientOrderId');
  }
  const key = {
    ...(p.orderListId === undefined ? {} : { orderListId: p.orderListId }),
    ...(p.origClientOrderId === undefined ? {} : { listClientOrderId: p.origClientOrderId }),
  };
  return answer(venue.core.getOrderList(caller.accountId, key));
});

const allListsSpecs = { fromId: may.long, startTime: may.time, endTime: may.time, limit: may.count };
export const allOrderLists = signedOperation('USER_DATA', 20, allListsSpecs, (venue, p, caller) => {
  if (p.fromId !== undefined && (p.startTime !== undefined || p.endTime !== undefined)) return refusals.badCombination();
  if (p.startTime !== undefined && p.endTime !== undefined && p.endTime - p.startTime > DAY_MS) return refusals.lookupTooLong(24);
  return venue.core.allOrderLists(caller.accountId, { ...p, limit: rows(p.limit) });
});

export const openOrderLists = signedOperation('USER_DATA', 6, {}, (venue, _p, caller) => venue.core.openOrderLists(caller.accountId));
