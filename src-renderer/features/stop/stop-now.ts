// The act behind the stop button, the palette and nothing else. It asks main at once and never waits in silence.
import type { TripPolicy } from '../../../src-shared/domain/stop.ts';
import { callWithin, failureText } from '../../bridge/bridge.ts';
import { useReplica } from '../../replica/replica.ts';
import { tell } from '../frame/screen.ts';

/** The engine latches within a millisecond; a second of silence means that another way to stop is needed. */
const NO_ANSWER_MS = 1_000;

/** Trips the stop. `positions` absent: as the policy says. */
export const stopNow = async (positions?: TripPolicy): Promise<void> => {
  const answer = await callWithin(NO_ANSWER_MS, 'tripStop', {
    reason: 'stop button in the window',
    ...(positions === undefined ? {} : { positions }),
  });
  if (answer.ok) return;
  const accelerator = useReplica.getState().view.safety.hotkey?.accelerator ?? 'the hotkey';
  tell(
    'danger',
    `The stop button got no confirmation. Press ${accelerator}, use the tray, or run “holdfast stop”. ${failureText(answer) ?? ''}`,
  );
};
