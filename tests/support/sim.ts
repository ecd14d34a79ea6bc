// A whole console in virtual time: practice exchange and feed, the composition's core with engine and runner, adapter, journal. It can
// crash at any instant and start again from what the disk has. One seed gives one history.
import type { OrderRequest } from '../../src-shared/domain/order.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import { isMainnetStage } from '../../src-shared/domain/ladder.ts';
import type { LadderStage } from '../../src-shared/domain/ladder.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import { WIDE } from './wide.ts';
import { policySchema } from '../../src-shared/policy/schema.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { Alert } from '../../src-main/alerts/port.ts';
import { Core } from '../../src-main/console/core.ts';
import type { Engine } from '../../src-main/engine/engine.ts';
import type { Fact, SequencedFact } from '../../src-main/engine/facts.ts';
import type { Input, Reply } from '../../src-main/engine/inputs.ts';
import { ladderView } from '../../src-main/engine/ladder-view.ts';
import { Replica } from '../../src-main/engine/replica.ts';
import { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import { makeInstruments } from '../../src-main/practice/core/instruments.ts';
import type { Regime } from '../../src-main/practice/feeds/feed.ts';
import { SyntheticFeed } from '../../src-main/practice/feeds/synthetic-feed.ts';
import type { WireOrder } from '../../src-main/venue/port.ts';
import { signOffFor } from './ladder.ts';
import { Luck } from './luck.ts';
import { MemoryPlatter, openSimJournal, SimDisk } from './memory-journal.ts';
import type { Cut, Platter, SimJournal } from './memory-journal.ts';
import { SimVenue } from './sim-venue.ts';
import { ACCOUNT, FarEnd, NO_FAULTS } from './sim-wire.ts';
import type { Arrival, Faults } from './sim-wire.ts';
import { VirtualTime } from './virtual-time.ts';

export const START_MS = Date.UTC(2026, 10, 3, 9, 0, 0);
export const BTC = 'BTCUSDT' as SymbolId;
export const ETH = 'ETHUSDT' as SymbolId;
export const BNB = 'BNBUSDT' as SymbolId;
export const PASSED: SelfTestItem = { id: 'all', title: 'Everything', verdict: 'pass', text: '' };
const READY_WITHIN_MS = 60_000;

export interface SimOptions {
  readonly seed?: number;
  readonly regime?: Regime;
  readonly balances?: Readonly<Record<string, string>>;
  readonly bnbDiscount?: boolean;
  readonly symbols?: readonly string[];
  /** What of the policy differs from NORMAL with room to stand in the market (wide.ts). */
  readonly policy?: PolicyChanges;
  /** Real money at this stage of the ladder; absent: practice. */
  readonly ladder?: LadderStage;
  /** Events a second of the market; 0: one ladder that stands still. */
  readonly eventsPerSecond?: number;
  readonly startMs?: number;
  /** The exchange's limit. */
  readonly weightPerMinute?: number;
  /** How long the adapter waits for an answer. */
  readonly restDeadlineMs?: number;
  readonly platter?: Platter;
}

export type PolicyChanges = { readonly [group: string]: Readonly<Record<string, unknown>> };

/** What lives between two crashes. */
export interface Session {
  readonly core: Core;
  readonly engine: Engine;
  readonly venue: SimVenue;
  readonly journal: SimJournal;
  readonly replica: Replica;
  isAlive: boolean;
}

const policyOf = (changes: PolicyChanges): Policy => {
  const groups = Object.entries(changes).map(([group, fields]) => [
    group,
    { ...(WIDE as unknown as Record<string, object>)[group], ...fields },
  ]);
  return policySchema.parse({ ...WIDE, ...Object.fromEntries(groups) });
};

export class Sim {
  readonly time: VirtualTime;
  readonly luck: Luck;
  readonly core: ExchangeCore;
  readonly far: FarEnd;
  readonly feed: SyntheticFeed;
  readonly disk: SimDisk;
  policy: Policy;
  policyVersion = 1;
  /** Since when the file says it, by the wall clock. */
  private policySinceMs: number;
  readonly alerts: Alert[] = [];
  /** Facts of the running session, and of all before it. */
  readonly facts: SequencedFact[] = [];
  readonly faults: Faults = { ...NO_FAULTS };
  /** Called after each turn of the engine: where invariants are checked. */
  afterTurn: (facts: readonly SequencedFact[]) => void = () => undefined;
  /** Called when a start has read the journal, before anything is decided on it. */
  onBoot: () => void = () => undefined;
  /** Called in the instant in which orders leave for the wire. */
  onSend: (orders: readonly WireOrder[]) => void = () => undefined;
  session!: Session;
  private readonly symbols: readonly SymbolId[];
  private readonly restDeadlineMs: number;
  private readonly basePolicy: PolicyChanges;
  private readonly ladder: LadderStage | null;
  private provenAtMs: number;

  constructor(options: SimOptions = {}) {
    const seed = options.seed ?? 1;
    this.symbols = (options.symbols ?? [BTC, ETH, BNB]) as readonly SymbolId[];
    this.restDeadlineMs = options.restDeadlineMs ?? 3000;
    this.time = new VirtualTime(options.startMs ?? START_MS);
    this.time.takeOver();
    this.luck = new Luck(seed);
    this.disk = new SimDisk(options.platter ?? new MemoryPlatter());
    const instruments = makeInstruments(this.symbols);
    const account = { id: ACCOUNT, balances: options.balances ?? { USDT: '10000' }, bnbDiscount: options.bnbDiscount ?? false };
    this.core = new ExchangeCore({ instruments, accounts: [account], nowMs: this.time.trueMs() });
    this.far = new FarEnd(this.core, this.time, options.weightPerMinute ?? 6000);
    this.feed = new SyntheticFeed(
      {
        instruments,
        seed,
        regime: options.regime ?? 'ranging',
        ...(options.eventsPerSecond === undefined ? {} : { eventsPerSecond: options.eventsPerSecond }),
      },
      { nowMs: () => this.time.trueMs(), after: (delayMs, run) => this.time.after(delayMs, run) },
    );
    this.feed.start(this.core);
    this.basePolicy = options.policy ?? {};
    this.ladder = options.ladder ?? null;
    this.provenAtMs = this.time.nowMs();
    this.policy = policyOf(this.basePolicy);
    this.policySinceMs = this.time.nowMs();
  }

  get engine(): Engine {
    return this.session.engine;
  }

  get venue(): SimVenue {
    return this.session.venue;
  }

  get arrivals(): readonly Arrival[] {
    return this.far.arrivals;
  }

  /** Starts a console on what the disk has; it brings itself up as time passes. */
  boot(): void {
    const isAlive = (): boolean => this.session.isAlive;
    const { opened, journal } = openSimJournal(this.disk, this.time, isAlive);
    // What was not on disk never was.
    this.facts.splice(0, this.facts.length, ...opened.facts);
    this.onBoot();
    const { far, faults, luck, symbols, restDeadlineMs } = this;
    const venue = new SimVenue({ far, faults, luck, symbols, restDeadlineMs });
    venue.onSend = (orders) => this.onSend(orders);
    const core = new Core({
      mode: this.ladder === null ? 'practice' : 'mainnet',
      account: ACCOUNT,
      version: 'test',
      opened,
      venue: venue.port,
      symbols,
      policy: { ok: true, value: this.loadedPolicy('test', 'start') },
      alerts: { raise: (alert) => void this.alerts.push(alert) },
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      clock: this.time,
      selfTest: () => Promise.resolve([PASSED]),
      onTurn: (_input: Input, facts: readonly SequencedFact[]) => {
        this.facts.push(...facts);
        replica.note(facts);
        this.afterTurn(facts);
      },
    });
    const frame = { version: 'test', venue: 'simulation', shell: { name: 'headless', lacks: [] }, startedAtMs: this.time.nowMs() } as const;
    const replica = new Replica(core.engine, this.time, () => frame);
    this.session = { core, engine: core.engine, venue, journal, replica, isAlive: true };
    core.start();
    this.carryLadder();
  }

  /** What testnet gave real money; a restart brings the same once more. */
  private carryLadder(): void {
    const { ladder, provenAtMs, engine } = this;
    if (ladder !== null) engine.dispatch({ kind: 'ladder-elsewhere', signOff: signOffFor(engine, ladder, { provenAtMs }), demotions: [] });
  }

  /** The trader sees to it that the ladder allows trading: by a promotion, or from testnet anew. */
  climb(): void {
    const { engine, ladder } = this;
    if (ladder === null) return;
    const { next } = ladderView(engine.state);
    if (next === engine.state.ladder.stage) engine.dispatch({ kind: 'ladder-promote', by: 'test', why: 'go on', readBackStage: next });
    if (isMainnetStage(engine.state.ladder.stage)) return;
    this.provenAtMs = Math.max(this.time.nowMs(), (engine.state.ladder.sinceMs ?? 0) + 1);
    this.carryLadder();
  }

  private loadedPolicy(by: string, why: string) {
    return { policy: this.policy, version: this.policyVersion, by, why, problem: '', sinceMs: this.policySinceMs };
  }

  /** As `changePolicy`, and what loosens is in force at once: the tilt guard's wait is cut out, which no console can do. */
  forcePolicy(changes: PolicyChanges): void {
    this.changePolicy(changes);
    const { state, market } = this.engine;
    if (state.pendingPolicy === null) return;
    Object.assign(state.pendingPolicy, { effectiveAtMs: 0 });
    market.policyDueAtMs = 0;
    this.engine.dispatch({ kind: 'tick' });
  }

  /** The trader changes the policy file. */
  changePolicy(changes: PolicyChanges): void {
    this.writePolicy(changes);
    this.engine.dispatch({ kind: 'policy', ...this.loadedPolicy('trader', 'changed') });
  }

  /** The trader asks for the same by command; the file says it then as well. */
  askPolicy(changes: PolicyChanges): void {
    this.writePolicy(changes);
    this.engine.dispatch({ kind: 'policy-asked', policy: this.policy, by: 'trader', why: 'asked for' });
  }

  /** What waits is taken back; the file says what is in force. */
  withdrawPolicy(): void {
    this.engine.dispatch({ kind: 'policy-withdraw', by: 'trader', why: 'taken back' });
    this.policy = this.engine.state.policy ?? this.policy;
    this.policySinceMs = this.time.nowMs();
  }

  private writePolicy(changes: PolicyChanges): void {
    const merged: Record<string, Readonly<Record<string, unknown>>> = { ...this.basePolicy };
    for (const [group, fields] of Object.entries(changes)) merged[group] = { ...merged[group], ...fields };
    this.policy = policyOf(merged);
    this.policyVersion += 1;
    this.policySinceMs = this.time.nowMs();
  }

  /** The ordinary start: up, and able to trade. */
  async start(): Promise<this> {
    this.boot();
    await this.until('the console is up', () => this.engine.state.session.selfTested && this.engine.state.day !== null, READY_WITHIN_MS);
    await this.time.pass(500);
    return this;
  }

  /** The process dies. Of the facts that were not on disk yet, a first part of `share` made it, or the file is torn among them. */
  crash(cut: Cut | number = 0): void {
    const { session } = this;
    session.isAlive = false;
    session.journal.crash(typeof cut === 'number' ? { kind: 'share', share: cut } : cut);
    session.venue.die();
    // Its timers die with it; nothing else of a clean end is left to do.
    void session.core.close();
  }

  place(request: Omit<OrderRequest, 'symbol'> & { readonly symbol?: SymbolId }): Reply {
    return this.engine.dispatch({ kind: 'place', request: { symbol: BTC, ...request }, origin: 'cli' });
  }

  /** Places an order that the gate must let pass, and gives back its id. */
  placed(request: Record<string, string>): string {
    const reply = this.place(request as never);
    if (reply.kind !== 'placed') throw new Error(`not placed: ${JSON.stringify(reply)}`);
    return reply.clientOrderId;
  }

  order(id: string) {
    const order = this.engine.state.orders.get(id as never);
    if (order === undefined) throw new Error(`no order ${id}`);
    return order;
  }

  factsOf<K extends Fact['kind']>(kind: K): Extract<Fact, { kind: K }>[] {
    return this.facts.map(({ fact }) => fact).filter((fact): fact is Extract<Fact, { kind: K }> => fact.kind === kind);
  }

  /** Passes time until the claim holds, in steps; throws when it does not within the limit. */
  async until(claim: string, holds: () => boolean, withinMs = 30_000, stepMs = 10): Promise<void> {
    for (let passedMs = 0; !holds(); passedMs += stepMs) {
      if (passedMs >= withinMs) throw new Error(`not within ${withinMs} ms: ${claim}`);
      await this.time.pass(stepMs);
    }
  }
}
