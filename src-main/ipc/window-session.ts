// One window's life with the console: its calls go to the handlers, its subscription feeds its batcher. A reloaded window subscribes
// anew and loses nothing; a window that floods is refused, but its stop is not.
import type { CallResult, Caller, Handlers, Push } from '../../src-shared/contract/contract.ts';
import { fail, ok } from '../../src-shared/errors/result.ts';
import type { ConsoleApi } from '../shell/port.ts';
import { createBatcher } from './batch.ts';
import type { BatchPorts } from './batch.ts';
import { dispatch } from './dispatch.ts';
import type { OnFault } from './dispatch.ts';

const MAX_CALLS_UNDER_WAY = 64;

export interface WindowSession {
  /** The transport has checked that the call comes from the console's own page; everything else is checked here. */
  call(name: unknown, input: unknown): Promise<CallResult<unknown>>;
  /** Ends the subscription: the page is gone, reloading or crashed. Calls may follow. */
  detach(): void;
}

export interface WindowSessionPorts extends BatchPorts {
  /** The operating system's user name. */
  readonly user: string;
  readonly onFault: OnFault;
}

export const createWindowSession = (console: ConsoleApi, ports: WindowSessionPorts): WindowSession => {
  const caller: Caller = { from: 'window', user: ports.user };
  let end: (() => void) | null = null;
  let underWay = 0;

  const detach = (): void => {
    end?.();
    end = null;
  };

  const subscribe: Handlers['subscribe'] = () => {
    detach();
    const batcher = createBatcher(ports);
    const feed = console.subscribe((push: Push) => batcher.push(push));
    end = () => {
      feed.close();
      batcher.close();
    };
    return Promise.resolve(ok(feed.snapshot));
  };
  const handlers: Handlers = { ...console.handlers, subscribe };

  return {
    async call(name, input) {
      if (underWay >= MAX_CALLS_UNDER_WAY && name !== 'tripStop')
        return fail({
          code: 'REFUSED',
          text: `More than ${MAX_CALLS_UNDER_WAY} calls are under way; nothing was done. Wait for their answers.`,
        });
      underWay += 1;
      try {
        return await dispatch(name, input, caller, handlers, ports.onFault);
      } finally {
        underWay -= 1;
      }
    },
    detach,
  };
};
