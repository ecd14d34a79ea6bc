// Fills that nobody told of (REQUIREMENTS I, B3, B5): a comparison makes them true in the order in which they happened, whatever orders
// they belong to and whoever placed those. A sale taken before the buy that came first would end the position, and with it its plan.
import { expect, test } from 'vitest';
import type { VenueBooks } from '../../../src-main/reconcile/diff.ts';
import type { QueryOutcome, VenueFill, VenueOrder } from '../../../src-main/venue/port.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { BTC } from '../../support/sim.ts';

const PLAN = { stopLoss: text('49500'), takeProfit: text('50900') };
const found = (order: VenueOrder): QueryOutcome => ({ kind: 'found', order });
type Trade = VenueBooks['trades'][number];
const tradeOf = (order: string, fill: VenueFill): Trade => ({ ...fill, symbol: BTC, venueOrderId: stated(order).venueOrderId });
const positionOf = (rig: Rig) => rig.engine.state.positions.get(BTC);
const planOf = (rig: Rig) => rig.engine.state.protections.get(BTC)?.plan;

/** 0.01 BTC, bought at 50000, with a stop and a target at rest; the account as it is now. */
const guarded = (): { readonly rig: Rig; readonly stop: ClientOrderId; readonly target: ClientOrderId; readonly bought: Trade } => {
  const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
  const first = rig.hold();
  rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan: PLAN, origin: 'cli' });
  rig.pass(600);
  const [stop, target] = rig.effectsOf('submit-list').flatMap(({ list }) => list.orders.map((order) => order.clientOrderId));
  if (stop === undefined || target === undefined) throw new Error('not protected');
  for (const clientOrderId of [stop, target]) rig.engine.dispatch({ kind: 'sent', clientOrderId });
  rig.answerList(stop, { kind: 'accepted', orders: [stop, target].map((one) => stated(one, { side: 'SELL' })) });
  rig.pass(600);
  return { rig, stop, target, bought: tradeOf(first, fillOf(`buy-${first}`, '0.01')) };
};

/** The target was filled, which ended the stop. */
const soldBy = (stop: ClientOrderId, target: ClientOrderId): [ClientOrderId, QueryOutcome][] => [
  [stop, found(stated(stop, { side: 'SELL', status: 'EXPIRED' }))],
  [target, found(stated(target, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }))],
];

/** The protection that leaves once the account is known to be settled. */
const placedAfter = (rig: Rig): readonly string[] => {
  rig.effects = [];
  rig.pass(1600);
  const balances = [balance('USDT', '10010'), balance('BTC', '0.01')];
  rig.engine.dispatch({ kind: 'account-seen', tripId: null, askedAtMs: rig.nowMs, result: ok({ canTrade: true, balances }) });
  rig.pass(5000);
  return rig.effectsOf('submit-list').map(({ list }) => list.orders.map((order) => `${order.side} ${order.qty}`).join());
};

test('an add-on that filled before the target sold: the position keeps its plan, its cost and one protection of its size', () => {
  const { rig, stop, target, bought } = guarded();
  const addOn = rig.rest({ price: text('49900') });
  rig.pass(20_000);
  const added = tradeOf(addOn, fillOf('901', '0.01', { price: '49900', timeMs: rig.nowMs - 5000 }));
  const sold = tradeOf(target, fillOf('902', '0.01', { price: '50900', timeMs: rig.nowMs - 3000 }));
  rig.reconciled({
    balances: [balance('USDT', '10010'), balance('BTC', '0.01')],
    trades: [bought, sold, added],
    queries: new Map([...soldBy(stop, target), [addOn, found(stated(addOn, { status: 'FILLED', filledQty: '0.01' }))]]),
  });
  expect(rig.of('order.filled').map((fill) => fill.tradeId)).toEqual([expect.stringContaining('buy'), '901', '902']);
  expect(planOf(rig)).toEqual(PLAN);
  expect(positionOf(rig)?.qty.toFixed()).toBe('0.01');
  // Bought at 50000 and 49900, one half of it sold at 50900.
  expect(rig.engine.state.realisedUsdt.toFixed()).toBe('9.5');
  expect([stop, target, addOn].map((one) => rig.order(one).status)).toEqual(['EXPIRED', 'FILLED', 'FILLED']);
  expect(placedAfter(rig)).toEqual(['SELL 0.01,SELL 0.01']);
});

test('the same where the phone bought: what is adopted takes its place among the fills', () => {
  const { rig, stop, target, bought } = guarded();
  rig.pass(20_000);
  const added = tradeOf('phone', fillOf('901', '0.01', { timeMs: rig.nowMs - 5000 }));
  const sold = tradeOf(target, fillOf('902', '0.01', { price: '50900', timeMs: rig.nowMs - 3000 }));
  rig.reconciled({
    balances: [balance('USDT', '10009'), balance('BTC', '0.01')],
    trades: [bought, added, sold],
    queries: new Map(soldBy(stop, target)),
    strangers: [stated('phone', { venueType: 'MARKET', status: 'FILLED', filledQty: '0.01' })],
  });
  expect(planOf(rig)).toEqual(PLAN);
  expect(positionOf(rig)?.qty.toFixed()).toBe('0.01');
  expect(rig.engine.state.realisedUsdt.toFixed()).toBe('9');
  expect(rig.order('phone').status).toBe('FILLED');
  expect(placedAfter(rig)).toEqual(['SELL 0.01,SELL 0.01']);
});

test('fills of two orders that took turns, two of them within one ms: each in its turn, each order’s end behind its last fill', () => {
  const { rig, stop, target, bought } = guarded();
  const addOn = rig.rest();
  rig.pass(20_000);
  const timeMs = rig.nowMs - 5000;
  const sale = (id: string, qty: string, changes = {}) => tradeOf(target, fillOf(id, qty, { price: '50900', timeMs, ...changes }));
  rig.reconciled({
    balances: [balance('USDT', '10009'), balance('BTC', '0.01')],
    trades: [
      bought,
      // Not in the order of their numbers either.
      sale('1001', '0.006', { timeMs: timeMs + 1 }),
      sale('999', '0.004'),
      tradeOf(addOn, fillOf('1000', '0.01', { timeMs })),
    ],
    queries: new Map([...soldBy(stop, target), [addOn, found(stated(addOn, { status: 'FILLED', filledQty: '0.01' }))]]),
  });
  const since = rig.facts.findIndex(({ fact }) => fact.kind === 'order.filled' && fact.tradeId === '999');
  const words = rig.facts.slice(since).flatMap(({ fact }) => {
    if (fact.kind === 'order.filled') return [fact.tradeId];
    return fact.kind === 'order.ended' ? [`${fact.clientOrderId} ${fact.status}`] : [];
  });
  expect(words).toEqual(['999', '1000', `${addOn} FILLED`, '1001', `${target} FILLED`, `${stop} EXPIRED`]);
  expect(planOf(rig)).toEqual(PLAN);
  expect(positionOf(rig)?.qty.toFixed()).toBe('0.01');
});

test('an order whose answer was lost is accepted before its fills, and ends behind them', () => {
  const { rig, stop, target, bought } = guarded();
  const lost = rig.send();
  rig.lose(lost);
  rig.pass(20_000);
  const trades = [
    tradeOf(target, fillOf('12', '0.01', { price: '50900', timeMs: rig.nowMs - 4000 })),
    tradeOf(lost, fillOf('13', '0.004', { timeMs: rig.nowMs - 3000 })),
    tradeOf(lost, fillOf('11', '0.006', { timeMs: rig.nowMs - 5000 })),
  ];
  rig.reconciled({
    balances: [balance('USDT', '10009'), balance('BTC', '0.01')],
    trades: [bought, ...trades],
    queries: new Map([...soldBy(stop, target), [lost, found(stated(lost, { status: 'FILLED', filledQty: '0.01' }))]]),
  });
  const ofLost = rig.facts.flatMap(({ fact }) => ('clientOrderId' in fact && fact.clientOrderId === lost ? [fact.kind] : []));
  expect(ofLost.slice(-4)).toEqual(['order.accepted', 'order.filled', 'order.filled', 'order.ended']);
  expect(rig.of('order.filled').map((fill) => fill.tradeId)).toEqual([expect.stringContaining('buy'), '11', '12', '13']);
  expect(planOf(rig)).toEqual(PLAN);
});
