// Properties of reconciliation (REQUIREMENTS I): the diff is pure, its plan settles what it found, no order ends without proof, and what
// changed after the question stays as it is.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { ClientOrderId } from '../../src-shared/domain/ids.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import { diff, LEFT_ALONE, ordersToAskFor } from '../../src-main/reconcile/diff.ts';
import type { VenueBooks } from '../../src-main/reconcile/diff.ts';
import type { QueryOutcome, VenueFill, VenueOrder } from '../../src-main/venue/port.ts';
import { balance, fillOf, NO_BOOKS, Rig, stated } from '../support/engine-rig.ts';
import { replayed, stateText } from '../support/state-text.ts';
import { BTC } from '../support/sim.ts';

/** What became of one order at the venue, and how much of it was told here. Sizes in thousandths of a BTC, of ten. */
const fate = fc.record({
  /** Ours, with the answer lost or not; or the phone's. */
  from: fc.constantFrom('own', 'own-lost', 'phone'),
  fills: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
  end: fc.constantFrom('open', 'canceled', 'expired', 'filled', 'never-arrived'),
  /** How many of the venue's reports reached us, the first of them included. */
  heard: fc.nat({ max: 4 }),
  isUntracked: fc.boolean(),
});
type Fate = typeof fate extends fc.Arbitrary<infer One> ? One : never;

interface Known {
  readonly id: string;
  readonly venue: VenueOrder | null;
  readonly fills: readonly VenueFill[];
  readonly told: readonly { readonly order: VenueOrder; readonly fill: VenueFill | null }[];
}

const thousandths = (count: number): string => new Decimal(count).div(1000).toFixed();
const STATUS = { open: 'NEW', canceled: 'CANCELED', expired: 'EXPIRED', filled: 'FILLED' } as const;

const historyOf = (id: string, { fills: parts, end, heard, isUntracked, from }: Fate): Known => {
  if (end === 'never-arrived') return { id, venue: null, fills: [], told: [] };
  const symbol = from === 'phone' && isUntracked ? 'XYZUSDT' : BTC;
  const done = parts.reduce((sum, part) => sum + part, 0);
  const sizes = end === 'filled' ? [...parts, 10 - done] : parts;
  const told: Known['told'][number][] = [{ order: stated(id, { symbol }), fill: null }];
  let filled = 0;
  for (const [index, size] of sizes.entries()) {
    filled += size;
    const order = stated(id, { symbol, status: filled === 10 ? 'FILLED' : 'PARTIALLY_FILLED', filledQty: thousandths(filled) });
    told.push({ order, fill: fillOf(`${id}/${index}`, thousandths(size), { timeMs: 2_000_000_000_000 + index }) });
  }
  const status = end === 'open' && filled > 0 ? 'PARTIALLY_FILLED' : STATUS[end];
  const venue = stated(id, { symbol, status, filledQty: thousandths(filled) });
  if (end === 'canceled' || end === 'expired') told.push({ order: venue, fill: null });
  return { id, venue, fills: told.flatMap(({ fill }) => (fill === null ? [] : [fill])), told: told.slice(0, heard) };
};

const isOpen = ({ venue }: Known): boolean => venue?.status === 'NEW' || venue?.status === 'PARTIALLY_FILLED';

/** A console that heard what it heard, long ago. */
const world = (fates: readonly Fate[]): { readonly rig: Rig; readonly all: readonly Known[] } => {
  const rig = new Rig({ balances: [balance('USDT', '100000')] }).ready();
  const all = fates.map((one, index): Known => {
    if (one.from === 'phone') {
      const known = historyOf(`phone-${index}`, one);
      for (const { order, fill } of known.told) rig.execute(order, fill);
      return known;
    }
    rig.pass(600);
    const id = rig.send();
    const known = historyOf(id, one);
    if (one.from === 'own-lost' || known.venue === null) rig.lose(id);
    else rig.answer(id, { kind: 'accepted', order: stated(id), fills: [] });
    for (const { order, fill } of known.told) rig.execute(order, fill);
    return known;
  });
  rig.pass(30_000);
  return { rig, all };
};

/** The venue's whole answer, as the runner would collect it. */
const booksOf = (rig: Rig, all: readonly Known[]): VenueBooks => {
  const openOrders = all.filter(isOpen).flatMap(({ venue }) => (venue === null ? [] : [venue]));
  const ask = ordersToAskFor(rig.engine.state, openOrders, rig.nowMs);
  const queries = new Map<ClientOrderId, QueryOutcome>(
    ask.map(({ clientOrderId }) => {
      const order = all.find(({ id }) => id === clientOrderId)?.venue ?? null;
      return [clientOrderId, order === null ? { kind: 'absent' } : { kind: 'found', order }];
    }),
  );
  const here = all.filter(({ venue }) => venue?.symbol === BTC);
  const trades = here.flatMap(({ venue, fills }) =>
    fills.map((fill) => ({ ...fill, symbol: BTC, venueOrderId: (venue as VenueOrder).venueOrderId })),
  );
  const seen = new Set([...openOrders.map((order) => order.clientOrderId), ...[...queries.keys()].map(String)]);
  const strangers = here.flatMap(({ id, venue, fills }) => {
    const known = rig.engine.state.orders.get(id as ClientOrderId);
    const isStrange = (known === undefined || known.venueOrderId === null) && !seen.has(id) && fills.length > 0;
    return isStrange && venue !== null ? [venue] : [];
  });
  const spent = trades.reduce((sum, trade) => sum.plus(new Decimal(trade.qty).times(trade.price)), new Decimal(0));
  const held = trades.reduce((sum, trade) => sum.plus(trade.qty), new Decimal(0));
  const balances = [balance('USDT', new Decimal(100_000).minus(spent).toFixed()), balance('BTC', held.toFixed())];
  return { ...NO_BOOKS, balances, openOrders, trades, queries, strangers };
};

const worlds = fc.array(fate, { minLength: 1, maxLength: 5 });
const factsAfter = (rig: Rig, seq: number) => rig.facts.filter((one) => one.seq > seq).map((one) => one.fact);

describe('one whole comparison', () => {
  // Each world waits twenty seconds of its own time; under coverage that takes longer than a test's usual patience.
  test('settles all that it finds: the same books once more give no difference and no fact but their own', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(worlds, (fates) => {
        const { rig, all } = world(fates);
        rig.reconciled(booksOf(rig, all));
        // What was adopted in the middle of its fills is asked for by itself.
        for (const { clientOrderId } of rig.effectsOf('query')) {
          const known = all.find(({ id }) => id === clientOrderId);
          if (known?.venue) rig.queried(clientOrderId, { kind: 'found', order: known.venue }, known.fills);
        }
        for (const known of all.filter(({ venue }) => venue?.symbol === BTC)) {
          // The phone's order that came and went without a fill while nobody listened has left no trace, and none is needed.
          if (known.id.startsWith('phone') && known.fills.length === 0 && known.told.length === 0 && !isOpen(known)) continue;
          const order = rig.order(known.id);
          expect([order.status, order.filledQty.toFixed(), order.fills.length]).toEqual([
            known.venue?.status === 'NEW' ? 'ACCEPTED' : known.venue?.status,
            new Decimal(known.venue?.filledQty ?? 0).toFixed(),
            known.fills.length,
          ]);
        }
        rig.pass(20_000);
        const { seq } = rig.engine.state;
        rig.reconciled(booksOf(rig, all));
        const rest = factsAfter(rig, seq).filter(({ kind }) => kind !== 'balances.updated');
        expect(rest.map(({ kind }) => kind)).toEqual(['reconciled']);
        expect(rig.engine.state.reconciliation.differences.filter(({ action }) => action !== LEFT_ALONE)).toEqual([]);
        expect(rig.of('balance.moved')).toEqual([]);
        expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
      }),
      { numRuns: 80 },
    );
  });

  test('ends no order without proof: the venue’s own word, or its not knowing it once that is proof', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 0, max: 40_000 }), (fates, agoMs) => {
        const { rig, all } = world(fates);
        const before = new Map([...rig.engine.state.orders].map(([id, order]) => [id, order]));
        const askedAtMs = rig.nowMs - agoMs;
        rig.reconciled(booksOf(rig, all), askedAtMs);
        for (const [id, order] of rig.engine.state.orders) {
          const was = before.get(id);
          if (was === undefined || isEnded(was.status) || !isEnded(order.status)) continue;
          const known = all.find((one) => one.id === id);
          if (known?.venue) expect(known.venue.status).toBe(order.status);
          else expect(askedAtMs).toBeGreaterThanOrEqual(was.provableAtMs ?? was.updatedAtMs + 15_000);
        }
      }),
      { numRuns: 80 },
    );
  });

  test('leaves alone what changed after the question: no difference is made of it, and nothing of it is taken back', () => {
    fc.assert(
      fc.property(worlds, fc.nat({ max: 4 }), (fates, which) => {
        const { rig, all } = world(fates);
        const books = booksOf(rig, all);
        const askedAtMs = rig.nowMs;
        rig.pass(100);
        const open = [...rig.engine.state.openOrders].filter((id) => !id.startsWith('phone'));
        const id = open[which % Math.max(1, open.length)];
        if (id === undefined) return;
        const filledQty = rig.order(id).filledQty.plus('0.0001').toFixed();
        rig.execute(stated(id, { status: 'CANCELED', filledQty }), fillOf(`late-${id}`, '0.0001', { timeMs: 2_000_000_000_999 }));
        const fillsThen = rig.order(id).fills.length;
        rig.reconciled(books, askedAtMs);
        const { differences } = rig.engine.state.reconciliation;
        expect(differences.filter(({ what, key, action }) => what === 'order' && key === id && action.startsWith('ended'))).toEqual([]);
        expect(rig.order(id).fills.length).toBeGreaterThanOrEqual(fillsThen);
        expect(rig.order(id).fills.map((fill) => fill.tradeId)).toContain(`late-${id}`);
      }),
      { numRuns: 80 },
    );
  });

  test('is pure: it changes neither the state nor the books, and says the same twice', () => {
    fc.assert(
      fc.property(worlds, (fates) => {
        const { rig, all } = world(fates);
        const books = booksOf(rig, all);
        const { state } = rig.engine;
        const before = [stateText(state), JSON.stringify(books)];
        const once = diff(state, books, rig.nowMs, new Set([BTC]), new Set());
        const twice = diff(state, books, rig.nowMs, new Set([BTC]), new Set());
        expect(JSON.stringify(twice)).toBe(JSON.stringify(once));
        expect([stateText(state), JSON.stringify(books)]).toEqual(before);
      }),
      { numRuns: 40 },
    );
  });
});
