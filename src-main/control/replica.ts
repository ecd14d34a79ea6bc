// A replica to wait on: the engine's picture as the socket delivers it, and "until this holds, or the time is over".
import type { Snapshot } from '../../src-shared/contract/view.ts';
import type { ControlClient } from './client.ts';
import { CommandFailed, failureOf } from './outcome.ts';

export interface Replica {
  now(): Snapshot;
  /** True once `holds` is true of the replica; false when `timeoutMs` passed first. Throws NoAnswer when the connection is lost. */
  until(holds: (at: Snapshot) => boolean, timeoutMs: number): Promise<boolean>;
}

/** Subscribes. Throws CommandFailed when the console refuses, NoAnswer when there is none. */
export const replicaOf = async (client: ControlClient): Promise<Replica> => {
  let wake: () => void = () => undefined;
  let latest: Snapshot | undefined;
  const answer = await client.follow((_, at) => {
    latest = at;
    wake();
  });
  if (!answer.ok) throw new CommandFailed(failureOf(answer.error));
  const first = answer.value;
  const now = (): Snapshot => latest ?? first;
  const until = async (holds: (at: Snapshot) => boolean, timeoutMs: number): Promise<boolean> => {
    if (holds(now())) return true;
    let timer: NodeJS.Timeout | undefined;
    const settled = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), timeoutMs);
      wake = () => {
        if (holds(now())) resolve(true);
      };
    });
    try {
      return await Promise.race([settled, client.lost]);
    } finally {
      clearTimeout(timer);
      wake = () => undefined;
    }
  };
  return { now, until };
};
