// An order's kind in a trader's words. Pure text.
import type { OrderView } from '../../../src-shared/contract/view.ts';
import { percentText } from '../ticket/order.ts';

const TYPE: Readonly<Record<OrderView['type'], string>> = {
  MARKET: 'market',
  LIMIT: 'limit',
  STOP_LOSS: 'stop',
  STOP_LOSS_LIMIT: 'stop limit',
  TAKE_PROFIT: 'take profit',
  TAKE_PROFIT_LIMIT: 'take profit limit',
};
const TIME = { GTC: '', IOC: 'IOC', FOK: 'FOK', POST_ONLY: 'post-only' } as const;

/** As `stop trailing 1.5 %, OCO` or `limit post-only`. */
export const kindText = ({ type, timeInForce, trailingDeltaBps, list, reduceOnly }: OrderView): string =>
  [
    TYPE[type],
    timeInForce === null ? '' : TIME[timeInForce],
    trailingDeltaBps === null ? '' : `trailing ${percentText(trailingDeltaBps)}`,
    reduceOnly && list === null ? 'reduce' : '',
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
