// State and market as the window shows them: one function a kind of row. Everything is derived here, nothing kept.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { roundedText, toText, ZERO_MONEY } from '../../src-shared/domain/money.ts';
import type { Amount } from '../../src-shared/domain/money.ts';
import type {
  AlertingView,
  BalanceView,
  HealthView,
  InstrumentView,
  KillSwitchView,
  OrderView,
  PolicyView,
  PositionView,
  ReconciliationView,
  StopView,
  TradingView,
} from '../../src-shared/contract/view.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import { compilePolicy } from '../../src-shared/policy/compiled.ts';
import { nameInForce } from '../../src-shared/policy/profiles.ts';
import { probeAtMs } from '../safety/breaker.ts';
import { endOf } from '../safety/cause-ends.ts';
import { lossesForbidUntil } from '../safety/limits/losses.ts';
import { MAX_CLOCK_OFFSET_MS } from '../safety/self-test.ts';
import type { CauseCode, TradingState } from '../safety/trading-state.ts';
import { guardsOf, lockedByGuards } from './guards.ts';
import type { Market } from './market.ts';
import { worthOf } from './market.ts';
import { freeOf, isDust, sellableOf } from './picture.ts';
import type { Moment } from './ports.ts';
import { unrealised } from './positions.ts';
import { rootOf } from './decide/retries.ts';
import { protectionView } from './protection-view.ts';
import type { Balance, EngineState, Fill, Order, Position } from './state.ts';
import { dateShown, provableAtMs } from './steady.ts';

type FillView = OrderView['fills'][number];

/** A fill never changes, and an order of a hundred fills is shown anew with each: its texts are made once. */
const fillViews = new WeakMap<Fill, FillView>();

const fillView = (fill: Fill): FillView => {
  const known = fillViews.get(fill);
  if (known !== undefined) return known;
  const { tradeId, feeAsset, maker, atMs } = fill;
  const made = { tradeId, price: toText(fill.price), qty: toText(fill.qty), fee: toText(fill.fee), feeAsset, maker, atMs };
  fillViews.set(fill, made);
  return made;
};

/** The fees of an order's fills so far. They are only ever added at the end (evolve.ts), so that each is summed once. */
const feesSoFar = new WeakMap<readonly Fill[], { count: number; usdt: Decimal }>();

const feesOf = (fills: readonly Fill[]): Decimal => {
  const known = feesSoFar.get(fills) ?? { count: 0, usdt: new Decimal(0) };
  for (; known.count < fills.length; known.count += 1) known.usdt = known.usdt.plus(fills[known.count]?.feeUsdt ?? 0);
  feesSoFar.set(fills, known);
  return known.usdt;
};

/** What is being done about an order of which it is not known what became of it, or of some of its fills. */
const doubtView = (order: Order, market: Market): OrderView['doubt'] => {
  const known = market.doubts.get(order.clientOrderId);
  if (order.status !== 'UNKNOWN' && (known === undefined || known.asks === 0)) return null;
  const asks = known?.asks ?? 0;
  const asked = asks === 0 ? 'The exchange is about to be asked' : `The exchange was asked ${asks === 1 ? 'once' : `${asks} times`}`;
  const provable = order.status === 'UNKNOWN' ? provableAtMs(order) : null;
  const proof =
    provable === null
      ? 'it is asked until its word is complete.'
      : `should it still not know the order at ${clockText(provable)} UTC, then it does not exist. Until then it counts against every limit.`;
  return { sinceMs: order.unknownSinceMs ?? known?.sinceMs ?? order.updatedAtMs, provableAtMs: provable, asks, text: `${asked}; ${proof}` };
};

const clockText = (atMs: number): string => new Date(atMs).toISOString().slice(11, 19);

/** True for the newest order of an intent of which something is due once more. */
const isDueAgain = (order: Order, market: Market): boolean => {
  const intent = market.intents.get(rootOf(order));
  return intent !== undefined && intent.due !== null && intent.latest === order.clientOrderId;
};

export const orderView = (order: Order, market: Market): OrderView => ({
  clientOrderId: order.clientOrderId,
  venueOrderId: order.venueOrderId,
  symbol: order.symbol,
  side: order.side,
  type: order.type,
  timeInForce: order.timeInForce,
  qty: order.qty === null ? null : toText(order.qty),
  quoteQty: order.quoteQty === null ? null : toText(order.quoteQty),
  price: order.price === null ? null : toText(order.price),
  stopPrice: order.stopPrice === null ? null : toText(order.stopPrice),
  trailingDeltaBps: order.trailingDeltaBps,
  list: order.list,
  pending: order.pending,
  replaces: order.replaces,
  retry: order.retry,
  ...(isDueAgain(order, market) && { again: true }),
  status: order.status,
  filledQty: toText(order.filledQty),
  averagePrice: order.filledQty.isZero() ? null : toText(order.filledUsdt.div(order.filledQty).toDecimalPlaces(8)),
  feesUsdt: toText(feesOf(order.fills)),
  reduceOnly: order.reduceOnly,
  origin: order.origin,
  cancelRequested: order.cancelRequested,
  reason: order.reason,
  createdAtMs: order.intendedAtMs,
  updatedAtMs: order.updatedAtMs,
  unknownSinceMs: order.unknownSinceMs,
  doubt: doubtView(order, market),
  fills: order.fills.map(fillView),
});

/** What would be free of the base if the console's own protection let go. */
const freed = (state: EngineState, market: Market, { base, symbol }: Instrument): Amount =>
  freeOf(state, base).plus(lockedByGuards(guardsOf(state, market, symbol))) as Amount;

export const positionView = (state: EngineState, market: Market, trading: TradingState, position: Position): PositionView => {
  const instrument = market.instruments.get(position.symbol);
  const mark = market.mark(position.symbol);
  return {
    symbol: position.symbol,
    side: 'LONG',
    qty: toText(position.qty),
    // What its protection holds is released for a sale.
    sellableQty: instrument === undefined ? toText(ZERO_MONEY) : toText(sellableOf(freed(state, market, instrument), position, instrument)),
    entryPrice: toText(position.entryPrice.toDecimalPlaces(8)),
    breakEvenPrice: toText(position.costUsdt.div(position.qty).toDecimalPlaces(8)),
    mark: mark === null ? null : toText(mark),
    valueUsdt: mark === null ? null : roundedText(position.qty.times(mark)),
    unrealisedUsdt: mark === null ? null : roundedText(unrealised(position, mark)),
    realisedUsdt: roundedText(position.realisedUsdt),
    feesUsdt: roundedText(position.feesUsdt),
    dust: isDust(position.qty, instrument, mark),
    protection: protectionView(state, market, trading, position),
    openedAtMs: position.openedAtMs,
  };
};

export const balanceView = (market: Market, asset: AssetId, balance: Balance): BalanceView => {
  const total = balance.free.plus(balance.locked);
  const worth = worthOf(market, asset);
  return {
    asset,
    free: toText(balance.free),
    locked: toText(balance.locked),
    total: toText(total),
    valueUsdt: worth === null ? null : roundedText(total.times(worth)),
  };
};

export const instrumentView = (instrument: Instrument): InstrumentView => ({
  symbol: instrument.symbol,
  base: instrument.base,
  quote: instrument.quote,
  tick: toText(instrument.tick),
  stepQty: toText(instrument.lot.stepQty),
  minQty: toText(instrument.lot.minQty),
  minNotionalUsdt: instrument.notional === undefined ? null : toText(instrument.notional.minUsdt),
});

/** When a cause ends by itself, as far as that is known now. */
const endsAtMs = (code: CauseCode, state: EngineState, market: Market, moment: Moment): number | null => {
  const { risk, breaker, policy } = state;
  if (code === 'COOLING_DOWN') return dateShown(state, market, 'coolDown', moment);
  if (code === 'VENUE_HOLD') return market.budget?.holdUntilMs ?? null;
  if (policy === null) return null;
  if (code === 'BREAKER') return probeAtMs({ ...breaker, openedAtMs: dateShown(state, market, 'breaker', moment) }, policy.circuitBreaker);
  const lastLossAtMs = dateShown(state, market, 'loss', moment);
  const losses = { nowMs: moment.nowMs, lossesInRow: risk.lossesInRow, lastLossAtMs };
  const untilMs = code === 'LOSSES' ? lossesForbidUntil(losses, compilePolicy(policy)) : null;
  return Number.isFinite(untilMs) ? untilMs : null;
};

export const tradingView = (trading: TradingState, state: EngineState, market: Market, moment: Moment): TradingView => ({
  level: trading.level,
  causes: trading.causes.map(({ code, level, text }) => {
    const untilMs = endsAtMs(code, state, market, moment);
    return { code, level, text, ends: endOf(code, untilMs !== null), untilMs };
  }),
});

const progressView = (state: EngineState, market: Market): StopView['progress'] => {
  const progress = market.stop;
  if (progress === null || state.stop.phase !== 'TRIPPED') return null;
  const symbols = [...progress.symbols.values()];
  const open = [...progress.targets.keys()].filter((id) => {
    const order = state.orders.get(id);
    return order !== undefined && !isEnded(order.status);
  });
  return {
    cancelsSent: symbols.filter((one) => one.sentAtMs !== null).length,
    cancelsAcknowledged: symbols.filter((one) => one.acknowledgedAtMs !== null).length,
    cancelsTotal: symbols.length,
    openOrders: Math.max(open.length, progress.survivors?.size ?? 0),
    verifiedEmpty: progress.verifiedEmptyAtMs !== null,
    flat: state.stop.policy === 'flatten' ? progress.flatAtMs !== null : null,
  };
};

export const stopView = (state: EngineState, market: Market, moment: Moment): StopView => {
  const { phase, tripId, trigger, reason, policy, trippedAtMs, receipt } = state.stop;
  const coolDownUntilMs = dateShown(state, market, 'coolDown', moment);
  return { phase, tripId, trigger, reason, policy, trippedAtMs, coolDownUntilMs, progress: progressView(state, market), receipt };
};

/** The policy in force, and the loosening that waits (G). */
export const policyView = ({ policy, policyVersion, pendingPolicy }: EngineState, { policyProblem }: Market): PolicyView => ({
  name: policy === null ? '' : nameInForce(policy),
  version: policyVersion,
  problem: policyProblem,
  pending:
    pendingPolicy === null
      ? null
      : {
          by: pendingPolicy.by,
          why: pendingPolicy.why,
          effectiveAtMs: pendingPolicy.effectiveAtMs,
          changes: pendingPolicy.changes,
        },
});

const MINUTE_MS = 60_000;
const reconciliationViews = new WeakMap<EngineState['reconciliation'], ReconciliationView>();

/** The same object while nothing of it changed: its history is long, and is looked at twenty times a second. */
export const reconciliationView = (state: EngineState, market: Market): ReconciliationView => {
  const { reconciliation, policy } = state;
  const { atMs, differences, failures, text, history } = reconciliation;
  const plannedAtMs = atMs === null || policy === null ? null : atMs + policy.checks.reconcileEveryMinutes * MINUTE_MS;
  const nextAtMs = market.reconcileAgain?.wallMs ?? plannedAtMs;
  const known = reconciliationViews.get(reconciliation);
  if (known?.nextAtMs === nextAtMs) return known;
  const made = { atMs, differences, failures, text, nextAtMs, history };
  reconciliationViews.set(reconciliation, made);
  return made;
};

const streamHealth = (name: HealthView['name'], stream: Market['streams']['market'], silentAfterMs: number, monoMs: number): HealthView => {
  if (stream.status === 'down' || stream.aliveAtMs === null) return { name, verdict: 'bad', text: `down: ${stream.text}` };
  const silentMs = monoMs - stream.aliveAtMs;
  if (silentMs > silentAfterMs) return { name, verdict: 'bad', text: `silent for ${Math.round(silentMs / 1000)} s` };
  return silentMs > silentAfterMs / 2
    ? { name, verdict: 'poor', text: `silent for ${Math.round(silentMs / 1000)} s` }
    : { name, verdict: 'good', text: 'live' };
};

/** A kill switch that is off is nobody's concern. */
const killSwitchHealth = (view: KillSwitchView | null): readonly HealthView[] =>
  view === null || view.status === 'off'
    ? []
    : [{ name: 'kill switch', verdict: view.status === 'listening' ? 'good' : 'bad', text: view.text }];

/** Whether alerts leave this machine; where nothing is set up for that, it is nobody's concern. */
export const alertingHealth = (view: AlertingView | null): readonly HealthView[] => {
  const used = (view?.outlets ?? []).filter(
    ({ status, outlet }) => (outlet === 'webhook' || outlet === 'mail') && status !== 'off' && status !== 'unset',
  );
  const failing = used.filter(({ status }) => status === 'failing');
  if (used.length === 0) return [];
  return failing.length > 0
    ? [{ name: 'alerts', verdict: 'bad', text: failing.map(({ outlet, text }) => `${outlet}: ${text}`).join(' ') }]
    : [{ name: 'alerts', verdict: 'good', text: `by ${used.map(({ outlet }) => outlet).join(' and ')}` }];
};

/** Streams, clock, budget and journal, each with a word and a sentence (M1). */
export const healthViews = (state: EngineState, market: Market, monoMs: number): readonly HealthView[] => {
  const { budget, clock } = market;
  const ratio = (used: number, limit: number): HealthView['verdict'] =>
    used < limit * 0.5 ? 'good' : used < limit * 0.85 ? 'poor' : 'bad';
  return [
    streamHealth('market stream', market.streams.market, state.policy?.limits.maxQuoteAgeMs ?? 5000, monoMs),
    streamHealth('user stream', market.streams.user, state.policy?.limits.maxUserStreamSilenceMs ?? 10_000, monoMs),
    clock === null
      ? { name: 'clock', verdict: 'unknown', text: 'not measured yet' }
      : {
          name: 'clock',
          verdict:
            Math.abs(clock.offsetMs) < MAX_CLOCK_OFFSET_MS / 2 ? 'good' : Math.abs(clock.offsetMs) < MAX_CLOCK_OFFSET_MS ? 'poor' : 'bad',
          text: `${clock.offsetMs >= 0 ? '+' : ''}${Math.round(clock.offsetMs)} ms to the exchange`,
        },
    budget === null
      ? { name: 'request weight', verdict: 'unknown', text: 'nothing asked yet' }
      : {
          name: 'request weight',
          verdict: ratio(budget.usedWeight, budget.weightLimit),
          text: `${budget.usedWeight} of ${budget.weightLimit} this minute`,
        },
    budget === null
      ? { name: 'orders per 10 s', verdict: 'unknown', text: 'nothing sent yet' }
      : {
          name: 'orders per 10 s',
          verdict: ratio(budget.orderCount10s, budget.orderLimit10s),
          text: `${budget.orderCount10s} of ${budget.orderLimit10s}`,
        },
    market.journalProblem === ''
      ? { name: 'journal', verdict: 'good', text: `${state.seq} facts on disk` }
      : { name: 'journal', verdict: 'bad', text: market.journalProblem },
    ...killSwitchHealth(market.killSwitch),
  ];
};
