// A position's protection in words, for the window and for the alarm: what stands, or what is missing, why, and what is being done about
// it. Derived from state, market and notes; it keeps nothing.
import { toText } from '../../src-shared/domain/money.ts';
import type { ProtectionView } from '../../src-shared/contract/view.ts';
import type { ExitPlan } from '../../src-shared/domain/order.ts';
import { isConditional } from '../../src-shared/domain/order.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { TradingState } from '../safety/trading-state.ts';
import { hasPricesOf, isSameLots, wantedOf } from './decide/protect-orders.ts';
import { assess, stands } from './guards.ts';
import type { Assessment } from './guards.ts';
import type { Market } from './market.ts';
import { isDust } from './picture.ts';
import type { ProtectionNotes } from './protection-notes.ts';
import type { EngineState, Order, Position } from './state.ts';

const LIST = new Intl.ListFormat('en', { type: 'conjunction' });
const BASIS_POINTS_A_PERCENT = 100;

/** What a plan asks for, in words: `a stop at 49000 and a take profit at 52000`. */
export const planText = (plan: ExitPlan): string =>
  LIST.format([
    ...(plan.stopLoss === undefined ? [] : [`a stop at ${plan.stopLoss}`]),
    ...(plan.trailingDeltaBps === undefined ? [] : [`a stop that trails by ${plan.trailingDeltaBps / BASIS_POINTS_A_PERCENT} %`]),
    ...(plan.takeProfit === undefined ? [] : [`a take profit at ${plan.takeProfit}`]),
  ]);

const movingText = (order: Order): string => {
  const name = `${isConditional(order.type) ? 'The stop' : 'The order'} ${order.clientOrderId}`;
  if (order.cancelRequested) return `${name} is being cancelled.`;
  if (order.status === 'UNKNOWN') return `${name} is in doubt: the exchange is being asked what became of it.`;
  return order.status === 'ACCEPTED' || order.status === 'PARTIALLY_FILLED'
    ? `${name} is being asked for.`
    : `${name} is on its way to the exchange.`;
};

/** Why a position lacks what it should have, in one sentence. `trading` is the state of now. */
export const lackOf = (
  market: Market,
  trading: TradingState,
  { position, plan, moving, sale, entries, asleep, othersPlain, wantedQty, instrument, isHeldByOthers }: Assessment,
  notes: ProtectionNotes | undefined,
): string => {
  if (trading.level === 'HALTED') return `Trading is halted: ${trading.causes[0]?.text ?? 'no cause is given.'}`;
  if (sale !== null) return `It is being sold at market (${sale.clientOrderId}).`;
  if (moving !== null) return movingText(moving);
  if (entries.some((entry) => !entry.filledQty.isZero())) return 'Its exits wait at the exchange until the rest of its entry is filled.';
  if (asleep.length > 0) return 'Its exits should work by now: the exchange is being asked about them.';
  if (isHeldByOthers) return `Orders of your own sell ${toText(othersPlain)} of it, and what they hold cannot be guarded.`;
  if (notes !== undefined && notes.why !== '') return notes.why;
  if (plan === null) return 'It has no plan of protection.';
  if (!othersPlain.isZero() && isDust(wantedQty, instrument, market.mark(position.symbol)))
    return `Orders of your own sell ${toText(othersPlain)} of it and leave nothing to guard.`;
  if (instrument === undefined) return 'Nothing is known of its symbol yet.';
  if (market.quote(position.symbol) === null) return 'No price of it is known.';
  return 'It is being placed.';
};

/** True when what stands at the venue sells at the plan's prices: a change that is refused leaves what stood before. */
const isAsPlanned = (state: EngineState, { plan, sets, wantedQty, instrument, position }: Assessment): boolean => {
  const known = state.protections.get(position.symbol);
  if (plan === null || known === undefined || instrument === undefined || wantedQty.isZero()) return true;
  return sets.some((set) => set.orders.every(stands) && hasPricesOf(set, wantedOf(plan, known, instrument), plan));
};

/** What stands at the venue, in words, whatever is wanted; with the wish where that is another one, and what keeps it. */
const standingText = (
  { sets, plan, moving, wantedQty, instrument }: Assessment,
  wish: string,
  notes: ProtectionNotes | undefined,
): string => {
  const words = sets.flatMap(({ orders }) => orders.filter(stands).map(guardText));
  const what = words.length === 0 ? 'Orders of your own guard it.' : `At the exchange: ${LIST.format(words)}.`;
  if (moving !== null) return `${what} ${wish}${movingText(moving)}`;
  const isSized = plan === null || instrument === undefined || sets.every(({ openQty }) => isSameLots(openQty, wantedQty, instrument));
  const isDone = wish === '' && isSized;
  return isDone || notes === undefined || notes.why === ''
    ? `${what} ${wish}`.trimEnd()
    : `${what} ${wish}It could not be changed: ${notes.why}`;
};

const guardText = ({ type, stopPrice, price, trailingDeltaBps }: Order): string => {
  const at = stopPrice ?? price;
  const where = at === null ? {} : { stopLoss: toText(at) };
  if (isConditional(type) && !type.startsWith('TAKE_PROFIT')) return planText(trailingDeltaBps === null ? where : { trailingDeltaBps });
  return planText(at === null ? {} : { takeProfit: toText(at) });
};

const statusOf = (state: EngineState, assessment: Assessment): ProtectionView['status'] => {
  const { plan, isCovered, coveredQty, position } = assessment;
  const isWanted = plan !== null || state.policy?.protection.closeUnprotected === true;
  if (isCovered) return isAsPlanned(state, assessment) ? 'working' : 'placing';
  const isTold = (state.protections.get(position.symbol)?.missingSinceMs ?? null) !== null;
  if (!isWanted || (plan === null && !isTold)) return coveredQty.isZero() ? 'none' : 'partial';
  if (!isTold) return 'placing';
  return coveredQty.isZero() ? 'missing' : 'partial';
};

const textOf = (
  { policy }: EngineState,
  market: Market,
  trading: TradingState,
  assessment: Assessment,
  status: ProtectionView['status'],
): string => {
  const { plan, isCovered, coveredQty, sellableQty, position } = assessment;
  const notes = market.protection.get(position.symbol);
  const sale = plan === null ? saleText(policy) : '';
  if (status === 'none') return `Nothing sells it when the price falls.${sale}`;
  const wish = plan === null ? '' : `Wanted: ${planText(plan)}. `;
  if (isCovered) return standingText(assessment, status === 'working' ? '' : wish, notes);
  const part = coveredQty.isZero() ? '' : ` ${toText(coveredQty)} of ${toText(sellableQty)} is guarded.`;
  return `${wish}${lackOf(market, trading, assessment, notes)}${part}${sale}`;
};

/** What the policy does with a position that nobody protects. */
const saleText = (policy: Policy | null): string =>
  policy?.protection.closeUnprotected === true
    ? ` The policy sells it at market after ${policy.protection.graceSeconds} s without protection.`
    : '';

/** How a position is guarded now; null for one that is too small to be sold. */
export const protectionView = (state: EngineState, market: Market, trading: TradingState, position: Position): ProtectionView | null => {
  const assessment = assess(state, market, position.symbol);
  if (assessment === null || isDust(position.qty, assessment.instrument, market.mark(position.symbol))) return null;
  const known = state.protections.get(position.symbol);
  const { plan, sets, coveredQty } = assessment;
  const status = statusOf(state, assessment);
  const stop = sets.find((set) => set.stop !== null)?.stop ?? null;
  const stopPrice = stop?.stopPrice ?? known?.trailedTo ?? null;
  const isTrailedHere = plan?.trailingDeltaBps !== undefined && stop?.trailingDeltaBps === null;
  return {
    status,
    stopPrice: stopPrice === null ? (plan?.stopLoss ?? null) : toText(stopPrice),
    takeProfit: plan?.takeProfit ?? null,
    trailingDeltaBps: plan?.trailingDeltaBps ?? null,
    coversQty: toText(coveredQty),
    by: coveredQty.isZero() ? null : isTrailedHere ? 'console' : 'exchange',
    planOrigin: plan === null ? null : (known?.origin ?? null),
    text: textOf(state, market, trading, assessment, status),
    missingSinceMs: known?.missingSinceMs ?? null,
    lastGapMs: known?.lastGapMs ?? null,
  };
};
