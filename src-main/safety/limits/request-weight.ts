// C9: openings leave the request budget before cancels and the emergency stop could need it.
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { countBelow, missing } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

const used = ({ budget }: GatePicture, policy: CompiledPolicy): Reading =>
  budget === null
    ? missing('the request weight used')
    : countBelow(budget.usedWeight, budget.usedWeight, Math.min(policy.maxRequestWeight, budget.weightLimit));

export const requestWeight: Limit = {
  id: 'C9.requestWeight',
  title: 'Request weight this minute',
  unit: 'count',
  sense: 'below',
  scope: 'openings',
  formula: 'used weight < limits.maxRequestWeight',
  advice: () => 'Wait for the next minute; cancels and closing orders still go.',
  measure: ({ picture, policy }) => used(picture, policy),
  gauge: used,
  resets: 'The count starts anew each minute.',
};
