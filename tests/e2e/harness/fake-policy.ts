// The policy's calls as the console answers them, over nothing but the shared rules: no journal, and the wait never ends.
import type { CallResult, ExposedApi } from '../../../src-shared/contract/contract.ts';
import type { PolicyOutcome } from '../../../src-shared/domain/policy-change.ts';
import { fail, ok } from '../../../src-shared/errors/result.ts';
import { diffPolicies, tighterOf } from '../../../src-shared/policy/diff.ts';
import { POLICY_FIELDS, setFields, textOf, valueAt } from '../../../src-shared/policy/fields.ts';
import { NORMAL, PROFILES, withProfile } from '../../../src-shared/policy/profiles.ts';
import type { Policy } from '../../../src-shared/policy/schema.ts';

type Calls = 'policyShow' | 'policyDiff' | 'policyPropose' | 'policyWithdraw';

export const fakePolicy = (nowMs: () => number): Pick<ExposedApi, Calls> => {
  let inForce: Policy = NORMAL;
  let wanted: Policy = NORMAL;
  let version = 1;
  let asked = { by: '', why: '', effectiveAtMs: 0 };
  const wish = (input: Parameters<ExposedApi['policyDiff']>[0]): CallResult<Policy> => {
    const made = setFields(input.profile === undefined ? wanted : (withProfile(wanted, input.profile) ?? wanted), input.set ?? []);
    return made.ok ? made : fail({ code: 'BAD_INPUT', text: made.error.map(({ path, text }) => `${path} ${text}.`).join(' ') });
  };
  const waiting = () => (wanted === inForce ? null : { ...asked, changes: diffPolicies(inForce, wanted) });
  return {
    policyShow: async () =>
      ok({
        name: inForce.name,
        version,
        profiles: PROFILES.map(({ name }) => name),
        fields: POLICY_FIELDS.map(({ path, title, unit, row, allowed, values, looser }) => {
          const value = textOf(valueAt(inForce, path));
          const next = textOf(valueAt(wanted, path));
          const choices = values ?? (typeof valueAt(inForce, path) === 'boolean' ? ['true', 'false'] : undefined);
          const waits = next === value ? null : next;
          return {
            path,
            title,
            unit,
            row,
            allowed,
            ...(choices !== undefined && { choices }),
            looser: `${looser} is looser`,
            value,
            waiting: waits,
          };
        }),
        waiting: waiting(),
        versions: [{ version: 1, name: 'NORMAL', by: 'first start', why: 'profile NORMAL', atMs: null, changes: [] }],
      }),
    policyDiff: async (input) => {
      const made = wish(input);
      return made.ok ? ok({ changes: diffPolicies(inForce, made.value), delayMinutes: 15 }) : made;
    },
    policyPropose: async (input) => {
      const made = wish(input);
      if (!made.ok) return made;
      const before = inForce;
      inForce = tighterOf(before, made.value);
      const changes = diffPolicies(inForce, made.value);
      wanted = changes.length === 0 ? inForce : made.value;
      version += 1;
      asked = { by: 'trader', why: input.why, effectiveAtMs: nowMs() + 900_000 };
      const outcome: PolicyOutcome = { version, adopted: diffPolicies(before, inForce), waiting: waiting(), refused: null };
      return ok(outcome);
    },
    policyWithdraw: async () => {
      wanted = inForce;
      return ok({ version, adopted: [], waiting: null, refused: null });
    },
  };
};
