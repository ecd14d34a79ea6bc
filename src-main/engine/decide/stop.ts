// The emergency stop at work (DESIGN 6, REQUIREMENTS E): the latch closes first, then every symbol is cancelled at once, then the
// venue is asked until it shows nothing, then (policy) positions are sold, then a receipt. It never gives up while tripped, and a
// restart goes on where the latch was found closed.
import type { ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import { clientOrderIdOf } from '../../../src-shared/domain/ids.ts';
import type { Instrument } from '../../../src-shared/domain/instrument.ts';
import type { Amount, Qty } from '../../../src-shared/domain/money.ts';
import { amount, floorTo, toText, ZERO_AMOUNT } from '../../../src-shared/domain/money.ts';
import { isEnded } from '../../../src-shared/domain/order.ts';
import { receiptText } from '../../../src-shared/domain/receipt-text.ts';
import type { StopReceipt, StopTrigger, TripPolicy } from '../../../src-shared/domain/stop.ts';
import type { Result } from '../../../src-shared/errors/result.ts';
import { judge } from '../../safety/gate.ts';
import { canReset, receiptOf, survivorsOf, tripFacts } from '../../safety/emergency-stop.ts';
import type { AccountSnapshot, CancelOutcome, VenueFailure, VenueOrder } from '../../venue/port.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import { isDust, pictureOf, sellableOf } from '../picture.ts';
import { findingsOf } from '../stop-findings.ts';
import type { Position } from '../state.ts';
import type { StopProgress, SymbolCancel } from '../stop-progress.ts';
import { baseOf } from '../symbols.ts';
import { totalsOf } from './account.ts';
import type { Context, Decision } from './context.ts';
import { decided, NOTHING, refused } from './context.ts';
import { condemn, condemnStopped, doubt } from './doubts.ts';
import { learnAll } from './cancels.ts';
import { nameTaken } from './intents.ts';
import { askForBooks, touchedSince } from './reconcile.ts';

/** A receipt that names the survivors is due by then (E3); the work goes on. */
const INTERIM_RECEIPT_MS = 4500;
/** Longer than a cancel and a look take over a slow line. */
const SAME_WISH_MS = 1000;
const RETRY_FIRST_MS = 150;
const RETRY_MOST_MS = 1000;
const VERIFY_MOST_MS = 4000;
const FLATTEN_FIRST_MS = 700;
const FLATTEN_MOST_MS = 5000;
const DEFAULT_COOL_DOWN_MINUTES = 15;

/** Every symbol with an open order or one in flight, and every other that this console may trade: a foreign order dies with them. */
const symbolsToCancel = (context: Context): ReadonlySet<SymbolId> =>
  new Set([...context.state.books.keys(), ...context.market.instruments.keys()]);

const idle = (): SymbolCancel => ({ sentAtMs: null, acknowledgedAtMs: null, failures: 0, retryAtMs: 0, text: '' });

/** Waits twice as long after each time, up to a most: request weight is scarce when much goes wrong (C9). */
const backOff = (firstMs: number, mostMs: number, times: number): number => Math.min(mostMs, firstMs * 2 ** times);

/** What is open now; and, when a restart takes the work up, what ended since the latch closed: the receipt names every order (E5). */
const targetsOf = ({ state }: Context, trippedAtMs: number | null): ReadonlyMap<ClientOrderId, SymbolId> => {
  const targets = new Map<ClientOrderId, SymbolId>();
  for (const [id, order] of state.orders) {
    const endedSince = trippedAtMs !== null && order.updatedAtMs >= trippedAtMs && order.generation < state.stop.generation;
    if (endedSince || (state.openOrders.has(id) && order.origin !== 'stop')) targets.set(id, order.symbol);
  }
  return targets;
};

/** Notes for the trip's work. `trippedAtMs` (wall clock) is given when a restart takes up the work of a trip from before. */
const begin = (context: Context, tripId: number, trippedAtMs: number | null): StopProgress => {
  // A look of the same trip that is still under way was asked before these cancels: its answer proves nothing of them.
  const isLookOutdated = context.market.stop?.tripId === tripId && context.market.stop.verifying;
  const progress: StopProgress = {
    tripId,
    latchedAtMs: context.monoMs - (trippedAtMs === null ? 0 : Math.max(0, context.nowMs - trippedAtMs)),
    begunAtMs: context.monoMs,
    startedOverAtMs: context.monoMs,
    targets: targetsOf(context, trippedAtMs),
    strangers: new Map(),
    endedAtMs: new Map(),
    symbols: new Map([...symbolsToCancel(context)].map((symbol) => [symbol, idle()])),
    positionsBefore: new Map([...context.state.positions].map(([symbol, position]) => [symbol, toText(position.qty)])),
    cancelsOnWireAtMs: null,
    acknowledgedAtMs: null,
    verifying: isLookOutdated,
    lookOutdated: isLookOutdated,
    verifyRetryAtMs: 0,
    verifyRounds: 0,
    verifiedEmptyAtMs: null,
    survivors: null,
    flattenAskedAtMs: null,
    flattenRounds: 0,
    flatAtMs: null,
    sold: new Set(),
    unsold: new Map(),
    interimReceipted: false,
    finished: false,
  };
  context.market.stop = progress;
  return progress;
};

const cancelEffect = (symbol: SymbolId, tripId: number): Effect => ({ kind: 'cancel-all', symbol, tripId, priority: 'emergency' });

const sendCancels = (progress: StopProgress): Effect[] =>
  [...progress.symbols.keys()].map((symbol) => cancelEffect(symbol, progress.tripId));

/** The work under way starts over at the cancels. Its receipt stays due when it was: presses in a row must not put it off. */
const startOver = (context: Context, progress: StopProgress): StopProgress => {
  for (const symbol of symbolsToCancel(context)) progress.symbols.set(symbol, idle());
  progress.startedOverAtMs = context.monoMs;
  progress.lookOutdated = progress.verifying;
  progress.verifyRetryAtMs = 0;
  progress.verifiedEmptyAtMs = null;
  progress.flattenAskedAtMs = null;
  progress.flattenRounds = 0;
  progress.flatAtMs = null;
  return progress;
};

/**
 * A press while tripped: whatever the receipt said, every cancel is sent again and the venue is asked anew. Presses on the heels of one
 * are one wish: whoever hammers the key must neither put off the proof nor use up the request weight that it and the sales need.
 */
const pressedAgain = (context: Context, trigger: StopTrigger, reason: string): Decision => {
  const { tripId, trippedAtMs, receipt } = context.state.stop;
  const { stop: progress } = context.market;
  if (progress !== null && context.monoMs - progress.startedOverAtMs < SAME_WISH_MS) return decided([], [], { kind: 'tripped', tripId });
  const isAtWork = progress !== null && receipt === null;
  const next = isAtWork ? startOver(context, progress) : begin(context, tripId, trippedAtMs);
  return decided(receipt === null ? [] : [{ kind: 'stop.pressed', tripId, trigger, reason }], sendCancels(next), {
    kind: 'tripped',
    tripId,
  });
};

/** Trips, or (while tripped) begins the cancels anew: a person who presses twice means it. */
export const trip = (context: Context, trigger: StopTrigger, reason: string, positions: TripPolicy | null): Decision => {
  const { stop, policy } = context.state;
  // While tripped, only words ask for more than the running trip does: a second press of the button is the same wish again.
  const standing = stop.phase === 'TRIPPED' ? stop.policy : (policy?.emergencyStop.onTrip ?? 'keep-positions');
  const facts = tripFacts(stop, trigger, reason, positions ?? standing);
  if (facts.length === 0) return pressedAgain(context, trigger, reason);
  const tripId = stop.tripId + 1;
  return decided(facts, sendCancels(begin(context, tripId, null)), { kind: 'tripped', tripId });
};

/** What the stop's newest look, or its receipt, still names as alive. */
const namedSurvivors = ({ state, market }: Context): readonly { readonly clientOrderId: string; readonly symbol: SymbolId }[] => [
  ...(market.stop?.survivors?.values() ?? []),
  ...survivorsOf(state.stop),
];

/** A person's act: the trip is read back and the reason given. What the stop has not proven gone is pursued until it is. */
export const reset = (context: Context, by: string, why: string, readBackTripId: number): Decision => {
  const minutes = context.state.policy?.emergencyStop.coolDownMinutes ?? DEFAULT_COOL_DOWN_MINUTES;
  const verdict = canReset(context.state.stop, readBackTripId, context.nowMs, minutes);
  if (!verdict.ok) return refused(verdict.error);
  const { coolDownUntilMs } = verdict.value;
  const survivors = namedSurvivors(context).map(({ clientOrderId, symbol }) => ({ symbol, clientOrderId: clientOrderId as ClientOrderId }));
  const pursuit = [...condemnStopped(context), ...survivors.flatMap((one) => condemn(context, one))];
  context.market.stop = null;
  return decided([{ kind: 'stop.reset', by, why, coolDownUntilMs }], pursuit, { kind: 'reset', coolDownUntilMs });
};

const failedAgain = (context: Context, one: SymbolCancel, text: string): void => {
  one.retryAtMs = context.monoMs + backOff(RETRY_FIRST_MS, RETRY_MOST_MS, one.failures);
  one.failures += 1;
  one.text = text;
};

/** What a cancel ended besides the targets: the receipt names every order (E5). */
const noteStrangers = ({ monoMs }: Context, { targets, strangers }: StopProgress, orders: readonly VenueOrder[]): void => {
  for (const { clientOrderId, venueOrderId, symbol, status } of orders) {
    if (targets.has(clientOrderId as ClientOrderId) || strangers.has(clientOrderId)) continue;
    if (status === 'CANCELED' || status === 'EXPIRED' || status === 'FILLED')
      strangers.set(clientOrderId, { symbol, venueOrderId, status, endedAtMs: monoMs });
  }
};

/** One symbol's cancel-all came back. */
export const onStopCanceled = (context: Context, symbol: SymbolId, tripId: number, outcome: CancelOutcome): Decision => {
  const progress = context.market.stop;
  const one = progress?.tripId === tripId ? progress.symbols.get(symbol) : undefined;
  const learned = outcome.kind === 'canceled' ? learnAll(context, outcome) : NOTHING;
  if (progress !== null && one !== undefined && outcome.kind === 'canceled') noteStrangers(context, progress, outcome.orders);
  if (one === undefined) return learned;
  if (outcome.kind === 'failed') failedAgain(context, one, outcome.failure.text);
  else one.acknowledgedAtMs = context.monoMs;
  return learned;
};

/** The venue's list of open orders: the proof that a stop needs, or the names of those that are still there. */
export const onOpenOrdersSeen = (context: Context, tripId: number, result: Result<readonly VenueOrder[], VenueFailure>): Decision => {
  const progress = context.market.stop;
  if (progress === null || progress.tripId !== tripId) return NOTHING;
  progress.verifying = false;
  if (progress.lookOutdated) {
    progress.lookOutdated = false;
    return NOTHING;
  }
  progress.verifyRetryAtMs = context.monoMs + backOff(RETRY_FIRST_MS, VERIFY_MOST_MS, progress.verifyRounds);
  progress.verifyRounds += 1;
  if (!result.ok) return NOTHING;
  progress.survivors = new Map(
    result.value.map((order) => [order.venueOrderId, { clientOrderId: order.clientOrderId, symbol: order.symbol }]),
  );
  if (result.value.length === 0) {
    if (stillInFlight(context) === 0) progress.verifiedEmptyAtMs = context.monoMs;
    return decided([], lostTargets(context));
  }
  const effects: Effect[] = [];
  for (const symbol of new Set(result.value.map((order) => order.symbol))) {
    const one = progress.symbols.get(symbol) ?? idle();
    progress.symbols.set(symbol, { ...one, acknowledgedAtMs: null });
    effects.push(cancelEffect(symbol, tripId));
  }
  return decided([], effects);
};

/** Orders on the wire without an answer: the venue may show them any moment, so an empty list proves nothing yet. */
const stillInFlight = (context: Context): number => {
  let count = 0;
  for (const id of context.state.unsettled) {
    const order = context.state.orders.get(id);
    if (order?.status === 'SENT' || order?.status === 'UNKNOWN') count += 1;
  }
  return count;
};

/** Open here, not at the venue: what became of them is asked, so that each has its outcome on the receipt. */
const lostTargets = (context: Context): Effect[] => {
  const effects: Effect[] = [];
  for (const id of context.state.openOrders) {
    const order = context.state.orders.get(id);
    if (order === undefined || order.status === 'INTENDED') continue;
    effects.push(...doubt(context, order, null));
  }
  return effects;
};

const isFlat = ({ state, market }: Context): boolean =>
  [...state.positions.values()].every((position) =>
    isDust(position.qty, market.instruments.get(position.symbol), market.mark(position.symbol)),
  );

/** What one market order may sell of a position, out of what the venue says is free. */
const flattenSize = (position: Position, instrument: Instrument, free: Amount): Qty => {
  const size = sellableOf(free, position, instrument);
  const most = instrument.marketLot?.maxQty;
  return most === undefined || most.isZero() || size.lte(most) ? size : floorTo(most, instrument.lot.stepQty);
};

/**
 * Positions of which the venue holds less than the facts say cannot be sold as they stand: a comparison of the books finds the trades
 * that nobody told of, or cuts them (account.ts).
 */
const askForMissing = (context: Context, { balances }: AccountSnapshot): readonly Effect[] => {
  const totals = totalsOf(balances);
  const isShort = [...context.state.positions.values()].some(({ symbol, qty }) => qty.gt(totals.get(baseOf(symbol)) ?? 0));
  if (!isShort || context.market.reconcileAgain !== null) return [];
  return askForBooks(context, 'the exchange holds less than the positions here').effects;
};

/** Positions in the venue's own size are sold at market, reduce-only, through the gate like any order (E4). */
export const onAccountSeen = (
  context: Context,
  tripId: number,
  askedAtMs: number,
  result: Result<AccountSnapshot, VenueFailure>,
): Decision => {
  const progress = context.market.stop;
  const { state, market } = context;
  if (progress === null || progress.tripId !== tripId || !result.ok || state.policy === null) return NOTHING;
  const touched = touchedSince(context, askedAtMs);
  const facts: Fact[] = [
    { kind: 'balances.updated', entries: result.value.balances.filter((entry) => !touched.has(entry.asset)), full: false, venueTimeMs: 0 },
  ];
  const questions = askForMissing(context, result.value);
  progress.unsold.clear();
  // Without a journal nothing new is sent: the next session would give the sale's name away again, and sell what is sold.
  if (market.journalProblem !== '') {
    const why = `not sold: the journal cannot be written (${market.journalProblem}); sell it in the exchange's own app`;
    for (const symbol of state.positions.keys()) progress.unsold.set(symbol, why);
    return decided(facts, questions);
  }
  const free = new Map(result.value.balances.map((entry) => [entry.asset, amount(entry.free)]));
  for (const position of state.positions.values()) {
    const instrument = market.instruments.get(position.symbol);
    if (instrument === undefined || (state.books.get(position.symbol)?.ids.size ?? 0) > 0) continue;
    const size = flattenSize(position, instrument, free.get(instrument.base) ?? ZERO_AMOUNT);
    if (isDust(size, instrument, market.mark(position.symbol))) continue;
    const request = { symbol: position.symbol, side: 'SELL', type: 'MARKET', qty: toText(size), reduceOnly: true } as const;
    const judgement = judge(request, 'stop', pictureOf(state, market, state.policy, context.trading, position.symbol, context));
    const clientOrderId = clientOrderIdOf(context.tag, state.seq + facts.length + 1);
    if (judgement.verdict === 'deny' || state.orders.has(clientOrderId)) {
      const denial = judgement.verdict === 'deny' ? judgement.denial : nameTaken;
      facts.push({ kind: 'order.denied', request, origin: 'stop', denial });
      progress.unsold.set(position.symbol, `not sold: ${denial.text}`);
      continue;
    }
    progress.sold.add(position.symbol);
    const quote = market.quote(position.symbol);
    facts.push({
      kind: 'order.intended',
      order: { ...judgement.order, clientOrderId, origin: 'stop', generation: state.stop.generation, reservedUsdt: judgement.reservedUsdt },
      quote:
        quote === null
          ? { bid: toText(ZERO_AMOUNT), ask: toText(ZERO_AMOUNT), ageMs: -1 }
          : { bid: toText(quote.bid), ask: toText(quote.ask), ageMs: context.monoMs - quote.seenAtMs },
    });
  }
  return decided(facts, questions);
};

const noteEnds = (context: Context, progress: StopProgress): void => {
  for (const id of progress.targets.keys()) {
    const order = context.state.orders.get(id);
    if (!progress.endedAtMs.has(id) && (order === undefined || isEnded(order.status))) progress.endedAtMs.set(id, context.monoMs);
  }
};

const cancelStep = (context: Context, progress: StopProgress): Effect[] => {
  const effects: Effect[] = [];
  let open = 0;
  for (const [symbol, one] of progress.symbols) {
    if (one.acknowledgedAtMs !== null) continue;
    open += 1;
    if (one.failures > 0 && one.retryAtMs > 0 && context.monoMs >= one.retryAtMs) {
      one.retryAtMs = 0;
      effects.push(cancelEffect(symbol, progress.tripId));
    }
  }
  if (open === 0 && progress.symbols.size > 0 && progress.acknowledgedAtMs === null) {
    progress.acknowledgedAtMs = context.monoMs;
    // Looks that came too early must not put off the first one that can prove it.
    progress.verifyRetryAtMs = context.monoMs;
  }
  const due = context.monoMs >= progress.verifyRetryAtMs && (open === 0 || context.monoMs - progress.begunAtMs > RETRY_MOST_MS);
  if (progress.verifiedEmptyAtMs === null && !progress.verifying && due) {
    progress.verifying = true;
    effects.push({ kind: 'see-open-orders', tripId: progress.tripId });
  }
  return effects;
};

const flattenStep = (context: Context, progress: StopProgress): Effect[] => {
  // A fill that became known late, by phone or by recovery, makes a position again: the work goes on.
  if (progress.flatAtMs !== null && !isFlat(context)) progress.flatAtMs = null;
  if (progress.verifiedEmptyAtMs === null || context.state.stop.policy !== 'flatten' || progress.flatAtMs !== null) return [];
  const isSelling = [...context.state.openOrders].some((id) => context.state.orders.get(id)?.origin === 'stop');
  if (isSelling) return [];
  // The first look is the venue's: what it says can be sold decides, not what we remember.
  if (progress.flattenRounds > 0 && isFlat(context)) {
    progress.flatAtMs = context.monoMs;
    return [];
  }
  const waitMs = backOff(FLATTEN_FIRST_MS, FLATTEN_MOST_MS, progress.flattenRounds - 1);
  if (progress.flattenAskedAtMs !== null && context.monoMs - progress.flattenAskedAtMs < waitMs) return [];
  progress.flattenAskedAtMs = context.monoMs;
  progress.flattenRounds += 1;
  return [{ kind: 'see-account', tripId: progress.tripId }];
};

/** Journaled with the hash of its own text: a copy of it, wherever it went, proves to be this one or another (E5). */
const receipted = ({ sha256 }: Context, receipt: StopReceipt): Fact => ({
  kind: 'stop.receipted',
  receipt: { ...receipt, hash: sha256(receiptText(receipt)) },
});

const receiptStep = (context: Context, progress: StopProgress): Decision => {
  const done =
    progress.verifiedEmptyAtMs !== null &&
    (context.state.stop.policy !== 'flatten' || progress.flatAtMs !== null) &&
    stillInFlight(context) === 0;
  const everyTargetEnded = progress.endedAtMs.size === progress.targets.size;
  const found = done && everyTargetEnded ? receiptOf(findingsOf(context.state, context.market, progress)) : null;
  if (found?.complete === true) {
    progress.finished = true;
    return decided([receipted(context, found)]);
  }
  if (progress.interimReceipted || context.monoMs - progress.begunAtMs < INTERIM_RECEIPT_MS) return NOTHING;
  progress.interimReceipted = true;
  const receipt = receiptOf(findingsOf(context.state, context.market, progress));
  const open = receipt.orders.filter((order) => order.outcome === 'not-canceled' || order.outcome === 'unknown');
  const held = receipt.positions.filter((position) => position.outcome === 'not-flattened');
  const names = [
    ...open.map((order) => `${order.symbol} ${order.clientOrderId}`),
    ...held.map((position) => `position ${position.symbol}`),
  ];
  const reasons = held.flatMap(({ why }) => (why === undefined ? [] : [` ${why}.`]));
  const text = `${open.length} orders are not proven cancelled, ${held.length} positions not sold: ${names.slice(0, 5).join(', ')}.${reasons[0] ?? ''} The console keeps trying; check the exchange's own app.`;
  return decided(
    [receipted(context, receipt)],
    [{ kind: 'alert', severity: 'danger', key: 'stop-survivors', title: `Emergency stop ${progress.tripId} is not complete`, text }],
  );
};

/** The next step of a tripped stop; called on every tick and after every answer. Begins anew after a restart. */
export const stopStep = (context: Context): Decision => {
  const { stop } = context.state;
  if (stop.phase !== 'TRIPPED') return NOTHING;
  if (context.market.stop === null) {
    return stop.receipt?.complete === true ? NOTHING : decided([], sendCancels(begin(context, stop.tripId, stop.trippedAtMs)));
  }
  const progress = context.market.stop;
  if (progress.finished) return NOTHING;
  noteEnds(context, progress);
  const effects = [...cancelStep(context, progress), ...flattenStep(context, progress)];
  const receipt = receiptStep(context, progress);
  return decided(receipt.facts, [...effects, ...receipt.effects]);
};
