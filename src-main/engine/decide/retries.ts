// Intents of which something is due once more (B7): an order that was definitely not executed for a reason that passes, and what a
// market order left unfilled. The notes are volatile: a crash forgets them, so that nothing is ever sent twice.
import type { OcoRequest, OrderOrigin, OrderRequest } from '../../../src-shared/domain/order.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { floorTo, toText } from '../../../src-shared/domain/money.ts';
import type { Money, Qty } from '../../../src-shared/domain/money.ts';
import type { SubmitOutcome, VenueOrderStatus } from '../../venue/port.ts';
import type { Fact } from '../facts.ts';
import { ocoRequestOf, requestOf } from '../requests.ts';
import type { Due, Intent, Market } from '../market.ts';
import type { EngineState, Order } from '../state.ts';
import type { Context } from './context.ts';

/** Waits before each further try of an order that was definitely not executed (B7). */
const RETRY_AFTER_MS: readonly number[] = [1000, 2000, 4000];
const RESENDS_MOST = 3;
/** A market order filled this far is done. */
const DONE_FROM = new Decimal('0.9');
/** What a market order left is not chased when its end comes to be known so late. */
const CHASED_FOR_MS = 30_000;

/** Binance: too many requests, too many orders, clock outside the window (BINANCE 4). */
const TRANSIENT: ReadonlySet<number> = new Set([-1003, -1015, -1021]);
const CHASING: ReadonlySet<OrderOrigin> = new Set(['window', 'cli', 'api']);

type Rejected = Extract<SubmitOutcome, { kind: 'rejected' }>;

/** True for a refusal that proves that nothing was executed, and that says nothing against the order itself. */
const isTransient = ({ code, sent }: Rejected): boolean => !sent || (code !== null && TRANSIENT.has(code));

/** The first order of the intent that an order, or the list it belongs to, is a try of. */
export const rootOf = (order: Order): ClientOrderId => order.retry?.of ?? order.list?.listId ?? order.clientOrderId;

/** A stop, a cancel and a restart each end what an order is worth repeating for; the engine's own loops mend what is theirs. */
const isChased = ({ state }: Context, order: Order): boolean =>
  CHASING.has(order.origin) &&
  !order.cancelRequested &&
  order.generation === state.stop.generation &&
  state.stop.phase !== 'TRIPPED' &&
  order.intendedAtMs >= state.session.startedAtMs;

/** The intent's notes: new ones for its first order only, so that no try begins to count anew. */
const intentOf = ({ market }: Context, order: Order): Intent | null => {
  const root = rootOf(order);
  const known = market.intents.get(root);
  if (known !== undefined || order.retry !== null) return known ?? null;
  const made: Intent = { failures: 0, resends: 0, attempt: 1, latest: order.clientOrderId, due: null };
  market.intents.set(root, made);
  return made;
};

const dueOf = (order: Order, wish: Due['wish'], dueAtMs: number): Due => ({
  wish,
  origin: order.origin,
  generation: order.generation,
  dueAtMs,
  waitsUntilMs: dueAtMs + CHASED_FOR_MS,
});

/** After so many ms the order is tried again; null when it is not. */
export const retryAfter = (context: Context, order: Order, outcome: Rejected): number | null => {
  if (!isTransient(outcome) || !isChased(context, order)) return null;
  const intent = intentOf(context, order);
  const waitMs = RETRY_AFTER_MS[intent?.failures ?? RETRY_AFTER_MS.length];
  if (intent === null || waitMs === undefined) return null;
  intent.failures += 1;
  intent.due = dueOf(order, wishOf(context.state, order), context.monoMs + waitMs);
  return waitMs;
};

/** The wait before the next try of an intent that the gate held up for a reason that passes; null when its tries are used up. */
export const putOff = (intent: Intent, due: Due, monoMs: number): boolean => {
  const waitMs = RETRY_AFTER_MS[intent.failures];
  if (waitMs === undefined) return false;
  intent.failures += 1;
  intent.due = { ...due, dueAtMs: monoMs + waitMs, waitsUntilMs: monoMs + waitMs + CHASED_FOR_MS };
  return true;
};

const wishOf = (state: EngineState, order: Order): OrderRequest | OcoRequest => {
  if (order.list === null) return requestOf(order);
  const legs = (state.lists.get(order.list.listId) ?? []).flatMap((id) => state.orders.get(id) ?? []);
  const entry = legs.find((leg) => leg.list?.role === 'entry');
  return entry === undefined ? ocoRequestOf(legs) : requestOf(entry);
};

/** What a market order left, rounded down to the lot; null when it is done, or when the rest is too small to be sent. */
const restOf = ({ market }: Context, order: Order, filled: Qty, filledUsdt: Money): OrderRequest | null => {
  const instrument = market.instruments.get(order.symbol);
  if (instrument === undefined) return null;
  const minUsdt = instrument.notional?.minUsdt ?? new Decimal(0);
  const request = requestOf(order);
  if (order.quoteQty !== null) {
    const left = order.quoteQty.minus(filledUsdt);
    return filledUsdt.gte(order.quoteQty.times(DONE_FROM)) || left.lt(minUsdt) ? null : { ...request, quoteQty: toText(left) };
  }
  if (order.qty === null || filled.gte(order.qty.times(DONE_FROM))) return null;
  const left = floorTo(order.qty.minus(filled), instrument.lot.stepQty);
  const mark = market.mark(order.symbol);
  const isTooSmall = left.isZero() || left.lt(instrument.lot.minQty) || (mark !== null && left.times(mark).lt(minUsdt));
  return isTooSmall ? null : { ...request, qty: toText(left) };
};

/**
 * Notes what a market order left when the venue ended it short of 90 %: the rest is sent once more, three times at most.
 * @param facts what the same decision makes true, its newest fills among them
 */
export const noteRest = (context: Context, order: Order, status: VenueOrderStatus, facts: readonly Fact[]): void => {
  if (order.type !== 'MARKET' || status !== 'EXPIRED' || !isChased(context, order)) return;
  if (context.nowMs - order.intendedAtMs > CHASED_FOR_MS) return;
  const fresh = facts.filter((fact) => fact.kind === 'order.filled');
  const filled = fresh.reduce((sum, fact) => sum.plus(fact.qty) as Qty, order.filledQty);
  const filledUsdt = fresh.reduce((sum, fact) => sum.plus(new Decimal(fact.price).times(fact.qty)) as Money, order.filledUsdt);
  const rest = restOf(context, order, filled, filledUsdt);
  const intent = rest === null ? null : intentOf(context, order);
  if (rest === null || intent === null || intent.resends >= RESENDS_MOST) return;
  intent.resends += 1;
  intent.due = dueOf(order, rest, context.monoMs);
};

/** Takes back what is due of these intents; gives back how many there were. */
export const giveUp = ({ intents }: Market, which: (root: ClientOrderId, due: Due) => boolean): number => {
  let taken = 0;
  for (const [root, { due }] of intents) {
    if (due === null || !which(root, due)) continue;
    intents.delete(root);
    taken += 1;
  }
  return taken;
};
