// The rollout ladder at work (REQUIREMENTS H): a person's promotion, and the demotion that an incident brings at once.
import type { Input } from '../inputs.ts';
import type { Context, Decision } from './context.ts';
import { refused } from './context.ts';

export const promote = (context: Context, input: Extract<Input, { kind: 'ladder-promote' }>): Decision =>
  refused(`No promotion to ${input.readBackStage} from ${context.state.ladder.stage}.`);
