// A whole console in virtual time: practice exchange and feed, venue, journal, engine and runner. It can crash at any instant and
// start again from what the disk has. One seed gives one history.
import type { OrderRequest } from '../../src-shared/domain/order.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import { policySchema } from '../../src-shared/policy/schema.ts';
import type { Policy } from '../../src-shared/policy/schema.ts';
import type { Alert } from '../../src-main/alerts/port.ts';
import { Engine } from '../../src-main/engine/engine.ts';
import type { Effect } from '../../src-main/engine/effects.ts';
import type { Fact, SequencedFact } from '../../src-main/engine/facts.ts';
import type { Input, Reply } from '../../src-main/engine/inputs.ts';
import { Replica } from '../../src-main/engine/replica.ts';
import { Runner } from '../../src-main/engine/runner.ts';
import { ExchangeCore } from '../../src-main/practice/core/exchange.ts';
import { makeInstruments } from '../../src-main/practice/core/instruments.ts';
import type { Regime } from '../../src-main/practice/feeds/feed.ts';
import { Random } from '../../src-main/practice/feeds/random.ts';
import { SyntheticFeed } from '../../src-main/practice/feeds/synthetic-feed.ts';
import type { WireOrder } from '../../src-main/venue/port.ts';
import { MemoryDisk, MemoryJournal } from './memory-journal.ts';
import { ACCOUNT, NO_FAULTS, SimVenue } from './sim-venue.ts';
import type { Arrival, Faults } from './sim-venue.ts';
import { VirtualTime } from './virtual-time.ts';

export const START_MS = Date.UTC(2026, 10, 3, 9, 0, 0);
export const BTC = 'BTCUSDT' as SymbolId;
export const ETH = 'ETHUSDT' as SymbolId;
export const BNB = 'BNBUSDT' as SymbolId;
const TICK_MS = 100;
export const PASSED: SelfTestItem = { id: 'all', title: 'Everything', verdict: 'pass', text: '' };

export interface SimOptions {
  readonly seed?: number;
  readonly regime?: Regime;
  readonly balances?: Readonly<Record<string, string>>;
  readonly bnbDiscount?: boolean;
  readonly symbols?: readonly string[];
  /** What of the policy differs from NORMAL. */
  readonly policy?: { readonly [group: string]: Readonly<Record<string, unknown>> };
  /** Events a second of the market; 0: one ladder that stands still. */
  readonly eventsPerSecond?: number;
  readonly startMs?: number;
}

/** What lives between two crashes. */
export interface Session {
  readonly engine: Engine;
  readonly venue: SimVenue;
  readonly journal: MemoryJournal;
  readonly replica: Replica;
  readonly stopTicking: () => void;
}

export class Sim {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly core: ExchangeCore;
  readonly feed: SyntheticFeed;
  readonly disk = new MemoryDisk();
  readonly policy: Policy;
  readonly alerts: Alert[] = [];
  readonly effects: Effect[] = [];
  /** Facts of the running session, and of all before it. */
  readonly facts: SequencedFact[] = [];
  readonly arrivals: Arrival[] = [];
  readonly faults: Faults = { ...NO_FAULTS };
  /** Called after each turn of the engine: where invariants are checked. */
  afterTurn: (facts: readonly SequencedFact[]) => void = () => undefined;
  /** Called in the instant in which an order goes on the wire. */
  onSend: (order: WireOrder) => void = () => undefined;
  session!: Session;
  private readonly symbols: readonly SymbolId[];

  constructor(options: SimOptions = {}) {
    const seed = options.seed ?? 1;
    this.symbols = (options.symbols ?? [BTC, ETH, BNB]) as readonly SymbolId[];
    this.time = new VirtualTime(options.startMs ?? START_MS);
    this.random = new Random(seed);
    const instruments = makeInstruments(this.symbols);
    const account = { id: ACCOUNT, balances: options.balances ?? { USDT: '10000' }, bnbDiscount: options.bnbDiscount ?? false };
    this.core = new ExchangeCore({ instruments, accounts: [account], nowMs: this.time.nowMs() });
    this.feed = new SyntheticFeed(
      {
        instruments,
        seed,
        regime: options.regime ?? 'ranging',
        ...(options.eventsPerSecond === undefined ? {} : { eventsPerSecond: options.eventsPerSecond }),
      },
      this.time,
    );
    this.feed.start(this.core);
    const groups = Object.entries(options.policy ?? {}).map(([group, fields]) => [
      group,
      { ...(NORMAL as unknown as Record<string, object>)[group], ...fields },
    ]);
    this.policy = policySchema.parse({ ...NORMAL, ...Object.fromEntries(groups) });
  }

  get engine(): Engine {
    return this.session.engine;
  }

  get venue(): SimVenue {
    return this.session.venue;
  }

  /** Starts a console on what the disk has, as far as an engine that knows its session and policy. */
  boot(): void {
    const journal = new MemoryJournal(this.disk, this.time);
    const venue = new SimVenue(this.core, this.time, this.random, this.faults, this.arrivals);
    venue.onSend = (order) => this.onSend(order);
    const raise = (alert: Alert): void => void this.alerts.push(alert);
    const runner = new Runner(() => engine, venue, { raise }, this.time);
    const run = (effect: Effect): void => {
      this.effects.push(effect);
      runner.run(effect);
    };
    const onTurn = (_input: Input, facts: readonly SequencedFact[]): void => {
      this.facts.push(...facts);
      replica.note(facts);
      this.afterTurn(facts);
    };
    const engine: Engine = new Engine({ journal, clock: this.time, run, onTurn }, this.disk.facts());
    const frame = { version: 'test', venue: 'simulation', shell: { name: 'headless', lacks: [] }, startedAtMs: this.time.nowMs() } as const;
    const replica = new Replica(engine, this.time, () => frame);
    const stopTicking = this.time.every(TICK_MS, () => void engine.dispatch({ kind: 'tick' }));
    this.session = { engine, venue, journal, replica, stopTicking };
    engine.dispatch({ kind: 'session', mode: 'practice', account: ACCOUNT, version: 'test' });
    engine.dispatch({ kind: 'policy', policy: this.policy, version: 1, by: 'test', why: 'start' });
  }

  /** Brings the venue up: instruments, streams, the first comparison, the self-test. */
  async connect(): Promise<void> {
    const { engine, venue } = this.session;
    const instruments = await venue.instruments(this.symbols);
    if (!instruments.ok) throw new Error('the core lists its own symbols');
    engine.dispatch({ kind: 'instruments', instruments: instruments.value });
    await venue.connect((event) => void engine.dispatch({ kind: 'venue', event }));
    engine.dispatch({ kind: 'reconcile', why: 'start' });
    engine.dispatch({ kind: 'self-test', items: [PASSED] });
  }

  /** The ordinary start: up, and able to trade half a second later where nothing hinders it. */
  async start(): Promise<this> {
    this.boot();
    await this.connect();
    await this.time.pass(500);
    return this;
  }

  /** The process dies. Of the facts that were not on disk yet, a first part of `share` made it. */
  crash(share = 0): void {
    this.session.stopTicking();
    this.session.journal.crash(share);
    this.session.venue.die();
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
