// What the window sees as `window.holdfast`: one named function an entry and one way to listen, the same in every shell. It runs in
// the preload (Electron) or as an init script (Chromium), so `exposeApi` must use nothing from outside itself but its arguments.
import { contract } from '../../src-shared/contract/contract.ts';
import type { CallName, CallResult, ExposedApi, Push } from '../../src-shared/contract/contract.ts';
import type { Snapshot } from '../../src-shared/contract/view.ts';

export const CALL_NAMES = Object.keys(contract) as readonly CallName[];

export interface Exposed {
  readonly api: ExposedApi;
  /** Hands the window what main pushed. */
  readonly receive: (pushes: readonly Push[]) => void;
}

/**
 * @param names the entries of the contract
 * @param call crosses to main; settles with a value
 * Pushes and the answer of `subscribe` cross on different ways, so a delta may overtake its snapshot: while an answer is awaited
 * pushes are held, and deltas that the snapshot (or an earlier batch) already contains are dropped. What listeners get is in order.
 */
export const exposeApi = (names: readonly string[], call: (name: string, input: unknown) => Promise<unknown>): Exposed => {
  const listeners = new Set<(push: Push) => void>();
  let knownN: number | null = null;
  let awaited = 0;
  let held: Push[] = [];

  const deliver = (push: Push): void => {
    let fresh = push;
    if (push.kind === 'deltas') {
      const deltas = push.deltas.filter((delta) => delta.n > (knownN ?? Number.POSITIVE_INFINITY));
      if (deltas.length === 0) return;
      knownN = deltas[deltas.length - 1]?.n ?? knownN;
      fresh = { kind: 'deltas', deltas };
    }
    for (const listener of listeners) listener(fresh);
  };

  const release = (): void => {
    awaited -= 1;
    if (awaited > 0) return;
    const waiting = held;
    held = [];
    waiting.forEach(deliver);
  };

  const subscribe = async (input: unknown): Promise<unknown> => {
    awaited += 1;
    try {
      const answer = (await call('subscribe', input)) as CallResult<Snapshot>;
      if (answer.ok) knownN = answer.value.n;
      return answer;
    } finally {
      // A task later, so that whoever awaits the snapshot has it before the first delta.
      setTimeout(release, 0);
    }
  };

  const entries = names.map((name) => [name, name === 'subscribe' ? subscribe : (input: unknown) => call(name, input)]);
  const onPush = (listener: (push: Push) => void): (() => void) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  return {
    api: Object.freeze({ ...Object.fromEntries(entries), onPush }) as ExposedApi,
    receive: (pushes) => {
      for (const push of pushes) {
        if (awaited > 0) held.push(push);
        else if (knownN !== null) deliver(push);
      }
    },
  };
};
