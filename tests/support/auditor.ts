// An auditor with books of its own: what the exchange's core says happened, against what the console holds true. It shares no code
// with the engine; a claim that fails names the invariant of REQUIREMENTS Q.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { Fact } from '../../src-main/engine/facts.ts';
import type { WireOrder } from '../../src-main/venue/port.ts';
import { ACCOUNT } from './sim-venue.ts';
import type { Sim } from './sim.ts';

type Intended = Extract<Fact, { kind: 'order.intended' }>;
type Filled = Extract<Fact, { kind: 'order.filled' }>;

export const claim = (holds: boolean, text: string): void => {
  if (!holds) throw new Error(`Audit: ${text}`);
};
type Figure = Decimal | string | number;

const same = (ours: Figure, theirs: Figure, what: string): void =>
  claim(
    new Decimal(ours).eq(theirs),
    `${what}: the console says ${new Decimal(ours).toFixed()}, the books say ${new Decimal(theirs).toFixed()}`,
  );

const DUST = new Decimal('1e-15');

export class Auditor {
  private readonly sim: Sim;
  private readonly sends = new Map<string, number>();
  private readonly decidedAtMs = new Map<string, number>();
  private phase: 'open' | 'tripped' | 'cooling' = 'open';
  private firstFailure: Error | null = null;
  private seen = 0;
  private outsideUsdt = 0;

  constructor(sim: Sim) {
    this.sim = sim;
    sim.onSend = (order) => {
      try {
        this.onSend(order);
      } catch (error) {
        // Said at the next rest: what is thrown here would be the venue's fault in the console's eyes.
        this.firstFailure ??= error instanceof Error ? error : new Error(String(error));
      }
    };
  }

  /** Q1, Q4, C10 and the journal before the wire, in the instant of the send. */
  private onSend(order: WireOrder): void {
    const { sim } = this;
    this.readFacts();
    const times = (this.sends.get(order.clientOrderId) ?? 0) + 1;
    this.sends.set(order.clientOrderId, times);
    claim(times === 1, `Q4: ${order.clientOrderId} was sent ${times} times`);
    claim(this.isOnDisk(order.clientOrderId), `the intent of ${order.clientOrderId} is on disk before the wire`);
    if (order.side === 'BUY') {
      claim(this.phase === 'open', `Q1: ${order.clientOrderId} opens while the stop stands`);
      claim(sim.venue.userLive, `Q1: ${order.clientOrderId} opens while the account stream is away`);
    } else claim(this.phase !== 'tripped' || order.reduceOnly, `Q1: ${order.clientOrderId} sells while the stop stands`);
  }

  private isOnDisk(clientOrderId: string): boolean {
    return this.sim.disk.written.some((text) => text.includes('"order.intended"') && text.includes(clientOrderId));
  }

  /** Follows the facts as they become true: the latch, and Q2 for each order that was let through. */
  readFacts(): void {
    const { facts } = this.sim;
    for (; this.seen < facts.length; this.seen += 1) {
      const one = facts[this.seen];
      if (one === undefined) return;
      this.onStop(one.fact);
      if (one.fact.kind === 'order.intended') this.onIntended(one.fact, one.atMs);
    }
  }

  private onIntended({ order, quote }: Intended, atMs: number): void {
    if (order.origin !== 'stop') {
      const lastMs = this.decidedAtMs.get(order.symbol);
      claim(lastMs === undefined || atMs - lastMs >= 500, `C10: ${order.symbol} after ${atMs - (lastMs ?? 0)} ms`);
      this.decidedAtMs.set(order.symbol, atMs);
    }
    const price = order.price ?? (order.side === 'BUY' ? quote.ask : quote.bid);
    const value = order.quoteQty === undefined ? new Decimal(order.qty ?? 0).times(price) : new Decimal(order.quoteQty);
    claim(order.origin === 'stop' || order.side === 'SELL' || value.lte(1000), `Q2: ${order.clientOrderId} is worth ${value.toFixed()}`);
    claim(order.side === 'SELL' || value.gte(100), `Q2: opening of ${value.toFixed()} USDT`);
    claim(order.origin === 'stop' || quote.ageMs <= 5000, `C11: judged on a quote of ${quote.ageMs} ms`);
  }

  /** After a crash the facts that were not on disk never were. */
  forgetUnwritten(): void {
    this.readFacts();
    const durable = this.sim.disk.written.length;
    while ((this.sim.facts.at(-1)?.seq ?? 0) > durable) this.sim.facts.pop();
    this.seen = this.sim.facts.length;
    this.phase = 'open';
    this.decidedAtMs.clear();
    for (const { fact, atMs } of this.sim.facts) {
      this.onStop(fact);
      if (fact.kind === 'order.intended' && fact.order.origin !== 'stop') this.decidedAtMs.set(fact.order.symbol, atMs);
    }
  }

  private onStop(fact: Fact): void {
    if (fact.kind === 'stop.tripped') this.phase = 'tripped';
    if (fact.kind === 'stop.reset') this.phase = 'cooling';
    if (fact.kind === 'stop.rearmed') this.phase = 'open';
  }

  /** When nothing is under way any more, the console's books and the exchange's are the same. */
  atRest(): void {
    if (this.firstFailure !== null) throw this.firstFailure;
    this.readFacts();
    this.arrivals();
    this.openOrders();
    this.fills();
    this.balancesAndEquity();
    this.profit();
    this.outsideMoney();
    claim(this.sim.venue.mostWeight() <= 6000, `Q10: ${this.sim.venue.mostWeight()} weight in a minute`);
    claim(this.sim.engine.market.engineProblem === '', this.sim.engine.market.engineProblem);
  }

  private arrivals(): void {
    const counts = new Map<string, number>();
    for (const { order } of this.sim.arrivals) counts.set(order.clientOrderId, (counts.get(order.clientOrderId) ?? 0) + 1);
    for (const [id, count] of counts) claim(count === 1, `Q4: ${id} arrived ${count} times`);
    for (const { order } of this.sim.arrivals) claim(this.sends.has(order.clientOrderId), `Q4: ${order.clientOrderId} arrived unsent`);
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

  /** USDT that came into the account or went out of it by no trade. */
  moneyMoved(usdt: number): void {
    this.outsideUsdt += usdt;
  }

  /** C4: what no trade brought is booked as a movement, told or not, within the tolerance of a comparison. */
  private outsideMoney(): void {
    const booked = this.sim
      .factsOf('balance.moved')
      .filter(({ asset }) => asset === 'USDT')
      .reduce((sum, { delta }) => sum.plus(delta), new Decimal(0));
    claim(booked.minus(this.outsideUsdt).abs().lt(2), `C4: ${this.outsideUsdt} USDT moved from outside, booked are ${booked.toFixed()}`);
    const { unexplained } = this.sim.engine.market;
    claim(unexplained.size === 0, `C4: unexplained ${[...unexplained.keys()].join()}`);
  }

  /** Every trade of an own order is known once, with the venue's own numbers; and none besides. */
  private fills(): void {
    const filled = new Map<string, Filled>();
    for (const { fact } of this.sim.facts) {
      if (fact.kind !== 'order.filled') continue;
      const key = `${fact.symbol} ${fact.tradeId}`;
      claim(!filled.has(key), `Q3: trade ${key} was counted twice`);
      filled.set(key, fact);
    }
    for (const symbol of this.sim.core.symbols()) {
      for (const trade of this.sim.core.myTrades(ACCOUNT, symbol, { limit: 100_000 })) {
        const fact = filled.get(`${symbol} ${trade.id}`);
        claim(fact !== undefined, `Q3: trade ${symbol} ${trade.id} was lost`);
        same(fact?.qty ?? 0, trade.qty, `Q3: quantity of ${symbol} ${trade.id}`);
        same(fact?.price ?? 0, trade.price, `Q3: price of ${symbol} ${trade.id}`);
        same(fact?.fee ?? 0, trade.commission, `Q3: fee of ${symbol} ${trade.id}`);
        filled.delete(`${symbol} ${trade.id}`);
      }
    }
    claim(filled.size === 0, `Q3: trades that the venue does not know: ${[...filled.keys()].join()}`);
  }

  private balancesAndEquity(): void {
    const { state, market } = this.sim.engine;
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
    claim(market.doubts.size === 0, `Q5: still asked for: ${[...market.doubts.keys()].join()}`);
  }

  /**
   * Positions and realised profit by the identity that averaging cannot change: what is realised less what the open positions cost is
   * what came in less what went out. Positions are walked through the venue's trades in their order.
   */
  private profit(): void {
    const { state } = this.sim.engine;
    const worth = new Map(
      this.sim.factsOf('order.filled').map((fact) => [`${fact.symbol} ${fact.tradeId}`, new Decimal(fact.feeUsdt ?? 0)]),
    );
    const held = new Map<string, Decimal>();
    let flow = new Decimal(0);
    let fees = new Decimal(0);
    for (const fact of this.sim.factsOf('order.filled')) {
      const base = fact.symbol.slice(0, -4);
      const feeUsdt = worth.get(`${fact.symbol} ${fact.tradeId}`) ?? new Decimal(0);
      const isInside = fact.side === 'BUY' && fact.feeAsset === base;
      const before = held.get(base) ?? new Decimal(0);
      fees = fees.plus(feeUsdt);
      if (fact.side === 'BUY') {
        held.set(base, before.plus(fact.qty).minus(isInside ? fact.fee : 0));
        flow = flow.minus(new Decimal(fact.qty).times(fact.price)).minus(isInside ? 0 : feeUsdt);
      } else {
        // What is sold beyond the position was never bought here: it makes no profit.
        const closed = Decimal.min(before, fact.qty);
        held.set(base, before.minus(closed));
        flow = flow.plus(closed.times(fact.price)).minus(feeUsdt.times(closed).div(fact.qty));
      }
      const payer = held.get(fact.feeAsset);
      if (!isInside && payer?.gt(0) === true) {
        const paid = Decimal.min(payer, fact.fee);
        held.set(fact.feeAsset, payer.minus(paid));
        if (new Decimal(fact.fee).gt(0)) flow = flow.plus(feeUsdt.times(paid).div(fact.fee));
      }
    }
    let cost = new Decimal(0);
    for (const position of state.positions.values()) cost = cost.plus(position.costUsdt);
    for (const [base, qty] of held) same(state.positions.get(`${base}USDT` as never)?.qty ?? 0, qty, `Q3: position ${base}`);
    same(state.feesUsdt, fees, 'Q9: fees');
    claim(
      state.realisedUsdt.minus(cost).minus(flow).abs().lt(DUST),
      `Q9: realised ${state.realisedUsdt.toFixed()} less cost ${cost.toFixed()}, the books say ${flow.toFixed()}`,
    );
  }
}
