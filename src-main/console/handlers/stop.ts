// The emergency stop and its reset. A stop is obeyed before anything is awaited.
import type { CallResult, Handlers } from '../../../src-shared/contract/contract.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import type { StopReceipt } from '../../../src-shared/domain/stop.ts';
import type { SequencedFact } from '../../engine/facts.ts';
import { durably, failureOf, refuse } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

/** The stop is at work whatever the disk does: its answer waits for journal or latch file to have it, but not for ever. */
const LATCH_DURABLE_MS = 1000;
const latched = async (desk: ConsoleDesk, tripId: number): Promise<CallResult<{ readonly tripId: number }>> => {
  const patience = new Promise((resolve) => setTimeout(resolve, LATCH_DURABLE_MS).unref());
  await Promise.race([desk.core().latchDurable(), patience]);
  return ok({ tripId });
};

const receiptOf = (facts: readonly SequencedFact[], tripId: number): SequencedFact | undefined =>
  facts.find(({ fact }) => fact.kind === 'stop.receipted' && fact.receipt.tripId === tripId && fact.receipt.complete);

export const stopHandlers = (
  desk: ConsoleDesk,
): Pick<Handlers, 'tripStop' | 'awaitReceipt' | 'resetStop' | 'resetBreaker' | 'drill' | 'proveHotkey'> => ({
  tripStop: async (input, caller) => {
    const reply = desk.core().engine.dispatch({
      kind: 'trip',
      trigger: caller.from === 'window' ? 'button' : 'cli',
      reason: input.reason,
      positions: input.positions ?? null,
    });
    return reply.kind === 'tripped' ? latched(desk, reply.tripId) : failureOf(reply);
  },
  awaitReceipt: async ({ tripId, timeoutMs }): Promise<CallResult<StopReceipt>> => {
    const core = desk.core();
    const now = (): StopReceipt | null => (core.engine.state.stop.receipt?.tripId === tripId ? core.engine.state.stop.receipt : null);
    if (now()?.complete !== true) await core.until((facts) => receiptOf(facts, tripId), timeoutMs);
    const receipt = now();
    if (receipt !== null) return durably(desk, receipt);
    return refuse(
      'UNAVAILABLE',
      `Stop ${tripId} has no receipt yet: it is still at work and goes on. Look at the exchange's own app as well.`,
    );
  },
  resetStop: async (input, caller) => {
    const reply = desk.core().engine.dispatch({ kind: 'reset', by: caller.user, why: input.why, readBackTripId: input.readBackTripId });
    return reply.kind === 'reset' ? durably(desk, { coolDownUntilMs: reply.coolDownUntilMs }) : failureOf(reply);
  },
  resetBreaker: async (input, caller) => {
    const reply = desk.core().engine.dispatch({ kind: 'breaker-reset', by: caller.user, why: input.why, readBackRule: input.readBackRule });
    return reply.kind === 'breaker-closed' ? durably(desk, { rule: reply.rule }) : failureOf(reply);
  },
  drill: async () => {
    const drilled = await desk.drill();
    return drilled.ok ? durably(desk, drilled.value) : refuse('UNAVAILABLE', drilled.error);
  },
  proveHotkey: () => Promise.resolve(desk.proveHotkey()),
});
