// Reconciliation inside the engine (REQUIREMENTS I): when the venue is asked, what an answer settles, and when trading halts.
import { describe, expect, test } from 'vitest';
import type { QueryOutcome } from '../../../src-main/venue/port.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { balance, DOWN, fillOf, Rig, stated } from '../../support/engine-rig.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { policySchema } from '../../../src-shared/policy/schema.ts';
import { BTC, START_MS } from '../../support/sim.ts';

const free = (rig: Rig, asset: string): string | undefined => rig.engine.state.balances.get(asset as never)?.free.toFixed();
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
