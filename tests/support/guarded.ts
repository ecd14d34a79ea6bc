// A console in virtual time whose market the test holds in its hand: the price stands where it is put, and trades there. It looks after
// each event of the exchange that protection never exceeds the position and never stands twice (Q11), with sums of its own.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { ProtectionView } from '../../src-shared/contract/view.ts';
import type { ExitPlan, OrderRequest } from '../../src-shared/domain/order.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { Reply } from '../../src-main/engine/inputs.ts';
import type { QueriedOrder } from '../../src-main/practice/core/types.ts';
import { positionView } from '../../src-main/engine/view.ts';
import { claim } from './claim.ts';
import { BTC, Sim } from './sim.ts';
import type { SimOptions } from './sim.ts';
import { ACCOUNT } from './sim-wire.ts';

const TICK = '0.01';
const DEEP = '5';
const EVENT_EVERY_MS = 1000;

type Placed = Partial<Record<keyof OrderRequest, unknown>>;

export class Guarded {
  readonly sim: Sim;
  /** What the phone sells from other coins shrinks the position before the guard can follow: then the claim does not hold at once. */
  isLenient = false;
  private priceText = '50000';
  private depthQty = DEEP;
  private flips = 0;
  private stopMarket = (): void => undefined;
  /** What did not hold, where nobody could be told yet. */
  private broken: Error | null = null;

  constructor(options: SimOptions = {}) {
    this.sim = new Sim({ eventsPerSecond: 0, ...options });
    // Thrown in there it would look like a request of the console's that broke, and the console would settle it.
    this.sim.core.onEvent((event) => {
      if (event.kind !== 'user') return;
      try {
        this.audit();
      } catch (error) {
        this.broken ??= error instanceof Error ? error : new Error(String(error));
      }
    });
  }

  /** Up and able to trade, with the price at 50 000. */
  async start(): Promise<this> {
    this.price('50000');
    this.stopMarket = this.sim.time.every(EVENT_EVERY_MS, () => this.quote());
    await this.sim.start();
    this.quote();
    return this;
  }

  /** The exchange does not trade the symbol (C12), as far as the console knows: the gate lets no order of it through. */
  suspended(is: boolean): void {
    const { engine } = this.sim;
    const status = is ? ('HALTED' as const) : ('TRADING' as const);
    const instruments = [...engine.market.instruments.values()].map((one) => (one.symbol === BTC ? { ...one, status } : one));
    engine.dispatch({ kind: 'instruments', instruments });
  }

  /** Throws when the claim did not hold once. */
  end(): void {
    this.stopMarket();
    if (this.broken !== null) throw this.broken;
  }

  /** The process dies and starts again on what it had on disk. */
  async restart(afterMs = 500, keptShare = 1): Promise<void> {
    this.sim.crash(keptShare);
    await this.sim.time.pass(afterMs);
    await this.sim.start();
  }

  /** Half the price steps away, so that both books move: the spread is two ticks. */
  price(to: string, depthQty = DEEP): void {
    this.priceText = to;
    this.depthQty = depthQty;
    this.quote();
  }

  private quote(): void {
    const { core, time } = this.sim;
    const mid = new Decimal(this.priceText);
    const level = (ticks: number): readonly [string, string] => [mid.plus(new Decimal(TICK).times(ticks)).toFixed(2), this.depthQty];
    const far = (part: string): readonly [string, string] => [mid.times(part).toFixed(2), DEEP];
    core.applyDepth(BTC, { kind: 'snapshot', bids: [level(-1), far('0.99')], asks: [level(1), far('1.01')] }, time.trueMs());
    core.applyTrade(BTC, { price: mid.toFixed(2), qty: '0.00001', buyerIsMaker: true, timeMs: time.trueMs() }, time.trueMs());
    // What does not move is not told anew: a console that was deaf would wait for BNB's price for ever.
    this.flips += 1;
    const bnb = (price: string): readonly [string, string] => [price, `${10 + (this.flips % 2)}`];
    core.applyDepth('BNBUSDT', { kind: 'snapshot', bids: [bnb('599.9')], asks: [bnb('600.1')] }, time.trueMs());
    core.advance(time.trueMs());
  }

  /** Somebody trades at a price, so much, with those who rest there. */
  trade(at: string, qty: string, restingSide: 'BUY' | 'SELL'): void {
    const { core, time } = this.sim;
    core.applyTrade(BTC, { price: at, qty, buyerIsMaker: restingSide === 'BUY', timeMs: time.trueMs() }, time.trueMs());
  }

  async pass(ms: number): Promise<void> {
    await this.sim.time.pass(ms);
    if (this.broken !== null) throw this.broken;
  }

  place(request: Placed): Reply {
    return this.sim.engine.dispatch({
      kind: 'place',
      request: { symbol: BTC, side: 'BUY', type: 'MARKET', ...request } as OrderRequest,
      origin: 'window',
    });
  }

  /** Places what the gate must let pass. */
  placed(request: Placed): string {
    const reply = this.place(request);
    if (reply.kind !== 'placed') throw new Error(`not placed: ${JSON.stringify(reply)}`);
    return reply.clientOrderId;
  }

  protect(plan: ExitPlan | Record<string, unknown> | null, symbol: SymbolId = BTC): Reply {
    return this.sim.engine.dispatch({ kind: 'protect', symbol, plan: plan as ExitPlan | null, origin: 'window' });
  }

  /** Buys at market and protects in the same order. */
  async bought(qty: string, exits: Record<string, unknown> | undefined, settleMs = 1000): Promise<void> {
    this.placed({ qty, ...(exits === undefined ? {} : { exits }) });
    await this.pass(settleMs);
  }

  /** What the exchange has open, exits that wait for their entry left out. */
  open(): readonly QueriedOrder[] {
    return this.sim.core.openOrders(ACCOUNT, BTC).filter((order) => (order.status as string) !== 'PENDING_NEW');
  }

  /** The open sells in few words, sorted: `STOP_LOSS 0.01998 @ 49000`. */
  sells(): readonly string[] {
    return this.open()
      .filter((order) => order.side === 'SELL')
      .map((order) => {
        const left = new Decimal(order.origQty).minus(order.executedQty).toFixed();
        const trail = order.trailingDelta === undefined ? '' : ` trails ${order.trailingDelta}`;
        const at = new Decimal(order.stopPrice ?? 0).isZero() ? new Decimal(order.price) : new Decimal(order.stopPrice ?? 0);
        return `${order.type} ${left}${at.isZero() ? '' : ` @ ${at.toFixed()}`}${trail}`;
      })
      .toSorted();
  }

  /** The position in whole lots: what can be sold. */
  lots(): string {
    return new Decimal(this.positionQty()).toDecimalPlaces(5, Decimal.ROUND_DOWN).toFixed();
  }

  positionQty(): string {
    return this.sim.engine.state.positions.get(BTC)?.qty.toFixed() ?? '0';
  }

  view(): ProtectionView {
    const { engine } = this.sim;
    const position = engine.state.positions.get(BTC);
    if (position === undefined) throw new Error('no position');
    const { protection } = positionView(engine.state, engine.market, engine.trading(), position);
    if (protection === null) throw new Error('too small');
    return protection;
  }

  titles(): readonly string[] {
    return this.sim.alerts.map(({ title }) => title);
  }

  /** What the venue's own trades left of the coin that was bought: the position in truth. */
  trulyHeld(): Decimal {
    return this.sim.core.myTrades(ACCOUNT, BTC, { limit: 1000 }).reduce((sum, trade) => {
      const signed = trade.isBuyer ? new Decimal(trade.qty) : new Decimal(trade.qty).neg();
      return sum.plus(signed).minus(trade.commissionAsset === 'BTC' ? trade.commission : 0);
    }, new Decimal(0));
  }

  private audit(): void {
    if (this.isLenient) return;
    const sets = new Map<string, Decimal>();
    for (const order of this.open()) {
      if (order.side !== 'SELL' || !order.clientOrderId.startsWith('hf-')) continue;
      const key = order.orderListId === -1 ? order.clientOrderId : `list ${order.orderListId}`;
      const left = new Decimal(order.origQty).minus(order.executedQty);
      sets.set(key, Decimal.max(sets.get(key) ?? 0, left));
    }
    const sum = [...sets.values()].reduce((total, one) => total.plus(one), new Decimal(0));
    const held = this.trulyHeld();
    claim(sum.lte(held), `Q11: ${sum.toFixed()} is being sold, ${held.toFixed()} is held`);
  }
}
