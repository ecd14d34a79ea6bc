// The commands that place, change and cancel: each waits for proof in the replica, and says "not verified" (exit 4) rather than guess.
import type { CallInput, CallResult, OcoRequestInput, OrderRequestInput, PlacedOrder } from '../../src-shared/contract/contract.ts';
import type { OrderView, Snapshot } from '../../src-shared/contract/view.ts';
import type { ControlClient } from './client.ts';
import { EXIT, failureOf, notVerified, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { isOnItsWay, isOpen, orderTable } from './views.ts';

export interface Waiting {
  /** Until the order ended (of a list: its entry), not just until the venue answered. */
  readonly untilEnded: boolean;
  readonly timeoutMs: number;
}

export const placeOrder = (client: ControlClient, order: OrderRequestInput, waiting: Waiting): Promise<Outcome> =>
  placing(client, waiting, () => client.call('placeOrder', order, waiting.timeoutMs));

export const placeOco = (client: ControlClient, oco: OcoRequestInput, timeoutMs: number): Promise<Outcome> =>
  placing(client, { untilEnded: false, timeoutMs }, () => client.call('placeOco', oco, timeoutMs));

export const replaceOrder = (client: ControlClient, change: CallInput<'replaceOrder'>, timeoutMs: number): Promise<Outcome> =>
  placing(client, { untilEnded: false, timeoutMs }, () => client.call('replaceOrder', change, timeoutMs));

const placing = async (client: ControlClient, waiting: Waiting, ask: () => Promise<CallResult<PlacedOrder>>): Promise<Outcome> => {
  const replica = await replicaOf(client);
  const placed = await ask();
  if (!placed.ok) return { failure: failureOf(placed.error) };
  const { clientOrderId, orders: ids = [clientOrderId] } = placed.value;
  const settled = (at: Snapshot): boolean => {
    const { newest, first } = attemptAt(at, ids);
    if (first === undefined || newest.length < ids.length) return false;
    return !newest.some((order) => isOnItsWay(order) || order.again === true) && (!waiting.untilEnded || !isOpen(first));
  };
  const proven = await replica.until(settled, waiting.timeoutMs);
  return judgePlaced(clientOrderId, attemptAt(replica.now(), ids), proven, waiting);
};

/** An intent as it stands: the orders of its newest try, the one among them that was asked for, and all there were. */
interface Attempt {
  readonly newest: readonly OrderView[];
  readonly first: OrderView | undefined;
  readonly all: readonly OrderView[];
}

/** What was refused in passing, or left a rest, is tried again under another id (B7): the trader asked for one thing, and is told of it. */
const attemptAt = ({ view }: Snapshot, ids: readonly string[]): Attempt => {
  const placed = ids.flatMap((id) => view.orders[id] ?? []);
  const root = placed[0]?.list?.listId ?? ids[0];
  const tries = Object.values(view.orders).filter(({ retry }) => retry !== null && retry.of === root);
  const attempt = Math.max(...tries.map(({ retry }) => retry?.attempt ?? 0));
  const newest = tries.length === 0 ? placed : tries.filter(({ retry }) => retry?.attempt === attempt);
  return { newest, first: newest.find(({ list }) => list?.role !== 'limit'), all: [...placed, ...tries] };
};

const judgePlaced = (
  clientOrderId: string,
  { newest, first, all }: Attempt,
  proven: boolean,
  { untilEnded, timeoutMs }: Waiting,
): Outcome => {
  const seen = first === undefined ? { value: { clientOrderId, status: null } } : { value: valueOf(first, all), text: orderTable(all, '') };
  if (!proven) {
    const id = first?.clientOrderId ?? clientOrderId;
    const again = first?.again === true ? ', and is tried again in a moment,' : '';
    const text = `${id} is ${first?.status ?? 'not in the picture yet'}${again} after ${timeoutMs} ms. It is still watched by the console: see "holdfast orders".`;
    return { ...seen, failure: notVerified(text, [id]) };
  }
  const short = untilEnded && first?.status !== 'FILLED' ? first : newest.find(({ status }) => status === 'REJECTED');
  if (short === undefined) return seen;
  const text = `${short.clientOrderId} is ${short.status}${short.reason === '' ? '' : `: ${short.reason.replace(/\.$/, '')}`}.`;
  return { ...seen, failure: { exit: EXIT.refused, code: 'REFUSED', text } };
};

/** The order; with all of its list and all of its tries, where there are more. */
const valueOf = (order: OrderView, orders: readonly OrderView[]): object => (orders.length > 1 ? { ...order, orders } : order);

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
