// The gate's picture as the engine draws it (C14): what lists, conditional orders and protection count for while they are in flight, and
// what the picture is without an order that is to be replaced.
import { describe, expect, it } from 'vitest';
import type { AssetId, ClientOrderId, SymbolId, TradeId, VenueOrderId } from '../../../src-shared/domain/ids.ts';
import type { ListKind, ListRole } from '../../../src-shared/domain/order.ts';
import { NORMAL } from '../../../src-shared/policy/profiles.ts';
import { emptyState, evolve } from '../../../src-main/engine/evolve.ts';
import type { Fact, IntendedLeg, IntendedOrder } from '../../../src-main/engine/facts.ts';
import { Market } from '../../../src-main/engine/market.ts';
import { pictureOf } from '../../../src-main/engine/picture.ts';
import type { EngineState } from '../../../src-main/engine/state.ts';
import { judge, judgeReplace } from '../../../src-main/safety/gate.ts';
import type { GatePicture } from '../../../src-main/safety/picture.ts';
import { ACTIVE, BTC, instrument, limitBuy, stopSell, text } from './pictures.ts';

const ETH = 'ETHUSDT' as SymbolId;
const id = (name: string) => name as ClientOrderId;

/** A state that facts made, and the picture of BTCUSDT in it. */
class World {
  readonly state: EngineState = emptyState();
  readonly market = new Market();

  constructor(...facts: readonly Fact[]) {
    this.market.instruments = new Map([[BTC, instrument()]]);
    this.market.observe({ kind: 'quote', symbol: BTC, bid: text('49999'), ask: text('50001') }, { nowMs: 1000, monoMs: 1000 });
    this.after(...facts);
  }

  after(...facts: readonly Fact[]): this {
    for (const fact of facts) evolve(this.state, { seq: this.state.seq + 1, atMs: 1000, fact });
    return this;
  }

  picture(without: string | null = null, symbol: SymbolId = BTC): GatePicture {
    const moment = { nowMs: 1000, monoMs: 1000 };
    return pictureOf(this.state, this.market, NORMAL, ACTIVE, symbol, moment, without === null ? null : id(without));
  }

  /** What is in flight, in texts. */
  inFlight(without: string | null = null): Readonly<Record<string, unknown>> {
    const { openingSymbols, ...numbers } = this.picture(without).inFlight;
    const texts = Object.entries(numbers).map(([name, value]) => [name, typeof value === 'number' ? value : value.toFixed()]);
    return { ...Object.fromEntries(texts), openingSymbols: [...openingSymbols] };
  }

  free(asset: string, without: string | null = null): string | undefined {
    return this.picture(without)
      .free(asset as AssetId)
      ?.toFixed();
  }
}

const order = (name: string, changes: Partial<IntendedOrder> = {}): IntendedOrder => ({
  clientOrderId: id(name),
  symbol: BTC,
  side: 'BUY',
  type: 'LIMIT',
  qty: text('0.01'),
  ...(changes.type === undefined ? { price: text('50000'), timeInForce: 'GTC' } : {}),
  reduceOnly: false,
  origin: 'window',
  generation: 0,
  reservedUsdt: text('500'),
  ...changes,
});
const JUDGED = { bid: text('49999'), ask: text('50001'), ageMs: 1 };
const intended = (name: string, changes: Partial<IntendedOrder> = {}): Fact => ({
  kind: 'order.intended',
  order: order(name, changes),
  quote: JUDGED,
});
const sell = { side: 'SELL', reduceOnly: true } as const;
const stop = { ...sell, type: 'STOP_LOSS', stopPrice: text('49000') } as const;
const leg = (name: string, role: ListRole, changes: Partial<IntendedOrder>): IntendedLeg => ({ ...order(name, changes), role });
const listed = (kind: ListKind, ...orders: IntendedLeg[]): Fact => ({
  kind: 'list.intended',
  list: { listId: id('L'), kind, symbol: BTC, orders },
  quote: JUDGED,
});
const oco = (changes: Partial<IntendedOrder> = {}): Fact =>
  listed('OCO', leg('L-1', 'stop', { ...stop, ...changes }), leg('L-2', 'limit', { ...sell, ...changes }));
const otoco = listed('OTOCO', leg('L-1', 'entry', {}), leg('L-2', 'stop', stop), leg('L-3', 'limit', sell));
const accepted = (name: string, pending = false): Fact => ({
  kind: 'order.accepted',
  clientOrderId: id(name),
  venueOrderId: `v-${name}` as VenueOrderId,
  venueTimeMs: 1000,
  via: 'stream',
  ...(pending ? { pending } : {}),
});
const filled = (name: string, qty: string, side: 'BUY' | 'SELL' = 'BUY'): Fact => ({
  kind: 'order.filled',
  clientOrderId: id(name),
  symbol: BTC,
  tradeId: `${name}-${qty}` as TradeId,
  side,
  price: text('50000'),
  qty: text(qty),
  fee: text('0'),
  feeAsset: 'USDT' as AssetId,
  feeUsdt: text('0'),
  maker: false,
  venueTimeMs: 1000,
  via: 'stream',
});
const ended = (name: string, status: 'FILLED' | 'CANCELED' = 'CANCELED'): Fact => ({
  kind: 'order.ended',
  clientOrderId: id(name),
  status,
  proof: 'stream',
  reason: '',
  venueTimeMs: 1000,
});
const balances = (free: Readonly<Record<string, string>>, venueTimeMs = 2000): Fact => ({
  kind: 'balances.updated',
  entries: Object.entries(free).map(([asset, value]) => ({ asset: asset as AssetId, free: text(value), locked: text('0') })),
  full: true,
  venueTimeMs,
});

const NOTHING = {
  ordersOfSymbol: 0,
  algoOrdersOfSymbol: 0,
  listsOfSymbol: 0,
  buyQtyOfSymbol: '0',
  sellQtyOfSymbol: '0',
  protectionQtyOfSymbol: '0',
  openingSymbols: [],
  unfilledOrders: 0,
  unlockedQuoteUsdt: '0',
  unlockedBaseQty: '0',
  unlockedProtectionQty: '0',
};

describe('what is in flight', () => {
  it('counts an OCO as two orders, one of them conditional, one list, and one sale', () => {
    const world = new World(oco());
    expect(world.inFlight()).toEqual({
      ...NOTHING,
      ordersOfSymbol: 2,
      algoOrdersOfSymbol: 1,
      listsOfSymbol: 1,
      sellQtyOfSymbol: '0.01',
      unfilledOrders: 1,
      unlockedBaseQty: '0.01',
    });
    expect(world.after(ended('L-2')).inFlight()).toMatchObject({
      ordersOfSymbol: 1,
      algoOrdersOfSymbol: 1,
      listsOfSymbol: 1,
      sellQtyOfSymbol: '0.01',
    });
    expect(world.after(ended('L-1')).inFlight()).toEqual(NOTHING);
  });
  it("reserves the dearer leg of a buy's OCO once", () => {
    const world = new World(
      listed(
        'OCO',
        leg('L-1', 'stop', { type: 'STOP_LOSS', stopPrice: text('51000'), reservedUsdt: text('520') }),
        leg('L-2', 'limit', { reservedUsdt: text('520') }),
      ),
    );
    expect(world.inFlight()).toMatchObject({ unlockedQuoteUsdt: '520', buyQtyOfSymbol: '0.01', openingSymbols: [BTC] });
    // The first leg has ended without a fill: the other stands for both.
    expect(world.after(ended('L-1')).inFlight()).toMatchObject({ unlockedQuoteUsdt: '520', buyQtyOfSymbol: '0.01' });
  });
  it('counts exits that wait as orders and as nothing to sell; once they work, as protection', () => {
    const world = new World(otoco);
    expect(world.inFlight()).toEqual({
      ...NOTHING,
      ordersOfSymbol: 3,
      algoOrdersOfSymbol: 1,
      listsOfSymbol: 1,
      buyQtyOfSymbol: '0.01',
      openingSymbols: [BTC],
      unfilledOrders: 2,
      unlockedQuoteUsdt: '500',
    });
    world.after(accepted('L-1'), accepted('L-2', true), accepted('L-3', true), filled('L-1', '0.01'), ended('L-1', 'FILLED'));
    expect(world.inFlight()).toMatchObject({ ordersOfSymbol: 2, sellQtyOfSymbol: '0', protectionQtyOfSymbol: '0', unlockedBaseQty: '0' });
    world.after(accepted('L-2'), accepted('L-3'));
    expect(world.inFlight()).toMatchObject({
      sellQtyOfSymbol: '0.01',
      protectionQtyOfSymbol: '0.01',
      unlockedBaseQty: '0.01',
      unlockedProtectionQty: '0.01',
      listsOfSymbol: 1,
    });
    world.after(filled('L-3', '0.004', 'SELL'), ended('L-2'));
    expect(world.inFlight()).toMatchObject({ sellQtyOfSymbol: '0.006', protectionQtyOfSymbol: '0.006', algoOrdersOfSymbol: 0 });
    expect(world.after(ended('L-3')).inFlight()).toMatchObject({ ordersOfSymbol: 0, listsOfSymbol: 0, protectionQtyOfSymbol: '0' });
  });
  it("counts a fill after an order's end anew, until the end is proven anew", () => {
    const world = new World(oco(), ended('L-1'), ended('L-2'), filled('L-2', '0.004', 'SELL'));
    expect(world.inFlight()).toMatchObject({ ordersOfSymbol: 1, listsOfSymbol: 1, sellQtyOfSymbol: '0.006' });
  });
  it("takes the console's own stop for protection, not its sale at market, nor a person's stop", () => {
    const protectionOf = (changes: Partial<IntendedOrder>) =>
      new World(intended('a', { ...stop, ...changes })).inFlight()['protectionQtyOfSymbol'];
    expect(protectionOf({ origin: 'protection' })).toBe('0.01');
    expect(protectionOf({ origin: 'protection', type: 'MARKET' })).toBe('0');
    expect(protectionOf({ origin: 'window' })).toBe('0');
    expect(new World(oco({ origin: 'protection' })).inFlight()['protectionQtyOfSymbol']).toBe('0.01');
    expect(new World(oco()).inFlight()['protectionQtyOfSymbol']).toBe('0');
  });
  it('leaves out coins of another symbol and orders sized by amount', () => {
    const { qty: _, ...market } = order('m', { type: 'MARKET', quoteQty: text('500') });
    const world = new World(intended('e', { ...sell, symbol: ETH }), { kind: 'order.intended', order: market, quote: JUDGED });
    expect(world.inFlight()).toMatchObject({ unlockedBaseQty: '0', unlockedQuoteUsdt: '500', buyQtyOfSymbol: '0', ordersOfSymbol: 1 });
  });
});

describe('the picture without an order that is to be replaced', () => {
  it("has nothing of a buy, not even its opening; only the exchange's own counts keep it, which it applies first", () => {
    const world = new World(intended('a'));
    expect(world.inFlight('a')).toEqual({ ...NOTHING, ordersOfSymbol: 1, buyQtyOfSymbol: '0.01' });
    world.after(intended('b'));
    expect(world.inFlight('a')).toMatchObject({
      ordersOfSymbol: 2,
      openingSymbols: [BTC],
      unlockedQuoteUsdt: '500',
      unfilledOrders: 1,
    });
  });
  it('has what is left to lock of a partly filled one given back, once the exchange has locked it', () => {
    const world = new World(intended('a'), accepted('a'), balances({ USDT: '500', BTC: '0' }));
    expect([world.free('USDT'), world.free('USDT', 'a'), world.free('BTC', 'a')]).toEqual(['500', '1000', '0']);
    world.after(filled('a', '0.004'), balances({ USDT: '500', BTC: '0.004' }));
    expect(world.free('USDT', 'a')).toBe('800');
    expect(world.inFlight('a')).toMatchObject({ openingSymbols: [], unfilledOrders: 0 });
  });
  it('gives nothing back that was not locked as far as the balances tell', () => {
    const world = new World(balances({ USDT: '1000', BTC: '0.01' }, 500), intended('a'), intended('s', stop));
    expect([world.free('USDT', 'a'), world.free('BTC', 's')]).toEqual(['1000', '0.01']);
    expect(world.inFlight('s')).toMatchObject({
      unlockedBaseQty: '0',
      unlockedQuoteUsdt: '500',
      algoOrdersOfSymbol: 1,
      sellQtyOfSymbol: '0',
    });
  });
  it('gives the coins of a stop back, and the trigger value of a stop buy', () => {
    const held = new World(intended('s', { ...stop, origin: 'protection' }), accepted('s'), balances({ USDT: '0', BTC: '0' }));
    expect([held.free('BTC'), held.free('BTC', 's'), held.free('USDT', 's')]).toEqual(['0', '0.01', '0']);
    expect(held.inFlight('s')).toEqual({ ...NOTHING, ordersOfSymbol: 1, algoOrdersOfSymbol: 1 });
    const buy = order('b', { type: 'STOP_LOSS', stopPrice: text('51000') });
    const waiting = new World({ kind: 'order.intended', order: buy, quote: JUDGED }, accepted('b'), balances({ USDT: '0' }));
    expect(waiting.free('USDT', 'b')).toBe('510');
    const trailing = new World(
      {
        kind: 'order.intended',
        order: order('t', { type: 'STOP_LOSS', trailingDeltaBps: 100 }),
        quote: JUDGED,
      },
      accepted('t'),
      balances({ USDT: '0' }),
    );
    expect(trailing.free('USDT', 't')).toBe('0');
  });
  it('is the picture itself for an order that is unknown or has ended', () => {
    const world = new World(intended('a'), balances({ USDT: '500' }));
    expect(world.inFlight('nobody')).toEqual(world.inFlight());
    world.after(ended('a'));
    expect([world.inFlight('a'), world.free('USDT', 'a'), world.free('ETH')]).toEqual([NOTHING, '500', '0']);
    expect(new World().free('USDT')).toBeUndefined();
  });
  it('knows no locks of an instrument that it does not know', () => {
    const world = new World(intended('a', { symbol: ETH }), { ...(accepted('a') as object) } as Fact, balances({ USDT: '500' }));
    expect(
      world
        .picture('a', ETH)
        .free('USDT' as AssetId)
        ?.toFixed(),
    ).toBe('500');
  });
});

describe('the gate on such pictures', () => {
  it('lets an order be replaced that, counted twice, would exceed balance and position', () => {
    const bought = new World(intended('a'), accepted('a'), filled('a', '0.01'), ended('a', 'FILLED'));
    bought.after(intended('s', { ...stop, origin: 'protection' }), accepted('s'), balances({ USDT: '0', BTC: '0' }));
    const old = bought.state.orders.get(id('s'));
    if (old === undefined) throw new Error('It is unknown');
    const raised = { stopPrice: text('49500') };
    const quiet = {
      budget: {
        usedWeight: 1,
        weightLimit: 6000,
        orderCount10s: 1,
        orderLimit10s: 100,
        orderCount1d: 1,
        orderLimit1d: 200_000,
        holdUntilMs: null,
      },
    };
    expect(judgeReplace(old, raised, 'protection', { ...bought.picture('s'), ...quiet })).toMatchObject({
      verdict: 'pass',
      order: { stopPrice: '49500', qty: '0.01', reduceOnly: true },
    });
    expect(judgeReplace(old, raised, 'protection', { ...bought.picture(), ...quiet })).toMatchObject({ denial: { code: 'REDUCE_ONLY' } });
    // A person's sale needs no such picture: protection gives way to it.
    expect(judge(stopSell(), 'window', { ...bought.picture(), ...quiet }).verdict).toBe('pass');
    expect(judge(limitBuy(), 'window', { ...bought.picture(), ...quiet }).verdict).toBe('deny');
  });
});
