// Protecting a position, and how large one may be: waits until the protection stands in the replica, and says "not verified" (exit 4)
// rather than guess.
import type { CallInput, RiskSize } from '../../src-shared/contract/contract.ts';
import type { OrderView, PositionView, Snapshot } from '../../src-shared/contract/view.ts';
import type { ControlClient } from './client.ts';
import { failureOf, notVerified, type Outcome } from './outcome.ts';
import { replicaOf } from './replica.ts';
import { list } from './table.ts';
import { isOnItsWay, isOpen, positionTable } from './views.ts';

type Plan = CallInput<'protectPosition'>['plan'];

export const protect = async (client: ControlClient, symbol: string, plan: Plan, timeoutMs: number): Promise<Outcome> => {
  const replica = await replicaOf(client);
  const set = await client.call('protectPosition', { symbol, plan }, timeoutMs);
  if (!set.ok) return { failure: failureOf(set.error) };
  const position = ({ view }: Snapshot): PositionView | undefined => view.positions[symbol];
  const { seq } = set.value;
  const settled = (at: Snapshot): boolean => {
    const found = position(at);
    if (at.seq < seq) return false;
    // A position that ends meanwhile needs no protection.
    if (found === undefined) return true;
    if (plan === null) return found.protection?.by === null;
    // Until the orders of the plan before this one are gone, those guard the position.
    return (
      found.protection?.status === 'working' && !Object.values(at.view.orders).some((order) => order.symbol === symbol && isMoving(order))
    );
  };
  const proven = await replica.until(settled, timeoutMs);
  const found = position(replica.now());
  const seen: Outcome = { value: found ?? null, text: positionTable(found === undefined ? [] : [found]) };
  if (proven) return seen;
  const what = plan === null ? 'is still protected' : 'is not protected yet';
  const why = found?.protection?.text ?? '';
  const text = `${symbol} ${what} after ${timeoutMs} ms${why === '' ? '.' : `: ${why}`} The console goes on: see "holdfast positions".`;
  return { ...seen, failure: notVerified(text, [symbol]) };
};

/** A sale that is not answered yet, or that is being cancelled. */
const isMoving = (order: OrderView): boolean => order.side === 'SELL' && isOpen(order) && (order.cancelRequested || isOnItsWay(order));

export const riskSizeOf = (symbol: string, size: RiskSize): Outcome => ({
  value: size,
  text: list([
    ['quantity', `${size.qty} ${symbol}`],
    ['at risk', `${size.riskUsdt} USDT`],
    ['stop distance', size.stopDistance],
    ['for confidence', `× ${size.multiplier}`],
    ['capped by', size.cappedBy],
    ['', size.text],
  ]),
});
