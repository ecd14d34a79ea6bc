// The runner: what leaves for the venue and in which instant, and that every outcome comes back as an input, whatever a port does.
import { describe, expect, test } from 'vitest';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import { noteName } from '../../../src-main/engine/order-numbers.ts';
import type { Venue } from '../../../src-main/venue/port.ts';
import { balance, Rig, stated, text } from '../../support/engine-rig.ts';
import { BTC, ETH, Sim } from '../../support/sim.ts';

const LIMIT = { side: 'BUY', type: 'LIMIT', qty: '0.01', price: '59000' } as const;
const started = (seed = 3): Promise<Sim> => new Sim({ seed, eventsPerSecond: 15 }).start();
/** The venue does something else for one of its calls. */
const instead = <K extends keyof Venue>(sim: Sim, call: K, does: Venue[K]): void => void Object.assign(sim.venue.port, { [call]: does });

describe('the last look before the wire', () => {
  test('an order that was cancelled while it waited for the disk never leaves', async () => {
    const sim = await started();
    const order = sim.placed(LIMIT);
    sim.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' });
    await sim.time.pass(2000);
    expect(sim.arrivals).toEqual([]);
    expect(sim.order(order)).toMatchObject({
      status: 'REJECTED',
      reason: 'It was cancelled before it was sent. It never left this machine.',
    });
  });

  test('an opening dies when the account stream went away while it waited for the disk (Q1)', async () => {
    const sim = await started();
    const order = sim.placed(LIMIT);
    sim.venue.setUserStream(false);
    await sim.time.pass(100);
    expect(sim.arrivals).toEqual([]);
    expect(sim.order(order).status).toBe('REJECTED');
  });

  test('an opening that the disk held up for longer than a quote may be old never leaves; a sale does (C11, C14)', async () => {
    const sim = await started();
    sim.placed({ side: 'BUY', type: 'MARKET', quoteQty: '500' });
    await sim.time.pass(600);
    const before = sim.arrivals.length;
    sim.disk.commitMs = 7000;
    const opening = sim.placed(LIMIT);
    await sim.time.pass(600);
    const sale = sim.placed({ side: 'SELL', type: 'MARKET', qty: '0.002' });
    await sim.time.pass(9000);
    expect(sim.order(opening)).toMatchObject({ status: 'REJECTED', reason: expect.stringContaining('waited for the disk') as string });
    expect(sim.order(sale).status).toBe('FILLED');
    expect(sim.arrivals.length).toBe(before + 1);
  });

  test('an intent is on disk before the order is on the wire, and sent is noted in the instant of the send', async () => {
    const sim = await started();
    let durableAtSend = -1;
    sim.onSend = () => (durableAtSend = sim.disk.durableSeq);
    const order = sim.placed(LIMIT);
    const { seq } = sim.engine.state;
    await sim.time.pass(100);
    expect(durableAtSend).toBeGreaterThanOrEqual(seq);
    expect(sim.order(order).status).toBe('ACCEPTED');
  });
});

describe('the stop on the wire (E3)', () => {
  test('the cancels of every symbol leave in the same instant as the press', async () => {
    const sim = await started();
    sim.placed(LIMIT);
    await sim.time.pass(600);
    sim.placed({ ...LIMIT, symbol: ETH, qty: '0.1', price: '2550' });
    await sim.time.pass(600);
    const left: string[] = [];
    const cancelAll = sim.venue.port.cancelAll.bind(sim.venue.port);
    instead(sim, 'cancelAll', (symbol, priority) => {
      left.push(`${symbol} ${priority}`);
      return cancelAll(symbol, priority);
    });
    sim.engine.dispatch({ kind: 'trip', trigger: 'hotkey', reason: '', positions: null });
    expect(left).toEqual(['BTCUSDT emergency', 'ETHUSDT emergency', 'BNBUSDT emergency']);
    await sim.until('the receipt is complete', () => sim.engine.state.stop.receipt?.complete === true, 500);
    expect(sim.engine.state.stop.receipt).toMatchObject({ cancelsOnWireMs: 0, orders: [{ outcome: 'canceled' }, { outcome: 'canceled' }] });
  });

  test('flatten sells and the venue is flat', async () => {
    const sim = await started();
    sim.placed({ side: 'BUY', type: 'MARKET', quoteQty: '500' });
    await sim.time.pass(600);
    sim.engine.dispatch({ kind: 'trip', trigger: 'cli', reason: '', positions: 'flatten' });
    await sim.until('flat', () => sim.engine.state.stop.receipt?.complete === true, 3000);
    expect(sim.engine.state.stop.receipt?.positions).toMatchObject([{ symbol: BTC, outcome: 'dust' }]);
  });

  test('a crash right after the press: the latch is found closed or the press never was, and the work is done', async () => {
    for (const share of [0, 1]) {
      const sim = await started();
      sim.placed(LIMIT);
      await sim.time.pass(600);
      sim.engine.dispatch({ kind: 'trip', trigger: 'hotkey', reason: '', positions: null });
      sim.crash(share);
      await sim.time.pass(1000);
      await sim.start();
      await sim.time.pass(3000);
      expect(sim.core.openOrders('trader')).toEqual([]);
      expect(sim.engine.state.stop.phase).toBe(share === 0 ? 'ARMED' : 'TRIPPED');
      expect(sim.engine.state.stop.receipt?.complete ?? 'none').toBe(share === 0 ? 'none' : true);
    }
  });
});

describe('a cancel that a crash cut short', () => {
  test('is sent again by the next start until the order is gone (B1; found by simulation)', async () => {
    const sim = await started();
    const order = sim.placed(LIMIT);
    await sim.time.pass(600);
    sim.faults.lostBefore = 1;
    sim.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' });
    await sim.time.pass(1);
    sim.crash(1);
    await sim.time.pass(1000);
    sim.faults.lostBefore = 0;
    await sim.start();
    await sim.time.pass(1000);
    expect(sim.core.openOrders('trader')).toEqual([]);
    expect(sim.order(order).status).toBe('CANCELED');
  });
});

test('a restart leaves the order standing that one in doubt was to replace: it may be a position’s only stop (B5)', () => {
  const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
  rig.hold();
  rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan: { stopLoss: text('49500') }, origin: 'cli' });
  const guard = rig.effectsOf('submit').at(-1)?.order.clientOrderId as ClientOrderId;
  rig.engine.dispatch({ kind: 'sent', clientOrderId: guard });
  rig.answer(guard, { kind: 'accepted', order: stated(guard, { side: 'SELL' }), fills: [] });
  rig.pass(600);
  rig.engine.dispatch({ kind: 'protect', symbol: BTC, plan: { stopLoss: text('49600') }, origin: 'cli' });
  const next = rig.effectsOf('replace').at(-1)?.order.clientOrderId as ClientOrderId;
  const again = rig.restarted();
  again.boot();
  expect(again.effectsOf('cancel')).toEqual([]);
  expect(again.order(next).status).toBe('UNKNOWN');
  // It was never taken: the old stop is not being cancelled any more.
  again.pass(20_000);
  again.queried(next, { kind: 'absent' }, [], again.nowMs);
  expect([again.order(next).status, again.order(guard).status, again.order(guard).cancelRequested]).toEqual([
    'REJECTED',
    'ACCEPTED',
    false,
  ]);
});

test('an order that another program has renamed is cancelled by its new name, and asked for by its number (BINANCE 5)', async () => {
  const sim = await started();
  const order = sim.placed(LIMIT);
  await sim.time.pass(600);
  const { venueOrderId } = sim.order(order);
  noteName(sim.order(order), { clientOrderId: 'phone-1', symbol: BTC, venueOrderId });
  const called: string[] = [];
  instead(sim, 'cancel', (_symbol, name) => {
    called.push(`cancel ${name}`);
    return Promise.resolve({ kind: 'not-open', text: 'Unknown order sent.' });
  });
  const orderOf = sim.venue.port.orderOf.bind(sim.venue.port);
  instead(sim, 'orderOf', (symbol, number) => {
    called.push(`ask ${number}`);
    return orderOf(symbol, number);
  });
  instead(sim, 'queryOrder', (_symbol, name) => {
    called.push(`ask ${name}`);
    return Promise.resolve({ kind: 'absent' });
  });
  sim.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' });
  await sim.time.pass(2000);
  expect(new Set(called)).toEqual(new Set(['cancel phone-1', `ask ${venueOrderId}`]));
});

describe('a port that breaks its promise', () => {
  const broken = (): never => {
    throw new Error('port broken');
  };

  test('a submit that throws leaves the order in doubt, not lost', async () => {
    const sim = await started();
    instead(sim, 'submit', broken);
    const order = sim.placed(LIMIT);
    await sim.time.pass(100);
    expect(sim.order(order)).toMatchObject({ status: 'UNKNOWN', reason: 'The connection to the exchange failed inside: port broken' });
  });

  test('cancels, questions and looks that throw are failures like others', async () => {
    const sim = await started();
    const order = sim.placed(LIMIT);
    await sim.time.pass(600);
    const rejects = (): Promise<never> => Promise.reject(new Error('port broken'));
    instead(sim, 'cancel', broken);
    sim.engine.dispatch({ kind: 'cancel', clientOrderId: order, origin: 'cli' });
    await sim.time.pass(100);
    expect(sim.factsOf('cancel.failed')).toHaveLength(1);
    instead(sim, 'queryOrder', rejects);
    instead(sim, 'cancelAll', rejects);
    instead(sim, 'openOrders', broken);
    instead(sim, 'account', () => Promise.reject('no error at all' as never));
    sim.engine.dispatch({ kind: 'cancel-all', symbol: null, origin: 'cli' });
    sim.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
    sim.engine.dispatch({ kind: 'trip', trigger: 'button', reason: '', positions: 'flatten' });
    await sim.time.pass(6000);
    expect(sim.engine.state.stop.receipt).toMatchObject({ complete: false, buckets: { orders: 'unverified' } });
    expect(sim.factsOf('reconcile.failed').length).toBeGreaterThan(0);
  });

  test('an account that cannot be seen only delays the flatten', async () => {
    const sim = await started();
    sim.placed({ side: 'BUY', type: 'MARKET', quoteQty: '500' });
    await sim.time.pass(600);
    const account = sim.venue.port.account.bind(sim.venue.port);
    instead(sim, 'account', () => Promise.reject('no error at all' as never));
    sim.engine.dispatch({ kind: 'trip', trigger: 'button', reason: '', positions: 'flatten' });
    await sim.time.pass(1000);
    instead(sim, 'account', account);
    await sim.until('flat', () => sim.engine.state.stop.receipt?.complete === true, 10_000);
    expect(sim.engine.market.engineProblem).toBe('');
  });
});

describe('the books (REQUIREMENTS I)', () => {
  test('missed reports are found by the comparison after the stream’s return', async () => {
    const sim = await started();
    const order = sim.placed({ ...LIMIT, price: '59900' });
    await sim.time.pass(600);
    sim.venue.setUserStream(false);
    sim.core.applyTrade(BTC, { price: '59800', qty: '5', buyerIsMaker: true, timeMs: sim.time.nowMs() }, sim.time.nowMs());
    await sim.time.pass(500);
    expect(sim.order(order).status).toBe('ACCEPTED');
    sim.venue.setUserStream(true);
    await sim.time.pass(1000);
    expect(sim.order(order).status).toBe('FILLED');
    expect(sim.engine.state.reconciliation.differences.map((one) => one.key)).toContain(order);
    expect(sim.factsOf('order.filled')).toMatchObject([{ via: 'recovery' }]);
  });

  test('what the phone traded while the stream was away is found, although a later trade is known by then (I, C4)', async () => {
    const sim = await started();
    sim.placed({ side: 'BUY', type: 'MARKET', quoteQty: '500' });
    await sim.time.pass(600);
    sim.venue.setUserStream(false);
    sim.core.placeOrder('trader', { symbol: BTC, side: 'BUY', type: 'MARKET', quantity: '0.00100' }, sim.time.trueMs());
    await sim.time.pass(70_000);
    sim.placed({ side: 'SELL', type: 'MARKET', qty: '0.001' });
    await sim.time.pass(600);
    sim.venue.setUserStream(true);
    await sim.time.pass(10_000);
    expect(sim.factsOf('order.filled').filter(({ via }) => via === 'recovery')).toMatchObject([{ qty: '0.00100000' }]);
    expect(sim.factsOf('order.adopted')).toHaveLength(1);
    expect(sim.factsOf('balance.moved')).toEqual([]);
  });

  test('one failed question fails the comparison whole', async () => {
    const sim = await started();
    const order = sim.placed(LIMIT);
    await sim.time.pass(600);
    instead(sim, 'openOrders', () => Promise.resolve(ok([])));
    instead(sim, 'queryOrder', () => Promise.resolve({ kind: 'failed', failure: { kind: 'late', code: null, text: 'late' } }));
    sim.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
    await sim.time.pass(500);
    instead(sim, 'queryOrder', () => Promise.resolve({ kind: 'found', order: stated(order) }));
    instead(sim, 'tradesSince', () => Promise.resolve({ ok: false, error: { kind: 'late', code: null, text: 'trades late' } }));
    sim.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
    await sim.time.pass(500);
    instead(sim, 'openOrders', () => Promise.resolve({ ok: false, error: { kind: 'late', code: null, text: 'list late' } }));
    await sim.time.pass(5000);
    expect(new Set(sim.factsOf('reconcile.failed').map((fact) => fact.text))).toEqual(new Set(['late', 'trades late', 'list late']));
  });

  test('trades that cannot be read leave an order in doubt', async () => {
    const sim = await started();
    instead(sim, 'tradesOf', () => Promise.resolve({ ok: false, error: { kind: 'late', code: null, text: 'late' } }));
    sim.faults.lostAfter = 1;
    const order = sim.placed({ side: 'BUY', type: 'MARKET', quoteQty: '500' });
    sim.faults.streamMissing = 1;
    await sim.time.pass(4000);
    sim.faults.lostAfter = 0;
    await sim.time.pass(4000);
    expect(sim.order(order).status).toBe('UNKNOWN');
  });

  test('balances are asked for last', async () => {
    const sim = await started();
    const asked: string[] = [];
    instead(sim, 'openOrders', () => Promise.resolve(ok((asked.push('orders'), []))));
    instead(sim, 'account', () => Promise.resolve(ok((asked.push('account'), { canTrade: true, balances: [balance('USDT', '10000')] }))));
    sim.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
    await sim.time.pass(100);
    expect(asked).toEqual(['orders', 'account']);
  });
});

describe('lists and replacements on the wire (B1)', () => {
  const bracket = { ...LIMIT, exits: { stopLoss: '58500', takeProfit: '60500' } } as const;
  const place = (sim: Sim, request: object): ReturnType<Sim['placed']> => sim.placed(request as Record<string, string>);
  /** The orders of the newest list. */
  const legs = (sim: Sim) => [...sim.engine.state.orders.values()].filter(({ list }) => list !== null);

  test('an entry and its exits leave in one request and stand at the venue, the exits waiting', async () => {
    const sim = await started();
    place(sim, bracket);
    await sim.time.pass(200);
    expect(legs(sim).map(({ status, pending, list }) => [list?.role, status, pending])).toEqual([
      ['entry', 'ACCEPTED', false],
      ['stop', 'ACCEPTED', true],
      ['limit', 'ACCEPTED', true],
    ]);
    expect(sim.core.openOrders('trader')).toHaveLength(3);
    expect(sim.factsOf('order.sent').map((fact) => fact.clientOrderId)).toEqual(legs(sim).map((leg) => leg.clientOrderId));
  });

  test('a list that was cancelled while it waited for the disk never leaves, whole', async () => {
    const sim = await started();
    const entry = place(sim, bracket);
    sim.engine.dispatch({ kind: 'cancel', clientOrderId: entry, origin: 'cli' });
    await sim.time.pass(500);
    expect(sim.arrivals).toEqual([]);
    expect(legs(sim).map(({ status }) => status)).toEqual(['REJECTED', 'REJECTED', 'REJECTED']);
  });

  test('a list whose entry is cancelled ends whole, as the venue tells', async () => {
    const sim = await started();
    const entry = place(sim, bracket);
    await sim.time.pass(500);
    sim.engine.dispatch({ kind: 'cancel', clientOrderId: entry, origin: 'cli' });
    await sim.time.pass(3000);
    expect(legs(sim).filter(({ status }) => status === 'ACCEPTED')).toEqual([]);
    expect(sim.core.openOrders('trader')).toEqual([]);
  });

  test('one request puts an order in the stead of another', async () => {
    const sim = await started();
    const old = sim.placed(LIMIT);
    await sim.time.pass(600);
    const reply = sim.engine.dispatch({ kind: 'replace', clientOrderId: old, change: { price: '58900' as never }, origin: 'cli' });
    await sim.time.pass(200);
    expect(sim.order(old).status).toBe('CANCELED');
    expect(reply).toMatchObject({ kind: 'placed' });
    expect(sim.core.openOrders('trader')).toHaveLength(1);
    expect(reply.kind === 'placed' && sim.order(reply.clientOrderId).status).toBe('ACCEPTED');
  });

  test('a list or a replacement that throws in the port leaves every order of it in doubt', async () => {
    const sim = await started();
    const old = sim.placed(LIMIT);
    await sim.time.pass(600);
    const broken = (): never => {
      throw new Error('port broken');
    };
    instead(sim, 'submitList', broken);
    instead(sim, 'replace', broken);
    const asked: string[] = [];
    const query = sim.venue.port.queryOrder.bind(sim.venue.port);
    instead(sim, 'queryOrder', (symbol, clientOrderId) => {
      asked.push(clientOrderId);
      return query(symbol, clientOrderId);
    });
    const reply = sim.engine.dispatch({ kind: 'replace', clientOrderId: old, change: { price: '58900' as never }, origin: 'cli' });
    await sim.time.pass(100);
    expect(reply.kind === 'placed' && sim.order(reply.clientOrderId).status).toBe('UNKNOWN');
    expect(asked).toContain(old);
    await sim.time.pass(600);
    place(sim, { ...bracket, symbol: ETH, qty: '0.1', price: '2550', exits: { stopLoss: '2530' } });
    await sim.time.pass(100);
    expect(legs(sim).map(({ status }) => status)).toEqual(['UNKNOWN', 'UNKNOWN']);
  });

  test('a replacement that a stop overtakes dies here', async () => {
    const sim = await started();
    const old = sim.placed(LIMIT);
    await sim.time.pass(600);
    const reply = sim.engine.dispatch({ kind: 'replace', clientOrderId: old, change: { price: '58900' as never }, origin: 'cli' });
    sim.engine.dispatch({ kind: 'trip', trigger: 'button', reason: '', positions: null });
    await sim.time.pass(2000);
    expect(reply.kind === 'placed' && sim.order(reply.clientOrderId).status).toBe('REJECTED');
    expect(sim.core.openOrders('trader')).toEqual([]);
  });
});
