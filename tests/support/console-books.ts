// The trader's books and the exchange's in one form, so that "equal to the last digit" is one comparison. The trader's come from the
// command line's own words, the exchange's from its auditor's desk; neither is asked about the other.
import type { OrderView, PositionView, BalanceView } from '../../src-shared/contract/view.ts';
import type { AccountTrade, QueriedOrder } from '../../src-main/practice/core/types.ts';
import type { PracticeHandle } from '../../src-main/practice/practice.ts';
import type { AccountState } from '../../src-main/practice/protocol/desk.ts';
import { Exact } from './exact.ts';
import { holdfast } from './console-process.ts';

export interface Books {
  /** By client order id: what it is, where it stands, and every fill of it. */
  readonly orders: Readonly<Record<string, string>>;
  /** By asset: free and locked. */
  readonly balances: Readonly<Record<string, string>>;
  /** By symbol: what its fills, fees in the base asset taken out, leave. */
  readonly positions: Readonly<Record<string, string>>;
}

const PLACES = 8;
const plain = (text: string): string => Exact.of(text).toFixed(PLACES);
const isNothing = (text: string): boolean => Exact.of(text).isZero;

const sorted = (entries: readonly (readonly [string, string])[]): Readonly<Record<string, string>> =>
  Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));

const orderText = (symbol: string, side: string, status: string, filledQty: string, fills: readonly string[]): string =>
  [`${side} ${symbol} ${status} filled ${plain(filledQty)}`, ...fills.toSorted()].join(' | ');
const fillText = (id: string | number, price: string, qty: string, fee: string, asset: string, maker: boolean): string =>
  `trade ${id}: ${plain(qty)} at ${plain(price)} for ${plain(fee)} ${asset}${maker ? ' as maker' : ''}`;

const balanceEntries = (balances: readonly { readonly asset: string; readonly free: string; readonly locked: string }[]) =>
  balances
    .filter(({ free, locked }) => !isNothing(free) || !isNothing(locked))
    .map(({ asset, free, locked }) => [asset, `${plain(free)} free, ${plain(locked)} locked`] as const);

const STATUS: Readonly<Record<string, string>> = { NEW: 'ACCEPTED', PENDING_NEW: 'ACCEPTED, pending', EXPIRED_IN_MATCH: 'EXPIRED' };

export const booksOfExchange = ({ account, orders, trades }: AccountState): Books => {
  const filled = Map.groupBy(trades, ({ symbol, orderId }) => `${symbol} ${orderId}`);
  const textOf = ({ symbol, side, status, executedQty, orderId }: QueriedOrder): string => {
    const own = filled.get(`${symbol} ${orderId}`) ?? [];
    const fills = own.map((one) => fillText(one.id, one.price, one.qty, one.commission, one.commissionAsset, one.isMaker));
    return orderText(symbol, side, STATUS[status] ?? status, executedQty, fills);
  };
  return {
    orders: sorted(orders.map((order) => [order.clientOrderId, textOf(order)])),
    balances: sorted(balanceEntries(account.balances)),
    positions: sorted(positionsOf(trades)),
  };
};

const positionsOf = (trades: readonly AccountTrade[]): readonly (readonly [string, string])[] => {
  const held = new Map<string, Exact>();
  for (const { symbol, qty, commission, commissionAsset, isBuyer } of trades) {
    const before = held.get(symbol) ?? Exact.ZERO;
    const after = isBuyer ? before.plus(Exact.of(qty)) : before.minus(Exact.of(qty));
    held.set(symbol, symbol.startsWith(commissionAsset) ? after.minus(Exact.of(commission)) : after);
  }
  return [...held].filter(([, qty]) => !qty.isZero).map(([symbol, qty]) => [symbol, qty.toFixed(PLACES)]);
};

const told = async <T>(home: string, line: string): Promise<readonly T[]> => {
  const { exit, out, err } = await holdfast(home, `${line} --json`);
  if (exit !== 0) throw new Error(`${line}: exit ${exit}: ${err}`);
  return JSON.parse(out) as readonly T[];
};

/** An order that the exchange never had is in no book of its. */
const neverThere = ({ status, venueOrderId }: OrderView): boolean => venueOrderId === null && status === 'REJECTED';

export const booksOfConsole = async (home: string): Promise<Books> => {
  const orders = await told<OrderView>(home, 'orders --all');
  const textOf = ({ symbol, side, status, pending, filledQty, fills }: OrderView): string => {
    const waits = status === 'ACCEPTED' && pending ? ', pending' : '';
    const own = fills.map((one) => fillText(one.tradeId, one.price, one.qty, one.fee, one.feeAsset, one.maker));
    return orderText(symbol, side, `${status}${waits}`, filledQty, own);
  };
  const positions = await told<PositionView>(home, 'positions');
  return {
    orders: sorted(orders.filter((order) => !neverThere(order)).map((order) => [order.clientOrderId, textOf(order)])),
    balances: sorted(balanceEntries(await told<BalanceView>(home, 'balances'))),
    positions: sorted(positions.map(({ symbol, qty }) => [symbol, plain(qty)])),
  };
};

/** Both books, once they are equal; as they stand when the time is over. Compare with `expect`, so that a difference is shown. */
export const booksOnceEqual = async (
  home: string,
  practice: PracticeHandle,
  withinMs: number,
  account = 'main',
): Promise<{ readonly console: Books; readonly exchange: Books }> => {
  const end = Date.now() + withinMs;
  for (;;) {
    const [console, exchange] = [await booksOfConsole(home), booksOfExchange(await practice.state(account))];
    if (JSON.stringify(console) === JSON.stringify(exchange) || Date.now() > end) return { console, exchange };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
