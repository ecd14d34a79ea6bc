// What a change of state sounds like. Prices and balances are never spoken.
import { isEnded } from '../../../src-shared/domain/order.ts';
import type { Replica } from '../../replica/replica.ts';

/** What a person should hear about the step from one picture to the next; empty for nothing. */
export const spokenChange = (before: Replica, after: Replica): string => {
  const said: string[] = [];
  const [was, is] = [before.view.safety, after.view.safety];
  if (before.link.state !== after.link.state && after.link.state !== 'waiting')
    said.push(after.link.state === 'live' ? 'The view is current.' : 'The view is stale. Trading buttons are off, the stop works.');
  if (was.stop?.phase !== is.stop?.phase && is.stop !== undefined)
    said.push(`Emergency stop ${is.stop.phase.toLowerCase().replace('_', ' ')}.`);
  if (is.stop?.receipt?.complete === true && was.stop?.receipt?.complete !== true)
    said.push('The stop is complete: nothing is open on the venue.');
  if (was.trading?.level !== is.trading?.level && is.trading !== undefined)
    said.push(`Trading is ${is.trading.level.toLowerCase()}. ${is.trading.causes[0]?.text ?? ''}`);
  if (before.view.status.console?.mode !== after.view.status.console?.mode)
    said.push(`Mode ${after.view.status.console?.mode ?? 'unknown'}.`);
  if (before.view.orders !== after.view.orders && before.link.state === 'live')
    for (const order of Object.values(after.view.orders))
      if (isEnded(order.status) && before.view.orders[order.clientOrderId]?.status !== order.status)
        said.push(`${order.side.toLowerCase()} ${order.symbol} ${order.status.toLowerCase()}.`);
  return said.join(' ').trim();
};
