// An order's kind in a trader's words. Pure text.
import type { OrderView } from '../../../src-shared/contract/view.ts';
import { percentText } from '../ticket/typed.ts';

const TYPE: Readonly<Record<OrderView['type'], string>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP_LOSS: 'stop',
  STOP_LOSS_LIMIT: 'stop limit',
  TAKE_PROFIT: 'take profit',
  TAKE_PROFIT_LIMIT: 'take profit limit',
};
const TIME = { GTC: '', IOC: 'IOC', FOK: 'FOK', POST_ONLY: 'post-only' } as const;

/**
 * As `trailing stop` (its distance stands under the triggers, unless a price activates it), `limit post-only`, `stop · OCO`. What goes
 * without saying is left out: an exit's limit never takes, a guard only reduces.
 */
export const kindText = ({ type, timeInForce, stopPrice, trailingDeltaBps, list, reduceOnly, origin }: OrderView): string =>
  [
    trailingDeltaBps === null ? '' : 'trailing',
    TYPE[type],
    timeInForce === null || list?.role === 'limit' ? '' : TIME[timeInForce],
    trailingDeltaBps === null || stopPrice === null ? '' : percentText(trailingDeltaBps),
    reduceOnly && list === null && origin !== 'protection' ? 'reduce' : '',
    list === null ? '' : `· ${list.kind}`,
  ]
    .filter(Boolean)
    .join(' ');

/** Where the order stands, short enough for a cell; the whole of it in the title. */
export const statusText = (order: OrderView): string => {
  if (order.pending) return 'waits for entry';
  if (order.cancelRequested) return 'cancelling';
  const status = order.status.toLowerCase().replaceAll('_', ' ');
  return order.retry === null ? status : `${status}, try ${order.retry.attempt}`;
};
