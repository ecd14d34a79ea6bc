// An instrument's filters as the gate computes with them, worked out once an instrument. Most steps are powers of ten: then a value
// is on the step exactly when it has no more decimals, which costs nothing.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import type { OrderRequest } from '../../src-shared/domain/order.ts';

export interface Step {
  readonly size: Decimal;
  /** Decimals allowed when the step is 1, 0.1, 0.01 …; null for any other step. */
  readonly decimals: number | null;
}

export interface Rules {
  readonly instrument: Instrument;
  readonly tick: Step;
  readonly lot: Step;
  readonly marketLot: Step | null;
  /** The venue's smallest order; 0 where it has none. */
  readonly least: Decimal;
  /** An order this large and worth this much can be sold again whatever C2 allows the price to do (limits/exit.ts). */
  readonly surelySellableQty: Decimal;
  readonly surelySellableUsdt: Decimal;
  /** What is left of one after that fee: 0.999. */
  readonly keptAfterFee: Decimal;
  /** The larger of the two fees. */
  readonly fee: Decimal;
}

const stepOf = (size: Decimal): Step => {
  const decimals = size.decimalPlaces();
  return { size, decimals: size.eq(new Decimal(10).pow(-decimals)) ? decimals : null };
};

const compile = (instrument: Instrument): Rules => {
  const fee = Decimal.max(instrument.takerFee, instrument.makerFee);
  const least = instrument.notional?.minUsdt ?? new Decimal(0);
  return {
    instrument,
    tick: stepOf(instrument.tick),
    lot: stepOf(instrument.lot.stepQty),
    marketLot: instrument.marketLot === undefined ? null : stepOf(instrument.marketLot.stepQty),
    keptAfterFee: new Decimal(1).minus(fee),
    fee,
    least,
    surelySellableQty: Decimal.max(instrument.lot.stepQty, instrument.lot.minQty).times(4),
    surelySellableUsdt: least.times(fee.lte('0.25') ? 4 : Infinity),
  };
};

const compiled = new WeakMap<Instrument, Rules>();

export const rulesOf = (instrument: Instrument): Rules => {
  const known = compiled.get(instrument);
  if (known !== undefined) return known;
  const made = compile(instrument);
  compiled.set(instrument, made);
  return made;
};

/** True for a multiple of the step. A step of 0 is no rule (BINANCE 6). */
export const isOnStep = (value: Decimal, step: Step): boolean => {
  if (step.decimals !== null) return value.decimalPlaces() <= step.decimals;
  return step.size.isZero() || value.mod(step.size).isZero();
};

/** The largest multiple of the step that is ≤ value. */
export const floorToStep = (value: Decimal, step: Step): Decimal => {
  if (step.decimals !== null) return value.toDecimalPlaces(step.decimals, Decimal.ROUND_FLOOR);
  return step.size.isZero() ? value : value.div(step.size).floor().times(step.size);
};

/** The smallest multiple of the step that is ≥ value. */
export const ceilToStep = (value: Decimal, step: Step): Decimal => {
  if (step.decimals !== null) return value.toDecimalPlaces(step.decimals, Decimal.ROUND_CEIL);
  return step.size.isZero() ? value : value.div(step.size).ceil().times(step.size);
};

/**
 * True for an order that waits for the price to rise to it: a buy's stop loss and a sell's take profit or limit. The others wait for it
 * to fall (rest-api.md, "New order", trigger rules).
 */
export const triggersUpwards = ({ type, side }: Pick<OrderRequest, 'type' | 'side'>): boolean =>
  (type === 'STOP_LOSS' || type === 'STOP_LOSS_LIMIT') === (side === 'BUY');
