// A hundred trades of a whole console in practice mode, over real sockets (issue 2, section 6): on a made-up market through three
// regimes, and on Binance's own recorded one. What they earned and every limit that they met is counted again by trade-audit.ts.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { isEnded, type OrderRequest } from '../../src-shared/domain/order.ts';
import { policySchema } from '../../src-shared/policy/schema.ts';
import type { OrderView } from '../../src-shared/contract/view.ts';
import { emptyState, evolve } from '../../src-main/engine/evolve.ts';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import { openJournal } from '../../src-main/journal/open.ts';
import type { Regime } from '../../src-main/practice/feeds/feed.ts';
import type { AccountState, DeskOperation } from '../../src-main/practice/protocol/desk.ts';
import { journalPath } from '../../src-main/settings/home.ts';
import type { ConsoleOptions } from '../../src-main/shell/port.ts';
import { startTestConsole, type TestConsole } from '../support/console.ts';
import { Exact } from '../support/exact.ts';
import { makeRecording } from '../support/make-recording.ts';
import { breachesOf, recount } from '../support/trade-audit.ts';

const scratch = mkdtempSync(join(tmpdir(), 'holdfast-hundred-'));
afterAll(() => rmSync(scratch, { recursive: true }));

/** What a trader who wants more than a hundred trades a day sets; everything else stays as it comes. */
const POLICY = { limits: { maxDailyTrades: 1000, coolDownAfterLosses: 100 }, circuitBreaker: { consecutiveLosses: 100 } };
const TRADES = 106;
const START_USDT = '10000';
/** Digits after the point to which a division in the profit and loss is compared; money itself is compared whole. */
const PLACES = 20;

type Step = (at: Moment) => Omit<OrderRequest, 'symbol'>;
interface Moment {
  readonly bid: number;
  readonly ask: number;
  readonly step: string;
  readonly sellable: string;
}

const decimals = (step: string): number => step.replace(/^[^.]*\.?/, '').replace(/0+$/, '').length;
const text = (value: string): DecimalText => value as DecimalText;
const sized = ({ ask, step }: Moment, usdt: number): DecimalText =>
  text((Math.floor((usdt / ask) * 10 ** decimals(step)) / 10 ** decimals(step)).toFixed(decimals(step)));
const half = ({ sellable, step }: Moment): DecimalText => text(Exact.of(sellable).over(Exact.of('2')).toFixed(decimals(step)));
const above = ({ ask }: Moment): DecimalText => text((ask * 1.004).toFixed(2));
const below = ({ bid }: Moment): DecimalText => text((bid * 0.996).toFixed(2));

const buy =
  (usdt: number): Step =>
  (at) => ({ side: 'BUY', type: 'MARKET', qty: sized(at, usdt) });
const spend =
  (usdt: string): Step =>
  () => ({ side: 'BUY', type: 'MARKET', quoteQty: text(usdt) });
const bid =
  (usdt: number, timeInForce: 'IOC' | 'FOK' | 'GTC'): Step =>
  (at) => ({ side: 'BUY', type: 'LIMIT', qty: sized(at, usdt), price: above(at), timeInForce });
const sell: Step = (at) => ({ side: 'SELL', type: 'MARKET', qty: text(at.sellable), reduceOnly: true });
const sellHalf: Step = (at) => ({ side: 'SELL', type: 'MARKET', qty: half(at), reduceOnly: true });
const ask =
  (timeInForce: 'IOC' | 'FOK' | 'GTC'): Step =>
  (at) => ({ side: 'SELL', type: 'LIMIT', qty: text(at.sellable), price: below(at), timeInForce });

/** Open, add, close in part, close; every type and time in force that takes. Each symbol goes round it, from another start. */
const ROUND: readonly Step[] = [
  buy(300),
  sell,
  spend('251.37'),
  ask('IOC'),
  bid(420, 'FOK'),
  sellHalf,
  sell,
  bid(333, 'GTC'),
  buy(205),
  ask('GTC'),
  bid(180, 'IOC'),
  spend('222.22'),
  sellHalf,
  ask('FOK'),
];
/** Places in the round at which nothing is held. */
const STARTS = [0, 4, 7, 10];

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Keeps the pace that the policy asks for: 5 orders a second, 500 ms between two of a symbol. */
class Pace {
  #lastMs = 0;
  readonly #lastOf = new Map<string, number>();

  async wait(symbol: string): Promise<void> {
    const dueMs = Math.max(this.#lastMs + 210, (this.#lastOf.get(symbol) ?? 0) + 510);
    await pause(Math.max(0, dueMs - performance.now()));
    this.#lastMs = performance.now();
    this.#lastOf.set(symbol, this.#lastMs);
  }
}

const desk = async (console: TestConsole, operation: DeskOperation): Promise<unknown> => {
  const answer = await fetch(`${console.api.addresses.venue['faultDesk']}/desk`, { method: 'POST', body: JSON.stringify(operation) });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
};

const momentOf = (console: TestConsole, symbol: string): Moment | undefined => {
  const [quote, instrument] = [console.quotes()[symbol], console.view().instruments[symbol]];
  if (quote === undefined || instrument === undefined) return undefined;
  const sellable = console.view().positions[symbol]?.sellableQty ?? '0';
  return { bid: Number(quote.bid), ask: Number(quote.ask), step: instrument.stepQty, sellable };
};

interface Session {
  readonly orders: readonly OrderView[];
  readonly refusals: readonly string[];
}

/** Places the trades one after the other, the symbols in turn; a GTC order that does not fill is cancelled after a while. */
const trade = async (
  console: TestConsole,
  symbols: readonly string[],
  beforeTrade: (index: number) => Promise<unknown>,
): Promise<Session> => {
  const pace = new Pace();
  const at = new Map(symbols.map((symbol, index) => [symbol, STARTS[index % STARTS.length] ?? 0]));
  const orders: OrderView[] = [];
  const refusals: string[] = [];
  for (let index = 0; index < TRADES; index += 1) {
    const symbol = symbols[index % symbols.length] as SymbolId;
    await beforeTrade(index);
    await pace.wait(symbol);
    const place = at.get(symbol) ?? 0;
    at.set(symbol, (place + 1) % ROUND.length);
    const moment = await console.until(`a quote of ${symbol}`, () => momentOf(console, symbol));
    const request = { symbol, ...(ROUND[place] as Step)(moment) };
    const id = await console.place(request).catch((error: unknown) => void refusals.push(`${JSON.stringify(request)}: ${String(error)}`));
    if (id !== undefined) orders.push(await ended(console, id));
  }
  return { orders, refusals };
};

const ended = async (console: TestConsole, id: string): Promise<OrderView> => {
  const look = (): OrderView | undefined =>
    Object.values(console.view().orders).find((order) => order.clientOrderId === id && isEnded(order.status));
  return console.until(`order ${id} has ended`, look, 3000).catch(async () => {
    await console.api.handlers.cancelOrder({ clientOrderId: id }, { from: 'socket', user: 'test' });
    return console.until(`order ${id} has ended after its cancel`, look);
  });
};

/** The session's facts, from the disk, after everything was closed. */
const journalOf = async ({ home, api }: TestConsole): Promise<readonly SequencedFact[]> => {
  const { account } = api.addresses;
  const opened = await openJournal({ path: journalPath(home, 'practice', account), mode: 'practice', account });
  if (!opened.ok) throw new Error(opened.error.text);
  await opened.value.journal.close();
  return opened.value.facts;
};

const balancesOf = (account: AccountState['account']): Record<string, string> =>
  Object.fromEntries(account.balances.map(({ asset, free, locked }) => [asset, Exact.of(free).plus(Exact.of(locked)).toFixed(8)]));

const audit = (venue: AccountState, facts: readonly SequencedFact[]): void => {
  const own = recount(venue.trades);
  const state = emptyState();
  for (const fact of facts) evolve(state, fact);
  const engine = (value: { toFixed(): string }): Exact => Exact.of(value.toFixed());

  // Every fill of the exchange is in the journal once, and nothing else.
  const fills = facts.flatMap(({ fact }) => (fact.kind === 'order.filled' ? [`${fact.symbol} ${fact.tradeId}`] : []));
  expect(fills.toSorted()).toEqual(venue.trades.map(({ symbol, id }) => `${symbol} ${id}`).toSorted());
  // One intent, at most one order at the venue (Q4).
  const intents = facts.flatMap(({ fact }) => (fact.kind === 'order.intended' ? [fact.order.clientOrderId as string] : []));
  expect(venue.orders.map(({ clientOrderId }) => clientOrderId).toSorted()).toEqual(intents.toSorted());

  expect(engine(state.realisedUsdt).toFixed(PLACES)).toBe(own.realised.toFixed(PLACES));
  expect(engine(state.feesUsdt).toFixed(PLACES)).toBe(own.fees.toFixed(PLACES));
  expect([...state.positions.keys()].toSorted()).toEqual([...own.holdings.keys()].toSorted());
  for (const [symbol, { qty, cost }] of own.holdings) {
    const position = state.positions.get(symbol as SymbolId);
    expect(position && engine(position.qty).toFixed(PLACES)).toBe(qty.toFixed(PLACES));
    expect(position && engine(position.costUsdt).toFixed(PLACES)).toBe(cost.toFixed(PLACES));
  }
  // Money, whole: what began, and what every trade moved, is what the exchange and the console both say is there (Q9).
  const flows = new Map(own.flows).set('USDT', (own.flows.get('USDT') ?? Exact.ZERO).plus(Exact.of(START_USDT)));
  const expected = Object.fromEntries(
    [...flows].filter(([, amount]) => !amount.isZero).map(([asset, amount]) => [asset, amount.toFixed(8)]),
  );
  const held = (all: Record<string, string>): object =>
    Object.fromEntries(Object.entries(all).filter(([, amount]) => !Exact.of(amount).isZero));
  expect(held(balancesOf(venue.account))).toEqual(expected);
  expect(held(Object.fromEntries([...state.balances].map(([asset, { free, locked }]) => [asset, free.plus(locked).toFixed(8)])))).toEqual(
    expected,
  );

  expect(breachesOf(facts, policySchema.parse(POLICY))).toEqual([]);
  expect(venue.internalErrors).toEqual([]);
};

const expectSoundTrades = async (
  options: Partial<ConsoleOptions>,
  symbols: readonly string[],
  beforeTrade: (console: TestConsole, index: number) => Promise<unknown>,
): Promise<void> => {
  const console = await startTestConsole(options, POLICY);
  try {
    const session = await trade(console, symbols, (index) => beforeTrade(console, index));
    const succeeded = session.orders.filter(({ status, qty, filledQty }) => status === 'FILLED' && (qty === null || qty === filledQty));
    const others = session.orders
      .filter((order) => !succeeded.includes(order))
      .map(({ symbol, side, type, status, reason }) => ({ symbol, side, type, status, reason }));
    const venue = (await (await fetch(`${console.api.addresses.venue['faultDesk']}/state`)).json()) as AccountState;
    await console.until('the balances are those of the exchange', () => {
      const { USDT } = console.view().balances;
      return USDT !== undefined && Exact.of(USDT.total).toFixed(8) === balancesOf(venue.account)['USDT'];
    });
    await console.close();
    expect({ succeeded: succeeded.length / TRADES >= 0.95, others, refusals: session.refusals }).toMatchObject({ succeeded: true });
    expect(succeeded.length).toBeGreaterThanOrEqual(100);
    audit(venue, await journalOf(console));
  } finally {
    await console.close();
    console.remove();
  }
};

describe('a hundred practice trades', () => {
  it('through a trending, a ranging and a volatile market: 95 of 100 succeed, the profit and loss is the exchange’s to the last digit, no limit is passed', async () => {
    const regimes: readonly Regime[] = ['trending', 'ranging', 'volatile'];
    const each = Math.ceil(TRADES / regimes.length);
    await expectSoundTrades({ seed: 7 }, ['BTCUSDT', 'ETHUSDT', 'BNBUSDT', 'SOLUSDT'], async (console, index) => {
      const regime = index % each === 0 ? regimes[index / each] : undefined;
      if (regime !== undefined) await desk(console, { op: 'setRegime', regime });
    });
  });

  const real = ['BTCUSDT', 'ETHUSDT'].map((symbol) => ({
    symbol,
    path: resolve('..', 'shared', 'data', `spot-${symbol.toLowerCase()}_20240808.gz`),
  }));
  const recorded = real.every(({ path }) => existsSync(path));

  it(`on the market as recorded from ${recorded ? 'Binance, 2024-08-08' : 'the synthetic feed (../shared/data is absent)'}: the same holds`, async () => {
    const recordings = recorded ? real : real.map(({ symbol }) => ({ symbol, path: join(scratch, `${symbol}.gz`) }));
    if (!recorded) for (const { symbol, path } of recordings) await makeRecording(symbol, path);
    await expectSoundTrades(
      { feed: { kind: 'replay', files: recordings.map(({ path }) => path) } },
      recordings.map(({ symbol }) => symbol),
      () => Promise.resolve(),
    );
  });
});
