// Latch file against journal at the start: the worse of the two wins (REQUIREMENTS E6). Pure: it says what to trip, and trips nothing.
import type { StopTrigger, TripPolicy } from '../../src-shared/domain/stop.ts';
import type { StopState } from '../engine/state.ts';
import type { Latch, LatchRecord } from './port.ts';

/** A trip that is to be made again before anything else, and what to tell the trader. */
export interface Recall {
  readonly trigger: StopTrigger;
  readonly reason: string;
  readonly policy: TripPolicy;
  readonly text: string;
}

const REMEMBERED = ' (remembered by the latch file, the journal had lost it)';

/** Null when the journal knows all that the latch file knows. What cannot be read is taken for a trip; it sells nothing, though. */
export const recallOf = ({ path, found }: Pick<Latch, 'path' | 'found'>, stop: StopState, nowMs: number): Recall | null => {
  if (found.ok) return found.value === null ? null : recallRecord(found.value, stop, nowMs);
  if (stop.phase === 'TRIPPED') return null;
  return {
    trigger: 'watchdog',
    reason: 'The latch file cannot be read: nobody knows whether the stop was tripped',
    policy: 'keep-positions',
    text: `The emergency stop's latch file ${path} cannot be read: ${found.error}. It may have held a trip that the journal lost, so the stop is tripped. Look at the exchange's own app, then reset the stop: that writes the file anew. If this comes back at each start, end the console, delete the file and start again.`,
  };
};

const recallRecord = (record: LatchRecord, stop: StopState, nowMs: number): Recall | null => {
  const { phase, tripId, trigger, reason, policy, coolDownUntilMs, seq } = record;
  const isOver = phase === 'COOLING_DOWN' && nowMs >= (coolDownUntilMs ?? nowMs);
  if (phase === 'ARMED' || isOver || tripId <= stop.tripId) return null;
  return {
    trigger: trigger ?? 'watchdog',
    reason: reason.endsWith(REMEMBERED) ? reason : reason + REMEMBERED,
    policy,
    text: `The latch file remembers stop ${tripId} (${reason}) as fact ${seq}; the journal lost it, as happens on a full disk. The stop is tripped again: see that the disk has room, read the receipt, then reset it.`,
  };
};

/** What the latch file is to hold. */
export const latchRecordOf = (stop: StopState, seq: number): LatchRecord => ({
  phase: stop.phase === 'DISABLED' ? 'ARMED' : stop.phase,
  tripId: stop.tripId,
  trigger: stop.trigger,
  reason: stop.reason,
  policy: stop.policy,
  coolDownUntilMs: stop.coolDownUntilMs,
  seq,
});
