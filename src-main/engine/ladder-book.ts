// What the rollout ladder rests on (REQUIREMENTS H), counted fact by fact: the tally of the stage, the cash book that profit is held
// against, and the incident that demotes. Pure and from facts alone, so that an export of the journal comes to the same. Decides nothing.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { LadderStage } from '../../src-shared/domain/ladder.ts';
import { isMainnetStage } from '../../src-shared/domain/ladder.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import { amount, money, price, qty, ZERO_MONEY, ZERO_QTY } from '../../src-shared/domain/money.ts';
import type { Money } from '../../src-shared/domain/money.ts';
import { isDealtWith } from '../reconcile/diff.ts';
import { isUnexplained } from '../reconcile/explained.ts';
import { capsInForce, gathersIn, isBelow } from '../safety/ladder.ts';
import type { Fact, FillFact } from './facts.ts';
import type { EngineState, LadderCash, LadderState, LadderTally, Order, Position } from './state.ts';
import { baseOf, symbolOf } from './symbols.ts';

const emptyTally = (sinceMs: number | null): LadderTally => ({
  sinceMs,
  sent: 0,
  accepted: 0,
  rejected: 0,
  doubted: 0,
  cancelsFailed: 0,
  latency: { count: 0, sumMs: 0 },
  trades: 0,
  regimes: new Map(),
  orderKinds: new Set(),
  positionStates: new Set(),
  drillPassed: false,
  exceeded: 0,
  differences: 0,
  comparedAtMs: null,
  comparedDay: '',
  comparedDays: 0,
});

export const EMPTY_LADDER: LadderState = {
  stage: 'practice',
  sinceMs: null,
  why: '',
  evidence: [],
  evidenceHash: '',
  provenAtMs: null,
  certificate: null,
  certified: null,
  incident: null,
  tally: emptyTally(null),
  cash: { usdt: ZERO_MONEY, feesUsdt: ZERO_MONEY, unpricedFees: 0 },
  version: '',
  regime: null,
  standIn: false,
};

/** What a fact is about as it was before it. */
interface Before {
  readonly order: Order | undefined;
  readonly position: Position | undefined;
  /** The position that a fill's fee is paid out of, where that is another one. */
  readonly feePosition: Position | undefined;
  /** What all positions cost before a fact that ends some of them without a trade. */
  readonly heldUsdt: Decimal | null;
  /** The breaker opens out of calm, and not once more after a probe. */
  readonly breaks: boolean;
}

const costOfAll = ({ positions }: EngineState): Decimal =>
  [...positions.values()].reduce((sum, { costUsdt }) => sum.plus(costUsdt), new Decimal(0));

const NOTHING_BEFORE: Before = { order: undefined, position: undefined, feePosition: undefined, heldUsdt: null, breaks: false };

/** To be taken before the fact becomes true. */
export const beforeFact = (state: EngineState, fact: Fact): Before => {
  switch (fact.kind) {
    case 'order.filled':
      return {
        ...NOTHING_BEFORE,
        order: state.orders.get(fact.clientOrderId),
        position: state.positions.get(fact.symbol),
        feePosition: state.positions.get(symbolOf(fact.feeAsset)),
      };
    case 'order.sent':
    case 'order.accepted':
    case 'order.rejected':
    case 'order.unknown':
      return { ...NOTHING_BEFORE, order: state.orders.get(fact.clientOrderId) };
    case 'position.corrected':
    case 'venue.reset':
      return { ...NOTHING_BEFORE, heldUsdt: costOfAll(state) };
    case 'breaker.opened':
      return { ...NOTHING_BEFORE, breaks: state.breaker.phase === 'CLOSED' };
    default:
      return NOTHING_BEFORE;
  }
};

// ------------------------------------------------------------------------------------------------------------- the cash book

/** What a sale at most closes, and what a fee at most takes out of a position. */
const lesser = (a: Decimal, b: Decimal): Decimal => (a.lt(b) ? a : b);

/**
 * A buy costs its value and its fee, a sale of what is held brings its value less its share of the fee; a fee in a coin that is held is
 * a sale of it. Coins that no buy here explains make no profit (B3).
 */
const cashOf = (fact: FillFact, { position, feePosition }: Before): Decimal => {
  const [at, size, fee] = [price(fact.price), qty(fact.qty), amount(fact.fee)];
  const feeUsdt = fact.feeUsdt === null ? ZERO_MONEY : money(fact.feeUsdt);
  const isBuy = fact.side === 'BUY';
  if (isBuy && fact.feeAsset === baseOf(fact.symbol)) return at.times(size).neg();
  const held = position?.qty ?? ZERO_QTY;
  const closes = isBuy ? ZERO_QTY : lesser(size, held);
  const traded = isBuy ? at.times(size).plus(feeUsdt).neg() : at.times(closes).minus(feeUsdt.times(closes).div(size));
  const isOwn = symbolOf(fact.feeAsset) === fact.symbol;
  const payer = isOwn ? held.minus(closes) : (feePosition?.qty ?? ZERO_QTY);
  return fee.isZero() ? traded : traded.plus(feeUsdt.times(lesser(fee, payer)).div(fee));
};

const cashed = (cash: LadderCash, state: EngineState, before: Before, fact: Fact): LadderCash => {
  if (fact.kind === 'order.filled')
    return {
      usdt: cash.usdt.plus(cashOf(fact, before)) as Money,
      feesUsdt: (fact.feeUsdt === null ? cash.feesUsdt : cash.feesUsdt.plus(money(fact.feeUsdt))) as Money,
      unpricedFees: cash.unpricedFees + (fact.feeUsdt === null ? 1 : 0),
    };
  if (before.heldUsdt === null) return cash;
  return { ...cash, usdt: cash.usdt.plus(before.heldUsdt).minus(costOfAll(state)) as Money };
};

/** Profit and fees of the books less those of the cash book: both zero where the books are right. */
export const gapsOf = (state: EngineState): { readonly profitGapUsdt: Decimal; readonly feesGapUsdt: Decimal } => ({
  profitGapUsdt: state.realisedUsdt.minus(state.ladder.cash.usdt).minus(costOfAll(state)),
  feesGapUsdt: state.feesUsdt.minus(state.ladder.cash.feesUsdt),
});

// ----------------------------------------------------------------------------------------------------------------- the tally

const KIND_OF: Readonly<Record<Order['type'], string>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP_LOSS: 'stop-loss',
  STOP_LOSS_LIMIT: 'stop-loss-limit',
  TAKE_PROFIT: 'take-profit',
  TAKE_PROFIT_LIMIT: 'take-profit-limit',
};

const kindsOf = ({ type, trailingDeltaBps, list }: Order): readonly string[] => [
  trailingDeltaBps === null ? KIND_OF[type] : 'trailing stop',
  ...(list === null ? [] : [list.kind === 'OCO' ? 'OCO' : 'OTO or OTOCO']),
];

const withAll = <T>(set: ReadonlySet<T>, more: readonly T[]): ReadonlySet<T> =>
  more.every((one) => set.has(one)) ? set : new Set([...set, ...more]);

const isOwn = (order: Order | undefined): order is Order => order !== undefined && order.origin !== 'foreign';

/** The exchange's first good word on an order. */
const taken = (tally: LadderTally, order: Order, atMs: number): LadderTally => {
  if (order.venueOrderId !== null || order.fills.length > 0) return tally;
  const { count, sumMs } = tally.latency;
  return {
    ...tally,
    accepted: tally.accepted + 1,
    latency: order.sentAtMs === null ? tally.latency : { count: count + 1, sumMs: sumMs + Math.max(0, atMs - order.sentAtMs) },
    orderKinds: withAll(tally.orderKinds, kindsOf(order)),
  };
};

const positionState = ({ side }: FillFact, before: Position | undefined, after: Position | undefined): string | null => {
  if (side === 'BUY') return before === undefined ? 'opened' : 'added to';
  if (before === undefined) return null;
  return after === undefined ? 'closed' : 'partly closed';
};

const filled = (tally: LadderTally, state: EngineState, before: Before, order: Order, fact: FillFact): LadderTally => {
  const went = positionState(fact, before.position, state.positions.get(fact.symbol));
  const positionStates = went === null ? tally.positionStates : withAll(tally.positionStates, [went]);
  const { regime } = state.ladder;
  // The order as it was: its fills grow in place.
  if (!order.filledQty.isZero()) return { ...tally, positionStates };
  const regimes = regime === null ? tally.regimes : new Map([...tally.regimes, [regime, (tally.regimes.get(regime) ?? 0) + 1]]);
  return { ...tally, positionStates, regimes, trades: tally.trades + 1 };
};

const compared = (tally: LadderTally, fact: Extract<Fact, { kind: 'reconciled' }>, atMs: number): LadderTally => {
  const day = new Date(atMs).toISOString().slice(0, 10);
  // A clock that stepped back adds no day.
  const isNew = day > tally.comparedDay;
  return {
    ...tally,
    differences: tally.differences + fact.differences.filter((one) => one.what !== 'protection' && isDealtWith(one)).length,
    comparedAtMs: Math.max(atMs, tally.comparedAtMs ?? atMs),
    comparedDay: isNew ? day : tally.comparedDay,
    comparedDays: tally.comparedDays + (isNew ? 1 : 0),
  };
};

const counted = (tally: LadderTally, state: EngineState, before: Before, fact: Fact, atMs: number): LadderTally => {
  const { order } = before;
  switch (fact.kind) {
    case 'order.sent':
      return isOwn(order) ? { ...tally, sent: tally.sent + 1 } : tally;
    case 'order.accepted':
      return isOwn(order) ? taken(tally, order, atMs) : tally;
    case 'order.filled':
      if (!isOwn(order)) return tally;
      return filled(order.filledQty.isZero() ? taken(tally, { ...order, fills: [] }, atMs) : tally, state, before, order, fact);
    case 'order.rejected':
      return isOwn(order) && fact.proof !== 'never-sent' ? { ...tally, rejected: tally.rejected + 1 } : tally;
    case 'order.unknown':
      // What an end of the console left in doubt is none of the exchange's.
      return isOwn(order) && order.unknownSinceMs === null && order.intendedAtMs >= state.session.startedAtMs
        ? { ...tally, doubted: tally.doubted + 1 }
        : tally;
    case 'cancel.failed':
      return fact.failure === 'held' || fact.failure === 'budget' ? tally : { ...tally, cancelsFailed: tally.cancelsFailed + 1 };
    case 'drill.finished':
      return { ...tally, drillPassed: fact.drill.passed };
    case 'reconciled':
      return compared(tally, fact, atMs);
    default:
      return tally;
  }
};

// ------------------------------------------------------------------------------------------------------------- the incidents

const LOWEST: Readonly<Record<Mode, LadderStage>> = { practice: 'practice', testnet: 'testnet', mainnet: 'micro' };

/** A buy that came to more than the gate let it, and than the limit on an order: the limit was passed. */
const exceedsLimit = ({ ladder, mode, policy, orders }: EngineState, fact: FillFact): boolean => {
  const order = orders.get(fact.clientOrderId);
  if (!isOwn(order) || order.side !== 'BUY' || policy === null) return false;
  if (order.qty !== null && order.filledQty.gt(order.qty)) return true;
  if (order.filledUsdt.lte(order.reservedUsdt)) return false;
  const limit = new Decimal(policy.limits.maxOrderNotionalUsdt);
  return order.filledUsdt.gt(lesser(limit, capsInForce(mode, ladder.stage)?.maxOrderUsdt ?? limit));
};

/**
 * What demotes, in words, or null: a breaker that opens, a stop that trips by itself or by the watchdog, a difference that nothing
 * explains, a limit that was passed. A person's own stop, a drill and a refused order are none.
 */
const incidentOf = (state: EngineState, { breaks }: Before, fact: Fact): string | null => {
  switch (fact.kind) {
    case 'breaker.opened':
      return breaks ? `The circuit breaker opened: ${fact.breach.text}` : null;
    case 'stop.tripped':
      return fact.trigger === 'automatic' || fact.trigger === 'watchdog' ? `The emergency stop tripped by itself: ${fact.reason}` : null;
    case 'reconciled': {
      const one = fact.differences.find(isUnexplained);
      if (one === undefined) return null;
      return `The books differed and nothing explains it: ${one.what} ${one.key}, ${one.local} here, ${one.venue} at the exchange.`;
    }
    case 'order.filled':
      return exceedsLimit(state, fact) ? `${fact.clientOrderId} came to more than the limit on an order allows.` : null;
    default:
      return null;
  }
};

/** The lowest stage has none below it: its evidence begins anew at once, and nobody is demoted. */
const struck = (ladder: LadderState, mode: Mode, incident: string, atMs: number): LadderState => {
  if (isBelow(ladder.stage, LOWEST[mode])) return ladder;
  if (ladder.stage === 'practice') return { ...ladder, tally: emptyTally(atMs), why: `Evidence begins anew. ${incident}` };
  return { ...ladder, incident: ladder.incident ?? incident };
};

// ------------------------------------------------------------------------------------------------------------------ the book

const promoted = (ladder: LadderState, mode: Mode, fact: Extract<Fact, { kind: 'ladder.promoted' }>, atMs: number): LadderState => {
  const { stage, why, evidence, evidenceHash = '', provenAtMs = atMs, certificate } = fact;
  const isAnew = stage !== ladder.stage && gathersIn(stage) === mode;
  return {
    ...ladder,
    stage,
    sinceMs: stage === ladder.stage ? ladder.sinceMs : atMs,
    why,
    evidence,
    evidenceHash,
    provenAtMs,
    certificate,
    incident: null,
    tally: isAnew ? emptyTally(atMs) : ladder.tally,
  };
};

const demoted = (ladder: LadderState, { stage, why }: Extract<Fact, { kind: 'ladder.demoted' }>, atMs: number): LadderState => ({
  ...EMPTY_LADDER,
  // Real money at a lower stage rests on the same evidence; below it, it has to be gathered again.
  ...(isMainnetStage(stage) && { evidence: ladder.evidence, evidenceHash: ladder.evidenceHash, provenAtMs: ladder.provenAtMs }),
  cash: ladder.cash,
  version: ladder.version,
  regime: ladder.regime,
  standIn: ladder.standIn,
  stage,
  sinceMs: atMs,
  why,
  tally: emptyTally(atMs),
});

/** The ladder after one more fact. `state` holds the fact already, and the ladder as it was before; `before` was taken before it. */
export const laddered = (state: EngineState, before: Before, fact: Fact, atMs: number): LadderState => {
  const { ladder, mode } = state;
  switch (fact.kind) {
    case 'session.started': {
      const tally = ladder.tally.sinceMs === null ? emptyTally(atMs) : ladder.tally;
      return { ...ladder, version: fact.version, regime: null, standIn: ladder.standIn || fact.standIn === true, tally };
    }
    case 'market.regime':
      return { ...ladder, regime: fact.regime };
    case 'ladder.promoted':
      return { ...promoted(ladder, mode, fact, atMs), certified: fact.certificate === null ? null : state.policy };
    case 'ladder.demoted':
      return demoted(ladder, fact, atMs);
    default: {
      const tally = counted(ladder.tally, state, before, fact, atMs);
      const cash = cashed(ladder.cash, state, before, fact);
      const next = tally === ladder.tally && cash === ladder.cash ? ladder : { ...ladder, tally, cash };
      const incident = incidentOf(state, before, fact);
      if (incident === null) return next;
      const isExceeded = fact.kind === 'order.filled';
      return struck(isExceeded ? { ...next, tally: { ...tally, exceeded: tally.exceeded + 1 } } : next, mode, incident, atMs);
    }
  }
};
