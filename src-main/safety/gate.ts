// The safety gate: whether an order may be, and once more whether it may leave. It fails closed: an exception, a missing number or a
// NaN is a no (REQUIREMENTS C15). It never rounds, never changes what was asked, and is the only place that mints Approved orders.
import type { LimitView } from '../../src-shared/contract/view.ts';
import type { OrderPreview } from '../../src-shared/contract/contract.ts';
import type { Decimal } from '../../src-shared/domain/decimal.ts';
import { toText, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { OrderOrigin, OrderRequest } from '../../src-shared/domain/order.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
import { fail, invariant, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { compilePolicy } from '../../src-shared/policy/compiled.ts';
import type { IntendedOrder } from '../engine/facts.ts';
import type { WireOrder } from '../venue/port.ts';
import { mint } from './approved.ts';
import type { Approved } from './approved.ts';
import { isAtMost, isPositive } from './compare.ts';
import { askedOf, contextOf } from './context.ts';
import type { GateContext } from './context.ts';
import { denialOf, gaugeOf, viewOf } from './describe.ts';
import { NOT_APPLIED } from './limit.ts';
import type { Limit, Reading } from './limit.ts';
import { LIMITS } from './limits/all.ts';
import { boughtAtMost } from './limits/quote-sized.ts';
import type { GatePicture } from './picture.ts';
import { floorToStep } from './rules.ts';
import type { TradingState } from './trading-state.ts';

/** An order as the gate let it through: what the engine adds its id, origin and generation to. */
export type JudgedOrder = Pick<IntendedOrder, 'symbol' | 'side' | 'type' | 'qty' | 'quoteQty' | 'price' | 'timeInForce' | 'reduceOnly'>;

/** One limit and what it measured. */
export interface Measured {
  readonly limit: Limit;
  readonly reading: Reading;
}

/** `readings` stand in the order of LIMITS; empty when the request makes no order. */
export type Judgement =
  | { readonly verdict: 'pass'; readonly order: JudgedOrder; readonly reservedUsdt: DecimalText; readonly readings: readonly Measured[] }
  | { readonly verdict: 'deny'; readonly denial: Denial; readonly readings: readonly Measured[] };

/**
 * May this order be? The first rule that forbids it gives the denial: the trading state, then the request's own fields, then the cap
 * to the position, then LIMITS in their order. Never throws.
 */
export const judge = (request: OrderRequest, origin: OrderOrigin, picture: GatePicture): Judgement => {
  try {
    const found = examine(request, origin, picture);
    if (found.verdict === 'no-order') return { verdict: 'deny', denial: found.denial, readings: [] };
    const { denial, readings, context } = found;
    if (denial !== null) return { verdict: 'deny', denial, readings };
    return { verdict: 'pass', order: orderOf(request, context), reservedUsdt: reservedOf(context), readings };
  } catch (error) {
    return { verdict: 'deny', denial: gateError(error), readings: [] };
  }
};

/** The same judgement for a ticket that is being typed: every limit before and after. Never throws. */
export const preview = (request: OrderRequest, origin: OrderOrigin, picture: GatePicture): OrderPreview => {
  try {
    const found = examine(request, origin, picture);
    if (found.verdict === 'no-order') return noPreview(found.denial);
    const { denial, readings, context } = found;
    return {
      verdict: denial === null ? 'pass' : 'deny',
      denial,
      limits: readings.map(({ limit, reading }) => viewOf(limit, reading, context)),
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
    return reading === undefined ? [] : [gaugeOf(limit, reading)];
  }).toSorted((a, b) => (b.usedRatio ?? -1) - (a.usedRatio ?? -1));
};

/**
 * The last look, at the instant of the send: the latch's generation and the trading state once more (DESIGN 6). The order dies here
 * when the stop tripped after its decision.
 */
export const approveForWire = (
  order: IntendedOrder,
  trading: TradingState,
  currentGeneration: number,
): Result<Approved<WireOrder>, Denial> => {
  if (order.generation !== currentGeneration) return fail(STOPPED);
  const denial = stateDenial(order.side === 'BUY', isFlatten(order.origin, order.side, trading), trading);
  if (denial !== null) return fail(isStopped(trading) ? STOPPED : denial);
  return ok(mint(wireOrderOf(order)));
};

// ------------------------------------------------------------------------------------------------------------ judging

/** Without a context the request makes no order. */
type Examination =
  | { readonly verdict: 'judged'; readonly denial: Denial | null; readonly readings: readonly Measured[]; readonly context: GateContext }
  | { readonly verdict: 'no-order'; readonly denial: Denial };

const examine = (request: OrderRequest, origin: OrderOrigin, picture: GatePicture): Examination => {
  const flatten = isFlatten(origin, request.side, picture.trading);
  const byState = stateDenial(request.side !== 'SELL', flatten, picture.trading);
  const asked = askedOf(request);
  if (typeof asked === 'string') return { verdict: 'no-order', denial: byState ?? badRequest(asked) };
  const context = contextOf(request, asked, picture, flatten);
  const readings = LIMITS.map((limit) => measured(limit, context));
  return { verdict: 'judged', denial: byState ?? reduceOnlyDenial(context) ?? firstDenial(readings, context), readings, context };
};

const measured = (limit: Limit, context: GateContext): Measured => {
  if (context.flatten ? limit.scope !== 'everything' : limit.scope === 'openings' && !context.opens) return { limit, reading: NOT_APPLIED };
  const reading = limit.measure(context);
  // The stop's flatten is refused only for what is known: a market stream that died must not keep a position open.
  return { limit, reading: context.flatten && reading.missing !== null ? NOT_APPLIED : reading };
};

const firstDenial = (readings: readonly Measured[], context: GateContext): Denial | null => {
  for (const { limit, reading } of readings) if (reading.verdict === 'deny') return denialOf(limit, reading, context);
  return null;
};

const isStopped = ({ causes }: TradingState): boolean => causes.some((cause) => cause.code === 'EMERGENCY_STOP');

/** The stop's own sale of a position, and only while the stop is tripped: the name of the origin alone gives no privilege. */
const isFlatten = (origin: OrderOrigin, side: string, trading: TradingState): boolean =>
  origin === 'stop' && side === 'SELL' && isStopped(trading);

const stateDenial = (opens: boolean, flatten: boolean, { level, causes }: TradingState): Denial | null => {
  if (level === 'ACTIVE' || flatten || (level === 'REDUCING' && !opens)) return null;
  const why = causes[0]?.text ?? 'No cause is given, so nothing is allowed.';
  return level === 'REDUCING'
    ? {
        code: 'STATE',
        text: `Only orders that shrink a position are allowed now. ${why}`,
        advice: 'Wait until the cause ends; sells and cancels still go.',
      }
    : { code: 'STATE', text: `Trading is halted. ${why}`, advice: 'Cancels still go; the safety panel says what ends the halt.' };
};

/** C14: on spot a sell only reduces, so it is capped to the position; sells in flight count in full. */
const reduceOnlyDenial = ({ request, opens, qty, picture, rules }: GateContext): Denial | null => {
  if (opens) {
    if (request.reduceOnly !== true) return null;
    return { code: 'REDUCE_ONLY', text: 'A buy cannot shrink a spot position.', advice: 'Take reduce-only off, or sell.' };
  }
  invariant(qty !== null, 'a sale has a quantity');
  const held = picture.position === null ? ZERO_QTY : picture.position.qty.minus(picture.inFlight.sellQtyOfSymbol);
  if (isAtMost(qty, held)) return null;
  const allowed = !isPositive(held) || rules === null ? '0' : floorToStep(held, rules.lot).toFixed();
  return {
    code: 'REDUCE_ONLY',
    text: `Selling ${qty.toFixed()} is more than the position less the sells in flight: ${held.toFixed()}.`,
    advice:
      allowed === '0'
        ? 'Nothing can be sold here; what the console did not buy is sold on the exchange itself.'
        : `Sell at most ${allowed}.`,
    value: qty.toFixed(),
    limit: allowed,
    formula: 'qty ≤ position − open sells',
  };
};

// -------------------------------------------------------------------------------------------------------- what passes

/** The order in canonical text: every number is final. Three shapes, written out because this is on the way of every order. */
const orderOf = (request: OrderRequest, { qty, quoteQty, price, flatten }: GateContext): JudgedOrder => {
  const { symbol, side, type } = request;
  const reduceOnly = flatten || request.reduceOnly === true;
  if (quoteQty !== null) return { symbol, side, type, quoteQty: toText(quoteQty), reduceOnly };
  invariant(qty !== null, 'an order without an amount to spend has a quantity');
  if (price === null) return { symbol, side, type, qty: toText(qty), reduceOnly };
  return { symbol, side, type, qty: toText(qty), price: toText(price), timeInForce: request.timeInForce ?? 'GTC', reduceOnly };
};

/** What the order counts for in flight. Only a flatten without a quote has no value; it reserves nothing. */
const reservedOf = ({ worstUsdt }: GateContext): DecimalText => (worstUsdt === null ? ('0' as DecimalText) : toText(worstUsdt));

const estimatedQty = (context: GateContext): Decimal | null => {
  const qty = boughtAtMost(context);
  return qty === null || context.rules === null ? qty : floorToStep(qty, context.rules.lot);
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
  reduceOnly: order.reduceOnly,
});

// ------------------------------------------------------------------------------------------------------------ denials

const noPreview = (denial: Denial): OrderPreview => ({ verdict: 'deny', denial, limits: [], notionalUsdt: null, feeUsdt: null, qty: null });

const STOPPED: Denial = {
  code: 'STOPPED',
  text: 'The emergency stop closed after this order was decided and before it was sent. It never left this machine.',
  advice: 'Read the receipt of the stop; place the order anew after the reset if it is still wanted.',
};

const badRequest = (text: string): Denial => ({ code: 'BAD_REQUEST', text, advice: 'Correct the order; nothing was sent.' });

const gateError = (error: unknown): Denial => ({
  code: 'GATE_ERROR',
  text: `The order could not be judged, so it is denied: ${String(error)}.`,
  advice: 'Nothing was sent. Run the self-test; if this comes again, stop trading and report it.',
});
