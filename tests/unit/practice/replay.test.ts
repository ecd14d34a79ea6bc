// Real input (issue 2, section 2): with a recording replayed, book, best quotes, trades and candles are those of the recording,
// computed here independently with the one decimal constructor. Where the recordings are absent, one is made from the synthetic feed.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ExchangeCore } from '../../../src-main/practice/core/exchange.ts';
import { INSTRUMENTS } from '../../../src-main/practice/core/instruments.ts';
import type { CoreEvent } from '../../../src-main/practice/core/types.ts';
import type { FeedClock } from '../../../src-main/practice/feeds/feed.ts';
import { recordToFile } from '../../../src-main/practice/feeds/recorder.ts';
import { ReplayFeed } from '../../../src-main/practice/feeds/replay-feed.ts';
import { SyntheticMarket } from '../../../src-main/practice/feeds/synthetic.ts';
import { Decimal } from '../../../src-shared/domain/decimal.ts';
import { T0 } from './support.ts';

const DATA = new URL('../../../../shared/data/', import.meta.url);
const RECORDED = ['spot-btcusdt_20240808.gz', 'spot-ethusdt_20240808.gz'].map((name) => new URL(name, DATA).pathname);
const hasData = RECORDED.every((path) => existsSync(path));
const NOW = 1_800_000_000_000;
const MINUTE = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-replay-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function recordSynthetic(path: string, symbols: readonly string[]): Promise<void> {
  const instruments = INSTRUMENTS.filter((spec) => symbols.includes(spec.symbol));
  const core = new ExchangeCore({ instruments, accounts: [], nowMs: T0 });
  const market = new SyntheticMarket({ instruments, seed: 11, startMs: T0, regime: 'volatile' });
  market.advanceTo(T0, core);
  const recording = recordToFile(core, symbols, path, () => market.timeMs);
  market.advanceTo(T0 + 3 * MINUTE, core);
  await recording.stop();
}

/** A clock that jumps to whatever is waited for next. */
function instantClock(): FeedClock & { readonly slept: number[] } {
  let nowMs = NOW;
  const slept: number[] = [];
  return {
    slept,
    nowMs: () => nowMs,
    after: (delayMs, callback) => {
      slept.push(delayMs);
      const handle = setImmediate(() => {
        nowMs += delayMs;
        callback();
      });
      return () => clearImmediate(handle);
    },
  };
}

interface Replayed {
  readonly core: ExchangeCore;
  readonly events: readonly CoreEvent[];
  readonly feed: ReplayFeed;
}

async function replay(path: string, speed = Infinity): Promise<Replayed> {
  const core = new ExchangeCore({ instruments: INSTRUMENTS, accounts: [], nowMs: T0, history: { trades: 20_000 } });
  const events: CoreEvent[] = [];
  core.onEvent((event) => events.push(event));
  const feed = await ReplayFeed.open({ path, speed }, instantClock());
  await new Promise<void>((resolve, reject) => feed.start(core, (error) => (error ? reject(error) : resolve())));
  return { core, events, feed };
}

interface RawMessage {
  readonly stream?: string;
  readonly lastUpdateId: number;
  readonly bids: [string, string][];
  readonly asks: [string, string][];
  readonly data: Record<string, unknown> & { s: string; U: number; u: number; b: [string, string][]; a: [string, string][] };
}

function rawMessages(path: string): RawMessage[] {
  const bytes = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)) as RawMessage);
}

/** A local book as Binance's documentation builds one, on plain maps of strings. */
function bookOf(messages: readonly RawMessage[]) {
  const snapshot = messages.find((message) => message.stream === undefined);
  if (snapshot === undefined) throw new Error('no snapshot');
  const sides = { b: new Map(snapshot.bids), a: new Map(snapshot.asks) };
  let last = snapshot.lastUpdateId;
  for (const { stream, data } of messages) {
    if (!stream?.includes('@depth') || data.u <= last) continue;
    last = data.u;
    for (const side of ['b', 'a'] as const) {
      for (const [price, qty] of data[side]) {
        if (new Decimal(qty).isZero()) sides[side].delete(price);
        else sides[side].set(price, qty);
      }
    }
  }
  const sorted = (levels: Map<string, string>, sign: number) => [...levels].sort((x, y) => sign * new Decimal(x[0]).cmp(y[0]));
  return { lastUpdateId: last, bids: sorted(sides.b, -1), asks: sorted(sides.a, 1) };
}

function candlesOf(messages: readonly RawMessage[], shiftMs: number) {
  const candles = new Map<number, { prices: Decimal[]; volume: Decimal; quote: Decimal; count: number; takerBuy: Decimal }>();
  for (const { stream, data } of messages) {
    if (!stream?.endsWith('@trade')) continue;
    const time = (data['T'] as number) + shiftMs;
    const open = time - (time % MINUTE);
    const candle = candles.get(open) ?? { prices: [], volume: new Decimal(0), quote: new Decimal(0), count: 0, takerBuy: new Decimal(0) };
    const [price, qty] = [new Decimal(data['p'] as string), new Decimal(data['q'] as string)];
    candle.prices.push(price);
    candle.volume = candle.volume.plus(qty);
    candle.quote = candle.quote.plus(price.times(qty));
    candle.count += 1;
    if (data['m'] === false) candle.takerBuy = candle.takerBuy.plus(qty);
    candles.set(open, candle);
  }
  return [...candles].map(([open, { prices, volume, quote, count, takerBuy }]) => [
    open,
    ...[prices[0], Decimal.max(...prices), Decimal.min(...prices), prices.at(-1), volume, quote, takerBuy].map((value) =>
      value?.toFixed(8),
    ),
    count,
  ]);
}

const cases = hasData ? RECORDED : [join(folder, 'synthetic.gz')];
beforeAll(async () => {
  if (hasData) return;
  console.warn('the recordings in ../shared/data are absent: replaying one recorded from the synthetic feed instead');
  await recordSynthetic(join(folder, 'synthetic.gz'), ['BTCUSDT']);
});

describe.each(cases)('replaying %s', (path) => {
  let raw: RawMessage[];
  let replayed: Replayed;
  let symbol: string;
  let shiftMs: number;
  beforeAll(async () => {
    raw = rawMessages(path);
    replayed = await replay(path);
    symbol = raw.find((message) => message.stream !== undefined)?.data.s ?? '';
    const firstRaw = raw.find((message) => message.stream?.endsWith('@trade'))?.data['T'] as number;
    const first = replayed.events.find((event) => event.kind === 'trade');
    shiftMs = (first?.kind === 'trade' ? first.payload.T : 0) - firstRaw;
  });

  it('shifts times by whole minutes, to end just before now', () => {
    expect(shiftMs % MINUTE).toBe(0);
    const last = replayed.core.trades(symbol, { limit: 1 })[0]?.time ?? 0;
    expect(last).toBeGreaterThan(NOW - 2 * MINUTE);
    expect(last).toBeLessThanOrEqual(NOW + 2000);
  });

  it('the whole book is the recorded one, under the recorded update id', () => {
    expect(replayed.core.depth(symbol, 100_000)).toEqual(bookOf(raw));
    expect(replayed.feed.gaps).toBe(0);
  });

  it('every depth update goes out with its recorded ids and levels, in order', () => {
    const snapshotId = raw.find((message) => message.stream === undefined)?.lastUpdateId ?? 0;
    const recorded = raw.filter(({ stream, data }) => stream?.includes('@depth') === true && data.u > snapshotId);
    const seen = replayed.events.flatMap((event) => (event.kind === 'depth' ? [event.payload] : []));
    expect(seen.map(({ U, u, b, a, E }) => ({ U, u, b, a, E: E - shiftMs }))).toEqual(
      recorded.map(({ data }) => ({ U: data.U, u: data.u, b: data.b, a: data.a, E: data['E'] })),
    );
  });

  it('every best quote is the recorded one, in order', () => {
    const recorded = raw.flatMap(({ stream, data }) => (stream?.endsWith('@bookTicker') ? [data] : []));
    expect(replayed.events.flatMap((event) => (event.kind === 'bookTicker' ? [event.payload] : []))).toEqual(recorded);
    const last = recorded.at(-1);
    expect(replayed.core.bookTicker(symbol)).toMatchObject({ bidPrice: last?.b, askPrice: last?.a });
  });

  it('every trade is the recorded one, in order', () => {
    const recorded = raw.flatMap(({ stream, data }) => (stream?.endsWith('@trade') ? [data] : []));
    const seen = replayed.events.flatMap((event) => (event.kind === 'trade' ? [event.payload] : []));
    expect(seen.map((payload) => ({ ...payload, T: payload.T - shiftMs, E: payload.E - shiftMs }))).toEqual(recorded);
  });

  it('minute candles are those of the recorded trades', () => {
    const rows = replayed.core.klines(symbol, '1m', { limit: 100 }, 0).filter((row) => row[8] > 0);
    expect(rows.map(([open, o, h, l, c, v, , q, n, takerBuy]) => [open, o, h, l, c, v, q, takerBuy, n])).toEqual(candlesOf(raw, shiftMs));
  });
});

describe('a replay in time', () => {
  const path = join(folder, 'two-symbols.log');
  beforeAll(async () => {
    await recordSynthetic(path, ['BTCUSDT', 'SOLUSDT']);
  });

  it('keeps the two symbols of one file apart, snapshots included', async () => {
    const { core } = await replay(path);
    const raw = rawMessages(path);
    for (const symbol of ['BTCUSDT', 'SOLUSDT']) {
      const own = raw.filter((message) => (message.data?.s ?? (message as unknown as { symbol: string }).symbol) === symbol);
      expect(core.depth(symbol, 1000)).toEqual(bookOf(own));
    }
  });

  it('at speed 1 delivers events in step with the clock', async () => {
    const core = new ExchangeCore({ instruments: INSTRUMENTS, accounts: [], nowMs: T0 });
    const clock = instantClock();
    const feed = await ReplayFeed.open({ path }, clock);
    let worstLagMs = 0;
    let late = 0;
    core.onEvent((event) => {
      if (event.kind !== 'depth' || clock.nowMs() === NOW) return;
      late += 1;
      worstLagMs = Math.max(worstLagMs, Math.abs(clock.nowMs() - event.payload.E));
    });
    await new Promise<void>((resolve, reject) => feed.start(core, (error) => (error ? reject(error) : resolve())));
    expect(late).toBeGreaterThan(1000);
    expect(worstLagMs).toBeLessThanOrEqual(100);
  });

  it('a loop goes on with ids and times, and stops when told', async () => {
    const core = new ExchangeCore({ instruments: INSTRUMENTS, accounts: [], nowMs: T0 });
    const feed = await ReplayFeed.open({ path, loop: true, speed: Infinity }, instantClock());
    const perPass = rawMessages(path).filter((message) => message.stream === 'btcusdt@trade').length;
    const trades: { t: number; T: number }[] = [];
    let lastU = 0;
    let gaps = 0;
    core.onEvent((event) => {
      if (event.kind === 'depth' && event.symbol === 'BTCUSDT') {
        if (event.payload.U !== lastU + 1 && lastU !== 0) gaps += 1;
        lastU = event.payload.u;
      }
      if (event.kind !== 'trade' || event.symbol !== 'BTCUSDT') return;
      trades.push(event.payload);
      if (trades.length === 2 * perPass + 10) feed.stop();
    });
    await new Promise<void>((resolve, reject) => feed.start(core, (error) => (error ? reject(error) : resolve())));
    expect(trades).toHaveLength(2 * perPass + 10);
    expect([gaps, lastU > 0]).toEqual([0, true]);
    for (let i = 1; i < trades.length; i++) {
      expect(trades[i]?.t).toBe((trades[i - 1]?.t ?? 0) + 1);
      expect(trades[i]?.T).toBeGreaterThanOrEqual(trades[i - 1]?.T ?? 0);
    }
  });

  it('an unreadable line, a missing file and a futures recording are clear errors', async () => {
    const { writeFileSync } = await import('node:fs');
    const broken = join(folder, 'broken.log');
    writeFileSync(broken, `1723161253937085768 {"stream":"btcusdt@trade","data":{"e":"trade","E":1,"s":"BTCUSDT"}}\n`);
    await expect(ReplayFeed.open({ path: broken })).rejects.toThrow(/recording, line 1/);
    await expect(ReplayFeed.open({ path: join(folder, 'absent.gz') })).rejects.toThrow(/ENOENT/);
    const futures = '{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"pu":0,"b":[],"a":[]}}';
    writeFileSync(broken, `1723161253937085768 ${futures}\n`);
    await expect(ReplayFeed.open({ path: broken })).rejects.toThrow(/futures recording/);
    writeFileSync(broken, '');
    await expect(ReplayFeed.open({ path: broken })).rejects.toThrow(/no market messages/);
  });

  it('a break in the update ids waits for the next snapshot', async () => {
    const { writeFileSync } = await import('node:fs');
    const gappy = join(folder, 'gap.log');
    const depth = (U: number, u: number, price: string) =>
      `{"stream":"btcusdt@depth","data":{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":${U},"u":${u},"b":[["${price}","1"]],"a":[]}}`;
    const lines = [
      '{"lastUpdateId":10,"bids":[],"asks":[]}',
      depth(11, 12, '1.00'),
      depth(15, 16, '2.00'),
      '{"lastUpdateId":15,"bids":[["9.00","1"]],"asks":[]}',
      depth(17, 18, '3.00'),
    ];
    writeFileSync(gappy, lines.map((line, i) => `172316125393708${i}768 ${line}\n`).join(''));
    const { core, feed } = await replay(gappy);
    expect(feed.gaps).toBe(1);
    expect(core.depth('BTCUSDT', 10)).toMatchObject({ lastUpdateId: 18 });
    expect(core.depth('BTCUSDT', 10).bids.map(([price]) => price)).toEqual(['9.00000000', '3.00000000', '2.00000000']);
  });
});
