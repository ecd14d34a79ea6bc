// Time in which this process measures what the wall clock must not stretch or cut short: how old an order's last change is, what came
// after a question, from when on absence is proof (BINANCE 5). It is the wall clock as the session began, carried on by the monotonic
// one, so that a step of the wall clock moves nothing. What is durable stays dated by the wall clock: of orders from before the start
// that is all there is.
import type { ClientOrderId } from '../../src-shared/domain/ids.ts';
import { MAX_CLOCK_OFFSET_MS } from '../safety/self-test.ts';
import type { Fact } from './facts.ts';
import type { Market } from './market.ts';
import type { Moment } from './ports.ts';
import type { EngineState, Order } from './state.ts';

interface Note {
  readonly changedAtMs: number;
  readonly provableAtMs: number | null;
}

/** Beside the orders and not in them: a replay of the journal has none of it, and it ends with the order. */
const notes = new WeakMap<Order, Note>();

/** Whole ms, comparable with the wall clock's of an untouched machine; before the session began the wall clock itself. */
export const steadyMs = ({ wallAheadMs }: Market, { nowMs, monoMs }: Moment): number =>
  wallAheadMs === null ? nowMs : Math.round(monoMs + wallAheadMs);

/** When the order last changed. */
export const changedAtMs = (order: Order): number => notes.get(order)?.changedAtMs ?? order.updatedAtMs;

/** From when on the venue's not knowing the order is proof; null where no date was set. */
export const provableAtMs = (order: Order): number | null => {
  const note = notes.get(order);
  return note === undefined ? order.provableAtMs : note.provableAtMs;
};

/** The orders that a fact is about. */
export const ordersChangedBy = (fact: Fact): readonly ClientOrderId[] => {
  if ('clientOrderId' in fact) return [fact.clientOrderId];
  if (fact.kind === 'order.intended') return [fact.order.clientOrderId];
  return fact.kind === 'list.intended' ? fact.list.orders.map(({ clientOrderId }) => clientOrderId) : [];
};

const note = (market: Market, order: Order | undefined, before: Order | undefined, moment: Moment): void => {
  if (order === undefined || notes.has(order)) return;
  const atMs = steadyMs(market, moment);
  const isDated = before !== undefined && notes.has(before) && before.provableAtMs === order.provableAtMs;
  const dueAtMs = order.provableAtMs === null ? null : atMs + (order.provableAtMs - moment.nowMs);
  notes.set(order, { changedAtMs: atMs, provableAtMs: isDated ? provableAtMs(before) : dueAtMs });
};

/** A fact about this order has become true; a replaced order stands or falls with the one that replaces it. */
export const noteChange = ({ orders }: EngineState, market: Market, id: ClientOrderId, before: Order | undefined, moment: Moment): void => {
  const order = orders.get(id);
  note(market, order, before, moment);
  const replaced = order?.replaces ?? null;
  if (replaced !== null) note(market, orders.get(replaced), undefined, moment);
};

/**
 * An order from before the start, at it. Whatever its date says, it changed before; and was it in doubt, nothing of it can be on its way
 * any more `doubtMs` from now: the process that sent it is gone.
 */
export const dateFromBefore = (order: Order, nowMs: number, doubtMs: number): void =>
  void notes.set(order, {
    changedAtMs: Math.min(order.updatedAtMs, nowMs - 1),
    provableAtMs: order.status === 'UNKNOWN' ? nowMs + doubtMs : null,
  });

/** The dates that a wait counts from or ends at: the newest loss (C13), the end of a reset's cool-down (E6), the breaker's opening (D). */
const DATES = {
  loss: ({ risk }: EngineState) => risk.lastLossAtMs,
  coolDown: ({ stop }: EngineState) => stop.coolDownUntilMs,
  breaker: ({ breaker }: EngineState) => breaker.openedAtMs,
} as const;

export type DateName = keyof typeof DATES;

const NAMES = ['loss', 'coolDown', 'breaker'] as const;

/** True once the exchange's clock was measured and the wall clock agrees with it. */
const isWallRight = ({ exchangeAheadMs }: Market, { nowMs, monoMs }: Moment): boolean =>
  exchangeAheadMs !== null && Math.abs(monoMs + exchangeAheadMs - nowMs) <= MAX_CLOCK_OFFSET_MS;

const inSteady = (market: Market, moment: Moment, dateMs: number): number => steadyMs(market, moment) + (dateMs - moment.nowMs);

/**
 * A fact has become true: a date that is new is kept in steady time as well. One from before the start was set by a wall clock that was
 * right then: it is kept so once this one is right too (`settleDates`), or a clock that is ahead at a start would end the wait for good.
 */
export const noteDates = (state: EngineState, market: Market, moment: Moment): void => {
  const isFirst = !market.hasDates;
  market.hasDates = true;
  for (const name of NAMES) {
    const dateMs = DATES[name](state);
    if (market.dates[name]?.dateMs === dateMs) continue;
    const isUnsettled = isFirst && !isWallRight(market, moment);
    market.dates[name] = dateMs === null ? null : { dateMs, steadyMs: isUnsettled ? null : inSteady(market, moment, dateMs) };
  }
};

/** To be called while time passes: dates from before the start, once the wall clock is right. */
export const settleDates = (market: Market, moment: Moment): void => {
  for (const name of NAMES) {
    const noted = market.dates[name];
    if (noted !== null && noted.steadyMs === null && isWallRight(market, moment))
      market.dates[name] = { ...noted, steadyMs: inSteady(market, moment, noted.dateMs) };
  }
};

/** The date as the wall clock of now shows it: what it was set to meanwhile makes no wait shorter or longer. */
export const dateNow = (state: EngineState, market: Market, name: DateName, moment: Moment): number | null => {
  const dateMs = DATES[name](state);
  const noted = market.dates[name];
  if (noted === null || noted.dateMs !== dateMs || noted.steadyMs === null) return dateMs;
  return moment.nowMs + (noted.steadyMs - steadyMs(market, moment));
};

const SECOND_MS = 1000;

/**
 * The same for people: the date itself, moved by whole seconds where the wall clock was set meanwhile. The two clocks are read one after
 * the other, and what is shown must not change with every look.
 */
export const dateShown = (state: EngineState, market: Market, name: DateName, moment: Moment): number | null => {
  const dateMs = DATES[name](state);
  const nowMs = dateNow(state, market, name, moment);
  return dateMs === null || nowMs === null ? dateMs : dateMs + Math.round((nowMs - dateMs) / SECOND_MS) * SECOND_MS;
};
