// Rebuilds the console as it stood after any fact, out of the journal alone. Its engine has no journal, no venue and no way out: what
// it gives is data. Runs in a thread of its own (replay-worker.ts), because a million facts take seconds.
import type { ReplayedView } from '../../src-shared/contract/journal.ts';
import type { TradingView } from '../../src-shared/contract/view.ts';
import { Engine } from '../engine/engine.ts';
import { emptyState, evolve } from '../engine/evolve.ts';
import type { SequencedFact } from '../engine/facts.ts';
import { decodeState, encodeState } from '../engine/state-codec.ts';
import { Replica } from '../engine/replica.ts';
import type { ConsoleFrame } from '../engine/replica.ts';
import type { EngineState } from '../engine/state.ts';
import type { JournalReader } from '../journal/port.ts';

const FACTS_PER_READ = 2000;
/** A step back replays this many facts at most (some 50 ms), as long as there are few checkpoints; with many, more. */
const CHECKPOINT_EVERY_FACTS = 10_000;
const MOST_CHECKPOINTS = 32;
/** The event log shows 200 lines; some facts make none. */
const RECENT_FACTS = 600;

export interface ReplayRequest {
  readonly seq: number;
  readonly headSeq: number;
  /** What a journal does not know of the console that shows it. */
  readonly frame: ConsoleFrame;
}

/** A state that a later view may start from. */
interface Checkpoint {
  readonly seq: number;
  readonly text: string;
  readonly recent: readonly SequencedFact[];
}

/** One call at a time: each goes on from where the one before it left. */
export class Replayer {
  readonly #source: Pick<JournalReader, 'facts' | 'snapshot'>;
  #state: EngineState = emptyState();
  /** The newest facts up to the state's, for the event log. */
  #recent: readonly SequencedFact[] = [];
  #checkpoints: readonly Checkpoint[] = [];
  #checkpointEvery = CHECKPOINT_EVERY_FACTS;

  constructor(source: Pick<JournalReader, 'facts' | 'snapshot'>) {
    this.#source = source;
  }

  /** The console after fact `seq`. Rejects when the journal cannot be read or ends before it. */
  async viewAt(request: ReplayRequest): Promise<ReplayedView> {
    await this.#seek(request.seq);
    return replayedView(this.#state, this.#recent, request);
  }

  /** The state after fact `seq`, for a snapshot. Rejects as `viewAt` does. */
  async encodedAt(seq: number): Promise<string> {
    await this.#seek(seq);
    return encodeState(this.#state);
  }

  async #seek(seq: number): Promise<void> {
    if (seq < this.#state.seq) this.#goBack(seq);
    if (seq - this.#state.seq > CHECKPOINT_EVERY_FACTS) await this.#leap(seq);
    while (this.#state.seq < seq) await this.#advance(seq);
  }

  #goBack(seq: number): void {
    const near = this.#checkpoints.findLast((one) => one.seq <= seq);
    this.#state = near === undefined ? emptyState() : decodeState(near.text);
    this.#recent = near?.recent ?? [];
  }

  /** Over many facts at once, where a snapshot stands for them. */
  async #leap(toSeq: number): Promise<void> {
    const snapshot = await this.#source.snapshot(toSeq);
    if (snapshot === null || snapshot.seq <= this.#state.seq) return;
    this.#state = decodeState(snapshot.text);
    this.#recent = await this.#read(Math.max(1, snapshot.seq - RECENT_FACTS + 1), Math.min(RECENT_FACTS, snapshot.seq));
  }

  async #advance(toSeq: number): Promise<void> {
    const facts = await this.#read(this.#state.seq + 1, Math.min(FACTS_PER_READ, toSeq - this.#state.seq));
    if (facts.length === 0) throw new Error(`The journal ends at fact ${this.#state.seq}.`);
    for (const fact of facts) evolve(this.#state, fact);
    this.#recent = [...this.#recent, ...facts].slice(-RECENT_FACTS);
    const last = this.#checkpoints.at(-1)?.seq ?? 0;
    if (this.#state.seq - last >= this.#checkpointEvery) this.#remember();
  }

  async #read(fromSeq: number, count: number): Promise<readonly SequencedFact[]> {
    return JSON.parse(await this.#source.facts(fromSeq, count)) as readonly SequencedFact[];
  }

  #remember(): void {
    this.#checkpoints = [...this.#checkpoints, { seq: this.#state.seq, text: encodeState(this.#state), recent: this.#recent }];
    if (this.#checkpoints.length < MOST_CHECKPOINTS) return;
    this.#checkpoints = this.#checkpoints.filter((_, index) => index % 2 === 1);
    this.#checkpointEvery *= 2;
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
  const engine = new Engine({ journal, clock, sha256: String, run: nothing, onTurn: nothing }, [], state);
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
      // What is being done about a doubt is a matter of the moment.
      orders: Object.fromEntries(Object.entries(view.orders).map(([id, order]) => [id, { ...order, doubt: null }])),
      safety: { ...view.safety, trading: replayTrading(seq, headSeq) },
      health: {},
      limits: {},
    },
  };
};

const replayTrading = (seq: number, headSeq: number): TradingView => ({
  level: 'HALTED',
  causes: [
    {
      code: 'REPLAY',
      level: 'HALTED',
      text: `A replay as of fact ${seq} of ${headSeq}: it shows what was, and takes no orders.`,
      ends: 'The replay is left.',
      untilMs: null,
    },
  ],
});
