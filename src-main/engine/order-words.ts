// An order, a list and a plan of exits in the trader's words, for the event log.
import type { ExitPlan, OcoRequest, OrderType } from '../../src-shared/domain/order.ts';
import type { IntendedList, IntendedOrder } from './facts.ts';

interface Worded {
  readonly side: string;
  readonly symbol: string;
  readonly type: OrderType;
  readonly qty?: string;
  readonly quoteQty?: string;
  readonly price?: string;
  readonly timeInForce?: string;
  readonly stopPrice?: string;
  readonly trailingDeltaBps?: number;
}

const TYPE_WORDS: Readonly<Record<OrderType, string>> = {
  MARKET: '',
  LIMIT: '',
  STOP_LOSS: ', stop',
  STOP_LOSS_LIMIT: ', stop',
  TAKE_PROFIT: ', take profit',
  TAKE_PROFIT_LIMIT: ', take profit',
};

export const percentOf = (bps: number): string => `${bps / 100} %`;

const sizeOf = ({ qty, quoteQty }: Worded): string => qty ?? `${quoteQty ?? '?'} USDT of`;
const priceOf = ({ price, timeInForce }: Worded): string => (price === undefined ? 'at market' : `at ${price} ${timeInForce ?? 'GTC'}`);
const triggerOf = ({ type, stopPrice, trailingDeltaBps }: Worded): string => {
  const at = stopPrice === undefined ? '' : ` at ${stopPrice}`;
  const trailing = trailingDeltaBps === undefined ? '' : ` trailing by ${percentOf(trailingDeltaBps)}`;
  return `${TYPE_WORDS[type]}${at}${trailing}`;
};

/** As `SELL 0.01 BTCUSDT at market, stop at 48000`. */
export const orderWords = (order: Worded): string => `${order.side} ${sizeOf(order)} ${order.symbol} ${priceOf(order)}${triggerOf(order)}`;

/** As `stop loss 48000, take profit 53000`. */
export const planWords = ({ stopLoss, trailingDeltaBps, takeProfit }: ExitPlan): string =>
  [
    ...(stopLoss === undefined ? [] : [`stop loss ${stopLoss}`]),
    ...(trailingDeltaBps === undefined ? [] : [`trailing stop by ${percentOf(trailingDeltaBps)}`]),
    ...(takeProfit === undefined ? [] : [`take profit ${takeProfit}`]),
  ].join(', ');

export const ocoWords = ({ side, qty, symbol, price, stopPrice, stopLimitPrice }: OcoRequest): string =>
  `${side} ${qty} ${symbol} at ${price}, or once ${stopPrice} is reached ${stopLimitPrice === undefined ? 'at market' : `at ${stopLimitPrice}`}`;

/** What an intent is about besides the order itself: whose stead it takes, which try it is, what it waits for. */
export const intentWords = ({ clientOrderId, replaces, retry, after, exits }: IntendedOrder): string => {
  const notes = [
    clientOrderId,
    ...(replaces === undefined ? [] : [`in the stead of ${replaces}`]),
    ...(retry === undefined ? [] : [`try ${retry.attempt} of ${retry.of}`]),
    ...(after === undefined ? [] : ['once the protection that holds its coins is off']),
    ...(exits === undefined ? [] : [`with ${planWords(exits)}`]),
  ];
  return notes.join('; ');
};

/** As `OTOCO of 3 orders: BUY …; SELL …; SELL …`. */
export const listWords = ({ kind, listId, orders }: IntendedList): string => {
  const [first] = orders;
  const retry = first?.retry === undefined ? '' : `; try ${first.retry.attempt} of ${first.retry.of}`;
  return `${kind} of ${orders.length} orders intended: ${orders.map(orderWords).join('; ')} (${listId}${retry})`;
};
