// The engine's state as one text, every map in its own order: two states are the same byte for byte when their texts are (Q6).
import { emptyState, evolve } from '../../src-main/engine/evolve.ts';
import type { SequencedFact } from '../../src-main/engine/facts.ts';
import type { EngineState } from '../../src-main/engine/state.ts';

export const stateText = (state: EngineState): string =>
  JSON.stringify(
    state,
    (_key, value: unknown) => (value instanceof Map || value instanceof Set ? [...(value as Iterable<unknown>)] : value),
    1,
  );

/** The state that a replay of these facts gives, after a way through text as on a disk. */
export const replayed = (facts: readonly SequencedFact[]): EngineState => {
  const state = emptyState();
  for (const fact of JSON.parse(JSON.stringify(facts)) as SequencedFact[]) evolve(state, fact);
  return state;
};
