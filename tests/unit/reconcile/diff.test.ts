// The pure difference (REQUIREMENTS I): both sides' orphans, missed fills, balances; and what it leaves alone because it may be newer.
import { describe, expect, test } from 'vitest';
import { diff, ordersToAskFor, provesAbsence, strangeTrades } from '../../../src-main/reconcile/diff.ts';
import type { VenueBooks } from '../../../src-main/reconcile/diff.ts';
import type { ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import { balance, fillOf, NO_BOOKS, Rig, stated } from '../../support/engine-rig.ts';
import { BTC } from '../../support/sim.ts';

const TRACKED: ReadonlySet<SymbolId> = new Set([BTC]);
const books = (changes: Partial<VenueBooks> = {}): VenueBooks => ({ ...NO_BOOKS, balances: [balance('USDT', '10000')], ...changes });
const plan = (rig: Rig, changes: Partial<VenueBooks> = {}, askedAtMs = rig.nowMs + 1, touched: readonly string[] = []) =>
  diff(rig.engine.state, books(changes), askedAtMs, TRACKED, new Set(touched));

describe('local orders that the venue does not list', () => {
  test('are asked for one by one, but for those that never left and those that changed since', () => {
    const rig = new Rig().ready();
    const listed = rig.rest();
    rig.pass(600);
    const missing = rig.rest();
    rig.pass(600);
    const intended = rig.intend();
    const { state } = rig.engine;
    expect(ordersToAskFor(state, [stated(listed)], rig.nowMs + 1).map((order) => order.clientOrderId)).toEqual([missing]);
    expect(ordersToAskFor(state, [], rig.order(missing).updatedAtMs)).toHaveLength(1);
    expect(provesAbsence(rig.order(intended), Number.MAX_SAFE_INTEGER)).toBe(false);
  });

  test('a lost answer to the question ends nothing', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    const failed = { kind: 'failed', failure: { kind: 'late', code: null, text: '' } } as const;
    expect(plan(rig, { queries: new Map([[order, failed]]) }, rig.nowMs + 60_000)).toMatchObject({
      absent: [],
      resolutions: [],
      differences: [],
    });
  });

  test('what the stream ended meanwhile is left alone', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    rig.execute(stated(order, { status: 'CANCELED' }));
    expect(plan(rig, { queries: new Map([[order, { kind: 'absent' }]]) }).absent).toEqual([]);
  });
});

describe('orders that the venue lists', () => {
  test('equal ones are no difference; more filled there is one, and brings its trades', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    expect(plan(rig, { openOrders: [stated(order)] })).toMatchObject({ differences: [], resolutions: [] });
    const partly = stated(order, { status: 'PARTIALLY_FILLED', filledQty: '0.004' });
    const trade = { ...fillOf('t1', '0.004'), symbol: BTC, venueOrderId: partly.venueOrderId };
    expect(plan(rig, { openOrders: [partly], trades: [trade] })).toMatchObject({
      differences: [{ what: 'order', key: order }],
      resolutions: [{ venue: partly, fills: [{ tradeId: 't1' }] }],
    });
  });

  test('an exit that waited for its entry and came to life unheard is brought up; one that still waits is no difference', () => {
    const rig = new Rig().ready();
    rig.execute(stated('exit', { status: 'PENDING_NEW', side: 'SELL' }));
    expect(rig.order('exit').pending).toBe(true);
    rig.pass(100);
    const waiting = stated('exit', { status: 'PENDING_NEW', side: 'SELL' });
    expect(plan(rig, { openOrders: [waiting] })).toMatchObject({ differences: [], resolutions: [] });
    const awake = stated('exit', { side: 'SELL' });
    expect(plan(rig, { openOrders: [awake] })).toMatchObject({
      differences: [{ local: 'waiting for its entry, filled 0', venue: 'NEW, filled 0', action: 'brought up to the exchange' }],
      resolutions: [{ venue: awake }],
    });
    rig.reconciled({ openOrders: [awake] });
    expect(rig.order('exit').pending).toBe(false);
  });

  test('a list that is older than what the stream told is no difference', () => {
    const rig = new Rig().ready();
    const askedAtMs = rig.nowMs;
    rig.pass(100);
    const order = rig.rest();
    rig.execute(stated(order, { status: 'PARTIALLY_FILLED', filledQty: '0.004' }), fillOf('t1', '0.004'));
    expect(plan(rig, { openOrders: [stated(order)] }, askedAtMs).differences).toEqual([]);
  });

  test('a program’s reused name is a new order', () => {
    const rig = new Rig().ready();
    rig.execute(stated('bot'));
    rig.execute(stated('bot', { status: 'CANCELED' }));
    expect(plan(rig, { openOrders: [stated('bot', { venueOrderId: 'second' })] }).adoptions).toHaveLength(1);
  });
});

describe('balances', () => {
  test('what differs by more than 0.01 % is named, on both sides', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('ETH', '1')] }).ready();
    const found = plan(rig, { balances: [balance('USDT', '9998', '1.5'), balance('BTC', '0.1')] }).differences;
    expect(found.map(({ key, local, venue }) => [key, local, venue])).toEqual([
      ['ETH', '1', '0'],
      ['BTC', '0', '0.1'],
    ]);
  });

  test('the statement is whole only when the stream stated nothing since', () => {
    const rig = new Rig().ready();
    expect(plan(rig).balances.full).toBe(true);
    expect(plan(rig, { balances: [balance('USDT', '1'), balance('BTC', '1')] }, rig.nowMs, ['USDT'])).toMatchObject({
      balances: { full: false, entries: [{ asset: 'BTC' }] },
      differences: [{ key: 'BTC' }],
    });
  });
});

test('trades of orders that nobody here placed are not ours', () => {
  const rig = new Rig().ready();
  const order = rig.rest();
  const stranger = { ...fillOf('t9', '1'), symbol: BTC, venueOrderId: 'stranger' as never };
  const elsewhere = { ...fillOf('t8', '1'), symbol: 'ETHUSDT' as SymbolId, venueOrderId: stated(order).venueOrderId };
  expect(plan(rig, { openOrders: [stated(order)], trades: [stranger, elsewhere] }).resolutions).toEqual([]);
});

test('a stranger whose trades are not at hand is adopted, and the rest is asked for', () => {
  const rig = new Rig().ready();
  const phone = stated('phone', { status: 'FILLED', filledQty: '0.01' });
  expect(plan(rig, { strangers: [phone] }).adoptions).toEqual([{ venue: phone, fills: [] }]);
});

test('no stranger’s: trades of an order that a query found, from before the account was stated, or of a symbol that was not asked for', () => {
  const rig = new Rig().ready();
  const order = rig.send();
  const found = stated(order, { status: 'FILLED', filledQty: '0.01' });
  const trade = (symbol: SymbolId, timeMs: number) => ({ ...fillOf('t', '0.01', { timeMs }), symbol, venueOrderId: found.venueOrderId });
  const strange = (trades: VenueBooks['trades'], queries: VenueBooks['queries'] = new Map()) =>
    strangeTrades(rig.engine.state, { openOrders: [], queries, trades, asked: new Map() });
  const outcomes = new Map([
    [order, { kind: 'found', order: found } as const],
    ['other' as ClientOrderId, { kind: 'absent' } as const],
  ]);
  expect(strange([trade(BTC, rig.nowMs)])).toHaveLength(1);
  expect(strange([trade(BTC, rig.nowMs)], outcomes)).toEqual([]);
  expect(strange([trade(BTC, 5)])).toEqual([]);
  expect(strange([trade('XYZUSDT' as SymbolId, rig.nowMs)])).toEqual([]);
});
