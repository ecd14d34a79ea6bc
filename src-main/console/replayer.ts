// Rebuilds the console as it stood after any fact, out of the journal alone. Its engine has no journal, no venue and no way out: what
// it gives is data. Runs in a thread of its own (replay-worker.ts), because a million facts take seconds.
import type { ReplayedView } from '../../src-shared/contract/journal.ts';
import type { TradingView } from '../../src-shared/contract/view.ts';
import { Engine } from '../engine/engine.ts';
import { emptyState, evolve } from '../engine/evolve.ts';
import type { SequencedFact } from '../engine/facts.ts';
import { Replica } from '../engine/replica.ts';
import type { ConsoleFrame } from '../engine/replica.ts';
import type { EngineState } from '../engine/state.ts';

const FACTS_PER_READ = 2000;
/** The event log shows 200 lines; some facts make none. */
const RECENT_FACTS = 600;

export interface ReplayRequest {
  readonly seq: number;
  readonly headSeq: number;
  /** What a journal does not know of the console that shows it. */
  readonly frame: ConsoleFrame;
}

export class Replayer {
  readonly #facts: (fromSeq: number, count: number) => Promise<string>;
  #state: EngineState = emptyState();
  #recent: SequencedFact[] = [];

  /** `facts` gives rows of the journal as one JSON array of sequenced facts. */
  constructor(facts: (fromSeq: number, count: number) => Promise<string>) {
    this.#facts = facts;
  }

  /** The console after fact `seq`. Rejects when the journal cannot be read or ends before it. One call at a time. */
  async viewAt(request: ReplayRequest): Promise<ReplayedView> {
    if (request.seq < this.#state.seq) this.#restart();
    while (this.#state.seq < request.seq) await this.#advance(request.seq);
    return replayedView(this.#state, this.#recent, request);
  }

  #restart(): void {
    this.#state = emptyState();
    this.#recent = [];
  }

  async #advance(toSeq: number): Promise<void> {
    const count = Math.min(FACTS_PER_READ, toSeq - this.#state.seq);
    const facts = JSON.parse(await this.#facts(this.#state.seq + 1, count)) as readonly SequencedFact[];
    if (facts.length === 0) throw new Error(`The journal ends at fact ${this.#state.seq}.`);
    for (const fact of facts) evolve(this.#state, fact);
    this.#recent = [...this.#recent, ...facts].slice(-RECENT_FACTS);
  }
}

const nothing = (): void => undefined;

/** The same replica that serves the live window makes the view, so that both show a state in the same way. */
const replayedView = (state: EngineState, recent: readonly SequencedFact[], { seq, headSeq, frame }: ReplayRequest): ReplayedView => {
  const atMs = recent.at(-1)?.atMs ?? null;
  const clock = { nowMs: () => atMs ?? 0, monoMs: () => 0 };
  const journal = {
    tag: 'replay' as never,
    durableSeq: seq,
    append: nothing,
    onDurable: nothing,
    onBroken: nothing,
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const engine = new Engine({ journal, clock, run: nothing, onTurn: nothing }, [], state);
  const replica = new Replica(engine, clock, () => frame);
  replica.attach(engine, recent);
  replica.flush();
  const { view } = replica.snapshot();
  const { console } = view.status;
  return {
    seq,
    atMs,
    headSeq,
    view: {
      ...view,
      status: console === undefined ? {} : { console: { ...console, replayed: { seq, atMs, headSeq } } },
      safety: { ...view.safety, trading: replayTrading(seq, headSeq) },
      health: {},
      limits: {},
    },
  };
};

const replayTrading = (seq: number, headSeq: number): TradingView => ({
  level: 'HALTED',
  causes: [{ code: 'REPLAY', level: 'HALTED', text: `A replay as of fact ${seq} of ${headSeq}: it shows what was, and takes no orders.` }],
});
