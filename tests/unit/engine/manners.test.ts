// The manners of execution (B7): what passes is tried again, what a market order left is sent again, and never more than was asked.
import { describe, expect, test } from 'vitest';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { replayed, stateText } from '../../support/state-text.ts';
import { BNB, BTC, ETH } from '../../support/sim.ts';
import { WIDE } from '../../support/wide.ts';

const BUSY = { kind: 'rejected', code: -1003, text: 'Too many requests', sent: true } as const;
const UNSENT = { kind: 'rejected', code: null, text: 'no connection', sent: false } as const;
const MARKET = { type: 'MARKET', price: undefined } as const;

/** The orders that reached the wire, one after the other. */
const sent = (rig: Rig): readonly ClientOrderId[] => rig.effectsOf('submit').map((effect) => effect.order.clientOrderId);
const latest = (rig: Rig): ClientOrderId => {
  const clientOrderId = sent(rig).at(-1) as ClientOrderId;
  rig.engine.dispatch({ kind: 'sent', clientOrderId });
  return clientOrderId;
};

describe('a definite refusal that passes (B7)', () => {
  test('is tried again after 1, 2 and 4 s, each time as a new order of the same intent, and then no more', () => {
    const rig = new Rig().ready();
    const first = rig.send();
    const tries: number[] = [];
    rig.answer(first, BUSY);
    for (let count = 0; count < 4; count += 1) {
      const before = sent(rig).length;
      const fromMs = rig.monoMs;
      for (let step = 0; step < 60 && sent(rig).length === before; step += 1) rig.pass(100);
      if (sent(rig).length === before) break;
      tries.push(Math.round((rig.monoMs - fromMs) / 1000));
      rig.answer(latest(rig), BUSY);
    }
    expect(tries).toEqual([1, 2, 4]);
    expect(rig.of('order.intended').map(({ order }) => order.retry)).toEqual([
      undefined,
      { of: first, attempt: 2 },
      { of: first, attempt: 3 },
      { of: first, attempt: 4 },
    ]);
    expect(rig.of('order.rejected').map((fact) => fact.retryInMs)).toEqual([1000, 2000, 4000, undefined]);
    expect(rig.titles()).toEqual(['Order rejected']);
    rig.pass(20_000);
    expect(sent(rig)).toHaveLength(4);
    expect(rig.engine.market.intents.size).toBe(0);
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('one that the venue then takes is done', () => {
    const rig = new Rig().ready();
    rig.answer(rig.send(), UNSENT);
    rig.pass(1100);
    const again = latest(rig);
    rig.answer(again, { kind: 'accepted', order: stated(again), fills: [] });
    rig.execute(stated(again, { status: 'FILLED', filledQty: '0.01' }), fillOf('t1', '0.01'));
    rig.pass(10_000);
    expect(sent(rig)).toHaveLength(2);
    expect(rig.engine.market.intents.size).toBe(0);
  });

  test.each([
    ['a refusal of the order itself', { ...BUSY, code: -2010 }],
    ['a refusal without a code', { ...BUSY, code: null }],
  ])('%s is final', (_what, outcome) => {
    const rig = new Rig().ready();
    rig.answer(rig.send(), outcome);
    rig.pass(10_000);
    expect(sent(rig)).toHaveLength(1);
  });

  test('a list is tried again whole, and so is a pair', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
    const ids = rig.sendBracket({
      symbol: ETH,
      qty: text('0.2'),
      price: text('2500'),
      exits: { stopLoss: text('2480'), takeProfit: text('2540') },
    });
    rig.answerList(ids[0], BUSY);
    rig.pass(1100);
    const [, again] = rig.effectsOf('submit-list');
    expect(again?.list.orders.map((order) => [order.role, order.stopPrice ?? order.price, order.retry])).toEqual([
      ['entry', '2500', { of: ids[0].slice(0, 22), attempt: 2 }],
      ['stop', '2480', { of: ids[0].slice(0, 22), attempt: 2 }],
      ['limit', '2540', { of: ids[0].slice(0, 22), attempt: 2 }],
    ]);
    rig.hold();
    rig.pass(600);
    for (const stopLimitPrice of [undefined, text('49400')]) {
      rig.effects = [];
      const pair = rig.listed(rig.placeOco(stopLimitPrice === undefined ? {} : { stopLimitPrice }));
      rig.answerList(pair[0] as ClientOrderId, UNSENT);
      rig.pass(1100);
      expect(
        rig.effectsOf('submit-list').map(({ list }) => list.orders.map(({ type, price, stopPrice }) => [type, price, stopPrice])),
      ).toHaveLength(2);
      const [one, two] = rig.effectsOf('submit-list');
      expect(two?.list.orders.map(({ type, price, stopPrice, qty }) => [type, price, stopPrice, qty])).toEqual(
        one?.list.orders.map(({ type, price, stopPrice, qty }) => [type, price, stopPrice, qty]),
      );
      rig.answerList(two?.list.orders[0]?.clientOrderId as ClientOrderId, { ...BUSY, code: -2010 });
      rig.pass(600);
    }
  });

  test('what took the place of another order is tried again once that one is gone; while it stands, it is not', () => {
    const rig = new Rig().ready();
    const old = rig.rest();
    rig.pass(600);
    const kept = rig.replace(old, { price: text('49900') });
    if (kept.kind !== 'placed') throw new Error('not placed');
    rig.replaced(kept.clientOrderId, old, { canceled: { kind: 'failed', failure: { kind: 'held', code: -1003, text: '' } }, placed: BUSY });
    rig.pass(5000);
    expect(sent(rig)).toHaveLength(1);
    const next = rig.replace(old, { price: text('49900') });
    if (next.kind !== 'placed') throw new Error('not placed');
    rig.replaced(next.clientOrderId, old, { canceled: { kind: 'canceled', orders: [stated(old, { status: 'CANCELED' })] }, placed: BUSY });
    rig.pass(1100);
    expect(rig.effectsOf('submit').at(-1)?.order).toMatchObject({ price: '49900', retry: { of: next.clientOrderId, attempt: 2 } });
    expect(rig.effectsOf('submit').at(-1)?.order.replaces).toBeUndefined();
  });

  test('a stop, a cancel and a cancel-all each end it', () => {
    const stopped = new Rig().ready();
    stopped.answer(stopped.send(), BUSY);
    stopped.trip();
    stopped.pass(5000);
    expect(sent(stopped)).toHaveLength(1);
    expect(stopped.engine.market.intents.size).toBe(0);

    const withdrawn = new Rig().ready();
    const order = withdrawn.send();
    withdrawn.answer(order, BUSY);
    expect(withdrawn.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' })).toEqual({ kind: 'requested', count: 1 });
    expect(withdrawn.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' })).toMatchObject({ kind: 'denied' });
    withdrawn.pass(5000);
    expect(sent(withdrawn)).toHaveLength(1);

    const swept = new Rig().ready();
    swept.answer(swept.send(), BUSY);
    expect(swept.engine.dispatch({ kind: 'cancel-all', symbol: ETH, origin: 'cli' })).toEqual({ kind: 'requested', count: 0 });
    expect(swept.engine.dispatch({ kind: 'cancel-all', symbol: null, origin: 'cli' })).toEqual({ kind: 'requested', count: 1 });
    swept.pass(5000);
    expect(sent(swept)).toHaveLength(1);
  });

  test('an order that was being cancelled is not tried again', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' });
    rig.answer(order, BUSY);
    rig.pass(5000);
    expect(sent(rig)).toHaveLength(1);
  });

  test('a sale from before a stop is not tried again after its reset, whether it was due or refused only then (Q1)', () => {
    for (const isLate of [false, true]) {
      const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
      rig.hold();
      rig.pass(600);
      const sale = rig.send({ ...MARKET, side: 'SELL' });
      if (!isLate) rig.answer(sale, BUSY);
      rig.trip();
      if (!isLate) {
        rig.stopCanceled();
        rig.openOrdersSeen([]);
      } else rig.pass(4600);
      rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'go on', readBackTripId: 1 });
      expect(rig.engine.state.stop.phase).toBe('COOLING_DOWN');
      if (isLate) rig.answer(sale, BUSY);
      expect(rig.of('order.rejected').at(-1)?.retryInMs).toBe(isLate ? undefined : 1000);
      rig.effects = [];
      rig.pass(5000);
      expect(sent(rig)).toEqual([]);
      expect(rig.engine.market.intents.size).toBe(0);
    }
  });

  test('a hold of the venue costs its tries; what is denied for good is denied as a fact', () => {
    const rig = new Rig().ready();
    rig.answer(rig.send(), BUSY);
    const budget = rig.engine.market.budget;
    if (budget === null) throw new Error('no budget');
    rig.tell({ kind: 'budget', budget: { ...budget, holdUntilMs: rig.nowMs + 60_000 } });
    rig.pass(20_000);
    expect(sent(rig)).toHaveLength(1);
    expect(rig.of('order.denied')).toHaveLength(1);
    expect(rig.engine.market.intents.size).toBe(0);

    const short = new Rig().ready();
    short.answer(short.send(), BUSY);
    short.tell({ kind: 'budget', budget: { ...budget, holdUntilMs: short.nowMs + 2000 } });
    short.pass(10_000);
    expect(sent(short)).toHaveLength(2);
  });

  test('the pace of orders is waited for (C10)', () => {
    const rig = new Rig().ready();
    rig.answer(rig.send(), UNSENT);
    rig.pass(900);
    rig.send({ price: text('49900') });
    rig.pass(300);
    expect(sent(rig)).toHaveLength(2);
    rig.pass(400);
    expect(sent(rig)).toHaveLength(3);
  });

  test('a crash forgets it: nothing is sent twice', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.answer(order, BUSY);
    const next = rig.restarted().ready();
    next.pass(10_000);
    expect(sent(next)).toEqual([]);

    const late = new Rig().ready();
    const lost = late.send(MARKET);
    const restarted = late.restarted().ready();
    restarted.queried(lost, { kind: 'found', order: stated(lost, { venueType: 'MARKET', status: 'EXPIRED', filledQty: '0' }) });
    restarted.pass(5000);
    expect(sent(restarted)).toEqual([]);
  });

  test('a further try from before a restart is the last', () => {
    const rig = new Rig().ready();
    rig.answer(rig.send(), BUSY);
    rig.pass(1100);
    const again = latest(rig);
    rig.engine.market.intents.clear();
    rig.answer(again, BUSY);
    rig.pass(10_000);
    expect(sent(rig)).toHaveLength(2);
  });
});

describe('several tries', () => {
  test('that are due at once are judged one after the other: a limit with room for one lets one through (C6, Q2)', () => {
    const rig = new Rig({ policy: { ...WIDE, limits: { ...WIDE.limits, maxPositions: 2 } } }).ready();
    const first = rig.send();
    rig.pass(100);
    const second = rig.send({ symbol: ETH, qty: text('0.2'), price: text('2500') });
    rig.answer(first, BUSY);
    rig.answer(second, BUSY);
    rig.pass(300);
    rig.rest({ symbol: BNB, qty: text('1'), price: text('500') });
    rig.effects = [];
    rig.pass(1200);
    rig.pass(1200);
    expect(rig.effectsOf('submit').map(({ order }) => order.symbol)).toEqual([BTC]);
    expect(rig.of('order.denied').map(({ denial }) => denial.code)).toEqual(['C6.positionsTotal']);
  });

  test('a sale that is tried again takes off the protection that was placed meanwhile, and leaves (B5)', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
    rig.hold();
    rig.pass(600);
    rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan: { stopLoss: text('49500'), takeProfit: text('50900') }, origin: 'cli' });
    const pair = (): readonly ClientOrderId[] => {
      const ids = (rig.effectsOf('submit-list').at(-1)?.list.orders ?? []).map(({ clientOrderId }) => clientOrderId);
      for (const clientOrderId of ids) rig.engine.dispatch({ kind: 'sent', clientOrderId });
      const [stop, limit] = ids as [ClientOrderId, ClientOrderId];
      const orders = [
        stated(stop, { side: 'SELL', venueType: 'STOP_LOSS', price: '0', stopPrice: '49500' }),
        stated(limit, { side: 'SELL', venueType: 'LIMIT_MAKER', price: '50900' }),
      ];
      rig.answerList(stop, { kind: 'accepted', orders });
      return ids;
    };
    const gone = (ids: readonly ClientOrderId[]): void =>
      rig.canceled(ids[0] as ClientOrderId, {
        kind: 'canceled',
        orders: ids.map((id) => stated(id, { side: 'SELL', status: 'CANCELED' })),
      });
    const before = pair();
    rig.pass(600);
    rig.intend({ ...MARKET, side: 'SELL' });
    gone(before);
    rig.answer(latest(rig), BUSY);
    const meanwhile = pair();
    expect(meanwhile).not.toEqual(before);
    rig.effects = [];
    rig.pass(1200);
    expect(rig.effectsOf('cancel').map(({ clientOrderId }) => clientOrderId)).toEqual([meanwhile[0]]);
    gone(meanwhile);
    expect(rig.effectsOf('submit').map(({ order }) => [order.type, order.retry?.attempt])).toEqual([['MARKET', 2]]);
  });
});

describe('what a market order left (B7)', () => {
  const expired = (rig: Rig, order: ClientOrderId, filled: string, trade: string): void => {
    if (filled !== '0') rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty: filled }), fillOf(trade, filled));
    rig.execute(stated(order, { status: 'EXPIRED', filledQty: filled, venueType: 'MARKET' }));
  };

  test('is sent again while less than 90 % is filled, three times at most, at the pace of orders', () => {
    const rig = new Rig().ready();
    const first = rig.send(MARKET);
    expired(rig, first, '0.001', 'a');
    for (const [index, filled] of ['0.001', '0.001', '0.001'].entries()) {
      rig.pass(600);
      expired(rig, latest(rig), filled, `b${index}`);
    }
    rig.pass(10_000);
    expect(rig.effectsOf('submit').map(({ order }) => [order.qty, order.retry?.attempt])).toEqual([
      ['0.01', undefined],
      ['0.009', 2],
      ['0.008', 3],
      ['0.007', 4],
    ]);
    expect(
      new Set(
        rig
          .effectsOf('submit')
          .slice(1)
          .map(({ order }) => order.retry?.of),
      ),
    ).toEqual(new Set([first]));
  });

  test('nine tenths are enough, and a rest below the minimum is left', () => {
    const rig = new Rig().ready();
    expired(rig, rig.send(MARKET), '0.009', 'a');
    rig.pass(2000);
    expect(sent(rig)).toHaveLength(1);
    const small = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
    small.hold();
    small.pass(600);
    small.effects = [];
    const sale = small.send({ ...MARKET, side: 'SELL', qty: text('0.00012') });
    small.execute(stated(sale, { side: 'SELL', qty: '0.00012', status: 'EXPIRED', filledQty: '0.00004' }), fillOf('s', '0.00004'));
    small.pass(2000);
    expect(sent(small)).toHaveLength(1);
  });

  test('the rest of a sale is not held up by its first part, whose end the balances do not show yet (C3)', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
    rig.hold();
    rig.pass(600);
    const sale = rig.send({ ...MARKET, side: 'SELL' });
    const order = stated(sale, { side: 'SELL', venueType: 'MARKET', status: 'EXPIRED', filledQty: '0.002', timeMs: rig.nowMs });
    rig.answer(sale, { kind: 'accepted', order, fills: [fillOf('x1', '0.002', { timeMs: rig.nowMs })] });
    rig.pass(600);
    expect(rig.of('order.denied')).toEqual([]);
    expect(rig.effectsOf('submit').at(-1)?.order).toMatchObject({ side: 'SELL', qty: '0.008', retry: { attempt: 2 } });
    // What is open and not yet in the balances counts whole, as ever (C14).
    rig.lose(latest(rig));
    rig.pass(600);
    expect(rig.place({ ...MARKET, side: 'SELL', qty: text('0.008') }).kind).toBe('denied');
  });

  test('a purchase by amount goes on with the amount that is left', () => {
    const rig = new Rig().ready();
    const first = rig.send({ ...MARKET, qty: undefined, quoteQty: text('500') });
    rig.execute(stated(first, { qty: '0', status: 'EXPIRED', filledQty: '0.004' }), fillOf('a', '0.004'));
    rig.pass(600);
    expect(rig.effectsOf('submit').at(-1)?.order).toMatchObject({ quoteQty: '300', retry: { of: first, attempt: 2 } });
    const nearly = latest(rig);
    rig.execute(stated(nearly, { qty: '0', status: 'EXPIRED', filledQty: '0.0058' }), fillOf('b', '0.0058'));
    rig.pass(2000);
    expect(sent(rig)).toHaveLength(2);
  });

  test('an amount that is too small for the venue is left', () => {
    const rig = new Rig().ready();
    const first = rig.send({ ...MARKET, qty: undefined, quoteQty: text('104') });
    rig.execute(stated(first, { qty: '0', status: 'EXPIRED', filledQty: '0.00199' }), fillOf('a', '0.00199'));
    rig.pass(2000);
    expect(sent(rig)).toHaveLength(1);
  });

  test('the plan of exits goes along', () => {
    const rig = new Rig().ready();
    const first = rig.send({ ...MARKET, exits: { stopLoss: text('49500') } });
    expired(rig, first, '0.002', 'a');
    rig.pass(600);
    expect(rig.effectsOf('submit').find(({ order }) => order.retry !== undefined)?.order).toMatchObject({
      qty: '0.008',
      exits: { stopLoss: '49500' },
    });
  });

  test.each([
    ['a limit order that expired', { timeInForce: 'IOC' }, 'EXPIRED'],
    ['a market order that was cancelled', MARKET, 'CANCELED'],
  ])('%s is not sent again', (_what, request, status) => {
    const rig = new Rig().ready();
    rig.execute(stated(rig.send(request), { status, filledQty: '0' }));
    rig.pass(2000);
    expect(sent(rig)).toHaveLength(1);
  });

  test('an end that comes to be known half a minute later is not chased', () => {
    const rig = new Rig().ready();
    const order = rig.send(MARKET);
    rig.lose(order);
    rig.pass(31_000);
    rig.queried(order, { kind: 'found', order: stated(order, { status: 'EXPIRED', venueType: 'MARKET' }) });
    rig.pass(2000);
    expect(sent(rig)).toHaveLength(1);
  });

  test('a symbol that is not traded any more is left alone', () => {
    const rig = new Rig().ready();
    const order = rig.send(MARKET);
    rig.engine.dispatch({ kind: 'instruments', instruments: [] });
    expired(rig, order, '0', 'a');
    rig.pass(2000);
    expect(sent(rig)).toHaveLength(1);
    expect(rig.order(order).symbol).toBe(BTC);
  });
});
