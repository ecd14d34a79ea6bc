// An order's life (DESIGN 5, B2, B8): nothing counts twice, nothing is lost, nothing ends without proof.
import { describe, expect, test } from 'vitest';
import { fillOf, id, report, Rig, stated, text } from '../../support/engine-rig.ts';
import { replayed, stateText } from '../../support/state-text.ts';
import { BTC, START_MS } from '../../support/sim.ts';

const PARTLY = { status: 'PARTIALLY_FILLED', filledQty: '0.004' } as const;
const FILLED = { status: 'FILLED', filledQty: '0.01' } as const;

describe('the way to the wire', () => {
  test('an order waits until its intent is on disk (DESIGN 2)', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    rig.effects = [];
    rig.intend();
    expect(rig.effectsOf('submit')).toEqual([]);
    rig.commit();
    expect(rig.effectsOf('submit')).toHaveLength(1);
  });

  test('a disk that is done at once lets the order leave at once', () => {
    const rig = new Rig().ready();
    const order = rig.intend();
    expect(rig.effectsOf('submit').map((effect) => effect.order.clientOrderId)).toEqual([order]);
  });

  test('the client id is the journal sequence of the intent', () => {
    const rig = new Rig().ready();
    const order = rig.intend();
    const intent = rig.facts.find(({ fact }) => fact.kind === 'order.intended');
    expect(order).toBe(`hf-bench0-${String(intent?.seq).padStart(12, '0')}`);
  });

  test('a denial is a fact with its reason and sends nothing', () => {
    const rig = new Rig().ready();
    expect(rig.place({ qty: text('1') })).toMatchObject({ kind: 'denied', denial: { code: 'C1.maxOrderNotional' } });
    expect(rig.of('order.denied')).toHaveLength(1);
    expect(rig.effectsOf('submit')).toEqual([]);
  });

  test('with no policy every order is denied', () => {
    const rig = new Rig();
    expect(rig.place()).toMatchObject({ kind: 'denied', denial: { code: 'STATE' } });
  });

  test('an order held at the wire never left', () => {
    const rig = new Rig().ready();
    const order = rig.intend();
    rig.engine.dispatch({ kind: 'held-at-wire', clientOrderId: order, denial: { code: 'STOPPED', text: 'stopped', advice: '' } });
    expect(rig.order(order).status).toBe('REJECTED');
    expect(rig.of('order.rejected')[0]?.proof).toBe('never-sent');
    rig.engine.dispatch({ kind: 'held-at-wire', clientOrderId: order, denial: { code: 'STOPPED', text: 'stopped', advice: '' } });
    expect(rig.of('order.rejected')).toHaveLength(1);
  });

  test('a name that an order of a lost session has is not given again', () => {
    const rig = new Rig().ready();
    const next = `hf-bench0-${String(rig.engine.state.seq + 2).padStart(12, '0')}`;
    rig.execute(stated(next));
    expect(rig.place()).toMatchObject({ kind: 'denied', denial: { code: 'GATE_ERROR' } });
    expect(rig.place()).toMatchObject({ kind: 'placed' });
  });
});

describe('fills count once (B2)', () => {
  test('whatever the answer, the stream and a query repeat', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    const fill = fillOf('t1', '0.004');
    rig.answer(order, { kind: 'accepted', order: stated(order, PARTLY), fills: [fill, fill] });
    rig.execute(stated(order, PARTLY), fill);
    rig.execute(stated(order, PARTLY), fill);
    rig.queried(order, { kind: 'found', order: stated(order, PARTLY) }, [fill]);
    rig.reconciled({ openOrders: [stated(order, PARTLY)], trades: [{ ...fill, symbol: BTC, venueOrderId: stated(order).venueOrderId }] });
    expect(rig.of('order.filled')).toHaveLength(1);
    expect(rig.order(order)).toMatchObject({ status: 'PARTIALLY_FILLED' });
    expect(rig.engine.state.positions.get(BTC)?.qty.toFixed()).toBe('0.004');
  });

  test('in any order: the end waits for the fills that belong to it, and asks for them', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.effects = [];
    rig.execute(stated(order, FILLED), fillOf('t2', '0.006'));
    expect(rig.order(order).status).toBe('PARTIALLY_FILLED');
    expect(rig.effectsOf('query')).toHaveLength(1);
    rig.execute(stated(order, PARTLY), fillOf('t1', '0.004'));
    expect(rig.order(order)).toMatchObject({ status: 'PARTIALLY_FILLED' });
    rig.queried(order, { kind: 'found', order: stated(order, FILLED) }, [fillOf('t1', '0.004'), fillOf('t2', '0.006')]);
    expect(rig.order(order).status).toBe('FILLED');
    expect(rig.of('order.filled')).toHaveLength(2);
    expect(rig.engine.market.doubts.size).toBe(0);
  });

  test('a cancel whose answer speaks of a fill that is not here ends nothing before the fill is here, even over a restart', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.canceled(order, { kind: 'canceled', orders: [stated(order, { status: 'CANCELED', filledQty: '0.004' })] });
    expect(rig.order(order).status).toBe('ACCEPTED');
    const next = rig.restarted().boot();
    next.reconciled({
      queries: new Map([[order, { kind: 'found', order: stated(order, { status: 'CANCELED', filledQty: '0.004' }) }]]),
      trades: [{ ...fillOf('t1', '0.004'), symbol: BTC, venueOrderId: stated(order).venueOrderId }],
    });
    expect(next.order(order).status).toBe('CANCELED');
    expect(next.engine.state.positions.get(BTC)?.qty.toFixed()).toBe('0.004');
  });

  test('missing fills are asked for every second until they are here', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.effects = [];
    rig.execute(stated(order, { status: 'CANCELED', filledQty: '0.004' }));
    expect(rig.effectsOf('query')).toHaveLength(1);
    rig.queried(order, { kind: 'failed', failure: { kind: 'late', code: null, text: '' } });
    rig.pass(3000);
    expect(rig.effectsOf('query')).toHaveLength(4);
    rig.queried(order, { kind: 'found', order: stated(order, { status: 'CANCELED', filledQty: '0.004' }) }, [fillOf('t1', '0.004')]);
    expect(rig.order(order).status).toBe('CANCELED');
    rig.pass(2000);
    expect(rig.effectsOf('query')).toHaveLength(4);
  });

  test('a doubt that lasts is asked for ten times less often', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.execute(stated(order, PARTLY));
    rig.pass(20_000);
    rig.effects = [];
    rig.pass(20_000);
    expect(rig.effectsOf('query').length).toBeLessThanOrEqual(3);
  });

  test('a report of another order under the same name is not taken for it', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.execute(stated(order, { ...FILLED, venueOrderId: 'other' }), fillOf('t1', '0.01'));
    expect(rig.order(order).status).toBe('ACCEPTED');
  });

  test('a fill after the end reopens the order, corrects the position and alerts (DESIGN 5)', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.answer(order, { kind: 'rejected', code: -2010, text: 'no', sent: true });
    rig.effects = [];
    rig.execute(stated(order, PARTLY), fillOf('t1', '0.004'));
    expect(rig.order(order)).toMatchObject({ status: 'PARTIALLY_FILLED', venueOrderId: `v-${order}` });
    expect(rig.engine.state.openOrders.has(order)).toBe(true);
    expect(rig.titles()).toContain('A fill after the end');
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: order, priority: 'emergency' }]);
    rig.execute(stated(order, FILLED), fillOf('t2', '0.006'));
    expect(rig.order(order).status).toBe('FILLED');
    expect(rig.engine.state.openOrders.size).toBe(0);
    expect(rig.engine.state.books.size).toBe(0);
  });

  test('a trade found by a comparison after the end asks for the end anew', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.execute(stated(order, { status: 'CANCELED' }));
    rig.effects = [];
    rig.reconciled({ trades: [{ ...fillOf('t1', '0.004'), symbol: BTC, venueOrderId: stated(order).venueOrderId }] });
    expect(rig.order(order).status).toBe('PARTIALLY_FILLED');
    expect(rig.effectsOf('query')).toHaveLength(1);
    rig.queried(order, { kind: 'found', order: stated(order, { status: 'CANCELED', filledQty: '0.004' }) }, [fillOf('t1', '0.004')]);
    expect(rig.order(order).status).toBe('CANCELED');
  });

  test('a repeated report of before the end changes nothing', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.execute(stated(order, { status: 'CANCELED' }));
    const before = stateText(rig.engine.state);
    rig.effects = [];
    rig.execute(stated(order));
    rig.execute(stated(order, { status: 'CANCELED' }));
    expect(stateText(rig.engine.state)).toBe(before);
    expect(rig.effects).toEqual([]);
  });

  test('an order that was refused, and that the venue has open after all, is cancelled until it is gone', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.answer(order, { kind: 'rejected', code: -1013, text: 'no', sent: true });
    rig.effects = [];
    rig.execute(stated(order));
    expect(rig.titles()).toContain('An order that should not exist');
    expect(rig.effectsOf('cancel')).toHaveLength(1);
    rig.canceled(order, { kind: 'failed', failure: { kind: 'late', code: null, text: '' } });
    rig.pass(1500);
    expect(rig.effectsOf('cancel')).toHaveLength(2);
    rig.canceled(order, { kind: 'not-open', text: '' });
    rig.pass(3000);
    expect(rig.effectsOf('cancel')).toHaveLength(2);
  });

  test('the venue rejects and expires with its reasons', () => {
    const rig = new Rig().ready();
    const first = rig.send();
    rig.tell({ kind: 'execution', report: report(stated(first, { status: 'REJECTED' }), null, '') });
    expect(rig.order(first)).toMatchObject({ status: 'REJECTED', reason: 'The exchange rejected it.' });
    rig.pass(1000);
    const second = rig.send({ timeInForce: 'IOC' });
    rig.answer(second, { kind: 'accepted', order: stated(second, { status: 'EXPIRED' }), fills: [] });
    expect(rig.order(second).status).toBe('EXPIRED');
    rig.pass(1000);
    const third = rig.send();
    rig.tell({ kind: 'execution', report: report(stated(third, { status: 'REJECTED' }), null, 'INSUFFICIENT_BALANCES') });
    expect(rig.order(third).reason).toBe('INSUFFICIENT_BALANCES');
  });
});

describe('an order in doubt (BINANCE 4, 5)', () => {
  test('a timed-out order that filled is counted once', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.lose(order);
    expect(rig.order(order).status).toBe('UNKNOWN');
    rig.execute(stated(order, FILLED), fillOf('t1', '0.01'));
    rig.queried(order, { kind: 'found', order: stated(order, FILLED) }, [fillOf('t1', '0.01')]);
    expect(rig.order(order).status).toBe('FILLED');
    expect(rig.of('order.filled')).toHaveLength(1);
    expect(rig.engine.state.day?.trades).toBe(1);
  });

  test('a person who was told of a doubt is told that it is settled, in its place (L4)', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.lose(order);
    rig.execute(stated(order, FILLED), fillOf('t1', '0.01'));
    const alerts = rig.effectsOf('alert').filter((alert) => alert.key === `unknown:${order}`);
    expect(alerts.map(({ severity, title }) => [severity, title])).toEqual([
      ['warning', 'Order in doubt'],
      ['good', 'Doubt settled'],
    ]);
    expect(alerts[0]?.text).toMatch(/\. The exchange is being asked/);
  });

  test('absence is proof only when it was asked for after the window closed, not when the answer came after it', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.lose(order);
    const provableAtMs = rig.order(order).provableAtMs ?? 0;
    rig.nowMs = provableAtMs + 50;
    rig.queried(order, { kind: 'absent' }, [], provableAtMs - 1);
    expect(rig.order(order).status).toBe('UNKNOWN');
    rig.queried(order, { kind: 'absent' }, [], provableAtMs);
    expect(rig.order(order)).toMatchObject({ status: 'REJECTED' });
    expect(rig.of('order.rejected')[0]).toMatchObject({ proof: 'absent-after-window', code: -2013 });
  });

  test('it counts in full against the limits until then, and a refusal after its proof changes nothing (C14)', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.lose(order);
    expect(rig.engine.state.unsettled.has(order)).toBe(true);
    expect(rig.engine.state.books.get(BTC)?.buyQty.toFixed()).toBe('0.01');
    rig.queried(order, { kind: 'found', order: stated(order) });
    rig.answer(order, { kind: 'rejected', code: -2010, text: 'late refusal', sent: true });
    rig.lose(order);
    expect(rig.order(order).status).toBe('ACCEPTED');
  });

  test('it alerts once after ten seconds, and is asked for each second', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.lose(order);
    rig.effects = [];
    rig.pass(14_000);
    expect(rig.titles().filter((title) => title === 'Order in doubt for 10 s')).toHaveLength(1);
    expect(rig.effectsOf('query').length).toBeGreaterThanOrEqual(13);
    rig.queried(order, { kind: 'failed', failure: { kind: 'late', code: null, text: '' } });
    expect(rig.order(order).status).toBe('UNKNOWN');
  });

  test('questions leave no trace behind: memory does not grow with doubts that ended', () => {
    const rig = new Rig().ready();
    for (let count = 0; count < 20; count += 1) {
      rig.pass(1000);
      const order = rig.send({ qty: text('0.002') });
      rig.lose(order);
      rig.execute(stated(order, { status: 'CANCELED' }));
    }
    rig.pass(200);
    expect(rig.engine.market.doubts.size).toBe(0);
    expect(rig.engine.market.condemned.size).toBe(0);
  });

  test('an order that the venue forgot ends when it was asked for long after', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.queried(order, { kind: 'absent' });
    expect(rig.order(order).status).toBe('ACCEPTED');
    rig.pass(16_000);
    rig.queried(order, { kind: 'absent' });
    expect(rig.order(order)).toMatchObject({ status: 'CANCELED', reason: 'the exchange does not know it any more' });
    rig.execute(stated(order, PARTLY));
    expect(rig.engine.market.doubts.has(order)).toBe(true);
    rig.queried(order, { kind: 'absent' });
    expect(rig.engine.market.doubts.has(order)).toBe(false);
  });
});

describe('a restart (B8)', () => {
  test('what was intended or sent without an answer is in doubt until proof', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    const sent = rig.send();
    rig.pass(600);
    rig.commit();
    const intended = rig.intend();
    rig.commit();
    const next = rig.restarted().boot();
    expect(next.order(sent).status).toBe('UNKNOWN');
    expect(next.order(intended).status).toBe('UNKNOWN');
    expect(next.effectsOf('submit')).toEqual([]);
    next.execute(stated(sent, FILLED), fillOf('t1', '0.01'));
    next.queried(intended, { kind: 'absent' }, [], next.order(intended).provableAtMs ?? 0);
    expect(next.order(sent).status).toBe('FILLED');
    expect(next.order(intended).status).toBe('REJECTED');
  });

  test('an intent that was not on disk never was, and its name is free because it never left', () => {
    const rig = new Rig({ slowDisk: true }).ready();
    rig.commit();
    const lost = rig.intend();
    const next = rig.restarted().boot();
    expect(next.engine.state.orders.has(lost)).toBe(false);
    expect(rig.effectsOf('submit')).toEqual([]);
  });

  test('a replay gives the same state, byte for byte (Q6)', () => {
    const rig = new Rig().ready();
    rig.hold({ fee: '0.00001', feeAsset: 'BTC' });
    rig.pass(600);
    rig.lose(rig.send());
    rig.trip();
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('the pace of orders goes on over it (C10)', () => {
    const rig = new Rig().ready();
    rig.rest();
    const next = rig.restarted();
    next.nowMs = rig.nowMs + 300;
    next.boot();
    next.reconciled({ openOrders: [stated([...rig.engine.state.openOrders][0] ?? '')] });
    next.engine.dispatch({ kind: 'self-test', items: [] });
    next.engine.dispatch({ kind: 'tick' });
    expect(next.place()).toMatchObject({ kind: 'denied', denial: { code: 'C10.symbolInterval' } });
    next.pass(300);
    expect(next.place()).toMatchObject({ kind: 'placed' });
    const early = rig.restarted();
    early.nowMs = rig.nowMs - 3_600_000;
    early.boot();
    expect(early.engine.market.lastOrderAtMs.get(BTC)).toBe(early.monoMs);
  });

  test('a journal that does not add up makes no engine', () => {
    const rig = new Rig().ready();
    expect(() => new Rig({ replay: rig.facts.slice(1) })).toThrow('Invariant broken');
    const intent = { kind: 'order.sent', clientOrderId: id('nobody') } as const;
    expect(() => new Rig({ replay: [{ seq: 1, atMs: START_MS, fact: intent }] })).toThrow('is known');
  });
});

describe('cancels always pass', () => {
  test('by order, by symbol and all', () => {
    const rig = new Rig().ready();
    const first = rig.rest();
    rig.pass(600);
    const second = rig.rest({ symbol: 'ETHUSDT', price: text('2500'), qty: text('0.1') });
    rig.effects = [];
    expect(rig.engine.dispatch({ kind: 'cancel', clientOrderId: first, origin: 'cli' })).toEqual({ kind: 'requested', count: 1 });
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: first, priority: 'normal' }]);
    expect(rig.engine.dispatch({ kind: 'cancel-all', symbol: 'ETHUSDT' as never, origin: 'cli' })).toEqual({ kind: 'requested', count: 1 });
    expect(rig.engine.dispatch({ kind: 'cancel-all', symbol: null, origin: 'cli' })).toEqual({ kind: 'requested', count: 2 });
    expect(rig.order(second).cancelRequested).toBe(true);
  });

  test('a cancel of what is not open says so', () => {
    const rig = new Rig().ready();
    expect(rig.engine.dispatch({ kind: 'cancel', clientOrderId: 'nobody', origin: 'cli' })).toMatchObject({
      denial: { text: 'There is no order nobody.' },
    });
    const order = rig.rest();
    rig.execute(stated(order, { status: 'CANCELED' }));
    expect(rig.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' })).toMatchObject({
      denial: { code: 'UNKNOWN_ORDER' },
    });
  });

  test('a cancel that met "not open" asks what became of the order', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.effects = [];
    rig.canceled(order, { kind: 'not-open', text: '' });
    expect(rig.effectsOf('query')).toHaveLength(1);
    rig.queried(order, { kind: 'found', order: stated(order, FILLED) }, [fillOf('t1', '0.01')]);
    rig.canceled(order, { kind: 'not-open', text: '' });
    rig.canceled(order, { kind: 'failed', failure: { kind: 'late', code: null, text: '' } });
    expect(rig.effectsOf('query')).toHaveLength(1);
    expect(rig.of('cancel.failed')).toEqual([]);
  });

  test('a cancel that failed says that the order may still be open', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' });
    rig.canceled(order, { kind: 'failed', failure: { kind: 'late', code: null, text: 'too late.' } });
    expect(rig.order(order)).toMatchObject({ cancelRequested: false, status: 'ACCEPTED' });
    expect(rig.titles()).toContain('Cancel failed');
  });

  test('a cancel-all is answered for every order it met', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.effects = [];
    const back = (outcome: never): void => void rig.engine.dispatch({ kind: 'canceled-all', symbol: BTC, tripId: null, outcome });
    back({ kind: 'failed', failure: { kind: 'late', code: null, text: 'too late.' } } as never);
    expect(rig.of('cancel.failed')).toHaveLength(1);
    back({ kind: 'not-open', text: '' } as never);
    expect(rig.effectsOf('query')).toHaveLength(1);
    back({ kind: 'canceled', orders: [stated('somebody else'), stated(order, { status: 'CANCELED' })] } as never);
    expect(rig.order(order).status).toBe('CANCELED');
  });

  test('an order that was cancelled on its way is cancelled again when it turns out to live', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' });
    rig.effects = [];
    rig.answer(order, { kind: 'accepted', order: stated(order), fills: [] });
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: order }]);
  });
});

describe('orders from elsewhere', () => {
  test('a foreign order is adopted, counts against the limits, and is learned like any other', () => {
    const rig = new Rig().ready();
    rig.execute(stated('phone'));
    expect(rig.order('phone')).toMatchObject({ origin: 'foreign', status: 'ACCEPTED' });
    expect(rig.engine.state.books.get(BTC)?.buyQty.toFixed()).toBe('0.01');
    expect(rig.titles()).toContain('An order from elsewhere');
    rig.execute(stated('phone', FILLED), fillOf('t1', '0.01'));
    expect(rig.order('phone').status).toBe('FILLED');
    expect(rig.engine.state.positions.get(BTC)?.qty.toFixed()).toBe('0.01');
  });

  test('one whose first report is a trade is asked for until its fills and its end are here', () => {
    const rig = new Rig().ready();
    rig.effects = [];
    rig.execute(stated('phone', { ...FILLED, venueType: 'MARKET', price: '0' }), fillOf('t1', '0.01'));
    expect(rig.order('phone')).toMatchObject({ type: 'MARKET', price: null });
    expect(rig.effectsOf('query')).toHaveLength(1);
    rig.queried(id('phone'), { kind: 'failed', failure: { kind: 'late', code: null, text: '' } });
    rig.pass(1100);
    expect(rig.effectsOf('query')).toHaveLength(2);
    rig.queried(id('phone'), { kind: 'found', order: stated('phone', { ...FILLED, venueType: 'MARKET' }) }, [fillOf('t1', '0.01')]);
    expect(rig.order('phone').status).toBe('FILLED');
    expect(rig.of('order.filled')).toHaveLength(1);
  });

  test('a market order whose size is not known yet takes nothing off the symbol’s book', () => {
    const rig = new Rig().ready();
    rig.execute(stated('phone', { venueType: 'MARKET', qty: '0', price: '0' }));
    rig.execute(stated('phone', { ...PARTLY, venueType: 'MARKET', qty: '0' }), fillOf('t1', '0.004'));
    expect(rig.engine.state.books.get(BTC)?.buyQty.toFixed()).toBe('0');
  });

  test('an end of an order that was never known, or on a symbol that is not traded here, is nobody’s business', () => {
    const rig = new Rig().ready();
    rig.execute(stated('phone', { status: 'CANCELED' }));
    rig.execute(stated('phone', { symbol: 'XRPUSDT' }));
    expect(rig.engine.state.orders.size).toBe(0);
  });

  test('a name that another program uses again after its order ended is another order', () => {
    const rig = new Rig().ready();
    rig.execute(stated('bot', { venueType: 'LIMIT_MAKER' }));
    rig.execute(stated('bot', { status: 'CANCELED' }));
    rig.execute(stated('bot', { venueOrderId: 'second', venueType: 'STOP_LOSS_LIMIT', timeInForce: 'GTD' }));
    expect(rig.order('bot')).toMatchObject({ status: 'ACCEPTED', venueOrderId: 'second', timeInForce: 'GTC' });
    expect(rig.engine.state.openOrders.size).toBe(1);
  });
});

test('words about orders that are not here change nothing', () => {
  const rig = new Rig().ready();
  const before = stateText(rig.engine.state);
  rig.answer(id('x'), { kind: 'rejected', code: null, text: '', sent: false });
  rig.queried(id('x'), { kind: 'absent' });
  rig.canceled(id('x'), { kind: 'not-open', text: '' });
  rig.engine.dispatch({ kind: 'sent', clientOrderId: id('x') });
  rig.engine.dispatch({ kind: 'held-at-wire', clientOrderId: id('x'), denial: { code: 'STOPPED', text: '', advice: '' } });
  expect(stateText(rig.engine.state)).toBe(before);
});
