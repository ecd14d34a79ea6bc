// Order lists in the engine (B1, B8): one intent, one fact, one request; then each order lives its own life by the same rules.
import { describe, expect, test } from 'vitest';
import { balance, DOWN, fillOf, id, Rig, stated, text } from '../../support/engine-rig.ts';
import { replayed, stateText } from '../../support/state-text.ts';
import { BTC, START_MS } from '../../support/sim.ts';

const RICH = { balances: [balance('USDT', '10000'), balance('BTC', '1')] };
const holding = (): Rig => {
  const rig = new Rig(RICH).ready();
  rig.hold();
  rig.pass(600);
  rig.effects = [];
  return rig;
};
const book = (rig: Rig) => rig.engine.state.books.get(BTC);

describe('a list is one intent (B1, B8)', () => {
  test('a resting entry takes its exits along: one fact, one request, three orders named after their place', () => {
    const rig = new Rig().ready();
    const ids = rig.sendBracket();
    expect(rig.of('list.intended')).toHaveLength(1);
    const listId = ids[0].slice(0, 22);
    expect(ids).toEqual([`${listId}-1`, `${listId}-2`, `${listId}-3`]);
    expect(rig.effectsOf('submit-list').map(({ list }) => [list.kind, list.orders.map((order) => order.role)])).toEqual([
      ['OTOCO', ['entry', 'stop', 'limit']],
    ]);
    expect(ids.map((one) => rig.order(one).status)).toEqual(['SENT', 'SENT', 'SENT']);
    expect(rig.effectsOf('submit')).toEqual([]);
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('a list waits for the disk like any order, and a stop meanwhile kills it whole (E1)', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    const ids = rig.listed(rig.place({ exits: { stopLoss: text('49500') } }));
    expect(rig.effectsOf('submit-list')).toEqual([]);
    rig.trip();
    rig.commit();
    expect(rig.effectsOf('submit-list')).toEqual([]);
    expect(ids.map((one) => rig.order(one).status)).toEqual(['REJECTED', 'REJECTED']);
    expect(rig.engine.state.openOrders.size).toBe(0);
  });

  test('a list that the gate denies is a fact with what was asked, and sends nothing', () => {
    const rig = new Rig().ready();
    expect(rig.placeOco()).toMatchObject({ kind: 'denied' });
    expect(rig.of('order.denied')[0]?.request).toMatchObject({ side: 'SELL', stopPrice: '49500' });
    expect(rig.place({ exits: { stopLoss: text('51000') } })).toMatchObject({ kind: 'denied' });
    expect(rig.effectsOf('submit-list')).toEqual([]);
    expect(new Rig().placeOco()).toMatchObject({ kind: 'denied', denial: { code: 'STATE' } });
  });

  test('a name that orders of a lost session have is not given again', () => {
    const rig = new Rig().ready();
    const next = `hf-bench0-${String(rig.engine.state.seq + 2).padStart(12, '0')}`;
    rig.execute(stated(`${next}-2`));
    expect(rig.place({ exits: { stopLoss: text('49500') } })).toMatchObject({ kind: 'denied', denial: { code: 'GATE_ERROR' } });
  });

  test('a pair counts once against the position and against the trades of the day (C5, C14)', () => {
    const rig = holding();
    const ids = rig.listed(rig.placeOco());
    expect(book(rig)?.sellQty.toFixed()).toBe('0.01');
    expect(rig.engine.state.unfilledOrders).toBe(1);
    expect(ids.map((one) => rig.order(one).list?.role)).toEqual(['stop', 'limit']);
    rig.answerList(ids[0] ?? id(''), { kind: 'accepted', orders: ids.map((one) => stated(one, { side: 'SELL' })) });
    rig.execute(stated(ids[1] ?? '', { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('s1', '0.01', { price: '50900' }));
    rig.execute(stated(ids[0] ?? '', { side: 'SELL', status: 'EXPIRED' }));
    expect(book(rig)).toBeUndefined();
    expect(rig.engine.state.positions.size).toBe(0);
    expect(rig.engine.state.unfilledOrders).toBe(0);
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });
});

describe("the venue's word on the orders of a list (B2)", () => {
  test('exits wait until their entry is filled, and then count as sells', () => {
    const rig = new Rig().ready();
    const [entry, stop, limit] = rig.restBracket();
    expect([rig.order(entry).pending, rig.order(stop).pending, rig.order(limit).pending]).toEqual([false, true, true]);
    expect(book(rig)?.sellQty.toFixed()).toBe('0');
    rig.execute(stated(entry, { status: 'FILLED', filledQty: '0.01' }), fillOf('b1', '0.01'));
    for (const exit of [stop, limit]) rig.execute(stated(exit, { side: 'SELL' }));
    expect([rig.order(stop).pending, rig.order(limit).pending]).toEqual([false, false]);
    expect(book(rig)?.sellQty.toFixed()).toBe(rig.order(stop).qty?.toFixed());
    expect(rig.engine.state.protections.get(BTC)?.plan).toEqual({ stopLoss: '49500', takeProfit: '50900' });
  });

  test('a report from before an exit woke does not put it to sleep again', () => {
    const rig = new Rig().ready();
    const [entry, stop] = rig.restBracket();
    rig.execute(stated(entry, { status: 'FILLED', filledQty: '0.01' }), fillOf('b1', '0.01'));
    rig.execute(stated(stop, { side: 'SELL' }));
    rig.execute(stated(stop, { side: 'SELL', status: 'PENDING_NEW' }));
    expect(rig.order(stop).pending).toBe(false);
  });

  test('that an exit works is asked for when the venue does not tell it', () => {
    const rig = new Rig().ready();
    const [entry, stop, limit] = rig.restBracket();
    rig.execute(stated(entry, { status: 'FILLED', filledQty: '0.01' }), fillOf('b1', '0.01'));
    rig.execute(stated(limit, { side: 'SELL' }));
    rig.effects = [];
    rig.pass(1200);
    expect(rig.effectsOf('query').map((effect) => effect.clientOrderId)).toEqual([stop]);
    rig.queried(stop, { kind: 'found', order: stated(stop, { side: 'SELL', status: 'PENDING_NEW' }) });
    rig.pass(1100);
    expect(rig.effectsOf('query')).toHaveLength(2);
    rig.queried(stop, { kind: 'found', order: stated(stop, { side: 'SELL' }) });
    expect(rig.order(stop).pending).toBe(false);
    rig.pass(3000);
    expect(rig.effectsOf('query')).toHaveLength(2);
  });

  test('exits end with an entry that filled nothing; an end that is not told is asked for, and not for ever', () => {
    const rig = new Rig().ready();
    const [entry, stop, limit] = rig.restBracket();
    rig.execute(stated(entry, { status: 'CANCELED' }));
    rig.execute(stated(stop, { side: 'SELL', status: 'EXPIRED' }));
    rig.effects = [];
    rig.pass(20_000);
    expect(
      rig
        .effectsOf('query')
        .map((effect) => effect.clientOrderId)
        .slice(0, 2),
    ).toEqual([limit, limit]);
    for (let count = 0; count < 5; count += 1)
      rig.queried(limit, { kind: 'found', order: stated(limit, { side: 'SELL', status: 'PENDING_NEW' }) });
    rig.effects = [];
    rig.pass(5000);
    expect(rig.effectsOf('query')).toEqual([]);
    rig.execute(stated(limit, { side: 'SELL', status: 'EXPIRED' }));
    expect(rig.engine.state.openOrders.size).toBe(0);
  });

  test('an exit that the venue refuses when it comes to life is rejected with its reason', () => {
    const rig = new Rig().ready();
    const [entry, stop] = rig.restBracket();
    rig.execute(stated(entry, { status: 'FILLED', filledQty: '0.01' }), fillOf('b1', '0.01'));
    rig.tell({
      kind: 'execution',
      report: {
        clientOrderId: stop,
        order: stated(stop, { side: 'SELL', status: 'REJECTED' }),
        execution: 'REJECTED',
        fill: null,
        reason: 'insufficient balance',
        eventTimeMs: START_MS + 2000,
      },
    });
    expect(rig.order(stop)).toMatchObject({ status: 'REJECTED', reason: 'insufficient balance' });
  });

  test('an answer that leaves out an order of its list leaves that one in doubt', () => {
    const rig = new Rig().ready();
    const [entry, stop, limit] = rig.sendBracket();
    rig.effects = [];
    rig.answerList(entry, { kind: 'accepted', orders: [stated(entry), stated(stop, { side: 'SELL', status: 'PENDING_NEW' })] });
    expect(rig.effectsOf('query').map((effect) => effect.clientOrderId)).toEqual([limit]);
    rig.execute(stated(limit, { side: 'SELL', status: 'PENDING_NEW' }));
    rig.answerList(entry, { kind: 'accepted', orders: [] });
    expect(rig.order(limit).status).toBe('ACCEPTED');
  });

  test('a list that the venue refuses is refused whole, once', () => {
    const rig = new Rig().ready();
    const ids = rig.sendBracket();
    rig.answerList(ids[0], { kind: 'rejected', code: -2010, text: 'too late', sent: true });
    rig.answerList(ids[0], { kind: 'rejected', code: -2010, text: 'too late', sent: true });
    expect(ids.map((one) => rig.order(one).status)).toEqual(['REJECTED', 'REJECTED', 'REJECTED']);
    expect(rig.of('order.rejected')).toHaveLength(3);
    expect(rig.titles()).toEqual(['Order rejected']);
    expect(rig.engine.state.unfilledOrders).toBe(0);
  });

  test('an answer to a list that is not known changes nothing', () => {
    const rig = new Rig().ready();
    rig.facts.length = 0;
    rig.answerList(id('hf-bench0-000000009999-1'), { kind: 'unknown', text: 'x', provableAtMs: 0 });
    expect(rig.facts).toEqual([]);
  });
});

describe('a list whose answer is lost (B8)', () => {
  const lost = { kind: 'unknown', text: 'no answer in time', provableAtMs: START_MS + 20_000 } as const;

  test('leaves each order in doubt, each is asked for, and each is resolved by its own proof', () => {
    const rig = new Rig().ready();
    const [entry, stop, limit] = rig.sendBracket();
    rig.effects = [];
    rig.answerList(entry, lost);
    expect([entry, stop, limit].map((one) => rig.order(one).status)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN']);
    expect(rig.effectsOf('query').map((effect) => effect.clientOrderId)).toEqual([entry, stop, limit]);
    expect(rig.titles()).toEqual(['Order in doubt']);
    rig.queried(entry, { kind: 'found', order: stated(entry) });
    rig.execute(stated(stop, { side: 'SELL', status: 'PENDING_NEW' }));
    rig.queried(limit, { kind: 'absent' }, [], START_MS + 10_000);
    expect([entry, stop, limit].map((one) => rig.order(one).status)).toEqual(['ACCEPTED', 'ACCEPTED', 'UNKNOWN']);
    rig.queried(limit, { kind: 'absent' }, [], START_MS + 20_000);
    expect(rig.order(limit).status).toBe('REJECTED');
    expect(rig.effectsOf('submit-list')).toEqual([]);
  });

  test('is an alert after ten seconds for what is still in doubt (L4)', () => {
    const rig = new Rig().ready();
    const [entry, stop] = rig.sendBracket({ exits: { stopLoss: text('49500') } });
    rig.answerList(entry, lost);
    rig.queried(entry, { kind: 'found', order: stated(entry) });
    rig.effects = [];
    rig.pass(10_500);
    const alerts = rig.effectsOf('alert').filter(({ severity }) => severity === 'danger');
    expect(alerts.map(({ key }) => key)).toEqual([`unknown:${stop}`]);
  });

  test('is in doubt again after a restart, and resolved by a comparison of the books', () => {
    const rig = new Rig().ready();
    const ids = rig.sendBracket();
    const next = rig.restarted();
    next.boot();
    expect(ids.map((one) => next.order(one).status)).toEqual(['UNKNOWN', 'UNKNOWN', 'UNKNOWN']);
    next.reconciled({
      openOrders: ids.map((one, index) => stated(one, index === 0 ? {} : { side: 'SELL', status: 'PENDING_NEW' })),
    });
    expect(ids.map((one) => next.order(one).status)).toEqual(['ACCEPTED', 'ACCEPTED', 'ACCEPTED']);
    expect(ids.map((one) => next.order(one).pending)).toEqual([false, true, true]);
    expect(next.effectsOf('submit-list')).toEqual([]);
  });

  test('an answer lost after the stream told everything changes nothing', () => {
    const rig = new Rig().ready();
    const ids = rig.restBracket();
    rig.facts.length = 0;
    rig.answerList(ids[0], lost);
    rig.answerList(ids[0], { kind: 'rejected', code: -2010, text: 'no', sent: true });
    expect(rig.facts).toEqual([]);
  });
});

describe('cancelling a list', () => {
  test('one request cancels it; every order of it shows that', () => {
    const rig = new Rig().ready();
    const ids = rig.restBracket();
    rig.effects = [];
    expect(rig.engine.dispatch({ kind: 'cancel', clientOrderId: ids[1], origin: 'cli' })).toEqual({ kind: 'requested', count: 3 });
    expect(rig.effectsOf('cancel')).toHaveLength(1);
    expect(ids.map((one) => rig.order(one).cancelRequested)).toEqual([true, true, true]);
    rig.canceled(ids[1], { kind: 'failed', failure: DOWN });
    expect(ids.map((one) => rig.order(one).cancelRequested)).toEqual([false, false, false]);
  });

  test('an order of it that is not open any more leaves all of them in question', () => {
    const rig = new Rig().ready();
    const ids = rig.restBracket();
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: ids[0], origin: 'cli' });
    rig.effects = [];
    rig.canceled(ids[0], { kind: 'not-open', text: 'Unknown order sent.' });
    expect(rig.effectsOf('query').map((effect) => effect.clientOrderId)).toEqual([...ids]);
  });

  test('the end of one order makes the others watched until theirs is told', () => {
    const rig = new Rig().ready();
    const ids = rig.restBracket();
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: ids[0], origin: 'cli' });
    rig.canceled(ids[0], { kind: 'canceled', orders: [stated(ids[0], { status: 'CANCELED' })] });
    rig.effects = [];
    rig.pass(1100);
    expect(rig.effectsOf('query').map((effect) => effect.clientOrderId)).toEqual([ids[1], ids[2]]);
    for (const one of [ids[1], ids[2]]) rig.queried(one, { kind: 'found', order: stated(one, { side: 'SELL', status: 'EXPIRED' }) });
    expect(rig.engine.state.lists.size).toBe(1);
    expect(rig.engine.state.openOrders.size).toBe(0);
  });
});

describe('a stop and a list (E1)', () => {
  test('a list that is acknowledged late is cancelled on sight, order by order', () => {
    const rig = new Rig().ready();
    const ids = rig.sendBracket();
    rig.trip();
    rig.effects = [];
    rig.answerList(ids[0], { kind: 'accepted', orders: ids.map((one) => stated(one)) });
    expect(rig.effectsOf('cancel').map((effect) => [effect.clientOrderId, effect.priority])).toEqual(ids.map((one) => [one, 'emergency']));
  });

  test('the receipt names every order of a list', () => {
    const rig = new Rig().ready();
    const ids = rig.restBracket();
    rig.trip();
    for (const one of ids) rig.execute(stated(one, { status: one === ids[0] ? 'CANCELED' : 'EXPIRED' }));
    rig.stopCanceled();
    rig.openOrdersSeen([]);
    const [receipt] = rig.of('stop.receipted');
    expect(receipt?.receipt.complete).toBe(true);
    expect(receipt?.receipt.orders.map((order) => order.clientOrderId).toSorted()).toEqual([...ids].toSorted());
  });
});

describe('lists from elsewhere (I)', () => {
  const foreign = (one: string, changes: Parameters<typeof stated>[1]): ReturnType<typeof stated> =>
    stated(one, { side: 'SELL', venueListId: '77', ...changes });

  test('are adopted with their types and triggers, and count once', () => {
    const rig = holding();
    rig.execute(foreign('phone-1', { venueType: 'STOP_LOSS_LIMIT', stopPrice: '49000', price: '48900' }));
    rig.execute(foreign('phone-2', { venueType: 'LIMIT_MAKER', price: '52000' }));
    rig.execute(stated('phone-3', { side: 'SELL', qty: '0.001', venueType: 'STOP_LOSS', price: '0', trailingDeltaBps: 150 }));
    rig.execute(stated('phone-4', { side: 'BUY', qty: '0.001', venueType: 'NEW_FANGLED', timeInForce: 'GTX' }));
    expect(rig.order('phone-1')).toMatchObject({ type: 'STOP_LOSS_LIMIT', list: { kind: 'OCO', role: 'stop' } });
    expect(rig.order('phone-1').stopPrice?.toFixed()).toBe('49000');
    expect(rig.order('phone-2')).toMatchObject({ type: 'LIMIT', timeInForce: 'POST_ONLY', list: { role: 'limit' } });
    expect(rig.order('phone-3')).toMatchObject({ type: 'STOP_LOSS', trailingDeltaBps: 150, price: null, list: null });
    expect(rig.order('phone-4')).toMatchObject({ type: 'LIMIT', timeInForce: 'GTC' });
    expect(book(rig)?.sellQty.toFixed()).toBe('0.011');
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('an exit that waits for its entry is adopted as one that waits', () => {
    const rig = holding();
    rig.execute(foreign('phone-1', { venueType: 'STOP_LOSS', price: '0', stopPrice: '49000', status: 'PENDING_NEW' }));
    expect(rig.order('phone-1').pending).toBe(true);
    expect(book(rig)?.sellQty.toFixed()).toBe('0');
  });
});
