// The commands that place and cancel: each waits for proof in the replica, and says "not verified" (exit 4) rather than guess.
import type { OrderRequestInput } from '../../src-shared/contract/contract.ts';
import type { OrderView, Snapshot } from '../../src-shared/contract/view.ts';
import type { ControlClient } from './client.ts';
import { EXIT, failureOf, notVerified, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { isOpen, orderTable } from './views.ts';

export interface Waiting {
  /** Until the order ended, not just until the venue answered. */
  readonly untilEnded: boolean;
  readonly timeoutMs: number;
}

const ON_ITS_WAY: ReadonlySet<string> = new Set(['INTENDED', 'SENT', 'UNKNOWN']);

export const placeOrder = async (client: ControlClient, order: OrderRequestInput, waiting: Waiting): Promise<Outcome> => {
  const replica = await replicaOf(client);
  const placed = await client.call('placeOrder', order, waiting.timeoutMs);
  if (!placed.ok) return { failure: failureOf(placed.error) };
  const { clientOrderId } = placed.value;
  const find = ({ view }: Snapshot): OrderView | undefined => view.orders[clientOrderId];
  const settled = (at: Snapshot): boolean => {
    const found = find(at);
    return found !== undefined && (waiting.untilEnded ? !isOpen(found) : !ON_ITS_WAY.has(found.status));
  };
  const proven = await replica.until(settled, waiting.timeoutMs);
  return judgePlaced(clientOrderId, find(replica.now()), proven, waiting);
};

const judgePlaced = (clientOrderId: string, order: OrderView | undefined, proven: boolean, { untilEnded, timeoutMs }: Waiting): Outcome => {
  const seen = order === undefined ? { value: { clientOrderId, status: null } } : { value: order, text: orderTable([order], '') };
  if (!proven) {
    const text = `${clientOrderId} is ${order?.status ?? 'not in the picture yet'} after ${timeoutMs} ms. It is still watched by the console: see "holdfast orders".`;
    return { ...seen, failure: notVerified(text, [clientOrderId]) };
  }
  const short = order?.status === 'REJECTED' || (untilEnded && order?.status !== 'FILLED');
  if (!short) return seen;
  return {
    ...seen,
    failure: {
      exit: EXIT.refused,
      code: 'REFUSED',
      text: `${clientOrderId} is ${order?.status}${order?.reason ? `: ${order.reason}` : ''}.`,
    },
  };
};

export const cancelOrder = async (client: ControlClient, clientOrderId: string, timeoutMs: number): Promise<Outcome> => {
  const replica = await replicaOf(client);
  const requested = await client.call('cancelOrder', { clientOrderId }, timeoutMs);
  if (!requested.ok) return { failure: failureOf(requested.error) };
  return provenEnded(replica, [clientOrderId], timeoutMs);
};

export const cancelAll = async (client: ControlClient, symbol: string | undefined, timeoutMs: number): Promise<Outcome> => {
  const replica = await replicaOf(client);
  const requested = await client.call('cancelAll', symbol === undefined ? {} : { symbol }, timeoutMs);
  if (!requested.ok) return { failure: failureOf(requested.error) };
  const open = Object.values(replica.now().view.orders).filter(
    (order) => isOpen(order) && (symbol === undefined || order.symbol === symbol),
  );
  return provenEnded(
    replica,
    open.map((order) => order.clientOrderId),
    timeoutMs,
  );
};

const provenEnded = async (replica: Awaited<ReturnType<typeof replicaOf>>, ids: readonly string[], timeoutMs: number): Promise<Outcome> => {
  const known = ({ view }: Snapshot): readonly OrderView[] => ids.flatMap((id) => view.orders[id] ?? []);
  await replica.until((at) => !known(at).some(isOpen), timeoutMs);
  const orders = known(replica.now());
  const survivors = orders.filter(isOpen).map(({ clientOrderId }) => clientOrderId);
  const seen: Outcome = { value: orders, text: orderTable(orders, 'There was nothing to cancel.') };
  return survivors.length === 0 ? seen : { ...seen, failure: notVerified(`Not every order had ended after ${timeoutMs} ms.`, survivors) };
};
