// What losses, failures and exposure are measured on, through a whole engine: counted once, taken back by nobody, and the same after a
// replay (C7, C13, C14, D, Q6).
import { describe, expect, test } from 'vitest';
import type { ClientOrderId } from '../../../src-shared/domain/ids.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { policySchema } from '../../../src-shared/policy/schema.ts';
import { closed, EMPTY_RISK, failed, marked, moved, restated } from '../../../src-main/engine/risk-book.ts';
import { drawdownPct } from '../../../src-main/safety/breaker.ts';
import { exposureOf } from '../../../src-main/engine/exposure.ts';
import { money } from '../../../src-shared/domain/money.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { balance, fillOf, Rig, stated, text } from '../../support/engine-rig.ts';
import { BTC, ETH, START_MS } from '../../support/sim.ts';
import { stateText } from '../../support/state-text.ts';
import { WIDE } from '../../support/wide.ts';

const MINUTE_MS = 60_000;
const COOLING = policySchema.parse({ ...WIDE, limits: { ...WIDE.limits, coolDownAfterLosses: 3 } });

/** A rig that trades, and how it closes: buys 0.01 BTC at 50000 and sells it at a price. */
const trader = (): { readonly rig: Rig; readonly close: (price: string) => ClientOrderId } => {
  const rig = new Rig({ policy: COOLING, balances: [balance('USDT', '10000'), balance('BTC', '1')] }).ready();
  const close = (at: string): ClientOrderId => {
    rig.hold();
    rig.pass(600);
    const sale = rig.rest({ side: 'SELL', price: text('50500') });
    rig.execute(stated(sale, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf(`s-${sale}`, '0.01', { price: text(at) }));
    rig.pass(600);
    return sale;
  };
  return { rig, close };
};

const replayed = (rig: Rig): void => expect(stateText(new Rig({ replay: rig.facts }).engine.state)).toBe(stateText(rig.engine.state));

describe('losing closes in a row (C13)', () => {
  test('the third forbids openings for thirty minutes, shown with a countdown; sales still go', () => {
    const { rig, close } = trader();
    close('49990');
    close('49990');
    expect(rig.engine.trading().level).toBe('ACTIVE');
    rig.hold();
    rig.pass(600);
    const sale = rig.rest({ side: 'SELL', price: text('50500') });
    rig.execute(stated(sale, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('third', '0.01', { price: text('49990') }));
    expect(rig.engine.state.risk).toMatchObject({ lossesInRow: 3, lastLossAtMs: rig.nowMs });
    expect(rig.engine.trading()).toMatchObject({
      level: 'REDUCING',
      causes: [{ code: 'LOSSES', text: '3 losses in a row: openings are denied for 30:00 more, or until a close wins.' }],
    });
    expect(rig.place({})).toMatchObject({ kind: 'denied' });
    rig.nowMs += 30 * MINUTE_MS - 200;
    rig.monoMs += 30 * MINUTE_MS - 200;
    rig.pass(100);
    expect(rig.engine.trading().level).toBe('REDUCING');
    rig.pass(100);
    expect(rig.engine.trading().level).toBe('ACTIVE');
    replayed(rig);
  });

  test('an opening that waits for the disk dies at the wire when the third loss comes', () => {
    const { rig, close } = trader();
    close('49990');
    close('49990');
    rig.hold();
    rig.pass(600);
    const sale = rig.rest({ side: 'SELL', price: text('50500') });
    rig.pass(600);
    const opening = rig.intend({ price: text('49500') });
    rig.execute(stated(sale, { side: 'SELL', status: 'FILLED', filledQty: '0.01' }), fillOf('third', '0.01', { price: text('49990') }));
    expect(rig.engine.trading([opening]).level).toBe('REDUCING');
  });

  test('a winning close ends the row, break-even neither counts nor clears', () => {
    const { rig, close } = trader();
    close('49990');
    close('49990');
    close('50000');
    expect(rig.engine.state.risk.lossesInRow).toBe(2);
    close('50100');
    expect(rig.engine.state.risk.lossesInRow).toBe(0);
    replayed(rig);
  });

  test('a close counts once, however many fills it has and however late one of them comes', () => {
    const { rig } = trader();
    rig.hold();
    rig.pass(600);
    const sale = rig.rest({ side: 'SELL', price: text('50500') });
    const at = (tradeId: string, filledQty: string, status: string) =>
      rig.execute(stated(sale, { side: 'SELL', status, filledQty }), fillOf(tradeId, '0.004', { price: text('49990') }));
    at('a', '0.004', 'PARTIALLY_FILLED');
    expect(rig.engine.state.risk.lossesInRow).toBe(0);
    rig.execute(stated(sale, { side: 'SELL', status: 'CANCELED', filledQty: '0.004' }));
    expect(rig.engine.state.risk.lossesInRow).toBe(1);
    at('b', '0.008', 'PARTIALLY_FILLED');
    rig.execute(stated(sale, { side: 'SELL', status: 'CANCELED', filledQty: '0.008' }));
    expect(rig.engine.state.risk.lossesInRow).toBe(1);
    expect(rig.engine.state.orders.get(sale)?.realisedUsdt.toFixed()).toBe('-0.08');
    replayed(rig);
  });
});

describe('failures (D)', () => {
  test('a refusal of the venue counts, one that never left does not, and an accepted order ends the row', () => {
    const rig = new Rig({ policy: COOLING }).ready();
    for (let count = 1; count <= 2; count += 1) {
      rig.answer(rig.send(), { kind: 'rejected', code: -2010, text: 'no', sent: true });
      rig.pass(600);
      expect(rig.engine.state.risk).toMatchObject({ orderFailuresInRow: count });
    }
    expect(rig.engine.state.risk.failedTradesMs).toHaveLength(2);
    rig.answer(rig.send(), { kind: 'rejected', code: null, text: 'no', sent: false });
    rig.pass(600);
    expect(rig.engine.state.risk).toMatchObject({ orderFailuresInRow: 2 });
    rig.rest();
    expect(rig.engine.state.risk).toMatchObject({ orderFailuresInRow: 0 });
    expect(rig.engine.state.risk.failedTradesMs).toHaveLength(2);
    replayed(rig);
  });

  test('a list that is refused whole is one failure', () => {
    const rig = new Rig({ policy: COOLING }).ready();
    const entry = rig.intend({ exits: { stopLoss: text('49000'), takeProfit: text('52000') } });
    const list = rig.engine.state.orders.get(entry)?.list;
    expect(rig.engine.state.lists.get(list?.listId as never)).toHaveLength(3);
    rig.engine.dispatch({
      kind: 'submitted-list',
      listId: list?.listId as never,
      outcome: { kind: 'rejected', code: -2010, text: 'no', sent: true },
    });
    expect(rig.of('order.rejected')).toHaveLength(3);
    expect(rig.engine.state.risk).toMatchObject({ orderFailuresInRow: 1 });
    replayed(rig);
  });

  test('are kept for a day, and no more of them than a policy can ask for', () => {
    let book = EMPTY_RISK;
    for (let count = 0; count < 250; count += 1) book = failed(book, START_MS + count);
    expect(book.failedTradesMs).toHaveLength(100);
    expect(book.failedTradesMs.at(-1)).toBe(START_MS + 249);
    expect(failed(book, START_MS + 25 * 60 * MINUTE_MS).failedTradesMs).toEqual([START_MS + 25 * 60 * MINUTE_MS]);
    expect(book.orderFailuresInRow).toBe(250);
  });
});

describe('peaks', () => {
  const at = (day: string): number => Date.parse(`${day}T12:00:00Z`);

  test('of day and week begin anew with them, the one of all never; a clock that stepped back begins none', () => {
    const friday = marked(EMPTY_RISK, money('100'), at('2026-11-06'));
    const saturday = marked(friday, money('90'), at('2026-11-07'));
    expect(saturday).toMatchObject({ dayUtc: '2026-11-07', weekUtc: '2026-11-02' });
    expect([saturday.peakUsdt, saturday.weekPeakUsdt, saturday.dayPeakUsdt].map(String)).toEqual(['100', '100', '90']);
    const monday = marked(saturday, money('80'), at('2026-11-09'));
    expect([monday.peakUsdt, monday.weekPeakUsdt, monday.dayPeakUsdt].map(String)).toEqual(['100', '80', '80']);
    const back = marked(monday, money('70'), at('2026-11-08'));
    expect(back).toMatchObject({ dayUtc: '2026-11-09', weekUtc: '2026-11-09' });
    expect([back.weekPeakUsdt, back.dayPeakUsdt].map(String)).toEqual(['80', '80']);
    const later = marked(monday, money('60'), at('2026-11-12'));
    expect(later).toMatchObject({ dayUtc: '2026-11-12', weekUtc: '2026-11-09' });
  });

  test('move with money from outside and with a reset of the venue: neither is a profit nor a loss', () => {
    const book = marked(EMPTY_RISK, money('100'), at('2026-11-06'));
    const peaks = (of: typeof book) => [of.peakUsdt, of.weekPeakUsdt, of.dayPeakUsdt, of.markedUsdt].map((one) => one?.toFixed());
    expect(peaks(moved(book, new Decimal(-30)))).toEqual(['70', '70', '70', '70']);
    expect(peaks(restated(book, new Decimal(5)))).toEqual(['105', '105', '105', '105']);
    expect(peaks(restated(book, null))).toEqual([undefined, undefined, undefined, undefined]);
    expect(moved(EMPTY_RISK, new Decimal(5))).toEqual(EMPTY_RISK);
    expect(closed(book, new Decimal(0), 1)).toBe(book);
  });

  test('below a peak: a drawdown in percent is what it was, however much is taken out or put in; an emptied account begins anew', () => {
    const book = marked(marked(EMPTY_RISK, money('100'), at('2026-11-06')), money('97'), at('2026-11-06'));
    const drawdowns = (of: typeof book) =>
      [of.peakUsdt, of.weekPeakUsdt, of.dayPeakUsdt].map((peak) => drawdownPct(peak, of.markedUsdt)?.toFixed(6));
    for (const delta of ['-48.5', '-96.99', '97', '97000', '-50.123456789'])
      expect(drawdowns(moved(book, new Decimal(delta)))).toEqual(['3.000000', '3.000000', '3.000000']);
    const emptied = moved(book, new Decimal(-97));
    expect(drawdowns(emptied)).toEqual([undefined, undefined, undefined]);
    expect(moved(marked(EMPTY_RISK, money('0'), at('2026-11-06')), new Decimal(50)).peakUsdt?.toFixed()).toBe('50');
    expect(marked(emptied, money('10'), at('2026-11-06')).peakUsdt?.toFixed()).toBe('10');
  });
});

describe('exposure (C7, C14)', () => {
  const shown = (rig: Rig, symbol = BTC, without: ClientOrderId | null = null) => {
    const { state, market } = rig.engine;
    const { symbolUsdt, totalUsdt, largest } = exposureOf(state, market, symbol, (without && state.orders.get(without)) ?? null);
    return [symbolUsdt?.toFixed() ?? null, totalUsdt?.toFixed() ?? null, largest?.symbol ?? null];
  };

  test('counts a position at its mark, open buys at what they may cost, sells not at all, and an unknown buy in full', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '1')] }).ready();
    expect(shown(rig)).toEqual(['0', '0', null]);
    rig.hold();
    rig.pass(600);
    expect(shown(rig)).toEqual(['500', '500', BTC]);
    const more = rig.rest({ price: text('49000') });
    expect(shown(rig)).toEqual(['990', '990', BTC]);
    expect(shown(rig, BTC, more)).toEqual(['500', '500', BTC]);
    rig.pass(600);
    rig.rest({ side: 'SELL', price: text('50500') });
    rig.lose(rig.send({ symbol: ETH, price: text('2500'), qty: text('0.1') }));
    expect(shown(rig)).toEqual(['990', '1240', BTC]);
    expect(shown(rig, ETH)).toEqual(['250', '1240', BTC]);
    rig.execute(
      stated(more, { price: '49000', status: 'PARTIALLY_FILLED', filledQty: '0.004' }),
      fillOf('p', '0.004', { price: text('49000') }),
    );
    expect(shown(rig)).toEqual(['994', '1244', BTC]);
    rig.execute(stated(more, { price: '49000', status: 'CANCELED', filledQty: '0.004' }));
    expect(shown(rig)).toEqual(['700', '950', BTC]);
    replayed(rig);
  });

  test.each([['the limit first'], ['the trailing one first']])(
    'a pair of buys from the phone, one without a price, leaves nothing behind: %s',
    (first) => {
      const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '0.01')] }).ready();
      rig.hold();
      rig.pass(600);
      rig.rest({ price: text('49500'), qty: text('0.003') });
      const alone = shown(rig);
      const limit = (status: string) => stated('ph-l', { venueType: 'LIMIT_MAKER', price: '49600', venueListId: '77', status });
      const trailing = (status: string) =>
        stated('ph-t', { venueType: 'STOP_LOSS', price: '0', stopPrice: '0', trailingDeltaBps: 100, venueListId: '77', status });
      const legs = first === 'the limit first' ? [limit, trailing] : [trailing, limit];
      for (const leg of legs) rig.execute(leg('NEW'));
      expect(rig.engine.state.books.get(BTC)?.unpricedBuyQty.toFixed()).toBe('0.01');
      for (const leg of legs) rig.execute(leg('CANCELED'));
      expect(rig.engine.state.books.get(BTC)?.unpricedBuyQty.toFixed()).toBe('0');
      expect(rig.engine.state.unpriced.size).toBe(0);
      expect(shown(rig)).toEqual(alone);
    },
  );

  test('counts an amount to spend by what is left of it, and gives all of it back at its end', () => {
    const rig = new Rig().ready();
    const buy = rig.send({ type: 'MARKET', price: undefined, qty: undefined, quoteQty: text('300') });
    expect(shown(rig)).toEqual(['300', '300', BTC]);
    const order = (filledQty: string, status: string) => stated(buy, { venueType: 'MARKET', price: '0', qty: '0', filledQty, status });
    rig.execute(order('0.002', 'PARTIALLY_FILLED'), fillOf('m', '0.002'));
    expect(shown(rig)).toEqual(['300', '300', BTC]);
    rig.execute(order('0.002', 'EXPIRED'));
    expect(shown(rig)).toEqual(['100', '100', BTC]);
    expect(rig.engine.state.books.size).toBe(0);
  });

  test('a buy from the phone counts: at its price, at its trigger, and at the mark where it states none', () => {
    const rig = new Rig().ready();
    const phone = (name: string, changes: Record<string, string>) => rig.execute(stated(name, { venueOrderId: `v-${name}`, ...changes }));
    phone('limit', {});
    expect(shown(rig)).toEqual(['500', '500', BTC]);
    phone('stop', { venueType: 'STOP_LOSS', price: '0', stopPrice: '52000' });
    expect(shown(rig)).toEqual(['1020', '1020', BTC]);
    phone('trails', { venueType: 'STOP_LOSS', price: '0', stopPrice: '0' });
    expect(shown(rig)).toEqual(['1520', '1520', BTC]);
    phone('trails', { venueType: 'STOP_LOSS', price: '0', stopPrice: '0', status: 'CANCELED' });
    expect(shown(rig)).toEqual(['1020', '1020', BTC]);
  });

  test('what has no mark makes it unknown, and nothing is opened (C15)', () => {
    const rig = new Rig({ balances: [balance('USDT', '10000'), balance('BTC', '1')] }).ready();
    rig.hold();
    const next = new Rig({ replay: rig.facts });
    expect(shown(next)).toEqual([null, null, null]);
    expect(shown(next, ETH)).toEqual(['0', null, null]);
    next.tell({ kind: 'quote', symbol: BTC, bid: text('0'), ask: text('0') });
    expect(shown(next)).toEqual([null, null, null]);
  });

  test('NORMAL takes one full order a symbol, denies the second by name, and lets it go once the first is gone', () => {
    const rig = new Rig({ policy: NORMAL }).ready();
    const full = { price: text('50000'), qty: text('0.0199') };
    const first = rig.rest(full);
    rig.pass(600);
    expect(rig.place(full)).toMatchObject({ kind: 'denied', denial: { code: 'C7.positionPct' } });
    rig.execute(stated(first, { ...full, status: 'CANCELED' }));
    expect(rig.place(full)).toMatchObject({ kind: 'placed' });
  });
});
