// What the automatic trips of the emergency stop are measured on, fact by fact (REQUIREMENTS E1): begun anew by each reset of the stop,
// so that one breach never trips twice, and by nothing else. Pure; evolve.ts calls it before it takes the fact in itself.
import type { Money } from '../../src-shared/domain/money.ts';
import { money } from '../../src-shared/domain/money.ts';
import type { Fact } from './facts.ts';
import { movedPeak } from './risk-book.ts';
import type { AutoTripBook, EngineState } from './state.ts';

export const EMPTY_AUTO_TRIP: AutoTripBook = {
  dayUtc: '',
  dayPeakUsdt: null,
  openLossAccepted: false,
  executionErrorsInRow: 0,
  errorAtMs: null,
};

const marked = (book: AutoTripBook, equityUsdt: Money, atMs: number): AutoTripBook => {
  const today = new Date(atMs).toISOString().slice(0, 10);
  const { dayUtc, dayPeakUsdt } = book;
  // A clock that stepped back begins no day.
  if (today > dayUtc || dayPeakUsdt === null) return { ...book, dayUtc: today > dayUtc ? today : dayUtc, dayPeakUsdt: equityUsdt };
  return equityUsdt.gt(dayPeakUsdt) ? { ...book, dayPeakUsdt: equityUsdt } : book;
};

/** What fails in one instant fails for one reason: the orders of a list, the cancel of a whole symbol, a connection that drops. */
const failed = (book: AutoTripBook, atMs: number): AutoTripBook =>
  book.errorAtMs === atMs ? book : { ...book, executionErrorsInRow: book.executionErrorsInRow + 1, errorAtMs: atMs };
const succeeded = (book: AutoTripBook): AutoTripBook => (book.executionErrorsInRow === 0 ? book : { ...book, executionErrorsInRow: 0 });

/** What an end of this console left in doubt is no error of execution. */
const isOfThisSession = ({ orders, session }: EngineState, fact: Extract<Fact, { kind: 'order.unknown' }>): boolean =>
  (orders.get(fact.clientOrderId)?.intendedAtMs ?? 0) >= session.startedAtMs;

/** A cancel that was told to wait, or waits for our own budget, comes through by itself (C9). An older journal says no reason: no evidence. */
const isExecutionError = ({ failure }: Extract<Fact, { kind: 'cancel.failed' }>): boolean =>
  failure !== undefined && failure !== 'held' && failure !== 'budget';

/** The book after one more fact. `state` is the one before it. */
export const autoEvolved = (state: EngineState, fact: Fact, atMs: number): AutoTripBook => {
  const book = state.autoTrip;
  switch (fact.kind) {
    case 'equity.marked':
      return marked(book, money(fact.equityUsdt), atMs);
    case 'balance.moved':
      return fact.deltaUsdt === null
        ? book
        : { ...book, dayPeakUsdt: movedPeak(book.dayPeakUsdt, state.risk.markedUsdt, money(fact.deltaUsdt)) };
    case 'venue.reset':
      return { ...book, dayPeakUsdt: null, openLossAccepted: false };
    case 'order.unknown':
      return isOfThisSession(state, fact) ? failed(book, atMs) : book;
    case 'cancel.failed':
      return isExecutionError(fact) ? failed(book, atMs) : book;
    case 'order.accepted':
      return succeeded(book);
    case 'stop.reset':
      return { ...book, dayPeakUsdt: null, openLossAccepted: fact.openLossAccepted ?? false, executionErrorsInRow: 0 };
    case 'open-loss.recovered':
      return { ...book, openLossAccepted: false };
    default:
      return book;
  }
};
