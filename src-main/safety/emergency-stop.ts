// The emergency stop's own decisions (REQUIREMENTS E): what a press makes true, when a reset may be, when the cool-down is over, and
// the receipt. DISABLED → ARMED → TRIPPED → COOLING_DOWN → ARMED; evolve.ts makes the facts state. Nothing here may refuse a trip.
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import type { OrderStatus } from '../../src-shared/domain/order.ts';
import type { StopOrderOutcome, StopPositionOutcome, StopReceipt, StopTrigger, TripPolicy } from '../../src-shared/domain/stop.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { Fact } from '../engine/facts.ts';
import type { StopState } from '../engine/state.ts';

/**
 * What a press makes true: a new trip in any phase, even before the start's recovery is through. While a trip runs, a further press
 * changes nothing, unless it asks to flatten what the running trip keeps: then a new trip begins.
 */
export const tripFacts = (stop: StopState, trigger: StopTrigger, reason: string, policy: TripPolicy): readonly Fact[] => {
  const asksForMore = stop.policy === 'keep-positions' && policy === 'flatten';
  if (stop.phase === 'TRIPPED' && !asksForMore) return [];
  return [{ kind: 'stop.tripped', tripId: stop.tripId + 1, trigger, reason, policy }];
};

/**
 * May a person reset, and until when will it cool down (ms)? Refused, with the reason in words, unless a trip stands with its receipt
 * and its number was read back. An incomplete receipt does not bar the reset: it names what is left, and that has been read.
 */
export const canReset = (
  stop: StopState,
  readBackTripId: number,
  nowMs: number,
  coolDownMinutes: number,
): Result<{ readonly coolDownUntilMs: number }, string> => {
  if (stop.phase !== 'TRIPPED') return fail('The emergency stop is not tripped: there is nothing to reset.');
  if (readBackTripId !== stop.tripId)
    return fail(`The stop that stands is number ${stop.tripId}, not ${readBackTripId}: read its receipt first.`);
  if (stop.receipt === null || stop.receipt.tripId !== stop.tripId)
    return fail('The stop is still at work: its receipt is not written yet.');
  return ok({ coolDownUntilMs: nowMs + coolDownMinutes * 60_000 });
};

/** Orders that the newest receipt names as not proven gone: a reset does not end their pursuit, nor does a restart. */
export const survivorsOf = ({ receipt }: Pick<StopState, 'receipt'>): readonly StopOrderOutcome[] =>
  receipt?.orders.filter(({ outcome }) => outcome === 'not-canceled' || outcome === 'unknown') ?? [];

/** True when the cool-down is over and `stop.rearmed` is due. */
export const isRearmDue = (stop: StopState, nowMs: number): boolean =>
  stop.phase === 'COOLING_DOWN' && stop.coolDownUntilMs !== null && nowMs >= stop.coolDownUntilMs;

/** An order that was open or in flight when the latch closed. Times in ms after the latch closed. */
export interface StoppedOrder {
  readonly clientOrderId: string;
  readonly symbol: SymbolId;
  readonly venueOrderId: string | null;
  readonly status: OrderStatus;
  /** False when it never left this machine. */
  readonly sent: boolean;
  readonly endedMs: number | null;
}

export interface StoppedPosition {
  readonly symbol: SymbolId;
  readonly qtyBefore: DecimalText;
  readonly qtyAfter: DecimalText;
  /** Nothing is left, or only what the venue takes no order for. */
  readonly left: 'nothing' | 'dust' | 'position';
  /** Why it was not sold, where that is known. */
  readonly why?: string;
}

/** How far a stop is, in plain data. Times in ms after the latch closed; null: not yet. */
export interface StopFindings {
  readonly tripId: number;
  readonly trigger: StopTrigger;
  readonly reason: string;
  readonly policy: TripPolicy;
  readonly trippedAtMs: number;
  readonly orders: readonly StoppedOrder[];
  /** What the venue still showed at the newest look; null when no look succeeded. Foreign orders are among them. */
  readonly survivors: readonly { readonly clientOrderId: string; readonly symbol: SymbolId; readonly venueOrderId: string }[] | null;
  readonly positions: readonly StoppedPosition[];
  readonly cancelsOnWireMs: number | null;
  readonly allAcknowledgedMs: number | null;
  readonly verifiedEmptyMs: number | null;
  readonly flatMs: number | null;
}

const OUTCOMES: Readonly<Record<OrderStatus, StopOrderOutcome['outcome']>> = {
  CANCELED: 'canceled',
  FILLED: 'filled',
  EXPIRED: 'expired',
  REJECTED: 'rejected',
  ACCEPTED: 'not-canceled',
  PARTIALLY_FILLED: 'not-canceled',
  INTENDED: 'unknown',
  SENT: 'unknown',
  UNKNOWN: 'unknown',
};

const outcomeOf = ({ status, sent }: StoppedOrder): StopOrderOutcome['outcome'] =>
  status === 'REJECTED' && !sent ? 'never-sent' : OUTCOMES[status];

const positionOutcome = ({ left }: StoppedPosition, policy: TripPolicy): StopPositionOutcome['outcome'] => {
  if (policy === 'keep-positions') return 'kept';
  return left === 'nothing' ? 'flattened' : left === 'dust' ? 'dust' : 'not-flattened';
};

/**
 * The receipt (E5). Complete means proven: the venue was seen empty, every order's end is known, and with `flatten` nothing but dust
 * is left. What the venue still shows is named as not cancelled, whoever placed it.
 */
export const receiptOf = (found: StopFindings): StopReceipt => {
  const survivors = found.survivors ?? [];
  const shown = new Set(survivors.map((order) => order.clientOrderId));
  const own = found.orders.map((order): StopOrderOutcome => {
    const { clientOrderId, symbol, venueOrderId, endedMs } = order;
    const alive = shown.has(clientOrderId) && !isEnded(order.status);
    return { clientOrderId, symbol, venueOrderId, outcome: alive ? 'not-canceled' : outcomeOf(order), ackMs: endedMs };
  });
  const ours = new Set(found.orders.map((order) => order.clientOrderId));
  const foreign = survivors
    .filter((order) => !ours.has(order.clientOrderId))
    .map((order): StopOrderOutcome => ({ ...order, outcome: 'not-canceled', ackMs: null }));
  const orders = [...own, ...foreign];
  const positions = found.positions.map((position): StopPositionOutcome => {
    const { symbol, qtyBefore, qtyAfter, why } = position;
    const outcome = positionOutcome(position, found.policy);
    return { symbol, qtyBefore, qtyAfter, outcome, ...(outcome === 'not-flattened' && why !== undefined ? { why } : {}) };
  });
  const empty = found.verifiedEmptyMs !== null && survivors.length === 0;
  return {
    tripId: found.tripId,
    trigger: found.trigger,
    reason: found.reason,
    policy: found.policy,
    trippedAtMs: found.trippedAtMs,
    orders,
    positions,
    buckets: { orders: empty ? 'empty' : found.survivors === null ? 'unverified' : 'not-empty', algo: 'not-on-spot' },
    cancelsOnWireMs: found.cancelsOnWireMs,
    allAcknowledgedMs: found.allAcknowledgedMs,
    verifiedEmptyMs: found.verifiedEmptyMs,
    flatMs: found.flatMs,
    complete:
      empty &&
      orders.every(({ outcome }) => outcome !== 'not-canceled' && outcome !== 'unknown') &&
      positions.every(({ outcome }) => outcome !== 'not-flattened'),
  };
};
