// The rollout ladder's one act (REQUIREMENTS H): a person promotes, and says why.
import type { Handlers } from '../../../src-shared/contract/contract.ts';
import { durably, failureOf } from './desk.ts';
import type { ConsoleDesk } from './desk.ts';

export const ladderHandlers = (desk: ConsoleDesk): Pick<Handlers, 'promoteLadder'> => ({
  promoteLadder: async ({ why, readBackStage }, caller) => {
    const reply = desk.core().engine.dispatch({ kind: 'ladder-promote', by: caller.user, why, readBackStage });
    return reply.kind === 'promoted' ? durably(desk, reply.promotion) : failureOf(reply);
  },
});
