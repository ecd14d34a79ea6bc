// The shape of the accounts on disk, checked strictly when they are read. Whether they add up is the core's to judge (restore.ts).
import { z } from 'zod';
import type { ExchangeState, StateChange } from './core/state.ts';
import { ORDER_TYPES, SIDES, STP_MODES, TIMES_IN_FORCE } from './protocol/params.ts';

const amount = z.string().regex(/^[0-9]{1,30}\.[0-9]{8}$/, 'an amount with 8 decimals');
const price = amount.refine((text) => /[1-9]/.test(text), 'a price above 0');
const word = z.string().min(1).max(200);
const count = z.number().int().nonnegative();
/** -1: not yet. */
const timeMs = z.number().int().min(-1);
const orderListId = z.number().int().min(-1);

const next = z.strictObject({ order: count, list: count, cancel: count, trade: count, execution: count, prevention: count });

const account = z.strictObject({
  id: word,
  makerRate: amount,
  takerRate: amount,
  bnbDiscount: z.boolean(),
  balances: z.record(word, z.strictObject({ free: amount, locked: amount })),
  updatedMs: timeMs,
});

const order = z.strictObject({
  id: count,
  account: word,
  symbol: word,
  clientOrderId: word,
  side: z.enum(SIDES),
  type: z.enum(ORDER_TYPES),
  timeInForce: z.enum(TIMES_IN_FORCE),
  price: amount,
  stopPrice: amount,
  trailingDelta: count,
  qty: amount,
  quoteOrderQty: amount,
  stp: z.enum(STP_MODES),
  strategyId: z.number().int().exactOptional(),
  strategyType: z.number().int().exactOptional(),
  createdMs: timeMs,
  updatedMs: timeMs,
  workingMs: timeMs,
  holdPrice: amount,
  status: z.enum(['NEW', 'PENDING_NEW', 'PARTIALLY_FILLED', 'FILLED', 'CANCELED', 'REJECTED', 'EXPIRED', 'EXPIRED_IN_MATCH']),
  executedQty: amount,
  quoteQty: amount,
  triggered: z.boolean(),
  trailingSinceMs: timeMs,
  trailingPrice: amount,
  prevented: z.strictObject({ matchId: count, qty: amount }).exactOptional(),
  expiryReason: z
    .enum([
      'REJECTED',
      'OCO_TRIGGER',
      'OTO_PHASE_ONE_EXPIRED',
      'UNFILLED_IOC_QUANTITY_EXPIRED',
      'UNFILLED_FOK_ORDER_EXPIRED',
      'INSUFFICIENT_LIQUIDITY',
    ])
    .exactOptional(),
});

const list = z.strictObject({
  id: count,
  account: word,
  symbol: word,
  contingency: z.enum(['OCO', 'OTO']),
  clientOrderId: word,
  createdMs: timeMs,
  updatedMs: timeMs,
  done: z.boolean(),
  orderIds: z.array(count).min(1),
});

const trade = z.strictObject({
  account: word,
  trade: z.strictObject({
    symbol: word,
    id: count,
    orderId: count,
    orderListId,
    price: amount,
    qty: amount,
    quoteQty: amount,
    commission: amount,
    commissionAsset: word,
    time: timeMs,
    isBuyer: z.boolean(),
    isMaker: z.boolean(),
    isBestMatch: z.boolean(),
  }),
});

const parts = {
  next,
  accounts: z.array(account),
  orders: z.array(order),
  lists: z.array(list),
  trades: z.array(trade),
  lastPrices: z.record(word, price),
};

export const stateSchema: z.ZodType<ExchangeState> = z.strictObject(parts);

export const stateChangeSchema: z.ZodType<StateChange> = z.strictObject({
  next: parts.next.exactOptional(),
  accounts: parts.accounts.exactOptional(),
  orders: parts.orders.exactOptional(),
  lists: parts.lists.exactOptional(),
  trades: parts.trades.exactOptional(),
  lastPrices: parts.lastPrices.exactOptional(),
});
