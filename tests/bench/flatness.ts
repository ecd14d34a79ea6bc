// What one order costs the engine alone, from few to many open orders, symbols and facts (REQUIREMENTS R): the cost must stay flat. In
// process, with a clock and a disk that take no time; an order is placed, accepted, cancelled and settled, so that the number open
// stays what it is.
import { performance } from 'node:perf_hooks';
import type { AssetId, JournalTag, SymbolId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { toText } from '../../src-shared/domain/money.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import { Engine } from '../../src-main/engine/engine.ts';
import type { Effect } from '../../src-main/engine/effects.ts';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import type { Input } from '../../src-main/engine/inputs.ts';
import type { Journal } from '../../src-main/journal/port.ts';
import type { BudgetReading, VenueBalance, VenueOrder } from '../../src-main/venue/port.ts';
import { NO_BOOKS } from '../support/engine-rig.ts';
import { instrument } from '../unit/safety/pictures.ts';
import { benchPolicy } from './engine.ts';
import { medianOf } from './numbers.ts';
import { monthOfFacts } from './start.ts';

export interface FlatnessOptions {
  readonly fewOrders: number;
  readonly manyOrders: number;
  readonly manySymbols: number;
  readonly fewFacts: number;
  readonly manyFacts: number;
  readonly samples: number;
}
/** Median cost of one order's life in µs. */
export interface FlatnessResult {
  readonly fewOrdersUs: number;
  readonly manyOrdersUs: number;
  readonly oneSymbolUs: number;
  readonly manySymbolsUs: number;
  readonly fewFactsUs: number;
  readonly manyFactsUs: number;
}

/** A disk that has written before it is asked. */
class InstantJournal implements Journal {
  readonly tag = 'bench0' as JournalTag;
  durableSeq = 0;
  append(facts: readonly SequencedFact[]): void {
    this.durableSeq = facts.at(-1)?.seq ?? this.durableSeq;
  }
  onDurable(): void {
    // told at once, by durableSeq
  }
  onBroken(): void {
    // it never is
  }
  flush(): Promise<void> {
    return Promise.resolve();
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

const BUDGET: BudgetReading = {
  usedWeight: 0,
  weightLimit: 6e3,
  orderCount10s: 0,
  orderLimit10s: 100,
  orderCount1d: 0,
  orderLimit1d: 2e5,
  holdUntilMs: null,
};
const text = (value: string): DecimalText => value as DecimalText;
const BID = text('49999.00');
const ASK = text('50001.00');
const PRICE = text('49500.00');
const QTY = text('0.003');

const symbolsOf = (count: number): readonly SymbolId[] => Array.from({ length: count }, (_, index) => `SYM${index + 1}USDT` as SymbolId);

class Bench {
  readonly engine: Engine;
  readonly #symbols: readonly SymbolId[];
  #nowMs: number;
  #venueOrderId = 0;
  #submitted: Extract<Effect, { kind: 'submit' }>['order'] | undefined;

  constructor(symbols: number, replay: readonly SequencedFact[]) {
    this.#nowMs = replay.at(-1)?.atMs ?? Date.UTC(2026, 0, 5, 12);
    const clock = { nowMs: () => this.#nowMs, monoMs: () => this.#nowMs };
    const run = (effect: Effect): void => {
      if (effect.kind === 'submit') this.#submitted = effect.order;
    };
    this.engine = new Engine({ journal: new InstantJournal(), clock, sha256: String, run, onTurn: () => undefined }, replay);
    this.#symbols = symbolsOf(symbols);
    this.#start();
  }

  #tell(...inputs: readonly Input[]): void {
    for (const input of inputs) this.engine.dispatch(input);
  }

  #start(): void {
    const instruments = this.#symbols.map((symbol) =>
      instrument({ symbol, base: symbol.replace('USDT', '') as AssetId, maxOrders: undefined }),
    );
    this.#tell(
      { kind: 'session', mode: 'practice', account: 'bench', version: 'bench' },
      { kind: 'policy', policy: benchPolicy(this.#symbols), version: 2, by: 'bench', why: 'bench' },
      { kind: 'instruments', instruments },
      { kind: 'venue', event: { kind: 'stream', stream: 'user', status: 'live', text: '' } },
      { kind: 'venue', event: { kind: 'stream', stream: 'market', status: 'live', text: '' } },
      { kind: 'venue', event: { kind: 'budget', budget: BUDGET } },
    );
    this.#quote([...this.#symbols, 'BTCUSDT' as SymbolId]);
    const balances = this.#account();
    this.#tell(
      { kind: 'reconcile', why: 'start' },
      {
        kind: 'books-seen',
        why: 'start',
        startedAtMs: this.#nowMs,
        // No trades were asked for: a venue that was asked and knew none of ours would look like one that has begun anew.
        result: { ok: true, value: { ...NO_BOOKS, asked: new Map(), balances } },
      },
      { kind: 'self-test', items: [] },
      { kind: 'tick' },
    );
  }

  /** What the replayed facts explain: an account that holds anything else would be asked about before anything is opened. */
  #account(): readonly VenueBalance[] {
    const { ledger } = this.engine.state;
    if (ledger === null) return [{ asset: 'USDT' as AssetId, free: text('100000000'), locked: text('0') }];
    return [...ledger.totals].map(([asset, total]) => ({ asset, free: toText(total), locked: text('0') }));
  }

  #quote(symbols: readonly SymbolId[]): void {
    for (const symbol of symbols) this.#tell({ kind: 'venue', event: { kind: 'quote', symbol, bid: BID, ask: ASK } });
  }

  #settle(): void {
    this.#tell({
      kind: 'venue',
      event: {
        kind: 'balances',
        entries: this.#account(),
        venueTimeMs: this.#nowMs,
      },
    });
  }

  /** A second later: places one order; as the venue states it once it has it. */
  place(index: number): VenueOrder {
    const symbol = this.#symbols[index % this.#symbols.length] as SymbolId;
    this.#nowMs += 1000;
    this.#tell(
      { kind: 'venue', event: { kind: 'alive', stream: 'user' } },
      { kind: 'venue', event: { kind: 'alive', stream: 'market' } },
      { kind: 'venue', event: { kind: 'quote', symbol, bid: BID, ask: ASK } },
    );
    const reply = this.engine.dispatch({
      kind: 'place',
      request: { symbol, side: 'BUY', type: 'LIMIT', qty: QTY, price: PRICE },
      origin: 'api',
    });
    const order = this.#submitted;
    if (reply.kind !== 'placed' || order === undefined) throw new Error(`not placed: ${JSON.stringify(reply)}`);
    const { clientOrderId } = order;
    const venueOrderId = String((this.#venueOrderId += 1)) as VenueOrderId;
    const stated: VenueOrder = {
      clientOrderId,
      venueOrderId,
      symbol,
      side: 'BUY',
      venueType: 'LIMIT',
      timeInForce: 'GTC',
      qty: QTY,
      price: PRICE,
      stopPrice: text('0'),
      trailingDeltaBps: null,
      venueListId: null,
      filledQty: text('0'),
      status: 'NEW',
      timeMs: this.#nowMs,
    };
    this.#tell(
      { kind: 'sent', clientOrderId },
      { kind: 'submitted', clientOrderId, outcome: { kind: 'accepted', order: stated, fills: [] } },
    );
    this.#settle();
    return stated;
  }

  cancel(order: VenueOrder): void {
    const clientOrderId = order.clientOrderId as never;
    this.#tell(
      { kind: 'cancel', clientOrderId, origin: 'api' },
      { kind: 'canceled', clientOrderId, outcome: { kind: 'canceled', orders: [{ ...order, status: 'CANCELED' }] } },
      { kind: 'tick' },
    );
    this.#settle();
  }

  /** Median life of one order, in µs. */
  medianUs(samples: number): number {
    const tookUs: number[] = [];
    for (let index = -samples; index < samples; index += 1) {
      const fromMs = performance.now();
      this.cancel(this.place(index + samples));
      if (index >= 0) tookUs.push((performance.now() - fromMs) * 1000);
    }
    return medianOf(tookUs);
  }
}

const costUs = (setup: { readonly orders: number; readonly symbols: number; readonly facts: number }, samples: number): number => {
  // The tilt guard would let further symbols wait: the replayed policy allows them all along (G).
  const replay = (): readonly SequencedFact[] =>
    monthOfFacts(Math.ceil(setup.facts / 6), 30, Date.UTC(2026, 0, 5, 12), symbolsOf(setup.symbols));
  const bench = new Bench(setup.symbols, setup.facts === 0 ? [] : replay());
  for (let order = 0; order < setup.orders; order += 1) bench.place(order);
  return bench.medianUs(samples);
};

export const benchFlatness = (options: FlatnessOptions): FlatnessResult => {
  const { fewOrders, manyOrders, manySymbols, fewFacts, manyFacts, samples } = options;
  const cost = (orders: number, symbols: number, facts: number): number => costUs({ orders, symbols, facts }, samples);
  cost(fewOrders, 1, 0); // warm
  return {
    fewOrdersUs: cost(fewOrders, 1, 0),
    manyOrdersUs: cost(manyOrders, 1, 0),
    oneSymbolUs: cost(manySymbols, 1, 0),
    manySymbolsUs: cost(manySymbols, manySymbols, 0),
    fewFactsUs: cost(fewOrders, 1, fewFacts),
    manyFactsUs: cost(fewOrders, 1, manyFacts),
  };
};
