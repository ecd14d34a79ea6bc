// What the REST answers say, parsed once at this edge. Unknown fields are dropped, a missing or odd one makes the whole answer
// garbled: nothing of it is used.
import { z } from 'zod';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, SymbolId, TradeId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { isDecimalText, type DecimalText } from '../../src-shared/domain/money.ts';
import type { BudgetLimits } from './budget.ts';
import { orderStatusOf } from './payloads.ts';
import type { AccountSnapshot, Candle, VenueFill, VenueOrder } from './port.ts';

export const decimalText = z.custom<DecimalText>(isDecimalText, 'not a plain decimal');
const amountText = z.custom<DecimalText>((value) => isDecimalText(value) && !value.startsWith('-'), 'not a plain decimal ≥ 0');
const timeMs = z.int().nonnegative();
const idText = z.union([z.int().nonnegative(), z.string().regex(/^\d{1,20}$/)]).transform(String);
const word = z.string().min(1).max(64);

const orderFields = z.object({
  symbol: word,
  orderId: idText,
  clientOrderId: z.string().max(64),
  /** On the answer to a cancel this is the order's own id, and clientOrderId the cancel's. */
  origClientOrderId: z.string().max(64).optional(),
  price: amountText,
  stopPrice: amountText.default('0' as DecimalText),
  /** 0 where an answer names it for an order that does not trail. */
  trailingDelta: z.int().nonnegative().default(0),
  /** -1 for an order in no list. */
  orderListId: z.int().min(-1).default(-1),
  origQty: amountText,
  executedQty: amountText,
  status: word.transform((status, context) => {
    const known = orderStatusOf(status);
    if (known === undefined) context.addIssue('not a known order status');
    return known ?? z.NEVER;
  }),
  timeInForce: word,
  type: word,
  side: z.enum(['BUY', 'SELL']),
  transactTime: timeMs.optional(),
  updateTime: timeMs.optional(),
  time: timeMs.optional(),
});

const toOrder = (fields: z.output<typeof orderFields>): VenueOrder => ({
  clientOrderId: fields.origClientOrderId || fields.clientOrderId,
  venueOrderId: fields.orderId as VenueOrderId,
  symbol: fields.symbol as SymbolId,
  side: fields.side,
  venueType: fields.type,
  timeInForce: fields.timeInForce,
  qty: fields.origQty,
  price: fields.price,
  stopPrice: fields.stopPrice,
  trailingDeltaBps: fields.trailingDelta === 0 ? null : fields.trailingDelta,
  venueListId: fields.orderListId === -1 ? null : String(fields.orderListId),
  filledQty: fields.executedQty,
  status: fields.status,
  timeMs: fields.transactTime ?? fields.updateTime ?? fields.time ?? 0,
});

export const order = orderFields.transform(toOrder);
export const orders = z.array(order).max(10_000);

/** POST order with newOrderRespType=FULL. */
export const placedOrder = orderFields
  .extend({
    fills: z
      .array(z.object({ price: amountText, qty: amountText, commission: amountText, commissionAsset: word, tradeId: idText }))
      .max(10_000)
      .default([]),
  })
  .transform(({ fills, ...fields }): { readonly order: VenueOrder; readonly fills: readonly VenueFill[] } => {
    const placed = toOrder(fields);
    return {
      order: placed,
      fills: fills.map((fill) => ({
        tradeId: fill.tradeId as TradeId,
        price: fill.price,
        qty: fill.qty,
        fee: fill.commission,
        feeAsset: fill.commissionAsset as AssetId,
        maker: false, // an order's answer lists only what it took at once
        timeMs: placed.timeMs,
      })),
    };
  });

/** POST orderList/…, and what a cancel answers for a list: the reports of all its orders. */
export const listedOrders = z.object({ orderListId: z.int().nonnegative(), orderReports: orders }).transform((list) => list.orderReports);

/** DELETE order: the order, or its whole list where it was in one (web-socket-api.md, "Cancel order"). */
export const canceledOne = z.union([order.transform((one): readonly VenueOrder[] => [one]), listedOrders]);

/** DELETE openOrders: orders, and order lists with their orders inside. */
export const canceledOrders = z
  .array(canceledOne)
  .max(10_000)
  .transform((entries): readonly VenueOrder[] => entries.flat());

/** POST order/cancelReplace, and the `data` of its errors. The halves are read one by one: what one proves holds without the other. */
export const replacement = z.object({
  cancelResult: z.enum(['SUCCESS', 'FAILURE']),
  newOrderResult: z.enum(['SUCCESS', 'FAILURE', 'NOT_ATTEMPTED']),
  cancelResponse: z.unknown(),
  newOrderResponse: z.unknown(),
});

export const replacementError = z.object({ data: z.unknown() }).transform((error) => error.data);

const trade = z
  .object({
    id: idText,
    orderId: idText,
    price: amountText,
    qty: amountText,
    commission: amountText,
    commissionAsset: word,
    time: timeMs,
    isMaker: z.boolean(),
  })
  .transform((fields): VenueFill & { readonly venueOrderId: VenueOrderId } => ({
    tradeId: fields.id as TradeId,
    venueOrderId: fields.orderId as VenueOrderId,
    price: fields.price,
    qty: fields.qty,
    fee: fields.commission,
    feeAsset: fields.commissionAsset as AssetId,
    maker: fields.isMaker,
    timeMs: fields.time,
  }));
export const trades = z.array(trade).max(1000);

export const account = z
  .object({ canTrade: z.boolean(), balances: z.array(z.object({ asset: word, free: amountText, locked: amountText })).max(10_000) })
  .transform(({ canTrade, balances }): AccountSnapshot => ({
    canTrade,
    balances: balances.map(({ asset, free, locked }) => ({ asset: asset as AssetId, free, locked })),
  }));

export const apiRestrictions = z.object({ enableWithdrawals: z.boolean(), enableSpotAndMarginTrading: z.boolean() });

export const serverTime = z.object({ serverTime: timeMs }).transform((answer) => answer.serverTime);

const kline = z.tuple([timeMs, amountText, amountText, amountText, amountText, amountText, timeMs], z.unknown());
/** Candles of one symbol; those whose close time lies before `serverMs` are closed. */
export const candlesOf = (symbol: SymbolId, interval: string, serverMs: number) =>
  z
    .array(kline)
    .max(1000)
    .transform((rows): readonly Candle[] =>
      rows.map(([openTimeMs, open, high, low, close, volume, closeTimeMs]) => {
        const closed = closeTimeMs < serverMs;
        return { symbol, interval, openTimeMs, open, high, low, close, volume, closed };
      }),
    );

const rates = z.object({ maker: amountText, taker: amountText, buyer: amountText, seller: amountText });
type Rates = z.output<typeof rates>;
const worst = ({ buyer, seller }: Rates): Decimal => Decimal.max(buyer, seller);

/**
 * Fees as fractions, from account/commission: standard, special and tax rates, each with the dearer of its buyer and seller parts.
 * The BNB discount is left out on purpose: what a trade may cost is what limits and exits are judged on.
 */
export const commission = z
  .object({ standardCommission: rates, specialCommission: rates.optional(), taxCommission: rates.optional() })
  .transform((answer) => {
    const parts = [answer.standardCommission, answer.specialCommission, answer.taxCommission].filter((part) => part !== undefined);
    const sum = (pick: (part: Rates) => string): Decimal =>
      parts.reduce((total, part) => total.plus(pick(part)).plus(worst(part)), new Decimal(0));
    return { makerFee: sum((part) => part.maker), takerFee: sum((part) => part.taker) };
  });

const rateLimit = z.object({ rateLimitType: z.string(), interval: z.string(), intervalNum: z.int().positive(), limit: z.int().positive() });
export const rateLimits = z.object({ rateLimits: z.array(rateLimit) }).transform((answer): Partial<BudgetLimits> => {
  const find = (type: string, interval: string, intervalNum: number): number | undefined =>
    answer.rateLimits.find((row) => row.rateLimitType === type && row.interval === interval && row.intervalNum === intervalNum)?.limit;
  const limits = {
    weightPerMinute: find('REQUEST_WEIGHT', 'MINUTE', 1),
    ordersPer10s: find('ORDERS', 'SECOND', 10),
    ordersPerDay: find('ORDERS', 'DAY', 1),
    requestsPer5min: find('RAW_REQUESTS', 'MINUTE', 5),
  };
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
});
