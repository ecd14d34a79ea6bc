// What one round of a comparison asks for (REQUIREMENTS I, C9): within its allowance, what must be seen first, and nothing forgotten.
import { describe, expect, test } from 'vitest';
import { emptyState } from '../../../src-main/engine/evolve.ts';
import type { EngineState, Traded } from '../../../src-main/engine/state.ts';
import {
  allowanceOf,
  FIXED_WEIGHT,
  ordersOfRound,
  strangersOfRound,
  tradesOfRound,
  unsearched,
  WEIGHT,
} from '../../../src-main/reconcile/rounds.ts';
import type { RoundNotes } from '../../../src-main/reconcile/rounds.ts';
import type { AssetId, ClientOrderId, SymbolId } from '../../../src-shared/domain/ids.ts';
import { Rig, stated } from '../../support/engine-rig.ts';
import { BTC, ETH } from '../../support/sim.ts';

const symbols = (count: number): SymbolId[] => Array.from({ length: count }, (_, index) => `S${index}USDT` as SymbolId);
const NOTHING_SEEN = { openOrders: [], queries: new Map() };
const notes = (changes: Partial<RoundNotes> = {}): RoundNotes => ({
  tracked: new Set(),
  gaps: new Map(),
  searched: new Set(),
  tradesAskedAtMs: new Map(),
  sweepSinceMs: 0,
  again: new Map(),
  ...changes,
});
const traded = (all: readonly SymbolId[], changes: Partial<EngineState> = {}): EngineState => ({
  ...emptyState(),
  traded: new Map(all.map((symbol): [SymbolId, Traded] => [symbol, { fromMs: 0, newestMs: 1_000_000, comparedMs: 1_000_000 }])),
  ...changes,
});
const gapsIn = (...assets: string[]): ReadonlyMap<AssetId, unknown> => new Map(assets.map((asset) => [asset as AssetId, 1]));

describe('the allowance', () => {
  test('is half of what is left of the minute, never more than a round needs, never so little that it stands still', () => {
    expect(allowanceOf(0, 5000)).toBe(1200);
    expect(allowanceOf(4000, 5000)).toBe(500);
    expect(allowanceOf(4990, 5000)).toBeGreaterThan(FIXED_WEIGHT);
    expect(allowanceOf(6000, 5000)).toBe(allowanceOf(4990, 5000));
  });

  test('holds: with 500 unlisted orders and 200 symbols a round stays in it, and all are asked in the end', () => {
    const missing = Array.from({ length: 500 }, (_, index) => ({ clientOrderId: `o${index}` as ClientOrderId }) as never);
    const all = symbols(200);
    const state = traded(all);
    const askedOrders = new Map<ClientOrderId, number>();
    const askedTrades = new Map<SymbolId, number>();
    let rounds = 0;
    for (let left = 1; left > 0; rounds += 1) {
      const weight = allowanceOf(0, 5000) - FIXED_WEIGHT;
      const orders = ordersOfRound(missing, askedOrders, weight / 2);
      const trades = tradesOfRound(
        state,
        NOTHING_SEEN,
        notes({ tradesAskedAtMs: askedTrades, sweepSinceMs: 1 }),
        weight - orders.now.length * WEIGHT.order,
      );
      expect(orders.now.length * WEIGHT.order + trades.since.size * WEIGHT.trades).toBeLessThanOrEqual(weight);
      for (const { clientOrderId } of orders.now as readonly { clientOrderId: ClientOrderId }[]) askedOrders.set(clientOrderId, rounds + 1);
      for (const symbol of trades.since.keys()) askedTrades.set(symbol, rounds + 1);
      left = 500 - askedOrders.size + trades.left;
      expect(rounds).toBeLessThan(20);
    }
    expect([askedOrders.size, askedTrades.size]).toEqual([500, 200]);
  });

  test('of nothing still lets one question through: a round always gets on', () => {
    expect(ordersOfRound([{ clientOrderId: 'a' }, { clientOrderId: 'b' }] as never, new Map(), 0)).toMatchObject({
      now: [{ clientOrderId: 'a' }],
      left: 1,
    });
    expect(tradesOfRound(traded([BTC, ETH]), NOTHING_SEEN, notes(), 0).since.size).toBe(1);
  });
});

test('orders that were never asked for come first, then those asked for longest ago', () => {
  const missing = ['a', 'b', 'c'].map((clientOrderId) => ({ clientOrderId })) as never[];
  const asked = new Map([
    ['a' as ClientOrderId, 9],
    ['c' as ClientOrderId, 3],
  ]);
  expect(ordersOfRound(missing, asked, WEIGHT.order * 2).now).toEqual([{ clientOrderId: 'b' }, { clientOrderId: 'c' }]);
});

test('strangers that wait name the symbols whose trades are needed once more', () => {
  const strange = [BTC, BTC, ETH].map((symbol) => ({ symbol }));
  expect(strangersOfRound(strange, WEIGHT.order * 2)).toMatchObject({ left: 1, symbols: new Set([ETH]) });
  expect(strangersOfRound(strange, 100)).toMatchObject({ left: 0, symbols: new Set() });
});

describe('whose trades are asked for', () => {
  const one = WEIGHT.trades;
  const first = (state: EngineState, changes: Partial<RoundNotes>, seen = NOTHING_SEEN as Parameters<typeof tradesOfRound>[1]) => [
    ...tradesOfRound(state, seen, notes(changes), one).since.keys(),
  ];

  test('each symbol from shortly before its newest fill on; one whose strangers had to wait since the same time as before', () => {
    const { since } = tradesOfRound(traded([BTC, ETH]), NOTHING_SEEN, notes({ again: new Map([[ETH, 5]]) }), 100);
    expect(Object.fromEntries(since)).toEqual({ BTCUSDT: 940_000, ETHUSDT: 5 });
  });

  test('first where the venue filled more than is known here', () => {
    const rig = new Rig().ready();
    const order = rig.rest();
    const state = { ...rig.engine.state, traded: traded([ETH, BTC]).traded };
    const more = stated(order, { filledQty: '0.004', status: 'PARTIALLY_FILLED' });
    expect(first(state, {}, { ...NOTHING_SEEN, openOrders: [more] })).toEqual([BTC]);
    const outcomes = new Map([
      [order, { kind: 'found', order: more } as const],
      ['other' as ClientOrderId, { kind: 'absent' } as const],
    ]);
    expect(first(state, {}, { openOrders: [stated('phone')], queries: outcomes })).toEqual([BTC]);
    expect(first(state, {}, { ...NOTHING_SEEN, openOrders: [stated(order)] })).toEqual([ETH]);
  });

  test('first where a balance has a gap, traded here or not', () => {
    expect(first(traded([ETH, BTC]), { gaps: gapsIn('BTC') })).toEqual([BTC]);
    expect(first(traded([BTC]), { gaps: gapsIn('ETH'), tracked: new Set([BTC, ETH]) })).toEqual([ETH]);
  });

  test('then what was not asked for since the stream came back, and only that is left over', () => {
    const tradesAskedAtMs = new Map([
      [BTC, 50],
      [ETH, 5],
    ]);
    const state = traded([BTC, ETH]);
    expect(first(state, { tradesAskedAtMs, sweepSinceMs: 10 })).toEqual([ETH]);
    expect(tradesOfRound(state, NOTHING_SEEN, notes({ tradesAskedAtMs, sweepSinceMs: 10 }), one).left).toBe(0);
    expect(tradesOfRound(state, NOTHING_SEEN, notes({ tradesAskedAtMs, sweepSinceMs: 60 }), one).left).toBe(1);
  });

  test('a symbol without an order here since the account was first stated', () => {
    const ledger = { fromMs: 777, totals: new Map() };
    const wanted = notes({ gaps: gapsIn('ETH'), tracked: new Set([ETH]) });
    expect([...tradesOfRound(traded([], { ledger }), NOTHING_SEEN, wanted, 100).since]).toEqual([[ETH, 777]]);
    expect([...tradesOfRound(traded([]), NOTHING_SEEN, wanted, 100).since]).toEqual([[ETH, 0]]);
  });
});

describe('symbols that are looked through for a gap', () => {
  const tracked = new Set([BTC, ETH]);

  test('its own, once, if this console trades it and has no order in it', () => {
    expect(unsearched(traded([]), notes({ tracked, gaps: gapsIn('ETH', 'XYZ') }))).toEqual([ETH]);
    expect(unsearched(traded([]), notes({ tracked, gaps: gapsIn('ETH'), searched: new Set([ETH]) }))).toEqual([]);
    expect(unsearched(traded([ETH]), notes({ tracked, gaps: gapsIn('ETH') }))).toEqual([]);
  });

  test('all of them for a gap in USDT: a round trip in any of them leaves one', () => {
    expect(unsearched(traded([]), notes({ tracked, gaps: gapsIn('USDT') }))).toEqual([BTC, ETH]);
    expect(unsearched(traded([BTC]), notes({ tracked, gaps: gapsIn('USDT', 'ETH') }))).toEqual([ETH]);
    expect(unsearched(traded([]), notes({ tracked, gaps: gapsIn('USDT', 'ETH') }), 'ETH' as AssetId)).toEqual([ETH]);
  });
});
