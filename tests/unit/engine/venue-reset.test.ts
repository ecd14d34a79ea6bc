// A venue that has forgotten everything (REQUIREMENTS I): a reset and no loss on testnet and practice, an alarm on mainnet; on proof only.
import { describe, expect, test } from 'vitest';
import { dayPnlOf, equityOf } from '../../../src-main/engine/equity.ts';
import type { VenueBooks } from '../../../src-main/reconcile/diff.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import type { Mode } from '../../../src-shared/domain/mode.ts';
import { balance, fillOf, Rig, stated } from '../../support/engine-rig.ts';
import { certify } from '../../support/ladder.ts';
import { BTC } from '../../support/sim.ts';
import { replayed, stateText } from '../../support/state-text.ts';

const AFTER_MS = 5000;
const NEW_ACCOUNT = [balance('USDT', '7000'), balance('BTC', '1')];
const pnl = (rig: Rig): string | undefined => dayPnlOf(rig.engine.state, equityOf(rig.engine.state, rig.engine.market))?.toFixed();
const causes = (rig: Rig) => rig.engine.trading().causes;

interface World {
  readonly rig: Rig;
  readonly open: ClientOrderId;
  readonly bought: ClientOrderId;
}

/** Holds 0.01 BTC and has an order open, both confirmed long ago; 100 USDT were lost today. */
const world = (mode: Mode = 'testnet'): World => {
  const rig = new Rig().boot();
  rig.engine.dispatch({ kind: 'session', mode, account: 'main', version: 'test' });
  rig.reconciled({});
  rig.engine.dispatch({ kind: 'self-test', items: [] });
  certify(rig.engine);
  rig.pass(100);
  const bought = rig.hold({ price: '60000' });
  rig.pass(600);
  const open = rig.rest({ qty: '0.005' });
  rig.tell({ kind: 'balances', entries: [balance('USDT', '9150', '250'), balance('BTC', '0.01')], venueTimeMs: rig.nowMs });
  rig.pass(20_000);
  rig.effects = [];
  return { rig, open, bought };
};

/** What a venue that began anew answers: it knows none of these. */
const forgotten = ({ open, bought }: World, changes: Partial<VenueBooks> = {}): Partial<VenueBooks> => ({
  balances: NEW_ACCOUNT,
  trades: [],
  queries: new Map([[open, { kind: 'absent' }]]),
  probes: new Map([
    [open, null],
    [bought, null],
  ]),
  ...changes,
});
const proven = (mode: Mode = 'testnet'): World => {
  const one = world(mode);
  one.rig.reconciled(forgotten(one, { probes: new Map() }));
  one.rig.pass(AFTER_MS);
  one.rig.reconciled(forgotten(one));
  return one;
};

describe('one reading that knows nothing of ours', () => {
  test('halts, is told, and changes nothing: no order ends, no position is cut, no deposit is booked', () => {
    const one = world();
    const { rig, open } = one;
    const before = rig.engine.state.seq;
    rig.reconciled(forgotten(one));
    expect(rig.facts.filter(({ seq }) => seq > before).map(({ fact }) => fact.kind)).toEqual(['reconcile.failed']);
    expect(rig.order(open).status).toBe('ACCEPTED');
    expect(causes(rig)).toMatchObject([
      { code: 'RECONCILIATION', level: 'HALTED', text: expect.stringContaining('it was reset') as string },
    ]);
    expect(rig.titles()).toEqual(['The exchange has forgotten our orders']);
    expect(rig.place()).toMatchObject({ kind: 'denied' });
  });

  test('is asked again five seconds later, and that alone is no proof when it comes sooner or without the orders by number', () => {
    const one = world();
    const { rig } = one;
    rig.reconciled(forgotten(one));
    rig.pass(AFTER_MS - 200);
    expect(rig.effectsOf('see-books')).toEqual([]);
    rig.reconciled(forgotten(one));
    rig.pass(300);
    rig.reconciled(forgotten(one, { probes: new Map() }));
    expect(rig.of('venue.reset')).toEqual([]);
    expect(rig.titles()).toHaveLength(1);
    rig.pass(60_000);
    expect(rig.effectsOf('see-books').length).toBeGreaterThan(0);
  });

  test('is forgiven when one of ours is known after all', () => {
    const one = world();
    const { rig, open } = one;
    rig.reconciled(forgotten(one));
    rig.pass(AFTER_MS);
    const trades = [{ ...fillOf(`buy-${one.bought}`, '0.01'), symbol: BTC, venueOrderId: stated(one.bought).venueOrderId }];
    rig.reconciled({
      balances: [balance('USDT', '9150', '250'), balance('BTC', '0.01')],
      openOrders: [stated(open, { qty: '0.005' })],
      trades,
    });
    expect(rig.of('venue.reset')).toEqual([]);
    expect(causes(rig)).toEqual([]);
    expect(rig.engine.state.positions.size).toBe(1);
  });
});

test('books that may only lag behind what is young book no movement and cut no position', () => {
  const rig = new Rig().ready();
  const bought = rig.hold();
  rig.pass(100);
  for (let reading = 0; reading < 3; reading += 1) rig.reconciled({ balances: NEW_ACCOUNT, trades: [] });
  expect(rig.of('balance.moved')).toEqual([]);
  expect(rig.of('reconcile.failed')).toEqual([]);
  expect(rig.engine.trading().level).toBe('REDUCING');
  rig.pass(20_000);
  rig.reconciled({ balances: NEW_ACCOUNT, trades: [] });
  rig.pass(AFTER_MS);
  rig.reconciled({ balances: NEW_ACCOUNT, trades: [], probes: new Map([[bought, null]]) });
  expect(rig.of('venue.reset')).toHaveLength(1);
  expect(rig.of('position.corrected')).toEqual([]);
});

describe('two readings that agree, on testnet and practice', () => {
  test.each(['testnet', 'practice'] as const)('%s: orders end, positions close without profit or loss, and trading goes on', (mode) => {
    const { rig, open } = proven(mode);
    expect(rig.order(open)).toMatchObject({ status: 'CANCELED', reason: 'the exchange was reset', venueOrderId: null });
    expect(rig.of('order.ended').at(-1)).toMatchObject({ clientOrderId: open, proof: 'venue-reset' });
    const { state } = rig.engine;
    expect(state.openOrders.size + state.positions.size + state.unsettled.size).toBe(0);
    expect(state.realisedUsdt.toFixed()).toBe('0');
    expect(rig.of('balance.moved')).toEqual([]);
    expect(rig.titles()).toEqual(['The exchange has forgotten our orders', 'The exchange was reset']);
    expect(causes(rig)).toEqual([]);
    expect(rig.place()).toMatchObject({ kind: 'placed' });
  });

  test('balances, ledger and the day’s opening are stated anew, and today’s loss before the reset stays today’s loss (C4)', () => {
    const one = world();
    expect(pnl(one.rig)).toBe('-100');
    const { rig } = proven();
    const { state } = rig.engine;
    expect([...state.balances.keys()]).toEqual(['USDT', 'BTC']);
    expect(Object.fromEntries([...(state.ledger?.totals ?? [])].map(([asset, total]) => [asset, total.toFixed()]))).toEqual({
      USDT: '7000',
      BTC: '1',
    });
    // 7000 and 1 BTC at 50000, and the 100 that were lost before.
    expect(state.day?.openingEquityUsdt.toFixed()).toBe('57100');
    expect(state.day?.netDepositsUsdt.toFixed()).toBe('0');
    expect(pnl(rig)).toBe('-100');
  });

  test('the differences name every order, position and balance, and stay in the history', () => {
    const { rig, open } = proven();
    const rows = rig.engine.state.reconciliation.history[0]?.differences ?? [];
    expect(rows.map(({ what, key, action }) => `${what} ${key}: ${action}`)).toEqual([
      `order ${open}: ended: the exchange was reset`,
      'position BTCUSDT: closed without profit or loss',
      'balance USDT: stated anew: no deposit and no loss',
      'balance BTC: stated anew: no deposit and no loss',
    ]);
  });

  test('a replay gives the same state, and the next comparison finds nothing', () => {
    const { rig } = proven();
    rig.pass(1000);
    expect(rig.effectsOf('see-books').at(-1)).toMatchObject({ why: 'after the reset of the exchange' });
    rig.pass(20_000);
    rig.reconciled({ balances: NEW_ACCOUNT });
    expect(rig.engine.state.reconciliation).toMatchObject({ differences: [], failures: 0 });
    expect(rig.engine.market.resetSuspect).toBeNull();
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('the venue’s numbers begin anew: a stranger’s trade under an old order’s number is a stranger’s', () => {
    const { rig, bought } = proven();
    rig.pass(1000);
    const { venueOrderId } = stated(bought);
    const phone = stated('phone', { venueOrderId, side: 'BUY', venueType: 'MARKET', price: '0', status: 'FILLED', filledQty: '0.01' });
    const trade = { ...fillOf('1', '0.01', { timeMs: rig.nowMs }), symbol: BTC, venueOrderId };
    rig.reconciled({ balances: [balance('USDT', '6500'), balance('BTC', '1.01')], trades: [trade], strangers: [phone] });
    expect(rig.order('phone')).toMatchObject({ origin: 'foreign', status: 'FILLED' });
    expect(rig.order(bought).fills).toHaveLength(1);
    expect(rig.engine.state.positions.get(BTC)?.qty.toFixed()).toBe('0.01');
  });

  test('an order whose answer was lost is left to its own proof; one that the stream spoke of since keeps the stream’s balance', () => {
    const one = world();
    const { rig } = one;
    rig.pass(600);
    const lost = rig.send({ qty: '0.003' });
    rig.lose(lost);
    rig.pass(20_000);
    rig.reconciled(forgotten(one));
    rig.pass(AFTER_MS);
    const askedAtMs = rig.nowMs;
    rig.tell({ kind: 'balances', entries: [balance('USDT', '6999')], venueTimeMs: rig.nowMs });
    rig.reconciled(forgotten(one), askedAtMs);
    expect(rig.of('venue.reset')).toHaveLength(1);
    expect(rig.order(lost).status).toBe('UNKNOWN');
    expect(rig.engine.state.balances.get('USDT' as never)?.free.toFixed()).toBe('6999');
  });

  test('an account without the coins that were held, and with some that nobody here prices', () => {
    const one = world();
    const { rig } = one;
    const balances = [balance('USDT', '7000'), balance('XYZ', '3')];
    rig.reconciled(forgotten(one, { balances, probes: new Map() }));
    rig.pass(AFTER_MS);
    rig.reconciled(forgotten(one, { balances }));
    expect(rig.of('venue.reset')).toMatchObject([{ openingEquityUsdt: '7100' }]);
    expect(rig.engine.state.reconciliation.differences).toContainEqual(
      expect.objectContaining({ what: 'position', key: BTC, local: '0.01', venue: '0' }),
    );
  });

  test('an account that was never stated whole is stated now', () => {
    const rig = new Rig().boot();
    rig.engine.dispatch({ kind: 'session', mode: 'testnet', account: 'main', version: 'test' });
    const askedAtMs = rig.nowMs;
    rig.tell({ kind: 'balances', entries: [balance('USDT', '10000')], venueTimeMs: rig.nowMs });
    rig.reconciled({}, askedAtMs);
    rig.engine.dispatch({ kind: 'self-test', items: [] });
    rig.pass(100);
    const bought = rig.hold();
    rig.pass(20_000);
    expect(rig.engine.state.ledger).toBeNull();
    const books = { balances: [balance('USDT', '7000')], trades: [] };
    rig.reconciled(books);
    rig.pass(AFTER_MS);
    rig.reconciled({ ...books, probes: new Map([[bought, null]]) });
    expect(rig.of('venue.reset')).toMatchObject([{ openingEquityUsdt: null }]);
    expect(rig.engine.state.ledger?.totals.get('USDT' as never)?.toFixed()).toBe('7000');
    rig.pass(200);
    expect(rig.of('day.opened').at(-1)).toMatchObject({ equityUsdt: '7000' });
  });

  test('without a price of what is held the day opens anew once there is one', () => {
    const one = world();
    one.rig.reconciled(forgotten(one));
    const next = one.rig.restarted();
    next.engine.dispatch({ kind: 'session', mode: 'testnet', account: 'main', version: 'test' });
    next.engine.dispatch({ kind: 'instruments', instruments: [...one.rig.engine.market.instruments.values()] });
    next.reconciled(forgotten(one));
    next.nowMs += AFTER_MS;
    next.monoMs += AFTER_MS;
    next.reconciled(forgotten(one));
    expect(next.of('venue.reset')).toMatchObject([{ openingEquityUsdt: null }]);
    expect(next.engine.state.day).toBeNull();
    for (const stream of ['market', 'user'] as const) next.tell({ kind: 'stream', stream, status: 'live', text: '' });
    next.engine.dispatch({ kind: 'policy', policy: one.rig.engine.state.policy as never, version: 1, by: 'test', why: 'start' });
    next.pass(100);
    expect(next.of('day.opened').at(-1)).toMatchObject({ equityUsdt: '57000' });
  });
});

test('on mainnet it is an alarm that stays, however often it is read, and it is not asked for without end', () => {
  const { rig, open } = proven('mainnet');
  for (let minute = 0; minute < 10; minute += 1) {
    rig.pass(60_000);
    rig.reconciled(forgotten({ rig, open, bought: open }));
  }
  expect(rig.of('venue.reset')).toEqual([]);
  expect(rig.order(open).status).toBe('ACCEPTED');
  expect(causes(rig)).toContainEqual(
    expect.objectContaining({ level: 'HALTED', text: expect.stringContaining('A live exchange does not forget') as string }),
  );
  expect(rig.effectsOf('see-books').length).toBeLessThan(15);
});

test('an emergency stop goes on while a reset is suspected', () => {
  const one = world();
  one.rig.reconciled(forgotten(one));
  one.rig.trip();
  expect(one.rig.effectsOf('cancel-all')).toHaveLength(3);
});
