// Keeps the policy's files in step with what the engine made true: each version in force as a backup, and policy.json saying what was
// asked for last. It must never take an edit away that nobody has read. What is withdrawn in one mode the other journals hear of by the
// file alone: that it was written since is what makes a loosening that still waits there wait anew (engine/decide/policy.ts).
import { isSamePolicy } from '../../src-shared/policy/diff.ts';
import { wantedPolicy } from '../engine/decide/policy.ts';
import type { SequencedFact } from '../engine/facts.ts';
import type { Input } from '../engine/inputs.ts';
import type { EngineState } from '../engine/state.ts';
import type { PolicyFile } from '../settings/policy-file.ts';

const ASKS: ReadonlySet<Input['kind']> = new Set(['policy', 'policy-asked', 'policy-withdraw']);

/** To be called after each turn of the engine. `failed` is told in words what could not be written. */
export const followPolicy = (
  file: PolicyFile,
  state: EngineState,
  input: Input,
  facts: readonly SequencedFact[],
  failed: (text: string) => void,
): void => {
  if (!ASKS.has(input.kind) && !facts.some(({ fact }) => fact.kind.startsWith('policy.'))) return;
  for (const { fact, atMs } of facts) {
    if (fact.kind !== 'policy.adopted') continue;
    const { version, by, why, policy, changes } = fact;
    const kept = file.keep({ version, by, why, policy, atMs, ...(changes !== undefined && { changes }) });
    if (!kept.ok) failed(kept.error);
  }
  const wanted = wantedPolicy(state);
  const said = file.current();
  // A file that cannot be used is left as it is: only a person's wish writes over it.
  if (wanted === null || !said.ok || said.value.problem !== '' || isSamePolicy(said.value.policy, wanted)) return;
  const written = file.write(wanted, input.kind === 'policy');
  if (!written.ok) failed(written.error);
};
