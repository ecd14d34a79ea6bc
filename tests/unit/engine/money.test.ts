// Positions, profit and loss, balances and the day's book (B3, B4, C4, C5, C14): to the last digit, over midnight and back.
import { describe, expect, test } from 'vitest';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { equityOf, dayLossOf, dayPnlOf } from '../../../src-main/engine/equity.ts';
import { freeOf, isDust, pictureOf, sellableOf } from '../../../src-main/engine/picture.ts';
import { unrealised } from '../../../src-main/engine/positions.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { amount, price, qty } from '../../../src-shared/domain/money.ts';
import { instrument } from '../safety/pictures.ts';
import { BNB, BTC, ETH, START_MS } from '../../support/sim.ts';

const DAY_MS = 24 * 3_600_000;
const position = (rig: Rig, symbol = BTC) => rig.engine.state.positions.get(symbol);
const sell = (rig: Rig, size: string, at: string, changes: Record<string, unknown> = {}): void => {
  rig.pass(600);
  const order = rig.rest({ side: 'SELL', qty: text(size), price: text('50000') });
  rig.execute(
    stated(order, { side: 'SELL', qty: size, status: 'FILLED', filledQty: size }),
    fillOf(`sell-${order}`, size, { price: at, ...changes }),
  );
};
const picture = (rig: Rig) => pictureOf(rig.engine.state, rig.engine.market, NORMAL, rig.engine.trading(), BTC, rig);

describe('positions from fills (B3)', () => {
  test('open, add, close a part, close the rest: average cost, and profit net of fees', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.02')] }).ready();
    rig.hold({ fee: '0.5' });
    rig.pass(600);
    rig.hold({ fee: '0.5', price: '51000' });
    expect(position(rig)).toMatchObject({ openedAtMs: START_MS + 1000 });
    expect(position(rig)?.entryPrice.toFixed()).toBe('50500');
    expect(position(rig)?.costUsdt.toFixed()).toBe('1011');
    sell(rig, '0.005', '52000', { fee: '0.26' });
    expect(position(rig)?.qty.toFixed()).toBe('0.015');
    expect(rig.engine.state.realisedUsdt.toFixed()).toBe('6.99');
    expect(unrealised(position(rig) as never, price('52000')).toFixed()).toBe('21.75');
    sell(rig, '0.015', '50000', { fee: '0.75' });
    expect(position(rig)).toBeUndefined();
    expect(rig.engine.state.realisedUsdt.toFixed()).toBe('-2.01');
    expect(rig.engine.state.feesUsdt.toFixed()).toBe('2.01');
  });

  test('a fee in the base asset shrinks what is held, at unchanged cost', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.00999')] }).ready();
    rig.hold({ fee: '0.00001', feeAsset: 'BTC' });
    expect(position(rig)?.qty.toFixed()).toBe('0.00999');
    expect(position(rig)?.costUsdt.toFixed()).toBe('500');
    expect(rig.engine.state.feesUsdt.toFixed()).toBe('0.5');
  });

  test('a BNB fee is converted at fill time, and paid out of a BNB position at that worth', () => {
    const rig = new Rig().ready();
    const bnb = rig.rest({ symbol: BNB, price: text('500'), qty: text('1') });
    rig.execute(
      stated(bnb, { symbol: BNB, qty: '1', price: '500', status: 'FILLED', filledQty: '1' }),
      fillOf('b1', '1', { price: '500', fee: '0.001', feeAsset: 'BNB' }),
    );
    expect(position(rig, BNB)?.qty.toFixed()).toBe('0.999');
    rig.pass(600);
    rig.hold({ fee: '0.00075', feeAsset: 'BNB' });
    expect(position(rig, BNB)?.qty.toFixed()).toBe('0.99825');
    expect(position(rig)?.costUsdt.toFixed()).toBe('500.375');
    // 0.00075 of 0.999 BNB that cost 500 went for 0.375.
    expect(rig.engine.state.realisedUsdt.toFixed(12)).toBe('-0.000375375375');
  });

  test('a BNB fee larger than the position takes the position and no more', () => {
    const rig = new Rig().ready();
    const bnb = rig.rest({ symbol: BNB, price: text('500'), qty: text('1') });
    rig.execute(
      stated(bnb, { symbol: BNB, qty: '1', price: '500', status: 'PARTIALLY_FILLED', filledQty: '0.0004' }),
      fillOf('b1', '0.0004', { price: '500' }),
    );
    rig.pass(600);
    rig.hold({ fee: '0.0008', feeAsset: 'BNB' });
    expect(position(rig, BNB)).toBeUndefined();
    expect(rig.engine.state.realisedUsdt.toFixed()).toBe('0');
  });

  test('a fee without a price counts as nothing and says so', () => {
    const rig = new Rig().ready();
    rig.hold({ fee: '1', feeAsset: 'XYZ' });
    expect(rig.engine.state.feesUsdt.toFixed()).toBe('0');
    expect(rig.order([...rig.engine.state.orders.keys()][0] ?? '').fills[0]?.feeUsdt).toBeNull();
    expect(rig.titles()).toContain('A fee of unknown worth');
  });

  test('a sale of more than was bought here sells what was there before, without profit', () => {
    const rig = new Rig().ready();
    rig.hold();
    rig.execute(stated('phone', { side: 'SELL', qty: '0.02' }));
    rig.execute(
      stated('phone', { side: 'SELL', qty: '0.02', status: 'FILLED', filledQty: '0.02' }),
      fillOf('s1', '0.02', { price: '51000', fee: '1' }),
    );
    expect(position(rig)).toBeUndefined();
    expect(rig.engine.state.realisedUsdt.toFixed()).toBe('9.5');
    rig.execute(stated('phone2', { side: 'SELL' }));
    rig.execute(stated('phone2', { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('s2', '0.01'));
    expect(rig.engine.state.realisedUsdt.toFixed()).toBe('9.5');
  });

  test('what can be sold is the smaller of position and free balance, in whole lots; what is left is dust', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.0099876')] }).ready();
    rig.hold();
    const held = position(rig) as never;
    expect(sellableOf(freeOf(rig.engine.state, 'BTC' as never), held, instrument()).toFixed()).toBe('0.00998');
    expect(sellableOf(amount('1'), held, instrument()).toFixed()).toBe('0.01');
    expect(freeOf(rig.engine.state, 'ETH' as never).isZero()).toBe(true);
    expect(isDust(qty('0.00009'), instrument(), price('50000'))).toBe(true);
    expect(isDust(qty('0.000001'), instrument(), null)).toBe(true);
    expect(isDust(qty('0.0002'), instrument(), price('50000'))).toBe(false);
    expect(isDust(qty('0.00009'), undefined, price('50000'))).toBe(false);
    expect(isDust(qty('0.00009'), instrument({ notional: undefined }), price('50000'))).toBe(false);
  });
});

describe('balances (B4)', () => {
  test('an older statement than the one at hand changes nothing', () => {
    const rig = new Rig().ready();
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9000')], venueTimeMs: 200 });
    rig.tell({ kind: 'balances', entries: [balance('USDT', '8000')], venueTimeMs: 100 });
    expect(rig.engine.state.balances.get('USDT' as never)?.free.toFixed()).toBe('9000');
    rig.tell({ kind: 'balances', entries: [balance('XYZ', '1'), balance('USDT', '7000')], venueTimeMs: 200 });
    expect(rig.engine.state.balances.get('USDT' as never)?.free.toFixed()).toBe('7000');
  });

  test('an order’s funds are counted as unlocked until a statement that is as new as the order', () => {
    const rig = new Rig().ready();
    const order = rig.send();
    expect(picture(rig).inFlight.unlockedQuoteUsdt.toFixed()).toBe('500');
    rig.tell({ kind: 'balances', entries: [balance('USDT', '10000')], venueTimeMs: START_MS + 5000 });
    expect(picture(rig).inFlight.unlockedQuoteUsdt.toFixed()).toBe('500');
    rig.answer(order, { kind: 'accepted', order: stated(order, { timeMs: START_MS + 6000 }), fills: [] });
    rig.tell({ kind: 'balances', entries: [balance('USDT', '10000')], venueTimeMs: START_MS + 5999 });
    expect(rig.engine.state.unsettled.size).toBe(1);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9500', '500')], venueTimeMs: START_MS + 6000 });
    expect(rig.engine.state.unsettled.size).toBe(0);
    expect(picture(rig).inFlight.unlockedQuoteUsdt.toFixed()).toBe('0');
  });

  test('an older word that arrives late does not settle an order before its time', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    const partly = { status: 'PARTIALLY_FILLED', filledQty: '0.004', timeMs: START_MS + 8000 };
    rig.execute(stated(order, partly), fillOf('t2', '0.002', { timeMs: START_MS + 8000 }));
    rig.queried(order, { kind: 'found', order: stated(order, { ...partly, timeMs: START_MS + 3000 }) }, [
      fillOf('t1', '0.002', { timeMs: START_MS + 3000 }),
    ]);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9900', '400')], venueTimeMs: START_MS + 4000 });
    expect(rig.engine.state.unsettled.size).toBe(1);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9800', '300')], venueTimeMs: START_MS + 8000 });
    expect(rig.engine.state.unsettled.size).toBe(0);
  });

  test('a sell counts its base, and an end without a fill frees at once', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
    rig.hold();
    rig.tell({ kind: 'balances', entries: [balance('BTC', '0.01')], venueTimeMs: START_MS + 9000 });
    rig.pass(600);
    const order = rig.send({ side: 'SELL' });
    expect(picture(rig).inFlight.unlockedBaseQty.toFixed()).toBe('0.01');
    rig.answer(order, { kind: 'rejected', code: -2010, text: 'no', sent: true });
    expect(picture(rig).inFlight.unlockedBaseQty.toFixed()).toBe('0');
  });

  test('an asset of a tracked symbol without a price makes equity unknown, and unknown denies (C15)', () => {
    const rig = new Rig();
    expect(equityOf(rig.engine.state, rig.engine.market)).toBeNull();
    expect(dayPnlOf(rig.engine.state, null)).toBeNull();
    rig.ready();
    rig.tell({ kind: 'balances', entries: [balance('XYZ', '5'), balance('ETH', '0')], venueTimeMs: START_MS });
    expect(equityOf(rig.engine.state, rig.engine.market)?.toFixed()).toBe('10000');
    rig.engine.dispatch({ kind: 'instruments', instruments: [instrument(), instrument({ symbol: 'SOLUSDT' as never })] });
    rig.tell({ kind: 'balances', entries: [balance('SOL', '5')], venueTimeMs: START_MS });
    expect(equityOf(rig.engine.state, rig.engine.market)).toBeNull();
    expect(rig.place()).toMatchObject({ kind: 'denied' });
  });
});

describe('the day’s book (C4, C5)', () => {
  test('opens with the equity, turns at UTC midnight, and not again when the clock steps back', () => {
    const rig = new Rig().ready();
    expect(rig.engine.state.day).toMatchObject({ dayUtc: '2026-11-03', trades: 0 });
    rig.hold();
    expect(rig.engine.state.day?.trades).toBe(1);
    rig.nowMs = START_MS + DAY_MS;
    rig.pass(1200);
    // Half known: the balances of the fill are not here yet, and no day is opened on such an account.
    expect(rig.engine.state.day).toMatchObject({ dayUtc: '2026-11-03' });
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9500'), balance('BTC', '0.01')], venueTimeMs: START_MS + 2000 });
    rig.pass(1200);
    expect(rig.engine.state.day).toMatchObject({ dayUtc: '2026-11-04', trades: 0 });
    rig.nowMs = START_MS;
    rig.pass(1200);
    rig.nowMs = START_MS + DAY_MS;
    rig.pass(1200);
    expect(rig.of('day.opened').map((fact) => fact.dayUtc)).toEqual(['2026-11-03', '2026-11-04']);
  });

  test('waits until equity is known', () => {
    const rig = new Rig().boot();
    rig.pass(200);
    expect(rig.engine.state.day).toBeNull();
    expect(dayLossOf(rig.engine.state, null)).toBeNull();
  });

  test.each([-3_600_000, 3_600_000])('a wall clock that steps by %i ms changes no age and no pace', (stepMs) => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
    rig.hold();
    rig.nowMs += stepMs;
    const sale = { side: 'SELL', type: 'MARKET', price: undefined } as const;
    expect(rig.place(sale)).toMatchObject({ kind: 'denied', denial: { code: 'C10.symbolInterval' } });
    rig.pass(500);
    expect(rig.engine.trading().level).toBe('ACTIVE');
    expect(rig.place(sale)).toMatchObject({ kind: 'placed' });
    expect(rig.of('order.intended').at(-1)?.quote.ageMs).toBe(0);
  });

  test('deposits and withdrawals are no profit and no loss, and a repeated report counts once', () => {
    const rig = new Rig().ready();
    const move = (asset: string, delta: string, venueTimeMs: number): void =>
      rig.tell({ kind: 'balance-moved', asset: asset as never, delta: text(delta), venueTimeMs });
    move('USDT', '500', START_MS + 1);
    move('USDT', '500', START_MS + 1);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '10500')], venueTimeMs: START_MS + 1 });
    move('BTC', '0.1', START_MS + 2);
    rig.tell({ kind: 'balances', entries: [balance('BTC', '0.1')], venueTimeMs: START_MS + 2 });
    move('XYZ', '7', START_MS + 3);
    const { state, market } = rig.engine;
    expect(state.day?.netDepositsUsdt.toFixed()).toBe('5500');
    expect(dayPnlOf(state, equityOf(state, market))?.toFixed()).toBe('0');
    move('USDT', '-600', START_MS + 4);
    rig.tell({ kind: 'balances', entries: [balance('USDT', '9850')], venueTimeMs: START_MS + 4 });
    expect(dayLossOf(state, equityOf(state, market))?.toFixed()).toBe('50');
  });

  test('ended orders leave memory after a day and stay in the journal (B9); open ones never do', () => {
    const rig = new Rig().ready();
    const gone = rig.rest();
    rig.execute(stated(gone, { status: 'CANCELED' }));
    rig.pass(600);
    const open = rig.rest();
    for (let day = 1; day <= 2; day += 1) {
      rig.nowMs = START_MS + day * DAY_MS;
      rig.pass(1200);
    }
    expect(rig.engine.state.orders.has(gone)).toBe(false);
    expect(rig.engine.state.orders.has(open)).toBe(true);
    expect(rig.of('order.intended')).toHaveLength(2);
  });
});

test('an order in one symbol takes nothing from another’s picture', () => {
  const rig = new Rig().ready();
  rig.rest({ symbol: ETH, price: text('2500'), qty: text('0.1') });
  expect(picture(rig).inFlight).toMatchObject({ ordersOfSymbol: 0, unfilledOrders: 1 });
  expect([...picture(rig).inFlight.openingSymbols]).toEqual([ETH]);
});
