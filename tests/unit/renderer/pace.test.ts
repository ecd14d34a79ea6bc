// A press that came too soon after another order waits out the pace (C10), and nothing else.
import { expect, it } from 'vitest';
import { paceWaitMs } from '../../../src-renderer/features/blotter/pace.ts';
import type { Denial } from '../../../src-shared/errors/denial.ts';

const denial = (given: Partial<Denial>): Denial => ({ code: 'C10.symbolInterval', text: '', advice: '', ...given });

it('waits what is missing of the interval of a symbol, and a second for the orders of a second', () => {
  expect(paceWaitMs(denial({ value: '464', limit: '500' }))).toBe(36);
  expect(paceWaitMs(denial({ code: 'C10.ordersPerSecond', value: '6', limit: '5' }))).toBe(1000);
});

it.each([
  ['no denial', undefined],
  ['another limit', denial({ code: 'C11.quoteAge', value: '6000', limit: '5000' })],
  ['a denial without its numbers', denial({})],
  ['more than a press waits', denial({ value: '0', limit: '60000' })],
])('does not wait for %s', (_, given) => {
  expect(paceWaitMs(given)).toBeNull();
});
