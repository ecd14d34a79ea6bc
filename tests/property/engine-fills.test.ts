// Properties of the engine's bookkeeping (B2, B3, Q3): one history of a few orders, told in any order, repeated and with holes, is
// always the same books; and positions equal an independent recomputation.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { applyFill } from '../../src-main/engine/positions.ts';
import type { Position } from '../../src-main/engine/state.ts';
import type { VenueFill, VenueOrder } from '../../src-main/venue/port.ts';
import { fillOf, id, Rig, stated } from '../support/engine-rig.ts';
import { replayed, stateText } from '../support/state-text.ts';
import { BTC } from '../support/sim.ts';

/** What the venue did with one order: fills in thousandths of a BTC, and how it ended. */
const history = fc.record({
  parts: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
  isCanceled: fc.boolean(),
});

interface Said {
  readonly order: VenueOrder;
  readonly fill: VenueFill | null;
}

const thousandths = (count: number): string => new Decimal(count).div(1000).toFixed();

/** The reports of an order of 0.01 BTC, in the venue's own order; the last one is its end. */
const reportsOf = (
  clientOrderId: string,
  { parts, isCanceled }: { parts: readonly number[]; isCanceled: boolean },
): { said: Said[]; fills: VenueFill[] } => {
  const done = parts.reduce((sum, part) => sum + part, 0);
  const sizes = isCanceled ? parts : [...parts, 10 - done];
  const said: Said[] = [{ order: stated(clientOrderId), fill: null }];
  const fills: VenueFill[] = [];
  let filled = 0;
  for (const [index, size] of sizes.entries()) {
    filled += size;
    const fill = fillOf(`${clientOrderId}/${index}`, thousandths(size), { price: String(50_000 + index * 10), fee: '0.01' });
    fills.push(fill);
    said.push({
      order: stated(clientOrderId, { status: filled === 10 ? 'FILLED' : 'PARTIALLY_FILLED', filledQty: thousandths(filled) }),
      fill,
    });
  }
  if (isCanceled) said.push({ order: stated(clientOrderId, { status: 'CANCELED', filledQty: thousandths(filled) }), fill: null });
  return { said, fills };
};

describe('the stream may repeat, reorder and leave out', () => {
  test('after the venue was asked, every fill is counted once and the end is the venue’s (B2)', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.nat({ max: 5 }), { maxLength: 12 }),
        fc.constantFrom('accepted', 'unknown', 'none'),
        fc.nat({ max: 11 }),
        (one, tellings, answer, answerAt) => {
          const rig = new Rig().ready();
          const order = rig.send();
          const { said, fills } = reportsOf(order, one);
          const end = said.at(-1)?.order ?? stated(order);
          for (const [turn, index] of tellings.entries()) {
            const report = said[index % said.length];
            if (report !== undefined) rig.execute(report.order, report.fill);
            if (turn !== answerAt) continue;
            if (answer === 'unknown') rig.lose(order);
            if (answer === 'accepted') rig.answer(order, { kind: 'accepted', order: said[0]?.order ?? end, fills: [] });
          }
          rig.queried(order, { kind: 'found', order: end }, fills);
          for (const index of tellings) rig.execute(said[index % said.length]?.order ?? end, said[index % said.length]?.fill ?? null);
          rig.queried(order, { kind: 'found', order: end }, fills);
          const known = rig.order(order);
          expect(known.status).toBe(end.status);
          expect(known.fills.map((fill) => fill.tradeId).toSorted()).toEqual(fills.map((fill) => fill.tradeId).toSorted());
          expect(known.filledQty.toFixed()).toBe(end.filledQty);
          expect(rig.engine.state.openOrders.size).toBe(0);
          expect(rig.engine.state.books.size).toBe(0);
          expect(rig.engine.state.unfilledOrders).toBe(0);
          expect(rig.engine.state.buying.size).toBe(0);
          expect(rig.engine.state.positions.get(BTC)?.qty.toFixed() ?? '0').toBe(end.filledQty);
          expect(rig.engine.market.doubts.size).toBe(0);
          expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
        },
      ),
      { numRuns: 150 },
    );
  });

  test('what is open adds up to its orders at every step (C14)', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ one: history, upTo: fc.nat({ max: 5 }) }), { minLength: 1, maxLength: 5 }), (orders) => {
        const rig = new Rig().ready();
        for (const { one, upTo } of orders) {
          rig.pass(600);
          const reply = rig.place({ qty: '0.01' });
          if (reply.kind !== 'placed') continue;
          for (const { order, fill } of reportsOf(reply.clientOrderId, one).said.slice(0, upTo)) rig.execute(order, fill);
        }
        let buyQty = new Decimal(0);
        let unfilled = 0;
        for (const orderId of rig.engine.state.openOrders) {
          const order = rig.order(orderId);
          buyQty = buyQty.plus('0.01').minus(order.filledQty);
          if (order.fills.length === 0) unfilled += 1;
        }
        expect((rig.engine.state.books.get(BTC)?.buyQty ?? new Decimal(0)).toFixed()).toBe(buyQty.toFixed());
        expect(rig.engine.state.books.get(BTC)?.ids.size ?? 0).toBe(rig.engine.state.openOrders.size);
        expect(rig.engine.state.unfilledOrders).toBe(unfilled);
      }),
      { numRuns: 40 },
    );
  });
});

describe('positions (B3)', () => {
  const fillArbitrary = fc.record({
    side: fc.constantFrom('BUY', 'SELL'),
    lots: fc.integer({ min: 1, max: 500 }),
    cents: fc.integer({ min: 100, max: 10_000_000 }),
    feeUnits: fc.nat({ max: 1000 }),
    feeAsset: fc.constantFrom('USDT', 'BTC', 'BNB'),
  });

  test('quantity, cost and realised profit equal what integers say, for any sequence of fills', () => {
    fc.assert(
      fc.property(fc.array(fillArbitrary, { maxLength: 30 }), (fills) => {
        let position: Position | undefined;
        let realised = new Decimal(0);
        // Independent: quantities in 1e-8, money flows in 1e-10, sums only.
        let heldUnits = 0n;
        let flow = 0n;
        for (const { side, lots, cents, feeUnits, feeAsset } of fills) {
          const isInside = side === 'BUY' && feeAsset === 'BTC';
          const units = BigInt(lots) * 1000n;
          const size = side === 'SELL' && units > heldUnits ? heldUnits : units;
          if (size === 0n) continue;
          const feeUsdtCents = isInside ? (feeUnits * cents) / 1e8 : feeUnits;
          const change = applyFill(position, {
            symbol: BTC,
            base: id('BTC') as never,
            side: side as 'BUY' | 'SELL',
            price: new Decimal(cents).div(100) as never,
            qty: new Decimal(size.toString()).div(1e8) as never,
            fee: new Decimal(feeUnits).div(1e8),
            feeAsset: feeAsset as never,
            feeUsdt: new Decimal(feeUsdtCents).div(100) as never,
            atMs: 1,
          });
          position = change.position ?? undefined;
          realised = realised.plus(change.realisedUsdt);
          heldUnits += side === 'BUY' ? size - (isInside ? BigInt(feeUnits) : 0n) : -size;
          flow += (side === 'BUY' ? -1n : 1n) * size * BigInt(cents) - (isInside ? 0n : BigInt(feeUnits) * 100_000_000n);
        }
        expect((position?.qty ?? new Decimal(0)).toFixed()).toBe(new Decimal(heldUnits.toString()).div(1e8).toFixed());
        const booked = realised.minus(position?.costUsdt ?? 0);
        expect(booked.minus(new Decimal(flow.toString()).div(1e10)).abs().lt('1e-25')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
