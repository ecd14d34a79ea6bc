// Properties of an intent that takes more than one order (B7, B8): whatever the venue answers, its orders together never fill more than
// was asked, no two of them are ever under way at once, and everything comes to rest.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClientOrderId } from '../../src-shared/domain/ids.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { isEnded } from '../../src-shared/domain/order.ts';
import { fillOf, Rig, stated, text } from '../support/engine-rig.ts';
import { replayed, stateText } from '../support/state-text.ts';

const PRICE = 50_000;
const LOT = new Decimal('0.00001');

type Answer =
  | { readonly kind: 'busy' | 'unsent' | 'refused' | 'lost-absent' }
  /** Filled to this part of it, in so many trades, then ended by the venue; told at once, or found by a query after a lost answer. */
  | { readonly kind: 'expired' | 'lost-expired'; readonly parts: readonly number[]; readonly share: number };

const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ kind: fc.constantFrom('busy', 'unsent', 'refused', 'lost-absent') }),
  fc.record({
    kind: fc.constantFrom('expired', 'lost-expired'),
    parts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
) as fc.Arbitrary<Answer>;

/** Sizes of the trades: lots in proportion to the parts, all together `share` of what was asked. */
const tradesOf = (asked: Decimal, { parts, share }: { parts: readonly number[]; share: number }): Decimal[] => {
  const total = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => asked.times(share).times(part).div(total).div(LOT).floor().times(LOT)).filter((size) => !size.isZero());
};

const play = (rig: Rig, order: ClientOrderId, { kind, ...how }: Answer): void => {
  const { qty, quoteQty } = rig.order(order);
  switch (kind) {
    case 'busy':
      return rig.answer(order, { kind: 'rejected', code: -1003, text: 'busy', sent: true });
    case 'unsent':
      return rig.answer(order, { kind: 'rejected', code: null, text: 'unsent', sent: false });
    case 'refused':
      return rig.answer(order, { kind: 'rejected', code: -2010, text: 'no', sent: true });
    case 'lost-absent':
      rig.lose(order);
      return rig.queried(order, { kind: 'absent' }, [], rig.nowMs + 15_000);
    case 'expired':
    case 'lost-expired': {
      const asked = qty ?? (quoteQty ?? new Decimal(0)).div(PRICE);
      const sizes = tradesOf(asked, how as { parts: readonly number[]; share: number });
      const fills = sizes.map((size, index) => fillOf(`${order}/${index}`, size.toFixed()));
      const filled = sizes.reduce((sum, size) => sum.plus(size), new Decimal(0));
      const end = stated(order, { venueType: 'MARKET', price: '0', qty: asked.toFixed(), status: 'EXPIRED', filledQty: filled.toFixed() });
      if (kind === 'lost-expired') {
        rig.lose(order);
        return rig.queried(order, { kind: 'found', order: end }, fills);
      }
      for (const fill of fills) rig.execute({ ...end, status: 'PARTIALLY_FILLED', filledQty: fill.qty }, fill);
      return rig.execute(end);
    }
  }
};

describe('one intent, more than one order', () => {
  test('never fills more than was asked, never has two orders under way, and comes to rest', () => {
    fc.assert(
      fc.property(fc.array(answer, { minLength: 1, maxLength: 9 }), fc.boolean(), (answers, byAmount) => {
        const rig = new Rig().ready();
        rig.intend(
          byAmount ? { type: 'MARKET', price: undefined, qty: undefined, quoteQty: text('500') } : { type: 'MARKET', price: undefined },
        );
        let taken = 0;
        for (const one of answers) {
          const orders = [...rig.engine.state.orders.values()].filter(({ side }) => side === 'BUY');
          const open = orders.filter(({ status }) => !isEnded(status));
          expect(open.length).toBeLessThanOrEqual(1);
          const [next] = open;
          if (next === undefined) break;
          rig.engine.dispatch({ kind: 'sent', clientOrderId: next.clientOrderId });
          play(rig, next.clientOrderId, one);
          taken += 1;
          rig.pass(4200);
        }
        const orders = [...rig.engine.state.orders.values()];
        const filled = orders.reduce((sum, order) => sum.plus(order.filledQty), new Decimal(0));
        const spent = orders.reduce((sum, order) => sum.plus(order.filledUsdt), new Decimal(0));
        expect(byAmount ? spent.lte(500) : filled.lte('0.01')).toBe(true);
        for (const order of orders) {
          const before = orders.slice(0, orders.indexOf(order));
          const done = before.reduce((sum, one) => sum.plus(byAmount ? one.filledUsdt : one.filledQty), new Decimal(0));
          const asked = order.qty ?? order.quoteQty ?? new Decimal(0);
          expect(done.plus(asked).lte(byAmount ? 500 : '0.01')).toBe(true);
        }
        // The first, three further tries for refusals, three for what was left.
        expect(taken).toBeLessThanOrEqual(7);
        expect(orders.length).toBeLessThanOrEqual(7);
        expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
      }),
      { numRuns: 150 },
    );
  });
});
