// May I trade, and why not: the trading state is derived from its causes and never set (DESIGN 6). The worst cause wins.

export type TradingLevel = 'ACTIVE' | 'REDUCING' | 'HALTED';

/** In order of priority among equals: kill switch and emergency stop, then the rest. */
export type CauseCode =
  | 'EMERGENCY_STOP'
  | 'COOLING_DOWN'
  | 'RECOVERING'
  | 'POLICY_BROKEN'
  | 'ENGINE_BROKEN'
  | 'JOURNAL_BROKEN'
  | 'MODE_REFUSED'
  | 'SELF_TEST'
  | 'CLOCK'
  | 'BREAKER'
  | 'LADDER'
  | 'LOSSES'
  | 'RECONCILIATION'
  | 'USER_STREAM'
  | 'MARKET_STREAM'
  | 'VENUE_HOLD';

export interface Cause {
  readonly code: CauseCode;
  readonly level: 'REDUCING' | 'HALTED';
  /** What is wrong and what ends it, in one sentence. */
  readonly text: string;
}

export interface TradingState {
  readonly level: TradingLevel;
  /** Worst first; empty when ACTIVE. */
  readonly causes: readonly Cause[];
}

const PRIORITY: readonly CauseCode[] = [
  'EMERGENCY_STOP',
  'ENGINE_BROKEN',
  'JOURNAL_BROKEN',
  'POLICY_BROKEN',
  'MODE_REFUSED',
  'RECOVERING',
  'SELF_TEST',
  'BREAKER',
  'LADDER',
  'CLOCK',
  'RECONCILIATION',
  'COOLING_DOWN',
  'LOSSES',
  'USER_STREAM',
  'MARKET_STREAM',
  'VENUE_HOLD',
];

const rank = (cause: Cause): number => (cause.level === 'HALTED' ? 0 : PRIORITY.length) + PRIORITY.indexOf(cause.code);

/** The worst of the causes, and all of them, worst first. */
export const tradingStateOf = (causes: readonly Cause[]): TradingState => {
  const sorted = [...causes].sort((a, b) => rank(a) - rank(b));
  return { level: sorted[0]?.level ?? 'ACTIVE', causes: sorted };
};
