// An engine alone on the bench: the test plays disk, venue and clock, and looks at every fact and effect. No promise, no timer.
import { hash } from 'node:crypto';
import type { AssetId, ClientOrderId, JournalTag, SymbolId, TradeId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { OcoRequest, OrderChange, OrderOrigin, OrderRequest } from '../../src-shared/domain/order.ts';
import type { TripPolicy } from '../../src-shared/domain/stop.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { Effect } from '../../src-main/engine/effects.ts';
import { Engine } from '../../src-main/engine/engine.ts';
import type { Fact, SequencedFact } from '../../src-main/engine/facts.ts';
import type { Reply } from '../../src-main/engine/inputs.ts';
import type { Order } from '../../src-main/engine/state.ts';
import type { VenueBooks } from '../../src-main/reconcile/diff.ts';
import type {
  CancelOutcome,
  ExecutionReport,
  ListOutcome,
  QueryOutcome,
  ReplaceOutcome,
  SubmitOutcome,
  VenueBalance,
  VenueEvent,
  VenueFailure,
  VenueFill,
  VenueOrder,
} from '../../src-main/venue/port.ts';
import { BTC, ETH, PASSED, START_MS } from './sim.ts';
import { instrument } from '../unit/safety/pictures.ts';
import { WIDE } from './wide.ts';

export const text = (value: string): DecimalText => value as DecimalText;
export const id = (value: string): ClientOrderId => value as ClientOrderId;
export const DOWN: VenueFailure = { kind: 'unreachable', code: null, text: 'no way' };
const BNB = 'BNBUSDT' as SymbolId;

export const balance = (asset: string, free: string, locked = '0'): VenueBalance => ({
  asset: asset as AssetId,
  free: text(free),
  locked: text(locked),
});

export const fillOf = (tradeId: string, qty: string, changes: Partial<Record<keyof VenueFill, unknown>> = {}): VenueFill =>
  ({
    tradeId: tradeId as TradeId,
    price: text('50000'),
    qty: text(qty),
    fee: text('0'),
    feeAsset: 'USDT' as AssetId,
    maker: false,
    timeMs: START_MS + 1000,
    ...changes,
  }) as VenueFill;

/** An order as the venue states it: a buy of 0.01 BTC at 50000 that rests, unless told otherwise. */
export const stated = (clientOrderId: string, changes: Partial<Record<keyof VenueOrder, unknown>> = {}): VenueOrder =>
  ({
    clientOrderId,
    venueOrderId: `v-${clientOrderId}` as VenueOrderId,
    symbol: BTC,
    side: 'BUY',
    venueType: 'LIMIT',
    timeInForce: 'GTC',
    qty: text('0.01'),
    price: text('50000'),
    stopPrice: text('0'),
    trailingDeltaBps: null,
    venueListId: null,
    filledQty: text('0'),
    status: 'NEW',
    timeMs: START_MS + 1000,
    ...changes,
  }) as VenueOrder;

const EXECUTION = {
  NEW: 'NEW',
  PENDING_NEW: 'NEW',
  PARTIALLY_FILLED: 'TRADE',
  FILLED: 'TRADE',
  CANCELED: 'CANCELED',
  REJECTED: 'REJECTED',
  EXPIRED: 'EXPIRED',
} as const;

export const report = (order: VenueOrder, fill: VenueFill | null = null, reason = ''): ExecutionReport => ({
  clientOrderId: order.clientOrderId,
  order,
  execution: EXECUTION[order.status],
  fill,
  reason,
  eventTimeMs: order.timeMs,
});

/** Books with nothing in them, asked for everything that the rig's venue trades. */
export const NO_BOOKS: VenueBooks = {
  balances: [],
  openOrders: [],
  trades: [],
  queries: new Map(),
  strangers: [],
  asked: new Map([BTC, ETH, BNB].map((symbol) => [symbol, 0])),
  probes: new Map(),
  again: new Map(),
  left: 0,
};

export interface RigOptions {
  readonly replay?: readonly SequencedFact[];
  /** NORMAL with room for exposure, unless told otherwise. */
  readonly policy?: Policy;
  readonly balances?: readonly VenueBalance[];
  /** The disk takes nothing until `commit` is called. */
  readonly slowDisk?: boolean;
}

export class Rig {
  readonly engine: Engine;
  readonly facts: SequencedFact[] = [];
  effects: Effect[] = [];
  nowMs = START_MS;
  monoMs = 0;
  appended = 0;
  durableSeq = 0;
  /** Throws from here are what a listener of the engine may do at worst. */
  onTurn: () => void = () => undefined;
  private readonly options: RigOptions;
  private readonly durable: ((seq: number) => void)[] = [];
  private broken: (text: string) => void = () => undefined;

  constructor(options: RigOptions = {}) {
    this.options = options;
    const replay = options.replay ?? [];
    this.durableSeq = replay.length;
    const durableSeq = (): number => this.durableSeq;
    const journal = {
      tag: 'bench0' as JournalTag,
      append: (facts: readonly SequencedFact[]) => {
        this.appended += facts.length;
        if (options.slowDisk !== true) this.durableSeq = facts.at(-1)?.seq ?? this.durableSeq;
      },
      get durableSeq() {
        return durableSeq();
      },
      onDurable: (listener: (seq: number) => void) => void this.durable.push(listener),
      onBroken: (listener: (text: string) => void) => void (this.broken = listener),
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    this.engine = new Engine(
      {
        journal,
        clock: { nowMs: () => this.nowMs, monoMs: () => this.monoMs },
        sha256: (text) => hash('sha256', text),
        run: (effect) => void this.effects.push(effect),
        onTurn: (_input, facts) => {
          this.facts.push(...facts);
          this.onTurn();
        },
      },
      replay,
    );
  }

  /** Up and able to trade: session, policy, market, books, self-test. */
  ready(): this {
    return this.boot().compared();
  }

  /** After `boot` or `market`: the books are compared, and the self-test is good. */
  compared(): this {
    this.reconciled({});
    this.engine.dispatch({ kind: 'self-test', items: [PASSED] });
    this.pass(100);
    this.effects = [];
    return this;
  }

  /** The same without a comparison of the books. */
  boot(): this {
    const { engine } = this;
    engine.dispatch({ kind: 'session', mode: 'practice', account: 'main', version: 'test' });
    engine.dispatch({ kind: 'policy', policy: this.options.policy ?? WIDE, version: 1, by: 'test', why: 'start' });
    return this.market();
  }

  /** Rules, streams and quotes: what follows session and policy. */
  market(): this {
    const { engine } = this;
    const make = (symbol: SymbolId): ReturnType<typeof instrument> => instrument({ symbol, base: symbol.slice(0, -4) as AssetId });
    engine.dispatch({ kind: 'instruments', instruments: [BTC, ETH, BNB].map(make) });
    for (const stream of ['market', 'user'] as const) this.tell({ kind: 'stream', stream, status: 'live', text: '' });
    const budget = {
      usedWeight: 1,
      weightLimit: 6000,
      orderCount10s: 0,
      orderLimit10s: 100,
      orderCount1d: 0,
      orderLimit1d: 200_000,
      holdUntilMs: null,
    };
    this.tell({ kind: 'budget', budget });
    this.quotes();
    return this;
  }

  quotes(): void {
    for (const [symbol, bid, ask] of [
      [BTC, '49999', '50001'],
      [ETH, '2499', '2501'],
      [BNB, '499', '501'],
    ] as const) {
      this.tell({ kind: 'quote', symbol, bid: text(bid), ask: text(ask) });
    }
  }

  tell(event: VenueEvent): void {
    this.engine.dispatch({ kind: 'venue', event });
  }

  /** Time passes in ticks of 100 ms; streams stay alive and quotes fresh. */
  pass(durationMs: number): void {
    for (let passedMs = 0; passedMs < durationMs; passedMs += 100) {
      this.nowMs += 100;
      this.monoMs += 100;
      this.tell({ kind: 'alive', stream: 'market' });
      if (this.engine.market.streams.user.status === 'live') this.tell({ kind: 'alive', stream: 'user' });
      this.quotes();
      this.engine.dispatch({ kind: 'tick' });
    }
  }

  /** The disk gets as far as everything handed over. */
  commit(): void {
    this.durableSeq = this.engine.state.seq;
    for (const listener of this.durable) listener(this.durableSeq);
  }

  breakDisk(): void {
    this.broken('the disk is full');
  }

  reconciled(books: Partial<VenueBooks>, startedAtMs = this.nowMs): void {
    const balances = books.balances ?? this.options.balances ?? [balance('USDT', '10000')];
    this.engine.dispatch({
      kind: 'books-seen',
      why: 'test',
      startedAtMs,
      result: ok({ ...NO_BOOKS, balances, trades: this.knownTrades(), ...books }),
    });
  }

  /** The trades that the engine knows: a venue that has forgotten nothing lists them. */
  private knownTrades(): VenueBooks['trades'] {
    return [...this.engine.state.orders.values()].flatMap(({ symbol, venueOrderId, fills }) =>
      fills.map(({ tradeId, price, qty, fee, feeAsset, maker, atMs }) => ({
        symbol,
        venueOrderId: venueOrderId as VenueOrderId,
        tradeId,
        feeAsset,
        maker,
        timeMs: atMs,
        price: text(price.toFixed()),
        qty: text(qty.toFixed()),
        fee: text(fee.toFixed()),
      })),
    );
  }

  notReconciled(): void {
    this.engine.dispatch({ kind: 'books-seen', why: 'test', startedAtMs: this.nowMs, result: fail(DOWN) });
  }

  place(request: Partial<Record<keyof OrderRequest, unknown>> = {}): Reply {
    const limit = { symbol: BTC, side: 'BUY', type: 'LIMIT', qty: text('0.01'), price: text('50000') };
    return this.engine.dispatch({ kind: 'place', request: { ...limit, ...request } as OrderRequest, origin: 'cli' });
  }

  /** A sell of 0.01 BTC that takes its profit at 50900 or stops at 49500, unless told otherwise. */
  placeOco(request: Partial<Record<keyof OcoRequest, unknown>> = {}, origin: OrderOrigin = 'cli'): Reply {
    const pair = { symbol: BTC, side: 'SELL', qty: text('0.01'), price: text('50900'), stopPrice: text('49500') };
    return this.engine.dispatch({ kind: 'place-oco', request: { ...pair, ...request } as OcoRequest, origin });
  }

  /** The orders of a list that passed the gate; the venue has not been asked yet. */
  listed(reply: Reply): readonly ClientOrderId[] {
    if (reply.kind !== 'placed' || reply.orders === undefined) throw new Error(`no list: ${JSON.stringify(reply)}`);
    return reply.orders;
  }

  /** An entry of 0.01 BTC at 50000 with both exits, on the wire: entry, stop, limit. */
  sendBracket(request: Partial<Record<keyof OrderRequest, unknown>> = {}): readonly [ClientOrderId, ClientOrderId, ClientOrderId] {
    const exits = { stopLoss: text('49500'), takeProfit: text('50900') };
    const ids = this.listed(this.place({ exits, ...request }));
    for (const clientOrderId of ids) this.engine.dispatch({ kind: 'sent', clientOrderId });
    return ids as unknown as readonly [ClientOrderId, ClientOrderId, ClientOrderId];
  }

  /** The same at rest at the venue, its exits waiting. */
  restBracket(request: Partial<Record<keyof OrderRequest, unknown>> = {}): readonly [ClientOrderId, ClientOrderId, ClientOrderId] {
    const ids = this.sendBracket(request);
    const orders = ids.map((one, index) => stated(one, index === 0 ? {} : { side: 'SELL', status: 'PENDING_NEW' }));
    this.answerList(ids[0], { kind: 'accepted', orders });
    return ids;
  }

  /** The answer to the list that this order belongs to. */
  answerList(one: ClientOrderId, outcome: ListOutcome): void {
    this.engine.dispatch({ kind: 'submitted-list', listId: one.slice(0, 22) as ClientOrderId, outcome });
  }

  replace(clientOrderId: string, change: OrderChange, origin: OrderOrigin = 'cli'): Reply {
    return this.engine.dispatch({ kind: 'replace', clientOrderId, change, origin });
  }

  replaced(clientOrderId: ClientOrderId, canceled: ClientOrderId, outcome: ReplaceOutcome): void {
    this.engine.dispatch({ kind: 'replaced', clientOrderId, canceled, outcome });
  }

  /** An order that passed the gate; the venue has not been asked yet. */
  intend(request: Partial<Record<keyof OrderRequest, unknown>> = {}): ClientOrderId {
    const reply = this.place(request);
    if (reply.kind !== 'placed') throw new Error(`not placed: ${JSON.stringify(reply)}`);
    return reply.clientOrderId;
  }

  /** An order on the wire. */
  send(request: Partial<Record<keyof OrderRequest, unknown>> = {}): ClientOrderId {
    const clientOrderId = this.intend(request);
    this.engine.dispatch({ kind: 'sent', clientOrderId });
    return clientOrderId;
  }

  /** An order that rests at the venue. */
  rest(request: Partial<Record<keyof OrderRequest, unknown>> = {}): ClientOrderId {
    const clientOrderId = this.send(request);
    this.answer(clientOrderId, {
      kind: 'accepted',
      order: stated(clientOrderId, { symbol: request.symbol ?? BTC, side: request.side ?? 'BUY' }),
      fills: [],
    });
    return clientOrderId;
  }

  /** Buys 0.01 BTC, filled at 50000. */
  hold(changes: Partial<Record<keyof VenueFill, unknown>> = {}): ClientOrderId {
    const clientOrderId = this.rest();
    this.execute(stated(clientOrderId, { status: 'FILLED', filledQty: '0.01' }), fillOf(`buy-${clientOrderId}`, '0.01', changes));
    return clientOrderId;
  }

  answer(clientOrderId: ClientOrderId, outcome: SubmitOutcome): void {
    this.engine.dispatch({ kind: 'submitted', clientOrderId, outcome });
  }

  lose(clientOrderId: ClientOrderId): void {
    this.answer(clientOrderId, { kind: 'unknown', text: 'no answer in time', provableAtMs: this.nowMs + 15_000 });
  }

  execute(order: VenueOrder, fill: VenueFill | null = null): void {
    this.tell({ kind: 'execution', report: report(order, fill) });
  }

  queried(clientOrderId: ClientOrderId, outcome: QueryOutcome, fills: readonly VenueFill[] = [], askedAtMs = this.nowMs): void {
    this.engine.dispatch({ kind: 'queried', clientOrderId, askedAtMs, outcome, fills });
  }

  canceled(clientOrderId: ClientOrderId, outcome: CancelOutcome): void {
    this.engine.dispatch({ kind: 'canceled', clientOrderId, outcome });
  }

  trip(positions: TripPolicy | null = null): void {
    this.engine.dispatch({ kind: 'trip', trigger: 'button', reason: 'test', positions });
  }

  /** Every cancel-all of the running stop comes back in the same way. */
  stopCanceled(outcome: CancelOutcome = { kind: 'not-open', text: 'nothing open' }, symbols: readonly SymbolId[] = [BTC, ETH, BNB]): void {
    for (const symbol of symbols) this.engine.dispatch({ kind: 'canceled-all', symbol, tripId: this.engine.state.stop.tripId, outcome });
  }

  openOrdersSeen(orders: readonly VenueOrder[] | null): void {
    this.engine.dispatch({
      kind: 'open-orders-seen',
      tripId: this.engine.state.stop.tripId,
      result: orders === null ? fail(DOWN) : ok(orders),
    });
  }

  order(clientOrderId: string): Order {
    const order = this.engine.state.orders.get(id(clientOrderId));
    if (order === undefined) throw new Error(`no order ${clientOrderId}`);
    return order;
  }

  of<K extends Fact['kind']>(kind: K): Extract<Fact, { kind: K }>[] {
    return this.facts.map(({ fact }) => fact).filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
  }

  effectsOf<K extends Effect['kind']>(kind: K): Extract<Effect, { kind: K }>[] {
    return this.effects.filter((effect): effect is Extract<Effect, { kind: K }> => effect.kind === kind);
  }

  titles(): readonly string[] {
    return this.effectsOf('alert').map((alert) => alert.title);
  }

  /** The same console started again on what is on the disk. */
  restarted(options: RigOptions = {}): Rig {
    const next = new Rig({
      ...this.options,
      ...options,
      replay: JSON.parse(JSON.stringify(this.facts.slice(0, this.durableSeq))) as SequencedFact[],
    });
    next.nowMs = this.nowMs + 1000;
    next.facts.push(...this.facts.slice(0, this.durableSeq));
    return next;
  }
}
