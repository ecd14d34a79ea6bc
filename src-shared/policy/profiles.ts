// The three profiles that come with the console (REQUIREMENTS G). Starting points: the trader's own policy is a file.
import { policySchema } from './schema.ts';
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
