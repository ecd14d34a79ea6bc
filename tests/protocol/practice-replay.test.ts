// Real input: with a recording of Binance's own streams replayed, what a client sees equals the recording (issue 2, section 2).
// Where ../shared/data is absent, a recording made from the synthetic feed takes its place, and the test's name says so.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startPractice, type PracticeHandle } from '../../src-main/practice/practice.ts';
import { makeRecording } from '../support/make-recording.ts';
import { LocalBook } from './practice-book.ts';
import { json, list, Listener, RestClient, type Json } from './practice-client.ts';

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-replay-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const real = (name: string): string => resolve('..', 'shared', 'data', name);
const RECORDINGS = [
  { symbol: 'BTCUSDT', path: real('spot-btcusdt_20240808.gz') },
  { symbol: 'ETHUSDT', path: real('spot-ethusdt_20240808.gz') },
].map((each) =>
  existsSync(each.path)
    ? { ...each, from: 'Binance, 2024-08-08' }
    : { ...each, path: join(scratch, `${each.symbol}.gz`), from: 'the synthetic feed' },
);

interface Recording {
  readonly snapshot: Json;
  readonly quotes: readonly Json[];
  readonly trades: readonly Json[];
  readonly depths: readonly Json[];
}

/** Reads a recording with nothing of ours: gunzip, split, parse. */
function readRecording(path: string): Recording {
  const messages = gunzipSync(readFileSync(path))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line.slice(line.indexOf(' ') + 1)) as Json);
  const data = (suffix: string): readonly Json[] =>
    messages.filter((each) => String(each['stream']).includes(suffix)).map((each) => each['data'] as Json);
  const snapshot = messages.find((each) => 'lastUpdateId' in each);
  if (snapshot === undefined) throw new Error('a recording without a snapshot');
  return { snapshot, quotes: data('@bookTicker'), trades: data('@trade'), depths: data('@depth') };
}

const pick = (from: Json, ...names: string[]): readonly unknown[] => names.map((name) => from[name]);
const scaled = (text: unknown): bigint => BigInt(String(text).replace('.', ''));

/** One-minute candles out of recorded trades: open, high, low, close, volume, count by minute. */
function candlesOf(trades: readonly Json[]): ReadonlyMap<number, readonly unknown[]> {
  const candles = new Map<number, Json[]>();
  for (const trade of trades) {
    const minute = Math.floor((trade['T'] as number) / 60_000);
    candles.set(minute, [...(candles.get(minute) ?? []), trade]);
  }
  return new Map(
    [...candles].map(([minute, within]) => {
      const prices = within.map((trade) => scaled(trade['p'])).toSorted((a, b) => (a < b ? -1 : 1));
      const volume = within.reduce((sum, trade) => sum + scaled(trade['q']), 0n);
      const ohlc = [scaled(within[0]?.['p']), prices.at(-1), prices[0], scaled(within.at(-1)?.['p'])];
      return [minute, [...ohlc, volume, within.length]];
    }),
  );
}

describe.each(RECORDINGS)('$symbol as recorded from $from', ({ symbol, path, from }) => {
  let practice: PracticeHandle;
  let client: RestClient;
  let listener: Listener;
  let recording: Recording;
  let midway: Json;

  beforeAll(async () => {
    if (from === 'the synthetic feed') await makeRecording(symbol, path);
    recording = readRecording(path);
    practice = await startPractice({ feed: `replay:${path}`, speed: 'max', paused: true });
    client = new RestClient(practice);
    const name = symbol.toLowerCase();
    const streams = ['bookTicker', 'trade', 'aggTrade', 'depth@100ms', 'kline_1m'].map((stream) => `${name}@${stream}`);
    listener = await Listener.open(`${practice.streamUrl}/stream?streams=${streams.join('/')}`);
    await practice.perform({ op: 'pauseFeed', on: false });
    // Binance's procedure: a snapshot by REST while the diffs are already being buffered.
    await listener.next('first diff', (message) => String(message['stream']).endsWith('@depth@100ms'));
    midway = json(await client.open('GET', '/api/v3/depth', { symbol, limit: 5000 }));
    const last = recording.quotes.at(-1)?.['u'];
    await listener.next('the last quote', (message) => (message['data'] as Json | undefined)?.['u'] === last, 100_000);
    const lastDiff = recording.depths.at(-1)?.['u'];
    await listener.next('the last diff', (message) => (message['data'] as Json | undefined)?.['u'] === lastDiff);
  });
  afterAll(async () => {
    await Promise.all([listener.close(), client.close()]);
    await practice.close();
  });

  const heard = (stream: string): readonly Json[] =>
    listener.messages
      .filter((message) => message['stream'] === `${symbol.toLowerCase()}@${stream}`)
      .map((message) => message['data'] as Json);

  it('best quotes: the same, in the same order, with the same update ids', () => {
    const fields = ['u', 's', 'b', 'B', 'a', 'A'];
    expect(heard('bookTicker').length).toBe(recording.quotes.length);
    expect(heard('bookTicker').map((quote) => pick(quote, ...fields))).toEqual(recording.quotes.map((quote) => pick(quote, ...fields)));
  });

  it('trades: the same ids, prices, quantities and sides; times apart by whole minutes', () => {
    const fields = ['t', 's', 'p', 'q', 'm'];
    expect(heard('trade').map((trade) => pick(trade, ...fields))).toEqual(recording.trades.map((trade) => pick(trade, ...fields)));
    const shifts = new Set(heard('trade').map((trade, index) => (trade['T'] as number) - (recording.trades[index]?.['T'] as number)));
    expect([...shifts].map((shiftMs) => shiftMs % 60_000)).toEqual([0]);
  });

  it('aggregate trades cover every trade once', () => {
    const aggregates = list({ status: 200, headers: {}, text: JSON.stringify(heard('aggTrade')) });
    for (let index = 1; index < aggregates.length; index++) {
      expect(aggregates[index]?.['f']).toBe((aggregates[index - 1]?.['l'] as number) + 1);
    }
    expect(aggregates[0]?.['f']).toBe(recording.trades[0]?.['t']);
  });

  it("the local book by Binance's procedure equals the recording's own, level by level", () => {
    const seen = new LocalBook(midway);
    for (const update of heard('depth@100ms')) seen.apply(update);
    const truth = new LocalBook(recording.snapshot);
    for (const update of recording.depths) truth.apply(update);
    expect([seen.gaps, truth.gaps]).toEqual([0, 0]);
    const levels = 1000; // beyond the snapshot's 5000 levels a local book knows only what changed (Binance's own note)
    expect(seen.snapshot(levels)).toEqual(truth.snapshot(levels));
  });

  it('the book by REST at the end equals it too', async () => {
    const truth = new LocalBook(recording.snapshot);
    for (const update of recording.depths) truth.apply(update);
    expect(json(await client.open('GET', '/api/v3/depth', { symbol, limit: 1000 }))).toEqual(truth.snapshot(1000));
  });

  it('one-minute candles equal those computed from the recorded trades, by REST and on the stream', async () => {
    const shiftMinutes = ((heard('trade')[0]?.['T'] as number) - (recording.trades[0]?.['T'] as number)) / 60_000;
    const expected = candlesOf(recording.trades);
    const rows = JSON.parse((await client.open('GET', '/api/v3/klines', { symbol, interval: '1m', limit: 1000 })).text) as unknown[][];
    for (const [minute, candle] of expected) {
      const row = rows.find(([openTime]) => openTime === (minute + shiftMinutes) * 60_000) ?? [];
      expect([...row.slice(1, 6).map(scaled), row[8]]).toEqual(candle);
    }
    const closed = heard('kline_1m')
      .map((event) => event['k'] as Json)
      .filter((kline) => kline['x'] === true);
    expect(closed.length).toBeGreaterThanOrEqual(expected.size - 1);
    for (const kline of closed) {
      const candle = expected.get((kline['t'] as number) / 60_000 - shiftMinutes);
      if (candle !== undefined) expect([...pick(kline, 'o', 'h', 'l', 'c', 'v').map(scaled), kline['n']]).toEqual(candle);
    }
  });

  it('own trading does not change what the market shows, and nothing broke inside', async () => {
    const before = await client.open('GET', '/api/v3/depth', { symbol, limit: 100 });
    const placed = json(await client.order({ symbol, side: 'BUY', type: 'MARKET', quoteOrderQty: '1000' }));
    expect(placed['status']).toBe('FILLED');
    expect((await client.open('GET', '/api/v3/depth', { symbol, limit: 100 })).text).toBe(before.text);
    expect((await practice.state()).internalErrors).toEqual([]);
  });
});

it('a recording that cannot be read is refused at the start, with its name', async () => {
  await expect(startPractice({ feed: 'replay:nowhere.gz' })).rejects.toThrow('nowhere.gz');
});
