// An auditor with books of its own: what the exchange's core says happened, against what the console holds true. It shares no code
// with the engine; a claim that fails names the invariant of REQUIREMENTS Q. What can be known at once is checked at once, the rest
// when nothing is under way any more.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Fact } from '../../src-main/engine/facts.ts';
import type { WireOrder } from '../../src-main/venue/port.ts';
import { Books } from './books.ts';
import { AlertAudit } from './alert-audit.ts';
import { BreakerAudit } from './breaker-audit.ts';
import { claim } from './claim.ts';
import { LadderAudit } from './ladder-audit.ts';
import { ExposureAudit } from './exposure-audit.ts';
import { auditMetrics } from './metrics-audit.ts';
import { LossAudit } from './loss-audit.ts';
import { PolicyAudit } from './policy-audit.ts';
import { ACCOUNT } from './sim-wire.ts';
import type { Sim } from './sim.ts';

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;
type Intended = FactOf<'order.intended'>;

type Figure = Decimal | string | number;

const same = (ours: Figure, theirs: Figure, what: string): void =>
  claim(
    new Decimal(ours).eq(theirs),
    `${what}: the console says ${new Decimal(ours).toFixed()}, the books say ${new Decimal(theirs).toFixed()}`,
  );

const close = (ours: Figure, theirs: Figure, what: string): void =>
  claim(
    new Decimal(ours).minus(theirs).abs().lt(DUST),
    `${what}: the console says ${new Decimal(ours).toFixed()}, the books say ${new Decimal(theirs).toFixed()}`,
  );

const DUST = new Decimal('1e-10');
/** The exchange's smallest order, with room: less than this cannot be protected. */
const DUST_USDT = new Decimal('5.5');
const LOTS: Readonly<Record<string, Decimal>> = {
  BTCUSDT: new Decimal('0.00001'),
  ETHUSDT: new Decimal('0.0001'),
  BNBUSDT: new Decimal('0.001'),
};
/** A comparison calls balances equal within 0.01 %; so much may stay untold, once and once more for what came since. */
const UNTOLD_SHARE = new Decimal('0.0003');

/** The first choice among a few numbers whose sum is as near as this to another; null when there is none. */
const subsetNear = (numbers: readonly Decimal[], sum: Decimal, near: Decimal): readonly Decimal[] | null => {
  if (sum.abs().lte(near)) return [];
  const [first, ...rest] = numbers;
  if (first === undefined) return null;
  const withIt = subsetNear(rest, sum.minus(first), near);
  return withIt === null ? subsetNear(rest, sum, near) : [first, ...withIt];
};

/** A trade of the account as the exchange's core told it in the moment of the match. */
interface TradeRow {
  readonly clientOrderId: string;
  readonly price: string;
  readonly qty: string;
  readonly fee: string;
  readonly feeAsset: string;
  readonly side: string;
}

export class Auditor {
  private readonly sim: Sim;
  private readonly sends = new Map<string, number>();
  private readonly trades = new Map<string, TradeRow>();
  private readonly outside = new Map<string, Decimal>();
  private readonly movements: { readonly asset: string; readonly qty: Decimal }[] = [];
  /** Those of them that no fact has booked yet. */
  private readonly unbooked = new Map<string, Decimal[]>();
  private firstFailure: Error | null = null;
  private arrivalsSeen = 0;
  private readonly arrived = new Set<string>();
  private readonly taken = new Set<string>();
  // What follows from the facts, and is read anew after a crash.
  private seen = 0;
  private phase: 'open' | 'tripped' | 'cooling' = 'open';
  private alerts: AlertAudit;
  private breaker: BreakerAudit;
  private exposure: ExposureAudit;
  private ladder = new LadderAudit();
  private losses: LossAudit;
  private readonly policies: PolicyAudit;
  private readonly intended = new Map<string, { readonly seq: number; readonly fact: Intended['order'] }>();
  private readonly decidedAt = new Map<string, { readonly atMs: number; readonly seq: number }>();
  private readonly filled = new Map<string, FactOf<'order.filled'>>();
  private readonly notThere = new Set<string>();
  private readonly cancels = new Set<string>();
  /** Exits that an entry took along. */
  private readonly exits = new Set<string>();
  private limits = { maxOrder: new Decimal(1000), minOpening: new Decimal(100), allowed: [] as readonly string[] };

  constructor(sim: Sim) {
    this.sim = sim;
    this.alerts = new AlertAudit(sim);
    this.breaker = new BreakerAudit(sim);
    this.exposure = new ExposureAudit(sim);
    this.losses = new LossAudit(sim);
    this.policies = new PolicyAudit(sim);
    sim.onSend = (orders) => this.guarded(() => orders.forEach((order) => this.onSend(order)));
    sim.onBoot = () => this.guarded(() => this.rebuild());
    sim.afterTurn = () =>
      this.guarded(() => {
        this.readFacts();
        this.alerts.onTurn();
      });
    sim.core.onEvent((event) => {
      if (event.kind !== 'user' || event.account !== ACCOUNT) return;
      const { e, x, s, S, t, L, l, n, N, c, C } = event.payload as unknown as Record<string, string>;
      if (e !== 'executionReport' || x !== 'TRADE') return;
      const row = { clientOrderId: C || (c ?? ''), price: L ?? '', qty: l ?? '', fee: n ?? '0', feeAsset: N ?? 'USDT', side: S ?? '' };
      this.trades.set(`${s} ${t}`, row);
    });
  }

  /** What is thrown inside the console's own calls would look like the console's fault: it is said at the next step. */
  private guarded(check: () => void): void {
    try {
      check();
    } catch (error) {
      this.firstFailure ??= error instanceof Error ? error : new Error(String(error));
    }
  }

  // -------------------------------------------------------------------------------------------------- in the instant itself

  /** Q1, Q4 and the journal before the wire, in the instant of the send. */
  private onSend(order: WireOrder): void {
    const { sim } = this;
    this.readFacts();
    const id = order.clientOrderId;
    const times = (this.sends.get(id) ?? 0) + 1;
    this.sends.set(id, times);
    claim(times === 1, `Q4: ${id} was sent ${times} times`);
    const intent = this.intended.get(id);
    claim(intent !== undefined && intent.seq <= sim.disk.durableSeq, `B8: the intent of ${id} is on disk before the wire`);
    claim(
      intent?.fact.symbol === order.symbol && intent.fact.side === order.side && intent.fact.qty === order.qty,
      `B8: ${id} leaves as it was intended`,
    );
    if (order.side === 'BUY') {
      claim(this.phase === 'open', `Q1: ${id} opens while the stop stands`);
      claim(sim.venue.userLive, `Q1: ${id} opens while the account stream is away`);
      this.breaker.onOpening(id, 'leaves');
    } else claim(this.phase !== 'tripped' || order.reduceOnly, `Q1: ${id} sells while the stop stands`);
  }

  /** Follows the facts as they become true. */
  readFacts(): void {
    const { facts } = this.sim;
    for (; this.seen < facts.length; this.seen += 1) {
      const one = facts[this.seen];
      if (one !== undefined) this.onFact(one.seq, one.fact, true);
    }
  }

  /** @param isNew false when a restart reads again what was checked when it became true */
  private onFact(seq: number, fact: Fact, isNew: boolean): void {
    if (isNew) this.alerts.onFact(fact);
    this.breaker.onFact(fact, isNew, this.unbooked);
    this.exposure.onFact(fact);
    this.ladder.onFact(fact);
    this.losses.onFact(fact, isNew);
    this.policies.onFact(fact, isNew, this.phase === 'open');
    switch (fact.kind) {
      case 'stop.tripped':
        this.phase = 'tripped';
        return;
      case 'stop.reset':
        this.phase = 'cooling';
        return;
      case 'stop.rearmed':
        this.phase = 'open';
        return;
      case 'policy.adopted': {
        const { maxOrderNotionalUsdt, minOpeningNotionalUsdt, allowedSymbols } = fact.policy.limits;
        this.limits = {
          maxOrder: new Decimal(maxOrderNotionalUsdt),
          minOpening: new Decimal(minOpeningNotionalUsdt),
          allowed: allowedSymbols,
        };
        return;
      }
      case 'order.intended':
        this.intended.set(fact.order.clientOrderId, { seq, fact: fact.order });
        if (isNew) this.onIntended(seq, fact.order, fact.quote);
        return;
      case 'list.intended':
        for (const order of fact.list.orders) {
          this.intended.set(order.clientOrderId, { seq, fact: order });
          if (fact.list.kind !== 'OCO' && order.role !== 'entry') this.exits.add(order.clientOrderId);
        }
        if (isNew && fact.list.orders[0] !== undefined) this.onIntended(seq, fact.list.orders[0], fact.quote);
        return;
      case 'order.filled':
        this.onFilled(fact);
        return;
      case 'order.rejected':
        this.readArrivals();
        this.notThere.add(fact.clientOrderId);
        claim(
          !this.taken.has(fact.clientOrderId),
          `Q5: ${fact.clientOrderId} is held for rejected (${fact.proof}), and the exchange has taken it`,
        );
        return;
      case 'order.ended':
        if (isNew) this.onEnded(fact);
        return;
      case 'balance.moved':
        this.onMoved(fact);
        return;
      case 'cancel.requested':
        this.cancels.add(fact.clientOrderId);
        return;
      case 'cancel.failed':
      // Another program may use a name again: that is another order.
      case 'order.adopted':
        this.cancels.delete(fact.clientOrderId);
        return;
      default:
    }
  }

  /** C10, Q2: the limits of that moment, worked out from the order and the quote alone. */
  private onIntended(seq: number, order: Intended['order'], quote: Intended['quote']): void {
    const atMs = this.sim.time.monoMs();
    if (order.origin === 'stop') return;
    if (order.origin === 'protection') claim(order.side === 'SELL' && order.reduceOnly, `Q11: ${order.clientOrderId} protects by selling`);
    else {
      const last = this.decidedAt.get(order.symbol);
      claim(last === undefined || atMs - last.atMs >= 500, `C10: ${order.symbol} again after ${atMs - (last?.atMs ?? 0)} ms`);
      this.decidedAt.set(order.symbol, { atMs, seq });
    }
    if (order.retry !== undefined) this.onRetry(order.clientOrderId, order.retry.of);
    claim(this.phase === 'open' || order.side === 'SELL', `Q1: ${order.clientOrderId} is decided while the stop stands`);
    if (order.side === 'BUY') this.breaker.onOpening(order.clientOrderId, 'is decided');
    const price = order.price ?? (order.side === 'BUY' ? quote.ask : quote.bid);
    const value = order.quoteQty === undefined ? new Decimal(order.qty ?? 0).times(price) : new Decimal(order.quoteQty);
    if (order.side === 'BUY') {
      this.exposure.onOpening(order, value, this.unbooked);
      this.ladder.onOpening(order.clientOrderId, value);
      this.losses.onOpening(order.clientOrderId);
      claim(value.lte(this.limits.maxOrder), `Q2: ${order.clientOrderId} is worth ${value.toFixed()}`);
      claim(order.retry !== undefined || value.gte(this.limits.minOpening), `Q2: opening of ${value.toFixed()} USDT`);
      claim(this.limits.allowed.includes(order.symbol), `Q2: ${order.symbol} is not allowed`);
      claim(quote.ageMs <= 5000, `C11: judged on a quote of ${quote.ageMs} ms`);
      const mid = new Decimal(quote.bid).plus(quote.ask).div(2);
      const away = order.price === undefined ? new Decimal(0) : new Decimal(order.price).minus(mid).abs().div(mid).times(100);
      claim(away.lte('2.0001'), `Q2: ${order.clientOrderId} is ${away.toFixed(2)} % from the mark`);
    }
  }

  /** B8: a further try of an intent leaves only when no earlier one lives, and all of them together do no more than was meant. */
  private onRetry(id: string, of: string): void {
    this.readArrivals();
    const open = new Set(this.sim.core.openOrders(ACCOUNT).map((order) => order.clientOrderId));
    for (const [other, { fact }] of this.intended) {
      if (other === id || (other !== of && fact.retry?.of !== of)) continue;
      claim(!open.has(other), `B8: ${id} is a further try of ${of}, and ${other} is open`);
    }
  }

  /** Q3: each trade once, with the venue's own numbers. */
  private onFilled(fact: FactOf<'order.filled'>): void {
    const key = `${fact.symbol} ${fact.tradeId}`;
    claim(!this.filled.has(key), `Q3: trade ${key} was counted twice`);
    this.filled.set(key, fact);
    const trade = this.trades.get(key);
    claim(trade !== undefined, `Q3: trade ${key} never was`);
    if (trade === undefined) return;
    claim(trade.clientOrderId === fact.clientOrderId, `Q3: trade ${key} belongs to ${trade.clientOrderId}, not to ${fact.clientOrderId}`);
    claim(trade.side === fact.side, `Q3: side of ${key}`);
    same(fact.qty, trade.qty, `Q3: quantity of ${key}`);
    same(fact.price, trade.price, `Q3: price of ${key}`);
    same(fact.fee, trade.fee, `Q3: fee of ${key}`);
    if (fact.feeUsdt === null || new Decimal(fact.fee).isZero()) return;
    // What the fee was worth: exact where it was taken in USDT or in the coin that was bought, near the market where it was BNB.
    if (fact.feeAsset === 'USDT') same(fact.feeUsdt, fact.fee, `Q9: worth of the fee of ${key}`);
    else if (fact.symbol.startsWith(fact.feeAsset)) close(fact.feeUsdt, new Decimal(fact.fee).times(fact.price), `Q9: fee of ${key}`);
  }

  /** No end without proof: the exchange has ended it in the same way, and every fill of it is here. */
  private onEnded({ clientOrderId, status, proof }: FactOf<'order.ended'>): void {
    const order = this.sim.engine.state.orders.get(clientOrderId);
    if (order?.venueOrderId === null || order === undefined) return;
    const key = { symbol: order.symbol, orderId: Number(order.venueOrderId) };
    const found = this.sim.core.getOrder(ACCOUNT, key, this.sim.time.trueMs());
    claim(found.ok, `Q5: ${clientOrderId} is held for ${status}, and the exchange does not know it`);
    if (!found.ok) return;
    const truth = found.value.status === 'EXPIRED_IN_MATCH' ? 'EXPIRED' : found.value.status;
    claim(truth === status, `Q5: ${clientOrderId} is held for ${status} (${proof}), the exchange says ${truth}`);
    let filled = new Decimal(0);
    for (const fact of this.filled.values())
      if (fact.clientOrderId === clientOrderId && fact.symbol === order.symbol) filled = filled.plus(fact.qty);
    if (!order.clientOrderId.startsWith('phone')) same(filled, found.value.executedQty, `Q3: filled of ${clientOrderId} at its end`);
  }

  /** Each movement from outside is booked once: told as it was, or found untold, alone or with others. */
  private onMoved({ asset, delta }: FactOf<'balance.moved'>): void {
    const open = this.unbooked.get(asset) ?? [];
    const told = open.findIndex((one) => one.eq(delta));
    if (told >= 0) {
      open.splice(told, 1);
      return;
    }
    const balance = this.sim.core.account(ACCOUNT).balances.find((one) => one.asset === asset);
    const near = new Decimal(balance?.free ?? 0)
      .plus(balance?.locked ?? 0)
      .times(UNTOLD_SHARE)
      .plus(DUST);
    const some = subsetNear(open, new Decimal(delta), near);
    claim(some !== null, `C4: ${delta} ${asset} is booked as moved, and no such movement was`);
    for (const one of some ?? []) open.splice(open.indexOf(one), 1);
  }

  /** After each step. */
  afterStep(): void {
    if (this.firstFailure !== null) throw this.firstFailure;
    this.readFacts();
    this.readArrivals();
    const { far, engine } = this.sim;
    claim(far.offences.length === 0, far.offences[0] ?? '');
    claim(engine.market.engineProblem === '', `Q: ${engine.market.engineProblem}`);
    const isTripped = engine.state.stop.phase === 'TRIPPED';
    this.breaker.afterStep(!isTripped && engine.state.session.reconciled && engine.state.session.selfTested);
    claim((this.phase === 'tripped') === isTripped, `E6: the latch is ${isTripped ? 'closed' : 'open'}, the facts say otherwise`);
  }

  private readArrivals(): void {
    const { arrivals } = this.sim.far;
    for (; this.arrivalsSeen < arrivals.length; this.arrivalsSeen += 1) {
      const one = arrivals[this.arrivalsSeen];
      if (one === undefined) return;
      const id = one.clientOrderId;
      claim(!this.arrived.has(id), `Q4: ${id} arrived twice`);
      claim(this.sends.has(id), `Q4: ${id} arrived unsent`);
      this.arrived.add(id);
      if (one.taken) this.taken.add(id);
      claim(!one.taken || !this.notThere.has(id), `Q5: ${id} was held for not there, and arrived after that`);
    }
  }

  /** After a crash the facts that were not on disk never were. */
  private rebuild(): void {
    this.seen = this.sim.facts.length;
    this.alerts = new AlertAudit(this.sim);
    this.breaker = new BreakerAudit(this.sim);
    this.exposure = new ExposureAudit(this.sim);
    this.ladder = new LadderAudit();
    this.losses = new LossAudit(this.sim);
    this.policies.forget();
    this.phase = this.sim.disk.latch?.phase === 'TRIPPED' ? 'tripped' : 'open';
    this.intended.clear();
    this.filled.clear();
    this.notThere.clear();
    this.cancels.clear();
    this.unbooked.clear();
    for (const { asset, qty } of this.movements) this.unbooked.set(asset, [...(this.unbooked.get(asset) ?? []), qty]);
    // What was decided and never written was never sent: the pace is that of what was.
    for (const [symbol, { seq }] of this.decidedAt) if (seq > this.sim.facts.length) this.decidedAt.delete(symbol);
    for (const { seq, fact } of this.sim.facts) this.onFact(seq, fact, false);
  }

  // ------------------------------------------------------------------------------------------------------------- at rest

  /** Coins that came into the account or went out of it by no trade. */
  moved(asset: string, qty: string): void {
    this.outside.set(asset, (this.outside.get(asset) ?? new Decimal(0)).plus(qty));
    this.movements.push({ asset, qty: new Decimal(qty) });
    this.unbooked.set(asset, [...(this.unbooked.get(asset) ?? []), new Decimal(qty)]);
  }

  /** What is still under way, in words; empty when nothing is. */
  unresolved(): string {
    const { state, market } = this.sim.engine;
    const open = [...state.openOrders].map((id) => state.orders.get(id));
    const inFlight = open.filter((order) => order !== undefined && ['INTENDED', 'SENT', 'UNKNOWN'].includes(order.status));
    return [
      ...inFlight.map((order) => `${order?.clientOrderId} is ${order?.status}`),
      ...[...market.doubts.keys()].map((id) => `${id} is asked for`),
      ...[...market.condemned.keys()].map((id) => `${id} is being cancelled`),
      ...[...market.unexplained.keys()].map((asset) => `${asset} is unexplained`),
      ...(market.reconciling === null ? [] : ['books are being compared']),
      ...(market.reconcileAgain === null ? [] : ['books are to be compared again']),
      ...(state.session.reconciled && state.session.selfTested ? [] : ['the start is not over']),
      ...(market.streams.user.status === 'live' ? [] : ['the account stream is away']),
      ...(market.missedEvents ? ['missed events are not asked for'] : []),
      ...(state.stop.phase === 'TRIPPED' && state.stop.receipt?.complete !== true ? ['the stop is at work'] : []),
    ].join('; ');
  }

  /** Where the stream left nothing out, the console knows its orders and trades without being told to compare. */
  knowsByItself(): void {
    this.openOrders();
    this.fills();
  }

  /** When nothing is under way any more, the console's books and the exchange's are the same. */
  atRest(): void {
    this.afterStep();
    this.ladder.atRest();
    this.openOrders();
    this.cancelled();
    this.intents();
    this.protection();
    this.fills();
    this.balancesAndEquity();
    this.positionsAndProfit();
    this.outsideMoney();
    auditMetrics(
      this.sim,
      this.taken,
      Array.from(this.filled.values(), ({ clientOrderId }) => clientOrderId),
    );
  }

  private openOrders(): void {
    const { state } = this.sim.engine;
    const venue = this.sim.core
      .openOrders(ACCOUNT)
      .map((order) => order.clientOrderId)
      .toSorted();
    const ours = [...state.openOrders].toSorted();
    claim(
      JSON.stringify(venue) === JSON.stringify(ours),
      `Q5: open here ${ours.map((id) => `${id} ${state.orders.get(id)?.status ?? '?'}`).join()}; at the venue ${venue.join()}`,
    );
    if (state.stop.phase === 'TRIPPED') {
      claim(state.stop.receipt?.complete === true, 'Q8: a stop at rest has its complete receipt');
      claim(venue.length === 0, `Q8: open after the stop: ${venue.join()}`);
    }
  }

  /** What a person wanted gone is gone, or was told to have failed. */
  private cancelled(): void {
    for (const { clientOrderId } of this.sim.core.openOrders(ACCOUNT))
      claim(!this.cancels.has(clientOrderId), `B1: ${clientOrderId} was to be cancelled, was not told to have failed, and is open`);
  }

  /** B8: what all tries of one intent bought or sold together is no more than was intended. */
  private intents(): void {
    const sums = new Map<string, Decimal>();
    for (const fact of this.filled.values()) {
      const intent = this.intended.get(fact.clientOrderId)?.fact;
      if (intent === undefined || ('role' in intent && intent.role !== 'entry')) continue;
      const root = intent.retry?.of ?? fact.clientOrderId;
      const inQuote = (this.intended.get(root)?.fact ?? intent).quoteQty !== undefined;
      sums.set(root, (sums.get(root) ?? new Decimal(0)).plus(inQuote ? new Decimal(fact.qty).times(fact.price) : fact.qty));
    }
    for (const [root, sum] of sums) {
      const intent = this.intended.get(root)?.fact;
      const most = intent?.quoteQty ?? intent?.qty;
      if (most !== undefined) claim(sum.lte(most), `B8: ${root} asked for ${most}, and got ${sum.toFixed()}`);
    }
  }

  /** Q11 and B5, by what the exchange has open: never more than the position; and all of it, or named as missing. */
  private protection(): void {
    const { state } = this.sim.engine;
    const open = this.sim.core.openOrders(ACCOUNT).filter((order) => order.clientOrderId.startsWith('hf-') && order.side === 'SELL');
    for (const symbol of this.sim.core.symbols()) {
      const held = state.positions.get(symbol as never)?.qty ?? new Decimal(0);
      const sets = new Map<string, (typeof open)[number][]>();
      for (const order of open) {
        if (order.symbol !== symbol || order.status === 'PENDING_NEW') continue;
        const key = order.orderListId < 0 ? `order ${order.orderId}` : `list ${order.orderListId}`;
        sets.set(key, [...(sets.get(key) ?? []), order]);
      }
      const leftOf = (order: (typeof open)[number]): Decimal => new Decimal(order.origQty).minus(order.executedQty);
      const sizeOf = (set: readonly (typeof open)[number][]): Decimal => Decimal.max(0, ...set.map(leftOf));
      const isGuard = (id: string): boolean => this.exits.has(id) || this.intended.get(id)?.fact.origin === 'protection';
      const guarding = [...sets.values()].filter((set) => set.some(({ clientOrderId }) => isGuard(clientOrderId)));
      const total = guarding.reduce((sum, set) => sum.plus(sizeOf(set)), new Decimal(0));
      claim(total.lte(held), `Q11: the protection of ${symbol} sells ${total.toFixed()}, the position is ${held.toFixed()}`);
      const protection = state.protections.get(symbol as never);
      const plan = protection?.plan ?? null;
      if (plan === null || protection?.missingSinceMs !== null) continue;
      const lot = LOTS[symbol] ?? new Decimal(1);
      const book = this.sim.core.bookTicker(symbol);
      const sellable = held.div(lot).floor().times(lot);
      if (sellable.times(book.bidPrice).lt(DUST_USDT)) continue;
      const guards = [...sets.values()].filter((set) => {
        const stop = set.find(({ type }) => type.startsWith('STOP_LOSS'));
        const profit = set.find(({ type }) => !type.startsWith('STOP_LOSS'));
        if (stop !== undefined && profit === undefined && plan.takeProfit === undefined) return true;
        const wantsStop = plan.stopLoss !== undefined || plan.trailingDeltaBps !== undefined;
        return (!wantsStop || stop !== undefined) && (plan.takeProfit === undefined || profit !== undefined);
      });
      const stands = [...sets.values()].filter((set) => guards.includes(set) || set.some(({ type }) => type.startsWith('STOP_LOSS')));
      const covered = stands.reduce((sum, set) => sum.plus(sizeOf(set)), new Decimal(0));
      claim(
        sellable.minus(covered).lt(lot),
        `B5: ${symbol} holds ${held.toFixed()}, ${covered.toFixed()} of it is protected, and nothing is said to be missing`,
      );
    }
  }

  /** Every trade of the account is known, and none besides (that none is there twice was checked as they came). */
  private fills(): void {
    for (const [key, { clientOrderId }] of this.trades) claim(this.filled.has(key), `Q3: trade ${key} of ${clientOrderId} was lost`);
    claim(this.filled.size === this.trades.size, 'Q3: trades that the venue does not know');
  }

  private balancesAndEquity(): void {
    const { state } = this.sim.engine;
    let equity = new Decimal(0);
    for (const { asset, free, locked } of this.sim.core.account(ACCOUNT).balances) {
      const ours = state.balances.get(asset as never);
      same(ours?.free ?? 0, free, `Q9: free ${asset}`);
      same(ours?.locked ?? 0, locked, `Q9: locked ${asset}`);
      const total = new Decimal(free).plus(locked);
      if (total.isZero()) continue;
      if (asset === 'USDT') equity = equity.plus(total);
      else {
        const book = this.sim.core.bookTicker(`${asset}USDT`);
        equity = equity.plus(total.times(new Decimal(book.bidPrice).plus(book.askPrice).div(2)));
      }
    }
    const view = this.sim.session.replica.snapshot().view.status.console?.equityUsdt;
    claim(view === equity.toFixed(2), `Q9: equity ${view ?? 'unknown'}, the books say ${equity.toFixed(2)}`);
  }

  /** Positions, cost, realised profit and fees, by books that were written from the same trades. */
  private positionsAndProfit(): void {
    const { state } = this.sim.engine;
    const books = new Books();
    for (const { fact } of this.sim.facts) {
      if (fact.kind === 'order.filled') books.trade(fact);
      else if (fact.kind === 'position.corrected') books.cut(fact.symbol, fact.qty);
    }
    for (const [base, { qty, costUsdt }] of books.holdings) {
      const position = state.positions.get(`${base}USDT` as never);
      close(position?.qty ?? 0, qty, `Q3: position ${base}`);
      close(position?.costUsdt ?? 0, costUsdt, `Q9: cost of ${base}`);
    }
    close(state.feesUsdt, books.feesUsdt, 'Q9: fees');
    close(state.realisedUsdt, books.realisedUsdt, 'Q9: realised');
    for (const { symbol, qty } of state.positions.values()) {
      const base = symbol.slice(0, -4);
      const held = this.sim.core.account(ACCOUNT).balances.find(({ asset }) => asset === base);
      const total = new Decimal(held?.free ?? 0).plus(held?.locked ?? 0);
      claim(qty.lte(total.times('1.0001')), `Q3: position ${base} of ${qty.toFixed()}, the account holds ${total.toFixed()}`);
    }
  }

  /** C4: what no trade brought is booked as a movement, told or not, within the tolerance of a comparison. */
  private outsideMoney(): void {
    const booked = new Map<string, Decimal>();
    for (const { asset, delta } of this.sim.factsOf('balance.moved')) booked.set(asset, (booked.get(asset) ?? new Decimal(0)).plus(delta));
    for (const { asset, free, locked } of this.sim.core.account(ACCOUNT).balances) {
      const moved = this.outside.get(asset) ?? new Decimal(0);
      const gap = moved.minus(booked.get(asset) ?? 0).abs();
      const untold = new Decimal(free).plus(locked).times(UNTOLD_SHARE).plus(DUST);
      claim(gap.lte(untold), `C4: ${moved.toFixed()} ${asset} moved from outside, booked are ${(booked.get(asset) ?? gap).toFixed()}`);
    }
  }
}
