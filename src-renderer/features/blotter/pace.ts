// The pace of orders (C10) as a window meets it: how long until the same order may go.
import type { Denial } from '../../../src-shared/errors/denial.ts';

const SECOND_MS = 1000;
/** Longer than this a press is not held: by then a person has looked elsewhere. */
const HELD_MOST_MS = 2000;

/** Ms until the pace lets the same order through, or null where something else denied it, or where that is longer than a press waits. */
export const paceWaitMs = (denial: Denial | undefined): number | null => {
  if (denial?.code === 'C10.ordersPerSecond') return SECOND_MS;
  if (denial?.code !== 'C10.symbolInterval') return null;
  const waitMs = Number(denial.limit) - Number(denial.value);
  return waitMs > 0 && waitMs <= HELD_MOST_MS ? waitMs : null;
};
