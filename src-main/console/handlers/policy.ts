// The policy shown, compared, changed and withdrawn. What a wish does is the engine's to decide; here it becomes a policy, in words.
import type { CallResult, Handlers } from '../../../src-shared/contract/contract.ts';
import type { PolicySheet } from '../../../src-shared/contract/policy.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { diffPolicies } from '../../../src-shared/policy/diff.ts';
import { POLICY_FIELDS, setFields, textOf, valueAt } from '../../../src-shared/policy/fields.ts';
import { nameInForce, PROFILES, withProfile } from '../../../src-shared/policy/profiles.ts';
import type { Looser, Policy, PolicyProblem } from '../../../src-shared/policy/schema.ts';
import { wantedPolicy } from '../../engine/decide/policy.ts';
import type { Reply } from '../../engine/inputs.ts';
import type { EngineState } from '../../engine/state.ts';
import type { PolicyFile } from '../../settings/policy-file.ts';
import { durably, failureOf, refuse } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

interface Wish {
  readonly profile?: string | undefined;
  readonly set: readonly { readonly path: string; readonly value: string }[];
}

const LOOSER: Readonly<Record<Looser, string>> = {
  higher: 'higher is looser',
  lower: 'lower is looser',
  true: 'true is looser',
  false: 'false is looser',
  more: 'more symbols are looser',
  fewer: 'fewer symbols are looser',
  first: 'the earlier choice is looser',
  last: 'the later choice is looser',
  none: 'guards no money: any change takes effect at once',
};

const NONE = refuse('UNAVAILABLE', 'No policy is in force yet.');

const inWords = (problems: readonly PolicyProblem[]): string => problems.map(({ path, text }) => `${path} ${text}.`).join(' ');

/** The policy that a wish makes of another one. */
const wishedOf = (policy: Policy, { profile, set }: Wish): CallResult<Policy> => {
  const from = profile === undefined ? policy : withProfile(policy, profile);
  if (from === null)
    return refuse('NOT_FOUND', `There is no profile ${profile}; there are ${PROFILES.map(({ name }) => name).join(', ')}.`);
  const made = setFields(from, set);
  return made.ok ? made : fail({ code: 'BAD_INPUT', text: `Nothing is changed. ${inWords(made.error)}` });
};

const sheetOf = (policy: Policy, state: EngineState, file: Pick<PolicyFile, 'versions'>): PolicySheet => {
  const { pendingPolicy, policyVersion } = state;
  return {
    name: nameInForce(policy),
    version: policyVersion,
    profiles: PROFILES.map(({ name }) => name),
    fields: POLICY_FIELDS.map(({ path, title, unit, row, allowed, looser, values }) => {
      const value = textOf(valueAt(policy, path));
      const asked = pendingPolicy === null ? value : textOf(valueAt(pendingPolicy.policy, path));
      const choices = values ?? (typeof valueAt(policy, path) === 'boolean' ? ['true', 'false'] : undefined);
      const waiting = asked === value ? null : asked;
      return { path, title, unit, row, allowed, ...(choices !== undefined && { choices }), looser: LOOSER[looser], value, waiting };
    }),
    waiting:
      pendingPolicy === null
        ? null
        : {
            by: pendingPolicy.by,
            why: pendingPolicy.why,
            effectiveAtMs: pendingPolicy.effectiveAtMs,
            changes: diffPolicies(policy, pendingPolicy.policy),
          },
    versions: file
      .versions()
      .map(({ version, policy: { name }, by, why, atMs = null, changes = [] }) => ({ version, name, by, why, atMs, changes })),
  };
};

type PolicyCalls = 'policyShow' | 'policyDiff' | 'policyPropose' | 'policyWithdraw';

export const policyHandlers = (desk: ConsoleDesk): Pick<Handlers, PolicyCalls> => {
  const answered = (reply: Reply) => (reply.kind === 'policy' ? durably(desk, reply.outcome) : failureOf(reply));
  return {
    policyShow: async () => {
      const { state } = desk.core().engine;
      return state.policy === null ? NONE : ok(sheetOf(state.policy, state, desk.policyFile));
    },
    policyDiff: async (input) => {
      const { state } = desk.core().engine;
      const wanted = wantedPolicy(state);
      if (wanted === null || state.policy === null) return NONE;
      const wished = wishedOf(wanted, input);
      if (!wished.ok) return wished;
      return ok({ changes: diffPolicies(state.policy, wished.value), delayMinutes: state.policy.tiltGuard.loosenDelayMinutes });
    },
    policyPropose: async (input, caller) => {
      if (desk.isSwitching()) return refuse('REFUSED', 'The mode is being switched: change the policy when that is done.');
      const wanted = wantedPolicy(desk.core().engine.state);
      if (wanted === null) return NONE;
      const wished = wishedOf(wanted, input);
      if (!wished.ok) return wished;
      // The file first: after a crash it asks for the same again. What is refused, the engine's turn takes out of it once more.
      const written = desk.policyFile.write(wished.value);
      if (!written.ok) return refuse('UNAVAILABLE', `Nothing is changed. ${written.error}`);
      return answered(desk.core().engine.dispatch({ kind: 'policy-asked', policy: wished.value, by: caller.user, why: input.why }));
    },
    policyWithdraw: async (input, caller) =>
      answered(desk.core().engine.dispatch({ kind: 'policy-withdraw', by: caller.user, why: input.why })),
  };
};
