// Protection under chance (B5, Q11): whatever the trader, the phone, the market, the network and crashes do in whatever order, what is
// being sold never exceeds what is held (the desk claims it after each event of the exchange), and once it is quiet every position
// with a plan has exactly the orders that the plan asks for, for exactly what can be sold.
import { afterEach, describe, expect, test } from 'vitest';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { Random } from '../../src-main/practice/feeds/random.ts';
import { Guarded } from '../support/guarded.ts';
import { BTC } from '../support/sim.ts';
import { ACCOUNT, NO_FAULTS } from '../support/sim-wire.ts';
import type { Faults } from '../support/sim-wire.ts';

const SEEDS = Number(process.env['SEEDS'] ?? 30);
const FIRST_SEED = Number(process.env['SEED'] ?? 1);
const DEEDS = 60;
const QUIET_MS = 150_000;
const LOT = new Decimal('0.00001');
/** The venue's smallest order is worth 5 USDT. */
const SMALLEST_USDT = 6;

let desk: Guarded | undefined;
afterEach(() => desk?.end());

class Chance {
  private readonly random: Random;
  private readonly desk: Guarded;
  private mid = new Decimal(50_000);
  private faultEndsAtMs = 0;
  private trip = 0;
  readonly done: string[] = [];

  constructor(seed: number, of: Guarded) {
    this.random = new Random(seed);
    this.desk = of;
  }

  private pick<T>(some: readonly T[]): T {
    return some[Math.floor(this.random.next() * some.length)] as T;
  }

  private between(low: number, high: number): number {
    return low + (high - low) * this.random.next();
  }

  private size(low: number, high: number): string {
    return new Decimal(this.between(low, high)).toDecimalPlaces(5, Decimal.ROUND_DOWN).toFixed();
  }

  private away(part: number): string {
    return this.mid
      .times(1 + part)
      .toDecimalPlaces(2)
      .toFixed();
  }

  private plan(): Record<string, unknown> {
    const takeProfit = this.away(this.between(0.002, 0.03));
    const stopLoss = this.away(-this.between(0.002, 0.03));
    const trailingDeltaBps = Math.floor(this.between(5, 300));
    return this.pick([{ stopLoss }, { takeProfit }, { stopLoss, takeProfit }, { trailingDeltaBps }, { trailingDeltaBps, takeProfit }]);
  }

  private readonly deeds: Readonly<Record<string, () => unknown>> = {
    buy: () => this.desk.place({ qty: this.size(0.002, 0.018), ...(this.random.next() < 0.8 ? { exits: this.plan() } : {}) }),
    enter: () =>
      this.desk.place({ type: 'LIMIT', qty: this.size(0.002, 0.018), price: this.away(-this.between(0.0005, 0.004)), exits: this.plan() }),
    sell: () => this.desk.place({ side: 'SELL', qty: this.size(0.001, 0.01), reduceOnly: true }),
    close: () => this.desk.place({ side: 'SELL', qty: this.desk.lots(), reduceOnly: true }),
    offer: () =>
      this.desk.place({
        side: 'SELL',
        type: 'LIMIT',
        qty: this.size(0.001, 0.008),
        price: this.away(this.between(0.001, 0.01)),
        reduceOnly: true,
      }),
    ownStop: () =>
      this.desk.place({
        side: 'SELL',
        type: 'STOP_LOSS',
        qty: this.size(0.001, 0.008),
        stopPrice: this.away(-this.between(0.002, 0.01)),
        reduceOnly: true,
      }),
    protect: () => this.desk.protect(this.random.next() < 0.8 ? this.plan() : null),
    step: () => this.move(this.between(-0.002, 0.002)),
    jump: () => this.move(this.between(-0.025, 0.025)),
    thin: () => this.desk.price(this.mid.toFixed(2), this.size(0.001, 0.005)),
    nibble: () => {
      const [order] = this.desk.open().filter(({ price }) => Number(price) > 0);
      if (order !== undefined) this.desk.trade(new Decimal(order.price).toFixed(2), this.size(0.0005, 0.006), order.side as 'BUY' | 'SELL');
    },
    cancel: () => {
      const ids = [...this.desk.sim.engine.state.openOrders];
      if (ids.length > 0) this.desk.sim.engine.dispatch({ kind: 'cancel', clientOrderId: this.pick(ids), origin: 'window' });
    },
    cancelAll: () => this.desk.sim.engine.dispatch({ kind: 'cancel-all', symbol: BTC, origin: 'window' }),
    phoneCancels: () => this.desk.sim.core.cancelAllOpen(ACCOUNT, BTC, this.now()),
    phoneBuys: () => this.phone('BUY', this.size(0.001, 0.008)),
    phoneSells: () => {
      this.desk.sim.core.cancelAllOpen(ACCOUNT, BTC, this.now());
      return this.phone('SELL', this.size(0.001, 0.006));
    },
    bnbFees: () => this.desk.sim.core.setBnbDiscount(ACCOUNT, this.random.next() < 0.5),
    fault: () => this.fault(),
    crash: () => this.desk.restart(this.between(50, 3000), this.random.next()).catch(() => this.desk.pass(1000)),
    stop: () => {
      this.desk.sim.engine.dispatch({
        kind: 'trip',
        trigger: 'button',
        reason: 'chance',
        positions: this.pick(['keep-positions', 'flatten'] as const),
      });
    },
    reset: () => this.reset(),
    policy: () =>
      this.desk.sim.forcePolicy({
        protection: { automatic: this.random.next() < 0.3, closeUnprotected: this.random.next() < 0.3, graceSeconds: this.pick([5, 60]) },
      }),
  };

  // prettier-ignore
  private readonly weights: Readonly<Record<string, number>> = {
    buy: 10, enter: 6, sell: 4, close: 2, offer: 2, ownStop: 2, protect: 8, step: 20, jump: 4, thin: 2, nibble: 8, cancel: 3,
    cancelAll: 1, phoneCancels: 2, phoneBuys: 2, phoneSells: 2, bnbFees: 1, fault: 5, crash: 4, stop: 1, reset: 3, policy: 1,
  };

  private now(): number {
    return this.desk.sim.time.trueMs();
  }

  private move(part: number): void {
    // It stays near where it began: the limits of an order's value are not what is tested.
    this.mid = Decimal.min(60_000, Decimal.max(42_000, this.mid.times(1 + part))).toDecimalPlaces(2);
    this.desk.price(this.mid.toFixed(2));
  }

  private phone(side: 'BUY' | 'SELL', quantity: string): void {
    if (side === 'SELL' && new Decimal(this.desk.positionQty()).lt(quantity)) return;
    this.desk.sim.core.placeOrder(ACCOUNT, { symbol: BTC, side, type: 'MARKET', quantity } as never, this.now());
  }

  private fault(): void {
    const kinds: readonly Partial<Faults>[] = [
      { lostAfter: 0.5 },
      { lostBefore: 0.5 },
      { executedButError: 0.5 },
      { storm: 0.6 },
      { streamMissing: 0.4 },
      { streamDuplicate: 0.5, streamReorder: 0.5 },
      { queryLagMs: 1500 },
      { deadSymbols: new Set([BTC]) },
      { partition: true },
      { silentMarkets: new Set([BTC]) },
      { latencyMs: [50, 400] },
    ];
    Object.assign(this.desk.sim.faults, this.pick(kinds));
    this.faultEndsAtMs = this.now() + this.between(500, 8000);
  }

  private reset(): void {
    const { engine } = this.desk.sim;
    this.trip = engine.state.stop.tripId;
    engine.dispatch({ kind: 'reset', by: 'chance', why: 'chance', readBackTripId: this.trip });
  }

  async live(): Promise<void> {
    const names = Object.entries(this.weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name));
    for (let deed = 0; deed < DEEDS; deed += 1) {
      const name = this.pick(names);
      this.done.push(name);
      if (this.faultEndsAtMs !== 0 && this.now() >= this.faultEndsAtMs) this.endFaults();
      await this.deeds[name]?.();
      await this.desk.pass(this.random.next() < 0.5 ? this.between(1, 60) : this.between(60, 2500));
    }
    this.endFaults();
    await this.rest();
  }

  private endFaults(): void {
    Object.assign(this.desk.sim.faults, NO_FAULTS);
    this.faultEndsAtMs = 0;
  }

  /** Faults are over and nobody acts any more: a stop is reset by a person, and the price stands. */
  private async rest(): Promise<void> {
    const { sim } = this.desk;
    // News, so that a console that was deaf at its start knows a price.
    this.desk.price(this.mid.plus('0.01').toFixed(2));
    await this.desk.pass(20_000);
    if (sim.engine.state.stop.phase === 'TRIPPED') this.reset();
    await this.desk.pass(QUIET_MS);
    if (sim.engine.state.stop.phase === 'TRIPPED') this.reset();
    sim.engine.dispatch({ kind: 'reconcile', why: 'the end' });
    await this.desk.pass(30_000);
  }
}

const floorLots = (qty: Decimal): Decimal => qty.div(LOT).floor().times(LOT);

/** What stands at the exchange, and what the plan asks for, in the test's own words. */
const judge = (of: Guarded): void => {
  const { engine } = of.sim;
  const position = engine.state.positions.get(BTC);
  expect(
    of
      .trulyHeld()
      .minus(position?.qty ?? 0)
      .abs()
      .lt('1e-8'),
    `held ${of.trulyHeld().toFixed()}, known ${position?.qty.toFixed() ?? '0'}`,
  ).toBe(true);
  const sells = of.open().filter(({ side }) => side === 'SELL');
  const known = [...engine.state.orders.values()].filter(
    (order) => order.origin === 'protection' || (order.list !== null && order.list.kind !== 'OCO'),
  );
  const guards = sells.filter(({ clientOrderId }) => known.some((order) => order.clientOrderId === clientOrderId));
  const others = sells.filter((order) => !guards.includes(order));
  const left = (order: (typeof sells)[number]): Decimal => new Decimal(order.origQty).minus(order.executedQty);
  const plan = engine.state.protections.get(BTC)?.plan ?? null;
  if (position === undefined || plan === null) {
    expect(
      guards.map(({ clientOrderId }) => clientOrderId),
      'nothing guards what is gone or has no plan',
    ).toEqual([]);
    return;
  }
  // Entries that are still open may hold a part back for exits that wait.
  if (of.sim.core.openOrders(ACCOUNT, BTC).some(({ side, executedQty }) => side === 'BUY' && Number(executedQty) > 0)) return;
  const lists = new Map<number, Decimal>();
  for (const order of others)
    if (order.orderListId !== -1) lists.set(order.orderListId, Decimal.max(left(order), lists.get(order.orderListId) ?? 0));
  const plain = others.filter(({ orderListId }) => orderListId === -1).reduce((sum, order) => sum.plus(left(order)), new Decimal(0));
  const sold = [...lists.values()].reduce((sum, one) => sum.plus(one), plain);
  const wanted = floorLots(position.qty.minus(sold));
  if (wanted.times(of.sim.core.lastPrice(BTC) ?? 0).lt(SMALLEST_USDT)) return;
  const wantsStop = plan.stopLoss !== undefined || plan.trailingDeltaBps !== undefined;
  const shape = [...(wantsStop ? ['stop'] : []), ...(plan.takeProfit === undefined ? [] : ['limit'])];
  expect(guards.map(({ type }) => (type.startsWith('STOP') ? 'stop' : 'limit')).toSorted(), of.view().text).toEqual(shape.toSorted());
  for (const order of guards) expect(left(order).toFixed(), `${order.type} guards all: ${of.view().text}`).toBe(wanted.toFixed());
  const stop = guards.find(({ type }) => type.startsWith('STOP'));
  if (plan.stopLoss !== undefined) expect(new Decimal(stop?.stopPrice ?? 0).toFixed()).toBe(plan.stopLoss);
};

describe('whatever happens, protection comes out as planned and never beyond the position', () => {
  test.each(Array.from({ length: SEEDS }, (_none, index) => FIRST_SEED + index))('seed %i', async (seed) => {
    desk = await new Guarded({ seed, balances: { USDT: '10000', BNB: '2' } }).start();
    const chance = new Chance(seed, desk);
    await chance.live();
    judge(desk);
    expect(chance.done).toHaveLength(DEEDS);
  });
});
