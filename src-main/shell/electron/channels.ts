// The names under which window and main meet in Electron. Only the preload and the main side know them; the page never does.
import type { CallName } from '../../../src-shared/contract/contract.ts';

export const callChannel = (name: CallName): string => `holdfast:call:${name}`;
/** Main to window: a batch number and its pushes. */
export const PUSH_CHANNEL = 'holdfast:push';
/** Window to main: the batch number that was taken. */
export const TAKEN_CHANNEL = 'holdfast:taken';
