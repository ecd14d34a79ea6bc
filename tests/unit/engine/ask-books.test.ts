// One round of questions to the venue (REQUIREMENTS I, C9): what is asked in which order, what it weighs, and that one failed question
// fails the round whole.
import { describe, expect, test } from 'vitest';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../../src-shared/domain/ids.ts';
import { askBooks, askOrder } from '../../../src-main/engine/ask-books.ts';
import type { DecimalText } from '../../../src-shared/domain/money.ts';
import type { BudgetReading, Venue, VenueFailure, VenueOrder } from '../../../src-main/venue/port.ts';
import type { Order, Traded } from '../../../src-main/engine/state.ts';
import { DOWN, fillOf, Rig, stated } from '../../support/engine-rig.ts';
import { BTC, ETH } from '../../support/sim.ts';

const REFUSED: VenueFailure = { kind: 'refused', code: -2013, text: 'no such order' };
const WEIGHTS = { openOrders: 80, account: 20, queryOrder: 4, orderOf: 4, tradesSince: 20 } as const;

/** A venue that keeps a list of what it was asked; it knows no order and has no trade, unless told otherwise. */
class Asked {
  readonly calls: string[] = [];
  weight = 0;
  venue: Venue;

  constructor(answers: Partial<Venue> = {}) {
    const usual: Partial<Venue> = {
      openOrders: () => Promise.resolve(ok([])),
      account: () => Promise.resolve(ok({ canTrade: true, balances: [] })),
      queryOrder: () => Promise.resolve({ kind: 'absent' }),
      orderOf: () => Promise.resolve(fail(REFUSED)),
      tradesSince: () => Promise.resolve(ok([])),
    };
    const noting = (name: keyof typeof WEIGHTS) => {
      const answer = (answers[name] ?? usual[name]) as (...args: readonly unknown[]) => unknown;
      return (...args: readonly unknown[]): unknown => {
        this.calls.push([name, ...args].join(' '));
        this.weight += WEIGHTS[name];
        return answer(...args);
      };
    };
    this.venue = Object.fromEntries(Object.keys(WEIGHTS).map((name) => [name, noting(name as keyof typeof WEIGHTS)])) as never;
  }
}

const ask = (rig: Rig, asked: Asked, startedAtMs = rig.nowMs + 1) =>
  askBooks(asked.venue, rig.engine.state, rig.engine.market, startedAtMs);
const many = (rig: Rig, count: number): ClientOrderId[] =>
  Array.from({ length: count }, (_, index) => {
    rig.execute(stated(`o${index}`));
    return `o${index}` as ClientOrderId;
  });
const traded = (rig: Rig, count: number): void => {
  const all = rig.engine.state.traded as Map<SymbolId, Traded>;
  for (let index = 0; index < count; index += 1)
    all.set(`S${index}USDT` as SymbolId, { fromMs: 0, newestMs: 100_000, comparedMs: 100_000 });
};

describe('a round', () => {
  test('lists what is open, asks for what is missing there, then for trades, and for the account last', async () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    const asked = new Asked();
    const books = await ask(rig, asked);
    expect(asked.calls).toEqual([
      'openOrders  normal',
      `queryOrder BTCUSDT ${order}`,
      `tradesSince BTCUSDT ${Number(rig.engine.state.ledger?.fromMs) - 60_000}`,
      'account normal',
    ]);
    expect(books).toMatchObject({ ok: true, value: { left: 0, queries: new Map([[order, { kind: 'absent' }]]) } });
  });

  test('never weighs more than half of what is left of the minute, whatever there is to ask; what waits is counted', async () => {
    for (const usedWeight of [0, 3000, 4500]) {
      const rig = new Rig().ready();
      many(rig, 300);
      traded(rig, 200);
      rig.tell({ kind: 'budget', budget: { ...(rig.engine.market.budget as BudgetReading), usedWeight } });
      const asked = new Asked();
      const books = await ask(rig, asked);
      expect(asked.weight).toBeLessThanOrEqual(Math.min(1200, (5000 - usedWeight) / 2));
      expect(books.ok && books.value.left).toBeGreaterThan(200);
    }
  });

  test('asks before there is a policy or a reading of the weight', async () => {
    const rig = new Rig();
    expect(await ask(rig, new Asked())).toMatchObject({ ok: true });
  });
});

describe('orders that nobody here knows', () => {
  const trade = (tradeId: string, venueOrderId: string, timeMs: number) => ({
    ...fillOf(tradeId, '1', { timeMs }),
    venueOrderId: venueOrderId as VenueOrderId,
  });
  const phone = (_symbol: SymbolId, venueOrderId: VenueOrderId) =>
    Promise.resolve(ok<VenueOrder>(stated(`phone-${venueOrderId}`, { venueOrderId })));

  test('are asked for once each, oldest trade first; one that the venue refuses is left to the balances', async () => {
    const rig = new Rig().ready();
    rig.rest();
    const later = rig.nowMs + 10_000;
    const trades = [trade('3', 'c', later + 3), trade('1', 'a', later + 1), trade('2', 'a', later + 2), trade('4', 'none', later + 4)];
    const asked = new Asked({
      tradesSince: () => Promise.resolve(ok(trades)),
      orderOf: (symbol, number) => (number === 'none' ? Promise.resolve(fail(REFUSED)) : phone(symbol, number)),
    });
    const books = await ask(rig, asked, later + 9);
    expect(asked.calls.filter((call) => call.startsWith('orderOf'))).toEqual([
      'orderOf BTCUSDT a',
      'orderOf BTCUSDT c',
      'orderOf BTCUSDT none',
    ]);
    expect(books.ok && books.value.strangers.map((order) => order.clientOrderId)).toEqual(['phone-a', 'phone-c']);
  });

  test('are too many for one round: the rest is asked for in the next, from the same time on', async () => {
    const rig = new Rig().ready();
    rig.rest();
    const trades = Array.from({ length: 100 }, (_, index) => trade(`${index}`, `v${index}`, rig.nowMs + index));
    const asked = new Asked({ tradesSince: () => Promise.resolve(ok(trades)), orderOf: phone });
    const books = await ask(rig, asked);
    if (!books.ok) throw new Error('it answers');
    expect(books.value.strangers.length + books.value.left).toBe(100);
    expect([...books.value.again.keys()]).toEqual([BTC]);
    expect(asked.weight).toBeLessThanOrEqual(1200);
  });

  test('bought by phone in a symbol without an order here are looked for since the account was first stated', async () => {
    const rig = new Rig().ready();
    rig.engine.market.unexplained.set('ETH' as never, rig.order(rig.rest()).reservedUsdt as never);
    const asked = new Asked();
    const books = await ask(rig, asked);
    expect(asked.calls).toContain(`tradesSince ETHUSDT ${rig.engine.state.ledger?.fromMs}`);
    expect(books.ok && [...books.value.asked.keys()]).toEqual([ETH, BTC]);
  });
});

test('confirmed orders are asked for by number only while a reset is suspected', async () => {
  const rig = new Rig().ready();
  const order = rig.rest();
  rig.pass(20_000);
  const asked = new Asked({ openOrders: () => Promise.resolve(ok([stated(order)])) });
  await ask(rig, asked);
  expect(asked.calls.filter((call) => call.startsWith('orderOf'))).toEqual([]);
  rig.engine.market.resetSuspect = { sinceMs: 0, text: '' };
  expect(await ask(rig, asked)).toMatchObject({ value: { probes: new Map([[order, null]]) } });
  const known = new Asked({ openOrders: () => Promise.resolve(ok([])), orderOf: () => Promise.resolve(ok(stated(order))) });
  expect(await ask(rig, known)).toMatchObject({ value: { probes: new Map([[order, stated(order)]]) } });
});

describe('one order', () => {
  const elder = { clientOrderId: 'bot-1 7', venueOrderId: '7', symbol: BTC, fills: [] } as unknown as Order;

  test('whose name another one has now is asked for by its number: its old place is no name that the exchange takes', async () => {
    const known = stated('bot-1', { venueOrderId: '7' });
    const asked = new Asked({ orderOf: () => Promise.resolve(ok(known)) });
    expect(await askOrder(asked.venue, elder)).toEqual({ kind: 'found', order: known });
    expect(asked.calls).toEqual([`orderOf ${BTC} 7`]);
    expect(await askOrder(new Asked().venue, elder)).toEqual({ kind: 'absent' });
    expect(await askOrder(new Asked({ orderOf: () => Promise.resolve(fail(DOWN)) }).venue, elder)).toEqual({
      kind: 'failed',
      failure: DOWN,
    });
  });

  test('of a name that is its own is asked for by it', async () => {
    const asked = new Asked();
    await askOrder(asked.venue, { ...elder, clientOrderId: 'bot-1' } as Order);
    expect(asked.calls).toEqual([`queryOrder ${BTC} bot-1`]);
  });
});

describe('one failed question fails the round', () => {
  const later = 10_000;
  test.each([
    ['openOrders', { openOrders: () => Promise.resolve(fail(DOWN)) }],
    ['queryOrder', { queryOrder: () => Promise.resolve({ kind: 'failed', failure: DOWN }) }],
    ['tradesSince', { tradesSince: () => Promise.resolve(fail(DOWN)) }],
    ['account', { account: () => Promise.resolve(fail(DOWN)) }],
    ['orderOf', { orderOf: () => Promise.resolve(fail(DOWN)) }],
  ] as const)('%s', async (_name, answers) => {
    const rig = new Rig().ready();
    rig.rest();
    const trades = [{ ...fillOf('1', '1', { timeMs: rig.nowMs + later }), venueOrderId: 'stranger' as VenueOrderId }];
    const asked = new Asked({ tradesSince: () => Promise.resolve(ok(trades)), ...(answers as Partial<Venue>) });
    expect(await ask(rig, asked, rig.nowMs + later + 1)).toEqual(fail(DOWN));
  });

  test('but a symbol that the exchange lists no more: it has nothing to say, and the others are compared', async () => {
    const rig = new Rig().ready();
    rig.rest({ symbol: ETH, qty: '0.2' as DecimalText, price: '2490' as DecimalText });
    const unlisted: VenueFailure = { kind: 'refused', code: -1121, text: 'Invalid symbol.' };
    const of = (symbol: unknown) => (symbol === ETH ? fail(unlisted) : ok([]));
    const asked = new Asked({
      tradesSince: (symbol) => Promise.resolve(of(symbol)),
      queryOrder: (symbol) => Promise.resolve(symbol === ETH ? { kind: 'failed', failure: unlisted } : { kind: 'absent' }),
    });
    const { instruments } = rig.engine.market;
    rig.engine.market.instruments = new Map([...instruments].filter(([symbol]) => symbol !== ETH));
    expect(await ask(rig, asked, rig.nowMs + later)).toMatchObject({ ok: true, value: { queries: new Map(), trades: [] } });
    // Of one that is listed the same refusal is a fault.
    rig.engine.market.instruments = instruments;
    expect(await ask(rig, asked, rig.nowMs + later)).toEqual(fail(unlisted));
  });

  test('orderOf, while a reset is suspected', async () => {
    const rig = new Rig().ready();
    rig.rest();
    rig.engine.market.resetSuspect = { sinceMs: 0, text: '' };
    expect(await ask(rig, new Asked({ orderOf: () => Promise.resolve(fail(DOWN)) }), rig.nowMs + 20_000)).toEqual(fail(DOWN));
  });
});
