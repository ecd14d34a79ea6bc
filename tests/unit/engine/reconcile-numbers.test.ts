// What an order is (REQUIREMENTS I, B2, B3): its number at the exchange, not its name. Another program amends an order under a new name,
// and gives a name again once its order has ended (BINANCE 5). No trade counts twice by it, none is lost, and nothing is cancelled for it.
import { describe, expect, test } from 'vitest';
import type { SequencedFact } from '../../../src-main/engine/facts.ts';
import { nameAtVenue } from '../../../src-main/engine/order-numbers.ts';
import { AMENDED, isDealtWith, NAME_TAKEN, ordersToAskFor } from '../../../src-main/reconcile/diff.ts';
import type { VenueBooks } from '../../../src-main/reconcile/diff.ts';
import type { QueryOutcome, VenueFill, VenueOrder } from '../../../src-main/venue/port.ts';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { balance, fillOf, id, Rig, stated } from '../../support/engine-rig.ts';
import { BTC, ETH } from '../../support/sim.ts';

const tradeOf = (order: Pick<VenueOrder, 'venueOrderId'>, fill: VenueFill): VenueBooks['trades'][number] => ({
  ...fill,
  symbol: BTC,
  venueOrderId: order.venueOrderId,
});
const held = (rig: Rig): string | undefined => rig.engine.state.positions.get(BTC)?.qty.toFixed();
const filled = (rig: Rig) => rig.of('order.filled').map((fill) => [fill.clientOrderId, fill.tradeId]);
const differences = (rig: Rig) => rig.engine.state.reconciliation.differences;
const answers = (...outcomes: [string, QueryOutcome][]): VenueBooks['queries'] =>
  new Map(outcomes.map(([name, outcome]) => [id(name), outcome]));
const found = (order: VenueOrder): QueryOutcome => ({ kind: 'found', order });
const open = (rig: Rig): readonly string[] => [...rig.engine.state.openOrders];

describe('an order of ours that another program amended: the same number under another name', () => {
  const amend = (own: ClientOrderId, changes = {}): VenueOrder =>
    stated('phone-1', { venueOrderId: stated(own).venueOrderId, qty: '0.006', ...changes });
  const AFTER = [balance('USDT', '9700'), balance('BTC', '0.006')];

  test('its fill counts once, whoever tells of it: the stream, the exchange’s trades, both', () => {
    const rig = new Rig().ready();
    const own = rig.rest();
    const fill = fillOf('t1', '0.006');
    const over = amend(own, { status: 'FILLED', filledQty: '0.006' });
    rig.execute(over, fill);
    rig.queried(id('phone-1'), found(over), [fill]);
    rig.pass(20_000);
    rig.reconciled({ trades: [tradeOf(over, fill)], queries: answers([own, { kind: 'absent' }]), balances: AFTER });
    expect(held(rig)).toBe('0.006');
    expect(filled(rig)).toEqual([[own, 't1']]);
    expect(rig.of('order.adopted')).toEqual([]);
    expect(rig.order(own).status).toBe('FILLED');
  });

  test('a comparison that finds nothing to mend knows its new name: after a start nothing else tells it', () => {
    const rig = new Rig().ready();
    const own = rig.rest();
    rig.pass(20_000);
    rig.reconciled({ openOrders: [amend(own, { qty: '0.01' })] });
    expect(differences(rig)).toEqual([]);
    expect(nameAtVenue(rig.order(own))).toBe('phone-1');
    rig.reconciled({ openOrders: [stated(own)] });
    expect(nameAtVenue(rig.order(own))).toBe(own);
  });

  test('while it is open it is one order, whose new size is named; that its old name is unknown ends nothing', () => {
    const rig = new Rig().ready();
    const own = rig.rest();
    rig.pass(20_000);
    const books = { openOrders: [amend(own, { status: 'PARTIALLY_FILLED', filledQty: '0.002' })] };
    const trades = [tradeOf(amend(own), fillOf('t1', '0.002'))];
    const balances = [balance('USDT', '9900'), balance('BTC', '0.002')];
    rig.reconciled({ ...books, trades, balances });
    rig.pass(20_000);
    rig.effects = [];
    expect(ordersToAskFor(rig.engine.state, books.openOrders, rig.nowMs)).toEqual([]);
    rig.reconciled({ ...books, trades, balances });
    rig.queried(own, { kind: 'absent' }, [], rig.nowMs + 60_000);
    expect(open(rig)).toEqual([own]);
    expect(filled(rig)).toEqual([[own, 't1']]);
    expect(rig.effectsOf('cancel')).toEqual([]);
    const [named] = differences(rig).filter((one) => one.action === AMENDED);
    expect(named).toMatchObject({ key: own, local: 'qty 0.01', venue: 'qty 0.006 as phone-1' });
    expect(named && isDealtWith(named)).toBe(false);
  });

  test('amended and filled while nobody listened: the trades are its own, and its absence ends it', () => {
    const rig = new Rig().ready();
    const other = rig.rest();
    rig.pass(600);
    const own = rig.rest();
    rig.pass(20_000);
    rig.reconciled({
      openOrders: [stated(other)],
      trades: [tradeOf(amend(own), fillOf('t1', '0.006'))],
      queries: answers([own, { kind: 'absent' }]),
      balances: AFTER,
    });
    expect(filled(rig)).toEqual([[own, 't1']]);
    expect([held(rig), open(rig)]).toEqual(['0.006', [other]]);
  });

  test('a journal that holds it as two orders already: its trades still count once', () => {
    const rig = new Rig().ready();
    const own = rig.rest();
    const { venueOrderId } = stated(own);
    const twice: SequencedFact[] = [...rig.facts];
    const add = (fact: SequencedFact['fact']): void => void twice.push({ seq: twice.length + 1, atMs: rig.nowMs, fact });
    const one = stated('phone-1', { venueOrderId, qty: '0.006' });
    const apart = { ...one, venueOrderId: 'other', status: 'PARTIALLY_FILLED', filledQty: '0.002' } as VenueOrder;
    rig.execute(apart);
    rig.queried(id('phone-1'), found(apart), [fillOf('t1', '0.002')]);
    for (const { fact } of rig.facts.slice(twice.length)) add(fact.kind === 'order.adopted' ? { ...fact, venueOrderId } : fact);
    const next = new Rig({ replay: twice }).boot();
    next.pass(20_000);
    next.reconciled({
      openOrders: [{ ...one, status: 'PARTIALLY_FILLED', filledQty: '0.002' as never }],
      trades: [tradeOf(one, fillOf('t1', '0.002'))],
      balances: [balance('USDT', '9900'), balance('BTC', '0.002')],
    });
    expect(held(next)).toBe('0.002');
    expect(next.of('order.filled')).toEqual([]);
  });

  test('held for ended here and open there: it is cancelled by the name that it has there', () => {
    const rig = new Rig().ready();
    const own = rig.rest();
    rig.execute(stated(own, { status: 'CANCELED' }));
    rig.pass(20_000);
    rig.effects = [];
    rig.reconciled({ openOrders: [amend(own)] });
    expect(rig.effectsOf('cancel')).toMatchObject([{ clientOrderId: 'phone-1' }]);
    expect(rig.of('order.adopted')).toEqual([]);
  });
});

describe('a name that another program gave again', () => {
  const older = stated('bot-1', { venueOrderId: '1', status: 'FILLED', filledQty: '0.01' });
  const newer = stated('bot-1', { venueOrderId: '2', price: '49000' });
  const BOUGHT = [balance('USDT', '9500'), balance('BTC', '0.01')];
  const quiet = (rig: Rig): void => {
    expect(rig.engine.market.engineProblem).toBe('');
    expect(rig.effectsOf('cancel')).toEqual([]);
    expect(rig.engine.trading().level).toBe('ACTIVE');
  };

  test('while the console was away: the first counts with its fill, the second stays open, and each comparison after it finds nothing', () => {
    const rig = new Rig().ready();
    rig.pass(20_000);
    const trades = [tradeOf(older, fillOf('t9', '0.01', { timeMs: rig.nowMs - 9000 }))];
    const books = { openOrders: [newer], strangers: [older], trades, balances: BOUGHT };
    rig.reconciled(books);
    quiet(rig);
    expect([rig.order('bot-1').venueOrderId, rig.order('bot-1').status, held(rig)]).toEqual(['2', 'ACCEPTED', '0.01']);
    const next = rig.restarted();
    next.boot();
    for (const one of [rig, next]) {
      one.pass(20_000);
      one.reconciled(books);
      expect([open(one), held(one), differences(one)]).toEqual([['bot-1'], '0.01', []]);
    }
  });

  test('whose first order is open here still: it has ended, with its trades, and the second is taken over', () => {
    const rig = new Rig().ready();
    rig.execute({ ...older, status: 'NEW', filledQty: '0' as never });
    rig.pass(20_000);
    const trades = [tradeOf(older, fillOf('t9', '0.01', { timeMs: rig.nowMs - 9000 }))];
    rig.effects = [];
    rig.reconciled({ openOrders: [newer], trades, balances: BOUGHT });
    quiet(rig);
    expect([rig.order('bot-1').venueOrderId, rig.order('bot-1 1').status, held(rig)]).toEqual(['2', 'FILLED', '0.01']);
    rig.reconciled({ openOrders: [newer], trades, balances: BOUGHT });
    expect([open(rig), held(rig), differences(rig)]).toEqual([['bot-1'], '0.01', []]);
  });

  test('the same without a fill: the first was cancelled; and it is not asked for by a name that is another’s', () => {
    const rig = new Rig().ready();
    rig.execute({ ...older, status: 'NEW', filledQty: '0' as never });
    rig.pass(20_000);
    rig.reconciled({ openOrders: [newer], asked: new Map([[ETH, 0]]) });
    expect(differences(rig)).toMatchObject([{ key: 'bot-1', action: NAME_TAKEN }]);
    expect(differences(rig).some(isDealtWith)).toBe(false);
    expect(rig.order('bot-1').venueOrderId).toBe('1');
    rig.effects = [];
    rig.pass(61_000);
    expect(rig.effectsOf('see-books')).toMatchObject([{ why: 'an order waits for its name' }]);
    rig.reconciled({ openOrders: [newer] });
    quiet(rig);
    expect([rig.order('bot-1').venueOrderId, rig.order('bot-1 1').status]).toEqual(['2', 'CANCELED']);
  });

  test('a list that lags behind and shows the order that had the name before ends nothing', () => {
    const rig = new Rig().ready();
    rig.pass(20_000);
    rig.execute(newer);
    rig.pass(5000);
    rig.reconciled({ openOrders: [{ ...older, status: 'NEW', filledQty: '0' as never }] });
    expect([open(rig), rig.order('bot-1').venueOrderId]).toEqual([['bot-1'], '2']);
  });

  test('the question for the first tells of the second, which is over too: both count', () => {
    const rig = new Rig().ready();
    rig.execute({ ...older, status: 'NEW', filledQty: '0' as never });
    rig.pass(20_000);
    const other = rig.rest();
    rig.pass(20_000);
    const second = { ...newer, status: 'FILLED', filledQty: '0.01' } as VenueOrder;
    const [first, last] = [fillOf('8', '0.01', { timeMs: rig.nowMs - 9000 }), fillOf('9', '0.01', { timeMs: rig.nowMs - 8000 })];
    rig.reconciled({
      openOrders: [stated(other)],
      queries: answers(['bot-1', found(second)]),
      trades: [tradeOf(second, last), tradeOf(older, first)],
      strangers: [second],
      balances: [balance('USDT', '9000'), balance('BTC', '0.02')],
    });
    quiet(rig);
    expect(rig.of('order.filled').map((fill) => fill.tradeId)).toEqual(['8', '9']);
    expect([held(rig), open(rig)]).toEqual(['0.02', [other]]);
  });

  test('two strangers of one name, the second alive: the living one has the name', () => {
    const rig = new Rig().ready();
    rig.pass(20_000);
    const alive = { ...newer, status: 'PARTIALLY_FILLED', filledQty: '0.004' } as VenueOrder;
    // Of the first one only a part is from the time that is ours.
    const [first, last] = [fillOf('8', '0.003', { timeMs: rig.nowMs - 9000 }), fillOf('9', '0.004', { timeMs: rig.nowMs - 8000 })];
    rig.reconciled({
      strangers: [older, alive],
      trades: [tradeOf(older, first), tradeOf(alive, last)],
      balances: [balance('USDT', '9650'), balance('BTC', '0.007')],
    });
    expect(rig.engine.market.engineProblem).toBe('');
    expect([open(rig), rig.order('bot-1').venueOrderId, held(rig)]).toEqual([['bot-1'], '2', '0.007']);
  });

  test('a living stranger whose name an order of another symbol has here is named, each time anew', () => {
    const rig = new Rig().ready();
    rig.execute({ ...older, symbol: ETH, status: 'NEW', filledQty: '0' as never });
    rig.pass(20_000);
    const alive = { ...newer, status: 'PARTIALLY_FILLED', filledQty: '0.004' } as VenueOrder;
    const books = { openOrders: [{ ...older, symbol: ETH, status: 'NEW', filledQty: '0' as never } as VenueOrder] };
    rig.reconciled({ ...books, strangers: [alive] });
    expect(differences(rig)).toMatchObject([{ key: 'bot-1', action: NAME_TAKEN }]);
    rig.execute(alive, fillOf('9', '0.004'));
    expect([open(rig), rig.order('bot-1').symbol, filled(rig)]).toEqual([['bot-1'], ETH, []]);
    expect(rig.engine.market.missedEvents).toBe(false);
  });

  test('heard from the first to the second: what the first traded is not taken for a stranger’s afterwards', () => {
    const rig = new Rig().ready();
    const fill = fillOf('t9', '0.01');
    const list = { venueListId: '77' };
    rig.execute({ ...older, ...list, status: 'NEW', filledQty: '0' as never });
    rig.execute({ ...older, ...list }, fill);
    rig.execute(newer);
    expect(rig.order('bot-1 1')).toMatchObject({ status: 'FILLED', venueOrderId: '1' });
    expect([...rig.engine.state.lists.values()]).toEqual([['bot-1 1']]);
    rig.pass(20_000);
    rig.reconciled({ openOrders: [newer], trades: [tradeOf(older, fill)], strangers: [older], balances: BOUGHT });
    // The stream may repeat itself.
    rig.execute(older, fill);
    expect([open(rig), held(rig), filled(rig)]).toEqual([['bot-1'], '0.01', [['bot-1', 't9']]]);
  });

  test('a report of the second while the first is open here teaches it nothing: its end was missed, and the books are asked for', () => {
    const rig = new Rig().ready();
    rig.execute({ ...older, status: 'NEW', filledQty: '0' as never });
    rig.effects = [];
    rig.execute({ ...newer, status: 'PARTIALLY_FILLED', filledQty: '0.004' as never }, fillOf('t1', '0.004'));
    expect([rig.order('bot-1').venueOrderId, filled(rig)]).toEqual(['1', []]);
    rig.pass(200);
    expect(rig.effectsOf('see-books')).toHaveLength(1);
  });

  test('and so does the answer to a question that was asked by the name', () => {
    const rig = new Rig().ready();
    rig.execute({ ...older, status: 'NEW', filledQty: '0' as never });
    rig.effects = [];
    rig.queried(id('bot-1'), found({ ...newer, status: 'FILLED', filledQty: '0.01' } as VenueOrder), [fillOf('t1', '0.01')]);
    expect([rig.order('bot-1').venueOrderId, open(rig), filled(rig)]).toEqual(['1', ['bot-1'], []]);
    rig.pass(200);
    expect(rig.effectsOf('see-books')).toHaveLength(1);
  });
});
