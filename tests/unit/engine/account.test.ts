// Money and fills that nobody told of (C4, I): booked on two readings that agree, never on one; positions follow what the venue holds.
import { describe, expect, test } from 'vitest';
import { strangeTrades } from '../../../src-main/reconcile/diff.ts';
import { dayPnlOf, equityOf } from '../../../src-main/engine/equity.ts';
import { roundNotesOf } from '../../../src-main/engine/market.ts';
import { tradesOfRound } from '../../../src-main/reconcile/rounds.ts';
import type { RigOptions } from '../../support/engine-rig.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { BTC, ETH } from '../../support/sim.ts';
import { replayed, stateText } from '../../support/state-text.ts';

const HELD: RigOptions = { balances: [balance('USDT', '9500'), balance('BTC', '0.01')] };
const usdt = (total: string) => ({ balances: [balance('USDT', total)] });
const pnl = (rig: Rig): string | undefined => dayPnlOf(rig.engine.state, equityOf(rig.engine.state, rig.engine.market))?.toFixed();
/** A restart that has compared its books with these. */
const again = (rig: Rig, books: Parameters<Rig['reconciled']>[0]): Rig => {
  const next = rig.restarted().boot();
  next.reconciled(books);
  next.engine.dispatch({ kind: 'self-test', items: [] });
  return next;
};
const trade = (tradeId: string, qty: string, venueOrderId: string, changes: Record<string, unknown> = {}) => ({
  ...fillOf(tradeId, qty, { timeMs: 9_999_999_999_999, ...changes }),
  symbol: BTC,
  venueOrderId: venueOrderId as never,
});
/** Holds 0.01 BTC, with the account stated after it. */
const holding = (): Rig => {
  const rig = new Rig().ready();
  rig.hold();
  rig.pass(100);
  rig.reconciled(HELD);
  rig.pass(100);
  return rig;
};

describe('a deposit or withdrawal that is told in two events', () => {
  const move = (rig: Rig, delta: string): void =>
    rig.tell({ kind: 'balance-moved', asset: 'USDT' as never, delta: delta as never, venueTimeMs: rig.nowMs });
  const state = (rig: Rig, total: string): void =>
    rig.tell({ kind: 'balances', entries: [balance('USDT', total)], venueTimeMs: rig.nowMs });

  test('C4: a withdrawal hides no loss between the word of it and the balance that shows it, in either order', () => {
    const rig = new Rig().ready();
    rig.pass(100);
    state(rig, '9700');
    expect(pnl(rig), 'a loss of 300').toBe('-300');
    rig.pass(100);
    move(rig, '-4000');
    expect(pnl(rig), 'announced, and not shown yet').toBe('-300');
    state(rig, '5700');
    expect(pnl(rig), 'shown').toBe('-300');
    rig.pass(100);
    state(rig, '4700');
    expect(pnl(rig), 'shown first: a loss until it is told').toBe('-1300');
    move(rig, '-1000');
    expect(pnl(rig)).toBe('-300');
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });

  test('C4: a deposit hides no loss either; until its balance is there the loss shows too large', () => {
    const rig = new Rig().ready();
    rig.pass(100);
    move(rig, '2000');
    expect(pnl(rig)).toBe('-2000');
    state(rig, '12000');
    expect(pnl(rig)).toBe('0');
  });

  test('C4: books that are compared end what was announced and never shown', () => {
    const rig = new Rig().ready();
    rig.pass(100);
    move(rig, '-500');
    rig.reconciled(usdt('9500'));
    expect(pnl(rig)).toBe('0');
    expect(rig.engine.state.movesAhead.size).toBe(0);
  });
});

/** Nobody has quoted ether yet. */
class WithoutEther extends Rig {
  override quotes(): void {
    this.tell({ kind: 'quote', symbol: BTC, bid: '49999' as never, ask: '50001' as never });
  }
}

test('C4: a coin that comes before its first quote is no profit once it is quoted; until it is booked nothing is opened', () => {
  const rig = new WithoutEther().ready();
  rig.pass(100);
  const told = { kind: 'balance-moved', asset: 'ETH' as never, delta: '4' as never, venueTimeMs: rig.nowMs } as const;
  rig.tell(told);
  rig.tell(told);
  rig.tell({ kind: 'balances', entries: [balance('ETH', '4')], venueTimeMs: rig.nowMs });
  rig.pass(2000);
  expect(rig.of('balance.moved')).toEqual([]);
  expect(rig.effectsOf('see-books')).not.toEqual([]);
  rig.tell({ kind: 'quote', symbol: ETH, bid: '2499' as never, ask: '2501' as never });
  rig.pass(100);
  expect(rig.engine.trading()).toMatchObject({ level: 'REDUCING', causes: [{ code: 'RECONCILIATION' }] });
  const books = { balances: [balance('USDT', '10000'), balance('ETH', '4')] };
  rig.reconciled(books, rig.nowMs + 1);
  rig.pass(100);
  rig.reconciled(books, rig.nowMs + 1);
  expect(rig.of('balance.moved')).toMatchObject([{ asset: 'ETH', delta: '4', deltaUsdt: '10000' }]);
  expect(pnl(rig)).toBe('0');
  expect(rig.engine.trading().level).toBe('ACTIVE');
});

describe('a deposit or withdrawal that no event told of', () => {
  test.each([
    ['11000', '1000', 'booked as a deposit'],
    ['8000', '-2000', 'booked as a withdrawal'],
  ])('while the console was off: %s USDT are no profit and no loss, and it is said', (total, delta, action) => {
    const rig = new Rig().ready();
    const next = again(rig, usdt(total));
    expect(next.engine.state.reconciliation.differences).toMatchObject([{ what: 'balance', key: 'USDT', local: '10000', venue: total }]);
    expect(next.engine.trading().causes).toMatchObject([
      { code: 'RECONCILIATION', level: 'REDUCING', text: expect.stringContaining(delta) },
    ]);
    expect(next.place()).toMatchObject({ kind: 'denied' });
    expect(next.of('balance.moved')).toEqual([]);
    next.pass(1000);
    expect(next.effectsOf('see-books')).toMatchObject([{ why: 'the balances do not add up yet' }]);
    next.reconciled(usdt(total));
    expect(next.of('balance.moved')).toMatchObject([{ asset: 'USDT', delta, deltaUsdt: delta }]);
    expect(next.engine.state.reconciliation.differences).toMatchObject([{ key: 'USDT', action }]);
    expect(next.titles()).toContain('The books differed');
    expect(pnl(next)).toBe('0');
    expect(next.engine.trading().level).toBe('ACTIVE');
    expect(stateText(replayed(next.facts))).toBe(stateText(next.engine.state));
  });

  test('what the next reading explains is not invented: an event that came late, a fill, a gap of another size', () => {
    const rig = new Rig().ready();
    rig.reconciled(usdt('11000'));
    rig.tell({ kind: 'balance-moved', asset: 'USDT' as never, delta: '1000' as never, venueTimeMs: rig.nowMs });
    rig.reconciled(usdt('11000'));
    expect(rig.of('balance.moved')).toHaveLength(1);
    expect(rig.engine.market.unexplained.size).toBe(0);
    const order = rig.send();
    rig.reconciled(usdt('10500'));
    rig.execute(stated(order, { status: 'FILLED', filledQty: '0.01' }), fillOf('t', '0.01'));
    rig.pass(100);
    rig.reconciled({ balances: [balance('USDT', '10500'), balance('BTC', '0.01')] });
    rig.reconciled({ balances: [balance('USDT', '10600'), balance('BTC', '0.01')] });
    rig.reconciled({ balances: [balance('USDT', '10700'), balance('BTC', '0.01')] });
    expect(rig.of('balance.moved')).toHaveLength(1);
    expect([...rig.engine.market.unexplained.keys()]).toEqual(['USDT']);
  });

  test('nothing is booked while an order is in doubt, nor for an asset of which the stream said more since', () => {
    const rig = new Rig().ready();
    rig.lose(rig.send());
    rig.pass(100);
    for (let count = 0; count < 3; count += 1) rig.reconciled(usdt('9500'));
    const quiet = new Rig().ready();
    quiet.reconciled(usdt('9500'));
    const askedAtMs = quiet.nowMs;
    quiet.tell({ kind: 'balances', entries: [balance('USDT', '9500')], venueTimeMs: quiet.nowMs });
    quiet.reconciled(usdt('9500'), askedAtMs);
    for (const one of [rig, quiet]) {
      expect(one.of('balance.moved')).toEqual([]);
      expect(one.engine.market.unexplained.get('USDT' as never)?.toFixed()).toBe('-500');
    }
  });

  test('the first comparison of a journal is no difference, and a new day opens with what came before it', () => {
    const rig = new Rig().ready();
    expect(rig.engine.state.reconciliation.differences).toEqual([]);
    rig.nowMs += 24 * 3_600_000;
    const next = again(rig, usdt('11000'));
    next.pass(100);
    expect(next.of('day.opened')).toHaveLength(1);
    next.reconciled(usdt('11000'));
    next.pass(1200);
    expect(next.of('day.opened').at(-1)?.equityUsdt).toBe('11000');
    expect(pnl(next)).toBe('0');
  });

  test('an asset that is traded here waits for its price; one that has none here is booked without', () => {
    const rig = new Rig().ready();
    const next = rig.restarted();
    next.engine.dispatch({ kind: 'session', mode: 'practice', account: 'main', version: 'test' });
    next.engine.dispatch({ kind: 'instruments', instruments: [...rig.engine.market.instruments.values()] });
    const both = { balances: [balance('USDT', '10000'), balance('ETH', '1'), balance('XYZ', '5')] };
    next.reconciled(both);
    next.reconciled(both);
    expect(next.of('balance.moved')).toMatchObject([{ asset: 'XYZ', delta: '5', deltaUsdt: null }]);
    next.quotes();
    next.reconciled(both);
    expect(next.of('balance.moved').at(-1)).toMatchObject({ asset: 'ETH', delta: '1', deltaUsdt: '2500' });
  });
});

describe('trades of orders that nobody here knows', () => {
  const phone = stated('phone', { venueOrderId: 'v9', side: 'SELL', venueType: 'MARKET', price: '0', status: 'FILLED', filledQty: '0.01' });
  const sold = { balances: [balance('USDT', '10000')], trades: [trade('t9', '0.01', 'v9')], strangers: [phone] };

  test('become a foreign order with its fills, once, and the position follows; over a restart too', () => {
    const next = again(holding(), sold);
    expect(next.engine.state.positions.size).toBe(0);
    expect(next.order('phone')).toMatchObject({ origin: 'foreign', status: 'FILLED', type: 'MARKET', price: null });
    expect(next.engine.state.reconciliation.differences).toContainEqual(
      expect.objectContaining({ what: 'order', key: 'phone', action: 'adopted as foreign with its fills' }),
    );
    next.reconciled(sold);
    next.execute(phone, fillOf('t9', '0.01'));
    const last = again(next, sold);
    expect(last.of('order.filled').filter(({ tradeId }) => tradeId === 't9')).toHaveLength(1);
    expect(last.of('balance.moved')).toEqual([]);
    expect(pnl(last)).toBe('0');
  });

  test('of an own order whose answer was lost are its own; of one with fills missing the rest is asked for', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    rig.lose(order);
    rig.pass(100);
    const own = stated(order, { venueOrderId: 'v1', status: 'FILLED', filledQty: '0.01' });
    rig.reconciled({ ...HELD, trades: [trade('t1', '0.01', 'v1')], strangers: [own] });
    expect(rig.order(order)).toMatchObject({ status: 'FILLED', origin: 'cli' });
    rig.reconciled({ ...HELD, trades: [trade('t9', '0.004', 'v9')], strangers: [phone] });
    expect(rig.effectsOf('query').at(-1)).toMatchObject({ clientOrderId: 'phone' });
  });
});

describe('what the phone traded in a symbol without an order here', () => {
  const eth = (tradeId: string, venueOrderId: string, timeMs: number) => ({
    ...fillOf(tradeId, '1', { price: '2500', timeMs }),
    symbol: ETH,
    venueOrderId: venueOrderId as never,
  });
  const order = (id: string, side: 'BUY' | 'SELL') =>
    stated(id, { symbol: ETH, side, venueOrderId: id, venueType: 'MARKET', price: '0', qty: '1', status: 'FILLED', filledQty: '1' });
  const asked = new Map([[ETH, 0]]);

  test('is imported as a foreign order with its fills, not booked as a deposit', () => {
    const rig = new Rig().ready();
    const bought = { balances: [balance('USDT', '7500'), balance('ETH', '1')] };
    rig.pass(5000);
    rig.reconciled({ ...bought, asked: new Map() });
    expect([...rig.engine.market.unexplained.keys()]).toEqual(['USDT', 'ETH']);
    rig.pass(1000);
    rig.reconciled({ ...bought, asked, trades: [eth('1', 'p1', rig.nowMs - 4000)], strangers: [order('p1', 'BUY')] });
    expect(rig.of('balance.moved')).toEqual([]);
    expect(rig.order('p1')).toMatchObject({ origin: 'foreign', status: 'FILLED' });
    expect(rig.engine.state.positions.get(ETH)?.qty.toFixed()).toBe('1');
    expect(pnl(rig)).toBe('0');
    expect(rig.engine.trading().level).toBe('ACTIVE');
  });

  test('and sold again leaves a gap in USDT alone: its loss is a loss of the day, not a withdrawal (C4)', () => {
    const rig = new Rig().ready();
    rig.pass(5000);
    const less = usdt('9900');
    rig.reconciled({ ...less, asked: new Map() });
    const trades = [eth('1', 'p1', rig.nowMs - 4000), { ...eth('2', 'p2', rig.nowMs - 3000), price: '2400' as never }];
    rig.reconciled({ ...less, asked, trades, strangers: [order('p1', 'BUY'), order('p2', 'SELL')] });
    expect(rig.of('balance.moved')).toEqual([]);
    expect(rig.engine.state.realisedUsdt.toFixed()).toBe('-100');
    expect(pnl(rig)).toBe('-100');
  });

  test('is looked for before a gap is booked, and not while anything is left to ask', () => {
    const rig = new Rig().ready();
    const more = usdt('11000');
    rig.reconciled({ ...more, asked: new Map() });
    rig.reconciled({ ...more, asked: new Map([[BTC, 0]]) });
    expect(rig.of('balance.moved')).toEqual([]);
    rig.reconciled({ ...more, left: 1 });
    expect(rig.of('balance.moved')).toEqual([]);
    rig.reconciled(more);
    expect(rig.of('balance.moved')).toMatchObject([{ delta: '1000' }]);
    expect(rig.engine.market.searched.size).toBe(0);
  });

  test('is looked for anew when the gap has changed: what was looked through before says nothing of it (found by simulation)', () => {
    const rig = new Rig().ready();
    rig.reconciled({ ...usdt('9880'), asked: new Map() });
    rig.reconciled({ balances: [balance('USDT', '7380'), balance('ETH', '1')] });
    rig.reconciled({ balances: [balance('USDT', '7380'), balance('ETH', '1')], asked: new Map([[BTC, 0]]) });
    expect(rig.of('balance.moved')).toEqual([]);
    rig.pass(1000);
    const trades = [eth('1', 'p1', rig.nowMs - 500)];
    rig.reconciled({ balances: [balance('USDT', '7380'), balance('ETH', '1')], trades, strangers: [order('p1', 'BUY')] });
    rig.pass(1000);
    rig.reconciled({ balances: [balance('USDT', '7380'), balance('ETH', '1')] });
    expect(rig.of('balance.moved')).toMatchObject([{ asset: 'USDT', delta: '-120' }]);
  });

  test('unheard, before an order of ours in the same symbol, is found all the same', () => {
    const rig = new Rig().ready();
    rig.pass(100_000);
    const unheard = eth('1', 'p1', rig.nowMs - 90_000);
    rig.rest({ symbol: ETH, qty: '0.1', price: '2500' });
    const { state, market } = rig.engine;
    const seen = { openOrders: [], queries: new Map() };
    expect(tradesOfRound(state, seen, roundNotesOf(market), 100).since.get(ETH)).toBeLessThan(unheard.timeMs);
    expect(strangeTrades(state, { ...seen, trades: [unheard], asked })).toEqual([unheard]);
  });

  test('and was too much for one round comes in the next: nothing older than the first import is lost', () => {
    const rig = new Rig().ready();
    rig.pass(200_000);
    const early = rig.nowMs - 190_000;
    const both = { balances: [balance('USDT', '5000'), balance('ETH', '2')] };
    rig.reconciled({ ...both, asked: new Map() });
    const trades = [eth('1', 'p1', early), eth('2', 'p2', early + 1000)];
    rig.reconciled({ ...both, asked, trades, strangers: [order('p1', 'BUY')], left: 1, again: new Map([[ETH, early]]) });
    expect(rig.engine.state.positions.get(ETH)?.qty.toFixed()).toBe('1');
    expect(rig.engine.trading().level).toBe('REDUCING');
    expect(rig.engine.market.tradesAgain.get(ETH)).toBe(early);
    const left = strangeTrades(rig.engine.state, { openOrders: [], queries: new Map(), trades, asked });
    expect(left.map((one) => one.venueOrderId)).toEqual(['p2']);
    rig.reconciled({ ...both, asked, trades, strangers: [order('p2', 'BUY')] });
    expect(rig.engine.state.positions.get(ETH)?.qty.toFixed()).toBe('2');
    expect(rig.of('balance.moved')).toEqual([]);
  });
});

describe('a position larger than what the venue holds', () => {
  test('is cut to it once the withdrawal of its base is sure, with its cost and without a profit', () => {
    const rig = holding();
    const left = { balances: [balance('USDT', '9500'), balance('BTC', '0.004')] };
    rig.reconciled(left);
    expect(rig.of('position.corrected')).toEqual([]);
    rig.reconciled(left);
    expect(rig.of('position.corrected')).toMatchObject([{ symbol: BTC, qty: '0.004' }]);
    const position = rig.engine.state.positions.get(BTC);
    expect([position?.qty.toFixed(), position?.costUsdt.toFixed()]).toEqual(['0.004', '200']);
    expect(rig.engine.state.realisedUsdt.toFixed()).toBe('0');
    expect(rig.engine.state.reconciliation.differences).toContainEqual(
      expect.objectContaining({ what: 'position', key: BTC, local: '0.01', venue: '0.004' }),
    );
    rig.reconciled({ balances: [balance('USDT', '9500')] });
    rig.reconciled({ balances: [balance('USDT', '9500')] });
    expect(rig.engine.state.positions.size).toBe(0);
    expect(stateText(replayed(rig.facts))).toBe(stateText(rig.engine.state));
  });
});

test('an order is not forgotten while its trades are still looked at: they are never taken for a stranger’s', () => {
  const rig = holding();
  const [order] = rig.engine.state.orders.keys();
  rig.nowMs += 49 * 3_600_000;
  rig.pass(1200);
  expect(rig.of('day.opened').length).toBeGreaterThan(1);
  expect(rig.engine.state.orders.has(order as never)).toBe(true);
  expect(rig.engine.state.traded.has(ETH)).toBe(false);
});

test('an account is not valued before the instruments are known: what has no price then is not worth nothing (C15, found by simulation)', () => {
  const rig = new Rig({ balances: [balance('USDT', '5000'), balance('BTC', '0.1')] }).ready();
  expect(equityOf(rig.engine.state, rig.engine.market)?.toFixed()).toBe('10000');
  rig.engine.market.instruments = new Map();
  expect(equityOf(rig.engine.state, rig.engine.market)).toBeNull();
  expect(rig.engine.trading().causes[0]?.text).toContain('cannot be valued');
  expect(rig.engine.trading().level).toBe('HALTED');
});

test('one coin without a price denies what opens, and lets what is held of the others be sold and protected (C14, C15)', () => {
  const held = [balance('USDT', '9500'), balance('BTC', '0.01'), balance('ETH', '0.2')];
  const before = new Rig({ balances: held }).ready();
  before.hold();
  const rig = before.restarted();
  // The market of ETH is suspended: nothing quotes it.
  rig.quotes = () => rig.tell({ kind: 'quote', symbol: BTC, bid: text('49999'), ask: text('50001') });
  rig.ready();
  rig.pass(10_000);
  expect(rig.engine.trading()).toMatchObject({ level: 'REDUCING' });
  expect(rig.engine.trading().causes[0]?.text).toContain('waiting for a price of ETH');
  expect(rig.place({})).toMatchObject({ kind: 'denied', denial: { code: 'STATE' } });
  expect(rig.place({ side: 'SELL', type: 'MARKET', price: undefined }).kind).toBe('placed');
});
