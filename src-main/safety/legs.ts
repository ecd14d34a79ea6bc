// From one wish to the orders of its list: the legs of an OCO, and the exits that an entry takes along (B5). The shapes are the
// venue's (rest-api.md, "Order lists"); whether they may be is the gate's.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { toText } from '../../src-shared/domain/money.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { ExitPlan, ListKind, ListRole, OcoRequest, OrderRequest } from '../../src-shared/domain/order.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { CompiledPolicy } from '../../src-shared/policy/compiled.ts';
import { downBy } from './context.ts';
import { ceilToStep, floorToStep, rulesOf } from './rules.ts';

export interface Leg {
  readonly role: ListRole;
  readonly request: OrderRequest;
}

/** The stop leg, then the limit leg. */
export const ocoLegs = ({ symbol, side, qty, price, stopPrice, stopLimitPrice, trailingDeltaBps }: OcoRequest): readonly [Leg, Leg] => [
  {
    role: 'stop',
    request:
      trailingDeltaBps !== undefined
        ? { symbol, side, type: 'STOP_LOSS', qty, trailingDeltaBps }
        : stopLimitPrice === undefined
          ? { symbol, side, type: 'STOP_LOSS', qty, stopPrice }
          : { symbol, side, type: 'STOP_LOSS_LIMIT', qty, price: stopLimitPrice, timeInForce: 'GTC', stopPrice },
  },
  { role: 'limit', request: { symbol, side, type: 'LIMIT', qty, price, timeInForce: 'POST_ONLY' } },
];

/** True where the venue itself trails a sell by this distance; otherwise the console moves the stop (A3). */
export const isTrailedByVenue = ({ orderTypes, trailingDelta }: Instrument, bps: number): boolean =>
  orderTypes.has('STOP_LOSS') && trailingDelta !== undefined && bps >= trailingDelta.minBelowBps && bps <= trailingDelta.maxBelowBps;

/** Sells at market once the price is there; where the venue knows no such order, at a limit as far below it as C2 allows. */
const stopSale = (symbol: SymbolId, qty: DecimalText, stop: Decimal, instrument: Instrument, policy: CompiledPolicy): OrderRequest => {
  const sale = { symbol, side: 'SELL', qty, stopPrice: toText(stop) } as const;
  if (instrument.orderTypes.has('STOP_LOSS')) return { ...sale, type: 'STOP_LOSS' };
  const price = toText(ceilToStep(stop.times(policy.deviationDown), rulesOf(instrument).tick));
  return { ...sale, type: 'STOP_LOSS_LIMIT', price, timeInForce: 'GTC' };
};

/**
 * The sells that carry out a plan for `qty`: stop, limit, or both in this order. `from`: the price from which the console trails where
 * the venue does not; null when it is not known, and then there is no such stop yet.
 */
export const exitLegs = (
  plan: ExitPlan,
  qty: Decimal,
  instrument: Instrument,
  policy: CompiledPolicy,
  from: Decimal | null,
): readonly Leg[] => {
  const { symbol } = instrument;
  const size = toText(qty);
  const legs: Leg[] = [];
  const { stopLoss, trailingDeltaBps, takeProfit } = plan;
  if (trailingDeltaBps !== undefined && isTrailedByVenue(instrument, trailingDeltaBps))
    legs.push({ role: 'stop', request: { symbol, side: 'SELL', type: 'STOP_LOSS', qty: size, trailingDeltaBps } });
  else if (trailingDeltaBps !== undefined && from !== null) {
    const stop = floorToStep(from.times(downBy(trailingDeltaBps)), rulesOf(instrument).tick);
    legs.push({ role: 'stop', request: stopSale(symbol, size, stop, instrument, policy) });
  }
  if (stopLoss !== undefined) legs.push({ role: 'stop', request: stopSale(symbol, size, new Decimal(stopLoss), instrument, policy) });
  if (takeProfit !== undefined) {
    // In a pair the venue takes a maker only; alone, a price that has run through it meanwhile is welcome.
    const timeInForce = legs.length > 0 ? 'POST_ONLY' : 'GTC';
    legs.push({ role: 'limit', request: { symbol, side: 'SELL', type: 'LIMIT', qty: size, price: takeProfit, timeInForce } });
  }
  return legs;
};

/**
 * The venue's own list that carries a wish out in one request (design of B5): a resting limit buy with exits. Null: a single order,
 * whose exits the console places as soon as it fills.
 */
export const listKindOf = (
  { side, type, timeInForce, exits }: OrderRequest,
  instrument: Instrument | null,
): Exclude<ListKind, 'OCO'> | null => {
  if (exits === undefined || instrument === null || side !== 'BUY' || type !== 'LIMIT') return null;
  if (timeInForce === 'IOC' || timeInForce === 'FOK') return null;
  const { stopLoss, trailingDeltaBps, takeProfit } = exits;
  if (trailingDeltaBps !== undefined && !isTrailedByVenue(instrument, trailingDeltaBps)) return null;
  return takeProfit !== undefined && (stopLoss !== undefined || trailingDeltaBps !== undefined) ? 'OTOCO' : 'OTO';
};
