// What a window is fed (DESIGN 7): every delta in order, market data merged, and never more than it can take.
import { describe, expect, it } from 'vitest';
import type { Push } from '../../../src-shared/contract/contract.ts';
import type { CandleView, Delta, MarketFrame } from '../../../src-shared/contract/view.ts';
import { createBatcher, MARKET_INTERVAL_MS, MAX_WAITING_DELTAS } from '../../../src-main/ipc/batch.ts';
import { fakeTimers } from '../shell/fake-console.ts';

const delta = (n: number): Delta => ({ n, seq: n, changes: [] });
const deltas = (...ns: readonly number[]): Push => ({ kind: 'deltas', deltas: ns.map(delta) });
const market = (frame: Partial<MarketFrame>): Push => ({ kind: 'market', frame: { quotes: {}, candle: null, depth: null, ...frame } });
const quote = (symbol: string, bid: string): Push =>
  market({ quotes: { [symbol]: { bid, ask: bid, last: null, atMs: 0 } } as unknown as MarketFrame['quotes'] });
const candle = (openTimeMs: number, close: string): CandleView =>
  ({ symbol: 'BTCUSDT', interval: '1m', openTimeMs, open: '1', high: '1', low: '1', close, volume: '1' }) as CandleView;

/** Lets every promise that can settle settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const setUp = (reachable: () => Promise<void> = () => Promise.resolve()) => {
  const timers = fakeTimers();
  const sent: Push[] = [];
  const batcher = createBatcher({
    ...timers,
    send: async (pushes) => {
      await reachable();
      sent.push(...pushes);
    },
  });
  const sentNs = () => sent.flatMap((push) => (push.kind === 'deltas' ? push.deltas.map(({ n }) => n) : []));
  const sentMarket = () => sent.flatMap((push) => (push.kind === 'market' ? [push.frame] : []));
  return { batcher, timers, sent, sentNs, sentMarket };
};

const gate = () => {
  let open: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), closed };
};

describe('deltas', () => {
  it('leave at once, in order, each one, also while the window is slow', async () => {
    const slow = gate();
    const { batcher, sentNs } = setUp(() => slow.closed);
    for (let n = 1; n <= 50; n += 1) batcher.push(deltas(n));
    await settle();
    expect(sentNs()).toEqual([]);
    slow.open();
    await settle();
    expect(sentNs()).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
  });

  it('that could not be delivered go again, in order, before the newer ones', async () => {
    let down = true;
    const { batcher, timers, sentNs } = setUp(() => (down ? Promise.reject(new Error('gone')) : Promise.resolve()));
    batcher.push(deltas(1, 2));
    batcher.push(deltas(3));
    await settle();
    expect(sentNs()).toEqual([]);
    down = false;
    timers.advance(1_000);
    await settle();
    expect(sentNs()).toEqual([1, 2, 3]);
  });

  it('past the bound leave a gap that a replica must notice, and the bound holds', async () => {
    const dead = gate();
    const { batcher, sentNs } = setUp(() => dead.closed);
    batcher.push(deltas(1));
    for (let n = 2; n <= MAX_WAITING_DELTAS + 10; n += 1) batcher.push(deltas(n));
    dead.open();
    await settle();
    const ns = sentNs();
    expect(ns[0]).toBe(1);
    expect(ns[1]).toBeGreaterThan(2);
    expect(ns.at(-1)).toBe(MAX_WAITING_DELTAS + 10);
    expect(ns.length).toBeLessThan(MAX_WAITING_DELTAS);
  });

  it('end with the batcher', async () => {
    const { batcher, sentNs, timers } = setUp();
    batcher.close();
    batcher.push(deltas(1));
    timers.advance(1_000);
    await settle();
    expect(sentNs()).toEqual([]);
  });
});

describe('market frames', () => {
  it('are merged to at most 20 a second, the newest quote of each symbol kept', async () => {
    const { batcher, timers, sentMarket } = setUp();
    for (let ms = 0; ms < 1_000; ms += 1) {
      batcher.push(quote('BTCUSDT', String(ms)));
      batcher.push(quote(`S${ms % 3}`, String(ms)));
      timers.advance(1);
      await settle();
    }
    timers.advance(MARKET_INTERVAL_MS);
    await settle();
    expect(sentMarket().length).toBeLessThanOrEqual(21);
    expect(sentMarket().length).toBeGreaterThan(15);
    const last = Object.assign({}, ...sentMarket().map(({ quotes }) => quotes)) as MarketFrame['quotes'];
    expect(last['BTCUSDT']?.bid).toBe('999');
    expect(Object.keys(last).sort()).toEqual(['BTCUSDT', 'S0', 'S1', 'S2']);
  });

  it('never hold back a delta', async () => {
    const { batcher, sent } = setUp();
    batcher.push(quote('BTCUSDT', '1'));
    await settle();
    batcher.push(quote('BTCUSDT', '2'));
    batcher.push(deltas(1));
    await settle();
    expect(sent.map(({ kind }) => kind)).toEqual(['market', 'deltas']);
  });

  it("keep a closed candle's last state beside its successor", async () => {
    const { batcher, timers, sentMarket } = setUp();
    batcher.push(market({ candle: candle(0, '1') }));
    await settle();
    batcher.push(market({ candle: candle(0, '2') }));
    batcher.push(market({ candle: candle(0, '3') }));
    batcher.push(market({ candle: candle(60_000, '4') }));
    for (let n = 0; n < 3; n += 1) {
      timers.advance(MARKET_INTERVAL_MS);
      await settle();
    }
    expect(sentMarket().map(({ candle: each }) => each?.close)).toEqual(['1', '3', '4']);
  });
});
