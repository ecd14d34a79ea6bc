// What the watchdog process did while this console was gone (REQUIREMENTS E8), made true: its fact, and a trip that only a person ends.
import type { WatchdogView } from '../../../src-shared/contract/view.ts';
import type { Input } from '../inputs.ts';
import type { Market } from '../market.ts';
import type { Context, Decision } from './context.ts';
import { NOTHING } from './context.ts';
import { trip } from './stop.ts';

/** A trip that stands already, as the one that the first sign of the watchdog made, is that trip: nothing is pressed twice. */
export const onWatchdogActed = (context: Context, input: Extract<Input, { kind: 'watchdog-acted' }>): Decision => {
  const { atMs, why, text, complete } = input;
  const tripped =
    context.state.stop.phase === 'TRIPPED' ? NOTHING : trip(context, 'watchdog', `The watchdog stood in: ${why}. ${text}`, null);
  return { ...tripped, facts: [{ kind: 'watchdog.acted', atMs, why, text, complete }, ...tripped.facts] };
};

export const noteWatchdog = (market: Market, watchdog: WatchdogView): Decision => {
  market.watchdog = watchdog;
  return NOTHING;
};
