// What people and replicas see of the engine: rows, health, log lines; and replicas equal to the engine (Q7).
import { describe, expect, test } from 'vitest';
import { logLineOf } from '../../../src-main/engine/log-lines.ts';
import { Replica } from '../../../src-main/engine/replica.ts';
import { balanceView, healthViews, instrumentView, orderView, positionView, stopView } from '../../../src-main/engine/view.ts';
import type { Fact } from '../../../src-main/engine/facts.ts';
import { applyDelta } from '../../../src-shared/contract/view.ts';
import type { Snapshot } from '../../../src-shared/contract/view.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { instrument } from '../safety/pictures.ts';
import { BTC, ETH, PASSED } from '../../support/sim.ts';

const FRAME = { version: '1', venue: 'bench', shell: { name: 'headless', lacks: [] }, startedAtMs: 0 } as const;
const replicaOf = (rig: Rig): Replica => new Replica(rig.engine, { nowMs: () => rig.nowMs, monoMs: () => rig.monoMs }, () => FRAME);

/** A replica that hears of every fact, and a window that follows its deltas. */
class Window {
  readonly replica: Replica;
  held: Snapshot;
  private noted = 0;

  constructor(rig: Rig) {
    this.replica = replicaOf(rig);
    this.held = this.replica.snapshot();
    this.noted = rig.facts.length;
  }

  follow(rig: Rig): void {
    this.replica.note(rig.facts.slice(this.noted));
    this.noted = rig.facts.length;
    const delta = this.replica.flush();
    if (delta === null) return;
    const next = applyDelta(this.held, delta);
    if (next === undefined) throw new Error('a gap');
    this.held = next;
  }
}

describe('the status line', () => {
  test('dust is listed and is no open position (B3, C6)', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.00001')] }).ready();
    const order = rig.rest();
    rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty: '0.00001' }), fillOf('t1', '0.00001'));
    const window = new Window(rig);
    window.follow(rig);
    expect(window.held.view.positions[BTC]).toMatchObject({ dust: true });
    expect(window.held.view.status.console?.openPositions).toBe(0);
  });
});

describe('replicas (Q7)', () => {
  test('all deltas applied are the snapshot, and what a replica made anew shows', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
    const window = new Window(rig);
    window.follow(rig);
    rig.hold({ fee: '0.5' });
    window.follow(rig);
    rig.pass(600);
    rig.rest({ symbol: ETH, price: text('2500'), qty: text('0.1') });
    window.follow(rig);
    rig.trip();
    window.follow(rig);
    expect(window.held).toEqual(window.replica.snapshot());
    const fresh = replicaOf(rig);
    fresh.attach(rig.engine, rig.facts);
    fresh.flush();
    const { log: freshLog, ...freshView } = fresh.snapshot().view;
    const { log, ...view } = window.held.view;
    expect(view).toEqual(freshView);
    expect(Object.keys(freshLog)).toEqual(expect.arrayContaining(Object.keys(log)));
    expect(window.held.seq).toBe(rig.engine.state.seq);
  });

  test('of the quotes the oldest is the one whose age is shown, and its market is named once it forbids (C11)', () => {
    const rig = new Rig().ready();
    rig.nowMs += 6_000;
    rig.monoMs += 6_000;
    rig.tell({ kind: 'quote', symbol: BTC, bid: text('49999'), ask: text('50001') });
    const replica = replicaOf(rig);
    replica.attach(rig.engine, rig.facts);
    replica.flush();
    const age = replica.snapshot().view.limits['C11.quoteAge'];
    expect(age).toMatchObject({
      before: '6000',
      verdict: 'deny',
      text: expect.stringContaining(`Forbids openings in ${ETH} now.`) as string,
    });
  });

  test('nothing changed is no delta, and a gap is seen', () => {
    const rig = new Rig().ready();
    const window = new Window(rig);
    window.follow(rig);
    expect(window.replica.flush()).toBeNull();
    expect(applyDelta(window.held, { n: window.held.n + 2, seq: 1, changes: [] })).toBeUndefined();
  });

  test('another engine goes on under the same numbering, and leaves nothing of the first behind', () => {
    const first = new Rig().ready();
    first.hold();
    const window = new Window(first);
    window.follow(first);
    const second = new Rig({ balances: [balance('USDT', '7')] }).ready();
    window.replica.attach(second.engine, second.facts);
    const delta = window.replica.flush();
    if (delta === null) throw new Error('no delta');
    const next = applyDelta(window.held, delta);
    expect(delta.n).toBe(window.held.n + 1);
    expect(next).toEqual(window.replica.snapshot());
    expect(next?.view.orders).toEqual({});
    expect(next?.view.positions).toEqual({});
    expect(Object.keys(next?.view.log ?? {})).not.toContain(String(first.engine.state.seq));
  });

  test('the log keeps its newest 200 lines, and old orders leave with the new day', () => {
    const rig = new Rig().ready();
    const window = new Window(rig);
    const order = rig.rest();
    rig.execute(stated(order, { status: 'CANCELED' }));
    window.follow(rig);
    for (let count = 0; count < 250; count += 1) rig.engine.dispatch({ kind: 'self-test', items: [PASSED] });
    window.follow(rig);
    expect(Object.keys(window.held.view.log)).toHaveLength(200);
    expect(Object.keys(window.held.view.orders)).toEqual([order]);
    for (let day = 1; day <= 2; day += 1) {
      rig.nowMs += 24 * 3_600_000 + 1000;
      rig.pass(1200);
    }
    window.follow(rig);
    expect(window.held.view.orders).toEqual({});
    expect(window.held).toEqual(window.replica.snapshot());
  });
});

describe('rows', () => {
  test('an order with its average price and its fees', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    expect(orderView(rig.order(order), rig.engine.market)).toMatchObject({
      averagePrice: null,
      status: 'ACCEPTED',
      qty: '0.01',
      quoteQty: null,
    });
    rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty: '0.003' }), fillOf('a', '0.003', { fee: '0.15' }));
    rig.execute(
      stated(order, { status: 'PARTIALLY_FILLED', filledQty: '0.004' }),
      fillOf('b', '0.001', { price: '50001', fee: '1', feeAsset: 'XYZ' }),
    );
    expect(orderView(rig.order(order), rig.engine.market)).toMatchObject({
      averagePrice: '50000.25',
      feesUsdt: '0.15',
      filledQty: '0.004',
      fills: [{ tradeId: 'a' }, { tradeId: 'b' }],
    });
  });

  test('an order in doubt says since when, how often it was asked for, and when absence is proof (B8)', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    const view = () => orderView(rig.order(order), rig.engine.market).doubt;
    expect(view()).toBeNull();
    rig.lose(order);
    const sinceMs = rig.nowMs;
    expect(view()).toMatchObject({ sinceMs, provableAtMs: sinceMs + 15_000, asks: 1 });
    expect(view()?.text).toContain('was asked once; should it still not know the order at ');
    rig.pass(2200);
    expect(view()?.text).toContain('was asked 3 times');
    rig.engine.market.doubts.clear();
    expect(view()).toMatchObject({ asks: 0, sinceMs });
    expect(view()?.text).toContain('about to be asked');
    rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty: '0.002' }));
    expect(view()).toMatchObject({ provableAtMs: null, asks: 1 });
    expect(view()?.text).toContain('until its word is complete');
    rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty: '0.002' }), fillOf('t', '0.002'));
    expect(view()).toBeNull();
  });

  test('a replica shows what moves in a doubt although no fact tells of it, and the order that is being replaced', () => {
    const rig = new Rig().ready();
    const clock = { nowMs: () => rig.nowMs, monoMs: () => rig.monoMs };
    const replica = new Replica(rig.engine, clock, () => ({ version: '', venue: '', shell: 'none', startedAtMs: 0 }) as never);
    const order = rig.send();
    rig.lose(order);
    replica.note(rig.facts);
    replica.flush();
    const shown = () => replica.snapshot().view.orders[order];
    expect(shown()?.doubt?.asks).toBe(1);
    rig.pass(2200);
    replica.flush();
    expect(shown()?.doubt?.asks).toBe(3);
    const seen = rig.facts.length;
    rig.queried(order, { kind: 'found', order: stated(order) });
    rig.replace(order, { price: text('49900') });
    replica.note(rig.facts.slice(seen));
    replica.flush();
    expect(shown()).toMatchObject({ doubt: null, cancelRequested: true });
    const ids = rig.sendBracket({ symbol: 'ETHUSDT', qty: text('0.2'), price: text('2500'), exits: { stopLoss: text('2480') } });
    replica.note(rig.facts.slice(seen));
    replica.flush();
    expect(ids.map((one) => replica.snapshot().view.orders[one]?.list?.role)).toEqual(['entry', 'stop']);
  });

  test('a market buy sized in quote', () => {
    const rig = new Rig().ready();
    const order = rig.intend({ type: 'MARKET', qty: undefined, price: undefined, quoteQty: text('200') });
    expect(orderView(rig.order(order), rig.engine.market)).toMatchObject({ qty: null, quoteQty: '200', price: null, timeInForce: null });
    rig.execute(stated(order, { venueType: 'MARKET', status: 'FILLED', filledQty: '0.004' }), fillOf('a', '0.004'));
    expect(rig.order(order).status).toBe('FILLED');
    expect(rig.engine.state.books.size).toBe(0);
  });

  test('a position with and without a mark', () => {
    const rig = new Rig({ balances: [balance('USDT', '1'), balance('BTC', '0.01')] }).boot();
    rig.reconciled({});
    rig.execute(stated('phone'));
    rig.execute(stated('phone', { status: 'FILLED', filledQty: '0.01' }), fillOf('a', '0.01', { fee: '0.5' }));
    const { state, market } = rig.engine;
    const held = state.positions.get(BTC) as never;
    expect(positionView(state, market, rig.engine.trading(), held)).toMatchObject({
      valueUsdt: '500.00',
      unrealisedUsdt: '-0.50',
      breakEvenPrice: '50050',
      sellableQty: '0.01',
      dust: false,
    });
    const blind = new Rig();
    expect(positionView(state, blind.engine.market, blind.engine.trading(), held)).toMatchObject({
      mark: null,
      valueUsdt: null,
      unrealisedUsdt: null,
      sellableQty: '0',
    });
    expect(balanceView(blind.engine.market, 'BTC' as never, state.balances.get('BTC' as never) as never)).toMatchObject({
      total: '0.01',
      valueUsdt: null,
    });
    expect(instrumentView(instrument({ notional: undefined })).minNotionalUsdt).toBeNull();
    expect(instrumentView(instrument()).minNotionalUsdt).toBe('5');
  });

  test('the stop’s progress while it works', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    expect(stopView(rig.engine.state, rig.engine.market, rig).progress).toBeNull();
    rig.trip('flatten');
    rig.stopCanceled({ kind: 'canceled', orders: [stated(order, { status: 'CANCELED' })] }, [BTC]);
    expect(stopView(rig.engine.state, rig.engine.market, rig).progress).toMatchObject({
      cancelsTotal: 3,
      cancelsAcknowledged: 1,
      openOrders: 0,
      verifiedEmpty: false,
      flat: false,
    });
    rig.stopCanceled();
    rig.openOrdersSeen([stated('phone')]);
    expect(stopView(rig.engine.state, rig.engine.market, rig).progress).toMatchObject({ openOrders: 1 });
  });
});

describe('health (M1)', () => {
  const verdicts = (rig: Rig): Record<string, string> =>
    Object.fromEntries(healthViews(rig.engine.state, rig.engine.market, rig.monoMs).map((one) => [one.name, one.verdict]));

  test('before anything is known', () => {
    expect(verdicts(new Rig())).toEqual({
      'market stream': 'bad',
      'user stream': 'bad',
      clock: 'unknown',
      'request weight': 'unknown',
      'orders per 10 s': 'unknown',
      journal: 'good',
    });
  });

  test('live, silent for a while, silent for too long; a clock that is off; a budget that runs out', () => {
    const rig = new Rig().ready();
    rig.tell({ kind: 'clock', offsetMs: -100, roundTripMs: 1 });
    expect(verdicts(rig)).toMatchObject({ 'market stream': 'good', 'user stream': 'good', clock: 'good', 'request weight': 'good' });
    rig.monoMs += 3000;
    rig.tell({ kind: 'clock', offsetMs: 700, roundTripMs: 1 });
    rig.tell({ kind: 'budget', budget: { ...(rig.engine.market.budget as object), usedWeight: 4000, orderCount10s: 95 } as never });
    expect(verdicts(rig)).toMatchObject({
      'market stream': 'poor',
      'user stream': 'good',
      clock: 'poor',
      'request weight': 'poor',
      'orders per 10 s': 'bad',
    });
    rig.monoMs += 8000;
    rig.tell({ kind: 'clock', offsetMs: 1700, roundTripMs: 1 });
    rig.breakDisk();
    expect(verdicts(rig)).toMatchObject({ 'market stream': 'bad', 'user stream': 'bad', clock: 'bad', journal: 'bad' });
  });
});

describe('the event log', () => {
  const line = (fact: Fact): string => logLineOf({ seq: 1, atMs: 0, fact })?.text ?? '';

  test('says every kind of fact in a sentence, or nothing where it would be noise', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
    rig.hold();
    rig.place({ qty: text('9') });
    rig.pass(600);
    const lost = rig.send();
    rig.lose(lost);
    rig.engine.dispatch({ kind: 'cancel', clientOrderId: lost, origin: 'cli' });
    rig.canceled(lost, { kind: 'failed', failure: { kind: 'late', code: null, text: 'late' } });
    rig.execute(stated('phone'));
    rig.tell({ kind: 'balance-moved', asset: 'USDT' as never, delta: text('5'), venueTimeMs: 1 });
    rig.notReconciled();
    rig.reconciled({ balances: [balance('USDT', '5')], openOrders: [stated('phone'), stated(lost)] });
    rig.trip('flatten');
    rig.pass(5000);
    rig.execute(stated('phone', { status: 'CANCELED' }));
    rig.execute(stated(lost, { status: 'CANCELED' }));
    rig.stopCanceled();
    rig.pass(4500);
    rig.openOrdersSeen([]);
    rig.engine.dispatch({
      kind: 'account-seen',
      tripId: 1,
      askedAtMs: rig.nowMs,
      result: ok({ canTrade: true, balances: [balance('BTC', '0.01')] }),
    });
    const sale = rig.of('order.intended').at(-1)?.order.clientOrderId ?? '';
    rig.execute(stated(sale, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('s', '0.01', { maker: true }));
    rig.engine.dispatch({ kind: 'reset', by: 'me', why: 'done', readBackTripId: 1 });
    rig.nowMs += 16 * 60_000;
    rig.monoMs += 16 * 60_000;
    rig.pass(100);
    const silent = new Set(rig.facts.filter((one) => logLineOf(one) === null).map(({ fact }) => fact.kind));
    expect([...silent].toSorted()).toEqual(['balances.updated', 'equity.marked', 'order.sent']);
    const spoken = rig.facts.map((one) => logLineOf(one)?.text ?? '').join('\n');
    for (const part of [
      'Bought 0.01 BTCUSDT at 50000',
      'Denied: BUY 9',
      'In doubt',
      'Foreign order adopted',
      'EMERGENCY STOP 1',
      'is not complete yet',
      'is complete',
      'reset by me',
      'the emergency stop is armed',
      'Day 2026-11-03 opened',
    ]) {
      expect(spoken).toContain(part);
    }
    expect(rig.engine.state.stop.phase).toBe('ARMED');
  });

  test('speaks of lists, triggers, further tries, and what waits for what', () => {
    const rig = new Rig().ready();
    const lines = (): string => rig.facts.map((one) => logLineOf(one)?.text ?? '').join('\n');
    const ids = rig.sendBracket();
    rig.answerList(ids[0], { kind: 'rejected', code: -1003, text: 'Too many requests', sent: true });
    rig.pass(1100);
    rig.placeOco({ stopLimitPrice: text('49400') });
    rig.pass(600);
    rig.place({ type: 'STOP_LOSS', price: undefined, trailingDeltaBps: 150, exits: { trailingDeltaBps: 200, takeProfit: text('60000') } });
    for (const part of [
      `OTOCO of 3 orders intended: BUY 0.01 BTCUSDT at 50000 GTC; SELL 0.00999 BTCUSDT at market, stop at 49500; SELL 0.00999 BTCUSDT at 50900 POST_ONLY (${ids[0].slice(0, 22)})`,
      'Too many requests. It is tried again in 1 s.',
      `; try 2 of ${ids[0].slice(0, 22)})`,
      'Denied: SELL 0.01 BTCUSDT at 50900, or once 49500 is reached at 49400',
      'BUY 0.01 BTCUSDT at market, stop trailing by 1.5 %',
      'trailing stop by 2 %, take profit 60000',
    ])
      expect(lines()).toContain(part);
    const order = {
      ...rig.of('order.intended')[0]?.order,
      clientOrderId: 'a',
      replaces: 'b',
      retry: { of: 'c', attempt: 3 },
      after: ['d'],
    };
    expect(
      line({
        kind: 'order.intended',
        order: { symbol: BTC, side: 'SELL', type: 'TAKE_PROFIT', qty: text('1'), ...order } as never,
        quote: {} as never,
      }),
    ).toContain('in the stead of b; try 3 of c; once the protection that holds its coins is off');
    expect(
      line({
        kind: 'order.accepted',
        clientOrderId: 'x' as never,
        venueOrderId: '7' as never,
        venueTimeMs: 1,
        via: 'stream',
        pending: true,
      }),
    ).toContain('waiting for its entry');
    expect(line({ kind: 'cancel.requested', clientOrderId: 'x' as never, origin: 'policy', why: 'too old' })).toBe(
      'Cancel requested: x, too old',
    );
    expect(line({ kind: 'protection.set', symbol: BTC, plan: null, origin: 'cli' })).toContain('no protection');
    expect(line({ kind: 'protection.set', symbol: BTC, plan: { stopLoss: text('1') }, origin: 'policy' })).toContain(
      'stop loss 1 (policy)',
    );
    expect(line({ kind: 'protection.trailed', symbol: BTC, stopPrice: text('2') })).toContain('moved to 2');
    expect(line({ kind: 'protection.missing', symbol: BTC, why: 'gone' })).toContain('without working protection: gone');
    expect(line({ kind: 'protection.restored', symbol: BTC, gapMs: 340 })).toContain('none for 0.3 s');
  });

  test('tells a refusal from what never left, a failed self-test, and a size in quote', () => {
    const rejected = { kind: 'order.rejected', clientOrderId: 'x' as never, code: null, text: 'why' } as const;
    expect(line({ ...rejected, proof: 'never-sent' })).toBe('Not sent: x. why');
    expect(line({ ...rejected, proof: 'answer' })).toBe('Rejected: x. why');
    expect(line({ kind: 'selftest.finished', items: [{ ...PASSED, verdict: 'fail', title: 'Clock' }] })).toBe('Self-test failed: Clock');
    const rig = new Rig().ready();
    rig.intend({ type: 'MARKET', qty: undefined, price: undefined, quoteQty: text('200') });
    expect(rig.facts.map((one) => logLineOf(one)?.text).at(-1)).toContain('BUY 200 USDT of BTCUSDT at market intended');
    expect(
      line({
        kind: 'order.denied',
        origin: 'cli',
        request: { symbol: BTC, side: 'BUY', type: 'MARKET' },
        denial: { code: 'BAD_REQUEST', text: 'No size.', advice: '' },
      }),
    ).toContain('? USDT of');
    expect(line({ kind: 'stop.tripped', tripId: 2, trigger: 'hotkey', reason: '', policy: 'flatten' })).toBe(
      'EMERGENCY STOP 2 by hotkey (flatten)',
    );
    expect(
      line({ kind: 'order.ended', clientOrderId: 'x' as never, status: 'EXPIRED', proof: 'stream', reason: 'IOC', venueTimeMs: 1 }),
    ).toBe('x is EXPIRED: IOC');
  });
});
