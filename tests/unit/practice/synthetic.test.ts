// The synthetic feed (DESIGN 4, issue 2 section 2): realistic enough to trade on, in bands, switchable, and as fast as a bench asks.
import { describe, expect, it } from 'vitest';
import { ExchangeCore } from '../../../src-main/practice/core/exchange.ts';
import { INSTRUMENTS, makeInstruments } from '../../../src-main/practice/core/instruments.ts';
import type { CoreEvent } from '../../../src-main/practice/core/types.ts';
import { REGIMES, type FeedClock, type Regime } from '../../../src-main/practice/feeds/feed.ts';
import { SyntheticFeed } from '../../../src-main/practice/feeds/synthetic-feed.ts';
import { SyntheticMarket, type SyntheticOptions } from '../../../src-main/practice/feeds/synthetic.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { good, T0 } from './support.ts';

const MINUTE = 60_000;
const BTC = INSTRUMENTS.slice(0, 1);

function run(options: Partial<SyntheticOptions>, durationMs: number) {
  const instruments = options.instruments ?? INSTRUMENTS;
  const core = new ExchangeCore({ instruments, accounts: [{ id: 'a', balances: { USDT: '100000', BTC: '5' } }], nowMs: T0 });
  const counts: Record<CoreEvent['kind'], number> = { user: 0, trade: 0, aggTrade: 0, depth: 0, bookTicker: 0, kline: 0 };
  core.onEvent((event) => {
    counts[event.kind] += 1;
  });
  const market = new SyntheticMarket({ seed: 7, startMs: T0, ...options, instruments });
  market.advanceTo(T0 + durationMs, core);
  return { core, market, counts };
}

/** Standard deviation of one-minute returns, in basis points. */
function volatilityBps(core: ExchangeCore): number {
  const closes = core.klines('BTCUSDT', '1m', { limit: 21 }, 0).map((row) => new Decimal(row[4]));
  const returns = closes.slice(1).map((close, i) =>
    close
      .div(closes[i] ?? close)
      .minus(1)
      .times(10_000)
      .toNumber(),
  );
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  return Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / returns.length);
}

describe.each(REGIMES)('in the %s regime', (regime: Regime) => {
  const { core, counts } = run({ regime }, 6 * MINUTE);

  it('books are uncrossed, deep and on the tick for every symbol', () => {
    for (const symbol of core.symbols()) {
      const { bids, asks } = core.depth(symbol, 100);
      expect(Math.min(bids.length, asks.length)).toBeGreaterThanOrEqual(20);
      expect(new Decimal(bids[0]?.[0] ?? 0).lt(asks[0]?.[0] ?? 0)).toBe(true);
    }
  });

  it('prices stay in sane bands', () => {
    for (const spec of INSTRUMENTS) {
      const share = new Decimal(core.lastPrice(spec.symbol) ?? 0).div(spec.referencePrice).toNumber();
      expect(share).toBeGreaterThan(0.5);
      expect(share).toBeLessThan(1.8);
    }
  });

  it('trades often enough to be alive and not so often as to be absurd', () => {
    const perSecondAndSymbol = counts.trade / 360 / INSTRUMENTS.length;
    expect(perSecondAndSymbol).toBeGreaterThan(0.5);
    expect(perSecondAndSymbol).toBeLessThan(60);
  });
});

describe('regimes', () => {
  it('differ as their names say', () => {
    const quiet = run({ regime: 'ranging', instruments: BTC }, 20 * MINUTE).core;
    const wild = run({ regime: 'volatile', instruments: BTC }, 20 * MINUTE).core;
    expect(volatilityBps(wild)).toBeGreaterThan(3 * volatilityBps(quiet));
    const crashed = run({ regime: 'crash', instruments: BTC }, 6 * MINUTE).core;
    expect(new Decimal(crashed.lastPrice('BTCUSDT') ?? 0).lt(54_000)).toBe(true);
    const thin = run({ regime: 'thin', instruments: BTC }, MINUTE).core;
    const depthOf = (core: ExchangeCore) => core.depth('BTCUSDT', 20).bids.reduce((sum, level) => sum.plus(level[1]), new Decimal(0));
    expect(depthOf(quiet).gt(depthOf(thin).times(5))).toBe(true);
  });

  it('can be switched while the market runs', () => {
    const { core, market } = run({ regime: 'ranging', instruments: BTC }, MINUTE);
    const before = new Decimal(core.lastPrice('BTCUSDT') ?? 0);
    market.setRegime('crash');
    market.advanceTo(T0 + 6 * MINUTE, core);
    expect(new Decimal(core.lastPrice('BTCUSDT') ?? 0).div(before).lt(0.93)).toBe(true);
  });

  it('symbols move together', () => {
    const { core } = run({ regime: 'volatile', instruments: INSTRUMENTS.slice(0, 2) }, 20 * MINUTE);
    const directions = (symbol: string) => core.klines(symbol, '1m', { limit: 20 }, 0).map((row) => new Decimal(row[4]).cmp(row[1]));
    const [btc, eth] = [directions('BTCUSDT'), directions('ETHUSDT')];
    const same = btc.filter((direction, i) => direction === eth[i]).length;
    expect(same / btc.length).toBeGreaterThan(0.6);
  });
});

describe('knobs', () => {
  it('a still market has a ladder and a last price and then says nothing', () => {
    const { core, counts } = run({ eventsPerSecond: 0 }, MINUTE);
    expect(counts).toMatchObject({ trade: 4, depth: 0, bookTicker: 4 });
    expect(core.depth('BTCUSDT', 100).bids).toHaveLength(40);
    const order = { symbol: 'BTCUSDT', side: 'BUY', type: 'MARKET', quantity: '0.01' } as const;
    expect(good(core.placeOrder('a', order, T0 + MINUTE)).status).toBe('FILLED');
  });

  it('delivers about the asked rate', () => {
    const { counts } = run({ eventsPerSecond: 10_000 }, 2000);
    const perSecond = (counts.trade + counts.depth) / 2;
    expect(perSecond).toBeGreaterThan(9000);
    expect(perSecond).toBeLessThan(16_000);
  });

  it('carries 200 symbols', () => {
    const instruments = makeInstruments(Array.from({ length: 200 }, (_, i) => `SYM${i + 1}USDT`));
    const { core } = run({ instruments }, 1000);
    expect(core.depth('SYM200USDT', 100).asks).toHaveLength(40);
  });

  it('a history fills the charts before the start', () => {
    const { core } = run({ historyMinutes: 120 }, 1000);
    const rows = core.klines('ETHUSDT', '1m', { limit: 500 }, T0 + 1000);
    expect(rows.length).toBeGreaterThanOrEqual(120);
    expect(rows.slice(0, 100).every((row) => row[8] > 0)).toBe(true);
  });
});

describe('the driver', () => {
  it('steps with its clock, skips a sleep of the machine, and stops', () => {
    let nowMs = T0;
    let pending: (() => void) | undefined;
    const clock: FeedClock = {
      nowMs: () => nowMs,
      after: (_delayMs, callback) => {
        pending = callback;
        return () => (pending = undefined);
      },
    };
    const tick = (ms: number) => {
      nowMs += ms;
      pending?.();
    };
    const core = new ExchangeCore({ instruments: INSTRUMENTS, accounts: [], nowMs });
    let depths = 0;
    core.onEvent((event) => {
      if (event.kind === 'depth') depths += 1;
    });
    const feed = new SyntheticFeed({ instruments: INSTRUMENTS, seed: 7 }, clock);
    feed.start(core);
    tick(1000);
    expect(depths).toBe(40);
    tick(480 * MINUTE);
    expect(depths).toBeLessThanOrEqual(48);
    feed.stop();
    expect(pending).toBeUndefined();
  });
});
