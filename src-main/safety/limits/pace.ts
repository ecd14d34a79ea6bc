// C10: not too fast, in all and in a symbol. The engine's own protection is not made to wait: seconds without it are worse.
import type { CompiledPolicy } from '../../../src-shared/policy/compiled.ts';
import { countAtLeast, countAtMost, NOT_APPLIED } from '../limit.ts';
import type { Limit, Reading } from '../limit.ts';
import type { GatePicture } from '../picture.ts';

const oneMore = ({ ordersLastSecond }: GatePicture, policy: CompiledPolicy): Reading =>
  countAtMost(ordersLastSecond, ordersLastSecond + 1, policy.maxOrdersPerSecond);

export const ordersPerSecond: Limit = {
  id: 'C10.ordersPerSecond',
  title: 'Orders in the last second',
  unit: 'count',
  sense: 'at-most',
  scope: 'orders',
  formula: 'orders in the last second + 1 ≤ limits.maxOrdersPerSecond',
  advice: () => 'Wait a second.',
  measure: ({ standing, picture, policy }) => (standing === 'protection' ? NOT_APPLIED : oneMore(picture, policy)),
  gauge: oneMore,
  resets: 'Each order counts for one second.',
};

export const symbolInterval: Limit = {
  id: 'C10.symbolInterval',
  title: "Time since the symbol's last order",
  unit: 'ms',
  sense: 'at-least',
  scope: 'orders',
  formula: "now − time of the symbol's last order ≥ limits.minSymbolIntervalMs",
  advice: () => 'Wait a moment.',
  measure: ({ standing, picture: { monoMs, lastOrderOfSymbolAtMs }, policy }) =>
    standing === 'protection' || lastOrderOfSymbolAtMs === null
      ? NOT_APPLIED
      : countAtLeast(null, monoMs - lastOrderOfSymbolAtMs, policy.minSymbolIntervalMs),
};
