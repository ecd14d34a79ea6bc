// Opens a journal and rebuilds the engine's state from it while it is read: from the newest snapshot where that can be trusted as a
// whole, else from every fact. It never mixes the two.
import { Decimal } from '../../src-shared/domain/decimal.ts';
import { ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { emptyState, evolve } from '../engine/evolve.ts';
import type { SequencedFact } from '../engine/facts.ts';
import { decodeState, STATE_CODEC } from '../engine/state-codec.ts';
import type { EngineState } from '../engine/state.ts';
import { openJournal } from '../journal/open.ts';
import type { FactReplay, JournalOptions } from '../journal/open.ts';
import type { FileJournal } from '../journal/port.ts';
import type { JournalProblem } from '../journal/problem.ts';
import { versions } from './version.ts';

export interface RestoredJournal {
  /** Its facts are in the state already. */
  readonly opened: FileJournal;
  readonly state: EngineState;
  /** How the state was rebuilt, for the log. */
  readonly text: string;
}

class StateReplay implements FactReplay {
  state: EngineState = emptyState();

  restore(text: string): void {
    this.state = decodeState(text);
  }

  fact(fact: SequencedFact): void {
    evolve(this.state, fact);
  }

  restart(): void {
    this.state = emptyState();
  }
}

/** Another version may make something else of the same facts, and another decimal precision other digits: both read every fact anew. */
export const snapshotCodec = (version: string = versions().app): string => `state-${STATE_CODEC}-${Decimal.precision}-of-${version}`;

/** The error says in words why the journal cannot be had; nothing was changed on disk then. */
export const restoreJournal = async (
  options: Omit<JournalOptions, 'replay' | 'codec'>,
  codec = snapshotCodec(),
): Promise<Result<RestoredJournal, JournalProblem>> => {
  const quick = new StateReplay();
  const opened = await openJournal({ ...options, codec, replay: quick });
  if (opened.ok) return ok({ opened: opened.value, state: quick.state, text: textOf(opened.value) });
  if (opened.error.code !== 'contradictory') return opened;
  // What does not add up from a snapshot may add up from the first fact on: the journal is the truth, the snapshot a short cut.
  const thorough = new StateReplay();
  const again = await openJournal({ ...options, codec, dropsSnapshots: true, replay: thorough });
  if (!again.ok) return again;
  return ok({ opened: again.value, state: thorough.state, text: `${textOf(again.value)} A snapshot did not fit: ${opened.error.text}` });
};

const textOf = ({ snapshotSeq, found }: FileJournal): string =>
  snapshotSeq === null
    ? `Replayed all ${found.facts} facts.`
    : `Replayed ${found.facts - snapshotSeq} facts after the snapshot of fact ${snapshotSeq}.`;
