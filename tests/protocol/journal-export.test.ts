// The journal's way out (L1): every fact as JSON lines, every trade as CSV with its cost, and the console as it stood, from the command
// line. The sums of an export are the engine's to the last digit.
import { hash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import { Replay } from '../../src-main/console/replay.ts';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import { TradeBook } from '../../src-main/engine/trade-book.ts';
import { csvLine } from '../../src-main/control/trade-csv.ts';
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { ok } from '../../src-shared/errors/result.ts';
import { freshFolder, freshPath, opened } from '../unit/journal/helpers.ts';
import { session } from '../unit/journal/session.ts';
import { run, startFake } from '../unit/control/fake-console.ts';
import type { Rig } from '../support/engine-rig.ts';

const FRAME = { version: '1.2.3', venue: 'test', shell: { name: 'headless', lacks: [] }, startedAtMs: 1 } as const;

/** A home whose console has the journal of this session open. */
const consoleOn = async (facts: readonly SequencedFact[], file = freshPath()) => {
  const found = await opened({ path: file });
  found.journal.append(facts);
  await found.journal.flush();
  const replay = new Replay(found.reader, () => found.journal.durableSeq);
  const fake = await startFake({
    journalPage: async (input) => ok(await replay.page(input)),
    journalRows: async ({ fromSeq, count }) => ok({ rows: await found.reader.rows(fromSeq, count), headSeq: found.journal.durableSeq }),
    replayAt: async (input) => ok(await replay.viewAt(input, FRAME)),
  });
  onTestFinished(async () => {
    await replay.close();
    await found.journal.close();
  });
  return { home: fake.home, file, close: () => found.journal.close() };
};

/** RFC 4180, by the book: quotes, doubled quotes, CRLF. */
const parseCsv = (text: string): readonly (readonly string[])[] => {
  const rows: string[][] = [[]];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (const [, quoted, plain = '', end] of text.matchAll(field)) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
};

const table = (text: string): readonly Readonly<Record<string, string>>[] => {
  const [titles = [], ...rows] = parseCsv(text);
  return rows.map((row) => Object.fromEntries(titles.map((title, index) => [title, row[index] ?? ''])));
};

const sum = (values: readonly string[]): string =>
  values.reduce((total, value) => total.plus(value === '' ? 0 : value), new Decimal(0)).toFixed();

const expectEngineSums = (rig: Rig, rows: readonly Readonly<Record<string, string>>[]): void => {
  const { state } = rig.engine;
  expect(sum(rows.flatMap((row) => [row['realised_usdt'] ?? '', row['fee_realised_usdt'] ?? '']))).toBe(state.realisedUsdt.toFixed());
  expect(sum(rows.map((row) => row['fee_usdt'] ?? ''))).toBe(state.feesUsdt.toFixed());
  expect(rows).toHaveLength(rig.of('order.filled').length);
};

test('the CSV holds every trade, and its sums are the engine’s to the last digit', async () => {
  const rig = session(9);
  const { home } = await consoleOn(rig.facts);
  const ran = await run(home, ['journal', 'export', '--format', 'csv']);
  expect(ran).toMatchObject({ exit: 0, err: '' });
  const rows = table(ran.out);
  expectEngineSums(rig, rows);
  const [first] = rows;
  expect(first).toMatchObject({
    symbol: 'BNBUSDT',
    side: 'BUY',
    qty: '0.5',
    price: '499.7',
    value_usdt: '249.85',
    fee: '0.0005',
    fee_asset: 'BNB',
    liquidity: 'taker',
    trade_id: 'bnb',
    cost_basis_usdt: '',
    realised_usdt: '',
  });
  expect(first?.['time_utc']).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/);
  expect(rig.engine.state.realisedUsdt.isZero()).toBe(false);
  expect(rows.some((row) => row['fee_realised_usdt'] !== '0')).toBe(true);
});

test('a sale’s cost basis is its share of the average cost, entry fees included', () => {
  const book = new TradeBook();
  const fill = (seq: number, side: string, qty: string, price: string, fee: string): SequencedFact =>
    ({
      seq,
      atMs: seq,
      fact: {
        kind: 'order.filled',
        clientOrderId: 'o',
        symbol: 'BTCUSDT',
        tradeId: `t${seq}`,
        side,
        price,
        qty,
        fee,
        feeAsset: 'USDT',
        feeUsdt: fee,
        maker: false,
        venueTimeMs: seq,
        via: 'stream',
      },
    }) as unknown as SequencedFact;
  const adopted = {
    kind: 'order.adopted',
    clientOrderId: 'o',
    venueOrderId: '7',
    symbol: 'BTCUSDT',
    side: 'BUY',
    type: 'LIMIT',
    qty: '9',
    price: '1',
    timeInForce: 'GTC',
    venueType: 'LIMIT',
    venueTimeMs: 0,
  };
  expect(book.take({ seq: 1, atMs: 1, fact: adopted } as unknown as SequencedFact)).toBeNull();
  book.take(fill(2, 'BUY', '2', '100', '1'));
  book.take(fill(3, 'BUY', '2', '200', '3'));
  // 604 for 4 is 151 each: two cost 302; they bring 2 × 160 − 4.
  const sale = book.take(fill(4, 'SELL', '2', '160', '4'));
  expect(sale).toMatchObject({ seq: 4, venueOrderId: '7', side: 'SELL' });
  expect([sale?.costBasisUsdt?.toFixed(), sale?.realisedUsdt?.toFixed(), sale?.feeRealisedUsdt.toFixed()]).toEqual(['302', '14', '0']);
  // Three more than are held: what no buy explains has no cost and makes no profit.
  const over = book.take(fill(5, 'SELL', '5', '200', '10'));
  expect([over?.costBasisUsdt?.toFixed(), over?.realisedUsdt?.toFixed()]).toEqual(['302', '94']);
});

test('a period leaves out trades before and after it, but knows what was bought before', async () => {
  const rig = session(4);
  const { home } = await consoleOn(rig.facts);
  const all = table((await run(home, ['journal', 'export', '--format', 'csv'])).out);
  const from = rig.facts[30]?.atMs ?? 0;
  const iso = new Date(from).toISOString();
  const later = await run(home, ['journal', 'export', '--format', 'jsonl', '--from', iso]);
  const earlier = await run(home, ['journal', 'export', '--format', 'jsonl', '--to', iso]);
  expect(later.out.split('\n').length + earlier.out.split('\n').length - 2).toBe(rig.facts.length);
  expect(JSON.parse(later.out.split('\n')[0] ?? '')).toMatchObject({ atMs: expect.toSatisfy((atMs: number) => atMs >= from) });
  const day = iso.slice(0, 10);
  expect(table((await run(home, ['journal', 'export', '--format', 'csv', '--from', day, '--to', day])).out)).toEqual(all);
  expect(table((await run(home, ['journal', 'export', '--format', 'csv', '--from', '2031-01-01'])).out)).toEqual([]);
});

test('JSON lines hold every fact with sequence, time and hash: the chain can be followed from the export alone', async () => {
  const rig = session(2);
  const { home, file, close } = await consoleOn(rig.facts);
  const { out } = await run(home, ['journal', 'export', '--format', 'jsonl']);
  const lines = out.trimEnd().split('\n');
  const read = lines.map((line) => JSON.parse(line) as { seq: number; at: string; atMs: number; hash: string; fact: unknown });
  expect(read.map(({ seq, atMs, fact }) => ({ seq, atMs, fact }))).toEqual(rig.facts);
  expect(read.every(({ at, atMs }) => Date.parse(at) === atMs)).toBe(true);
  const texts = lines.map((line) => line.slice(line.indexOf('"fact":') + 7, -1));
  read.forEach(({ seq, atMs, hash: own }, index) => {
    if (index > 0) expect(own).toBe(hash('sha256', `${read[index - 1]?.hash}\n${seq}\n${atMs}\n${texts[index]}`));
  });
  await close();
  expect((await run(home, ['journal', 'export', '--format', 'jsonl', '--file', file])).out).toBe(out);
});

test('a file appears whole or not at all, and says how much is in it', async () => {
  const rig = session(1);
  const { home } = await consoleOn(rig.facts);
  const folder = freshFolder();
  const out = path.join(folder, 'trades.csv');
  const ran = await run(home, ['journal', 'export', '--format', 'csv', '--out', out]);
  expect(ran).toMatchObject({ exit: 0, out: `${rig.of('order.filled').length} trades written to ${out}\n` });
  expectEngineSums(rig, table(fs.readFileSync(out, 'utf8')));
  const json = await run(home, ['journal', 'export', '--format', 'jsonl', '--out', out, '--json']);
  expect(JSON.parse(json.out)).toEqual({ path: out, lines: rig.facts.length });
  expect(fs.readdirSync(folder)).toEqual(['trades.csv']);
  const nowhere = await run(home, ['journal', 'export', '--format', 'csv', '--out', path.join(folder, 'none', 'x.csv')]);
  expect(nowhere).toMatchObject({ exit: 1, err: expect.stringContaining('cannot be written') });
});

test('a journal whose chain is broken is not exported: the file of before stays', async () => {
  const rig = session(1);
  const { home, file, close } = await consoleOn(rig.facts);
  await close();
  const database = new DatabaseSync(file);
  database.exec(`UPDATE facts SET at_ms = at_ms + 1 WHERE seq = 20`);
  database.close();
  const out = path.join(freshFolder(), 'facts.jsonl');
  fs.writeFileSync(out, 'before');
  const ran = await run(home, ['journal', 'export', '--format', 'jsonl', '--file', file, '--out', out]);
  expect(ran).toMatchObject({ exit: 1, out: '', err: expect.stringContaining('The chain is broken at fact 20') });
  expect(fs.readFileSync(out, 'utf8')).toBe('before');
  expect(fs.readdirSync(path.dirname(out))).toEqual(['facts.jsonl']);
});

test('no text of a trade becomes a formula, a new column or a new line', () => {
  const book = session(1);
  const [trade] = book.facts.flatMap((one) => (one.fact.kind === 'order.filled' ? [one] : []));
  const replayed = new TradeBook();
  const made = book.facts.map((one) => replayed.take(one)).find((one) => one?.seq === trade?.seq);
  if (made == null) throw new Error('a trade is there');
  const evil = ['=1+1', '+1;2', '-x', '@SUM(A1)', '\tx', 'a,"b"', 'two\r\nlines', '-5'];
  const cells = evil.map((text) => parseCsv(csvLine({ ...made, venueOrderId: text }))[0]?.[10]);
  expect(cells).toEqual(["'=1+1", "'+1;2", "'-x", "'@SUM(A1)", "'\tx", 'a,"b"', 'two\r\nlines', '-5']);
});

test.each([
  [['export', '--format', 'xml'], 'takes jsonl or csv'],
  [['export', '--format', 'csv', '--from', '31.1.2026'], '--from takes a time in UTC'],
  [['export', '--format', 'csv', '--to', '2026-13-01'], '--to takes a time in UTC'],
  [['replay', '--at', '-1'], '--at'],
  [['replay', '--at', 'x'], 'takes the number of a fact'],
  [['replay', '--at', '1', '--until', '2026-01-01'], 'exclude each other'],
])('words that make no sense are bad input: journal %j', async (words, text) => {
  const { home } = await consoleOn(session(1).facts);
  expect(await run(home, ['journal', ...words])).toMatchObject({ exit: 2, out: '', err: expect.stringContaining(text) });
});

test('an export of a file that is none, and a replay with no console, say so', async () => {
  const home = freshFolder();
  expect(await run(home, ['journal', 'export', '--format', 'csv', '--file', path.join(home, 'none')])).toMatchObject({
    exit: 1,
    err: expect.stringContaining('There is no journal'),
  });
  expect((await run(home, ['journal', 'replay'])).exit).toBe(3);
});

test('replay prints the console as it stood at a fact, at a time, and at the newest fact', async () => {
  const rig = session(2);
  const { home } = await consoleOn(rig.facts);
  const last = rig.facts.length;
  const newest = await run(home, ['journal', 'replay']);
  expect(newest).toMatchObject({ exit: 0, err: '' });
  expect(newest.out).toContain(`REPLAY as of fact ${last} of ${last}`);
  expect(newest.out).toContain('it shows what was, and takes no orders');
  expect(newest.out).toMatch(/stop +TRIPPED {2}\(trip 1: test\)/);
  expect(newest.out).toMatch(/BTCUSDT/);
  const json = await run(home, ['journal', 'replay', '--at', '3', '--json']);
  expect(JSON.parse(json.out)).toMatchObject({
    seq: 3,
    headSeq: last,
    view: { orders: {}, status: { console: { replayed: { seq: 3 } } } },
  });
  const until = await run(home, ['journal', 'replay', '--until', new Date(rig.facts[0]?.atMs ?? 0).toISOString(), '--json']);
  expect(JSON.parse(until.out)).toMatchObject({ seq: rig.facts.filter(({ atMs }) => atMs <= (rig.facts[0]?.atMs ?? 0)).length });
});

test('replay --step walks with what a person types, and ends with the lines', async () => {
  const rig = session(1);
  const { home } = await consoleOn(rig.facts);
  const typed = ['', '12', 'b', 's', 'what', '99999', '0', 'b', 'q', 'never read'];
  const { out, exit } = await run(home, ['journal', 'replay', '--at', '1', '--step'], undefined, undefined, typed);
  expect(exit).toBe(0);
  const stops = [...out.matchAll(/^(\d+)\/(\d+) {2}/gm)].map(([, seq]) => Number(seq));
  expect(stops).toEqual([1, 2, 12, 11, 0]);
  expect(out).toContain('REPLAY as of fact 11');
  expect(out).toContain('There is no fact 99999');
  expect(out).toContain('There is no fact -1');
  expect(out.match(/Enter: next fact/g)).toHaveLength(2);
  expect(out).toContain('before the first fact');
});
