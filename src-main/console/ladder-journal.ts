// What a journal proves of the rollout ladder (REQUIREMENTS H): every fact of it read again, held against its chain and made true anew,
// with the evidence worked out once more at each promotion. It believes nothing that is merely written down.
import type { JournalRow } from '../../src-shared/contract/journal.ts';
import type { EvidenceItem, LadderCertificate, LadderDemotion, LadderStage } from '../../src-shared/domain/ladder.ts';
import type { Mode } from '../../src-shared/domain/mode.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { emptyState, evolve } from '../engine/evolve.ts';
import type { Fact } from '../engine/facts.ts';
import { evidenceNow } from '../engine/ladder-view.ts';
import type { EngineState } from '../engine/state.ts';
import { CHAIN_START, chainsTo, ownerJson } from '../journal/chain.ts';
import type { ChainHead } from '../journal/chain.ts';

export type Pages = AsyncIterable<readonly JournalRow[]>;

/** A promotion on evidence, as the facts before it bear it out. */
export interface ProvenPromotion {
  /** Where it came from and where it led. */
  readonly from: LadderStage;
  readonly to: LadderStage;
  /** As the facts before it come to, and as it was signed. */
  readonly found: readonly EvidenceItem[];
  readonly signed: readonly EvidenceItem[];
  readonly evidenceHash: string;
  readonly certificate: LadderCertificate | null;
}

/** A demotion, and when the evidence was proven that it ended. */
export interface ReadDemotion extends LadderDemotion {
  readonly provenAtMs: number | null;
}

export interface LadderReading {
  /** What all facts come to. */
  readonly state: EngineState;
  /** Up from one stage to the next, newest last; what was carried over and renewed is none. */
  readonly promotions: readonly ProvenPromotion[];
  readonly demotions: readonly ReadDemotion[];
  /** The chain's hash at each fact that is asked for. */
  hashAt(seq: number): string | undefined;
}

class Reader {
  readonly state = emptyState();
  readonly promotions: ProvenPromotion[] = [];
  readonly demotions: ReadDemotion[] = [];
  readonly mode: Mode;

  constructor(mode: Mode) {
    this.mode = mode;
  }

  take({ seq, atMs, json }: JournalRow): void {
    const fact = JSON.parse(json) as Fact;
    if (fact.kind === 'ladder.promoted') this.promoted(fact);
    if (fact.kind === 'ladder.demoted') {
      const { provenAtMs } = this.state.ladder;
      this.demotions.push({ mode: this.mode, stage: fact.stage, atMs, why: fact.why, provenAtMs });
    }
    evolve(this.state, { seq, atMs, fact });
  }

  private promoted({ stage, evidence, evidenceHash = '', certificate }: Extract<Fact, { kind: 'ladder.promoted' }>): void {
    const from = this.state.ladder.stage;
    if (from === stage) return;
    this.promotions.push({ from, to: stage, found: evidenceNow(this.state), signed: evidence, evidenceHash, certificate });
  }
}

/** So that a long journal does not hold up the engine, which may have to stop meanwhile. */
const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Reads a whole journal. `asked`: the facts whose hash is to be known. The error says in words why it proves nothing. */
export const readLadder = async (
  pages: Pages,
  owner: { readonly mode: Mode; readonly account: string },
  asked: ReadonlySet<number> = new Set(),
): Promise<Result<LadderReading, string>> => {
  const reader = new Reader(owner.mode);
  const hashes = new Map<number, string>();
  let head: ChainHead = CHAIN_START;
  try {
    for await (const page of pages) {
      for (const row of page) {
        if (!chainsTo(head, row)) return fail(`its chain is broken at fact ${head.seq + 1}`);
        head = row;
        if (asked.has(row.seq)) hashes.set(row.seq, row.hash);
        if (row.seq > 0) reader.take(row);
        else if (row.json !== ownerJson(owner)) return fail('it is the journal of another account');
      }
      await breathe();
    }
  } catch (error) {
    return fail(`it cannot be read (${error instanceof Error ? error.message : String(error)})`);
  }
  const { state, promotions, demotions } = reader;
  return head.seq < 0 ? fail('it is empty') : ok({ state, promotions, demotions, hashAt: (seq) => hashes.get(seq) });
};
