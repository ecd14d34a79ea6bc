// May it happen, and what does it make true? One input at a time, with no await anywhere below this function (DESIGN 1).
import type { AssetId } from '../../../src-shared/domain/ids.ts';
import { sentence } from '../../../src-shared/errors/sentence.ts';
import { assertNever } from '../../../src-shared/errors/result.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import type { Input } from '../inputs.ts';
import type { VenueEvent } from '../../venue/port.ts';
import { toText } from '../../../src-shared/domain/money.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { alarmsOf } from './alarms.ts';
import { worthOf } from '../market.ts';
import { dateFromBefore } from '../steady.ts';
import { symbolOf } from '../symbols.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';
import { cancelsCutShort, condemnStopped } from './doubts.ts';
import { onHeldAtWire, onQueried, onReplaced, onSent, onSubmitted, onSubmittedList } from './answers.ts';
import { closeBreaker, noteApiErrors, withBookBegunAnew } from './breaker.ts';
import { cancel, cancelAll, onCanceled, onCanceledAll } from './cancels.ts';
import { killSwitchAsked, noteKillSwitch } from './kill-switch.ts';
import { ladderElsewhere, promote } from './ladder.ts';
import { placeList } from './lists.ts';
import { place, replace } from './orders.ts';
import { onBooksSeen } from './books.ts';
import { askPolicy, policyBroken, policyRead, withdrawPolicy } from './policy.ts';
import { protect } from './protect-plan.ts';
import { askForBooks, askIn, onBalancesSeen } from './reconcile.ts';
import { onAccountSeen, onOpenOrdersSeen, onStopCanceled, reset, trip } from './stop.ts';
import { tick } from './tick.ts';
import { noteWatchdog, onWatchdogActed } from './watchdog.ts';
import { onBalances, onExecution } from './venue-truth.ts';

/**
 * A request sent before the crash may still arrive for as long as its window is open (BINANCE 5: recvWindow 5 s + 10 s; its timestamp
 * may have been 1 s ahead of the exchange's clock).
 */
const RESTART_DOUBT_MS = 16_000;
/** The longest interval that a policy can ask for between two orders of a symbol. */
const PACE_KNOWN_MS = 60_000;

/** How soon the books are asked for what came before its first price: the quote is on its way. */
const UNPRICED_ASKED_IN_MS = 1000;

/** The pace of orders (C10) goes on over a restart: the venue saw them too. What a wall clock dates later than now was just now. */
const notePace = ({ state, market, nowMs, monoMs }: Context): void => {
  for (const order of state.orders.values()) {
    const ageMs = Math.max(0, nowMs - order.intendedAtMs);
    if (order.origin !== 'foreign' && order.origin !== 'protection' && ageMs < PACE_KNOWN_MS)
      market.noteOrder(order.symbol, monoMs - ageMs);
  }
};

/** A start is recovery: whatever left no proof behind is in doubt until the venue says what became of it (B8). */
const startSession = (context: Context, input: Extract<Input, { kind: 'session' }>): Decision => {
  const { mode, account, version, standIn } = input;
  const facts: Fact[] = [{ kind: 'session.started', mode, account, version, ...(standIn && { standIn }) }];
  notePace(context);
  context.market.wallAheadMs = context.nowMs - context.monoMs;
  for (const id of [...context.state.openOrders, ...context.state.unsettled]) {
    const order = context.state.orders.get(id);
    if (order !== undefined) dateFromBefore(order, context.nowMs, RESTART_DOUBT_MS);
  }
  for (const id of context.state.unsettled) {
    const order = context.state.orders.get(id);
    if (order?.status !== 'INTENDED' && order?.status !== 'SENT') continue;
    facts.push({
      kind: 'order.unknown',
      clientOrderId: id,
      why: 'The console stopped before the answer.',
      provableAtMs: context.nowMs + RESTART_DOUBT_MS,
    });
  }
  return decided(facts, [...condemnStopped(context), ...cancelsCutShort(context)]);
};

const onVenue = (context: Context, event: VenueEvent): Decision => {
  switch (event.kind) {
    case 'execution':
      return onExecution(context, event.report);
    case 'balances':
      return onBalances(context, event.entries, event.venueTimeMs);
    case 'balance-moved': {
      // The report has no id of its own: the same amount of the same asset at the same millisecond is the same report again.
      const move = `${event.venueTimeMs} ${event.delta}`;
      if (context.market.balanceMoves.get(event.asset) === move) return NOTHING;
      context.market.balanceMoves.set(event.asset, move);
      const worth = worthOf(context.market, event.asset);
      if (worth === null && context.state.ledger !== null && context.market.instruments.has(symbolOf(event.asset)))
        return unpriced(context, event.asset, new Decimal(event.delta));
      return decided([
        {
          kind: 'balance.moved',
          asset: event.asset,
          delta: event.delta,
          deltaUsdt: worth === null ? null : toText(new Decimal(event.delta).times(worth)),
          venueTimeMs: event.venueTimeMs,
          // A deposit is taken out at once: where its order of arrival is not certain, a loss must show too large and not too small.
          ...(event.delta.startsWith('-') && event.venueTimeMs > context.state.balancesAtMs && { ahead: true as const }),
        },
      ]);
    }
    case 'stream':
      return decided([], onStream(context, event));
    case 'garbled':
      return decided(
        [],
        [
          {
            kind: 'alert',
            severity: 'warning',
            key: 'garbled',
            title: 'A message that makes no sense',
            text: `From the ${event.stream} stream, not used: ${event.text}`,
          },
        ],
      );
    default:
      return NOTHING;
  }
};

/**
 * A movement of a coin that counts and has no price yet. Booked without its worth it would be a profit, or a loss, with the first quote:
 * the comparison of the books books it, when it can be told what it is worth; until then nothing is opened (C4, C15).
 */
const unpriced = (context: Context, asset: AssetId, delta: Decimal): Decision => {
  const { unexplained } = context.market;
  unexplained.set(asset, delta.plus(unexplained.get(asset) ?? 0));
  askIn(context, UNPRICED_ASKED_IN_MS, `${asset} came or went before its first price`);
  return NOTHING;
};

/** Down, and back after it was told that it is down: one alert each, the second in the place of the first. */
const onStream = (context: Context, { stream, status, text }: Extract<VenueEvent, { kind: 'stream' }>): readonly Effect[] => {
  const { toldDown } = context.market;
  const key = `stream:${stream}`;
  if (status === 'down') {
    toldDown.add(stream);
    return [
      {
        kind: 'alert',
        severity: 'warning',
        key,
        title: `The ${stream} stream is down`,
        text: `${sentence(text)} Openings are denied until it is back.`,
      },
    ];
  }
  return toldDown.delete(stream)
    ? [{ kind: 'alert', severity: 'good', key, title: `The ${stream} stream is back`, text: 'What was missed is asked for.' }]
    : [];
};

/** Inputs that change only the volatile picture. */
const note = (
  context: Context,
  input: Extract<Input, { kind: 'policy-broken' | 'mode-refused' | 'journal-broken' | 'instruments' | 'hotkey' | 'kill-switch' }>,
): Decision => {
  const { market } = context;
  switch (input.kind) {
    case 'policy-broken':
      return policyBroken(market, input.text);
    case 'mode-refused':
      market.modeProblem = input.text;
      return NOTHING;
    case 'journal-broken':
      market.journalProblem = input.text;
      return decided(
        [],
        [
          {
            kind: 'alert',
            severity: 'danger',
            key: 'journal',
            title: 'The journal is broken',
            text: `${input.text} Nothing is sent any more but cancels.`,
          },
        ],
      );
    case 'instruments':
      market.instruments = new Map(input.instruments.map((instrument) => [instrument.symbol, instrument]));
      market.instrumentsAtMs = context.nowMs;
      return NOTHING;
    case 'hotkey':
      market.hotkey = input.hotkey;
      return NOTHING;
    case 'kill-switch':
      return noteKillSwitch(market, input.view);
    default:
      return assertNever(input);
  }
};

export const decide = (context: Context, input: Input): Decision => {
  noteApiErrors(context, input);
  const decision = decideInput(context, input);
  const alarms = alarmsOf(context, decision.facts);
  return alarms.length === 0 ? decision : { ...decision, effects: [...decision.effects, ...alarms] };
};

const decideInput = (context: Context, input: Input): Decision => {
  switch (input.kind) {
    case 'tick':
      return tick(context);
    case 'session':
      return startSession(context, input);
    case 'policy':
      return policyRead(context, input);
    case 'policy-asked':
      return askPolicy(context, input);
    case 'policy-withdraw':
      return withdrawPolicy(context, input);
    case 'policy-broken':
    case 'mode-refused':
    case 'journal-broken':
    case 'instruments':
    case 'hotkey':
    case 'kill-switch':
      return note(context, input);
    case 'kill-switch-asked':
      return killSwitchAsked(input);
    case 'watchdog':
      return noteWatchdog(context.market, input.watchdog);
    case 'watchdog-acted':
      return onWatchdogActed(context, input);
    case 'place':
      return place(context, input.request, input.origin);
    case 'place-oco':
      return placeList(context, input.request, input.origin);
    case 'replace':
      return replace(context, input.clientOrderId, input.change, input.origin);
    case 'protect':
      return protect(context, input.symbol, input.plan, input.origin);
    case 'cancel':
      return cancel(context, input.clientOrderId, input.origin);
    case 'cancel-all':
      return cancelAll(context, input.symbol, input.origin);
    case 'trip':
      return trip(context, input.trigger, input.reason, input.positions);
    case 'reset':
      return withBookBegunAnew(context, reset(context, input.by, input.why, input.readBackTripId));
    case 'drill-finished':
      return decided([{ kind: 'drill.finished', drill: input.drill }]);
    case 'breaker-reset':
      return closeBreaker(context, input.by, input.why, input.readBackRule);
    case 'ladder-promote':
      return promote(context, input);
    case 'ladder-elsewhere':
      return ladderElsewhere(context, input);
    case 'market-regime':
      return context.state.ladder.regime === input.regime ? NOTHING : decided([{ kind: 'market.regime', regime: input.regime }]);
    case 'reconcile':
      return askForBooks(context, input.why);
    case 'snapshot-kept':
      return decided([{ kind: 'snapshot.taken', atSeq: input.atSeq, digest: input.digest }]);
    case 'self-test':
      return decided([{ kind: 'selftest.finished', items: input.items }]);
    case 'venue':
      return onVenue(context, input.event);
    case 'sent':
      return onSent(context, input.clientOrderId);
    case 'held-at-wire':
      return onHeldAtWire(context, input.clientOrderId, input.denial);
    case 'submitted':
      return onSubmitted(context, input.clientOrderId, input.outcome);
    case 'submitted-list':
      return onSubmittedList(context, input.listId, input.outcome);
    case 'replaced':
      return onReplaced(context, input);
    case 'canceled':
      return onCanceled(context, input.clientOrderId, input.outcome);
    case 'canceled-all':
      return input.tripId === null
        ? onCanceledAll(context, input.symbol, input.outcome)
        : onStopCanceled(context, input.symbol, input.tripId, input.outcome);
    case 'queried':
      return onQueried(context, input);
    case 'open-orders-seen':
      return onOpenOrdersSeen(context, input.tripId, input.result);
    case 'account-seen':
      return input.tripId === null
        ? onBalancesSeen(context, input.askedAtMs, input.result)
        : onAccountSeen(context, input.tripId, input.askedAtMs, input.result);
    case 'books-seen':
      return onBooksSeen(context, input.why, input.startedAtMs, input.result);
    default:
      return assertNever(input);
  }
};
