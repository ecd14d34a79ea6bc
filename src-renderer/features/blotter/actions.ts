// The few acts that the tables offer. Each asks main once and tells what came back when it was not what was asked.
import { create } from 'zustand';
import type { ExitPlanInput } from '../../../src-shared/contract/contract.ts';
import type { PositionView } from '../../../src-shared/contract/view.ts';
import { ACT_DEADLINE_MS, callWithin, failureText } from '../../bridge/bridge.ts';
import { tell } from '../frame/screen.ts';
import { paceWaitMs } from './pace.ts';

/** Keys of what was asked and has no answer yet, so that one press asks once. */
export const usePending = create<{ readonly keys: ReadonlySet<string> }>(() => ({ keys: new Set() }));

const once = async (key: string, act: () => Promise<string | undefined>): Promise<void> => {
  if (usePending.getState().keys.has(key)) return;
  usePending.setState(({ keys }) => ({ keys: new Set([...keys, key]) }));
  const problem = await act();
  usePending.setState(({ keys }) => ({ keys: new Set([...keys].filter((each) => each !== key)) }));
  if (problem !== undefined) tell('danger', problem);
};

export const cancelOrder = (clientOrderId: string): Promise<void> =>
  once(clientOrderId, async () => failureText(await callWithin(ACT_DEADLINE_MS, 'cancelOrder', { clientOrderId })));

/** Of one market, or of all. */
export const cancelAll = (symbol?: string): Promise<void> =>
  once(`cancel-all-${symbol ?? ''}`, async () =>
    failureText(await callWithin(ACT_DEADLINE_MS, 'cancelAll', symbol === undefined ? {} : { symbol })),
  );

/** What a dialog asked for: the words of a refusal, or undefined when it was taken. */
export const protect = async (symbol: string, plan: ExitPlanInput | null): Promise<string | undefined> =>
  failureText(await callWithin(ACT_DEADLINE_MS, 'protectPosition', { symbol, plan }));
export const change = async (
  clientOrderId: string,
  to: { readonly qty?: string; readonly price?: string; readonly stopPrice?: string },
): Promise<string | undefined> => failureText(await callWithin(ACT_DEADLINE_MS, 'replaceOrder', { clientOrderId, ...to }));

/**
 * Sells all that can be sold, at market, and can do no more than shrink the position. What its protection holds is released first by
 * the console. Who closes right after another order meant it: the pace of orders (C10) is waited out, not handed back.
 */
export const closePosition = ({ symbol, sellableQty }: Pick<PositionView, 'symbol' | 'sellableQty'>): Promise<void> =>
  once(`close-${symbol}`, async () => {
    const sell = () =>
      callWithin(ACT_DEADLINE_MS, 'placeOrder', { symbol, side: 'SELL', type: 'MARKET', qty: sellableQty, reduceOnly: true });
    const first = await sell();
    const waitMs = first.ok ? null : paceWaitMs(first.error.denial);
    if (waitMs === null) return failureText(first);
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    return failureText(await sell());
  });
