// Keeps replicas equal to the engine: a snapshot on subscription, then numbered deltas of what changed (DESIGN 1, Q7). Facts mark the
// rows that they touch; what only the market moves is looked at again on `pulse`. Values equal to what was sent are not sent again.
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type {
  AlertingView,
  AlertView,
  Change,
  ConsoleStatus,
  ConsoleView,
  Delta,
  HealthView,
  LimitView,
  LogLine,
  Section,
  Snapshot,
} from '../../src-shared/contract/view.ts';
import { roundedText } from '../../src-shared/domain/money.ts';
import { nameInForce } from '../../src-shared/policy/profiles.ts';
import { gauges } from '../safety/gate.ts';
import { autoTripView, breakerView } from './breaker-view.ts';
import type { Engine } from './engine.ts';
import { dayPnlOf, equityOf } from './equity.ts';
import type { Fact, SequencedFact } from './facts.ts';
import { ladderView } from './ladder-view.ts';
import { logLineOf } from './log-lines.ts';
import type { Market } from './market.ts';
import { pictureOf, positionSymbols } from './picture.ts';
import type { Clock } from './ports.ts';
import { momentOf } from './ports.ts';
import { symbolOf } from './symbols.ts';
import {
  alertingHealth,
  balanceView,
  healthViews,
  instrumentView,
  orderView,
  policyView,
  positionView,
  reconciliationView,
  stopView,
  tradingView,
} from './view.ts';

const LOG_LINES = 200;

/** The console's alerts, of which the engine knows nothing once it raised them. */
export interface AlertSource {
  /** The newest of each key. */
  recent(): ReadonlyMap<string, AlertView>;
  /** Null: nothing is known of how they leave. */
  alerting(): AlertingView | null;
}

const NO_ALERTS: AlertSource = { recent: () => new Map(), alerting: () => null };

/** What the engine does not know of the console around it. */
export type ConsoleFrame = Pick<ConsoleStatus, 'version' | 'venue' | 'shell' | 'startedAtMs'>;

type Sent = { [S in Section]: Map<string, { readonly text: string; readonly value: unknown }> };

const SECTIONS: readonly Section[] = [
  'status',
  'safety',
  'orders',
  'positions',
  'balances',
  'limits',
  'health',
  'instruments',
  'log',
  'alerts',
];

/** The market whose quote is the oldest, or that has none: of all of them it is the next that C11 forbids. */
const leastQuoted = (market: Market): SymbolId | undefined => {
  const quotes = market.rawQuotes();
  const seenAtMs = (symbol: SymbolId): number => quotes.get(symbol)?.seenAtMs ?? -Infinity;
  let [oldest] = market.instruments.keys();
  for (const symbol of market.instruments.keys()) if (oldest !== undefined && seenAtMs(symbol) < seenAtMs(oldest)) oldest = symbol;
  return oldest;
};

export class Replica {
  private engine: Engine;
  private readonly clock: Clock;
  private readonly frame: () => ConsoleFrame;
  private readonly alerts: AlertSource;
  private readonly sent = Object.fromEntries(SECTIONS.map((section) => [section, new Map()])) as unknown as Sent;
  private readonly dirtyOrders = new Set<string>();
  private moving: readonly string[] = [];
  private prunedAtMs = 0;
  private readonly newLines: LogLine[] = [];
  private ordersWhole = true;
  private logWhole = false;
  private n = 0;

  constructor(engine: Engine, clock: Clock, frame: () => ConsoleFrame, alerts = NO_ALERTS) {
    this.engine = engine;
    this.clock = clock;
    this.frame = frame;
    this.alerts = alerts;
  }

  /** Goes on with another engine (a mode switch) under the same numbering: subscribers see one more delta, not a gap. */
  attach(engine: Engine, replay: readonly SequencedFact[]): void {
    this.engine = engine;
    this.ordersWhole = true;
    this.dirtyOrders.clear();
    this.logWhole = true;
    this.newLines.length = 0;
    for (let index = replay.length - 1; index >= 0 && this.newLines.length < LOG_LINES; index -= 1) {
      const line = logLineOf(replay[index] as SequencedFact);
      if (line !== null) this.newLines.unshift(line);
    }
  }

  /** Marks what these facts touch. */
  note(facts: readonly SequencedFact[]): void {
    for (const one of facts) {
      const line = logLineOf(one);
      if (line !== null) this.newLines.push(line);
      this.mark(one.fact);
    }
  }

  private mark(fact: Fact): void {
    if (fact.kind === 'order.intended') this.markOrder(fact.order.clientOrderId, fact.order.replaces);
    else if (fact.kind === 'list.intended') for (const order of fact.list.orders) this.markOrder(order.clientOrderId);
    else if ('clientOrderId' in fact) this.markOrder(fact.clientOrderId, this.engine.state.orders.get(fact.clientOrderId)?.replaces);
    if (fact.kind === 'order.adopted' && fact.elder !== undefined) this.markOrder(fact.elder);
    // A reset takes the venue's numbers from all of them.
    if (fact.kind === 'venue.reset') this.ordersWhole = true;
  }

  private markOrder(clientOrderId: ClientOrderId, replaces: ClientOrderId | null = null): void {
    this.dirtyOrders.add(clientOrderId);
    if (replaces !== null) this.dirtyOrders.add(replaces);
  }

  /** Doubts and tries that are due move without facts: who has one, and who had when last looked. */
  private markMoving(): void {
    const { doubts, intents } = this.engine.market;
    for (const id of this.moving) this.dirtyOrders.add(id);
    this.moving = [...doubts.keys(), ...Array.from(intents.values(), ({ latest }) => latest)];
    for (const id of this.moving) this.dirtyOrders.add(id);
  }

  /** What changed since the last delta, or null. Every row that is not an order is cheap enough to look at each time. */
  flush(): Delta | null {
    const changes: Change[] = [];
    this.flushOrders(changes);
    this.flushLog(changes);
    for (const [section, rows] of this.smallSections()) this.compare(section, rows, changes);
    if (changes.length === 0) return null;
    this.n += 1;
    return { n: this.n, seq: this.engine.state.seq, changes };
  }

  /** The picture as the deltas so far leave it. */
  snapshot(): Snapshot {
    const view = Object.fromEntries(
      SECTIONS.map((section) => [section, Object.fromEntries([...this.sent[section]].map(([key, row]) => [key, row.value]))]),
    );
    return { n: this.n, seq: this.engine.state.seq, view: view as unknown as ConsoleView };
  }

  private put(section: Section, key: string, value: unknown, changes: Change[]): void {
    const before = this.sent[section].get(key);
    if (before?.value === value) return;
    const text = JSON.stringify(value);
    if (before?.text === text) return;
    this.sent[section].set(key, { text, value });
    changes.push([section, key, value]);
  }

  private drop(section: Section, key: string, changes: Change[]): void {
    if (this.sent[section].delete(key)) changes.push([section, key, null]);
  }

  private compare(section: Section, rows: ReadonlyMap<string, unknown>, changes: Change[]): void {
    for (const [key, value] of rows) this.put(section, key, value, changes);
    for (const key of this.sent[section].keys()) if (!rows.has(key)) this.drop(section, key, changes);
  }

  private flushOrders(changes: Change[]): void {
    const { market } = this.engine;
    const { orders, prunedAtMs } = this.engine.state;
    this.markMoving();
    // Old orders leave memory: the one moment at which rows vanish.
    if (prunedAtMs !== this.prunedAtMs) this.ordersWhole = true;
    this.prunedAtMs = prunedAtMs;
    if (this.ordersWhole) {
      this.compare('orders', new Map([...orders].map(([id, order]) => [id as string, orderView(order, market)])), changes);
      this.ordersWhole = false;
    } else {
      for (const id of this.dirtyOrders) {
        const order = orders.get(id as ClientOrderId);
        if (order === undefined) this.drop('orders', id, changes);
        else this.put('orders', id, orderView(order, market), changes);
      }
    }
    this.dirtyOrders.clear();
  }

  private flushLog(changes: Change[]): void {
    if (this.logWhole) {
      const kept = new Set(this.newLines.map((line) => String(line.seq)));
      for (const key of this.sent.log.keys()) if (!kept.has(key)) this.drop('log', key, changes);
      this.logWhole = false;
    }
    for (const line of this.newLines.splice(0)) this.put('log', String(line.seq), line, changes);
    const lines = this.sent.log;
    for (const key of lines.keys()) {
      if (lines.size <= LOG_LINES) break;
      this.drop('log', key, changes);
    }
  }

  private smallSections(): readonly (readonly [Section, ReadonlyMap<string, unknown>])[] {
    const { state, market } = this.engine;
    const trading = this.engine.trading();
    const moment = momentOf(this.clock);
    const safety = new Map<string, unknown>([
      ['trading', tradingView(trading, state, market, moment)],
      ['stop', stopView(state, market, moment)],
      ['reconciliation', reconciliationView(state, market)],
      ['breaker', breakerView(state, market, moment)],
      ['ladder', ladderView(state)],
      ['autoTrip', autoTripView(state, market, moment)],
    ]);
    if (state.drill !== null) safety.set('drill', state.drill);
    if (market.hotkey !== null) safety.set('hotkey', market.hotkey);
    if (market.watchdog !== null) safety.set('watchdog', market.watchdog);
    if (state.policy !== null) safety.set('policy', policyView(state, market));
    if (market.killSwitch !== null) safety.set('killSwitch', market.killSwitch);
    const alerting = this.alerts.alerting();
    if (alerting !== null) safety.set('alerting', alerting);
    if (state.selfTest !== null) safety.set('selfTest', state.selfTest);
    return [
      ['status', new Map([['console', this.status()]])],
      ['safety', safety],
      [
        'positions',
        new Map(
          [...state.positions.values()].map((position) => [position.symbol as string, positionView(state, market, trading, position)]),
        ),
      ],
      [
        'balances',
        new Map(
          [...state.balances]
            .filter(
              ([asset, balance]) =>
                market.instruments.has(symbolOf(asset)) || asset === 'USDT' || !balance.free.plus(balance.locked).isZero(),
            )
            .map(([asset, balance]) => [asset as string, balanceView(market, asset, balance)]),
        ),
      ],
      ['limits', new Map(this.limits().map((limit) => [limit.id as string, limit]))],
      ['alerts', this.alerts.recent()],
      [
        'health',
        new Map(
          [...healthViews(state, market, this.clock.monoMs()), ...alertingHealth(alerting)].map((health: HealthView) => [
            health.name as string,
            health,
          ]),
        ),
      ],
      [
        'instruments',
        new Map([...market.instruments.values()].map((instrument) => [instrument.symbol as string, instrumentView(instrument)])),
      ],
    ];
  }

  private limits(): readonly LimitView[] {
    const { state, market } = this.engine;
    const symbol = leastQuoted(market);
    if (state.policy === null || symbol === undefined) return [];
    return gauges(pictureOf(state, market, state.policy, this.engine.trading(), symbol, momentOf(this.clock)));
  }

  private status(): ConsoleStatus {
    const { state, market } = this.engine;
    const equity = equityOf(state, market);
    const pnl = dayPnlOf(state, equity);
    return {
      ...this.frame(),
      mode: state.mode,
      account: state.account,
      policyName: state.policy === null ? 'none' : nameInForce(state.policy),
      policyVersion: state.policyVersion,
      equityUsdt: equity === null ? null : roundedText(equity),
      dayPnlUsdt: pnl === null ? null : roundedText(pnl),
      openPositions: positionSymbols(state, market).size,
      maxPositions: state.policy?.limits.maxPositions ?? null,
      confirmOrders: state.mode === 'mainnet' || state.policy?.order.confirm === 'always',
    };
  }
}
