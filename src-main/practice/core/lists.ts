// Order lists before they exist: OCO, OTO and OTOCO requests become drafts, checked for what one leg means to the other.
// rest-api.md, "Order lists". What happens to a list afterwards is the desk's.
import { draftOrder, type DraftRequest, type PriceReference } from './draft.ts';
import { REFUSAL, accept, refusal } from './errors.ts';
import type { Instrument } from './instrument.ts';
import type { OrderDraft } from './order.ts';
import type { ApiError, NewOco, NewOto, NewOtoco, OrderLeg, OrderType, Result, Side, StpMode } from './types.ts';

export interface ListDrafts {
  readonly contingency: 'OCO' | 'OTO';
  /** In the order of their ids; the first `placedNow` go to the book at once, the rest wait for the first one's fill. */
  readonly drafts: readonly OrderDraft[];
  readonly placedNow: number;
}

interface Pair {
  readonly side: Side;
  readonly quantity: string;
  readonly above: OrderLeg;
  readonly below: OrderLeg;
  readonly stp: StpMode | undefined;
  readonly prefixes: readonly [above: string, below: string];
}

export function ocoDrafts(
  instrument: Instrument,
  request: NewOco,
  reference: PriceReference,
  lastTicks: number | undefined,
): Result<ListDrafts> {
  const { side, quantity, above, below, selfTradePreventionMode: stp } = request;
  const pair = pairDrafts(instrument, { side, quantity, above, below, stp, prefixes: ['above', 'below'] }, reference, lastTicks);
  return pair.ok ? accept({ contingency: 'OCO', drafts: pair.value, placedNow: 2 }) : pair;
}

export function otoDrafts(instrument: Instrument, request: NewOto, reference: PriceReference): Result<ListDrafts> {
  const working = workingDraft(instrument, request, reference);
  if (!working.ok) return working;
  const pending = draftOrder(instrument, withStp(request.pending, request.selfTradePreventionMode), reference, 'pending');
  return pending.ok ? accept({ contingency: 'OTO', drafts: [working.value, pending.value], placedNow: 1 }) : pending;
}

export function otocoDrafts(instrument: Instrument, request: NewOtoco, reference: PriceReference): Result<ListDrafts> {
  const working = workingDraft(instrument, request, reference);
  if (!working.ok) return working;
  const { pendingSide: side, pendingQuantity: quantity, pendingAbove: above, pendingBelow: below, selfTradePreventionMode: stp } = request;
  const prefixes = ['pendingAbove', 'pendingBelow'] as const;
  const pair = pairDrafts(instrument, { side, quantity, above, below, stp, prefixes }, reference, undefined);
  return pair.ok ? accept({ contingency: 'OTO', drafts: [working.value, ...pair.value], placedNow: 1 }) : pair;
}

function workingDraft(instrument: Instrument, request: NewOto | NewOtoco, reference: PriceReference): Result<OrderDraft> {
  const { type } = request.working;
  if (type !== 'LIMIT' && type !== 'LIMIT_MAKER') return refusal(REFUSAL.unsupported);
  return draftOrder(instrument, withStp(request.working, request.selfTradePreventionMode), reference, 'working');
}

function withStp(leg: DraftRequest, stp: StpMode | undefined): DraftRequest {
  return stp === undefined ? leg : { ...leg, selfTradePreventionMode: stp };
}

/** The stop leg first, then the limit or take-profit leg. */
function pairDrafts(
  instrument: Instrument,
  pair: Pair,
  reference: PriceReference,
  lastTicks: number | undefined,
): Result<[OrderDraft, OrderDraft]> {
  const { side, quantity, stp } = pair;
  const wrongTypes = refusalOfTypes(side, pair.above.type, pair.below.type);
  if (wrongTypes !== undefined) return refusal(wrongTypes);
  const above = draftOrder(instrument, withStp({ ...pair.above, side, quantity }, stp), reference, pair.prefixes[0]);
  if (!above.ok) return above;
  const below = draftOrder(instrument, withStp({ ...pair.below, side, quantity }, stp), reference, pair.prefixes[1]);
  if (!below.ok) return below;
  const [high, low] = [decidingTicks(above.value), decidingTicks(below.value)];
  const misplaced =
    (high > 0 && low > 0 && high <= low) || (lastTicks !== undefined && ((high > 0 && high <= lastTicks) || (low > 0 && low >= lastTicks)));
  if (misplaced) return refusal(REFUSAL.ocoPrices);
  return accept(side === 'SELL' ? [below.value, above.value] : [above.value, below.value]);
}

/** The price that must lie on its side of the last trade; 0 for a trailing leg without a stop price. */
function decidingTicks(draft: OrderDraft): number {
  return draft.type === 'LIMIT_MAKER' || draft.type === 'TAKE_PROFIT_LIMIT' ? draft.priceTicks : draft.stopTicks;
}

function refusalOfTypes(side: Side, above: OrderType, below: OrderType): ApiError | undefined {
  const [stop, profit] = side === 'SELL' ? [below, above] : [above, below];
  if (!OCO_TYPES.has(stop) || !OCO_TYPES.has(profit)) return REFUSAL.ocoType;
  if (above === 'LIMIT_MAKER' && below === 'LIMIT_MAKER') return REFUSAL.ocoBothLimit;
  if (stop === 'LIMIT_MAKER') return side === 'SELL' ? REFUSAL.sellOcoLimit : REFUSAL.buyOcoLimit;
  if (isStopLoss(profit)) return side === 'SELL' ? REFUSAL.sellOcoStop : REFUSAL.buyOcoStop;
  if (!isStopLoss(stop)) return side === 'SELL' ? REFUSAL.sellOcoProfit : REFUSAL.buyOcoProfit;
  return undefined;
}

const OCO_TYPES: ReadonlySet<OrderType> = new Set(['LIMIT_MAKER', 'STOP_LOSS', 'STOP_LOSS_LIMIT', 'TAKE_PROFIT', 'TAKE_PROFIT_LIMIT']);

function isStopLoss(type: OrderType): boolean {
  return type === 'STOP_LOSS' || type === 'STOP_LOSS_LIMIT';
}
