// Deposits and withdrawals told from profit (REQUIREMENTS I, C4): whatever mixture of fills, fees, told and untold movements and
// restarts, the day's profit, the net deposits and what is realised are exact.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { AssetId, ClientOrderId } from '../../src-shared/domain/ids.ts';
import { dayPnlOf, equityOf } from '../../src-main/engine/equity.ts';
import type { VenueBooks } from '../../src-main/reconcile/diff.ts';
import type { VenueOrder } from '../../src-main/venue/port.ts';
import { balance, fillOf, NO_BOOKS, Rig, stated } from '../support/engine-rig.ts';
import { replayed, stateText } from '../support/state-text.ts';
import { BTC } from '../support/sim.ts';

/** The rig's marks, and an account so small that every movement below is beyond the tolerance of a comparison. */
const MARK = { USDT: 1, BTC: 50_000, ETH: 2500, BNB: 500 } as const;
type Asset = keyof typeof MARK;
const OPENING: Readonly<Record<Asset, string>> = { USDT: '20000', BTC: '0.5', ETH: '4', BNB: '3' };
const EQUITY = 20_000 + 25_000 + 10_000 + 1500;

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fill' as const),
      side: fc.constantFrom('BUY' as const, 'SELL' as const),
      /** Ten thousandths of a BTC, and USDT away from the mark. */
      size: fc.integer({ min: 1, max: 200 }),
      offMark: fc.integer({ min: -400, max: 400 }),
      /** Millionths of the value, paid in the base, the quote or BNB. */
      fee: fc.integer({ min: 0, max: 1000 }),
      feeAsset: fc.constantFrom('BTC' as const, 'USDT' as const, 'BNB' as const),
      /** Told by the stream, or found by the next comparison. */
      told: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('move' as const),
      what: fc.constantFrom(
        { asset: 'USDT' as const, amount: '50' },
        { asset: 'ETH' as const, amount: '0.5' },
        { asset: 'BTC' as const, amount: '0.01' },
      ),
      times: fc.integer({ min: 1, max: 8 }),
      out: fc.boolean(),
      told: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compare' as const), restart: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** The account at the venue and an independent reckoning of it: every part by its own sum, in the engine's fixed marks. */
class World {
  rig = new Rig({ balances: Object.entries(OPENING).map(([asset, free]) => balance(asset, free)) }).ready();
  private readonly totals = new Map(Object.entries(OPENING).map(([asset, total]) => [asset as Asset, new Decimal(total)]));
  private readonly trades: VenueBooks['trades'][number][] = [];
  private readonly orders: VenueOrder[] = [];
  private number = 0;
  deposits = new Decimal(0);
  traded = new Decimal(0);

  total(asset: Asset): Decimal {
    return this.totals.get(asset) ?? new Decimal(0);
  }

  private add(asset: Asset, delta: Decimal): void {
    this.totals.set(asset, this.total(asset).plus(delta));
  }

  private tellBalances(): void {
    const entries = [...this.totals].map(([asset, total]) => balance(asset, total.toFixed()));
    this.rig.tell({ kind: 'balances', entries, venueTimeMs: this.rig.nowMs });
  }

  do(one: Step): void {
    this.rig.pass(100);
    if (one.kind === 'fill') this.fill(one);
    else if (one.kind === 'move') this.move(one);
    else this.compare(one.restart);
  }

  private fill({ side, size, offMark, fee, feeAsset, told }: Extract<Step, { kind: 'fill' }>): void {
    const qty = new Decimal(size).div(10_000);
    const price = new Decimal(MARK.BTC + offMark);
    const worth = qty.times(price);
    // A fee in the base is worth what it cost, at the fill's own price.
    const feeUsdt = worth.times(fee).div(1_000_000);
    const feeQty = feeUsdt.div(feeAsset === 'BTC' ? price : MARK[feeAsset]).toDecimalPlaces(8);
    if (side === 'SELL' && this.total('BTC').lt(qty.plus('0.01'))) return;
    if (side === 'BUY' && this.total('USDT').lt(worth.plus(100))) return;
    const sign = side === 'BUY' ? 1 : -1;
    this.add('BTC', qty.times(sign));
    this.add('USDT', worth.times(-sign));
    this.add(feeAsset, feeQty.neg());
    this.traded = this.traded.plus(qty.times(sign).times(new Decimal(MARK.BTC).minus(price))).minus(feeQty.times(MARK[feeAsset]));
    const id = `phone-${(this.number += 1)}`;
    const order = stated(id, {
      side,
      qty: qty.toFixed(),
      price: price.toFixed(),
      status: 'FILLED',
      filledQty: qty.toFixed(),
      timeMs: this.rig.nowMs,
    });
    const made = fillOf(`t${this.number}`, qty.toFixed(), {
      price: price.toFixed(),
      fee: feeQty.toFixed(),
      feeAsset,
      timeMs: this.rig.nowMs,
    });
    this.orders.push(order);
    this.trades.push({ ...made, symbol: BTC, venueOrderId: order.venueOrderId });
    if (!told) return;
    this.rig.execute(order, made);
    // An order from elsewhere is asked for with its trades.
    this.rig.queried(id as ClientOrderId, { kind: 'found', order }, [made]);
    this.tellBalances();
  }

  private move({ what, times, out, told }: Extract<Step, { kind: 'move' }>): void {
    const delta = new Decimal(what.amount).times(out ? -times : times);
    // Coins of a position are not withdrawn here: that cuts the position, which has tests of its own.
    if (out && (what.asset === 'BTC' || this.total(what.asset).plus(delta).lt(100))) return;
    this.add(what.asset, delta);
    this.deposits = this.deposits.plus(delta.times(MARK[what.asset]));
    if (!told) return;
    this.rig.tell({ kind: 'balance-moved', asset: what.asset as AssetId, delta: delta.toFixed() as never, venueTimeMs: this.rig.nowMs });
    this.tellBalances();
  }

  /** Two readings that agree, as after a return of the stream or a start. */
  compare(restart: boolean): void {
    if (restart) {
      this.rig = this.rig.restarted().boot();
      this.rig.engine.dispatch({ kind: 'self-test', items: [] });
    }
    for (let reading = 0; reading < 2; reading += 1) {
      this.rig.pass(5000);
      const { orders } = this.rig.engine.state;
      this.rig.reconciled({
        ...NO_BOOKS,
        balances: [...this.totals].map(([asset, total]) => balance(asset, total.toFixed())),
        trades: this.trades,
        strangers: this.orders.filter((order) => !orders.has(order.clientOrderId as never)),
      });
    }
    this.rig.pass(100);
  }

  /** Profit realised less what the position cost: what sales of it brought less what purchases took, fees included. */
  flow(): Decimal {
    let held = new Decimal(0);
    let flow = new Decimal(0);
    for (const fact of this.rig.of('order.filled')) {
      const value = new Decimal(fact.qty).times(fact.price);
      const fee = new Decimal(fact.feeUsdt ?? Number.NaN);
      const isInside = fact.feeAsset === 'BTC';
      if (fact.side === 'BUY') {
        held = held.plus(fact.qty).minus(isInside ? fact.fee : 0);
        flow = flow.minus(value).minus(isInside ? 0 : fee);
        continue;
      }
      const part = Decimal.min(held, fact.qty).div(fact.qty);
      held = held.minus(part.times(fact.qty));
      flow = flow.plus(value.times(part)).minus(fee.times(part));
      const paid = isInside ? Decimal.min(held, fact.fee) : new Decimal(0);
      held = held.minus(paid);
      if (paid.gt(0)) flow = flow.plus(fee.times(paid).div(fact.fee));
    }
    return flow;
  }
}

test('day profit, net deposits, ledger and realised profit are exact', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 14 }), (steps) => {
      const world = new World();
      for (const one of steps) world.do(one);
      world.compare(false);
      world.compare(false);
      const { state, market } = world.rig.engine;
      expect(market.unexplained.size).toBe(0);
      for (const asset of Object.keys(MARK) as Asset[])
        expect(`${asset} ${state.ledger?.totals.get(asset as AssetId)?.toFixed()}`).toBe(`${asset} ${world.total(asset).toFixed()}`);
      expect(state.day?.netDepositsUsdt.toFixed()).toBe(world.deposits.toFixed());
      expect(state.day?.openingEquityUsdt.toNumber()).toBe(EQUITY);
      expect(dayPnlOf(state, equityOf(state, market))?.toFixed()).toBe(world.traded.toFixed());
      const cost = state.positions.get(BTC)?.costUsdt ?? new Decimal(0);
      expect(state.realisedUsdt.minus(cost).minus(world.flow()).abs().toNumber()).toBeLessThan(1e-15);
      expect(stateText(replayed(world.rig.facts))).toBe(stateText(state));
    }),
    { numRuns: 60 },
  );
});
