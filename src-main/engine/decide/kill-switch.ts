// The signed endpoint as the engine knows it (REQUIREMENTS F): whether it listens, and who asked what of it. The stop that it asks for is
// an input of its own, dealt with before this: nothing here may delay or refuse one.
import type { KillSwitchView } from '../../../src-shared/contract/view.ts';
import type { KillSwitchAsk } from '../../../src-shared/domain/kill-switch.ts';
import type { Effect } from '../effects.ts';
import type { Input } from '../inputs.ts';
import type { Market } from '../market.ts';
import type { Decision } from './context.ts';
import { decided, NOTHING } from './context.ts';

const alert = (severity: 'good' | 'warning' | 'danger', title: string, text: string): Effect => ({
  kind: 'alert',
  severity,
  key: 'kill-switch',
  title,
  text,
});

/** A switch that was wanted and does not listen is told, and told again once it does. */
export const noteKillSwitch = (market: Market, view: KillSwitchView): Decision => {
  const before = market.killSwitch;
  market.killSwitch = view;
  if (view.status === 'failed' && before?.text !== view.text)
    return decided([], [alert('danger', 'The kill switch does not listen', view.text)]);
  if (view.status !== 'failed' && before?.status === 'failed') return decided([], [alert('good', 'The kill switch', view.text)]);
  return NOTHING;
};

/** A question changes nothing and is asked all day; whatever else was obeyed is told. */
const taken = (what: KillSwitchAsk, who: string, why: string): readonly Effect[] =>
  what === 'status' ? [] : [alert('warning', 'The kill switch was used', `${what} by ${who}${why === '' ? '' : `: ${why}`}.`)];

/** Who asked and why is journalled. A refusal is told: somebody on this machine tries, or a clock or a secret is wrong. */
export const killSwitchAsked = (input: Extract<Input, { kind: 'kill-switch-asked' }>): Decision => {
  const { what, verdict, who, why, times } = input;
  return decided(
    [{ kind: 'kill-switch.asked', what, verdict, who, why, ...(times > 1 && { times }) }],
    verdict === 'refused' ? [alert('warning', 'The kill switch refused a request', `${what}: ${why}.`)] : taken(what, who, why),
  );
};
