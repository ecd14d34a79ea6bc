// A ladder that allows real money, for consoles of tests that are about something else; and journals full of evidence, made of plain facts
// as a console would have made them.
import { hash } from 'node:crypto';
import type { Difference } from '../../src-shared/domain/difference.ts';
import type { AssetId, ClientOrderId, JournalTag, SymbolId, TradeId, VenueOrderId } from '../../src-shared/domain/ids.ts';
import { clientOrderIdOf, legIdOf } from '../../src-shared/domain/ids.ts';
import type { LadderSignOff, LadderStage } from '../../src-shared/domain/ladder.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { DecimalText } from '../../src-shared/domain/money.ts';
import type { OrderType, Side } from '../../src-shared/domain/order.ts';
import { policyText } from '../../src-shared/policy/fields.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import { signOffOf, writeSignOff } from '../../src-main/console/ladder-files.ts';
import { Engine } from '../../src-main/engine/engine.ts';
import { emptyState, evolve } from '../../src-main/engine/evolve.ts';
import type { Fact, IntendedOrder, SequencedFact } from '../../src-main/engine/facts.ts';
import type { Input, Reply } from '../../src-main/engine/inputs.ts';
import { openJournal } from '../../src-main/journal/open.ts';
import { journalPath } from '../../src-main/settings/home.ts';

/** A sign-off whose certificate names what is in force in this engine. */
export const signOffFor = (
  { state }: Pick<Engine, 'state'>,
  stage: LadderStage = 'full',
  changes: Partial<LadderSignOff> = {},
): LadderSignOff => ({
  stage,
  by: 'test',
  evidence: [],
  evidenceHash: 'evidence',
  provenAtMs: 1,
  certificate: {
    stage,
    evidenceHash: 'evidence',
    policyHash: state.policy === null ? '' : hash('sha256', policyText(state.policy)),
    version: state.ladder.version,
    issuedAtMs: 1,
    by: 'test',
  },
  ...changes,
});

/** Real money may be opened with at `stage`. */
export const certify = (engine: Engine, stage: LadderStage = 'full'): void => {
  engine.dispatch({ kind: 'ladder-elsewhere', signOff: signOffFor(engine, stage), demotions: [] });
};

const text = (value: string): DecimalText => value as DecimalText;
const BTC = 'BTCUSDT' as SymbolId;
const TAG = 'ladder' as JournalTag;
export const DAY_MS = 86_400_000;

export interface OrderWish {
  readonly side?: Side;
  readonly type?: OrderType;
  readonly qty?: string;
  readonly price?: string;
  readonly trailingDeltaBps?: number;
  readonly reservedUsdt?: string;
  readonly fee?: string;
  readonly feeAsset?: string;
  readonly feeUsdt?: string | null;
  readonly foreign?: true;
}

/** A journal's facts, one after the other, and what they come to. */
export class FactBook {
  readonly facts: SequencedFact[] = [];
  readonly state = emptyState();
  atMs: number;

  constructor(
    mode: Mode,
    atMs: number,
    { policy = NORMAL, version = 'test', account = 'main' } = {} as { policy?: Policy; version?: string; account?: string },
  ) {
    this.atMs = atMs;
    this.add({ kind: 'session.started', mode, account, version });
    this.add({ kind: 'policy.adopted', version: 1, by: 'test', why: 'start', policy });
  }

  add(fact: Fact): void {
    const one = { seq: this.state.seq + 1, atMs: this.atMs, fact };
    evolve(this.state, one);
    this.facts.push(one);
  }

  private intended(
    clientOrderId: ClientOrderId,
    { side = 'BUY', type = 'MARKET', qty = '0.01', trailingDeltaBps, reservedUsdt = '520' }: OrderWish,
  ): IntendedOrder {
    return {
      clientOrderId,
      symbol: BTC,
      side,
      type,
      qty: text(qty),
      ...(trailingDeltaBps !== undefined && { trailingDeltaBps }),
      reduceOnly: side === 'SELL',
      origin: 'cli',
      generation: 0,
      reservedUsdt: text(reservedUsdt),
    };
  }

  private readonly quote = { bid: text('49999'), ask: text('50001'), ageMs: 0 };

  /** An order on the wire. */
  send(wish: OrderWish = {}): ClientOrderId {
    const clientOrderId = clientOrderIdOf(TAG, this.state.seq + 1);
    this.add({ kind: 'order.intended', order: this.intended(clientOrderId, wish), quote: this.quote });
    this.add({ kind: 'order.sent', clientOrderId });
    return clientOrderId;
  }

  /** Taken by the exchange after so many ms. */
  accept(clientOrderId: ClientOrderId, afterMs = 40): ClientOrderId {
    this.atMs += afterMs;
    const venueOrderId = `v-${clientOrderId}` as VenueOrderId;
    this.add({ kind: 'order.accepted', clientOrderId, venueOrderId, venueTimeMs: this.atMs, via: 'answer' });
    return clientOrderId;
  }

  fill(
    clientOrderId: ClientOrderId,
    { side = 'BUY', qty = '0.01', price = '50000', fee = '0.5', feeAsset = 'USDT', feeUsdt = '0.5' }: OrderWish = {},
  ): void {
    this.add({
      kind: 'order.filled',
      clientOrderId,
      symbol: BTC,
      tradeId: `t-${this.state.seq}` as TradeId,
      side,
      price: text(price),
      qty: text(qty),
      fee: text(fee),
      feeAsset: feeAsset as AssetId,
      feeUsdt: feeUsdt === null ? null : text(feeUsdt),
      maker: false,
      venueTimeMs: this.atMs,
      via: 'answer',
    });
  }

  end(clientOrderId: ClientOrderId, status: 'FILLED' | 'CANCELED' = 'FILLED'): void {
    this.add({ kind: 'order.ended', clientOrderId, status, proof: 'stream', reason: '', venueTimeMs: this.atMs });
  }

  /** One order from the wish to its end. */
  trade(wish: OrderWish = {}): void {
    const id = this.accept(this.send(wish));
    this.fill(id, wish);
    this.end(id);
    this.atMs += 60_000;
  }

  /** A list that the exchange takes and that ends without a trade. */
  list(kind: 'OCO' | 'OTO'): void {
    const listId = clientOrderIdOf(TAG, this.state.seq + 1);
    const roles = kind === 'OCO' ? (['stop', 'limit'] as const) : (['entry', 'stop'] as const);
    const legs = roles.map((role, at) => ({
      ...this.intended(legIdOf(listId, at + 1), { side: role === 'entry' ? 'BUY' : 'SELL', type: 'LIMIT' }),
      role,
    }));
    this.add({ kind: 'list.intended', list: { listId, kind, symbol: BTC, orders: legs }, quote: this.quote });
    for (const { clientOrderId } of legs) this.add({ kind: 'order.sent', clientOrderId });
    for (const { clientOrderId } of legs) this.accept(clientOrderId);
    for (const { clientOrderId } of legs) this.end(clientOrderId, 'CANCELED');
  }

  compare(differences: readonly Difference[] = []): void {
    this.add({ kind: 'reconciled', why: 'as planned', differences, tookMs: 5 });
  }

  drill(passed = true): void {
    const receipt = {
      tripId: 1,
      trigger: 'drill',
      reason: 'a drill',
      policy: 'keep-positions',
      trippedAtMs: this.atMs,
      orders: [],
      positions: [],
      buckets: { orders: 'empty', algo: 'not-on-spot' },
      cancelsOnWireMs: 1,
      allAcknowledgedMs: 2,
      verifiedEmptyMs: 3,
      flatMs: null,
      complete: true,
    } as const;
    this.add({ kind: 'drill.finished', drill: { startedAtMs: this.atMs, orders: 0, symbols: 0, receipt, passed, text: 'drilled' } });
  }

  /** Puts an input to a real engine that stands on these facts, now; what it makes true is added. */
  ask(input: Input): Reply {
    const engine = this.engine((facts) => facts.forEach(({ fact }) => this.add(fact)));
    return engine.dispatch(input);
  }

  engine(onFacts: (facts: readonly SequencedFact[]) => void = () => undefined): Engine {
    const journal = {
      tag: TAG,
      append: () => undefined,
      durableSeq: this.state.seq,
      onDurable: () => undefined,
      onBroken: () => undefined,
      flush: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const deps = {
      journal,
      clock: { nowMs: () => this.atMs, monoMs: () => this.atMs },
      sha256: (of: string) => hash('sha256', of),
      run: () => undefined,
      onTurn: (_input: Input, facts: readonly SequencedFact[]) => onFacts(facts),
    };
    return new Engine(deps, this.facts);
  }

  promote(readBackStage: LadderStage, why = 'everything is met'): Reply {
    return this.ask({ kind: 'ladder-promote', by: 'trader', why, readBackStage });
  }
}

/** What practice asks for, done: 104 trades in three moods of the market, every kind of order, a drill. */
export const practised = (atMs: number, options: { policy?: Policy; version?: string; account?: string } = {}): FactBook => {
  const book = new FactBook('practice', atMs, options);
  const cycle: readonly OrderWish[] = [
    {},
    { type: 'LIMIT' },
    { side: 'SELL', qty: '0.005', price: '50100' },
    { side: 'SELL', qty: '0.015', price: '49950' },
  ];
  const kinds: readonly OrderWish[] = [
    { type: 'STOP_LOSS' },
    { type: 'STOP_LOSS_LIMIT' },
    { type: 'TAKE_PROFIT' },
    { type: 'TAKE_PROFIT_LIMIT' },
    { type: 'STOP_LOSS', trailingDeltaBps: 100 },
  ];
  for (const [at, regime] of ['ranging', 'trending', 'volatile'].entries()) {
    book.add({ kind: 'market.regime', regime });
    for (let round = 0; round < (at === 0 ? 10 : 8); round += 1)
      for (const wish of cycle) book.trade({ ...wish, ...(wish.side === 'SELL' && kinds[round]) });
  }
  book.list('OCO');
  book.list('OTO');
  book.drill();
  return book;
};

/** What testnet asks for, done: 24 trades, and the books compared each day for eight days. */
export const testnetted = (practice: FactBook, options: { policy?: Policy; version?: string; account?: string } = {}): FactBook => {
  const book = new FactBook('testnet', practice.atMs + 60_000, options);
  const { stage, evidence, evidenceHash, provenAtMs } = practice.state.ladder;
  const signOff = { stage, by: 'trader', evidence, evidenceHash, provenAtMs: provenAtMs ?? 0, certificate: null };
  book.ask({ kind: 'ladder-elsewhere', signOff, demotions: [] });
  for (let day = 0; day < 8; day += 1) {
    for (const side of ['BUY', 'SELL', 'BUY', 'SELL'] as const) book.trade({ side });
    book.compare();
    book.atMs += DAY_MS;
  }
  book.compare();
  return book;
};

/** Writes the facts as the journal of their mode and account; gives the newest fact's place in the chain. */
export const writeJournal = async (
  home: string,
  { facts, state: { mode, account } }: FactBook,
): Promise<{ readonly seq: number; readonly hash: string }> => {
  const opened = await openJournal({ path: journalPath(home, mode, account), mode, account, codec: 'none', nowMs: facts[0]?.atMs ?? 1 });
  if (!opened.ok) throw new Error(opened.error.text);
  const { journal, reader } = opened.value;
  journal.append(facts.slice(journal.durableSeq));
  await journal.flush();
  const [row] = await reader.rows(facts.length, 1);
  await journal.close();
  if (row === undefined) throw new Error('the journal has no such row');
  return row;
};

/** The journal and what the console would have written beside it. */
export const writeSigned = async (home: string, book: FactBook): Promise<void> => {
  const file = signOffOf(book.state, await writeJournal(home, book));
  if (file === null) throw new Error('nothing is signed off here');
  writeSignOff(home, file);
};

/** A home in which practice and testnet are signed off: the certificate for mainnet names this policy and version. */
export const certifiedHome = async (
  home: string,
  atMs: number,
  options: { policy?: Policy; version?: string } = {},
): Promise<{ readonly practice: FactBook; readonly testnet: FactBook }> => {
  const practice = practised(atMs, { ...options, account: 'conservative' });
  practice.promote('testnet');
  const testnet = testnetted(practice, { ...options, account: 'key-testnet' });
  testnet.promote('micro');
  await writeSigned(home, practice);
  await writeSigned(home, testnet);
  return { practice, testnet };
};
