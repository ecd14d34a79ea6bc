// The test of the alerts, and what is secret of the ways on which they leave: it goes inward, from the window alone.
import type { CallResult, Handlers } from '../../../src-shared/contract/contract.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import type { Result } from '../../../src-shared/errors/result.ts';
import { refuse } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

const said = (result: Result<string, string>): CallResult<{ readonly text: string }> =>
  result.ok ? ok({ text: result.value }) : refuse('REFUSED', result.error);

export const alertHandlers = (desk: ConsoleDesk): Pick<Handlers, 'testAlerts' | 'setAlertSecret' | 'deleteAlertSecret'> => ({
  testAlerts: async (_input, caller) => {
    const tested = await desk.alerting.test(caller.user);
    return tested.ok ? ok({ results: tested.value }) : refuse('REFUSED', tested.error);
  },
  setAlertSecret: async ({ name, secret }) => said(await desk.alerting.setSecret(name, secret)),
  deleteAlertSecret: async ({ name }) => said(await desk.alerting.deleteSecret(name)),
});
