// The one writer: inbox → decide → facts → evolve → effects, with no await in between (DESIGN 1). An order effect waits until its
// fact is on disk; everything else leaves at once. What is re-entrant (an effect that answers synchronously) waits in the inbox.
// It never throws: a broken invariant halts trading and says so, while cancels and the stop go on.
import type { ClientOrderId, SymbolId } from '../../src-shared/domain/ids.ts';
import type { Denial } from '../../src-shared/errors/denial.ts';
import { invariant } from '../../src-shared/errors/result.ts';
import type { Journal } from '../journal/port.ts';
import type { TradingState } from '../safety/trading-state.ts';
import { decide } from './decide/decide.ts';
import type { Context } from './decide/context.ts';
import { contextOf } from './decide/context.ts';
import { protectedSymbols, protectStep, touchedSymbols } from './decide/protect.ts';
import { stopStep } from './decide/stop.ts';
import type { Effect } from './effects.ts';
import { effectsOf, settledDoubt, waitsForDisk } from './effects.ts';
import { emptyState, evolve } from './evolve.ts';
import type { SequencedFact } from './facts.ts';
import { leaveOf, ordersOf } from './freeing.ts';
import type { Input, Reply } from './inputs.ts';
import { NO_REPLY } from './inputs.ts';
import { Market } from './market.ts';
import type { Clock } from './ports.ts';
import { momentOf } from './ports.ts';
import type { EngineState } from './state.ts';
import { noteChange, noteDates, ordersChangedBy } from './steady.ts';
import { tradingOf } from './trading.ts';

export interface EngineDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  /** SHA-256 of a text, in hex: a receipt's seal. */
  readonly sha256: (text: string) => string;
  /** Carries effects out; it must not throw and must not wait. */
  readonly run: (effect: Effect) => void;
  /** Told of an effect that waits for the disk. It must not send anything, nor throw. */
  readonly prepare?: (effect: Effect) => void;
  /** Told of every input that was dealt with, with the facts that it made true: replicas and the log live on this. */
  readonly onTurn: (input: Input, facts: readonly SequencedFact[]) => void;
}

/** A plan, an order and what is told of them; anything beyond waits for the next turn. */
const PROTECTION_STEPS_MOST = 4;

/** Fills that come within this time of the first wait for the tick. */
const BURST_MS = 50;

interface Waiting {
  readonly seq: number;
  readonly effect: Effect;
}

/** Why an order that waited for the disk dies there. */
const STOPPED: Denial = {
  code: 'STOPPED',
  text: 'The emergency stop closed while this order waited for the disk. It never left this machine.',
  advice: 'Place it anew after the reset if it is still wanted.',
};
const NOT_WRITTEN: Denial = {
  code: 'STATE',
  text: 'The journal cannot be written, so this order was not sent.',
  advice: 'Free the disk and start the console again.',
};

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Engine {
  readonly state: EngineState;
  readonly market = new Market();
  private readonly deps: EngineDeps;
  private readonly inbox: Input[] = [];
  private readonly waiting: Waiting[] = [];
  /** On disk, and waiting for protection to be taken off. */
  private readonly blocked: Effect[] = [];
  /** When the newest burst of fills of a symbol began (monotonic ms). */
  private readonly burstFromMs = new Map<SymbolId, number>();
  private busy = false;

  /** Rebuilds the state from the journal's facts, after those that `from` knows. Throws when they do not add up: such a journal must not trade. */
  constructor(deps: EngineDeps, replay: readonly SequencedFact[], from: EngineState = emptyState()) {
    this.deps = deps;
    this.state = from;
    for (const fact of replay) evolve(this.state, fact);
    deps.journal.onDurable((seq) => this.release(seq));
    deps.journal.onBroken((text) => void this.dispatch({ kind: 'journal-broken', text }));
  }

  /** `asked`: the orders that are about to leave, where it is asked for them. */
  trading(asked: readonly ClientOrderId[] = []): TradingState {
    return tradingOf(this.state, this.market, momentOf(this.deps.clock), asked);
  }

  /** Deals with one input, and with all that follow from it. The reply is the first one's; re-entrant calls get none. */
  dispatch(input: Input): Reply {
    this.inbox.push(input);
    if (this.busy) return NO_REPLY;
    this.busy = true;
    let reply: Reply | null = null;
    for (let next = this.inbox.shift(); next !== undefined; next = this.inbox.shift()) {
      const answer = this.guardedTurn(next);
      reply ??= answer;
    }
    this.busy = false;
    return reply ?? NO_REPLY;
  }

  private context(): Context {
    const { clock, journal, sha256 } = this.deps;
    return contextOf({ state: this.state, market: this.market, ...momentOf(clock), tag: journal.tag, sha256 });
  }

  private guardedTurn(input: Input): Reply {
    try {
      return this.turn(input);
    } catch (error) {
      this.contradicted(error);
      return { kind: 'refused', text: this.market.engineProblem };
    }
  }

  /** DESIGN 7: a broken invariant stops trading and says so. What was true before it stays true, and is on its way to the disk. */
  private contradicted(error: unknown): void {
    this.market.engineProblem = `The console contradicts itself (${reasonOf(error)}). Start it again: it rebuilds itself from the journal and the exchange.`;
    this.deps.run({ kind: 'alert', severity: 'danger', key: 'engine', title: 'Trading is halted', text: this.market.engineProblem });
  }

  private turn(input: Input): Reply {
    if (input.kind === 'venue' && this.market.observe(input.event, momentOf(this.deps.clock))) {
      this.deps.onTurn(input, []);
      return NO_REPLY;
    }
    const context = this.context();
    const decision = decide(context, input);
    const facts = this.record(decision.facts, decision.effects, context.nowMs);
    if (facts.some(({ fact }) => fact.kind === 'stop.tripped')) this.dropWaiting(STOPPED);
    if (input.kind === 'journal-broken') this.dropWaiting(NOT_WRITTEN);
    if (this.blocked.length > 0) this.unblock();
    this.deps.onTurn(input, facts);
    if (this.state.stop.phase === 'TRIPPED' && input.kind !== 'tick') this.stepStop();
    for (const symbol of input.kind === 'tick' ? protectedSymbols(this) : touchedSymbols(this, facts))
      if (!this.isInBurst(symbol, facts)) this.stepProtection(symbol);
    return decision.reply;
  }

  /**
   * An order that fills in a hundred parts is answered with its first, with its last and on each tick: what stays open goes on holding
   * what it held, so that the parts between change nothing that could not wait for the next tick (R).
   */
  private isInBurst(symbol: SymbolId, facts: readonly SequencedFact[]): boolean {
    const { openOrders } = this.state;
    if (!facts.every(({ fact }) => fact.kind === 'order.filled' && openOrders.has(fact.clientOrderId))) return false;
    const { monoMs } = momentOf(this.deps.clock);
    const isSoon = monoMs - (this.burstFromMs.get(symbol) ?? Number.NEGATIVE_INFINITY) < BURST_MS;
    if (!isSoon) this.burstFromMs.set(symbol, monoMs);
    return isSoon;
  }

  /** While the stop works, each answer may be the one that its next step waited for: no tick is waited for. */
  private stepStop(): void {
    const context = this.context();
    const step = stopStep(context);
    if (step.facts.length === 0 && step.effects.length === 0) return;
    this.deps.onTurn({ kind: 'tick' }, this.record(step.facts, step.effects, context.nowMs));
  }

  /** What touched a position is answered in the same turn. A plan comes before its orders, so there may be more than one step. */
  private stepProtection(symbol: SymbolId): void {
    for (let step = 0; step < PROTECTION_STEPS_MOST; step += 1) {
      const context = this.context();
      const { facts, effects } = protectStep(context, symbol);
      if (facts.length === 0 && effects.length === 0) return;
      this.deps.onTurn({ kind: 'tick' }, this.record(facts, effects, context.nowMs));
      if (facts.length === 0) return;
    }
  }

  private record(facts: readonly SequencedFact['fact'][], effects: readonly Effect[], atMs: number): readonly SequencedFact[] {
    const settled: Effect[] = [];
    const sequenced = this.makeTrue(facts, atMs, settled);
    // The latch is closed by now: what must leave at once leaves before the disk is even asked.
    for (const effect of effects) {
      invariant(!waitsForDisk(effect), 'an effect that waits for the disk comes from its fact');
      this.deps.run(effect);
    }
    if (sequenced.length === 0) return sequenced;
    this.deps.journal.append(sequenced);
    for (const { seq, fact } of sequenced) {
      for (const effect of effectsOf(fact)) {
        if (waitsForDisk(effect)) this.waitForDisk(seq, effect);
        else this.deps.run(effect);
      }
    }
    for (const effect of settled) this.deps.run(effect);
    // A journal may be that quick.
    this.release(this.deps.journal.durableSeq);
    return sequenced;
  }

  /** While the disk works, what can be made ready for the wire is. */
  private waitForDisk(seq: number, effect: Effect): void {
    this.waiting.push({ seq, effect });
    this.deps.prepare?.(effect);
  }

  /** Up to the first fact that contradicts the state: that one and what was decided after it never happened, here or on the disk. */
  private makeTrue(facts: readonly SequencedFact['fact'][], atMs: number, settled: Effect[]): SequencedFact[] {
    const sequenced: SequencedFact[] = [];
    const moment = { nowMs: atMs, monoMs: this.deps.clock.monoMs() };
    try {
      for (const fact of facts) {
        const one = { seq: this.state.seq + 1, atMs, fact };
        const changing = ordersChangedBy(fact).map((id) => ({ id, before: this.state.orders.get(id) }));
        evolve(this.state, one);
        sequenced.push(one);
        noteDates(this.state, this.market, moment);
        for (const { id, before } of changing) {
          noteChange(this.state, this.market, id, before, moment);
          settled.push(...settledDoubt(before, this.state.orders.get(id)));
        }
      }
    } catch (error) {
      this.contradicted(error);
    }
    return sequenced;
  }

  /** What still waits has certainly not left: it dies now, so that a stop need not wait for a disk to account for it. */
  private dropWaiting(denial: Denial): void {
    for (const { effect } of this.waiting.splice(0)) this.hold(effect, denial);
    for (const effect of this.blocked.splice(0)) this.hold(effect, denial);
  }

  private hold(effect: Effect, denial: Denial): void {
    for (const clientOrderId of ordersOf(effect)) this.inbox.push({ kind: 'held-at-wire', clientOrderId, denial });
  }

  private release(durableSeq: number): void {
    while (this.waiting.length > 0 && (this.waiting[0]?.seq ?? 0) <= durableSeq) {
      const next = this.waiting.shift();
      if (next !== undefined) this.leave(next.effect);
    }
  }

  /** What was given up meanwhile is forgotten; what protection still holds goes on waiting. */
  private unblock(): void {
    for (const effect of this.blocked.splice(0))
      if (ordersOf(effect).every((id) => this.state.orders.get(id)?.status === 'INTENDED')) this.leave(effect);
  }

  private leave(effect: Effect): void {
    const verdict = leaveOf(this.state, effect);
    if (verdict === 'go') this.deps.run(effect);
    else if (verdict === 'wait') this.blocked.push(effect);
    else for (const clientOrderId of ordersOf(effect)) this.dispatch({ kind: 'held-at-wire', clientOrderId, denial: verdict });
  }
}
