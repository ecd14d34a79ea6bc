// Protection as a desired state (B5, Q11): after each turn that touched a position, and on each tick, the plan is compared with the
// orders that stand at the venue, and at most one step is taken for each symbol. No script is remembered, so a crash, a rejection, a
// reset of the venue or a stop heals by itself. It never acts while the outcome of an earlier step is unknown, nor while halted.
import type { SymbolId } from '../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import { toText } from '../../../src-shared/domain/money.ts';
import type { Price, Qty } from '../../../src-shared/domain/money.ts';
import type { ExitPlan } from '../../../src-shared/domain/order.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';
import type { Effect } from '../effects.ts';
import type { Fact, SequencedFact } from '../facts.ts';
import type { Assessment, GuardSet } from '../guards.ts';
import { assess, entryOf, guardsOf } from '../guards.ts';
import { isDust } from '../picture.ts';
import { lasting, notesOf } from '../protection-notes.ts';
import type { ProtectionNotes } from '../protection-notes.ts';
import type { Order, Protection } from '../state.ts';
import { symbolOf } from '../symbols.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { cancelOf } from './cancels.ts';
import { doubt } from './doubts.ts';
import { askedFor, changeOf, hasPricesOf, isSameLots, policyPlan, saleOf, trailedFrom, venueTrails, wantedOf } from './protect-orders.ts';
import type { Wanted } from './protect-orders.ts';
import { change, forgive, judgeTries, submit, waitAfter } from './protect-tries.ts';
import { alertOf, watch } from './protect-watch.ts';

/** What should pass by itself is given so long: a triggered order fills, a pair's rest fills, coins come free. */
const PATIENCE_MS = 1000;
/** A price that stays beyond a trigger although the order stands: the venue does not act on it, so the console does. */
const BEYOND_MS = 3000;
/** A market entry comes in several fills within moments: it is protected once, when it is through. */
const ENTRY_SETTLES_MS = 300;
const CANCEL_AGAIN_MS = 5000;
const SECOND_MS = 1000;
/** A trailing stop moves up by no less than this part of its distance, and no oftener. */
const TRAIL_STEP_PART = 10;
const TRAIL_EVERY_MS = 2000;

/** Symbols whose protection time alone may change: with a position, with notes of one, or with sells and no position. */
export const protectedSymbols = ({ state, market }: Pick<Context, 'state' | 'market'>): ReadonlySet<SymbolId> => {
  const symbols = new Set([...state.positions.keys(), ...market.protection.keys()]);
  for (const [symbol, { sellQty }] of state.books) if (!sellQty.isZero()) symbols.add(symbol);
  return symbols;
};

/** Those among them that these facts touch. */
export const touchedSymbols = (
  { state, market }: Pick<Context, 'state' | 'market'>,
  facts: readonly SequencedFact[],
): ReadonlySet<SymbolId> => {
  const symbols = new Set<SymbolId>();
  const add = (symbol: SymbolId): void => {
    if (state.positions.has(symbol) || market.protection.has(symbol) || state.books.get(symbol)?.sellQty.isZero() === false)
      symbols.add(symbol);
  };
  for (const { fact } of facts) {
    const order = 'clientOrderId' in fact ? state.orders.get(fact.clientOrderId) : undefined;
    if (order !== undefined) add(order.symbol);
    else if ('symbol' in fact) add(fact.symbol);
    else if (fact.kind === 'balances.updated') for (const { asset } of fact.entries) add(symbolOf(asset));
  }
  return symbols;
};

/** The next step for one symbol: facts, of which an order's comes first because its number is its name. */
export const protectStep = (context: Context, symbol: SymbolId): Decision => {
  const { state, market } = context;
  const assessment = assess(state, market, symbol);
  if (assessment === null) return leftovers(context, symbol);
  const notes = notesOf(market.protection, symbol);
  judgeTries(context, notes);
  if (isDust(assessment.position.qty, assessment.instrument, market.mark(symbol))) return tooSmall(context, assessment, notes);
  const planned = replan(context, assessment, notes);
  if (planned !== null) return decided([planned]);
  const step = act(context, assessment, notes);
  const told = watch(context, assessment, notes);
  return decided([...step.facts, ...told.facts], [...step.effects, ...told.effects]);
};

// --------------------------------------------------------------------------------------------------- nothing to guard

/** A position that is gone: what guarded it goes, too. */
const leftovers = (context: Context, symbol: SymbolId): Decision => {
  const { state, market, monoMs } = context;
  const known = market.protection.get(symbol);
  if (known === undefined && (state.books.get(symbol)?.sellQty.isZero() ?? true)) return NOTHING;
  const notes = known ?? notesOf(market.protection, symbol);
  const guards = guardsOf(state, market, symbol);
  const told = notes.toldAtMs === null ? [] : [alertOf('good', symbol, `${symbol} is closed`, 'There is nothing left to protect.')];
  notes.toldAtMs = null;
  notes.lackingSinceMs = null;
  if (guards.sets.length === 0) {
    market.protection.delete(symbol);
    return decided([], told);
  }
  if (guards.moving !== null) return decided([], [...told, ...nudge(context, guards.moving, guards.sets, notes)]);
  // The fill that closed it and the end of its pair's other order come one after the other.
  if (!state.session.reconciled || lasting(notes, 'orphan', true, monoMs) < PATIENCE_MS) return decided([], told);
  const gone = withdraw(context, notes, guards.sets, 'its position is closed');
  return decided(gone.facts, [...told, ...gone.effects]);
};

/** Too small to be sold: nothing can protect it, and its plan ends, so that a later purchase does not inherit it. */
const tooSmall = (context: Context, assessment: Assessment, notes: ProtectionNotes): Decision => {
  const { plan, sets, moving, position, instrument, wantedQty } = assessment;
  const { state, market } = context;
  const { symbol } = position;
  const isBusy = (state.books.get(symbol)?.buys ?? 0) > 0 || sets.length > 0;
  if (moving !== null) return decided([], nudge(context, moving, sets, notes));
  const large = sets.filter(({ openQty }) => instrument !== undefined && isTooLarge(openQty, wantedQty, instrument));
  if (large.length > 0) return withdraw(context, notes, large, 'too little is left for it');
  if (isBusy) return NOTHING;
  const told =
    notes.toldAtMs === null ? [] : [alertOf('good', symbol, `${symbol} is too small to protect`, 'What is left cannot be sold.')];
  market.protection.delete(symbol);
  // Nor does it inherit what a person took off, or since when that was missed.
  const known = state.protections.get(symbol);
  const isOver = known === undefined || (plan === null && known.origin === 'policy' && known.missingSinceMs === null);
  return decided(isOver ? [] : [{ kind: 'protection.set', symbol, plan: null, origin: 'policy' }], told);
};

// ------------------------------------------------------------------------------------------------------------ the plan

/** What a sale would fetch, and what a stop is compared with. On an old one nobody here judges: the venue does, when it is asked. */
interface Bid {
  readonly price: Price;
  /** True while a position may be sold on its word, and a stop moved. */
  readonly isFresh: boolean;
}

const bidOf = ({ market, monoMs }: Context, policy: Policy, symbol: SymbolId): Bid | null => {
  const quote = market.quote(symbol);
  return quote === null ? null : { price: quote.bid, isFresh: monoMs - quote.seenAtMs <= policy.limits.maxQuoteAgeMs };
};

/** A plan that the policy sets, or a trailing stop that moves up: facts before any order. */
const replan = (context: Context, { plan, position, instrument }: Assessment, notes: ProtectionNotes): Fact | null => {
  const { state, trading } = context;
  const { symbol } = position;
  const { policy } = state;
  if (policy === null || instrument === undefined || trading.level === 'HALTED') return null;
  const bid = bidOf(context, policy, symbol);
  if (bid === null) return null;
  const known = state.protections.get(symbol);
  if (plan === null) {
    // Who took a plan off meant it.
    const isOpen = known === undefined || known.origin === 'policy';
    if (!policy.protection.automatic || !isOpen) return null;
    return { kind: 'protection.set', symbol, plan: policyPlan(position.entryPrice, bid.price, policy, instrument), origin: 'policy' };
  }
  return known === undefined ? null : trail(context, plan, known, bid, instrument, notes);
};

const trail = (
  { monoMs }: Context,
  plan: ExitPlan,
  { trailedTo }: Protection,
  bid: Bid,
  instrument: Instrument,
  notes: ProtectionNotes,
): Fact | null => {
  if (plan.trailingDeltaBps === undefined || venueTrails(plan, instrument)) return null;
  const next = trailedFrom(bid.price, plan.trailingDeltaBps, instrument);
  // The first is needed before anything can be placed; it moves on news alone.
  if (trailedTo !== null) {
    const step = bid.price.minus(next).div(TRAIL_STEP_PART);
    const isDue = notes.trailedAtMs === null || monoMs - notes.trailedAtMs >= TRAIL_EVERY_MS;
    if (!bid.isFresh || !isDue || next.minus(trailedTo).lt(step) || next.lte(trailedTo)) return null;
  }
  notes.trailedAtMs = monoMs;
  return { kind: 'protection.trailed', symbol: instrument.symbol, stopPrice: toText(next) };
};

// ------------------------------------------------------------------------------------------------------------ one step

const act = (context: Context, assessment: Assessment, notes: ProtectionNotes): Decision => {
  const { state, trading, monoMs } = context;
  const { moving, sets, sale, asleep, instrument, position } = assessment;
  if (trading.level === 'HALTED') notes.lastingSinceMs.delete('bare');
  if (lasting(notes, 'asleep', asleep.length > 0, monoMs) >= PATIENCE_MS)
    return decided(
      [],
      asleep.flatMap((order) => doubt(context, order, null)),
    );
  if (moving !== null) return decided([], nudge(context, moving, sets, notes));
  const { policy } = state;
  if (sale !== null || asleep.length > 0 || policy === null || instrument === undefined || trading.level === 'HALTED') return NOTHING;
  if (isEntering(context, position.symbol)) return NOTHING;
  const bid = bidOf(context, policy, position.symbol);
  if (bid === null) return NOTHING;
  const rest = endEntry(context, assessment, policy, notes);
  if (rest !== null) return rest;
  const goal: Goal = { context, assessment, notes, policy, instrument, bid };
  const why = reasonToSell(goal);
  // A sale does not wait for what failed while it was to be guarded.
  if (why !== null && !notes.isSelling) forgive(notes);
  notes.isSelling = why !== null;
  if (monoMs < notes.retryAtMs) return NOTHING;
  return why === null ? guard(goal) : sell(goal, why);
};

interface Goal {
  readonly context: Context;
  readonly assessment: Assessment;
  readonly notes: ProtectionNotes;
  readonly policy: Policy;
  readonly instrument: Instrument;
  readonly bid: Bid;
}

/** True for the moments in which a market entry of the symbol is still filling. */
const isEntering = ({ state, nowMs }: Context, symbol: SymbolId): boolean => {
  for (const id of state.unsettled) {
    const order = state.orders.get(id);
    if (order?.symbol !== symbol || order.side !== 'BUY' || !state.openOrders.has(id)) continue;
    const atOnce = order.type === 'MARKET' || order.timeInForce === 'IOC' || order.timeInForce === 'FOK';
    if (atOnce && order.fills.length > 0 && Math.abs(nowMs - order.updatedAtMs) < ENTRY_SETTLES_MS) return true;
  }
  return false;
};

/** The exits of a partly filled entry wait for its rest. When they have waited long enough the rest is given up for them. */
const endEntry = (context: Context, { entries }: Assessment, policy: Policy, notes: ProtectionNotes): Decision | null => {
  const partly = entries.find((entry) => !entry.filledQty.isZero());
  const waitedMs = lasting(notes, 'entry', partly !== undefined, context.monoMs);
  if (partly === undefined || partly.cancelRequested || waitedMs < policy.protection.graceSeconds * SECOND_MS) return null;
  const { symbol, clientOrderId, qty, filledQty } = partly;
  const rest = qty === null ? '' : ` ${toText(qty.minus(filledQty))}`;
  const cancel = cancelOf(context.state, partly, 'protection', 'what it bought is to be protected');
  return decided(cancel.facts, [
    cancel.effect,
    alertOf(
      'warning',
      symbol,
      `The rest of an entry is cancelled`,
      `${clientOrderId} was filled in part for ${policy.protection.graceSeconds} s, and its exits wait for the rest${rest}: what was bought is protected now.`,
    ),
  ]);
};

/** Why the position is to be sold now instead of guarded, in words, or null. */
const reasonToSell = ({ context, assessment, notes, policy, instrument, bid }: Goal): string | null => {
  const { plan, position, sets, entries } = assessment;
  const { monoMs } = context;
  const { closeUnprotected, graceSeconds } = policy.protection;
  // Only the time counts in which the console could have guarded it: no halt, no exits that wait for their entry, and coins that no
  // sale of the trader's own holds. What is guarded beside such a sale is never sold for it.
  const isBare = notes.lackingSinceMs !== null && !assessment.isHeldByOthers && entries.every((entry) => entry.filledQty.isZero());
  if (lasting(notes, 'bare', isBare, monoMs) >= graceSeconds * SECOND_MS && closeUnprotected)
    return `It has been without working protection for ${graceSeconds} s, and the policy closes such a position.`;
  const known = context.state.protections.get(position.symbol);
  if (plan === null || known === undefined) return null;
  if (notes.isBeyond && !bid.isFresh) return 'The exchange says that the price is beyond its stop or its take profit.';
  const { stopPrice, takeProfit } = wantedOf(plan, known, instrument);
  const isBelow = stopPrice !== null && bid.isFresh && bid.price.lte(stopPrice);
  const isAbove = takeProfit !== null && bid.isFresh && bid.price.gte(takeProfit);
  const beyondMs = lasting(notes, 'beyond', isBelow || isAbove, monoMs);
  if (!isBelow && !isAbove) return null;
  // Where an order stands, the venue acts on the price by itself.
  const hasOrder = sets.some((set) => (isBelow ? isAt(set.stop, stopPrice) : isAt(set.limit, takeProfit)));
  if (hasOrder && beyondMs < BEYOND_MS) return null;
  const [name, at] = isBelow ? ['stop', stopPrice] : ['take profit', takeProfit];
  return `The price ${toText(bid.price)} is beyond its ${name} ${at === null ? '' : toText(at)}.`;
};

const isAt = (order: Order | null, wanted: Price | null): boolean =>
  order !== null && wanted !== null && (order.stopPrice ?? order.price)?.eq(wanted) === true;

const sell = (goal: Goal, why: string): Decision => {
  const { context, assessment, notes, instrument } = goal;
  const { sets, wantedQty, position } = assessment;
  if (sets.length > 0) return withdraw(context, notes, sets, 'its position is sold at market');
  if (isDust(wantedQty, instrument, goal.bid.price)) return NOTHING;
  const sale = submit(context, notes, { kind: 'order', request: saleOf(wantedQty, instrument) });
  if (!sale.isSent) return sale.decision;
  const { symbol } = position;
  const said = alertOf('danger', symbol, `${symbol} is being sold at market`, `${why} ${toText(wantedQty)} is sold at once.`);
  // Under a key of its own: a sale must be heard even in the minute after the alarm that came before it.
  const alert: Effect = { ...said, key: `protection-sale:${symbol}` };
  notes.toldAtMs = context.monoMs;
  return decided(sale.decision.facts, [...sale.decision.effects, alert]);
};

const guard = (goal: Goal): Decision => {
  const { context, assessment, notes, policy, instrument, bid } = goal;
  const { plan, position, sets, wantedQty } = assessment;
  const known = context.state.protections.get(position.symbol);
  if (plan === null || known === undefined) return withdraw(context, notes, sets, 'the position is to have no protection');
  const wanted = wantedOf(plan, known, instrument);
  const one = fittest(sets, wanted, plan);
  const more = sets.filter((set) => set !== one);
  // Never two at once.
  if (more.length > 0) return withdraw(context, notes, more, 'the position has another');
  if (one !== undefined) return mend(goal, one, wanted, plan);
  const asked = isDust(wantedQty, instrument, bid.price) ? null : askedFor(plan, wanted, wantedQty, bid.price, policy, instrument);
  return asked === null ? NOTHING : submit(context, notes, asked).decision;
};

/** The one that has the plan's prices, or else the largest. */
const fittest = (sets: readonly GuardSet[], wanted: Wanted, plan: ExitPlan): GuardSet | undefined => {
  const fitting = sets.filter((set) => hasPricesOf(set, wanted, plan));
  return (fitting.length > 0 ? fitting : sets).toSorted((a, b) => b.openQty.cmp(a.openQty))[0];
};

/** What stands is made as wanted: by one request where the venue can, else by a cancel, after whose proof the next step places anew. */
const mend = ({ context, assessment, notes, policy, instrument, bid }: Goal, set: GuardSet, wanted: Wanted, plan: ExitPlan): Decision => {
  const { wantedQty } = assessment;
  const isRight = hasPricesOf(set, wanted, plan);
  if (isRight && isSameLots(set.openQty, wantedQty, instrument)) {
    notes.lastingSinceMs.delete('part');
    return NOTHING;
  }
  // Of a pair one fills in part and the other dies: most often the rest fills in a moment.
  const isFilling = set.orders.some((order) => !order.filledQty.isZero());
  if (lasting(notes, 'part', isFilling, context.monoMs) < (isFilling ? PATIENCE_MS : 0)) return NOTHING;
  if (isDust(wantedQty, instrument, bid.price))
    return isTooLarge(set.openQty, wantedQty, instrument) ? withdraw(context, notes, [set], 'other orders sell what it guards') : NOTHING;
  const [order] = set.orders;
  const different = changeOf(set, wanted, wantedQty, policy, instrument);
  if (different === null || order === undefined) return withdraw(context, notes, [set], 'it is placed anew as planned');
  return change(context, notes, order, different);
};

const isTooLarge = (stands: Qty, wanted: Qty, instrument: Instrument): boolean =>
  stands.gt(wanted) && !isSameLots(stands, wanted, instrument);

// ------------------------------------------------------------------------------------------------------------- cancels

/** Cancels these sets; of a list the venue cancels every order with the first. */
const withdraw = (context: Context, notes: ProtectionNotes, sets: readonly GuardSet[], why: string): Decision => {
  const facts: Fact[] = [];
  const effects: Effect[] = [];
  for (const { orders } of sets) {
    const [first] = orders;
    const before = first === undefined ? undefined : notes.canceled.get(first.clientOrderId);
    // One that is still to be cancelled after a cancel: that came to nothing, and the next waits longer.
    if (first === undefined || (before !== undefined && context.monoMs - before.atMs < waitAfter(before.times))) continue;
    const cancel = cancelOf(context.state, first, 'protection', why);
    facts.push(...cancel.facts);
    effects.push(cancel.effect);
    for (const { clientOrderId } of orders) notes.canceled.set(clientOrderId, { atMs: context.monoMs, times: (before?.times ?? 0) + 1 });
  }
  if (effects.length > 0) notes.placed = [];
  return decided(facts, effects);
};

/** What is awaited too long is asked for again: a cancel that a crash kept from the wire, an exit that is ahead of its entry. */
const nudge = (context: Context, order: Order, sets: readonly GuardSet[], notes: ProtectionNotes): Effect[] => {
  const { state, market, monoMs } = context;
  const { clientOrderId } = order;
  if (order.status !== 'ACCEPTED' && order.status !== 'PARTIALLY_FILLED') return [];
  if (!order.cancelRequested) {
    const isDue = lasting(notes, 'asleep', !market.doubts.has(clientOrderId), monoMs) >= PATIENCE_MS;
    const entry = entryOf(state, order);
    return isDue && entry !== null && state.openOrders.has(entry.clientOrderId) ? doubt(context, entry, null) : [];
  }
  const isReplaced = sets.some(({ orders }) => orders.some(({ replaces }) => replaces === clientOrderId));
  const known = notes.canceled.get(clientOrderId) ?? { atMs: monoMs, times: 0 };
  const isDue = monoMs - known.atMs >= CANCEL_AGAIN_MS;
  notes.canceled.set(clientOrderId, isDue ? { ...known, atMs: monoMs } : known);
  if (isReplaced || !state.session.reconciled || !isDue) return [];
  return [cancelOf(state, order, 'protection').effect];
};
