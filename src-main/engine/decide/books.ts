// A comparison's answer: the pure plan (reconcile/diff.ts) and what the account says become facts, and every difference is said
// (REQUIREMENTS I). What it cannot settle is asked again, capped; what comes back however often it is dealt with halts trading.
import type { Difference } from '../../../src-shared/domain/difference.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import type { Result } from '../../../src-shared/errors/result.ts';
import { compared, unendingOf } from '../../reconcile/convergence.ts';
import { diff, isDealtWith, NAME_TAKEN } from '../../reconcile/diff.ts';
import type { VenueBooks } from '../../reconcile/diff.ts';
import { protectionDifferences } from '../../reconcile/protection.ts';
import { resetEvidence } from '../../reconcile/reset.ts';
import { survivorsOf } from '../../safety/emergency-stop.ts';
import type { VenueFailure, VenueOrder } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact, FillFact } from '../facts.ts';
import { noteName, orderMeant } from '../order-numbers.ts';
import type { EngineState } from '../state.ts';
import { steadyMs } from '../steady.ts';
import { areGapsUnending, GAP_READINGS_TO_HALT } from '../trading.ts';
import { judgeAccount } from './account.ts';
import type { Context, Decision } from './context.ts';
import { decided } from './context.ts';
import { condemn } from './doubts.ts';
import { askAgain, askIn, failed, statement, touchedSince } from './reconcile.ts';
import { judgeReset } from './venue-reset.ts';
import { absence, adopt, learn } from './venue-truth.ts';

/** The next round of a comparison whose questions did not fit into one; the minute's weight is for trading too. */
const NEXT_ROUND_MS = 10_000;
/** How often what does not settle is looked at once it has halted trading. */
const UNENDING_MS = 60_000;

/** What the venue calls its open orders, also where nothing differs: a start knows no name that another program gave before it. */
const noteNames = (state: EngineState, openOrders: readonly VenueOrder[]): void => {
  for (const venue of openOrders) {
    const order = orderMeant(state, venue);
    if (order !== undefined) noteName(order, venue);
  }
};

/** The venue's books are here: what differs is taken over, and said. */
export const onBooksSeen = (context: Context, why: string, startedAtMs: number, result: Result<VenueBooks, VenueFailure>): Decision => {
  const { state, market } = context;
  const begun = market.reconciling;
  market.reconciling = null;
  if (!result.ok) return failed(context, why, result.error);
  const books = result.value;
  const touched = touchedSince(context, startedAtMs);
  const evidence = resetEvidence(state, books, startedAtMs);
  const reset = judgeReset(context, { why, startedAtMs, books, touched }, evidence);
  if (reset !== null) return reset;
  noteAsked(context, books, begun?.sinceMs ?? context.monoMs);
  noteNames(state, books.openOrders);

  const plan = diff(state, books, startedAtMs, new Set(market.instruments.keys()), touched);
  const parts = [
    ...plan.resolutions.map(({ order, venue, fills }) => learn(context, order, venue, fills, 'query')),
    decided(plan.absent.map(absence)),
    ...plan.adoptions.map(({ venue, fills }) => adopt(context, venue, fills)),
  ];
  const facts = inVenueOrder(parts.map((part) => part.facts));
  // A full statement settles what is on the books; it never settles an order that may still be on its way.
  facts.push(statement(context, plan.balances, startedAtMs));
  const account = judgeAccount(context, books.balances, facts, startedAtMs, touched, books.left === 0 && !evidence.unsure);
  const differences = [
    ...plan.differences,
    ...account.differences,
    ...protectionDifferences(state, books.openOrders, startedAtMs, market.instruments),
  ];
  const reconciled: Extract<Fact, { kind: 'reconciled' }> = {
    kind: 'reconciled',
    why,
    differences,
    tookMs: steadyMs(market, context) - startedAtMs,
    trades: [...books.asked.keys()].filter((symbol) => !books.again.has(symbol)),
  };
  const unending = unendingOf(compared(state.reconciliation, reconciled, context.nowMs));
  if (unending !== null) askIn(context, UNENDING_MS, 'a difference comes back again and again');
  else if (differences.some((one) => one.action === NAME_TAKEN)) askIn(context, UNENDING_MS, 'an order waits for its name');
  const effects = [
    ...parts.flatMap((part) => part.effects),
    ...condemnSurvivors(context, books.openOrders),
    ...planNext(context, books),
    ...alertsOn(context, reconciled, unending),
  ];
  // Only a comparison that began after the stream's newest return, and is whole, tells all that was missed.
  const isWhole = books.left === 0 && market.streams.user.status === 'live' && begun?.userOutages === market.userOutages;
  if (isWhole) market.missedEvents = false;
  else if (books.left > 0) market.missedEvents = true;
  return decided([...facts, ...account.facts, reconciled], effects);
};

/** By the venue's time; within one ms by its number, which grows with each trade of a symbol. */
const earlierFill = (a: FillFact, b: FillFact): number =>
  a.venueTimeMs - b.venueTimeMs || a.tradeId.length - b.tradeId.length || (a.tradeId < b.tradeId ? -1 : Number(a.tradeId > b.tradeId));

/**
 * Missed fills become true in the order in which they happened, whatever orders they belong to: a sale that came after a buy would else
 * seem to close the position, and end its plan, before the buy opens another. What else is said of an order stays before and behind its
 * fills; an order without any moves no position and comes last.
 */
const inVenueOrder = (parts: readonly (readonly Fact[])[]): Fact[] =>
  parts
    .flatMap(byItsFills)
    .toSorted((a, b) => (a.at === null || b.at === null ? Number(a.at === null) - Number(b.at === null) : earlierFill(a.at, b.at)))
    .map(({ fact }) => fact);

/** What is said of one order, each with the fill that it is placed by; null where there is none. */
const byItsFills = (facts: readonly Fact[]): readonly { readonly fact: Fact; readonly at: FillFact | null }[] => {
  const fills = facts.filter((fact) => fact.kind === 'order.filled').toSorted(earlierFill);
  const first = facts.findIndex((fact) => fact.kind === 'order.filled');
  return facts.map((fact, index) => ({ fact, at: fact.kind === 'order.filled' ? fact : (fills.at(index < first ? 0 : -1) ?? null) }));
};

/** Keeps in mind what this round asked for, so that the next one takes its turn. */
const noteAsked = ({ state, market }: Context, books: VenueBooks, sinceMs: number): void => {
  for (const symbol of books.asked.keys()) {
    market.tradesAskedAtMs.set(symbol, sinceMs);
    if (!state.traded.has(symbol)) market.searched.add(symbol);
  }
  market.tradesAgain = books.again;
  const before = [...market.ordersAskedAtMs].filter(([id]) => state.openOrders.has(id));
  market.ordersAskedAtMs = new Map([...before, ...[...books.queries.keys()].map((id): [ClientOrderId, number] => [id, sinceMs])]);
};

/** What this round left open is asked for soon: the rest of the questions, or once more for balances that do not add up. */
const planNext = (context: Context, { left }: VenueBooks): Effect[] => {
  const { market } = context;
  if (market.unexplained.size === 0) {
    market.unexplainedReadings = 0;
    market.searched.clear();
  } else if (left === 0) market.unexplainedReadings += 1;
  if (left > 0) askIn(context, NEXT_ROUND_MS, 'the rest of the books');
  else if (areGapsUnending(market)) askIn(context, UNENDING_MS, 'the balances still do not add up');
  else if (market.unexplained.size > 0) askAgain(context, market.unexplainedReadings, 'the balances do not add up yet');
  if (left > 0 || market.unexplainedReadings !== GAP_READINGS_TO_HALT) return [];
  const gaps = [...market.unexplained].map(([asset, gap]) => `${gap.toFixed()} ${asset}`).join(', ');
  return [
    {
      kind: 'alert',
      severity: 'danger',
      key: 'reconcile',
      title: 'The balances do not add up',
      text: `${GAP_READINGS_TO_HALT} comparisons in a row found another gap, or one that nothing explains: ${gaps}. Trading is halted until two agree.`,
    },
  ];
};

const shown = (differences: readonly Difference[]): string =>
  differences
    .slice(0, 3)
    .map((one) => `${one.what} ${one.key} ${one.action}`)
    .join('; ');

const alertsOn = ({ state }: Context, reconciled: Extract<Fact, { kind: 'reconciled' }>, unending: Difference | null): Effect[] => {
  const effects: Effect[] = [];
  const dealtWith = reconciled.differences.filter(isDealtWith);
  if (dealtWith.length > 0 && state.reconciliation.atMs !== null) {
    const text = `${dealtWith.length === 1 ? 'One difference was' : `${dealtWith.length} differences were`} found and dealt with: ${shown(dealtWith)}.`;
    effects.push({ kind: 'alert', severity: 'warning', key: 'reconcile-difference', title: 'The books differed', text });
  }
  if (unending !== null && unendingOf(state.reconciliation) === null) {
    const text = `${shown([unending])}, again and again, and it does not hold: ${unending.local} here, ${unending.venue} at the exchange. Trading is halted until a comparison does not find it any more.`;
    effects.push({ kind: 'alert', severity: 'danger', key: 'reconcile', title: 'A difference that no correction ends', text });
  }
  return effects;
};

/** What must not live by the stop's word although no order here stands for it: on symbols that this console does not trade, too. */
const condemnSurvivors = (context: Context, open: readonly VenueOrder[]): Effect[] => {
  const { stop, orders } = context.state;
  const named = new Set(survivorsOf(stop).map((order) => order.venueOrderId));
  return open
    .filter((order) => !orders.has(order.clientOrderId as ClientOrderId))
    .filter((order) => stop.phase === 'TRIPPED' || named.has(order.venueOrderId))
    .flatMap((order) => condemn(context, { symbol: order.symbol, clientOrderId: order.clientOrderId as ClientOrderId }));
};
