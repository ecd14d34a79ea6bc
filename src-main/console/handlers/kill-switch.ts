// The kill switch's secret goes inward, from the window alone; nothing gives it back.
import type { CallResult, Handlers } from '../../../src-shared/contract/contract.ts';
import { ok } from '../../../src-shared/errors/result.ts';
import type { Result } from '../../../src-shared/errors/result.ts';
import { refuse } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

const said = (result: Result<string, string>): CallResult<{ readonly text: string }> =>
  result.ok ? ok({ text: result.value }) : refuse('REFUSED', result.error);

export const killSwitchHandlers = (desk: ConsoleDesk): Pick<Handlers, 'setKillSwitchSecret' | 'deleteKillSwitchSecret'> => ({
  setKillSwitchSecret: async ({ secret }) => said(await desk.killSwitch.setSecret(secret)),
  deleteKillSwitchSecret: async () => said(await desk.killSwitch.deleteSecret()),
});
