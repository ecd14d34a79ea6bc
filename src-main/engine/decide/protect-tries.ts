// The tries of a position's protection: each goes through the gate like any order, and one that came to nothing is repeated later each
// time, so that a venue which keeps refusing is never hammered. It decides neither what to place nor when it is missed.
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { OrderChange } from '../../../src-shared/domain/order.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';
import { lasting } from '../protection-notes.ts';
import type { ProtectionNotes } from '../protection-notes.ts';
import type { Order } from '../state.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { placeList } from './lists.ts';
import { place, replace } from './orders.ts';
import type { Asked } from './protect-orders.ts';

const RETRY_FIRST_MS = 500;
const RETRY_MOST_MS = 15_000;
/** Coins that an order released just now are free at the venue before its balances say so here. */
const UNFREE_MS = 3000;
const BALANCES_OVERDUE_MS = 1000;
const BALANCES_AGAIN_MS = 5000;

/** Binance -2010 for a trigger, a pair and a maker order that the price has reached already (errors.md). */
const BEYOND = /would trigger immediately|relationship of the prices|immediately match and take/i;

export interface Try {
  readonly decision: Decision;
  readonly isSent: boolean;
}

/** The wait after so many tries that came to nothing (ms). */
export const waitAfter = (times: number): number => Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** (times - 1));

/** One more try that came to nothing: the next waits longer. */
const failed = (notes: ProtectionNotes, monoMs: number, why: string): void => {
  notes.failures += 1;
  notes.retryAtMs = monoMs + waitAfter(notes.failures);
  notes.why = why;
  notes.isBeyond = BEYOND.test(why);
};

/** Begins anew: what failed was about something else, or is long past. */
export const forgive = (notes: ProtectionNotes): void => {
  notes.failures = 0;
  notes.retryAtMs = 0;
  notes.why = '';
  notes.isBeyond = false;
};

/** What became of the newest try. Orders that were refused, or ended without a fill although nobody here cancelled them, have failed. */
export const judgeTries = ({ state, monoMs }: Context, notes: ProtectionNotes): void => {
  const orders = notes.placed.map((id) => state.orders.get(id));
  if (orders.length === 0 || orders.some((order) => order !== undefined && !isEnded(order.status))) return;
  notes.placed = [];
  if (orders.some((order) => order !== undefined && (order.cancelRequested || !order.filledQty.isZero()) && order.status !== 'REJECTED'))
    return;
  const why = orders.find((order) => order !== undefined && order.reason !== '')?.reason ?? 'The exchange does not have it any more.';
  failed(notes, monoMs, why);
};

/** Places what is asked for; the gate judges it as it judges a person's order. */
export const submit = (context: Context, notes: ProtectionNotes, asked: Asked): Try =>
  tried(
    context,
    notes,
    asked.kind === 'order' ? place(context, asked.request, 'protection') : placeList(context, asked.request, 'protection'),
  );

/** Replaces one order by another in one request, so that no moment lies between them. */
export const change = (context: Context, notes: ProtectionNotes, order: Order, different: OrderChange): Decision =>
  tried(context, notes, replace(context, order.clientOrderId, different, 'protection')).decision;

const tried = (context: Context, notes: ProtectionNotes, decision: Decision): Try => {
  const { reply } = decision;
  const { monoMs } = context;
  if (reply.kind === 'placed') {
    notes.placed = reply.orders ?? [reply.clientOrderId];
    notes.lastingSinceMs.delete('unfree');
    notes.deniedText = '';
    notes.isBeyond = false;
    return { decision: decided(decision.facts, decision.effects), isSent: true };
  }
  const why = reply.kind === 'denied' ? reply.denial.text : 'It cannot be placed.';
  if (reply.kind === 'denied' && isUnfree(context, notes, reply.denial)) return { decision: askBalances(context, notes), isSent: false };
  failed(notes, monoMs, why);
  // The same answer again and again is one fact.
  if (notes.deniedText === why) return { decision: NOTHING, isSent: false };
  notes.deniedText = why;
  return { decision: decided(decision.facts, decision.effects), isSent: false };
};

const isUnfree = ({ monoMs }: Context, notes: ProtectionNotes, { code }: Denial): boolean =>
  lasting(notes, 'unfree', code === 'C3.balance', monoMs) < UNFREE_MS && code === 'C3.balance';

const askBalances = ({ market, monoMs }: Context, notes: ProtectionNotes): Decision => {
  const askedAtMs = market.balancesAskedAtMs ?? -BALANCES_AGAIN_MS;
  if (lasting(notes, 'unfree', true, monoMs) < BALANCES_OVERDUE_MS || monoMs - askedAtMs < BALANCES_AGAIN_MS) return NOTHING;
  market.balancesAskedAtMs = monoMs;
  return decided([], [{ kind: 'see-account', tripId: null }]);
};
