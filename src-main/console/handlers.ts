// The contract's calls, each as a few lines over the running core: one file a subject in handlers/, put together here.
import type { CallResult, Handlers } from '../../src-shared/contract/contract.ts';
import { ok } from '../../src-shared/errors/result.ts';
import type { Result } from '../../src-shared/errors/result.ts';
import { alertHandlers } from './handlers/alerts.ts';
import { checkHandlers } from './handlers/checks.ts';
import { refuse } from './handlers/desk.ts';
import type { ConsoleDesk } from './handlers/desk.ts';
import { journalHandlers } from './handlers/journal.ts';
import { killSwitchHandlers } from './handlers/kill-switch.ts';
import { ladderHandlers } from './handlers/ladder.ts';
import { orderHandlers } from './handlers/orders.ts';
import { policyHandlers } from './handlers/policy.ts';
import { stopHandlers } from './handlers/stop.ts';

const stringResult = <T>(result: Result<T, string>): CallResult<T> => (result.ok ? result : refuse('REFUSED', result.error));

export const createHandlers = (desk: ConsoleDesk): Handlers => ({
  ...orderHandlers(desk),
  ...journalHandlers(desk),
  ...stopHandlers(desk),
  ...checkHandlers(desk),
  ...policyHandlers(desk),
  ...killSwitchHandlers(desk),
  ...alertHandlers(desk),
  ...ladderHandlers(desk),
  switchMode: async (input) => {
    const switched = await desk.switchMode(input.mode, input.confirmation);
    return switched.ok ? ok({ text: switched.value }) : refuse('REFUSED', switched.error);
  },
  keyStatus: async () => ok(await desk.keys.status()),
  setKey: async (input) => stringResult(await desk.keys.set(input.mode, input.apiKey, input.secret)),
  deleteKey: async (input) => stringResult(await desk.keys.delete(input.mode)),
  testKey: async (input) => {
    const tested = await desk.keys.test(input.mode);
    return tested.ok ? ok({ text: tested.value }) : refuse('REFUSED', tested.error);
  },
  getPreferences: () => Promise.resolve(ok(desk.preferences.get())),
  setPreferences: (input) => Promise.resolve(ok(desk.preferences.set(input))),
});
