// One engine with everything that belongs to its mode: journal, venue, timers. A mode switch closes one core and starts another; two
// never run at once. It trades only after replay, reconciliation and self-test, and it keeps trying until they pass.
import { hash } from 'node:crypto';
import type { Mode } from '../../src-shared/domain/mode.ts';
import type { SymbolId } from '../../src-shared/domain/ids.ts';
import type { SelfTestItem } from '../../src-shared/domain/self-test.ts';
import type { CandleView, MarketFrame } from '../../src-shared/contract/view.ts';
import { NORMAL } from '../../src-shared/policy/profiles.ts';
import type { Alerts, Log } from '../alerts/port.ts';
import { Engine } from '../engine/engine.ts';
import type { SequencedFact } from '../engine/facts.ts';
import type { Input } from '../engine/inputs.ts';
import type { Clock } from '../engine/ports.ts';
import type { EngineState } from '../engine/state.ts';
import { Runner } from '../engine/runner.ts';
import type { FileJournal, JournalReport, OpenedJournal } from '../journal/port.ts';
import { chainBroken } from '../journal/problem.ts';
import { latchRecordOf, recallOf } from '../journal/recall.ts';
import type { LoadedPolicy } from '../settings/policy-file.ts';
import type { Venue, VenueEvent } from '../venue/port.ts';
import { Replay } from './replay.ts';
import { Snapshots } from './snapshots.ts';

const TICK_MS = 100;
const RETRY_FIRST_MS = 1000;
const RETRY_MOST_MS = 15_000;
/** The health monitor runs the self-test by itself (REQUIREMENTS J); a red one more often, so that a mended cause ends soon. */
const SELF_TEST_WHEN_RED_MS = 15_000;
const MINUTE_MS = 60_000;

/** What the latch file follows. */
const MOVES_LATCH: ReadonlySet<SequencedFact['fact']['kind']> = new Set(['stop.tripped', 'stop.reset', 'stop.rearmed']);

export interface CoreSetup {
  readonly mode: Mode;
  readonly account: string;
  readonly version: string;
  /** A server stands in for the exchange (A4). */
  readonly standIn?: boolean;
  readonly opened: OpenedJournal;
  /** A journal in a file, and what its facts came to; absent where `opened` hands its facts out (in memory). */
  readonly restored?: { readonly file: FileJournal; readonly state: EngineState };
  readonly venue: Venue;
  readonly symbols: readonly SymbolId[];
  readonly policy: { readonly ok: true; readonly value: LoadedPolicy } | { readonly ok: false; readonly error: string };
  readonly alerts: Alerts;
  readonly log: Log;
  readonly clock: Clock;
  readonly selfTest: (core: Core) => Promise<readonly SelfTestItem[]>;
  readonly onTurn: (input: Input, facts: readonly SequencedFact[]) => void;
}

export class Core {
  readonly engine: Engine;
  readonly setup: CoreSetup;
  /** What this core's journal holds, to look at. */
  readonly replay: Replay;
  private readonly snapshots: Snapshots | null;
  /** The verification of the whole chain after a start from a snapshot, while it is under way. */
  private verifying = false;
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly ticker: NodeJS.Timeout;
  private readonly waiters = new Set<(facts: readonly SequencedFact[]) => void>();
  private nextSelfTest: NodeJS.Timeout | undefined;
  /** The newest self-test, by the monotonic clock; null before the first. */
  private tested: { readonly atMs: number; readonly red: boolean } | null = null;
  private closed = false;
  private connected = false;
  private candle: CandleView | null = null;
  private depth: MarketFrame['depth'] = null;
  private readonly changedQuotes = new Set<SymbolId>();
  private shown: SymbolId | null = null;

  constructor(setup: CoreSetup) {
    this.setup = setup;
    const runner = new Runner(() => this.engine, setup.venue, setup.alerts, setup.clock);
    this.engine = new Engine(
      {
        journal: setup.opened.journal,
        clock: setup.clock,
        sha256: (text) => hash('sha256', text),
        run: (effect) => runner.run(effect),
        prepare: (effect) => runner.prepare(effect),
        onTurn: (input, facts) => this.onTurn(input, facts),
      },
      setup.opened.facts,
      setup.restored?.state,
    );
    this.replay = new Replay(setup.opened.reader, () => setup.opened.journal.durableSeq);
    this.snapshots = setup.restored === undefined ? null : this.snapshotsOf(setup.restored.file);
    this.ticker = setInterval(() => this.engine.dispatch({ kind: 'tick' }), TICK_MS);
  }

  private snapshotsOf(file: FileJournal): Snapshots {
    return new Snapshots({
      file,
      replay: this.replay,
      kept: (atSeq, digest) => void this.engine.dispatch({ kind: 'snapshot-kept', atSeq, digest }),
      failed: (text) => this.setup.log.warn('snapshot', { text }),
    });
  }

  /** Starts the session and brings everything up in the background; the trading state says how far it is. */
  start(): void {
    const { mode, account, version, standIn, policy, opened, alerts } = this.setup;
    this.recallTrip();
    this.engine.dispatch({ kind: 'session', mode, account, version, ...(standIn === true && { standIn }) });
    if (opened.notice !== '')
      alerts.raise({ severity: 'warning', key: 'journal-notice', title: 'The journal was repaired', text: opened.notice });
    if (policy.ok) this.engine.dispatch({ kind: 'policy', ...policy.value });
    else this.engine.dispatch({ kind: 'policy-broken', text: policy.error });
    void this.verifyWhole();
    void this.bringUp(RETRY_FIRST_MS);
  }

  /** After a start from a snapshot the facts before it are verified in the background: a chain that is broken there halts. */
  private async verifyWhole(): Promise<void> {
    const { opened, restored, log } = this.setup;
    if (restored === undefined || restored.file.snapshotSeq === null) return;
    this.verifying = true;
    const report = await opened.verify();
    this.verifying = false;
    log.info('journal', { text: report.text });
    if (report.verdict === 'broken' && !this.closed) this.engine.dispatch({ kind: 'journal-broken', text: chainBroken(report) });
  }

  /** The journal, verified now; what the start verified while the verification of the whole is still under way. */
  journalReport(): Promise<JournalReport> {
    const { opened, restored } = this.setup;
    return this.verifying && restored !== undefined ? Promise.resolve(restored.file.found) : opened.verify();
  }

  /** A trip that only the latch file remembers closes the latch again before anything else; from then on the file follows the stop. */
  private recallTrip(): void {
    const { opened, alerts, clock } = this.setup;
    opened.latch.onProblem((text) =>
      alerts.raise({
        severity: 'danger',
        key: 'latch',
        title: 'The latch file cannot be written',
        text: `${text} The stop works, but after a crash only the journal remembers it. Check the disk and the file's permissions.`,
      }),
    );
    const recall = recallOf(opened.latch, this.engine.state.stop, clock.nowMs());
    if (recall !== null) {
      this.engine.dispatch({ kind: 'trip', trigger: recall.trigger, reason: recall.reason, positions: recall.policy });
      alerts.raise({ severity: 'danger', key: 'latch-recall', title: 'The emergency stop is tripped again', text: recall.text });
    }
    this.writeLatch();
  }

  private writeLatch(): void {
    const { stop, seq } = this.engine.state;
    this.setup.opened.latch.write(latchRecordOf(stop, seq));
  }

  /** Makes true what an input says; true once that is on disk, false when the journal cannot be written. */
  async record(input: Input): Promise<boolean> {
    this.engine.dispatch(input);
    return this.setup.opened.journal.flush().then(
      () => true,
      () => false,
    );
  }

  /** True as soon as the journal or the latch file has on disk what the stop stands at; false when both disks refuse. */
  latchDurable(): Promise<boolean> {
    const { journal, latch } = this.setup.opened;
    const isTrue = async (durable: Promise<boolean>): Promise<true> => {
      if (!(await durable)) throw new Error('The latch file cannot be written');
      return true;
    };
    return Promise.any([journal.flush().then(() => true), isTrue(latch.durable())]).catch(() => false);
  }

  private async bringUp(retryMs: number): Promise<void> {
    const again = (): unknown => this.later(() => void this.bringUp(Math.min(RETRY_MOST_MS, retryMs * 2)), retryMs);
    const problem = await this.tryBringUp();
    if (this.closed) return;
    if (problem !== null) {
      this.setup.log.warn('bring-up', { problem });
      this.engine.dispatch({
        kind: 'self-test',
        items: [{ id: 'reachability', title: 'Exchange answers', verdict: 'fail', text: `${problem} Trying again.` }],
      });
      again();
    }
  }

  private async tryBringUp(): Promise<string | null> {
    const { venue, symbols } = this.setup;
    const instruments = await venue.instruments(symbols);
    if (!instruments.ok) return instruments.error.text;
    if (this.closed) return null;
    this.engine.dispatch({ kind: 'instruments', instruments: instruments.value });
    if (!this.connected) {
      const connection = await venue.connect((event) => this.onVenue(event));
      if (!connection.ok) return connection.error.text;
      this.connected = true;
    }
    if (this.closed) return null;
    const reconciled = this.until(
      (facts) => facts.find(({ fact }) => fact.kind === 'reconciled' || fact.kind === 'reconcile.failed'),
      30_000,
    );
    this.engine.dispatch({ kind: 'reconcile', why: 'start' });
    const outcome = await reconciled;
    if (outcome?.fact.kind !== 'reconciled') return 'The books could not be compared with the exchange.';
    await this.runSelfTest();
    return null;
  }

  /** Runs the self-test, records it, and plans the next one. */
  async runSelfTest(): Promise<readonly SelfTestItem[]> {
    const items = await this.setup.selfTest(this);
    if (this.closed) return items;
    this.engine.dispatch({ kind: 'self-test', items });
    this.tested = { atMs: this.setup.clock.monoMs(), red: items.some((item) => item.verdict === 'fail') };
    this.planSelfTest();
    return items;
  }

  /** As often as the policy in force says, counted from the newest test. */
  private planSelfTest(): void {
    if (this.tested === null) return;
    const { atMs, red } = this.tested;
    const everyMinutes = this.engine.state.policy?.checks.selfTestEveryMinutes ?? NORMAL.checks.selfTestEveryMinutes;
    const everyMs = red ? SELF_TEST_WHEN_RED_MS : everyMinutes * MINUTE_MS;
    clearTimeout(this.nextSelfTest);
    this.nextSelfTest = this.later(() => void this.runSelfTest(), Math.max(0, atMs + everyMs - this.setup.clock.monoMs()));
  }

  private later(run: () => void, delayMs: number): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, delayMs);
    timer.unref();
    if (this.closed) clearTimeout(timer);
    else this.timers.add(timer);
    return timer;
  }

  private onVenue(event: VenueEvent): void {
    if (this.closed) return;
    if (event.kind === 'quote' || event.kind === 'trade') this.changedQuotes.add(event.symbol);
    else if (event.kind === 'candle') this.candle = event.candle;
    else if (event.kind === 'depth') this.depth = event.depth;
    this.engine.dispatch({ kind: 'venue', event });
  }

  private onTurn(input: Input, facts: readonly SequencedFact[]): void {
    if (facts.some(({ fact }) => MOVES_LATCH.has(fact.kind))) this.writeLatch();
    this.setup.onTurn(input, facts);
    if (facts.length === 0) return;
    if (facts.some(({ fact }) => fact.kind === 'policy.adopted')) this.planSelfTest();
    this.snapshots?.note(this.engine.state.seq);
    for (const waiter of this.waiters) waiter(facts);
  }

  /** The first fact that `find` picks out of what becomes true from now on, or null when the time is over. */
  until(find: (facts: readonly SequencedFact[]) => SequencedFact | undefined, timeoutMs: number): Promise<SequencedFact | null> {
    return new Promise((resolve) => {
      const settle = (found: SequencedFact | null): void => {
        clearTimeout(timer);
        this.waiters.delete(waiter);
        resolve(found);
      };
      const waiter = (facts: readonly SequencedFact[]): void => {
        const found = find(facts);
        if (found !== undefined) settle(found);
      };
      const timer = setTimeout(() => settle(null), timeoutMs);
      timer.unref();
      this.waiters.add(waiter);
    });
  }

  /** Which market the window shows; quotes of all symbols stream anyhow. */
  show(symbol: SymbolId, interval: string): void {
    this.shown = symbol;
    this.candle = null;
    this.depth = null;
    this.setup.venue.show(symbol, interval);
  }

  /** What the market did since the last frame, merged; null when nothing did. */
  takeFrame(): MarketFrame | null {
    if (this.changedQuotes.size === 0 && this.candle === null && this.depth === null) return null;
    const raw = this.engine.market.rawQuotes();
    const quotes: Record<string, MarketFrame['quotes'][string]> = {};
    for (const symbol of this.changedQuotes) {
      const quote = raw.get(symbol);
      if (quote !== undefined) quotes[symbol] = { bid: quote.bid, ask: quote.ask, last: quote.last, atMs: quote.atMs };
    }
    const frame: MarketFrame = {
      quotes,
      candle: this.candle?.symbol === this.shown ? this.candle : null,
      depth: this.depth?.symbol === this.shown ? this.depth : null,
    };
    this.changedQuotes.clear();
    this.candle = null;
    this.depth = null;
    return frame;
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.ticker);
    for (const timer of this.timers) clearTimeout(timer);
    await this.setup.venue.close();
    await this.snapshots?.close();
    await this.replay.close();
    await this.setup.opened.journal.close();
  }
}
