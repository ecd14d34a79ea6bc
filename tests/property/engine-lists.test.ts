// Lists, replacements and protection through the real adapter against the matching core, with faults (B1, B2, B5, B8, Q3–Q6, Q11): one
// seed, one history. Whatever was lost, once the faults stop the console's orders are the exchange's, to the last digit.
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import { Random } from '../../src-main/practice/feeds/random.ts';
import { replayed, stateText } from '../support/state-text.ts';
import { BTC, ETH, Sim } from '../support/sim.ts';
import { ACCOUNT, NO_FAULTS } from '../support/sim-wire.ts';

const SEEDS = 8;
const STEPS = 60;

const tick = (value: Decimal): never => value.toDecimalPlaces(2).toFixed() as never;

class Trader {
  readonly sim: Sim;
  readonly random: Random;
  readonly said: string[] = [];

  constructor(sim: Sim, seed: number) {
    this.sim = sim;
    this.random = new Random(seed * 7919);
  }

  private oneOf<T>(list: readonly T[]): T {
    return list[Math.floor(this.random.next() * list.length)] as T;
  }

  private prices(): { symbol: typeof BTC; at: (bps: number) => never; qty: never } {
    const symbol = this.oneOf([BTC, ETH]);
    const mark = this.sim.engine.market.mark(symbol) ?? new Decimal(1);
    const qty = (symbol === BTC ? this.oneOf(['0.004', '0.006', '0.01']) : this.oneOf(['0.1', '0.15', '0.2'])) as never;
    return { symbol, at: (bps) => tick(mark.times(10_000 + bps).div(10_000)), qty };
  }

  private exits(at: (bps: number) => never): object {
    return this.oneOf([{ stopLoss: at(-80) }, { stopLoss: at(-60), takeProfit: at(60) }, { takeProfit: at(40) }, { trailingDeltaBps: 50 }]);
  }

  private sale(): object | null {
    const [position] = [...this.sim.engine.state.positions.values()];
    if (position === undefined) return null;
    const part = position.qty.times(this.oneOf(['0.5', '0.999'])).toDecimalPlaces(position.symbol === BTC ? 5 : 4, Decimal.ROUND_DOWN);
    return { symbol: position.symbol, side: 'SELL', type: 'MARKET', qty: part.toFixed() };
  }

  step(): void {
    const { engine } = this.sim;
    const { symbol, at, qty } = this.prices();
    const open = [...engine.state.openOrders];
    const single = open.filter((id) => this.sim.order(id).list === null);
    const base = { symbol, side: 'BUY', qty } as const;
    const act = this.oneOf([
      'bracket',
      'bracket',
      'market',
      'market',
      'ioc',
      'stop',
      'oco',
      'oco',
      'sell',
      'sell',
      'limit',
      'replace',
      'replace',
      'cancel',
      'protect',
      'all',
      'trip',
    ]);
    const place = (request: object): unknown => engine.dispatch({ kind: 'place', request: request as never, origin: 'cli' });
    let reply: unknown = null;
    if (act === 'bracket') reply = place({ ...base, type: 'LIMIT', price: at(this.oneOf([-20, -3, 1])), exits: this.exits(at) });
    else if (act === 'market') reply = place({ ...base, type: 'MARKET', exits: this.exits(at) });
    else if (act === 'limit') reply = place({ ...base, type: 'LIMIT', price: at(-12) });
    else if (act === 'ioc') reply = place({ ...base, type: 'LIMIT', timeInForce: 'IOC', price: at(2), exits: this.exits(at) });
    else if (act === 'stop') reply = place({ ...base, type: 'STOP_LOSS', stopPrice: at(15), exits: { stopLoss: at(-50) } });
    else if (act === 'oco')
      reply = engine.dispatch({
        kind: 'place-oco',
        request: this.oneOf([
          { ...base, price: at(-15), stopPrice: at(15) },
          { ...base, side: 'SELL' as const, price: at(20), stopPrice: at(-20), stopLimitPrice: at(-25) },
        ]),
        origin: 'cli',
      });
    else if (act === 'sell') reply = place(this.sale() ?? { ...base, side: 'SELL', type: 'MARKET' });
    else if (act === 'replace' && single.length > 0)
      reply = engine.dispatch({ kind: 'replace', clientOrderId: this.oneOf(single), change: { price: at(-10) }, origin: 'cli' });
    else if (act === 'cancel' && open.length > 0)
      reply = engine.dispatch({ kind: 'cancel', clientOrderId: this.oneOf(open), origin: 'cli' });
    else if (act === 'protect')
      reply = engine.dispatch({ kind: 'protect', symbol, plan: this.oneOf([null, { stopLoss: at(-70) }]), origin: 'cli' });
    else if (act === 'all' && this.random.next() < 0.3) reply = engine.dispatch({ kind: 'cancel-all', symbol: null, origin: 'cli' });
    else if (act === 'trip' && this.random.next() < 0.05)
      reply = engine.dispatch({ kind: 'trip', trigger: 'cli', reason: '', positions: null });
    this.said.push(`${act} ${JSON.stringify(reply)}`);
  }

  faults(): void {
    const some = (most: number): number => (this.random.next() < 0.4 ? this.random.next() * most : 0);
    Object.assign(this.sim.faults, {
      latencyMs: this.oneOf([
        [2, 8],
        [20, 300],
        [2, 1500],
      ]),
      lostBefore: some(0.1),
      lostAfter: some(0.15),
      executedButError: some(0.15),
      storm: some(0.1),
      lateArrival: some(0.3),
      streamDuplicate: some(0.3),
      streamReorder: some(0.3),
      streamMissing: some(0.2),
      queryLagMs: some(800),
    });
  }
}

const settle = async (sim: Sim): Promise<void> => {
  Object.assign(sim.faults, NO_FAULTS);
  const { stop } = sim.engine.state;
  if (stop.phase === 'TRIPPED') {
    await sim.until('the stop is through', () => sim.engine.state.stop.receipt?.complete === true, 60_000, 100);
    sim.engine.dispatch({ kind: 'reset', by: 'test', why: 'go on', readBackTripId: stop.tripId });
  }
  await sim.time.pass(40_000);
  sim.engine.dispatch({ kind: 'reconcile', why: 'the end' });
  await sim.time.pass(5000);
};

const live = async (seed: number): Promise<{ sim: Sim; trader: Trader }> => {
  const sim = new Sim({ seed, eventsPerSecond: 12, regime: (['ranging', 'volatile', 'trending', 'thin'] as const)[seed % 4] ?? 'ranging' });
  await sim.start();
  const trader = new Trader(sim, seed);
  for (let step = 0; step < STEPS; step += 1) {
    if (step % 10 === 0) trader.faults();
    if (sim.engine.trading().level === 'HALTED' && sim.engine.state.stop.phase !== 'TRIPPED') {
      Object.assign(sim.faults, NO_FAULTS);
      await sim.time.pass(10_000);
    }
    trader.step();
    await sim.time.pass(Math.floor(trader.random.next() * 1500));
    if (trader.random.next() < 0.03) sim.far.throttleFor(429, 1500);
    if (trader.random.next() < 0.03) {
      sim.crash(trader.random.next());
      await sim.time.pass(500);
      sim.boot();
      await sim.time.pass(3000);
    }
  }
  await settle(sim);
  return { sim, trader };
};

describe('once the faults stop', () => {
  test.each(Array.from({ length: SEEDS }, (_, index) => 1 + index))('seed %i: the orders are the exchange’s', async (seed) => {
    const { sim, trader } = await live(seed);
    const { state, market } = sim.engine;
    const story = (): string => trader.said.slice(-60).join('\n');
    expect(market.engineProblem, story()).toBe('');
    const theirs = sim.core.openOrders(ACCOUNT);
    expect([...state.openOrders].toSorted(), story()).toEqual(theirs.map((order) => order.clientOrderId).toSorted());
    for (const row of theirs) {
      const order = sim.order(row.clientOrderId);
      expect([order.clientOrderId, order.filledQty.toFixed(), order.pending]).toEqual([
        row.clientOrderId,
        new Decimal(row.executedQty).toFixed(),
        row.status === 'PENDING_NEW',
      ]);
    }
    for (const order of state.orders.values()) {
      if (order.venueOrderId === null) continue;
      const found = sim.core.getOrder(ACCOUNT, { symbol: order.symbol, orderId: Number(order.venueOrderId) }, sim.time.trueMs());
      expect(found.ok && [order.clientOrderId, new Decimal(found.value.executedQty).toFixed()]).toEqual([
        order.clientOrderId,
        order.filledQty.toFixed(),
      ]);
    }
    expect(
      [...state.orders.values()].filter(({ status }) => status === 'UNKNOWN'),
      story(),
    ).toEqual([]);
    expect(market.doubts.size, story()).toBe(0);
    const taken = sim.arrivals.filter((arrival) => arrival.taken).map((arrival) => arrival.clientOrderId);
    expect(new Set(taken).size).toBe(taken.length);
    for (const [symbol, book] of state.books)
      expect(book.sellQty.lte(state.positions.get(symbol)?.qty ?? 0), `${symbol}\n${story()}`).toBe(true);
    expect(
      [...state.orders.values()].every(
        (order) => isEnded(order.status) || order.status === 'ACCEPTED' || order.status === 'PARTIALLY_FILLED',
      ),
    ).toBe(true);
    expect(stateText(replayed(sim.facts))).toBe(stateText(state));
  });
});
