// A market buy sized by the amount to spend has no quantity until it fills: how little and how much it may bring.
import type { Decimal } from '../../../src-shared/domain/decimal.ts';
import type { GateContext } from '../context.ts';

/** The quantity bought when the price is the worst that the policy allows; null without a quote. */
export const boughtAtLeast = ({ qty, quoteQty, ask, policy }: GateContext): Decimal | null =>
  quoteQty === null ? qty : ask === null ? null : quoteQty.div(ask.times(policy.deviationUp));

/** The quantity bought at the best ask; null without a quote. */
export const boughtAtMost = ({ qty, quoteQty, ask }: GateContext): Decimal | null =>
  quoteQty === null ? qty : ask === null ? null : quoteQty.div(ask);
