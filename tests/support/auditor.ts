// An auditor with books of its own: what the exchange's core says happened, against what the console holds true. It shares no code
// with the engine; a claim that fails names the invariant of REQUIREMENTS Q. What can be known at once is checked at once, the rest
// when nothing is under way any more.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Fact } from '../../src-main/engine/facts.ts';
import type { WireOrder } from '../../src-main/venue/port.ts';
import { Books } from './books.ts';
import { ACCOUNT } from './sim-wire.ts';
import type { Sim } from './sim.ts';

type FactOf<K extends Fact['kind']> = Extract<Fact, { kind: K }>;
type Intended = FactOf<'order.intended'>;

export const claim = (holds: boolean, text: string): void => {
  if (!holds) throw new Error(`Audit: ${text}`);
};
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
/** A comparison calls balances equal within 0.01 %; so much may stay untold, once and once more for what came since. */
const UNTOLD_SHARE = new Decimal('0.0003');

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
  private firstFailure: Error | null = null;
  private arrivalsSeen = 0;
  private readonly arrived = new Set<string>();
  private readonly taken = new Set<string>();
  // What follows from the facts, and is read anew after a crash.
  private seen = 0;
  private phase: 'open' | 'tripped' | 'cooling' = 'open';
  private readonly intended = new Map<string, { readonly seq: number; readonly fact: Intended['order'] }>();
  private readonly decidedAtMs = new Map<string, number>();
  private readonly filled = new Map<string, FactOf<'order.filled'>>();
  private readonly provenAbsent = new Set<string>();
  private limits = { maxOrder: new Decimal(1000), minOpening: new Decimal(100), allowed: [] as readonly string[] };

  constructor(sim: Sim) {
    this.sim = sim;
    sim.onSend = (orders) => this.guarded(() => orders.forEach((order) => this.onSend(order)));
    sim.onBoot = () => this.guarded(() => this.rebuild());
    sim.afterTurn = () => this.guarded(() => this.readFacts());
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
        if (isNew) this.onIntended(fact);
        return;
      case 'list.intended':
        for (const order of fact.list.orders) this.intended.set(order.clientOrderId, { seq, fact: order });
        return;
      case 'order.filled':
        this.onFilled(fact);
        return;
      case 'order.rejected':
        if (fact.proof !== 'absent-after-window' && fact.proof !== 'never-sent') return;
        this.readArrivals();
        this.provenAbsent.add(fact.clientOrderId);
        claim(!this.taken.has(fact.clientOrderId), `Q5: ${fact.clientOrderId} is held for ${fact.proof}, and the exchange has taken it`);
        return;
      default:
    }
  }

  /** C10, Q2: the limits of that moment, worked out from the order and the quote alone. */
  private onIntended({ order, quote }: Intended): void {
    const atMs = this.sim.time.monoMs();
    if (order.origin === 'stop') return;
    if (order.origin !== 'protection' && order.retry === undefined) {
      const lastMs = this.decidedAtMs.get(order.symbol);
      claim(lastMs === undefined || atMs - lastMs >= 500, `C10: ${order.symbol} again after ${atMs - (lastMs ?? 0)} ms`);
      this.decidedAtMs.set(order.symbol, atMs);
    }
    claim(this.phase === 'open' || order.side === 'SELL', `Q1: ${order.clientOrderId} is decided while the stop stands`);
    const price = order.price ?? (order.side === 'BUY' ? quote.ask : quote.bid);
    const value = order.quoteQty === undefined ? new Decimal(order.qty ?? 0).times(price) : new Decimal(order.quoteQty);
    if (order.side === 'BUY') {
      claim(value.lte(this.limits.maxOrder), `Q2: ${order.clientOrderId} is worth ${value.toFixed()}`);
      claim(order.retry !== undefined || value.gte(this.limits.minOpening), `Q2: opening of ${value.toFixed()} USDT`);
      claim(this.limits.allowed.includes(order.symbol), `Q2: ${order.symbol} is not allowed`);
      claim(quote.ageMs <= 5000, `C11: judged on a quote of ${quote.ageMs} ms`);
      const mid = new Decimal(quote.bid).plus(quote.ask).div(2);
      const away = order.price === undefined ? new Decimal(0) : new Decimal(order.price).minus(mid).abs().div(mid).times(100);
      claim(away.lte('2.0001'), `Q2: ${order.clientOrderId} is ${away.toFixed(2)} % from the mark`);
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

  /** After each step. */
  afterStep(): void {
    if (this.firstFailure !== null) throw this.firstFailure;
    this.readFacts();
    this.readArrivals();
    const { far, engine } = this.sim;
    claim(far.offences.length === 0, far.offences[0] ?? '');
    claim(engine.market.engineProblem === '', `Q: ${engine.market.engineProblem}`);
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
      claim(!one.taken || !this.provenAbsent.has(id), `Q5: ${id} was held for not there, and arrived after that`);
    }
  }

  /** After a crash the facts that were not on disk never were. */
  private rebuild(): void {
    this.seen = this.sim.facts.length;
    this.phase = this.sim.disk.latch?.phase === 'TRIPPED' ? 'tripped' : 'open';
    this.intended.clear();
    this.decidedAtMs.clear();
    this.filled.clear();
    for (const { seq, fact } of this.sim.facts) this.onFact(seq, fact, false);
  }

  // ------------------------------------------------------------------------------------------------------------- at rest

  /** Coins that came into the account or went out of it by no trade. */
  moved(asset: string, qty: string): void {
    this.outside.set(asset, (this.outside.get(asset) ?? new Decimal(0)).plus(qty));
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

  /** When nothing is under way any more, the console's books and the exchange's are the same. */
  atRest(): void {
    this.afterStep();
    this.openOrders();
    this.fills();
    this.balancesAndEquity();
    this.positionsAndProfit();
    this.outsideMoney();
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
