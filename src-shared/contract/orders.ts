// What can be asked of orders and protection, as zod schemas: strict, numbers as plain decimal text, and a sentence for each wrong
// combination. Whether an order may be is the gate's matter; here it is only whether the words make one.
import { z } from 'zod';
import type { DecimalText } from '../domain/money.ts';
import { hasPrice, isConditional } from '../domain/order.ts';
import type { Denial, LimitId } from '../errors/denial.ts';
import type { LimitView } from './view.ts';

/** For fields that are never secret: what was given stands in the sentence, so that a person sees the slip. */
const isNo = (what: string) => ({
  error: ({ input }: { readonly input?: unknown }) => `${JSON.stringify(input)?.slice(0, 40)} is no ${what}`,
});
const decimalText = z.string().regex(/^\d{1,18}(?:\.\d{1,18})?$/, isNo('plain positive decimal, as 0.015'));
export const symbol = z.string().regex(/^[A-Z0-9]{2,20}$/, isNo('symbol, as BTCUSDT'));
export const clientOrderId = z.string().min(1).max(36);
const side = z.enum(['BUY', 'SELL'], isNo('side: BUY or SELL'));
/** Basis points, as in the venue's TRAILING_DELTA. */
const trailingDeltaBps = z
  .int(isNo('distance in whole basis points'))
  .min(1, isNo('distance: at least 1'))
  .max(10_000, isNo('distance: at most 10000'));

type Issue = (path: string, message: string) => void;
const issuesTo =
  (context: z.RefinementCtx): Issue =>
  (path, message) =>
    context.addIssue({ code: 'custom', path: [path], message });

/** How a position is to be left again: a stop loss or a trailing stop, a take-profit, or both kinds. */
export const exitPlanSchema = z
  .strictObject({ stopLoss: decimalText.optional(), trailingDeltaBps: trailingDeltaBps.optional(), takeProfit: decimalText.optional() })
  .superRefine((plan, context) => {
    const issue = issuesTo(context);
    if (plan.stopLoss === undefined && plan.trailingDeltaBps === undefined && plan.takeProfit === undefined)
      issue('stopLoss', 'a protection has at least one of stopLoss, trailingDeltaBps and takeProfit');
    if (plan.stopLoss !== undefined && plan.trailingDeltaBps !== undefined)
      issue('trailingDeltaBps', 'a stop loss stands still or trails: give stopLoss or trailingDeltaBps, not both');
  });
export type ExitPlanInput = z.input<typeof exitPlanSchema>;

/** A wish for an order of any type, with its exits where it is a buy. */
export const orderRequestSchema = z
  .strictObject({
    symbol,
    side,
    type: z.enum(['MARKET', 'LIMIT', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT']),
    qty: decimalText.optional(),
    quoteQty: decimalText.optional(),
    price: decimalText.optional(),
    timeInForce: z.enum(['GTC', 'IOC', 'FOK', 'POST_ONLY']).optional(),
    stopPrice: decimalText.optional(),
    trailingDeltaBps: trailingDeltaBps.optional(),
    reduceOnly: z.boolean().optional(),
    exits: exitPlanSchema.optional(),
  })
  .superRefine((order, context) => {
    const issue = issuesTo(context);
    judgeSize(order, issue);
    judgePrices(order, issue);
    judgeTrigger(order, issue);
    if (order.exits === undefined) return;
    if (order.side !== 'BUY') issue('exits', 'only a buy opens a position that exits can protect');
    if (order.reduceOnly === true) issue('exits', 'an order that only reduces opens nothing that exits could protect');
  });
export type OrderRequestInput = z.input<typeof orderRequestSchema>;
type OrderFields = z.output<typeof orderRequestSchema>;

const NAMES: Readonly<Record<OrderFields['type'], string>> = {
  MARKET: 'a market order',
  LIMIT: 'a limit order',
  STOP_LOSS: 'a stop loss at market',
  STOP_LOSS_LIMIT: 'a stop loss with a limit',
  TAKE_PROFIT: 'a take-profit at market',
  TAKE_PROFIT_LIMIT: 'a take-profit with a limit',
};

const judgeSize = ({ type, side, qty, quoteQty }: OrderFields, issue: Issue): void => {
  if ((qty === undefined) === (quoteQty === undefined))
    issue('qty', 'give a quantity (qty) or an amount to spend (quoteQty), not both and not neither');
  if (quoteQty !== undefined && (type !== 'MARKET' || side !== 'BUY')) issue('quoteQty', 'only a market buy can be sized in quote');
};

const judgePrices = ({ type, price, timeInForce }: OrderFields, issue: Issue): void => {
  const name = NAMES[type];
  if (!hasPrice(type)) {
    if (price !== undefined) issue('price', `${name} has no price`);
    if (timeInForce !== undefined) issue('timeInForce', `${name} has no time in force`);
    return;
  }
  if (price === undefined) issue('price', `${name} needs a price`);
  if (timeInForce === 'POST_ONLY' && type !== 'LIMIT') issue('timeInForce', 'only a plain limit order can be post-only');
};

const judgeTrigger = ({ type, stopPrice, trailingDeltaBps }: OrderFields, issue: Issue): void => {
  const name = NAMES[type];
  if (isConditional(type)) {
    if (stopPrice === undefined && trailingDeltaBps === undefined)
      issue('stopPrice', `${name} needs the price that triggers it (stopPrice), a distance that trails (trailingDeltaBps), or both`);
    return;
  }
  if (stopPrice !== undefined) issue('stopPrice', `${name} has no price that triggers it`);
  if (trailingDeltaBps !== undefined) issue('trailingDeltaBps', `${name} trails nothing`);
};

/** Two orders of one size of which one ends the other. */
export const ocoRequestSchema = z.strictObject({
  symbol,
  side,
  qty: decimalText,
  price: decimalText,
  stopPrice: decimalText,
  stopLimitPrice: decimalText.optional(),
});
export type OcoRequestInput = z.input<typeof ocoRequestSchema>;

/** An open order with something else about it; what is left out stays. */
export const replaceSchema = z
  .strictObject({ clientOrderId, qty: decimalText.optional(), price: decimalText.optional(), stopPrice: decimalText.optional() })
  .refine(
    ({ qty, price, stopPrice }) => qty !== undefined || price !== undefined || stopPrice !== undefined,
    'say what is to be different: qty, price or stopPrice',
  );

/** How a position is protected from now on; null takes the protection off. */
export const protectSchema = z.strictObject({ symbol, plan: exitPlanSchema.nullable() });

/** The size that risks what the policy allows when the stop is hit. Without a price: at the market. */
export const sizeByRiskSchema = z
  .strictObject({
    symbol,
    side,
    price: decimalText.optional(),
    stopPrice: decimalText,
    confidence: z.number().min(0, isNo('confidence from 0 to 1')).max(1, isNo('confidence from 0 to 1')).optional(),
  })
  .refine((wish) => wish.side === 'BUY', {
    path: ['side'],
    message: 'on spot only a buy opens a position, so only a buy is sized by risk',
  });

export interface PlacedOrder {
  /** The order; of a list its entry, of an OCO its stop. */
  readonly clientOrderId: string;
  /** All orders of a list. */
  readonly orders?: readonly string[];
}

/** Every limit before and after, evaluated by the gate itself (REQUIREMENTS C). */
export interface OrderPreview {
  readonly verdict: 'pass' | 'deny';
  readonly denial: Denial | null;
  readonly limits: readonly LimitView[];
  readonly notionalUsdt: string | null;
  readonly feeUsdt: string | null;
  /** The base quantity that it comes to (market buys by quote: estimated). */
  readonly qty: string | null;
}

/** A size by risk (B6), with what it is made of. */
export interface RiskSize {
  readonly qty: DecimalText;
  /** What is lost when the stop is hit, fees both ways included. */
  readonly riskUsdt: DecimalText;
  /** Between entry and stop, a unit of the base asset. */
  readonly stopDistance: DecimalText;
  /** By confidence. */
  readonly multiplier: DecimalText;
  /** The limit that made it smaller than the risk alone would; null: none did. */
  readonly cappedBy: LimitId | null;
  readonly text: string;
}
