// What every decision sees and what it may give back. A decision changes no durable truth: it returns facts, and evolve makes them
// true. It may keep notes in the volatile market picture (what was asked and when).
import type { JournalTag } from '../../../src-shared/domain/ids.ts';
import type { TradingState } from '../../safety/trading-state.ts';
import type { Effect } from '../effects.ts';
import type { Fact } from '../facts.ts';
import type { Reply } from '../inputs.ts';
import { NO_REPLY } from '../inputs.ts';
import type { Market } from '../market.ts';
import type { EngineState } from '../state.ts';
import { tradingOf } from '../trading.ts';

export interface Context {
  readonly state: EngineState;
  readonly market: Market;
  readonly trading: TradingState;
  /** Wall clock, ms: what facts and the day carry. */
  readonly nowMs: number;
  /** Monotonic clock, ms with fractions: what durations are measured on. */
  readonly monoMs: number;
  readonly tag: JournalTag;
  /** In hex. */
  readonly sha256: (text: string) => string;
}

/** A moment to decide in. The trading state is worked out only for a decision that looks at it: most venue events need none. */
export const contextOf = (moment: Omit<Context, 'trading'>): Context => {
  let trading: TradingState | null = null;
  return {
    ...moment,
    get trading() {
      return (trading ??= tradingOf(moment.state, moment.market, moment));
    },
  };
};

export interface Decision {
  readonly facts: readonly Fact[];
  readonly effects: readonly Effect[];
  readonly reply: Reply;
}

export const NOTHING: Decision = { facts: [], effects: [], reply: NO_REPLY };

export const decided = (facts: readonly Fact[], effects: readonly Effect[] = [], reply: Reply = NO_REPLY): Decision => ({
  facts,
  effects,
  reply,
});

export const refused = (text: string): Decision => decided([], [], { kind: 'refused', text });
