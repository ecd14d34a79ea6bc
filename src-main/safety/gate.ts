// The safety gate: whether an order may be, and once more whether it may leave. It fails closed: an exception, a missing number or a
// NaN is a no (REQUIREMENTS C15). It never rounds, never changes what was asked, and is the only place that mints Approved orders.
import type { LimitView } from '../../src-shared/contract/view.ts';
import type { OrderPreview } from '../../src-shared/contract/contract.ts';
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import { toText } from '../../src-shared/domain/money.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { hasPrice } from '../../src-shared/domain/order.ts';
import type { ListKind, ListRole, OcoRequest, OrderChange, OrderOrigin, OrderRequest } from '../../src-shared/domain/order.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
import { fail, invariant, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { compilePolicy } from '../../src-shared/policy/compiled.ts';
import type { IntendedList, IntendedOrder } from '../engine/facts.ts';
import type { Order } from '../engine/state.ts';
import type { WireList, WireOrder } from '../venue/port.ts';
import { mint } from './approved.ts';
import type { Approved } from './approved.ts';
import type { GateContext } from './context.ts';
import { gaugeOf, viewOf } from './describe.ts';
import { badRequest, examine, examineList, firstDenial, isStopped, standingOf, stateDenial } from './examine.ts';
import type { Examined, Measured } from './examine.ts';
import { listKindOf } from './legs.ts';
import { LIMITS } from './limits/all.ts';
import { boughtAtMost } from './limits/quote-sized.ts';
import type { GatePicture } from './picture.ts';
import { floorToStep } from './rules.ts';
import type { TradingState } from './trading-state.ts';

/** An order as the gate let it through: what the engine adds its id, origin and generation to. */
export type JudgedOrder = Pick<
  IntendedOrder,
  'symbol' | 'side' | 'type' | 'qty' | 'quoteQty' | 'price' | 'timeInForce' | 'stopPrice' | 'trailingDeltaBps' | 'reduceOnly' | 'exits'
>;

/** One order of a list as the gate let it through. Both legs of an OCO carry the dearer one's value: it is reserved once a list. */
export interface JudgedLeg extends JudgedOrder {
  readonly role: ListRole;
  readonly reservedUsdt: DecimalText;
}

type Denied = { readonly verdict: 'deny'; readonly denial: Denial; readonly readings: readonly Measured[] };

/** `readings` stand in the order of LIMITS; empty when the request makes no order. */
export type Judgement =
  | { readonly verdict: 'pass'; readonly order: JudgedOrder; readonly reservedUsdt: DecimalText; readonly readings: readonly Measured[] }
  | Denied;

/** `orders` stand in the places of WireList. Each reading is the one of the leg that is nearest to a denial. */
export type ListJudgement =
  | {
      readonly verdict: 'pass';
      readonly kind: ListKind;
      readonly orders: readonly JudgedLeg[];
      readonly readings: readonly Measured[];
    }
  | Denied;

/**
 * May this order be? The first rule that forbids it gives the denial: the trading state, then the request's own fields, then the cap
 * to the position, then LIMITS in their order, then its exits. One with exits passes as a single order whose exits the engine places
 * at its fill; `listKindOf` says when a list carries it out instead. Never throws.
 */
export const judge = (request: OrderRequest, origin: OrderOrigin, picture: GatePicture): Judgement => {
  try {
    const found = examine(request, origin, picture);
    if (found.verdict === 'no-order') return { verdict: 'deny', denial: found.denial, readings: [] };
    const { denial, readings, context } = found;
    if (denial !== null) return { verdict: 'deny', denial, readings };
    return { verdict: 'pass', order: orderOf(context), reservedUsdt: reservedOf(context), readings };
  } catch (error) {
    return { verdict: 'deny', denial: gateError(error), readings: [] };
  }
};

/** May this list be: an OCO, or a resting limit buy with its exits? Every order of it by its own measure. Never throws. */
export const judgeList = (wish: OrderRequest | OcoRequest, origin: OrderOrigin, picture: GatePicture): ListJudgement => {
  try {
    const found = examineList(wish, origin, picture);
    if (found.verdict === 'no-order') return { verdict: 'deny', denial: found.denial, readings: [] };
    const { denial, readings, kind, orders, context } = found;
    if (denial !== null) return { verdict: 'deny', denial, readings };
    invariant(kind !== null, 'a list has its kind');
    return { verdict: 'pass', kind, orders: orders.map((order) => legOf(order, kind, context)), readings };
  } catch (error) {
    return { verdict: 'deny', denial: gateError(error), readings: [] };
  }
};

/** Rules of the venue's that a wish breaks or keeps by its own numbers, whatever room there is and whatever holds the coins. */
const BY_ITS_NUMBERS: ReadonlySet<string> = new Set([
  'C12.price',
  'C12.stopPrice',
  'C12.percentPrice',
  'C12.lot',
  'C12.marketLot',
  'C12.notional',
  'C12.trailingDelta',
]);

/** Why the venue could never take this wish as it is, or null. What is not known now forbids nothing here. Never throws. */
export const neverTaken = (wish: OrderRequest | OcoRequest, origin: OrderOrigin, picture: GatePicture): Denial | null => {
  try {
    const found = 'type' in wish ? examine(wish, origin, picture) : examineList(wish, origin, picture);
    if (found.verdict === 'no-order') return found.denial;
    return firstDenial(found.readings.filter(({ limit, reading }) => BY_ITS_NUMBERS.has(limit.id) && reading.missing === null));
  } catch (error) {
    return gateError(error);
  }
};

/** What of an open order its replacement is made of. */
export type Replaced = Pick<
  Order,
  | 'symbol'
  | 'side'
  | 'type'
  | 'qty'
  | 'filledQty'
  | 'price'
  | 'timeInForce'
  | 'stopPrice'
  | 'trailingDeltaBps'
  | 'list'
  | 'reduceOnly'
  | 'exits'
>;

/**
 * May this order take the place of that one? `picture` is drawn without the replaced order (pictureOf's `without`). A quantity that is
 * not given is what is left of it. Orders of a list are not replaced: cancel the list and place it anew. Never throws.
 */
export const judgeReplace = (replaced: Replaced, change: OrderChange, origin: OrderOrigin, picture: GatePicture): Judgement => {
  const problem = replaceProblem(replaced, change);
  return problem === ''
    ? judge(replacementOf(replaced, change), origin, picture)
    : { verdict: 'deny', denial: badRequest(problem), readings: [] };
};

const replaceProblem = ({ type, list }: Replaced, { qty, price, stopPrice }: OrderChange): string => {
  if (list !== null) return 'This order belongs to an order list: cancel the list and place it anew.';
  if (type === 'MARKET') return 'A market order cannot be replaced: it trades at once.';
  return qty === undefined && price === undefined && stopPrice === undefined ? 'A replacement changes quantity, price or trigger.' : '';
};

const replacementOf = (old: Replaced, change: OrderChange): OrderRequest => {
  const { symbol, side, type, reduceOnly } = old;
  const qty = change.qty ?? (old.qty === null ? undefined : toText(old.qty.minus(old.filledQty)));
  const price = change.price ?? (old.price === null ? undefined : toText(old.price));
  const stopPrice = change.stopPrice ?? (old.stopPrice === null ? undefined : toText(old.stopPrice));
  return {
    symbol,
    side,
    type,
    ...(qty === undefined ? {} : { qty }),
    ...(price === undefined ? {} : { price }),
    ...(old.timeInForce === null ? {} : { timeInForce: old.timeInForce }),
    ...(stopPrice === undefined ? {} : { stopPrice }),
    ...(old.trailingDeltaBps === null ? {} : { trailingDeltaBps: old.trailingDeltaBps }),
    reduceOnly,
    ...(old.exits === null ? {} : { exits: old.exits }),
  };
};

/** The same judgement for a ticket that is being typed: every limit before and after. Never throws. */
export const preview = (wish: OrderRequest | OcoRequest, origin: OrderOrigin, picture: GatePicture): OrderPreview => {
  try {
    const found =
      'type' in wish && listKindOf(wish, picture.instrument) === null ? examine(wish, origin, picture) : examineList(wish, origin, picture);
    if (found.verdict === 'no-order') return noPreview(found.denial);
    const { denial, readings, context } = found;
    return {
      verdict: denial === null ? 'pass' : 'deny',
      denial,
      limits: readings.map(({ limit, reading, context: of }) => viewOf(limit, reading, of)),
      notionalUsdt: context.likelyUsdt?.toFixed(2) ?? null,
      feeUsdt: context.feeUsdt?.toFixed(2) ?? null,
      qty: estimatedQty(context)?.toFixed() ?? null,
    };
  } catch (error) {
    return noPreview(gateError(error));
  }
};

/** The limits that have a value without any order, nearest to its limit first. Throws RangeError for a policy that was never parsed. */
export const gauges = (picture: GatePicture): readonly LimitView[] => {
  const policy = compilePolicy(picture.policy);
  return LIMITS.flatMap((limit) => {
    const reading = limit.gauge?.(picture, policy);
    return reading === undefined || reading.verdict === 'not-applied' ? [] : [gaugeOf(limit, reading)];
  }).toSorted((a, b) => (b.usedRatio ?? -1) - (a.usedRatio ?? -1));
};

// ------------------------------------------------------------------------------------------------------------ the wire

/**
 * The last look, at the instant of the send: the latch's generation and the trading state once more (DESIGN 6). The order dies here
 * when the stop tripped after its decision.
 */
export const approveForWire = (
  order: IntendedOrder,
  trading: TradingState,
  currentGeneration: number,
): Result<Approved<WireOrder>, Denial> => {
  const denial = wireDenial(order, trading, currentGeneration);
  return denial === null ? ok(mint(wireOrderOf(order))) : fail(denial);
};

/** The same for a list: it leaves whole, or not at all. Exits that wait for their entry are judged by it. */
export const approveListForWire = (
  { listId, kind, symbol, orders }: IntendedList,
  trading: TradingState,
  currentGeneration: number,
): Result<Approved<WireList>, Denial> => {
  for (const order of orders) {
    const denial = wireDenial(order, trading, currentGeneration);
    if (denial !== null) return fail(denial);
  }
  return ok(mint({ listId, kind, symbol, orders: orders.map((order) => ({ ...wireOrderOf(order), role: order.role })) }));
};

const wireDenial = (order: IntendedOrder, trading: TradingState, currentGeneration: number): Denial | null => {
  if (order.generation !== currentGeneration) return STOPPED;
  const flatten = standingOf(order.origin, order.side, trading) === 'flatten';
  const denial = stateDenial(order.side === 'BUY', flatten, trading);
  return denial !== null && isStopped(trading) ? STOPPED : denial;
};

const wireOrderOf = (order: IntendedOrder): WireOrder => ({
  clientOrderId: order.clientOrderId,
  symbol: order.symbol,
  side: order.side,
  type: order.type,
  ...(order.qty === undefined ? {} : { qty: order.qty }),
  ...(order.quoteQty === undefined ? {} : { quoteQty: order.quoteQty }),
  ...(order.price === undefined ? {} : { price: order.price }),
  ...(order.timeInForce === undefined ? {} : { timeInForce: order.timeInForce }),
  ...(order.stopPrice === undefined ? {} : { stopPrice: order.stopPrice }),
  ...(order.trailingDeltaBps === undefined ? {} : { trailingDeltaBps: order.trailingDeltaBps }),
  reduceOnly: order.reduceOnly,
});

// -------------------------------------------------------------------------------------------------------- what passes

/** The order in canonical text: every number is final. The plain shapes are written out: this is on the way of every order. */
const orderOf = ({ request, qty, quoteQty, price, stopPrice, trailingDeltaBps, standing }: GateContext): JudgedOrder => {
  const { symbol, side, type, exits } = request;
  const reduceOnly = standing !== 'order' || request.reduceOnly === true;
  if (exits !== undefined || stopPrice !== null || trailingDeltaBps !== null) {
    return {
      symbol,
      side,
      type,
      ...(qty === null ? {} : { qty: toText(qty) }),
      ...(quoteQty === null ? {} : { quoteQty: toText(quoteQty) }),
      ...(price === null ? {} : { price: toText(price) }),
      ...(hasPrice(type) ? { timeInForce: request.timeInForce ?? 'GTC' } : {}),
      ...(stopPrice === null ? {} : { stopPrice: toText(stopPrice) }),
      ...(trailingDeltaBps === null ? {} : { trailingDeltaBps }),
      reduceOnly,
      ...(exits === undefined ? {} : { exits }),
    };
  }
  if (quoteQty !== null) return { symbol, side, type, quoteQty: toText(quoteQty), reduceOnly };
  invariant(qty !== null, 'an order without an amount to spend has a quantity');
  if (price === null) return { symbol, side, type, qty: toText(qty), reduceOnly };
  return { symbol, side, type, qty: toText(qty), price: toText(price), timeInForce: request.timeInForce ?? 'GTC', reduceOnly };
};

const legOf = ({ role, context }: Examined, kind: ListKind, dearest: GateContext): JudgedLeg => ({
  ...orderOf(context),
  role,
  reservedUsdt: reservedOf(kind === 'OCO' ? dearest : context),
});

/** What the order counts for in flight. Only a flatten without a quote has no value; it reserves nothing. */
const reservedOf = ({ worstUsdt }: GateContext): DecimalText => (worstUsdt === null ? ('0' as DecimalText) : toText(worstUsdt));

const estimatedQty = (context: GateContext): Decimal | null => {
  const qty = boughtAtMost(context);
  return qty === null || context.rules === null ? qty : floorToStep(qty, context.rules.lot);
};

// ------------------------------------------------------------------------------------------------------------ denials

const noPreview = (denial: Denial): OrderPreview => ({ verdict: 'deny', denial, limits: [], notionalUsdt: null, feeUsdt: null, qty: null });

const STOPPED: Denial = {
  code: 'STOPPED',
  text: 'The emergency stop closed after this order was decided and before it was sent. It never left this machine.',
  advice: 'Read the receipt of the stop; place the order anew after the reset if it is still wanted.',
};

export const gateError = (error: unknown): Denial => ({
  code: 'GATE_ERROR',
  text: `The order could not be judged, so it is denied: ${String(error)}.`,
  advice: 'Nothing was sent. Run the self-test; if this comes again, stop trading and report it.',
});
