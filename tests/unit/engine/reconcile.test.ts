// Reconciliation inside the engine (REQUIREMENTS I): when the venue is asked, what an answer settles, and when trading halts.
import { describe, expect, test } from 'vitest';
import { reconciliationView } from '../../../src-main/engine/view.ts';
import type { BudgetReading, QueryOutcome } from '../../../src-main/venue/port.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { balance, DOWN, fillOf, Rig, stated } from '../../support/engine-rig.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { policySchema } from '../../../src-shared/policy/schema.ts';
import { BTC, ETH, START_MS } from '../../support/sim.ts';

const free = (rig: Rig, asset: string): string | undefined => rig.engine.state.balances.get(asset as never)?.free.toFixed();
const gap9000 = (rig: Rig): void => rig.reconciled({ balances: [balance('USDT', '9000')] });
const userStream = (rig: Rig, status: 'live' | 'down'): void => rig.tell({ kind: 'stream', stream: 'user', status, text: '' });

describe('when the venue is asked', () => {
  test('as the policy plans it, and by hand; one comparison at a time', () => {
    const policy = policySchema.parse({ ...NORMAL, checks: { ...NORMAL.checks, reconcileEveryMinutes: 2 } });
    const rig = new Rig({ policy }).ready();
    rig.pass(119_000);
    expect(rig.effectsOf('see-books')).toEqual([]);
    rig.pass(2000);
    expect(rig.effectsOf('see-books')).toHaveLength(1);
    rig.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
    expect(rig.effectsOf('see-books')).toHaveLength(1);
    rig.pass(61_000);
    expect(rig.effectsOf('see-books').length).toBeGreaterThan(1);
  });

  test('after the account stream was away, and until then nothing is opened', () => {
    const rig = new Rig().ready();
    userStream(rig, 'down');
    expect(rig.place()).toMatchObject({ kind: 'denied' });
    rig.pass(500);
    expect(rig.effectsOf('see-books')).toEqual([]);
    userStream(rig, 'live');
    expect(rig.engine.trading().causes).toMatchObject([{ code: 'RECONCILIATION', level: 'REDUCING' }]);
    rig.pass(100);
    expect(rig.effectsOf('see-books')).toMatchObject([{ why: 'the account stream was away' }]);
    rig.reconciled({});
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('a comparison that began before the stream’s newest loss settles nothing of it', () => {
    const rig = new Rig().ready();
    rig.engine.dispatch({ kind: 'reconcile', why: 'asked for' });
    userStream(rig, 'down');
    userStream(rig, 'live');
    rig.reconciled({});
    expect(rig.engine.market.missedEvents).toBe(true);
    rig.pass(100);
    expect(rig.effectsOf('see-books')).toHaveLength(2);
    userStream(rig, 'down');
    rig.reconciled({});
    expect(rig.engine.market.missedEvents).toBe(true);
  });

  test('a clock that stepped back does not put it off', () => {
    const rig = new Rig().ready();
    rig.nowMs -= 3_600_000;
    rig.pass(100);
    expect(rig.effectsOf('see-books')).toHaveLength(1);
  });
});

describe('failures', () => {
  test('are tried again later each time; the third halts, and a success ends the halt', () => {
    const rig = new Rig().ready();
    rig.notReconciled();
    rig.notReconciled();
    expect(rig.engine.trading().level).toBe('ACTIVE');
    rig.notReconciled();
    expect(rig.engine.trading().causes).toMatchObject([{ code: 'RECONCILIATION', level: 'HALTED' }]);
    expect(rig.titles()).toContain('The books could not be compared');
    rig.effects = [];
    rig.pass(3900);
    expect(rig.effectsOf('see-books')).toEqual([]);
    rig.pass(200);
    expect(rig.effectsOf('see-books')).toMatchObject([{ why: 'again after a failure' }]);
    rig.reconciled({});
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('the policy may halt sooner', () => {
    const policy = policySchema.parse({ ...NORMAL, checks: { ...NORMAL.checks, reconcileFailuresToHalt: 1 } });
    const rig = new Rig({ policy }).ready();
    rig.notReconciled();
    expect(rig.engine.trading().level).toBe('HALTED');
  });
});

describe('what does not settle is capped and escalated', () => {
  const gap = (rig: Rig, round: number): void => {
    rig.reconciled({ balances: [balance('USDT', `${9000 - round}`)] });
  };

  test('balances that differ otherwise each time: asked again later each time, halted after ten readings, asked each minute from then on', () => {
    const rig = new Rig().ready();
    for (let round = 0; round < 9; round += 1) gap(rig, round);
    expect(rig.engine.trading().level).toBe('REDUCING');
    rig.effects = [];
    gap(rig, 9);
    expect(rig.engine.trading().causes).toMatchObject([
      { code: 'RECONCILIATION', level: 'HALTED', text: expect.stringContaining('USDT') as string },
    ]);
    expect(rig.titles()).toContain('The balances do not add up');
    rig.pass(59_000);
    expect(rig.effectsOf('see-books')).toEqual([]);
    rig.pass(2000);
    expect(rig.effectsOf('see-books')).toMatchObject([{ why: 'the balances still do not add up' }]);
    gap(rig, 10);
    expect(rig.titles().filter((title) => title === 'The balances do not add up')).toHaveLength(1);
    gap(rig, 10);
    expect(rig.of('balance.moved')).toMatchObject([{ delta: '-1010' }]);
    expect(rig.engine.market.unexplainedReadings).toBe(0);
    gap(rig, 10);
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('a difference that comes back with the same numbers halts, named, until a comparison is without it', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.execute(stated(order, { status: 'CANCELED' }));
    rig.pass(20_000);
    const stubborn = (): void => {
      rig.reconciled({ openOrders: [stated(order)] });
      rig.pass(25_000);
    };
    for (let round = 0; round < 3; round += 1) stubborn();
    expect(rig.engine.trading().level).toBe('ACTIVE');
    stubborn();
    expect(rig.engine.trading().causes).toMatchObject([
      { code: 'RECONCILIATION', level: 'HALTED', text: expect.stringContaining(order) as string },
    ]);
    stubborn();
    expect(rig.titles().filter((title) => title === 'A difference that no correction ends')).toHaveLength(1);
    expect(rig.restarted().engine.state.reconciliation.repeats.size).toBe(1);
    rig.reconciled({});
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('a round that had to leave questions keeps openings shut, and the rest is asked for ten seconds later', () => {
    const rig = new Rig().ready();
    rig.engine.dispatch({ kind: 'reconcile', why: 'test' });
    rig.effects = [];
    rig.reconciled({ left: 3 });
    expect(rig.engine.trading().causes).toMatchObject([{ code: 'RECONCILIATION', level: 'REDUCING' }]);
    rig.pass(9900);
    expect(rig.effectsOf('see-books')).toEqual([]);
    rig.pass(200);
    expect(rig.effectsOf('see-books')).toMatchObject([{ why: 'the rest of the books' }]);
    rig.reconciled({});
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('what was asked is not asked first again: the turn goes round', () => {
    const rig = new Rig().ready();
    const [first, second] = [rig.rest(), 'gone' as ClientOrderId];
    rig.engine.dispatch({ kind: 'reconcile', why: 'test' });
    rig.reconciled({ queries: new Map([first, second].map((one) => [one, { kind: 'absent' }])), asked: new Map([[BTC, 0]]) });
    expect([...rig.engine.market.ordersAskedAtMs.keys()]).toEqual([first, second]);
    const { tradesAskedAtMs } = rig.engine.market;
    expect([tradesAskedAtMs.get(BTC), tradesAskedAtMs.get(ETH)]).toEqual([rig.monoMs, 0]);
    rig.reconciled({});
    expect([...rig.engine.market.ordersAskedAtMs.keys()]).toEqual([first]);
  });

  test('a budget that is used up is waited for, not hurried', () => {
    const rig = new Rig().ready();
    rig.engine.dispatch({
      kind: 'books-seen',
      why: 'test',
      startedAtMs: rig.nowMs,
      result: fail({ kind: 'budget', code: null, text: 'no weight left this minute' }),
    });
    rig.pass(19_900);
    expect(rig.effectsOf('see-books')).toEqual([]);
    rig.pass(200);
    expect(rig.effectsOf('see-books')).toHaveLength(1);
  });

  test('a stream that comes and goes does not use up the minute: once half the weight is gone, comparisons keep apart', () => {
    const rig = new Rig().ready();
    const flap = (): void => {
      userStream(rig, 'down');
      userStream(rig, 'live');
      rig.pass(1000);
      if (rig.engine.market.reconciling !== null) rig.reconciled({});
    };
    for (let times = 0; times < 5; times += 1) flap();
    expect(rig.effectsOf('see-books')).toHaveLength(5);
    rig.tell({ kind: 'budget', budget: { ...(rig.engine.market.budget as BudgetReading), usedWeight: 2600 } });
    for (let times = 0; times < 60; times += 1) flap();
    expect(rig.effectsOf('see-books').length).toBeLessThanOrEqual(5 + 3);
    rig.pass(20_000);
    rig.reconciled({});
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('a return of the stream is looked at before a comparison that was planned for later', () => {
    const rig = new Rig().ready();
    rig.engine.dispatch({ kind: 'reconcile', why: 'test' });
    gap(rig, 0);
    gap(rig, 1);
    gap(rig, 2);
    gap(rig, 3);
    gap(rig, 4);
    rig.pass(100);
    userStream(rig, 'down');
    userStream(rig, 'live');
    rig.effects = [];
    rig.pass(100);
    expect(rig.effectsOf('see-books')).toMatchObject([{ why: 'the account stream was away' }]);
  });
});

describe('protection in a comparison', () => {
  test('is stated, told and kept in the history; it is the engine’s watch that acts', () => {
    const rig = new Rig().ready();
    rig.hold();
    rig.pass(100);
    (rig.engine.state.protections as unknown as Map<string, unknown>).set(BTC, { plan: { stopLoss: '48000' } });
    rig.reconciled({ balances: [balance('USDT', '9500'), balance('BTC', '0.01')] });
    expect(rig.engine.state.reconciliation.history[0]?.differences).toContainEqual(
      expect.objectContaining({ what: 'protection', key: BTC, action: 'to be protected' }),
    );
    expect(rig.titles()).toContain('The books differed');
  });
});

describe('what the window is told', () => {
  test('when the venue is asked next: as planned, or sooner', () => {
    const rig = new Rig().boot();
    const next = (): number | null => reconciliationView(rig.engine.state, rig.engine.market).nextAtMs;
    expect(next()).toBeNull();
    rig.reconciled({});
    expect(next()).toBe(rig.nowMs + 5 * 60_000);
    gap9000(rig);
    expect(next()).toBe(rig.nowMs + 1000);
    const view = reconciliationView(rig.engine.state, rig.engine.market);
    expect(reconciliationView(rig.engine.state, rig.engine.market)).toBe(view);
    expect(view.history).toMatchObject([{ why: 'test', total: 1, differences: [{ what: 'balance', key: 'USDT' }] }]);
  });
});

describe('balances that the stream kept to itself', () => {
  const asked = (rig: Rig) => rig.effectsOf('see-account');
  const seen = (rig: Rig, askedAtMs = rig.nowMs): void => {
    const balances = [balance('USDT', '9500'), balance('BTC', '0.01')];
    rig.engine.dispatch({ kind: 'account-seen', tripId: null, askedAtMs, result: ok({ canTrade: true, balances }) });
  };

  test('are asked for soon after the fill, and settle it', () => {
    const rig = new Rig().ready();
    const order = rig.hold();
    rig.pass(1400);
    expect(asked(rig)).toEqual([]);
    rig.pass(100);
    expect(asked(rig)).toEqual([{ kind: 'see-account', tripId: null }]);
    seen(rig);
    expect([free(rig, 'USDT'), free(rig, 'BTC')]).toEqual(['9500', '0.01']);
    expect(rig.engine.state.unsettled.has(order)).toBe(false);
    rig.pass(10_000);
    expect(asked(rig)).toHaveLength(1);
  });

  test('of an order that locks funds are asked for as well: what is free must not be shown wrong until the next comparison', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.effects = [];
    rig.pass(1600);
    expect(asked(rig)).toHaveLength(1);
    seen(rig);
    expect(rig.engine.state.unsettled.has(order)).toBe(false);
    rig.pass(10_000);
    expect(asked(rig)).toHaveLength(1);
  });

  test('are not asked for when the stream stated them; a lost answer is asked for again, a stream statement since then counts', () => {
    const rig = new Rig().ready();
    rig.hold();
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9500'), balance('BTC', '0.01')], venueTimeMs: START_MS + 1000 });
    rig.pass(3000);
    expect(asked(rig)).toEqual([]);
    rig.hold({ timeMs: START_MS + 9000 });
    rig.pass(1600);
    rig.engine.dispatch({ kind: 'account-seen', tripId: null, askedAtMs: rig.nowMs, result: fail(DOWN) });
    const askedAtMs = rig.nowMs;
    rig.pass(5000);
    expect(asked(rig)).toHaveLength(2);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9000')], venueTimeMs: START_MS + 9000 });
    seen(rig, askedAtMs);
    expect([free(rig, 'USDT'), free(rig, 'BTC')]).toEqual(['9000', '0.01']);
  });
});

describe('what an answer makes true', () => {
  test('a difference is taken over and told once the session has its first comparison', () => {
    const rig = new Rig().ready();
    rig.reconciled({ balances: [balance('USDT', '9000'), balance('BTC', '0.5')] });
    expect(free(rig, 'USDT')).toBe('9000');
    expect(rig.engine.state.reconciliation.differences).toMatchObject([
      { what: 'balance', key: 'USDT', local: '10000', venue: '9000' },
      { key: 'BTC', local: '0', venue: '0.5' },
    ]);
    expect(rig.titles()).toEqual(['The books differed']);
  });

  test('a balance that the stream stated after the question stays as the stream said', () => {
    const rig = new Rig().ready();
    const askedAtMs = rig.nowMs;
    rig.pass(100);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9500')], venueTimeMs: rig.nowMs });
    rig.reconciled({ balances: [balance('USDT', '10000'), balance('BTC', '1')] }, askedAtMs);
    expect(free(rig, 'USDT')).toBe('9500');
    expect(free(rig, 'BTC')).toBe('1');
  });

  test('a full statement settles what the orders of then had locked, and nothing of an order that came later', () => {
    const rig = new Rig().ready();
    const early = rig.rest();
    rig.pass(600);
    const askedAtMs = rig.nowMs;
    rig.pass(100);
    const late = rig.send();
    rig.answer(late, { kind: 'accepted', order: stated(late, { timeMs: START_MS + 5000 }), fills: [] });
    rig.reconciled({ openOrders: [stated(early), stated(late)] }, askedAtMs);
    expect([...rig.engine.state.unsettled]).toEqual([late]);
  });

  test('an orphan there is adopted with what was filled of it asked for; during a stop it dies', () => {
    const rig = new Rig().ready();
    rig.reconciled({ openOrders: [stated('phone', { status: 'PARTIALLY_FILLED', filledQty: '0.004' })] });
    expect(rig.order('phone').origin).toBe('foreign');
    expect(rig.effectsOf('query')).toMatchObject([{ clientOrderId: 'phone' }]);
    rig.trip();
    rig.effects = [];
    rig.reconciled({ openOrders: [stated('phone', { status: 'PARTIALLY_FILLED', filledQty: '0.004' }), stated('other')] });
    expect(rig.effectsOf('cancel').map((effect) => effect.clientOrderId)).toContain('other');
  });

  test('an orphan on a symbol that is not traded here is named each time and left alone', () => {
    const rig = new Rig().ready();
    rig.reconciled({ openOrders: [stated('phone', { symbol: 'ETHBTC' })] });
    expect(rig.engine.state.orders.size).toBe(0);
    expect(rig.engine.state.reconciliation.differences).toMatchObject([
      { key: 'phone', action: 'left alone: this console does not trade it' },
    ]);
    expect(rig.titles()).toEqual([]);
  });

  test('an orphan here ends by the venue’s word, or by absence once that is proof', () => {
    const rig = new Rig().ready();
    const gone = rig.rest();
    rig.pass(600);
    const lost = rig.send();
    rig.lose(lost);
    rig.pass(600);
    const young = rig.rest();
    const absent = { kind: 'absent' } as const;
    const queries = new Map<ClientOrderId, QueryOutcome>([
      [gone, { kind: 'found', order: stated(gone, { status: 'CANCELED' }) }],
      [lost, absent],
      [young, absent],
    ]);
    const ask = (): void => rig.reconciled({ queries });
    ask();
    expect([gone, lost, young].map((one) => rig.order(one).status)).toEqual(['CANCELED', 'UNKNOWN', 'ACCEPTED']);
    rig.pass(16_000);
    ask();
    expect([lost, young].map((one) => rig.order(one).status)).toEqual(['REJECTED', 'CANCELED']);
  });

  test('a missed fill is recovered, once', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    const trades = [{ ...fillOf('t1', '0.01'), symbol: BTC, venueOrderId: stated(order).venueOrderId }];
    rig.pass(100);
    rig.reconciled({
      trades,
      queries: new Map([[order, { kind: 'found', order: stated(order, { status: 'FILLED', filledQty: '0.01' }) }]]),
    });
    rig.reconciled({ trades });
    expect(rig.order(order).status).toBe('FILLED');
    expect(rig.of('order.filled')).toMatchObject([{ tradeId: 't1', via: 'recovery' }]);
  });

  test('trades alone do not end an order: what became of it is asked, for nobody else may tell (Q5; found by simulation)', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.effects = [];
    rig.reconciled({ trades: [{ ...fillOf('t1', '0.01'), symbol: BTC, venueOrderId: stated(order).venueOrderId }] });
    expect(rig.order(order)).toMatchObject({ status: 'PARTIALLY_FILLED' });
    expect(rig.effectsOf('query')).toMatchObject([{ clientOrderId: order }]);
  });

  test('an order that ended long ago and is open there after all is cancelled, not adopted', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.execute(stated(order, { status: 'CANCELED' }));
    rig.effects = [];
    rig.reconciled({ openOrders: [stated(order)] });
    expect(rig.effectsOf('cancel')).toEqual([]);
    rig.pass(16_000);
    rig.effects = [];
    rig.reconciled({ openOrders: [stated(order)] });
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: order }]);
    expect(rig.titles()).toContain('An order that should not exist');
  });

  test('a balance that differs by less than 0.01 % is equal, and is taken over all the same', () => {
    const rig = new Rig().ready();
    rig.reconciled({ balances: [balance('USDT', '10000.5')] });
    expect(rig.engine.state.reconciliation.differences).toEqual([]);
    expect(free(rig, 'USDT')).toBe('10000.5');
  });
});
