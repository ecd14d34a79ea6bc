// The three profiles that come with the console (REQUIREMENTS G). Starting points: the trader's own policy is a file.
import { policySchema, restoredPolicy } from './schema.ts';
import { diffPolicies } from './diff.ts';
import { textOf, valueAt, withValues } from './fields.ts';
import type { Policy } from './schema.ts';

/** What a profile differs in: risk a trade and daily drawdown in percent, and leverage. */
const profile = (name: string, riskPerTradePct: string, dailyPct: string, maxLeverage: number): Policy =>
  policySchema.parse({
    name,
    limits: { maxDailyLossPct: dailyPct },
    exposure: { maxLeverage },
    order: { riskPerTradePct },
    circuitBreaker: { maxDailyDrawdownPct: dailyPct },
    emergencyStop: { autoDailyDrawdownPct: dailyPct },
  });

export const NORMAL: Policy = profile('NORMAL', '2', '5', 30);
export const DEFENSIVE: Policy = profile('DEFENSIVE', '1', '3', 10);
export const AGGRESSIVE: Policy = profile('AGGRESSIVE', '3', '8', 50);

export const PROFILES: readonly Policy[] = [NORMAL, DEFENSIVE, AGGRESSIVE];

/** What the profiles are about: the fields in which they differ, their name among them. */
const OWN_FIELDS: ReadonlySet<string> = new Set(PROFILES.flatMap((one) => diffPolicies(NORMAL, one).map(({ path }) => path)));

/** A policy with a profile's values in the fields that make the profile; all else stays the trader's own. Null: there is no such profile. */
export const withProfile = (policy: Policy, name: string): Policy | null => {
  const profile = PROFILES.find((one) => one.name === name.toUpperCase());
  if (profile === undefined) return null;
  return restoredPolicy(withValues(policy, new Map([...OWN_FIELDS].map((path) => [path, valueAt(profile, path)]))));
};

/**
 * The policy's name as it may be said of what is in force. Its name is taken over at once and what loosens is not: what has a profile's
 * name without all of its values is that profile in part.
 */
export const nameInForce = (policy: Policy): string => {
  const profile = PROFILES.find(({ name }) => name === policy.name);
  const isWhole =
    profile === undefined || [...OWN_FIELDS].every((path) => textOf(valueAt(policy, path)) === textOf(valueAt(profile, path)));
  return isWhole ? policy.name : `${policy.name} in part`;
};
