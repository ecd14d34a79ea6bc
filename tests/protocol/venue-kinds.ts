// Every request that changes something, and what its answer claims: done, not done, or not known. Tests hold the claims against the
// exchange's own account of what became of each order.
import { expect } from 'vitest';
import type { ClientOrderId } from '../../src-shared/domain/ids.ts';
import type { FaultRule } from '../../src-main/practice/protocol/faults.ts';
import type { CancelOutcome, ListOutcome, SubmitOutcome, Venue } from '../../src-main/venue/port.ts';
import { approved, BTC, ocoFor, otocoFor, text, type Bench } from './venue-harness.ts';

export type Claim = 'done' | 'not done' | 'unknown';
/** One request: what it claims of each of its effects, and the order by which each shows on the exchange. */
export interface Attempt {
  readonly effects: readonly { readonly clientOrderId: string; readonly shows: 'exists' | 'canceled' }[];
  send(): Promise<readonly Claim[]>;
}
export interface Kind {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** What it takes is done on the bench's own venue; only the attempt itself goes through `venue`. */
  prepare(bench: Bench, venue: Venue): Promise<Attempt>;
}

const ofPlacing = (outcome: SubmitOutcome | ListOutcome): Claim =>
  outcome.kind === 'accepted' ? 'done' : outcome.kind === 'rejected' ? 'not done' : 'unknown';
/** A cancel that failed by a refusal, a hold or the budget was not carried out; any other failure leaves it open. */
const PROOF: ReadonlySet<string> = new Set(['refused', 'held', 'budget']);
const ofCancel = (outcome: CancelOutcome): Claim => {
  if (outcome.kind === 'canceled') return 'done';
  if (outcome.kind === 'not-open') return 'not done';
  return PROOF.has(outcome.failure.kind) ? 'not done' : 'unknown';
};

const open = async ({ venue }: Bench): Promise<ClientOrderId> => {
  const order = approved();
  expect((await venue.submit(order)).kind).toBe('accepted');
  return order.clientOrderId;
};

const submitKind: Kind = {
  name: 'submit',
  method: 'POST',
  path: '/api/v3/order',
  prepare: (_bench, venue) => {
    const order = approved();
    const { clientOrderId } = order;
    return Promise.resolve({
      effects: [{ clientOrderId, shows: 'exists' }],
      send: async () => [ofPlacing(await venue.submit(order))],
    });
  },
};
const listKind = (name: 'oco' | 'otoco', make: typeof ocoFor | typeof otocoFor): Kind => ({
  name,
  method: 'POST',
  path: `/api/v3/orderList/${name}`,
  prepare: async (bench, venue) => {
    const list = await make(bench.practice);
    return {
      effects: list.orders.map(({ clientOrderId }) => ({ clientOrderId, shows: 'exists' as const })),
      send: async () => {
        const claim = ofPlacing(await venue.submitList(list));
        return list.orders.map(() => claim);
      },
    };
  },
});
const replaceKind: Kind = {
  name: 'replace',
  method: 'POST',
  path: '/api/v3/order/cancelReplace',
  prepare: async (bench, venue) => {
    const old = await open(bench);
    const next = approved({ price: text('31000') });
    return {
      effects: [
        { clientOrderId: old, shows: 'canceled' },
        { clientOrderId: next.clientOrderId, shows: 'exists' },
      ],
      send: async () => {
        const { canceled, placed } = await venue.replace(next, old);
        return [ofCancel(canceled), ofPlacing(placed)];
      },
    };
  },
};
const cancelKind: Kind = {
  name: 'cancel',
  method: 'DELETE',
  path: '/api/v3/order',
  prepare: async (bench, venue) => {
    const clientOrderId = await open(bench);
    return {
      effects: [{ clientOrderId, shows: 'canceled' }],
      send: async () => [ofCancel(await venue.cancel(BTC, clientOrderId, 'normal'))],
    };
  },
};
const cancelAllKind: Kind = {
  name: 'cancel-all',
  method: 'DELETE',
  path: '/api/v3/openOrders',
  prepare: async (bench, venue) => {
    const ids = [await open(bench), await open(bench)];
    return {
      effects: ids.map((clientOrderId) => ({ clientOrderId, shows: 'canceled' as const })),
      send: async () => {
        const claim = ofCancel(await venue.cancelAll(BTC, 'emergency'));
        return ids.map(() => claim);
      },
    };
  },
};
export const KINDS = [submitKind, listKind('oco', ocoFor), listKind('otoco', otocoFor), replaceKind, cancelKind, cancelAllKind] as const;

export type Action = FaultRule['action'];
export const on = ({ method, path }: Kind, action: Action, more: Partial<FaultRule> = {}): FaultRule => ({
  match: { channel: 'rest', method, path },
  action,
  ...more,
});

/** The exchange's own account of each effect. */
export const truthOf = async (bench: Bench, attempt: Attempt): Promise<readonly boolean[]> => {
  const { orders } = await bench.practice.state();
  return attempt.effects.map(({ clientOrderId, shows }) => {
    const order = orders.find((each) => each.clientOrderId === clientOrderId);
    return shows === 'exists' ? order !== undefined : order?.status === 'CANCELED';
  });
};
export const expectNeverWrong = (claims: readonly Claim[], truth: readonly boolean[]): void => {
  claims.forEach((claim, index) => {
    if (claim !== 'unknown') expect([claim, truth[index]]).toEqual([claim, claim === 'done']);
  });
};

/** Enough for many orders at once. */
export const ACCOUNT = { USDT: '1000000', BTC: '20' };
