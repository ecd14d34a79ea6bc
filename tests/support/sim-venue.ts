// A Venue over the practice exchange's pure core in virtual time: the same payload readers as the real adapter, a wire that takes
// time, and faults that a test switches on. It judges nothing: what the engine makes of it is what is tested.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import type { ClientOrderId, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import type { Instrument } from '../../src-shared/domain/instrument.ts';
import { fail, invariant, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import type { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import type { CoreEvent, NewOrder, Result as CoreResult } from '../../src-main/practice/core/types.ts';
import type { Random } from '../../src-main/practice/feeds/random.ts';
import { redeem } from '../../src-main/safety/approved.ts';
import type { Approved } from '../../src-main/safety/approved.ts';
import * as answers from '../../src-main/venue/answers.ts';
import { exchangeInfo, instrumentOf } from '../../src-main/venue/filters.ts';
import { readMarketFrame, readUserFrame } from '../../src-main/venue/payloads.ts';
import type {
  AccountSnapshot,
  CancelOutcome,
  Candle,
  KeyPermissions,
  Priority,
  QueryOutcome,
  SubmitOutcome,
  Venue,
  VenueEvent,
  VenueFailure,
  VenueFill,
  VenueOrder,
  WireOrder,
} from '../../src-main/venue/port.ts';
import type { VirtualTime } from './virtual-time.ts';

export const ACCOUNT = 'trader';
export const RECV_WINDOW_MS = 5000;
const API_TIMEOUT_MS = 10_000;
const CLIENT_TIMEOUT_MS = 3000;

/** What may go wrong, as probabilities (0 … 1) and switches. All off by default. */
export interface Faults {
  /** One way, at least and at most. */
  latencyMs: readonly [number, number];
  /** The request never arrives; the caller waits in vain. */
  lostBefore: number;
  /** It is executed; the answer never comes. */
  lostAfter: number;
  /** It is executed, and answered with a 5xx or -1007. */
  executedButError: number;
  /** An order that its sender gave up on arrives late, still inside its recvWindow. */
  lateArrival: number;
  streamDuplicate: number;
  /** A user event is held back until others have overtaken it. */
  streamReorder: number;
  streamMissing: number;
  /** Orders younger than this are not found by queries, and cancelled ones still listed (BINANCE 4). */
  queryLagMs: number;
  /** Every request about these symbols fails with a 5xx before execution. */
  deadSymbols: ReadonlySet<string>;
  /** Every request fails. */
  partition: boolean;
}

export const NO_FAULTS: Faults = {
  latencyMs: [2, 8],
  lostBefore: 0,
  lostAfter: 0,
  executedButError: 0,
  lateArrival: 0,
  streamDuplicate: 0,
  streamReorder: 0,
  streamMissing: 0,
  queryLagMs: 0,
  deadSymbols: new Set(),
  partition: false,
};

/** One order as it reached the exchange, for the auditor. */
export interface Arrival {
  readonly order: WireOrder;
  readonly atMs: number;
  readonly taken: boolean;
}

/** Request weight of what the engine asks (BINANCE 3). */
const WEIGHT = { submit: 1, cancel: 1, query: 4, openOrders: 80, account: 20, trades: 20, tradesOf: 5 } as const;
const WEIGHT_LIMIT = 6000;

const unreachable = (text: string): VenueFailure => ({ kind: 'unreachable', code: null, text });

type Answer<T> = { readonly kind: 'answer'; readonly value: T } | { readonly kind: 'lost'; readonly text: string };

/** One connection of one session. A dead one hears nothing any more; what it had sent still arrives. */
export class SimVenue implements Venue {
  readonly arrivals: Arrival[];
  faults: Faults;
  /** Called in the instant in which an order goes on the wire. */
  onSend: (order: WireOrder) => void = () => undefined;
  private readonly core: ExchangeCore;
  private readonly time: VirtualTime;
  private readonly random: Random;
  private listener: ((event: VenueEvent) => void) | null = null;
  private stops: (() => void)[] = [];
  private alive = true;
  userLive = false;
  private lastDeliveryMs = 0;
  private readonly weights = new Map<number, number>();

  constructor(core: ExchangeCore, time: VirtualTime, random: Random, faults: Faults, arrivals: Arrival[] = []) {
    this.core = core;
    this.time = time;
    this.random = random;
    this.faults = faults;
    this.arrivals = arrivals;
  }

  // ------------------------------------------------------------------------------------------------------------- streams

  connect(listener: (event: VenueEvent) => void): Promise<Result<void, VenueFailure>> {
    this.listener = listener;
    this.stops = [
      this.core.onEvent((event) => this.onCore(event)),
      this.time.every(1000, () => {
        this.tell({ kind: 'alive', stream: 'market' });
        this.tellBudget();
        if (this.userLive) this.tell({ kind: 'alive', stream: 'user' });
      }),
    ];
    for (const symbol of this.core.symbols()) this.onQuote(this.core.bookTickerPayload(symbol));
    this.tellBudget();
    this.tell({ kind: 'stream', stream: 'market', status: 'live', text: '' });
    this.setUserStream(true);
    return Promise.resolve(ok(undefined));
  }

  /** The user stream goes away, or comes back: what happened meanwhile is not told. */
  setUserStream(live: boolean): void {
    if (this.userLive === live) return;
    this.userLive = live;
    this.tell({ kind: 'stream', stream: 'user', status: live ? 'live' : 'down', text: live ? '' : 'switched off by the test' });
  }

  /** The most weight that any one minute used (Q10). */
  mostWeight(): number {
    return Math.max(0, ...this.weights.values());
  }

  private tellBudget(): void {
    const usedWeight = this.weights.get(Math.floor(this.now() / 60_000)) ?? 0;
    this.tell({
      kind: 'budget',
      budget: {
        usedWeight,
        weightLimit: WEIGHT_LIMIT,
        orderCount10s: 0,
        orderLimit10s: 100,
        orderCount1d: 0,
        orderLimit1d: 200_000,
        holdUntilMs: null,
      },
    });
  }

  private tell(event: VenueEvent): void {
    if (this.alive) this.listener?.(event);
  }

  private onCore(event: CoreEvent): void {
    if (event.kind === 'bookTicker') this.onQuote(event.payload);
    else if (event.kind === 'user' && event.account === ACCOUNT) this.onUser(event.payload);
  }

  private onQuote(payload: unknown): void {
    if (payload === undefined) return;
    const reading = readMarketFrame(payload, new Set(this.core.symbols()));
    if (reading.kind === 'event') this.tell(reading.event);
  }

  private onUser(payload: unknown): void {
    if (!this.userLive || this.random.chance(this.faults.streamMissing)) return;
    const reading = readUserFrame(payload);
    invariant(reading.kind === 'event', 'the core speaks what the reader understands');
    const { event } = reading;
    const held = this.random.chance(this.faults.streamReorder) ? 400 * this.random.next() : 0;
    // A stream keeps its order unless the fault says otherwise.
    const atMs = Math.max(this.lastDeliveryMs, this.time.monoMs() + this.latency());
    if (held === 0) this.lastDeliveryMs = atMs;
    const times = this.random.chance(this.faults.streamDuplicate) ? 2 : 1;
    for (let count = 0; count < times; count += 1) {
      this.time.after(atMs - this.time.monoMs() + held + count * 20, () => {
        if (this.userLive) this.tell(event);
      });
    }
  }

  // ------------------------------------------------------------------------------------------------------------ requests

  private latency(): number {
    const [least, most] = this.faults.latencyMs;
    return least + Math.floor((most - least + 1) * this.random.next());
  }

  /** A request over the wire: there, done, and back, with whatever may go wrong on the way. */
  private call<T>(what: keyof typeof WEIGHT, act: () => T, symbol: SymbolId | null, arrivesLate = false): Promise<Answer<T>> {
    const minute = Math.floor(this.now() / 60_000);
    this.weights.set(minute, (this.weights.get(minute) ?? 0) + WEIGHT[what]);
    return new Promise((resolve) => {
      const settle = (delayMs: number, answer: Answer<T>): void => {
        this.time.after(delayMs, () => {
          if (this.alive) resolve(answer);
        });
      };
      const { faults } = this;
      const late = arrivesLate && this.random.chance(faults.lateArrival);
      const before = this.random.chance(faults.lostBefore);
      const after = this.random.chance(faults.lostAfter);
      const error = this.random.chance(faults.executedButError);
      if (faults.partition || (symbol !== null && faults.deadSymbols.has(symbol)))
        return settle(this.latency(), { kind: 'lost', text: '503, unknown' });
      if (before) return settle(CLIENT_TIMEOUT_MS, { kind: 'lost', text: 'no answer in time' });
      const thereMs = late ? CLIENT_TIMEOUT_MS + Math.floor((RECV_WINDOW_MS - CLIENT_TIMEOUT_MS) * this.random.next()) : this.latency();
      this.time.after(thereMs, () => {
        const value = act();
        if (!late && !after)
          settle(this.latency(), error ? { kind: 'lost', text: '-1007 Timeout waiting for response' } : { kind: 'answer', value });
      });
      if (late || after) settle(CLIENT_TIMEOUT_MS, { kind: 'lost', text: 'no answer in time' });
    });
  }

  /** The same for reads: what is lost is a failure. */
  private async read<T>(what: keyof typeof WEIGHT, act: () => T, symbol: SymbolId | null): Promise<Result<T, VenueFailure>> {
    const answer = await this.call(what, act, symbol);
    return answer.kind === 'lost' ? fail(unreachable(answer.text)) : ok(answer.value);
  }

  private now(): number {
    return this.time.nowMs();
  }

  submit(order: Approved<WireOrder>): Promise<SubmitOutcome> {
    invariant(redeem(order), 'every order carries the mark of the gate');
    this.onSend(order);
    return this.settleSubmit(order);
  }

  private async settleSubmit(order: WireOrder): Promise<SubmitOutcome> {
    const provableAtMs = this.now() + RECV_WINDOW_MS + API_TIMEOUT_MS;
    const answer = await this.call(
      'submit',
      () => {
        const placed = this.core.placeOrder(ACCOUNT, newOrderOf(order), this.now());
        this.arrivals.push({ order, atMs: this.now(), taken: placed.ok });
        return placed;
      },
      order.symbol,
      true,
    );
    if (answer.kind === 'lost') return { kind: 'unknown', text: answer.text, provableAtMs };
    if (!answer.value.ok) return { kind: 'rejected', code: answer.value.error.code, text: answer.value.error.msg, sent: true };
    return { kind: 'accepted', ...answers.placedOrder.parse(answer.value.value) };
  }

  cancel(symbol: SymbolId, clientOrderId: ClientOrderId, _priority: Priority): Promise<CancelOutcome> {
    return this.cancelWith(symbol, () => this.core.cancelOrder(ACCOUNT, { symbol, origClientOrderId: clientOrderId }, this.now()));
  }

  cancelAll(symbol: SymbolId, _priority: Priority): Promise<CancelOutcome> {
    return this.cancelWith(symbol, () => this.core.cancelAllOpen(ACCOUNT, symbol, this.now()));
  }

  private async cancelWith(symbol: SymbolId, act: () => CoreResult<unknown>): Promise<CancelOutcome> {
    const answer = await this.call('cancel', act, symbol);
    if (answer.kind === 'lost') return { kind: 'failed', failure: unreachable(answer.text) };
    if (!answer.value.ok) return { kind: 'not-open', text: answer.value.error.msg };
    const { value } = answer.value;
    return { kind: 'canceled', orders: answers.canceledOrders.parse(Array.isArray(value) ? value : [value]) };
  }

  async queryOrder(symbol: SymbolId, clientOrderId: ClientOrderId): Promise<QueryOutcome> {
    const answer = await this.call(
      'query',
      () => this.core.getOrder(ACCOUNT, { symbol, origClientOrderId: clientOrderId }, this.now()),
      symbol,
    );
    if (answer.kind === 'lost') return { kind: 'failed', failure: unreachable(answer.text) };
    const found = answer.value;
    const isLagging = found.ok && this.now() - found.value.time < this.faults.queryLagMs;
    return found.ok && !isLagging ? { kind: 'found', order: answers.order.parse(found.value) } : { kind: 'absent' };
  }

  openOrders(symbol: SymbolId | null, _priority: Priority): Promise<Result<readonly VenueOrder[], VenueFailure>> {
    return this.read('openOrders', () => answers.orders.parse(this.core.openOrders(ACCOUNT, symbol ?? undefined)), symbol);
  }

  account(_priority: Priority): Promise<Result<AccountSnapshot, VenueFailure>> {
    return this.read('account', () => answers.account.parse(this.core.account(ACCOUNT)), null);
  }

  async orderOf(symbol: SymbolId, venueOrderId: VenueOrderId): Promise<Result<VenueOrder, VenueFailure>> {
    const found = await this.read(
      'query',
      () => this.core.getOrder(ACCOUNT, { symbol, orderId: Number(venueOrderId) }, this.now()),
      symbol,
    );
    if (!found.ok) return found;
    if (!found.value.ok) return fail({ kind: 'refused', code: found.value.error.code, text: found.value.error.msg });
    return ok(answers.order.parse(found.value.value));
  }

  tradesSince(
    symbol: SymbolId,
    sinceMs: number,
  ): Promise<Result<readonly (VenueFill & { readonly venueOrderId: VenueOrderId })[], VenueFailure>> {
    return this.read(
      'trades',
      () => answers.trades.parse(this.core.myTrades(ACCOUNT, symbol, { startTime: sinceMs, limit: 1000 })),
      symbol,
    );
  }

  tradesOf(symbol: SymbolId, venueOrderId: VenueOrderId): Promise<Result<readonly VenueFill[], VenueFailure>> {
    return this.read(
      'tradesOf',
      () => answers.trades.parse(this.core.myTrades(ACCOUNT, symbol, { orderId: Number(venueOrderId), limit: 1000 })),
      symbol,
    );
  }

  instruments(symbols: readonly SymbolId[]): Promise<Result<readonly Instrument[], VenueFailure>> {
    const fees = { makerFee: new Decimal('0.001'), takerFee: new Decimal('0.001') };
    const rows = exchangeInfo.parse(this.core.exchangeInfo(this.now())).symbols;
    return Promise.resolve(ok(rows.filter((row) => symbols.includes(row.symbol as SymbolId)).map((row) => instrumentOf(row, fees))));
  }

  candles(): Promise<Result<readonly Candle[], VenueFailure>> {
    return Promise.resolve(ok([]));
  }

  clock(): Promise<Result<{ readonly offsetMs: number; readonly roundTripMs: number }, VenueFailure>> {
    return Promise.resolve(ok({ offsetMs: 0, roundTripMs: 1 }));
  }

  permissions(): Promise<Result<KeyPermissions, VenueFailure>> {
    return Promise.resolve(ok({ canTrade: true, canWithdraw: false }));
  }

  show(): void {
    // Nothing here draws.
  }

  /** The process is gone: nobody listens any more. */
  die(): void {
    this.alive = false;
    for (const stop of this.stops) stop();
  }

  close(): Promise<void> {
    this.die();
    return Promise.resolve();
  }
}

const newOrderOf = (order: WireOrder): NewOrder => {
  const postOnly = order.timeInForce === 'POST_ONLY';
  return {
    symbol: order.symbol,
    side: order.side,
    type: postOnly ? 'LIMIT_MAKER' : order.type,
    ...(order.qty === undefined ? {} : { quantity: order.qty }),
    ...(order.quoteQty === undefined ? {} : { quoteOrderQty: order.quoteQty }),
    ...(order.price === undefined ? {} : { price: order.price }),
    ...(order.type === 'LIMIT' && !postOnly ? { timeInForce: (order.timeInForce ?? 'GTC') as 'GTC' | 'IOC' | 'FOK' } : {}),
    newClientOrderId: order.clientOrderId,
  };
};
