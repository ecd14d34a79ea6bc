// User data streams: which WS-API session listens to which account, and the delivery of every event to it.
// An event is never merged with another, never dropped, and never sent to another account's subscriber.
import type { UserPayload } from '../core/types.ts';
import type { EventGate } from './event-gate.ts';

export interface UserSubscription {
  readonly subscriptionId: number;
  readonly accountId: string;
  send(text: string): void;
  /** The exchange ended it; the session forgets it. */
  ended(): void;
}

export class UserStreams {
  readonly #gate: EventGate;
  readonly #byAccount = new Map<string, Set<UserSubscription>>();

  constructor(gate: EventGate) {
    this.#gate = gate;
  }

  add(subscription: UserSubscription): void {
    const set = this.#byAccount.get(subscription.accountId) ?? new Set();
    this.#byAccount.set(subscription.accountId, set.add(subscription));
  }

  remove(subscription: UserSubscription): void {
    this.#byAccount.get(subscription.accountId)?.delete(subscription);
  }

  publish(accountId: string, payload: UserPayload): void {
    const listeners = this.#byAccount.get(accountId);
    if (listeners === undefined || listeners.size === 0) return;
    const symbol = 's' in payload ? payload.s : undefined;
    const event = JSON.stringify(payload);
    this.#gate.pass('user', accountId, { event: payload.e, symbol }, () => {
      for (const each of listeners) each.send(`{"subscriptionId":${each.subscriptionId},"event":${event}}`);
    });
  }

  /** Ends every subscription with `eventStreamTerminated`; the sockets stay open. */
  terminate(nowMs: number): void {
    for (const listeners of this.#byAccount.values()) {
      for (const each of listeners) {
        each.send(`{"subscriptionId":${each.subscriptionId},"event":{"e":"eventStreamTerminated","E":${nowMs}}}`);
        each.ended();
      }
      listeners.clear();
    }
  }
}
