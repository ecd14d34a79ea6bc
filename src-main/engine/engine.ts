// The one writer: inbox → decide → facts → evolve → effects, with no await in between (DESIGN 1). An order effect waits until its
// fact is on disk; everything else leaves at once. What is re-entrant (an effect that answers synchronously) waits in the inbox.
import { invariant } from '../../src-shared/errors/result.ts';
import type { Journal } from '../journal/port.ts';
import type { TradingState } from '../safety/trading-state.ts';
import { decide } from './decide/decide.ts';
import type { Context } from './decide/context.ts';
import { stopStep } from './decide/stop.ts';
import type { Effect } from './effects.ts';
import { effectsOf, waitsForDisk } from './effects.ts';
import { emptyState, evolve } from './evolve.ts';
import type { SequencedFact } from './facts.ts';
import type { Input, Reply } from './inputs.ts';
import { NO_REPLY } from './inputs.ts';
import { Market } from './market.ts';
import type { Clock } from './ports.ts';
import type { EngineState } from './state.ts';
import { tradingOf } from './trading.ts';

export interface EngineDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Carries effects out; it must not throw and must not wait. */
  readonly run: (effect: Effect) => void;
  /** Told of every input that was dealt with, with the facts that it made true: replicas and the log live on this. */
  readonly onTurn: (input: Input, facts: readonly SequencedFact[]) => void;
}

interface Waiting {
  readonly seq: number;
  readonly effect: Effect;
}

export class Engine {
  readonly state: EngineState = emptyState();
  readonly market = new Market();
  private readonly deps: EngineDeps;
  private readonly inbox: Input[] = [];
  private readonly waiting: Waiting[] = [];
  private busy = false;

  /** Rebuilds the state from the journal's facts. Throws when they do not add up: such a journal must not trade. */
  constructor(deps: EngineDeps, replay: readonly SequencedFact[]) {
    this.deps = deps;
    for (const fact of replay) evolve(this.state, fact);
    deps.journal.onDurable((seq) => this.release(seq));
    deps.journal.onBroken((text) => void this.dispatch({ kind: 'journal-broken', text }));
  }

  trading(): TradingState {
    return tradingOf(this.state, this.market, this.deps.clock.nowMs());
  }

  /** Deals with one input, and with all that follow from it. The reply is the first one's; re-entrant calls get none. */
  dispatch(input: Input): Reply {
    this.inbox.push(input);
    if (this.busy) return NO_REPLY;
    this.busy = true;
    try {
      let reply: Reply | null = null;
      for (let next = this.inbox.shift(); next !== undefined; next = this.inbox.shift()) {
        const answer = this.turn(next);
        reply ??= answer;
      }
      return reply ?? NO_REPLY;
    } finally {
      this.busy = false;
    }
  }

  private context(): Context {
    const nowMs = this.deps.clock.nowMs();
    return { state: this.state, market: this.market, trading: tradingOf(this.state, this.market, nowMs), nowMs, monoMs: this.deps.clock.monoMs(), tag: this.deps.journal.tag };
  }

  private turn(input: Input): Reply {
    if (input.kind === 'venue' && this.market.observe(input.event, this.deps.clock.nowMs())) {
      this.deps.onTurn(input, []);
      return NO_REPLY;
    }
    const context = this.context();
    const decision = decide(context, input);
    const facts = this.record(decision.facts, decision.effects, context.nowMs);
    this.deps.onTurn(input, facts);
    if (this.state.stop.phase === 'TRIPPED' && input.kind !== 'tick') this.stepStop();
    return decision.reply;
  }

  /** While the stop works, each answer may be the one that its next step waited for: no tick is waited for. */
  private stepStop(): void {
    const context = this.context();
    const step = stopStep(context);
    if (step.facts.length === 0 && step.effects.length === 0) return;
    this.deps.onTurn({ kind: 'tick' }, this.record(step.facts, step.effects, context.nowMs));
  }

  private record(facts: readonly SequencedFact['fact'][], effects: readonly Effect[], atMs: number): readonly SequencedFact[] {
    const sequenced: SequencedFact[] = [];
    for (const fact of facts) {
      const one = { seq: this.state.seq + 1, atMs, fact };
      evolve(this.state, one);
      sequenced.push(one);
    }
    // The latch is closed by now: what must leave at once leaves before the disk is even asked.
    for (const effect of effects) {
      invariant(!waitsForDisk(effect), 'an effect that waits for the disk comes from its fact');
      this.deps.run(effect);
    }
    if (sequenced.length === 0) return sequenced;
    this.deps.journal.append(sequenced);
    for (const { seq, fact } of sequenced) {
      for (const effect of effectsOf(fact)) {
        if (waitsForDisk(effect)) this.waiting.push({ seq, effect });
        else this.deps.run(effect);
      }
    }
    return sequenced;
  }

  private release(durableSeq: number): void {
    while (this.waiting.length > 0 && (this.waiting[0]?.seq ?? 0) <= durableSeq) {
      const next = this.waiting.shift();
      if (next !== undefined) this.deps.run(next.effect);
    }
  }
}
